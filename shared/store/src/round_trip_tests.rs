//! Every stored value comes back as it was put.

use crate::{
    access_log::Access,
    dynamodb_items::{Item, REPORT, of_report, read},
    reports::{CARRIED, DeskLine},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    access_log::Looked,
    act::Act,
    announcement::{Announcement, Audience, AudienceMay},
    calendar::Counts,
    category::Terms,
    deadlines::{Allowance, Deadlines, Mark, Step, StepKind},
    desk::Desk,
    event::Event,
    followers::LastUpdate,
    ids::{CameraNonce, EventId, PhotoId, Version},
    language::Language,
    location::{Place, Point},
    note::NoteAudience,
    officer::Named,
    officer_location::{LocatedBy, OfficerLocation},
    pending::{PendingAction, Rating, ReporterAction},
    personal_data::PersonalData,
    photo::{Photo, PhotoKind, PhotoReason, PhotoState},
    photos_at_hand::{AtHand, Owner, PhotosAtHand},
    privacy::Privacy,
    report::{AsSubmitted, Due, Report, ReporterSide, Shown, Visibility, Work},
    slots::SlotClass,
    status::Status,
    ticket::Ticket,
    triage::{BeforeCorrection, BeforeRecall, Claim, Rerouted, Triage},
    unit::{Code, Unit},
};
use jiff::{Timestamp, civil::Date};
use proptest::prelude::*;
use rstest::rstest;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::{BTreeMap, BTreeSet};

/// Puts a value into an item as the table has it, and reads it back.
fn stored_and_read<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let item: Item = of_report(&ticket(), "any", "any", value).unwrap();
    read(as_dynamodb_keeps_it(item), "misfit").unwrap()
}

/// The table keeps the value of a number and not how it was written: `-6.0` comes back as `-6`.
fn as_dynamodb_keeps_it(item: Item) -> Item {
    item.into_iter().map(|(name, value)| (name, kept(value))).collect()
}

fn kept(value: AttributeValue) -> AttributeValue {
    if let AttributeValue::N(number) = &value {
        let whole = number.strip_suffix(".0").unwrap_or(number);
        return AttributeValue::N(if whole == "-0" { "0" } else { whole }.to_owned());
    }
    if let AttributeValue::M(fields) = value {
        return AttributeValue::M(as_dynamodb_keeps_it(fields));
    }
    if let AttributeValue::L(values) = value {
        return AttributeValue::L(values.into_iter().map(kept).collect());
    }
    value
}

