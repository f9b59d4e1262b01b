//! When the demonstration's city releases changes.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use domain::slots::{Schedule, Slots};
use jiff::tz::TimeZone;

/// Its slots, in its zone.
pub(crate) fn slots() -> Slots {
    Slots {
        zone: TimeZone::get("Asia/Jakarta").expect("it parses"),
        segera: Schedule::parse("every:30").expect("it parses"),
        biasa: Schedule::parse("07:00,10:00,13:00,16:00").expect("it parses"),
        peka: Schedule::parse("07:00").expect("it parses"),
    }
}
