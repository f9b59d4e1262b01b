//! What a correction changes, what it leaves, and what is left of the first version.

use crate::life::{
    Life, PHONE, ayu, budi, category, citra, code, dinas, eko, gita, kartika, moment, note, other_dinas,
    place, sudin, terms,
};
use domain::{
    category::Terms,
    command::Command,
    decision::Refusal,
    note::NoteAudience,
    pending::ReporterAction,
    personal_data::PersonalData,
    privacy::Privacy,
    report::Report,
    slots::SlotClass,
    triage::Correction,
    unit::{Code, Unit},
    unit_change::UnitChange,
};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

fn class_of(class: SlotClass) -> Correction {
    category(code(class.as_str()), terms(class, 4))
}

/// All that waits for its moment, in an order of its own.
fn waiting(report: &Report) -> Vec<Timestamp> {
    let dues = [&report.visible.release, &report.reporter.update].into_iter().flatten().map(|due| due.at);
    let pending = report.reporter.pending.iter().map(|waiting| waiting.at);
    dues.chain(pending).chain(report.visible.photos_from).collect()
}

/// A report with an update, a change of privacy and photos that wait, which the ticket desk has had since its submission.
fn with_all_that_waits(class: SlotClass, draw: u8) -> Life {
    let mut life = Life::in_city(class);
    assert!(life.by_reporter(&ReporterAction::ChangePrivacy { privacy: Privacy::Private }, draw));
    assert_eq!(waiting(&life.report).len(), 3);
    life
}

#[test]
fn nothing_that_waits_comes_earlier_by_a_correction_nor_at_a_slot_of_the_former_category() {
    for &from in SlotClass::ALL {
        for &to in SlotClass::ALL {
            for draw in 0..4 {
                for minutes in [1, 30, 170, 1500] {
                    let mut life = with_all_that_waits(from, draw);
                    life.now += minutes.minutes();
                    life.releases();
                    let before = life.report.clone();
                    let after = life.clone().corrected(class_of(to));
                    assert_eq!(waiting(&after.report).len(), waiting(&before).len());
                    let assigned = after.clone().assigned(sudin(), Some("Ringkasan petugas"));
                    let not_before = waiting(&before).into_iter().zip(waiting(&after.report));
                    for (before, after) in not_before {
                        assert!(after >= before, "{from:?} {to:?}: {after} is before {before}");
                    }
                    let release = assigned.report.visible.release.as_ref().unwrap().at;
                    assert!(release >= before.visible.photos_from.unwrap(), "before its photos");
                    let (slots, late) = (&life.slots, before.takes_second_slot());
                    for at in [release].into_iter().chain(assigned.report.reporter.update.map(|due| due.at)) {
                        assert!(
                            at >= slots.next(to, late, life.now),
                            "{from:?} {to:?}: {at} is no slot of it"
                        );
                    }
                    for waiting in &assigned.report.reporter.pending {
                        assert!(waiting.at >= slots.next(to, false, life.now), "{from:?} {to:?}");
                    }
                }
            }
        }
    }
}

/// A photo that waited for its slot is shown no earlier, by the clock and to anybody.
#[test]
fn a_correction_shows_nobody_a_photo_earlier() {
    let sees = |life: &Life| {
        [budi(), gita(), kartika(), ayu()].map(|officer| {
            let seen = life.seen_by(&officer);
            seen["photos"].as_array().is_some_and(|photos| !photos.is_empty())
        })
    };
    for &to in SlotClass::ALL {
        let mut plain = Life::in_city(SlotClass::Biasa);
        let mut corrected = plain.clone().corrected(class_of(to));
        for _ in 0..60 {
            for life in [&mut plain, &mut corrected] {
                life.now = moment("08:30").max(life.now) + 10.minutes();
                life.releases();
            }
            for (after, before) in sees(&corrected).into_iter().zip(sees(&plain)) {
                assert!(!after || before, "{to:?} {}", corrected.now);
            }
        }
    }
}

#[test]
fn the_deadline_of_a_corrected_category_counts_from_the_same_start() {
    let life = Life::in_city(SlotClass::Biasa);
    let before = life.report.step.clone().unwrap();
    let mut terms = terms(SlotClass::Biasa, 4);
    terms.deadlines.coordinate_hours = 72;
    let corrected = life.corrected(category(code("lampu"), terms)).report.step.unwrap();
    assert_eq!((corrected.since, corrected.ends), (before.since, before.ends + 48.hours()));
}

#[test]
fn a_correction_that_changes_nothing_is_refused() {
    let mut life = Life::in_city(SlotClass::Biasa).corrected(place(Some("Pasar Lama")));
    let same = Correction {
        category: Some((life.report.category.clone(), terms(SlotClass::Peka, 1))),
        ..place(Some("Pasar Lama"))
    };
    assert!(matches!(life.tries(&ayu(), Command::Correct(same)), Err(Refusal::Invalid(_))));
}

