//! Which characters of a text can be seen.

/// Whether a character is an invisible mark that text brings along when it is copied: soft hyphens, joiners, marks of
/// direction.
pub(crate) fn is_mark(symbol: char) -> bool {
    matches!(
        symbol,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

/// Whether a character cannot be seen: marks of direction, joiners, variation selectors, the keycap, and accents that stand
/// alone.
pub(crate) fn is_invisible(symbol: char) -> bool {
    is_mark(symbol)
        || matches!(
            symbol,
            '\u{300}'..='\u{36f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{20d0}'..='\u{20ff}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The text without blank or invisible characters at both ends; empty where nothing can be seen.
pub(crate) fn seen(text: &str) -> &str {
    text.trim_matches(|symbol: char| symbol.is_whitespace() || symbol == '\u{2800}' || is_invisible(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_invisible_characters_alone_is_empty() {
        for symbol in [
            '\u{200b}',
            '\u{ad}',
            '\u{a0}',
            '\u{3000}',
            '\u{2800}',
            '\u{3164}',
            '\u{200e}',
            '\u{feff}',
            '\u{fe0f}',
            '\u{e0020}',
        ] {
            assert_eq!(seen(&format!(" {symbol}").repeat(12)), "", "{symbol:?}");
        }
        assert_eq!(seen("\u{200b} a\u{200d}b \u{ad}"), "a\u{200d}b");
    }
}
