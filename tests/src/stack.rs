//! The stack under test.

use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::PathBuf, sync::LazyLock};

/// What `stack.json` says.
#[derive(Deserialize)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Where the HTTP API answers.
    pub api: String,
    /// Its region.
    pub region: String,
    /// Where every AWS service answers.
    pub endpoint: String,
    /// What the engine says.
    pub engine_log: PathBuf,
    /// What the engine keeps.
    pub state: PathBuf,
    /// The officers' user pool.
    pub user_pool: String,
    /// The client they sign in with.
    pub officer_client: String,
    /// Who there is.
    pub officers: Vec<Officer>,
    /// The channels' keys.
    pub channels: Vec<Channel>,
    /// Every category.
    pub categories: Vec<String>,
    /// Every unit.
    pub units: Vec<Unit>,
    /// Every output of the stack.
    pub outputs: BTreeMap<String, String>,
}

/// An officer who can sign in.
#[derive(Deserialize)]
pub struct Officer {
    /// For signing in.
    pub username: String,
    /// For signing in.
    pub password: String,
    /// The name that is shown.
    pub name: String,
    /// The groups.
    pub tags: Vec<String>,
    /// The unit, for an officer of one.
    pub unit: Option<String>,
}

/// A channel with its key.
#[derive(Deserialize)]
pub struct Channel {
    /// Its code.
    pub code: String,
    /// `tk_<code>_…`
    pub key: String,
}

/// A unit.
#[derive(Deserialize)]
pub struct Unit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The unit above.
    pub parent: Option<String>,
}

static STACK: LazyLock<Stack> = LazyLock::new(|| {
    let path =
        std::env::var("TUNTAS_STACK").expect("TUNTAS_STACK names the stack.json; run `cargo xtask test`");
    serde_json::from_str(&fs::read_to_string(path).expect("stack.json")).expect("a stack.json")
});

/// The stack that `TUNTAS_STACK` names.
pub fn stack() -> &'static Stack {
    &STACK
}

impl Stack {
    /// One of the stack's outputs.
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("no output {name}"))
    }

    /// The key of a channel.
    pub fn channel_key(&self, code: &str) -> &str {
        let channel = self.channels.iter().find(|channel| channel.code == code);
        &channel.unwrap_or_else(|| panic!("no channel {code}")).key
    }

    /// The functions, such as `post-tl`: each has a role among the outputs, such as `PostTlRoleArn`.
    pub fn functions(&self) -> Vec<String> {
        let roles = self.outputs.keys().filter_map(|name| name.strip_suffix("RoleArn"));
        let dashed = |role: &str| -> String {
            role.char_indices()
                .flat_map(|(at, c)| {
                    let dash = (at > 0 && c.is_ascii_uppercase()).then_some('-');
                    dash.into_iter().chain([c.to_ascii_lowercase()])
                })
                .collect()
        };
        roles.map(dashed).collect()
    }
}
