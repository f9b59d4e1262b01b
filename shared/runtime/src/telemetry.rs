//! The one log line of an invocation, which is its metrics too.
//!
//! Nothing else is written: no subscriber is installed for `tracing`, so what the runtime and the SDK would say, at any level,
//! goes nowhere. See `docs/LOGGING.md` for what the line has and what it never has.
//!
//! The line is an EMF record (CloudWatch embedded metric format, specification version 0). It is written with serde: the
//! metadata is one constant, five numbers are its metrics, and there is nothing for a library to aggregate or to flush, while
//! a second writer beside this one would mean a second line.

use crate::clock;
use aws_failure::transaction::Transaction;
use jiff::Timestamp;
use serde::Serialize;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::{Future, poll_fn},
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::OnceLock,
    task::Poll,
};

tokio::task_local! {
    static CURRENT: Invocation;
}

/// What is counted and recorded while an invocation runs.
#[derive(Default)]
struct Invocation {
    calls: RefCell<BTreeMap<String, u32>>,
    transactions: RefCell<BTreeMap<&'static str, u32>>,
    transaction_retries: Cell<u32>,
    results: RefCell<BTreeMap<&'static str, u32>>,
    panicked_at: RefCell<Option<String>>,
}

/// What an invocation recorded for its log line.
#[derive(Default)]
pub(crate) struct Notes {
    calls: BTreeMap<String, u32>,
    transactions: BTreeMap<&'static str, u32>,
    transaction_retries: u32,
    results: BTreeMap<&'static str, u32>,
    panicked_at: Option<String>,
}

#[cfg(test)]
impl Notes {
    pub(crate) fn calls(&self) -> &BTreeMap<String, u32> {
        &self.calls
    }

    pub(crate) fn transactions(&self) -> &BTreeMap<&'static str, u32> {
        &self.transactions
    }

    pub(crate) fn transaction_retries(&self) -> u32 {
        self.transaction_retries
    }
}

/// Runs an invocation and records what happens in it.
pub(crate) async fn noted<T>(work: impl Future<Output = T>) -> (T, Notes) {
    let scope = async {
        let result = work.await;
        let notes = CURRENT.with(|current| Notes {
            calls: current.calls.take(),
            transactions: current.transactions.take(),
            transaction_retries: current.transaction_retries.take(),
            results: current.results.take(),
            panicked_at: current.panicked_at.take(),
        });
        (result, notes)
    };
    CURRENT.scope(Invocation::default(), scope).await
}

/// Counts a call to AWS by its operation, where an invocation is running.
pub fn count_call(operation: &str) {
    // Calls outside an invocation, such as those at the start, are not counted.
    let _ = CURRENT.try_with(|current| {
        if let Ok(mut calls) = current.calls.try_borrow_mut() {
            *calls.entry(operation.to_owned()).or_default() += 1;
        }
    });
}

/// Counts a call that is a transaction, where an invocation is running.
pub(crate) fn count_transaction(Transaction { name, is_retry }: Transaction) {
    let _ = CURRENT.try_with(|current| {
        if let Ok(mut transactions) = current.transactions.try_borrow_mut() {
            *transactions.entry(name).or_default() += 1;
        }
        current.transaction_retries.set(current.transaction_retries.get() + u32::from(is_retry));
    });
}

/// Counts what became of one of an invocation's records: a word of a fixed list, where one outcome for all says too little.
pub fn count_result(word: &'static str) {
    let _ = CURRENT.try_with(|current| {
        if let Ok(mut results) = current.results.try_borrow_mut() {
            *results.entry(word).or_default() += 1;
        }
    });
}

/// The handler panicked. The panic's message is dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Panicked;

/// Runs work and catches its panics.
///
/// The runtime would catch them too, but tells Lambda, and with it the caller and the log, what the panic said.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = pin!(work);
    poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}

/// Makes panics say where they were and nothing else: in the invocation's line, or in one of their own outside of it.
pub(crate) fn hush_panics(function: &'static str) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        let noted = CURRENT.try_with(|current| {
            current.panicked_at.try_borrow_mut().is_ok_and(|mut noted| {
                noted.get_or_insert(place.clone());
                true
            })
        });
        if !noted.unwrap_or(false) {
            write(&Event {
                timestamp: clock::now(),
                level: Level::Error,
                message: "panic",
                function,
                cause: None,
                panicked_at: Some(place),
            });
        }
    }));
}

