//! Deadlines: who is reminded of which, when, and who sees what of it.
//!
//! A test lets time pass by moving the start of a step into the past.

use crate::{
    routing::body_from,
    slots::{change, line, make, overdue, snapshot},
    status,
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::status::Status;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::thread;
use tests::{
    accounts::{Account, OwnUnit},
    inbox::Inbox,
    life::{self, Report},
    officers,
    operator::{dynamodb, group, run_release, wait},
    stack::stack,
    tool::Tool,
};

/// A category whose hours all count, with four of them to coordinate and a day for each judgement. Nothing of it waits for a slot here.
const FLOOD: &str = "banjir";
/// One whose only slot is half a day away, of which all hours count, too: a day to coordinate.
const VIOLENCE: &str = "kekerasan";
/// A place from which the demonstration's map sends a flood to a unit by itself.
const CIDENG: (f64, f64) = (-6.178, 106.808);

fn flood() -> Report {
    let mut body = life::body();
    body["category"] = json!(FLOOD);
    life::submit(&body).0
}

#[expect(clippy::disallowed_methods, reason = "the tests live in real time; runtime::clock is for functions")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// The present step of the report began so many minutes ago, and is looked at in the next run of `release`.
fn began(report: &Report, minutes: i64) {
    let since = (now() - minutes.minutes()).to_string();
    make(vec![change(report, "report", &[("step.since", &since), ("pending_at", &overdue(report))])]);
}

/// What was said of a deadline: `topic act: text`, sorted.
fn said(inbox: &Inbox, report: &Report) -> Vec<String> {
    inbox.catch_up();
    let of_clock = inbox.about(report).into_iter().filter(|message| {
        let event = message.attributes.get("event").map(String::as_str);
        matches!(event, Some("remind" | "escalate"))
    });
    let mut said: Vec<String> = of_clock
        .map(|message| {
            let text = message.body["event_text"].as_str().expect("a text of its own").to_owned();
            format!("{} {}: {text}", message.topic, message.attributes["event"])
        })
        .collect();
    said.sort();
    said
}

const NEAR: &str = "remind: Batas waktu sudah dekat";
const OVER: &str = "remind: Batas waktu sudah lewat";
const ESCALATED: &str = "escalate: Terlambat satu hari kerja, dieskalasi";

fn sorted(mut said: Vec<String>) -> Vec<String> {
    said.sort();
    said
}

/// Runs come double and side by side, as a schedule may.
fn run_twice() {
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(run_release);
        }
    });
    run_release();
}

