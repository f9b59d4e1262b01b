//! Announcements: the stream or the retry queue delivers again what was not acknowledged.
//!
//! They are of reports that nobody made, so the deployed function does not see them. Only what is put on the retry queue is its
//! work too.

use super::{
    drawn::{fresh_event, random},
    fault::word,
    scenario::{Row, Scenario, queued},
};
use domain::ticket::Ticket;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tests::{
    http::eventually,
    operator,
    proxy::{Answered, pass_on},
};

pub(super) const ROWS: &[Row] = &[
    Row::woken("announce", "notify", announce),
    Row::woken("announce, and the topic is away", "notify", announce_later),
    Row::woken("announce what waits", "notify", announce_at_last),
    Row::woken("publish slot mail", "notify", publish_slot_mail),
];

/// An announcement to the ticket desk of a report that nobody made, which causes slot mail of a slot that no other has: its event, and its item.
fn announcement() -> (String, Value) {
    let (ticket, event) = (Ticket::from_mac(&random()), fresh_event().to_string());
    let minute = i64::from(u32::from_be_bytes(random()) % 100_000_000);
    let slot = "2200-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute);
    let item = json!({
        "pk": ticket.as_str(),
        "sk": format!("announcement#{event}#tiket"),
        "kind": "announcement",
        "event_id": event,
        "event": "submit",
        "ticket": ticket.as_str(),
        "status": "menunggu",
        "privacy": "private",
        "audience": "tiket",
        "slot_mail": slot.to_string(),
    });
    (event, item)
}

/// Slot mail of the ticket desk, of a slot that nobody knows: its event, and its item.
fn slot_mail() -> (String, Value) {
    let event = fresh_event().to_string();
    let slot = "2026-01-10T03:00:00Z";
    let item = json!({
        "pk": format!("slot_mail#tiket#{slot}"),
        "sk": "slot_mail",
        "kind": "slot_mail",
        "event_id": event,
        "to_desk": "tiket",
        "slot": slot,
    });
    (event, item)
}

/// Two announcements, as the stream brings them.
fn announce() -> Scenario {
    brought_by_the_stream([announcement(), announcement()], "desk-tiket")
}

fn publish_slot_mail() -> Scenario {
    brought_by_the_stream([slot_mail(), slot_mail()], "desk-tiket-digest")
}

fn brought_by_the_stream(said: [(String, Value); 2], topic: &str) -> Scenario {
    let record = |(n, (_, item)): (usize, &(String, Value))| {
        let item = item.as_object().unwrap().iter();
        let texts: Value = item.map(|(name, value)| (name.clone(), json!({"S": value}))).collect();
        json!({"eventID": n.to_string(), "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": {
            "Keys": {"pk": texts["pk"], "sk": texts["sk"]}, "NewImage": texts, "SequenceNumber": n.to_string(),
        }})
    };
    let records: Vec<Value> = said.iter().enumerate().map(record).collect();
    let scenario = Scenario::brought(json!({"Records": records}));
    caused(&said, scenario, topic)
}

/// What is to come of these: each is published, and the desk will be told by slot mail.
fn caused(said: &[(String, Value)], scenario: Scenario, topic: &str) -> Scenario {
    let told =
        |scenario: Scenario, (event, _): &(String, Value)| scenario.delivery(topic.to_owned(), event.clone());
    let slots = said.iter().filter_map(|(_, item)| item["slot_mail"].as_str().map(ToOwned::to_owned));
    let slots: Vec<String> = slots.collect();
    let scenario = said.iter().fold(scenario, told);
    scenario.checked(move |_| {
        let waits = |slot: &String| operator::slot_mail("tiket", slot).is_some();
        // Perhaps by the deployed function, from the retry queue.
        eventually("the desk will be told by slot mail", || slots.iter().all(waits).then_some(()));
        Vec::new()
    })
}

/// The topic of the first cannot be found at first; so it goes to the retry queue.
fn announce_later() -> Scenario {
    let first: Mutex<Option<String>> = Mutex::new(None);
    announce().through(Arc::new(move |request| {
        let id = request.header("amz-sdk-invocation-id").unwrap_or_default().to_owned();
        if word(request) == "Publish" && *first.lock().unwrap().get_or_insert_with(|| id.clone()) == id {
            let error = "<Error><Type>Sender</Type><Code>NotFound</Code><Message>x</Message></Error>";
            let body = format!("<ErrorResponse>{error}</ErrorResponse>").into_bytes();
            return Answered { status: 404, kind: "text/xml".to_owned(), body };
        }
        pass_on(request)
    }))
}

/// Two announcements, as the retry queue brings them.
fn announce_at_last() -> Scenario {
    let said = [announcement(), announcement()];
    let retry = |(_, item): &(String, Value)| json!({"key": {"pk": item["pk"], "sk": item["sk"]}, "announcement": item});
    let retries: Vec<Value> = said.iter().map(retry).collect();
    let scenario = Scenario::brought(queued(&retries));
    caused(&said, scenario, "desk-tiket")
}
