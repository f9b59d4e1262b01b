//! What a viewer may do with a report now, from the rules that decide, so that no client has to repeat these.

use crate::{
    act::Act,
    command_rules::{RULES, may},
    decide::claim,
    disputes::may_dispute,
    officer::Officer,
    pending_applied::with_pending_applied,
    photo::PhotoKind,
    photo_limits::REPORTER_PHOTOS,
    photos_at_hand::Owner,
    report::Report,
    status::Status,
    wire_enum::wire_enum,
};
use jiff::Timestamp;

wire_enum!(
    /// What a reporter may do to their own report.
    ReporterAct {
        /// Declare more photos.
        AddPhotos = "add_photos",
        /// Dispute the result.
        Dispute = "dispute",
        /// Rate the result.
        Rate = "rate",
        /// Lock their photos, or let them be seen.
        ChangePrivacy = "change_privacy",
        /// Withdraw the report.
        Withdraw = "withdraw",
    }
);

/// What an officer may do now.
pub(super) struct OfficerActions {
    /// The acts that would not be refused, with some body.
    pub(super) now: Vec<Act>,
    /// Those, and the ones for which only photos are missing that the officer may add: a page has one form for the photos and the act.
    pub(super) with_photos: Vec<Act>,
}

/// What this officer may do now.
///
/// Whoever does not know of a change that waits finds nothing here that depends on it: officers of a unit see no report whose release waits,
/// and to verifiers no act is refused because of it that the state before would allow.
pub(super) fn officer_actions(report: &Report, officer: &Officer, now: Timestamp) -> OfficerActions {
    let has = |kinds: &[PhotoKind]| {
        let owner = Owner::of(officer);
        kinds.iter().all(|kind| report.work.at_hand.of(&owner).any(|(_, of)| of == *kind))
    };
    let has_photos_for = |act: Act| {
        (act != Act::PostTl || has(&[PhotoKind::Before, PhotoKind::After]))
            && (act != Act::Verify || has(&[PhotoKind::Field]))
    };
    let acts = RULES.iter().map(|rule| rule.act);
    let may = |act: Act| {
        if act == Act::Claim { claim(report, officer, now).map(drop) } else { may(report, act, officer) }
    };
    let with_photos: Vec<Act> = acts.filter(|act| may(*act).is_ok()).collect();
    OfficerActions {
        now: with_photos.iter().copied().filter(|act| has_photos_for(*act)).collect(),
        with_photos,
    }
}

/// What would not be refused to the reporter, with some body.
pub(super) fn reporter_actions(report: &Report, now: Timestamp) -> Vec<ReporterAct> {
    let (seen, _) = with_pending_applied(report);
    let may = |act: &ReporterAct| match act {
        ReporterAct::AddPhotos => {
            seen.status.is_open() && !report.reporter.erased && report.reporter.photos < REPORTER_PHOTOS
        }
        ReporterAct::Dispute => may_dispute(report, now),
        ReporterAct::Rate => seen.status == Status::Selesai,
        ReporterAct::ChangePrivacy => true,
        ReporterAct::Withdraw => !report.reporter.erased,
    };
    ReporterAct::ALL.iter().copied().filter(may).collect()
}
