//! `stack.json`: what scripts, tests and demonstrations need to know of a stack on the local engine.
//!
//! `cargo xtask up` writes it, `tuntas seed` adds officers and channels with their secrets.

use anyhow::{Context, Result};
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
pub struct Stack {
    /// The name of the stack.
    pub name: String,
    /// Where the HTTP API answers.
    pub api: String,
    /// The AWS region of the stack.
    pub region: String,
    /// Where every AWS service answers.
    pub endpoint: String,
    /// The file that the engine logs to.
    pub engine_log: PathBuf,
    /// The file that the engine keeps its state in; written when it stops.
    pub state: PathBuf,
    /// The id of the officers' user pool.
    pub user_pool: String,
    /// The id of the app client that officers sign in with.
    pub officer_client: String,
    /// The accounts of officers.
    #[serde(default)]
    pub officers: Vec<Officer>,
    /// The keys of the channels.
    #[serde(default)]
    pub channels: Vec<ChannelKey>,
    /// The code of every category.
    #[serde(default)]
    pub categories: Vec<String>,
    /// The units of the registry.
    #[serde(default)]
    pub units: Vec<Unit>,
    /// Every output of the template.
    pub outputs: BTreeMap<String, String>,
}

/// An officer of the demonstration.
#[derive(Clone, Serialize, Deserialize)]
pub struct Officer {
    /// The username to sign in with.
    pub username: String,
    /// The password to sign in with.
    #[serde(default)]
    pub password: String,
    /// The officer's name, as views show it.
    pub name: String,
    /// The officer's tags, which are groups of the user pool.
    pub tags: Vec<String>,
    /// The unit, for an officer of one.
    pub unit: Option<String>,
    /// The channel, for a clerk of one.
    #[serde(default)]
    pub channel: Option<String>,
}

/// What a channel sends as its bearer token.
#[derive(Clone, Serialize, Deserialize)]
pub struct ChannelKey {
    /// The code of the channel.
    pub code: String,
    /// The key: `tk_<code>_` and random symbols.
    pub key: String,
}

/// A unit and the one above it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Unit {
    /// The code of the unit.
    pub code: String,
    /// The name of the unit.
    pub name: String,
    /// The code of the unit above.
    pub parent: Option<String>,
}

impl Stack {
    /// Reads the file that `up` wrote.
    ///
    /// # Errors
    /// When there is none, or none of this form.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).with_context(|| format!("cannot read {}; is it up?", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not what `up` writes", path.display()))
    }

    /// Writes the file at one stroke, readable by its owner alone.
    ///
    /// # Errors
    /// When it cannot be written; the file that was there stays then.
    pub fn write(&self, path: &Path) -> Result<()> {
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

/// Looks up one output of the template.
///
/// # Errors
/// When the template has no such output.
pub fn output<'a>(outputs: &'a BTreeMap<String, String>, name: &str) -> Result<&'a str> {
    outputs.get(name).map(String::as_str).with_context(|| format!("the stack has no output {name}"))
}
