//! Releases: when a change becomes visible, and what is announced then.

use crate::{
    act::Act,
    announcement::{Announcement, Audience},
    decision::Stamp,
    desk::Desk,
    disputes::disputable_until,
    event::Event,
    note::NoteAudience,
    pending::ReporterAction,
    pending_applied::apply_pending,
    report::{Due, Report, Shown},
    slots::Slots,
    status::Status,
    unit_change::{UnitChange, follow},
    urgency,
};
use jiff::{Timestamp, ToSpan};

/// Sets when a change that was just made is released, and releases it at once where nothing has to wait.
///
/// `before` is the desk that the report lay on. Released at once: a change after which the report lies on the ticket or the validasi
/// desk, or still lies on the same unit's or the verifikasi desk. All else waits for the slot, and so does every update to the reporter.
pub(crate) fn schedule_release(
    report: &mut Report,
    before: Option<&Desk>,
    event: &Event,
    slots: &Slots,
) -> Vec<Announcement> {
    let now = event.at;
    let slots = &*report.slots(slots);
    let next = slots.next(report.terms.slots, report.takes_second_slot(), now);
    let at = report.visible.photos_from.map_or(next, |from| next.max(from));
    let slot = Due { at, event: event.id.clone(), act: event.act };
    if report.status != Status::Menunggu {
        report.claim = None;
    }
    let at_once = match report.desk() {
        Some(Desk::Tiket | Desk::Validasi) => true,
        Some(desk @ (Desk::Unit(_) | Desk::Verifikasi)) => before == Some(&desk),
        None => false,
    };
    report.visible.release = Some(Due { at: if at_once { now } else { slot.at }, ..slot.clone() });
    report.reporter.disputable_until = disputable_until(report, slot.at);
    let mut announcements = release(report, now, slots);
    announcements.extend(schedule_update(report, slot, now));
    announcements
}

/// Sets that the reporter is told at the slot, and tells them at once if the report's slots are `0`.
fn schedule_update(report: &mut Report, slot: Due, now: Timestamp) -> Option<Announcement> {
    let waits = slot.at > now;
    // At most one update per report waits: a later change replaces the waiting update, which keeps the time at which it was to go out. Where
    // the change can be recalled, it goes out with the release: told earlier, it would end the time for a recall, unless the reporter has
    // withdrawn, and officers would learn of that.
    let waiting = report.reporter.update.as_ref().filter(|_| report.triage.recall.is_none());
    let at = waiting.map_or(slot.at, |waiting| waiting.at);
    report.reporter.update = (!report.reporter.erased).then_some(Due { at, ..slot });
    // Even an update whose time has passed waits for the next run of the function `release`: sent now, its time would tell when the
    // officer acted.
    if waits { None } else { update_reporter(report, now) }
}

/// Announces a plan to the reporter, at the next slot: the report stays where it is, and its desk sees the plan at once.
pub(crate) fn schedule_plan(report: &mut Report, event: &Event, slots: &Slots) -> Vec<Announcement> {
    let now = event.at;
    let slots = &*report.slots(slots);
    let at = slots.next(report.terms.slots, report.takes_second_slot(), now);
    let slot = Due { at, event: event.id.clone(), act: event.act };
    schedule_update(report, slot, now).into_iter().collect()
}

/// Announces a question to the ticket desk, or the ticket desk's answer to the desk that has the report and is seen to have it.
pub(crate) fn announce_note(report: &Report, event: &Event, answers: bool) -> Option<Announcement> {
    let desk = if event.asks_ticket_desk {
        Some(Desk::Tiket)
    } else {
        let hears = |desk: &Desk| !matches!(desk, Desk::Unit(_)) || event.audience == Some(NoteAudience::All);
        report.listed_on().filter(|desk| answers && hears(desk))
    };
    let desk = desk.filter(|desk| event.desk.as_ref() != Some(desk))?;
    let due = Due { at: event.at, event: event.id.clone(), act: event.act };
    Some(announcement(report, &due, Audience::Desk(desk)))
}

/// The events and announcements that come with a new snapshot: stored with it, all or nothing.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Effects {
    /// The events of the reporter's actions that officers learn of now.
    pub events: Vec<Event>,
    /// The announcements to each audience.
    pub announcements: Vec<Announcement>,
}

/// Does what is due by `now`: applies pending actions, releases the waiting change, and announces both.
///
/// A release by itself does not change the version. If it did, the bureau, who sees a change before its release, would learn from the new
/// version at which slot the reporter was told.
pub fn due_now(report: &mut Report, now: Timestamp, slots: &Slots) -> Effects {
    let mut effects = apply_due_actions(report, now);
    effects.announcements.extend(release(report, now, slots));
    effects.announcements.extend(update_reporter(report, now));
    effects
}

