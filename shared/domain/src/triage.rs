//! What the ticket desk made of a report: what units read in the place of the reporter's words, and what it can still take back.

use crate::{
    area::AreaCode,
    category::Terms,
    deadlines::Step,
    desk::Desk,
    location::Place,
    officer::Named,
    pending::ReporterAction,
    report::{Due, Report},
    slots::SlotClass,
    status::Status,
    unit::{Code, Unit},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the ticket desk made of a report.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Triage {
    /// What units read in the place of the reporter's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Whether units get nothing that the reporter wrote or sent. It stays so once the report was summarised or its category was `peka`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withholds: bool,
    /// Whether the address is the ticket desk's and not the reporter's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wrote_address: bool,
    /// Which unit the city's rules name since a correction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rerouted: Option<Rerouted>,
    /// The category under which a unit knew the report when it left the unit, where a correction has changed it since: a corrected category may
    /// say whom the report accuses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_as: BTreeMap<Code, Code>,
    /// The desk whose question to the ticket desk waits for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Desk>,
    /// What `recall` would bring back, while nobody has heard of what the ticket desk did last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<Box<BeforeRecall>>,
}

impl Triage {
    /// Whether the ticket desk has made nothing of the report yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where the city's rules would send a corrected report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rerouted {
    /// The unit, where the rules name one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
}

/// The report as it lay at the ticket desk before the act that can be taken back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BeforeRecall {
    /// The number of the act's event.
    pub event: u32,
    /// The unit that had the report last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// How often units had forwarded it.
    pub forwards: u8,
    /// The step that it was in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// The update that waited for its slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Due>,
    /// The release that waited for its slot: of a report that came back from a merge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Due>,
    /// What units read then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Whether units got nothing of the reporter's then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withholds: bool,
}

impl BeforeRecall {
    /// Takes the act back. What the reporter asked for meanwhile goes on, but for a dispute of what has never been.
    pub(crate) fn restore(self, report: &mut Report) {
        let Self { event: _, unit, forwards, step, update, release, summary, withholds } = self;
        report.status = Status::Menunggu;
        report.unit = unit;
        report.leave_root();
        report.work.forwards = forwards;
        report.step = step;
        report.triage.summary = summary;
        report.triage.withholds = withholds;
        report.reporter.update = update.filter(|_| report.is_told_of());
        report.reporter.disputable_until = None;
        report.reporter.pending.retain(|waiting| !matches!(waiting.action, ReporterAction::Dispute { .. }));
        report.visible.release = release;
    }
}

/// Takes back what the ticket desk did last, while nobody has heard of it; returns the number of that act's event.
pub(crate) fn take_back(report: &mut Report) -> Option<u32> {
    let before = report.triage.recall.take()?;
    let event = before.event;
    before.restore(report);
    Some(event)
}

/// How long a claim lasts.
const CLAIMED: SignedDuration = SignedDuration::from_mins(10);

/// An officer of the ticket desk is at work on a report. It hinders nobody's rights.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// The officer.
    pub officer: Named,
    /// Until when.
    pub until: Timestamp,
}

impl Claim {
    /// A claim by `officer` from now on.
    pub(crate) fn new(officer: Named, now: Timestamp) -> Self {
        Self { officer, until: now + CLAIMED }
    }

    /// Whether somebody else than the officer with this id is at work on it now.
    #[must_use]
    pub fn is_of_another(&self, officer: &str, now: Timestamp) -> bool {
        self.until > now && self.officer.id != officer
    }
}

/// A correction with all that it needs from outside.
#[derive(Clone, PartialEq, Debug)]
pub struct Correction {
    /// The category with what the report takes over from it, where it changes.
    pub category: Option<(Code, Terms)>,
    /// The place, where it changes.
    pub place: Option<Place>,
    /// The lowest area of the corrected place.
    pub area: Option<AreaCode>,
    /// The unit that the city's rules name for the corrected report.
    pub suggested_unit: Option<Code>,
    /// Why.
    pub reason: String,
}

/// What a correction changed, as it was before.
#[derive(Clone, PartialEq, Default, Debug, Serialize, Deserialize)]
pub struct BeforeCorrection {
    /// The category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Code>,
    /// The place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
}

impl Report {
    /// Whether units get nothing that the reporter wrote or sent: with a summary, and in `peka` categories.
    #[must_use]
    pub fn withholds(&self) -> bool {
        self.triage.withholds || self.terms.slots == SlotClass::Peka
    }

    /// Whether the ticket desk has to write a summary before a unit gets the report.
    #[must_use]
    pub fn needs_summary(&self) -> bool {
        self.withholds() && self.triage.summary.is_none()
    }

    /// The unit that the city's rules name, by the corrected place and category where there was a correction.
    #[must_use]
    pub fn suggested_unit(&self) -> Option<&Code> {
        match &self.triage.rerouted {
            Some(rerouted) => rerouted.unit.as_ref(),
            None => self.submitted.suggested_unit.as_ref(),
        }
    }

    /// The category under which a unit knew the report when it left the unit.
    #[must_use]
    pub fn category_for_former(&self, unit: &Code) -> &Code {
        self.triage.left_as.get(unit).unwrap_or(&self.category)
    }
}
