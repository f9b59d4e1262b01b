//! Deadlines: how long each step of a report may take, and when its desk is reminded and those above are told.
//!
//! A step is a stay on a desk. Its deadline ends when it ends. Whatever is sent of a deadline is sent once.

use crate::{
    announcement::Audience,
    calendar::{Calendar, Counts, day_closed_by},
    clock::Clock,
    desk::Desk,
    language::Language,
    report::Report,
    status::Status,
    urgency::day,
    wire_enum::wire_enum,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

wire_enum!(
    /// The step that a report is in.
    StepKind {
        /// From its arrival on the ticket desk or a unit's desk until somebody there has decided who does the work.
        Coordinate = "coordinate",
        /// From acceptance, or from the return of a refused TL, to the TL.
        Finish = "finish",
        /// From the TL to the validator's judgement.
        Validate = "validate",
        /// From the arrival on the desk of the verifiers to their judgement.
        Verify = "verify",
    }
);

wire_enum!(
    /// What is sent of a deadline, in its order.
    Mark {
        /// Four fifths of it are over.
        Near = "near",
        /// It has ended.
        Over = "over",
        /// It ended a working day ago.
        Escalated = "escalated",
    }
);

impl Mark {
    /// What it tells whoever gets it.
    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        let (id, en) = match self {
            Self::Near => ("Batas waktu sudah dekat", "The deadline is near"),
            Self::Over => ("Batas waktu sudah lewat", "The deadline has passed"),
            Self::Escalated => ("Terlambat satu hari kerja, dieskalasi", "A working day late, escalated"),
        };
        match language {
            Language::Id => id,
            Language::En => en,
        }
    }
}

/// How long each step of a report may take.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Deadlines {
    /// Hours until a unit accepts, or the ticket desk assigns.
    #[serde(default = "default_hours")]
    pub coordinate_hours: u16,
    /// Days from acceptance to the TL.
    pub finish_days: u16,
    /// Days to validate a TL.
    #[serde(default = "default_validate_days")]
    pub validate_days: u16,
    /// Days to look in the field.
    #[serde(default = "default_verify_days")]
    pub verify_days: u16,
}

// Those of categories that were stored without them.
fn default_hours() -> u16 {
    24
}
fn default_validate_days() -> u16 {
    2
}
fn default_verify_days() -> u16 {
    3
}

/// How long a step may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowance {
    /// So many hours from its start.
    Hours(u16),
    /// So many days; the day on which it starts does not count, and the last ends at midnight.
    Days(u16),
    /// Until the end of this day.
    Until(Date),
}

/// The step that a report is in, with its deadline and what has been sent of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub kind: StepKind,
    /// From when the deadline counts: the start of the step, or the moment at which the unit planned.
    pub since: Timestamp,
    /// How long it may take, by the rules of its start.
    pub allowance: Allowance,
    /// Which days and hours count.
    pub counts: Counts,
    /// What has been sent of the deadline, or was left out because the next came meanwhile.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sent: BTreeSet<Mark>,
    /// When the deadline ends, by the calendar as it was known when the step was last looked at.
    pub ends: Timestamp,
    /// When the next mark is to be sent, likewise; `None` once all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
}

/// The moments of a deadline by a calendar.
struct Moments {
    near: Timestamp,
    over: Timestamp,
    escalated: Timestamp,
}

impl Moments {
    fn of(since: Timestamp, allowance: Allowance, counts: Counts, calendar: &Calendar) -> Self {
        let first = day(since, &calendar.zone);
        let (near, over) = match allowance {
            Allowance::Hours(hours) => {
                let seconds = u64::from(hours) * 3600;
                let after = |part| calendar.moment_after(since, Duration::from_secs(part), counts);
                (after(seconds / 5 * 4), after(seconds))
            }
            Allowance::Days(days) => in_days(calendar, first, u32::from(days), counts),
            Allowance::Until(last) => {
                let days = u32::try_from((last - first).get_days()).unwrap_or_default();
                let (near, _) = in_days(calendar, first, days, Counts::Calendar);
                (near, calendar.end_of(last))
            }
        };
        let closed = day_closed_by(over, &calendar.zone);
        let escalated = calendar.end_of(calendar.day_after(closed, 1, Counts::Working));
        Self { near, over, escalated }
    }
}

/// When four fifths of a deadline in days are over, in whole days as the urgency is, and when all of it.
fn in_days(calendar: &Calendar, first: Date, days: u32, counts: Counts) -> (Timestamp, Timestamp) {
    let near = calendar.start_of(calendar.day_after(first, days * 4 / 5 + 1, counts));
    let over = calendar.end_of(calendar.day_after(first, days, counts));
    (near, over)
}

/// Begins the step of a report that lies on a desk from now on; none where it lies on none.
pub(crate) fn begin_step(report: &mut Report, now: Timestamp, clock: Clock<'_>) {
    let Deadlines { coordinate_hours, finish_days, validate_days, verify_days } = report.terms.deadlines;
    let Some(kind) = step_in(report.status) else {
        report.step = None;
        return;
    };
    let allowance = match kind {
        StepKind::Coordinate => Allowance::Hours(coordinate_hours),
        StepKind::Finish if report.status == Status::TlDitolak => {
            after_refusal(report, finish_days.div_ceil(2), now, clock.calendar)
        }
        StepKind::Finish => Allowance::Days(finish_days),
        StepKind::Validate => Allowance::Days(validate_days),
        StepKind::Verify => Allowance::Days(verify_days),
    };
    set_step(report, kind, now, allowance, clock);
}

