//! Where things lie in the checkout.

use anyhow::{Context, Result};
use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// The checkout, with its folders.
pub(crate) struct Project {
    /// Where the workspace's `Cargo.toml` lies.
    pub(crate) root: PathBuf,
}

impl Project {
    /// The checkout that this program was built from.
    pub(crate) fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().context("xtask lies in no workspace")?.to_owned();
        Ok(Self { root })
    }

    /// Everything that the tool makes; readable by its owner alone, because sign-ins and keys lie there.
    pub(crate) fn local(&self) -> PathBuf {
        self.root.join(".local")
    }

    /// The names of the functions, in alphabetical order.
    pub(crate) fn functions(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join("functions")).context("cannot list functions/")? {
            let entry = entry?;
            if entry.path().join("Cargo.toml").is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Cargo, as it was called for this program.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // What cargo tells the program that it runs would confuse the cargo that the program runs.
        cargo.current_dir(&self.root).env_remove("CARGO_MANIFEST_DIR").kill_on_drop(true);
        cargo
    }
}

/// Makes a directory that nobody else may look into.
pub(crate) fn make_private_directory(path: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make {}", path.display()))
}
