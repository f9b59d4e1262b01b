//! What versions of this program have stored, kept as files, so that the code of today is seen to read it.
//!
//! Each directory beside `src` is a number and has a file for each kind of item, object, message and secret: a list of all its forms, one a
//! line, items as DynamoDB writes them in JSON. The crate that stores a kind makes its forms and compares them with the newest directory
//! ([`assert_kept`]); the crate that reads it reads those of every directory and loses nothing of them ([`assert_read`]).
//!
//! `WRITE_STORED_FORMS=<number> cargo test --workspace --exclude tests stored_forms` writes a new directory. What is there is never written over, and stays.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod dynamodb_json;
mod paths;

pub use dynamodb_json::{Item, item_of, json_of};
pub use paths::kind_of;

use paths::{general, leaves, nodes};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

/// What is kept, by table or by what it is.
const KINDS: &[&str] = &[
    "accesses/look",
    "city/city",
    "import/record",
    "map/below",
    "map/cell",
    "map/current",
    "map/file",
    "map/route",
    "messages/retry",
    "messages/update",
    "pages/cursor",
    "quotas/count",
    "registry/category",
    "registry/channel",
    "registry/holidays",
    "registry/reasons",
    "registry/settings",
    "registry/unit",
    "reports/announcement",
    "reports/camera",
    "reports/event",
    "reports/fan_out",
    "reports/follower",
    "reports/evidence",
    "reports/photo",
    "reports/question",
    "reports/report",
    "reports/slot_mail",
    "seals/hour",
    "secrets/evidence-key",
    "secrets/intake-key",
    "vault/row",
];

/// Attributes that are read and written no more, each with its kind, its path, and why nobody misses it.
const RETIRED: &[(&str, &str, &str)] =
    &[("reports/report", "work.M.due_before_plan.S", "each step has a deadline of its own")];

/// Attributes that are drawn anew each time that a form is made.
const RANDOM: &[&str] = &["wrapped_key.B"];

/// The directory that is to be written.
fn to_write() -> Option<u32> {
    let number = env::var("WRITE_STORED_FORMS").ok()?;
    Some(number.parse().expect("WRITE_STORED_FORMS is the number of a new directory"))
}

fn directories() -> BTreeSet<u32> {
    let all = fs::read_dir(env!("CARGO_MANIFEST_DIR")).expect("the directory of stored forms").flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn file(directory: u32, kind: &str) -> PathBuf {
    assert!(KINDS.contains(&kind), "{kind} is not in the list of kinds");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{directory}/{kind}.json"))
}

fn read(directory: u32, kind: &str) -> Vec<Value> {
    let text = fs::read_to_string(file(directory, kind)).unwrap_or_else(|_| "[]".to_owned());
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{directory}/{kind} is no list in JSON"))
}

/// What the newest directory has of a kind.
fn newest(kind: &str) -> Vec<Value> {
    directories().last().map(|newest| read(*newest, kind)).unwrap_or_default()
}

/// What every version has stored of a kind.
#[must_use]
pub fn of_all_versions(kind: &str) -> Vec<Value> {
    directories().into_iter().flat_map(|directory| read(directory, kind)).collect()
}

/// The leaves of a form that another has not, or not with the same value.
fn lost(form: &Value, other: &Value) -> Vec<String> {
    let other = leaves(other);
    let lost = leaves(form).into_iter().filter(|(path, value)| other.get(path) != Some(value));
    lost.map(|(path, _)| path).collect()
}

/// The private half of the key that identities in `vault/row` are encrypted under (PKCS 8, base64). A key of tests alone.
pub const VAULT_TEST_KEY: &str = include_str!("../vault-test-key.txt");

/// The folder of the small city whose forms are kept.
#[must_use]
pub fn city() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("city")
}

