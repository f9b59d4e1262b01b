//! A second implementation of deadlines, written from the rules and as plainly as possible: it walks through a table of the city's minutes.
//!
//! It shares nothing with the code under test, and is told only what happens to a report: which desk lists it, and the commands.

use crate::city::{Calendar, City};
use domain::calendar::Counts;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use std::collections::BTreeSet;

/// The minutes of a city, in their order.
pub(crate) struct Almanac {
    first: Timestamp,
    minutes: Vec<Minute>,
    /// The days, each with its first minute.
    days: Vec<(Date, usize)>,
}

#[derive(Clone, Copy)]
struct Minute {
    day: usize,
    hour: i8,
    minute: i8,
}

impl Almanac {
    pub(crate) fn new(zone: &TimeZone, first: Timestamp, last: Timestamp) -> Self {
        let (mut minutes, mut days) = (Vec::new(), Vec::<(Date, usize)>::new());
        let mut moment = first;
        while moment < last {
            let local = moment.to_zoned_datetime(zone.clone());
            if days.last().is_none_or(|(date, _)| *date != local.date()) {
                days.push((local.date(), minutes.len()));
            }
            minutes.push(Minute { day: days.len() - 1, hour: local.hour(), minute: local.minute() });
            moment += 1.minute();
        }
        Self { first, minutes, days }
    }

    pub(crate) fn minute_of(&self, moment: Timestamp) -> usize {
        let seconds = moment.as_second() - self.first.as_second();
        assert_eq!(seconds % 60, 0, "the simulation knows whole minutes only");
        usize::try_from(seconds / 60).unwrap()
    }

    pub(crate) fn moment_of(&self, minute: usize) -> Timestamp {
        self.first + i64::try_from(minute).unwrap().minutes()
    }

    fn day_of(&self, date: Date) -> usize {
        self.days.iter().position(|(of, _)| *of == date).unwrap()
    }

    fn begin_of_day(&self, day: usize) -> usize {
        self.days[day].1
    }

    fn is_working_day(&self, day: usize, calendar: &Calendar) -> bool {
        let date = self.days[day].0;
        calendar.weekdays.contains(&date.weekday()) && !calendar.holidays.contains(&date)
    }

    fn is_working_minute(&self, minute: usize, calendar: &Calendar) -> bool {
        let Minute { day, hour, minute } = self.minutes[minute];
        self.is_working_day(day, calendar)
            && calendar.opens <= (hour, minute)
            && (hour, minute) < calendar.closes
    }

    fn slot_at_or_after(&self, mut minute: usize, is_slot: fn(i8, i8) -> bool) -> usize {
        while !is_slot(self.minutes[minute].hour, self.minutes[minute].minute) {
            minute += 1;
        }
        minute
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Length {
    Hours(usize),
    Days(usize),
    Until(Date),
}

/// A deadline with what has been sent of it.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    pub(crate) step: &'static str,
    pub(crate) begins: usize,
    pub(crate) length: Length,
    pub(crate) counts: Counts,
    pub(crate) sent: Vec<&'static str>,
    /// The end came before a run could send that it is near.
    pub(crate) near_was_left_out: bool,
    /// What was walked through already: from when the calendar is known by which it was, and what came of it.
    walked: Option<(usize, Moments)>,
}

/// What is sent in one run of one mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sent {
    pub(crate) step: String,
    pub(crate) mark: String,
    pub(crate) audiences: BTreeSet<String>,
}

/// The minutes at which a deadline is near, is over, and is escalated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    near: usize,
    pub(crate) over: usize,
    escalated: usize,
}

fn moments(deadline: &Deadline, almanac: &Almanac, calendar: &Calendar) -> Moments {
    let (near, over) = match deadline.length {
        Length::Hours(hours) => {
            let (mut minute, mut counted, mut near) = (deadline.begins, 0, 0);
            while counted < hours * 60 {
                if deadline.counts == Counts::Calendar || almanac.is_working_minute(minute, calendar) {
                    counted += 1;
                }
                minute += 1;
                if counted * 5 == hours * 60 * 4 && near == 0 {
                    near = minute;
                }
            }
            (near, minute)
        }
        Length::Days(days) => walk_days(days, deadline.counts, deadline.begins, almanac, calendar),
        Length::Until(last) => {
            let days = almanac.day_of(last) - almanac.minutes[deadline.begins].day;
            walk_days(days, Counts::Calendar, deadline.begins, almanac, calendar)
        }
    };
    let mut day = almanac.minutes[over - 1].day + 1;
    while !almanac.is_working_day(day, calendar) {
        day += 1;
    }
    Moments { near, over, escalated: almanac.begin_of_day(day + 1) }
}

