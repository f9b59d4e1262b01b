//! What a text says of the exact place: numbers of houses, lamp posts and kilometres, sides and directions.

use super::{
    address::{name, roman},
    tokens::Token,
    vocabulary::{self, Meaning},
};
use std::collections::BTreeSet;

/// A word or number of the exact place: reports that have other locators of one kind are likely about two places.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Locator {
    House(String),
    Pole(String),
    Kilometre(String),
    /// Of a neighbourhood (RT).
    Neighbourhood(String),
    /// Of a group of neighbourhoods (RW).
    Hamlet(String),
    /// A block or a tower.
    Block(String),
    Side(String),
    /// Where the traffic goes.
    Towards(String),
}

/// How the locators of one kind compare.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Agreement {
    Differ,
    /// Houses that may be neighbours, places on one kilometre.
    Near,
    Same,
}

/// The locators of a text.
pub(super) fn locators(tokens: &[Token]) -> BTreeSet<Locator> {
    let mut locators = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let after = tokens.get(at + 1..).unwrap_or_default();
        let number = match after.first() {
            Some(Token::Number(number)) => Some(number.clone()),
            Some(Token::Word(word)) => roman(word).map(str::to_owned),
            Some(Token::Break) | None => None,
        };
        match word.as_str() {
            "no" | "nomor" | "nomer" => {
                let before = tokens.get(at.saturating_sub(2)..at).unwrap_or_default();
                let is = |of: fn(&str) -> bool| {
                    before.iter().any(|token| matches!(token, Token::Word(word) if of(word)))
                };
                // `PJU depan no 5` is a lamp at a house.
                let of_pole = is(is_pole) && !is(is_beside);
                locators.extend(number.map(if of_pole { Locator::Pole } else { Locator::House }));
            }
            _ if is_pole(word) => locators.extend(pole(after).map(Locator::Pole)),
            "km" => locators.extend(number.map(Locator::Kilometre)),
            "rt" => {
                if let (Some(_), Some(Token::Number(group))) = (&number, after.get(1)) {
                    locators.insert(Locator::Hamlet(group.clone()));
                }
                locators.extend(number.map(Locator::Neighbourhood));
            }
            "rw" => locators.extend(number.map(Locator::Hamlet)),
            "blok" | "tower" => locators.extend(block(after).map(Locator::Block)),
            "arah" | "menuju" | "towards" => locators.extend(destination(after).map(Locator::Towards)),
            "sisi" | "sebelah" | "jalur" | "bagian" | "lajur" | "pintu" | "side" | "lane" => {
                if let Some(Token::Word(word)) = after.first()
                    && let Some(Meaning::Side(side)) = vocabulary::meaning_as_written(word)
                {
                    locators.insert(Locator::Side(side.to_owned()));
                }
            }
            _ => {}
        }
    }
    locators
}

/// How two sets of locators compare: each kind that both have, once.
pub(super) fn compared(one: &BTreeSet<Locator>, other: &BTreeSet<Locator>) -> Vec<(Locator, Agreement)> {
    let mut kinds: Vec<(Locator, Agreement)> = Vec::new();
    for locator in one {
        let alike = other
            .iter()
            .filter_map(|it| Some((locator.clone(), locator.compared(it)?)))
            .max_by_key(|(_, how)| *how);
        let Some((locator, how)) = alike else { continue };
        match kinds.iter_mut().find(|(it, _)| std::mem::discriminant(it) == std::mem::discriminant(&locator))
        {
            Some(kind) if kind.1 < how => *kind = (locator, how),
            Some(_) => {}
            None => kinds.push((locator, how)),
        }
    }
    kinds
}

impl Locator {
    /// `None` for locators of two kinds.
    fn compared(&self, other: &Self) -> Option<Agreement> {
        if self == other {
            return Some(Agreement::Same);
        }
        if std::mem::discriminant(self) != std::mem::discriminant(other) {
            return None;
        }
        let are_neighbours = match (self, other) {
            (Self::House(one), Self::House(other)) => match (one.parse::<u32>(), other.parse::<u32>()) {
                (Ok(one), Ok(other)) => one.abs_diff(other) <= 4,
                _ => false,
            },
            (Self::Kilometre(one), Self::Kilometre(other)) => {
                match (one.parse::<f64>(), other.parse::<f64>()) {
                    (Ok(one), Ok(other)) => (one - other).abs() < 1.0,
                    _ => false,
                }
            }
            _ => false,
        };
        Some(if are_neighbours { Agreement::Near } else { Agreement::Differ })
    }
}