/// Says why a function did not start.
pub(crate) fn no_start(function: &'static str, cause: &str) {
    write(&Event {
        timestamp: clock::now(),
        level: Level::Error,
        message: "no start",
        function,
        cause: Some(cause),
        panicked_at: None,
    });
}

/// A log line about something outside an invocation.
#[derive(Serialize)]
struct Event<'a> {
    timestamp: Timestamp,
    level: Level,
    message: &'static str,
    function: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    panicked_at: Option<String>,
}

/// The level of a log line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Level {
    Info,
    Warn,
    Error,
}

/// The result of an invocation, or of its records.
pub(crate) struct Ended {
    pub(crate) function: &'static str,
    pub(crate) route: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) level: Level,
    pub(crate) outcome: &'static str,
    pub(crate) cause: Option<&'static str>,
    pub(crate) done: Option<usize>,
    pub(crate) failed: Option<usize>,
    pub(crate) latency_ms: u64,
    pub(crate) cold: bool,
    pub(crate) request_id: String,
    pub(crate) gateway_request_id: Option<String>,
}

#[derive(Serialize)]
struct Line {
    timestamp: Timestamp,
    level: Level,
    message: &'static str,
    function: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    panicked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<usize>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    results: BTreeMap<&'static str, u32>,
    latency_ms: u64,
    aws_calls: BTreeMap<String, u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    transactions: BTreeMap<&'static str, u32>,
    cold: bool,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_request_id: Option<String>,
    stack: &'static str,
    #[serde(rename = "Faults")]
    faults: u32,
    #[serde(rename = "Invocations")]
    invocations: u32,
    #[serde(rename = "Latency")]
    latency: u64,
    #[serde(rename = "AwsCalls")]
    calls: u32,
    #[serde(rename = "TransactionRetries")]
    transaction_retries: u32,
    #[serde(rename = "_aws")]
    aws: Metadata,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: i64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: [Metric; 5],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

/// By stack only: each combination of dimensions is a metric with a price of its own, and Lambda counts by function already.
const DIRECTIVE: Directive = Directive {
    namespace: "Tuntas",
    dimensions: [["stack"]],
    metrics: [
        Metric { name: "Faults", unit: "Count" },
        Metric { name: "Invocations", unit: "Count" },
        Metric { name: "Latency", unit: "Milliseconds" },
        Metric { name: "AwsCalls", unit: "Count" },
        Metric { name: "TransactionRetries", unit: "Count" },
    ],
};

/// The line of an invocation, without its line break.
pub(crate) fn line(now: Timestamp, ended: Ended, notes: Notes) -> String {
    text(&Line {
        timestamp: now,
        level: ended.level,
        message: "invocation",
        function: ended.function,
        route: ended.route,
        status: ended.status,
        outcome: ended.outcome,
        cause: ended.cause,
        panicked_at: notes.panicked_at,
        done: ended.done,
        failed: ended.failed,
        results: notes.results,
        latency_ms: ended.latency_ms,
        cold: ended.cold,
        request_id: ended.request_id,
        gateway_request_id: ended.gateway_request_id,
        stack: stack(),
        faults: u32::from(ended.level != Level::Info),
        invocations: 1,
        latency: ended.latency_ms,
        calls: notes.calls.values().sum(),
        aws_calls: notes.calls,
        transactions: notes.transactions,
        transaction_retries: notes.transaction_retries,
        aws: Metadata { timestamp: now.as_millisecond(), cloud_watch_metrics: [DIRECTIVE] },
    })
}

/// The name of the stack, which the template sets for every function.
fn stack() -> &'static str {
    static STACK: OnceLock<String> = OnceLock::new();
    STACK.get_or_init(|| std::env::var("STACK").unwrap_or_default())
}

fn text(value: &impl Serialize) -> String {
    // Texts and numbers always serialize.
    serde_json::to_string(value).unwrap_or_default()
}

fn write(event: &Event<'_>) {
    write_line(&text(event));
}

