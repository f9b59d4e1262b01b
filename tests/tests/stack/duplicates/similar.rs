//! `GET /v1/reports/{ticket}/similar`: which reports are named, to whom, and what is told of them.

use super::{Place, body};
use crate::routing::{CIDENG, sent_from};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    canary,
    http::{Answer, fresh_key},
    life::{self, Report, by},
    officers, report_state,
};

fn similar(officer: &str, report: &Report) -> Answer {
    by(officer, "GET", &report.path("similar")).send()
}

/// What the ticket desk is told of the reports like this one.
#[track_caller]
fn named(report: &Report) -> Vec<Value> {
    similar(officers::TIKET, report).expect(200).json()["items"].as_array().unwrap().clone()
}

#[track_caller]
fn tickets(report: &Report) -> BTreeSet<String> {
    named(report).iter().map(|item| item["ticket"].as_str().unwrap().to_owned()).collect()
}

fn set<const N: usize>(reports: [&Report; N]) -> BTreeSet<String> {
    reports.map(|report| report.ticket.clone()).into()
}

const POTHOLE: &str = "Jalan berlubang besar di depan pasar, banyak motor jatuh";
const SAME_POTHOLE: &str = "ada lobang gede depan pasar, bahaya buat motor";

#[test]
fn the_ticket_desk_is_told_which_open_reports_are_alike_and_why_and_nothing_that_they_say() {
    let place = Place::new();
    let [report, same] = [(0.0, 0.0, POTHOLE), (12.0, 9.0, SAME_POTHOLE)].map(|(north, east, text)| {
        life::submit(&body(place.at(north, east), &format!("{text} {}", canary::DESCRIPTION))).0
    });
    let (far, _) = life::submit(&body(place.at(420.0, 0.0), POTHOLE));
    let answer = similar(officers::TIKET, &report).expect(200);
    let items = answer.json()["items"].as_array().unwrap().clone();
    let found: Vec<&Value> = items.iter().map(|item| &item["ticket"]).collect();
    assert_eq!(found, [&same.ticket], "{far:?} lies too far away");
    let fields: Vec<&String> = items[0].as_object().unwrap().keys().collect();
    let expected = ["category", "distance", "label", "reasons", "score", "status", "status_text", "ticket"];
    assert_eq!(fields, expected);
    assert_eq!((&items[0]["distance"], &items[0]["status"]), (&json!("25m"), &json!("menunggu")));
    let reasons: Vec<&str> =
        items[0]["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap()).collect();
    assert!(reasons.contains(&"near") && reasons.contains(&"same_category"), "{reasons:?}");
    let said = String::from_utf8_lossy(&answer.bytes).into_owned();
    for secret in [canary::DESCRIPTION, canary::NAME, canary::PHONE, canary::EMAIL, "106.", "lobang"] {
        assert!(!said.contains(secret), "{secret}");
    }
}

#[test]
fn only_the_ticket_desk_compares_and_only_what_it_may_see() {
    let place = Place::new();
    let (report, _) = life::submit(&body(place.at(0.0, 0.0), POTHOLE));
    report.assign();
    for officer in [officers::UNIT, officers::ADMINISTRATOR] {
        similar(officer, &report).expect(403);
    }
    let unknown = Report { ticket: life::unknown_ticket(), ..report.clone() };
    let not_there = similar(officers::OTHER_UNIT, &unknown).expect(404).bytes;
    for officer in [officers::VALIDASI, officers::OTHER_UNIT] {
        assert_eq!(similar(officer, &report).expect(404).bytes, not_there, "{officer}");
    }
}

#[test]
fn a_look_is_recorded_at_each_report_that_is_named_and_no_reporter_can_count_them() {
    let place = Place::new();
    let [report, same] = [POTHOLE, SAME_POTHOLE].map(|text| life::submit(&body(place.at(0.0, 0.0), text)).0);
    let (far, _) = life::submit(&body(place.at(420.0, 0.0), POTHOLE));
    named(&report);
    // How often it is done would tell a reporter that others have reported the same.
    assert_eq!(same.tracked().expect(200).json()["looks"], json!([]));
    let looks = |report: &Report| -> Vec<Value> {
        let looks = report_state::looks(report).into_iter();
        looks
            .filter(|look| look["looked_at"] == "similar")
            .map(|look| look["officer"]["name"].clone())
            .collect()
    };
    assert_eq!((looks(&report).len(), looks(&same).len(), looks(&far).len()), (1, 1, 0));
}

#[test]
fn what_is_closed_or_of_another_group_is_not_named_and_what_a_unit_has_is() {
    let place = Place::new();
    let sent = |category: &str| {
        let mut body = body(place.at(0.0, 0.0), POTHOLE);
        body["category"] = json!(category);
        life::submit(&body).0
    };
    let report = sent("jalan-berlubang");
    let (with_unit, closed, rubbish) = (sent("jalan-berlubang"), sent("jalan-berlubang"), sent("sampah"));
    with_unit.assign();
    let reject = json!({"action": "reject", "reason": "Bukan wewenang kota"});
    closed.command(officers::TIKET, "assignment", &reject).expect(200);
    assert_eq!(tickets(&report), set([&with_unit]), "not {closed:?}, not {rubbish:?}");
}

#[test]
fn a_report_that_went_to_a_unit_by_itself_is_named_and_can_be_merged_into() {
    let (routed, _) = sent_from("jalan-berlubang", CIDENG);
    routed.seen_by(officers::TIKET).expect(404);
    let place = Place::new();
    let (report, _) = life::submit(&body(place.at(0.0, 0.0), POTHOLE));
    let merge = json!({"action": "merge", "into": routed.ticket});
    let refused = report.command(officers::TIKET, "assignment", &merge).expect(422);
    assert_eq!(refused.errors(), ["into no_such_ticket"], "it is far away");
    let there = json!({"location": {"lat": CIDENG.0, "lon": CIDENG.1}, "reason": "Titik salah"});
    report.command(officers::TIKET, "correction", &there).expect(200);
    // Other tests send reports from there too, of which one answer names ten: it may be merged into all the same.
    report.command(officers::TIKET, "assignment", &merge).expect(200);
    assert_eq!(report.status(), "duplikat");
    routed.seen_by(officers::TIKET).expect(404);
}

/// The name of a street that no other report is in.
fn name() -> String {
    let letter = |byte: u8| char::from(b'a' + byte % 26);
    fresh_key().bytes().take(12).map(letter).collect()
}

#[test]
fn without_a_position_reports_are_found_by_the_street() {
    let street = format!("Jl. {} Raya", name());
    let sent = |address: String, text: &str| life::submit(&body(json!({"address": address}), text)).0;
    let report = sent(format!("{street} No. 12"), POTHOLE);
    let same = sent(format!("{} no 12", street.to_lowercase().replace("jl.", "jalan")), SAME_POTHOLE);
    let elsewhere = sent(format!("Jl. {} No. 12", name()), POTHOLE);
    assert_eq!(tickets(&report), set([&same]), "not {elsewhere:?}");
    assert_eq!(named(&report)[0].get("distance"), None);
}
