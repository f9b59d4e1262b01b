//! A pattern that is compiled once, and what is asked of the text around a match.

use regex::{Captures, Regex};
use std::ops::Range;

/// What people put between the symbols of one number: blanks, dots, hyphens, and characters that nobody sees.
pub(super) const GAP: &str =
    r"[\s.\-\u{ad}\u{b7}\u{200b}-\u{200d}\u{2010}-\u{2015}\u{2060}\u{2212}\u{feff}_]";

/// How many characters before a candidate are looked at for a word that says what it is.
const BEFORE: usize = 32;

/// A compiled pattern; a pattern that does not compile matches everything, so that nothing is shown by mistake.
pub(super) struct Pattern(Option<Regex>);

impl Pattern {
    /// `\b`, `\d` and `\w` mean ASCII here, `\w` with the accented letters of Latin: over all of Unicode the automata would be
    /// many times as large and slow, for letters and digits that are in no number, plate or handle.
    pub(super) fn new(source: &str) -> Self {
        let source = source
            .replace(r"\b", r"(?-u:\b)")
            .replace(r"\d", "[0-9]")
            .replace(r"\w", r"[0-9A-Za-z_\u{c0}-\u{24f}]");
        Self(Regex::new(&source).ok())
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

    /// Whether it matches; one that does not compile does.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.as_ref().is_none_or(|regex| regex.is_match(text))
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
