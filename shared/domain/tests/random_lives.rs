//! Random lives of a report against a small model, with the rules that must hold after each step.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod clock;
mod consequences;
mod received;

use domain::{
    act::Act,
    announcement::{Announcement, Audience},
    category::Terms,
    command::{Command, Verdict},
    command_rules::RULES,
    deadlines::{Deadlines, StepKind},
    decide::{self, decide},
    decision::{Decision, Refusal, Stamp},
    desk::Desk,
    event::Event,
    ids::{EventId, PhotoId, Version},
    language::Language,
    location::{Place, Point},
    new_report::submit,
    note::{Note, NoteAudience},
    officer::{Officer, Role, Tag},
    pending::{Rating, ReporterAction},
    pending_applied::with_pending_applied,
    photo::{Photo, PhotoKind, PhotoState},
    photos_at_hand::{AtHand, Owner},
    privacy::Privacy,
    release::Effects,
    report::Report,
    reporter_actions::{self, ActionStamp},
    slots::{Schedule, SlotClass, Slots},
    status::Status,
    ticket::Ticket,
    triage::Correction,
    unit::{Code, Unit},
    urgency::day,
    view::{
        Beside, DeskItem, Heading, Reader, Viewer, Whole, officer_view, reporter_view, shown_version, viewer,
    },
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use proptest::{prelude::*, strategy::ValueTree};
use received::{merge_into, received};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// How often a result may be disputed.
fn most_disputes(status: Status) -> u32 {
    let most = [(Status::Selesai, 2), (Status::Ditolak, 1)];
    most.iter().find(|(of, _)| *of == status).map_or(0, |(_, most)| *most)
}

/// A root with two children, and another root. The path is the unit's own code, then those above it.
const UNITS: [&[&str]; 4] = [&["dinas-a"], &["sudin-a1", "dinas-a"], &["sudin-a2", "dinas-a"], &["dinas-b"]];

/// Who, with which tags or unit. Some people have changed their post: one subject, two roles.
const OFFICERS: [(&str, &[Tag], Option<&str>); 14] = [
    ("ayu", &[Tag::AdminTiket], None),
    ("budi", &[Tag::PetugasOpd], Some("dinas-a")),
    ("citra", &[Tag::PetugasOpd], Some("sudin-a1")),
    ("dewi", &[Tag::PetugasOpd], Some("sudin-a2")),
    ("eko", &[Tag::PetugasOpd], Some("dinas-b")),
    ("fajar", &[Tag::PetugasOpd], Some("dinas-b")),
    ("gita", &[Tag::PetugasValidasi], None),
    ("hadi", &[Tag::PetugasVerifikasi], None),
    ("indah", &[Tag::PetugasValidasi, Tag::PetugasVerifikasi], None),
    ("joko", &[Tag::AdminTiket, Tag::PetugasValidasi, Tag::PetugasVerifikasi], None),
    ("kartika", &[Tag::Administrator], None),
    ("budi", &[Tag::PetugasValidasi, Tag::PetugasVerifikasi], None),
    ("citra", &[Tag::PetugasVerifikasi], None),
    ("eko", &[Tag::AdminTiket, Tag::PetugasValidasi], None),
];

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn unit(number: usize) -> Unit {
    let path: Vec<Code> = UNITS[number % UNITS.len()].iter().map(|text| code(text)).collect();
    Unit { code: path[0].clone(), path }
}

fn officer(number: usize) -> Officer {
    static ALL: LazyLock<Vec<Officer>> = LazyLock::new(|| {
        let made = OFFICERS.iter().map(|(id, tags, unit)| {
            let role = Role::of(tags.iter().map(|tag| tag.as_str()), *unit).unwrap();
            Officer { id: (*id).into(), name: format!("Officer {id}"), role }
        });
        made.collect()
    });
    ALL[number % OFFICERS.len()].clone()
}

fn slots(at_once: bool) -> Slots {
    let read = |text| Schedule::parse(if at_once { "0" } else { text }).unwrap();
    Slots {
        zone: TimeZone::get("Asia/Jakarta").unwrap(),
        segera: read("every:30"),
        biasa: read("07:00,10:00,13:00,16:00"),
        peka: read("07:00"),
    }
}

/// Words that only the reporter writes, and no pattern masks: in the description, in the address, in the reason of a dispute.
const REPORTERS_WORDS: [&str; 3] = ["Kenanga", "Melati", "Cempaka"];
const DISPUTED: &str = "Masih rusak, kata Cempaka";

/// How many kinds of commands `World::command_of` makes.
const COMMANDS: usize = 18;

/// What happens next. The numbers are read in the light of where the report is then.
#[derive(Clone, Debug)]
struct Step {
    minutes: i64,
    /// Whether the release function runs before the command.
    released: bool,
    /// Whether the command is one that somebody may give now.
    sensible: bool,
    who: usize,
    what: usize,
    extra: usize,
    /// What the reporter does before the command, if anything.
    reporter: Option<usize>,
}

fn step() -> impl Strategy<Value = Step> {
    let minutes = prop_oneof![Just(0_i64), 1..20_i64, 20..400_i64, 1000..4000_i64];
    (
        minutes,
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.8),
        0..OFFICERS.len(),
        0..COMMANDS,
        0..64_usize,
        prop::option::weighted(0.1, 0..21_usize),
    )
        .prop_map(|(minutes, released, sensible, who, what, extra, reporter)| Step {
            minutes,
            released,
            sensible,
            who,
            what,
            extra,
            reporter,
        })
}

/// What the model knows of a change that waits.
#[derive(Clone, Debug)]
struct WaitingRelease {
    at: Timestamp,
    event: EventId,
}

/// The state of a report that has been released.
#[derive(Clone, PartialEq, Debug)]
struct Visible {
    status: Status,
    unit: Option<usize>,
    events: usize,
    version: Version,
}

/// A report as the text of the design has it, kept apart from the code under test.
#[derive(Clone, Debug)]
struct Model {
    status: Status,
    unit: Option<usize>,
    forwards: u32,
    authors: BTreeSet<String>,
    /// What each shows, and the unit or the person that it belongs to.
    at_hand: BTreeMap<PhotoId, (PhotoKind, String)>,
    /// In the order of declaration.
    declared: Vec<PhotoId>,
    waiting: Option<WaitingRelease>,
    visible: Visible,
    /// Desks on which it has been released.
    reached: BTreeSet<String>,
    /// When the next message to the reporter goes out.
    reporter_at: Option<Timestamp>,
    /// What the reporter wants, and from when on officers know.
    pending: Vec<(Timestamp, ReporterAction, EventId)>,
    privacy: Privacy,
    erased: bool,
    /// How often each end has been disputed.
    disputed: BTreeMap<Status, u32>,
    /// Until when the last end may be disputed.
    disputable_until: Option<Timestamp>,
    /// What the administrator sees of the reporter's opinion.
    rating: Option<Rating>,
    /// Whether its category is `peka`, whether it has a summary, and whether units get nothing of the reporter's.
    is_peka: bool,
    has_summary: bool,
    withholds: bool,
    /// What a recall would bring back.
    recall: Option<Recallable>,
    plans: u32,
    /// How many notes each desk has written.
    notes: BTreeMap<String, u32>,
    /// Whether a question waits for the ticket desk.
    asked_by: Option<String>,
    /// The version that units know, where it is not that of `visible`.
    unit_version: Option<Version>,
}

fn is_of_clock(event: &Event) -> bool {
    matches!(event.act, Act::Remind | Act::Escalate)
}

/// The report before an act of the ticket desk that nobody else has heard of.
#[derive(Clone, Debug)]
struct Recallable {
    unit: Option<usize>,
    forwards: u32,
    reporter_at: Option<Timestamp>,
    has_summary: bool,
    withholds: bool,
}

impl Model {
    fn desk(&self) -> Option<String> {
        match self.status {
            Status::Menunggu => Some("tiket".into()),
            Status::MenungguValidasi => Some("validasi".into()),
            Status::MenungguVerifikasi => Some("verifikasi".into()),
            Status::Koordinasi | Status::Disposisi | Status::Proses | Status::TlDitolak => {
                Some(format!("unit:{}", UNITS[self.unit.expect("a unit desk has a unit")][0]))
            }
            Status::Selesai | Status::Ditolak | Status::Duplikat | Status::Dibatalkan => None,
        }
    }

