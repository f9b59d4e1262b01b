//! When deadlines are near, over and escalated, by calendars of several cities. Nothing waits for a slot, so each mark is sent at its moment.

use crate::life::{Life, Submitted, code, officer_of, unit, validator};
use domain::{
    calendar::{Calendar, Counts, weekday},
    category::Terms,
    clock::Clock,
    command::{Command, Verdict},
    deadlines::Deadlines,
    photo::PhotoKind,
    slots::{SlotClass, Slots},
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use rstest::rstest;
use std::collections::BTreeSet;

fn city(zone: &str, days: &str, hours: &str, holidays: &[&str]) -> Calendar {
    let (from, until) = hours.split_once('-').unwrap();
    Calendar {
        zone: TimeZone::get(zone).unwrap(),
        days: days.split_whitespace().map(|name| weekday(name).unwrap()).collect(),
        from: from.parse().unwrap(),
        until: until.parse().unwrap(),
        holidays: holidays.iter().map(|date| date.parse().unwrap()).collect(),
    }
}

const MONDAY_TO_FRIDAY: &str = "mon tue wed thu fri";

fn jakarta() -> Calendar {
    // The week of Lebaran in 2026, with the days off that go with it.
    let lebaran = ["2026-03-18", "2026-03-19", "2026-03-20", "2026-03-23", "2026-03-24"];
    city("Asia/Jakarta", MONDAY_TO_FRIDAY, "07:30-16:00", &lebaran)
}

/// The last day that its file of holidays names is the last of 2026.
fn jakarta_until_2026() -> Calendar {
    city("Asia/Jakarta", MONDAY_TO_FRIDAY, "07:30-16:00", &["2026-12-25", "2026-12-31"])
}

fn berlin() -> Calendar {
    city("Europe/Berlin", MONDAY_TO_FRIDAY, "08:00-17:00", &[])
}

/// Works every night, also while the clocks are changed.
fn berlin_at_night() -> Calendar {
    city("Europe/Berlin", "", "01:00-04:00", &[])
}

/// Puts its clocks forward at midnight: the day begins at 01:00.
fn beirut() -> Calendar {
    city("Asia/Beirut", MONDAY_TO_FRIDAY, "08:00-16:00", &[])
}

/// Did both changes at midnight.
fn sao_paulo() -> Calendar {
    city("America/Sao_Paulo", MONDAY_TO_FRIDAY, "08:00-16:00", &[])
}

fn new_york() -> Calendar {
    city("America/New_York", MONDAY_TO_FRIDAY, "09:00-17:00", &["2026-07-03"])
}

fn terms(coordinate_hours: u16, days: u16, counts: Counts) -> Terms {
    let deadlines = Deadlines { coordinate_hours, finish_days: days, validate_days: days, verify_days: days };
    Terms { group: None, slots: SlotClass::Biasa, deadlines, counts, keeps: BTreeSet::new() }
}

/// A report in a city without slots.
struct Report {
    slots: Slots,
    calendar: Calendar,
    life: Life,
}

impl Report {
    fn submitted(calendar: Calendar, terms: Terms, to_unit: bool, at: Timestamp) -> Self {
        let slots = Slots::at_once(calendar.zone.clone());
        let unit = to_unit.then(|| unit(&["dinas-a"]));
        let submitted = Submitted { number: 5, category: code("jalan"), terms, unit };
        let life = Life::begin(submitted, at, Clock { slots: &slots, calendar: &calendar });
        Self { slots, calendar, life }
    }

    fn does(&mut self, command: Command, at: Timestamp) {
        let judges = matches!(command, Command::Validate { .. });
        let by = if judges { validator() } else { officer_of("dinas-a") };
        let clock = Clock { slots: &self.slots, calendar: &self.calendar };
        self.life.does(&(by, command), at, clock).unwrap();
    }

    fn posts_tl(&mut self, at: Timestamp) {
        let (photos, declare) = self.life.photos(&[PhotoKind::Before, PhotoKind::After]);
        self.does(declare, at);
        self.does(Command::PostTl { narrative: "Sudah ditambal".into(), photos, location: None }, at);
    }

    /// What is sent of the deadline, with the city's time of each: a run a second before sends nothing.
    fn marks(mut self) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(next) = self.life.report.step.as_ref().and_then(|step| step.next) {
            let clock = Clock { slots: &self.slots, calendar: &self.calendar };
            let early = self.life.release_runs(None, next - 1.second(), clock);
            assert_eq!(early.events, [], "a second too early");
            let local = next.to_zoned_datetime(self.calendar.zone.clone());
            for event in self.life.release_runs(None, next, clock).events {
                sent.push(format!("{} {}", event.mark.unwrap().as_str(), local.strftime("%F %T%:z")));
            }
        }
        sent
    }
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn named(expected: [&str; 3]) -> Vec<String> {
    let names = ["near", "over", "escalated"];
    names.iter().zip(expected).map(|(mark, at)| format!("{mark} {at}")).collect()
}

#[rstest]
#[case::at_opening(
    jakarta(), "2026-02-02T07:30:00+07", 8, Counts::Working,
    ["2026-02-02 13:54:00+07:00", "2026-02-02 15:30:00+07:00", "2026-02-04 00:00:00+07:00"]
)]
#[case::until_closing_of_the_second_day(
    jakarta(), "2026-02-02T07:30:00+07", 17, Counts::Working,
    ["2026-02-03 12:36:00+07:00", "2026-02-03 16:00:00+07:00", "2026-02-05 00:00:00+07:00"]
)]
#[case::with_seconds(
    jakarta(), "2026-02-02T15:59:30+07", 1, Counts::Working,
    ["2026-02-03 08:17:30+07:00", "2026-02-03 08:29:30+07:00", "2026-02-05 00:00:00+07:00"]
)]
#[case::at_closing_on_friday(
    jakarta(), "2026-02-06T16:00:00+07", 1, Counts::Working,
    ["2026-02-09 08:18:00+07:00", "2026-02-09 08:30:00+07:00", "2026-02-11 00:00:00+07:00"]
)]
#[case::on_a_saturday(
    jakarta(), "2026-02-07T10:00:00+07", 2, Counts::Working,
    ["2026-02-09 09:06:00+07:00", "2026-02-09 09:30:00+07:00", "2026-02-11 00:00:00+07:00"]
)]
#[case::before_opening(
    jakarta(), "2026-02-09T05:00:00+07", 1, Counts::Working,
    ["2026-02-09 08:18:00+07:00", "2026-02-09 08:30:00+07:00", "2026-02-11 00:00:00+07:00"]
)]
#[case::after_closing(
    jakarta(), "2026-02-09T19:45:00+07", 1, Counts::Working,
    ["2026-02-10 08:18:00+07:00", "2026-02-10 08:30:00+07:00", "2026-02-12 00:00:00+07:00"]
)]
#[case::over_lebaran(
    jakarta(), "2026-03-17T15:00:00+07", 3, Counts::Working,
    ["2026-03-25 08:54:00+07:00", "2026-03-25 09:30:00+07:00", "2026-03-27 00:00:00+07:00"]
)]
#[case::calendar_hours_on_a_holiday(
    jakarta(), "2026-03-18T22:00:00+07", 5, Counts::Calendar,
    ["2026-03-19 02:00:00+07:00", "2026-03-19 03:00:00+07:00", "2026-03-26 00:00:00+07:00"]
)]
#[case::calendar_hours_that_end_at_midnight_close_the_day_before(
    jakarta(), "2026-02-09T19:00:00+07", 5, Counts::Calendar,
    ["2026-02-09 23:00:00+07:00", "2026-02-10 00:00:00+07:00", "2026-02-11 00:00:00+07:00"]
)]
#[case::a_night_that_is_an_hour_shorter(
    berlin(), "2026-03-28T12:00:00+01", 24, Counts::Calendar,
    ["2026-03-29 08:12:00+02:00", "2026-03-29 13:00:00+02:00", "2026-03-31 00:00:00+02:00"]
)]
#[case::a_night_that_is_an_hour_longer(
    berlin(), "2026-10-24T12:00:00+02", 24, Counts::Calendar,
    ["2026-10-25 06:12:00+01:00", "2026-10-25 11:00:00+01:00", "2026-10-27 00:00:00+01:00"]
)]
#[case::working_hours_of_which_one_does_not_exist(
    berlin_at_night(), "2026-03-29T00:00:00+01", 3, Counts::Working,
    ["2026-03-30 01:24:00+02:00", "2026-03-30 02:00:00+02:00", "2026-04-01 00:00:00+02:00"]
)]
#[case::working_hours_of_which_one_comes_twice(
    berlin_at_night(), "2026-10-25T00:00:00+02", 4, Counts::Working,
    ["2026-10-25 03:12:00+01:00", "2026-10-25 04:00:00+01:00", "2026-10-27 00:00:00+01:00"]
)]
#[case::over_a_weekend_behind_utc(
    new_york(), "2026-06-05T15:00:00-04", 4, Counts::Working,
    ["2026-06-08 10:12:00-04:00", "2026-06-08 11:00:00-04:00", "2026-06-10 00:00:00-04:00"]
)]
#[case::an_evening_that_is_tomorrow_in_utc(
    new_york(), "2026-07-02T21:00:00-04", 1, Counts::Working,
    ["2026-07-06 09:48:00-04:00", "2026-07-06 10:00:00-04:00", "2026-07-08 00:00:00-04:00"]
)]
#[case::over_an_hour_that_comes_twice_before_midnight(
    sao_paulo(), "2018-02-17T10:00:00-02", 24, Counts::Calendar,
    ["2018-02-18 04:12:00-03:00", "2018-02-18 09:00:00-03:00", "2018-02-20 00:00:00-03:00"]
)]
fn hours_to_coordinate(
    #[case] calendar: Calendar,
    #[case] begins: &str,
    #[case] hours: u16,
    #[case] counts: Counts,
    #[case] expected: [&str; 3],
) {
    let report = Report::submitted(calendar, terms(hours, 1, counts), false, moment(begins));
    assert_eq!(report.marks(), named(expected));
}

