//! What the ticket desk takes back in time has never been, for units and for the reporter.

use crate::{
    life::{
        Life, ayu, budi, citra, code, dinas, eko, gita, hadi, kartika, moment, note, other_dinas, sudin,
        version,
    },
    received::merge_into,
};
use domain::{
    command::Command, decision::Refusal, note::NoteAudience, pending::ReporterAction, privacy::Privacy,
    slots::SlotClass, status::Status, ticket::Ticket,
};
use jiff::ToSpan;
use proptest::prelude::*;
use serde_json::{Value, json};

/// What the ticket desk does first, and takes back.
fn recallable(which: usize) -> Command {
    match which {
        0 => Command::Assign { unit: sudin(), summary: Some("Ringkasan petugas".into()) },
        1 => Command::Assign { unit: other_dinas(), summary: Some("Ringkasan petugas".into()) },
        2 => Command::Reject { reason: "Bukan wewenang kota".into() },
        _ => merge_into(Ticket::from_mac(&[9; 32]), true),
    }
}

/// All that units and the reporter see, what the bureau and verifiers see but for the history, and all that was announced; versions aside,
/// which are new.
fn known(life: &Life) -> Value {
    let units = [budi(), citra(), eko()].map(|officer| {
        let mut seen = life.seen_by(&officer);
        if let Some(seen) = seen.as_object_mut() {
            seen.remove("version");
        }
        seen
    });
    let others = [ayu(), gita(), hadi(), kartika()].map(|officer| {
        let mut seen = life.seen_by(&officer);
        if let Some(seen) = seen.as_object_mut() {
            seen.retain(|field, _| field != "version" && field != "history");
        }
        seen
    });
    // The ticket desk is not reminded while what it did waits, but when it has taken that back.
    let told = life.told.iter().filter(|(_, said)| said.mark.is_none());
    let told: Vec<Value> = told.map(|said| json!(said)).collect();
    json!({ "units": units, "reporter": life.seen_by_reporter(), "others": others, "told": told })
}

/// One step of a life: how many minutes pass, who does what of what is possible.
fn steps(most: usize) -> impl Strategy<Value = Vec<(i64, usize, usize)>> {
    let minutes = prop_oneof![Just(1_i64), 20..400_i64, 1000..3000_i64];
    prop::collection::vec((minutes, any::<usize>(), 0..90_usize), 1..most)
}

