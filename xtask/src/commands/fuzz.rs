//! `fuzz`: coverage-guided fuzzing of everything that reads bytes from outside, with the compiler that is there anyway.
//!
//! This is what `cargo fuzz run` does, without its installation and without a nightly compiler: libFuzzer needs the
//! coverage that LLVM can put into any build. Sanitizers would need nightly, and look for faults that safe Rust does not have.
//! libFuzzer itself is C++: a C++ compiler is needed here, and nowhere else.

use crate::project::Project;
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::Path,
    process::{ExitCode, Stdio},
};
use tokio::process::Command;

/// What makes LLVM count the edges and watch the comparisons; the same as `cargo fuzz` gives.
const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0 \
    --cfg fuzzing -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks";

/// The targets of photos hold their 200 MiB themselves; the rest is what libFuzzer keeps of its corpus and its counters.
const MEMORY_MB: u32 = 512;

/// A photo takes a second at most; instrumented code with checked arithmetic is several times slower than what is shipped.
const SECONDS_PER_INPUT: u32 = 10;

/// The targets that begin with the pictures of media's own tests.
const PICTURES: [&str; 2] = ["clean_photo", "copy_for_viewer"];

/// Fuzzes each target for its share of the seconds.
pub(crate) async fn fuzz(project: &Project, target: Option<&str>, seconds: u32) -> Result<ExitCode> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let mut asked = std::process::Command::new(&compiler);
    let asked = asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !asked.is_ok_and(|status| status.success()) {
        bail!("libFuzzer needs a C++ compiler, as `c++` or in CXX");
    }
    let folder = project.root.join("fuzz");
    let triple = triple(project).await?;
    build(project, &folder, &triple).await?;
    let mut targets = targets(&folder)?;
    if let Some(only) = target {
        targets.retain(|name| name == only);
    }
    if targets.is_empty() {
        bail!("there is no such fuzz target");
    }
    let share = (seconds / u32::try_from(targets.len())?).max(1);
    let mut failed = Vec::new();
    for name in &targets {
        println!("Fuzzing {name} for {share} s");
        let binary = folder.join("target").join(&triple).join("release").join(name);
        if !run(project, &folder, name, &binary, share).await? {
            failed.push(name.as_str());
        }
    }
    if failed.is_empty() {
        println!("fuzz: {} targets, nothing found", targets.len());
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("fuzz: {} found something; the inputs lie in fuzz/artifacts", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

/// The machine's own triple. Naming it keeps the flags away from build scripts and macros.
async fn triple(project: &Project) -> Result<String> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let output = rustc.arg("-vV").current_dir(&project.root).output().await.context("cannot start rustc")?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let host = printed.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say its host")?.to_owned())
}

async fn build(project: &Project, folder: &Path, triple: &str) -> Result<()> {
    println!("Building the fuzz targets");
    let status = project
        .cargo()
        .current_dir(folder)
        .args([
            "build",
            "--release",
            "--bins",
            "--quiet",
            "--locked",
            "--target",
            triple,
            "--target-dir",
            "target",
        ])
        .env("RUSTFLAGS", COVERAGE)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stdin(Stdio::null())
        .status()
        .await
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("the fuzz targets do not build");
    }
    Ok(())
}

/// Every file in `fuzz_targets`, in alphabetical order.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("fuzz_targets")).context("cannot list fuzz/fuzz_targets")? {
        let path = entry?.path();
        if let (Some(name), Some("rs")) = (path.file_stem(), path.extension().and_then(|end| end.to_str())) {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

async fn run(project: &Project, folder: &Path, name: &str, binary: &Path, seconds: u32) -> Result<bool> {
    let corpus = folder.join("corpus").join(name);
    let artifacts = folder.join("artifacts").join(name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let mut fuzzer = Command::new(binary);
    fuzzer
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={SECONDS_PER_INPUT}"))
        .arg(format!("-rss_limit_mb={MEMORY_MB}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-print_final_stats=1", "-verbosity=0", "-max_len=65536"]);
    let dictionary = folder.join("dictionaries").join(format!("{name}.dict"));
    if dictionary.is_file() {
        fuzzer.arg(format!("-dict={}", dictionary.display()));
    }
    // What it finds new goes into the first folder; the others are only read.
    fuzzer.arg(&corpus);
    let mut seeds = vec![folder.join("seeds").join(name)];
    if PICTURES.contains(&name) {
        seeds.push(project.root.join("shared/media/testdata"));
    }
    fuzzer.args(seeds.into_iter().filter(|seeds| seeds.is_dir()));
    let status = fuzzer.stdin(Stdio::null()).kill_on_drop(true).status().await;
    Ok(status.with_context(|| format!("cannot start {}", binary.display()))?.success())
}
