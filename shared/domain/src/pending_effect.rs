//! What pending actions of a reporter do to the report, once they take effect.

use crate::{
    act::Act,
    event::Event,
    pending::{Waiting, Wish},
    report::Report,
    status::Status,
};

/// The report as its reporter sees it: as if everything that they want had come to pass.
#[must_use]
pub fn as_wanted(report: &Report) -> (Report, Vec<Event>) {
    let mut report = report.clone();
    let wishes = std::mem::take(&mut report.reporter.wishes);
    let events = wishes.into_iter().filter_map(|waiting| come_true(&mut report, waiting)).collect();
    (report, events)
}

/// Does what the reporter wants, if that still makes a difference.
pub(crate) fn come_true(report: &mut Report, waiting: Waiting) -> Option<Event> {
    let Waiting { at, wish, event: id, version } = waiting;
    let (act, status) = match &wish {
        // Part of no history: it says nothing of the report.
        Wish::Rate { rating } => {
            report.reporter.rating = Some(rating.clone());
            return None;
        }
        Wish::Withdraw if report.status.is_open() => (Act::Withdraw, Status::Dibatalkan),
        Wish::Dispute { .. } if report.status == Status::Selesai => {
            report.reporter.disputes += 1;
            (Act::Dispute, Status::MenungguVerifikasi)
        }
        Wish::Dispute { .. } if report.status == Status::Ditolak => {
            report.reporter.disputed_refusals += 1;
            (Act::Dispute, Status::Menunggu)
        }
        Wish::ChangePrivacy { privacy } if *privacy != report.privacy => {
            report.privacy = *privacy;
            (Act::ChangePrivacy, report.status)
        }
        Wish::Withdraw | Wish::Dispute { .. } | Wish::ChangePrivacy { .. } => return None,
    };
    if status != report.status {
        report.status = status;
        report.reporter.disputable_until = None;
    }
    report.version = version;
    report.events += 1;
    // Dated with its slot: when they wanted it is nobody's business.
    let (reason, privacy) = match wish {
        Wish::Dispute { reason } => (Some(reason), None),
        Wish::ChangePrivacy { privacy } => (None, Some(privacy)),
        Wish::Withdraw | Wish::Rate { .. } => (None, None),
    };
    Some(Event { reason, privacy, ..Event::of(report, id, act, at) })
}
