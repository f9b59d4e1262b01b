//! What reporters may do with their own report, and when officers learn of it.
//!
//! What a reporter does reaches officers at one of the next four slots, drawn at random: a unit that watches a report cannot
//! see when its reporter was at the telephone. Until then only the reporter's own view changes, and no command of an officer is
//! refused because of it. Erasing an identity and locking photos happen at once.

use crate::{
    clock::Clock,
    decision::{Refusal, Stamp},
    desk::Desk,
    disputes::may_dispute,
    ids::PhotoId,
    json_body::Form,
    pending::{PendingAction, Rating, ReporterAction},
    pending_applied::with_pending_applied,
    photo::{Photo, PhotoKind, PhotoState},
    photo_limits::REPORTER_PHOTOS,
    privacy::Privacy,
    release::{Effects, done_now},
    report::Report,
    status::Status,
    text_limits::{COMMENT, REASON},
    validation_errors::{ValidationErrorCode, ValidationErrors},
    view::is_shown,
};
use jiff::Timestamp;
use serde_json::Value;

/// The moment, ids and random draw that a decision on an action gets from outside.
#[derive(Clone, Debug)]
pub struct ActionStamp {
    /// The moment, the event's id and the new version, as for a command.
    pub stamp: Stamp,
    /// A random byte that chooses one of the next four slots.
    pub draw: u8,
}

/// Reads the body of `POST /v1/track/{ticket}/dispute`.
///
/// # Errors
/// All errors of the body.
pub fn parse_dispute(body: &Value) -> Result<String, ValidationErrors> {
    let form = Form::new(body);
    let reason = form.text("reason", REASON);
    form.finish(reason)
}

/// Reads the body of `PUT /v1/track/{ticket}/privacy`.
///
/// # Errors
/// All errors of the body.
pub fn parse_privacy(body: &Value) -> Result<Privacy, ValidationErrors> {
    let form = Form::new(body);
    let privacy = form.parsed("privacy", ValidationErrorCode::NotListed, Privacy::parse);
    form.finish(privacy)
}

/// Reads the body of `PUT /v1/track/{ticket}/rating`.
///
/// # Errors
/// All errors of the body.
pub fn parse_rating(body: &Value) -> Result<Rating, ValidationErrors> {
    let form = Form::new(body);
    let stars = form.whole("stars", 1, 5).and_then(|stars| u8::try_from(stars).ok());
    let comment = form.optional_text("comment", COMMENT);
    form.finish(stars.map(|stars| Rating { stars, comment }))
}

/// The reporter disputes the result: the problem is not solved, or the report should not have been refused.
///
/// # Errors
/// [`Refusal::WrongStatus`] when there is nothing to dispute, too late or too often.
pub fn dispute(
    report: &Report,
    reason: String,
    action_stamp: ActionStamp,
    clock: Clock<'_>,
) -> Result<(Report, Effects), Refusal> {
    if !may_dispute(report, action_stamp.stamp.now) {
        return Err(Refusal::WrongStatus);
    }
    Ok(want(report, ReporterAction::Dispute { reason }, action_stamp, clock))
}

/// The reporter withdraws the report. The identity is to be erased at once, with this change.
#[must_use]
pub fn withdraw(report: &Report, action_stamp: ActionStamp, clock: Clock<'_>) -> (Report, Effects) {
    let mut report = report.clone();
    report.reporter.erased = true;
    // Those who follow the report are told all the same.
    report.reporter.update = report.reporter.update.take().filter(|_| report.is_followed);
    report.reporter.disputable_until = None;
    report.reporter.pending.retain(|waiting| {
        matches!(waiting.action, ReporterAction::ChangePrivacy { .. } | ReporterAction::Rate { .. })
    });
    for waiting in &mut report.reporter.pending {
        // A waiting change to `public` becomes one to `private` and keeps its slot: dropping the change here would show photos
        // that it hides.
        if let ReporterAction::ChangePrivacy { privacy } = &mut waiting.action {
            *privacy = Privacy::Private;
        }
    }
    // One that was closed and can still be recalled may be open again before anybody hears of it.
    if report.status.is_open() || report.triage.recall.is_some() {
        want(&report, ReporterAction::Withdraw, action_stamp, clock)
    } else {
        (report, Effects::default())
    }
}