    /// The status that the command leads to, or a word for why it is refused.
    fn expect(&self, officer: &Officer, command: &Command) -> Result<Status, &'static str> {
        use Status as S;
        let has = |wanted: &str| match &officer.role {
            Role::Unit(_) => false,
            Role::Bureau(tags) => tags.iter().any(|tag| tag.as_str() == wanted),
        };
        let of_unit = match &officer.role {
            Role::Unit(code) => self.visible.unit.is_some_and(|unit| UNITS[unit][0] == code.as_str()),
            Role::Bureau(_) => false,
        };
        const OPEN: &[Status] = &[
            S::Menunggu,
            S::Koordinasi,
            S::Disposisi,
            S::Proses,
            S::MenungguValidasi,
            S::MenungguVerifikasi,
            S::TlDitolak,
        ];
        let (theirs, from): (bool, &[Status]) = match command {
            Command::Correct(_) | Command::Assign { .. } | Command::Reject { .. } | Command::Merge { .. } => {
                (has("admin-tiket"), &[S::Menunggu])
            }
            Command::Recall => (has("admin-tiket"), &[S::Koordinasi, S::Ditolak, S::Duplikat]),
            Command::Plan { .. } => (of_unit, &[S::Proses, S::TlDitolak]),
            Command::CouldNotLook { .. } => (has("petugas-verifikasi"), &[S::MenungguVerifikasi]),
            Command::Note { .. } => {
                (self.viewer(officer).is_some_and(|viewer| viewer != Viewer::FormerUnit), OPEN)
            }
            Command::Accept => (of_unit, &[S::Koordinasi, S::Disposisi]),
            Command::Forward { .. } | Command::Delegate { .. } => (of_unit, &[S::Koordinasi]),
            Command::Return { .. } => (of_unit, &[S::Koordinasi, S::Disposisi, S::Proses, S::TlDitolak]),
            Command::AddPhotos { photos, .. } if photos.iter().all(|(_, kind)| *kind == PhotoKind::Field) => {
                (has("petugas-verifikasi"), &[S::MenungguVerifikasi])
            }
            Command::AddPhotos { .. } | Command::PostTl { .. } => (of_unit, &[S::Proses, S::TlDitolak]),
            Command::Validate { .. } => (has("petugas-validasi"), &[S::MenungguValidasi]),
            Command::Verify { .. } => (has("petugas-verifikasi"), &[S::MenungguVerifikasi]),
        };
        if !theirs {
            return Err("not yours");
        }
        let is_judging = |status: &Status| matches!(status, S::MenungguValidasi | S::MenungguVerifikasi);
        let is_note = matches!(command, Command::Note { .. });
        let judges = if is_note { is_judging(&self.status) } else { from.iter().any(is_judging) };
        if judges && self.authors.contains(&officer.id) {
            return Err("own tl");
        }
        let waits_too = of_unit || from == [S::MenungguVerifikasi];
        if !from.contains(&self.status) || (self.waiting.is_some() && waits_too && !is_note) {
            return Err("wrong status");
        }
        if matches!(command, Command::Recall) && self.recall.is_none() {
            return Err("wrong status");
        }
        let written = self.notes.get(&self.desk_of(officer)).copied().unwrap_or_default();
        if (matches!(command, Command::Plan { .. }) && self.plans == 3) || (is_note && written == 30) {
            return Err("too often");
        }
        let mine = owner(officer);
        let used =
            |photo: &PhotoId| self.at_hand.get(photo).filter(|(_, of)| *of == mine).map(|(kind, _)| *kind);
        match command {
            Command::Merge { root } if root.ticket == ticket() => Err("invalid"),
            Command::Merge { root } if !root.status.is_open() => Err("other closed"),
            Command::Forward { unit, .. } if Some(unit.code.as_str()) == self.unit.map(|n| UNITS[n][0]) => {
                Err("invalid")
            }
            Command::Forward { .. } if self.forwards == 2 => Ok(S::Menunggu),
            Command::Delegate { unit: to } => {
                let above = self.unit.map(|n| UNITS[n][0]);
                if to.path.get(1).map(Code::as_str) == above { Ok(S::Disposisi) } else { Err("invalid") }
            }
            Command::AddPhotos { photos, .. } => {
                let kinds: Vec<PhotoKind> = photos.iter().map(|(_, kind)| *kind).collect();
                if kinds.contains(&PhotoKind::Field) && kinds.iter().any(|kind| *kind != PhotoKind::Field) {
                    return Err("not yours");
                }
                let count = |kind: &PhotoKind| kinds.iter().filter(|of| *of == kind).count();
                if kinds.iter().any(|kind| count(kind) > 10) { Err("invalid") } else { Ok(self.status) }
            }
            Command::PostTl { photos, .. } => {
                let kinds: Vec<_> = photos.iter().map(used).collect();
                let fit = kinds.iter().all(|kind| matches!(kind, Some(PhotoKind::Before | PhotoKind::After)));
                let whole =
                    kinds.contains(&Some(PhotoKind::Before)) && kinds.contains(&Some(PhotoKind::After));
                if fit && whole { Ok(S::MenungguValidasi) } else { Err("invalid") }
            }
            Command::Verify { photos, conforms, .. } => {
                let fit = photos.iter().all(|photo| used(photo) == Some(PhotoKind::Field));
                match (fit && !photos.is_empty(), conforms) {
                    (false, _) => Err("invalid"),
                    (true, true) => Ok(S::Selesai),
                    (true, false) => Ok(S::TlDitolak),
                }
            }
            Command::Assign { summary, .. } if self.withholds && !self.has_summary && summary.is_none() => {
                Err("invalid")
            }
            Command::Assign { .. } | Command::Forward { .. } => Ok(S::Koordinasi),
            Command::Recall => Ok(S::Menunggu),
            Command::CouldNotLook { .. } => Ok(S::MenungguValidasi),
            Command::Correct(_) | Command::Plan { .. } | Command::Note { .. } => Ok(self.status),
            Command::Reject { .. } => Ok(S::Ditolak),
            Command::Merge { .. } => Ok(S::Duplikat),
            Command::Accept => Ok(S::Proses),
            Command::Return { .. } => Ok(S::Menunggu),
            Command::Validate { verdict, .. } => Ok(match verdict {
                Verdict::Accept => S::Selesai,
                Verdict::Reject => S::TlDitolak,
                Verdict::FieldCheck => S::MenungguVerifikasi,
            }),
        }
    }

    /// The desk for which an officer writes.
    fn desk_of(&self, officer: &Officer) -> String {
        match &officer.role {
            Role::Unit(code) => format!("unit:{code}"),
            Role::Bureau(_) if self.viewer(officer) == Some(Viewer::Field) => "verifikasi".into(),
            Role::Bureau(tags) if tags.contains(&Tag::AdminTiket) => "tiket".into(),
            Role::Bureau(tags) if tags.contains(&Tag::PetugasValidasi) => "validasi".into(),
            Role::Bureau(_) => "administrator".into(),
        }
    }

    /// Whether the officer knows of what waits.
    fn knows(&self, officer: &Officer) -> bool {
        match self.viewer(officer) {
            Some(Viewer::Bureau | Viewer::Administrator) => true,
            Some(Viewer::Field) => self.waiting.is_none() || self.status != Status::MenungguVerifikasi,
            Some(Viewer::Unit | Viewer::FormerUnit) | None => false,
        }
    }

    /// Takes over what an accepted command does beside the status.
    fn apply(&mut self, officer: &Officer, command: &Command, to: Status) {
        if matches!(command, Command::Assign { .. } | Command::Reject { .. } | Command::Merge { .. }) {
            let Self { unit, forwards, reporter_at, has_summary, withholds, .. } = *self;
            self.recall = Some(Recallable { unit, forwards, reporter_at, has_summary, withholds });
        }
        match command {
            Command::Assign { unit, summary } => {
                self.unit = number(unit);
                self.forwards = 0;
                self.has_summary |= summary.is_some();
                self.withholds |= summary.is_some();
            }
            Command::Correct(correction) => {
                if let Some((_, terms)) = &correction.category {
                    self.is_peka = terms.slots == SlotClass::Peka;
                    self.withholds |= self.is_peka;
                }
            }
            Command::Recall => {
                let before = self.recall.take().expect("something to recall");
                self.unit = before.unit;
                self.forwards = before.forwards;
                self.has_summary = before.has_summary;
                self.withholds = before.withholds;
                self.pending.retain(|(_, action, _)| !matches!(action, ReporterAction::Dispute { .. }));
                self.reporter_at = before.reporter_at.filter(|_| !self.erased);
                self.waiting = None;
                self.disputable_until = None;
            }
            Command::Plan { .. } => self.plans += 1,
            Command::Note { note, .. } => {
                *self.notes.entry(self.desk_of(officer)).or_default() += 1;
                if note.asks_ticket_desk {
                    self.asked_by = Some(self.desk_of(officer));
                    self.reached.insert("tiket".into());
                } else if officer.role.has(Tag::AdminTiket) {
                    // A unit has no answer in what it cannot read.
                    self.asked_by = self
                        .asked_by
                        .take_if(|by| by.starts_with("unit:") && note.audience == NoteAudience::Bureau);
                }
            }
            Command::CouldNotLook { .. } => {}
            Command::Forward { unit, .. } => {
                self.forwards += 1;
                if to == Status::Koordinasi {
                    self.unit = number(unit);
                }
            }
            Command::Delegate { unit } => self.unit = number(unit),
            Command::AddPhotos { photos, .. } => {
                let mine = owner(officer);
                let mut new: Vec<_> = photos.iter().collect();
                new.sort_unstable();
                for (photo, kind) in new {
                    self.at_hand.insert(photo.clone(), (*kind, mine.clone()));
                    self.declared.push(photo.clone());
                }
                // The newest ten of a kind.
                for kind in [PhotoKind::Before, PhotoKind::After, PhotoKind::Field] {
                    let own: Vec<PhotoId> = self
                        .declared
                        .iter()
                        .filter(|photo| self.at_hand.get(*photo) == Some(&(kind, mine.clone())))
                        .cloned()
                        .collect();
                    for photo in own.iter().take(own.len().saturating_sub(10)) {
                        self.at_hand.remove(photo);
                    }
                }
            }
            Command::PostTl { photos, .. } => {
                self.authors.insert(officer.id.clone());
                self.use_up(photos);
            }
            Command::Verify { photos, .. } => self.use_up(photos),
            Command::Reject { .. }
            | Command::Merge { .. }
            | Command::Accept
            | Command::Return { .. }
            | Command::Validate { .. } => {}
        }
        self.status = to;
        // Nothing stays at hand of whoever has the report no longer.
        let unit = self.unit.map(|unit| UNITS[unit][0].to_owned());
        self.at_hand.retain(|_, (kind, of)| match kind {
            PhotoKind::Field => to == Status::MenungguVerifikasi,
            PhotoKind::Reporter | PhotoKind::Before | PhotoKind::After => {
                to != Status::Menunggu && unit.as_ref() == Some(of)
            }
        });
    }

    fn use_up(&mut self, photos: &[PhotoId]) {
        self.at_hand.retain(|photo, (kind, _)| *kind == PhotoKind::Before || !photos.contains(photo));
    }

    fn release(&mut self, now: Timestamp, events: usize, version: &Version) {
        if self.waiting.take_if(|waiting| waiting.at <= now).is_some() {
            self.show(events, version);
        }
    }

    fn show(&mut self, events: usize, version: &Version) {
        self.visible = Visible { status: self.status, unit: self.unit, events, version: version.clone() };
        self.unit_version = None;
        self.recall = None;
        let desk = self.desk();
        if desk.as_ref().is_some_and(|desk| desk.starts_with("unit:")) {
            let above = UNITS[self.unit.expect("a unit desk has a unit")];
            self.reached.extend(above.iter().map(|code| format!("unit:{code}")));
        } else {
            self.reached.extend(desk);
        }
    }

    /// What the officer is to the report.
    fn viewer(&self, officer: &Officer) -> Option<Viewer> {
        match &officer.role {
            Role::Unit(code) => {
                let on_a_units_desk = self.desk().is_some_and(|desk| desk.starts_with("unit:"));
                let theirs = self.unit.is_some_and(|unit| UNITS[unit].contains(&code.as_str()));
                if on_a_units_desk && theirs && self.waiting.is_none() {
                    return Some(Viewer::Unit);
                }
                self.reached.contains(&format!("unit:{code}")).then_some(Viewer::FormerUnit)
            }
            Role::Bureau(tags) => {
                let has = |tag, desk: &str| tags.contains(&tag) && self.reached.contains(desk);
                if tags.contains(&Tag::Administrator) {
                    Some(Viewer::Administrator)
                } else if has(Tag::AdminTiket, "tiket") || has(Tag::PetugasValidasi, "validasi") {
                    Some(Viewer::Bureau)
                } else {
                    has(Tag::PetugasVerifikasi, "verifikasi").then_some(Viewer::Field)
                }
            }
        }
    }
}

