//! RT with or without RW: a few dozen homes.
//!
//! An RW alone is a thousand homes and more, and stays.

use super::pattern::{Pattern, SEPARATOR, char_after, char_before, digit, is};
use std::{ops::Range, sync::LazyLock};

static PATTERN: LazyLock<Pattern> = LazyLock::new(|| {
    // Said one by one, noughts stand apart.
    let number = r"(?:(?:0\s?){0,2}\d{1,3}|\b(?-i:[IVX]){1,4}\b)";
    let lead = r##"[\s.:=#~_*(\[/|\-]{0,6}(?:(?:no|nomor|nomer|ke|nmr)\b[\s.:]{0,3})?"##;
    let between = format!(r"{SEPARATOR}{{0,6}}(?:(?:dan|di|sama|per|garing|garis miring|slash)\s+)?");
    let rt = r"(?:r[\s.]{0,2}t|rukun\s+tetangga|er[\s.-]?te)";
    let rw = r"(?:r[\s.]{0,2}w|rukun\s+warga|er[\s.-]?we)";
    Pattern::new(&format!(
        r"(?i){rt}{lead}{number}(?:[\s,&]{{1,3}}(?:dan\s+)?{number}){{1,4}}{between}{rw}{lead}{number}|\b\d{{1,3}}\s?/\s?\d{{1,3}}\s{{0,2}}{rt}\s?/?\s?{rw}\b|{rt}{between}{rw}{lead}{number}(?:{between}{number})?|{rw}{lead}{number}{between}{rt}{lead}{number}|{rt}{lead}{number}(?:{between}{rw}{lead}{number}|\s*/\s*{number})?"
    ))
});

/// What is counted and no number of a neighbourhood: `lapor RT 3 kali`.
static COUNTED: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?i)^\s?(?:kali|x|orang|org|hari|minggu|bulan|bln|tahun|thn|jam|menit|periode|lampu|rumah|meter|kk|unit|buah|titik|juta|ribu|rb|jt|%)\b",
    )
});

pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    PATTERN.find(text, |range| {
        let joined = is(char_before(text, range.start), char::is_alphabetic);
        let cut = is(char_after(text, range.end), digit);
        // With an RW it is a place whatever follows.
        let one_number =
            text[range.clone()].split(|c| !digit(c)).filter(|digits| !digits.is_empty()).count() == 1;
        let counted = one_number && COUNTED.matches(&text[range.end..]);
        (!joined && !cut && !counted).then_some(range)
    })
}

#[cfg(test)]
#[test]
fn the_patterns_compile() {
    assert!(PATTERN.compiles() && COUNTED.compiles());
}
