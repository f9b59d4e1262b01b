//! Folding: brings a text into the form that finders search, and keeps the way back to the original.
//!
//! Keyboards, word processors and people who hide a number from machines write one digit in a hundred ways. Every way is
//! folded to one here, so that patterns know only ASCII: digits of all scripts, letters in other shapes, what nobody sees, what
//! only separates, and references of HTML. NFKC with its tables would cost 100 KB in each function and know half of this.

use crate::invisible_characters::is_invisible;
use std::ops::Range;

/// What stands in the place of a masked piece.
pub const MASK: &str = "[•••]";

/// A folded text with the place in the written text of each of its bytes.
pub(super) struct Folded {
    pub(super) text: String,
    /// Where what became this byte begins; at the end, the length of the written text.
    from: Vec<usize>,
}

impl Folded {
    /// The text as it is read, symbol by symbol.
    pub(super) fn new(written: &str) -> Self {
        let mut folded = Self::with_capacity(written.len());
        let mut at = 0;
        while let Some(rest) = written.get(at..).filter(|rest| !rest.is_empty()) {
            let plain = rest.bytes().take_while(|byte| is_plain(*byte)).count();
            if plain > 0 {
                folded.copy(written, at..at + plain);
                at += plain;
            } else if rest.starts_with(MASK) {
                folded.copy(written, at..at + MASK.len());
                at += MASK.len();
            } else {
                let (symbol, length) = first(rest);
                if let Some(symbol) = symbol.and_then(read_as) {
                    folded.push(symbol, at);
                }
                at += length;
            }
        }
        folded.from.push(written.len());
        folded
    }

    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), from: Vec::with_capacity(bytes + 1) }
    }

    pub(super) fn push(&mut self, symbol: char, from: usize) {
        self.text.push(symbol);
        self.from.resize(self.text.len(), from);
    }

    /// A part of `text` as it stands there.
    pub(super) fn copy(&mut self, text: &str, range: Range<usize>) {
        self.text += text.get(range.clone()).unwrap_or_default();
        self.from.extend(range);
    }

    /// What another reader made of this text, with its places led back to the text that this one was made of.
    pub(super) fn then(&self, mut further: Self) -> Self {
        for from in &mut further.from {
            *from = self.from.get(*from).or(self.from.last()).copied().unwrap_or_default();
        }
        further.from.push(self.from.last().copied().unwrap_or_default());
        further
    }

    /// The range with all of what became several symbols, if it has one of them.
    pub(super) fn whole(&self, range: Range<usize>) -> Range<usize> {
        let (mut start, mut end) = (range.start, range.end);
        while start > 0 && self.from.get(start - 1) == self.from.get(start) {
            start -= 1;
        }
        while end < self.text.len() && self.from.get(end) == self.from.get(end - 1) {
            end += 1;
        }
        start..end
    }

    /// Where a whole range stands in the written text, with what is not seen behind it.
    pub(super) fn written(&self, range: &Range<usize>) -> Range<usize> {
        let place = |at: usize| self.from.get(at).copied().unwrap_or_default();
        place(range.start)..place(range.end)
    }

    /// The text with a mask for each of the ranges, which are whole, in order and apart.
    pub(super) fn masked(&self, ranges: &[Range<usize>]) -> Self {
        let mut masked = Self::with_capacity(self.text.len());
        let mut at = 0;
        for range in ranges {
            masked.text += self.text.get(at..range.start).unwrap_or_default();
            masked.from.extend(self.from.get(at..range.start).unwrap_or_default());
            masked.text += MASK;
            masked.from.resize(masked.text.len(), self.written(range).start);
            at = range.end;
        }
        masked.text += self.text.get(at..).unwrap_or_default();
        masked.from.extend(self.from.get(at..).unwrap_or_default());
        masked
    }

    /// Leads every place on, to where `further` says that it is; in order.
    pub(super) fn lead(&mut self, further: impl FnMut(usize) -> usize) {
        let mut further = further;
        for from in &mut self.from {
            *from = further(*from);
        }
    }
}