/// Whose photos an officer declares: the unit's, or a verifier's own.
fn owner(officer: &Officer) -> String {
    match &officer.role {
        Role::Unit(code) => code.to_string(),
        Role::Bureau(_) => officer.id.clone(),
    }
}

fn number(unit: &Unit) -> Option<usize> {
    UNITS.iter().position(|path| path[0] == unit.code.as_str())
}

fn ticket() -> Ticket {
    Ticket::from_mac(&[5; 32])
}

fn word(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotYours => "not yours",
        Refusal::OwnTl => "own tl",
        Refusal::WrongStatus => "wrong status",
        Refusal::OtherClosed => "other closed",
        Refusal::TooOften => "too often",
        Refusal::Claimed => "claimed",
        Refusal::Invalid(_) => "invalid",
    }
}

/// The real report beside the model, with everything that was ever stored or said.
struct World {
    slots: Slots,
    at_once: bool,
    /// No release before this: an upload of the submission may take a quarter of an hour.
    uploaded: Timestamp,
    now: Timestamp,
    drawn: u64,
    report: Report,
    model: Model,
    events: Vec<Event>,
    versions: BTreeSet<Version>,
    /// The desk that each event's change must be told to, and from when on.
    to_tell: BTreeMap<EventId, (Option<Desk>, Timestamp)>,
    told: Vec<(Timestamp, Announcement)>,
    /// Photos that a TL used as `after`.
    afters: BTreeSet<PhotoId>,
    /// Notes by somebody who did not know of what waited then.
    early: BTreeSet<u32>,
    /// The reporter's one photo.
    photo: Photo,
}

fn version(drawn: u64) -> Version {
    let mut bytes = [0; Version::BYTES];
    bytes[..8].copy_from_slice(&drawn.to_be_bytes());
    Version::from_bytes(&bytes)
}

fn stamp(drawn: u64, now: Timestamp) -> Stamp {
    let mut bytes = [0; 17];
    bytes[..8].copy_from_slice(&drawn.to_be_bytes());
    Stamp { now, version: version(drawn), event: EventId::from_bytes(&bytes), body_digest: None }
}

/// Nothing that the reporter wrote stands in it.
#[track_caller]
fn assert_no_words(shown: &serde_json::Value) {
    let shown = shown.to_string();
    assert!(!REPORTERS_WORDS.iter().any(|word| shown.contains(word)), "{shown}");
}

/// A photo that the reporter sent with the report, and that came at once.
fn photo(report: &Report) -> Photo {
    Photo {
        photo: PhotoId::from_bytes(&[251; 10]),
        ticket: report.ticket.clone(),
        kind: PhotoKind::Reporter,
        state: PhotoState::Ready,
        reason: None,
        damaged: false,
        locked: true,
        sha256: None,
        at: report.submitted.at,
        place: 0,
        url_until: None,
        shown_from: None,
        slots: Some(report.terms.slots),
        digests: Vec::new(),
        unit: None,
        camera: None,
        used_by: None,
        test_until: None,
    }
}

impl World {
    fn new(at_once: bool, class: SlotClass, routed: Option<usize>) -> Self {
        let slots = slots(at_once);
        let now: Timestamp = "2026-01-10T01:23:45Z".parse().unwrap();
        let mut received = received(class, routed.map(unit));
        received.submission.language = Language::En;
        received.submission.description = "Jalan berlubang di depan warung Kenanga".into();
        received.submission.location.address = Some("Jl. Melati 1".into());
        let decision = submit(received, stamp(0, now), clock::by(&slots));
        let status = if routed.is_some() { Status::Koordinasi } else { Status::Menunggu };
        let version = decision.report.version.clone();
        let model = Model {
            status,
            unit: routed,
            forwards: 0,
            authors: BTreeSet::new(),
            at_hand: BTreeMap::new(),
            declared: Vec::new(),
            waiting: None,
            visible: Visible { status, unit: None, events: 0, version: version.clone() },
            reached: BTreeSet::new(),
            reporter_at: None,
            pending: Vec::new(),
            privacy: Privacy::Private,
            erased: false,
            disputed: BTreeMap::new(),
            disputable_until: None,
            rating: None,
            is_peka: class == SlotClass::Peka,
            has_summary: false,
            withholds: class == SlotClass::Peka,
            recall: None,
            plans: 0,
            notes: BTreeMap::new(),
            asked_by: None,
            unit_version: None,
        };
        let mut world = Self {
            slots,
            at_once,
            uploaded: now,
            now,
            drawn: 1,
            report: decision.report.clone(),
            model,
            events: Vec::new(),
            versions: BTreeSet::new(),
            to_tell: BTreeMap::new(),
            told: Vec::new(),
            afters: BTreeSet::new(),
            early: BTreeSet::new(),
            photo: photo(&decision.report),
        };
        let (late, uploaded) = (world.report.takes_second_slot(), now + 15.minutes());
        world.uploaded = if routed.is_some() {
            // It went to a unit by itself: one of two slots, whatever the class.
            let next = |at| world.slots.next(class, false, at);
            if late { next(next(uploaded)) } else { next(uploaded) }
        } else {
            world.slots.next(class, late, uploaded)
        };
        world.took(decision, None);
        world
    }

