//! What waits for its slot cannot be seen in any way before, and is there exactly once after.
//!
//! Sensitive categories have their only slot half a day away in the tests: it comes when the operator says so, by
//! moving what is due into the past.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{
    http::Answer,
    inbox::{Inbox, Message},
    life::{self, Report, body, by},
    officers,
    operator::{self, Item, run_release, wait},
    stack::stack,
};

/// Who works for the unit of these tests, which no other test sends reports to.
const OFFICER: &str = "satpol.fajar";
const UNIT: &str = "satpol-pp";
const PAST: &str = "2026-01-05T00:00:00Z";

fn sensitive() -> Report {
    let mut body = body();
    body["category"] = json!("perilaku-petugas");
    life::submit(&body).0
}

fn assign(report: &Report) {
    let body = json!({"action": "assign", "unit": UNIT, "summary": life::SUMMARY});
    report.command(officers::TIKET, "assignment", &body).expect(200);
}

pub(crate) fn snapshot(report: &Report) -> Item {
    operator::items_of_kind(&report.ticket, "report").remove(0)
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Sets attributes of one of a report's items; a path such as `visible.release.at` reaches into one.
pub(crate) fn change(report: &Report, key: &str, sets: &[(&str, &str)]) -> TransactWriteItem {
    let mut update = Update::builder()
        .table_name(stack().output("ReportsTable"))
        .key("pk", text(&report.ticket.replace('-', "")))
        .key("sk", text(key))
        .condition_expression("attribute_exists(pk)");
    let mut clauses = Vec::new();
    for (place, (path, value)) in sets.iter().enumerate() {
        let names: Vec<String> = path.split('.').map(|name| format!("#{name}")).collect();
        for name in path.split('.') {
            update = update.expression_attribute_names(format!("#{name}"), name);
        }
        clauses.push(format!("{} = :v{place}", names.join(".")));
        update = update.expression_attribute_values(format!(":v{place}"), text(value));
    }
    let update = update.update_expression(format!("SET {}", clauses.join(", ")));
    TransactWriteItem::builder().update(update.build().expect("an update")).build()
}

pub(crate) fn make(changes: Vec<TransactWriteItem>) {
    let dynamodb = aws_sdk_dynamodb::Client::new(&operator::config());
    let made = dynamodb.transact_write_items().set_transact_items(Some(changes));
    wait(made.send()).expect("the snapshots are changed");
}

/// Due before anything else in the order of slots.
pub(crate) fn overdue(report: &Report) -> String {
    format!("{PAST}#{}", report.ticket.replace('-', ""))
}

/// Their slot has come, for all at one stroke and with the photos that they brought, although nobody has noticed yet.
pub(crate) fn let_slot_come(reports: &[Report]) {
    let come = |report: &Report| {
        let order = overdue(report);
        let mut sets = vec![("reporter.update.at", PAST), ("pending_at", &order)];
        for (name, path) in [("release", "visible.release.at"), ("photos_from", "visible.photos_from")] {
            if operator::group(&mut snapshot(report), "visible").contains_key(name) {
                sets.push((path, PAST));
            }
        }
        let photos = operator::items_of_kind(&report.ticket, "photo").into_iter();
        let waiting = photos.filter(|photo| photo.contains_key("shown_from"));
        let photos =
            waiting.map(|photo| change(report, photo["sk"].as_s().unwrap(), &[("shown_from", PAST)]));
        [change(report, "report", &sets)].into_iter().chain(photos).collect::<Vec<_>>()
    };
    make(reports.iter().flat_map(come).collect());
}

/// Every line of a desk, to its last page.
fn desk(officer: &str) -> Vec<Value> {
    let mut lines = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = by(officer, "GET", &format!("/v1/desk?limit=100{cursor}")).send().expect(200).json();
        lines.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return lines,
        }
    }
}

pub(crate) fn line(officer: &str, report: &Report) -> Option<Value> {
    desk(officer).into_iter().find(|line| line["ticket"] == report.ticket.as_str())
}

fn summaries(inbox: &Inbox, report: &Report) -> BTreeMap<String, u32> {
    let mut counted = BTreeMap::new();
    for message in inbox.about(report) {
        *counted.entry(message.summary()).or_default() += 1;
    }
    counted
}

fn counts(expected: &[(&str, u32)]) -> BTreeMap<String, u32> {
    expected.iter().map(|(summary, count)| ((*summary).to_owned(), *count)).collect()
}

