//! Which of two slots a report takes that the map sends to a unit: what the unit sees of it does not tell.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod clock;
mod jakarta;
mod received;

use domain::{
    announcement::{Announcement, Audience},
    decision::{Decision, Stamp},
    ids::{EventId, Version},
    location::{Place, Point},
    new_report::{Received, submit},
    officer::{Officer, Role},
    slots::SlotClass,
    ticket::Ticket,
    unit::{Code, Unit},
    view::{DeskItem, Heading, Reader, Viewer, Whole, officer_view},
};
use jakarta::slots;
use jiff::{SignedDuration, Timestamp, ToSpan};
use received::received;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The classes of which the map sends reports to units.
const ROUTED: [SlotClass; 2] = [SlotClass::Segera, SlotClass::Biasa];
/// How much later than it came a report's photos have come.
const UPLOAD: SignedDuration = SignedDuration::from_mins(15);

/// Every five minutes of two days.
fn moments() -> impl Iterator<Item = Timestamp> {
    let midnight: Timestamp = "2026-01-10T00:00:13+07".parse().unwrap();
    (0..2 * 24 * 12).map(move |place| midnight + (place * 5).minutes())
}

/// A report with a secret whose digest ends so, and how it comes in.
fn came(class: SlotClass, digit: char, now: Timestamp, change: impl FnOnce(&mut Received)) -> Decision {
    let code = Code::parse("sudin-a").unwrap();
    let mut received = received(class, Some(Unit { code: code.clone(), path: vec![code] }));
    received.digests.secret = format!("{}{digit}", "0".repeat(63));
    change(&mut received);
    let (version, event) = (Version::from_bytes(&[1; 13]), EventId::from_bytes(&[1; 17]));
    submit(received, Stamp { now, version, event, body_digest: None }, clock::by(&slots()))
}

fn slot(decision: &Decision) -> Timestamp {
    decision.report.visible.release.as_ref().unwrap().at
}

/// Each half of the secrets takes one of the two slots at any time, so a slot holds the same share of what came in the last interval and in
/// the one before it.
#[test]
fn half_of_what_came_in_any_interval_takes_the_first_slot_and_half_the_second() {
    for class in ROUTED {
        for now in moments() {
            let mut taken = BTreeMap::new();
            for digit in "0123456789abcdef".chars() {
                *taken.entry(slot(&came(class, digit, now, |_| {}))).or_insert(0) += 1;
            }
            let first = slots().next(class, false, now + UPLOAD);
            let second = slots().next(class, false, first);
            assert_eq!(taken, BTreeMap::from([(first, 8), (second, 8)]), "{class:?} at {now}");
        }
    }
}

#[test]
fn nothing_but_the_digest_of_the_secret_tells_which_slot_a_report_takes() {
    let now = "2026-01-10T01:23:45Z".parse().unwrap();
    let changes: [fn(&mut Received); 6] = [
        |received| received.channel = Code::parse("lapor-1708").unwrap(),
        |received| received.submission.category = Code::parse("taman").unwrap(),
        |received| received.submission.description = "Lampu taman mati".into(),
        |received| {
            let point = Point { lat: -6.2, lon: 106.8, accuracy_m: Some(250.0) };
            received.submission.location = Place { point: Some(point), address: None };
        },
        |received| received.digests.body = "c".repeat(64),
        |received| received.terms.deadlines.finish_days = 9,
    ];
    for digit in ['0', '1'] {
        let taken = slot(&came(SlotClass::Biasa, digit, now, |_| {}));
        for change in changes {
            assert_eq!(slot(&came(SlotClass::Biasa, digit, now, change)), taken);
        }
        for byte in 0..=u8::MAX {
            let ticket = Ticket::from_mac(&[byte; 32]);
            assert_eq!(slot(&came(SlotClass::Biasa, digit, now, |received| received.ticket = ticket)), taken);
        }
    }
}

/// All that a unit gets of a report whose slot has come: its line, its view, and its announcement.
fn seen_by_unit(mut decision: Decision) -> (Value, Value, Vec<Announcement>) {
    let (now, slots) = (slot(&decision), slots());
    let mut told = clock::due(&mut decision.report, now, &slots).announcements;
    told.retain(|announcement| announcement.audience != Audience::Reporter);
    let report = &decision.report;
    let unit = report.unit.as_ref().map(|unit| unit.code.as_str());
    let role = Role::of(["petugas-opd"], unit).unwrap();
    let officer = Officer { id: "subject".into(), name: "Budi".into(), role };
    let language = report.submitted.language;
    let reader = Reader { language, now, slots: &slots, officer: &officer };
    let whole = Whole { report, events: std::slice::from_ref(&decision.event), photos: &[] };
    let heading =
        Heading::new(&report.ticket, &report.category, report.status, report.privacy, reader.language);
    let line = DeskItem::new(heading, report.into(), false, reader);
    (json!(line), json!(officer_view(whole, Viewer::Unit, reader)), told)
}

#[test]
fn two_reports_of_one_slot_look_the_same_to_the_unit_whichever_interval_and_channel_they_came_in() {
    for class in ROUTED {
        let mut seen = BTreeMap::<Timestamp, Vec<_>>::new();
        for (place, now) in moments().enumerate() {
            for digit in ['0', '1'] {
                let channel = ["jaki", "lapor-1708"][place % 2];
                let decision =
                    came(class, digit, now, |received| received.channel = Code::parse(channel).unwrap());
                seen.entry(slot(&decision)).or_default().push(seen_by_unit(decision));
            }
        }
        assert!(seen.len() > 8, "{}", seen.len());
        for (slot, seen) in seen {
            assert!(seen.iter().all(|other| *other == seen[0]), "{class:?} at {slot}: {seen:#?}");
        }
    }
}
