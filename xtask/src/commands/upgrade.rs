//! `upgrade`: the stack of an earlier commit, with data in it, becomes the stack of this one; then the earlier one's again.

use super::test::{NAME, parameters};
use crate::{
    cargo, deploy,
    engine::{Engine, Home},
    lock::{self, Lock},
    process::run_quietly,
    progress::Steps,
    project::Project,
    table_update, third_party,
};
use anyhow::{Context, Result, bail};
use std::{fs, process::ExitCode};
use tokio::process::Command;

/// The tests that leave data behind.
const BEFORE: &str = "restart";
/// Those that find it again. The others that run after a restart read what an engine wrote when it stopped.
const AFTER: &str = "durability";
/// The one of these that changes nothing, so that it can run twice.
const UNCHANGED: &str = "every_report_is_as_it_was_for_everybody";

/// Has the tool of `from` make a stack with reports in many states, deploys this checkout's functions and template to it, and runs the tests
/// of what is there after a restart; then deploys those of `from` once more, and looks whether they still know every report.
pub(crate) async fn upgrade(project: &Project, from: &str) -> Result<ExitCode> {
    let _turn = lock::acquire(project, Lock::Test).await?;
    let mut steps = Steps::of(5);
    let earlier = Project { root: project.root.join("target/upgrade") };
    steps.next(&format!("Checking out {from}"));
    check_out(project, &earlier, from).await?;
    let template = |checkout: &Project| fs::read_to_string(checkout.root.join("infra/template.yaml"));
    let (old, new) = (template(&earlier)?, template(project)?);
    let refused = table_update::refused(&old, &new)?;
    if !refused.is_empty() {
        bail!("CloudFormation cannot update the stack of {from}:\n{}", refused.join("\n"));
    }
    for index in table_update::made(&old, &new)? {
        println!(
            "This makes the index {index}: on AWS it takes two deployments (docs/OPERATIONS.md, \"A new version\")."
        );
    }
    third_party::share(project, &earlier).await?;

    steps.next("Building it, and making a stack with reports in many states by its own tool");
    own_tool(&earlier, BEFORE).await?;
    let home = Home::isolated(&earlier, "test")?;
    let Some(engine) = Engine::running(&home) else { bail!("its tool left no engine running") };

    steps.next("Building this checkout, and deploying it to that stack");
    let building = lock::acquire(project, Lock::Stack).await?;
    cargo::build_functions(project).await?;
    cargo::build_packages(project, ["cli"]).await?;
    deploy::deploy(project, &home, &engine, NAME, &parameters()?).await?;
    deploy::seed(project, &home, &engine).await?;
    drop(building);
    steps.next("Tests of what is there after the update");
    let mut passed = after(project, &home, AFTER).await?;

    steps.next("Deploying the earlier commit again, and looking for every report");
    engine.leave();
    // No test has this name: its tool deploys what differs, and runs none.
    own_tool(&earlier, "no_test_has_this_name").await?;
    let Some(engine) = Engine::running(&home) else { bail!("its tool left no engine running") };
    passed &= after(&earlier, &home, UNCHANGED).await?;
    engine.stop()?;
    if passed {
        remove(project, &earlier).await?;
    }
    steps.end();
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes a work tree of a commit, anew.
async fn check_out(project: &Project, earlier: &Project, from: &str) -> Result<()> {
    if earlier.root.exists() {
        if let Some(engine) = Engine::running(&Home::isolated(earlier, "test")?) {
            engine.stop()?;
        }
        remove(project, earlier).await?;
    }
    let mut add = git(project);
    add.args(["worktree", "add", "--detach", "--force"]).arg(&earlier.root).arg(from);
    run_quietly(&mut add, "git worktree add").await?;
    Ok(())
}

/// Takes the work tree away, with all that was built in it.
async fn remove(project: &Project, earlier: &Project) -> Result<()> {
    fs::remove_dir_all(&earlier.root).context("cannot remove the earlier commit's files")?;
    run_quietly(git(project).args(["worktree", "prune"]), "git worktree prune").await?;
    Ok(())
}

fn git(project: &Project) -> Command {
    let mut git = Command::new("git");
    git.current_dir(&project.root);
    git
}

/// Has the tool of the earlier commit bring its test stack up to date, run these tests, and leave the engine running.
async fn own_tool(earlier: &Project, tests: &str) -> Result<()> {
    let mut tool = earlier.cargo();
    tool.args(["xtask", "test", "--keep", tests]).env("CARGO_TARGET_DIR", earlier.root.join("target"));
    if !tool.status().await.context("cannot start cargo")?.success() {
        bail!("the earlier commit's own tests fail");
    }
    Ok(())
}

/// Runs tests of what is there after a restart, as a checkout has them.
async fn after(checkout: &Project, home: &Home, tests: &str) -> Result<bool> {
    let mut cargo = checkout.cargo();
    cargo.args(["test", "--quiet", "--workspace", "--test", "after_restart", tests]);
    cargo.env("TUNTAS_STACK", home.stack_file());
    Ok(cargo.status().await.context("cannot start cargo test")?.success())
}
