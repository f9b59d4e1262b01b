//! Who sees what: the table of the design's section 3 against reports that went through a whole life, and the exact answers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod clock;
mod received;

use domain::{
    area::AreaCode,
    command::{Command, Verdict},
    decide::decide,
    decision::{Decision, Stamp},
    desk::Desk,
    event::Event,
    ids::{EventId, PhotoId, Version},
    language::Language,
    location::Point,
    new_report::submit,
    officer::{Officer, Role},
    officer_location::{LocatedBy, OfficerLocation},
    pending::Rating,
    personal_data::{MASK, PersonalData},
    photo::{Photo, PhotoKind, PhotoState},
    privacy::Privacy,
    report::Report,
    reporter_actions::{self, ActionStamp},
    slots::{Schedule, SlotClass, Slots},
    status::Status,
    ticket::Ticket,
    unit::{Code, Unit},
    view::{
        Beside, DeskItem, Heading, Reader, Viewer, Whole, likeness_named, may_see_photo, officer_view,
        reporter_view, viewer,
    },
    warnings::{Warning, WarningCode},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use received::{merge_into, received};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Stands in every text that somebody wrote.
const PHONE: &str = "0812-3456-7890";
/// Where the problem is, where the TL and where the verification were made.
const PLACES: [Point; 3] = [
    Point { lat: -6.175_392_4, lon: 106.827_153_6, accuracy_m: Some(12.5) },
    Point { lat: -6.175_421_9, lon: 106.827_188_1, accuracy_m: None },
    Point { lat: -6.175_466_6, lon: 106.827_199_9, accuracy_m: None },
];

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn unit(path: &[&str]) -> Unit {
    Unit { code: code(path[0]), path: path.iter().map(|text| code(text)).collect() }
}

fn officer(name: &str, tag: &str, unit: Option<&str>) -> Officer {
    let role = Role::of([tag], unit).unwrap();
    Officer { id: format!("subject-of-{}", name.to_lowercase()), name: name.into(), role }
}

fn ayu() -> Officer {
    officer("Ayu", "admin-tiket", None)
}
fn budi() -> Officer {
    officer("Budi", "petugas-opd", Some("dinas-a"))
}
fn citra() -> Officer {
    officer("Citra", "petugas-opd", Some("sudin-a1"))
}
fn eko() -> Officer {
    officer("Eko", "petugas-opd", Some("dinas-b"))
}
fn gita() -> Officer {
    officer("Gita", "petugas-validasi", None)
}
fn hadi() -> Officer {
    officer("Hadi", "petugas-verifikasi", None)
}
fn kartika() -> Officer {
    officer("Kartika", "administrator", None)
}

/// A report with all that was stored of it.
struct Life {
    slots: Slots,
    now: Timestamp,
    drawn: u8,
    report: Report,
    events: Vec<Event>,
    photos: Vec<Photo>,
}

impl Life {
    fn stamp(drawn: u8, now: Timestamp) -> Stamp {
        Stamp {
            now,
            version: Version::from_bytes(&[drawn; 13]),
            event: EventId::from_bytes(&[drawn; 17]),
            body_digest: Some("b".repeat(64)),
        }
    }

    fn new(privacy: Privacy) -> Self {
        let slots = Slots {
            zone: TimeZone::get("Asia/Jakarta").unwrap(),
            segera: Schedule::AtOnce,
            biasa: Schedule::AtOnce,
            peka: Schedule::AtOnce,
        };
        let now = "2026-01-10T01:23:45.123456789Z".parse().unwrap();
        let mut received = received(SlotClass::Biasa, None);
        received.submission.description = format!("Lubang di depan pasar, hubungi {PHONE}");
        received.submission.location.point = Some(PLACES[0]);
        received.submission.privacy = privacy;
        received.route.area = AreaCode::parse("31.71.01");
        received.route.suggested = Some(code("sudin-a1"));
        let Decision { report, event, .. } = submit(received, Self::stamp(1, now), clock::by(&slots));
        let photos = vec![photo(0, PhotoKind::Reporter, &report, now)];
        Self { slots, now, drawn: 2, report, events: vec![event], photos }
    }

    fn act(mut self, officer: &Officer, command: Command) -> Self {
        self.now += 7.hours();
        let decision =
            decide(&self.report, command, officer, Self::stamp(self.drawn, self.now), clock::by(&self.slots))
                .unwrap();
        self.drawn += 1;
        self.report = decision.report;
        self.events.push(decision.event);
        self
    }

    fn declare(mut self, officer: &Officer, kinds: &[PhotoKind]) -> Self {
        let mut new = Vec::new();
        for kind in kinds {
            let photo = photo(self.photos.len(), *kind, &self.report, self.now);
            new.push((photo.photo.clone(), *kind));
            self.photos.push(photo);
        }
        self.act(officer, Command::AddPhotos { photos: new, never_ready: Vec::new() })
    }

    fn at_hand(&self) -> Vec<PhotoId> {
        self.report.work.at_hand.all().map(|(photo, _)| photo.clone()).collect()
    }

    fn tl(self) -> Self {
        self.tl_that_says("Lubang ditambal dengan aspal")
    }

    fn tl_that_says(self, narrative: &str) -> Self {
        self.tl_posted_at(narrative, PLACES[1].into())
    }

    fn tl_posted_at(self, narrative: &str, location: OfficerLocation) -> Self {
        let declared = self.declare(&citra(), &[PhotoKind::Before, PhotoKind::After]);
        let narrative = narrative.to_owned();
        let photos = declared.at_hand();
        declared.act(&citra(), Command::PostTl { narrative, photos, location: Some(location) })
    }

    fn verified(self, conforms: bool) -> Self {
        let declared = self.declare(&hadi(), &[PhotoKind::Field]);
        let photos = declared
            .at_hand()
            .into_iter()
            .filter(|photo| declared.report.work.at_hand.get(photo).unwrap().kind == PhotoKind::Field)
            .collect();
        let finding = format!("Dicek, tanya {PHONE}");
        declared.act(&hadi(), Command::Verify { conforms, finding, photos, location: PLACES[2].into() })
    }

    fn validated(self, verdict: Verdict) -> Self {
        let reason = Some(format!("Menurut {PHONE} belum rata"));
        self.act(&gita(), Command::Validate { verdict, reason })
    }

    fn action_stamp(&self) -> ActionStamp {
        ActionStamp { stamp: Self::stamp(self.drawn, self.now), draw: 0 }
    }

    fn rated(mut self) -> Self {
        let rating = Rating { stars: 2, comment: Some("Sudah, tapi lama".into()) };
        (self.report, _) =
            reporter_actions::rate(&self.report, rating, self.action_stamp(), clock::by(&self.slots))
                .unwrap();
        self
    }

    fn withdrawn(mut self) -> Self {
        let (report, effects) =
            reporter_actions::withdraw(&self.report, self.action_stamp(), clock::by(&self.slots));
        self.report = report;
        self.events.extend(effects.events);
        self
    }

    /// A life that ends in `status`, after one round that ended in `tl_ditolak` by the verifier.
    fn to(status: Status, privacy: Privacy) -> Self {
        let reason = || format!("Bukan kami, hubungi {PHONE}");
        let (dinas, sudin) = (unit(&["dinas-a"]), unit(&["sudin-a1", "dinas-a"]));
        let refused = Self::new(privacy)
            .act(&ayu(), Command::Assign { unit: unit(&["dinas-b"]), summary: None })
            .act(&eko(), Command::Forward { unit: dinas.clone(), reason: reason() })
            .act(&budi(), Command::Delegate { unit: sudin.clone() })
            .act(&citra(), Command::Accept)
            .tl()
            .validated(Verdict::FieldCheck)
            .verified(false);
        let back = |life: Self| life.act(&citra(), Command::Return { reason: reason() });
        let assigned = |life| back(life).act(&ayu(), Command::Assign { unit: dinas.clone(), summary: None });
        let delegated = |life| assigned(life).act(&budi(), Command::Delegate { unit: sudin.clone() });
        let life = match status {
            Status::TlDitolak => refused,
            Status::Menunggu => back(refused),
            Status::Ditolak => back(refused).act(&ayu(), Command::Reject { reason: reason() }),
            Status::Duplikat => {
                let into = Ticket::from_mac(&[9; 32]);
                back(refused).act(&ayu(), merge_into(into, true))
            }
            Status::Koordinasi => assigned(refused),
            Status::Disposisi => delegated(refused),
            Status::Proses => delegated(refused).act(&citra(), Command::Accept),
            Status::MenungguValidasi => refused.tl(),
            Status::MenungguVerifikasi => refused.tl().validated(Verdict::FieldCheck),
            Status::Selesai => refused.tl().validated(Verdict::FieldCheck).verified(true).rated(),
            Status::Dibatalkan => refused.withdrawn(),
        };
        assert_eq!(life.report.status, status);
        life
    }

    fn whole(&self) -> Whole<'_> {
        Whole { report: &self.report, events: &self.events, photos: &self.photos }
    }

    fn reader<'a>(&'a self, officer: &'a Officer) -> Reader<'a> {
        Reader { language: Language::Id, now: self.now, slots: &self.slots, officer }
    }

    /// What this officer is answered.
    fn seen_by(&self, officer: &Officer) -> Value {
        let seen_by = viewer(&self.report, officer).unwrap();
        serde_json::to_value(officer_view(self.whole(), seen_by, self.reader(officer))).unwrap()
    }

    fn seen_by_reporter(&self) -> Value {
        let looks = [(None, 2), (Some(code("dinas-a")), 1)].into();
        let beside = Beside { followed: None, looks };
        serde_json::to_value(reporter_view(self.whole(), beside, self.now, Language::Id)).unwrap()
    }
}

