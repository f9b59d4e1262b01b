//! What a change of the city's units does to a report: its unit was closed, or moved in the tree.

use crate::{
    act::Act,
    clock::Clock,
    desk::Desk,
    event::Event,
    ids::{EventId, Version},
    release::{Effects, schedule_release},
    report::Report,
    status::Status,
    unit::Unit,
};
use jiff::Timestamp;
use serde::Serialize;

/// How the registry's unit differs from the one that a report holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitChange {
    /// The unit moved in the tree; with its new path.
    Moved(Unit),
    /// The unit was closed. The nearest active unit above it takes over, or the ticket desk where there is none.
    Closed {
        /// The unit that takes over.
        heir: Option<Unit>,
    },
}

/// Whether a report in this status has to follow a change of its unit: it lies there, waits for its release there, or would fall back to
/// it when its TL is refused.
#[must_use]
pub fn follows(status: Status, unit: &Unit, change: &UnitChange) -> bool {
    let depends_on_unit = status.is_open() && status != Status::Menunggu;
    depends_on_unit
        && match change {
            UnitChange::Moved(moved) => unit.code == moved.code && unit.path != moved.path,
            UnitChange::Closed { heir } => heir.as_ref().is_none_or(|heir| heir.code != unit.code),
        }
}

/// Lets a report follow a change of its unit. Does nothing where it does not have to.
///
/// A move changes who may look, and nothing that a viewer sees: it leaves no event and no version.
pub(crate) fn follow(
    report: &mut Report,
    change: UnitChange,
    now: Timestamp,
    new: (&Version, EventId),
    clock: Clock<'_>,
) -> Effects {
    let must = report.unit.as_ref().is_some_and(|unit| follows(report.status, unit, &change));
    if !must {
        return Effects::default();
    }
    match change {
        UnitChange::Moved(unit) => {
            if matches!(report.listed_on(), Some(Desk::Unit(_))) {
                report.reach(&unit.path);
            } else if report.visible.reached.contains(&Desk::Unit(unit.code.clone())) {
                report.visible.reached.extend(unit.path.iter().cloned().map(Desk::Unit));
            }
            report.unit = Some(unit);
            Effects::default()
        }
        UnitChange::Closed { heir } => hand_over(report, heir, now, new, clock),
    }
}

fn hand_over(
    report: &mut Report,
    heir: Option<Unit>,
    now: Timestamp,
    (version, event): (&Version, EventId),
    clock: Clock<'_>,
) -> Effects {
    let before = report.desk();
    report.version = version.clone();
    report.events += 1;
    let is_judged = report.status.is_judging();
    if is_judged {
        report.work.refused_tl_starts_anew = true;
    } else {
        report.status = if heir.is_some() { Status::Koordinasi } else { Status::Menunggu };
    }
    report.unit = heir;
    report.leave_unit();
    report.work.at_hand.drop_left_behind(report.status, report.unit.as_ref().map(|unit| &unit.code));
    let unit = report.unit.as_ref().map(|unit| unit.code.clone());
    let event = Event { unit, ..Event::of(report, event, Act::CloseUnit, now) };
    let announcements = if is_judged {
        // The report stays where the bureau has it, and nobody is told; a release that waits shows this too.
        if report.visible.release.is_none() {
            report.visible.shown.take_up(report.events, &report.version);
        }
        Vec::new()
    } else {
        schedule_release(report, before.as_ref(), &event, clock)
    };
    Effects { events: vec![event], announcements }
}
