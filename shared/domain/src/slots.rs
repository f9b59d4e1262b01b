//! Slots: when a change becomes visible on a unit's or the verifikasi desk, and is announced.
//!
//! A fixed slot says nothing about the minute, the hour or (for `peka`) the day at which somebody sent a report.

use crate::{presigned_urls::UPLOAD_SECONDS, wire_enum::wire_enum};
use jiff::{Timestamp, ToSpan, ZonedDateTime, civil::Time, tz::TimeZone};
use std::{fmt, time::Duration};

wire_enum!(
    /// The class of slots at which a category's reports are released.
    SlotClass {
        /// For categories that cannot wait: slots at short intervals.
        Segera = "segera",
        /// For most categories: releases in working hours.
        Biasa = "biasa",
        /// For categories whose reports accuse somebody: one of the next two slots.
        Peka = "peka",
    }
);

/// The longest time from the arrival of a photo until it is stored.
const STORING: Duration = Duration::from_secs(120);

/// The times of the releases for one class of slots.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Schedule {
    /// No waiting: for tests and demonstrations, and for test reports.
    AtOnce,
    /// Every so many minutes of the city's day, from midnight.
    Every(u16),
    /// At these times of the city's day, in order.
    Times(Vec<Time>),
}

/// The text is not a schedule.
#[derive(Debug, thiserror::Error)]
#[error("a schedule is `0`, `every:<minutes>` or a list of times such as `07:00,10:00`")]
pub struct NotASchedule;

impl Schedule {
    /// Reads a stack parameter: `0`, `every:30`, or `07:00,10:00,13:00,16:00`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, NotASchedule> {
        if text == "0" {
            return Ok(Self::AtOnce);
        }
        if let Some(minutes) = text.strip_prefix("every:") {
            let minutes = minutes.parse().map_err(|_| NotASchedule)?;
            return if (1..=1440).contains(&minutes) { Ok(Self::Every(minutes)) } else { Err(NotASchedule) };
        }
        let mut times = text
            .split(',')
            .map(|time| Time::strptime("%H:%M", time.trim()).map_err(|_| NotASchedule))
            .collect::<Result<Vec<_>, _>>()?;
        times.sort_unstable();
        Ok(Self::Times(times))
    }

    /// The first slot after `now`; `now` itself with [`Schedule::AtOnce`].
    fn next(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let local = now.to_zoned_datetime(zone.clone());
        match self {
            Self::AtOnce => now,
            Self::Every(minutes) => next_step(&local, i64::from(*minutes)),
            Self::Times(times) => next_time(&local, times),
        }
        .max(now)
    }

    /// The slot at this moment, or the last one before it; the whole minute with [`Schedule::AtOnce`].
    fn last(&self, moment: Timestamp, zone: &TimeZone) -> Timestamp {
        let local = moment.to_zoned_datetime(zone.clone());
        match self {
            Self::AtOnce => whole_minute(moment),
            Self::Every(minutes) => last_step(&local, i64::from(*minutes)),
            Self::Times(times) => last_time(&local, times),
        }
        .min(moment)
    }
}

fn whole_minute(moment: Timestamp) -> Timestamp {
    moment - moment.as_second().rem_euclid(60).seconds() - i64::from(moment.subsec_nanosecond()).nanoseconds()
}

impl fmt::Display for Schedule {
    /// As [`Schedule::parse`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtOnce => f.write_str("0"),
            Self::Every(minutes) => write!(f, "every:{minutes}"),
            Self::Times(times) => {
                let times = times.iter().map(|time| time.strftime("%H:%M").to_string());
                f.write_str(&times.collect::<Vec<_>>().join(","))
            }
        }
    }
}

fn next_step(local: &ZonedDateTime, minutes: i64) -> Timestamp {
    let Ok(midnight) = local.start_of_day() else { return local.timestamp() };
    let passed = local.timestamp().as_second() - midnight.timestamp().as_second();
    let steps = passed / (minutes * 60) + 1;
    let tomorrow = midnight.tomorrow().map_or(Timestamp::MAX, |day| day.timestamp());
    (midnight.timestamp() + (steps * minutes).minutes()).min(tomorrow)
}

fn next_time(local: &ZonedDateTime, times: &[Time]) -> Timestamp {
    let days = [Some(local.date()), local.date().tomorrow().ok()].into_iter().flatten();
    let slots = days.flat_map(|day| times.iter().map(move |time| day.to_datetime(*time)));
    let moments = slots.filter_map(|slot| slot.to_zoned_datetime(local.time_zone().clone()).ok());
    // In an hour that comes twice a slot is in the first.
    let mut moments = moments.map(|slot| slot.timestamp());
    moments.find(|slot| *slot > local.timestamp()).unwrap_or(local.timestamp())
}