/// The photos that are erased when the reporter withdraws: all of theirs, except those that every officer on the report can see
/// at that moment, where a unit or a verifier has had the report. Photos that have not come, wait for their slot or are locked
/// are erased.
pub fn taken_back<'a>(
    report: &'a Report,
    photos: &'a [Photo],
    now: Timestamp,
) -> impl Iterator<Item = &'a PhotoId> {
    // Where no unit and no verifier has had the report yet, they would first see the photo after the reporter has withdrawn.
    let has_gone_out =
        report.visible.reached.iter().any(|desk| matches!(desk, Desk::Unit(_) | Desk::Verifikasi));
    let stays = move |photo: &Photo| {
        photo.state == PhotoState::Rejected || (has_gone_out && is_shown(report, photo, now))
    };
    let theirs = photos.iter().filter(|photo| photo.kind == PhotoKind::Reporter);
    theirs.filter(move |photo| !stays(photo)).map(|photo| &photo.photo)
}

/// The reporter locks their photos, or lets them be seen. While the change waits nobody sees them: locking takes effect at
/// once.
#[must_use]
pub fn change_privacy(
    report: &Report,
    privacy: Privacy,
    action_stamp: ActionStamp,
    clock: Clock<'_>,
) -> (Report, Effects) {
    let mut report = report.clone();
    // A change that is taken back waits for a slot too: photos that reappeared at once would tell when it was requested.
    report.reporter.pending.retain(|waiting| !matches!(waiting.action, ReporterAction::ChangePrivacy { .. }));
    want(&report, ReporterAction::ChangePrivacy { privacy }, action_stamp, clock)
}

/// The reporter rates the result.
///
/// # Errors
/// [`Refusal::WrongStatus`] while it is not done.
pub fn rate(
    report: &Report,
    rating: Rating,
    action_stamp: ActionStamp,
    clock: Clock<'_>,
) -> Result<(Report, Effects), Refusal> {
    if with_pending_applied(report).0.status != Status::Selesai {
        return Err(Refusal::WrongStatus);
    }
    let mut report = report.clone();
    report.reporter.pending.retain(|waiting| !matches!(waiting.action, ReporterAction::Rate { .. }));
    Ok(want(&report, ReporterAction::Rate { rating }, action_stamp, clock))
}

/// The reporter declares `more` photos.
///
/// # Errors
/// [`Refusal::WrongStatus`] once closed or withdrawn, an error when there would be too many.
pub fn add_photos(report: &Report, more: usize) -> Result<Report, Refusal> {
    if !with_pending_applied(report).0.status.is_open() || report.reporter.erased {
        return Err(Refusal::WrongStatus);
    }
    let all = u8::try_from(usize::from(report.reporter.photos) + more).unwrap_or(u8::MAX);
    if all > REPORTER_PHOTOS {
        return Err(Refusal::error("photos", ValidationErrorCode::TooMany));
    }
    let mut report = report.clone();
    report.reporter.photos = all;
    Ok(report)
}

/// Whether the upload of this photo of the reporter's is still awaited. A repeated request gets a URL only for such photos.
#[must_use]
pub fn awaits(report: &Report, photo: &Photo) -> bool {
    photo.state == PhotoState::Pending
        && !report.reporter.erased
        && with_pending_applied(report).0.status.is_open()
}

fn want(
    report: &Report,
    action: ReporterAction,
    action_stamp: ActionStamp,
    clock: Clock<'_>,
) -> (Report, Effects) {
    let ActionStamp { stamp, draw } = action_stamp;
    let at = report.slots(clock.slots).one_of_four(report.terms.slots, draw, stamp.now);
    let mut report = report.clone();
    report.reporter.pending.push(PendingAction { at, action, event: stamp.event, version: stamp.version });
    let effects = if at <= stamp.now { done_now(&mut report, stamp.now, clock) } else { Effects::default() };
    (report, effects)
}
