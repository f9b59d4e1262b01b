//! `tuntas`: the operator's tool.
//!
//! Needs an operator's AWS credentials for a stack on AWS. In a checkout `cargo tuntas` builds and runs it, on the local stack unless
//! `--stack` names another.

mod audit;
mod channels;
mod city;
mod dead_letters;
mod explain;
mod import;
mod officers;
mod refresh_deadlines;
mod route;
mod seed;
mod status;

use anyhow::Result;
use aws_failure::Failure;
use clap::{Parser, Subcommand};
use cli::{exit, target::Which, terminal::Terminal};
use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

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
    /// Read, compare and change what makes a stack this city's: units, categories, channels, reasons, holidays.
    City {
        #[command(subcommand)]
        command: city::CityCommand,
    },
    /// On the local stack: apply the demonstration's city, and make its officers and the keys of its channels.
    #[command(hide = true)]
    Seed {
        /// The folder with `city` and `demonstration`.
        infra: PathBuf,
    },
    /// Send old reports in from a file, as a channel.
    ///
    /// Each row becomes a report of today, with all that follows: a desk, a due day, messages to its reporter. Run it again after it
    /// was stopped: each row comes in once. Writes FILE.import beside the file, which must be kept as long as the import may be run
    /// again, and rows with errors into FILE.errors.csv or FILE.errors.jsonl.
    Import(import::Import),
    /// Say how the stack is: what failed, what waits, what is late. Changes nothing.
    ///
    /// Exits with 4 when something needs a person, and with 0 when nothing does.
    Status,
    /// Say where a report from a place would go: which area, which rule, or why the ticket desk decides. Changes nothing.
    Route(route::RouteCommand),
    /// Look into the state of one report.
    Report {
        #[command(subcommand)]
        command: explain::ReportCommand,
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
    /// Look after officers' accounts.
    Officer {
        #[command(subcommand)]
        command: officers::OfficerCommand,
    },
    /// Look after channels: their keys, and whether they may send.
    Channel {
        #[command(subcommand)]
        command: channels::ChannelCommand,
    },
}

#[derive(Subcommand)]
enum QueueCommand {
    /// Send dead letters again: each goes back to the queue that it came from, and off the dead-letter queue.
    ///
    /// An announcement is sent as it stands in the table by now. What is none stays where it is.
    Replay {
        /// Only those of this queue: `notify`, `deliver` or `uploads`.
        #[arg(long, value_name = "NAME")]
        queue: Option<String>,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { command, which, terminal } = Arguments::parse();
    run(command, &which, terminal).await.unwrap_or_else(|error| {
        // What AWS says names the right; a failure of ours says only that one is missing.
        let is_denied = error.chain().any(|cause| cause.downcast_ref() == Some(&Failure::Denied));
        let rights = if is_denied { ": infra/operator-rights.yaml lists what the command needs" } else { "" };
        // Where nobody listens, the exit code still tells.
        let _ = writeln!(io::stderr().lock(), "error: {error:#}{rights}");
        exit::code_of(&error)
    })
}

async fn run(command: Command, which: &Which, terminal: Terminal) -> Result<ExitCode> {
    match command {
        Command::City { command } => return city::city(command, which, terminal).await,
        Command::Seed { infra } => seed::seed(&infra, which, terminal).await?,
        Command::Import(import) => return import::import(&import, which, terminal).await,
        Command::Status => return status::status(which, terminal).await,
        Command::Route(command) => return route::explain(&command, which, terminal).await,
        Command::Report { command } => return explain::report(&command, which, terminal).await,
        Command::Queue { command: QueueCommand::Replay { queue } } => {
            return dead_letters::replay(which, queue.as_deref(), terminal).await;
        }
        Command::Audit { command } => return audit::audit(command, which, terminal).await,
        Command::Officer { command } => officers::officer(command, which, terminal).await?,
        Command::Channel { command } => channels::channel(command, which, terminal).await?,
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::path::Path;

    #[test]
    fn the_file_that_is_imported_is_not_taken_for_the_local_stack() {
        Arguments::command().debug_assert();
        let arguments = ["tuntas", "officer", "import", "akun.csv", "--file", "stack.json"];
        let Ok(read) = Arguments::try_parse_from(arguments) else { panic!("it is a command") };
        assert_eq!(read.which.stack_file(), Path::new("stack.json"));
        let Command::Officer { command: officers::OfficerCommand::Import { csv, .. } } = read.command else {
            panic!("it is an import")
        };
        assert_eq!(csv, Path::new("akun.csv"));
    }
}
