//! The ticket desk takes back what nobody has heard of yet.

use super::{SENSITIVE, assignment, entries, seen, sent, slot_comes, triage};
use crate::desk_filters::lines;
use serde_json::{Value, json};
use tests::{
    accounts::OwnUnit,
    inbox::Inbox,
    life::{self, Report},
    officers,
    threads::in_parallel,
};

/// The acts that can be taken back, on reports of a sensitive category.
fn acts(unit: &OwnUnit) -> Vec<Value> {
    let (other, _) = life::submit(&life::body());
    vec![
        assignment(unit),
        json!({"action": "reject", "reason": "Bukan wewenang kota"}),
        json!({"action": "merge", "into": other.ticket}),
    ]
}

fn recall(report: &Report, status: u16) {
    report.command(officers::TIKET, "assignment", &json!({"action": "recall"})).expect(status);
}

/// What the reporter sees, but for who looked.
fn tracked(report: &Report) -> Value {
    let mut seen = report.tracked().expect(200).json();
    seen.as_object_mut().expect("an object").remove("looks");
    seen
}

fn may_recall(report: &Report) -> bool {
    seen(report, officers::TIKET)["actions"].as_array().expect("acts").contains(&json!("recall"))
}

#[test]
fn of_what_is_taken_back_before_its_slot_neither_unit_nor_reporter_ever_hears() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let topic = format!("unit-{}", unit.code);
    let inbox = Inbox::on(&[&topic, "reporter"]);
    let taken_back = in_parallel(acts(&unit), |act| {
        let report = sent(SENSITIVE);
        let before = tracked(&report);
        triage(&report, &act);
        assert!(may_recall(&report), "{act}");
        recall(&report, 200);
        assert!(!may_recall(&report), "{act}");
        recall(&report, 409);
        assert_eq!(tracked(&report), before, "{act}");
        let bureau = seen(&report, officers::TIKET);
        assert_eq!((&bureau["status"], &bureau["summary"]), (&json!("menunggu"), &Value::Null));
        assert_eq!(bureau["merged_into"], Value::Null);
        let history = bureau["history"].as_array().expect("a history").iter();
        let history: Vec<&Value> = history.map(|entry| &entry["event"]).collect();
        assert_eq!(history, ["submit", act["action"].as_str().expect("an action"), "recall"]);
        let lines = lines(officers::TIKET, &format!("category={SENSITIVE}&limit=100"));
        assert!(lines.iter().any(|line| line["ticket"] == report.ticket.as_str()), "it lies there again");
        slot_comes(&report);
        assert_eq!(tracked(&report), before, "{act}");
        report.seen_by(&officer).expect(404);
        report
    });
    inbox.catch_up();
    for report in &taken_back {
        let told = inbox.about(report).into_iter().filter(|message| message.topic != "desk-tiket");
        let told: Vec<String> = told.map(|message| message.summary()).collect();
        assert_eq!(told, ["reporter submit menunggu"]);
    }

    // Nor when the unit gets it after all.
    let report = &taken_back[0];
    let again = json!({"action": "assign", "unit": unit.code, "summary": "Petugas loket tidak sopan"});
    triage(report, &again);
    slot_comes(report);
    let of_unit = seen(report, &officer);
    assert_eq!(of_unit["summary"], "Petugas loket tidak sopan");
    for seen in [&of_unit, &tracked(report)] {
        assert_eq!((entries(seen, "assign").len(), entries(seen, "recall").len()), (1, 0));
    }
}

#[test]
fn what_its_slot_has_brought_to_others_cannot_be_taken_back() {
    let unit = OwnUnit::new(None);
    in_parallel(acts(&unit), |act| {
        let report = sent(SENSITIVE);
        triage(&report, &act);
        assert!(may_recall(&report), "{act}");
        slot_comes(&report);
        assert!(!may_recall(&report), "{act}");
        let status = seen(&report, officers::TIKET)["status"].clone();
        recall(&report, 409);
        assert_eq!(seen(&report, officers::TIKET)["status"], status, "{act}");
    });
}