/// Fails unless the newest directory has exactly these forms of a kind: all that today's code can store.
#[track_caller]
pub fn assert_kept(kind: &str, today: &[Value]) {
    if let Some(directory) = to_write() {
        let file = file(directory, kind);
        assert!(!file.exists(), "{} is there already: take the next number", file.display());
        fs::create_dir_all(file.parent().expect("a parent")).expect("a directory");
        let lines: Vec<String> = today.iter().map(ToString::to_string).collect();
        return fs::write(file, format!("[\n{}\n]\n", lines.join(",\n"))).expect("a file");
    }
    let kept = newest(kind);
    let differs = |(one, other): (&Value, &Value)| [lost(one, other), lost(other, one)].concat();
    let mut different: BTreeSet<String> = kept.iter().zip(today).flat_map(differs).collect();
    different.retain(|path| !RANDOM.contains(&path.as_str()));
    assert!(
        different.is_empty() && kept.len() == today.len(),
        "{kind}: {} forms are kept of {}, and these differ: {different:#?}\n{NEW_DIRECTORY}",
        kept.len(),
        today.len()
    );
}

/// Reads each form of a kind that any version stored by `again`, which writes what it read; fails where something of it was lost.
#[track_caller]
pub fn assert_read(kind: &str, again: impl Fn(&Value) -> Value) {
    if to_write().is_some() {
        return;
    }
    let is_missed =
        |path: &str| !RETIRED.iter().any(|(of, retired, _)| *of == kind && *retired == general(path));
    for directory in directories() {
        for (place, form) in read(directory, kind).iter().enumerate() {
            let mut lost = lost(form, &again(form));
            lost.retain(|path| is_missed(path));
            assert!(lost.is_empty(), "of {directory}/{kind}, line {}, these are lost: {lost:#?}", place + 2);
        }
    }
}

/// Reads each form of a kind that any version stored by `part`, which writes the part of it that one function needs; fails where that says
/// more than the form, as it does where a name or a default is another.
#[track_caller]
pub fn assert_read_in_part(kind: &str, part: impl Fn(&Value) -> Value) {
    for form in of_all_versions(kind) {
        let more = lost(&part(&form), &form);
        assert!(more.is_empty(), "a form of {kind} has no such {more:?}");
    }
}

/// The parts of items of a kind that no form in the newest directory has, by their general paths.
#[must_use]
pub fn not_kept(kind: &str, items: &[Value]) -> BTreeSet<String> {
    let kept: BTreeSet<String> = newest(kind).iter().flat_map(nodes).collect();
    items.iter().flat_map(nodes).filter(|path| !kept.contains(path)).collect()
}

/// What to do where something is stored in a form that is not kept.
pub const NEW_DIRECTORY: &str =
    "What is stored has a new form: see `To change a stored form` in the check lists of docs/ARCHITECTURE.md";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn files(below: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(below).unwrap().flatten().map(|entry| entry.path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn every_stored_form_is_of_a_known_kind_and_the_newest_directory_has_all_kinds() {
        if to_write().is_some() {
            return;
        }
        for directory in directories() {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory.to_string());
            for file in files(&root) {
                let kind = file.strip_prefix(&root).unwrap().with_extension("");
                assert!(KINDS.contains(&kind.to_str().unwrap()), "nothing reads {}", file.display());
            }
        }
        let missing: Vec<_> = KINDS.iter().filter(|kind| newest(kind).is_empty()).collect();
        assert!(missing.is_empty(), "{missing:?}\n{NEW_DIRECTORY}");
    }

    #[test]
    fn what_is_gone_or_has_another_value_is_lost_and_what_is_new_is_not() {
        let form = json!({"a": {"S": "1"}, "b": {"M": {"c": {"L": []}, "d": {"N": "2"}}}});
        assert_eq!(lost(&form, &form), [""; 0]);
        let other = json!({"a": {"S": "2"}, "b": {"M": {"d": {"N": "2"}}}, "e": {"S": "new"}});
        assert_eq!(lost(&form, &other), ["a.S", "b.M.c.L"]);
    }

    #[test]
    fn ids_and_places_in_a_list_are_one_path() {
        let item =
            json!({"at_hand": {"M": {"BFQAYGKYW2ZWT6KV": {"L": [{"S": "x"}, {"S": "y"}]}}}, "no": {"L": []}});
        let paths: Vec<String> = nodes(&item).into_iter().collect();
        let at_hand = [
            "at_hand",
            "at_hand.M",
            "at_hand.M.*",
            "at_hand.M.*.L",
            "at_hand.M.*.L.[]",
            "at_hand.M.*.L.[].S",
        ];
        assert_eq!(paths, [&at_hand[..], &["no", "no.L"]].concat());
    }
}
