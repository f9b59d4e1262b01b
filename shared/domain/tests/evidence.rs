//! Who takes part in judging a TL, and whose photos serve as evidence.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod clock;
mod received;

use domain::{
    command::{Command, Verdict},
    command_rules::{By, RULES, authorize},
    decide::decide,
    decision::{Refusal, Stamp},
    ids::{EventId, PhotoId, Version},
    location::Point,
    new_report::submit,
    officer::{Officer, Role, Tag},
    photo::{Photo, PhotoKind, PhotoState},
    photo_evidence::{NoEvidence, evidence, used_already},
    photos_at_hand::PhotoUse,
    report::Report,
    slots::{Schedule, SlotClass, Slots},
    status::Status,
    ticket::Ticket,
    unit::{Code, Unit},
    validation_errors::{ValidationError, ValidationErrorCode},
};
use jiff::{Timestamp, tz::TimeZone};
use received::received;

const BUREAU: [Tag; 4] = [Tag::AdminTiket, Tag::PetugasValidasi, Tag::PetugasVerifikasi, Tag::Administrator];

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn of_unit(id: &str, unit: &str) -> Officer {
    Officer { id: id.into(), name: id.into(), role: Role::Unit(code(unit)) }
}

fn of_bureau(id: &str) -> Officer {
    Officer { id: id.into(), name: id.into(), role: Role::Bureau(BUREAU.into()) }
}

/// A report whose changes are released at once, and how many photos and events it has drawn.
struct Life {
    report: Report,
    drawn: u8,
}

impl Life {
    /// A new report on the ticket desk.
    fn new() -> Self {
        let received = received(SlotClass::Biasa, None);
        Self { report: submit(received, stamp(0), clock::by(&slots())).report, drawn: 1 }
    }

    /// Taken up by `budi` of `dinas-a`.
    fn in_work() -> Self {
        let mut life = Self::new();
        life.assigned_to("dinas-a", "budi");
        life
    }

    /// In the field after a TL by `budi`.
    fn in_the_field() -> Self {
        let mut life = Self::in_work();
        life.tl(&of_unit("budi", "dinas-a"));
        life.act(&of_bureau("gita"), validate(Verdict::FieldCheck));
        life
    }

    fn assigned_to(&mut self, unit: &str, officer: &str) {
        let to = Unit { code: code(unit), path: vec![code(unit)] };
        self.act(&of_bureau("ayu"), Command::Assign { unit: to, summary: None });
        self.act(&of_unit(officer, unit), Command::Accept);
    }

    fn tl(&mut self, officer: &Officer) {
        let photos = self.declare(officer, &[PhotoKind::Before, PhotoKind::After]);
        self.act(officer, post(photos));
    }

    fn try_to(&mut self, officer: &Officer, command: Command) -> Result<(), Refusal> {
        self.drawn += 1;
        self.report = decide(&self.report, command, officer, stamp(self.drawn), clock::by(&slots()))?.report;
        Ok(())
    }

    #[track_caller]
    fn act(&mut self, officer: &Officer, command: Command) {
        self.try_to(officer, command).unwrap();
    }

    #[track_caller]
    fn declare(&mut self, officer: &Officer, kinds: &[PhotoKind]) -> Vec<PhotoId> {
        let (photos, command) = self.declaration(kinds);
        self.act(officer, command);
        photos
    }

    fn declaration(&self, kinds: &[PhotoKind]) -> (Vec<PhotoId>, Command) {
        let id = |n: u8| PhotoId::from_bytes(&[self.drawn, n, 0, 0, 0, 0, 0, 0, 0, 0]);
        let photos: Vec<_> = (0..).map(id).zip(kinds.iter().copied()).collect();
        let ids = photos.iter().map(|(photo, _)| photo.clone()).collect();
        (ids, Command::AddPhotos { photos, never_ready: Vec::new() })
    }
}

fn slots() -> Slots {
    let at_once = || Schedule::parse("0").unwrap();
    let zone = TimeZone::get("Asia/Jakarta").unwrap();
    Slots { zone, segera: at_once(), biasa: at_once(), peka: at_once() }
}

fn stamp(drawn: u8) -> Stamp {
    Stamp {
        now: Timestamp::UNIX_EPOCH,
        version: Version::from_bytes(&[drawn; 13]),
        event: EventId::from_bytes(&[drawn; 17]),
        body_digest: None,
    }
}

fn post(photos: Vec<PhotoId>) -> Command {
    Command::PostTl { narrative: "Lubang sudah ditambal".into(), photos, location: None }
}

