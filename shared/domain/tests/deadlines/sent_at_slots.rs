//! In which runs the marks of a deadline are sent where they wait for slots, and what becomes of them where runs come late.

use crate::{
    jakarta,
    life::{Life, Submitted, code, officer_of, ticket_desk, unit, validator},
};
use domain::{
    calendar::{Calendar, Counts, weekday},
    category::Terms,
    clock::Clock,
    command::{Command, Verdict},
    deadlines::Deadlines,
    photo::PhotoKind,
    slots::{SlotClass, Slots},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use std::collections::{BTreeMap, BTreeSet};

struct City {
    slots: Slots,
    calendar: Calendar,
}

impl City {
    /// Works from Monday to Friday, until 16:00.
    fn open_from(time: &str) -> Self {
        let slots = jakarta::slots();
        let days = ["mon", "tue", "wed", "thu", "fri"].map(|name| weekday(name).unwrap());
        let calendar = Calendar {
            zone: slots.zone.clone(),
            days: days.to_vec(),
            from: time.parse().unwrap(),
            until: "16:00".parse().unwrap(),
            holidays: BTreeSet::new(),
        };
        Self { slots, calendar }
    }

    fn clock(&self) -> Clock<'_> {
        Clock { slots: &self.slots, calendar: &self.calendar }
    }

    /// A report on the desk of a unit from this slot on; with so many hours to coordinate.
    fn with_unit(&self, class: SlotClass, hours: u16, counts: Counts, slot: &str) -> Life {
        let deadlines =
            Deadlines { coordinate_hours: hours, finish_days: 4, validate_days: 2, verify_days: 3 };
        let terms = Terms { group: None, slots: class, deadlines, counts, keeps: BTreeSet::new() };
        let submitted = Submitted { number: 4, category: code("jalan"), terms, unit: None };
        let at = moment(slot) - 5.minutes();
        let mut life = Life::begin(submitted, at - 200.hours(), self.clock());
        let to = unit(&["sudin-a1", "dinas-a"]);
        let assign = Command::Assign { unit: to, summary: Some("Ringkasan petugas".into()) };
        life.does(&(ticket_desk(), assign), at, self.clock()).unwrap();
        life.release_runs(None, moment(slot), self.clock());
        life
    }

    /// Runs in each minute from this one to that one; what each sends of a deadline, and to whom.
    fn sends(&self, life: &mut Life, from: &str, to: &str) -> Vec<String> {
        let mut now = moment(from);
        let mut sent = Vec::new();
        while now <= moment(to) {
            life.release_runs(None, now, self.clock());
            now += 1.minute();
        }
        for (at, said) in life.told.iter().filter(|(at, said)| *at >= moment(from) && said.mark.is_some()) {
            let at = at.to_zoned_datetime(self.slots.zone.clone()).strftime("%a %H:%M").to_string();
            let mark = said.mark.unwrap().as_str();
            sent.push(format!("{at} {mark} to {}", String::from(said.audience.clone())));
        }
        sent
    }
}

/// In the week from Monday, 2 February 2026.
fn moment(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "next-mon", "next-tue", "next-wed"];
    let place = 2 + days.iter().position(|of| *of == day).unwrap();
    format!("2026-02-{place:02}T{time}+07").parse().unwrap()
}

#[test]
fn marks_of_a_unit_go_out_at_slots_and_to_those_above() {
    let city = City::open_from("07:30");
    let mut life = city.with_unit(SlotClass::Biasa, 10, Counts::Working, "mon 10:00");
    assert_eq!(
        city.sends(&mut life, "mon 10:01", "fri 12:00"),
        [
            "Tue 10:00 near to unit:sudin-a1",
            "Tue 10:00 near to unit:dinas-a",
            "Tue 13:00 over to unit:sudin-a1",
            "Tue 13:00 over to unit:dinas-a",
            "Thu 07:00 escalated to tiket",
            "Thu 07:00 escalated to unit:dinas-a",
        ]
    );
}

