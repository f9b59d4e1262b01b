//! `bench`: what the functions take, measured from outside on their release binaries.
//!
//! What measures is a workspace of its own (`tests/bench`): the database that it measures against is no part of the product's
//! lock file, and no test builds it.

use crate::project::Project;
use anyhow::{Context, Result, bail};
use std::process::{ExitCode, Stdio};
use tokio::process::Command;

/// How to run it.
#[derive(clap::Args)]
pub(crate) struct How {
    /// Everything once, with few calls, on unoptimised binaries: its times say nothing.
    #[arg(long)]
    smoke: bool,
    /// Grow the table to a million reports too. Takes 6 GB of memory and some minutes more.
    #[arg(long)]
    million: bool,
    /// Only these functions, with commas; nothing grows then.
    #[arg(long)]
    only: Option<String>,
}

/// Builds the functions as they are deployed to AWS, and measures them. The result lies in `target/bench`.
pub(crate) async fn bench(project: &Project, how: &How) -> Result<ExitCode> {
    let folder = project.root.join("tests/bench");
    let target = project.root.join("target");
    let in_target = ["--target-dir", &*target.to_string_lossy()].map(ToOwned::to_owned);
    // Where no time is judged, the binaries that the tests build anyway will do.
    let profile: &[&str] = if how.smoke { &[] } else { &["--release"] };
    println!("Building the functions");
    // The same packages at once as README's `cargo lambda build`, so that they are built with the same features.
    let mut cargo = project.cargo();
    cargo.args(["build", "--locked", "--quiet", "--workspace", "--exclude", "xtask", "--exclude", "tests"]);
    build(cargo.args(profile).args(&in_target), "the functions").await?;
    println!("Building what they are measured against");
    let mut cargo = project.cargo();
    cargo.current_dir(&folder).args(["build", "--locked", "--quiet", "--package", "baselines"]);
    if how.smoke {
        // As the product's: then it has built the SDK already.
        cargo.args(["--config", "profile.dev.strip=\"symbols\""]);
        cargo.args(["--config", "profile.dev.package.\"*\".opt-level=0"]);
    }
    // In the functions' own target directory, because most of it is built there already.
    build(cargo.args(profile).args(&in_target), "the baselines").await?;
    let mut cargo = project.cargo();
    cargo.current_dir(&folder).args([
        "build",
        "--locked",
        "--quiet",
        "--package",
        "bench",
        "--target-dir",
        "target",
    ]);
    build(&mut cargo, "the bench").await?;

    let mut bench = Command::new(folder.join("target/debug/bench"));
    let built = target.join(if how.smoke { "debug" } else { "release" });
    bench.arg("--root").arg(&project.root).arg("--functions").arg(&built).arg("--baselines").arg(&built);
    bench.arg("--out").arg(target.join("bench"));
    for (flag, given) in [("--smoke", how.smoke), ("--million", how.million)] {
        if given {
            bench.arg(flag);
        }
    }
    if let Some(only) = &how.only {
        bench.args(["--only", only]);
    }
    let status = bench.stdin(Stdio::null()).kill_on_drop(true).status().await;
    let done = status.context("cannot start the bench")?.success();
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn build(cargo: &mut Command, what: &str) -> Result<()> {
    if !cargo.stdin(Stdio::null()).status().await.context("cannot start cargo")?.success() {
        bail!("{what} cannot be built");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, fs};

    fn read(path: &str) -> String {
        fs::read_to_string(Project::find().unwrap().root.join(path)).unwrap()
    }

    /// What the sections of the release profile say, by their names.
    fn release_profile(path: &str) -> BTreeMap<String, Vec<String>> {
        let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut name = String::new();
        for line in
            read(path).lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            if line.starts_with('[') {
                line.clone_into(&mut name);
            } else if name.starts_with("[profile.release") {
                sections.entry(name.clone()).or_default().push(line.to_owned());
            }
        }
        sections
    }

    #[test]
    fn the_smallest_function_is_built_by_the_functions_profile() {
        let ours = release_profile("Cargo.toml");
        assert!(ours.contains_key("[profile.release]"));
        assert_eq!(release_profile("tests/bench/Cargo.toml"), ours);
    }

    #[test]
    fn the_baselines_use_the_functions_versions_of_the_sdk_and_of_the_runtime() {
        let versions = |path: &str| -> BTreeMap<String, String> {
            let lock = read(path);
            let mut lines = lock.lines();
            let mut found = BTreeMap::new();
            while let Some(line) = lines.next() {
                if let Some(name) = line.strip_prefix("name = ") {
                    found.insert(name.to_owned(), lines.next().unwrap_or_default().to_owned());
                }
            }
            found
        };
        let (product, bench) = (versions("Cargo.lock"), versions("tests/bench/Cargo.lock"));
        for (name, version) in &bench {
            let counts = ["\"aws-", "\"lambda_", "\"tokio\"", "\"hyper\"", "\"rustls\""];
            if counts.iter().any(|start| name.starts_with(start)) {
                assert_eq!(product.get(name), Some(version), "cargo update in tests/bench: {name}");
            }
        }
    }
}
