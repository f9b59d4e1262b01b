//! The street that an address names, and the word by which it is looked up.

use super::{
    tokens::{Token, tokens},
    vocabulary::{self, Meaning},
};

/// The street of an address; of one without a street, whatever it names first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Street {
    /// Its name, without what many streets are called.
    pub(super) name: Vec<String>,
    /// What tells streets of one name apart: `timur`, `dalam`.
    pub(super) part: Vec<String>,
    /// The number in its name: 4 of `Gang IV`.
    pub(super) number: Option<String>,
}

/// How the streets of two addresses compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Streets {
    /// One has none, or only parts of their names are the same.
    Unknown,
    Same,
    /// One of them says more of its name: a number or a part.
    Nearly,
    Different,
}

impl Street {
    pub(super) fn of(address: &str) -> Self {
        let tokens = expanded(tokens(address));
        let segments = tokens.split(|token| *token == Token::Break);
        let with = |marker| {
            tokens.split(|token| *token == Token::Break).find_map(|segment| {
                let at = segment.iter().position(|token| is(token, marker))?;
                let street = Self::named(segment.get(at + 1..)?);
                (!street.is_empty()).then_some(street)
            })
        };
        with("jalan")
            .or_else(|| with("gang"))
            .or_else(|| segments.map(Self::named).find(|street| !street.is_empty()))
            .unwrap_or_default()
    }

    /// The name that the tokens begin with, up to what stands behind a name.
    fn named(tokens: &[Token]) -> Self {
        let mut street = Self::default();
        let mut tokens = tokens.iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                Token::Break => break,
                Token::Number(number) if !street.is_empty() => {
                    street.number = Some(number.clone());
                    break;
                }
                Token::Number(_) => {}
                Token::Word(word) if ends_name(word) => {
                    if !street.is_kind_alone() {
                        break;
                    }
                    while tokens.next_if(|next| matches!(next, Token::Number(_))).is_some() {}
                }
                Token::Word(word) if vocabulary::no_name(word).is_some() => {}
                Token::Word(word) if !street.is_empty() && roman(word).is_some() => {
                    street.number = roman(word).map(str::to_owned);
                    break;
                }
                Token::Word(word) if is_part(word) && !street.is_empty() => street.part.push(part(word)),
                Token::Word(word) => street.name.push(name(word)),
            }
        }
        street
    }

    /// Whether nothing but a kind of building has been named, such as `kantor` of `Kantor Kelurahan Sunter`.
    fn is_kind_alone(&self) -> bool {
        let is_kind = |word: &String| matches!(vocabulary::meaning_as_written(word), Some(Meaning::Place(_)));
        self.name.iter().all(is_kind)
    }

    fn is_empty(&self) -> bool {
        self.name.is_empty()
    }

    /// The words that both have.
    pub(super) fn shared<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a String> {
        let theirs =
            |word: &&String| other.name.iter().chain(&other.part).any(|it| is_spelled_alike(word, it));
        self.name.iter().chain(&self.part).filter(theirs)
    }

    /// How two streets compare.
    pub(super) fn compared(&self, other: &Self) -> Streets {
        if self.is_empty() || other.is_empty() {
            return Streets::Unknown;
        }
        let shared = self.name.iter().filter(|word| other.name.iter().any(|it| is_spelled_alike(word, it)));
        let shared = shared.count();
        let fewer = self.name.len().min(other.name.len());
        if shared == 0 && self.name.concat() != other.name.concat() {
            return Streets::Different;
        }
        let differ = |one: &[String], other: &[String]| one.iter().all(|word| !other.contains(word));
        let both_have_parts = !self.part.is_empty() && !other.part.is_empty();
        if both_have_parts && differ(&self.part, &other.part) {
            return Streets::Different;
        }
        match (&self.number, &other.number) {
            (Some(one), Some(other)) if one != other => Streets::Different,
            _ if shared < fewer => Streets::Unknown,
            _ if self.part == other.part => Streets::Same,
            _ => Streets::Nearly,
        }
    }
}

/// The word by which reports without a position are found by their address: the last of its street's name, so that `Jl. Raya Bogor
/// No 12` and `jalan raya bogor km 23` are both found by `bogor`. `None` where the address names nothing.
#[must_use]
pub fn address_word(address: &str) -> Option<String> {
    Street::of(address).name.pop()
}

/// The name without the spellings of the time before 1972 and others that sound the same.
pub(super) fn name(word: &str) -> String {
    let word = match vocabulary::meaning_as_written(word) {
        Some(Meaning::Plain(plain) | Meaning::Place(plain)) => plain,
        _ => word,
    };
    let mut folded = String::with_capacity(word.len());
    for symbol in word.chars() {
        match (folded.chars().last(), symbol) {
            (Some('o'), 'e') | (Some('u'), 'u') => {
                folded.pop();
                folded.push('u');
            }
            (Some('d'), 'j') => {
                folded.pop();
                folded.push('j');
            }
            (Some('t'), 'j') => {
                folded.pop();
                folded.push('c');
            }
            (Some('t' | 'd' | 'k'), 'h') => {}
            (Some(last), _) if last == symbol => {}
            _ => folded.push(symbol),
        }
    }
    folded
}

/// Whether two names differ by a slip: one letter in five, two in eight, and not the first.
pub(super) fn is_spelled_alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let shorter = one.len().min(other.len());
    let slips = match shorter {
        0..5 => return false,
        5..8 => 1,
        _ => 2,
    };
    shorter.abs_diff(one.len().max(other.len())) <= slips
        && one.chars().next() == other.chars().next()
        && strsim::osa_distance(one, other) <= slips
}

