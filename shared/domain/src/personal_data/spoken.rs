//! Numbers as they are said: words that stand for digits, and letters that stand for digits within a number.
//!
//! `nol delapan dua belas` becomes `0 8 12`, `dobel lima` becomes `55`, `O8l2` becomes `0812`. A word that is read as a digit and
//! belongs to no number does no harm: one digit is nobody's personal data.

use super::fold::Folded;

/// The text as finders look at it: folded, with its numbers in digits.
pub(super) fn as_read(text: &str) -> Folded {
    numbers(&Folded::new(text))
}

/// What a word means within a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Digit(u32),
    /// The words for ten to nineteen.
    Teen(u32),
    /// `seratus`, one hundred.
    Hundred,
    /// `seribu`, one thousand.
    Thousand,
    /// `belas`, `puluh`, `ratus`, `ribu` behind a digit.
    Belas,
    Puluh,
    Ratus,
    Ribu,
    /// `dobel`, `triple`: the digit behind it so many times.
    Times(usize),
}

/// Indonesian, Betawi, Javanese, Sundanese and English words, as they are written in full and in chats; in order.
const WORDS: &[(u64, Word)] = &[
    (packed("ampat"), Word::Digit(4)),
    (packed("anam"), Word::Digit(6)),
    (packed("atu"), Word::Digit(1)),
    (packed("belas"), Word::Belas),
    (packed("blas"), Word::Belas),
    (packed("bls"), Word::Belas),
    (packed("dalapan"), Word::Digit(8)),
    (packed("dbl"), Word::Times(2)),
    (packed("delapan"), Word::Digit(8)),
    (packed("delapn"), Word::Digit(8)),
    (packed("delp"), Word::Digit(8)),
    (packed("delpan"), Word::Digit(8)),
    (packed("dlapan"), Word::Digit(8)),
    (packed("dlapn"), Word::Digit(8)),
    (packed("dlp"), Word::Digit(8)),
    (packed("dlpan"), Word::Digit(8)),
    (packed("dlpn"), Word::Digit(8)),
    (packed("dobel"), Word::Times(2)),
    (packed("doble"), Word::Times(2)),
    (packed("double"), Word::Times(2)),
    (packed("dua"), Word::Digit(2)),
    (packed("dubel"), Word::Times(2)),
    (packed("due"), Word::Digit(2)),
    (packed("duwa"), Word::Digit(2)),
    (packed("dwa"), Word::Digit(2)),
    (packed("eight"), Word::Digit(8)),
    (packed("eleven"), Word::Teen(11)),
    (packed("emp"), Word::Digit(4)),
    (packed("empat"), Word::Digit(4)),
    (packed("empt"), Word::Digit(4)),
    (packed("enam"), Word::Digit(6)),
    (packed("enem"), Word::Digit(6)),
    (packed("enm"), Word::Digit(6)),
    (packed("enol"), Word::Digit(0)),
    (packed("five"), Word::Digit(5)),
    (packed("four"), Word::Digit(4)),
    (packed("genep"), Word::Digit(6)),
    (packed("hiji"), Word::Digit(1)),
    (packed("kembar"), Word::Times(2)),
    (packed("kosg"), Word::Digit(0)),
    (packed("kosng"), Word::Digit(0)),
    (packed("kosong"), Word::Digit(0)),
    (packed("ksg"), Word::Digit(0)),
    (packed("ksng"), Word::Digit(0)),
    (packed("ksong"), Word::Digit(0)),
    (packed("lapan"), Word::Digit(8)),
    (packed("lima"), Word::Digit(5)),
    (packed("lime"), Word::Digit(5)),
    (packed("limo"), Word::Digit(5)),
    (packed("lm"), Word::Digit(5)),
    (packed("lma"), Word::Digit(5)),
    (packed("loro"), Word::Digit(2)),
    (packed("lpn"), Word::Digit(8)),
    (packed("mpat"), Word::Digit(4)),
    (packed("mpt"), Word::Digit(4)),
    (packed("nam"), Word::Digit(6)),
    (packed("nem"), Word::Digit(6)),
    (packed("nine"), Word::Digit(9)),
    (packed("nl"), Word::Digit(0)),
    (packed("nol"), Word::Digit(0)),
    (packed("nool"), Word::Digit(0)),
    (packed("nul"), Word::Digit(0)),
    (packed("one"), Word::Digit(1)),
    (packed("opat"), Word::Digit(4)),
    (packed("papat"), Word::Digit(4)),
    (packed("pitu"), Word::Digit(7)),
    (packed("plh"), Word::Puluh),
    (packed("pulh"), Word::Puluh),
    (packed("pulu"), Word::Puluh),
    (packed("puluh"), Word::Puluh),
    (packed("ratus"), Word::Ratus),
    (packed("ribu"), Word::Ribu),
    (packed("rts"), Word::Ratus),
    (packed("salapan"), Word::Digit(9)),
    (packed("sambilan"), Word::Digit(9)),
    (packed("sanga"), Word::Digit(9)),
    (packed("sat"), Word::Digit(1)),
    (packed("satu"), Word::Digit(1)),
    (packed("sblan"), Word::Digit(9)),
    (packed("sblas"), Word::Teen(11)),
    (packed("sebelas"), Word::Teen(11)),
    (packed("seblas"), Word::Teen(11)),
    (packed("sebls"), Word::Teen(11)),
    (packed("sembilan"), Word::Digit(9)),
    (packed("sembiln"), Word::Digit(9)),
    (packed("semblan"), Word::Digit(9)),
    (packed("sembln"), Word::Digit(9)),
    (packed("sepulu"), Word::Teen(10)),
    (packed("sepuluh"), Word::Teen(10)),
    (packed("seratus"), Word::Hundred),
    (packed("seribu"), Word::Thousand),
    (packed("seven"), Word::Digit(7)),
    (packed("siji"), Word::Digit(1)),
    (packed("six"), Word::Digit(6)),
    (packed("smbilan"), Word::Digit(9)),
    (packed("smbl"), Word::Digit(9)),
    (packed("smblan"), Word::Digit(9)),
    (packed("smbln"), Word::Digit(9)),
    (packed("songo"), Word::Digit(9)),
    (packed("splh"), Word::Teen(10)),
    (packed("spuluh"), Word::Teen(10)),
    (packed("st"), Word::Digit(1)),
    (packed("stu"), Word::Digit(1)),
    (packed("telu"), Word::Digit(3)),
    (packed("ten"), Word::Teen(10)),
    (packed("tg"), Word::Digit(3)),
    (packed("tga"), Word::Digit(3)),
    (packed("three"), Word::Digit(3)),
    (packed("tiga"), Word::Digit(3)),
    (packed("tige"), Word::Digit(3)),
    (packed("tilu"), Word::Digit(3)),
    (packed("tjh"), Word::Digit(7)),
    (packed("tju"), Word::Digit(7)),
    (packed("tjuh"), Word::Digit(7)),
    (packed("tripal"), Word::Times(3)),
    (packed("tripel"), Word::Times(3)),
    (packed("triple"), Word::Times(3)),
    (packed("tripple"), Word::Times(3)),
    (packed("tuj"), Word::Digit(7)),
    (packed("tujh"), Word::Digit(7)),
    (packed("tuju"), Word::Digit(7)),
    (packed("tujuh"), Word::Digit(7)),
    (packed("tujuhh"), Word::Digit(7)),
    (packed("twelve"), Word::Teen(12)),
    (packed("two"), Word::Digit(2)),
    (packed("wolu"), Word::Digit(8)),
    (packed("zero"), Word::Digit(0)),
];

