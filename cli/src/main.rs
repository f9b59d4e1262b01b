//! `tuntas`: the operator's tool.
//!
//! Needs an operator's AWS credentials, and `sam` on the path for a stack on AWS. In a checkout `cargo tuntas` builds and runs it, on the local stack unless `--stack` names
//! another.
#![expect(clippy::print_stdout, reason = "a command answers on the terminal")]
#![expect(clippy::print_stderr, reason = "a command answers on the terminal")]

mod audit;
mod dead_letters;
mod seed;

use anyhow::Result;
use clap::{Parser, Subcommand};
use cli::target::Which;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "tuntas", about = "Looks after a stack of Tuntas")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write units, categories and channels into the registry, and make their topics.
    Seed {
        #[command(flatten)]
        which: Which,
    },
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
    Replay {
        #[command(flatten)]
        which: Which,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    run(Arguments::parse().command).await.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Seed { which } => seed::seed(&which).await?,
        Command::Queue { command: QueueCommand::Replay { which } } => dead_letters::replay(&which).await?,
        Command::Audit { command } => return audit::audit(command).await,
    }
    Ok(ExitCode::SUCCESS)
}
