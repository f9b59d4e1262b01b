//! What comes of a command: a decision, all of which is to be stored, or a refusal.

use crate::{
    announcement::Announcement,
    event::Event,
    ids::{EventId, Version},
    photos_at_hand::PhotoUse,
    report::Report,
    validation_errors::{ValidationError, ValidationErrorCode, ValidationErrors},
};
use jiff::Timestamp;

/// Why a command is refused. A refused command changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The officer may not do this act on this report.
    #[error("the act is not the caller's")]
    NotYours,
    /// The caller posted a TL of this report.
    #[error("the caller posted a follow-up of this report")]
    OwnTl,
    /// The act is not possible from the report's present status.
    #[error("not from this status")]
    WrongStatus,
    /// The report to merge into is closed.
    #[error("the other report is closed")]
    OtherClosed,
    /// It has been done as often as it may be on one report.
    #[error("done as often as it may be")]
    TooOften,
    /// Another officer of the ticket desk is at work on it.
    #[error("claimed by another officer")]
    Claimed,
    /// Fields that do not fit this report.
    #[error("errors in fields")]
    Invalid(ValidationErrors),
}

/// The moment and the random values that a decision gets from outside.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The moment of the decision.
    pub now: Timestamp,
    /// The version that the new snapshot gets.
    pub version: Version,
    /// The id that the event gets.
    pub event: EventId,
    /// SHA-256 of the body where the command had an idempotency key.
    pub body_digest: Option<String>,
}

/// What is to be stored, all or nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// The snapshot after the command.
    pub report: Report,
    /// The event that the command leaves.
    pub event: Event,
    /// The announcements of what is released at once.
    pub announcements: Vec<Announcement>,
    /// The photos that must be ready when the decision is stored.
    pub photos: Vec<PhotoUse>,
    /// The report that this one is merged into, as it was read: it must be unchanged when the decision is stored.
    pub root: Option<Box<Report>>,
}

impl From<ValidationErrors> for Refusal {
    fn from(errors: ValidationErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl Refusal {
    /// A refusal because of one error in one field.
    pub(crate) fn error(field: &str, code: ValidationErrorCode) -> Self {
        Self::Invalid(vec![ValidationError::new(field, code)])
    }
}
