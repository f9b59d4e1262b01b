//! Two lives that differ only in something that waits are the same for everybody who may not know of it.

use crate::{
    jakarta,
    life::{Life, ayu, budi, citra, dinas, eko, everybody, gita, hadi, note, other_dinas, sudin},
    received::merge_into,
};
use domain::{
    act::Act,
    command::{Command, Verdict},
    decision::Refusal,
    note::NoteAudience,
    officer::Officer,
    pending::{Rating, ReporterAction},
    privacy::Privacy,
    slots::SlotClass,
    status::Status,
    ticket::Ticket,
    view::{Viewer, shown_version, viewer},
};
use jiff::ToSpan;
use proptest::prelude::*;
use serde_json::Value;

/// Something that the ticket desk, a validator or a unit does, of which others learn at a slot.
struct Waiting {
    name: &'static str,
    /// The life before it.
    before: fn() -> Life,
    by: fn() -> Officer,
    command: fn() -> Command,
    /// Who may not know of it until the slot.
    unknown_to: fn() -> Vec<Officer>,
}

fn units() -> Vec<Officer> {
    vec![budi(), citra(), eko()]
}

fn units_and_verifier() -> Vec<Officer> {
    vec![budi(), citra(), eko(), hadi()]
}

/// With a TL; units, validators and verifiers have had it before. Nothing waits but perhaps an update.
fn judged() -> Life {
    Life::in_city(SlotClass::Segera)
        .assigned(other_dinas(), None)
        .at("09:00")
        .notes(&eko(), note("Bukan wilayah kami", NoteAudience::Bureau))
        .act(&eko(), Command::Forward { unit: sudin(), reason: "Bukan kami".into() })
        .at("09:30")
        .act(&citra(), Command::Accept)
        .plans(9)
        .tl()
        .validated(Verdict::FieldCheck)
        .at("10:00")
        .act(&hadi(), Command::CouldNotLook { reason: "Pagar terkunci".into() })
        .notes(&gita(), note("Catatan", NoteAudience::All))
}

/// At the ticket desk, after units, validators and verifiers have had it.
fn returned() -> Life {
    judged()
        .validated(Verdict::Reject)
        .at("10:30")
        .act(&citra(), Command::Return { reason: "Bukan kami".into() })
}

/// Assigned to a unit with units below it, after others have had it.
fn assigned() -> Life {
    returned().assigned(dinas(), None).at("11:00")
}

fn verdict(verdict: Verdict) -> Command {
    Command::Validate { verdict, reason: Some("Belum rata".into()) }
}

const WAITING: [Waiting; 9] = [
    Waiting {
        name: "a field check",
        before: judged,
        by: gita,
        command: || verdict(Verdict::FieldCheck),
        unknown_to: units_and_verifier,
    },
    Waiting {
        name: "an acceptance",
        before: judged,
        by: gita,
        command: || verdict(Verdict::Accept),
        unknown_to: units,
    },
    Waiting {
        name: "a refusal",
        before: judged,
        by: gita,
        command: || verdict(Verdict::Reject),
        unknown_to: units,
    },
    Waiting {
        name: "an assignment to a unit that has had it",
        before: returned,
        by: ayu,
        command: || Command::Assign { unit: other_dinas(), summary: Some("Ringkasan petugas".into()) },
        unknown_to: units,
    },
    Waiting {
        name: "an assignment to the unit above",
        before: returned,
        by: ayu,
        command: || Command::Assign { unit: dinas(), summary: None },
        unknown_to: units,
    },
    Waiting {
        name: "a rejection",
        before: returned,
        by: ayu,
        command: || Command::Reject { reason: "Bukan wewenang kota".into() },
        unknown_to: units,
    },
    Waiting {
        name: "a merge",
        before: returned,
        by: ayu,
        command: || merge_into(Ticket::from_mac(&[9; 32]), true),
        unknown_to: units,
    },
    Waiting {
        name: "an assignment of a report that nobody has had",
        before: || Life::in_city(SlotClass::Peka),
        by: ayu,
        command: || Command::Assign { unit: sudin(), summary: Some("Ringkasan petugas".into()) },
        unknown_to: units_and_verifier,
    },
    Waiting {
        name: "a delegation, for others than its author's unit",
        before: assigned,
        by: budi,
        command: || Command::Delegate { unit: sudin() },
        unknown_to: || vec![eko()],
    },
];

/// A view without its version, which is another in each life.
fn seen_by(life: &Life, officer: &Officer) -> Value {
    let mut seen = life.seen_by(officer);
    if let Some(seen) = seen.as_object_mut() {
        seen.remove("version");
    }
    seen
}

/// Whether the version that this officer may know is another one by now.
fn has_new_version(before: &Life, after: &Life, officer: &Officer) -> bool {
    let known = |life: &Life| {
        let seen_by = viewer(&life.report, officer).filter(|seen_by| *seen_by != Viewer::FormerUnit)?;
        Some(shown_version(&life.report, seen_by).clone())
    };
    known(before) != known(after)
}

