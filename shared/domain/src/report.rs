//! A report as it stands: the snapshot.

use crate::{
    act::Act,
    category::Terms,
    desk::Desk,
    ids::{EventId, Version},
    language::Language,
    location::Place,
    pending::{PendingAction, Rating, ReporterAction},
    photo::PhotoKind,
    photos_at_hand::PhotosAtHand,
    privacy::Privacy,
    status::Status,
    ticket::Ticket,
    unit::{Code, Unit},
    urgency::{self, Urgency},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The snapshot of a report: the one item that decides who sees what, and what can be done.
///
/// It knows nothing of who reported. At the top stand what the report is known by and what changes with each command; the index
/// of the desks carries of these what a line of a desk shows, and can carry nothing that stands within a group.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Its public number.
    pub ticket: Ticket,
    /// New at each command, and at each reporter's action that officers learn of, a rating excepted.
    pub version: Version,
    /// How many events it has.
    pub events: u32,
    /// How often it has been written: a write is refused when somebody else's came between. Never shown.
    pub revision: u32,
    /// What it is about.
    pub category: Code,
    /// Where it is.
    pub place: Place,
    /// Whether the reporter's photos stay locked, as far as officers know.
    pub privacy: Privacy,
    /// Where it stands.
    pub status: Status,
    /// The unit that holds it, or held it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The day on which the work is due.
    pub due_on: Date,
    /// The report that it was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<Ticket>,
    /// What came in, and never changes.
    pub submitted: AsSubmitted,
    /// What its category gave it when it came in.
    pub terms: Terms,
    /// What its reporter did and may do.
    pub reporter: ReporterSide,
    /// What units and verifiers did.
    pub work: Work,
    /// What of it can be seen, and when more of it will be.
    pub visible: Visibility,
}

/// A report as it came in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AsSubmitted {
    /// When. Units and verifiers never learn it.
    pub at: Timestamp,
    /// The channel that sent it.
    pub channel: Code,
    /// The language of messages to the reporter.
    pub language: Language,
    /// What the reporter wrote.
    pub description: String,
    /// The status that the channel was told, so that a replay tells the same.
    pub status: Status,
    /// HMAC-SHA-256 of the submission without the reporter under the intake key, lower-case hex: tells a replay from another body.
    pub body_digest: String,
}

/// The reporter's side of a report. Who they are is not known here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReporterSide {
    /// SHA-256 of the reporter's secret, lower-case hex.
    pub secret_digest: String,
    /// How many photos they announced, those of the submission among them.
    #[serde(default)]
    pub photos: u8,
    /// Their actions that officers do not know of yet, in the order in which they were taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<PendingAction>,
    /// A message to them that waits for its slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Due>,
    /// Until when they may dispute the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disputable_until: Option<Timestamp>,
    /// How often they disputed that it is done.
    #[serde(default)]
    pub disputes: u8,
    /// How often they disputed that it was refused.
    #[serde(default)]
    pub disputed_refusals: u8,
    /// What they think of the result; only the administrator sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// They had their identity erased: nobody can be told anything any more.
    #[serde(default)]
    pub erased: bool,
}

/// What units and verifiers did, as far as later commands depend on it.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Work {
    /// How often units passed the report on since the ticket desk assigned it.
    pub forwards: u8,
    /// The subjects of everybody who posted a TL: they judge nothing here, ever.
    #[serde(default)]
    pub tl_authors: BTreeSet<String>,
    /// Photos announced and not yet used up, by those who still hold the report.
    #[serde(default)]
    pub at_hand: PhotosAtHand,
}

/// What of a report can be seen, and from when more of it can.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Visibility {
    /// What units, and verifiers before a release to them, see of the report's state.
    pub shown: Shown,
    /// The desks on which it has been released; for a unit, those above it too.
    #[serde(default)]
    pub reached: BTreeSet<Desk>,
    /// A change that waits for its slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Due>,
    /// No release to a unit or a verifier before this: by then the submission's photos have come, or never will. Coming a slot
    /// after the report, they would tell that it was sent shortly before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photos_from: Option<Timestamp>,
}

/// The last released state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// The status then.
    pub status: Status,
    /// How many events there were then.
    pub events: u32,
    /// The version then: a newer one would tell that something waits.
    pub version: Version,
    /// The unit then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
}

/// Something that is to happen at a moment, because of an event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// The event that it is about.
    pub event: EventId,
    /// What the event was.
    pub act: Act,
}

impl Report {
    /// The desk that it lies on; `None` once closed.
    #[must_use]
    pub fn desk(&self) -> Option<Desk> {
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

    /// The desk on whose list it stands: none while its release waits.
    #[must_use]
    pub fn listed_on(&self) -> Option<Desk> {
        self.desk().filter(|_| self.visible.release.is_none())
    }

    /// How near the due day is; `None` once closed.
    #[must_use]
    pub fn urgency(&self, now: Timestamp, zone: &TimeZone) -> Option<Urgency> {
        self.status.is_open().then(|| urgency::bucket(self.due_on, urgency::day(now, zone)))
    }

    /// The next moment at which something of it is due without anybody acting.
    #[must_use]
    pub fn next_due(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let bucket = self
            .status
            .is_open()
            .then(|| urgency::next_change(self.due_on, urgency::day(now, zone), zone))
            .flatten();
        let waiting = [&self.visible.release, &self.reporter.update].into_iter().flatten().map(|due| due.at);
        waiting.chain(self.reporter.pending.iter().map(|action| action.at)).chain(bucket).min()
    }

    /// A bit that is the report's own for good, that nobody could choose, and that no officer can see: which of two slots.
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

    /// Whether the reporter changed who may see their photos, and officers do not know of it yet.
    #[must_use]
    pub fn privacy_is_changing(&self) -> bool {
        self.reporter
            .pending
            .iter()
            .any(|waiting| matches!(waiting.action, ReporterAction::ChangePrivacy { .. }))
    }

    /// Whether photos of this kind lie behind the lock.
    #[must_use]
    pub fn locks(&self, kind: PhotoKind) -> bool {
        kind == PhotoKind::Reporter && self.requested_privacy() == Privacy::Private
    }
}
