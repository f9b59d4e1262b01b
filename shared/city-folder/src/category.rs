//! `categories.csv`: what reports are about, how they are released, and how long each step may take.

use crate::{
    Files, Texts,
    csv_file::CsvFile,
    mistake::Mistakes,
    settings::{DAYS_OF_A_STEP, HOURS_OF_A_STEP},
};
use domain::{
    calendar::Counts, deadlines::Deadlines, personal_data::PersonalData, slots::SlotClass, unit::Code,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The file's name.
pub const FILE: &str = "categories.csv";
/// Its columns.
pub(crate) const COLUMNS: &[&str] = &[
    "code",
    "name_id",
    "name_en",
    "group",
    "slots",
    "coordinate_hours",
    "finish_days",
    "validate_days",
    "verify_days",
    "counts",
    "keeps",
];

/// A category of reports.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Category {
    /// Its code.
    pub code: Code,
    /// Its name, as people read it.
    pub names: Texts,
    /// Which group it belongs to, for clients that ask in two steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Code>,
    /// Which slots its releases have.
    pub slots: SlotClass,
    /// How long its steps may take; what a row leaves empty is the city's default.
    #[serde(flatten)]
    pub deadlines: Deadlines,
    /// Which days count.
    pub counts: Counts,
    /// The kinds of personal data that its reports are about, and that units may read in them.
    pub keeps: BTreeSet<PersonalData>,
}

/// Reads the file: its categories, or `None` when it is missing or is no CSV with exactly these columns. Empty cells of deadlines take the city's `defaults`.
pub(crate) fn read(
    files: &Files,
    defaults: Option<&Deadlines>,
    mistakes: &mut Mistakes,
) -> Option<Vec<Category>> {
    let file = CsvFile::read(files, FILE, COLUMNS, mistakes)?;
    let mut categories = BTreeMap::new();
    let mut codes = BTreeSet::new();
    // Without defaults city.toml has a mistake of its own; an empty cell is none then.
    let default = |of: fn(&Deadlines) -> u16| Some(defaults.map_or(1, of));
    for row in file.rows() {
        let names = (row.name("name_id", mistakes), row.name("name_en", mistakes));
        let group = match row.text("group") {
            "" => Some(None),
            _ => row.code("group", mistakes).map(Some),
        };
        let slots = row.one_of("slots", SlotClass::ALL, SlotClass::as_str, mistakes);
        let days = DAYS_OF_A_STEP;
        let coordinate_hours =
            row.number("coordinate_hours", HOURS_OF_A_STEP, default(|all| all.coordinate_hours), mistakes);
        let finish_days = row.number("finish_days", days, default(|all| all.finish_days), mistakes);
        let validate_days = row.number("validate_days", days, default(|all| all.validate_days), mistakes);
        let verify_days = row.number("verify_days", days, default(|all| all.verify_days), mistakes);
        let counts = row.one_of("counts", Counts::ALL, Counts::as_str, mistakes);
        let mut keeps = BTreeSet::new();
        for kind in row.text("keeps").split_whitespace() {
            if let Some(kind) = PersonalData::parse(kind) {
                keeps.insert(kind);
                continue;
            }
            let all: Vec<_> = PersonalData::ALL.iter().map(|kind| kind.as_str()).collect();
            let text = format!("`{kind}` is no kind of personal data: kinds are {}", all.join(", "));
            mistakes.add(row.mistake("keeps", text));
        }
        let Some(code) = row.code("code", mistakes) else { continue };
        if !codes.insert(code.clone()) {
            mistakes.add(row.mistake("code", format!("the category `{code}` a second time")));
        }
        if let ((Some(id), Some(en)), Some(group), Some(slots), Some(counts)) = (names, group, slots, counts)
            && let (Some(coordinate_hours), Some(finish_days), Some(validate_days), Some(verify_days)) =
                (coordinate_hours, finish_days, validate_days, verify_days)
        {
            let deadlines = Deadlines { coordinate_hours, finish_days, validate_days, verify_days };
            let names = Texts { id, en };
            categories.insert(code.clone(), Category { code, names, group, slots, deadlines, counts, keeps });
        }
    }
    Some(categories.into_values().collect())
}
