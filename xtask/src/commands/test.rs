//! `test`: every test, on an engine and a stack of its own, beside a system that may be up.

use crate::{
    cargo, chromium, deploy,
    engine::{Engine, Home},
    isolated_stack,
    lock::{self, Lock},
    progress::Steps,
    project::Project,
    venv,
};
use anyhow::{Context, Result, bail};
use std::{
    path::Path,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::process::Command;

pub(super) const NAME: &str = "tuntas-test";

/// Hours by which the city of the tests, Asia/Jakarta, is ahead of UTC; it has no summer time.
const ZONE_HOURS: u64 = 7;

/// Runs what needs no stack, what needs one, and what looks at one that was stopped and started again. The last line
/// is the test runner's own.
pub(crate) async fn test(
    project: &Project,
    filter: Option<&str>,
    keep: bool,
    whole: bool,
) -> Result<ExitCode> {
    let _tests = lock::acquire(project, Lock::Test).await?;
    let preparing = lock::acquire(project, Lock::Stack).await?;
    let mut steps = Steps::of(if keep { 5 } else { 6 });
    let home = Home::isolated(project, "test")?;
    let stack_file = home.stack_file();
    let runner = Runner { project, filter, stack: &stack_file, whole };

    steps.next(
        "Building the functions; installing the engine, SAM and Chromium, validating the template beside it",
    );
    let tools = async {
        venv::engine(project).await?;
        deploy::validate(project).await
    };
    tokio::try_join!(cargo::build_functions(project), tools, chromium::install())?;
    cargo::build_packages(project, ["cli"]).await?;
    steps.next("Building the tests; deploying to an engine of their own beside it");
    let parameters = parameters()?;
    let engine = isolated_stack::start(project, &home, NAME, &parameters, keep);
    let (built, engine) = tokio::join!(runner.build(), engine);
    let engine = engine?;
    if let Err(error) = built {
        if keep {
            engine.leave();
        }
        return Err(error);
    }
    drop(preparing);

    // From here on an error must not decide whether the engine is left, so tests are counted, not raised.
    steps.next("Tests that need no stack");
    let mut passed = runner.run(&["--workspace", "--exclude", "tests", "--tests"]).await?;
    passed &= runner.run(&["--package", "runtime", "--package", "features", "--doc"]).await?;
    steps.next("Tests of the store");
    passed &= runner.run(&["--workspace", "--test", "store"]).await?;
    steps.next("Tests on the deployed stack");
    let stack = ["--workspace", "--bin", "load", "--test", "stack"];
    passed &= runner.run(&stack).await?;
    passed &= runner.run(&["--workspace", "--test", "browser"]).await?;
    if keep {
        engine.leave();
        steps.end();
        return Ok(exit_code(passed));
    }
    let port = engine.port();
    engine.stop()?;
    let interpreter = venv::engine(project).await?;
    let engine = Engine::start(project, &home, &interpreter, port)?;
    steps.next("Tests of what is there after a restart");
    passed &= runner.run(&["--workspace", "--test", "after_restart"]).await?;
    engine.stop()?;
    Ok(exit_code(passed))
}

struct Runner<'a> {
    project: &'a Project,
    filter: Option<&'a str>,
    stack: &'a Path,
    whole: bool,
}

impl Runner<'_> {
    /// Builds every test binary.
    async fn build(&self) -> Result<()> {
        let mut cargo = self.project.cargo();
        cargo.args(["test", "--workspace", "--tests", "--no-run"]);
        if !cargo.status().await.context("cannot start cargo")?.success() {
            bail!("the tests do not build");
        }
        Ok(())
    }

    async fn run(&self, selection: &[&str]) -> Result<bool> {
        let mut cargo: Command = self.project.cargo();
        cargo.args(["test", "--quiet"]).args(selection).args(self.filter).env("TUNTAS_STACK", self.stack);
        if self.whole {
            cargo.env("TUNTAS_WHOLE", "1");
        }
        Ok(cargo.status().await.context("cannot start cargo test")?.success())
    }
}

/// Everything is released at once, but sensitive categories never while the tests run: their only slot is half a day
/// away.
pub(super) fn parameters() -> Result<Vec<String>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the tool lives in real time; runtime::clock is for functions"
    )]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let far = (now.as_secs() / 3600 + ZONE_HOURS + 12) % 24;
    Ok(vec![
        "Stage=local".to_owned(),
        "SlotsSegera=0".to_owned(),
        "SlotsBiasa=0".to_owned(),
        format!("SlotsPeka={far:02}:00"),
        "Sms=on".to_owned(),
        "SenderEmail=tuntas@contoh.go.id".to_owned(),
        "PageOrigins=https://lapor.contoh.go.id,https://petugas.contoh.go.id".to_owned(),
        // In the midst of replacing the vault's key.
        "VaultKeys=BA".to_owned(),
    ])
}

fn exit_code(passed: bool) -> ExitCode {
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
