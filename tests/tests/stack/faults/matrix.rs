//! Every cell of the matrix, and how it is printed.

use super::{
    checks,
    fault::{Attempt, Fault, Made, attempt},
    rows,
    scenario::{Again, Row, Scenario},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    panic::catch_unwind,
};
use tests::{life::Report, runtime::Reply};

/// The result of one cell of the matrix.
pub(super) struct Cell {
    pub(super) row: usize,
    pub(super) call: Made,
    pub(super) fault: Fault,
    pub(super) wrongs: Vec<String>,
    /// The reports that the cell made.
    pub(super) reports: Vec<Report>,
    /// Topics, and the ids of the events of which they must hear.
    pub(super) told: Vec<(String, String)>,
}

/// Calls of which a function makes several, all alike: a query of each part of an index that is cut into parts, and a read of each entry of the
/// registry that it needs. Faults are injected into the first and the last.
const ALIKE: [&str; 3] = ["Query reports.pending", "Query accesses.hour", REGISTRY];
/// A new process reads the registry before whatever it is asked first, in the same way: of the routes of a function, faults are injected into
/// these reads for one.
const REGISTRY: &str = "GetItem registry";

/// The calls of a row's function that get a fault: those that it makes without any.
pub(super) fn calls(row: &Row) -> Vec<Made> {
    let scenario = (row.prepare)();
    let made = attempt(row.function, &scenario.event, &scenario.engine, None).made();
    assert!(!made.is_empty(), "{} calls nobody", row.name);
    let is_last =
        |call: &Made| !made.iter().any(|other| other.word == call.word && other.number > call.number);
    let is_alike = |call: &Made| ALIKE.contains(&call.word.as_str());
    let is_first =
        rows().find(|other| other.function == row.function).is_some_and(|first| first.name == row.name);
    let reads_count = row.route.is_none() || is_first;
    let made_here = made.iter().filter(|call| reads_count || call.word != REGISTRY);
    made_here.filter(|call| !is_alike(call) || call.number == 1 || is_last(call)).cloned().collect()
}

/// Runs one cell of the matrix. A cell that panics counts as failed, and the others go on.
pub(super) fn cell(n: usize, row: &Row, call: &Made, fault: Fault) -> Cell {
    let gone_through = catch_unwind(|| go_through(n, row, call, fault));
    gone_through.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it panics").to_owned();
        Cell { row: n, call: call.clone(), fault, wrongs: vec![said], reports: Vec::new(), told: Vec::new() }
    })
}

/// Runs a row's scenario with a fault in one call, retries it, and checks the result.
fn go_through(n: usize, row: &Row, call: &Made, fault: Fault) -> Cell {
    let scenario = (row.prepare)();
    let mut attempt = attempt(row.function, &scenario.event, &scenario.engine, Some((call.clone(), fault)));
    let mut wrongs = Vec::new();
    if !attempt.went_wrong() {
        wrongs.push("the call was not made".to_owned());
    }
    let (asked, report) = ask_again(&scenario, &mut attempt);
    wrongs.extend(asked);
    attempt.await_arrival();
    if let Some(report) = &report {
        wrongs.extend(checks::history(row, report));
    }
    wrongs.extend((scenario.check)(report.as_ref()));
    let reports = report.into_iter().chain(scenario.others).collect();
    Cell { row: n, call: call.clone(), fault, wrongs, reports, told: scenario.told }
}

/// Asks again as whoever asked would; what was not as it should be, and the report that it is about.
fn ask_again(scenario: &Scenario, attempt: &mut Attempt) -> (Vec<String>, Option<Report>) {
    let mut wrongs = Vec::new();
    let mut report = scenario.report.clone();
    match &scenario.again {
        Again::Asked(again) => {
            let status = attempt.reply.as_ref().map(status);
            let acknowledged = matches!(status, Some(200 | 201));
            if !acknowledged && !matches!(status, None | Some(503)) {
                wrongs.push(format!("answered {status:?}"));
            }
            let answer = again();
            if ![200, 201].contains(&answer.status) {
                let said = String::from_utf8_lossy(&answer.bytes).into_owned();
                wrongs.push(format!("asked again: {} {said}", answer.status));
            } else if let Some(items) = answer.json()["items"].as_array() {
                wrongs.extend(each_of(attempt.reply.as_ref(), items));
            } else if acknowledged && !answer.headers.contains_key("idempotency-replayed") {
                wrongs.push("it was acknowledged, and was not there when asked again".to_owned());
            } else if report.is_none() {
                let told = answer.json();
                let text = |name: &str| told[name].as_str().unwrap().to_owned();
                report = Some(Report { ticket: text("ticket"), secret: text("secret") });
            }
        }
        Again::Anew(again) => {
            let status = attempt.reply.as_ref().map(status);
            if !matches!(status, None | Some(201 | 503)) {
                wrongs.push(format!("answered {status:?}"));
            }
            let answer = again();
            if answer.status != 201 {
                wrongs.push(format!("asked again: {}", answer.status));
            }
        }
        Again::Looked(looks) => {
            let status = attempt.reply.as_ref().map(status);
            let mut good = Vec::new();
            if !matches!(status, None | Some(200 | 503)) {
                wrongs.push(format!("answered {status:?}"));
            }
            good.extend(attempt.reply.take().filter(|reply| self::status(reply) == 200));
            match attempt.again(&scenario.event) {
                Some(reply) if self::status(reply) == 200 => good.extend(attempt.reply.take()),
                other => wrongs.push(format!("looked again: {:?}", other.map(|reply| &reply.value))),
            }
            wrongs.extend(looks(&good));
        }
        Again::Redelivered => {
            let mut event = scenario.event.clone();
            for tries in 0.. {
                match comes_again(&event, attempt.reply.as_ref()) {
                    None => break,
                    Some(rest) if tries < 2 => event = rest,
                    Some(rest) => {
                        wrongs.push(format!("comes again and again: {rest}"));
                        break;
                    }
                }
                attempt.again(&event);
            }
        }
        Again::NextRun => {
            let ran = attempt.again(&scenario.event).is_some_and(|reply| reply.way == "response");
            if !ran {
                wrongs.push("the next run ends without a word".to_owned());
            }
        }
    }
    (wrongs, report)
}