#[test]
fn what_falls_on_a_slot_goes_out_at_it() {
    let city = City::open_from("07:30");
    // Near after eight hours, over after ten, each from a slot to a slot of every half hour.
    let mut life = city.with_unit(SlotClass::Segera, 10, Counts::Calendar, "mon 10:00");
    let sent = city.sends(&mut life, "mon 10:01", "wed 12:00");
    let at_desk: Vec<_> = sent.iter().filter(|sent| !sent.ends_with("dinas-a")).collect();
    assert_eq!(
        at_desk,
        [
            "Mon 18:00 near to unit:sudin-a1",
            "Mon 20:00 over to unit:sudin-a1",
            "Wed 00:00 escalated to tiket"
        ]
    );
}

#[test]
fn near_is_left_out_where_the_end_comes_before_its_slot() {
    let city = City::open_from("07:30");
    let mut life = city.with_unit(SlotClass::Biasa, 1, Counts::Calendar, "mon 10:00");
    assert_eq!(
        city.sends(&mut life, "mon 10:01", "fri 12:00"),
        [
            "Mon 13:00 over to unit:sudin-a1",
            "Mon 13:00 over to unit:dinas-a",
            "Wed 07:00 escalated to tiket",
            "Wed 07:00 escalated to unit:dinas-a",
        ]
    );
}

/// The end of a step comes at 10:00, and with it the slot at which it would be said that it is near.
#[test]
fn near_is_left_out_where_its_slot_is_the_end() {
    let city = City::open_from("07:30");
    let mut life = city.with_unit(SlotClass::Biasa, 3, Counts::Calendar, "mon 07:00");
    assert_eq!(
        city.sends(&mut life, "mon 07:01", "mon 23:59"),
        ["Mon 10:00 over to unit:sudin-a1", "Mon 10:00 over to unit:dinas-a"]
    );
}

#[test]
fn a_run_after_the_end_leaves_near_out_and_sends_the_rest_once() {
    let city = City::open_from("07:30");
    let mut life = city.with_unit(SlotClass::Biasa, 10, Counts::Working, "mon 10:00");
    let over = ["Fri 09:11 over to unit:sudin-a1", "Fri 09:11 over to unit:dinas-a"];
    let escalated = ["Fri 09:11 escalated to tiket", "Fri 09:11 escalated to unit:dinas-a"];
    assert_eq!(city.sends(&mut life, "fri 09:11", "next-wed 12:00"), [over, escalated].concat());
}

#[test]
fn a_late_run_before_the_end_still_sends_near() {
    let city = City::open_from("07:30");
    let mut life = city.with_unit(SlotClass::Biasa, 10, Counts::Working, "mon 10:00");
    let near = ["Tue 11:29 near to unit:sudin-a1", "Tue 11:29 near to unit:dinas-a"];
    assert_eq!(city.sends(&mut life, "tue 11:29", "tue 11:30"), near);
}

/// Verifiers hear at slots, those above them at once; neither hears of a deadline that another desk had.
#[test]
fn marks_of_verifiers_go_out_at_slots_and_their_escalation_at_once() {
    let city = City::open_from("07:30");
    let mut life = city.with_unit(SlotClass::Biasa, 10, Counts::Working, "mon 10:00");
    let unit = || officer_of("sudin-a1");
    let (photos, declare) = life.photos(&[PhotoKind::Before, PhotoKind::After]);
    let tl = Command::PostTl { narrative: "Sudah ditambal".into(), photos, location: None };
    let check = Command::Validate { verdict: Verdict::FieldCheck, reason: Some("Belum rata".into()) };
    let commands = [(unit(), Command::Accept), (unit(), declare), (unit(), tl), (validator(), check)];
    for command in commands {
        life.does(&command, moment("mon 11:00"), city.clock()).unwrap();
    }
    assert_eq!(
        city.sends(&mut life, "mon 11:00", "next-tue 12:00"),
        [
            "Thu 07:00 near to verifikasi",
            "Thu 07:00 near to administrator",
            "Fri 07:00 over to verifikasi",
            "Fri 07:00 over to administrator",
            "Sat 00:00 escalated to tiket",
            "Sat 00:00 escalated to administrator",
        ]
    );
}