fn step_in(status: Status) -> Option<StepKind> {
    match status {
        Status::Menunggu | Status::Koordinasi | Status::Disposisi => Some(StepKind::Coordinate),
        Status::Proses | Status::TlDitolak => Some(StepKind::Finish),
        Status::MenungguValidasi => Some(StepKind::Validate),
        Status::MenungguVerifikasi => Some(StepKind::Verify),
        Status::Selesai | Status::Ditolak | Status::Duplikat | Status::Dibatalkan => None,
    }
}

/// The day with which the first step of a report ends that is released at `at`.
pub(crate) fn first_due_day(report: &Report, at: Timestamp, clock: Clock<'_>) -> Date {
    let hours = Allowance::Hours(report.terms.deadlines.coordinate_hours);
    let over = Moments::of(at, hours, report.terms.counts, clock.calendar).over;
    day_closed_by(over, &clock.calendar.zone)
}

/// After a refused TL, the day of the unit's plan holds where it is later.
fn after_refusal(report: &Report, days: u16, now: Timestamp, calendar: &Calendar) -> Allowance {
    let anew = Allowance::Days(days);
    let planned = report.work.plan.map_or(anew, Allowance::Until);
    let end = |allowance| Moments::of(now, allowance, report.terms.counts, calendar).over;
    if end(planned) > end(anew) { planned } else { anew }
}

/// Lets the unit's work end with the day of its plan.
pub(crate) fn plan_step(report: &mut Report, on: Date, now: Timestamp, clock: Clock<'_>) {
    set_step(report, StepKind::Finish, now, Allowance::Until(on), clock);
}

/// Begins the step of a report that was stored before there were steps: its deadline is the due day that it had, so that its urgency does not
/// tell when this was done.
pub(crate) fn take_over_due_day(report: &mut Report, now: Timestamp, clock: Clock<'_>) {
    if let Some(kind) = step_in(report.status) {
        set_step(report, kind, now, Allowance::Until(report.due_on), clock);
    }
}

/// Lets the present step go by the terms of a corrected category, from its start.
pub(crate) fn correct_step(report: &mut Report, clock: Clock<'_>) {
    if let Some(since) = report.step.as_ref().map(|step| step.since) {
        begin_step(report, since, clock);
    }
}

fn set_step(report: &mut Report, kind: StepKind, since: Timestamp, allowance: Allowance, clock: Clock<'_>) {
    let counts = report.terms.counts;
    let (sent, ends, next) = (BTreeSet::new(), since, None);
    report.step =
        report.desk().is_some().then_some(Step { kind, since, allowance, counts, sent, ends, next });
    take_marks(report, Timestamp::MIN, clock);
}

/// Looks at the present step anew, by the calendar as it is known now, and takes what is to be sent of its deadline by `now`, in its order.
pub(crate) fn take_marks(report: &mut Report, now: Timestamp, clock: Clock<'_>) -> Vec<Mark> {
    let (Some(desk), Some(mut step)) = (report.desk(), report.step.take()) else { return Vec::new() };
    let moments = Moments::of(step.since, step.allowance, step.counts, clock.calendar);
    let send_at = |mark: Mark| {
        let moment = match mark {
            Mark::Near => moments.near,
            Mark::Over => moments.over,
            Mark::Escalated => moments.escalated,
        };
        if waits_for_slot(mark, &desk) { clock.slots.at_or_after(report.terms.slots, moment) } else { moment }
    };
    // What comes too late to be of use before the end is left out; not sooner, for a holiday that becomes known meanwhile can put off the end.
    if now >= moments.over {
        step.sent.insert(Mark::Near);
    }
    let mut due = Vec::new();
    step.next = None;
    for mark in Mark::ALL.iter().copied().filter(|mark| !step.sent.contains(mark)) {
        let at = send_at(mark);
        if at <= now {
            due.push(mark);
        } else {
            step.next = Some(step.next.map_or(at, |next: Timestamp| next.min(at)));
        }
    }
    step.sent.extend(&due);
    step.ends = moments.over;
    report.due_on = day_closed_by(moments.over, &clock.calendar.zone);
    report.step = Some(step);
    due
}

/// Whether a mark of a step on this desk is sent at a slot: where it goes to a unit or a verifier, or speaks of a unit's step.
pub(crate) fn waits_for_slot(mark: Mark, desk: &Desk) -> bool {
    match desk {
        Desk::Unit(_) => true,
        Desk::Verifikasi => mark != Mark::Escalated,
        Desk::Tiket | Desk::Validasi => false,
    }
}

/// To whom a mark of the present step is sent.
pub(crate) fn audiences(report: &Report, mark: Mark) -> Vec<Audience> {
    let Some(desk) = report.desk() else { return Vec::new() };
    let above = match &desk {
        Desk::Unit(_) => {
            let parent = report.unit.as_ref().and_then(|unit| unit.path.get(1));
            Audience::Desk(parent.map_or(Desk::Tiket, |parent| Desk::Unit(parent.clone())))
        }
        Desk::Tiket | Desk::Validasi | Desk::Verifikasi => Audience::Administrator,
    };
    let other = Audience::Desk(if mark == Mark::Escalated { Desk::Tiket } else { desk });
    if other == above { vec![above] } else { vec![other, above] }
}
