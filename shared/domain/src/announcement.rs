//! What is announced of a report, and to whom.

use crate::{
    act::Act, deadlines::Mark, desk::Desk, ids::EventId, language::Language, privacy::Privacy,
    status::Status, ticket::Ticket, unit::Code, wire_enum::wire_enum,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// Who an announcement is for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Audience {
    /// Everybody who works at a desk, such as the officers of a unit.
    Desk(Desk),
    /// The administrators.
    Administrator,
    /// The reporter.
    Reporter,
}

/// The administrators' name among audiences.
const ADMINISTRATOR: &str = "administrator";
/// The reporter's.
const REPORTER: &str = "reporter";

/// A text that names no audience.
#[derive(Debug, thiserror::Error)]
#[error("not an audience")]
pub struct NotAnAudience;

impl TryFrom<String> for Audience {
    type Error = NotAnAudience;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            REPORTER => Ok(Self::Reporter),
            ADMINISTRATOR => Ok(Self::Administrator),
            desk => Desk::parse(desk).map(Self::Desk).ok_or(NotAnAudience),
        }
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Desk(desk) => desk.to_string(),
            Audience::Administrator => ADMINISTRATOR.to_owned(),
            Audience::Reporter => REPORTER.to_owned(),
        }
    }
}

wire_enum!(
    /// What an audience may do with the report that it is told of.
    AudienceMay {
        /// The report lies on their desk.
        Act = "act",
        /// They see it.
        Look = "look",
        /// They do not even see it, and are told all the same, for they stand above the desk that has it.
        Hear = "hear",
    }
);

/// What is said of a release, to one audience. It has only what the published message may say, and when the desk gets its slot mail.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Announcement {
    /// The id of the event that is announced, by which a subscriber recognises a message that comes twice.
    pub event_id: EventId,
    /// The act that the event records.
    pub event: Act,
    /// The report's ticket.
    pub ticket: Ticket,
    /// The report's status as released.
    pub status: Status,
    /// The report's privacy, which decides the label of the message.
    pub privacy: Privacy,
    /// The desk or the reporter that the message is for.
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
    /// The day of the plan that is announced; on messages to the reporter only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Date>,
    /// The status of the report that this one follows; on messages to the reporter only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Status>,
    /// What the message says of a deadline; on reminders and escalations only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// When the change was released, on messages to the reporter only. It gives the order of a report's messages, however late
    /// each is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<Timestamp>,
    /// What the audience may do with the report; absent on messages to the reporter, and on those of versions that did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may: Option<AudienceMay>,
    /// The slot whose mail tells the desk that there is work; absent where this gives it none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_mail: Option<Timestamp>,
}
