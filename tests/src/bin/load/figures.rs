//! What many times come to.

use serde::Serialize;
use std::time::{Duration, Instant};

/// The middle, the worst hundredth and the worst of many times, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Times {
    /// The number of measurements.
    pub(crate) count: usize,
    /// Half of them took at most this.
    pub(crate) p50: f64,
    /// All but a hundredth of them took at most this.
    pub(crate) p99: f64,
    /// The longest time.
    pub(crate) max: f64,
}

impl Times {
    /// The figures of these times; `None` where there are none.
    pub(crate) fn of(mut all: Vec<Duration>) -> Option<Self> {
        all.sort_unstable();
        let at = |hundredths: usize| {
            // Nearest rank.
            let rank = (all.len() * hundredths).div_ceil(100).max(1);
            all.get(rank - 1).map(|time| time.as_secs_f64() * 1e3)
        };
        Some(Self { count: all.len(), p50: at(50)?, p99: at(99)?, max: at(100)? })
    }
}

/// How many of these spans a window saw, those that it saw in part as the part that it saw.
///
/// Whole lives are few in a short window: to count only those that end in it would count the last clients' halves as nothing.
pub(crate) fn seen_in(window: (Instant, Instant), spans: &[(Instant, Instant)]) -> f64 {
    let share = |&(began, ended): &(Instant, Instant)| {
        let whole = ended.saturating_duration_since(began).as_secs_f64();
        let seen = ended.min(window.1).saturating_duration_since(began.max(window.0)).as_secs_f64();
        if whole > 0.0 { seen / whole } else { 0.0 }
    };
    spans.iter().map(share).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::now;

    #[test]
    fn quantiles_are_times_that_were_measured() {
        let times = Times::of((1..=200).rev().map(Duration::from_millis).collect()).unwrap();
        assert_eq!(times, Times { count: 200, p50: 100.0, p99: 198.0, max: 200.0 });
        let one = Times::of(vec![Duration::from_millis(5)]).unwrap();
        assert_eq!((one.p50, one.p99, one.max), (5.0, 5.0, 5.0));
        assert_eq!(Times::of(Vec::new()), None);
    }

    #[test]
    fn a_life_that_a_window_saw_in_part_counts_in_part() {
        let zero = now();
        let at = |seconds| zero + Duration::from_secs(seconds);
        let window = (at(10), at(20));
        let spans = [(at(8), at(12)), (at(12), at(16)), (at(16), at(24)), (at(0), at(9)), (at(21), at(22))];
        assert!((seen_in(window, &spans) - 2.0).abs() < 1e-9);
    }
}
