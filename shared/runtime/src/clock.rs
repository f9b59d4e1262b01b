//! The only place that reads a clock.

use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// The present moment, to be passed on as an argument.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one reader that the rule speaks of")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Measures how long something takes, by a clock that never goes back.
///
/// It is tokio's clock, so that a test that pauses time need not wait.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts a measurement.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time that has passed since the start.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Waits until `passed` has gone by since the start; returns at once where it already has.
    pub async fn wait_until(self, passed: Duration) {
        tokio::time::sleep_until(self.0 + passed).await;
    }
}
