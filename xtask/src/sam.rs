//! The SAM command line: the tool that deploys, here and to AWS.

use crate::{
    process::{only_local_account, run_quietly},
    project::Project,
    venv,
};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{collections::BTreeMap, path::PathBuf};
use tokio::process::Command;

/// Starts SAM with zlib's quickest level: it packs every function anew at each deployment, 340 MB of them, which took 13 of the
/// 26 seconds of one. SAM has no setting for it.
const QUICKLY_PACKING: &str = "import zlib, runpy; zlib.Z_DEFAULT_COMPRESSION = 1; \
    runpy.run_module('samcli', run_name='__main__')";

/// SAM, for the engine at this endpoint.
pub(crate) async fn sam(project: &Project, endpoint: &str) -> Result<Command> {
    let interpreter: PathBuf = venv::sam(project).await?;
    let mut sam = Command::new(interpreter);
    only_local_account(&mut sam, endpoint);
    sam.args(["-c", QUICKLY_PACKING])
        .current_dir(&project.root)
        .env("SAM_CLI_TELEMETRY", "0")
        .env("SAM_CLI_CHECK_VERSION", "0")
        // How long it waits, in seconds, before it asks again how far a deployment is.
        .env("SAM_CLI_POLL_DELAY", "0.2")
        // Its own notes go beside ours, not into the home directory.
        .env("__SAM_CLI_APP_DIR", project.local().join("sam"));
    Ok(sam)
}

/// The outputs of a stack on the engine.
pub(crate) async fn outputs(
    project: &Project,
    endpoint: &str,
    name: &str,
    region: &str,
) -> Result<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output {
        output_key: String,
        output_value: String,
    }
    let mut sam = sam(project, endpoint).await?;
    sam.args(["list", "stack-outputs", "--output", "json", "--stack-name", name, "--region", region]);
    let answer = run_quietly(&mut sam, "sam list stack-outputs").await?;
    let outputs: Vec<Output> = serde_json::from_str(&answer).context("SAM lists outputs in another form")?;
    Ok(outputs.into_iter().map(|output| (output.output_key, output.output_value)).collect())
}