fn photo(number: usize, kind: PhotoKind, report: &Report, at: Timestamp) -> Photo {
    Photo {
        photo: PhotoId::from_bytes(&[100 + u8::try_from(number).unwrap(); 10]),
        ticket: report.ticket.clone(),
        kind,
        state: PhotoState::Ready,
        reason: None,
        damaged: false,
        locked: report.locks(kind),
        sha256: Some("QUJD".into()),
        at,
        place: 0,
        url_until: None,
        shown_from: None,
        slots: None,
        digests: vec!["d".repeat(64)],
        unit: matches!(kind, PhotoKind::Before | PhotoKind::After).then(|| code("sudin-a1")),
        camera: None,
        used_by: None,
        test_until: None,
    }
}

/// The columns of the design's table, the two bureau desks apart.
const COLUMNS: [&str; 6] =
    ["unit officer", "validasi", "verifikasi", "admin-tiket", "administrator", "reporter"];

fn answers(life: &Life) -> [Value; 6] {
    let [unit, validasi, verifikasi, tiket, all] =
        [budi(), gita(), hadi(), ayu(), kartika()].map(|officer| life.seen_by(&officer));
    [unit, validasi, verifikasi, tiket, all, life.seen_by_reporter()]
}

type Look = fn(&Value, &Life) -> &'static str;

