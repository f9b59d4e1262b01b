//! `holidays.csv`: the days on which the city does not work, besides its free weekdays.

use crate::{Files, csv_file::CsvFile, mistake::Mistakes};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The file's name.
pub const FILE: &str = "holidays.csv";
/// Its columns.
pub(crate) const COLUMNS: &[&str] = &["date", "name"];

/// A day off.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// What it is called.
    pub name: String,
}

/// Reads the file: its days, or `None` when it is missing or is no CSV with exactly these columns.
pub(crate) fn read(files: &Files, mistakes: &mut Mistakes) -> Option<Vec<Holiday>> {
    let file = CsvFile::read(files, FILE, COLUMNS, mistakes)?;
    let mut holidays = BTreeMap::new();
    for row in file.rows() {
        let name = row.name("name", mistakes);
        let text = row.text("date");
        // Exactly this form: others can be read as another day.
        let date = (text.len() == "2026-01-01".len()).then(|| text.parse::<Date>().ok()).flatten();
        let Some(date) = date else {
            mistakes.add(row.mistake("date", format!("`{text}` is no date: write 2026-08-17")));
            continue;
        };
        let name = name.unwrap_or_default();
        if holidays.insert(date, Holiday { date, name }).is_some() {
            mistakes.add(row.mistake("date", format!("the day {date} a second time")));
        }
    }
    Some(holidays.into_values().collect())
}