fn walk_days(
    days: usize,
    counts: Counts,
    begins: usize,
    almanac: &Almanac,
    calendar: &Calendar,
) -> (usize, usize) {
    let mut day = almanac.minutes[begins].day;
    let mut near = usize::MAX;
    let mut counted = 0;
    while counted < days {
        day += 1;
        if counts == Counts::Calendar || almanac.is_working_day(day, calendar) {
            counted += 1;
            if counted == days * 4 / 5 + 1 {
                near = almanac.begin_of_day(day);
            }
        }
    }
    (near, almanac.begin_of_day(day + 1))
}

/// When each mark may be sent, on this desk: at once, or at the next slot.
fn sending(deadline: &mut Deadline, place: &Place, city: &City, at: usize) -> [(&'static str, usize); 3] {
    let Moments { near, over, escalated } = deadline.moments(city, at);
    let almanac = &city.almanac;
    let of_unit = place.desk.starts_with("unit:");
    let of_verifiers = place.desk == "verifikasi";
    let slot = |minute: usize, waits: bool| {
        if waits && minute != usize::MAX { almanac.slot_at_or_after(minute, place.is_slot) } else { minute }
    };
    let near = slot(near, of_unit || of_verifiers);
    // Sent at the end or later it would be of no use.
    let near = if near >= over { usize::MAX } else { near };
    [("near", near), ("over", slot(over, of_unit || of_verifiers)), ("escalated", slot(escalated, of_unit))]
}

/// Where a report lies.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) desk: String,
    /// The unit above the unit that has it.
    pub(crate) parent: Option<String>,
    pub(crate) is_slot: fn(i8, i8) -> bool,
}

fn audiences(mark: &str, place: &Place) -> BTreeSet<String> {
    let above = match (&*place.desk, &place.parent) {
        ("tiket" | "validasi" | "verifikasi", _) => "administrator".to_owned(),
        (_, Some(parent)) => format!("unit:{parent}"),
        (_, None) => "tiket".to_owned(),
    };
    let other = if mark == "escalated" { "tiket".to_owned() } else { place.desk.clone() };
    [other, above].into()
}

impl Deadline {
    pub(crate) fn new(step: &'static str, begins: usize, length: Length, counts: Counts) -> Self {
        Self { step, begins, length, counts, sent: Vec::new(), near_was_left_out: false, walked: None }
    }

    /// By the calendar as it is known then.
    pub(crate) fn moments(&mut self, city: &City, at: usize) -> Moments {
        let (known_from, calendar) = city.calendar_at(at);
        if self.walked.is_none_or(|(by, _)| by != known_from) {
            self.walked = Some((known_from, moments(self, &city.almanac, calendar)));
        }
        self.walked.unwrap().1
    }

    fn waits_for(&mut self, place: &Place, city: &City, at: usize) -> Vec<(&'static str, usize)> {
        sending(self, place, city, at)
            .into_iter()
            .filter(|(mark, minute)| {
                let is_left_out = *mark == "near" && self.near_was_left_out;
                *minute != usize::MAX && !is_left_out && !self.sent.contains(mark)
            })
            .collect()
    }

    /// The next minute at which something is to be sent, as far as is known now.
    pub(crate) fn next(&mut self, place: &Place, city: &City, now: usize) -> Option<usize> {
        self.waits_for(place, city, now).into_iter().map(|(_, minute)| minute).min()
    }

    /// What the run in this minute sends.
    pub(crate) fn run(&mut self, place: &Place, city: &City, now: usize) -> Vec<Sent> {
        let over = self.moments(city, now).over;
        if now >= over && !self.sent.contains(&"near") {
            self.near_was_left_out = true;
        }
        let due: Vec<_> =
            self.waits_for(place, city, now).into_iter().filter(|(_, minute)| *minute <= now).collect();
        self.sent.extend(due.iter().map(|(mark, _)| *mark));
        due.into_iter()
            .map(|(mark, _)| Sent {
                step: self.step.into(),
                mark: mark.into(),
                audiences: audiences(mark, place),
            })
            .collect()
    }
}
