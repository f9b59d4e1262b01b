//! Releases: the next run releases what one run did not.
//!
//! The deployed function does not see what is due here: what is released is the work of the one that failed.

use super::{
    checks::{announced, bare, ensure, text},
    drawn::random,
    fault::{Engine, attempt, word},
    scenario::{Row, Scenario},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{act::Act, status::Status, ticket::Ticket};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};
use tests::{
    accounts::OwnUnit,
    http::eventually,
    life::{self, Report},
    officers,
    operator::{self, Item, dynamodb, group, items_of_kind, run_release, wait},
    proxy::{Answered, pass_on},
    stack::stack,
};

pub(super) const ROWS: &[Row] = &[
    Row::woken("release what is due", "release", release).leaving(Act::ChangePrivacy),
    Row::woken("hand over what waits for a closed unit", "release", hand_over).leaving(Act::CloseUnit),
    Row::woken("remind of a deadline", "release", || deadline(&[])).leaving(Act::Remind),
    Row::woken("escalate a missed deadline", "release", || deadline(&["near", "over"]))
        .leaving(Act::Escalate),
    Row::woken("tell a desk by slot mail", "release", slot_mail),
    Row::woken("give a follower on", "release", || fan_out(true)).leaving(Act::Follow),
    Row::woken("give a follower back", "release", || fan_out(false)).leaving(Act::Unmerge),
];

const PAST: &str = "2026-01-05T00:00:00Z";

#[expect(clippy::disallowed_methods, reason = "the tests live in real time; runtime::clock is for functions")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// A report with an assignment, a reporter's action and a message to its reporter, all of which wait for a slot that has come.
fn waiting() -> (Report, Item) {
    let mut body = life::body();
    body["category"] = json!(super::SENSITIVE);
    let (report, _) = life::submit(&body);
    report.assign_summarised();
    report.track("PUT", "privacy", &json!({"privacy": "public"})).expect(200);
    let mut snapshot = items_of_kind(&report.ticket, "report").remove(0);
    let_slot_come(&mut snapshot);
    (report, snapshot)
}

fn release() -> Scenario {
    let (report, snapshot) = waiting();
    let engine = due_in_the_index(&report, snapshot, "report");
    Scenario::scheduled().through(engine).about(report).seen(|report| {
        let mut snapshot = items_of_kind(&report.ticket, "report").remove(0);
        let waiting = [("visible", "release"), ("reporter", "update"), ("reporter", "pending")];
        let waits = waiting.iter().any(|(name, within)| group(&mut snapshot, name).contains_key(*within));
        let mut wrongs = ensure(!waits, "something waits still");
        let desk = format!("unit:{}", officers::UNIT_CODE);
        wrongs.extend(ensure(text(&snapshot, "desk") == desk, "it does not stand on the unit's desk"));
        let topics: Vec<String> = announced(report).into_iter().map(|(topic, _)| topic).collect();
        let unit = format!("unit-{}", officers::UNIT_CODE);
        let of_release = topics.iter().filter(|topic| **topic == unit || **topic == "reporter");
        wrongs.extend(ensure(
            of_release.count() == 2,
            "it is not announced once to the unit and once to the reporter",
        ));
        wrongs
    })
}

/// A report whose slot has come at a unit that was closed while it waited. No unit is above: the ticket desk gets it at once.
fn hand_over() -> Scenario {
    let unit = OwnUnit::new(None);
    let mut body = life::body();
    body["category"] = json!(super::SENSITIVE);
    let (report, _) = life::submit(&body);
    let assign = json!({"action": "assign", "unit": unit.code, "summary": life::SUMMARY});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    unit.close();
    let mut snapshot = items_of_kind(&report.ticket, "report").remove(0);
    let past = AttributeValue::S(PAST.to_owned());
    let Some(AttributeValue::M(release)) = group(&mut snapshot, "visible").get_mut("release") else {
        panic!("a release waits")
    };
    release.insert("at".to_owned(), past);
    let engine = due_in_the_index(&report, snapshot, "report");
    Scenario::scheduled().through(engine).about(report).seen(move |report| {
        let snapshot = items_of_kind(&report.ticket, "report").remove(0);
        let mut wrongs = ensure(text(&snapshot, "desk") == "tiket", "it does not lie on the ticket desk");
        let told: Vec<String> = announced(report).into_iter().map(|(topic, _)| topic).collect();
        let closed = format!("unit-{}", unit.code);
        wrongs.extend(ensure(!told.contains(&closed), "the closed unit is told"));
        wrongs
    })
}

