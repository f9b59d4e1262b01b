//! What was acknowledged before the restart.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::{
    inbox::Inbox,
    life::{self, Report, body},
    officers, operator, report_state,
    restart_notes::{self, Left},
    stack::stack,
};

const PAST: &str = "2026-01-05T00:00:00Z";

fn report(left: &Left) -> Report {
    Report { ticket: left.ticket.clone(), secret: left.secret.clone() }
}

fn in_status(status: &str) -> Left {
    let left = restart_notes::left().into_iter().find(|left| left.tracked["status"] == status);
    left.unwrap_or_else(|| panic!("none was left in {status}"))
}

/// The category of the report whose slot does not come.
const WAITING: &str = "pungutan-liar";
/// That of the report whose slot comes after the restart.
const RELEASED: &str = "perilaku-petugas";

/// Those that no other test after the restart works on.
fn untouched() -> impl Iterator<Item = Left> {
    let is_worked_on = |left: &Left| left.tracked["status"] == "proses" || left.body["category"] == RELEASED;
    restart_notes::left().into_iter().filter(move |left| !is_worked_on(left))
}

#[test]
fn every_report_is_as_it_was_for_everybody() {
    let all: Vec<Left> = untouched().collect();
    assert!(all.len() >= 4);
    for before in &all {
        let after = report_state::describe(&report(before), &before.key, &before.body);
        // The reporter sees how often officers looked, which those of before did after the reporter.
        let but_looks = |tracked: &Value| {
            let mut tracked = tracked.clone();
            tracked["looks"] = Value::Null;
            tracked
        };
        assert_eq!(but_looks(&after.tracked), but_looks(&before.tracked));
        assert_eq!(after.seen, before.seen);
        assert_eq!(after.kept, before.kept);
        assert_eq!(after.looks[..before.looks.len()], before.looks[..], "every look is still known");
        assert!(after.looks.len() > before.looks.len(), "and so are those of now");
    }
}

#[test]
fn a_report_sent_again_after_the_restart_is_the_same_report() {
    for left in untouched() {
        let (again, replayed) = report_state::again(&left);
        assert!(replayed);
        assert_eq!((again.ticket, again.secret), (left.ticket, left.secret));
    }
}

#[test]
fn work_goes_on_where_it_stopped_and_is_announced() {
    let report = report(&in_status("proses"));
    let inbox = Inbox::on(&["desk-validasi", "reporter"]);
    report.post_tl();
    report.validate("accept");
    assert_eq!(report.status(), "selesai");
    inbox.catch_up();
    let told: Vec<String> = inbox.about(&report).iter().map(tests::inbox::Message::summary).collect();
    assert!(told.contains(&"desk-validasi post_tl menunggu_validasi".to_owned()), "{told:?}");
    assert!(told.contains(&"reporter validate selesai".to_owned()), "{told:?}");
}

#[test]
fn a_report_whose_slot_has_not_come_still_does_not_exist_for_its_unit() {
    let left = restart_notes::left().into_iter().find(|left| left.body["category"] == WAITING);
    let report = report(&left.expect("a report that waits"));
    report.seen_by(officers::UNIT).expect(404);
    report.command(officers::UNIT, "assignment", &json!({"action": "accept"})).expect(404);
    report.seen_by(officers::TIKET).expect(200);
}

#[test]
fn a_report_whose_slot_comes_after_the_restart_is_on_its_units_desk_under_every_filter() {
    let left = restart_notes::left().into_iter().find(|left| left.body["category"] == RELEASED);
    let report = report(&left.expect("a report that waits"));
    report.seen_by(officers::UNIT).expect(404);
    let ticket = report.ticket.replace('-', "");
    let text = |value: &str| AttributeValue::S(value.to_owned());
    // Everything else of it is as whoever stored it left it.
    let update = operator::dynamodb()
        .update_item()
        .table_name(stack().output("ReportsTable"))
        .key("pk", text(&ticket))
        .key("sk", text("report"))
        .update_expression(
            "SET visible.#release.#at = :past, visible.photos_from = :past, pending_at = :order",
        )
        .expression_attribute_names("#release", "release")
        .expression_attribute_names("#at", "at")
        .expression_attribute_values(":past", text(PAST))
        .expression_attribute_values(":order", text(&format!("{PAST}#{ticket}")));
    operator::wait(update.send()).expect("its slot has come");
    operator::run_release();
    report.seen_by(officers::UNIT).expect(200);
    let urgency = report.seen_by(officers::UNIT).expect(200).json()["urgency"].as_str().unwrap().to_owned();
    for filter in ["".to_owned(), format!("&category={RELEASED}"), format!("&urgency={urgency}&below=true")] {
        let mut cursor = String::new();
        let is_listed = loop {
            let path = format!("/v1/desk?limit=100{filter}&cursor={cursor}");
            let page = life::by(officers::UNIT, "GET", &path).send().expect(200).json();
            if page["items"]
                .as_array()
                .expect("items")
                .iter()
                .any(|line| line["ticket"] == report.ticket.as_str())
            {
                break true;
            }
            let Some(next) = page["next"].as_str() else { break false };
            cursor = next.to_owned();
        };
        assert!(is_listed, "{filter}");
    }
}

#[test]
fn a_new_report_is_accepted_and_assigned_after_the_restart() {
    let (report, _) = life::submit(&body());
    report.assign();
    assert_eq!(report.status(), "koordinasi");
}
