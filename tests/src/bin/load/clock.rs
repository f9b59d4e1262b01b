//! The machine's clock: a load is about real time.

use std::{
    thread,
    time::{Duration, Instant},
};

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "a load is measured in real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Sleeps until a moment, or not at all when it has passed.
pub(crate) fn sleep_until(moment: Instant) {
    thread::sleep(moment.saturating_duration_since(now()));
}

/// Sleeps for this long.
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}
