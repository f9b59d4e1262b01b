//! RT with or without RW: a few dozen homes.
//!
//! An RW alone is a thousand homes and more, and stays.

use super::pattern::{Pattern, char_after, char_before, digit, is};
use std::{ops::Range, sync::LazyLock};

static PATTERN: LazyLock<Pattern> = LazyLock::new(|| {
    let number = r"(?:\d{1,3}|\b(?:satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas)(?:\s+belas)?\b|(?-i:\b[IVX]{1,4})\b)";
    let lead = r"[\s.:\-]{0,3}(?:(?:no|nomor|nomer|ke)\b[\s.:\-]{0,2})?";
    let between = r"[\s,/.\-–|&]{0,4}(?:dan\s+)?";
    let rt = r"(?:r\.?\s?t|rukun\s+tetangga|erte)";
    let rw = r"(?:r\.?\s?w|rukun\s+warga|erwe)";
    Pattern::new(&format!(
        r"(?i){rt}{between}{rw}{lead}{number}(?:{between}{number})?|{rw}{lead}{number}{between}{rt}{lead}{number}|{rt}{lead}{number}(?:{between}{rw}{lead}{number}|\s*/\s*{number})?"
    ))
});

pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    PATTERN.find(text, |range| {
        let joined = is(char_before(text, range.start), char::is_alphabetic);
        let cut = is(char_after(text, range.end), digit);
        (!joined && !cut).then_some(range)
    })
}

#[cfg(test)]
#[test]
fn the_pattern_compiles() {
    assert!(PATTERN.compiles());
}
