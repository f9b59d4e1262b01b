//! A report as it stands: the snapshot.

use crate::{
    act::Act,
    area::AreaCode,
    category::Terms,
    deadlines::Step,
    desk::Desk,
    followers::LastUpdate,
    ids::{EventId, Version},
    language::Language,
    location::Place,
    officer::Named,
    pending::{PendingAction, Rating, ReporterAction},
    photo::PhotoKind,
    photos_at_hand::PhotosAtHand,
    privacy::Privacy,
    slots::Slots,
    status::Status,
    ticket::Ticket,
    triage::{Claim, Triage},
    unit::{Code, Unit},
    urgency::{self, Urgency},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// The snapshot of a report: the one item that decides who sees what, and what can be done.
///
/// It has nothing of the reporter's identity. The fields at the top identify the report or change with each command; the indexes
/// of the desks carry those that a line of a desk shows, and cannot carry fields within a group.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The report's public number.
    pub ticket: Ticket,
    /// Changes with each command, and with each reporter's action that officers learn of, a rating excepted.
    pub version: Version,
    /// The number of events in the history.
    pub events: u32,
    /// The number of writes: a write is refused when another one came between. Never shown.
    pub revision: u32,
    /// The code of the category.
    pub category: Code,
    /// The position, the address, or both.
    pub place: Place,
    /// The lowest area of the city's map that it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
    /// Whether the reporter's photos stay locked, as far as officers know.
    pub privacy: Privacy,
    /// The present status.
    pub status: Status,
    /// The unit that holds it, or held it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The day with which the deadline of the present step ends; while a release waits, that of the step before.
    pub due_on: Date,
    /// Who accepted it for the unit that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<Named>,
    /// Who of the ticket desk is at work on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// The report that it was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<Ticket>,
    /// What the reporter of the report that it was merged into was told last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<LastUpdate>,
    /// Whether a report was ever merged into this one. Never shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_followed: bool,
    /// The submission, which never changes.
    pub submitted: AsSubmitted,
    /// What the report took over from its category when it was submitted, or when the category was corrected.
    pub terms: Terms,
    /// What the ticket desk made of it.
    #[serde(default, skip_serializing_if = "Triage::is_empty")]
    pub triage: Triage,
    /// What the reporter did and may still do.
    pub reporter: ReporterSide,
    /// What units and verifiers did.
    pub work: Work,
    /// What is visible of the report, and when more will be.
    pub visible: Visibility,
    /// The step that it is in; `None` while a release waits and once closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
}

/// The submission as it was received.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AsSubmitted {
    /// The exact moment. Units and verifiers never learn it.
    pub at: Timestamp,
    /// The code of the channel that sent it.
    pub channel: Code,
    /// The language of messages to the reporter.
    pub language: Language,
    /// The reporter's description, unmasked.
    pub description: String,
    /// The status that the channel was told, so that a replay gets the same answer.
    pub status: Status,
    /// The unit that the city's rules name for the place, where the ticket desk had to decide all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested_unit: Option<Code>,
    /// HMAC-SHA-256 of the submission without the reporter under the intake key, lower-case hex. It tells a replay from another
    /// body under the same key.
    pub body_digest: String,
    /// Only of a test report, whose channel was one for tests when it came: from when it counts as gone. It lies on no desk and exists
    /// for no officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_until: Option<Timestamp>,
}

/// The reporter's side of a report, without their identity.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReporterSide {
    /// SHA-256 of the reporter's secret, lower-case hex.
    pub secret_digest: String,
    /// The number of photos that the reporter declared, those of the submission included.
    #[serde(default)]
    pub photos: u8,
    /// The reporter's pending actions, in the order in which they were requested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<PendingAction>,
    /// The update that waits for its slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Due>,
    /// What the reporter was told last, or would have been told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<LastUpdate>,
    /// Until when the reporter may dispute the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disputable_until: Option<Timestamp>,
    /// How often the reporter disputed that the problem is solved.
    #[serde(default)]
    pub disputes: u8,
    /// How often the reporter disputed the refusal.
    #[serde(default)]
    pub disputed_refusals: u8,
    /// The reporter's rating of the result, which only the administrator sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// Whether the reporter's identity was erased: no update can be sent any more.
    #[serde(default)]
    pub erased: bool,
}

/// What units and verifiers did, as far as later commands depend on it.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Work {
    /// How often units forwarded the report since the ticket desk assigned it.
    pub forwards: u8,
    /// The `sub` claims of everybody who posted a TL: they may never judge one of this report.
    #[serde(default)]
    pub tl_authors: BTreeSet<String>,
    /// The day by which the unit that has it says that its work will be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Date>,
    /// How often units have planned.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub plans: u8,
    /// How many notes officers of each desk have written, and `administrator`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, u8>,
    /// Whether the unit that posted the TL was closed while the bureau had it: where the TL is refused, the unit that took over begins with
    /// `koordinasi`.
    #[serde(default)]
    pub refused_tl_starts_anew: bool,
    /// Photos declared and not yet used up, by those who still hold the report.
    #[serde(default)]
    pub at_hand: PhotosAtHand,
}

/// What is visible of a report, and when more will be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Visibility {
    /// The released state, which units see, and verifiers before a release to them.
    pub shown: Shown,
    /// The desks on which the report has been released. A unit's desk stands here with those of the units above it.
    #[serde(default)]
    pub reached: BTreeSet<Desk>,
    /// A change that waits for its slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Due>,
    /// No release to a unit or a verifier happens before this moment: by then the submission's photos have come, or never will.
    /// Photos that came a slot after the report would tell that it was sent shortly before that slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photos_from: Option<Timestamp>,
}