fn validate(verdict: Verdict) -> Command {
    Command::Validate { verdict, reason: Some("Perlu dilihat".into()) }
}

fn verify(photos: Vec<PhotoId>) -> Command {
    let location = Point { lat: -6.2, lon: 106.8, accuracy_m: None }.into();
    Command::Verify { conforms: false, finding: "Sudah dilihat".into(), photos, location }
}

fn errors(errors: &[(&str, ValidationErrorCode)]) -> Result<(), Refusal> {
    Err(Refusal::Invalid(errors.iter().map(|(field, code)| ValidationError::new(*field, *code)).collect()))
}

#[test]
fn whoever_posted_a_tl_has_no_part_in_any_act_of_judging_it() {
    let report = Life::in_the_field().report;
    let (author, other) = (of_bureau("budi"), of_bureau("hadi"));
    let mut guarded = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.by != By::Tag(Tag::PetugasOpd)) {
        assert_eq!(authorize(&report, rule.act, &other), Ok(()), "{rule:?}");
        let judges = [Status::MenungguValidasi, Status::MenungguVerifikasi];
        if rule.from.iter().any(|from| judges.contains(from)) {
            assert_eq!(authorize(&report, rule.act, &author), Err(Refusal::OwnTl), "{rule:?}");
            guarded.push(rule.act.as_str());
        }
    }
    assert_eq!(guarded, ["add_field_photos", "validate", "verify", "could_not_look", "note"]);
}

#[test]
fn a_verifiers_photos_serve_and_count_for_nobody_else() {
    let mut life = Life::in_the_field();
    let (hadi, indah) = (of_bureau("hadi"), of_bureau("indah"));
    let of_hadi = life.declare(&hadi, &[PhotoKind::Field; 10]);
    let of_indah = life.declare(&indah, &[PhotoKind::Field; 10]);
    assert_eq!(
        life.try_to(&indah, verify(vec![of_indah[0].clone(), of_hadi[0].clone()])),
        errors(&[("photos[1]", ValidationErrorCode::NoSuchPhoto)])
    );
    life.act(&indah, verify(vec![of_indah[1].clone()]));
}

/// Ten that prove nothing, because they serve elsewhere already, bar nobody's way.
#[test]
fn an_eleventh_photo_of_a_kind_takes_the_place_of_the_oldest() {
    let mut life = Life::in_the_field();
    let hadi = of_bureau("hadi");
    let ten = life.declare(&hadi, &[PhotoKind::Field; 10]);
    let more = life.declare(&hadi, &[PhotoKind::Field; 2]);
    let at_hand =
        ten.iter().chain(&more).filter(|photo| life.report.work.at_hand.get(photo).is_some()).count();
    assert_eq!(at_hand, 10);
    assert!(more.iter().all(|photo| life.report.work.at_hand.get(photo).is_some()));
    let (_, too_many) = life.declaration(&[PhotoKind::Field; 11]);
    assert_eq!(life.try_to(&hadi, too_many), errors(&[("photos", ValidationErrorCode::TooMany)]));
    life.act(&hadi, verify(vec![more[0].clone()]));
}

#[test]
fn a_units_photos_stay_behind_when_the_report_leaves_it() {
    let mut life = Life::in_work();
    let (budi, eko) = (of_unit("budi", "dinas-a"), of_unit("eko", "dinas-b"));
    let kinds = [[PhotoKind::Before; 5], [PhotoKind::After; 5]].concat();
    let of_a = life.declare(&budi, &[kinds.clone(), kinds.clone()].concat());
    life.act(&budi, Command::Return { reason: "Bukan wilayah kami".into() });
    life.assigned_to("dinas-b", "eko");

    let of_b = life.declare(&eko, &[kinds.clone(), kinds].concat());
    let mixed = vec![of_a[0].clone(), of_b[0].clone(), of_b[5].clone()];
    assert_eq!(life.try_to(&eko, post(mixed)), errors(&[("photos[0]", ValidationErrorCode::NoSuchPhoto)]));
    life.act(&eko, post(vec![of_b[0].clone(), of_b[5].clone()]));
}

