//! Transactions that collide. Neither engine lets two collide, so somebody before it answers as DynamoDB documents it:
//! `TransactionCanceledException` with a reason for each item, or `TransactionConflictException` for a single write.

use crate::{
    city::{assign, at_once},
    endpoint::{client_of, url},
    tables::City,
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use store::{
    Failure,
    reports::{Checked, Committed},
};
use tests::{
    http::Call,
    operator::wait,
    proxy::{Answered, Outcome, operation, stand_between},
    runtime::Message,
};

/// Passes the request on and returns the engine's own answer.
fn pass_on(request: &Message) -> Answered {
    let mut call = Call::url("POST", url());
    for (name, value) in &request.headers {
        if !matches!(name.as_str(), "content-length" | "connection" | "transfer-encoding") {
            call = call.header(name, value);
        }
    }
    let answer = call.bytes(request.body.clone()).send();
    let kind = answer.headers.get("content-type").cloned().unwrap_or_default();
    Answered { status: answer.status, kind, body: answer.bytes }
}

/// The address of a DynamoDB that answers this operation so, the first so many times, and how often it was asked.
fn first_answers(times: u32, of: &'static str, body: Value) -> (String, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    let address = stand_between("COLLISION", move |request| {
        let is_it = operation(request) == of;
        Outcome::Answer(if is_it && counter.fetch_add(1, Ordering::Relaxed) < times {
            Answered::json(400, &body)
        } else {
            pass_on(request)
        })
    });
    (address, asked)
}

fn cancelled(codes: &[&str]) -> Value {
    let reasons: Vec<_> = codes.iter().map(|code| json!({"Code": code})).collect();
    json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "CancellationReasons": reasons,
    })
}

/// Commits a command while its transaction is answered so, so often: how it ended, how often it was asked, and whether it is
/// stored.
fn committed(times: u32, answer: Value) -> (Result<Committed, Failure>, u32, bool) {
    let city = City::make();
    let report = city.submitted(None, &at_once());
    let decision = assign(&report, &at_once());
    let (address, asked) = first_answers(times, "TransactWriteItems", answer);
    let ended = wait(city.reports_over(client_of(&address)).commit(&report, &decision, &[], &[]));
    let stored = city.report(&report.ticket).revision == 1;
    (ended, asked.load(Ordering::Relaxed), stored)
}

#[test]
fn a_transaction_that_collides_is_tried_three_times_more() {
    let conflict = || cancelled(&["TransactionConflict", "None", "None", "None"]);
    assert_eq!(committed(1, conflict()), (Ok(Committed::Done), 2, true));
    assert_eq!(committed(3, conflict()), (Ok(Committed::Done), 4, true));
    assert_eq!(committed(4, conflict()), (Err(Failure::RetriesExhausted), 4, false));
}

#[test]
fn a_transaction_that_is_throttled_is_tried_three_times_more() {
    for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
        let throttled = || cancelled(&["None", code, "None"]);
        assert_eq!(committed(3, throttled()), (Ok(Committed::Done), 4, true));
        assert_eq!(committed(4, throttled()), (Err(Failure::Throttled), 4, false));
    }
}

#[test]
fn a_failed_condition_beside_a_collision_is_not_retried() {
    let both = cancelled(&["ConditionalCheckFailed", "TransactionConflict", "None"]);
    assert_eq!(committed(1, both), (Ok(Committed::Changed), 1, false));
}

#[test]
fn what_no_repetition_would_cure_is_not_repeated() {
    for code in ["ValidationError", "ItemCollectionSizeLimitExceeded", "AccessDenied"] {
        assert_eq!(committed(1, cancelled(&[code, "None"])), (Err(Failure::Rejected), 1, false));
    }
}

#[test]
fn a_photo_that_a_transaction_holds_is_ready_when_it_lets_go() {
    let conflict = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
        "message": "Transaction is ongoing for the item",
    });
    for (times, ready) in [(1, true), (3, true), (4, false)] {
        let city = City::make();
        let (_, photos) = city.in_work();
        let (address, asked) = first_answers(times, "UpdateItem", conflict.clone());
        let ended = wait(city.reports_over(client_of(&address)).photo_is_ready(&photos[0]));
        assert_eq!(asked.load(Ordering::Relaxed), 4.min(times + 1));
        if ready {
            assert!(matches!(ended, Ok(Checked::Fits(_))), "{ended:?}");
        } else {
            assert_eq!(ended, Err(Failure::RetriesExhausted));
            assert_eq!(city.photo(&photos[0]), photos[0]);
        }
    }
}

#[test]
fn a_command_whose_answer_is_lost_is_stored_once_and_acknowledged() {
    let city = City::make();
    let report = city.submitted(None, &at_once());
    let decision = assign(&report, &at_once());
    let asked = AtomicU32::new(0);
    let address = stand_between("LOST", move |request| {
        let answer = pass_on(request);
        // The SDK asks again by itself, under the same token.
        if asked.fetch_add(1, Ordering::Relaxed) == 0 { Outcome::Closed } else { Outcome::Answer(answer) }
    });
    let ended = wait(city.reports_over(client_of(&address)).commit(&report, &decision, &[], &[]));
    assert_eq!(ended, Ok(Committed::Done));
    assert_eq!((city.report(&report.ticket).revision, city.events(&report.ticket).len()), (1, 2));
}
