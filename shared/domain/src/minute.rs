//! Times as people are shown them: in whole minutes.
//!
//! A time to the nanosecond could be matched with the log of whoever carried the report, and so tell who sent it. Stored times
//! keep their precision, because order needs it; no view has a field for such a time.

use jiff::Timestamp;
use serde::Serialize;
use std::fmt;

/// A minute of UTC: a moment without its seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(transparent)]
pub struct Minute(Timestamp);

impl From<Timestamp> for Minute {
    fn from(at: Timestamp) -> Self {
        let nanosecond = at.as_nanosecond();
        let start = Timestamp::from_nanosecond(nanosecond - nanosecond.rem_euclid(60_000_000_000));
        Self(start.unwrap_or(Timestamp::MIN))
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-01-10T01:23:59.999999999Z", "2026-01-10T01:23:00Z")]
    #[case("2026-01-10T01:23:00Z", "2026-01-10T01:23:00Z")]
    #[case("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:00Z")]
    fn a_moment_is_shown_as_its_minute(#[case] at: &str, #[case] shown: &str) {
        let at: Timestamp = at.parse().unwrap();
        assert_eq!(serde_json::to_value(Minute::from(at)).unwrap(), shown);
        assert_eq!(Minute::from(at).to_string(), shown);
    }

    proptest! {
        #[test]
        fn all_moments_of_a_minute_are_shown_alike(
            minute in -10_000_000..100_000_000_i64, nanoseconds in 0..60_000_000_000_i64
        ) {
            let start = Timestamp::from_second(minute * 60).unwrap();
            let at = start + jiff::SignedDuration::from_nanos(nanoseconds);
            prop_assert_eq!(Minute::from(at), Minute::from(start));
            prop_assert_eq!(serde_json::to_value(Minute::from(at)).unwrap(), start.to_string());
        }
    }
}
