//! What a unit gets of a report does not depend on when the report was submitted: not on the hour before its slot, and not on the days
//! that it lay on the ticket desk, however late that was.

use crate::{
    jakarta,
    life::{Life, Submitted, code, officer_of, ticket_desk, unit},
    random::Random,
};
use domain::{
    calendar::{Calendar, Counts, weekday},
    category::Terms,
    clock::Clock,
    command::Command,
    deadlines::Deadlines,
    location::Place,
    officer::Officer,
    slots::{SlotClass, Slots},
    triage::Correction,
    unit::Unit,
};
use jiff::{Timestamp, ToSpan};
use std::collections::{BTreeMap, BTreeSet};

fn units() -> [Unit; 5] {
    [
        unit(&["dinas-a"]),
        unit(&["sudin-a1", "dinas-a"]),
        unit(&["kelurahan-a1", "sudin-a1", "dinas-a"]),
        unit(&["sudin-a2", "dinas-a"]),
        unit(&["dinas-b"]),
    ]
}

fn officers_of_units() -> Vec<Officer> {
    units().iter().map(|unit| officer_of(unit.code.as_str())).collect()
}

pub(crate) struct City {
    pub(crate) slots: Slots,
    pub(crate) calendar: Calendar,
}

impl City {
    pub(crate) fn new() -> Self {
        let slots = jakarta::slots();
        let days = ["mon", "tue", "wed", "thu", "fri"].map(|name| weekday(name).unwrap());
        let holidays = ["2026-02-17", "2026-03-19", "2026-03-20", "2026-03-23"];
        let calendar = Calendar {
            zone: slots.zone.clone(),
            days: days.to_vec(),
            from: "07:30".parse().unwrap(),
            until: "16:00".parse().unwrap(),
            holidays: holidays.iter().map(|date| date.parse().unwrap()).collect(),
        };
        Self { slots, calendar }
    }

    pub(crate) fn clock(&self) -> Clock<'_> {
        Clock { slots: &self.slots, calendar: &self.calendar }
    }

    /// When the function `release`, which runs every minute, comes to the report next.
    pub(crate) fn next_run(&self, life: &Life, now: Timestamp) -> Option<Timestamp> {
        let due = life.report.next_due(now, &self.slots.zone)?.max(now + 1.second());
        let seconds = due.as_second() + i64::from(due.subsec_nanosecond() > 0);
        Timestamp::from_second((seconds + 59).div_euclid(60) * 60).ok()
    }

    /// Lets it run until then, whenever something is due.
    pub(crate) fn runs_until(&self, life: &mut Life, mut now: Timestamp, until: Timestamp) {
        while let Some(run) = self.next_run(life, now).filter(|run| *run < until) {
            life.release_runs(None, run, self.clock());
            now = run;
        }
    }

    pub(crate) fn any_terms(random: &mut Random, slots: SlotClass) -> Terms {
        let mut days = || u16::try_from(random.between(1, 6)).unwrap();
        let (finish_days, validate_days, verify_days) = (days(), days(), days());
        let coordinate_hours = u16::try_from(random.between(1, 40)).unwrap();
        let deadlines = Deadlines { coordinate_hours, finish_days, validate_days, verify_days };
        Terms { group: None, slots, deadlines, counts: *random.one_of(Counts::ALL), keeps: BTreeSet::new() }
    }

    pub(crate) fn any_moment(random: &mut Random) -> Timestamp {
        let first: Timestamp = "2026-02-02T00:00+07".parse().unwrap();
        first + random.between(0, 60 * 24 * 60).minutes()
    }

    /// Another one at each moment.
    pub(crate) fn correction(now: Timestamp) -> Correction {
        Correction {
            category: None,
            place: Some(Place { point: None, address: Some(format!("Jl. Contoh {now}")) }),
            area: None,
            suggested_unit: None,
            reason: "Salah pilih".into(),
        }
    }
}

/// How often something was sent to units of deadlines, by its step and mark: what never happens the comparison does not show.
type Tally = BTreeMap<String, usize>;

