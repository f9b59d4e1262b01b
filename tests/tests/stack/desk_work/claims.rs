//! An officer of the ticket desk says that they are at work on a report.

use super::{seen, triage};
use crate::desk::{items, page};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::{
    accounts::{Account, OwnUnit},
    life::{self, Report},
    officers,
    operator::{dynamodb, items_of_kind, wait},
    stack::stack,
};

/// Where no other test sends reports of this category.
const QUERY: &str = "desk=tiket&limit=100&category=pencemaran&area=31.73.06.1002";

fn sent() -> Report {
    let mut body = life::body();
    body["category"] = json!("pencemaran");
    // Within Semanan, and too inaccurate for a rule.
    body["location"] = json!({"lat": -6.165, "lon": 106.706, "accuracy_m": 5000});
    life::submit(&body).0
}

/// The lines of these reports in the order of an officer's page.
fn listed(officer: &str, reports: &[&Report]) -> Vec<Value> {
    let lines = items(&page(officer, QUERY).expect(200));
    let is_ours = |line: &Value| reports.iter().any(|report| line["ticket"] == report.ticket.as_str());
    lines.into_iter().filter(is_ours).collect()
}

fn tickets(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["ticket"].as_str().expect("a ticket")).collect()
}

#[test]
fn a_claim_shows_in_the_ticket_desks_lines_behind_the_others_of_a_colleague_and_hinders_nobody() {
    let [officer, colleague] = [(); 2].map(|()| Account::new(&["admin-tiket"], None).username);
    let mut both = [sent(), sent()];
    both.sort_by(|one, other| one.ticket.cmp(&other.ticket));
    let [first, second] = &both;
    let order = |officer: &str| listed(officer, &[first, second]);
    assert_eq!(tickets(&order(&colleague)), [&first.ticket, &second.ticket]);
    let version = seen(first, &officer)["version"].clone();

    let claimed = first.command(&officer, "claim", &json!({})).expect(200).json();
    assert_eq!(claimed["ticket"], first.ticket.as_str());
    assert_eq!(tickets(&order(&officer)), [&first.ticket, &second.ticket]);
    let of_colleague = order(&colleague);
    assert_eq!(tickets(&of_colleague), [&second.ticket, &first.ticket]);
    assert_eq!(of_colleague[0]["claimed"], Value::Null);
    assert_eq!(of_colleague[1]["claimed"], json!({"name": "Petugas Uji", "until": claimed["until"]}));

    assert_eq!(items_of_kind(&first.ticket, "event").len(), 1, "no event");
    assert_eq!(seen(first, &officer)["version"], version);
    assert_eq!(seen(first, &colleague)["claimed"], Value::Null);
    assert!(first.command(&officer, "claim", &json!({})).expect(200).replayed());
    let refused = first.command(&colleague, "claim", &json!({})).expect(409);
    assert_eq!(refused.json()["type"], "/problems/claimed");
    assert!(seen(first, &colleague)["actions"].as_array().expect("acts").contains(&json!("assign")));

    let unit = OwnUnit::new(None);
    let of_unit = unit.officer().username;
    let assign = json!({"action": "assign", "unit": unit.code});
    first.command(&colleague, "assignment", &assign).expect(200);
    let line = items(&page(&of_unit, "").expect(200)).remove(0);
    assert_eq!((&line["ticket"], &line["claimed"]), (&json!(first.ticket), &Value::Null));
    first.command(&officer, "claim", &json!({})).expect(409);
    // It is over with that: when the report comes back nobody has claimed it.
    let give_back = json!({"action": "return", "reason": "Bukan kami"});
    first.command(&of_unit, "assignment", &give_back).expect(200);
    assert_eq!(listed(&colleague, &[first])[0]["claimed"], Value::Null);
    first.command(&colleague, "claim", &json!({})).expect(200);
}

#[test]
fn a_claim_that_has_ended_shows_nowhere_and_leaves_the_report_to_a_colleague() {
    let [officer, colleague] = [(); 2].map(|()| Account::new(&["admin-tiket"], None).username);
    let report = sent();
    report.command(&officer, "claim", &json!({})).expect(200);
    let update = dynamodb()
        .update_item()
        .table_name(stack().output("ReportsTable"))
        .key("pk", AttributeValue::S(report.ticket.replace('-', "")))
        .key("sk", AttributeValue::S("report".to_owned()))
        .update_expression("SET claim.#until = :past")
        .condition_expression("attribute_exists(claim)")
        .expression_attribute_names("#until", "until")
        .expression_attribute_values(":past", AttributeValue::S("2026-01-05T00:00:00Z".to_owned()));
    wait(update.send()).expect("a claim");
    assert_eq!(listed(&colleague, &[&report])[0]["claimed"], Value::Null);
    assert!(!report.command(&colleague, "claim", &json!({})).expect(200).replayed());
    report.command(&officer, "claim", &json!({})).expect(409);
}

#[test]
fn a_claim_is_for_the_ticket_desk_alone() {
    let report = sent();
    report.command(officers::ADMINISTRATOR, "claim", &json!({})).expect(403);
    report.command(officers::VALIDASI, "claim", &json!({})).expect(404);
    triage(&report, &json!({"action": "assign", "unit": officers::UNIT_CODE}));
    report.command(officers::UNIT, "claim", &json!({})).expect(403);
}
