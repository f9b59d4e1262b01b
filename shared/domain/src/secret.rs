//! The secret with which a reporter follows their report.

use crate::crockford;
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

    /// The symbols, for the one answer that tells them and for their digest.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ReportSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReportSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        let secret = ReportSecret::from_mac(&[9; 32]);
        assert_eq!(ReportSecret::parse(&secret.expose().to_lowercase()), Some(secret.clone()));
        assert_eq!(format!("{secret:?}"), "ReportSecret(…)");
    }
}
