//! `second-opinion`: the store's tests on a second DynamoDB, dynoxide.
//!
//! What serves it lies in `tests/bench`, a workspace of its own: the second database is no part of the product's lock file.

use crate::{cargo::build_bench_program, process::only_local_account, project::Project};
use anyhow::{Context, Result, bail};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    process::{ExitCode, Stdio},
};
use tokio::process::{Child, Command};

/// Runs the tests that `test` runs on the stack's engine. The last line is the test runner's own.
pub(crate) async fn second_opinion(project: &Project, filter: Option<&str>) -> Result<ExitCode> {
    println!("Building the second database");
    build_bench_program(project, "dynamodb", false).await?;
    let (mut database, address) =
        start(Command::new(project.root.join("tests/bench/target/debug/dynamodb")))?;

    let mut cargo = project.cargo();
    cargo.args(["test", "--quiet", "--workspace", "--test", "store"]).args(filter);
    only_local_account(&mut cargo, &address);
    cargo.env("TUNTAS_DYNAMODB", &address).env_remove("TUNTAS_STACK");
    let passed = cargo.status().await.context("cannot start cargo test")?.success();

    // It ends with its standard input.
    drop(database.stdin.take());
    database.wait().await.context("the second database does not end")?;
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Starts the database, which says where it answers.
fn start(mut command: Command) -> Result<(Child, String)> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().context("cannot start the second database")?;
    let said = child.stdout.take().context("the second database has no output")?.into_owned_fd()?;
    let mut address = String::new();
    BufReader::new(File::from(said)).read_line(&mut address).context("the second database says nothing")?;
    if !address.starts_with("http://") {
        bail!("the second database ended at once");
    }
    Ok((child, address.trim_end().to_owned()))
}
