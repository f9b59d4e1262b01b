//! What single words tell: the table of `vocabulary.txt`, and words that are formed of those in it.

use std::{collections::HashMap, sync::LazyLock};

/// What a word of a description tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// Nothing.
    Stop,
    /// What is wrong, as most reports of a category say it.
    Subject(&'static str),
    /// What is wrong, more exactly.
    Topic(&'static str),
    /// A kind of landmark, or its usual name.
    Place(&'static str),
    /// A landmark comes next.
    Beside,
    /// One side of a street or a building.
    Side(&'static str),
    /// Nothing of its own; it stands for a word that is spelled in several ways.
    Plain(&'static str),
}

const TABLE: &str = include_str!("vocabulary.txt");

static MEANINGS: LazyLock<HashMap<&'static str, Meaning>> = LazyLock::new(|| {
    let words = lines().filter_map(|(kind, word, spellings)| {
        let meaning = match kind {
            "stop" => Meaning::Stop,
            "subject" => Meaning::Subject(word),
            "topic" => Meaning::Topic(word),
            "place" => Meaning::Place(word),
            "beside" => Meaning::Beside,
            "side" => Meaning::Side(word),
            "plain" => Meaning::Plain(word),
            _ => return None,
        };
        Some(spellings.map(move |spelling| (spelling, meaning)))
    });
    words.flatten().collect()
});

static NO_NAMES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let words = lines().filter(|(kind, ..)| *kind == "street");
    words.flat_map(|(_, word, spellings)| spellings.map(move |spelling| (spelling, word))).collect()
});

static LONG: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let words = lines().filter(|(kind, ..)| *kind == "short");
    words.map(|(_, word, long)| (word, long.skip(1).collect())).collect()
});

/// Kind, the word that stands for all, and each way to write it.
fn lines() -> impl Iterator<Item = (&'static str, &'static str, impl Iterator<Item = &'static str>)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split(' ').filter(|word| *word != "=");
        let (kind, word) = (words.next()?, words.next()?);
        Some((kind, word, std::iter::once(word).chain(words)))
    })
}

/// What a word, or the word that it is formed of, tells; `None` for a word of which only its writer knows what it tells, such as a name.
pub(super) fn meaning(word: &str) -> Option<Meaning> {
    let known = |word: &str| MEANINGS.get(word).copied();
    known(word).or_else(|| known(without_its(word))).or_else(|| stems(word).find_map(known))
}

/// What a word itself tells: names look as if they were formed of other words.
pub(super) fn meaning_as_written(word: &str) -> Option<Meaning> {
    MEANINGS.get(word).copied()
}

/// The words that one short for all of them stands for.
pub(super) fn long(word: &str) -> Option<&'static [&'static str]> {
    LONG.get(word).map(Vec::as_slice)
}

/// The word that stands for a part of an address that is no name, such as `jalan` for `jl`.
pub(super) fn no_name(word: &str) -> Option<&'static str> {
    NO_NAMES.get(word).copied()
}

/// The word without `-nya`: `its`, or `the`.
pub(super) fn without_its(word: &str) -> &str {
    word.strip_suffix("nya").filter(|rest| rest.len() > 1).unwrap_or(word)
}

/// What the word may be formed of. Only words of the table are found by it, so it may guess.
fn stems(word: &str) -> impl Iterator<Item = &str> {
    let rests = ["di", "ter", "ber", "me", "nge"].iter().filter_map(|prefix| word.strip_prefix(prefix));
    rests
        .flat_map(|rest| {
            let ends = ["nya", "kan", "an", "i"].iter().filter_map(|suffix| rest.strip_suffix(suffix));
            std::iter::once(rest).chain(ends)
        })
        .filter(|stem| stem.len() > 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_word_has_one_meaning_in_descriptions_and_one_in_addresses() {
        let mut seen = BTreeMap::new();
        for (kind, word, spellings) in lines() {
            for spelling in spellings.take(if kind == "short" { 1 } else { usize::MAX }) {
                let scope = if matches!(kind, "street" | "short") { kind } else { "description" };
                assert_eq!(seen.insert((scope, spelling), word), None, "{spelling}");
                assert!(
                    spelling.bytes().all(|byte| byte.is_ascii_lowercase()),
                    "{spelling} is no word as it is read"
                );
            }
        }
        let kinds = ["stop", "subject", "topic", "place", "beside", "side", "plain", "street", "short"];
        assert!(lines().all(|(kind, ..)| kinds.contains(&kind)));
    }

    #[test]
    fn formed_words_mean_what_they_are_formed_of_but_names_stay_names() {
        assert_eq!(meaning("lubangnya"), Some(Meaning::Subject("lubang")));
        assert_eq!(meaning("ditumpuk"), Some(Meaning::Subject("tumpuk")));
        assert_eq!(meaning("kuningan"), None);
        assert_eq!(meaning("padam"), meaning("mati"));
        assert_eq!(meaning("gg"), None);
    }
}
