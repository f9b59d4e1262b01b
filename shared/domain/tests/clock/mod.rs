//! The clock of the tests' city: Jakarta's zone, in which every moment counts towards deadlines.
#![allow(dead_code, reason = "no test file needs all of it")]
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use domain::{
    calendar::Calendar,
    clock::Clock,
    ids::{EventId, Version},
    release::{DueStamp, Effects, due_now},
    report::Report,
    slots::Slots,
    unit_change::UnitChange,
};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

static CALENDAR: LazyLock<Calendar> =
    LazyLock::new(|| Calendar::of_every_day(TimeZone::get("Asia/Jakarta").expect("a zone")));

/// The clock of a city with these slots.
pub(crate) fn by(slots: &Slots) -> Clock<'_> {
    Clock { slots, calendar: &CALENDAR }
}

/// The function `release` runs, with ids that no other event of the report has.
pub(crate) fn due(report: &mut Report, now: Timestamp, slots: &Slots) -> Effects {
    due_now(report, None, stamp(report, now), by(slots))
}

/// The same after the city changed the report's unit.
pub(crate) fn due_after(change: UnitChange, report: &mut Report, now: Timestamp, slots: &Slots) -> Effects {
    due_now(report, Some(change), stamp(report, now), by(slots))
}

fn stamp(report: &Report, now: Timestamp) -> DueStamp {
    let drawn = |what: &str| {
        let mut hasher = DefaultHasher::new();
        (what, report.events, now).hash(&mut hasher);
        hasher.finish().to_be_bytes().repeat(3)
    };
    let id = |what| {
        let mut bytes = [0; EventId::BYTES];
        bytes.copy_from_slice(&drawn(what)[..EventId::BYTES]);
        EventId::from_bytes(&bytes)
    };
    let mut version = [0; Version::BYTES];
    version.copy_from_slice(&drawn("version")[..Version::BYTES]);
    let events = ["unit", "first", "second"].map(id);
    DueStamp { now, version: Version::from_bytes(&version), events }
}