/// What the unit can get of a report that is not there.
fn unknown(route: &str) -> Answer {
    by(OFFICER, "GET", &format!("/v1/reports/0000-0000-00000{route}")).send().expect(404)
}

/// In how many pairs two orders of the same tickets differ.
fn swaps(these: &[String], those: &[String]) -> usize {
    let places: Vec<usize> =
        these.iter().filter_map(|one| those.iter().position(|other| other == one)).collect();
    (0..places.len()).map(|at| places[at..].iter().filter(|later| **later < places[at]).count()).sum()
}

#[test]
fn an_assignment_that_waits_is_hidden_from_the_unit_until_its_slot_and_then_announced_once() {
    let inbox = Inbox::on(&["unit-satpol-pp", "reporter"]);
    let report = sensitive();
    assign(&report);
    let accept = json!({"action": "accept"});
    // Also when release runs: the slot is what counts.
    run_release();
    inbox.catch_up();
    assert_eq!(line(OFFICER, &report), None);
    assert_eq!(report.seen_by(OFFICER).expect(404).bytes, unknown("").bytes);
    assert_eq!(report.command(OFFICER, "assignment", &accept).expect(404).bytes, unknown("").bytes);
    assert_eq!(summaries(&inbox, &report), counts(&[("desk-tiket submit menunggu", 1)]));
    // The ticket desk sees what it did, and that it is no longer there.
    let seen = report.seen_by(officers::TIKET).expect(200).json();
    assert_eq!(seen["status"], "koordinasi");
    assert_eq!(line(officers::TIKET, &report), None);
    report.seen_by(officers::ADMINISTRATOR).expect(200);
    assert_eq!(
        report
            .command(
                officers::TIKET,
                "assignment",
                &json!({"action": "assign", "unit": UNIT, "summary": life::SUMMARY})
            )
            .status,
        409
    );

    let_slot_come(std::slice::from_ref(&report));
    run_release();
    inbox.await_about(&report, 3);
    let released = snapshot(&report);
    run_release();
    run_release();
    inbox.catch_up();
    // One message to the reporter for the slot, about how things stand then; not one for each change.
    let after = [
        ("desk-tiket submit menunggu", 1),
        ("unit-satpol-pp assign koordinasi", 1),
        ("reporter assign koordinasi", 1),
    ];
    assert_eq!(summaries(&inbox, &report), counts(&after));
    assert_eq!(snapshot(&report), released, "a second run changes nothing");
    assert_eq!(line(OFFICER, &report).expect("on the desk")["status"], "koordinasi");
    report.seen_by(OFFICER).expect(200);
    report.command(OFFICER, "assignment", &accept).expect(200);
}

#[test]
fn a_unit_learns_of_a_verdict_at_its_slot_and_can_do_nothing_before() {
    let inbox = Inbox::on(&["unit-satpol-pp"]);
    let report = sensitive();
    assign(&report);
    let_slot_come(std::slice::from_ref(&report));
    run_release();
    report.command(OFFICER, "assignment", &json!({"action": "accept"})).expect(200);
    let photos = report.add_photos(OFFICER, &["before", "after"]);
    let tl = json!({"narrative": "Petugas sudah ditegur dan dibina", "photos": photos});
    report.command(OFFICER, "tl", &tl).expect(200);
    report.validate("reject");
    run_release();
    inbox.catch_up();
    assert!(inbox.about(&report).iter().all(|message| message.attributes["event"] != "validate"));
    let seen = report.seen_by(OFFICER).expect(200).json();
    assert_eq!(seen["status"], "menunggu_validasi");
    assert_eq!(line(OFFICER, &report), None);
    report.command(OFFICER, "tl", &tl).expect(409);
    report
        .command(OFFICER, "assignment", &json!({"action": "return", "reason": "Bukan urusan kami"}))
        .expect(409);
    assert_eq!(report.seen_by(officers::VALIDASI).expect(200).json()["status"], "tl_ditolak");

    let_slot_come(std::slice::from_ref(&report));
    run_release();
    assert_eq!(line(OFFICER, &report).expect("back on the desk")["status"], "tl_ditolak");
    inbox.catch_up();
    let told = inbox.about(&report);
    let of_verdict: Vec<&Message> =
        told.iter().filter(|message| message.attributes["event"] == "validate").collect();
    assert_eq!(of_verdict.len(), 1);
    assert_eq!(of_verdict[0].summary(), "unit-satpol-pp validate tl_ditolak");
}