/// A report on a unit's desk whose deadline is long over; `sent` is what was sent of it.
fn deadline(sent: &[&str]) -> Scenario {
    let mut body = life::body();
    // All of its four hours count.
    body["category"] = json!("banjir");
    let report = life::in_status(Status::Koordinasi, &body);
    let mut snapshot = items_of_kind(&report.ticket, "report").remove(0);
    let is_first = sent.is_empty();
    let sent = sent.iter().map(|mark| AttributeValue::S((*mark).to_owned())).collect();
    let step = group(&mut snapshot, "step");
    step.insert("sent".to_owned(), AttributeValue::L(sent));
    let since = if is_first { (now() - 5.hours()).to_string() } else { PAST.to_owned() };
    step.insert("since".to_owned(), AttributeValue::S(since));
    let engine = due_in_the_index(&report, snapshot, "report");
    Scenario::scheduled().through(engine).about(report).seen(move |report| {
        let unit = format!("unit-{}", officers::UNIT_CODE);
        let above = format!("unit-{}", officers::PARENT_UNIT_CODE);
        let told: BTreeSet<String> = announced(report).into_iter().map(|(topic, _)| topic).collect();
        let wanted = if is_first { [unit, above] } else { ["desk-tiket".to_owned(), above] };
        ensure(wanted.iter().all(|topic| told.contains(topic)), "somebody is not told of the deadline")
    })
}

/// Slot mail of a unit that is due, for a slot that no other has.
fn slot_mail() -> Scenario {
    let desk = format!("unit:{}", officers::UNIT_CODE);
    let slot = Timestamp::from_second(60 * i64::from(u32::from_be_bytes(random()) % 1_000_000_000)).unwrap();
    let partition = format!("slot_mail#{desk}#{slot}");
    let text = |value: &str| AttributeValue::S(value.to_owned());
    // Under a part that nobody asks for: the deployed function does not find it.
    let item = Item::from([
        ("pk".to_owned(), text(&partition)),
        ("sk".to_owned(), text("slot_mail")),
        ("pending".to_owned(), text("nowhere")),
        ("pending_at".to_owned(), text(PAST)),
    ]);
    let put = dynamodb().put_item().table_name(stack().output("ReportsTable")).set_item(Some(item));
    wait(put.send()).expect("the mail is due");
    let engine = only_due(partition, "slot_mail".to_owned(), format!("{slot}#{desk}"));
    Scenario::scheduled().through(engine).checked(move |_| {
        let item = operator::slot_mail(&desk, &slot.to_string()).expect("the mail");
        ensure(!item.contains_key("pending"), "it is due still")
    })
}

/// A report with a follower. Its reporter was told that it was merged itself, or refused, and its follower is still to be told.
fn fan_out(is_merged: bool) -> Scenario {
    let root = sensitive();
    let (follower, _) = life::submit(&life::body());
    merge(&follower, &root);
    let last = is_merged.then(|| life::in_status(Status::Koordinasi, &life::body()));
    match &last {
        Some(last) => merge(&root, last),
        None => reject(&root),
    }
    let engine = with_followers_to_tell(&root);
    let last = last.as_ref().map(bare);
    Scenario::scheduled().through(engine).about(follower).with(root).seen(move |report| {
        let snapshot = items_of_kind(&report.ticket, "report").remove(0);
        let into = snapshot.get("merged_into").map(|into| into.as_s().unwrap().clone());
        ensure(into == last, "it follows another report than it should")
    })
}

/// A report whose slots are far away.
fn sensitive() -> Report {
    let mut body = life::body();
    body["category"] = json!(super::SENSITIVE);
    life::submit(&body).0
}

fn merge(report: &Report, into: &Report) {
    let body = json!({"action": "merge", "into": into.ticket});
    report.command(officers::TIKET, "assignment", &body).expect(200);
}

fn reject(report: &Report) {
    let body = json!({"action": "reject", "reason": "Bukan wewenang kota"});
    report.command(officers::TIKET, "assignment", &body).expect(200);
}

/// The root's reporter was told what has become of it, and its followers are still to be told.
fn with_followers_to_tell(root: &Report) -> Engine {
    let mut snapshot = items_of_kind(&root.ticket, "report").remove(0);
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let status = snapshot["status"].clone();
    let reporter = group(&mut snapshot, "reporter");
    reporter.remove("update");
    reporter.insert("told".to_owned(), AttributeValue::M([("status".to_owned(), status)].into()));
    group(&mut snapshot, "triage").remove("recall");
    let fan_out = Item::from([
        ("pk".to_owned(), snapshot["pk"].clone()),
        ("sk".to_owned(), text("fan_out")),
        ("kind".to_owned(), text("fan_out")),
        ("revision".to_owned(), snapshot["revision"].clone()),
        ("pending".to_owned(), text(&bare(root)[..1])),
        ("pending_at".to_owned(), text(&format!("2999-01-01T00:00:00Z#{}", bare(root)))),
    ]);
    let put = dynamodb().put_item().table_name(stack().output("ReportsTable")).set_item(Some(fan_out));
    wait(put.send()).expect("a fan-out");
    due_in_the_index(root, snapshot, "fan_out")
}