fn last_step(local: &ZonedDateTime, minutes: i64) -> Timestamp {
    let Ok(midnight) = local.start_of_day() else { return whole_minute(local.timestamp()) };
    let passed = local.timestamp().as_second() - midnight.timestamp().as_second();
    midnight.timestamp() + (passed / (minutes * 60) * minutes).minutes()
}

fn last_time(local: &ZonedDateTime, times: &[Time]) -> Timestamp {
    let days = [Some(local.date()), local.date().yesterday().ok()].into_iter().flatten();
    let slots = days.flat_map(|day| times.iter().rev().map(move |time| day.to_datetime(*time)));
    let moments = slots.filter_map(|slot| slot.to_zoned_datetime(local.time_zone().clone()).ok());
    let mut moments = moments.map(|slot| slot.timestamp());
    moments.find(|slot| *slot <= local.timestamp()).unwrap_or(whole_minute(local.timestamp()))
}

/// The slots of a city, by class.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slots {
    /// The city's time zone.
    pub zone: TimeZone,
    /// Slots of categories that cannot wait.
    pub segera: Schedule,
    /// Slots of most categories.
    pub biasa: Schedule,
    /// Slots of categories whose reports accuse somebody.
    pub peka: Schedule,
}

impl Slots {
    /// No waiting, whatever the category.
    #[must_use]
    pub fn at_once(zone: TimeZone) -> Self {
        let [segera, biasa, peka] = [Schedule::AtOnce, Schedule::AtOnce, Schedule::AtOnce];
        Self { zone, segera, biasa, peka }
    }

    /// When a change that is made now is released.
    ///
    /// `peka` takes one of the next two slots, the second for a report that is `late`, so that two reports of one hour do not arrive together.
    #[must_use]
    pub fn next(&self, class: SlotClass, late: bool, now: Timestamp) -> Timestamp {
        let schedule = self.schedule(class);
        let first = schedule.next(now, &self.zone);
        let takes_second = class == SlotClass::Peka && late && first > now;
        if takes_second { schedule.next(first, &self.zone) } else { first }
    }

    /// Whether what is done now waits for a slot.
    #[must_use]
    pub fn wait(&self, class: SlotClass, now: Timestamp) -> bool {
        self.schedule(class).next(now, &self.zone) > now
    }

    /// The first slot at this moment or after it; the moment itself where nothing waits.
    #[must_use]
    pub fn at_or_after(&self, class: SlotClass, moment: Timestamp) -> Timestamp {
        let before = moment.checked_sub(1.nanosecond()).unwrap_or(moment);
        self.schedule(class).next(before, &self.zone).max(moment)
    }

    /// The slot at this moment, or the last one before it; the whole minute where nothing waits.
    #[must_use]
    pub fn last(&self, class: SlotClass, moment: Timestamp) -> Timestamp {
        self.schedule(class).last(moment, &self.zone)
    }

    /// The slot at which a desk is told by slot mail of what came to it at once: the next one of ordinary categories, whatever the category.
    #[must_use]
    pub fn of_slot_mail(&self, came: Timestamp) -> Timestamp {
        whole_minute(self.at_or_after(SlotClass::Biasa, came))
    }

    /// The schedule of a class.
    #[must_use]
    pub fn schedule(&self, class: SlotClass) -> &Schedule {
        match class {
            SlotClass::Segera => &self.segera,
            SlotClass::Biasa => &self.biasa,
            SlotClass::Peka => &self.peka,
        }
    }

    /// One of the next four slots, at which officers learn of what the reporter does now.
    ///
    /// `draw` is random and nobody's choice; its last two bits are taken.
    #[must_use]
    pub fn one_of_four(&self, class: SlotClass, draw: u8, now: Timestamp) -> Timestamp {
        let schedule = self.schedule(class);
        let mut slot = schedule.next(now, &self.zone);
        for _ in 0..draw % 4 {
            if slot > now {
                slot = schedule.next(slot, &self.zone);
            }
        }
        slot
    }

    /// When a photo that comes now is shown, and was to be shown from `from`: shown at once, it would tell when it came.
    #[must_use]
    pub fn after_coming(&self, class: SlotClass, from: Timestamp, now: Timestamp) -> Timestamp {
        let stored = now + STORING;
        if from > stored {
            return from;
        }
        let first = self.next(class, false, now);
        if first > now { self.next(class, false, stored).max(from) } else { first }
    }

    /// The first slot by which an upload that is declared now has come, unless it has to be sent again.
    #[must_use]
    pub fn after_upload(&self, class: SlotClass, late: bool, now: Timestamp) -> Timestamp {
        let first = self.next(class, late, now);
        if first > now { self.next(class, late, now + Duration::from_secs(UPLOAD_SECONDS)) } else { first }
    }

