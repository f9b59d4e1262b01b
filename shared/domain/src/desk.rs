//! Desks: who holds a report, and in which order the reports of a desk stand.

use crate::{
    ticket::Ticket,
    unit::{Code, NotACode},
    urgency::Urgency,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A desk: who has to act on a report.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Desk {
    /// The ticket desk, where new reports wait to be assigned.
    Tiket,
    /// The desk of one unit.
    Unit(Code),
    /// The bureau's desk on which TLs wait for a validator.
    Validasi,
    /// The bureau's desk on which TLs wait for a verifier.
    Verifikasi,
}

impl Desk {
    /// Reads `tiket`, `unit:<code>`, `validasi` or `verifikasi`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "tiket" => Some(Self::Tiket),
            "validasi" => Some(Self::Validasi),
            "verifikasi" => Some(Self::Verifikasi),
            _ => text.strip_prefix("unit:").and_then(Code::parse).map(Self::Unit),
        }
    }
}

impl fmt::Display for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tiket => f.write_str("tiket"),
            Self::Unit(code) => write!(f, "unit:{code}"),
            Self::Validasi => f.write_str("validasi"),
            Self::Verifikasi => f.write_str("verifikasi"),
        }
    }
}

impl TryFrom<String> for Desk {
    type Error = NotACode;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(NotACode)
    }
}

impl From<Desk> for String {
    fn from(desk: Desk) -> Self {
        desk.to_string()
    }
}

/// The sort key of a report on its desk: the most urgent first, then by ticket. A ticket is an HMAC and says nothing of the
/// order in which reports came.
#[must_use]
pub fn order(urgency: Urgency, ticket: &Ticket) -> String {
    order_of_urgency(urgency) + ticket.as_str()
}

/// What the sort keys of all reports of this urgency begin with.
#[must_use]
pub fn order_of_urgency(urgency: Urgency) -> String {
    let digit = match urgency {
        Urgency::Terlambat => '0',
        Urgency::HariIni => '1',
        Urgency::TigaHari => '2',
        Urgency::Longgar => '3',
    };
    format!("{digit}#")
}