#[rstest]
#[case::of_one_day(
    jakarta(), "2026-02-02T00:00:00+07", 1, Counts::Calendar,
    ["2026-02-03 00:00:00+07:00", "2026-02-04 00:00:00+07:00", "2026-02-05 00:00:00+07:00"]
)]
#[case::from_the_last_second_of_a_day(
    jakarta(), "2026-02-02T23:59:59+07", 5, Counts::Calendar,
    ["2026-02-07 00:00:00+07:00", "2026-02-08 00:00:00+07:00", "2026-02-10 00:00:00+07:00"]
)]
#[case::of_ten_working_days(
    jakarta(), "2026-02-02T09:00:00+07", 10, Counts::Working,
    ["2026-02-13 00:00:00+07:00", "2026-02-17 00:00:00+07:00", "2026-02-18 00:00:00+07:00"]
)]
#[case::from_a_saturday(
    jakarta(), "2026-02-07T09:00:00+07", 1, Counts::Working,
    ["2026-02-09 00:00:00+07:00", "2026-02-10 00:00:00+07:00", "2026-02-11 00:00:00+07:00"]
)]
#[case::over_lebaran(
    jakarta(), "2026-03-17T10:00:00+07", 3, Counts::Working,
    ["2026-03-27 00:00:00+07:00", "2026-03-28 00:00:00+07:00", "2026-03-31 00:00:00+07:00"]
)]
#[case::calendar_days_that_end_in_lebaran(
    jakarta(), "2026-03-17T10:00:00+07", 3, Counts::Calendar,
    ["2026-03-20 00:00:00+07:00", "2026-03-21 00:00:00+07:00", "2026-03-26 00:00:00+07:00"]
)]
#[case::over_the_leap_day(
    jakarta(), "2028-02-28T10:00:00+07", 1, Counts::Calendar,
    ["2028-02-29 00:00:00+07:00", "2028-03-01 00:00:00+07:00", "2028-03-02 00:00:00+07:00"]
)]
#[case::with_the_leap_day_among_working_days(
    jakarta(), "2028-02-28T10:00:00+07", 2, Counts::Working,
    ["2028-03-01 00:00:00+07:00", "2028-03-02 00:00:00+07:00", "2028-03-03 00:00:00+07:00"]
)]
#[case::from_the_leap_day(
    jakarta(), "2028-02-29T10:00:00+07", 4, Counts::Calendar,
    ["2028-03-04 00:00:00+07:00", "2028-03-05 00:00:00+07:00", "2028-03-07 00:00:00+07:00"]
)]
#[case::after_the_last_known_holiday(
    jakarta_until_2026(), "2026-12-30T10:00:00+07", 2, Counts::Working,
    ["2027-01-04 00:00:00+07:00", "2027-01-05 00:00:00+07:00", "2027-01-06 00:00:00+07:00"]
)]
#[case::over_a_night_that_is_an_hour_shorter(
    berlin(), "2026-03-28T10:00:00+01", 1, Counts::Calendar,
    ["2026-03-29 00:00:00+01:00", "2026-03-30 00:00:00+02:00", "2026-03-31 00:00:00+02:00"]
)]
#[case::over_a_night_that_is_an_hour_longer(
    berlin(), "2026-10-23T10:00:00+02", 5, Counts::Calendar,
    ["2026-10-28 00:00:00+01:00", "2026-10-29 00:00:00+01:00", "2026-10-30 00:00:00+01:00"]
)]
#[case::until_a_midnight_that_does_not_exist(
    beirut(), "2026-03-27T10:00:00+02", 1, Counts::Calendar,
    ["2026-03-28 00:00:00+02:00", "2026-03-29 01:00:00+03:00", "2026-03-31 00:00:00+03:00"]
)]
#[case::near_from_a_midnight_that_does_not_exist(
    beirut(), "2026-03-27T10:00:00+02", 2, Counts::Calendar,
    ["2026-03-29 01:00:00+03:00", "2026-03-30 00:00:00+03:00", "2026-03-31 00:00:00+03:00"]
)]
#[case::near_from_a_midnight_that_did_not_exist(
    sao_paulo(), "2018-11-03T10:00:00-03", 1, Counts::Calendar,
    ["2018-11-04 01:00:00-02:00", "2018-11-05 00:00:00-02:00", "2018-11-06 00:00:00-02:00"]
)]
#[case::until_the_midnight_after_an_hour_that_came_twice(
    sao_paulo(), "2018-02-16T10:00:00-02", 1, Counts::Calendar,
    ["2018-02-17 00:00:00-02:00", "2018-02-18 00:00:00-03:00", "2018-02-20 00:00:00-03:00"]
)]
#[case::from_an_evening_that_is_tomorrow_in_utc(
    new_york(), "2026-06-05T22:00:00-04", 1, Counts::Calendar,
    ["2026-06-06 00:00:00-04:00", "2026-06-07 00:00:00-04:00", "2026-06-09 00:00:00-04:00"]
)]
#[case::working_days_behind_utc(
    new_york(), "2026-07-01T22:00:00-04", 2, Counts::Working,
    ["2026-07-06 00:00:00-04:00", "2026-07-07 00:00:00-04:00", "2026-07-08 00:00:00-04:00"]
)]
fn days_to_finish(
    #[case] calendar: Calendar,
    #[case] begins: &str,
    #[case] days: u16,
    #[case] counts: Counts,
    #[case] expected: [&str; 3],
) {
    let at = moment(begins);
    let mut report = Report::submitted(calendar, terms(24, days, counts), true, at - 1.hour());
    report.does(Command::Accept, at);
    assert_eq!(report.marks(), named(expected));
}

