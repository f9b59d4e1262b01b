//! How other programs are run.

use anyhow::{Context, Result, bail};
use std::process::Stdio;
use tokio::process::Command;

/// The region of local and test stacks: the same as that of the deployed ones.
pub(crate) const REGION: &str = "ap-southeast-3";

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
