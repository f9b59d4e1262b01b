//! Where things lie, and how other programs are run.

use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::process::Command;

/// The region of local and test stacks: the same as that of the deployed ones.
pub(crate) const REGION: &str = "ap-southeast-3";

/// The checkout.
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

    /// Waits for its turn: two of these commands at once would build, deploy and start over each other. The turn lasts
    /// until what this answers is dropped.
    pub(crate) async fn turn(&self, of: Turn) -> Result<File> {
        make_private_directory(&self.local())?;
        let path = self.local().join(match of {
            Turn::Preparing => "preparing.lock",
            Turn::Testing => "testing.lock",
            Turn::Loading => "loading.lock",
        });
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => {
                    if !told {
                        println!("Waiting for another `cargo xtask`");
                        told = true;
                    }
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock {}", path.display()));
                }
            }
        }
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

/// What only one command does at a time.
pub(crate) enum Turn {
    /// Building, deploying, starting and stopping.
    Preparing,
    /// Having the tests' engine.
    Testing,
    /// Having the engine that load is given to.
    Loading,
}

/// Makes a directory that nobody else may look into.
pub(crate) fn make_private_directory(path: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make {}", path.display()))
}

/// Runs a program silently; when it fails, its output is the error.
pub(crate) async fn run_quietly(command: &mut Command, what: &str) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("cannot start: {what}"))?;
    if !output.status.success() {
        bail!(
            "{what} failed ({}):\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Takes a developer's own AWS settings away from a program: what runs here must never reach a real account.
pub(crate) fn only_local_account(command: &mut Command, endpoint: &str) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_REGION", REGION)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("NO_PROXY", "127.0.0.1,localhost,.localhost")
        .env("no_proxy", "127.0.0.1,localhost,.localhost");
}