#[test]
fn within_a_slot_the_order_is_the_tickets_and_not_that_of_sending() {
    let inbox = Inbox::on(&["unit-satpol-pp"]);
    let sent: Vec<Report> = (0..20).map(|_| sensitive()).collect();
    sent.iter().for_each(assign);
    let_slot_come(&sent);
    let of_ours = |came: Vec<String>| -> Vec<String> {
        came.into_iter().filter(|ticket| sent.iter().any(|report| report.ticket == *ticket)).collect()
    };
    run_release();
    sent.iter().for_each(|report| drop(inbox.await_about(report, 2)));
    inbox.catch_up();
    let to_unit = inbox.all().into_iter().filter(|message| message.topic == "unit-satpol-pp");
    let announced =
        of_ours(to_unit.map(|message| message.body["ticket"].as_str().unwrap().to_owned()).collect());
    let in_order_of_sending: Vec<String> = sent.iter().map(|report| report.ticket.clone()).collect();
    let mut in_order_of_tickets = in_order_of_sending.clone();
    in_order_of_tickets.sort();
    assert_eq!(announced.iter().collect::<BTreeSet<_>>(), in_order_of_tickets.iter().collect());
    // Released in the order of tickets, several side by side: so near that order, and nowhere near that of sending.
    let from_sending = swaps(&announced, &in_order_of_sending);
    let from_tickets = swaps(&announced, &in_order_of_tickets);
    assert!(
        from_tickets < from_sending,
        "{from_tickets} swaps from the tickets' order, {from_sending} from sending's"
    );
    let listed = desk(OFFICER).iter().map(|line| line["ticket"].as_str().unwrap().to_owned()).collect();
    assert_eq!(of_ours(listed), in_order_of_tickets);
}

#[test]
fn urgency_moves_a_report_up_its_desk_when_a_day_has_passed_and_nobody_is_told() {
    let inbox = Inbox::on(&["unit-satpol-pp", "reporter"]);
    let (report, _) = life::submit(&{
        let mut body = body();
        body["category"] = json!("taman");
        body
    });
    assign(&report);
    assert_ne!(line(OFFICER, &report).expect("on the desk")["urgency"], "terlambat");
    inbox.catch_up();
    let told = inbox.about(&report);

    // Its deadline ended long ago, and all that was to be said of it has been said.
    let sent = ["near", "over", "escalated"].map(text);
    let said = Update::builder()
        .table_name(stack().output("ReportsTable"))
        .key("pk", text(&report.ticket.replace('-', "")))
        .key("sk", text("report"))
        .update_expression("SET step.sent = :sent, step.since = :past, pending_at = :due")
        .expression_attribute_values(":sent", AttributeValue::L(sent.into()))
        .expression_attribute_values(":past", text(PAST))
        .expression_attribute_values(":due", text(&overdue(&report)));
    make(vec![TransactWriteItem::builder().update(said.build().expect("an update")).build()]);
    let before = snapshot(&report);
    run_release();
    assert_eq!(line(OFFICER, &report).expect("on the desk")["urgency"], "terlambat");
    let lines = desk(OFFICER);
    let at = |found: &Value| lines.iter().position(|line| line == found).unwrap();
    let mine = at(lines.iter().find(|line| line["ticket"] == report.ticket.as_str()).unwrap());
    assert!(
        lines[..mine].iter().all(|line| line["urgency"] == "terlambat"),
        "it stands behind what can wait"
    );
    let after = snapshot(&report);
    let moved = before.keys().filter(|name| before.get(*name) != after.get(*name));
    let mut moved: Vec<&str> = moved.map(String::as_str).collect();
    moved.sort_unstable();
    assert_eq!(moved, ["desk_order", "due_on", "pending", "pending_at", "revision", "step"]);
    assert!(!after.contains_key("pending_at"), "late is late: nothing more is due");
    inbox.catch_up();
    assert_eq!(inbox.about(&report), told);
}

#[test]
fn what_a_unit_may_not_know_yet_is_in_no_page_of_its_desk_and_no_cursor() {
    let report = sensitive();
    let empty = by(OFFICER, "GET", "/v1/desk?limit=1").send().expect(200);
    assign(&report);
    let seen = by(OFFICER, "GET", "/v1/desk?limit=100").send().expect(200);
    for answer in [empty, seen] {
        assert!(!String::from_utf8_lossy(&answer.bytes).contains(&report.ticket));
    }
}
