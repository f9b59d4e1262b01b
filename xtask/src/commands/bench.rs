//! `bench`: what the functions take, measured from outside on their release binaries.
//!
//! What measures is a workspace of its own (`tests/bench`): the database that it measures against is no part of the product's
//! lock file, and no test builds it.

use crate::{cargo, project::Project};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    process::{ExitCode, Stdio},
};
use tokio::process::Command;

/// What a million reports take in the database of the bench.
const MILLION_GB: u64 = 6;

/// The options of the command line.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Everything once, with few calls, on unoptimised binaries: its times say nothing.
    #[arg(long)]
    smoke: bool,
    /// Grow the table to a million reports too. Takes 6 GB of memory and some minutes more.
    #[arg(long)]
    million: bool,
    /// Only these functions, with commas, `tuntas` for the operators' tool among them; nothing grows then.
    #[arg(long)]
    only: Option<String>,
}

/// Builds the functions as they are deployed to AWS, and measures them. The result lies in `target/bench`.
pub(crate) async fn bench(project: &Project, options: &Options) -> Result<ExitCode> {
    let folder = project.root.join("tests/bench");
    let target = project.root.join("target");
    ask_for_what_is_needed(options)?;
    println!("Building the functions, and what they are measured against");
    // Where no time is judged, the binaries that the tests build anyway will do.
    if options.smoke {
        cargo::build_functions(project).await?;
        cargo::build_packages(project, ["baselines", "cli"]).await?;
    } else {
        let mut release = project.cargo();
        release.args([
            "build",
            "--locked",
            "--quiet",
            "--release",
            "--package",
            "baselines",
            "--package",
            "cli",
        ]);
        for function in project.functions()? {
            release.args(["--package", &function]);
        }
        cargo::build(&mut release, "the functions").await?;
    }
    println!("Building the bench");
    cargo::build_bench_program(project, "bench", !options.smoke).await?;

    let mut bench = Command::new(folder.join("target/debug/bench"));
    let built = target.join(if options.smoke { "debug" } else { "release" });
    bench.arg("--root").arg(&project.root).arg("--functions").arg(&built);
    bench.arg("--out").arg(target.join("bench"));
    for (flag, given) in [("--smoke", options.smoke), ("--million", options.million)] {
        if given {
            bench.arg(flag);
        }
    }
    if let Some(only) = &options.only {
        bench.args(["--only", only]);
    }
    let status = bench.stdin(Stdio::null()).kill_on_drop(true).status().await;
    let done = status.context("cannot start the bench")?.success();
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says before minutes of building what is missing; ends only where nothing could be measured without it.
fn ask_for_what_is_needed(options: &Options) -> Result<()> {
    if options.million && available_memory_gb().is_some_and(|gb| gb < MILLION_GB) {
        bail!("a million reports need {MILLION_GB} GB of free memory");
    }
    let draws = options.only.as_deref().is_none_or(|only| only.contains("photo") || only.contains("view"));
    let mut vips = std::process::Command::new("vipsthumbnail");
    let vips = vips.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if draws && !vips.is_ok_and(|status| status.success()) {
        println!(
            "There is no vipsthumbnail (Debian: libvips-tools): pictures will be measured alone, beside nothing"
        );
    }
    Ok(())
}

/// What the kernel could give to a program now; `None` where it does not say.
fn available_memory_gb() -> Option<u64> {
    let memory = fs::read_to_string("/proc/meminfo").ok()?;
    let line = memory.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deployed_unwinds() {
        // cargo-lambda would have it abort, and a decoder that panics would end `photo` (docs/adr/0006).
        let manifest = fs::read_to_string(Project::find().unwrap().root.join("Cargo.toml")).unwrap();
        let profile = manifest.split("[profile.release]").nth(1).unwrap();
        let profile = profile.split("\n[").next().unwrap();
        assert!(profile.lines().any(|line| line == "panic = \"unwind\""), "{profile}");
    }
}
