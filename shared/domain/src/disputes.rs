//! Which results a reporter may dispute: how often, and until when.

use crate::{report::Report, status::Status};
use jiff::{SignedDuration, Timestamp};

/// How often "it is done" may be disputed.
const DISPUTES: u8 = 2;
/// How often "it is refused" may be disputed.
const DISPUTED_REFUSALS: u8 = 1;
/// How long a result may be disputed, from the slot in which the reporter is told of it.
const DISPUTABLE: SignedDuration = SignedDuration::from_hours(10 * 24);

/// How many disputes there have been: makes the second one of the same words another one.
#[must_use]
pub fn disputes(report: &Report) -> u8 {
    report.reporter.disputes + report.reporter.disputed_refusals
}

/// Whether the result is one that may be disputed, and was not too often.
#[must_use]
pub fn may_be_disputed(report: &Report) -> bool {
    match report.status {
        Status::Selesai => report.reporter.disputes < DISPUTES,
        Status::Ditolak => report.reporter.disputed_refusals < DISPUTED_REFUSALS,
        Status::Menunggu
        | Status::Koordinasi
        | Status::Disposisi
        | Status::Proses
        | Status::MenungguValidasi
        | Status::MenungguVerifikasi
        | Status::TlDitolak
        | Status::Duplikat
        | Status::Dibatalkan => false,
    }
}

/// Until when the result may be disputed of which the reporter is told in the slot at `told`.
pub(crate) fn disputable_until(report: &Report, told: Timestamp) -> Option<Timestamp> {
    (may_be_disputed(report) && !report.reporter.erased).then_some(told + DISPUTABLE)
}