    /// Stores a decision that changed the status, in the model too.
    fn took(&mut self, decision: Decision, before: Option<String>) {
        let slot = |at| self.slots.next(self.report.terms.slots, self.report.takes_second_slot(), at);
        let slot = if self.at_once { self.now } else { slot(self.now).max(self.uploaded) };
        let Decision { report, event, announcements, .. } = decision;
        assert_eq!((event.number as usize, event.at), (self.events.len() + 1, self.now));
        if event.act != Act::Note {
            assert_eq!((event.status, &event.version), (self.model.status, &report.version));
        }
        assert!(self.versions.insert(report.version.clone()), "a version comes twice");
        self.events.push(event.clone());
        self.report = report;

        if self.took_where_it_stays(&event, &announcements, slot) {
            self.heard(announcements.into_iter().filter(|_| event.act == Act::Plan).collect());
            return;
        }
        let desk = self.model.desk();
        let bureau = matches!(desk.as_deref(), Some("tiket" | "validasi"));
        let stays = desk.is_some() && desk == before;
        let at = if bureau || stays { self.now } else { slot };
        self.model.waiting = Some(WaitingRelease { at, event: event.id.clone() });
        let ended = matches!(self.model.status, Status::Selesai | Status::Ditolak) && !self.model.erased;
        let disputed = self.model.disputed.get(&self.model.status).copied().unwrap_or_default();
        let left = disputed < most_disputes(self.model.status);
        self.model.disputable_until = (ended && left).then_some(slot + (10 * 24).hours());
        if !self.model.erased {
            // What can be recalled the reporter hears with the release, and all else when they would have heard of what came before.
            let told =
                if self.model.recall.is_some() { slot } else { self.model.reporter_at.unwrap_or(slot) };
            self.model.reporter_at = Some(told);
        }
        self.to_tell.insert(event.id, (desk.and_then(|desk| Desk::parse(&desk)), at));
        self.model.release(self.now, self.events.len(), &self.report.version);
        if self.at_once {
            self.model.reporter_at = None;
        } else {
            let to_reporter = announcements.iter().any(|said| said.audience == Audience::Reporter);
            assert!(!to_reporter, "a command rings the reporter's phone");
        }
        self.heard(announcements);
    }

    /// What waits is moved to a slot of the corrected category, and to no earlier one.
    fn wait_anew(&mut self) {
        let (class, late) = (self.report.terms.slots, self.report.takes_second_slot());
        let model = &mut self.model;
        let next = self.slots.next(class, late, self.now);
        model.reporter_at = model.reporter_at.map(|at| at.max(next));
        for (at, ..) in &mut model.pending {
            *at = (*at).max(self.slots.next(class, false, self.now));
        }
    }

    /// Takes over an event after which the report is where it was; returns `false` for others.
    fn took_where_it_stays(&mut self, event: &Event, said: &[Announcement], slot: Timestamp) -> bool {
        let model = &mut self.model;
        match event.act {
            Act::AddWorkPhotos | Act::AddFieldPhotos | Act::Correct | Act::Plan | Act::Recall => {
                model.visible.events = self.events.len();
                model.visible.version = event.version.clone();
                model.unit_version = None;
                assert!(event.act == Act::Plan || said.is_empty());
                if let Some(recalled) = event.recalls {
                    self.to_tell.remove(&self.events[recalled as usize - 1].id);
                }
            }
            Act::Note => {
                for said in said {
                    let Audience::Desk(desk) = &said.audience else { panic!("a reporter hears of a note") };
                    let is_question = event.asks_ticket_desk && *desk == Desk::Tiket;
                    let may_know = is_question || self.report.listed_on().as_ref() == Some(desk);
                    assert!(may_know, "{desk} hears of a note");
                }
            }
            Act::Submit
            | Act::Assign
            | Act::Reject
            | Act::Merge
            | Act::Claim
            | Act::Accept
            | Act::Forward
            | Act::Delegate
            | Act::Return
            | Act::PostTl
            | Act::Validate
            | Act::Verify
            | Act::CouldNotLook
            | Act::CloseUnit
            | Act::Follow
            | Act::Unmerge
            | Act::Remind
            | Act::Escalate
            | Act::Dispute
            | Act::Withdraw
            | Act::ChangePrivacy => return false,
        }
        if event.act == Act::Recall {
            // The slot of what had waited may have passed.
            let next = self.slots.next(self.report.terms.slots, self.report.takes_second_slot(), self.now);
            model.reporter_at = model.reporter_at.map(|at| if at <= self.now { next } else { at });
        }
        if event.before.as_ref().is_some_and(|before| before.category.is_some()) {
            self.wait_anew();
            return true;
        }
        if event.act == Act::Plan {
            self.to_tell.insert(event.id.clone(), (None, self.now));
            if !model.erased && !self.at_once {
                model.reporter_at.get_or_insert(slot);
            }
        }
        true
    }

    fn heard(&mut self, announcements: Vec<Announcement>) {
        for said in announcements {
            assert_no_words(&json!(said));
            let (_, from) = self.to_tell[&said.event_id];
            assert!(self.now >= from || said.audience == Audience::Reporter, "told before its slot");
            assert_eq!((said.status, said.privacy), (self.report.status, self.report.privacy));
            let reporter = said.audience == Audience::Reporter;
            assert_eq!((said.channel.is_some(), said.language.is_some()), (reporter, reporter));
            assert_eq!(said.released_at, reporter.then_some(self.now));
            if reporter {
                let last = self.told.iter().rfind(|(_, said)| said.audience == Audience::Reporter);
                if let Some((then, _)) = last {
                    let next = self.slots.next(self.report.terms.slots, false, *then);
                    assert!(self.now >= next, "two messages to the reporter in one slot");
                }
            }
            self.told.push((self.now, said));
        }
    }

    /// The release function runs.
    fn run_release(&mut self) {
        let before = self.report.clone();
        let effects = clock::due(&mut self.report, self.now, &self.slots);
        if effects.events.is_empty() {
            assert_eq!(self.report.version, before.version, "a release has no version");
            assert_eq!(self.report.status, before.status);
        }
        assert_eq!(self.report.unit, before.unit);
        let announcements = self.effects(effects);
        self.model.release(self.now, self.events.len(), &self.report.version);
        let rings = self.model.reporter_at.take_if(|at| *at <= self.now).is_some();
        if rings {
            self.model.recall = None;
        }
        let rang = announcements.iter().filter(|said| said.audience == Audience::Reporter).count();
        assert_eq!(rang, usize::from(rings));
        self.heard(announcements);
        let once = self.report.clone();
        assert_eq!(clock::due(&mut self.report, self.now, &self.slots), Effects::default());
        assert_eq!(self.report, once, "a release done twice changes nothing");
    }

    /// The reporter's pending actions are applied, in the model too.
    fn effects(&mut self, effects: Effects) -> Vec<Announcement> {
        if !self.model.status.is_open()
            && self.model.recall.is_some()
            && let Some(waiting) = &self.model.waiting
        {
            // It could be open again before its closing is released.
            let withdrawals =
                self.model.pending.iter_mut().filter(|(_, action, _)| *action == ReporterAction::Withdraw);
            withdrawals.for_each(|(at, ..)| *at = (*at).max(waiting.at));
        }
        let due: Vec<_> = self.model.pending.extract_if(.., |(at, ..)| *at <= self.now).collect();
        let mut expected = Vec::new();
        for (at, action, event) in due {
            let model = &mut self.model;
            let to = match (&action, model.status) {
                (ReporterAction::Withdraw, status) if status.is_open() => Status::Dibatalkan,
                (ReporterAction::Dispute { .. }, Status::Selesai) => Status::MenungguVerifikasi,
                (ReporterAction::Dispute { .. }, Status::Ditolak) => Status::Menunggu,
                (ReporterAction::ChangePrivacy { privacy }, status) if *privacy != model.privacy => {
                    model.privacy = *privacy;
                    status
                }
                (ReporterAction::Rate { rating }, _) => {
                    model.rating = Some(rating.clone());
                    continue;
                }
                _ => continue,
            };
            expected.push((event.clone(), at, to));
            let stored = effects.events.iter().find(|stored| stored.id == event).expect("an event");
            self.events.push(stored.clone());
            assert!(self.versions.insert(stored.version.clone()), "a version comes twice");
            if to != model.status {
                *model.disputed.entry(model.status).or_default() += 1;
                model.status = to;
                model.disputable_until = None;
                if let Some(superseded) = model.waiting.take() {
                    // Its desk hears of what came after instead.
                    self.to_tell.entry(superseded.event).and_modify(|(desk, _)| *desk = None);
                }
                model.show(self.events.len(), &stored.version);
                model.reporter_at = (!model.erased).then_some(self.now);
                let desk = model.desk().and_then(|desk| Desk::parse(&desk));
                self.to_tell.insert(event, (desk, self.now));
            } else if model.waiting.is_none() {
                model.visible.events = self.events.len();
                model.visible.version = stored.version.clone();
                model.unit_version = None;
            }
        }
        let (of_clock, events): (Vec<Event>, Vec<Event>) = effects.events.into_iter().partition(is_of_clock);
        let events = events.iter().map(|event| (event.id.clone(), event.at, event.status));
        assert_eq!(events.collect::<Vec<_>>(), expected);
        self.clock_tells(of_clock);
        effects.announcements
    }

