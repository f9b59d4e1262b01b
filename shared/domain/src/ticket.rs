//! The public number of a report.

use crate::crockford;
use std::fmt;

/// A report's public number: 12 symbols and a check symbol, kept without hyphens.
///
/// The 60 bits are an HMAC of channel and idempotency key, so a ticket says neither when, nor in what order, nor where a
/// report was sent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ticket(String);

impl Ticket {
    const BODY: usize = 12;

    /// The ticket made of the first 60 bits of a MAC.
    #[must_use]
    pub fn from_mac(mac: &[u8; 32]) -> Self {
        let mut text = crockford::encode(mac, Self::BODY);
        text.extend(crockford::check_symbol(&text));
        Self(text)
    }

    /// Reads a ticket with or without hyphens and in any case; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = crockford::canonical(text, Self::BODY + 1)?;
        let check = crockford::check_symbol(&text[..Self::BODY])?;
        text.ends_with(check).then_some(Self(text))
    }

    /// The 13 symbols as they are stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As people see it: `XXXX-XXXX-XXXXX`.
impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }
}

impl TryFrom<String> for Ticket {
    type Error = crate::ids::NotAnId;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(crate::ids::NotAnId)
    }
}

impl From<Ticket> for String {
    fn from(ticket: Ticket) -> Self {
        ticket.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_read_as_people_write_it() {
        let ticket = Ticket::from_mac(&[7; 32]);
        let shown = ticket.to_string();
        assert_eq!(shown.len(), 15);
        assert_eq!(Ticket::parse(&shown), Some(ticket.clone()));
        assert_eq!(Ticket::parse(&shown.to_lowercase()), Some(ticket.clone()));
        assert_eq!(Ticket::parse(ticket.as_str()), Some(ticket));
        assert_eq!(Ticket::parse(""), None);
        assert_eq!(Ticket::parse("éééééééééééé"), None);
    }
}
