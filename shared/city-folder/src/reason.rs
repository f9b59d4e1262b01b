//! `reasons.csv`: sentences that officers choose from when a command takes a text.

use crate::{Files, Texts, csv_file::CsvFile, mistake::Mistakes};
use domain::{act::Act, unit::Code};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The file's name.
pub const FILE: &str = "reasons.csv";
/// Its columns.
pub(crate) const COLUMNS: &[&str] = &["command", "code", "text_id", "text_en"];
/// The commands whose text is read as the reason for a decision (docs/API.md): each has at least one to choose.
pub const WITH_REASON: [Act; 4] = [Act::Reject, Act::Forward, Act::Return, Act::Validate];
/// The commands that a sentence may be of: all that take a text.
pub const COMMANDS: [Act; 11] = [
    Act::Assign,
    Act::Reject,
    Act::Forward,
    Act::Return,
    Act::Validate,
    Act::Correct,
    Act::Plan,
    Act::PostTl,
    Act::Verify,
    Act::CouldNotLook,
    Act::Note,
];

/// A sentence to choose. What stands in square brackets is a blank, which the officer fills.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// Of which command; one of [`COMMANDS`].
    pub command: Act,
    /// Its code, one of its own within the command.
    pub code: Code,
    /// What becomes the command's text, or part of it.
    pub texts: Texts,
}

/// Reads the file: its reasons, or `None` when it is missing or is no CSV with exactly these columns.
pub(crate) fn read(files: &Files, mistakes: &mut Mistakes) -> Option<Vec<Reason>> {
    let file = CsvFile::read(files, FILE, COLUMNS, mistakes)?;
    let mut reasons: Vec<Reason> = Vec::new();
    let mut known = BTreeSet::new();
    let mut commands = BTreeSet::new();
    for row in file.rows() {
        let command = row.one_of("command", &COMMANDS, Act::as_str, mistakes);
        let texts = (row.name("text_id", mistakes), row.name("text_en", mistakes));
        let code = row.code("code", mistakes);
        let (Some(command), Some(code)) = (command, code) else { continue };
        commands.insert(command);
        if !known.insert((command, code.clone())) {
            let text = format!("the reason `{code}` of {} a second time", command.as_str());
            mistakes.add(row.mistake("code", text));
        }
        if let (Some(id), Some(en)) = texts {
            reasons.push(Reason { command, code, texts: Texts { id, en } });
        }
    }
    for command in WITH_REASON.iter().filter(|command| !commands.contains(*command)) {
        let text = format!("no reason of {}: officers need one to choose", command.as_str());
        mistakes.add(file.mistake(text));
    }
    // Stable: within a command the file's order stays.
    reasons.sort_by_key(|reason| reason.command);
    Some(reasons)
}
