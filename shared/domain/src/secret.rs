//! The secret with which a reporter follows their report.

use crate::{crockford, presigned_urls::url_until};
use jiff::Timestamp;
use std::fmt;

/// A reporter's secret: 26 symbols, 130 bits. Debug shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ReportSecret(String);

impl ReportSecret {
    const SYMBOLS: usize = 26;

    /// The secret made of the first 130 bits of a MAC.
    #[must_use]
    pub fn from_mac(mac: &[u8; 32]) -> Self {
        Self(crockford::encode(mac, Self::SYMBOLS))
    }

    /// Reads a secret as a person may write it; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        crockford::canonical(text, Self::SYMBOLS).map(Self)
    }

    /// The symbols, for the answers that tell them and for their digest.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Whether a clerk who sends a submission again is told the secret again: only while the first answer may have been lost on its way,
/// which is as long as the upload URLs in it are valid.
///
/// Later nobody at a counter needs it any more, and whoever came to a clerk's keys would get it.
#[must_use]
pub fn is_told_to_clerk_again(submitted_at: Timestamp, now: Timestamp) -> bool {
    now < url_until(submitted_at)
}

impl fmt::Debug for ReportSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReportSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_secret_does_not_print() {
        let secret = ReportSecret::from_mac(&[9; 32]);
        assert_eq!(ReportSecret::parse(&secret.expose().to_lowercase()), Some(secret.clone()));
        assert_eq!(format!("{secret:?}"), "ReportSecret(…)");
    }

    #[test]
    fn a_clerk_is_told_a_secret_again_for_fifteen_minutes() {
        let submitted_at: Timestamp = "2026-01-10T01:23:45.678901Z".parse().unwrap();
        let told = |later: SignedDuration| is_told_to_clerk_again(submitted_at, submitted_at + later);
        // The clocks of two instances may differ.
        for later in [SignedDuration::from_secs(-1), SignedDuration::ZERO, SignedDuration::from_secs(899)] {
            assert!(told(later), "{later}");
        }
        for later in [SignedDuration::from_mins(15), SignedDuration::from_hours(24)] {
            assert!(!told(later), "{later}");
        }
    }
}
