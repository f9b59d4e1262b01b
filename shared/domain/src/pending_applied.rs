//! The report as its reporter sees it, and applying their pending actions to it.

use crate::{
    act::Act,
    event::Event,
    pending::{PendingAction, ReporterAction},
    report::Report,
    status::Status,
};

/// The report as its reporter sees it: with their pending actions applied, and without an act of the ticket desk that can still be recalled.
#[must_use]
pub fn with_pending_applied(report: &Report) -> (Report, Vec<Event>) {
    let mut report = report.clone();
    if let Some(before) = report.triage.recall.take() {
        before.restore(&mut report);
    }
    let pending = std::mem::take(&mut report.reporter.pending);
    let events = pending.into_iter().filter_map(|waiting| apply_pending(&mut report, waiting)).collect();
    (report, events)
}

/// Applies a pending action, if it still makes a difference, and returns the event that officers see of it.
pub(crate) fn apply_pending(report: &mut Report, waiting: PendingAction) -> Option<Event> {
    let PendingAction { at, action, event: id, version } = waiting;
    let (act, status) = match &action {
        // A rating leaves no event: it does not change the report.
        ReporterAction::Rate { rating } => {
            report.reporter.rating = Some(rating.clone());
            return None;
        }
        ReporterAction::Withdraw if report.status.is_open() => (Act::Withdraw, Status::Dibatalkan),
        ReporterAction::Dispute { .. } if report.status == Status::Selesai => {
            report.reporter.disputes += 1;
            (Act::Dispute, Status::MenungguVerifikasi)
        }
        // Meanwhile the report that it follows may have been opened again; the reporter's own comes back by itself all the same.
        ReporterAction::Dispute { .. } if report.status == Status::Duplikat => {
            report.reporter.disputes += 1;
            report.leave_root();
            (Act::Dispute, Status::Menunggu)
        }
        ReporterAction::Dispute { .. } if report.status == Status::Ditolak => {
            report.reporter.disputed_refusals += 1;
            (Act::Dispute, Status::Menunggu)
        }
        ReporterAction::ChangePrivacy { privacy } if *privacy != report.privacy => {
            report.privacy = *privacy;
            (Act::ChangePrivacy, report.status)
        }
        ReporterAction::Withdraw | ReporterAction::Dispute { .. } | ReporterAction::ChangePrivacy { .. } => {
            return None;
        }
    };
    if status != report.status {
        report.status = status;
        report.reporter.disputable_until = None;
        report.claim = None;
        report.step = None;
    }
    report.version = version;
    report.events += 1;
    // The event is dated with the slot, because nobody may learn when the action was requested.
    let (reason, privacy) = match action {
        ReporterAction::Dispute { reason } => (Some(reason), None),
        ReporterAction::ChangePrivacy { privacy } => (None, Some(privacy)),
        ReporterAction::Withdraw | ReporterAction::Rate { .. } => (None, None),
    };
    Some(Event { reason, privacy, ..Event::of(report, id, act, at) })
}