/// The step in each of the lives; the first says what is possible.
fn step(lives: &mut [&mut Life], (minutes, which, n): (i64, usize, usize)) {
    let mut chosen = None;
    for life in lives {
        life.now += minutes.minutes();
        life.releases();
        if chosen.is_none() {
            let possible = life.possible(n);
            chosen = possible.get(which % possible.len().max(1)).cloned();
        }
        if let Some((officer, command)) = &chosen {
            assert_eq!(life.tries(officer, command.clone()), Ok(()), "{command:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_life_with_what_was_recalled_is_as_one_without(
        class in prop::sample::select(SlotClass::ALL),
        before in steps(12),
        recalled in prop::collection::vec((0..4_usize, 0..3_usize), 1..3),
        after in steps(12),
    ) {
        // The last moment at which the report lay at the ticket desk.
        let (mut without, mut life) = (Life::in_city(class), Life::in_city(class));
        for taken in before {
            step(&mut [&mut life], taken);
            if life.report.status == Status::Menunggu {
                without = life.clone();
            }
        }
        let mut with = without.clone();
        for (which, notes) in recalled {
            with.tries_apart(&ayu(), recallable(which)).unwrap();
            for n in 0..notes {
                // A closed report has no notes.
                if with.report.status.is_open() {
                    let author = [ayu(), kartika()][n % 2].clone();
                    let note = note("Catatan", NoteAudience::ALL[n % 2]);
                    let command = Command::Note { note, shown_version: version(200 + n as u8) };
                    assert_eq!(with.tries(&author, command.clone()), without.tries(&author, command));
                }
            }
            with.tries_apart(&ayu(), Command::Recall).unwrap();
            prop_assert_eq!(known(&with), known(&without));
        }
        for taken in after {
            step(&mut [&mut without, &mut with], taken);
            prop_assert_eq!(known(&with), known(&without));
        }
    }
}

/// The property above holds also where nobody hears of anything; here somebody does.
#[test]
fn a_report_that_units_have_had_is_assigned_recalled_and_assigned_again() {
    let before = Life::in_city(SlotClass::Biasa)
        .assigned(other_dinas(), None)
        .at("10:00")
        .notes(&eko(), note("Bukan wilayah kami", NoteAudience::Bureau))
        .act(&eko(), Command::Return { reason: "Bukan kami".into() });
    let forward = |life: Life| {
        life.assigned(dinas(), None)
            .at("13:00")
            .act(&budi(), Command::Forward { unit: other_dinas(), reason: "Bukan kami".into() })
            .at("16:00")
    };
    let mut with = before.clone();
    with.tries_apart(&ayu(), recallable(0)).unwrap();
    with.tries_apart(&ayu(), Command::Recall).unwrap();
    assert_eq!(with.seen_by(&citra()), Value::Null, "a unit that never had it");
    let (with, without) = (forward(with), forward(before));
    assert_eq!(known(&with), known(&without));
    assert_eq!(with.report.unit.as_ref().map(|unit| &unit.code), Some(&code("dinas-b")));
    let description = &with.seen_by(&eko())["description"];
    assert!(description.as_str().unwrap().starts_with("Lubang"), "no summary is left: {description}");
}

/// What officers learned of meanwhile, and what they wrote, stays; in which status it happened does not.
#[test]
fn what_happened_before_a_recall_does_not_tell_of_the_status_that_was_recalled() {
    let mut without = Life::in_city(SlotClass::Peka);
    let lock = ReporterAction::ChangePrivacy { privacy: Privacy::Private };
    assert!(without.by_reporter(&lock, 0));
    for which in 0..4 {
        let (mut with, mut without) = (without.clone(), without.clone());
        with.tries_apart(&ayu(), recallable(which)).unwrap();
        for life in [&mut with, &mut without] {
            if which < 2 {
                let note = note("Catatan", NoteAudience::All);
                life.tries(&ayu(), Command::Note { note, shown_version: version(200) }).unwrap();
            }
            // The first slot of two.
            life.now = moment("07:00") + 24.hours();
            life.releases();
        }
        assert_eq!(with.report.privacy, Privacy::Private, "the lock has come first");
        with.tries_apart(&ayu(), Command::Recall).unwrap();
        assert_eq!(known(&with), known(&without));
        for life in [&mut with, &mut without] {
            let summary = Some("Ringkasan petugas".to_owned());
            life.tries(&ayu(), Command::Assign { unit: sudin(), summary }).unwrap();
            life.now += 72.hours();
            life.releases();
        }
        assert_eq!(without.seen_by(&citra())["status"], "koordinasi");
        assert_eq!(known(&with), known(&without));
    }
}

/// They have not been told of it, and it may never have been.
#[test]
fn what_can_still_be_recalled_is_neither_seen_nor_disputed_by_the_reporter() {
    for which in 0..4 {
        let mut life = Life::in_city(SlotClass::Biasa);
        life.now += 1.minute();
        let before = life.seen_by_reporter();
        life.tries(&ayu(), recallable(which)).unwrap();
        assert_eq!(life.seen_by_reporter(), before, "{which}");
        let life = life.at("10:00");
        assert_ne!(life.seen_by_reporter()["status"], before["status"], "{which}: it is told at its slot");
    }
    let mut without = Life::in_city(SlotClass::Biasa);
    without.now += 1.minute();
    let mut with = without.clone();
    with.tries_apart(&ayu(), recallable(2)).unwrap();
    assert!(!with.by_reporter(&ReporterAction::Dispute { reason: "Masih rusak".into() }, 3));
    with.tries_apart(&ayu(), Command::Recall).unwrap();
    for life in [&mut with, &mut without] {
        life.tries(&ayu(), recallable(2)).unwrap();
        for _ in 0..4 {
            life.now += 24.hours();
            life.releases();
        }
    }
    assert_eq!(with.report.status, Status::Ditolak, "nobody disputed the second refusal");
    assert_eq!(known(&with), known(&without));
}

/// While a recall can open a closed report again, the withdrawal has to wait for that, whichever came first.
#[test]
fn a_report_that_is_recalled_after_its_reporter_withdrew_is_withdrawn() {
    for which in 0..4 {
        for draw in 0..4 {
            for (class, is_first) in SlotClass::ALL.iter().flat_map(|class| [(class, true), (class, false)]) {
                let mut life = Life::in_city(*class);
                let withdraws = |life: &mut Life| assert!(life.by_reporter(&ReporterAction::Withdraw, draw));
                if is_first {
                    withdraws(&mut life);
                }
                life.tries(&ayu(), recallable(which)).unwrap();
                if !is_first {
                    withdraws(&mut life);
                }
                // Past each slot before the last moment for a recall.
                let last = life.report.visible.release.as_ref().unwrap().at - 1.second();
                life.now = last;
                life.releases();
                let is_withdrawn = life.report.status == Status::Dibatalkan;
                assert!(is_withdrawn || life.tries(&ayu(), Command::Recall).is_ok());
                let says = format!("{which} {draw} {class:?} {is_first}");
                assert_eq!(life.seen_by_reporter()["status"], "dibatalkan", "{says}");
                life.now += 120.hours();
                life.releases();
                assert_eq!(life.report.status, Status::Dibatalkan, "{says}");
            }
        }
    }
}

/// Whoever withdraws a report that stays closed is shown it as it was closed, once they are told.
#[test]
fn a_closed_report_that_is_not_recalled_stays_as_it_was_closed() {
    for which in [2, 3] {
        let mut life = Life::in_city(SlotClass::Biasa);
        life.tries(&ayu(), recallable(which)).unwrap();
        let closed = life.report.status;
        assert!(life.by_reporter(&ReporterAction::Withdraw, 0));
        life.now += 120.hours();
        life.releases();
        assert_eq!((life.report.status, life.report.reporter.pending.len()), (closed, 0));
        assert_eq!(life.seen_by_reporter()["status"], closed.as_str());
    }
}

#[test]
fn nothing_is_recalled_once_the_unit_or_the_reporter_has_heard() {
    for which in 0..4 {
        let mut heard = Life::in_city(SlotClass::Biasa);
        heard.tries(&ayu(), recallable(which)).unwrap();
        let mut heard = heard.at("10:00");
        assert_eq!(heard.tries(&ayu(), Command::Recall), Err(Refusal::WrongStatus));
        assert!(heard.seen_by(&ayu())["actions"].as_array().unwrap().iter().all(|act| act != "recall"));
    }
}

/// What is waiting for the reporter of an earlier change must not end the time for a recall: it waits for nobody who has withdrawn.
#[test]
fn until_when_there_is_a_recall_does_not_tell_whether_the_reporter_has_withdrawn() {
    for class in [SlotClass::Biasa, SlotClass::Peka] {
        for which in 0..4 {
            let mut stays = Life::in_city(class);
            // With two slots to come, the update of the submission is due before the release.
            stays.now = moment("09:00") + 24.hours();
            stays.releases();
            let mut withdraws = stays.clone();
            assert!(withdraws.by_reporter(&ReporterAction::Withdraw, 3));
            for life in [&mut stays, &mut withdraws] {
                life.tries(&ayu(), recallable(which)).unwrap();
            }
            let release = stays.report.visible.release.as_ref().unwrap().at;
            while stays.now < release - 1.second() {
                for life in [&mut stays, &mut withdraws] {
                    life.now = (life.now + 1.hours()).min(release - 1.second());
                    life.releases();
                }
                assert_eq!(stays.seen_by(&ayu())["actions"], withdraws.seen_by(&ayu())["actions"]);
                assert!(stays.clone().tries_apart(&ayu(), Command::Recall).is_ok());
            }
        }
    }
}
