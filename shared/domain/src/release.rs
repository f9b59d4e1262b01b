//! Releases: when a change becomes visible, and what is announced then.

use crate::{
    act::Act,
    announcement::{Announcement, Audience, AudienceMay},
    clock::Clock,
    deadlines::{Mark, audiences, begin_step, take_marks, take_over_due_day, waits_for_slot},
    desk::Desk,
    disputes::disputable_until,
    event::Event,
    followers::LastUpdate,
    ids::{EventId, Version},
    note::NoteAudience,
    pending::ReporterAction,
    pending_applied::apply_pending,
    report::{Due, Report, Shown},
    slots::Slots,
    status::Status,
    unit_change::{UnitChange, follow},
};
use jiff::{SignedDuration, Timestamp};

/// How long after a slot a run of `release` comes to the last of its reports.
const RUNS_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Sets when a change that was just made is released, and releases it at once where nothing has to wait.
///
/// `before` is the desk that the report lay on. Released at once: a change after which the report lies on the ticket or the validasi
/// desk, or still lies on the same unit's or the verifikasi desk; but for one that comes back from a merge and has been with a unit. All else waits for the slot, and so does every update to the reporter.
pub(crate) fn schedule_release(
    report: &mut Report,
    before: Option<&Desk>,
    event: &Event,
    clock: Clock<'_>,
) -> Vec<Announcement> {
    let now = event.at;
    let slots = &*report.slots(clock.slots);
    let next = slots.next(report.terms.slots, report.takes_second_slot(), now);
    let at = report.visible.photos_from.map_or(next, |from| next.max(from));
    let slot = Due { at, event: event.id.clone(), act: event.act };
    if report.status != Status::Menunggu {
        report.claim = None;
    }
    report.step = None;
    let at_once = match report.desk() {
        // A unit that had the report would learn the moment at which the one that it followed ended.
        Some(Desk::Tiket) if event.act == Act::Unmerge => !report.has_been_with_a_unit(),
        Some(Desk::Tiket | Desk::Validasi) => true,
        Some(desk @ (Desk::Unit(_) | Desk::Verifikasi)) => before == Some(&desk),
        None => false,
    };
    report.visible.release = Some(Due { at: if at_once { now } else { slot.at }, ..slot.clone() });
    report.reporter.disputable_until = disputable_until(report, slot.at);
    let mut announcements = release(report, now, clock);
    for announcement in announcements.iter_mut().filter(|announcement| announcement.slot_mail.is_some()) {
        // What those of the desk did themselves is no news to them.
        let came = report.desk().as_ref() != before;
        announcement.slot_mail = came.then(|| clock.slots.of_slot_mail(now));
    }
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
    report.reporter.update = report.is_told_of().then_some(Due { at, ..slot });
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

/// Announces to the reporter of a report that was merged what the report that it follows has come to, at the next slot of its own. Where the
/// merge can still be recalled, the update that tells of it will say this too.
pub(crate) fn schedule_follow(
    report: &mut Report,
    event: EventId,
    now: Timestamp,
    slots: &Slots,
) -> Vec<Announcement> {
    let slots = &*report.slots(slots);
    let at = slots.next(report.terms.slots, report.takes_second_slot(), now);
    report.reporter.disputable_until = disputable_until(report, at);
    if report.triage.recall.is_some() {
        return Vec::new();
    }
    schedule_update(report, Due { at, event, act: Act::Follow }, now).into_iter().collect()
}

/// Announces a question to the ticket desk, or the ticket desk's answer to the desk that has the report and is seen to have it.
pub(crate) fn announce_note(
    report: &Report,
    event: &Event,
    answers: bool,
    slots: &Slots,
) -> Option<Announcement> {
    let desk = if event.asks_ticket_desk {
        Some(Desk::Tiket)
    } else {
        let hears = |desk: &Desk| !matches!(desk, Desk::Unit(_)) || event.audience == Some(NoteAudience::All);
        report.listed_on().filter(|desk| answers && hears(desk))
    };
    let desk = desk.filter(|desk| event.desk.as_ref() != Some(desk))?;
    let due = Due { at: event.at, event: event.id.clone(), act: event.act };
    let slot_mail = Some(slots.of_slot_mail(event.at));
    Some(Announcement { slot_mail, ..announcement(report, &due, Audience::Desk(desk)) })
}

/// The events and announcements that come with a new snapshot: stored with it, all or nothing.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Effects {
    /// The events of the reporter's actions that officers learn of now.
    pub events: Vec<Event>,
    /// The announcements to each audience.
    pub announcements: Vec<Announcement>,
}

