//! A report with all that was stored and said of it, and the people who meet it.

use crate::{
    clock, jakarta,
    received::{merge_into, received},
};
use domain::{
    announcement::Announcement,
    area::AreaCode,
    calendar::Counts,
    category::Terms,
    command::{Command, Verdict},
    deadlines::Deadlines,
    decide::decide,
    decision::{Decision, Refusal, Stamp},
    event::Event,
    ids::{EventId, PhotoId, Version},
    language::Language,
    location::{Place, Point},
    new_report::submit,
    note::{Note, NoteAudience},
    officer::{Officer, Role, Tag},
    pending::ReporterAction,
    personal_data::PersonalData,
    photo::{Photo, PhotoKind, PhotoState},
    privacy::Privacy,
    release::Effects,
    report::Report,
    reporter_actions::{self, ActionStamp},
    slots::{SlotClass, Slots},
    ticket::Ticket,
    triage::Correction,
    unit::{Code, Unit},
    unit_change::UnitChange,
    urgency::day,
    view::{Beside, Reader, Whole, officer_view, reporter_view, viewer},
};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

/// Stands in every text that somebody wrote, and is masked.
pub(crate) const PHONE: &str = "0812-3456-7890";
/// Where the reporter says that it is, and where the ticket desk says so.
pub(crate) const PLACES: [Point; 2] = [
    Point { lat: -6.175_392_4, lon: 106.827_153_6, accuracy_m: Some(12.5) },
    Point { lat: -6.181_466_6, lon: 106.831_199_9, accuracy_m: None },
];

pub(crate) fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

/// The first is the unit, the others those above it.
fn unit(path: &[&str]) -> Unit {
    Unit { code: code(path[0]), path: path.iter().map(|text| code(text)).collect() }
}

pub(crate) fn dinas() -> Unit {
    unit(&["dinas-a"])
}

pub(crate) fn sudin() -> Unit {
    unit(&["sudin-a1", "dinas-a"])
}

pub(crate) fn other_dinas() -> Unit {
    unit(&["dinas-b"])
}

fn officer(name: &str, tags: &[Tag], unit: Option<&str>) -> Officer {
    let role = Role::of(tags.iter().map(|tag| tag.as_str()), unit).unwrap();
    Officer { id: format!("subject-of-{name}"), name: name.into(), role }
}

pub(crate) fn ayu() -> Officer {
    officer("ayu", &[Tag::AdminTiket], None)
}
pub(crate) fn budi() -> Officer {
    officer("budi", &[Tag::PetugasOpd], Some("dinas-a"))
}
pub(crate) fn citra() -> Officer {
    officer("citra", &[Tag::PetugasOpd], Some("sudin-a1"))
}
pub(crate) fn eko() -> Officer {
    officer("eko", &[Tag::PetugasOpd], Some("dinas-b"))
}
pub(crate) fn gita() -> Officer {
    officer("gita", &[Tag::PetugasValidasi], None)
}
pub(crate) fn hadi() -> Officer {
    officer("hadi", &[Tag::PetugasVerifikasi], None)
}
pub(crate) fn kartika() -> Officer {
    officer("kartika", &[Tag::Administrator], None)
}

/// Of each kind of viewer at least one.
pub(crate) fn everybody() -> [Officer; 7] {
    [ayu(), budi(), citra(), eko(), gita(), hadi(), kartika()]
}

pub(crate) fn terms(slots: SlotClass, finish_days: u16) -> Terms {
    let deadlines = Deadlines { coordinate_hours: 24, finish_days, validate_days: 2, verify_days: 3 };
    Terms { group: None, slots, deadlines, counts: Counts::Calendar, keeps: [].into() }
}

pub(crate) fn note(text: &str, audience: NoteAudience) -> Note {
    Note { text: text.into(), audience, asks_ticket_desk: false }
}

/// A report with all that was stored and said of it.
#[derive(Clone)]
pub(crate) struct Life {
    pub(crate) slots: Slots,
    pub(crate) now: Timestamp,
    /// How many ids and versions were drawn.
    drawn: u8,
    pub(crate) report: Report,
    pub(crate) events: Vec<Event>,
    pub(crate) photos: Vec<Photo>,
    pub(crate) told: Vec<(Timestamp, Announcement)>,
}

