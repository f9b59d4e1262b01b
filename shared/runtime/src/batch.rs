//! Events with several records: streams and queues.
//!
//! A function on a stream or a queue reports which records failed, and only those come again. What is reported here, and never
//! returned as an error: Lambda's runtime would log that.

use crate::telemetry;
use aws_failure::Failure;
use serde_json::{Value, json};

/// How the records of an event, or the tasks of a scheduled run, went.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[must_use]
pub struct Outcome {
    /// How many records succeeded.
    pub done: usize,
    /// How many records failed and will be delivered again.
    pub failed: usize,
    /// The first failure, for the log.
    pub failure: Option<Failure>,
    /// The identifiers of the records that Lambda is to deliver again: `messageId` of a queue, `SequenceNumber` of a stream.
    pub again: Vec<String>,
}

impl Outcome {
    /// The outcome of `done` successes and no failure.
    pub fn done(done: usize) -> Self {
        Self { done, ..Self::default() }
    }

    /// Counts a record that succeeded.
    pub fn succeed(&mut self) {
        self.done += 1;
    }

    /// Counts a record that failed. Its identifier is empty where nothing would deliver it again.
    pub fn fail(&mut self, failure: Failure, identifier: impl Into<String>) {
        self.failed += 1;
        self.failure.get_or_insert(failure);
        let identifier = identifier.into();
        if !identifier.is_empty() {
            self.again.push(identifier);
        }
    }

    /// The outcome in the log: a word of a fixed list.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match (self.done, self.failed) {
            (_, 0) => "ok",
            (0, _) => "failed",
            (_, _) => "partly",
        }
    }
}

/// Works through a stream's records in order and stops at the first that fails.
///
/// A partial failure of a stream starts again at the lowest reported sequence number, so working on beyond a failure would do
/// the rest twice, and out of order. A panic counts as a failure of its record.
pub async fn in_order<R>(
    records: impl IntoIterator<Item = R>,
    identifier: impl Fn(&R) -> String,
    work: impl AsyncFn(R) -> Result<(), Failure>,
) -> Outcome {
    run(records, identifier, work, true).await
}

/// Works through a queue's messages, each on its own.
///
/// A panic counts as a failure of its message: a poison message takes none of its neighbours along.
pub async fn each<R>(
    records: impl IntoIterator<Item = R>,
    identifier: impl Fn(&R) -> String,
    work: impl AsyncFn(R) -> Result<(), Failure>,
) -> Outcome {
    run(records, identifier, work, false).await
}

async fn run<R>(
    records: impl IntoIterator<Item = R>,
    identifier: impl Fn(&R) -> String,
    work: impl AsyncFn(R) -> Result<(), Failure>,
    stop: bool,
) -> Outcome {
    let mut outcome = Outcome::default();
    for record in records {
        let identifier = identifier(&record);
        match telemetry::caught(work(record)).await.unwrap_or(Err(Failure::Bug("panic"))) {
            Ok(()) => outcome.succeed(),
            Err(failure) => {
                outcome.fail(failure, identifier);
                if stop {
                    break;
                }
            }
        }
    }
    outcome
}

/// The answer for Lambda: which records to deliver again. For an event without records it is null.
pub(crate) fn reply(is_batch: bool, again: &[String]) -> Value {
    if !is_batch {
        return Value::Null;
    }
    let failures: Vec<Value> = again.iter().map(|id| json!({ "itemIdentifier": id })).collect();
    json!({ "batchItemFailures": failures })
}

/// The identifiers of all the records of an event, for when none of them could be worked on; `None` for an event without
/// records.
///
/// On AWS one empty identifier says the same, but not every engine takes it so; it is what is left for an event that is not
/// even JSON, which stands here as null.
pub(crate) fn identifiers(event: &Value) -> Option<Vec<String>> {
    if event.is_null() {
        return Some(vec![String::new()]);
    }
    let records = event.get("Records")?.as_array()?;
    let identifier = |record: &Value| {
        let id = record.get("messageId").or_else(|| record.pointer("/dynamodb/SequenceNumber"));
        id.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    Some(records.iter().map(identifier).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::cell::RefCell;

    /// Works on 1 to 4; 2 fails as told.
    async fn worked(how: &str, stop: bool) -> (Outcome, Vec<u8>) {
        let seen = RefCell::new(Vec::new());
        let work = async |record: u8| {
            seen.borrow_mut().push(record);
            match (record, how) {
                (2, "fails") => Err(Failure::Throttled),
                (2, "panics") => panic!("semangka-9901"),
                _ => Ok(()),
            }
        };
        let id = |record: &u8| format!("id-{record}");
        let outcome = if stop { in_order(1..=4, id, work).await } else { each(1..=4, id, work).await };
        (outcome, seen.into_inner())
    }

    #[rstest]
    #[case("fails", Failure::Throttled)]
    #[case("panics", Failure::Bug("panic"))]
    #[tokio::test]
    async fn a_stream_stops_at_the_first_failure(#[case] how: &str, #[case] failure: Failure) {
        let (outcome, seen) = worked(how, true).await;
        assert_eq!(seen, [1, 2]);
        assert_eq!((outcome.done, outcome.failed, outcome.failure), (1, 1, Some(failure)));
        assert_eq!(outcome.again, ["id-2"]);
        assert_eq!(outcome.word(), "partly");
    }

    #[rstest]
    #[case("fails")]
    #[case("panics")]
    #[tokio::test]
    async fn a_failed_message_leaves_the_others_of_its_batch_done(#[case] how: &str) {
        let (outcome, seen) = worked(how, false).await;
        assert_eq!(seen, [1, 2, 3, 4]);
        assert_eq!((outcome.done, outcome.again.as_slice()), (3, ["id-2".to_owned()].as_slice()));
    }

    #[tokio::test]
    async fn no_record_is_retried_when_all_succeed() {
        let (outcome, _) = worked("", true).await;
        assert_eq!((outcome.word(), &outcome), ("ok", &Outcome::done(4)));
        assert_eq!(reply(true, &outcome.again).to_string(), r#"{"batchItemFailures":[]}"#);
        assert_eq!(reply(false, &[]), Value::Null);
    }

    #[test]
    fn records_have_identifiers_of_their_source() {
        let queue = json!({ "Records": [{ "messageId": "m-1" }, { "messageId": "m-2" }] });
        let stream = json!({ "Records": [{ "eventID": "x", "dynamodb": { "SequenceNumber": "7" } }] });
        assert_eq!(identifiers(&queue).unwrap(), ["m-1", "m-2"]);
        assert_eq!(identifiers(&stream).unwrap(), ["7"]);
        assert_eq!(identifiers(&json!({ "Records": [3] })).unwrap(), [""]);
        assert_eq!(identifiers(&Value::Null).unwrap(), [""]);
        assert_eq!(identifiers(&json!({ "time": "now" })), None);
    }
}