/// Whether it is read as it is written, whatever stands around it.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t') && !b"&%<[".contains(&byte)
}

/// The first symbol, whichever way it is written, and how many bytes it takes.
fn first(text: &str) -> (Option<char>, usize) {
    let referred = match text.as_bytes().first() {
        Some(b'&') => reference(text),
        Some(b'%') => escaped(text),
        Some(b'<') => tag(text),
        _ => None,
    };
    if let Some((symbol, length)) = referred {
        return (Some(symbol), length);
    }
    let symbol = text.chars().next();
    (symbol, symbol.map_or(1, char::len_utf8))
}

/// What people paste out of pages: `&nbsp;`, `&#48;`, `&#x40;`, also escaped twice (`&amp;#48;`).
fn reference(text: &str) -> Option<(char, usize)> {
    const NAMED: &[(&str, char)] = &[
        ("nbsp", ' '),
        ("ensp", ' '),
        ("emsp", ' '),
        ("thinsp", ' '),
        ("Tab", ' '),
        ("NewLine", '\n'),
        ("commat", '@'),
        ("period", '.'),
        ("plus", '+'),
        ("comma", ','),
        ("colon", ':'),
        ("sol", '/'),
        ("num", '#'),
        ("lowbar", '_'),
        ("lpar", '('),
        ("rpar", ')'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("hyphen", '-'),
        ("dash", '-'),
        ("ndash", '-'),
        ("mdash", '-'),
        ("minus", '-'),
        ("middot", '.'),
        ("bull", '|'),
        ("ZeroWidthSpace", '\u{200b}'),
        ("shy", '\u{ad}'),
        ("zwj", '\u{200d}'),
        ("zwnj", '\u{200c}'),
        ("lrm", '\u{200e}'),
        ("rlm", '\u{200f}'),
    ];
    let mut name = text.strip_prefix('&')?;
    while let Some(inner) = name.strip_prefix("amp;") {
        name = inner;
    }
    let (symbol, rest) = if let Some(number) = name.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16),
            None => (number, 10),
        };
        let length = digits.bytes().take(7).take_while(|byte| char::from(*byte).is_digit(radix)).count();
        let code = u32::from_str_radix(&digits[..length], radix).ok()?;
        (char::from_u32(code)?, digits[length..].strip_prefix(';').unwrap_or(&digits[length..]))
    } else {
        let (name, rest) = name
            .get(..16)
            .unwrap_or(name)
            .split_once(';')
            .map(|(found, _)| (found, &name[found.len() + 1..]))?;
        (NAMED.iter().find(|(known, _)| *known == name)?.1, rest)
    };
    Some((symbol, text.len() - rest.len()))
}

/// `budi%40contoh.id`, `%2B62812…`, as they stand in addresses.
fn escaped(text: &str) -> Option<(char, usize)> {
    let symbol = match text.get(1..3)? {
        "40" => '@',
        "2B" | "2b" => '+',
        "20" => ' ',
        _ => return None,
    };
    Some((symbol, 3))
}

/// `<br>`, `</b>`: what text that was copied out of a page has between groups.
fn tag(text: &str) -> Option<(char, usize)> {
    const TAGS: &[&str] =
        &["b", "br", "div", "em", "font", "i", "li", "p", "span", "strong", "td", "u", "wbr"];
    let (inner, _) = text.strip_prefix('<')?.get(..10).unwrap_or(&text[1..]).split_once('>')?;
    let name = inner.trim_matches(['/', ' ']);
    TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name)).then_some(('|', inner.len() + 2))
}