impl Life {
    /// Public, with a photo, submitted at 08:23, half an hour before which nothing is due; for `unit`, or for the ticket desk.
    pub(crate) fn new(slots: Slots, class: SlotClass, unit: Option<Unit>) -> Self {
        let now = "2026-01-10T01:23:45.123456789Z".parse().unwrap();
        let mut received = received(class, unit);
        received.submission.description = format!("Lubang di depan pasar, hubungi {PHONE}");
        received.submission.location.point = Some(PLACES[0]);
        received.submission.privacy = Privacy::Public;
        received.route.area = AreaCode::parse("31.71.01");
        let Decision { report, event, announcements, .. } =
            submit(received, stamp(1, now), clock::by(&slots));
        let told = announcements.into_iter().map(|said| (now, said)).collect();
        let mut life = Self { slots, now, drawn: 2, report, events: vec![event], photos: Vec::new(), told };
        let photo = Photo { shown_from: life.report.visible.photos_from, ..life.photo(PhotoKind::Reporter) };
        life.photos.push(photo);
        life
    }

    /// The same where nothing waits for a slot.
    pub(crate) fn at_once(class: SlotClass) -> Self {
        Self::new(Slots::at_once(jakarta::slots().zone), class, None)
    }

    /// The same with the slots of the city.
    pub(crate) fn in_city(class: SlotClass) -> Self {
        Self::new(jakarta::slots(), class, None)
    }

    fn photo(&self, kind: PhotoKind) -> Photo {
        let is_reporters = kind == PhotoKind::Reporter;
        Photo {
            photo: PhotoId::from_bytes(&[100 + u8::try_from(self.photos.len()).unwrap(); 10]),
            ticket: self.report.ticket.clone(),
            kind,
            state: PhotoState::Ready,
            reason: None,
            damaged: false,
            locked: self.report.locks(kind),
            sha256: None,
            at: self.now,
            place: 0,
            url_until: None,
            shown_from: None,
            slots: is_reporters.then_some(self.report.terms.slots),
            digests: Vec::new(),
            unit: matches!(kind, PhotoKind::Before | PhotoKind::After).then(|| code("sudin-a1")),
            camera: None,
            used_by: None,
            test_until: None,
        }
    }

    fn draw(&mut self) -> Stamp {
        self.drawn += 1;
        stamp(self.drawn, self.now)
    }

    /// Does what the officer asks for, or says why it is refused. Ids are drawn in either case.
    pub(crate) fn tries(&mut self, officer: &Officer, command: Command) -> Result<(), Refusal> {
        let stamp = self.draw();
        self.decides(officer, command, stamp)
    }

    /// The same with ids of its own, so that what comes after it has the ids that it would have without.
    pub(crate) fn tries_apart(&mut self, officer: &Officer, command: Command) -> Result<(), Refusal> {
        let number = 128 + u8::try_from(self.events.len()).unwrap();
        self.decides(officer, command, stamp(number, self.now))
    }

    fn decides(&mut self, officer: &Officer, command: Command, stamp: Stamp) -> Result<(), Refusal> {
        let made = decide(&self.report, command, officer, stamp, clock::by(&self.slots))?;
        self.report = made.report;
        self.events.push(made.event);
        self.hears(made.announcements);
        Ok(())
    }

    /// A minute later the officer does what is surely allowed.
    pub(crate) fn act(mut self, officer: &Officer, command: Command) -> Self {
        self.now += 1.minute();
        self.tries(officer, command).unwrap();
        self
    }

    pub(crate) fn corrected(self, correction: Correction) -> Self {
        self.act(&ayu(), Command::Correct(correction))
    }

    pub(crate) fn assigned(self, unit: Unit, summary: Option<&str>) -> Self {
        self.act(&ayu(), Command::Assign { unit, summary: summary.map(str::to_owned) })
    }

    pub(crate) fn notes(self, officer: &Officer, note: Note) -> Self {
        let shown_version = version(self.drawn + 100);
        self.act(officer, Command::Note { note, shown_version })
    }

    pub(crate) fn plans(self, days: i32) -> Self {
        let on = day(self.now, &self.slots.zone).saturating_add(days.days());
        self.act(&citra(), Command::Plan { on, reason: format!("Menunggu bahan, hubungi {PHONE}") })
    }

    fn declare(mut self, officer: &Officer, kinds: &[PhotoKind]) -> Self {
        let mut new = Vec::new();
        for kind in kinds {
            let photo = self.photo(*kind);
            new.push((photo.photo.clone(), *kind));
            self.photos.push(photo);
        }
        self.act(officer, Command::AddPhotos { photos: new, never_ready: Vec::new() })
    }

