//! Every call to AWS that a function makes goes wrong in every way, one at a time. Whoever asked asks again, what was not
//! acknowledged comes again, and all is well: what was acknowledged is there exactly once, every change is announced, and
//! nothing is left that belongs to nothing.
//!
//! | what | in |
//! |---|---|
//! | what goes wrong | `fault` |
//! | what somebody asks for | `acts`, `looks` |
//! | what queues, streams and schedules wake | `uploads`, `announcements`, `delivery`, `releases`, `sealing` |
//! | what must be so | `checks`, and beside each scenario |
//! | the matrix | `matrix` |

mod acts;
mod announcements;
mod checks;
mod delivery;
mod drawn;
mod fault;
mod looks;
mod matrix;
mod releases;
mod scenario;
mod sealing;
mod uploads;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{act::Act, command_rules::RULES};
use fault::{Fault, Made};
use matrix::Cell;
use scenario::Row;
use serde_json::Value;
use std::{collections::BTreeSet, env, fs, path::PathBuf, thread};
use tests::{
    inbox::Inbox,
    life::Report,
    officers::{CLERK_CHANNEL, OTHER_UNIT_CODE, PARENT_UNIT_CODE, UNIT_CODE},
    operator::{dynamodb, wait},
    seals,
    stack::stack,
    threads::in_parallel,
};

/// A category whose only slot is half a day away: nothing of it is released or told while the tests run.
const SENSITIVE: &str = "perilaku-petugas";

