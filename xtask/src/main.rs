//! The developer's tool: the whole system on one machine, and its tests.
//!
//! `cargo xtask up` is the first command of the README, `cargo xtask test` the second. Everything that the tool makes
//! lies in `.local` and `target`, and can be deleted at any time.
#![expect(clippy::print_stdout, reason = "a command answers on the terminal")]
#![expect(clippy::print_stderr, reason = "a command answers on the terminal")]

mod cargo;
mod chromium;
mod commands;
mod deploy;
mod engine;
mod isolated_stack;
mod lock;
mod process;
mod progress;
mod project;
mod sam;
mod table_update;
mod third_party;
mod venv;

use anyhow::Result;
use clap::{Parser, Subcommand};
use commands::{bench, demo, deny, fuzz, load, second_opinion, test, up, upgrade};
use project::Project;
use std::{ffi::OsString, process::ExitCode};
use tokio::signal::unix::{SignalKind, signal};

/// What a command that was interrupted exits with.
const INTERRUPTED: u8 = 130;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Runs, tests and measures Tuntas on this machine")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build, start the local engine, deploy, seed, and follow the logs.
    Up {
        /// Return when everything runs, instead of following the logs.
        #[arg(long)]
        detach: bool,
        /// The engine's port; the one it had before, or else 4566.
        #[arg(long)]
        port: Option<u16>,
    },
    /// Stop the local engine and keep its data.
    Down {
        /// Forget the data, sign-ins and keys too.
        #[arg(long)]
        wipe: bool,
    },
    /// Play a report's whole life on the local stack, and show who could see what of it.
    Demo,
    /// Build the operator's tool and run it. `cargo tuntas` is short for this.
    #[command(disable_help_flag = true)]
    Tuntas {
        /// What it is to do; `--help` lists it.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Run every test, on an engine of its own.
    Test {
        /// Only tests whose name contains this.
        filter: Option<String>,
        /// Leave the engine running for the next run with --keep; leaves out what needs a restart.
        #[arg(long)]
        keep: bool,
        /// Also what a change is only held against a sample of: the whole of the fault matrix.
        #[arg(long)]
        whole: bool,
    },
    /// Update a stack of an earlier commit, with data in it, to this checkout, and back.
    Upgrade {
        /// The earlier commit.
        #[arg(default_value = "HEAD~1")]
        from: String,
    },
    /// Run the store's tests on a second DynamoDB.
    SecondOpinion {
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Look whether the crates of others have licences, sources, versions and advisories that `deny.toml` lets them have.
    Deny,
    /// Fuzz everything that reads bytes from outside.
    Fuzz {
        /// How long, shared by the targets.
        #[arg(default_value_t = 60)]
        seconds: u32,
        /// Only this target of `fuzz/fuzz_targets`.
        #[arg(long)]
        target: Option<String>,
    },
    /// Measure the functions' release binaries: time, memory, calls, units, money.
    Bench(bench::Options),
    /// Live whole lives on an engine of its own, many at once: how many a second, and whether anything is lost.
    Load(load::Options),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = tokio::select! {
        // First of all: cargo dies of the same Ctrl-C, and that is no failure to build.
        biased;
        // Dropping the command stops what it started: see `engine::Engine`.
        interrupted = interruption() => interrupted.map(|()| INTERRUPTED.into()),
        outcome = run(arguments.command) => outcome,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

async fn run(command: Command) -> Result<ExitCode> {
    let project = Project::find()?;
    match command {
        Command::Up { detach, port } => up::up(&project, detach, port).await?,
        Command::Down { wipe } => up::down(&project, wipe).await?,
        Command::Demo => demo::demo(&project).await?,
        Command::Tuntas { arguments } => {
            cargo::become_program(&project, "cli", "tuntas", arguments.iter().map(OsString::as_os_str))
                .await?
        }
        Command::Test { filter, keep, whole } => {
            return test::test(&project, filter.as_deref(), keep, whole).await;
        }
        Command::Upgrade { from } => return upgrade::upgrade(&project, &from).await,
        Command::SecondOpinion { filter } => {
            return second_opinion::second_opinion(&project, filter.as_deref()).await;
        }
        Command::Deny => return deny::deny(&project).await,
        Command::Fuzz { seconds, target } => {
            return fuzz::fuzz(&project, target.as_deref(), seconds).await;
        }
        Command::Bench(options) => return bench::bench(&project, &options).await,
        Command::Load(options) => return load::load(&project, &options).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Waits until somebody wants this to end.
async fn interruption() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}