/// What a command is answered: which status, or why it was refused. The version is the one that the officer's next look gives.
fn answer(life: &mut Life, officer: &Officer, command: Command) -> Result<Status, Refusal> {
    life.tries(officer, command)?;
    let event = life.events.last().unwrap();
    let seen = life.seen_by(officer);
    // A unit that gave the report away sees no version.
    assert!(seen["version"].is_null() || seen["version"] == event.version.as_str(), "{seen}");
    Ok(event.status)
}

#[track_caller]
fn assert_same(with: &Life, without: &Life, watchers: &[Officer], after: &str) {
    for officer in watchers {
        assert_eq!(seen_by(with, officer), seen_by(without, officer), "{} can tell, {after}", officer.name);
    }
}

/// Whoever knows of what waits can do things meanwhile that wait with it; whoever does not is answered as if nothing waited.
#[test]
fn nobody_who_may_not_know_of_it_can_tell_that_a_change_waits() {
    for Waiting { name, before, by, command, unknown_to } in &WAITING {
        let watchers = unknown_to();
        let mut without = before();
        let mut with = without.clone();
        with.tries_apart(&by(), command()).unwrap();
        assert!(with.report.visible.release.is_some(), "{name} waits");
        assert_same(&with, &without, &watchers, name);
        for n in 0..4 {
            for (officer, command) in without.commands(n) {
                let (with_before, without_before) = (with.clone(), without.clone());
                let act = command.act();
                let says = format!("{name}, {act:?} by {}", officer.name);
                if watchers.contains(&officer) {
                    let answers =
                        [&mut with, &mut without].map(|life| answer(life, &officer, command.clone()));
                    assert_eq!(answers[0], answers[1], "{says}");
                } else if act == Act::Note {
                    // With what waits, or where its author may not write at all.
                    let _ = with.tries(&officer, command);
                } else if act == Act::Correct {
                    let _ = without.tries(&officer, command);
                } else {
                    continue;
                }
                assert_same(&with, &without, &watchers, &says);
                for watcher in &watchers {
                    let [new, as_without] = [
                        has_new_version(&with_before, &with, watcher),
                        has_new_version(&without_before, &without, watcher),
                    ];
                    assert_eq!(new, as_without, "the version tells {}, {says}", watcher.name);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Until its slot no officer can tell, whatever they do themselves. (Of `peka` the ticket desk alone can: an erased reporter is told nothing,
    /// so that it can recall a little longer.)
    #[test]
    fn no_officer_can_tell_that_an_action_of_the_reporter_waits(
        class in prop::sample::select(vec![SlotClass::Segera, SlotClass::Biasa]),
        before in prop::collection::vec((0..200_i64, any::<usize>(), 0..90_usize), 0..14),
        which in 0..4_usize,
        after in prop::collection::vec((0..40_i64, any::<usize>(), 0..90_usize), 1..8),
    ) {
        let slots = jakarta::slots();
        let mut without = Life::new(slots, class, None);
        for (minutes, which, n) in before {
            without.now += minutes.minutes();
            without.releases();
            let possible = without.possible(n);
            if let Some((officer, command)) = possible.get(which % possible.len().max(1)) {
                without.tries(officer, command.clone()).unwrap();
            }
        }
        let mut with = without.clone();
        let rating = Rating { stars: 1, comment: Some("Lama sekali".into()) };
        let action = [
            ReporterAction::Withdraw,
            ReporterAction::Dispute { reason: "Masih rusak".into() },
            ReporterAction::ChangePrivacy { privacy: Privacy::Private },
            ReporterAction::Rate { rating },
        ];
        with.by_reporter(&action[which], 3);
        let until = with.report.reporter.pending.iter().map(|waiting| waiting.at).min();
        for (minutes, which, n) in after {
            for life in [&mut with, &mut without] {
                life.now += minutes.minutes();
                if until.is_none_or(|until| life.now < until) {
                    life.releases();
                }
            }
            if until.is_some_and(|until| with.now >= until) {
                break;
            }
            let possible = without.possible(n);
            let Some((officer, command)) = possible.get(which % possible.len().max(1)) else { continue };
            let answers = [&mut with, &mut without].map(|life| answer(life, officer, command.clone()));
            prop_assert_eq!(&answers[0], &answers[1]);
            for officer in everybody() {
                let [mut one, mut other] = [&with, &without].map(|life| seen_by(life, &officer));
                // Photos are locked at once.
                for seen in [&mut one, &mut other] {
                    if let Some(photos) = seen.get_mut("photos").and_then(Value::as_array_mut) {
                        photos.retain(|photo| photo["kind"] != "reporter");
                    }
                }
                prop_assert_eq!(one, other, "{} can tell of {:?}", officer.name, action[which % 4]);
            }
        }
    }
}
