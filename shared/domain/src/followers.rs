//! Followers: reports that were merged, and what becomes of them when the report that they follow, their root, changes.
//!
//! A follower's reporter is told what the root's reporter was told, at slots of the follower's own. Where the root ends without having been
//! worked on, each follower is a report of its own again; where the root is merged itself, its followers follow the other one.

use crate::{
    act::Act,
    clock::Clock,
    event::Event,
    ids::{EventId, Version},
    pending::ReporterAction,
    release::{Effects, schedule_follow, schedule_release},
    report::Report,
    reporter_actions::{ActionStamp, withdraw},
    status::Status,
    ticket::Ticket,
    triage::take_back,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// What a reporter was told last: of their own report, or of the one that theirs follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LastUpdate {
    /// The status.
    pub status: Status,
    /// The day of the unit's plan, where that was what was new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Date>,
}

/// What a root has its followers do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lead {
    /// They follow the report `root`, whose reporter was told this.
    Follow {
        /// The root: the report that they follow already, or the one that it was merged into.
        root: Ticket,
        /// What its reporter was told last.
        told: LastUpdate,
    },
    /// They come back to the ticket desk: what they followed was refused or withdrawn.
    ComeBack,
}

/// The moment and the random values of one follower's change.
#[derive(Clone, Debug)]
pub struct FollowStamp {
    /// The moment.
    pub now: Timestamp,
    /// The version that the follower gets where officers can see the change.
    pub version: Version,
    /// The id of the event, or of the update alone where there is no event.
    pub event: EventId,
    /// For the withdrawal of one that comes back although its reporter has withdrawn it.
    pub withdrawal: ActionStamp,
}

impl Report {
    /// What those who follow this report may know of it: what its reporter was told last.
    ///
    /// Before that it is what the submission was answered; of a report whose updates were not stored when they were told, the status.
    #[must_use]
    pub fn told(&self) -> LastUpdate {
        let is_as_told = self.reporter.update.is_none() && !self.reporter.erased;
        let status = if is_as_told { self.status } else { self.submitted.status };
        self.reporter.told.unwrap_or(LastUpdate { status, plan: None })
    }

    /// What this report has its followers do; `Err` with the report to ask instead, where it was merged itself and its reporter knows.
    ///
    /// # Errors
    /// The ticket of the report that it was merged into.
    pub fn lead(&self) -> Result<Lead, Ticket> {
        let told = self.told();
        match (&self.merged_into, told.status) {
            (Some(into), Status::Duplikat) => Err(into.clone()),
            (_, status) if ended_unsolved(status) => Ok(Lead::ComeBack),
            _ => Ok(Lead::Follow { root: self.ticket.clone(), told }),
        }
    }

    /// Whether anybody is told of its changes: its reporter, unless they are erased, or those who follow it.
    pub(crate) fn is_told_of(&self) -> bool {
        !self.reporter.erased || self.is_followed
    }

    /// Ends that it follows another report.
    pub(crate) fn leave_root(&mut self) {
        self.merged_into = None;
        self.follows = None;
    }
}

/// Whether a report with this status ended without having been worked on to its end.
fn ended_unsolved(status: Status) -> bool {
    matches!(status, Status::Ditolak | Status::Dibatalkan | Status::Duplikat)
}

/// Lets a follower of `from` do what that report has its followers do. `None` if there is nothing to do: it follows `from` no longer, or has done
/// so already.
///
/// Whether its reporter has withdrawn it makes no difference, but that nobody is told: officers would see who has.
pub fn follow_lead(
    report: &mut Report,
    from: &Ticket,
    lead: &Lead,
    stamp: FollowStamp,
    clock: Clock<'_>,
) -> Option<Effects> {
    if report.merged_into.as_ref() != Some(from) {
        return None;
    }
    match lead {
        Lead::ComeBack => Some(come_back(report, stamp, clock)),
        Lead::Follow { root, told } => {
            let is_moved = root != from;
            let is_news = report.follows != Some(*told);
            if !is_moved && !is_news {
                return None;
            }
            let FollowStamp { now, version, event: id, withdrawal: _ } = stamp;
            let mut effects = Effects::default();
            if is_moved {
                report.merged_into = Some(root.clone());
                report.version = version;
                report.events += 1;
                let event =
                    Event { into: Some(root.clone()), ..Event::of(report, id.clone(), Act::Follow, now) };
                if report.visible.release.is_none() {
                    report.visible.shown.take_up_for_bureau(report.events, &report.version);
                }
                effects.events.push(event);
            }
            if is_news {
                report.follows = Some(*told);
                effects.announcements = schedule_follow(report, id, now, clock.slots);
            }
            Some(effects)
        }
    }
}

fn come_back(report: &mut Report, stamp: FollowStamp, clock: Clock<'_>) -> Effects {
    let FollowStamp { now, version, event, withdrawal } = stamp;
    report.version = version;
    report.events += 1;
    // What was disputed came to nothing, and what the ticket desk does next is another matter.
    report.reporter.pending.retain(|waiting| !matches!(waiting.action, ReporterAction::Dispute { .. }));
    // A merge that nobody has heard of is taken back, and nobody hears of that either.
    let waiting = report.reporter.update.as_ref().map(|update| update.at);
    if let Some(merge) = take_back(report) {
        if let (Some(update), Some(at)) = (&mut report.reporter.update, waiting) {
            update.at = update.at.max(at);
        }
        let event = Event { recalls: Some(merge), ..Event::of(report, event, Act::Unmerge, now) };
        if report.visible.release.is_none() {
            report.visible.shown.take_up(report.events, &report.version);
        }
        return Effects { events: vec![event], announcements: Vec::new() };
    }
    report.leave_root();
    report.status = Status::Menunggu;
    // Those who follow this report in turn go by what its reporter was told. That it was merged holds no more, and of the next merge they are
    // to hear when its reporter does.
    if let Some(told) = report.reporter.told.as_mut().filter(|told| told.status == Status::Duplikat) {
        told.status = Status::Menunggu;
    }
    let event = Event::of(report, event, Act::Unmerge, now);
    let announcements = schedule_release(report, None, &event, clock);
    let mut effects = Effects { events: vec![event], announcements };
    if report.reporter.erased {
        // It is withdrawn at one of the next slots, as any open report is.
        let (withdrawn, more) = withdraw(report, withdrawal, clock);
        *report = withdrawn;
        effects.add(more);
    }
    effects
}