impl Effects {
    pub(crate) fn add(&mut self, more: Self) {
        self.events.extend(more.events);
        self.announcements.extend(more.announcements);
    }
}

/// The moment and the random values that a run of what is due gets from outside.
#[derive(Clone, Debug)]
pub struct DueStamp {
    /// The moment.
    pub now: Timestamp,
    /// The version that the snapshot gets if anything but a release and the reporter's actions changes it.
    pub version: Version,
    /// The ids of events that are new: of a closed unit, and of a deadline.
    pub events: [EventId; 3],
}

/// Does what is due: applies pending actions, follows a `change` of its unit, releases the waiting change, announces all of it, and tells of
/// the deadline.
///
/// A release by itself does not change the version. If it did, the bureau, who sees a change before its release, would learn from the new
/// version at which slot the reporter was told. A report follows before anything is released, so that nothing comes to a desk at which
/// nobody works any more; and after the reporter's actions, for a dispute can bring back a report whose unit was closed meanwhile.
pub fn due_now(
    report: &mut Report,
    change: Option<UnitChange>,
    stamp: DueStamp,
    clock: Clock<'_>,
) -> Effects {
    let DueStamp { now, version, events: [of_unit, of_deadline @ ..] } = stamp;
    let mut effects = apply_due_actions(report, now);
    if let Some(change) = change {
        effects.add(follow(report, change, now, (&version, of_unit), clock));
    }
    effects.add(release_all(report, now, clock));
    effects.add(tell_of_deadline(report, now, (&version, of_deadline), clock));
    effects
}

/// Does at once what a reporter asked for, where nothing has to wait.
pub(crate) fn done_now(report: &mut Report, now: Timestamp, clock: Clock<'_>) -> Effects {
    let mut effects = apply_due_actions(report, now);
    effects.add(release_all(report, now, clock));
    effects
}

/// Releases what is due, and tells the reporter what is due.
pub(crate) fn release_all(report: &mut Report, now: Timestamp, clock: Clock<'_>) -> Effects {
    let mut announcements = release(report, now, clock);
    announcements.extend(update_reporter(report, now));
    Effects { events: Vec::new(), announcements }
}

