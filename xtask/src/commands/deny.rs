//! `deny`: whether the crates of others are what `deny.toml` lets them be, in every lock file of the repository.

use crate::{process::run_quietly, project::Project, venv};
use anyhow::{Context, Result};
use std::{path::Path, process::ExitCode, time::Duration};
use tokio::{process::Command, time::timeout};

/// Workspaces of their own, which are not deployed. What `deny.toml` lets the product have, they need not have.
const BESIDE: [&str; 2] = ["fuzz", "tests/bench"];

/// How long the database of advisories may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Looks at licences, sources and doubles, and at advisories where their database can be reached.
pub(crate) async fn deny(project: &Project) -> Result<ExitCode> {
    let program = venv::deny(project).await?;
    let workspaces = || [""].into_iter().chain(BESIDE);
    let mut passed = true;
    for workspace in workspaces() {
        let mut check = cargo_deny(project, &program, workspace);
        // libfuzzer-sys has a licence of its own, and is in one lock file alone.
        check.args(["check", "--hide-inclusion-graph", "--allow", "license-exception-not-encountered"]);
        if workspace.is_empty() {
            check.args([
                "--deny",
                "unmatched-skip",
                "--deny",
                "unnecessary-skip",
                "--deny",
                "unused-wrapper",
            ]);
            check.args(["licenses", "sources", "bans"]);
        } else {
            check.args(["--allow", "license-not-encountered", "licenses", "sources"]);
        }
        passed &= succeeds(&mut check, workspace).await?;
    }
    if let Err(error) = fetch_advisories(project, &program).await {
        let said = format!("{error:#}");
        println!("Advisories are not looked up: {}", said.trim_end().lines().last().unwrap_or_default());
        return Ok(exit_code(passed));
    }
    for workspace in workspaces() {
        let mut check = cargo_deny(project, &program, workspace);
        passed &= succeeds(check.args(["check", "--hide-inclusion-graph", "advisories"]), workspace).await?;
    }
    Ok(exit_code(passed))
}

fn cargo_deny(project: &Project, program: &Path, workspace: &str) -> Command {
    let mut deny = Command::new(program);
    deny.current_dir(&project.root).arg("--locked").args(["--config", "deny.toml"]);
    deny.arg("--manifest-path").arg(project.root.join(workspace).join("Cargo.toml"));
    deny
}

async fn fetch_advisories(project: &Project, program: &Path) -> Result<()> {
    let mut fetch = cargo_deny(project, program, "");
    timeout(PATIENCE, run_quietly(fetch.args(["fetch", "db"]), "cargo deny fetch db"))
        .await
        .context("their database does not answer")??;
    Ok(())
}

/// Says what it found on the terminal.
async fn succeeds(check: &mut Command, workspace: &str) -> Result<bool> {
    println!(
        "{}",
        if workspace.is_empty() { "Cargo.lock".into() } else { format!("{workspace}/Cargo.lock") }
    );
    Ok(check.kill_on_drop(true).status().await.context("cannot start cargo-deny")?.success())
}

fn exit_code(passed: bool) -> ExitCode {
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
