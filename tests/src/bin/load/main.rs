//! Load on a deployed local stack: whole lives in a closed and in an open loop, and whether all that was acknowledged is there
//! and was announced.
//!
//! `cargo xtask load` runs it and passes the plan. What a life is here, and what the figures say, is in docs/LOAD.md.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a run that cannot go on ends")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command answers on the terminal")]

mod chance;
mod clock;
mod durability;
mod figures;
mod log;
mod loops;
mod people;
mod post;
mod queues;
mod report;
mod story;

use people::City;
use post::Post;
use queues::Queues;
use report::{Everything, Figures, Machine, Measured, load_average};
use serde::Deserialize;
use std::{fs, path::PathBuf, process::ExitCode, time::Duration};
use story::Story;
use tests::stack::stack;

/// How many faults are printed; where something is broken, one is like another.
const SHOWN: usize = 40;

/// What to do, as JSON in the only argument.
#[derive(Deserialize)]
struct Plan {
    /// How long each loop gives load.
    seconds: u64,
    /// How many clients the closed loops have, one loop after another.
    clients: Vec<usize>,
    /// The rates of the open loops, as parts of what the best closed loop reached.
    rates: Vec<f64>,
    /// The folder for the figures.
    out: PathBuf,
}

/// Runs the plan. Fails when anything that was acknowledged is lost or doubled, an announcement never came, or an answer came that
/// nobody should get; no time fails it.
fn main() -> ExitCode {
    let plan = std::env::args().nth(1).and_then(|plan| serde_json::from_str(&plan).ok());
    let plan: Plan = plan.expect("a plan; run `cargo xtask load`");
    assert!(stack().endpoint.starts_with("http://127.0.0.1:"), "load is for the local engine alone");
    let machine = Machine::here();
    let loops = run(&plan);

    let (known, perhaps) =
        loops.iter().map(Figures::reports).fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    let there = durability::reports_in_all();
    let mut faults = Queues::new().dead_letters();
    if !(known..=known + perhaps).contains(&there) {
        faults.push(format!("{there} reports are there, and {known} were acknowledged"));
    }
    let all = Everything { machine: &machine, loops: &loops, faults: &faults };
    let tables = all.tables();
    fs::create_dir_all(&plan.out).expect("a directory");
    fs::write(plan.out.join("load.md"), &tables).expect("the tables");
    let json = serde_json::to_vec_pretty(&all).expect("JSON");
    fs::write(plan.out.join("load.json"), json).expect("the figures");
    println!("\n{tables}");
    let faults = all.all_faults();
    for fault in faults.iter().take(SHOWN) {
        eprintln!("{fault}");
    }
    if faults.len() > SHOWN {
        eprintln!("and {} more in load.json", faults.len() - SHOWN);
    }
    println!("load: {known} reports, {} faults", faults.len());
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Loop after loop, each when everything of the one before has arrived.
fn run(plan: &Plan) -> Vec<Figures> {
    let post = Post::open();
    let during = Duration::from_secs(plan.seconds);
    let mut all: Vec<Figures> = Vec::new();
    let best = |loops: &[Figures]| loops.iter().map(Figures::lives_per_second).fold(0.0, f64::max);
    // Every function's first processes start here, and spoil no other loop.
    let short = during.min(Duration::from_secs(10));
    all.push(one(&post, "cold, 4".to_owned(), None, |city| loops::closed(city, Story::Whole, 4, short)));
    for clients in &plan.clients {
        let name = format!("closed, {clients}");
        all.push(one(&post, name, None, |city| loops::closed(city, Story::Whole, *clients, during)));
    }
    let reached = best(&all);
    for part in &plan.rates {
        let rate = part * reached;
        let name = format!("open, {part} ×");
        all.push(one(&post, name, Some(rate), |city| loops::open(city, Story::Whole, rate, during)));
    }
    // The hour of a flood: everybody sends, and nobody has time to answer.
    let clients = plan.clients.iter().copied().max().unwrap_or(1);
    let name = format!("submissions, closed, {clients}");
    all.push(one(&post, name, None, |city| loops::closed(city, Story::Submission, clients, during)));
    let most = plan.rates.iter().copied().fold(0.0, f64::max);
    let rate = most * best(&all[all.len() - 1..]);
    let name = format!("submissions, open, {most} ×");
    all.push(one(&post, name, Some(rate), |city| loops::open(city, Story::Submission, rate, during)));
    all
}

/// One loop, and what is there of it afterwards.
fn one(
    post: &Post,
    name: String,
    offered: Option<f64>,
    give: impl FnOnce(&City) -> loops::Window,
) -> Figures {
    println!("{name}");
    let city = City::open();
    let before = load_average();
    let window = give(&city);
    let load = [before, load_average()];
    let notes = city.log.into_notes();
    let kept = durability::look(&notes.lived);
    let names: Vec<post::Name> = kept.announced.iter().map(|(name, _)| name.clone()).collect();
    let came = post.await_all(&names);
    Queues::new().await_idle();
    let figures = Figures::of(Measured { name, load, window, offered, notes, kept, came });
    println!("  {:.2} lives a second", figures.lives_per_second());
    figures
}
