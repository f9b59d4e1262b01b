//! What a description names: what is wrong, landmarks, and words that only its writer chose.

use super::{
    address::{is_spelled_alike, name},
    tokens::Token,
    vocabulary::{self, Meaning},
};
use std::collections::{BTreeMap, BTreeSet};

/// The words of a report that tell something.
#[derive(Clone, Default, Debug)]
pub(super) struct Words {
    /// What is wrong, as most reports of a category say it.
    pub(super) subjects: BTreeSet<&'static str>,
    /// What is wrong, more exactly.
    pub(super) topics: BTreeSet<&'static str>,
    /// Kinds of landmarks, with the names that follow them.
    pub(super) landmarks: BTreeMap<&'static str, BTreeSet<String>>,
    /// Names behind a word such as `depan`.
    pub(super) named: BTreeSet<String>,
    /// The rest.
    pub(super) details: BTreeSet<String>,
}

/// What the words of two reports share.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Shared {
    pub(super) subjects: usize,
    /// The fewer subjects of the two.
    pub(super) fewer_subjects: usize,
    pub(super) topics: usize,
    /// Kinds of landmarks that both name and that have no two names.
    pub(super) landmarks: usize,
    /// Names of landmarks that both have, or that one has and the other has as another word.
    pub(super) names: usize,
    /// Other words.
    pub(super) details: usize,
    /// Whether both name a landmark.
    pub(super) both_have_landmarks: bool,
}

/// Names are at most this long.
const NAME: usize = 2;

impl Words {
    /// Reads further tokens of the report; `ignored` are the words of the street, which its neighbours share.
    pub(super) fn read(&mut self, tokens: &[Token], ignored: &BTreeSet<String>) {
        // The kind of landmark that a name may come behind, `None` behind a word such as `depan`; and how many words of the name may follow.
        let mut open: (Option<&'static str>, usize) = (None, 0);
        for token in tokens {
            let word = match token {
                Token::Word(word) => word,
                Token::Number(number) => {
                    if let (Some(kind), NAME) = open {
                        self.landmarks.entry(kind).or_default().insert(number.clone());
                    }
                    open = (None, 0);
                    continue;
                }
                Token::Break => {
                    open = (None, 0);
                    continue;
                }
            };
            if vocabulary::no_name(word).is_some() {
                continue;
            }
            match vocabulary::meaning(word) {
                Some(Meaning::Stop | Meaning::Side(_)) => open = (None, 0),
                Some(meaning @ (Meaning::Subject(topic) | Meaning::Topic(topic))) => {
                    let is_subject = matches!(meaning, Meaning::Subject(_));
                    if is_subject { &mut self.subjects } else { &mut self.topics }.insert(topic);
                    open = (None, 0);
                }
                Some(Meaning::Place(kind)) => {
                    if !ignored.contains(kind) {
                        self.landmarks.entry(kind).or_default();
                    }
                    open = (Some(kind), NAME);
                }
                Some(Meaning::Beside) => {
                    open = (None, NAME);
                }
                Some(Meaning::Plain(_)) | None => {
                    let named = name(word);
                    if word.len() < 2 || ignored.contains(&named) {
                        continue;
                    }
                    match open {
                        (Some(kind), left) if left > 0 => {
                            self.landmarks.entry(kind).or_default().insert(named);
                            open = (Some(kind), left - 1);
                        }
                        (None, left) if left > 0 => {
                            self.named.insert(named);
                            open = (None, left - 1);
                        }
                        _ => {
                            self.details.insert(name(vocabulary::without_its(word)));
                        }
                    }
                }
            }
        }
    }

    /// What two reports share.
    pub(super) fn shared(&self, other: &Self) -> Shared {
        let both =
            self.landmarks.iter().filter_map(|(kind, names)| Some((names, other.landmarks.get(kind)?)));
        let have_one_name = |(names, others): &(&BTreeSet<String>, &BTreeSet<String>)| {
            let [names, others]: [BTreeSet<&str>; 2] =
                [*names, *others].map(|names| names.iter().map(String::as_str).collect());
            names.is_empty() || others.is_empty() || !common(&names, &others).is_empty()
        };
        let landmarks = both.filter(have_one_name).count();
        let common = common(&self.all(), &other.all());
        let (details, names): (Vec<&str>, Vec<&str>) =
            common.into_iter().partition(|word| !self.is_name(word) && !other.is_name(word));
        Shared {
            subjects: self.subjects.intersection(&other.subjects).count(),
            fewer_subjects: self.subjects.len().min(other.subjects.len()),
            topics: self.topics.intersection(&other.topics).count(),
            landmarks,
            names: names.len(),
            details: details.len(),
            both_have_landmarks: self.has_landmarks() && other.has_landmarks(),
        }
    }

    fn has_landmarks(&self) -> bool {
        !self.landmarks.is_empty() || !self.named.is_empty()
    }

    fn is_name(&self, word: &str) -> bool {
        self.named.contains(word) || self.landmarks.values().any(|names| names.contains(word))
    }

    /// All names and details.
    fn all(&self) -> BTreeSet<&str> {
        let of_landmarks = self.landmarks.values().flatten();
        of_landmarks.chain(&self.named).chain(&self.details).map(String::as_str).collect()
    }
}

/// Of words that only one text has, so many are compared for slips.
const MISSPELLED: usize = 24;

/// The words that both have, and those of the first that the second misspells.
fn common<'a>(one: &BTreeSet<&'a str>, other: &BTreeSet<&'a str>) -> Vec<&'a str> {
    let mut common: Vec<&str> = one.intersection(other).copied().collect();
    let alone: Vec<&str> = other.difference(one).take(MISSPELLED).copied().collect();
    let misspelled = one.difference(other).take(MISSPELLED);
    common.extend(misspelled.filter(|word| alone.iter().any(|it| is_spelled_alike(word, it))));
    common
}