#[test]
fn a_unit_and_the_one_above_are_reminded_twice_and_those_above_told_a_working_day_later_each_once() {
    let dinas = OwnUnit::new(None);
    let sudin = OwnUnit::new(Some(&dinas));
    let [of_sudin, of_dinas] = [&sudin, &dinas].map(|unit| format!("unit-{}", unit.code));
    let inbox = Inbox::on(&[&of_sudin, &of_dinas, "desk-tiket", "desk-administrator", "reporter"]);
    let report = flood();
    let assign = json!({"action": "assign", "unit": sudin.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);

    began(&report, 3 * 60);
    run_twice();
    assert_eq!(said(&inbox, &report), [""; 0], "four fifths are not over yet");
    began(&report, 3 * 60 + 30);
    run_twice();
    let near = [&of_sudin, &of_dinas].map(|topic| format!("{topic} {NEAR}"));
    assert_eq!(said(&inbox, &report), sorted(near.to_vec()));
    began(&report, 4 * 60 + 30);
    run_twice();
    let over = [&of_sudin, &of_dinas].map(|topic| format!("{topic} {OVER}"));
    assert_eq!(said(&inbox, &report), sorted([near.clone(), over.clone()].concat()));
    began(&report, 30 * 24 * 60);
    run_twice();
    let escalated = [of_dinas.as_str(), "desk-tiket"].map(|topic| format!("{topic} {ESCALATED}"));
    assert_eq!(said(&inbox, &report), sorted([near, over, escalated].concat()));
    began(&report, 40 * 24 * 60);
    run_twice();
    assert_eq!(said(&inbox, &report).len(), 6, "nothing more of this deadline");
}

#[test]
fn the_ticket_desk_and_the_validators_are_reminded_and_the_administrators_with_them() {
    let inbox = Inbox::on(&["desk-tiket", "desk-validasi", "desk-administrator"]);
    let waits = flood();
    began(&waits, 3 * 60 + 30);
    run_release();
    assert_eq!(
        said(&inbox, &waits),
        ["desk-administrator", "desk-tiket"].map(|topic| format!("{topic} {NEAR}"))
    );
    let judged = life::in_status(Status::MenungguValidasi, &life::body());
    began(&judged, 30 * 24 * 60);
    run_release();
    // The run comes so late that nobody is told any more that the end is near.
    let expected = ["desk-administrator", "desk-tiket"].map(|topic| format!("{topic} {ESCALATED}"));
    let over = ["desk-administrator", "desk-validasi"].map(|topic| format!("{topic} {OVER}"));
    assert_eq!(said(&inbox, &judged), sorted([expected, over].concat()));
}

#[test]
fn an_escalation_brings_a_report_before_the_ticket_desk_and_units_see_the_urgency_alone() {
    let (report, _) = life::submit(&body_from(FLOOD, CIDENG));
    report.seen_by(officers::TIKET).expect(404);
    let unit = snapshot(&report)["desk"].as_s().unwrap().strip_prefix("unit:").expect("a unit").to_owned();
    let officer = Account::new(&["petugas-opd"], Some(&unit));
    let before = report.seen_by(&officer.username).expect(200).json();
    assert_ne!(before["urgency"], "terlambat");

    began(&report, 30 * 24 * 60);
    run_release();
    let after = report.seen_by(&officer.username).expect(200).json();
    let late = json!("terlambat");
    assert_eq!((&after["urgency"], &line(&officer.username, &report).unwrap()["urgency"]), (&late, &late));
    for field in ["history", "version", "actions", "consequences", "status"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert!(after.get("deadline").is_none());

    let seen = report.seen_by(officers::TIKET).expect(200).json();
    let told: Vec<Value> = seen["history"].as_array().unwrap().iter().skip(1).cloned().collect();
    let marks: Vec<_> =
        told.iter().map(|event| json!([event["event"], event["step"], event["mark"]])).collect();
    assert_eq!(
        marks,
        [json!(["remind", "coordinate", "over"]), json!(["escalate", "coordinate", "escalated"])]
    );
    assert!(seen["deadline"].as_str().unwrap() < seen["history"][0]["at"].as_str().unwrap());
}

#[test]
fn the_reporter_sees_the_day_and_nothing_of_the_reminders() {
    let report = flood();
    let told = report.tracked().expect(200).json();
    let day = told["deadline"].as_str().expect("a day").to_owned();
    assert!(day >= life::today() && day.len() == 10, "{day}");
    began(&report, 30 * 24 * 60);
    run_release();
    let late = report.tracked().expect(200).json();
    assert!(late["deadline"].as_str().unwrap() < day.as_str());
    assert_eq!(late["history"], told["history"]);
}

#[test]
fn a_unit_is_reminded_at_a_slot() {
    let unit = OwnUnit::new(None);
    let inbox = Inbox::on(&[&format!("unit-{}", unit.code), "desk-tiket"]);
    let mut body = life::body();
    body["category"] = json!(VIOLENCE);
    let (report, _) = life::submit(&body);
    let assign = json!({"action": "assign", "unit": unit.code, "summary": life::SUMMARY});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    crate::slots::let_slot_come(std::slice::from_ref(&report));
    run_release();
    // The end came a quarter of an hour ago, and no slot since.
    began(&report, 24 * 60 + 15);
    run_release();
    assert_eq!(said(&inbox, &report), [""; 0]);
    let next = group(&mut snapshot(&report), "step")["next"].as_s().unwrap().parse::<Timestamp>().unwrap();
    assert!(next > now() + 1.hours(), "due at the slot: {next}");
    // Now there has been one.
    began(&report, 3 * 24 * 60);
    run_release();
    let over =
        [format!("unit-{}", unit.code), "desk-tiket".to_owned()].map(|topic| format!("{topic} {OVER}"));
    let said = said(&inbox, &report);
    assert!(over.iter().all(|over| said.contains(over)), "{said:?}");
}

#[test]
fn operators_are_told_how_many_steps_are_late_by_desk_and_no_number_that_tells_an_arrival() {
    let desk = format!("unit:{}", officers::UNIT_CODE);
    for _ in 0..3 {
        let report = flood();
        report.assign();
        let explained = status::explain(&report);
        assert_eq!(explained["deadline"]["step"], "coordinate");
        assert!(explained["deadline"]["next"].as_str() < explained["deadline"]["ends"].as_str());
        began(&report, 30 * 24 * 60);
    }
    run_release();
    let late = status::json_of(&["status"]).1["late"][&desk].as_str().expect("some are late").to_owned();
    assert!(["1-9", "10-99", "100-999", "1000 or more"].contains(&late.as_str()), "{late}");
    let said = Tool::of("status").run(&["status"]).stdout;
    assert!(said.contains(&format!("{desk} 1")), "{said}");
}

/// As a version without deadlines stored it: late, and with nothing due any more.
#[test]
fn a_late_report_of_a_version_without_deadlines_is_reminded_of_once_an_operator_has_it_looked_at() {
    let unit = OwnUnit::new(None);
    let topic = format!("unit-{}", unit.code);
    let inbox = Inbox::on(&[&topic, "desk-tiket"]);
    let report = flood();
    let assign = json!({"action": "assign", "unit": unit.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    let old = dynamodb()
        .update_item()
        .table_name(stack().output("ReportsTable"))
        .key("pk", AttributeValue::S(report.ticket.replace('-', "")))
        .key("sk", AttributeValue::S("report".to_owned()))
        .update_expression("REMOVE step, pending, pending_at SET due_on = :past")
        .expression_attribute_values(":past", AttributeValue::S(life::today()));
    wait(old.send()).expect("an old report");
    run_release();
    assert_eq!(said(&inbox, &report), [""; 0]);

    let refresh = || {
        let desk = format!("unit:{}", unit.code);
        let arguments = ["report", "refresh-deadlines", "--desk", &desk, "--yes", "--json"];
        let ran = Tool::of("report refresh-deadlines").run(&arguments).expect(0);
        serde_json::from_str::<Value>(&ran.stdout).expect("JSON")
    };
    assert_eq!(refresh(), json!({"reports": 1}));
    run_release();
    let step = |name: &str| group(&mut snapshot(&report), "step")[name].clone();
    assert_eq!(
        step("allowance"),
        AttributeValue::M([("until".to_owned(), AttributeValue::S(life::today()))].into())
    );
    assert_eq!(snapshot(&report)["due_on"].as_s().unwrap(), &life::today(), "its urgency has not moved");
    began(&report, 30 * 24 * 60);
    make(vec![change(&report, "report", &[("step.allowance.until", "2026-01-05")])]);
    refresh();
    run_release();
    let over = [topic.as_str(), "desk-tiket"].map(|topic| format!("{topic} {OVER}"));
    let escalated = format!("desk-tiket {ESCALATED}");
    assert_eq!(said(&inbox, &report), sorted([over.to_vec(), vec![escalated]].concat()));
}

/// Nothing is released to a unit at which nobody works any more, also where nothing waits for a slot.
#[test]
fn a_refused_tl_of_a_unit_that_was_closed_goes_to_the_unit_above_at_once() {
    let dinas = OwnUnit::new(None);
    let sudin = OwnUnit::new(Some(&dinas));
    let (report, officer) = (flood(), sudin.officer());
    let assign = json!({"action": "assign", "unit": sudin.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    report.command(&officer.username, "assignment", &json!({"action": "accept"})).expect(200);
    let photos = report.add_photos(&officer.username, &["before", "after"]);
    let tl = json!({"narrative": "Air sudah dipompa", "photos": photos});
    report.command(&officer.username, "tl", &tl).expect(200);
    sudin.close();
    let refuse = json!({"decision": "reject", "reason": "Masih tergenang"});
    let answer = report.command(officers::VALIDASI, "validation", &refuse).expect(200).json();
    assert_eq!(answer["status"], "koordinasi");
    assert_eq!(line(&dinas.officer().username, &report).expect("on the desk above")["status"], "koordinasi");
    assert_eq!(line(&officer.username, &report), None);
}
