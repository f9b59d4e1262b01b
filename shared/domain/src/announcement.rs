//! What is announced of a report, and to whom.

use crate::{
    act::Act, desk::Desk, ids::EventId, language::Language, privacy::Privacy, status::Status, ticket::Ticket,
    unit::Code,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who is told.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Audience {
    /// Those who work at a desk, a unit's among them.
    Desk(Desk),
    /// The reporter.
    Reporter,
}

/// The text names no audience.
#[derive(Debug, thiserror::Error)]
#[error("not an audience")]
pub struct NotAnAudience;

impl TryFrom<String> for Audience {
    type Error = NotAnAudience;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "reporter" {
            return Ok(Self::Reporter);
        }
        Desk::parse(&text).map(Self::Desk).ok_or(NotAnAudience)
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Desk(desk) => desk.to_string(),
            Audience::Reporter => "reporter".to_owned(),
        }
    }
}

/// What is said, to whom, once released. Holds nothing but what the message may hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Announcement {
    /// The event's id: makes doubles recognisable.
    pub event_id: EventId,
    /// What was done.
    pub event: Act,
    /// Which report.
    pub ticket: Ticket,
    /// The released status.
    pub status: Status,
    /// Decides the label.
    pub privacy: Privacy,
    /// To whom.
    pub audience: Audience,
    /// The unit that holds the report, or held it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
    /// The reporter's channel; on messages to the reporter only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Code>,
    /// The reporter's language; on messages to the reporter only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When it was released: the order of a report's messages, however late each is sent; on messages to the reporter only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<Timestamp>,
}