fn ticket() -> Ticket {
    Ticket::from_mac(&[5; 32])
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn unit() -> Unit {
    Unit { code: code("sudin-a1"), path: vec![code("sudin-a1"), code("dinas-a")] }
}

/// A report with nothing in it that may be missing.
pub(crate) fn bare_report() -> Report {
    Report {
        ticket: ticket(),
        version: Version::from_bytes(&[0; 13]),
        events: 0,
        revision: 0,
        category: code("banjir"),
        place: Place { point: None, address: None },
        area: None,
        privacy: Privacy::Public,
        status: Status::Menunggu,
        unit: None,
        due_on: Date::MIN,
        officer: None,
        claim: None,
        merged_into: None,
        follows: None,
        is_followed: false,
        submitted: AsSubmitted {
            at: Timestamp::MIN,
            channel: code("j"),
            language: Language::Id,
            description: String::new(),
            status: Status::Menunggu,
            suggested_unit: None,
            body_digest: String::new(),
            test_until: None,
        },
        terms: Terms {
            group: None,
            slots: SlotClass::Biasa,
            deadlines: Deadlines::default(),
            counts: Counts::Calendar,
            keeps: BTreeSet::new(),
        },
        reporter: ReporterSide {
            secret_digest: String::new(),
            photos: 0,
            pending: Vec::new(),
            update: None,
            told: None,
            disputable_until: None,
            disputes: 0,
            disputed_refusals: 0,
            rating: None,
            erased: false,
        },
        work: Work {
            forwards: 0,
            tl_authors: BTreeSet::new(),
            refused_tl_starts_anew: false,
            at_hand: PhotosAtHand::default(),
            plan: None,
            plans: 0,
            notes: BTreeMap::new(),
        },
        triage: Triage::default(),
        visible: Visibility {
            shown: Shown {
                status: Status::Menunggu,
                events: 0,
                version: Version::from_bytes(&[0; 13]),
                unit_version: None,
                unit: None,
            },
            reached: BTreeSet::new(),
            release: None,
            photos_from: None,
        },
        step: None,
    }
}

pub(crate) fn step(allowance: Allowance) -> Step {
    Step {
        kind: StepKind::Verify,
        since: Timestamp::MAX,
        allowance,
        counts: Counts::Working,
        sent: Mark::ALL.iter().copied().collect(),
        ends: Timestamp::MAX,
        next: Some(Timestamp::MAX),
    }
}

/// A report with everything in it, each value as large as it can be.
pub(crate) fn full_report() -> Report {
    let due = |act| Due { at: Timestamp::MAX, event: EventId::from_bytes(&[255; 17]), act };
    Report {
        version: Version::from_bytes(&[255; 13]),
        events: u32::MAX,
        revision: u32::MAX,
        place: Place { point: Some(POINTS[0]), address: Some("é".repeat(300)) },
        privacy: Privacy::Private,
        status: Status::MenungguVerifikasi,
        unit: Some(unit()),
        due_on: Date::MAX,
        step: Some(step(Allowance::Hours(u16::MAX))),
        officer: Some(named(Some(code("dinas-a")))),
        claim: Some(Claim { officer: named(None), until: Timestamp::MAX }),
        merged_into: Some(Ticket::from_mac(&[9; 32])),
        follows: Some(LastUpdate { status: Status::Proses, plan: Some("2026-02-27".parse().unwrap()) }),
        is_followed: true,
        triage: Triage {
            summary: Some("é".repeat(4000)),
            withholds: true,
            wrote_address: true,
            rerouted: Some(Rerouted { unit: Some(code("dinas-a")) }),
            left_as: [(code("sudin-a1"), code("jalan-rusak"))].into(),
            asked_by: Some(Desk::Unit(code("dinas-a"))),
            recall: Some(Box::new(BeforeRecall {
                event: u32::MAX,
                unit: Some(unit()),
                forwards: u8::MAX,
                step: Some(step(Allowance::Hours(u16::MAX))),
                update: Some(due(Act::Return)),
                release: Some(due(Act::Unmerge)),
                summary: Some("é".repeat(4000)),
                withholds: true,
            })),
        },
        submitted: AsSubmitted {
            at: Timestamp::MAX,
            channel: code(&"z".repeat(40)),
            language: Language::En,
            description: "\u{10FFFF}\n\"\\".repeat(1000),
            test_until: Some(Timestamp::MAX),
            suggested_unit: Some(code("dinas-a")),
            ..bare_report().submitted
        },
        terms: Terms {
            group: Code::parse("jalan"),
            slots: SlotClass::Peka,
            deadlines: Deadlines {
                coordinate_hours: u16::MAX,
                finish_days: u16::MAX,
                validate_days: u16::MAX,
                verify_days: u16::MAX,
            },
            counts: Counts::Working,
            keeps: PersonalData::ALL.iter().copied().collect(),
        },
        reporter: ReporterSide {
            photos: u8::MAX,
            pending: [
                ReporterAction::Dispute { reason: "é".repeat(1000) },
                ReporterAction::Withdraw,
                ReporterAction::ChangePrivacy { privacy: Privacy::Public },
            ]
            .map(|action| PendingAction {
                at: Timestamp::MAX,
                action,
                event: EventId::from_bytes(&[254; 17]),
                version: Version::from_bytes(&[254; 13]),
            })
            .into(),
            update: Some(due(Act::PostTl)),
            told: Some(LastUpdate { status: Status::Proses, plan: Some("2026-02-27".parse().unwrap()) }),
            disputable_until: Some(Timestamp::MAX),
            disputes: u8::MAX,
            disputed_refusals: u8::MAX,
            rating: Some(Rating { stars: 5, comment: Some("Bagus".into()) }),
            erased: true,
            ..bare_report().reporter
        },
        work: Work {
            refused_tl_starts_anew: true,
            forwards: u8::MAX,
            tl_authors: ["", "a", "subject"].map(ToOwned::to_owned).into(),
            at_hand: PhotoKind::ALL
                .iter()
                .zip([Owner::Unit(code("dinas-a")), Owner::Verifier("subject".into())].iter().cycle())
                .zip(0..)
                .map(|((kind, owner), n)| {
                    let at_hand = AtHand { kind: *kind, owner: owner.clone(), since: u32::MAX };
                    (PhotoId::from_bytes(&[n; 10]), at_hand)
                })
                .collect(),
            plan: Some(Date::MAX),
            plans: u8::MAX,
            notes: ["tiket", "unit:dinas-a"].map(|desk| (desk.to_owned(), u8::MAX)).into(),
        },
        visible: Visibility {
            shown: Shown {
                status: Status::TlDitolak,
                events: u32::MAX,
                version: Version::from_bytes(&[255; 13]),
                unit_version: Some(Version::from_bytes(&[253; 13])),
                unit: Some(code("dinas-a")),
            },
            reached: [Desk::Tiket, Desk::Unit(code("dinas-a")), Desk::Validasi, Desk::Verifikasi].into(),
            release: Some(due(Act::Validate)),
            photos_from: Some(Timestamp::MAX),
        },
        area: domain::area::AreaCode::parse("31.71.01.1001"),
        ..bare_report()
    }
}

/// Ordinary, whole, at the ends of the earth, and nearly nothing.
const POINTS: [Point; 6] = [
    Point { lat: -6.175_392_4, lon: 106.827_153_6, accuracy_m: Some(12.5) },
    Point { lat: -6.0, lon: 107.0, accuracy_m: Some(5.0) },
    Point { lat: 0.0, lon: -0.0, accuracy_m: None },
    Point { lat: -90.0, lon: 180.0, accuracy_m: Some(100_000.0) },
    Point { lat: 0.000_000_1, lon: -0.000_000_1, accuracy_m: Some(0.0) },
    Point { lat: 1e-300, lon: -1e-300, accuracy_m: Some(1e-300) },
];

#[rstest]
#[case::bare(bare_report())]
#[case::full(full_report())]
fn a_report(#[case] report: Report) {
    assert_eq!(stored_and_read(&report), report);
}

#[test]
fn a_report_of_every_status_privacy_and_class() {
    for status in Status::ALL {
        for privacy in Privacy::ALL {
            for slots in SlotClass::ALL {
                let terms = Terms { slots: *slots, ..full_report().terms };
                let report = Report { status: *status, privacy: *privacy, terms, ..full_report() };
                assert_eq!(stored_and_read(&report), report);
            }
        }
    }
}

#[test]
fn a_place_with_and_without_its_parts() {
    let points = POINTS.map(|point| Some(point.stored())).into_iter().chain([None]);
    for point in points {
        for address in [None, Some(String::new()), Some("Jl. Contoh 1".to_owned())] {
            let place = Place { point, address };
            let report = Report { place: place.clone(), ..bare_report() };
            let back = stored_and_read(&report).place;
            assert_eq!(back, place);
            // Equality takes −0 for 0; the answer would not.
            assert_eq!(serde_json::to_string(&back).unwrap(), serde_json::to_string(&place).unwrap());
        }
    }
}

fn named(unit: Option<Code>) -> Named {
    Named { id: "subject".into(), name: "Siti Nurhaliza – Émile".into(), unit }
}

/// An event with nothing in it that may be missing.
pub(crate) fn bare_event() -> Event {
    Event {
        id: EventId::from_bytes(&[1; 17]),
        ticket: ticket(),
        number: 1,
        act: Act::Submit,
        status: Status::Menunggu,
        version: Version::from_bytes(&[2; 13]),
        at: Timestamp::UNIX_EPOCH,
        by: None,
        unit: None,
        reason: None,
        finding: None,
        narrative: None,
        photos: Vec::new(),
        location: None,
        into: None,
        summary: None,
        before: None,
        recalls: None,
        on: None,
        step: None,
        mark: None,
        text: None,
        audience: None,
        desk: None,
        asks_ticket_desk: false,
        precedes_release: false,
        privacy: None,
        body_digest: None,
    }
}

/// Where an officer was, in each way that it is known.
fn locations() -> [OfficerLocation; 4] {
    let here = OfficerLocation::from(POINTS[1]);
    let reason = Some("Alasan".to_owned());
    let without_accuracy = Point { accuracy_m: None, ..POINTS[1] };
    [
        OfficerLocation { by: Some(LocatedBy::Device), ..here.clone() },
        OfficerLocation {
            by: Some(LocatedBy::Hand),
            reason: reason.clone(),
            ..OfficerLocation::from(without_accuracy)
        },
        OfficerLocation {
            point: None,
            address: Some("Di bawah jembatan".into()),
            by: Some(LocatedBy::Words),
            reason,
        },
        here,
    ]
}

/// An event of this act with everything in it, each value as large as it can be.
pub(crate) fn full_event(act: Act) -> Event {
    Event {
        number: u32::MAX,
        act,
        status: Status::Duplikat,
        at: "2026-01-10T01:23:45.123456789Z".parse().unwrap(),
        by: Some(named(Some(code("dinas-a")))),
        unit: Some(code("sudin-a1")),
        reason: Some("Alasan".into()),
        finding: Some(String::new()),
        narrative: Some("\u{10FFFF}".repeat(4000)),
        photos: (0..20).map(|n| PhotoId::from_bytes(&[n; 10])).collect(),
        location: Some(locations()[act.as_str().len() % 4].clone()),
        into: Some(Ticket::from_mac(&[9; 32])),
        summary: Some("Ringkasan".into()),
        step: Some(StepKind::Coordinate),
        mark: Some(Mark::Near),
        before: Some(BeforeCorrection {
            category: Some(code("jalan-rusak")),
            place: Some(Place { point: Some(POINTS[0].stored()), address: Some("Jl. Contoh 1".into()) }),
            area: domain::area::AreaCode::parse("31.71.01.1001"),
        }),
        recalls: Some(u32::MAX),
        on: Some(Date::MAX),
        text: Some("Catatan".into()),
        audience: Some(NoteAudience::All),
        desk: Some(Desk::Unit(code("dinas-a"))),
        asks_ticket_desk: true,
        precedes_release: true,
        privacy: Some(Privacy::Public),
        body_digest: Some("a".repeat(64)),
        ..bare_event()
    }
}

#[test]
fn an_event_with_and_without_its_parts() {
    assert_eq!(stored_and_read(&bare_event()), bare_event());
    for act in Act::ALL {
        assert_eq!(stored_and_read(&full_event(*act)), full_event(*act));
    }
}

/// A photo that an event has used, with what comes with that; or one that none has, with all else.
pub(crate) fn photo(kind: PhotoKind, state: PhotoState, used_by: Option<EventId>) -> Photo {
    Photo {
        photo: PhotoId::from_bytes(&[4; 10]),
        ticket: ticket(),
        kind,
        state,
        reason: used_by.is_none().then_some(PhotoReason::OtherFile),
        damaged: used_by.is_none(),
        locked: used_by.is_none(),
        sha256: used_by.is_none().then(|| "QUJD".into()),
        at: Timestamp::MAX,
        place: u32::MAX,
        url_until: used_by.is_none().then_some(Timestamp::MAX),
        shown_from: used_by.is_none().then_some(Timestamp::MAX),
        slots: used_by.is_none().then_some(SlotClass::Peka),
        digests: if used_by.is_some() { vec!["a".repeat(64), "b".repeat(64)] } else { Vec::new() },
        unit: used_by.is_some().then(|| code("dinas-a")),
        test_until: used_by.is_some().then_some(Timestamp::MAX),
        camera: used_by.is_some().then(|| CameraNonce::from_bytes(&[6; CameraNonce::BYTES])),
        used_by,
    }
}

#[test]
fn a_photo_of_every_kind_and_state() {
    for kind in PhotoKind::ALL {
        for state in PhotoState::ALL {
            for used_by in [None, Some(EventId::from_bytes(&[3; 17]))] {
                let photo = photo(*kind, *state, used_by);
                // The item's own `kind` does not stand in the way of the photo's.
                let item = of_report(&photo.ticket, "photo#x", "photo", &photo).unwrap();
                assert_eq!(item["kind"], AttributeValue::S("photo".into()));
                assert_eq!(stored_and_read(&photo), photo);
            }
        }
    }
}

/// An announcement to each audience.
pub(crate) fn announcements() -> impl Iterator<Item = Announcement> {
    let desks = [Desk::Tiket, Desk::Unit(code("dinas-a")), Desk::Validasi, Desk::Verifikasi];
    let to_desks = desks.map(|desk| (Audience::Desk(desk), Some(code("dinas-a")), None, None));
    let to_reporter = (Audience::Reporter, None, Some(code("jaki")), Some(Language::En));
    let to_administrator = (Audience::Administrator, Some(code("dinas-a")), None, None);
    let all = to_desks.into_iter().chain([to_administrator, to_reporter]);
    all.map(|(audience, unit, channel, language)| Announcement {
        follows: (audience == Audience::Reporter).then_some(Status::Proses),
        mark: (audience == Audience::Administrator).then_some(Mark::Escalated),
        event_id: EventId::from_bytes(&[1; 17]),
        event: Act::Validate,
        ticket: ticket(),
        status: Status::Selesai,
        privacy: Privacy::Private,
        unit,
        channel,
        language,
        plan: language.map(|_| Date::MAX),
        released_at: language.map(|_| Timestamp::MAX),
        may: match &audience {
            Audience::Desk(Desk::Tiket) => Some(AudienceMay::Hear),
            Audience::Desk(_) => Some(AudienceMay::Act),
            Audience::Administrator => Some(AudienceMay::Look),
            Audience::Reporter => None,
        },
        slot_mail: matches!(audience, Audience::Desk(_)).then_some(Timestamp::UNIX_EPOCH),
        audience,
    })
}

#[test]
fn an_announcement_to_every_audience() {
    for announcement in announcements() {
        let item = of_report(&announcement.ticket, "announcement#x", "announcement", &announcement).unwrap();
        // `notify` reads the text attributes alone.
        assert!(item.values().all(AttributeValue::is_s));
        assert_eq!(stored_and_read(&announcement), announcement);
    }
}

#[test]
fn an_access_of_every_kind() {
    for (looked_at, photo, tickets) in [
        (Looked::Report, None, Vec::new()),
        (Looked::Photo, Some(PhotoId::from_bytes(&[4; 10])), Vec::new()),
        (Looked::Desk, None, (0..100).map(|n| Ticket::from_mac(&[n; 32])).collect()),
        (Looked::Desk, None, Vec::new()),
    ] {
        for unit in [None, Some(code("dinas-a"))] {
            let access = Access {
                id: EventId::from_bytes(&[1; 17]),
                at: "2026-01-10T01:23:45.000000001Z".parse().unwrap(),
                officer: named(unit),
                looked_at,
                photo: photo.clone(),
                code: None,
                tickets: tickets.clone(),
            };
            assert_eq!(stored_and_read(&access), access);
        }
    }
}

#[rstest]
#[case::bare(bare_report())]
#[case::full(full_report())]
fn a_line_of_a_desk_needs_no_more_than_the_index_carries(#[case] report: Report) {
    let item = of_report(&report.ticket, REPORT, REPORT, &report).unwrap();
    let mut carried: Item =
        as_dynamodb_keeps_it(item).into_iter().filter(|(name, _)| CARRIED.contains(&name.as_str())).collect();
    // The keys of table and index are always there.
    for key in ["pk", "sk", "desk", "desk_order"] {
        carried.insert(key.into(), AttributeValue::S("x".into()));
    }
    let line: DeskLine = read(carried, "misfit").unwrap();
    assert_eq!(
        line,
        DeskLine {
            ticket: report.ticket,
            category: report.category,
            status: report.status,
            privacy: report.privacy,
            place: report.place,
            area: report.area,
            due_on: report.due_on,
            unit: report.unit,
            officer: report.officer,
            claim: report.claim,
        }
    );
    let template = include_str!("../../../infra/template.yaml");
    let carried = format!("NonKeyAttributes: [{}]", CARRIED.join(", "));
    assert_eq!(template.matches(&carried).count(), 3, "each index of desks");
}

#[test]
fn what_does_not_fit_is_a_failure_without_its_content() {
    let mut item = of_report(&ticket(), REPORT, REPORT, &bare_report()).unwrap();
    item.insert("status".into(), AttributeValue::S("tenggiri-4410".into()));
    let failure = read::<Report>(item, "misfit").unwrap_err();
    assert!(!format!("{failure:?} {failure}").contains("tenggiri"));
}

proptest! {
    #[test]
    fn a_point_keeps_every_digit(lat in -90.0..=90.0_f64, lon in -180.0..=180.0_f64, accuracy in 0.0..=1e5_f64) {
        let point = Some(Point { lat, lon, accuracy_m: Some(accuracy) }.stored());
        let report = Report { place: Place { point, address: None }, ..bare_report() };
        prop_assert_eq!(stored_and_read(&report).place.point, point);
    }
}
