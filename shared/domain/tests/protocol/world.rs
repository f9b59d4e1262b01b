//! What a run starts from: people, moments, and reports that have come this far by the real functions.

use crate::clock;
use domain::{
    command::{Command, Verdict},
    decide,
    decision::{Decision, Stamp},
    event::Event,
    ids::{EventId, PhotoId, Version},
    new_report::{self, Received},
    note::{Note, NoteAudience},
    officer::{Officer, Role},
    photo::PhotoKind,
    report::Report,
    slots::{Schedule, SlotClass, Slots},
    unit::{Code, Unit},
};
use jiff::{Timestamp, tz::TimeZone};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A moment in the city's zone: a time of the first day, or a day of the month and a time.
pub(crate) fn at(moment: &str) -> Timestamp {
    let (day, time) = moment.split_once(' ').unwrap_or(("10", moment));
    format!("2026-01-{day}T{time}+07").parse().expect("a moment")
}

/// The slots of the contract.
pub(crate) fn slots() -> Slots {
    let read = |text| Schedule::parse(text).expect("a schedule");
    Slots {
        zone: TimeZone::get("Asia/Jakarta").expect("the city's zone"),
        segera: read("every:30"),
        biasa: read("07:00,10:00,13:00,16:00"),
        peka: read("07:00"),
    }
}

/// An id for what is one and the same thing whenever these parts are the same.
pub(crate) fn event_id(parts: impl Hash) -> EventId {
    EventId::from_bytes(&bytes(parts))
}

/// A version that nobody else draws on the same report for the same event.
pub(crate) fn version(parts: impl Hash) -> Version {
    Version::from_bytes(&bytes(parts))
}

/// The id of the one photo that a command declares: made of its event's, as `command` does it.
pub(crate) fn photo_of(event: &EventId, place: usize) -> PhotoId {
    PhotoId::from_bytes(&bytes((event, place)))
}

fn bytes<const N: usize>(parts: impl Hash) -> [u8; N] {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    let digest = hasher.finish().to_be_bytes();
    std::array::from_fn(|n| digest[n % digest.len()])
}

fn code(text: &str) -> Code {
    Code::parse(text).expect("a code")
}

fn unit() -> Unit {
    Unit { code: code("sudin-a"), path: vec![code("sudin-a"), code("dinas-a")] }
}

/// The unit that takes over from the other when that is closed.
pub(crate) fn unit_above() -> Unit {
    Unit { code: code("dinas-a"), path: vec![code("dinas-a")] }
}

/// An officer by name: `ayu` of the ticket desk, `budi` and `citra` of the unit, `gita` and `joko` who validate, `hadi` who
/// verifies.
pub(crate) fn officer(name: &str) -> Officer {
    let (tag, unit) = match name {
        "ayu" => ("admin-tiket", None),
        "budi" | "citra" => ("petugas-opd", Some("sudin-a")),
        "gita" | "joko" => ("petugas-validasi", None),
        _ => ("petugas-verifikasi", None),
    };
    let role = Role::of([tag], unit).expect("a right");
    Officer { id: name.into(), name: name.into(), role }
}

/// What an officer asks for in a run.
pub(crate) fn validate(verdict: Verdict) -> Command {
    Command::Validate { verdict, reason: Some("Belum selesai".into()) }
}

fn assign() -> Command {
    Command::Assign { unit: unit(), summary: Some("Lubang di jalan".into()) }
}

pub(crate) fn plan(day: &str) -> Command {
    Command::Plan { on: format!("2026-01-{day}").parse().expect("a day"), reason: "Menunggu bahan".into() }
}

/// A TL with the photos of [`Life::with_photos`].
pub(crate) fn post_tl() -> Command {
    let photos = [0, 1].map(|place| photo_of(&event_before(PHOTOS_AFTER), place)).into();
    Command::PostTl { narrative: "Sudah ditambal".into(), photos, location: None }
}

/// A note that waits with what its author knows to wait.
pub(crate) fn note(event: &EventId) -> Command {
    let note = Note { text: "Catatan".into(), audience: NoteAudience::All, asks_ticket_desk: false };
    Command::Note { note, shown_version: version((event, "shown")) }
}