/// The last released state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// The released status.
    pub status: Status,
    /// The number of events that are released.
    pub events: u32,
    /// The released version: a newer one would tell that a change waits.
    pub version: Version,
    /// The version that units know, where only a note for the bureau has been written since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_version: Option<Version>,
    /// The unit that held the report at the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
}

impl Shown {
    /// Takes up a change that everybody who knows this state may know of at once.
    pub(crate) fn take_up(&mut self, events: u32, version: &Version) {
        self.events = events;
        self.version = version.clone();
        self.unit_version = None;
    }

    /// Takes up a change of which units see nothing.
    pub(crate) fn take_up_for_bureau(&mut self, events: u32, version: &Version) {
        let unit_version = self.unit_version.take().unwrap_or_else(|| self.version.clone());
        self.take_up(events, version);
        self.unit_version = Some(unit_version);
    }
}

/// An event that takes effect at a later moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    /// The moment, usually a slot.
    pub at: Timestamp,
    /// The id of the event.
    pub event: EventId,
    /// The act of the event.
    pub act: Act,
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}

impl Report {
    /// Forgets what belongs to the unit that has it no longer.
    pub(crate) fn leave_unit(&mut self) {
        self.officer = None;
        self.work.plan = None;
    }

    /// Comes to a unit and to those above it, which know it by its present category from now on.
    pub(crate) fn reach(&mut self, path: &[Code]) {
        for unit in path {
            self.visible.reached.insert(Desk::Unit(unit.clone()));
            self.triage.left_as.remove(unit);
        }
    }

    /// The group of categories that it belongs to: a category without one is a group of its own.
    #[must_use]
    pub fn group(&self) -> &Code {
        self.terms.group.as_ref().unwrap_or(&self.category)
    }

    /// Whether it came by a channel for tests.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.submitted.test_until.is_some()
    }

    /// Whether it counts as gone. DynamoDB deletes what is past its moment some days later.
    #[must_use]
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.submitted.test_until.is_some_and(|until| until <= now)
    }

    /// The slots that the report goes by: those of the city. A test report waits for none, because no officer could learn anything
    /// from the moment at which it changes.
    #[must_use]
    pub fn slots<'a>(&self, of_city: &'a Slots) -> Cow<'a, Slots> {
        if self.is_test() { Cow::Owned(Slots::at_once(of_city.zone.clone())) } else { Cow::Borrowed(of_city) }
    }

    /// Whether a unit has or had it.
    pub(crate) fn has_been_with_a_unit(&self) -> bool {
        self.visible.reached.iter().any(|desk| matches!(desk, Desk::Unit(_)))
    }

    /// The desk that the report lies on; `None` once closed, and for a test report.
    #[must_use]
    pub fn desk(&self) -> Option<Desk> {
        if self.is_test() {
            return None;
        }
        match self.status {
            Status::Menunggu => Some(Desk::Tiket),
            Status::Koordinasi | Status::Disposisi | Status::Proses | Status::TlDitolak => {
                self.unit.as_ref().map(|unit| Desk::Unit(unit.code.clone()))
            }
            Status::MenungguValidasi => Some(Desk::Validasi),
            Status::MenungguVerifikasi => Some(Desk::Verifikasi),
            Status::Selesai | Status::Ditolak | Status::Duplikat | Status::Dibatalkan => None,
        }
    }

    /// The desk that lists the report: none while its release waits.
    #[must_use]
    pub fn listed_on(&self) -> Option<Desk> {
        self.desk().filter(|_| self.visible.release.is_none())
    }

    /// How near the due day is; `None` once closed, and for a test report.
    #[must_use]
    pub fn urgency(&self, now: Timestamp, zone: &TimeZone) -> Option<Urgency> {
        self.desk().is_some().then(|| urgency::bucket(self.due_on, urgency::day(now, zone)))
    }

    /// The next moment at which something is due that nobody has to trigger.
    #[must_use]
    pub fn next_due(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let bucket = self
            .desk()
            .is_some()
            .then(|| urgency::next_change(self.due_on, urgency::day(now, zone), zone))
            .flatten();
        let mark = self.step.as_ref().and_then(|step| step.next);
        let waiting = [&self.visible.release, &self.reporter.update].into_iter().flatten().map(|due| due.at);
        let pending = self.reporter.pending.iter().map(|action| action.at);
        waiting.chain(pending).chain(bucket).chain(mark).min()
    }

    /// Whether the report takes the second of two slots: a fixed random bit that nobody could choose and no officer can see.
    ///
    /// Taken from the digest of the secret, an HMAC, and not from the ticket, which everybody knows.
    #[must_use]
    pub fn takes_second_slot(&self) -> bool {
        self.reporter.secret_digest.as_bytes().last().is_some_and(|digit| digit & 1 == 1)
    }

    /// The privacy with pending actions applied; `privacy` is what officers know.
    #[must_use]
    pub fn requested_privacy(&self) -> Privacy {
        let wanted = self.reporter.pending.iter().rev().find_map(|waiting| match waiting.action {
            ReporterAction::ChangePrivacy { privacy } => Some(privacy),
            ReporterAction::Dispute { .. } | ReporterAction::Withdraw | ReporterAction::Rate { .. } => None,
        });
        wanted.unwrap_or(self.privacy)
    }

    /// Whether the reporter changed the privacy, and officers do not know of it yet.
    #[must_use]
    pub fn privacy_is_changing(&self) -> bool {
        self.reporter
            .pending
            .iter()
            .any(|waiting| matches!(waiting.action, ReporterAction::ChangePrivacy { .. }))
    }

    /// Whether photos of this kind belong in the locked part of the bucket.
    #[must_use]
    pub fn locks(&self, kind: PhotoKind) -> bool {
        kind == PhotoKind::Reporter && self.requested_privacy() == Privacy::Private
    }
}