/// What a symbol is read as; `None` for one that nobody sees.
fn read_as(symbol: char) -> Option<char> {
    let code = u32::from(symbol);
    if symbol.is_ascii() {
        return Some(match symbol {
            '\u{b}' | '\u{c}' => '\n',
            '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}' => return None,
            _ => symbol,
        });
    }
    if is_invisible(symbol) {
        return None;
    }
    if let Some(digit) = digit(code) {
        return char::from_digit(digit, 10);
    }
    if let Some(letter) = letter(code) {
        return Some(letter);
    }
    Some(match symbol {
        '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        // Blank though it is called a pattern.
        '\u{2800}' => ' ',
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{2043}'
        | '\u{2d7}'
        | '\u{58a}'
        | '\u{5be}'
        | '\u{1806}'
        | '\u{2e3a}'
        | '\u{2e3b}'
        | '\u{2796}'
        | '\u{30fc}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{2500}'
        | '\u{2501}' => '-',
        '\u{b7}' | '\u{2024}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{3002}' | '\u{ff61}'
        | '\u{30fb}' | '\u{fe52}' | '\u{2e31}' | '\u{387}' | '\u{6d4}' => '.',
        '\u{2018}'..='\u{201b}' | '\u{2b9}' | '\u{2bc}' | '\u{2032}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => '/',
        '\u{2023}'..='\u{2026}' => '|',
        '\u{60c}' | '\u{3001}' | '\u{fe50}' => ',',
        '\u{fe6b}' => '@',
        '\u{2795}' => '+',
        '\u{223c}' | '\u{2dc}' | '\u{301c}' | '\u{3030}' => '~',
        _ if symbol.is_whitespace() => ' ',
        _ if symbol.is_alphanumeric() => symbol,
        // A picture, a bullet, an arrow: between groups of digits it separates.
        _ => '|',
    })
}

/// The zeros of all scripts with decimal digits (Unicode 16, `Nd`), in order; the other nine follow each.
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
    0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066,
    0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730,
    0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50,
    0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1,
    0x1e950, 0x1fbf0,
];

/// Rows of digits in circles, in brackets, with a stop, raised, lowered, and Roman: the first, its value, how many.
const ROWS: &[(u32, u32, u32)] = &[
    (0xb2, 2, 2),
    (0xb9, 1, 1),
    (0x2070, 0, 1),
    (0x2074, 4, 6),
    (0x2080, 0, 10),
    (0x2160, 1, 9),
    (0x2170, 1, 9),
    (0x2460, 1, 9),
    (0x2474, 1, 9),
    (0x2488, 1, 9),
    (0x24ea, 0, 1),
    (0x24f5, 1, 9),
    (0x24ff, 0, 1),
    (0x2776, 1, 9),
    (0x2780, 1, 9),
    (0x278a, 1, 9),
    (0x1f100, 0, 1),
    (0x1f101, 0, 10),
];

/// Digits of Han, which are no row.
const HAN: &str = "〇一二三四五六七八九";

fn digit(code: u32) -> Option<u32> {
    if let Some(value) = HAN.chars().position(|known| u32::from(known) == code) {
        return u32::try_from(value).ok();
    }
    let script = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1).and_then(|at| ZEROS.get(at));
    let decimal = script.map(|zero| code - zero).filter(|value| *value < 10);
    decimal.or_else(|| {
        let row = ROWS.iter().find(|(first, _, count)| (*first..first + count).contains(&code));
        row.map(|(first, value, _)| value + code - first)
    })
}

/// Rows of the Latin letters in other shapes: the first, the last, what the first is, how many until it begins anew.
const ALPHABETS: &[(u32, u32, char, u32)] = &[
    (0x249c, 0x24b5, 'a', 26),
    (0x24b6, 0x24cf, 'A', 26),
    (0x24d0, 0x24e9, 'a', 26),
    // Full width: all of ASCII.
    (0xff01, 0xff5e, '!', 94),
    (0x1f110, 0x1f129, 'A', 26),
    (0x1f130, 0x1f149, 'A', 26),
    (0x1f150, 0x1f169, 'A', 26),
    (0x1f170, 0x1f189, 'A', 26),
    (0x1f1e6, 0x1f1ff, 'A', 26),
];

