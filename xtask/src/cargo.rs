//! What cargo builds for this machine: each crate once, for functions, tools and tests alike.

use crate::project::Project;
use anyhow::{Context, Result, bail};
use std::{ffi::OsStr, fs, os::unix::process::CommandExt, path::PathBuf, process::Stdio};
use tokio::process::Command;

/// The package that turns on every feature which any of the others asks for, so that none is compiled twice.
const FEATURES: &str = "features";

/// Selects packages of the workspace, with the features that every other build here has.
fn select<'a>(cargo: &mut Command, packages: impl IntoIterator<Item = &'a str>) {
    for package in packages.into_iter().chain([FEATURES]) {
        cargo.args(["--package", package]);
    }
}

/// Builds every function and puts it where the template looks for it. `cargo lambda build` writes the same files for AWS.
pub(crate) async fn build_functions(project: &Project) -> Result<()> {
    let functions = project.functions()?;
    build_packages(project, functions.iter().map(String::as_str)).await?;
    for function in &functions {
        let place = project.root.join("target/lambda").join(function);
        fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
        let binary = built(function)?;
        // A running function may still have the old file open: replace it, never write into it.
        let draft = place.with_extension("new");
        fs::copy(&binary, &draft).with_context(|| format!("cannot copy {}", binary.display()))?;
        fs::rename(&draft, place.join("bootstrap"))
            .with_context(|| format!("cannot fill {}", place.display()))?;
    }
    Ok(())
}

/// Builds packages of the workspace. Cargo says on the terminal how far it is.
pub(crate) async fn build_packages<'a>(
    project: &Project,
    packages: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.arg("build");
    select(&mut cargo, packages);
    if !cargo.status().await.context("cannot start cargo")?.success() {
        bail!("something does not build");
    }
    Ok(())
}

/// Builds a program of `tests/bench`, which is a workspace of its own. Where no time is judged it is built in a third of the time.
pub(crate) async fn build_bench_program(project: &Project, program: &str, is_fast: bool) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.current_dir(project.root.join("tests/bench"));
    cargo.args([
        "build",
        "--locked",
        "--quiet",
        "--package",
        "bench",
        "--bin",
        program,
        "--target-dir",
        "target",
    ]);
    if !is_fast {
        cargo.args(["--config", "profile.dev.package.\"*\".opt-level=1"]);
    }
    build(&mut cargo, program).await
}

/// Runs cargo to build this, and fails where it cannot be built.
pub(crate) async fn build(cargo: &mut Command, what: &str) -> Result<()> {
    if !cargo.stdin(Stdio::null()).status().await.context("cannot start cargo")?.success() {
        bail!("{what} cannot be built");
    }
    Ok(())
}

/// Where cargo puts a program: beside this one, wherever its target directory is.
pub(crate) fn built(program: &str) -> Result<PathBuf> {
    Ok(std::env::current_exe().context("cannot find this program")?.with_file_name(program))
}

/// Builds a program of this package and becomes it: it gets signals itself then, and its exit code is ours.
pub(crate) async fn become_program<'a>(
    project: &Project,
    package: &str,
    program: &str,
    arguments: impl IntoIterator<Item = &'a OsStr>,
) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.arg("build");
    select(&mut cargo, [package]);
    if !cargo.status().await.context("cannot start cargo")?.success() {
        bail!("{program} does not build");
    }
    let error = std::process::Command::new(built(program)?).args(arguments).exec();
    Err(error).with_context(|| format!("cannot start {program}"))
}
