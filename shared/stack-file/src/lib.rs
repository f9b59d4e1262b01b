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
    /// The stack's name.
    pub name: String,
    /// Where the HTTP API answers.
    pub api: String,
    /// Its region.
    pub region: String,
    /// Where every AWS service answers.
    pub endpoint: String,
    /// What the engine says.
    pub engine_log: PathBuf,
    /// What the engine keeps; written when it stops.
    pub state: PathBuf,
    /// The officers' user pool.
    pub user_pool: String,
    /// The client that officers sign in with.
    pub officer_client: String,
    /// Who can sign in.
    #[serde(default)]
    pub officers: Vec<Officer>,
    /// The channels' keys.
    #[serde(default)]
    pub channels: Vec<ChannelKey>,
    /// The code of every category.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Every unit.
    #[serde(default)]
    pub units: Vec<Unit>,
    /// Every output of the template.
    pub outputs: BTreeMap<String, String>,
}

/// An officer of the demonstration.
#[derive(Clone, Serialize, Deserialize)]
pub struct Officer {
    /// For signing in.
    pub username: String,
    /// For signing in.
    #[serde(default)]
    pub password: String,
    /// The name that is shown.
    pub name: String,
    /// The groups.
    pub tags: Vec<String>,
    /// The unit, for an officer of one.
    pub unit: Option<String>,
}

/// What a channel sends as its bearer token.
#[derive(Clone, Serialize, Deserialize)]
pub struct ChannelKey {
    /// The channel's code.
    pub code: String,
    /// `tk_<code>_…`
    pub key: String,
}

/// A unit and the one above it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Unit {
    /// The unit's code.
    pub code: String,
    /// The unit's name.
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

/// One output of a template.
///
/// # Errors
/// When the template has no such output.
pub fn output<'a>(outputs: &'a BTreeMap<String, String>, name: &str) -> Result<&'a str> {
    outputs.get(name).map(String::as_str).with_context(|| format!("the stack has no output {name}"))
}
