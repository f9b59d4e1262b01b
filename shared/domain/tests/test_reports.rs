//! A test report: it lies on no desk and exists for no officer, waits for nothing, and ends a day after it came.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod clock;
mod jakarta;
mod received;

use domain::{
    act::Act,
    announcement::Audience,
    decision::{Decision, Stamp},
    ids::{EventId, Version},
    new_report::{Received, submit},
    officer::{Officer, Role, Tag},
    pending_applied::with_pending_applied,
    privacy::Privacy,
    report::Report,
    reporter_actions::{self, ActionStamp},
    slots::SlotClass,
    status::Status,
    unit::{Code, Unit},
    view::viewer,
};
use jakarta::slots;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;

const CLASSES: [SlotClass; 3] = [SlotClass::Segera, SlotClass::Biasa, SlotClass::Peka];

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn unit() -> Unit {
    Unit { code: code("sudin-a"), path: vec![code("sudin-a"), code("dinas-a")] }
}

fn now() -> Timestamp {
    "2026-01-10T01:23:45Z".parse().unwrap()
}

fn stamp(drawn: u8, now: Timestamp) -> Stamp {
    let (version, event) = (Version::from_bytes(&[drawn; 13]), EventId::from_bytes(&[drawn; 17]));
    Stamp { now, version, event, body_digest: None }
}

/// What comes of a submission for which a routing rule names a unit, `by` a channel for tests or another.
fn received(is_test: bool, class: SlotClass) -> Decision {
    let received = Received { is_test, ..self::received::received(class, Some(unit())) };
    submit(received, stamp(1, now()), clock::by(&slots()))
}

fn officers() -> Vec<Officer> {
    let bureau = [Tag::AdminTiket, Tag::PetugasValidasi, Tag::PetugasVerifikasi, Tag::Administrator];
    let roles = bureau.map(|tag| Role::Bureau(BTreeSet::from([tag])));
    let units = unit().path.into_iter().map(Role::Unit);
    let officer = |role| Officer { id: "1".into(), name: "Budi".into(), role };
    roles.into_iter().chain(units).map(officer).collect()
}

fn action(drawn: u8, at: Timestamp) -> ActionStamp {
    ActionStamp { stamp: stamp(drawn, at), draw: drawn }
}

/// What must hold of a test report whatever its reporter did.
fn assert_is_nobodys(report: &Report, at: Timestamp) {
    assert_eq!((report.desk(), report.listed_on()), (None, None));
    assert_eq!(report.urgency(at, &slots().zone), None);
    assert_eq!(report.next_due(at, &slots().zone), None, "nothing of it waits");
    assert!(report.visible.reached.is_empty());
    assert!(officers().iter().all(|officer| viewer(report, officer).is_none()));
}

#[test]
fn a_test_report_lies_on_no_desk_and_only_its_reporter_is_told_at_once() {
    for class in CLASSES {
        let Decision { report, announcements, .. } = received(true, class);
        assert_is_nobodys(&report, now());
        let audiences: Vec<_> =
            announcements.iter().map(|said| (said.event, said.audience.clone())).collect();
        assert_eq!(audiences, [(Act::Submit, Audience::Reporter)]);
        assert_eq!((report.status, report.unit), (Status::Menunggu, None), "no unit is named");
    }
}

#[test]
fn the_same_submission_by_another_channel_is_a_report_like_any() {
    let report = received(false, SlotClass::Biasa).report;
    assert!(!report.is_test() && report.desk().is_some() && report.next_due(now(), &slots().zone).is_some());
    assert!(!report.is_gone(Timestamp::MAX));
}

#[test]
fn a_test_report_is_gone_a_day_after_it_came() {
    let report = received(true, SlotClass::Biasa).report;
    let until = now() + SignedDuration::from_hours(24);
    assert!(!report.is_gone(until - SignedDuration::from_nanos(1)));
    assert!(report.is_gone(until));
}

#[test]
fn a_report_that_was_stored_before_there_were_tests_is_none() {
    let report = received(false, SlotClass::Biasa).report;
    let stored = serde_json::to_value(&report).unwrap();
    assert!(stored["submitted"].get("test_until").is_none());
    assert_eq!(serde_json::from_value::<Report>(stored).unwrap(), report);
}

#[test]
fn what_never_comes_to_a_test_report_cannot_be_disputed_or_rated() {
    let report = received(true, SlotClass::Biasa).report;
    let at = now() + SignedDuration::from_hours(1);
    assert!(reporter_actions::dispute(&report, "Belum".into(), action(2, at), clock::by(&slots())).is_err());
    let rating = domain::pending::Rating { stars: 5, comment: None };
    assert!(reporter_actions::rate(&report, rating, action(2, at), clock::by(&slots())).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_reporter_of_a_test_does_holds_at_once_and_no_desk_hears_of_it(
        class in prop::sample::select(CLASSES.to_vec()),
        acts in prop::collection::vec(0..4_u8, 1..8),
    ) {
        let mut report = received(true, class).report;
        let mut at = now();
        for (number, act) in (2..).zip(acts) {
            at += SignedDuration::from_mins(7);
            let stamp = action(number, at);
            let (after, effects) = match act {
                0 => reporter_actions::change_privacy(&report, Privacy::Public, stamp, clock::by(&slots())),
                1 => reporter_actions::change_privacy(&report, Privacy::Private, stamp, clock::by(&slots())),
                2 => reporter_actions::withdraw(&report, stamp, clock::by(&slots())),
                _ => {
                    let mut after = report.clone();
                    let effects = clock::due(&mut after, at, &slots());
                    (after, effects)
                }
            };
            prop_assert_eq!(&with_pending_applied(&after).0, &after);
            assert_is_nobodys(&after, at);
            let desks = effects.announcements.iter().filter(|said| said.audience != Audience::Reporter);
            prop_assert_eq!(desks.count(), 0);
            match act {
                0 => prop_assert_eq!(after.privacy, Privacy::Public),
                1 => prop_assert_eq!(after.privacy, Privacy::Private),
                2 => prop_assert_eq!(after.status, Status::Dibatalkan),
                _ => {}
            }
            report = after;
        }
    }
}
