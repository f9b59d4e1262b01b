//! Which results a reporter may dispute: how often, and until when.

use crate::{pending::ReporterAction, report::Report, status::Status};
use jiff::{SignedDuration, Timestamp};

/// How often a reporter may dispute that the problem is solved.
const DISPUTES: u8 = 2;
/// How often a reporter may dispute that the report was refused.
const DISPUTED_REFUSALS: u8 = 1;
/// How long a result may be disputed, from the slot at which the reporter is told of it.
const DISPUTABLE: SignedDuration = SignedDuration::from_hours(10 * 24);

/// How many disputes the report has had, pending ones included. The number is part of a dispute's id, so that a second dispute
/// in the same words is a new one.
#[must_use]
pub fn disputes(report: &Report) -> u8 {
    report.reporter.disputes + report.reporter.disputed_refusals
}

/// Whether the present result can be disputed, and has not been disputed too often.
#[must_use]
pub fn may_be_disputed(report: &Report) -> bool {
    match report.status {
        Status::Selesai => report.reporter.disputes < DISPUTES,
        Status::Ditolak => report.reporter.disputed_refusals < DISPUTED_REFUSALS,
        // The problem of a report that follows another is solved with the other's.
        Status::Duplikat => is_followed_solved(report) && report.reporter.disputes < DISPUTES,
        Status::Menunggu
        | Status::Koordinasi
        | Status::Disposisi
        | Status::Proses
        | Status::MenungguValidasi
        | Status::MenungguVerifikasi
        | Status::TlDitolak
        | Status::Dibatalkan => false,
    }
}

/// Whether the reporter of the report that this one follows was told that it is solved.
fn is_followed_solved(report: &Report) -> bool {
    report.follows.is_some_and(|root| root.status == Status::Selesai)
}

/// Whether the reporter may dispute the present result now.
#[must_use]
pub fn may_dispute(report: &Report, now: Timestamp) -> bool {
    let in_time = report.reporter.disputable_until.is_some_and(|until| now <= until);
    let pending = &report.reporter.pending;
    let waits = pending.iter().any(|waiting| matches!(waiting.action, ReporterAction::Dispute { .. }));
    // Nobody disputes what they have not been told, and what can still be recalled.
    may_be_disputed(report) && in_time && !waits && report.triage.recall.is_none()
}

/// Until when the result can be disputed that the reporter learns of in the slot at `told`.
pub(crate) fn disputable_until(report: &Report, told: Timestamp) -> Option<Timestamp> {
    (may_be_disputed(report) && !report.reporter.erased).then_some(told + DISPUTABLE)
}