/// Design, section 3, row by row: what each column sees.
const TABLE: [(&str, Look, [&str; 6]); 13] = [
    ("ticket, category, status, label", heading, ["Y", "Y", "Y", "Y", "Y", "Y"]),
    ("description", description, ["masked", "Y", "Y", "Y", "Y", "Y"]),
    ("place", place, ["4 decimals, address", "exact", "exact", "exact", "exact", "exact"]),
    ("reporter's photos", reporters_photos, ["photos", "photos", "photos", "photos", "photos", "Y"]),
    ("TL (narrative, photos), field photos", work, ["Y", "Y", "Y", "Y", "Y", "Y"]),
    ("reasons and findings", reasons, ["masked", "Y", "Y", "Y", "Y", "masked"]),
    ("date and hour", times, ["—", "Y", "—", "Y", "Y", "Y"]),
    ("urgency", urgency, ["Y", "Y", "Y", "Y", "Y", "—"]),
    ("channel", channel, ["—", "Y", "—", "Y", "Y", "Y"]),
    ("officer who accepted or posted the TL", workers, ["Y", "Y", "Y", "Y", "Y", "unit only"]),
    ("name of the validator, of the verifier", judges, ["—", "—", "—", "—", "Y", "—"]),
    ("rating", rating, ["—", "—", "—", "—", "Y", "Y"]),
    ("reporter, access log, what is only stored", stored, ["—", "—", "—", "—", "—", "—"]),
];

