//! The events of a report: its history.

use crate::{
    act::Act,
    deadlines::{Mark, StepKind},
    desk::Desk,
    ids::{EventId, PhotoId, Version},
    note::NoteAudience,
    officer::Named,
    officer_location::OfficerLocation,
    privacy::Privacy,
    report::Report,
    status::Status,
    ticket::Ticket,
    triage::BeforeCorrection,
    unit::Code,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// One change of a report. It is written once and never changed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Random, or derived from the caller and the idempotency key.
    pub id: EventId,
    /// The report's ticket.
    pub ticket: Ticket,
    /// Its place in the history, from 1. Never shown.
    pub number: u32,
    /// The act that left the event.
    pub act: Act,
    /// The report's status after the event, as its author may know it.
    pub status: Status,
    /// The snapshot's version after the event, as its author may know it, so that a repeated command gets the same answer.
    pub version: Version,
    /// The exact moment. Units and verifiers never learn it.
    pub at: Timestamp,
    /// The officer who acted; `None` for the channel and the reporter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Named>,
    /// The unit that the report went to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
    /// The reason that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the verifier found in the field.
    #[serde(rename = "note", default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// What the unit did, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrative: Option<String>,
    /// The photos that the event declares or puts forward.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<PhotoId>,
    /// Where the officer was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<OfficerLocation>,
    /// The report that this one was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<Ticket>,
    /// What units read in the place of the reporter's words from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What a correction changed, as it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<BeforeCorrection>,
    /// The number of the event that a recall takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recalls: Option<u32>,
    /// The day of a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
    /// The step whose deadline the clock tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepKind>,
    /// What it tells of that deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a note says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Which officers see a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<NoteAudience>,
    /// The desk whose officer wrote a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<Desk>,
    /// Whether a note is a question to the ticket desk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_ticket_desk: bool,
    /// Whether a note is seen by those who do not know yet of a change that waited when it was written: its author did not know either.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub precedes_release: bool,
    /// The privacy that the reporter chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Privacy>,
    /// SHA-256 of the command's body where it had an idempotency key, lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_digest: Option<String>,
}

impl Event {
    /// An event that led to the present status of `report`, without the optional fields.
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
            finding: None,
            narrative: None,
            photos: Vec::new(),
            location: None,
            into: None,
            summary: None,
            before: None,
            recalls: None,
            on: None,
            step: None,
            mark: None,
            text: None,
            audience: None,
            desk: None,
            asks_ticket_desk: false,
            precedes_release: false,
            privacy: None,
            body_digest: None,
        }
    }
}
