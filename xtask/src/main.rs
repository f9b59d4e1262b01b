//! The developer's tool: the whole system on one machine, and its tests.
//!
//! `cargo xtask up` is the first command of the README, `cargo xtask test` the second. Everything that the tool makes
//! lies in `.local` and `target`, and can be deleted at any time.
#![expect(clippy::print_stdout, reason = "a command answers on the terminal")]
#![expect(clippy::print_stderr, reason = "a command answers on the terminal")]

mod audit;
mod bench;
mod demo;
mod deploy;
mod engine;
mod fuzz;
mod load;
mod own;
mod project;
mod queue;
mod second_opinion;
mod seed;
mod stack;
mod test;
mod up;
mod venv;

use anyhow::Result;
use clap::{Parser, Subcommand};
use project::Project;
use std::{path::PathBuf, process::ExitCode};
use tokio::signal::unix::{SignalKind, signal};

/// What a command that was interrupted exits with.
const INTERRUPTED: u8 = 130;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Runs, tests and seeds Tuntas")]
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
    /// Run every test, on an engine of its own.
    Test {
        /// Only tests whose name contains this.
        filter: Option<String>,
        /// Leave the engine running for the next run with --keep; leaves out what needs a restart.
        #[arg(long)]
        keep: bool,
    },
    /// Run the store's tests on a second DynamoDB.
    SecondOpinion {
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Write units, categories and channels into the registry, and make the units' topics.
    Seed {
        /// A stack on AWS, reached with the usual credentials and region; without it, the local one.
        #[arg(long)]
        stack: Option<String>,
    },
    /// Look after the queues.
    Queue {
        #[command(subcommand)]
        command: QueueCommand,
    },
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
    Bench(bench::How),
    /// Live whole lives on an engine of its own, many at once: how many a second, and whether anything is lost.
    Load(load::How),
    /// Look after the access log.
    Audit {
        #[command(subcommand)]
        command: audit::AuditCommand,
    },
}

#[derive(Subcommand)]
enum QueueCommand {
    /// Send the announcements of the dead-letter queue again, as they stand in the table.
    Replay {
        /// A stack on AWS, reached with the usual credentials and region; without it, the local one.
        #[arg(long)]
        stack: Option<String>,
        /// The local one whose stack.json this is, instead of the one that `up` wrote.
        #[arg(long, conflicts_with = "stack")]
        file: Option<PathBuf>,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = if matches!(arguments.command, Command::Demo) {
        // Ends by calls, which dropping it could not make, and so looks out for the interruption itself.
        run(arguments.command).await
    } else {
        tokio::select! {
            outcome = run(arguments.command) => outcome,
            // Dropping the command stops what it started: see `engine::Engine`.
            interrupted = interruption() => interrupted.map(|()| INTERRUPTED.into()),
        }
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
        Command::Demo => return demo::demo(&project, interruption()).await,
        Command::Test { filter, keep } => {
            return test::test(&project, filter.as_deref(), keep).await;
        }
        Command::SecondOpinion { filter } => {
            return second_opinion::second_opinion(&project, filter.as_deref()).await;
        }
        Command::Seed { stack } => seed::again(&project, stack.as_deref()).await?,
        Command::Queue { command: QueueCommand::Replay { stack, file } } => {
            queue::replay(&project, stack.as_deref(), file.as_deref()).await?
        }
        Command::Fuzz { seconds, target } => {
            return fuzz::fuzz(&project, target.as_deref(), seconds).await;
        }
        Command::Bench(how) => return bench::bench(&project, &how).await,
        Command::Load(how) => return load::load(&project, &how).await,
        Command::Audit { command } => return audit::audit(&project, command).await,
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