#[test]
fn a_follower_that_cannot_be_read_keeps_no_other_waiting() {
    let root = sensitive();
    let mut followers = [(); 3].map(|()| life::submit(&life::body()).0);
    followers.sort_by_key(bare);
    for follower in &followers {
        merge(follower, &root);
    }
    reject(&root);
    let engine = with_followers_to_tell(&root);
    let damaged = bare(&followers[0]);
    let engine: Engine = Arc::new(move |request| {
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        if asked["Key"]["pk"]["S"] == damaged.as_str() {
            return Answered::json(200, json!({"Item": {"pk": {"S": damaged}, "sk": {"S": "report"}}}));
        }
        engine(request)
    });
    let ran = attempt("release", &json!({"source": "aws.scheduler"}), &engine, None);
    assert!(ran.reply.as_ref().is_some_and(|reply| reply.way == "response"));
    assert_eq!(followers[1..].iter().map(Report::status).collect::<Vec<_>>(), ["menunggu"; 2]);
    // It is repaired: its turn comes again.
    run_release();
    eventually("the one that was left out is told", || (followers[0].status() == "menunggu").then_some(()));
}

/// Stores a snapshot that no index has, and finds it, or another item of the report, in the index where the schedule would.
fn due_in_the_index(report: &Report, mut snapshot: Item, item: &'static str) -> Engine {
    snapshot.remove("pending");
    snapshot.remove("pending_at");
    let order = format!("{PAST}#{}", bare(report));
    let put = dynamodb().put_item().table_name(stack().output("ReportsTable")).set_item(Some(snapshot));
    wait(put.send()).expect("the snapshot is changed");
    only_due(bare(report), item.to_owned(), order)
}

/// Finds this item in the index of what is due, and nothing else: what else is due is the work of the deployed function.
fn only_due(partition: String, item: String, order: String) -> Engine {
    Arc::new(move |request| {
        let answered = pass_on(request);
        if answered.status != 200 || !word(request).ends_with(".pending") {
            return answered;
        }
        let part = &partition[..1].to_uppercase();
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        if asked["ExpressionAttributeValues"][":part"]["S"] != part.as_str() {
            return Answered::json(200, json!({"Items": [], "Count": 0, "ScannedCount": 0}));
        }
        let due = json!({
            "pk": {"S": partition}, "sk": {"S": item}, "pending": {"S": part}, "pending_at": {"S": order},
        });
        Answered::json(200, json!({"Items": [due], "Count": 1, "ScannedCount": 1}))
    })
}

/// As many as one query gives of a part stand before a report, and none of them can be read.
#[test]
fn a_report_is_released_although_those_before_it_in_its_part_fail() {
    let (report, snapshot) = waiting();
    let ticket = bare(&report);
    let macs = (0..=u16::MAX).map(|n| {
        let mut mac = [0; 32];
        mac[..2].copy_from_slice(&n.reverse_bits().to_be_bytes());
        Ticket::from_mac(&mac).as_str().to_owned()
    });
    let before: Vec<String> = macs.filter(|other| other[..1] == ticket[..1]).take(64).collect();
    assert_eq!(before.len(), 64);
    let of_report = due_in_the_index(&report, snapshot, "report");
    let engine: Engine = Arc::new(move |request| {
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let key = asked["Key"]["pk"]["S"].as_str();
        if let Some(key) = key.filter(|key| before.iter().any(|other| other == key)) {
            return Answered::json(200, json!({"Item": {"pk": {"S": key}, "sk": {"S": "report"}}}));
        }
        let answered = of_report(request);
        if !word(request).ends_with(".pending")
            || asked["ExpressionAttributeValues"][":part"]["S"] != ticket[..1]
        {
            return answered;
        }
        let due = before
            .iter()
            .chain([&ticket])
            .map(|ticket| json!({"pk": {"S": ticket}, "sk": {"S": "report"}, "pending_at": {"S": format!("{PAST}#{ticket}")}}));
        let most = usize::try_from(asked["Limit"].as_u64().unwrap()).unwrap();
        let due: Vec<Value> = due.take(most).collect();
        Answered::json(200, json!({"Items": due, "Count": due.len(), "ScannedCount": due.len()}))
    });
    let ran = attempt("release", &json!({"source": "aws.scheduler"}), &engine, None);
    assert!(ran.reply.as_ref().is_some_and(|reply| reply.way == "response"));
    assert_eq!(
        text(&items_of_kind(&report.ticket, "report").remove(0), "desk"),
        format!("unit:{}", officers::UNIT_CODE)
    );
}

/// The slot of all that waits of a report has come.
fn let_slot_come(snapshot: &mut Item) {
    let past = || AttributeValue::S(PAST.to_owned());
    let mut come = |value: &mut AttributeValue| {
        let AttributeValue::M(due) = value else { panic!("something due") };
        due.insert("at".to_owned(), past());
    };
    for (name, within) in [("visible", "release"), ("reporter", "update")] {
        come(group(snapshot, name).get_mut(within).expect("something waits"));
    }
    let Some(AttributeValue::L(pending)) = group(snapshot, "reporter").get_mut("pending") else {
        panic!("an action waits")
    };
    pending.iter_mut().for_each(&mut come);
}
