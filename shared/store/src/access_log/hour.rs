//! Hours of UTC, by which the access log is sealed.

use jiff::{SignedDuration, Timestamp};
use std::fmt;

const SECONDS: i64 = 3600;

/// An hour of UTC, written `2026-11-23T21`, so that texts sort as hours do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hour(i64);

impl Hour {
    /// The hour in which this moment lies.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(at.as_second().div_euclid(SECONDS))
    }

    /// Reads an hour in its only form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hour = Self::of(format!("{text}:00:00Z").parse().ok()?);
        (hour.to_string() == text).then_some(hour)
    }

    /// The first moment of the hour.
    #[must_use]
    pub fn start(self) -> Timestamp {
        let seconds = self.0.saturating_mul(SECONDS);
        Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
    }

    /// The next hour.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The hour that was so many hours earlier.
    #[must_use]
    pub fn before(self, hours: u16) -> Self {
        Self(self.0.saturating_sub(i64::from(hours)))
    }

    /// The last hour that ended at least this long before `now`.
    #[must_use]
    pub fn last_complete(now: Timestamp, ended: SignedDuration) -> Self {
        let then = now.checked_sub(ended).unwrap_or(Timestamp::MIN);
        Self::of(then).before(1)
    }
}

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.start().strftime("%Y-%m-%dT%H"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_hour_is_written_in_utc_and_read_back() {
        let hour = Hour::of(at("2026-11-23T21:59:59.999999999Z"));
        assert_eq!(hour.to_string(), "2026-11-23T21");
        assert_eq!(Hour::parse("2026-11-23T21"), Some(hour));
        assert_eq!(hour.next().to_string(), "2026-11-23T22");
        assert_eq!(hour.before(22).to_string(), "2026-11-22T23");
        assert_eq!(hour.start(), at("2026-11-23T21:00:00Z"));
    }

    #[rstest]
    #[case("")]
    #[case("2026-11-23")]
    #[case("2026-11-23T24")]
    #[case("2026-11-23t21")]
    #[case("2026-11-23 21")]
    #[case("2026-11-23T21:00")]
    #[case("20261123T21")]
    #[case("+002026-11-23T21")]
    fn any_other_form_is_no_hour(#[case] text: &str) {
        assert_eq!(Hour::parse(text), None);
    }

    #[rstest]
    #[case("2026-11-23T22:09:59Z", "2026-11-23T20")]
    #[case("2026-11-23T22:10:00Z", "2026-11-23T21")]
    #[case("2026-11-23T22:59:59Z", "2026-11-23T21")]
    fn an_hour_is_complete_some_time_after_its_end(#[case] now: &str, #[case] last: &str) {
        assert_eq!(Hour::last_complete(at(now), SignedDuration::from_mins(10)).to_string(), last);
    }
}