    /// A deadline is told of to those who have the report and to those above, and units see nothing of it.
    fn clock_tells(&mut self, of_clock: Vec<Event>) {
        let model = &mut self.model;
        for event in &of_clock {
            assert!(model.waiting.is_none() && event.status == model.status);
            self.events.push(event.clone());
            let of_units = model.unit_version.take().unwrap_or_else(|| model.visible.version.clone());
            model.unit_version = Some(of_units);
            (model.visible.events, model.visible.version) = (self.events.len(), event.version.clone());
            let desk = if event.act == Act::Escalate {
                model.reached.insert("tiket".to_owned());
                Some(Desk::Tiket)
            } else {
                model.desk().and_then(|desk| Desk::parse(&desk))
            };
            self.to_tell.insert(event.id.clone(), (desk, self.now));
        }
        if let Some(event) = of_clock.first() {
            assert!(self.versions.insert(event.version.clone()), "a version comes twice");
        }
    }

    fn reader<'a>(&'a self, officer: &'a Officer) -> Reader<'a> {
        Reader { language: Language::Id, now: self.now, slots: &self.slots, officer }
    }

    /// The view of every officer; `None` where the report does not exist for them.
    fn sights(&self) -> Vec<Option<serde_json::Value>> {
        let whole = Whole { report: &self.report, events: &self.events, photos: &[] };
        (0..OFFICERS.len())
            .map(|who| {
                let officer = officer(who);
                let seen_by = viewer(&self.report, &officer)?;
                Some(serde_json::to_value(officer_view(whole, seen_by, self.reader(&officer))).unwrap())
            })
            .collect()
    }

    /// The reporter does something, and no officer can tell.
    fn by_reporter(&mut self, what: usize) {
        let before = (self.sights(), self.report.listed_on(), self.report.version.clone());
        let stamp = stamp(self.drawn, self.now);
        self.drawn += 1;
        let event = stamp.event.clone();
        let action_stamp = ActionStamp { stamp, draw: what as u8 };
        let model = &mut self.model;
        let (report, effects, action) = match what {
            0 => {
                let (report, effects) =
                    reporter_actions::withdraw(&self.report, action_stamp, clock::by(&self.slots));
                model.erased = true;
                model.reporter_at = None;
                model.disputable_until = None;
                // What hides photos stands until its slot, and nothing is to be opened any more.
                let stands = |action: &ReporterAction| {
                    matches!(action, ReporterAction::ChangePrivacy { .. } | ReporterAction::Rate { .. })
                };
                // Whoever has withdrawn already may say so again.
                model.pending.retain(|(_, action, _)| stands(action));
                for (_, action, _) in &mut model.pending {
                    if let ReporterAction::ChangePrivacy { privacy } = action {
                        *privacy = Privacy::Private;
                    }
                }
                let may_be_open = model.status.is_open() || model.recall.is_some();
                (report, effects, may_be_open.then_some(ReporterAction::Withdraw))
            }
            1..=9 => {
                let done = reporter_actions::dispute(
                    &self.report,
                    DISPUTED.into(),
                    action_stamp,
                    clock::by(&self.slots),
                );
                let waits = model
                    .pending
                    .iter()
                    .any(|(_, action, _)| matches!(action, ReporterAction::Dispute { .. }));
                let in_time = model.disputable_until.is_some_and(|until| self.now <= until);
                let disputed = model.disputed.get(&model.status).copied().unwrap_or_default();
                let left = disputed < most_disputes(model.status) && model.recall.is_none();
                let Ok((report, effects)) = done else {
                    assert!(waits || !in_time || !left, "a dispute is refused");
                    return;
                };
                assert!(!waits && in_time && left, "a dispute is taken");
                (report, effects, Some(ReporterAction::Dispute { reason: DISPUTED.into() }))
            }
            10..=14 => {
                let rating = Rating { stars: what as u8 - 9, comment: None };
                let wanted = with_pending_applied(&self.report).0.status;
                let done = reporter_actions::rate(
                    &self.report,
                    rating.clone(),
                    action_stamp,
                    clock::by(&self.slots),
                );
                assert_eq!(done.is_ok(), wanted == Status::Selesai, "who sees it done may rate it");
                let Ok((report, effects)) = done else { return };
                model.pending.retain(|(_, action, _)| !matches!(action, ReporterAction::Rate { .. }));
                assert_eq!(with_pending_applied(&report).0.reporter.rating, Some(rating.clone()));
                (report, effects, Some(ReporterAction::Rate { rating }))
            }
            _ => {
                let privacy = if what.is_multiple_of(2) { Privacy::Public } else { Privacy::Private };
                if privacy == self.report.requested_privacy() {
                    return;
                }
                let (report, effects) = reporter_actions::change_privacy(
                    &self.report,
                    privacy,
                    action_stamp,
                    clock::by(&self.slots),
                );
                model
                    .pending
                    .retain(|(_, action, _)| !matches!(action, ReporterAction::ChangePrivacy { .. }));
                (report, effects, Some(ReporterAction::ChangePrivacy { privacy }))
            }
        };
        if let Some(action) = action {
            let at = self.slots.one_of_four(report.terms.slots, what as u8, self.now);
            self.model.pending.push((at, action, event));
        }
        self.report = report;
        if self.at_once {
            let announcements = self.effects(effects);
            self.model.reporter_at = None;
            self.heard(announcements);
        } else {
            assert_eq!(effects, Effects::default());
        }
        let (seen, wanted) = with_pending_applied(&self.report);
        assert_eq!(seen.privacy, self.report.requested_privacy());
        assert_eq!(wanted.len() + self.events.len(), seen.events as usize);
        if !self.at_once {
            let after = (self.sights(), self.report.listed_on(), self.report.version.clone());
            assert_eq!(after, before, "an officer can tell that the reporter did something");
        }
    }

    fn step(&mut self, step: &Step) {
        self.now += step.minutes.minutes();
        if step.released {
            self.run_release();
            self.check();
        }
        if let Some(what) = step.reporter {
            self.by_reporter(what);
            self.check();
        }
        let (officer, command) = self.command(step);
        let before = self.report.clone();
        let desk = self.model.desk();
        let expected = self.model.expect(&officer, &command);
        let decided = decide(
            &self.report,
            command.clone(),
            &officer,
            stamp(self.drawn, self.now),
            clock::by(&self.slots),
        );
        self.drawn += 1;
        assert_eq!(self.report, before, "a decision leaves its report alone");
        match (decided, expected) {
            (Ok(decision), Ok(to)) => {
                self.check_photos(&decision, &command);
                let before = self.model.clone();
                self.model.apply(&officer, &command, to);
                self.show_note(&before, &officer, &command, &decision);
                let judged = self.report.status.is_judging() && !officer.role.has(Tag::PetugasOpd);
                assert!(!judged || !self.wrote_a_tl(&officer), "{} judges their own TL", officer.id);
                self.took(decision, desk);
            }
            (Err(refusal), Err(expected)) => assert_eq!(word(&refusal), expected, "{command:?}"),
            (decided, expected) => panic!("{command:?} by {officer:?}: {decided:?}, expected {expected:?}"),
        }
        self.check();
    }

    /// Who sees a note at once, and whose version it changes.
    fn show_note(&mut self, before: &Model, officer: &Officer, command: &Command, decision: &Decision) {
        let Command::Note { note, shown_version } = command else { return };
        let (model, event) = (&mut self.model, &decision.event);
        let is_early = before.waiting.is_some() && !before.knows(officer);
        let of_units = before.unit_version.clone().unwrap_or_else(|| before.visible.version.clone());
        let (status, version) = if is_early {
            (before.visible.status, shown_version)
        } else if officer.role.unit().is_some() && note.audience == NoteAudience::Bureau {
            // Units above and below do not read it, and all of them go by one version.
            (before.status, &of_units)
        } else {
            (before.status, &decision.report.version)
        };
        assert_eq!((event.status, &event.version), (status, version), "what the author is told");
        if is_early {
            model.visible.version = shown_version.clone();
            self.early.insert(event.number);
        } else if before.waiting.is_none() {
            let for_units = note.audience == NoteAudience::All;
            model.unit_version = (!for_units).then_some(of_units);
            model.visible.events = self.events.len() + 1;
            model.visible.version = decision.report.version.clone();
        }
    }

    fn wrote_a_tl(&self, officer: &Officer) -> bool {
        self.events
            .iter()
            .any(|event| event.act == Act::PostTl && event.by.as_ref().is_some_and(|by| by.id == officer.id))
    }

    fn check_photos(&mut self, decision: &Decision, command: &Command) {
        let used: Vec<&PhotoId> = decision.photos.iter().map(|used| &used.photo).collect();
        if let Command::PostTl { photos, .. } = command {
            assert!(used.iter().copied().eq(photos));
            for used in &decision.photos {
                let kind = self.model.at_hand[&used.photo].0;
                assert_eq!((used.kind, used.serves_once()), (kind, kind == PhotoKind::After));
                if kind == PhotoKind::After {
                    assert!(self.afters.insert(used.photo.clone()), "an `after` serves two TLs");
                }
            }
        }
    }

