//! The city's calendar: which days and hours count towards a deadline.

use crate::{urgency::day, wire_enum::wire_enum};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use std::{collections::BTreeSet, time::Duration};

wire_enum!(
    /// Which days and hours a deadline counts.
    Counts {
        /// All.
        Calendar = "calendar",
        /// Those in which the city's officers work.
        Working = "working",
    }
);

impl Default for Counts {
    /// Of categories and reports that were stored before deadlines counted otherwise.
    fn default() -> Self {
        Self::Calendar
    }
}

/// The names of weekdays, as a city's settings have them, in their order.
pub const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The weekday of this name; `None` where there is none.
#[must_use]
pub fn weekday(name: &str) -> Option<Weekday> {
    let mut days = WEEKDAYS.iter().zip(Weekday::Monday.cycle_forward());
    days.find(|(of_day, _)| **of_day == name).map(|(_, day)| day)
}

/// When the officers of a city work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calendar {
    /// The city's time zone.
    pub zone: TimeZone,
    /// The weekdays on which they work; where there is none, they work on all.
    pub days: Vec<Weekday>,
    /// From when on each of these days.
    pub from: Time,
    /// Until when; later than `from`. The last moment of a day stands for its end.
    pub until: Time,
    /// The days on which they do not work, whatever the weekday.
    pub holidays: BTreeSet<Date>,
}

impl Calendar {
    /// The calendar of a city that has said nothing of its working time: every moment counts.
    #[must_use]
    pub fn of_every_day(zone: TimeZone) -> Self {
        Self { zone, days: Vec::new(), from: Time::MIN, until: Time::MAX, holidays: BTreeSet::new() }
    }

    /// Whether the city's officers work on this day.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        let is_weekday_of_work = self.days.is_empty() || self.days.contains(&date.weekday());
        is_weekday_of_work && !self.holidays.contains(&date)
    }

    /// The first moment of a day: not always midnight, where clocks are put forward then.
    #[must_use]
    pub fn start_of(&self, date: Date) -> Timestamp {
        self.at(date, Time::MIN)
    }

    /// The first moment after a day.
    #[must_use]
    pub fn end_of(&self, date: Date) -> Timestamp {
        date.tomorrow().map_or(Timestamp::MAX, |tomorrow| self.start_of(tomorrow))
    }

    /// The `number`th day after `date` that counts; `date` itself for 0.
    pub(crate) fn day_after(&self, date: Date, number: u32, counts: Counts) -> Date {
        let mut counted = self.days_after(date, counts);
        (0..number).map_while(|_| counted.next()).last().unwrap_or(date)
    }

    /// The moment at which so much of the time that counts has passed since `start`.
    pub(crate) fn moment_after(&self, start: Timestamp, passes: Duration, counts: Counts) -> Timestamp {
        if counts == Counts::Calendar {
            return start.checked_add(passes).unwrap_or(Timestamp::MAX);
        }
        let mut left = passes;
        let first = day(start, &self.zone);
        let days = [first].into_iter().filter(|date| self.is_working_day(*date));
        for date in days.chain(self.days_after(first, counts)) {
            let opens = self.at(date, self.from).max(start);
            let closes = if self.until == Time::MAX { self.end_of(date) } else { self.at(date, self.until) };
            let open_for = Duration::try_from(closes.duration_since(opens)).unwrap_or_default();
            if left <= open_for {
                return opens + left;
            }
            left -= open_for;
        }
        Timestamp::MAX
    }

    /// The days after `date` that count, in their order.
    fn days_after(&self, date: Date, counts: Counts) -> impl Iterator<Item = Date> {
        let following = std::iter::successors(date.tomorrow().ok(), |date| date.tomorrow().ok());
        following.filter(move |date| counts == Counts::Calendar || self.is_working_day(*date))
    }

    fn at(&self, date: Date, time: Time) -> Timestamp {
        let at = date.to_datetime(time).to_zoned_datetime(self.zone.clone());
        at.map_or(Timestamp::MAX, |at| at.timestamp())
    }
}

/// The day that a moment closes: of a midnight the day before it.
pub(crate) fn day_closed_by(moment: Timestamp, zone: &TimeZone) -> Date {
    day(moment.checked_sub(1.nanosecond()).unwrap_or(moment), zone)
}
