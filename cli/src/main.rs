//! `tuntas`: the operator's tool.
//!
//! Needs an operator's AWS credentials for a stack on AWS. In a checkout `cargo tuntas` builds and runs it, on the local stack unless
//! `--stack` names another.
#![expect(clippy::print_stdout, reason = "a command answers on the terminal")]
#![expect(clippy::print_stderr, reason = "a command answers on the terminal")]

mod audit;
mod dead_letters;
mod seed;

use anyhow::Result;
use clap::{Parser, Subcommand};
use cli::{exit, target::Which, terminal::Terminal};
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "tuntas",
    version,
    about = "Looks after a stack of Tuntas",
    after_help = "Exit codes: 0 done, 1 failed on the way, 2 wrong usage, 3 errors in what was handed in, 4 something needs a \
                  person's eyes, 5 no such stack or no access to it."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    terminal: Terminal,
}

#[derive(Subcommand)]
enum Command {
    /// Write units, categories and channels into the registry, and make their topics.
    Seed,
    /// Look after the queues.
    Queue {
        #[command(subcommand)]
        command: QueueCommand,
    },
    /// Look after the access log.
    Audit {
        #[command(subcommand)]
        command: audit::AuditCommand,
    },
}

#[derive(Subcommand)]
enum QueueCommand {
    /// Send the announcements of the dead-letter queue again, as they stand in the table.
    Replay,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { command, which, terminal } = Arguments::parse();
    run(command, &which, terminal).await.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        exit::code_of(&error)
    })
}

async fn run(command: Command, which: &Which, _terminal: Terminal) -> Result<ExitCode> {
    match command {
        Command::Seed => seed::seed(which).await?,
        Command::Queue { command: QueueCommand::Replay } => dead_letters::replay(which).await?,
        Command::Audit { command } => return audit::audit(command, which).await,
    }
    Ok(ExitCode::SUCCESS)
}
