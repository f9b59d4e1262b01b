//! A city that changes while its reports live: its calendar, its categories, its units, and when its function `release` runs.

use crate::{
    life::{code, unit},
    random::Random,
    second_opinion::Almanac,
};
use domain::{
    calendar::{self, Counts},
    category::Terms,
    clock::Clock,
    deadlines::Deadlines,
    slots::{Schedule, SlotClass, Slots},
    unit::{Code, Unit},
    unit_change::UnitChange,
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use std::collections::BTreeSet;

/// A calendar as the second opinion reads it.
#[derive(Clone)]
pub(crate) struct Calendar {
    pub(crate) weekdays: Vec<Weekday>,
    /// Hour and minute.
    pub(crate) opens: (i8, i8),
    pub(crate) closes: (i8, i8),
    pub(crate) holidays: BTreeSet<Date>,
}

pub(crate) struct City {
    pub(crate) slots: Slots,
    pub(crate) almanac: Almanac,
    /// The calendars, each with the minute from which it is known, for the second opinion and for the code under test.
    calendars: Vec<(usize, Calendar, calendar::Calendar)>,
    /// From when on categories have other deadlines.
    rules_change: usize,
    /// When each unit is closed or moved.
    pub(crate) unit_changes: Vec<(usize, &'static str, Change)>,
    /// In which minutes `release` does not run: from, to.
    outages: Vec<(usize, usize)>,
    /// How many minutes lie between two runs.
    grain: usize,
}

#[derive(Clone, Copy)]
pub(crate) enum Change {
    Closed { heir: Option<&'static [&'static str]> },
    Moved(&'static [&'static str]),
}

/// What is peculiar to one city.
pub(crate) struct Peculiar {
    pub(crate) zone: &'static str,
    /// Reports are submitted from here on.
    pub(crate) first: Timestamp,
    pub(crate) weekdays: Vec<Weekday>,
    pub(crate) opens: (i8, i8),
    pub(crate) closes: (i8, i8),
    pub(crate) holidays: Vec<Date>,
    /// Holidays that become known at a moment shortly before.
    pub(crate) at_short_notice: Vec<(Timestamp, Date)>,
    pub(crate) grain: usize,
}

/// The days during which reports live.
pub(crate) const HALF_YEAR: i64 = 182;
/// How far ahead a deadline may end.
const AHEAD: i64 = 90;

const UNITS: [&[&str]; 6] = [
    &["dinas-a"],
    &["sudin-a1", "dinas-a"],
    &["sudin-a2", "dinas-a"],
    &["kelurahan-a1", "sudin-a1", "dinas-a"],
    &["dinas-b"],
    &["dinas-c"],
];