/// The most letters that a word of [`WORDS`] has.
const LONGEST: usize = 8;

/// Reads numbers out of a folded text.
fn numbers(folded: &Folded) -> Folded {
    let mut reader = Reader { text: &folded.text, at: 0, read: Folded::with_capacity(folded.text.len()) };
    reader.run();
    folded.then(reader.read)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    read: Folded,
}

impl Reader<'_> {
    fn run(&mut self) {
        while self.at < self.text.len() {
            let token = self.end_of(self.at, |byte| !byte.is_ascii_alphanumeric());
            self.copy(token);
            self.token();
        }
    }

    /// A run of letters and digits.
    fn token(&mut self) {
        let end = self.end_of(self.at, |byte| byte.is_ascii_alphanumeric());
        let token = &self.text.as_bytes()[self.at..end];
        if self.is_of_digits(token, end) {
            while self.at < end {
                let digit = match self.text.as_bytes()[self.at] {
                    b'O' | b'o' => '0',
                    b'l' | b'I' | b'i' => '1',
                    digit => char::from(digit),
                };
                self.read.push(digit, self.at);
                self.at += 1;
            }
            return;
        }
        while self.at < end {
            let start = self.at;
            let digits = self.end_of(start, |byte| byte.is_ascii_digit());
            if digits > start {
                self.copy(digits);
                continue;
            }
            let word = self.end_of(start, |byte| byte.is_ascii_alphabetic());
            match self.said(start, word) {
                Some((number, said)) => {
                    for digit in number.chars() {
                        self.read.push(digit, start);
                    }
                    self.at = said;
                }
                None => self.copy(word),
            }
        }
    }

    /// Whether every letter of the token stands for a digit: next to digits in it, or alone between digits.
    fn is_of_digits(&self, token: &[u8], end: usize) -> bool {
        let alike = token.iter().all(|byte| byte.is_ascii_digit() || b"OolIi".contains(byte));
        let lone = || {
            let before = self.read.text.bytes().rev().take(3).find(|byte| !is_separator(*byte));
            let behind = self.text.as_bytes()[end..].iter().take(3).find(|byte| !is_separator(**byte));
            let follows = behind.is_some_and(u8::is_ascii_digit);
            let joined = self.text.as_bytes().get(end).is_some_and(|byte| !byte.is_ascii_digit());
            // `O 8 1 2 …` begins with it.
            let begins = matches!(token, b"O" | b"o") && behind == Some(&b'8');
            joined && follows && (begins || before.is_some_and(|byte| byte.is_ascii_digit()))
        };
        alike && (token.iter().any(u8::is_ascii_digit) || (token.len() == 1 && lone()))
    }

    /// What the word at `start`, with words behind it, says in digits, and where that ends.
    fn said(&self, start: usize, end: usize) -> Option<(String, usize)> {
        // Part of a name: `lima_gunung`, `@dua`.
        let before = start.checked_sub(1).and_then(|at| self.text.as_bytes().get(at));
        let behind = self.text.as_bytes().get(end);
        if before.is_some_and(|byte| b"_@".contains(byte)) || behind.is_some_and(|byte| b"_@".contains(byte))
        {
            return None;
        }
        let letters = &self.text[start..end];
        if letters.eq_ignore_ascii_case("oh") || letters.eq_ignore_ascii_case("o") {
            let (next, _) = self.next(end)?;
            return (next == Word::Digit(8)).then(|| ("0".to_owned(), end));
        }
        match word(letters) {
            Some(Word::Digit(digit)) => Some(in_figures(self.counted(digit, u32::MAX, end))),
            Some(Word::Teen(number)) => Some((number.to_string(), end)),
            Some(Word::Hundred) => Some(in_figures(self.with_rest(1, 100, end))),
            Some(Word::Thousand) => Some(in_figures(self.with_rest(1, 1000, end))),
            Some(Word::Times(times)) => {
                let (digit, end) = self.next_digit(end)?;
                Some((digit.to_string().repeat(times), end))
            }
            Some(Word::Belas | Word::Puluh | Word::Ratus | Word::Ribu) => None,
            None => joined(letters).map(|digits| (digits, end)),
        }
    }

    /// A digit, alone or with `belas`, `puluh`, `ratus` and `ribu`, as long as it stays below `most`.
    fn counted(&self, digit: u32, most: u32, end: usize) -> (u32, usize) {
        let scaled = self.next(end).filter(|_| digit > 0).and_then(|(scale, end)| match scale {
            Word::Belas => Some((10 + digit, end)),
            Word::Puluh => Some(self.with_rest(digit, 10, end)),
            Word::Ratus if most > 100 => Some(self.with_rest(digit, 100, end)),
            Word::Ribu if most > 1000 => Some(self.with_rest(digit, 1000, end)),
            Word::Digit(_)
            | Word::Teen(_)
            | Word::Hundred
            | Word::Thousand
            | Word::Ratus
            | Word::Ribu
            | Word::Times(_) => None,
        });
        scaled.unwrap_or((digit, end))
    }

    /// So many tens, hundreds or thousands with what is smaller behind them: `puluh empat`, `ratus dua belas`.
    fn with_rest(&self, count: u32, unit: u32, end: usize) -> (u32, usize) {
        let round = count * unit;
        let (rest, rest_end) = match self.next(end) {
            Some((Word::Digit(digit), end)) if digit > 0 && unit > 10 => self.counted(digit, unit, end),
            // `lima puluh tiga puluh` is 50 and 30.
            Some((Word::Digit(digit), end)) if !self.is_scaled(end) => (digit, end),
            Some((Word::Teen(number), end)) => (number, end),
            Some((Word::Hundred, end)) if unit > 100 => self.with_rest(1, 100, end),
            _ => (0, end),
        };
        if 0 < rest && rest < unit { (round + rest, rest_end) } else { (round, end) }
    }

    fn is_scaled(&self, end: usize) -> bool {
        matches!(self.next(end), Some((Word::Belas | Word::Puluh | Word::Ratus | Word::Ribu, _)))
    }

    /// The word behind a place, at most one blank or hyphen away.
    fn next(&self, from: usize) -> Option<(Word, usize)> {
        let blank = self.text.as_bytes().get(from).is_some_and(|byte| matches!(byte, b' ' | b'-' | b'\t'));
        let start = from + usize::from(blank);
        let end = self.end_of(start, |byte| byte.is_ascii_alphabetic());
        Some((word(self.text.get(start..end)?)?, end))
    }

    /// A single digit behind a place, in a word or a figure.
    fn next_digit(&self, from: usize) -> Option<(u32, usize)> {
        let start = self.end_of(from, |byte| matches!(byte, b' ' | b'-' | b'\t'));
        if let Some((Word::Digit(digit), end)) = self.next(start) {
            return Some((digit, end));
        }
        let digit = char::from(*self.text.as_bytes().get(start)?).to_digit(10)?;
        (self.end_of(start, |byte| byte.is_ascii_digit()) == start + 1).then_some((digit, start + 1))
    }

    fn end_of(&self, start: usize, kind: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        start + rest.iter().take_while(|byte| kind(**byte)).count()
    }

    fn copy(&mut self, end: usize) {
        self.read.copy(self.text, self.at..end);
        self.at = end;
    }
}

fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte.is_ascii_punctuation()
}

fn in_figures((number, end): (u32, usize)) -> (String, usize) {
    (number.to_string(), end)
}

fn word(letters: &str) -> Option<Word> {
    let wanted = (letters.len() <= LONGEST).then(|| packed(letters))?;
    let place = WORDS.binary_search_by_key(&wanted, |(word, _)| *word).ok()?;
    WORDS.get(place).map(|(_, word)| *word)
}

/// Up to eight letters in one number, so that words compare at once; lower-case.
const fn packed(letters: &str) -> u64 {
    let bytes = letters.as_bytes();
    let (mut number, mut at) = (0, 0);
    while at < LONGEST {
        let byte = if at < bytes.len() { bytes[at].to_ascii_lowercase() } else { 0 };
        number = number << 8 | byte as u64;
        at += 1;
    }
    number
}

/// Two words of digits or more that are written together, `nolsatudua`, and nothing else.
fn joined(letters: &str) -> Option<String> {
    let mut rest = letters;
    let mut digits = String::new();
    while !rest.is_empty() {
        let (digit, length) =
            (3..=LONGEST.min(rest.len())).rev().find_map(|length| match word(&rest[..length]) {
                Some(Word::Digit(digit)) => Some((digit, length)),
                _ => None,
            })?;
        digits.extend(char::from_digit(digit, 10));
        rest = &rest[length..];
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("nol delapan satu dua", "0 8 1 2")]
    #[case("kosong dlpn 12 tiga-empat", "0 8 12 3-4")]
    #[case("sembilan puluh empat lima", "94 5")]
    #[case("dua puluh lima puluh tiga puluh lima lima belas", "20 50 35 15")]
    #[case("dlpntjuh8enmsatu", "87861")]
    #[case("dua belas, sebelas, sepuluh", "12, 11, 10")]
    #[case("delapan ratus dua belas tiga", "812 3")]
    #[case("tiga ribu empat ratus lima puluh enam", "3456")]
    #[case("seribu dua ratus tiga puluh empat", "1234")]
    #[case("dua ribu dua puluh enam", "2026")]
    #[case("dobel lima triple 7 double nol", "55 777 00")]
    #[case("nol8satu2 3456", "0812 3456")]
    #[case("noldelapansatudua", "0812")]
    #[case("O8l2 3456 789O", "0812 3456 7890")]
    #[case("O 8 l 2 3", "0 8 1 2 3")]
    #[case("oh eight one", "0 8 1")]
    // Words that are none, and names with such words in them.
    #[case("dua_satu @lima satu@contoh.id", "dua_satu @lima satu@contoh.id")]
    #[case("double cabin, oh satu lagi, Blok O ini", "double cabin, oh 1 lagi, Blok O ini")]
    #[case("seratus ribu", "100 ribu")]
    #[case("satuan dan kesatuan", "satuan dan kesatuan")]
    fn numbers_are_read_as_they_are_said(#[case] said: &str, #[case] digits: &str) {
        assert_eq!(numbers(&Folded::new(said)).text, digits);
    }

    #[test]
    fn what_is_found_in_a_number_stands_where_it_was_said() {
        let said = "ya sembilan puluh empat ya";
        let read = numbers(&Folded::new(said));
        assert_eq!(read.text, "ya 94 ya");
        for range in [3..4, 4..5, 3..5] {
            assert_eq!(&said[read.written(&read.whole(range))], "sembilan puluh empat");
        }
    }

    #[test]
    fn words_are_in_order() {
        assert!(WORDS.is_sorted_by(|one, next| one.0 < next.0));
    }
}