#[test]
fn every_viewer_sees_what_the_table_says_and_nothing_else() {
    for &status in Status::ALL {
        for privacy in [Privacy::Private, Privacy::Public] {
            let life = Life::to(status, privacy);
            let answers = answers(&life);
            let on_a_units_desk = matches!(life.report.desk(), Some(Desk::Unit(_)));
            for (row, look, expected) in TABLE {
                for (column, (answer, expected)) in answers.iter().zip(expected).enumerate() {
                    // A unit that the report has left sees less: see the next test.
                    if column == 0 && !on_a_units_desk {
                        continue;
                    }
                    let expected = match (expected, privacy) {
                        // No officer sees those of a private report.
                        ("photos", Privacy::Private) => "—",
                        ("photos", Privacy::Public) => "Y",
                        // A report that is finished is not urgent.
                        ("Y", _) if row == "urgency" && !status.is_open() => "—",
                        ("Y", _) if row == "rating" && status != Status::Selesai => "—",
                        (expected, _) => expected,
                    };
                    let column = COLUMNS[column];
                    assert_eq!(
                        look(answer, &life),
                        expected,
                        "{row}, {column}, {status:?} {privacy:?}: {answer:#}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_photo_that_never_came_is_missing_for_its_reporter_and_pending_for_the_desk_that_knows_the_hour() {
    let mut life = Life::new(Privacy::Public);
    let photo = &mut life.photos[0];
    photo.state = PhotoState::Pending;
    photo.url_until = Some(photo.at);
    photo.shown_from = life.report.visible.photos_from;
    let state = |seen: &Value| seen["photos"][0]["state"].clone();
    assert_eq!(state(&life.seen_by_reporter()), "pending");
    life.now += 1.hour();
    assert_eq!(state(&life.seen_by_reporter()), "missing");
    assert_eq!(state(&life.seen_by(&ayu())), "pending");
}

#[test]
fn a_unit_that_the_report_has_left_sees_its_own_events_and_photos_and_no_others() {
    for &status in Status::ALL {
        for privacy in [Privacy::Private, Privacy::Public] {
            let life = Life::to(status, privacy);
            let mut former = vec![eko()];
            if !matches!(life.report.desk(), Some(Desk::Unit(_))) {
                former.extend([budi(), citra()]);
            }
            for officer in former {
                assert_eq!(viewer(&life.report, &officer), Some(Viewer::FormerUnit));
                let seen = life.seen_by(&officer);
                let fields: Vec<&String> = seen.as_object().unwrap().keys().collect();
                let all = ["category", "history", "label", "photos", "status", "status_text", "ticket"];
                assert_eq!(fields, all);
                let unit = officer.role.unit();
                let by_unit = |event: &&Event| event.by.as_ref().is_some_and(|by| by.unit.as_ref() == unit);
                let own: Vec<&Event> = life.events.iter().filter(by_unit).collect();
                assert_eq!(history(&seen).len(), own.len());
                for (entry, event) in history(&seen).iter().zip(own) {
                    assert_eq!(entry["event"], event.act.as_str());
                }
                let photos = seen["photos"].as_array().unwrap();
                let of_unit =
                    life.photos.iter().filter(|photo| photo.unit.is_some() && photo.unit.as_ref() == unit);
                assert_eq!(photos.len(), of_unit.count());
            }
        }
    }
}

#[test]
fn a_report_exists_for_nobody_whom_it_has_not_reached() {
    let life = Life::new(Privacy::Public);
    for officer in [budi(), citra(), eko(), gita(), hadi()] {
        assert_eq!(viewer(&life.report, &officer), None);
    }
    assert_eq!(viewer(&life.report, &ayu()), Some(Viewer::Bureau));
    let life = life.act(&ayu(), Command::Assign { unit: unit(&["sudin-a1", "dinas-a"]), summary: None });
    for officer in [budi(), citra()] {
        assert_eq!(viewer(&life.report, &officer), Some(Viewer::Unit));
    }
    for officer in [eko(), gita(), hadi()] {
        assert_eq!(viewer(&life.report, &officer), None);
    }
}

#[test]
fn a_photo_of_the_reporters_is_locked_at_once_and_opened_at_its_slot() {
    let mut life = Life::new(Privacy::Public);
    life.slots.biasa = Schedule::parse("07:00,10:00,13:00,16:00").unwrap();
    let sees = |life: &Life, viewer| may_see_photo(viewer, &budi(), &life.report, &life.photos[0], life.now);
    let all = [Viewer::Unit, Viewer::Field, Viewer::Bureau, Viewer::Administrator];
    assert!(all.iter().all(|viewer| sees(&life, *viewer)) && !sees(&life, Viewer::FormerUnit));

    (life.report, _) = reporter_actions::change_privacy(
        &life.report,
        Privacy::Private,
        life.action_stamp(),
        clock::by(&life.slots),
    );
    assert!(all.iter().all(|viewer| !sees(&life, *viewer)), "locked at once");
    let label = &life.seen_by(&ayu())["label"];
    assert_eq!(*label, Privacy::Public.label(), "but nobody is told before the slot");

    (life.report, _) = reporter_actions::change_privacy(
        &life.report,
        Privacy::Public,
        life.action_stamp(),
        clock::by(&life.slots),
    );
    assert!(all.iter().all(|viewer| !sees(&life, *viewer)), "they do not come back at once");
    life.now += 2.hours();
    clock::due(&mut life.report, life.now, &life.slots);
    assert!(all.iter().all(|viewer| sees(&life, *viewer)), "but at the slot");

    let mut life = Life::new(Privacy::Private);
    life.slots.biasa = Schedule::parse("07:00,10:00,13:00,16:00").unwrap();
    (life.report, _) = reporter_actions::change_privacy(
        &life.report,
        Privacy::Public,
        life.action_stamp(),
        clock::by(&life.slots),
    );
    assert!(all.iter().all(|viewer| !sees(&life, *viewer)), "not yet");
    life.now += 2.hours();
    clock::due(&mut life.report, life.now, &life.slots);
    assert!(all.iter().all(|viewer| sees(&life, *viewer)));
}

#[test]
fn the_arrival_of_a_photo_does_not_tell_when_it_was_sent() {
    let mut life = Life::new(Privacy::Public);
    life.photos[0].shown_from = Some(life.now + 2.hours());
    life.report.visible.photos_from = life.photos[0].shown_from;
    let sees = |life: &Life| {
        [Viewer::Unit, Viewer::Field, Viewer::Bureau, Viewer::Administrator]
            .map(|viewer| may_see_photo(viewer, &budi(), &life.report, &life.photos[0], life.now))
    };
    assert_eq!(sees(&life), [false, false, true, true], "with the report, whose hour the bureau knows");
    life.report.visible.photos_from = Some(life.now);
    assert_eq!(sees(&life), [false; 4], "declared with the report, uploaded later");
    life.photos[0].at += 1.minute();
    assert_eq!(sees(&life), [false; 4], "added later");
    life.now += 2.hours();
    assert_eq!(sees(&life), [true; 4]);
}

/// Where the crew was, as this officer is told.
fn location_of_tl(life: &Life, officer: &Officer) -> Value {
    let seen = life.seen_by(officer);
    history(&seen).iter().find(|entry| entry["event"] == "post_tl").unwrap()["location"].clone()
}

#[test]
fn where_a_crew_was_is_told_as_closely_as_the_place_and_why_as_other_reasons() {
    let assigned = |summary: Option<&str>| {
        let summary = summary.map(str::to_owned);
        Life::new(Privacy::Public)
            .act(&ayu(), Command::Assign { unit: unit(&["sudin-a1", "dinas-a"]), summary })
            .act(&citra(), Command::Accept)
    };
    let exact = OfficerLocation::from(PLACES[0]);
    let reason = || Some(format!("Tanya {PHONE}"));
    let measured = OfficerLocation { by: Some(LocatedBy::Device), ..exact.clone() };
    let by_hand =
        OfficerLocation { by: Some(LocatedBy::Hand), reason: reason(), ..OfficerLocation::from(PLACES[1]) };
    let words = OfficerLocation {
        point: None,
        address: Some(format!("Gang 2, {PHONE}")),
        by: Some(LocatedBy::Words),
        reason: reason(),
    };
    let masked_reason = format!("Tanya {MASK}");
    let masked_words = format!("Gang 2, {MASK}");
    let on_4_decimals = |by: &str| serde_json::json!({"lat": -6.1754, "lon": 106.8272, "by": by});
    let with = |mut seen: Value, name: &str, text: &str| {
        seen[name] = text.into();
        seen
    };
    let in_words = serde_json::json!({"by": "words", "reason": masked_reason});
    for (summary, location, of_unit) in [
        (None, &exact, serde_json::json!({"lat": -6.1754, "lon": 106.8272})),
        (None, &measured, on_4_decimals("device")),
        (None, &by_hand, with(on_4_decimals("hand"), "reason", &masked_reason)),
        (None, &words, with(in_words.clone(), "address", &masked_words)),
        // Where the reporter's words are withheld the unit sees no address.
        (Some("Lubang di jalan"), &words, in_words.clone()),
    ] {
        let posted = assigned(summary).tl_posted_at("Lubang ditambal", location.clone());
        let whole = serde_json::to_value(location).unwrap();
        for officer in [gita(), ayu(), kartika()] {
            assert_eq!(location_of_tl(&posted, &officer), whole, "{}", officer.name);
        }
        assert!(!posted.seen_by_reporter().to_string().contains("location"));
        // The unit that it has left is told no place, so no words of one.
        let mut without_words = of_unit.clone();
        without_words.as_object_mut().unwrap().remove("address");
        assert_eq!(location_of_tl(&posted, &citra()), without_words);
        let refused = posted.validated(Verdict::Reject);
        assert_eq!(location_of_tl(&refused, &citra()), of_unit);
        let looked = refused.tl().validated(Verdict::FieldCheck);
        assert_eq!(location_of_tl(&looked, &hadi()), whole);
    }
}

#[test]
fn where_a_verifier_was_no_unit_is_told() {
    let life = Life::to(Status::MenungguVerifikasi, Privacy::Public);
    let declared = life.declare(&hadi(), &[PhotoKind::Field]);
    let photos: Vec<PhotoId> = declared
        .at_hand()
        .into_iter()
        .filter(|photo| declared.report.work.at_hand.get(photo).unwrap().kind == PhotoKind::Field)
        .collect();
    let location = OfficerLocation {
        point: None,
        address: Some("Di seberang gerbang".into()),
        by: Some(LocatedBy::Words),
        reason: Some("Gerbang terkunci".into()),
    };
    let whole = serde_json::to_value(&location).unwrap();
    let finding = "Belum rata".to_owned();
    let verified = declared.act(&hadi(), Command::Verify { conforms: false, finding, photos, location });
    for officer in [gita(), ayu(), kartika()] {
        let seen = verified.seen_by(&officer);
        assert_eq!(history(&seen).last().unwrap()["location"], whole);
    }
    for officer in [citra(), hadi()] {
        let seen = verified.seen_by(&officer).to_string();
        assert!(!seen.contains("seberang") && !seen.contains("terkunci"), "{}", officer.name);
    }
    assert!(!verified.seen_by_reporter().to_string().contains("seberang"));
}

fn history(answer: &Value) -> &[Value] {
    answer["history"].as_array().unwrap()
}

/// One word for all of them, or a mixture, which no row expects.
fn all<'a>(words: impl IntoIterator<Item = &'a str>) -> &'a str {
    let words: BTreeSet<&str> = words.into_iter().collect();
    let mut words = words.into_iter();
    match (words.next(), words.next()) {
        (Some(word), None) => word,
        (None, _) => "nothing there",
        (Some(_), Some(_)) => "mixed",
    }
}

fn text(value: &Value) -> &'static str {
    match value.as_str() {
        None => "—",
        Some(text) if text.contains(PHONE) => "Y",
        Some(text) if text.contains(MASK) => "masked",
        Some(_) => "another text",
    }
}

fn present(there: bool) -> &'static str {
    if there { "Y" } else { "—" }
}

fn heading(answer: &Value, life: &Life) -> &'static str {
    let report = &life.report;
    assert_eq!(answer["ticket"], report.ticket.to_string());
    assert_eq!(answer["category"], "jalan-berlubang");
    assert_eq!(answer["status"], report.status.as_str());
    assert_eq!(answer["status_text"], report.status.text(Language::Id));
    assert_eq!(
        answer["label"],
        match report.privacy {
            Privacy::Private =>
                "Laporan bersifat privasi. Jangan berikan informasi dalam laporan ini kepada siapapun",
            Privacy::Public => "Jangan berikan informasi dalam laporan ini kepada siapapun",
        }
    );
    "Y"
}

