//! Crockford base32 symbols: what tickets, secrets and ids are written in.
//!
//! The alphabet leaves out I, L, O and U, so that a number read over the telephone cannot be misheard.
//! See <https://www.crockford.com/base32.html>.

use crate::invisible_characters::is_mark;

/// The 32 symbols in order of their value.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Writes the first `symbols` × 5 bits of `bytes`, most significant bit first.
///
/// Bits beyond the end of `bytes` read as zero.
#[must_use]
pub fn encode(bytes: &[u8], symbols: usize) -> String {
    (0..symbols).map(|n| char::from(ALPHABET[usize::from(five_bits(bytes, n * 5))])).collect()
}

fn five_bits(bytes: &[u8], at: usize) -> u8 {
    let byte = |n: usize| u16::from(bytes.get(n).copied().unwrap_or(0));
    let window = (byte(at / 8) << 8) | byte(at / 8 + 1);
    ((window >> (11 - at % 8)) & 0b1_1111) as u8
}

/// The value of a symbol as a person may write it: any case, O for 0, I and L for 1.
#[must_use]
pub fn value(symbol: char) -> Option<u8> {
    let canonical = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|&known| char::from(known) == canonical).and_then(|n| u8::try_from(n).ok())
}

/// Whether a symbol may stand between the symbols of a number that was read aloud, typed or pasted: blanks and line breaks,
/// hyphens and dashes, full stops, and marks that cannot be seen.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
        )
        || is_mark(c)
}

/// Reads exactly `symbols` symbols in canonical form, whatever their case and whatever separators stand between them.
#[must_use]
pub fn canonical(text: &str, symbols: usize) -> Option<String> {
    // Refuses a far longer text before going through it.
    if text.len() > symbols * 8 {
        return None;
    }
    let read: Option<String> = text
        .chars()
        .filter(|c| !is_between(*c))
        .map(|c| value(c).map(|v| char::from(ALPHABET[usize::from(v)])))
        .collect();
    read.filter(|read| read.len() == symbols)
}

/// The check symbol of `body` by the hybrid system of ISO/IEC 7064 with M = 32.
///
/// It finds every single wrong symbol and nearly every swap of two neighbours, and stays within the alphabet, so that a
/// ticket needs no escaping in a path.
#[must_use]
pub fn check_symbol(body: &str) -> Option<char> {
    let product = body.chars().try_fold(32_u32, |product, symbol| {
        let sum = (product + u32::from(value(symbol)?)) % 32;
        Some((if sum == 0 { 32 } else { sum }) * 2 % 33)
    })?;
    let check = (33 - product) % 32;
    Some(char::from(ALPHABET[check as usize]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn symbols_are_crockfords() {
        assert_eq!(encode(&[0xFF, 0x00, 0xFF], 4), "ZW0F");
        assert_eq!(canonical("zw-0f", 4).as_deref(), Some("ZW0F"));
        assert_eq!(canonical("oil0", 4).as_deref(), Some("0110"));
        for pasted in ["zw 0f", " ZW–0F\r\n", "z w. 0 f.", "\u{202a}ZW\u{a0}0F\u{202c}", "ZW\u{200b}0F"] {
            assert_eq!(canonical(pasted, 4).as_deref(), Some("ZW0F"), "{pasted:?}");
        }
        assert_eq!(canonical("ZW/0F", 4), None);
        assert_eq!(canonical("ZW0U", 4), None);
        assert_eq!(canonical("ZW0FF", 4), None);
    }

    proptest! {
        #[test]
        fn a_single_wrong_symbol_is_always_found(bytes: [u8; 8], at in 0_usize..12, to in 0_usize..32) {
            let body = encode(&bytes, 12);
            let mut wrong: Vec<char> = body.chars().collect();
            prop_assume!(wrong[at] != char::from(ALPHABET[to]));
            wrong[at] = char::from(ALPHABET[to]);
            let wrong: String = wrong.into_iter().collect();
            prop_assert_ne!(check_symbol(&body), check_symbol(&wrong));
        }
    }
}
