//! What the tests leave for those after a restart: reports as they stood, and words that no log may show.
//!
//! In the directory `notes` beside `stack.json`, which goes when the stack is wiped.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::Write,
    path::PathBuf,
};

/// A report as it stood before the restart.
#[derive(Debug, Serialize, Deserialize)]
pub struct Left {
    /// The report's ticket.
    pub ticket: String,
    /// The secret of its reporter.
    pub secret: String,
    /// The key that it was sent with.
    pub key: String,
    /// The body that it was sent with.
    pub body: Value,
    /// The view of its reporter.
    pub tracked: Value,
    /// What officers saw; `None` for those to whom it did not exist.
    pub seen: BTreeMap<String, Option<Value>>,
    /// SHA-256 of what is kept of it, by place.
    pub kept: BTreeMap<String, String>,
    /// The looks in the access log.
    pub looks: Vec<Value>,
}

fn file(name: &str) -> PathBuf {
    let stack_file = PathBuf::from(env::var_os("TUNTAS_STACK").expect("TUNTAS_STACK"));
    let directory = stack_file.with_file_name("notes");
    fs::create_dir_all(&directory).expect("a directory for notes");
    directory.join(name)
}

/// Writes reports down for the tests after the restart.
pub fn leave(reports: &[Left]) {
    fs::write(file("reports.json"), serde_json::to_vec(reports).expect("JSON")).expect("notes");
}

/// The reports that were left.
pub fn left() -> Vec<Left> {
    let notes = fs::read(file("reports.json")).expect("notes of the tests before the restart");
    serde_json::from_slice(&notes).expect("notes")
}

/// Notes a word that no log may show: a secret, the signature of a URL or of a token.
pub fn unspeakable(word: &str) {
    append("unspeakable", word);
}

/// Notes a ticket: functions' logs show none.
pub fn ticket(ticket: &str) {
    append("tickets", ticket);
}

/// Notes the signature of a presigned URL, where it has one.
pub fn url(url: &str) {
    if let Some(signature) = url.split("X-Amz-Signature=").nth(1) {
        unspeakable(signature.split('&').next().unwrap_or_default());
    }
}

fn append(name: &str, word: &str) {
    let notes = fs::OpenOptions::new().create(true).append(true).open(file(name));
    // One write of one line: lines of several threads do not mix.
    notes.expect("notes").write_all(format!("{word}\n").as_bytes()).expect("a note");
}

/// Every word of [`unspeakable`].
pub fn unspeakables() -> BTreeSet<String> {
    lines("unspeakable")
}

/// Every ticket of [`ticket`].
pub fn tickets() -> BTreeSet<String> {
    lines("tickets")
}

fn lines(name: &str) -> BTreeSet<String> {
    let notes = fs::read_to_string(file(name)).expect("notes of the tests before the restart");
    notes.lines().map(ToOwned::to_owned).collect()
}