/// What the bureau finds of a report's first version: from the present one, the newest correction taken back first.
fn first_version(answer: &Value) -> Value {
    let mut first =
        json!({ "category": answer["category"], "place": answer["place"], "area": answer["area"] });
    for entry in answer["history"].as_array().unwrap().iter().rev() {
        for (field, value) in entry["before"].as_object().into_iter().flatten() {
            first[field] = value.clone();
        }
    }
    first
}

#[test]
fn the_bureau_finds_the_first_version_whatever_was_corrected() {
    let submitted = Life::at_once(SlotClass::Biasa);
    let first = first_version(&submitted.seen_by(&ayu()));
    let only_area =
        Correction { area: domain::area::AreaCode::parse("31.71.03"), ..place(Some("Pasar Lama")) };
    let corrections = [
        class_of(SlotClass::Peka),
        place(Some("Pasar Lama")),
        only_area,
        place(None),
        class_of(SlotClass::Segera),
    ];
    let mut life = submitted;
    for correction in corrections {
        life = life.corrected(correction);
        for officer in [ayu(), kartika()] {
            assert_eq!(first_version(&life.seen_by(&officer)), first);
        }
    }
    let reasons: Vec<Value> = life.seen_by(&ayu())["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["reason"].clone())
        .collect();
    assert_eq!(reasons.iter().filter(|reason| reason.is_string()).count(), 5);
}

fn with_other_data_kept(class: SlotClass) -> Correction {
    let keeps = [PersonalData::Phone].into();
    category(code(class.as_str()), Terms { keeps, ..terms(class, 9) })
}

/// A corrected category may say whom the report accuses.
#[test]
fn a_unit_that_the_report_has_left_cannot_tell_that_it_was_corrected() {
    let left = Life::at_once(SlotClass::Biasa)
        .assigned(sudin(), None)
        .notes(&citra(), note(&format!("Pelapor menelepon dari {PHONE}"), NoteAudience::All))
        .act(&citra(), Command::Return { reason: format!("Bukan kami, tanya {PHONE}") })
        .assigned(other_dinas(), None)
        .act(&eko(), Command::Return { reason: format!("Bukan kami, tanya {PHONE}") });
    let seen = |life: &Life| [budi(), citra(), eko()].map(|officer| life.seen_by(&officer));
    let known = seen(&left);
    let mut life = left;
    for &class in SlotClass::ALL {
        life = life.corrected(with_other_data_kept(class)).corrected(place(Some("Pasar Lama")));
        assert_eq!(seen(&life), known);
    }
    let life = life.assigned(dinas(), Some("Ringkasan petugas"));
    let of_others = |officer| -> (Value, Value) {
        let mut seen = life.seen_by(&officer);
        (seen["category"].take(), json!(known[if officer == citra() { 1 } else { 2 }]["category"]))
    };
    for officer in [citra(), eko()] {
        let (now, then) = of_others(officer);
        assert_eq!(now, then, "it has gone to another");
    }
    let has = |life: &Life, officer, code: &Code| assert_eq!(life.seen_by(&officer)["category"], json!(code));
    has(&life, budi(), &life.report.category);
    // Whoever had it again knows it as it was then.
    let again = life.act(&budi(), Command::Return { reason: "Bukan kami".into() });
    let known_to_budi = again.report.category.clone();
    let again = again.corrected(category(code("lampu"), terms(SlotClass::Biasa, 4)));
    has(&again, budi(), &known_to_budi);
    has(&again, eko(), &code("jalan-berlubang"));
}

/// A unit that comes to stand above the one that has the report has it too.
#[test]
fn a_unit_that_has_the_report_again_by_a_move_knows_its_category_when_it_leaves() {
    let mut life = Life::at_once(SlotClass::Biasa)
        .assigned(other_dinas(), None)
        .act(&eko(), Command::Return { reason: "Bukan kami".into() })
        .corrected(category(code("lampu"), terms(SlotClass::Biasa, 4)))
        .assigned(sudin(), None);
    let moved = Unit { code: code("sudin-a1"), path: vec![code("sudin-a1"), code("dinas-b")] };
    life.follows(UnitChange::Moved(moved));
    assert_eq!(life.seen_by(&eko())["category"], "lampu");
    let left = life
        .act(&citra(), Command::Return { reason: "Bukan kami".into() })
        .corrected(category(code("taman"), terms(SlotClass::Biasa, 4)));
    assert_eq!(left.seen_by(&eko())["category"], "lampu");
}

/// Until the slot a unit that had the report before knows nothing of where it goes.
#[test]
fn a_move_tells_no_unit_of_an_assignment_that_waits() {
    let mut life = Life::in_city(SlotClass::Biasa)
        .assigned(sudin(), None)
        .at("10:00")
        .act(&citra(), Command::Return { reason: "Bukan kami".into() })
        .corrected(category(code("lampu"), terms(SlotClass::Biasa, 4)))
        .assigned(sudin(), None);
    let before = [budi(), citra()].map(|officer| life.seen_by(&officer));
    life.follows(UnitChange::Moved(Unit {
        code: code("sudin-a1"),
        path: vec![code("sudin-a1"), code("dinas-b")],
    }));
    assert!(life.report.visible.release.is_some());
    assert_eq!([budi(), citra()].map(|officer| life.seen_by(&officer)), before);
}