/// The same for a report whose unit was closed or moved. It follows before anything is released, so that nothing comes to a desk at which
/// nobody works any more; and after the reporter's actions, for a dispute can bring back a report whose unit was closed meanwhile.
pub fn due_now_after(change: UnitChange, report: &mut Report, stamp: Stamp, slots: &Slots) -> Effects {
    let now = stamp.now;
    let mut effects = apply_due_actions(report, now);
    let followed = follow(report, change, stamp, slots);
    effects.events.extend(followed.events);
    effects.announcements.extend(followed.announcements);
    effects.announcements.extend(release(report, now, slots));
    effects.announcements.extend(update_reporter(report, now));
    effects
}

/// Applies the reporter's pending actions that are due.
fn apply_due_actions(report: &mut Report, now: Timestamp) -> Effects {
    let mut effects = Effects::default();
    let is_recallable = !report.status.is_open() && report.triage.recall.is_some();
    if let Some(release) = report.visible.release.as_ref().filter(|_| is_recallable) {
        // Applied to a closed report a withdrawal comes to nothing, and a recall could open the report again. It waits until none can.
        let pending = report.reporter.pending.iter_mut();
        for withdrawal in pending.filter(|waiting| matches!(waiting.action, ReporterAction::Withdraw)) {
            withdrawal.at = withdrawal.at.max(release.at);
        }
    }
    let (due, waiting): (Vec<_>, Vec<_>) =
        std::mem::take(&mut report.reporter.pending).into_iter().partition(|action| action.at <= now);
    report.reporter.pending = waiting;
    for action in due {
        let before = report.status;
        let Some(event) = apply_pending(report, action) else { continue };
        if report.status != before {
            let due = Due { at: now, event: event.id.clone(), act: event.act };
            // After a dispute the update tells the reporter that it arrived and the report is open again; from it `deliver` also learns
            // that the identity must not expire. After a withdrawal there is none: the identity is erased.
            report.reporter.update = (!report.reporter.erased).then(|| due.clone());
            report.visible.release = Some(due);
        } else if report.visible.release.is_none() {
            report.visible.shown.take_up(report.events, &report.version);
        }
        effects.events.push(event);
    }
    effects
}

fn release(report: &mut Report, now: Timestamp, slots: &Slots) -> Vec<Announcement> {
    let Some(due) = report.visible.release.take_if(|due| due.at <= now) else { return Vec::new() };
    show(report, now, slots);
    let mut audiences: Vec<Desk> = report.desk().into_iter().collect();
    if let Some(unit) = &report.unit {
        let desk = Desk::Unit(unit.code.clone());
        if !audiences.contains(&desk) && report.visible.reached.contains(&desk) {
            audiences.push(desk);
        }
    }
    audiences.into_iter().map(|desk| announcement(report, &due, Audience::Desk(desk))).collect()
}

fn update_reporter(report: &mut Report, now: Timestamp) -> Option<Announcement> {
    let due = report.reporter.update.take_if(|due| due.at <= now)?;
    report.triage.recall = None;
    Some(Announcement {
        channel: Some(report.submitted.channel.clone()),
        language: Some(report.submitted.language),
        plan: report.work.plan.filter(|_| due.act == Act::Plan),
        released_at: Some(now),
        unit: None,
        ..announcement(report, &due, Audience::Reporter)
    })
}

fn announcement(report: &Report, due: &Due, audience: Audience) -> Announcement {
    Announcement {
        event_id: due.event.clone(),
        event: due.act,
        ticket: report.ticket.clone(),
        status: report.status,
        privacy: report.privacy,
        audience,
        unit: report.unit.as_ref().map(|unit| unit.code.clone()),
        channel: None,
        language: None,
        plan: None,
        released_at: None,
    }
}

fn show(report: &mut Report, now: Timestamp, slots: &Slots) {
    report.triage.recall = None;
    report.visible.shown = Shown {
        status: report.status,
        events: report.events,
        version: report.version.clone(),
        unit_version: None,
        unit: report.unit.as_ref().map(|unit| unit.code.clone()),
    };
    match (report.desk(), &report.unit) {
        (Some(Desk::Unit(_)), Some(unit)) => {
            let path = unit.path.clone();
            report.reach(&path);
        }
        (Some(desk), _) => {
            report.visible.reached.insert(desk);
        }
        (None, _) => {}
    }
    // The due day counts from the release to the unit. Counted from the submission, it would tell on which day the report was sent.
    let newly_with_unit = matches!(report.status, Status::Koordinasi | Status::Disposisi);
    if newly_with_unit {
        let today = urgency::day(now, &slots.zone);
        report.due_on = today.saturating_add(i32::from(report.terms.finish_days).days());
    }
}
