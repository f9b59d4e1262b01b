//! `channels.csv`: the paths by which reports come in.

use crate::{Files, Texts, csv_file::CsvFile, mistake::Mistakes};
use domain::unit::Code;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The file's name.
pub const FILE: &str = "channels.csv";
/// Its columns.
pub(crate) const COLUMNS: &[&str] = &["code", "name_id", "name_en", "kind", "quota_per_hour", "state"];
/// The least and the most that a channel may send in an hour.
const QUOTA: (u32, u32) = (1, 1_000_000);

/// A channel. Its keys are not in the folder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Channel {
    /// Its code.
    pub code: Code,
    /// Its name, as people read it.
    pub names: Texts,
    /// What it is.
    pub kind: Kind,
    /// How many reports it may send in an hour.
    pub quota_per_hour: u32,
    /// Whether it may send.
    pub state: ChannelState,
}

/// What a channel is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An app of the city's.
    App,
    /// A social network.
    Social,
    /// A mailbox.
    Mail,
    /// A messenger.
    Chat,
    /// An office where somebody writes down what people say.
    Counter,
    /// A page.
    Web,
    /// Another organisation's system.
    Partner,
}

impl Kind {
    const ALL: [Self; 7] =
        [Self::App, Self::Social, Self::Mail, Self::Chat, Self::Counter, Self::Web, Self::Partner];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Social => "social",
            Self::Mail => "mail",
            Self::Chat => "chat",
            Self::Counter => "counter",
            Self::Web => "web",
            Self::Partner => "partner",
        }
    }
}

/// Whether a channel may send.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    /// It may.
    Active,
    /// It may not, for now.
    Suspended,
    /// It may, and what it sends reaches no desk and is gone after a day.
    Test,
}

impl ChannelState {
    const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Test];

    /// Reads what [`ChannelState::as_str`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Test => "test",
        }
    }
}

/// Reads the file: its channels, or `None` when it is missing or is no CSV with exactly these columns.
pub(crate) fn read(files: &Files, mistakes: &mut Mistakes) -> Option<Vec<Channel>> {
    let file = CsvFile::read(files, FILE, COLUMNS, mistakes)?;
    let mut channels = BTreeMap::new();
    let mut codes = BTreeSet::new();
    for row in file.rows() {
        let names = (row.name("name_id", mistakes), row.name("name_en", mistakes));
        let kind = row.one_of("kind", &Kind::ALL, Kind::as_str, mistakes);
        let quota = row.number("quota_per_hour", QUOTA, None, mistakes);
        let state = row.one_of("state", &ChannelState::ALL, ChannelState::as_str, mistakes);
        let Some(code) = row.code("code", mistakes) else { continue };
        if !codes.insert(code.clone()) {
            mistakes.add(row.mistake("code", format!("the channel `{code}` a second time")));
        }
        if let ((Some(id), Some(en)), Some(kind), Some(quota_per_hour), Some(state)) =
            (names, kind, quota, state)
        {
            let names = Texts { id, en };
            channels.insert(code.clone(), Channel { code, names, kind, quota_per_hour, state });
        }
    }
    Some(channels.into_values().collect())
}
