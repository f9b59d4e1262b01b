//! Patterns that are compiled once, and helpers that look at the text around a match.

use regex::{Captures, Regex};
use std::ops::Range;

/// What people put between the symbols of one number without thinking. Patterns see folded text: dashes are hyphens here, and
/// blanks of all kinds are blanks.
pub(super) const GAP: &str = r"[\s.\-_]";

/// Whatever may stand between groups of a number; emoji and bullets are folded to `|`.
pub(super) const SEPARATOR: &str = r##"[\s.,;:~|*_'"`+=()\[\]{}<>/\\#^!?\-]"##;

/// How many characters before a candidate are looked at for a word that says what it is.
const BEFORE: usize = 32;

/// A compiled pattern; a pattern that does not compile matches everything, so that nothing is shown by mistake.
pub(super) struct Pattern(Option<Regex>);

impl Pattern {
    /// Classes and cases mean ASCII here: folded text has hardly anything else in a number, plate or handle, and over all of
    /// Unicode the automata would be many times as large and slow. What a pattern passes over may be of any script, and is said to have
    /// no case, `(?u-i:[^•])`: the functions are built without Unicode's tables of cases.
    pub(super) fn new(source: &str) -> Self {
        Self(Regex::new(&format!("(?-u){source}")).ok())
    }

    /// The matches that `accept` makes a piece of; after one that it refuses the search goes on at the next character.
    pub(super) fn find(
        &self,
        text: &str,
        accept: impl Fn(Range<usize>) -> Option<Range<usize>>,
    ) -> Vec<Range<usize>> {
        let Some(regex) = &self.0 else { return std::iter::once(0..text.len()).collect() };
        let mut ranges = Vec::new();
        let mut at = 0;
        while let Some(found) = regex.find_at(text, at) {
            let range = accept(found.range());
            at = range.as_ref().map_or(0, |range| range.end).max(found.start() + 1);
            while !text.is_char_boundary(at) {
                at += 1;
            }
            ranges.extend(range);
            if at > text.len() {
                break;
            }
        }
        ranges
    }

    /// As [`Pattern::find`], with the groups of each match.
    pub(super) fn find_groups<'t>(
        &self,
        text: &'t str,
        accept: impl Fn(&Captures<'t>) -> Option<Range<usize>>,
    ) -> Vec<Range<usize>> {
        let captures = |found: Range<usize>| accept(&self.0.as_ref()?.captures_at(text, found.start)?);
        self.find(text, captures)
    }

    /// Whether the pattern matches; one that does not compile always does.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.as_ref().is_none_or(|regex| regex.is_match(text))
    }

    /// Where the first match begins.
    pub(super) fn start(&self, text: &str) -> Option<usize> {
        self.0.as_ref().map_or(Some(0), |regex| regex.find(text).map(|found| found.start()))
    }

    #[cfg(test)]
    pub(super) fn compiles(&self) -> bool {
        self.0.is_some()
    }
}

/// A few words before `place`, on the same line.
pub(super) fn before(text: &str, place: usize) -> &str {
    let head = &text[..place];
    let start = head.char_indices().rev().take(BEFORE).last().map_or(place, |(start, _)| start);
    let near = &head[start..];
    near.rsplit('\n').next().unwrap_or(near)
}

/// The rest of the sentence before `place`, at most 96 bytes of it; a mask ends it.
pub(super) fn sentence_before(text: &str, place: usize) -> &str {
    let head = text.get(text.floor_char_boundary(place.saturating_sub(96))..place).unwrap_or_default();
    let ends = head.char_indices().rev().find(|(at, c)| match c {
        '\n' | '•' => true,
        '.' | '!' | '?' | ';' => head[at + 1..].starts_with(char::is_whitespace) && head[at + 1..].len() > 1,
        _ => false,
    });
    ends.map_or(head, |(at, c)| &head[at + c.len_utf8()..])
}

/// A number with what opens it, and with what closes that.
pub(super) fn with_brackets(text: &str, number: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = number;
    while is(char_before(text, start), |c| "+([{<".contains(c)) {
        start -= 1;
    }
    for (open, close) in [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')] {
        if text[start..end].matches(open).count() > text[start..end].matches(close).count() {
            if text[end..].starts_with(close) {
                end += 1;
            } else if text[start..].starts_with(open) {
                // It opens what ends later than the number.
                start += 1;
            }
        }
    }
    start..end
}

pub(super) fn char_before(text: &str, place: usize) -> Option<char> {
    text[..place].chars().next_back()
}

pub(super) fn char_after(text: &str, place: usize) -> Option<char> {
    text[place..].chars().next()
}

/// Whether the character is of the kind.
pub(super) fn is(character: Option<char>, kind: impl Fn(char) -> bool) -> bool {
    character.is_some_and(kind)
}

pub(super) fn digit(character: char) -> bool {
    character.is_ascii_digit()
}