    /// The officer and the command of a step.
    fn command(&self, step: &Step) -> (Officer, Command) {
        if !step.sensible {
            return (officer(step.who), self.command_of(step.what, step.extra));
        }
        let arrives = self.model.waiting.is_some() && self.model.status == Status::MenungguVerifikasi;
        if arrives && self.model.reached.contains("verifikasi") && step.what.is_multiple_of(2) {
            // A verifier who does not know of it yet: too rare to be left to chance.
            return (officer(7), self.command_of(COMMANDS - 1, step.extra));
        }
        let commands: Vec<Command> = (0..COMMANDS).map(|what| self.command_of(what, step.extra)).collect();
        let may: Vec<(usize, &Command)> = (0..OFFICERS.len())
            .flat_map(|who| commands.iter().map(move |command| (who, command)))
            .filter(|(who, command)| self.model.expect(&officer(*who), command).is_ok())
            .collect();
        match may.get((step.who * COMMANDS + step.what) % may.len().max(1)) {
            Some((who, command)) => (officer(*who), (*command).clone()),
            None => (officer(step.who), self.command_of(step.what, step.extra)),
        }
    }

    fn command_of(&self, what: usize, extra: usize) -> Command {
        let reason = || "Alasan".to_owned();
        let summary = || (extra % 4 < 2).then(|| "Ringkasan petugas".to_owned());
        let of_kind = |wanted: PhotoKind, most: usize| {
            self.model
                .at_hand
                .iter()
                .filter(move |(_, (kind, _))| *kind == wanted)
                .map(|(id, _)| id.clone())
                .take(most)
        };
        match what {
            0 => Command::Assign { unit: unit(extra), summary: summary() },
            1 if extra.is_multiple_of(16) => Command::Reject { reason: reason() },
            1 => Command::Assign { unit: unit(extra), summary: summary() },
            2 => {
                let into = if extra.is_multiple_of(3) { ticket() } else { Ticket::from_mac(&[9; 32]) };
                merge_into(into, extra % 16 == 1)
            }
            3 => Command::Accept,
            4 => Command::Forward { unit: unit(extra), reason: reason() },
            5 => Command::Delegate { unit: unit(extra) },
            6 => Command::Return { reason: reason() },
            7 | 8 => {
                let kinds: &[PhotoKind] = match extra % 6 {
                    0 => &[PhotoKind::Before; 10],
                    1 => &[PhotoKind::After],
                    2 => &[PhotoKind::Field, PhotoKind::Before],
                    3 => &[PhotoKind::Field, PhotoKind::Field],
                    _ => &[PhotoKind::Before, PhotoKind::After],
                };
                let photo = |n: usize| {
                    let mut bytes = [0; 10];
                    bytes[..8].copy_from_slice(&self.drawn.to_be_bytes());
                    bytes[8] = n as u8;
                    PhotoId::from_bytes(&bytes)
                };
                let photos = kinds.iter().enumerate().map(|(n, kind)| (photo(n), *kind)).collect();
                Command::AddPhotos { photos, never_ready: Vec::new() }
            }
            9 => {
                let mut photos: Vec<PhotoId> = of_kind(PhotoKind::Before, 1 + extra % 2).collect();
                photos.extend(of_kind(PhotoKind::After, 1 + extra % 3));
                if extra.is_multiple_of(11) {
                    photos.extend(self.afters.iter().next().cloned());
                }
                Command::PostTl { narrative: "Lubang sudah ditambal".into(), photos, location: None }
            }
            10 | 11 => {
                let verdict = match extra % 8 {
                    0 => Verdict::Accept,
                    1..=3 => Verdict::Reject,
                    _ => Verdict::FieldCheck,
                };
                Command::Validate { verdict, reason: Some(reason()) }
            }
            12 => Command::Verify {
                conforms: extra.is_multiple_of(8),
                finding: "Sudah dilihat".into(),
                photos: of_kind(PhotoKind::Field, 1 + extra % 2).collect(),
                location: Point { lat: -6.2, lon: 106.8, accuracy_m: None }.into(),
            },
            13 => {
                let is_peka = extra.is_multiple_of(8);
                let category = if is_peka { "pungli" } else { ["lampu", "taman"][extra % 2] };
                let slots = if is_peka { SlotClass::Peka } else { SlotClass::Segera };
                let terms = Terms {
                    slots,
                    deadlines: Deadlines { finish_days: 2, ..self.report.terms.deadlines },
                    ..self.report.terms.clone()
                };
                let address = Some(format!("Jl. Contoh {}", self.drawn));
                Command::Correct(Correction {
                    category: Some((code(category), terms)),
                    place: Some(Place { point: None, address }),
                    area: None,
                    suggested_unit: Some(code("dinas-b")),
                    reason: reason(),
                })
            }
            14 => Command::Recall,
            15 => {
                let on = day(self.now, &self.slots.zone).saturating_add((extra as i32).days());
                Command::Plan { on, reason: reason() }
            }
            16 => Command::CouldNotLook { reason: reason() },
            _ => {
                let audience = [NoteAudience::All, NoteAudience::Bureau][extra % 2];
                let note = Note { text: "Catatan".into(), audience, asks_ticket_desk: extra % 4 >= 2 };
                Command::Note { note, shown_version: version(self.drawn + (1 << 40)) }
            }
        }
    }

    /// What holds at every moment.
    fn check(&self) {
        let (report, model) = (&self.report, &self.model);
        assert_eq!((report.status, report.events as usize), (model.status, self.events.len()));
        assert_eq!(report.unit, model.unit.map(unit));
        let named = |at_hand: &AtHand| match &at_hand.owner {
            Owner::Unit(code) => (at_hand.kind, code.to_string()),
            Owner::Verifier(id) => (at_hand.kind, id.clone()),
        };
        let at_hand = report.work.at_hand.all().map(|(photo, at_hand)| (photo.clone(), named(at_hand)));
        assert_eq!(at_hand.collect::<BTreeMap<_, _>>(), model.at_hand);
        assert_eq!(report.work.tl_authors, model.authors);
        let asked_by = report.triage.asked_by.as_ref().map(ToString::to_string);
        // An administrator has no desk, and asks for the ticket desk's own.
        let modelled =
            model.asked_by.clone().map(|by| if by == "administrator" { "tiket".into() } else { by });
        assert_eq!(asked_by, modelled);
        assert_eq!(report.triage.recall.is_some(), model.recall.is_some());
        assert_eq!(report.triage.summary.is_some(), model.has_summary);
        assert_eq!(report.visible.shown.unit_version, model.unit_version);

        // Exactly one desk while open, none when closed.
        assert_eq!(report.desk().map(|desk| desk.to_string()), model.desk());
        assert_eq!(report.desk().is_some(), report.status.is_open());
        let listed = report.listed_on().map(|desk| desk.to_string());
        assert_eq!(listed, model.desk().filter(|_| model.waiting.is_none()));

        // Numbers have no gaps.
        assert!(self.events.iter().map(|event| event.number).eq(1..=report.events));

        // What waits, and what is seen until then.
        let waits = report.visible.release.as_ref().map(|due| (due.at, due.event.clone()));
        assert_eq!(waits, model.waiting.as_ref().map(|waiting| (waiting.at, waiting.event.clone())));
        let reporter_at = report.reporter.update.as_ref().map(|due| due.at);
        assert_eq!(reporter_at, model.reporter_at);
        assert!(reporter_at.is_none() || !model.erased, "an erased reporter is to be told something");
        let seen = with_pending_applied(report).0.status;
        assert!(!model.erased || !seen.is_open(), "a report is open that its reporter has withdrawn");
        let pending = report.reporter.pending.iter().map(|waiting| (waiting.at, &waiting.action));
        assert!(pending.eq(model.pending.iter().map(|(at, action, _)| (*at, action))));
        assert_eq!(
            (report.privacy, report.reporter.disputable_until),
            (model.privacy, model.disputable_until)
        );
        assert_eq!(report.reporter.rating, model.rating);
        let shown_unit = model.visible.unit.map(|number| unit(number).code);
        assert_eq!(
            (report.visible.shown.status, &report.visible.shown.unit),
            (model.visible.status, &shown_unit)
        );
        assert_eq!(
            (report.visible.shown.events as usize, &report.visible.shown.version),
            (model.visible.events, &model.visible.version)
        );
        if model.waiting.is_none() {
            assert_eq!(
                (report.visible.shown.status, report.visible.shown.events),
                (report.status, report.events)
            );
            assert_eq!(report.visible.shown.version, report.version);
            assert_eq!(report.visible.shown.unit, report.unit.as_ref().map(|unit| unit.code.clone()));
        }
        assert_eq!(
            report.visible.reached.iter().map(ToString::to_string).collect::<BTreeSet<_>>(),
            model.reached
        );

        // What waits is found by the release function when it is due.
        let next = report.next_due(self.now, &self.slots.zone);
        for due in [&report.visible.release, &report.reporter.update].into_iter().flatten() {
            assert!(next.is_some_and(|next| next <= due.at));
        }
        assert!(report.reporter.pending.iter().all(|action| next.is_some_and(|next| next <= action.at)));
        if self.at_once {
            assert!(report.visible.release.is_none() && report.reporter.update.is_none());
        }
        self.check_end();
        self.check_line();
        for who in 0..OFFICERS.len() {
            let officer = officer(who);
            let seen_by = viewer(report, &officer);
            assert_eq!(seen_by, model.viewer(&officer), "{officer:?}");
            // To make every view and to try every act is slow, so at each moment it is others' turn.
            let turn = (self.drawn as usize + self.events.len() + who) % OFFICERS.len();
            if let Some(seen_by) = seen_by.filter(|_| turn < 5) {
                self.check_sight(&officer, seen_by, turn == 0);
            }
        }
        if self.drawn.is_multiple_of(3) {
            self.check_reporter();
        }
        let stored: Report = serde_json::from_str(&serde_json::to_string(report).unwrap()).unwrap();
        assert_eq!(stored, *report);
    }

