//! What cargo built of other people's crates, for a second checkout, which need not compile them again.

use crate::{process::run_quietly, project::Project};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{collections::BTreeSet, fs, path::Path};

/// Where cargo keeps what it built, within a profile's directory.
const PLACES: [&str; 3] = [".fingerprint", "build", "deps"];

/// Links what was built of other people's crates into the other checkout's target directory. Of our own crates nothing: cargo knows them by
/// their place in the workspace, and would take one checkout's for the other's.
pub(crate) async fn share(project: &Project, other: &Project) -> Result<()> {
    let ours = our_crates(project).await?;
    for place in PLACES {
        let from = project.root.join("target/debug").join(place);
        let to = other.root.join("target/debug").join(place);
        fs::create_dir_all(&to).with_context(|| format!("cannot make {}", to.display()))?;
        // In a fresh clone nothing is built yet.
        let Ok(entries) = fs::read_dir(&from) else { continue };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !ours.contains(crate_of(&name)) {
                link(&entry.path(), &to.join(&name))?;
            }
        }
    }
    Ok(())
}

/// The crate of a file or directory that cargo named `<crate>-<digest>`, with or without `lib` before it and an ending.
fn crate_of(name: &str) -> &str {
    let name = name.split('.').next().unwrap_or(name);
    let name = name.rsplit_once('-').map_or(name, |(name, _)| name);
    name.strip_prefix("lib").unwrap_or(name)
}

fn link(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        // On another file system it is copied.
        return fs::hard_link(from, to)
            .or_else(|_| fs::copy(from, to).map(drop))
            .with_context(|| format!("cannot link {}", from.display()));
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        link(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The names of all packages and targets of the workspace, as cargo writes them in names of files.
async fn our_crates(project: &Project) -> Result<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        targets: Vec<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    let mut cargo = project.cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
    let said = run_quietly(&mut cargo, "cargo metadata").await?;
    let metadata: Metadata =
        serde_json::from_str(&said).context("cargo says its metadata in another form")?;
    let names = metadata
        .packages
        .into_iter()
        .flat_map(|package| package.targets.into_iter().map(|target| target.name).chain([package.name]));
    let names = names.flat_map(|name| [name.replace('-', "_"), without_lib(name)]);
    Ok(names.collect())
}

/// [`crate_of`] takes `lib` away from the name of a crate that begins so.
fn without_lib(name: String) -> String {
    name.strip_prefix("lib").map_or(name.clone(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_crate_that_it_is_named_after() {
        for (name, of) in [
            ("libaws_sdk_s3-0123456789abcdef.rlib", "aws_sdk_s3"),
            ("post_tl-0123456789abcdef", "post_tl"),
            ("post-tl-0123456789abcdef", "post-tl"),
            ("store-0123456789abcdef.d", "store"),
        ] {
            assert_eq!(crate_of(name), of);
        }
    }
}