/// From here on both live the same life; no unit gets anything of the one that it does not get of the other, at the same moment.
fn assert_same_for_units(
    city: &City,
    pair: &mut [Life; 2],
    from: Timestamp,
    random: &mut Random,
    tally: &mut Tally,
) {
    let watchers = officers_of_units();
    let mut now = from;
    let mut acts_at = from + random.between(0, 5 * 24 * 60).minutes();
    let mut runs = [Some(from); 2];
    while now < from + (40 * 24).hours() {
        for (life, run) in pair.iter_mut().zip(runs) {
            if run == Some(now) {
                life.release_runs(None, now, city.clock());
            }
        }
        if now == acts_at {
            let commands = pair[0].next_commands(random, &units(), City::correction(now), now, city.clock());
            for command in commands {
                let done = pair.each_mut().map(|life| life.does(&command, now, city.clock()));
                assert_eq!(done[0], done[1]);
            }
            acts_at = now + random.between(1, 9 * 24 * 60).minutes();
        }
        for officer in &watchers {
            let [one, other] =
                pair.each_ref().map(|life| life.got_by(officer, now, city.clock()).to_string());
            assert_eq!(one, other, "{} can tell when it was submitted", officer.name);
        }
        runs = pair.each_ref().map(|life| city.next_run(life, now));
        now = runs.into_iter().flatten().chain([acts_at, now + 31.hours()]).min().unwrap();
    }
    for event in pair[0].events.iter().filter(|event| event.mark.is_some()) {
        let said = pair[0].told.iter().filter(|(_, said)| said.event_id == event.id);
        if said.clone().any(|(_, said)| String::from(said.audience.clone()).starts_with("unit:")) {
            let what = format!("{} {}", event.step.unwrap().as_str(), event.mark.unwrap().as_str());
            *tally.entry(what).or_default() += 1;
        }
    }
}

fn assert_all_marks_came(tally: &Tally, least: usize) {
    for step in ["coordinate", "finish"] {
        for mark in ["near", "over", "escalated"] {
            let times = tally.get(&format!("{step} {mark}")).copied().unwrap_or_default();
            assert!(times >= least, "{step} {mark}: {times}");
        }
    }
}

/// Two reports that the map sends to a unit, submitted at different hours or minutes before the same slot.
#[test]
fn no_unit_can_tell_at_which_hour_before_its_slot_a_report_was_submitted() {
    let city = City::new();
    let mut random = Random::from_seed(3);
    let mut tally = Tally::new();
    let mut hours_apart = BTreeSet::new();
    for number in 0..60 {
        let class = *random.one_of(SlotClass::ALL);
        let terms = City::any_terms(&mut random, class);
        let to = random.one_of(&units()).clone();
        let submitted = |at: Timestamp| {
            let submitted =
                Submitted { number, category: code("jalan"), terms: terms.clone(), unit: Some(to.clone()) };
            Life::begin(submitted, at, city.clock())
        };
        let slot_of = |life: &Life| life.report.visible.release.as_ref().map(|release| release.at).unwrap();
        let one = submitted(City::any_moment(&mut random));
        let (at, slot) = (one.report.submitted.at, slot_of(&one));
        let hours = match class {
            SlotClass::Segera => 1,
            SlotClass::Biasa => 15,
            SlotClass::Peka => 40,
        };
        let other = loop {
            let other = submitted(at + random.between(-hours * 3600, hours * 3600).seconds());
            if slot_of(&other) == slot && other.report.submitted.at != at {
                break other;
            }
        };
        let apart = (other.report.submitted.at.as_second() - at.as_second()).abs() / 3600;
        hours_apart.insert(apart);
        let mut pair = [one, other];
        assert_same_for_units(&city, &mut pair, slot, &mut random, &mut tally);
    }
    assert!(hours_apart.len() >= 10, "they are minutes to many hours apart: {hours_apart:?}");
    assert_all_marks_came(&tally, 5);
}

/// Two reports that lie on the ticket desk, one for an hour, one for days, with all that is sent of that; then both are assigned before one
/// slot.
#[test]
fn no_unit_can_tell_how_long_a_report_lay_on_the_ticket_desk() {
    let city = City::new();
    let mut random = Random::from_seed(4);
    let (mut tally, mut late) = (Tally::new(), 0);
    for number in 0..60 {
        let class = *random.one_of(SlotClass::ALL);
        let terms = City::any_terms(&mut random, class);
        let assigned_at = City::any_moment(&mut random);
        let to = random.one_of(&units()).clone();
        let ages = [random.between(60, 300), random.between(60, 12 * 24 * 60)];
        let mut pair = ages.map(|minutes| {
            let submitted = Submitted { number, category: code("jalan"), terms: terms.clone(), unit: None };
            let now = assigned_at - minutes.minutes();
            let mut life = Life::begin(submitted, now, city.clock());
            city.runs_until(&mut life, now, assigned_at);
            life
        });
        late += usize::from(pair[1].events.len() > pair[0].events.len() + 1);
        let assign = Command::Assign { unit: to, summary: Some("Ringkasan petugas".into()) };
        for life in &mut pair {
            life.does(&(ticket_desk(), assign.clone()), assigned_at, city.clock()).unwrap();
        }
        assert_same_for_units(&city, &mut pair, assigned_at, &mut random, &mut tally);
    }
    assert!(late >= 15, "reports of which the ticket desk was reminded before: {late}");
    assert_all_marks_came(&tally, 5);
}