/// Letters that look like Latin ones, and the mathematical ones that stand apart from their rows.
const LOOK_ALIKES: &[(&str, &str)] = &[
    ("АВЕЅІЈКМНОРСТУХавеіјкмнорстухѕ", "ABESIJKMHOPCTYXabeijkmhopctyxs"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοι", "ABEZHIKMNOPTYXoi"),
    ("ℂℊℋℌℍℎℐℑℒℓℕℙℚℛℜℝℤℨℬℭℯℰℱℳℴ", "CgHHHhIILlNPQRRRZZBCeEFMo"),
];

/// Latin letters with accents and without, from U+00C0.
const ACCENTED: &[u8; 192] =
    b"AAAAAAACEEEEIIIIDNOOOOOxOUUUUYPsaaaaaaaceeeeiiiidnooooo/ouuuuypyAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGg\
GgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

fn letter(code: u32) -> Option<char> {
    let accented = code.checked_sub(0xc0).and_then(|place| ACCENTED.get(usize::try_from(place).ok()?));
    if let Some(bare) = accented {
        return Some(char::from(*bare));
    }
    if (0x1d400..=0x1d6a3).contains(&code) {
        let place = (code - 0x1d400) % 52;
        return char::from_u32(if place < 26 { u32::from('A') + place } else { u32::from('a') + place - 26 });
    }
    let row = ALPHABETS.iter().find(|(first, last, ..)| (*first..=*last).contains(&code));
    if let Some((first, _, start, count)) = row {
        return char::from_u32(u32::from(*start) + (code - first) % count);
    }
    LOOK_ALIKES.iter().find_map(|(written, latin)| {
        let place = written.chars().position(|known| u32::from(known) == code)?;
        latin.chars().nth(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> String {
        Folded::new(written).text
    }

    #[test]
    fn digits_of_all_scripts_are_digits() {
        for zero in ZEROS {
            let row: String = (0..10).filter_map(|value| char::from_u32(zero + value)).collect();
            assert_eq!(read(&row), "0123456789", "{zero:x}");
        }
        assert_eq!(read(HAN), "0123456789");
        assert_eq!(read("⓪①❷➂➍⁵₆⑺⒏Ⅸ"), "0123456789");
        assert_eq!(read("0️⃣8️⃣1️⃣"), "081");
    }

    #[test]
    fn letters_of_other_shapes_are_letters() {
        assert_eq!(read("ＢｂⒷⓑ🄱🅑🅱🇧𝐁𝐛𝓑𝔟𝕭𝖡𝗯ℬВ"), "BbBbBBBBBbBbBBbBB");
        for (written, latin) in LOOK_ALIKES {
            assert_eq!(read(written), *latin);
        }
    }

    #[test]
    fn accents_are_removed() {
        assert_eq!(read("àÉñçÿŽſ×e\u{301}"), "aEncyZsxe");
    }

    #[test]
    fn what_is_not_seen_is_gone_and_belongs_to_what_stands_before_it() {
        let folded = Folded::new("a\u{200b}b\u{ad}\u{200e}c\u{2060}");
        assert_eq!(folded.text, "abc");
        assert_eq!(folded.written(&(0..1)), 0..4);
        assert_eq!(folded.written(&(1..2)), 4..10);
        assert_eq!(folded.written(&(1..3)), 4..14);
    }

    #[test]
    fn references_are_read_and_others_stay() {
        assert_eq!(read("a&#64;b&#x40;c&commat;d%40e&amp;#64;f&nbsp;g&#48g<br>h</B>"), "a@b@c@d@e@f g0g|h|");
        assert_eq!(
            read("R&B, 100%, a&b; &unknown; &#; &#xfffffff; %4 <x> <"),
            "R&B, 100%, a&b; &unknown; &#; &#xfffffff; %4 <x> <"
        );
        let folded = Folded::new("x&#64;y");
        assert_eq!(folded.written(&(1..2)), 1..6);
    }

    #[test]
    fn a_mask_stays_a_mask() {
        assert_eq!(read("a[•••]b • [•] "), "a[•••]b | [|] ");
    }
}
