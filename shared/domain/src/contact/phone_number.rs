//! Telephone numbers, as people copy and type them.

use crate::personal_data::as_symbols;

/// An Indonesian number's country, which is left out at home.
const HOME: &str = "62";

/// The number as E.164 (ITU-T E.164: `+`, country, at most 15 digits), if an SMS can reach it as far as its form tells.
///
/// A number without country is Indonesian; of those only mobile ones (8…) take SMS. The operator is the judge of all others.
/// Digits of any script, marks that nobody sees, blanks, hyphens and full stops between digits say nothing else. All that may part two
/// numbers, or a number from its extension, does: what is sent to a wrong number is read by a stranger.
#[must_use]
pub fn phone_number(text: &str) -> Option<String> {
    let text = as_symbols(text);
    let text = text.trim();
    let text =
        text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:")).map_or(text, |_| &text[4..]);
    let known = |symbol: char| symbol.is_ascii_digit() || symbol.is_whitespace() || "-._+()".contains(symbol);
    if !text.chars().all(known) || text.matches('+').count() > 1 || !has_brackets_of_a_prefix(text) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let before = text.find(|symbol: char| symbol.is_ascii_digit())?;
    let number = if text.contains('+') {
        // A plus between digits joins two numbers.
        text[..before].contains('+').then_some(digits)?
    } else if let Some(international) = digits.strip_prefix("00") {
        international.to_owned()
    } else if let Some(national) = digits.strip_prefix('0') {
        format!("{HOME}{national}")
    } else if digits.starts_with('8') {
        format!("{HOME}{digits}")
    } else if digits.starts_with(HOME) {
        digits
    } else {
        return None;
    };
    // `+62 0812…` is often written.
    let number = match number.strip_prefix(HOME).map(|national| national.trim_start_matches('0')) {
        Some(national) => {
            let mobile = national.starts_with('8') && (9..=12).contains(&national.len());
            mobile.then(|| format!("{HOME}{national}"))?
        }
        None => number,
    };
    ((8..=15).contains(&number.len()) && !number.starts_with('0')).then(|| format!("+{number}"))
}

/// Whether brackets stand around the country or what follows it, and nowhere else: `(0812) …`, `+62 (0)812 …`.
fn has_brackets_of_a_prefix(text: &str) -> bool {
    let of_a_prefix = |before: &str| {
        let digits: String = before.chars().filter(char::is_ascii_digit).collect();
        digits.len() <= 3 || digits.starts_with("00") && digits.len() <= 5
    };
    text.match_indices('(').all(|(at, _)| of_a_prefix(&text[..at]))
        && text.matches('(').count() == text.matches(')').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("0812-3456-7890", Some("+6281234567890"))]
    #[case("(0812) 3456 789", Some("+628123456789"))]
    #[case("812 3456 7890", Some("+6281234567890"))]
    #[case("62812 3456 7890", Some("+6281234567890"))]
    #[case("+62 812.3456.7890", Some("+6281234567890"))]
    #[case("+62 (0)812 3456 7890", Some("+6281234567890"))]
    #[case("0062 812 3456 7890", Some("+6281234567890"))]
    #[case("+65 9123 4567", Some("+6591234567"))]
    #[case("+1 202 555 0143", Some("+12025550143"))]
    #[case("+420 601 123 456", Some("+420601123456"))]
    // As they come out of contacts, word processors and other keyboards.
    #[case("(+62) 812-3456-7890", Some("+6281234567890"))]
    #[case("0812\u{2013}3456\u{2013}7890", Some("+6281234567890"))]
    #[case("\u{202a}+62 812-3456-7890\u{202c}", Some("+6281234567890"))]
    #[case("\u{a0}0812\u{a0}3456\u{a0}7890", Some("+6281234567890"))]
    #[case("0812\u{2011}3456\u{2212}7890", Some("+6281234567890"))]
    #[case("\u{feff}0812\u{200b}34567890\u{200e}", Some("+6281234567890"))]
    #[case("\u{ff0b}\u{ff16}\u{ff12}812 3456 7890", Some("+6281234567890"))]
    #[case("\u{660}\u{668}\u{661}\u{662}34567890", Some("+6281234567890"))]
    #[case("tel:+62-812-3456-7890", Some("+6281234567890"))]
    #[case("(+62)(812) 3456 7890", Some("+6281234567890"))]
    #[case("0062 (812) 3456 7890", Some("+6281234567890"))]
    #[case("(0812 3456 7890)", Some("+6281234567890"))]
    #[case("+62\t812\n34567890", Some("+6281234567890"))]
    // A landline, an office, a short number, a hotline.
    #[case("021-3456789", None)]
    #[case("+62 21 3456789", None)]
    #[case("110", None)]
    #[case("1500123", None)]
    // Too short and too long to be dialled.
    #[case("0812 345", None)]
    #[case("0812 3456 7890 123", None)]
    #[case("+9 123456", None)]
    #[case("+1234567890123456", None)]
    #[case("+0812 3456 7890", None)]
    // Two numbers, words, nothing.
    #[case("0812-3456-7890, 0813-3456-7890", None)]
    #[case("+6281234567890+6281234567891", None)]
    #[case("0812 3456 7890 (Budi)", None)]
    #[case("0812345678/9", None)]
    #[case("0812/3456/7890", None)]
    #[case("0812-3456-789, 2", None)]
    #[case("0812 3456 789; 12", None)]
    #[case("0812-345-678 (2)", None)]
    #[case("0812 345 678 [2]", None)]
    #[case("0812 345 678 ext 2", None)]
    #[case("0812 345 678 #2", None)]
    #[case("0812 3456 (789", None)]
    #[case("hubungi saya", None)]
    #[case("", None)]
    fn a_number_is_read_as_people_write_it(#[case] written: &str, #[case] dialled: Option<&str>) {
        assert_eq!(phone_number(written).as_deref(), dialled);
        if let Some(dialled) = dialled {
            assert_eq!(phone_number(dialled).as_deref(), Some(dialled));
        }
    }
}
