//! A text cut into words and numbers, written in one way.

use crate::invisible_characters::is_invisible;

/// A piece of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// Letters, in lower case.
    Word(String),
    /// Digits, without zeros before them; a dot before decimals.
    Number(String),
    /// A mark that ends a phrase.
    Break,
}

/// More of a text than anybody needs to say what is wrong and where; the rest is not compared.
const MOST: usize = 250;
/// No word is longer; what is longer is left out.
const LONGEST: usize = 32;

/// The first pieces of a text, in its order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut piece = String::new();
    let mut symbols = text.chars().filter(|symbol| !is_invisible(*symbol)).peekable();
    while let Some(symbol) = symbols.next() {
        if tokens.len() >= MOST {
            return tokens;
        }
        if symbol.is_alphanumeric() {
            let is_digit = symbol.is_ascii_digit();
            if piece.chars().last().is_some_and(|last| last.is_ascii_digit() != is_digit) {
                finish(&mut piece, &mut tokens);
            }
            piece.extend(symbol.to_lowercase());
        } else if matches!(symbol, '.' | ',')
            && piece.ends_with(|last: char| last.is_ascii_digit())
            && symbols.peek().is_some_and(char::is_ascii_digit)
        {
            piece.push('.');
            piece.extend(symbols.next());
        } else {
            let before = tokens.len();
            finish(&mut piece, &mut tokens);
            if ends_phrase(symbol, tokens.last(), tokens.len() > before) {
                tokens.push(Token::Break);
            }
        }
    }
    finish(&mut piece, &mut tokens);
    tokens
}

/// A dot behind a short word is that of an abbreviation, and one behind a number may be that of a thousand.
fn ends_phrase(symbol: char, last: Option<&Token>, touches: bool) -> bool {
    match symbol {
        ',' | ';' | '!' | '?' | '(' | ')' | '\n' => true,
        '.' => touches && matches!(last, Some(Token::Word(word)) if word.len() > 3),
        _ => false,
    }
}

fn finish(piece: &mut String, tokens: &mut Vec<Token>) {
    if piece.is_empty() {
        return;
    }
    let whole = std::mem::take(piece);
    if whole.len() > LONGEST {
        return;
    }
    if whole.starts_with(|first: char| first.is_ascii_digit()) {
        let number = whole.trim_start_matches('0');
        // `bolong2` is how `bolong-bolong` is written in a hurry.
        let repeats = number == "2" && matches!(tokens.last(), Some(Token::Word(word)) if word.len() > 3);
        if !repeats {
            tokens.push(Token::Number(if number.is_empty() { "0".to_owned() } else { number.to_owned() }));
        }
    } else {
        tokens.push(Token::Word(squeezed(&whole)));
    }
}

/// The word without letters that are repeated for emphasis: `banjiiirrr`.
fn squeezed(word: &str) -> String {
    let symbols: Vec<char> = word.chars().collect();
    let runs = symbols.chunk_by(|one, next| one == next);
    runs.flat_map(|run| run.iter().take(if run.len() > 2 { 1 } else { 2 })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn written(text: &str) -> String {
        let pieces = tokens(text).into_iter().map(|token| match token {
            Token::Word(word) => word,
            Token::Number(number) => format!("#{number}"),
            Token::Break => "/".to_owned(),
        });
        pieces.collect::<Vec<_>>().join(" ")
    }

    #[rstest]
    #[case("Jln bolong2, KM27!", "jln bolong / km #27 /")]
    #[case("BANJIIIRRR di rt.05/03", "banjir di rt #5 #3")]
    #[case("KM 23,2 dan Rp 1.500.000", "km #23.2 dan rp #1.500.000")]
    #[case("Jl. Mawar. Dekat PLB-0212", "jl mawar / dekat plb #212")]
    #[case("massa saat\u{200b} ini", "massa saat ini")]
    #[case("gg 2 no 02 000", "gg #2 no #2 #0")]
    #[case("", "")]
    fn a_text_is_cut_into_words_numbers_and_phrases(#[case] text: &str, #[case] cut: &str) {
        assert_eq!(written(text), cut);
    }

    #[test]
    fn of_a_long_text_and_a_long_word_only_so_much_is_read() {
        assert_eq!(tokens(&"kata ".repeat(1000)).len(), MOST);
        assert_eq!(written(&format!("ab {} cd", "ef".repeat(100))), "ab cd");
    }
}
