//! No answer holds a time finer than a minute: to the nanosecond it would be found again in a channel's own log.

use domain::status::Status;
use jiff::Timestamp;
use serde_json::Value;
use tests::{
    http::Answer,
    life::{self, body, by},
    officers,
};

/// The texts anywhere in an answer that are moments.
fn moments(answer: &Value) -> Vec<String> {
    match answer {
        Value::String(text) => text.parse::<Timestamp>().map(|_| text.clone()).into_iter().collect(),
        Value::Array(values) => values.iter().flat_map(moments).collect(),
        Value::Object(fields) => fields.values().flat_map(moments).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

#[test]
fn every_timestamp_in_an_answer_is_a_whole_minute() {
    let report = life::in_status(Status::Selesai, &body());
    let officers = [officers::VALIDASI, officers::TIKET, officers::ADMINISTRATOR];
    let mut answers: Vec<(String, Answer)> =
        officers.map(|officer| (officer.to_owned(), report.seen_by(officer).expect(200))).into();
    let looks = by(officers::ADMINISTRATOR, "GET", &report.path("accesses")).send().expect(200);
    answers.push(("the list of looks".to_owned(), looks));
    answers.push(("the reporter".to_owned(), report.tracked().expect(200)));
    for (whose, answer) in answers {
        let shown = moments(&answer.json());
        assert!(!shown.is_empty(), "{whose}");
        for at in shown {
            assert!(at.ends_with(":00Z"), "{whose}: {at}");
        }
    }
}