/// Left out is what cannot be sent in time by the calendar as it is known then, not as it was known at the beginning.
#[test]
fn near_is_sent_where_a_holiday_moves_the_end_behind_its_slot() {
    let mut city = City::open_from("06:00");
    // Four fifths are over on Thursday at 13:00, the end is on Friday at 07:00, as is the first slot in between.
    let mut life = city.with_unit(SlotClass::Peka, 20, Counts::Working, "wed 07:00");
    assert_eq!(city.sends(&mut life.clone(), "wed 07:01", "fri 06:59"), [""; 0]);
    city.calendar.holidays.insert("2026-02-06".parse().unwrap());
    assert_eq!(
        city.sends(&mut life, "thu 12:00", "next-mon 07:00"),
        [
            "Fri 07:00 near to unit:sudin-a1",
            "Fri 07:00 near to unit:dinas-a",
            "Mon 07:00 over to unit:sudin-a1",
            "Mon 07:00 over to unit:dinas-a",
        ]
    );
}

/// Its announcements say so; the history and the version would tell who else was told, and when.
#[test]
fn of_what_is_sent_a_unit_sees_the_urgency_alone() {
    let city = City::open_from("07:30");
    let mut life = city.with_unit(SlotClass::Biasa, 10, Counts::Working, "mon 10:00");
    let unit = officer_of("sudin-a1");
    let seen = |life: &Life, at: &str| {
        let mut view = life.got_by(&unit, moment(at), city.clock())["view"].clone();
        let urgency = view.as_object_mut().unwrap().remove("urgency").unwrap();
        (urgency, view)
    };
    let (urgency, view) = seen(&life, "mon 10:01");
    assert_eq!(urgency, "3_hari");
    assert_eq!(city.sends(&mut life, "mon 10:01", "fri 12:00").len(), 6);
    assert_eq!(seen(&life, "fri 12:00"), ("terlambat".into(), view));
}

#[test]
fn the_ticket_desk_sees_a_report_that_never_lay_there_from_its_escalation_on() {
    let city = City::open_from("07:30");
    let deadlines = Deadlines { coordinate_hours: 10, finish_days: 4, validate_days: 2, verify_days: 3 };
    let (slots, counts) = (SlotClass::Segera, Counts::Calendar);
    let terms = Terms { group: None, slots, deadlines, counts, keeps: BTreeSet::new() };
    let to = Some(unit(&["sudin-a1", "dinas-a"]));
    let submitted = Submitted { number: 4, category: code("jalan"), terms, unit: to };
    let mut life = Life::begin(submitted, moment("mon 10:00"), city.clock());
    city.sends(&mut life, "mon 10:01", "tue 23:59");
    let is_seen =
        |life: &Life| !life.got_by(&ticket_desk(), moment("wed 00:00"), city.clock())["view"].is_null();
    assert!(life.events.iter().any(|event| event.mark.is_some()) && !is_seen(&life));
    city.sends(&mut life, "wed 00:00", "wed 00:00");
    assert!(is_seen(&life));
}

/// A run writes each report that is due once: what is sent of a deadline, and a new urgency at midnight.
#[test]
fn no_night_takes_more_than_two_writes_of_a_report_for_its_deadline() {
    let city = City::open_from("07:30");
    let zone = &city.slots.zone;
    let mut most = 0;
    for class in SlotClass::ALL {
        for (hours, counts) in
            [(4, Counts::Calendar), (6, Counts::Working), (24, Counts::Working), (50, Counts::Calendar)]
        {
            for day in ["mon", "wed", "fri", "sun"] {
                let mut life = city.with_unit(*class, hours, counts, &format!("{day} 07:00"));
                let accepted = {
                    let mut life = life.clone();
                    let accept = (officer_of("sudin-a1"), Command::Accept);
                    life.does(&accept, moment(&format!("{day} 11:00")), city.clock()).unwrap();
                    life
                };
                for life in [&mut life, &mut accepted.clone()] {
                    let mut now = moment(&format!("{day} 11:00"));
                    let mut nights: BTreeMap<_, u32> = BTreeMap::new();
                    while let Some(due) = life.report.next_due(now, zone) {
                        now = due.max(now);
                        life.release_runs(None, now, city.clock());
                        // From behind the last slot of a day to the first of the next.
                        let since = (now - (16 * 60 + 1).minutes()).to_zoned_datetime(zone.clone());
                        if since.time() <= jiff::civil::time(14, 59, 0, 0) {
                            *nights.entry(since.date()).or_default() += 1;
                        }
                    }
                    assert_eq!(life.report.step.as_ref().unwrap().sent.len(), 3, "all is sent at last");
                    most = most.max(nights.into_values().max().unwrap());
                }
            }
        }
    }
    assert_eq!(most, 2);
}