    /// Nothing but an acceptance that follows the last TL, or the last dispute, ends in `selesai`.
    fn check_end(&self) {
        if self.report.status != Status::Selesai {
            return;
        }
        let last_tl = self.events.iter().rposition(|event| event.act == Act::PostTl).expect("a TL");
        let decides =
            |event: &&Event| !is_of_clock(event) && !matches!(event.act, Act::ChangePrivacy | Act::Note);
        let judged = self.events[last_tl + 1..].iter().filter(decides);
        let mut after: Vec<(Act, Status)> = judged.map(|event| (event.act, event.status)).collect();
        if let Some(disputed) = after.iter().rposition(|(act, _)| *act == Act::Dispute) {
            // A dispute has the effect of a call for a field check.
            after.drain(..disputed);
            after[0].0 = Act::Validate;
        }
        if let Some(gave_up) = after.iter().rposition(|(act, _)| *act == Act::CouldNotLook) {
            // It came back to the validators, who judge anew.
            after.drain(..=gave_up);
        }
        let (end, between) = after.split_last().expect("a verdict");
        let ways: &[(Act, Status)] = match between.split_first() {
            None => &[(Act::Validate, Status::Selesai)],
            Some((first, rest)) => {
                assert_eq!(*first, (Act::Validate, Status::MenungguVerifikasi));
                assert!(rest.iter().all(|step| *step == (Act::AddFieldPhotos, Status::MenungguVerifikasi)));
                &[(Act::Verify, Status::Selesai)]
            }
        };
        assert!(ways.contains(end), "{after:?}");
    }

    /// Nobody on a desk with slots sees what has not been released to that desk.
    fn check_sight(&self, officer: &Officer, seen_by: Viewer, tries_all: bool) {
        let photos = std::slice::from_ref(&self.photo);
        let whole = Whole { report: &self.report, events: &self.events, photos };
        let json = serde_json::to_value(officer_view(whole, seen_by, self.reader(officer))).unwrap();
        if officer.role.unit().is_some() {
            self.check_words(seen_by, &json.to_string());
        }
        let arrives = self.model.waiting.is_some() && self.model.status == Status::MenungguVerifikasi;
        let released_only = match seen_by {
            Viewer::Unit | Viewer::FormerUnit => true,
            Viewer::Field => arrives,
            Viewer::Bureau | Viewer::Administrator => false,
        };
        let (status, events, version) = if released_only {
            let visible = &self.model.visible;
            let of_units = self.model.unit_version.as_ref().filter(|_| seen_by == Viewer::Unit);
            (visible.status, visible.events, of_units.unwrap_or(&visible.version))
        } else {
            (self.report.status, self.events.len(), &self.report.version)
        };
        let is_unit = officer.role.unit().is_some();
        let is_seen = |event: &&Event| {
            let in_time = event.number as usize <= events || self.early.contains(&event.number);
            let is_read = event.act != Act::Note
                || !is_unit
                || event.audience == Some(NoteAudience::All)
                || event.desk.clone().map(String::from) == Some(self.model.desk_of(officer));
            let is_known = !is_of_clock(event)
                || (!is_unit && (seen_by != Viewer::Field || event.step == Some(StepKind::Verify)));
            in_time && is_read && is_known && !(is_unit && self.is_recalled(event))
        };
        let seen = self.events.iter().filter(is_seen).count();
        assert_eq!(json["status"], status.as_str());
        assert_eq!(shown_version(&self.report, seen_by), version);
        if seen_by == Viewer::FormerUnit {
            let fields: Vec<&String> = json.as_object().unwrap().keys().collect();
            let all = ["category", "history", "label", "photos", "status", "status_text", "ticket"];
            assert_eq!(fields, all);
        } else {
            assert_eq!(json["history"].as_array().unwrap().len(), seen);
            assert_eq!(json["version"], version.as_str());
            if tries_all {
                let known = if released_only { self.as_shown() } else { self.report.clone() };
                let possible = RULES.iter().map(|rule| rule.act);
                let possible = possible.filter(|act| self.is_possible(&known, *act, officer));
                assert_eq!(json["actions"], json!(possible.collect::<Vec<_>>()), "{officer:?}");
            }
        }
        if matches!(seen_by, Viewer::Unit | Viewer::Field) {
            assert!(!json.to_string().contains("\"at\":"), "{json}");
        }
    }

    /// A unit reads the reporter's words and sees their photos while it has the report, unless these are withheld for good.
    fn check_words(&self, seen_by: Viewer, shown: &str) {
        let is_whole = seen_by == Viewer::Unit && !self.model.withholds;
        let is_first_place = !self.events.iter().any(|event| event.act == Act::Correct);
        let is_disputed = self.events.iter().any(|event| event.act == Act::Dispute);
        let words = [is_whole, is_whole && is_first_place, is_whole && is_disputed];
        assert_eq!(REPORTERS_WORDS.map(|word| shown.contains(word)), words, "{seen_by:?}: {shown}");
        let is_open = self.report.privacy == Privacy::Public && !self.report.privacy_is_changing();
        assert_eq!(shown.contains(self.photo.photo.as_str()), is_whole && is_open, "{seen_by:?}: {shown}");
    }

    /// What the line of any desk shows has nothing that the reporter wrote.
    fn check_line(&self) {
        let report = &self.report;
        let Report { ticket, category, status, privacy, .. } = report;
        let heading = Heading::new(ticket, category, *status, *privacy, Language::Id);
        assert_no_words(&json!(DeskItem::new(heading, report.into(), false, self.reader(&officer(0)))));
    }

    /// The report as those know it who do not know of what waits.
    fn as_shown(&self) -> Report {
        let mut known = self.report.clone();
        known.status = known.visible.shown.status;
        known.visible.release = None;
        known
    }

    /// Whether `decide` would not refuse the act with some body.
    fn is_possible(&self, report: &Report, act: Act, officer: &Officer) -> bool {
        let reason = || "Alasan".to_owned();
        let (stamp, slots) = (stamp(u64::MAX, self.now), &self.slots);
        let photos = |kinds: &[PhotoKind]| -> Vec<PhotoId> {
            let owner = Owner::of(officer);
            let own = report.work.at_hand.of(&owner).filter(|(_, kind)| kinds.contains(kind));
            own.map(|(photo, _)| photo.clone()).collect()
        };
        let other = Unit { code: code("lain"), path: vec![code("lain")] };
        let declare = |kind| Command::AddPhotos {
            photos: vec![(PhotoId::from_bytes(&[250; 10]), kind)],
            never_ready: Vec::new(),
        };
        let command = match act {
            Act::Claim => return decide::claim(report, officer, self.now).is_ok(),
            Act::Correct => Command::Correct(Correction {
                category: Some((code("lain"), report.terms.clone())),
                place: None,
                area: report.area.clone(),
                suggested_unit: None,
                reason: reason(),
            }),
            Act::Assign => Command::Assign { unit: other, summary: Some("Ringkasan petugas".into()) },
            Act::Reject => Command::Reject { reason: reason() },
            Act::Merge => merge_into(Ticket::from_mac(&[9; 32]), true),
            Act::Recall => Command::Recall,
            Act::Accept => Command::Accept,
            Act::Forward => Command::Forward { unit: other, reason: reason() },
            Act::Delegate => {
                let holder = report.unit.as_ref().map(|unit| unit.code.clone());
                let path = [Some(code("anak")), holder].into_iter().flatten().collect();
                Command::Delegate { unit: Unit { code: code("anak"), path } }
            }
            Act::Return => Command::Return { reason: reason() },
            Act::AddWorkPhotos => declare(PhotoKind::After),
            Act::AddFieldPhotos => declare(PhotoKind::Field),
            Act::Plan => Command::Plan { on: day(self.now, &slots.zone), reason: reason() },
            Act::PostTl => {
                let photos = photos(&[PhotoKind::Before, PhotoKind::After]);
                Command::PostTl { narrative: "Sudah ditambal".into(), photos, location: None }
            }
            Act::Validate => Command::Validate { verdict: Verdict::Accept, reason: None },
            Act::Verify => Command::Verify {
                conforms: true,
                finding: "Sesuai".into(),
                photos: photos(&[PhotoKind::Field]),
                location: Point { lat: -6.2, lon: 106.8, accuracy_m: None }.into(),
            },
            Act::CouldNotLook => Command::CouldNotLook { reason: reason() },
            Act::Note => {
                let note =
                    Note { text: "Catatan".into(), audience: NoteAudience::All, asks_ticket_desk: false };
                Command::Note { note, shown_version: version(u64::MAX) }
            }
            Act::Submit
            | Act::CloseUnit
            | Act::Follow
            | Act::Unmerge
            | Act::Remind
            | Act::Escalate
            | Act::Dispute
            | Act::Withdraw
            | Act::ChangePrivacy => return false,
        };
        decide(report, command, officer, stamp, clock::by(slots)).is_ok()
    }

