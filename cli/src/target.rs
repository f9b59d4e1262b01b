//! The stack that a command works on: the local one, or one on AWS.

use anyhow::{Context, Result, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_lc_rs::rand;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use serde::Deserialize;
use stack_file::{Stack, output};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::process::Command;

/// Which stack.
#[derive(clap::Args)]
pub struct Which {
    /// A stack on AWS, reached with the usual credentials and region; without it, the local one.
    #[arg(long)]
    stack: Option<String>,
    /// The local one whose stack.json this is, instead of the one that `cargo xtask up` wrote.
    #[arg(long, conflicts_with = "stack")]
    file: Option<PathBuf>,
}

impl Which {
    /// Where the local stack's `stack.json` lies.
    #[must_use]
    pub fn stack_file(&self) -> PathBuf {
        let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/stack.json");
        self.file.clone().unwrap_or_else(usual)
    }

    /// The stack, ready to be called.
    ///
    /// # Errors
    /// When there is no such stack, or it cannot be reached.
    pub async fn target(&self) -> Result<Target> {
        let Some(name) = self.stack.clone() else {
            return Ok(Target::local(&Stack::read(&self.stack_file())?).await);
        };
        let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let region = config.region().context("no AWS region is set")?.to_string();
        let outputs = outputs(&name, &region).await?;
        Ok(Target { name, outputs, config, local: false })
    }
}

/// A stack that can be called.
pub struct Target {
    /// The stack's name.
    pub name: String,
    /// Every output of the template.
    pub outputs: BTreeMap<String, String>,
    /// Region, credentials and endpoint.
    pub config: SdkConfig,
    /// On plain HTTP, a policy that demands TLS would lock everybody out.
    pub local: bool,
}

impl Target {
    /// The local stack.
    pub async fn local(stack: &Stack) -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(&stack.endpoint)
            .region(Region::new(stack.region.clone()))
            .credentials_provider(Credentials::new("test", "test", None, None, "local engine"))
            .load()
            .await;
        Self { name: stack.name.clone(), outputs: stack.outputs.clone(), config, local: true }
    }

    /// One output of the template.
    ///
    /// # Errors
    /// When the template has no such output.
    pub fn output(&self, name: &str) -> Result<&str> {
        output(&self.outputs, name)
    }
}

/// The outputs of a stack on AWS, by the command line that deployed it.
async fn outputs(name: &str, region: &str) -> Result<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output {
        output_key: String,
        output_value: String,
    }
    let mut sam = Command::new("sam");
    sam.args(["list", "stack-outputs", "--output", "json", "--stack-name", name, "--region", region]);
    let ran = sam.env("SAM_CLI_TELEMETRY", "0").stdin(Stdio::null()).kill_on_drop(true).output().await;
    let ran = ran.context("cannot start sam (`pip install -r infra/sam/requirements.txt` installs it)")?;
    if !ran.status.success() {
        bail!("sam list stack-outputs failed:\n{}", String::from_utf8_lossy(&ran.stderr));
    }
    let outputs: Vec<Output> =
        serde_json::from_slice(&ran.stdout).context("SAM lists outputs in another form")?;
    Ok(outputs.into_iter().map(|output| (output.output_key, output.output_value)).collect())
}

/// Fresh random bytes.
///
/// # Errors
/// When the machine gives none.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    #[expect(
        clippy::disallowed_methods,
        reason = "the tool draws keys itself; runtime::entropy is for functions"
    )]
    rand::fill(&mut bytes).map_err(|_| anyhow::anyhow!("no randomness"))?;
    Ok(bytes)
}

/// What AWS says of a failure. The Debug form of its errors holds requests and stored items.
pub fn plainly<E: ProvideErrorMetadata + std::fmt::Display>(error: E) -> anyhow::Error {
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => anyhow::anyhow!("{code}: {message}"),
        (Some(code), None) => anyhow::anyhow!("{code}"),
        (None, _) => anyhow::anyhow!("{error}"),
    }
}