fn description(answer: &Value, _: &Life) -> &'static str {
    text(&answer["description"])
}

fn place(answer: &Value, _: &Life) -> &'static str {
    let place = &answer["place"];
    assert_eq!(place["address"], "Jl. Contoh 1");
    if *place == serde_json::json!({"lat": -6.1754, "lon": 106.8272, "address": "Jl. Contoh 1"}) {
        "4 decimals, address"
    } else if place["lat"] == PLACES[0].lat && place["lon"] == PLACES[0].lon && place["accuracy_m"] == 12.5 {
        "exact"
    } else {
        "another place"
    }
}

fn reporters_photos(answer: &Value, life: &Life) -> &'static str {
    let id = life.photos[0].photo.as_str();
    let listed = answer["photos"].as_array().unwrap().iter().any(|photo| photo["kind"] == "reporter");
    assert_eq!(answer.to_string().contains(id), listed, "named elsewhere");
    present(listed)
}

fn work(answer: &Value, life: &Life) -> &'static str {
    let listed: BTreeSet<&str> =
        answer["photos"].as_array().unwrap().iter().map(|photo| photo["photo"].as_str().unwrap()).collect();
    let work = life.photos.iter().filter(|photo| photo.kind != PhotoKind::Reporter);
    let all_listed = work.into_iter().all(|photo| listed.contains(photo.photo.as_str()));
    let tls = history(answer).iter().filter(|entry| entry["event"] == "post_tl");
    let told = tls.into_iter().all(|entry| {
        entry["narrative"] == "Lubang ditambal dengan aspal" && entry["photos"].as_array().is_some()
    });
    present(all_listed && told && history(answer).len() == life.events.len())
}