/// The rows of the matrix: every kind of scenario.
fn rows() -> impl Iterator<Item = &'static Row> {
    [
        acts::ROWS,
        looks::ROWS,
        uploads::ROWS,
        releases::ROWS,
        announcements::ROWS,
        delivery::ROWS,
        sealing::ROWS,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn every_command_every_route_and_every_function_has_its_place_in_the_matrix() {
    let commands = RULES.iter().map(|rule| rule.act).chain(Act::ALL.iter().copied());
    // A claim leaves no event; its row is known by its route.
    let commands = commands.filter(|act| *act != Act::Claim);
    let missing: Vec<Act> = commands.filter(|act| rows().all(|row| row.leaves != Some(*act))).collect();
    assert!(missing.is_empty(), "{missing:?}");

    let contract = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let contract: Value = serde_json::from_slice(&fs::read(contract).unwrap()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, methods) in contract["paths"].as_object().unwrap() {
        let methods = methods.as_object().unwrap().keys().map(|method| method.to_uppercase());
        let methods = methods.filter(|method| matches!(method.as_str(), "GET" | "POST" | "PUT" | "DELETE"));
        routes.extend(methods.map(|method| format!("{method} {path}")));
    }
    let have: BTreeSet<String> = rows().filter_map(|row| row.route).map(ToOwned::to_owned).collect();
    assert_eq!(have, routes);

    let mut functions: BTreeSet<String> = stack().functions().into_iter().collect();
    // It stores nothing: what it calls is the API, whose functions have their rows.
    assert!(functions.remove("web"));
    let have: BTreeSet<String> = rows().map(|row| row.function.to_owned()).collect();
    assert_eq!(have, functions);
}

/// A channel may not send as many reports in an hour as are needed here; what it may, other tests ask.
fn lift_quotas() {
    for channel in ["jaki", CLERK_CHANNEL, delivery::CHANNEL] {
        let lifted = dynamodb()
            .update_item()
            .table_name(stack().output("RegistryTable"))
            .key("pk", AttributeValue::S(format!("channel#{channel}")))
            .condition_expression("attribute_exists(pk)")
            .update_expression("SET quota_per_hour = :quota")
            .expression_attribute_values(":quota", AttributeValue::N("1000000".to_owned()));
        wait(lifted.send()).expect("a channel");
    }
}

#[test]
fn whatever_goes_wrong_with_whichever_call_asking_again_ends_well() {
    let units = [UNIT_CODE, PARENT_UNIT_CODE, OTHER_UNIT_CODE].map(|code| format!("unit-{code}"));
    let desks = [
        "reporter",
        "desk-tiket",
        "desk-tiket-digest",
        "desk-validasi",
        "desk-verifikasi",
        "desk-administrator",
        delivery::CHANNEL_TOPIC,
    ];
    let topics: Vec<&str> = desks.into_iter().chain(units.iter().map(String::as_str)).collect();
    let inbox = Inbox::on(&topics);
    lift_quotas();
    let mut cells = run();
    inbox.catch_up();
    let came: BTreeSet<(String, String)> = inbox
        .all()
        .into_iter()
        .map(|message| (message.topic, message.body["event_id"].as_str().unwrap_or_default().to_owned()))
        .collect();
    for cell in &mut cells {
        let announced = cell.reports.iter().flat_map(checks::announced);
        let untold: Vec<String> = announced
            .chain(cell.told.iter().cloned())
            .filter(|told| !came.contains(told))
            .map(|(topic, _)| format!("{topic} never heard of it"))
            .collect();
        cell.wrongs.extend(untold);
    }
    let rows: Vec<&Row> = rows().collect();
    matrix::print(&rows, &cells);
    let bad = cells.iter().filter(|cell| !cell.wrongs.is_empty()).map(|cell| {
        format!("{}, {}, {:?}: {}", rows[cell.row].name, cell.call, cell.fault, cell.wrongs.join("; "))
    });
    let reports: Vec<Report> = cells.iter().flat_map(|cell| cell.reports.clone()).collect();
    let bad: Vec<String> = bad.chain(checks::left_over(&reports)).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    let least = if is_whole() { 1000 } else { 500 };
    assert!(cells.len() > least, "{}", cells.len());
    let late: BTreeSet<usize> =
        cells.iter().filter(|cell| cell.fault == Fault::Late).map(|cell| cell.row).collect();
    assert_eq!(late.len(), rows.len(), "a scenario without a late call");
}

/// The faults that a call gets; those that only read take turns.
fn faults(turn: usize, call: &Made) -> Vec<Fault> {
    if is_whole() || call.writes() { Fault::ALL.to_vec() } else { Fault::sampled_in_read(turn).to_vec() }
}

/// Whether every cell is gone through, as `cargo xtask test --whole` asks.
fn is_whole() -> bool {
    env::var_os("TUNTAS_WHOLE").is_some()
}

/// Every cell. Those in which something is late mostly wait, and those of sealing take turns: so all of these go beside the others.
fn run() -> Vec<Cell> {
    thread::scope(|scope| {
        let sealing = scope.spawn(|| {
            let _alone = seals::alone();
            let (n, row) = rows().enumerate().find(|(_, row)| row.function == "seal").expect("sealing");
            let calls = matrix::calls(row);
            let of_call = |(turn, call)| faults(turn, call).into_iter().map(move |fault| (call, fault));
            let cells = calls.iter().enumerate().flat_map(of_call);
            cells.map(|(call, fault)| matrix::cell(n, row, call, fault)).collect::<Vec<Cell>>()
        });
        let others: Vec<(usize, &Row)> =
            rows().enumerate().filter(|(_, row)| row.function != "seal").collect();
        let calls = in_parallel(others.clone(), |(_, row)| matrix::calls(row));
        let all: Vec<(usize, &Row, Made, Fault)> = others
            .into_iter()
            .zip(calls)
            .flat_map(|((n, row), calls)| {
                calls.into_iter().enumerate().flat_map(move |(turn, call)| {
                    faults(n + turn, &call).into_iter().map(move |fault| (n, row, call.clone(), fault))
                })
            })
            .collect();
        let (mut late, rest): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(.., fault)| *fault == Fault::Late);
        if !is_whole() {
            // Of each row the last call that writes: what arrives late must not undo what was done meanwhile.
            late = late
                .chunk_by(|(one, ..), (other, ..)| one == other)
                .filter_map(|row| row.iter().rfind(|(.., made, _)| made.writes()).or(row.last()).cloned())
                .collect();
        }
        let run = |(n, row, call, fault): (usize, &Row, Made, Fault)| matrix::cell(n, row, &call, fault);
        let late = scope.spawn(move || in_parallel(late, run));
        let mut cells = in_parallel(rest, run);
        cells.extend(late.join().expect("what is late"));
        cells.extend(sealing.join().expect("sealing"));
        cells
    })
}