fn is_pole(word: &str) -> bool {
    matches!(word, "tiang" | "pju" | "pole")
}

fn is_beside(word: &str) -> bool {
    vocabulary::meaning_as_written(word) == Some(Meaning::Beside)
}

/// The number of a lamp post: words such as `lampu`, `kode` and a code of letters may come before it.
fn pole(after: &[Token]) -> Option<String> {
    let mut after = after.iter().take(4);
    loop {
        match after.next()? {
            Token::Number(number) => return Some(number.clone()),
            Token::Word(word)
                if matches!(word.as_str(), "no" | "nomor" | "nomer" | "kode" | "pju" | "lampu") => {}
            Token::Word(word) if word.len() <= 4 && vocabulary::meaning(word).is_none() => {}
            Token::Word(_) | Token::Break => return None,
        }
    }
}

fn block(after: &[Token]) -> Option<String> {
    match (after.first()?, after.get(1)) {
        (Token::Word(letter), Some(Token::Number(number))) if letter.len() <= 2 => {
            Some(format!("{letter}{number}"))
        }
        (Token::Word(word) | Token::Number(word), _) => Some(word.clone()),
        (Token::Break, _) => None,
    }
}

/// Where the traffic goes: the last word of a name of two.
fn destination(after: &[Token]) -> Option<String> {
    let word = |at: usize| match after.get(at) {
        Some(Token::Word(word)) => Some(word.as_str()),
        Some(Token::Number(_) | Token::Break) | None => None,
    };
    let first = word(0)?;
    let second = word(1).filter(|_| {
        matches!(vocabulary::meaning_as_written(first), Some(Meaning::Place(_) | Meaning::Plain(_)))
    });
    Some(name(second.unwrap_or(first)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similar::tokens::tokens;
    use rstest::rstest;

    fn owned(text: &str) -> String {
        text.to_owned()
    }

    #[rstest]
    #[case("depan no. 12", &[Locator::House(owned("12"))])]
    #[case("lampu tiang nomor 017 padam", &[Locator::Pole(owned("17"))])]
    #[case("pju kode PLB0212", &[Locator::Pole(owned("212"))])]
    #[case("PJU no 5", &[Locator::Pole(owned("5"))])]
    #[case("PJU dpn no 5", &[Locator::House(owned("5"))])]
    #[case("jalur lambat km27", &[Locator::Kilometre(owned("27")), Locator::Side(owned("lambat"))])]
    #[case("rt 03/rw 08", &[Locator::Neighbourhood(owned("3")), Locator::Hamlet(owned("8"))])]
    #[case("RT.12/04", &[Locator::Neighbourhood(owned("12")), Locator::Hamlet(owned("4"))])]
    #[case("Rusun Blok A 3", &[Locator::Block(owned("a3"))])]
    #[case("tower Jasmine", &[Locator::Block(owned("jasmine"))])]
    #[case("arah Pasar Rebo", &[Locator::Towards(owned("rebo"))])]
    #[case("arah Kuningan mati", &[Locator::Towards(owned("kuningan"))])]
    #[case("Tebet Timur, sudah 2 hari, no!", &[])]
    fn a_text_says_the_exact_place(#[case] text: &str, #[case] expected: &[Locator]) {
        assert_eq!(locators(&tokens(text)), expected.iter().cloned().collect());
    }

    #[rstest]
    #[case("no 8", "no 10", Some(Agreement::Near))]
    #[case("no 8", "no 80", Some(Agreement::Differ))]
    #[case("km 23", "km 23,2", Some(Agreement::Near))]
    #[case("km 23", "km 27", Some(Agreement::Differ))]
    #[case("tiang 17", "tiang 19", Some(Agreement::Differ))]
    #[case("tiang 17", "PJU no. 17", Some(Agreement::Same))]
    #[case("no 3, no 9", "no 30, no 9", Some(Agreement::Same))]
    #[case("no 3", "km 3", None)]
    fn marks_of_one_kind_are_compared_by_those_that_are_most_alike(
        #[case] one: &str,
        #[case] other: &str,
        #[case] expected: Option<Agreement>,
    ) {
        let (one, other) = (locators(&tokens(one)), locators(&tokens(other)));
        for (one, other) in [(&one, &other), (&other, &one)] {
            assert_eq!(compared(one, other).into_iter().map(|(_, how)| how).next(), expected);
        }
    }
}