fn reasons(answer: &Value, life: &Life) -> &'static str {
    let mut words = Vec::new();
    for (entry, event) in history(answer).iter().zip(&life.events) {
        for (field, was) in [("reason", &event.reason), ("finding", &event.finding)] {
            if was.is_some() {
                words.push(text(&entry[field]));
            }
        }
    }
    all(words)
}

/// Of the report and of every event; and no text that looks like a day is elsewhere.
fn times(answer: &Value, _: &Life) -> &'static str {
    if !answer.to_string().contains("2026") {
        return "—";
    }
    all(history(answer)
        .iter()
        .map(|entry| present(entry["at"].is_string()))
        .chain([present(answer["submitted_at"].is_string())]))
}

fn urgency(answer: &Value, _: &Life) -> &'static str {
    present(answer.get("urgency").is_some())
}

fn channel(answer: &Value, _: &Life) -> &'static str {
    let named = answer.get("channel").is_some();
    assert_eq!(answer.to_string().contains("jaki"), named);
    present(named)
}

fn workers(answer: &Value, _: &Life) -> &'static str {
    let entries =
        history(answer).iter().filter(|entry| entry["event"] == "accept" || entry["event"] == "post_tl");
    all(entries.map(|entry| {
        let by = &entry["by"];
        if by["name"] == "Citra" && by["unit"] == "sudin-a1" {
            "Y"
        } else if by.is_null() && entry["unit"] == "sudin-a1" {
            "unit only"
        } else {
            "—"
        }
    }))
}

