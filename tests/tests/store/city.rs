//! Reports, officers and decisions, made by the domain as the functions make them.

use crate::clock;
use crate::tables::City;
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{KeySize, PrivateDecryptingKey},
};
use domain::{
    calendar::Counts,
    category::Terms,
    command::Command,
    deadlines::Deadlines,
    decide::decide,
    decision::{Decision, Stamp},
    event::Event,
    ids::{EventId, PhotoId, Version},
    new_report::{self, Digests, Received},
    officer::{Officer, Role},
    photo::{Photo, PhotoKind, PhotoState},
    report::Report,
    reporter_actions::ActionStamp,
    routing::{Route, Routed, TicketDesk},
    slots::{Schedule, SlotClass, Slots},
    submission::{self, Contact, Submission},
    ticket::Ticket,
    unit::{Code, Unit},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};
use store::{
    digest::{self, first},
    reports::{Committed, Earlier, Reports, Submitted},
    vault::{EncryptedIdentity, EncryptionEntropy, Encryptor},
};
use tests::operator::wait;

/// A morning in Jakarta, 08:30.
pub(crate) const MORNING: &str = "2026-11-23T01:30:00Z";

static ENCRYPTOR: LazyLock<Encryptor> = LazyLock::new(|| {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().expect("its public half");
    Encryptor::new("vault-key".into(), public.as_ref()).expect("an encryptor")
});

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

pub(crate) fn code(text: &str) -> Code {
    Code::parse(text).expect("a code")
}

/// A unit with a parent.
pub(crate) fn unit(name: &str) -> Unit {
    Unit { code: code(name), path: vec![code(name), code("dinas-a")] }
}

/// Slots without waiting.
pub(crate) fn at_once() -> Slots {
    let [segera, biasa, peka] = [Schedule::AtOnce, Schedule::AtOnce, Schedule::AtOnce];
    Slots { zone: zone(), segera, biasa, peka }
}

/// What is not for the ticket desk waits until 10:00.
pub(crate) fn at_ten() -> Slots {
    Slots { biasa: Schedule::parse("10:00").expect("a schedule"), ..at_once() }
}

fn zone() -> TimeZone {
    TimeZone::get("Asia/Jakarta").expect("a zone")
}

/// Bytes that nothing else of this run has, spread as an HMAC's are.
pub(crate) fn fresh() -> [u8; 32] {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    digest::raw(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes())
}

pub(crate) fn ticket() -> Ticket {
    Ticket::from_mac(&fresh())
}

pub(crate) fn event_id() -> EventId {
    EventId::from_bytes(&first(&fresh()))
}

pub(crate) fn photo_id() -> PhotoId {
    PhotoId::from_bytes(&first(&fresh()))
}

pub(crate) fn stamp(now: Timestamp) -> Stamp {
    let version = Version::from_bytes(&first(&fresh()));
    Stamp { now, version, event: event_id(), body_digest: None }
}

pub(crate) fn action_stamp(now: Timestamp) -> ActionStamp {
    ActionStamp { stamp: stamp(now), draw: 0 }
}

/// What a channel sends, with so many photos.
pub(crate) fn submission(photos: usize) -> (Submission, Contact) {
    let upload = json!({"content_type": "image/jpeg", "size": 5, "sha256": digest_text()});
    let body = json!({
        "category": "jalan-rusak",
        "description": "Lubang besar di depan pasar.\n\"Jalan é\" \u{10FFFF}",
        "location": {"lat": -6.175_392_4, "lon": 106.0, "accuracy_m": 1e-300, "address": "Jl. Contoh 1"},
        "privacy": "private",
        "reporter": {"phone": "0812-3456-7890"},
        "photos": vec![upload; photos],
    });
    let (submission, contact, _) = submission::parse(&body).expect("a submission");
    (submission, contact)
}

/// A SHA-256 as an upload declares it.
pub(crate) fn digest_text() -> String {
    store::digest::checksum(b"photo")
}

/// A report as it comes in, and its photos' slots.
pub(crate) fn received(photos: usize, unit: Option<Unit>, slots: &Slots) -> (Decision, Vec<Photo>) {
    let decision = new_report::submit(sent(photos, unit), stamp(at(MORNING)), clock::by(slots));
    let photos = (0..photos).map(|_| photo(&decision.report.ticket, PhotoKind::Reporter)).collect();
    (decision, photos)
}

/// A test report as it comes in, and its photo's slot.
pub(crate) fn test_received() -> (Decision, Vec<Photo>) {
    let sent = Received { is_test: true, ..sent(1, None) };
    let decision = new_report::submit(sent, stamp(at(MORNING)), clock::by(&at_once()));
    let test_until = decision.report.submitted.test_until;
    let photo = Photo { test_until, ..photo(&decision.report.ticket, PhotoKind::Reporter) };
    (decision, vec![photo])
}

fn sent(photos: usize, unit: Option<Unit>) -> Received {
    let routed = unit.map(|unit| Routed { unit, rule_area: None, rule_category: None });
    Received {
        submission: submission(photos).0,
        ticket: ticket(),
        channel: code("jaki"),
        terms: Terms {
            group: Some(code("jalan")),
            slots: SlotClass::Biasa,
            deadlines: Deadlines { coordinate_hours: 168, finish_days: 7, validate_days: 2, verify_days: 3 },
            counts: Counts::Calendar,
            keeps: BTreeSet::new(),
        },
        digests: Digests { body: "b".repeat(64), secret: "0".repeat(64) },
        route: Route { area: None, to: routed.ok_or(TicketDesk::NoArea), suggested: None },
        is_test: false,
    }
}