/// Writes a line at once: two writes could be torn apart by another process's.
pub(crate) fn write_line(line: &str) {
    let mut out = std::io::stdout().lock();
    // A failed write cannot be reported anywhere.
    let _ = out.write_all(format!("{line}\n").as_bytes());
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended() -> Ended {
        Ended {
            function: "track",
            route: Some("GET /v1/track/{ticket}".to_owned()),
            status: Some(404),
            level: Level::Info,
            outcome: "not_found",
            cause: None,
            done: None,
            failed: None,
            latency_ms: 101,
            cold: true,
            request_id: "00000000-0000-4000-8000-000000000000".to_owned(),
            gateway_request_id: Some("AbCdEfGhIjKlMnO=".to_owned()),
        }
    }

    #[tokio::test]
    async fn the_line_is_a_log_record_and_a_metric_at_once() {
        let ((), notes) = noted(async {
            count_call("GetItem");
            count_call("Query");
            count_call("GetItem");
        })
        .await;
        let line = line("2026-11-24T03:00:00.25Z".parse().unwrap(), ended(), notes);
        assert!(!line.contains('\n'));
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        insta::assert_json_snapshot!(line, @r#"
        {
          "AwsCalls": 3,
          "Faults": 0,
          "Invocations": 1,
          "Latency": 101,
          "TransactionRetries": 0,
          "_aws": {
            "CloudWatchMetrics": [
              {
                "Dimensions": [
                  [
                    "stack"
                  ]
                ],
                "Metrics": [
                  {
                    "Name": "Faults",
                    "Unit": "Count"
                  },
                  {
                    "Name": "Invocations",
                    "Unit": "Count"
                  },
                  {
                    "Name": "Latency",
                    "Unit": "Milliseconds"
                  },
                  {
                    "Name": "AwsCalls",
                    "Unit": "Count"
                  },
                  {
                    "Name": "TransactionRetries",
                    "Unit": "Count"
                  }
                ],
                "Namespace": "Tuntas"
              }
            ],
            "Timestamp": 1795489200250
          },
          "aws_calls": {
            "GetItem": 2,
            "Query": 1
          },
          "cold": true,
          "function": "track",
          "gateway_request_id": "AbCdEfGhIjKlMnO=",
          "latency_ms": 101,
          "level": "INFO",
          "message": "invocation",
          "outcome": "not_found",
          "request_id": "00000000-0000-4000-8000-000000000000",
          "route": "GET /v1/track/{ticket}",
          "stack": "",
          "status": 404,
          "timestamp": "2026-11-24T03:00:00.25Z"
        }
        "#);
    }

    #[tokio::test]
    async fn a_transaction_stands_in_the_line_by_its_name() {
        let ((), notes) = noted(async {
            for is_retry in [false, true, true] {
                count_transaction(Transaction { name: "commit", is_retry });
            }
        })
        .await;
        let line = line("2026-11-24T03:00:00.25Z".parse().unwrap(), ended(), notes);
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["transactions"], serde_json::json!({"commit": 3}));
        assert_eq!(line["TransactionRetries"], 2);
    }

    #[tokio::test]
    async fn results_are_counted_by_word() {
        let ((), notes) = noted(async {
            count_result("unreachable");
            count_result("sent_sms");
            count_result("unreachable");
        })
        .await;
        let line = line("2026-11-24T03:00:00.25Z".parse().unwrap(), ended(), notes);
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["results"], serde_json::json!({"unreachable": 2, "sent_sms": 1}));
    }

    #[tokio::test]
    async fn what_one_invocation_counted_is_not_in_the_next() {
        count_call("Outside");
        let (_, first) = noted(async { count_call("GetItem") }).await;
        let (_, second) = noted(async {}).await;
        assert_eq!((first.calls.len(), second.calls.len()), (1, 0));
    }

    #[tokio::test]
    async fn a_panic_is_caught_between_awaits_too() {
        let work = async {
            tokio::task::yield_now().await;
            panic!("pepaya-3327")
        };
        assert_eq!(caught::<()>(work).await, Err(Panicked));
        assert_eq!(caught(async { 7 }).await, Ok(7));
    }
}