    /// The same for a report that goes to a unit without the ticket desk: one of two slots, because no desk's delay hides its hour.
    #[must_use]
    pub fn after_upload_of_routed(&self, class: SlotClass, late: bool, now: Timestamp) -> Timestamp {
        let first = self.after_upload(class, false, now);
        if late && first > now { self.next(class, false, first) } else { first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn slots() -> Slots {
        Slots {
            zone: TimeZone::get("Asia/Jakarta").unwrap(),
            segera: Schedule::parse("every:30").unwrap(),
            biasa: Schedule::parse("07:00,10:00,13:00,16:00").unwrap(),
            peka: Schedule::parse("07:00").unwrap(),
        }
    }

    fn next(class: SlotClass, late: bool, now: &str) -> String {
        let at = slots().next(class, late, now.parse().unwrap());
        at.to_zoned_datetime(slots().zone).strftime("%d %H:%M").to_string()
    }

    #[rstest]
    #[case("2026-01-10T03:31:00+07", "10 04:00")]
    #[case("2026-01-10T04:00:00+07", "10 04:30")]
    #[case("2026-01-10T23:59:59+07", "11 00:00")]
    fn segera_is_every_half_hour(#[case] now: &str, #[case] slot: &str) {
        assert_eq!(next(SlotClass::Segera, false, now), slot);
    }

    #[rstest]
    #[case("2026-01-10T06:59:59+07", "10 07:00")]
    #[case("2026-01-10T07:00:00+07", "10 10:00")]
    #[case("2026-01-10T16:00:00+07", "11 07:00")]
    fn biasa_has_four_slots_a_day(#[case] now: &str, #[case] slot: &str) {
        assert_eq!(next(SlotClass::Biasa, false, now), slot);
    }

    #[test]
    fn peka_is_one_of_the_next_two_mornings() {
        let morning = |late| next(SlotClass::Peka, late, "2026-01-10T12:00:00+07");
        assert_eq!([morning(false), morning(true)], ["11 07:00", "12 07:00"]);
    }

    #[rstest]
    #[case(SlotClass::Segera, "2026-01-10T10:29:59.9+07", "10 10:00")]
    #[case(SlotClass::Segera, "2026-01-10T10:30:00+07", "10 10:30")]
    #[case(SlotClass::Biasa, "2026-01-10T10:31:00+07", "10 10:00")]
    #[case(SlotClass::Biasa, "2026-01-10T06:59:59+07", "09 16:00")]
    #[case(SlotClass::Peka, "2026-01-10T23:00:00+07", "10 07:00")]
    fn the_last_slot_is_the_one_that_has_come(
        #[case] class: SlotClass,
        #[case] at: &str,
        #[case] slot: &str,
    ) {
        let last = slots().last(class, at.parse().unwrap());
        assert_eq!(last.to_zoned_datetime(slots().zone).strftime("%d %H:%M").to_string(), slot);
    }

    #[test]
    fn a_desk_is_told_of_what_came_at_once_at_the_next_ordinary_slot_or_in_the_same_minute_where_there_is_none()
     {
        let mail = |slots: Slots, came: &str| slots.of_slot_mail(came.parse().unwrap()).to_string();
        assert_eq!(mail(slots(), "2026-01-10T03:00:01Z"), "2026-01-10T06:00:00Z");
        assert_eq!(mail(slots(), "2026-01-10T03:00:00Z"), "2026-01-10T03:00:00Z");
        let at_once = Slots::at_once(slots().zone);
        assert_eq!(mail(at_once.clone(), "2026-01-10T03:07:59.123Z"), "2026-01-10T03:07:00Z");
        let last = at_once.last(SlotClass::Biasa, "2026-01-10T03:07:59.123Z".parse().unwrap());
        assert_eq!(last.to_string(), "2026-01-10T03:07:00Z");
    }

    #[test]
    fn zero_means_at_once() {
        let slots = Slots { biasa: Schedule::AtOnce, peka: Schedule::AtOnce, ..slots() };
        let now = "2026-01-10T12:00:00Z".parse().unwrap();
        for late in [false, true] {
            assert_eq!(slots.next(SlotClass::Biasa, late, now), now);
            assert_eq!(slots.next(SlotClass::Peka, late, now), now);
        }
    }

    #[rstest]
    #[case("0")]
    #[case("every:30")]
    #[case("07:00,10:00,13:00,16:00")]
    fn a_schedule_is_written_as_it_is_read(#[case] text: &str) {
        assert_eq!(Schedule::parse(text).unwrap().to_string(), text);
    }

    #[rstest]
    #[case("")]
    #[case("25:00")]
    #[case("every:0")]
    #[case("every:x")]
    #[case("07:00,,10:00")]
    fn what_is_no_schedule_is_refused(#[case] text: &str) {
        assert!(Schedule::parse(text).is_err());
    }
}
