//! `units.csv`: the agencies of a city, in a tree.

use crate::{Files, csv_file::CsvFile, mistake::Mistakes, tree::circles};
use domain::{contact::mailbox, unit::Code};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The file's name.
pub const FILE: &str = "units.csv";
/// Its columns.
pub(crate) const COLUMNS: &[&str] = &["code", "name", "parent", "email", "state", "mail"];
/// Those that a folder may have without.
const OPTIONAL: &[&str] = &["mail"];

/// What the topic of a unit's slot mail has behind the name of the unit's own.
pub const SLOT_MAIL: &str = "-digest";

/// An OPD, suku dinas, kecamatan or kelurahan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unit {
    /// Its code.
    pub code: Code,
    /// Its name, as people read it.
    pub name: String,
    /// The unit above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Code>,
    /// The address to which SNS sends the unit's mail, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether it takes reports.
    pub state: UnitState,
    /// For what the address gets a mail.
    #[serde(default, skip_serializing_if = "UnitMail::is_each")]
    pub mail: UnitMail,
}

/// For what a unit's address gets a mail.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitMail {
    /// For each change of each report.
    #[default]
    Each,
    /// For each slot at which there is work.
    Slot,
}

impl UnitMail {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Each, Self::Slot];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::Slot => "slot",
        }
    }

    fn is_each(&self) -> bool {
        *self == Self::Each
    }
}

/// Whether a unit takes reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitState {
    /// It does.
    Active,
    /// It took reports once, and history names it.
    Closed,
}

impl UnitState {
    /// Every state.
    pub(crate) const ALL: [Self; 2] = [Self::Active, Self::Closed];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }
}

/// Reads the file: its units, or `None` when it is missing or is no CSV with exactly these columns.
pub(crate) fn read(files: &Files, mistakes: &mut Mistakes, warnings: &mut Mistakes) -> Option<Vec<Unit>> {
    let file = CsvFile::read_with_optional(files, FILE, COLUMNS, OPTIONAL, mistakes)?;
    let mut units = BTreeMap::new();
    let mut rows = BTreeMap::new();
    for row in file.rows() {
        let name = row.name("name", mistakes);
        let state = row.one_of("state", &UnitState::ALL, UnitState::as_str, mistakes);
        let parent = match row.text("parent") {
            "" => Some(None),
            _ => row.code("parent", mistakes).map(Some),
        };
        let email = match row.text("email") {
            "" => {
                if state == Some(UnitState::Active) {
                    let text = "nobody hears by e-mail of what this unit gets".to_owned();
                    warnings.add(row.mistake("email", text));
                }
                Some(None)
            }
            text if mailbox(text).as_deref() == Some(text) => Some(Some(text.to_owned())),
            text => {
                let right = "an address is like opd@contoh.go.id";
                mistakes.add(row.mistake("email", format!("`{text}` is no e-mail address: {right}")));
                None
            }
        };
        let mail = match row.text("mail") {
            "" => Some(UnitMail::Each),
            _ => row.one_of("mail", &UnitMail::ALL, UnitMail::as_str, mistakes),
        };
        let Some(code) = row.code("code", mistakes) else { continue };
        if rows.contains_key(&code) {
            mistakes.add(row.mistake("code", format!("the unit `{code}` a second time")));
            continue;
        }
        rows.insert(code.clone(), row);
        if let (Some(name), Some(parent), Some(email), Some(state), Some(mail)) =
            (name, parent, email, state, mail)
        {
            units.insert(code.clone(), Unit { code, name, parent, email, state, mail });
        }
    }
    let parent = |unit: &Unit| Some((unit.code.clone(), unit.parent.clone()?));
    let parents: BTreeMap<Code, Code> = units.values().filter_map(parent).collect();
    let circles = circles(&parents);
    for (code, row) in &rows {
        if let Some(other) = code.as_str().strip_suffix(SLOT_MAIL)
            && rows.keys().any(|code| code.as_str() == other)
        {
            let text = format!("the topic of `{code}` would be that of the slot mail of `{other}`");
            mistakes.add(row.mistake("code", text));
        }
        let Some(parent) = units.get(code).and_then(|unit| unit.parent.as_ref()) else { continue };
        if !rows.contains_key(parent) {
            mistakes.add(row.mistake("parent", format!("there is no unit `{parent}`")));
            continue;
        }
        if circles.contains(code) {
            mistakes
                .add(row.mistake("parent", format!("`{code}` stands above itself: the tree has a circle")));
            continue;
        }
        let state = |code: &Code| units.get(code).map(|unit| unit.state);
        if state(code) == Some(UnitState::Active) && state(parent) == Some(UnitState::Closed) {
            let text = format!("`{parent}` is closed: close `{code}` too, or give it another parent");
            mistakes.add(row.mistake("parent", text));
        }
    }
    Some(units.into_values().collect())
}

/// The unit's own code, its parent's, and so on up to the root. The city was read without mistakes, so there is no circle.
#[must_use]
pub fn path<'a>(unit: &'a Unit, units: &'a [Unit]) -> Vec<&'a Code> {
    let mut path = vec![&unit.code];
    let mut above = unit.parent.as_ref();
    while let Some(code) = above
        && path.len() <= units.len()
    {
        path.push(code);
        above = units.iter().find(|unit| unit.code == *code).and_then(|unit| unit.parent.as_ref());
    }
    path
}