/// Reminds and escalates. Units see nothing of it but the urgency, which others may not count back to a day.
fn tell_of_deadline(
    report: &mut Report,
    now: Timestamp,
    (version, ids): (&Version, [EventId; 2]),
    clock: Clock<'_>,
) -> Effects {
    if report.step.is_none() && report.listed_on().is_some() {
        take_over_due_day(report, now, clock);
    }
    let mut effects = Effects::default();
    for (mark, id) in take_marks(report, now, clock).into_iter().zip(ids) {
        report.version = version.clone();
        report.events += 1;
        let act = if mark == Mark::Escalated { Act::Escalate } else { Act::Remind };
        let step = report.step.as_ref().map(|step| step.kind);
        let event = Event { step, mark: Some(mark), ..Event::of(report, id, act, now) };
        let due = Due { at: now, event: event.id.clone(), act };
        if mark == Mark::Escalated {
            report.visible.reached.insert(Desk::Tiket);
        }
        let desk = report.desk();
        let slot_mail = desk.as_ref().map(|desk| {
            let is_slot = waits_for_slot(mark, desk);
            if is_slot { clock.slots.last(report.terms.slots, now) } else { clock.slots.of_slot_mail(now) }
        });
        effects.announcements.extend(audiences(report, mark).into_iter().map(|audience| {
            // What is late on another desk is no work on the ticket desk; the desk of a unit stands for those below it, too.
            let is_theirs = match &audience {
                Audience::Desk(Desk::Unit(_)) => true,
                Audience::Desk(audience) => desk.as_ref() == Some(audience),
                Audience::Administrator | Audience::Reporter => false,
            };
            let slot_mail = slot_mail.filter(|_| is_theirs);
            Announcement { mark: Some(mark), slot_mail, ..announcement(report, &due, audience) }
        }));
        report.visible.shown.take_up_for_bureau(report.events, &report.version);
        effects.events.push(event);
    }
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
            // that the identity must not expire. After a withdrawal there is none for the reporter: the identity is erased.
            report.reporter.update = report.is_told_of().then(|| due.clone());
            report.visible.release = Some(due);
        } else if report.visible.release.is_none() {
            report.visible.shown.take_up(report.events, &report.version);
        }
        effects.events.push(event);
    }
    effects
}

fn release(report: &mut Report, now: Timestamp, clock: Clock<'_>) -> Vec<Announcement> {
    let Some(due) = report.visible.release.take_if(|due| due.at <= now) else { return Vec::new() };
    // Ends that are slots stay on these, whichever second after a slot a run comes to the report; after an outage nobody has had it since the slot.
    let since = if now.duration_since(due.at) < RUNS_WITHIN { due.at } else { now };
    show(report, since, clock);
    let mut audiences: Vec<Desk> = report.desk().into_iter().collect();
    if let Some(unit) = &report.unit {
        let desk = Desk::Unit(unit.code.clone());
        if !audiences.contains(&desk) && report.visible.reached.contains(&desk) {
            audiences.push(desk);
        }
    }
    let slot = clock.slots.last(report.terms.slots, now);
    let announced = audiences.into_iter().map(|desk| {
        let slot_mail = (report.desk().as_ref() == Some(&desk)).then_some(slot);
        Announcement { slot_mail, ..announcement(report, &due, Audience::Desk(desk)) }
    });
    announced.collect()
}

fn update_reporter(report: &mut Report, now: Timestamp) -> Option<Announcement> {
    let due = report.reporter.update.take_if(|due| due.at <= now)?;
    report.triage.recall = None;
    let told = LastUpdate { status: report.status, plan: report.work.plan.filter(|_| due.act == Act::Plan) };
    report.reporter.told = Some(told);
    if report.reporter.erased {
        return None;
    }
    Some(Announcement {
        channel: Some(report.submitted.channel.clone()),
        language: Some(report.submitted.language),
        plan: told.plan.or(report.follows.and_then(|root| root.plan)),
        follows: report.follows.map(|root| root.status),
        released_at: Some(now),
        unit: None,
        ..announcement(report, &due, Audience::Reporter)
    })
}

fn announcement(report: &Report, due: &Due, audience: Audience) -> Announcement {
    let may = match &audience {
        Audience::Desk(desk) if report.desk().as_ref() == Some(desk) => Some(AudienceMay::Act),
        Audience::Desk(desk) if !report.visible.reached.contains(desk) => Some(AudienceMay::Hear),
        Audience::Desk(_) | Audience::Administrator => Some(AudienceMay::Look),
        Audience::Reporter => None,
    };
    Announcement {
        may,
        slot_mail: None,
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
        follows: None,
        mark: None,
        released_at: None,
    }
}

fn show(report: &mut Report, since: Timestamp, clock: Clock<'_>) {
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
    // The deadline of a unit counts from the release to it. Counted from the submission, it would tell on which day the report was sent.
    begin_step(report, since, clock);
}