/// Code, slots, hours to coordinate, days to finish, to validate, to verify, what these count; first as it is at the beginning, then as it is after
/// the rules have changed.
type Category = (&'static str, SlotClass, [(u16, [u16; 3], Counts); 2]);

pub(crate) const CATEGORIES: [Category; 6] = [
    ("jalan", SlotClass::Biasa, [(24, [5, 2, 3], Counts::Calendar), (12, [6, 1, 2], Counts::Calendar)]),
    ("lampu", SlotClass::Segera, [(6, [3, 1, 2], Counts::Calendar), (3, [2, 2, 1], Counts::Working)]),
    ("taman", SlotClass::Biasa, [(16, [10, 3, 4], Counts::Working), (20, [7, 2, 5], Counts::Working)]),
    ("pohon", SlotClass::Segera, [(9, [2, 1, 1], Counts::Working), (5, [1, 1, 2], Counts::Calendar)]),
    ("pungli", SlotClass::Peka, [(20, [14, 3, 5], Counts::Working), (40, [9, 4, 3], Counts::Working)]),
    ("parkir", SlotClass::Peka, [(30, [4, 2, 3], Counts::Calendar), (1, [3, 2, 2], Counts::Calendar)]),
];

impl City {
    pub(crate) fn new(peculiar: Peculiar, random: &mut Random) -> Self {
        let Peculiar { zone, first, weekdays, opens, closes, holidays, at_short_notice, grain } = peculiar;
        let zone = TimeZone::get(zone).unwrap();
        let hours = |days: i64| (24 * days).hours();
        let almanac = Almanac::new(&zone, first - hours(3), first + hours(HALF_YEAR + AHEAD));
        let mut known = Calendar { weekdays, opens, closes, holidays: holidays.into_iter().collect() };
        let mut calendars = vec![(0, known.clone(), known.for_code(&zone))];
        for (learned, holiday) in at_short_notice {
            known.holidays.insert(holiday);
            calendars.push((almanac.minute_of(learned), known.clone(), known.for_code(&zone)));
        }
        let day = |number: i64, minutes: i64| almanac.minute_of(first + hours(number) + minutes.minutes());
        let mut outages = Vec::new();
        let mut begin = 0;
        while begin < HALF_YEAR * 24 * 60 {
            begin += random.between(60, 8 * 24 * 60);
            let end = begin + *random.one_of(&[7, 45, 190, 12 * 60, 40 * 60]);
            outages.push((day(0, begin), day(0, end)));
            begin = end;
        }
        let unit_changes = vec![
            (day(55, 601), "sudin-a2", Change::Closed { heir: Some(&["dinas-a"]) }),
            (day(75, 845), "kelurahan-a1", Change::Moved(&["kelurahan-a1", "dinas-c"])),
            (day(110, 333), "dinas-b", Change::Closed { heir: None }),
        ];
        let schedule = |text| Schedule::parse(text).unwrap();
        let slots = Slots {
            zone,
            segera: schedule("every:30"),
            biasa: schedule("07:00,10:00,13:00,16:00"),
            peka: schedule("07:00"),
        };
        let rules_change = day(90, 725);
        Self { slots, almanac, calendars, rules_change, unit_changes, outages, grain }
    }

    /// The calendar as it is known in this minute, and from when on it has been.
    pub(crate) fn calendar_at(&self, minute: usize) -> (usize, &Calendar) {
        let (from, calendar, _) = self.calendars.iter().rfind(|(from, _, _)| *from <= minute).unwrap();
        (*from, calendar)
    }

    pub(crate) fn clock_at(&self, minute: usize) -> Clock<'_> {
        let calendar = &self.calendars.iter().rfind(|(from, _, _)| *from <= minute).unwrap().2;
        Clock { slots: &self.slots, calendar }
    }

    /// What a report takes over from its category in this minute.
    pub(crate) fn terms(&self, category: &Code, minute: usize) -> Terms {
        let (_, slots, rules) = CATEGORIES.iter().find(|(of, ..)| *of == category.as_str()).unwrap();
        let (coordinate_hours, [finish_days, validate_days, verify_days], counts) =
            rules[usize::from(minute >= self.rules_change)];
        let deadlines = Deadlines { coordinate_hours, finish_days, validate_days, verify_days };
        Terms { group: None, slots: *slots, deadlines, counts, keeps: BTreeSet::new() }
    }

    /// The units that work in this minute, as they stand in the tree.
    pub(crate) fn units(&self, minute: usize) -> Vec<Unit> {
        let so_far =
            |code: &str| self.unit_changes.iter().find(|(from, of, _)| *of == code && *from <= minute);
        let standing = UNITS.iter().filter_map(|path| match so_far(path[0]) {
            None => Some(unit(path)),
            Some((_, _, Change::Moved(path))) => Some(unit(path)),
            Some((_, _, Change::Closed { .. })) => None,
        });
        standing.collect()
    }

    /// How the registry's unit differs from this one.
    pub(crate) fn change_of(&self, held: &Unit, minute: usize) -> Option<UnitChange> {
        let (_, _, change) =
            self.unit_changes.iter().find(|(from, of, _)| code(of) == held.code && *from <= minute)?;
        match change {
            Change::Closed { heir } => Some(UnitChange::Closed { heir: heir.map(unit) }),
            Change::Moved(path) => Some(UnitChange::Moved(unit(path))).filter(|_| unit(path) != *held),
        }
    }

    /// The first run of `release` in this minute or after it.
    pub(crate) fn run_at_or_after(&self, minute: usize) -> usize {
        let mut run = minute.div_ceil(self.grain) * self.grain;
        while let Some((_, end)) = self.outages.iter().find(|(from, to)| (*from..*to).contains(&run)) {
            run = end.div_ceil(self.grain) * self.grain;
        }
        run
    }

    pub(crate) fn is_slot(class: SlotClass) -> fn(i8, i8) -> bool {
        match class {
            SlotClass::Segera => |_, minute| minute == 0 || minute == 30,
            SlotClass::Biasa => |hour, minute| [7, 10, 13, 16].contains(&hour) && minute == 0,
            SlotClass::Peka => |hour, minute| hour == 7 && minute == 0,
        }
    }
}

impl Calendar {
    fn for_code(&self, zone: &TimeZone) -> calendar::Calendar {
        let time = |(hour, minute)| Time::constant(hour, minute, 0, 0);
        calendar::Calendar {
            zone: zone.clone(),
            days: self.weekdays.clone(),
            from: time(self.opens),
            until: time(self.closes),
            holidays: self.holidays.clone(),
        }
    }
}
