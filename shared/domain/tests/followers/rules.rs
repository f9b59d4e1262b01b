//! What must hold in every state, whoever did what in whatever order.

use crate::{
    city::{City, HEARD, IN_TIME, SLOT, TWIN},
    kept::Kept,
    store::Stored,
};
use domain::{
    followers::{LastUpdate, Lead},
    pending::ReporterAction,
    report::Report,
    status::Status,
};

pub(crate) const ENDS: &str = "no report follows itself, and no chain ends in a duplicate";
pub(crate) const DUPLICATE: &str = "a duplicate follows a report, and no other report does";
pub(crate) const ERASED: &str =
    "whoever has withdrawn stays erased, and their report is closed or about to be";
pub(crate) const AGAIN: &str = "no update is announced twice";
pub(crate) const LED: &str = "once all is passed on, each follower does what its root has it do";
pub(crate) const TOLD: &str =
    "once all is passed on, each follower's reporter knows what the root's was told";
pub(crate) const PASSED_ON: &str =
    "what a followed report has come to is passed on, also when its reporter withdraws";

/// A rule, and whether it holds.
type Rule = (&'static str, fn(&City, &Stored) -> bool);

pub(crate) const ALWAYS: [Rule; 11] = [
    (ENDS, |_, stored| stored.numbers().all(|n| ends(stored, n))),
    (DUPLICATE, |_, stored| {
        stored.reports.iter().all(|report| {
            let is_duplicate = report.status == Status::Duplikat;
            report.merged_into.is_some() == is_duplicate && report.follows.is_some() == is_duplicate
        })
    }),
    (ERASED, |_, stored| !stored.wrong.contains(ERASED) && stored.reports.iter().all(is_withdrawn_if_erased)),
    (AGAIN, |_, stored| !stored.wrong.contains(AGAIN)),
    (LED, |city, stored| !is_passed_on(stored) || stored.numbers().all(|n| is_led(city, stored, n))),
    (TOLD, |_, stored| !is_passed_on(stored) || stored.numbers().all(|n| is_told(stored, n))),
    (PASSED_ON, |_, stored| stored.reports.iter().all(is_told_of_end)),
    (TWIN, |_, stored| !stored.wrong.contains(TWIN)),
    (SLOT, |_, stored| !stored.wrong.contains(SLOT)),
    (IN_TIME, |_, stored| !stored.wrong.contains(IN_TIME)),
    (HEARD, |_, stored| !stored.wrong.contains(HEARD)),
];

fn ends(stored: &Stored, number: u16) -> bool {
    let mut end = number;
    for _ in &stored.reports {
        let Some(root) = stored.root_of(end) else { return stored.report(end).status != Status::Duplikat };
        end = root;
    }
    false
}

/// Whether every change of a root has been passed on to its followers.
fn is_passed_on(stored: &Stored) -> bool {
    stored.numbers().all(|root| !stored.fans_out(root))
}

fn is_withdrawn_if_erased(report: &Kept<Report>) -> bool {
    let pending = &report.reporter.pending;
    let is_withdrawn = pending.iter().any(|waiting| matches!(waiting.action, ReporterAction::Withdraw));
    !report.reporter.erased || !report.status.is_open() || is_withdrawn
}

fn is_led(city: &City, stored: &Stored, number: u16) -> bool {
    stored.root_of(number).is_none_or(|root| match stored.lead(city, root) {
        (Lead::Follow { .. }, None) => true,
        // It has to come back, or to go on.
        _ => false,
    })
}

/// Of a report that is closed, once nothing of it waits.
fn is_told_of_end(report: &Kept<Report>) -> bool {
    let waits = report.visible.release.is_some() || report.reporter.update.is_some();
    !report.is_followed || report.status.is_open() || waits || report.told().status == report.status
}

/// Of a follower for whom nothing waits any more.
fn is_told(stored: &Stored, number: u16) -> bool {
    stored.root_of(number).is_none_or(|root| {
        let LastUpdate { status, plan } = stored.report(root).told();
        let report = stored.report(number);
        let waits = report.reporter.update.is_some();
        let last = stored.said[usize::from(number)].last();
        let knows = last.is_some_and(|last| {
            (last.status, last.follows, last.plan) == (Status::Duplikat, Some(status), plan)
        });
        let is_there = !report.reporter.erased;
        report.follows == Some(LastUpdate { status, plan }) && (waits || knows || !is_there)
    })
}