    fn at_hand(&self, kinds: &[PhotoKind]) -> Vec<PhotoId> {
        let all = self.report.work.at_hand.all();
        all.filter(|(_, at_hand)| kinds.contains(&at_hand.kind)).map(|(photo, _)| photo.clone()).collect()
    }

    /// With photos of the work at hand.
    pub(crate) fn photographed(self) -> Self {
        self.declare(&citra(), &[PhotoKind::Before, PhotoKind::After])
    }

    pub(crate) fn tl(self) -> Self {
        let declared = self.photographed();
        let photos = declared.at_hand(&[PhotoKind::Before, PhotoKind::After]);
        declared.act(&citra(), Command::PostTl { narrative: "Sudah ditambal".into(), photos, location: None })
    }

    pub(crate) fn validated(self, verdict: Verdict) -> Self {
        self.act(&gita(), Command::Validate { verdict, reason: Some(format!("Menurut {PHONE} belum rata")) })
    }

    /// With a photo of the field at hand.
    pub(crate) fn looked_at(self) -> Self {
        self.declare(&hadi(), &[PhotoKind::Field])
    }

    pub(crate) fn verified(self, conforms: bool) -> Self {
        let declared = self.looked_at();
        let (photos, location) = (declared.at_hand(&[PhotoKind::Field]), PLACES[0].into());
        let finding = format!("Dicek, tanya {PHONE}");
        declared.act(&hadi(), Command::Verify { conforms, finding, photos, location })
    }

    /// What the reporter does, if they may; `draw` chooses one of the next four slots.
    pub(crate) fn by_reporter(&mut self, action: &ReporterAction, draw: u8) -> bool {
        let stamp = ActionStamp { stamp: stamp(250, self.now), draw };
        let (report, slots) = (&self.report, &self.slots);
        let done = match action.clone() {
            ReporterAction::Dispute { reason } => {
                reporter_actions::dispute(report, reason, stamp, clock::by(slots))
            }
            ReporterAction::Rate { rating } => {
                reporter_actions::rate(report, rating, stamp, clock::by(slots))
            }
            ReporterAction::Withdraw => Ok(reporter_actions::withdraw(report, stamp, clock::by(slots))),
            ReporterAction::ChangePrivacy { privacy } => {
                Ok(reporter_actions::change_privacy(report, privacy, stamp, clock::by(slots)))
            }
        };
        let Ok((report, effects)) = done else { return false };
        self.report = report;
        self.takes(effects);
        true
    }

    fn takes(&mut self, effects: Effects) {
        self.events.extend(effects.events);
        self.hears(effects.announcements);
    }

    fn hears(&mut self, said: Vec<Announcement>) {
        self.told.extend(said.into_iter().map(|said| (self.now, said)));
    }

    /// The release function runs.
    pub(crate) fn releases(&mut self) {
        let effects = clock::due(&mut self.report, self.now, &self.slots);
        self.takes(effects);
    }

    /// The release function runs after the city changed the unit.
    pub(crate) fn follows(&mut self, change: UnitChange) {
        self.draw();
        let effects = clock::due_after(change, &mut self.report, self.now, &self.slots);
        self.takes(effects);
    }

    /// The clock shows `time` of the city's first day, and the release function has run.
    pub(crate) fn at(mut self, time: &str) -> Self {
        self.now = moment(time);
        self.releases();
        self
    }

