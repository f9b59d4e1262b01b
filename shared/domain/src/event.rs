//! What happened to a report.

use crate::{
    act::Act,
    ids::{EventId, PhotoId, Version},
    location::Point,
    officer::Named,
    privacy::Privacy,
    report::Report,
    status::Status,
    ticket::Ticket,
    unit::Code,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One change of a report. Written once, never changed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Random, or made of caller and idempotency key.
    pub id: EventId,
    /// Whose.
    pub ticket: Ticket,
    /// Its place in the history, from 1. Never shown.
    pub number: u32,
    /// What was done.
    pub act: Act,
    /// The status after it.
    pub status: Status,
    /// The snapshot's version after it, so that a repeated command is answered the same.
    pub version: Version,
    /// When. Units and verifiers never learn it.
    pub at: Timestamp,
    /// Who; `None` for the channel and the reporter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Named>,
    /// The unit that it went to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the verifier noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the unit did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrative: Option<String>,
    /// The photos that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<PhotoId>,
    /// Where the officer was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Point>,
    /// The report that this one was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<Ticket>,
    /// What the reporter wanted of their photos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Privacy>,
    /// SHA-256 of the command's body where it had an idempotency key, lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_digest: Option<String>,
}

impl Event {
    /// An event that led to the report as it stands now, with nothing said beside.
    pub(crate) fn of(report: &Report, id: EventId, act: Act, at: Timestamp) -> Self {
        Self {
            id,
            ticket: report.ticket.clone(),
            number: report.events,
            act,
            status: report.status,
            version: report.version.clone(),
            at,
            by: None,
            unit: None,
            reason: None,
            note: None,
            narrative: None,
            photos: Vec::new(),
            location: None,
            into: None,
            privacy: None,
            body_digest: None,
        }
    }
}
