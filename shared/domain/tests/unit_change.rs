//! What becomes of a report whose unit is closed, or moves in the tree.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod clock;
mod received;

use domain::{
    act::Act,
    announcement::{Announcement, Audience},
    command::{Command, Verdict},
    decide::decide,
    decision::{Decision, Stamp},
    desk::Desk,
    event::Event,
    ids::{EventId, PhotoId, Version},
    location::Point,
    new_report::submit,
    officer::{Officer, Role},
    photo::PhotoKind,
    release::Effects,
    report::Report,
    reporter_actions::{self, ActionStamp},
    slots::{Schedule, SlotClass, Slots},
    status::Status,
    unit::{Code, Unit},
    unit_change::UnitChange,
    view::{Viewer, viewer},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use received::received;

const HERE: Point = Point { lat: -6.17, lon: 106.82, accuracy_m: None };

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

/// The first is the unit, the others those above it.
fn unit(path: &[&str]) -> Unit {
    Unit { code: code(path[0]), path: path.iter().map(|text| code(text)).collect() }
}

fn dinas() -> Unit {
    unit(&["dinas-a"])
}

fn sudin() -> Unit {
    unit(&["sudin-a1", "dinas-a"])
}

fn desk(code: &str) -> Desk {
    Desk::parse(&format!("unit:{code}")).unwrap()
}

fn officer(tag: &str, unit: Option<&str>) -> Officer {
    let id = format!("{tag} {}", unit.unwrap_or_default());
    Officer { name: id.clone(), id, role: Role::of([tag], unit).unwrap() }
}

/// A report that becomes visible at 07:00, 10:00, 13:00 and 16:00.
struct Life {
    slots: Slots,
    now: Timestamp,
    drawn: u8,
    report: Report,
    told: Vec<Announcement>,
    events: Vec<Event>,
}

impl Life {
    fn new() -> Self {
        let biasa = Schedule::parse("07:00,10:00,13:00,16:00").unwrap();
        let slots = Slots {
            zone: TimeZone::get("Asia/Jakarta").unwrap(),
            segera: biasa.clone(),
            peka: biasa.clone(),
            biasa,
        };
        let now = "2026-01-10T01:00:00Z".parse().unwrap();
        let received = received(SlotClass::Biasa, None);
        let Decision { report, event, announcements, .. } =
            submit(received, stamp(0, now), clock::by(&slots));
        Self { slots, now, drawn: 1, report, told: announcements, events: vec![event] }
    }

    fn stamp(&mut self) -> Stamp {
        self.drawn += 1;
        stamp(self.drawn, self.now)
    }

    fn act(mut self, tag: &str, at: Option<&str>, command: Command) -> Self {
        let stamp = self.stamp();
        let decision =
            decide(&self.report, command, &officer(tag, at), stamp, clock::by(&self.slots)).unwrap();
        self.report = decision.report;
        self.events.push(decision.event);
        self.told.extend(decision.announcements);
        self
    }

    fn photos(self, tag: &str, at: Option<&str>, kinds: &[PhotoKind]) -> (Self, Vec<PhotoId>) {
        let first = self.drawn * 10;
        let new: Vec<_> =
            (first..).zip(kinds).map(|(n, kind)| (PhotoId::from_bytes(&[n; 10]), *kind)).collect();
        let names = new.iter().map(|(photo, _)| photo.clone()).collect();
        (self.act(tag, at, Command::AddPhotos { photos: new, never_ready: Vec::new() }), names)
    }

    fn take(mut self, effects: Effects) -> Self {
        self.events.extend(effects.events);
        self.told.extend(effects.announcements);
        self
    }

    /// A day passes, and `release` runs.
    fn slot(mut self) -> Self {
        self.now += 24.hours();
        let effects = clock::due(&mut self.report, self.now, &self.slots);
        self.take(effects)
    }

    /// `release` runs, and finds the unit changed.
    fn change(mut self, change: UnitChange) -> Self {
        let effects = clock::due_after(change, &mut self.report, self.now, &self.slots);
        self.take(effects)
    }

    fn close(self, heir: Option<Unit>) -> Self {
        self.change(UnitChange::Closed { heir })
    }

    fn assigned(unit: Unit) -> Self {
        Self::new().act("admin-tiket", None, Command::Assign { unit, summary: None })
    }

    fn accepted(unit: Unit) -> Self {
        let code = unit.code.clone();
        Self::assigned(unit).slot().act("petugas-opd", Some(code.as_str()), Command::Accept)
    }

    fn tl(self, at: &str) -> Self {
        let (life, photos) = self.photos("petugas-opd", Some(at), &[PhotoKind::Before, PhotoKind::After]);
        let tl = Command::PostTl { narrative: "Lubang ditambal".into(), photos, location: None };
        life.act("petugas-opd", Some(at), tl)
    }

    fn judge(self, verdict: Verdict) -> Self {
        let reason = (verdict != Verdict::Accept).then(|| "Belum rata".to_owned());
        self.act("petugas-validasi", None, Command::Validate { verdict, reason })
    }

    fn refuse_in_the_field(self) -> Self {
        let (life, photos) = self.photos("petugas-verifikasi", None, &[PhotoKind::Field]);
        let verify =
            Command::Verify { conforms: false, finding: "Belum rata".into(), photos, location: HERE.into() };
        life.act("petugas-verifikasi", None, verify)
    }

    fn told_desks(&self) -> Vec<Desk> {
        let desk = |told: &Announcement| match &told.audience {
            Audience::Desk(desk) => Some(desk.clone()),
            Audience::Administrator | Audience::Reporter => None,
        };
        self.told.iter().filter_map(desk).collect()
    }
}

fn stamp(drawn: u8, now: Timestamp) -> Stamp {
    Stamp {
        now,
        version: Version::from_bytes(&[drawn; 13]),
        event: EventId::from_bytes(&[drawn; 17]),
        body_digest: None,
    }
}

/// A report in each status in which it lies on the desk of sudin-a1.
fn on_the_desk() -> [Life; 4] {
    let delegated = Life::assigned(dinas()).slot().act(
        "petugas-opd",
        Some("dinas-a"),
        Command::Delegate { unit: sudin() },
    );
    [
        Life::assigned(sudin()).slot(),
        delegated.slot(),
        Life::accepted(sudin()),
        Life::accepted(sudin()).tl("sudin-a1").judge(Verdict::Reject).slot(),
    ]
}

#[test]
fn a_report_of_a_closed_unit_comes_to_the_unit_above_at_its_slot() {
    for life in on_the_desk() {
        let status = life.report.status;
        assert_eq!(life.report.listed_on(), Some(desk("sudin-a1")), "{status:?}");
        let told = life.told.len();
        let life = life.close(Some(dinas()));
        let event = life.events.last().unwrap();
        assert_eq!((event.act, &event.unit, &event.by), (Act::CloseUnit, &Some(code("dinas-a")), &None));
        assert_eq!((life.report.status, life.report.desk()), (Status::Koordinasi, Some(desk("dinas-a"))));
        assert_eq!(
            (life.report.listed_on(), life.told.len()),
            (None, told),
            "{status:?} was told before its slot"
        );
        let life = life.slot();
        assert_eq!(life.report.listed_on(), Some(desk("dinas-a")));
        assert_eq!(life.told_desks().last(), Some(&desk("dinas-a")));
        assert!(life.told[told..].iter().any(|told| told.audience == Audience::Reporter));
        life.act("petugas-opd", Some("dinas-a"), Command::Accept);
    }
}

#[test]
fn without_a_unit_above_a_report_of_a_closed_unit_comes_to_the_ticket_desk_at_once() {
    for life in on_the_desk() {
        let life = life.close(None);
        assert_eq!((life.report.status, life.report.listed_on()), (Status::Menunggu, Some(Desk::Tiket)));
        assert_eq!(life.told_desks().last(), Some(&Desk::Tiket));
        life.act("admin-tiket", None, Command::Assign { unit: dinas(), summary: None });
    }
}

#[test]
fn what_waits_for_its_release_to_a_closed_unit_never_reaches_it() {
    let mut life = Life::assigned(sudin());
    // Its slot has come: `release` would show it at once, had the unit not been closed.
    life.now += 24.hours();
    let life = life.close(Some(dinas())).slot();
    assert_eq!(life.report.listed_on(), Some(desk("dinas-a")));
    assert!(!life.report.visible.reached.contains(&desk("sudin-a1")));
    assert!(!life.told_desks().contains(&desk("sudin-a1")));
    assert_eq!(viewer(&life.report, &officer("petugas-opd", Some("sudin-a1"))), None);
}

#[test]
fn a_refused_tl_of_a_closed_unit_begins_anew_at_the_unit_above() {
    let judged = [
        Life::accepted(sudin()).tl("sudin-a1").close(Some(dinas())).judge(Verdict::Reject),
        Life::accepted(sudin())
            .tl("sudin-a1")
            .judge(Verdict::FieldCheck)
            .close(Some(dinas()))
            .slot()
            .refuse_in_the_field(),
    ];
    for life in judged {
        assert_eq!((life.report.status, life.report.desk()), (Status::Koordinasi, Some(desk("dinas-a"))));
        // The next one that is refused is its own.
        let life = life.slot().act("petugas-opd", Some("dinas-a"), Command::Accept);
        let life = life.tl("dinas-a").judge(Verdict::Reject);
        assert_eq!((life.report.status, life.report.desk()), (Status::TlDitolak, Some(desk("dinas-a"))));
    }
}

#[test]
fn a_refused_tl_of_a_closed_unit_without_one_above_comes_to_the_ticket_desk() {
    let life = Life::accepted(sudin()).tl("sudin-a1").close(None).judge(Verdict::Reject);
    assert_eq!((life.report.status, life.report.listed_on()), (Status::Menunggu, Some(Desk::Tiket)));
}

#[test]
fn closing_a_unit_takes_nothing_from_the_bureau_and_tells_it_nothing() {
    let before = Life::accepted(sudin()).tl("sudin-a1");
    let told = before.told.len();
    let life = before.close(Some(dinas()));
    assert_eq!(
        (life.report.status, life.report.listed_on()),
        (Status::MenungguValidasi, Some(Desk::Validasi))
    );
    assert_eq!(life.told.len(), told);
    assert_eq!(life.judge(Verdict::Accept).report.status, Status::Selesai);
}

#[test]
fn a_result_that_is_disputed_after_its_unit_was_closed_falls_back_to_the_unit_above() {
    let mut life = Life::accepted(sudin()).tl("sudin-a1").judge(Verdict::Accept).slot();
    let stamp = ActionStamp { stamp: life.stamp(), draw: 0 };
    let (report, _) =
        reporter_actions::dispute(&life.report, "Masih berlubang".into(), stamp, clock::by(&life.slots))
            .unwrap();
    life.report = report;
    life.now += 24.hours();
    let life = life.close(Some(dinas()));
    assert_eq!(
        (life.report.status, life.report.listed_on()),
        (Status::MenungguVerifikasi, Some(Desk::Verifikasi))
    );
    let life = life.refuse_in_the_field();
    assert_eq!((life.report.status, life.report.desk()), (Status::Koordinasi, Some(desk("dinas-a"))));
}

#[test]
fn a_report_whose_unit_moves_is_seen_by_the_units_above_it_now() {
    let moved = unit(&["sudin-a1", "dinas-b"]);
    let (above, former) = (officer("petugas-opd", Some("dinas-b")), officer("petugas-opd", Some("dinas-a")));
    let before = Life::accepted(sudin());
    let (version, events) = (before.report.version.clone(), before.events.len());
    assert_eq!(viewer(&before.report, &above), None);
    let life = before.change(UnitChange::Moved(moved.clone()));
    assert_eq!(
        (&life.report.version, life.events.len()),
        (&version, events),
        "a move is no event of the report"
    );
    assert_eq!(viewer(&life.report, &above), Some(Viewer::Unit));
    assert_eq!(viewer(&life.report, &former), Some(Viewer::FormerUnit));
    // One that waits for its release is seen by nobody before it.
    let waits = Life::assigned(sudin()).change(UnitChange::Moved(moved));
    assert_eq!(viewer(&waits.report, &above), None);
    assert_eq!(viewer(&waits.slot().report, &above), Some(Viewer::Unit));
}

#[test]
fn a_change_that_a_report_has_followed_changes_it_no_more() {
    let moved = unit(&["sudin-a1", "dinas-b"]);
    for change in [UnitChange::Moved(moved), UnitChange::Closed { heir: None }] {
        let once = Life::accepted(sudin()).tl("sudin-a1").change(change.clone());
        let (report, events) = (once.report.clone(), once.events.len());
        let twice = once.change(change);
        assert_eq!((&twice.report, twice.events.len()), (&report, events));
    }
    // Closed reports, and those that the ticket desk has, stay as they are.
    for life in [Life::new(), Life::accepted(sudin()).tl("sudin-a1").judge(Verdict::Accept).slot()] {
        let report = life.report.clone();
        assert_eq!(life.close(Some(dinas())).report, report);
    }
}