fn expanded(tokens: Vec<Token>) -> Vec<Token> {
    let mut whole = Vec::with_capacity(tokens.len());
    for token in tokens {
        match &token {
            Token::Word(word) => match vocabulary::long(word) {
                Some(words) => whole.extend(words.iter().map(|word| Token::Word((*word).to_owned()))),
                None => whole.push(token),
            },
            Token::Number(_) | Token::Break => whole.push(token),
        }
    }
    whole
}

fn is(token: &Token, marker: &str) -> bool {
    matches!(token, Token::Word(word) if vocabulary::no_name(word) == Some(marker))
}

/// Whether the name of a street ends before the word.
fn ends_name(word: &str) -> bool {
    matches!(word, "rt" | "rw" | "km" | "blok" | "arah" | "di" | "pas")
        || matches!(
            vocabulary::no_name(word),
            Some("nomor" | "kavling" | "kelurahan" | "kecamatan" | "jalan" | "gang")
        )
        || vocabulary::meaning_as_written(word) == Some(Meaning::Beside)
}

fn part(word: &str) -> String {
    match vocabulary::meaning_as_written(word) {
        Some(Meaning::Side(side)) => side.to_owned(),
        Some(Meaning::Topic(topic) | Meaning::Subject(topic)) => topic.to_owned(),
        _ => word.to_owned(),
    }
}

/// Whether the word tells streets of one name apart.
fn is_part(word: &str) -> bool {
    matches!(
        part(word).as_str(),
        "utara"
            | "selatan"
            | "timur"
            | "barat"
            | "tengah"
            | "dalam"
            | "atas"
            | "bawah"
            | "kecil"
            | "besar"
            | "baru"
            | "lama"
            | "ilir"
            | "udik"
            | "luar"
    )
}

/// The number that a word is in Roman digits. Single letters other than those of small numbers are none.
pub(super) fn roman(word: &str) -> Option<&'static str> {
    const NUMBERS: [(&str, &str); 20] = [
        ("i", "1"),
        ("ii", "2"),
        ("iii", "3"),
        ("iv", "4"),
        ("v", "5"),
        ("vi", "6"),
        ("vii", "7"),
        ("viii", "8"),
        ("ix", "9"),
        ("x", "10"),
        ("xi", "11"),
        ("xii", "12"),
        ("xiii", "13"),
        ("xiv", "14"),
        ("xv", "15"),
        ("xvi", "16"),
        ("xvii", "17"),
        ("xviii", "18"),
        ("xix", "19"),
        ("xx", "20"),
    ];
    NUMBERS.iter().find(|(roman, _)| *roman == word).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Jl. Raya Bogor No 12", "bogor")]
    #[case("jalan raya bogor km 23", "bogor")]
    #[case("JL.RAYA BOGOR KM23 dkt pasar", "bogor")]
    #[case("Jl. Jend. Soedirman Kav. 52", "sudirman")]
    #[case("sudirman depan ratu plaza", "sudirman")]
    #[case("Kel. Duri Kepa, Jl. Mangga Besar IV/12", "manga")]
    #[case("RT 05 RW 03 Kelurahan Penjaringan", "penjaringan")]
    #[case("Gang Haji Naim 2", "naim")]
    #[case("benhil", "hilir")]
    #[case("Kantor Kelurahan Sunter Agung", "agung")]
    #[case("Jl. Bendungan Hilir Gg. 4", "hilir")]
    fn a_report_is_found_by_the_last_word_of_its_streets_name(#[case] address: &str, #[case] word: &str) {
        assert_eq!(address_word(address).as_deref(), Some(word));
    }

    #[rstest]
    #[case("")]
    #[case("no. 12")]
    #[case("Jalan Raya")]
    #[case("RT 05/03, depan")]
    #[case("!!!")]
    fn an_address_that_names_nothing_has_no_word(#[case] address: &str) {
        assert_eq!(address_word(address), None);
    }

    #[rstest]
    #[case("Jl. Kemang Raya No. 4", "kemang raya dpn apotek", Streets::Same)]
    #[case("Jl. Thamrin", "tamrin", Streets::Same)]
    #[case("Jl. Wolter Monginsidi", "wolter mongonsidi", Streets::Same)]
    #[case("Srengseng Sawah", "jl srengsengsawah", Streets::Unknown)]
    #[case("Jl. Setiabudi Tengah", "Jl. Setiabudi Barat", Streets::Different)]
    #[case("Jl. Setiabudi Tengah", "setiabudi", Streets::Nearly)]
    #[case("Kebon Kacang IX", "jln kb kacang 9", Streets::Same)]
    #[case("Kebon Kacang 9", "Kebon Kacang 30", Streets::Different)]
    #[case("Jl. Mawar", "Jl. Melati", Streets::Different)]
    #[case("Jl. Otista", "Jl. Otto Iskandardinata Raya", Streets::Same)]
    #[case("", "Jl. Melati", Streets::Unknown)]
    fn streets_are_the_same_however_they_are_spelled(
        #[case] one: &str,
        #[case] other: &str,
        #[case] how: Streets,
    ) {
        assert_eq!(Street::of(one).compared(&Street::of(other)), how);
        assert_eq!(Street::of(other).compared(&Street::of(one)), how);
    }

    #[test]
    fn a_slip_is_forgiven_in_words_that_are_long_enough() {
        assert!(is_spelled_alike("angrek", "angerk") && is_spelled_alike("pangeran", "pengeran"));
        assert!(!is_spelled_alike("duri", "dari") && !is_spelled_alike("mawar", "kawar"));
    }
}