/// What is wrong with the parts of the answer to a bulk command that was asked again: each is what [`ask_again`] wants of an answer.
fn each_of(first: Option<&Reply>, again: &[Value]) -> Vec<String> {
    let first = first.and_then(|reply| serde_json::from_str::<Value>(reply.value["body"].as_str()?).ok());
    let mut wrongs = Vec::new();
    for (n, item) in again.iter().enumerate() {
        let before = first.as_ref().and_then(|first| first["items"][n]["status_code"].as_u64());
        if !matches!(before, None | Some(200 | 503)) {
            wrongs.push(format!("a part was answered {before:?}"));
        }
        if item["status_code"] != 200 {
            wrongs.push(format!("a part asked again: {item}"));
        } else if before == Some(200) && item["replayed"] != true {
            wrongs.push("a part was acknowledged, and was not there when asked again".to_owned());
        }
    }
    wrongs
}

fn status(reply: &Reply) -> u64 {
    reply.value["statusCode"].as_u64().unwrap_or_default()
}

/// The records that a queue or a stream delivers again: those that were not acknowledged.
fn comes_again(event: &Value, reply: Option<&Reply>) -> Option<Value> {
    let answered = reply.filter(|reply| reply.way == "response");
    let Some(failed) = answered.and_then(|reply| reply.value["batchItemFailures"].as_array()) else {
        return Some(event.clone());
    };
    let failed: BTreeSet<&str> =
        failed.iter().filter_map(|failed| failed["itemIdentifier"].as_str()).collect();
    let records = event["Records"].as_array().expect("records");
    // A queue delivers each failed record again, a stream the first failed one and all after it.
    let number = |record: &Value| record["dynamodb"]["SequenceNumber"].as_str().map(ToOwned::to_owned);
    let is_failed = |record: &Value| {
        failed.contains(number(record).as_deref().or(record["messageId"].as_str()).unwrap_or_default())
    };
    let rest: Vec<&Value> = if records.iter().any(|record| number(record).is_some()) {
        records.iter().skip_while(|record| !is_failed(record)).collect()
    } else {
        records.iter().filter(|record| is_failed(record)).collect()
    };
    (!rest.is_empty()).then(|| json!({"Records": rest}))
}

/// A line for each call, a column for each way in which it goes wrong.
#[expect(clippy::print_stdout, reason = "the matrix is to be read")]
pub(super) fn print(rows: &[&Row], cells: &[Cell]) {
    println!("| act | function | call | {} |", Fault::ALL.map(|fault| format!("{fault:?}")).join(" | "));
    println!("|---|---|---|{}", "---|".repeat(Fault::ALL.len()));
    for (n, row) in rows.iter().enumerate() {
        let mut lines: Vec<(&Made, BTreeMap<Fault, bool>)> = Vec::new();
        for cell in cells.iter().filter(|cell| cell.row == n) {
            let at = lines.iter().position(|(call, _)| **call == cell.call).unwrap_or_else(|| {
                lines.push((&cell.call, BTreeMap::new()));
                lines.len() - 1
            });
            lines[at].1.insert(cell.fault, cell.wrongs.is_empty());
        }
        for (place, (call, faults)) in lines.iter().enumerate() {
            let cells = Fault::ALL.map(|fault| match faults.get(&fault) {
                Some(true) => "well",
                Some(false) => "**bad**",
                None => "**not run**",
            });
            println!("| {} | `{}` | {} {call} | {} |", row.name, row.function, place + 1, cells.join(" | "));
        }
    }
}
