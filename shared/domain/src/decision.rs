//! What comes of a command: a decision, all of which is to be stored, or a refusal.

use crate::{
    announcement::Announcement,
    event::Event,
    ids::{EventId, Version},
    photos_at_hand::PhotoUse,
    report::Report,
    ticket::Ticket,
    validation_errors::{ValidationError, ValidationErrorCode, ValidationErrors},
};
use jiff::Timestamp;

/// Why a command is refused. It has changed nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The act is not the caller's.
    #[error("the act is not the caller's")]
    NotYours,
    /// The caller posted a TL of this report.
    #[error("the caller posted a follow-up of this report")]
    OwnTl,
    /// Not from this status.
    #[error("not from this status")]
    WrongStatus,
    /// The report to merge into is closed.
    #[error("the other report is closed")]
    OtherClosed,
    /// Fields that do not fit this report.
    #[error("errors in fields")]
    Invalid(ValidationErrors),
}

/// What chance and the clock give to a decision.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The moment.
    pub now: Timestamp,
    /// The snapshot's next version.
    pub version: Version,
    /// The event's id.
    pub event: EventId,
    /// SHA-256 of the body where the command had an idempotency key.
    pub body_digest: Option<String>,
}

/// What is to be stored, all or nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// The new snapshot.
    pub report: Report,
    /// What happened.
    pub event: Event,
    /// What is announced at once.
    pub announcements: Vec<Announcement>,
    /// The photos that must be ready.
    pub photos: Vec<PhotoUse>,
    /// Another report that must still be open.
    pub open: Option<Ticket>,
}

impl From<ValidationErrors> for Refusal {
    fn from(errors: ValidationErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl Refusal {
    /// One error of one field.
    pub(crate) fn error(field: &str, code: ValidationErrorCode) -> Self {
        Self::Invalid(vec![ValidationError::new(field, code)])
    }
}