#[test]
fn a_units_officers_share_photos_and_a_before_photo_serves_each_round() {
    let mut life = Life::in_work();
    let (budi, fajar) = (of_unit("budi", "dinas-a"), of_unit("fajar", "dinas-a"));
    let photos = life.declare(&budi, &[PhotoKind::Before, PhotoKind::After, PhotoKind::After]);
    life.act(&fajar, post(vec![photos[0].clone(), photos[1].clone()]));
    life.act(&of_bureau("gita"), validate(Verdict::Reject));
    assert_eq!(
        life.try_to(&fajar, post(vec![photos[0].clone(), photos[1].clone()])),
        errors(&[
            ("photos[1]", ValidationErrorCode::NoSuchPhoto),
            ("photos", ValidationErrorCode::AfterMissing)
        ])
    );
    life.act(&fajar, post(vec![photos[0].clone(), photos[2].clone()]));
}

#[test]
fn photos_at_hand_for_a_field_check_are_dropped_when_it_ends() {
    let mut life = Life::in_the_field();
    let hadi = of_bureau("hadi");
    let photos = life.declare(&hadi, &[PhotoKind::Field, PhotoKind::Field]);
    life.act(&hadi, verify(vec![photos[0].clone()]));
    assert!(life.report.work.at_hand.all().all(|(_, at_hand)| at_hand.kind != PhotoKind::Field));
}

#[test]
fn however_many_verifiers_come_by_a_snapshot_stays_small() {
    let mut life = Life::in_the_field();
    let mut last = Vec::new();
    for n in 0..30 {
        last = life.declare(&of_bureau(&format!("verifier {n}")), &[PhotoKind::Field; 10]);
    }
    let field = life.report.work.at_hand.all().filter(|(_, at_hand)| at_hand.kind == PhotoKind::Field);
    assert_eq!(field.count(), 100);
    life.act(&of_bureau("verifier 29"), verify(last));
}

/// A photo that a command uses, and its item.
fn proof(number: u8, kind: PhotoKind, state: PhotoState, digests: &[&str]) -> (PhotoUse, Photo) {
    let photo = PhotoId::from_bytes(&[number; 10]);
    let item = Photo {
        photo: photo.clone(),
        ticket: Ticket::from_mac(&[5; 32]),
        kind,
        state,
        reason: None,
        damaged: false,
        locked: false,
        sha256: None,
        at: Timestamp::UNIX_EPOCH,
        place: 0,
        url_until: None,
        shown_from: None,
        slots: None,
        digests: digests.iter().map(|digest| (*digest).to_owned()).collect(),
        unit: None,
        camera: None,
        used_by: None,
        test_until: None,
    };
    (PhotoUse { photo, kind }, item)
}

#[test]
fn within_one_tl_a_picture_proves_one_thing() {
    use PhotoKind::{After, Before};
    let ready = PhotoState::Ready;
    let proves = |photos: &[(PhotoUse, Photo)]| {
        let (used, items): (Vec<_>, Vec<_>) = photos.iter().cloned().unzip();
        evidence(&used, &items).map(|found| found.into_iter().map(|one| (one.digest, one.place)).collect())
    };
    let already = |place: usize| Err(NoEvidence::Invalid(vec![used_already(place)]));
    let hole = proof(1, Before, ready, &["hole", "hole's pixels"]);
    let work = proof(2, After, ready, &["work", "work's pixels"]);
    let expected = [("hole", 0), ("hole's pixels", 0), ("work", 1), ("work's pixels", 1)];
    let expected: Vec<(String, usize)> = expected.map(|(digest, place)| (digest.to_owned(), place)).into();
    assert_eq!(proves(&[hole.clone(), work.clone()]), Ok(expected.clone()));

    // The same file, and the same pixels in another file: as before and after, and twice as after.
    assert_eq!(proves(&[hole.clone(), proof(3, After, ready, &["hole", "hole's pixels"])]), already(1));
    let redrawn = proof(3, After, ready, &["other file", "hole's pixels"]);
    assert_eq!(proves(&[hole.clone(), redrawn.clone()]), already(1));
    assert_eq!(proves(&[redrawn, hole.clone()]), already(1));
    assert_eq!(
        proves(&[work.clone(), hole.clone(), proof(4, After, ready, &["x", "work's pixels"])]),
        already(2)
    );
    // Twice as before it proves nothing more, and hinders nobody.
    let twice = proves(&[hole.clone(), work.clone(), proof(5, Before, ready, &["hole", "hole's pixels"])]);
    assert_eq!(twice, Ok(expected));

    for unready in [
        proof(6, After, PhotoState::Pending, &[]),
        proof(6, After, PhotoState::Rejected, &[]),
        proof(6, After, ready, &[]),
    ] {
        assert_eq!(proves(&[hole.clone(), unready]), Err(NoEvidence::NotReady));
    }
    assert_eq!(evidence(&[hole.0], &[]), Err(NoEvidence::NotReady));
}
