//! NIK and family card numbers: six digits of a region, a date, four digits.

use super::{
    pattern::{Pattern, SEPARATOR, before, char_after, char_before, digit, is, with_brackets},
    phone::is_of_a_thing,
};
use std::{ops::Range, sync::LazyLock};

/// Digits that stand close to each other, enough of them.
static BARE: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(&format!(r"\d(?:{SEPARATOR}{{0,6}}\d){{15,}}")));

/// Where the text says what the number is, a digit too few or too many does not matter.
static NAMED: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r"(?i)\b(?:nik|e?-?ktp(?:-?el)?|no\.?\s?kk|nomor kk|kartu keluarga|induk kependudukan)(?:nya|ku)?\b(?u-i:[^0-9\n•]){{0,32}}(?P<number>\d(?:{SEPARATOR}{{0,6}}\d){{13,17}})"
    ))
});

/// Codes of provinces, by Permendagri 72/2019 with the four of 2022.
const PROVINCES: &[u32] = &[
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 31, 32, 33, 34, 35, 36, 51, 52, 53, 61, 62, 63, 64, 65, 71, 72,
    73, 74, 75, 76, 81, 82, 91, 92, 93, 94, 95, 96, 97,
];

pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut ranges = NAMED.find_groups(text, |found| {
        let range = found.name("number")?.range();
        ends_clear(text, &range).then(|| with_brackets(text, range))
    });
    let bare = BARE.find(text, Some).into_iter().flat_map(|run| within(text, run));
    let apart = |range: &Range<usize>| {
        ranges.iter().all(|named| named.end <= range.start || range.end <= named.start)
    };
    let bare: Vec<_> = bare.filter(apart).collect();
    ranges.extend(bare);
    ranges
}

/// The numbers within a run of digits, from the left.
fn within(text: &str, run: Range<usize>) -> Vec<Range<usize>> {
    let digits = text[run.clone()].char_indices().filter(|(_, c)| digit(*c)).map(|(at, _)| run.start + at);
    let digits: Vec<usize> = digits.collect();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for sixteen in digits.windows(16) {
        let [start, .., last] = sixteen else { continue };
        let range = *start..last + 1;
        let free = ranges.last().is_none_or(|one_before| one_before.end <= range.start);
        let clear = free && ends_clear(text, &range) && !is_the_rest(text, &range);
        if clear
            && !is_of_a_thing(before(text, range.start))
            && plausible(&text[range.clone()])
            && !DECIMALS.matches(&text[range.clone()])
        {
            ranges.push(with_brackets(text, range));
        }
    }
    ranges
}

/// Two numbers with many decimals, as coordinates are written.
static DECIMALS: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(r"^\d{1,3}\.\d{3,}(?u-i:[^0-9])+\d{1,3}\.\d{3,}$"));

fn ends_clear(text: &str, range: &Range<usize>) -> bool {
    !is(char_before(text, range.start), digit) && !is(char_after(text, range.end), digit)
}

/// Whether it is grouped and its first group is joined to one before it: then it is part of a longer number.
fn is_the_rest(text: &str, range: &Range<usize>) -> bool {
    let mut head = text[..range.start].chars().rev();
    let joined = is(head.next(), |c| matches!(c, '.' | '-')) && is(head.next(), digit);
    joined && !text[range.clone()].chars().all(digit)
}

/// Region and date could be true; 40 is added to the day of a woman's birth.
fn plausible(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    let two = |at: usize| Some(digits.get(at)? * 10 + digits.get(at + 1)?);
    let (Some(province), Some(day), Some(month)) = (two(0), two(6), two(8)) else { return false };
    PROVINCES.contains(&province) && matches!(day, 1..=31 | 41..=71) && matches!(month, 1..=12)
}

#[cfg(test)]
#[test]
fn the_patterns_compile() {
    assert!(BARE.compiles() && NAMED.compiles() && DECIMALS.compiles());
}
