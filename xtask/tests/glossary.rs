//! Words that the glossary retires are used nowhere.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Where the glossary lists them.
const RETIRED: &str = "## Retired words";

/// What is not read: the list itself, what was true once, and what is made or kept beside the sources.
const NOT_READ: &[&str] =
    &["GLOSSARY.md", "CHANGELOG.md", "target", ".git", ".local", "corpus", "artifacts", "node_modules"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The words in backticks of the first column.
fn retired(glossary: &str) -> BTreeSet<&str> {
    let section = glossary.split_once(RETIRED).unwrap().1;
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" |"));
    cells.flat_map(|(cell, _)| cell.split('`').step_by(2)).collect()
}

/// The retired words in a text, each as a word of its own.
fn found_in<'a>(text: &str, retired: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    retired.iter().copied().filter(|word| words.contains(word)).collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        if NOT_READ.iter().any(|skipped| name == *skipped) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            files(&path, found);
        } else if path
            .extension()
            .is_some_and(|kind| ["rs", "md", "toml", "yaml", "py", "json"].iter().any(|read| kind == *read))
        {
            found.push(path);
        }
    }
}

#[test]
fn no_word_that_the_glossary_retires_is_used() {
    let glossary = fs::read_to_string(root().join("docs/GLOSSARY.md")).unwrap();
    let retired = retired(&glossary);
    assert!(retired.len() > 10 && retired.contains("as_wanted"), "{retired:?}");
    assert_eq!(found_in("a Wish, not wishful", &retired), BTreeSet::from(["Wish"]));
    let mut paths = Vec::new();
    files(&root(), &mut paths);
    assert!(paths.len() > 300);
    let this = Path::new(file!()).file_name();
    let used: Vec<String> = paths
        .iter()
        .filter(|path| path.file_name() != this)
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            found_in(&text, &retired)
                .into_iter()
                .map(|word| format!("{}: {word}", path.display()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(used, Vec::<String>::new());
}