    /// The reporter is shown what they may do, and nothing else.
    fn check_reporter(&self) {
        let whole = Whole { report: &self.report, events: &self.events, photos: &[] };
        let view = json!(reporter_view(whole, Beside::default(), self.now, Language::Id));
        let action_stamp = || ActionStamp { stamp: stamp(u64::MAX, self.now), draw: 0 };
        let (report, slots) = (&self.report, &self.slots);
        let rating = Rating { stars: 5, comment: None };
        let possible = [
            ("add_photos", reporter_actions::add_photos(report, 1).is_ok()),
            (
                "dispute",
                reporter_actions::dispute(report, "Masih".into(), action_stamp(), clock::by(slots)).is_ok(),
            ),
            ("rate", reporter_actions::rate(report, rating, action_stamp(), clock::by(slots)).is_ok()),
            ("change_privacy", true),
            ("withdraw", !report.reporter.erased),
        ];
        let possible = possible.into_iter().filter_map(|(act, is_possible)| is_possible.then_some(act));
        assert_eq!(view["actions"], json!(possible.collect::<Vec<_>>()));
        assert!(!view.to_string().contains("Catatan"), "a reporter reads a note: {view}");
    }

    /// Whether the event was taken back, or takes one back.
    fn is_recalled(&self, event: &Event) -> bool {
        let takes_back =
            |by: &Event| by.recalls.is_some_and(|first| (first..=by.number).contains(&event.number));
        !matches!(event.act, Act::Note | Act::ChangePrivacy) && self.events.iter().any(takes_back)
    }

    /// Lets all slots pass: then everybody concerned has been told of everything.
    fn rest(&mut self) {
        self.now += (5 * 24).hours();
        self.run_release();
        self.check();
        assert!(self.report.visible.release.is_none() && self.report.reporter.update.is_none());
        for (event, (desk, _)) in &self.to_tell {
            let told = |audience: &Audience| {
                self.told.iter().any(|(_, said)| said.event_id == *event && said.audience == *audience)
            };
            if let Some(desk) = desk {
                assert!(told(&Audience::Desk(desk.clone())), "{desk} was not told");
            }
        }
        // Of a deadline the reporter is sent nothing.
        let is_told = |event: &&Event| !is_of_clock(event) && self.to_tell.contains_key(&event.id);
        let last = self.events.iter().rfind(is_told).unwrap();
        if self.model.erased {
            return;
        }
        let to_reporter = self.told.iter().rfind(|(_, said)| said.audience == Audience::Reporter).unwrap();
        assert_eq!((&to_reporter.1.event_id, to_reporter.1.status), (&last.id, self.report.status));
    }
}

fn class() -> impl Strategy<Value = SlotClass> {
    prop::sample::select(SlotClass::ALL)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_random_life_follows_the_design(
        at_once: bool,
        class in class(),
        routed in prop::option::weighted(0.3, 0..UNITS.len()),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = World::new(at_once, class, routed);
        world.check();
        for step in &steps {
            world.step(step);
        }
        world.rest();
    }
}

/// What the walks never meet the property does not hold for.
#[test]
fn the_walks_reach_every_status_and_act_and_come_back_to_the_verifier() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut statuses, mut acts, mut rounds, mut arrivals, mut withheld, mut early) =
        (BTreeSet::new(), BTreeSet::new(), 0, 0, 0, 0);
    for round in 0..100 {
        let steps = prop::collection::vec(step(), 90).new_tree(&mut runner).unwrap().current();
        let mut world = World::new(false, SlotClass::Segera, None);
        for step in &steps {
            // A withdrawal ends a walk too early to show the rest.
            let step =
                Step { reporter: step.reporter.filter(|what| *what > 0 || round % 8 == 0), ..step.clone() };
            world.step(&step);
            statuses.insert(world.report.status);
            let known = world.report.visible.reached.contains(&Desk::Verifikasi);
            let arrives = world.report.visible.release.as_ref().is_some_and(|due| due.act == Act::Validate);
            arrivals += usize::from(known && arrives && world.report.status == Status::MenungguVerifikasi);
            let disputed = world.events.iter().any(|event| event.act == Act::Dispute);
            let with_unit = matches!(world.report.listed_on(), Some(Desk::Unit(_)));
            withheld += usize::from(disputed && with_unit && world.model.withholds);
        }
        early += world.early.len();
        acts.extend(world.events.iter().map(|event| event.act.as_str()));
        rounds = rounds.max(world.events.iter().filter(|event| event.act == Act::PostTl).count());
    }
    assert_eq!(statuses, Status::ALL.iter().copied().collect());
    assert!(rounds >= 3 && arrivals >= 3, "{rounds} TLs, {arrivals} arrivals");
    assert!(early >= 3, "verifiers write while an arrival on their desk waits: {early}");
    assert!(withheld >= 3, "a unit has a disputed report of which it gets no words: {withheld}");
    // Units are closed elsewhere, and so are reports passed on to which others follow; a claim leaves no event.
    let elsewhere = |act: &&Act| matches!(act, Act::CloseUnit | Act::Follow | Act::Unmerge | Act::Claim);
    let all = Act::ALL.iter().filter(|act| !elsewhere(act));
    assert_eq!(acts, all.map(|act| act.as_str()).collect());
}

#[test]
fn the_third_forward_goes_to_the_ticket_desk() {
    let mut world = World::new(true, SlotClass::Biasa, Some(3));
    let mut forwarded = Vec::new();
    for to in [1, 3, 1] {
        let from = OFFICERS
            .iter()
            .position(|(_, _, unit)| *unit == world.report.visible.shown.unit.as_ref().map(Code::as_str));
        let command = Command::Forward { unit: unit(to), reason: "Bukan kami".into() };
        let stamp = stamp(world.drawn, world.now);
        let decision =
            decide(&world.report, command, &officer(from.unwrap()), stamp, clock::by(&world.slots)).unwrap();
        world.drawn += 1;
        world.report = decision.report;
        forwarded.push((world.report.status, world.report.desk().unwrap().to_string()));
    }
    assert_eq!(
        forwarded,
        [
            (Status::Koordinasi, "unit:sudin-a1".to_owned()),
            (Status::Koordinasi, "unit:dinas-b".to_owned()),
            (Status::Menunggu, "tiket".to_owned()),
        ]
    );
}

/// What the tests of authorization expect is computed from the table, so the table itself is held to the design, section 2.
#[test]
fn the_command_table_is_that_of_the_design() {
    let rows = RULES.iter().map(|rule| {
        let from: Vec<&str> = rule.from.iter().map(|status| status.as_str()).collect();
        format!("{} | {} | {}\n", rule.act.as_str(), from.join(", "), rule.by.as_str())
    });
    insta::assert_snapshot!(rows.collect::<String>(), @r"
    correct | menunggu | admin-tiket
    assign | menunggu | admin-tiket
    reject | menunggu | admin-tiket
    merge | menunggu | admin-tiket
    recall | koordinasi, ditolak, duplikat | admin-tiket
    claim | menunggu | admin-tiket
    accept | koordinasi, disposisi | petugas-opd
    forward | koordinasi | petugas-opd
    delegate | koordinasi | petugas-opd
    return | koordinasi, disposisi, proses, tl_ditolak | petugas-opd
    add_work_photos | proses, tl_ditolak | petugas-opd
    add_field_photos | menunggu_verifikasi | petugas-verifikasi
    plan | proses, tl_ditolak | petugas-opd
    post_tl | proses, tl_ditolak | petugas-opd
    validate | menunggu_validasi | petugas-validasi
    verify | menunggu_verifikasi | petugas-verifikasi
    could_not_look | menunggu_verifikasi | petugas-verifikasi
    note | menunggu, koordinasi, disposisi, proses, menunggu_validasi, menunggu_verifikasi, tl_ditolak | readers
    ");
}
