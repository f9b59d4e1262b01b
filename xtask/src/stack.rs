//! `stack.json`: what scripts, tests and demonstrations need to know of a stack.

use crate::project::{Project, REGION};
use anyhow::{Context, Result};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// A deployed stack with its sign-ins and keys. No Debug: it holds secrets.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stack {
    /// The stack's name.
    pub(crate) name: String,
    /// Where the HTTP API answers.
    pub(crate) api: String,
    pub(crate) region: String,
    /// Where every AWS service answers.
    pub(crate) endpoint: String,
    /// What the engine says.
    pub(crate) engine_log: PathBuf,
    /// What the engine keeps; written when it stops.
    pub(crate) state: PathBuf,
    pub(crate) user_pool: String,
    pub(crate) officer_client: String,
    #[serde(default)]
    pub(crate) officers: Vec<Officer>,
    #[serde(default)]
    pub(crate) channels: Vec<ChannelKey>,
    #[serde(default)]
    pub(crate) categories: Vec<String>,
    #[serde(default)]
    pub(crate) units: Vec<Unit>,
    pub(crate) outputs: BTreeMap<String, String>,
}

/// An officer of the demonstration.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Officer {
    pub(crate) username: String,
    #[serde(default)]
    pub(crate) password: String,
    pub(crate) name: String,
    pub(crate) tags: Vec<String>,
    pub(crate) unit: Option<String>,
}

/// What a channel sends as its bearer token.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ChannelKey {
    pub(crate) code: String,
    pub(crate) key: String,
}

/// A unit and the one above it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Unit {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) parent: Option<String>,
}

impl Stack {
    /// Reads the file that `up` wrote.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).with_context(|| format!("cannot read {}; is it up?", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not what `up` writes", path.display()))
    }

    /// Writes the file at one stroke, readable by its owner alone.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let draft = path.with_extension("json.new");
        let _ = fs::remove_file(&draft);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .with_context(|| format!("cannot write {}", draft.display()))?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&draft, path).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// One output of a template.
pub(crate) fn output<'a>(outputs: &'a BTreeMap<String, String>, name: &str) -> Result<&'a str> {
    outputs.get(name).map(String::as_str).with_context(|| format!("the stack has no output {name}"))
}

/// A stack that a command works on: the local one, or one on AWS.
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) config: SdkConfig,
    /// On plain HTTP, a policy that demands TLS would lock everybody out.
    pub(crate) local: bool,
}

impl Target {
    /// The stack of this name on AWS, or the local one.
    pub(crate) async fn find(project: &Project, name: Option<&str>, local: &Path) -> Result<Self> {
        let Some(name) = name else {
            return Ok(Self::local(&Stack::read(local)?).await);
        };
        let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let region = config.region().context("no AWS region is set")?.to_string();
        let outputs = crate::deploy::outputs(project, None, name, &region).await?;
        Ok(Self { name: name.to_owned(), outputs, config, local: false })
    }

    /// The local stack.
    pub(crate) async fn local(stack: &Stack) -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(&stack.endpoint)
            .region(Region::from_static(REGION))
            .credentials_provider(Credentials::new("test", "test", None, None, "local engine"))
            .load()
            .await;
        Self { name: stack.name.clone(), outputs: stack.outputs.clone(), config, local: true }
    }

    /// One output of the template.
    pub(crate) fn output(&self, name: &str) -> Result<&str> {
        output(&self.outputs, name)
    }
}