/// What those who are told of a deadline may do with the report, and the slot mail that they get.
fn told(life: &Life, zone: &TimeZone) -> Vec<String> {
    let of_deadline = life.told.iter().filter(|(_, said)| said.mark.is_some());
    let said = of_deadline.map(|(_, said)| {
        let mail =
            said.slot_mail.map(|slot| slot.to_zoned_datetime(zone.clone()).strftime("%H:%M").to_string());
        let (mark, may) = (said.mark.unwrap().as_str(), said.may.unwrap().as_str());
        format!(
            "{mark} to {}: {may}, {}",
            String::from(said.audience.clone()),
            mail.unwrap_or("no mail".into())
        )
    });
    said.collect()
}

#[test]
fn whoever_is_told_of_a_deadline_is_told_whether_they_can_act_or_see_the_report() {
    let city = City::open_from("07:30");
    let zone = &city.slots.zone;
    let mut life = city.with_unit(SlotClass::Segera, 10, Counts::Calendar, "mon 10:00");
    city.sends(&mut life, "mon 10:01", "wed 12:00");
    assert_eq!(
        told(&life, zone),
        [
            "near to unit:sudin-a1: act, 18:00",
            "near to unit:dinas-a: look, 18:00",
            "over to unit:sudin-a1: act, 20:00",
            "over to unit:dinas-a: look, 20:00",
            // It lies on another desk, so it is no work on this one.
            "escalated to tiket: look, no mail",
            "escalated to unit:dinas-a: look, 00:00",
        ]
    );
    // Sent to a unit without one above it, by the map: the ticket desk has never had it.
    let deadlines = Deadlines { coordinate_hours: 10, finish_days: 4, validate_days: 2, verify_days: 3 };
    let terms = Terms {
        group: None,
        slots: SlotClass::Segera,
        deadlines,
        counts: Counts::Calendar,
        keeps: BTreeSet::new(),
    };
    let unit = Some(unit(&["dinas-a"]));
    let submitted = Submitted { number: 4, category: code("jalan"), terms, unit };
    let mut life = Life::begin(submitted, moment("mon 09:20"), city.clock());
    city.sends(&mut life, "mon 09:21", "wed 12:00");
    let told = told(&life, zone);
    let seen = |mark: &str| {
        let of_ticket_desk = told.iter().find(|told| told.starts_with(&format!("{mark} to tiket")));
        of_ticket_desk.unwrap().split_once(": ").unwrap().1.to_owned()
    };
    let all = ["near", "over", "escalated"].map(seen);
    assert_eq!(all, ["hear, no mail", "hear, no mail", "look, no mail"], "{told:?}");
}

/// The ticket desk's own deadline is told at once, and by the mail of the next ordinary slot.
#[test]
fn the_ticket_desk_gets_slot_mail_of_its_own_deadlines() {
    let city = City::open_from("07:30");
    let deadlines = Deadlines { coordinate_hours: 4, finish_days: 4, validate_days: 2, verify_days: 3 };
    let terms = Terms {
        group: None,
        slots: SlotClass::Segera,
        deadlines,
        counts: Counts::Calendar,
        keeps: BTreeSet::new(),
    };
    let submitted = Submitted { number: 4, category: code("jalan"), terms, unit: None };
    let mut life = Life::begin(submitted, moment("mon 08:07"), city.clock());
    city.sends(&mut life, "mon 08:08", "mon 12:08");
    assert_eq!(
        told(&life, &city.slots.zone),
        [
            "near to tiket: act, 13:00",
            "near to administrator: look, no mail",
            "over to tiket: act, 13:00",
            "over to administrator: look, no mail",
        ]
    );
}
