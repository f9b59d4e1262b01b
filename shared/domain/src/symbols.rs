//! Crockford base32 symbols: what tickets, secrets and ids are written in.
//!
//! The alphabet leaves out I, L, O and U, so that a number read over the telephone cannot be misheard.
//! See <https://www.crockford.com/base32.html>.

use crate::visible::is_mark;

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

/// What stands between the symbols of a number that was read aloud, typed off or pasted: blanks and line breaks, hyphens and
/// dashes, full stops, and marks that cannot be seen.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
        )
        || is_mark(c)
}

/// Reads exactly `symbols` symbols in canonical form, with case and what stands between them forgiven.
#[must_use]
pub fn canonical(text: &str, symbols: usize) -> Option<String> {
    // Far longer input is refused before it is walked through.
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

/// Declares an id of a fixed number of symbols: its own type, canonical, printable.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $symbols:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        pub struct $name(String);

        impl $name {
            /// How many symbols it has.
            pub const SYMBOLS: usize = $symbols;
            /// How many bytes of randomness, or of a MAC, it takes.
            pub const BYTES: usize = (Self::SYMBOLS * 5).div_ceil(8);

            /// The id made of the first bits of `bytes`.
            #[must_use]
            pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
                Self($crate::symbols::encode(bytes, Self::SYMBOLS))
            }

            /// Reads an id as a person or a program may write it; `None` when it cannot be one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                $crate::symbols::canonical(text, Self::SYMBOLS).map(Self)
            }

            /// The canonical symbols.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::symbols::NotAnId;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text).ok_or($crate::symbols::NotAnId)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// The text is not an id of this type.
#[derive(Debug, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

id!(
    /// A photo of a report. 80 bits, random or from the intake key.
    PhotoId, 16
);
id!(
    /// An event, and what makes doubles of its notifications recognisable. 130 bits.
    EventId, 26
);
id!(
    /// What stands in the copy of a photo that was made for one viewer. 40 random bits: short enough to be read off a picture,
    /// and found again in the access log.
    ViewCode, 8
);
id!(
    /// The state of a snapshot: new at each change, ordered by nothing. 96 random bits need 20 symbols.
    Version, 20
);

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
