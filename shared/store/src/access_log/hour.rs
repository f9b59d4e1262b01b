//! Hours of UTC, by which the access log is sealed.

use crate::index_parts::{part_of, parts};
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

    /// The key under which the index `hour` has the entry of this id: the hour and the first symbol of the id.
    #[must_use]
    pub fn index_key(self, id: &str) -> String {
        format!("{self}#{}", part_of(id))
    }

    /// Reads such a key; `None` of one that no part of an hour has.
    pub(super) fn of_index_key(key: &str) -> Option<Self> {
        let (hour, part) = key.split_once('#')?;
        parts().any(|known| known == part).then(|| Self::parse(hour)).flatten()
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
    #[case("2026-11-23T21#0", true)]
    #[case("2026-11-23T21#Z", true)]
    #[case("2026-11-23T21", false)]
    #[case("2026-11-23T21#", false)]
    #[case("2026-11-23T21#U", false)]
    #[case("2026-11-23T21#00", false)]
    fn a_key_of_the_index_names_an_hour_and_one_of_its_parts(#[case] key: &str, #[case] is_one: bool) {
        let hour = is_one.then(|| Hour::of(at("2026-11-23T21:00:00Z")));
        assert_eq!(Hour::of_index_key(key), hour);
        assert!(hour.is_none_or(|hour| hour.index_key(&key[14..]) == key));
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
