//! `test`: every test, on an engine and a stack of its own, beside a system that may be up.

use crate::{
    deploy,
    engine::Engine,
    own,
    project::{Project, Turn},
    venv,
};
use anyhow::{Context, Result};
use jiff::{Timestamp, ToSpan, Unit};
use std::{path::Path, process::ExitCode};

const NAME: &str = "tuntas-test";

/// Runs what needs no stack, what needs one, and what looks at one that was stopped and started again. The last line
/// is the test runner's own.
pub(crate) async fn test(project: &Project, filter: Option<&str>, keep: bool) -> Result<ExitCode> {
    let _tests = project.turn(Turn::Testing).await?;
    let preparing = project.turn(Turn::Preparing).await?;
    let interpreter = venv::engine(project).await?;
    deploy::validate(project).await?;
    let home = own::home(project, "test")?;
    let engine = own::engine(project, &home, &interpreter, NAME, &parameters()?, keep).await?;
    drop(preparing);

    // From here on an error must not decide whether the engine is left, so tests are counted, not raised.
    let runner = Runner { project, filter, stack: &home.stack_file() };
    let mut passed = runner.run(&["--workspace", "--exclude", "tests"]).await?;
    passed &= runner.run(&["--package", "tests", "--test", "store"]).await?;
    passed &= runner.run(&["--package", "tests", "--bin", "load", "--test", "stack"]).await?;
    if keep {
        engine.leave();
        return Ok(exit_code(passed));
    }
    let port = engine.port();
    engine.stop()?;
    let engine = Engine::start(&home, &interpreter, port)?;
    passed &= runner.run(&["--package", "tests", "--test", "aftermath"]).await?;
    engine.stop()?;
    Ok(exit_code(passed))
}

struct Runner<'a> {
    project: &'a Project,
    filter: Option<&'a str>,
    stack: &'a Path,
}

impl Runner<'_> {
    async fn run(&self, selection: &[&str]) -> Result<bool> {
        let status = self
            .project
            .cargo()
            .args(["test", "--quiet"])
            .args(selection)
            .args(self.filter)
            .env("TUNTAS_STACK", self.stack)
            .status()
            .await
            .context("cannot start cargo test")?;
        Ok(status.success())
    }
}

/// Everything is released at once, but sensitive categories never while the tests run: their only slot is half a day
/// away.
fn parameters() -> Result<Vec<String>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the tool lives in real time; glue::clock is for functions"
    )]
    let now = Timestamp::now().in_tz("Asia/Jakarta").context("no time zones")?;
    let far = (&now + 12.hours()).round(Unit::Hour)?.strftime("%H:%M").to_string();
    Ok(vec![
        "Stage=local".to_owned(),
        "SlotsSegera=0".to_owned(),
        "SlotsBiasa=0".to_owned(),
        format!("SlotsPeka={far}"),
        "Sms=on".to_owned(),
        "SenderEmail=tuntas@contoh.go.id".to_owned(),
        // In the midst of replacing the vault's key.
        "VaultKeys=BA".to_owned(),
    ])
}

fn exit_code(passed: bool) -> ExitCode {
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
