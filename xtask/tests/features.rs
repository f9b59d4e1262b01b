//! `tests/features` turns on every feature that any member asks for. Where one is missing, a fresh clone compiles the AWS SDK twice,
//! which takes minutes.

use anyhow::{Context, Result, ensure};
use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// The crates that a build with these arguments compiles, each as `name version features`.
fn crates_with_features(arguments: &[&str]) -> Result<BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--prefix", "none", "--format", "{p} {f}"])
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.lines().map(|row| row.trim_end_matches(" (*)").to_owned()).collect())
}

/// The names and versions of `aws-sdk-dynamodb` and of all it depends on.
fn below_the_sdk() -> Result<BTreeSet<String>> {
    let crates = crates_with_features(&["--package", "aws-sdk-dynamodb", "--edges", "normal,build"])?;
    Ok(crates.iter().map(|row| name_and_version(row).to_owned()).collect())
}

fn name_and_version(row: &str) -> &str {
    row.match_indices(' ').nth(1).map_or(row, |(end, _)| &row[..end])
}

#[test]
fn every_build_compiles_the_aws_sdk_with_the_same_features() -> Result<()> {
    let functions = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions"))?
        .filter_map(|entry| entry.ok().filter(|entry| entry.path().is_dir()))
        .map(|entry| entry.file_name().into_string().ok().context("a function whose name is not UTF-8"))
        .collect::<Result<Vec<_>>>()?;
    let builds = [
        functions.iter().map(String::as_str).collect(),
        vec!["cli"],
        vec!["demo"],
        vec!["baselines"],
        vec!["cli", "tests"],
    ];
    let sdk = below_the_sdk()?;
    ensure!(sdk.len() > 100, "the SDK has {} crates only", sdk.len());
    let all = crates_with_features(&["--workspace", "--edges", "normal,build,dev"])?;
    for packages in builds {
        let mut arguments = vec!["--edges", "normal,build"];
        arguments.extend(packages.iter().chain(&["features"]).flat_map(|package| ["--package", package]));
        let other: Vec<String> = crates_with_features(&arguments)?
            .difference(&all)
            .filter(|row| sdk.contains(name_and_version(row)))
            .cloned()
            .collect();
        ensure!(
            other.is_empty(),
            "A build of {packages:?} has fewer features than one of the workspace: {other:?}. Turn them on in tests/features."
        );
    }
    Ok(())
}