/// Half of the days anew, rounded up, or the day of the plan where that is later.
#[rstest]
#[case::without_a_plan(
    5, None,
    ["2026-02-15 00:00:00+07:00", "2026-02-16 00:00:00+07:00", "2026-02-17 00:00:00+07:00"]
)]
#[case::with_an_even_number_of_days(
    8, None,
    ["2026-02-16 00:00:00+07:00", "2026-02-17 00:00:00+07:00", "2026-02-18 00:00:00+07:00"]
)]
#[case::with_a_plan_that_ends_sooner(
    5, Some("2026-02-13"),
    ["2026-02-15 00:00:00+07:00", "2026-02-16 00:00:00+07:00", "2026-02-17 00:00:00+07:00"]
)]
#[case::with_a_plan_that_is_past(
    5, Some("2026-02-05"),
    ["2026-02-15 00:00:00+07:00", "2026-02-16 00:00:00+07:00", "2026-02-17 00:00:00+07:00"]
)]
#[case::with_a_plan_that_ends_later(
    5, Some("2026-02-21"),
    ["2026-02-20 00:00:00+07:00", "2026-02-22 00:00:00+07:00", "2026-02-24 00:00:00+07:00"]
)]
fn days_after_a_refused_tl(#[case] days: u16, #[case] plan: Option<&str>, #[case] expected: [&str; 3]) {
    let at = moment("2026-02-02T09:00:00+07");
    let mut report = Report::submitted(jakarta(), terms(24, days, Counts::Calendar), true, at);
    report.does(Command::Accept, at);
    if let Some(on) = plan {
        let on = on.parse().unwrap();
        report.does(Command::Plan { on, reason: "Menunggu bahan".into() }, at);
    }
    report.posts_tl(at);
    let refused = moment("2026-02-12T14:00:00+07");
    report.does(Command::Validate { verdict: Verdict::Reject, reason: Some("Belum rata".into()) }, refused);
    assert_eq!(report.marks(), named(expected));
}

/// Calendar days from the moment of planning, whatever the category counts.
#[rstest]
#[case::in_ten_days(
    "2026-02-12",
    &["near 2026-02-11 00:00:00+07:00", "over 2026-02-13 00:00:00+07:00", "escalated 2026-02-14 00:00:00+07:00"]
)]
#[case::on_a_sunday(
    "2026-02-08",
    &["near 2026-02-07 00:00:00+07:00", "over 2026-02-09 00:00:00+07:00", "escalated 2026-02-10 00:00:00+07:00"]
)]
#[case::today_it_is_never_near(
    "2026-02-02", &["over 2026-02-03 00:00:00+07:00", "escalated 2026-02-04 00:00:00+07:00"]
)]
fn a_plan_moves_the_end_to_its_day(#[case] on: Date, #[case] expected: &[&str]) {
    let at = moment("2026-02-02T09:00:00+07");
    let mut report =
        Report::submitted(jakarta(), terms(24, 14, Counts::Working), true, moment("2026-01-28T09:00:00+07"));
    report.does(Command::Accept, moment("2026-01-28T10:00:00+07"));
    report.does(Command::Plan { on, reason: "Menunggu bahan".into() }, at);
    assert_eq!(report.marks(), expected);
}
