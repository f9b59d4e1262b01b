//! E-mail addresses, also written so that no machine should see them.

use super::{pattern::Pattern, public};
use std::{ops::Range, sync::LazyLock};

static PATTERN: LazyLock<Pattern> = LazyLock::new(|| {
    let provider = "(?:g-?mail|yahoo|ymail|rocketmail|hotmail|outlook|icloud|proton(?:mail)?)";
    let end = "(?:com|net|org|id|co|go|ac|sch|web|my|or|biz|info|io|me|xyz|sg|uk|au)";
    let word = r"(?:at|et|a[\s-]?keong|keong|at[\s-]?sign|a\s(?:bulat|melingkar))";
    let open = r#"[\[({<|/*"'_~-]"#;
    let close = r#"[\])}>|/*"'_~-]"#;
    let dot = format!(
        r"(?:\s{{0,3}}\.{{1,2}}\s{{0,3}}|,|\s{{0,2}}{open}\s?(?:dot|titik|ttk|\.)\s?{close}\s{{0,2}}|\s{{1,3}}(?:dot|titik|ttk)\s{{1,3}})"
    );
    let said_dot = format!(
        r"(?:\.|\s{{0,2}}{open}\s?(?:dot|titik|ttk|\.)\s?{close}\s{{0,2}}|\s{{1,3}}(?:dot|titik|ttk)\s{{1,3}})"
    );
    let bracketed = format!(r"\s{{0,3}}{open}\s?(?:{word}|a|@)\s?{close}\s{{0,3}}");
    let sign = r"\s{0,4}@{1,2}\s{0,4}";
    let said = format!(r"\s{{1,3}}{word}\s{{1,3}}");
    let host = format!(r"[\w-]+(?:{dot}[\w-]+){{0,2}}?{dot}{end}(?:{dot}(?:id|com|uk|au|my|sg))?\b");
    // `budi . s`, `budi titik s`
    let local =
        r"(?:[\w+-]+(?:\s\.\s?|\s(?:titik|dot|underscore|garis\s?bawah|strip)\s)){0,2}[\w.+%'-]*[\w+-]";
    Pattern::new(&format!(
        r"(?i){local}(?:(?:{sign}|{bracketed}|{said}){host}|(?:{sign}|{bracketed}|{said}){provider}(?:[.,\s]{{1,2}}com?(?:[.,\s]{{1,2}}id)?\b)?|@[\w-]*[a-z][\w-]*(?:[.,][\w-]+)*|(?:{bracketed}|{said})[\w-]+(?:{said_dot}[\w-]+)+)|\b\w+[._\d][\w.]*\s{{1,3}}{provider}[.,\s]co(?:m|[.,\s]id)\b|\b[\w.]+[_-]at[_-]\w+?[_-]dot[_-]{end}(?:[_-]dot[_-]id)?\b"
    ))
});

pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    // Refused as a whole: what is left of a public mailbox without its first letter is none.
    let mut ranges = PATTERN.find(text, Some);
    ranges.retain(|range| !public::is_mailbox(text, range));
    ranges
}

#[cfg(test)]
#[test]
fn the_pattern_compiles() {
    assert!(PATTERN.compiles());
}