    /// What officers could ask for now, each with the officer; `n` chooses where, what and how.
    pub(crate) fn commands(&self, n: usize) -> Vec<(Officer, Command)> {
        let reason = || format!("Alasan, {PHONE}");
        let units = [dinas(), sudin(), other_dinas()];
        let to = || units[n % 3].clone();
        let summary = n.is_multiple_of(2).then(|| format!("Ringkasan, {PHONE}"));
        let (code, class) = [
            (code("lampu"), SlotClass::Segera),
            (code("taman"), SlotClass::Biasa),
            (code("pungli"), SlotClass::Peka),
        ][n % 3]
            .clone();
        let keeps = [PersonalData::Phone].into();
        let corrected = category(code, Terms { keeps, ..terms(class, 3) });
        let into = Ticket::from_mac(&[9; 32]);
        let mut all = vec![
            (ayu(), Command::Correct(corrected)),
            (ayu(), Command::Correct(place(n.is_multiple_of(2).then_some("Pasar Lama")))),
            (ayu(), Command::Assign { unit: to(), summary: summary.clone() }),
            (ayu(), Command::Assign { unit: to(), summary }),
            (ayu(), Command::Reject { reason: reason() }),
            (ayu(), merge_into(into, true)),
        ];
        let photo = |kind: usize| PhotoId::from_bytes(&[self.drawn, kind as u8, 1, 1, 1, 1, 1, 1, 1, 1]);
        let never_ready = Vec::new;
        for unit in [budi(), citra(), eko()] {
            let declared = vec![(photo(0), PhotoKind::Before), (photo(1), PhotoKind::After)];
            let photos = self.at_hand(&[PhotoKind::Before, PhotoKind::After]);
            let on = day(self.now, &self.slots.zone).saturating_add((n as i32 % 90).days());
            let commands = [
                Command::Accept,
                Command::Accept,
                Command::Forward { unit: to(), reason: reason() },
                Command::Delegate { unit: sudin() },
                Command::Return { reason: reason() },
                Command::Plan { on, reason: reason() },
                Command::AddPhotos { photos: declared, never_ready: never_ready() },
                Command::PostTl { narrative: "Sudah ditambal".into(), photos, location: None },
            ];
            all.extend(commands.map(|command| (unit.clone(), command)));
        }
        let verdict = Verdict::ALL[n % 3];
        all.push((gita(), Command::Validate { verdict, reason: Some(reason()) }));
        let (photos, location) = (self.at_hand(&[PhotoKind::Field]), PLACES[0].into());
        let declared = vec![(photo(2), PhotoKind::Field)];
        let (conforms, finding) = (n.is_multiple_of(2), reason());
        all.extend([
            (hadi(), Command::AddPhotos { photos: declared, never_ready: never_ready() }),
            (hadi(), Command::Verify { conforms, finding, photos, location }),
            (hadi(), Command::CouldNotLook { reason: reason() }),
        ]);
        for author in everybody() {
            let audience = NoteAudience::ALL[n % 2];
            let note = Note { asks_ticket_desk: n.is_multiple_of(3), ..note(&reason(), audience) };
            all.push((author, Command::Note { note, shown_version: version(self.drawn + 100) }));
        }
        all
    }

    /// Those of them that would not be refused.
    pub(crate) fn possible(&self, n: usize) -> Vec<(Officer, Command)> {
        let mut all = self.commands(n);
        all.retain(|(officer, command)| self.clone().tries(officer, command.clone()).is_ok());
        all
    }

    pub(crate) fn whole(&self) -> Whole<'_> {
        Whole { report: &self.report, events: &self.events, photos: &self.photos }
    }

    pub(crate) fn reader<'a>(&'a self, officer: &'a Officer) -> Reader<'a> {
        Reader { language: Language::Id, now: self.now, slots: &self.slots, officer }
    }

    /// What this officer is answered; `null` where the report does not exist for them.
    pub(crate) fn seen_by(&self, officer: &Officer) -> Value {
        let seen_by = viewer(&self.report, officer);
        json!(seen_by.map(|seen_by| officer_view(self.whole(), seen_by, self.reader(officer))))
    }

    pub(crate) fn seen_by_reporter(&self) -> Value {
        json!(reporter_view(self.whole(), Beside::default(), self.now, Language::Id))
    }
}

/// A moment of the city's first day.
pub(crate) fn moment(time: &str) -> Timestamp {
    format!("2026-01-10T{time}+07").parse().unwrap()
}

pub(crate) fn version(number: u8) -> Version {
    Version::from_bytes(&[number; 13])
}

fn stamp(number: u8, now: Timestamp) -> Stamp {
    Stamp {
        now,
        version: version(number),
        event: EventId::from_bytes(&[number; 17]),
        body_digest: Some("b".repeat(64)),
    }
}

pub(crate) fn category(code: Code, terms: Terms) -> Correction {
    Correction {
        category: Some((code, terms)),
        place: None,
        area: AreaCode::parse("31.71.01"),
        suggested_unit: None,
        reason: format!("Pelapor {PHONE} salah pilih"),
    }
}

pub(crate) fn place(address: Option<&str>) -> Correction {
    Correction {
        category: None,
        place: Some(Place { point: Some(PLACES[1]), address: address.map(str::to_owned) }),
        area: AreaCode::parse("31.71.02"),
        suggested_unit: Some(code("dinas-b")),
        reason: format!("Kata {PHONE} di sini"),
    }
}
