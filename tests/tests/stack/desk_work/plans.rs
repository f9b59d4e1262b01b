//! A unit's plan of a day by which long work will be done.

use super::{accept, entries, seen, triage};
use crate::desk_filters::lines;
use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};
use tests::{
    accounts::OwnUnit,
    http::{eventually, fresh_key},
    inbox::Inbox,
    life::{self, Report},
    officers,
    operator::items_of,
};

fn in_days(days: i32) -> Date {
    let today: Date = life::today().parse().expect("a day");
    today.checked_add(days.days()).expect("a day")
}

fn plan(on: Date) -> Value {
    json!({"on": on, "reason": "Menunggu bahan, telepon 0812-9000-4716"})
}

/// A report that came by a channel with a topic, in the works at a unit.
fn in_work(unit: &OwnUnit, officer: &str) -> Report {
    let answer = life::submission("facebook", &fresh_key(), &life::body()).send().expect(201);
    let report = Report::told(&answer.json());
    triage(&report, &json!({"action": "assign", "unit": unit.code}));
    accept(&report, officer);
    report
}

#[test]
fn due_day_and_urgency_follow_a_plan_and_the_reporter_is_told_the_day() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let inbox = Inbox::on(&["reporter", "channel-facebook"]);
    let report = in_work(&unit, &officer);
    let urgency = || {
        let line = lines(&officer, "limit=100").remove(0);
        assert_eq!(line["urgency"], seen(&report, &officer)["urgency"]);
        line["urgency"].clone()
    };
    assert_eq!(urgency(), "longgar");
    for (days, expected) in [(0, "hari_ini"), (3, "3_hari"), (90, "longgar")] {
        let on = in_days(days);
        let done = report.command(&officer, "plan", &plan(on)).expect(200).json();
        assert_eq!((&done["status"], &done["warnings"][0]["field"]), (&json!("proses"), &json!("reason")));
        assert_eq!(urgency(), expected);
        for onlooker in [officer.as_str(), officers::TIKET, officers::ADMINISTRATOR] {
            assert_eq!(seen(&report, onlooker)["plan"], json!(on), "{onlooker}");
        }
        let of_reporter = report.tracked().expect(200).json();
        assert_eq!(of_reporter["plan"], json!(on));
        let entry = entries(&of_reporter, "plan").pop().expect("a plan");
        assert_eq!(entry["on"], json!(on));
        assert_eq!(entry["reason"], "Menunggu bahan, telepon [•••]");
        let day = on.strftime("%d-%m-%Y").to_string();
        eventually("the channel is told the day", || {
            let messages = inbox.about(&report);
            let text = |message: &tests::inbox::Message| message.body["text"].as_str().map(ToOwned::to_owned);
            messages.iter().filter_map(text).any(|text| text.contains(&day)).then_some(())
        });
        let updates = inbox.about(&report);
        let of_plans = updates.iter().filter(|message| {
            message.topic == "reporter" && message.attributes.get("plan") == Some(&on.to_string())
        });
        assert_eq!(of_plans.count(), 1);
    }
}

#[test]
fn a_fourth_plan_one_too_far_ahead_and_one_by_anybody_but_the_unit_are_refused() {
    let above = OwnUnit::new(None);
    let unit = OwnUnit::new(Some(&above));
    let officer = unit.officer().username;
    let report = in_work(&unit, &officer);
    for days in [-1, 91] {
        let refused = report.command(&officer, "plan", &plan(in_days(days))).expect(422);
        assert_eq!(refused.errors(), ["on out_of_range"]);
    }
    let before = items_of(&report.ticket);
    for (other, status) in [
        (above.officer().username.as_str(), 403),
        (officers::TIKET, 403),
        (officers::ADMINISTRATOR, 403),
        (officers::VALIDASI, 404),
        (officers::OTHER_UNIT, 404),
    ] {
        report.command(other, "plan", &plan(in_days(1))).expect(status);
    }
    assert!(items_of(&report.ticket) == before);
    for days in 1..=3 {
        assert!(may(&report, &officer, "plan"));
        report.command(&officer, "plan", &plan(in_days(days))).expect(200);
    }
    assert!(!may(&report, &officer, "plan"));
    let refused = report.command(&officer, "plan", &plan(in_days(4))).expect(409);
    assert_eq!(refused.json()["type"], "/problems/too-often");
    assert_eq!(seen(&report, &officer)["plan"], json!(in_days(3)));
}

fn may(report: &Report, officer: &str, act: &str) -> bool {
    seen(report, officer)["actions"].as_array().expect("acts").contains(&json!(act))
}
