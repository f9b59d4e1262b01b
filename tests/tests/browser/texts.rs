//! The words of the portal's pages, by name: tests look for what an officer reads, and do not have to change with each word.

use std::{collections::HashMap, fs, path::PathBuf, sync::LazyLock};

static TEXTS: LazyLock<HashMap<&'static str, toml::Table>> =
    LazyLock::new(|| ["id", "en"].into_iter().map(|language| (language, read(language))).collect());

fn read(language: &str) -> toml::Table {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../functions/web/locales");
    let text = fs::read_to_string(folder.join(format!("{language}.toml"))).expect("texts");
    text.parse().expect("texts")
}

/// What `[part] name = "…"` says, named as `part.name`.
#[track_caller]
pub(crate) fn text(language: &str, name: &str) -> &'static str {
    let (part, name) = name.split_once('.').expect("a name in two parts");
    let found = TEXTS[language].get(part).and_then(|part| part.get(name)).and_then(toml::Value::as_str);
    found.unwrap_or_else(|| panic!("no text {part}.{name}"))
}
