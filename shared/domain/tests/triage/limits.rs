//! What an assignment needs, and how often a report can be planned for and written about.

use crate::life::{Life, ayu, category, citra, code, everybody, gita, kartika, note, sudin, terms, version};
use domain::{
    command::{Command, Verdict},
    deadlines::Allowance,
    decide::claim,
    decision::Refusal,
    note::NoteAudience,
    officer::Officer,
    slots::SlotClass,
    status::Status,
    urgency::day,
};
use jiff::ToSpan;

fn in_work() -> Life {
    Life::at_once(SlotClass::Biasa).assigned(sudin(), None).act(&citra(), Command::Accept)
}

fn plan(life: &Life, days: i32) -> Command {
    let on = day(life.now, &life.slots.zone).saturating_add(days.days());
    Command::Plan { on, reason: "Menunggu bahan".into() }
}

fn written() -> Command {
    Command::Note { note: note("Catatan", NoteAudience::All), shown_version: version(99) }
}

#[test]
fn units_plan_three_times_on_a_report_whoever_has_it() {
    let planned = in_work().plans(5).plans(90);
    let mut again = planned
        .act(&citra(), Command::Return { reason: "Bukan kami".into() })
        .assigned(sudin(), None)
        .act(&citra(), Command::Accept)
        .plans(0);
    assert!(again.seen_by(&citra())["actions"].as_array().unwrap().iter().all(|act| act != "plan"));
    let fourth = plan(&again, 3);
    assert_eq!(again.tries(&citra(), fourth), Err(Refusal::TooOften));
    let mut refused = again.tl().validated(Verdict::Reject);
    let after_refusal = plan(&refused, 3);
    assert_eq!(refused.tries(&citra(), after_refusal), Err(Refusal::TooOften));
}

#[test]
fn a_plan_that_is_too_far_ahead_is_none_and_does_not_count() {
    let mut life = in_work();
    for days in [91, -1, 400, 91] {
        let command = plan(&life, days);
        assert!(matches!(life.tries(&citra(), command), Err(Refusal::Invalid(_))), "{days}");
    }
    life.plans(0).plans(90).plans(1);
}

/// The due day is the day of the plan, sooner or later than before.
#[test]
fn a_plan_moves_the_due_day() {
    for days in [1, 80] {
        let life = in_work().plans(days);
        assert_eq!(Some(life.report.due_on), life.report.work.plan);
    }
}

/// A plan is the unit's that made it, and so is the deadline that it moved.
#[test]
fn a_plan_moves_no_deadline_of_another_unit() {
    let plan = |life: Life| life.plans(60).plans(80);
    // Given back, assigned anew and done; after a refused TL the day of a plan would count.
    let comes_again = |mut life: Life| {
        life = life.act(&citra(), Command::Return { reason: "Bukan kami".into() });
        life = life.assigned(sudin(), None);
        life.now += 24.hours();
        life.releases();
        life = life.act(&citra(), Command::Accept).tl().validated(Verdict::Reject);
        life.now += 24.hours();
        life.releases();
        life
    };
    let (planned, plain) = (comes_again(plan(in_work())), comes_again(in_work()));
    assert_eq!(plain.report.status, Status::TlDitolak);
    let allowance = |life: &Life| life.report.step.as_ref().map(|step| step.allowance);
    assert_eq!(allowance(&planned), allowance(&plain));
    assert_eq!(allowance(&plain), Some(Allowance::Days(2)));
}

/// A claim is no lock: it ends by itself.
#[test]
fn a_claim_lasts_ten_minutes_and_each_repetition_prolongs_it() {
    let life = Life::at_once(SlotClass::Biasa);
    let colleague = Officer { id: "subject-of-another".into(), ..ayu() };
    let later = |minutes: i64| life.now + minutes.minutes();
    let claimed = claim(&life.report, &ayu(), later(0)).unwrap();
    assert_eq!(claim(&claimed, &colleague, later(9)), Err(Refusal::Claimed));
    assert!(claim(&claimed, &colleague, later(10)).is_ok());
    let prolonged = claim(&claimed, &ayu(), later(9)).unwrap();
    assert_eq!(claim(&prolonged, &colleague, later(18)), Err(Refusal::Claimed));
    assert!(claim(&prolonged, &colleague, later(19)).is_ok());
    assert_eq!((&prolonged.version, prolonged.events), (&life.report.version, life.report.events));
}

#[test]
fn officers_of_one_desk_write_thirty_notes_and_others_go_on() {
    // It is known to the ticket desk, to the unit and to validators.
    let mut life = in_work().tl().validated(Verdict::Reject);
    for author in [ayu(), citra(), gita(), kartika()] {
        for _ in 0..30 {
            life = life.notes(&author, note("Catatan", NoteAudience::All));
        }
        assert_eq!(life.tries(&author, written()), Err(Refusal::TooOften));
        let seen = life.seen_by(&author);
        assert!(seen["actions"].as_array().unwrap().iter().all(|act| act != "note"), "{seen}");
    }
    // The unit above has a desk of its own.
    let budi = &everybody()[1];
    assert_eq!(life.tries(budi, written()), Ok(()));
}

/// Units get nothing that the reporter wrote in such categories, so they would get nothing at all.
#[test]
fn a_report_of_a_sensitive_category_is_assigned_with_a_summary_or_not_at_all() {
    let assign = |life: &mut Life, summary: Option<&str>| {
        life.tries(&ayu(), Command::Assign { unit: sudin(), summary: summary.map(str::to_owned) })
    };
    let is_demanded = |life: &mut Life| match assign(life, None) {
        Err(Refusal::Invalid(errors)) => errors[0].field == "summary",
        Ok(()) | Err(_) => false,
    };
    let mut life = Life::in_city(SlotClass::Peka);
    assert!(is_demanded(&mut life));
    assign(&mut life, Some("Ringkasan petugas")).unwrap();
    life.tries(&ayu(), Command::Recall).unwrap();
    assert!(is_demanded(&mut life), "what was recalled was never written");
    // Units go on getting nothing of one that was sensitive once.
    let mut ordinary = life.clone().corrected(category(code("lampu"), terms(SlotClass::Biasa, 4)));
    assert!(is_demanded(&mut ordinary));
    let mut sensitive =
        Life::at_once(SlotClass::Biasa).corrected(category(code("pungli"), terms(SlotClass::Peka, 4)));
    assert!(is_demanded(&mut sensitive));
    assign(&mut sensitive, Some("Ringkasan petugas")).unwrap();
    let mut again = sensitive.act(&citra(), Command::Return { reason: "Bukan kami".into() });
    assert_eq!(assign(&mut again, None), Ok(()), "the first summary stands");
}
