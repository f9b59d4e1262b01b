//! What a view is made of, and for whom.

use crate::{event::Event, language::Language, officer::Officer, photo::Photo, report::Report, slots::Slots};
use jiff::Timestamp;

/// A report with its history and photos, in any order.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a> {
    /// The snapshot of the report.
    pub report: &'a Report,
    /// Every event of the report.
    pub events: &'a [Event],
    /// Every photo of the report.
    pub photos: &'a [Photo],
}

/// For whom, when, in which language.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The language of `status_text`.
    pub language: Language,
    /// The moment, for the urgency.
    pub now: Timestamp,
    /// The city's slots, in its time zone.
    pub slots: &'a Slots,
    /// The officer who reads.
    pub officer: &'a Officer,
}