/// A photo that was declared.
pub(crate) fn photo(ticket: &Ticket, kind: PhotoKind) -> Photo {
    Photo {
        photo: photo_id(),
        ticket: ticket.clone(),
        kind,
        state: PhotoState::Pending,
        reason: None,
        damaged: false,
        locked: false,
        sha256: Some(digest_text()),
        at: at(MORNING),
        place: 0,
        url_until: Some(at(MORNING)),
        shown_from: None,
        slots: None,
        digests: Vec::new(),
        unit: None,
        camera: None,
        used_by: None,
        test_until: None,
    }
}

/// An identity encrypted for this ticket; each time another one.
pub(crate) fn encrypted(ticket: &Ticket) -> EncryptedIdentity {
    let entropy = EncryptionEntropy { key: fresh().into(), nonce: first(&fresh()) };
    ENCRYPTOR.encrypt(ticket, &code("jaki"), &submission(0).1, entropy).expect("an identity is encrypted")
}

/// An officer of the bureau with this tag.
pub(crate) fn bureau(tag: &str) -> Officer {
    let role = Role::of([tag], None).expect("a right");
    Officer { id: format!("subject-{tag}"), name: "Budi – Émile".into(), role }
}

/// An officer of this unit.
pub(crate) fn officer(unit: &str) -> Officer {
    let role = Role::of(["petugas-opd"], Some(unit)).expect("a right");
    Officer { id: format!("subject-{unit}"), name: "Siti".into(), role }
}

pub(crate) fn assign(report: &Report, slots: &Slots) -> Decision {
    let command = Command::Assign { unit: unit("sudin-a1"), summary: None };
    decided(report, command, &bureau("admin-tiket"), slots)
}

pub(crate) fn reject(report: &Report, slots: &Slots) -> Decision {
    let command = Command::Reject { reason: "Bukan wewenang kota".into() };
    decided(report, command, &bureau("admin-tiket"), slots)
}

pub(crate) fn decided(report: &Report, command: Command, officer: &Officer, slots: &Slots) -> Decision {
    decide(report, command, officer, stamp(at(MORNING)), clock::by(slots)).expect("a decision")
}

/// An event of 300 KB, and the snapshot with it: four are more than one answer of DynamoDB holds.
pub(crate) fn large_event(report: &Report) -> Decision {
    let mut decision = reject(report, &at_once());
    decision.event.narrative = Some("x".repeat(300_000));
    decision.report = Report { events: decision.report.events, ..report.clone() };
    decision.announcements = Vec::new();
    decision
}

impl City {
    /// A report that has come in, as it is stored.
    pub(crate) fn submitted(&self, unit: Option<Unit>, slots: &Slots) -> Report {
        let (decision, photos) = received(1, unit, slots);
        self.submit(&decision, &photos);
        self.report(&decision.report.ticket)
    }

    pub(crate) fn submit(&self, decision: &Decision, photos: &[Photo]) {
        assert!(matches!(self.try_submit(decision, photos, &[]), Ok(Submitted::Done)));
    }

    pub(crate) fn try_submit(
        &self,
        decision: &Decision,
        photos: &[Photo],
        earlier: &[Earlier],
    ) -> Result<Submitted, store::Failure> {
        let encrypted = encrypted(&decision.report.ticket);
        wait(self.reports().submit(decision, photos, &self.vault_table.name, &encrypted, earlier))
    }

    /// A report that a unit works on, with a photo of each kind, the first before and the second after the work; both pending.
    pub(crate) fn in_work(&self) -> (Report, [Photo; 2]) {
        let report = self.submitted(Some(unit("sudin-a1")), &at_once());
        let report =
            self.commit(&report, &decided(&report, Command::Accept, &officer("sudin-a1"), &at_once()));
        let photos = [PhotoKind::Before, PhotoKind::After].map(|kind| photo(&report.ticket, kind));
        let named = photos.iter().map(|photo| (photo.photo.clone(), photo.kind)).collect();
        let command = Command::AddPhotos { photos: named, never_ready: Vec::new() };
        let decision = decided(&report, command, &officer("sudin-a1"), &at_once());
        assert_eq!(wait(self.reports().commit(&report, &decision, &photos, &[])), Ok(Committed::Done));
        (self.report(&report.ticket), photos)
    }

    /// A TL by an officer of that unit.
    pub(crate) fn tl(report: &Report, photos: &[Photo]) -> Decision {
        let named = photos.iter().map(|photo| photo.photo.clone()).collect();
        let narrative = "Lubang sudah ditambal.".to_owned();
        let command = Command::PostTl { narrative, photos: named, location: None };
        decided(report, command, &officer("sudin-a1"), &at_once())
    }

    /// Stores a decision; the report as it stands then.
    pub(crate) fn commit(&self, report: &Report, decision: &Decision) -> Report {
        assert_eq!(wait(self.reports().commit(report, decision, &[], &[])), Ok(Committed::Done));
        self.report(&report.ticket)
    }

    /// The report as it is stored.
    pub(crate) fn report(&self, ticket: &Ticket) -> Report {
        wait(self.reports().get(ticket)).expect("a report is read").expect("a report")
    }

    pub(crate) fn events(&self, ticket: &Ticket) -> Vec<Event> {
        let mut events = wait(self.reports().events(ticket)).expect("events are read");
        events.sort_by_key(|event| event.number);
        events
    }

    pub(crate) fn photo(&self, photo: &Photo) -> Photo {
        wait(self.reports().photo(&photo.ticket, &photo.photo)).expect("a photo is read").expect("a photo")
    }

    /// Sets photos to ready, as `photo` does.
    pub(crate) fn come(reports: &Reports, photos: &[Photo]) {
        for photo in photos {
            assert!(matches!(wait(reports.photo_is_ready(photo)), Ok(store::reports::Checked::Fits(_))));
        }
    }
}