/// A question to the ticket desk.
pub(crate) fn ask(event: &EventId) -> Command {
    let text = "Apakah pelapor bisa dihubungi?".into();
    let note = Note { text, audience: NoteAudience::Bureau, asks_ticket_desk: true };
    Command::Note { note, shown_version: version((event, "shown")) }
}

pub(crate) fn give_back() -> Command {
    Command::Return { reason: "Bukan kewenangan kami".into() }
}

/// The submission of the runs' one report.
pub(crate) fn received() -> Received {
    crate::received::received(SlotClass::Biasa, None)
}

/// How many events of [`Life::with_photos`] come before the one that declares them.
const PHOTOS_AFTER: usize = 3;

/// The id of an event before the run that has so many before it.
fn event_before(events: usize) -> EventId {
    event_id(("before", events))
}

/// A report that has come this far before the run, with its history. Everything announced of it has arrived.
#[derive(Clone)]
pub(crate) struct Life {
    pub(crate) report: Report,
    pub(crate) events: Vec<Event>,
    /// When the reporter was told last, and of which event.
    pub(crate) told: Option<(Timestamp, EventId)>,
    slots: Slots,
}

impl Life {
    fn stamp(&self, time: &str) -> Stamp {
        let n = self.events.len();
        Stamp { now: at(time), version: version(n), event: event_before(n), body_digest: None }
    }

    /// Submitted at 06:10. The ticket desk has it; the reporter is told at 07:00.
    pub(crate) fn submitted() -> Self {
        let slots = slots();
        let stamp =
            Stamp { now: at("06:10"), version: version(0), event: event_id("submit"), body_digest: None };
        let Decision { report, event, .. } = new_report::submit(received(), stamp, clock::by(&slots));
        Self { report, events: vec![event], told: None, slots }
    }

    /// Assigned at 06:20 to the unit, which gets it at 07:00.
    pub(crate) fn assigned() -> Self {
        Self::submitted().command("ayu", "06:20", |_| assign())
    }

    /// Assigned a moment before the deadline of the ticket desk ended.
    pub(crate) fn assigned_late() -> Self {
        Self::submitted().release("07:00").command("ayu", "11 06:05", |_| assign())
    }

    /// The unit has it since 07:00.
    pub(crate) fn with_the_unit() -> Self {
        Self::assigned().release("07:00")
    }

    /// A report that was accepted at 07:05.
    pub(crate) fn in_work() -> Self {
        Self::with_the_unit().command("budi", "07:05", |_| Command::Accept).release("10:00")
    }

    /// With the photos of a TL since 10:02.
    pub(crate) fn with_photos() -> Self {
        Self::in_work().command("budi", "10:02", |event| Command::AddPhotos {
            photos: vec![(photo_of(event, 0), PhotoKind::Before), (photo_of(event, 1), PhotoKind::After)],
            never_ready: Vec::new(),
        })
    }

    /// With a TL since 10:05, of which the reporter is told at 13:00.
    pub(crate) fn with_a_tl() -> Self {
        Self::with_photos().command("budi", "10:05", |_| post_tl())
    }

    /// Accepted at 10:10; everybody knows since 13:00.
    pub(crate) fn finished() -> Self {
        Self::with_a_tl().command("gita", "10:10", |_| validate(Verdict::Accept)).release("13:00")
    }

    fn command(mut self, who: &str, time: &str, what: impl FnOnce(&EventId) -> Command) -> Self {
        let stamp = self.stamp(time);
        let command = what(&stamp.event);
        let decision = decide::decide(&self.report, command, &officer(who), stamp, clock::by(&self.slots))
            .expect("a command that is allowed");
        self.report = decision.report;
        self.report.revision += 1;
        self.events.push(decision.event);
        self
    }

    pub(crate) fn release(mut self, time: &str) -> Self {
        let effects = clock::due(&mut self.report, at(time), &self.slots);
        self.report.revision += 1;
        let told = effects.announcements.iter().filter_map(|said| Some((said.released_at?, &said.event_id)));
        self.told = told.map(|(at, event)| (at, event.clone())).next_back().or(self.told);
        self
    }
}