/// Nobody but those of the row before is named, least of all by an answer's other fields.
fn judges(answer: &Value, _: &Life) -> &'static str {
    let text = answer.to_string();
    all(["Gita", "Hadi", "Ayu"].map(|name| present(text.contains(name))))
}

fn rating(answer: &Value, life: &Life) -> &'static str {
    assert!(!answer.to_string().contains("tapi lama") || answer["rating"]["stars"] == 2);
    present(answer.get("rating").is_some() && life.report.reporter.rating.is_some())
}

fn stored(answer: &Value, life: &Life) -> &'static str {
    let text = answer.to_string();
    let mut hidden: Vec<&str> = vec![
        "subject-of-",
        "digest",
        "secret",
        "accesses",
        "QUJD",
        "4711",
        "pending",
        "erased",
        "revision",
        "forwards",
        "due_on",
    ];
    hidden.extend([life.report.reporter.secret_digest.as_str(), life.report.submitted.body_digest.as_str()]);
    hidden.extend(life.events.iter().map(|event| event.id.as_str()));
    present(hidden.into_iter().any(|hidden| text.contains(hidden)))
}

/// The keys of an answer, those of its lists' entries under `[]`, the kinds of photos by name.
fn paths(answer: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, path: &str, paths: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let dot = if path.is_empty() { "" } else { "." };
                    walk(value, &format!("{path}{dot}{name}"), paths);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, &format!("{path}[]"), paths)),
            Value::String(kind) if path == "photos[].kind" => {
                paths.insert(format!("{path} = {kind}"));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                paths.insert(path.to_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(answer, "", &mut found);
    found
}

#[test]
fn the_fields_of_every_answer() {
    for (column, name) in COLUMNS.into_iter().enumerate() {
        let mut cases: BTreeMap<BTreeSet<String>, Vec<String>> = BTreeMap::new();
        for &status in Status::ALL {
            for privacy in [Privacy::Private, Privacy::Public] {
                let fields = paths(&answers(&Life::to(status, privacy))[column]);
                cases.entry(fields).or_default().push(format!("{} {}", status.as_str(), privacy.as_str()));
            }
        }
        let mut table = String::new();
        for (fields, cases) in cases {
            table += &format!("{}\n", cases.join("\n"));
            table.extend(fields.iter().map(|field| format!("    {field}\n")));
        }
        insta::assert_snapshot!(format!("fields of {name}").replace(' ', "_"), table);
    }
}

/// The texts anywhere in an answer that are moments.
fn moments(answer: &Value) -> Vec<String> {
    match answer {
        Value::String(text) => text.parse::<Timestamp>().map(|_| text.clone()).into_iter().collect(),
        Value::Array(values) => values.iter().flat_map(moments).collect(),
        Value::Object(fields) => fields.values().flat_map(moments).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

#[test]
fn nobody_is_shown_a_time_finer_than_a_minute() {
    for &status in Status::ALL {
        let life = Life::to(status, Privacy::Public);
        let shown: Vec<String> = answers(&life).iter().flat_map(moments).collect();
        assert!(!shown.is_empty());
        for at in shown {
            assert!(at.ends_with(":00Z"), "{} shows {at}", status.as_str());
        }
    }
}

#[test]
fn the_answers_of_a_private_report_whose_tl_was_refused() {
    let life = Life::to(Status::TlDitolak, Privacy::Private);
    for (name, answer) in COLUMNS.into_iter().zip(answers(&life)) {
        insta::assert_json_snapshot!(format!("answer to {name}").replace(' ', "_"), answer);
    }
    insta::assert_json_snapshot!("answer_to_former_unit", life.seen_by(&eko()));
}

/// An officer who met the reporter may name them.
#[test]
fn personal_data_in_the_narrative_of_a_tl_is_masked_for_units_and_the_reporter() {
    let reason = Some("Belum rata".to_owned());
    let life = Life::to(Status::Proses, Privacy::Private)
        .tl_that_says(&format!("Ditambal, kata {PHONE}"))
        .act(&gita(), Command::Validate { verdict: Verdict::Reject, reason });
    let narrative = |answer: &Value| {
        let tl = history(answer).iter().rfind(|entry| entry["event"] == "post_tl").unwrap();
        tl["narrative"].clone()
    };
    assert_eq!(narrative(&life.seen_by(&budi())), "Ditambal, kata [•••]");
    assert_eq!(narrative(&life.seen_by_reporter()), "Ditambal, kata [•••]");
    for bureau in [gita(), ayu(), kartika()] {
        assert!(narrative(&life.seen_by(&bureau)).as_str().unwrap().contains(PHONE));
    }
}

/// The unit has to look for the plate, and for nothing else that is personal.
#[test]
fn what_the_category_is_about_stays_readable_for_the_unit_alone() {
    let reason = Some("Truk B 9183 TQU masih di sana".to_owned());
    let mut life = Life::to(Status::Proses, Privacy::Private)
        .tl_that_says("Truk B 9183 TQU ditilang")
        .act(&gita(), Command::Validate { verdict: Verdict::Reject, reason });
    let text = "Truk B 9183 TQU ngetem, hubungi 0812-3456-7890. Mobil saya B 1234 XYZ.";
    life.report.submitted.description = text.to_owned();
    life.report.place.address = Some("Belakang truk B 9183 TQU, RT 03/RW 05".to_owned());
    let unit = life.seen_by(&budi());
    assert_eq!(unit["description"], "Truk [•••] ngetem, hubungi [•••]. Mobil saya [•••].");

    life.report.terms.keeps = [PersonalData::Plate].into();
    let unit = life.seen_by(&budi());
    assert_eq!(unit["description"], "Truk B 9183 TQU ngetem, hubungi [•••]. Mobil saya [•••].");
    assert_eq!(unit["place"]["address"], "Belakang truk B 9183 TQU, [•••]");
    let narrative = |answer: &Value| {
        history(answer).iter().rfind(|entry| entry["event"] == "post_tl").unwrap()["narrative"].clone()
    };
    assert_eq!(narrative(&unit), "Truk B 9183 TQU ditilang");
    // A reporter reads no plate of somebody else's.
    assert_eq!(narrative(&life.seen_by_reporter()), "Truk [•••] ditilang");
}

/// What the unit will read needs no warning; what it will not read does.
#[test]
fn a_channel_is_not_warned_of_what_the_category_is_about() {
    let warned = |keeps: &[PersonalData], text: &str| -> Vec<WarningCode> {
        let keeps = keeps.iter().copied().collect();
        Warning::of(&keeps, [("description", Some(text))]).into_iter().map(|warning| warning.code).collect()
    };
    let text = "Sedot WC 0812-3456-7890 menutup rambu, motor B 1234 XYZ.";
    assert_eq!(warned(&[], text), [WarningCode::Phone, WarningCode::Plate]);
    assert_eq!(warned(&[PersonalData::Phone], text), [WarningCode::Plate]);
    let own = "Sedot WC 0812-3456-7890. Hubungi saya di 0812 9999 8888.";
    assert_eq!(warned(&[PersonalData::Phone], own), [WarningCode::Phone]);
}

#[test]
fn a_desk_item_gives_the_place_to_four_decimals_and_no_address() {
    let mut life = Life::to(Status::Koordinasi, Privacy::Public);
    life.report.place.address = Some(format!("Jl. Contoh 1, telepon {PHONE}"));
    let Report { ticket, category, status, privacy, .. } = &life.report;
    let budi = budi();
    let reader = life.reader(&budi);
    let heading = Heading::new(ticket, category, *status, *privacy, reader.language);
    let item = serde_json::to_value(DeskItem::new(heading, (&life.report).into(), false, reader)).unwrap();
    insta::assert_json_snapshot!(item, @r#"
    {
      "area": "31.71.01",
      "category": "jalan-berlubang",
      "label": "Jangan berikan informasi dalam laporan ini kepada siapapun",
      "place": {
        "lat": -6.1754,
        "lon": 106.8272
      },
      "status": "koordinasi",
      "status_text": "Koordinasi",
      "ticket": "0M2G-A185-0M2GP",
      "urgency": "3_hari"
    }
    "#);
}

#[test]
fn a_report_is_named_as_similar_once_it_has_come_to_a_desk_and_a_peka_one_once_the_ticket_desk_had_it() {
    let report = Life::to(Status::Menunggu, Privacy::Private).report;
    let named = |reached: &[Desk], withholds: bool, status: Status, is_test: bool| {
        let mut other = report.clone();
        other.ticket = Ticket::from_mac(&[77; 32]);
        other.visible.reached = reached.iter().cloned().collect();
        other.triage.withholds = withholds;
        other.status = status;
        other.submitted.test_until = is_test.then_some(other.submitted.at);
        likeness_named(&report, &other).is_some()
    };
    let unit = Desk::Unit(code("dinas-a"));
    let both = [Desk::Tiket, unit.clone()];
    let unit = [unit];
    assert!(named(&unit, false, Status::Proses, false) && named(&both, true, Status::Proses, false));
    assert!(!named(&[], false, Status::Koordinasi, false), "its arrival is not told");
    assert!(!named(&unit, true, Status::Proses, false), "what it is about is not told");
    assert!(!named(&both, false, Status::Proses, true), "a test report");
    for status in Status::ALL {
        assert_eq!(named(&both, false, *status, false), status.is_open(), "{status:?}");
    }
    assert_eq!(likeness_named(&report, &report), None, "itself");
}
