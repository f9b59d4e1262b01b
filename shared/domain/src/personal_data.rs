//! Personal data in free text: found, and masked where a view must not show it.
//!
//! People write their number into the description although nobody asked. A unit officer sees the text with such pieces
//! replaced; a channel gets a warning and can ask whether it was meant.

use crate::words::words;
use regex::{Captures, Regex};
use std::{collections::BTreeSet, sync::LazyLock};

words!(
    /// What kind of personal data a piece of text looks like.
    PersonalData {
        /// Nomor Induk Kependudukan, 16 digits.
        Nik = "nik",
        /// An Indonesian telephone number.
        Phone = "phone",
        /// An e-mail address.
        Email = "email",
        /// A vehicle plate.
        Plate = "plate",
        /// A handle in a social network.
        Handle = "handle",
        /// The neighbourhood of somebody's home.
        RtRw = "rt_rw",
    }
);

/// What stands in the place of a masked piece.
pub const MASK: &str = "[•••]";

/// One alternation, so that each piece is claimed once, the most telling kind first.
static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        (?P<email>  [\w.+-]+ @ [\w-]+ (?: \. [\w-]+ )+ )
      | (?P<nik>    \b \d{2} (?: [\ .-]? \d ){14} \b )
      | (?P<phone>  (?: \+ \s? 62 | \b 62 | \b 0 ) [\s.()-]{0,2} (?: 8 | [2-7] | 9 ) (?: [\s.()-]{0,2} \d ){6,11} \b )
      | (?P<plate>  \b [A-Z]{1,2} [\ -]? \d{1,4} [\ -]? [A-Z]{2,3} \b )
      | (?P<handle> (?: ^ | [\s(,;:] ) @ [A-Z0-9_] [A-Z0-9_.]{2,29} )
      | (?P<rt_rw>  \b RT \s* [.:/]? \s* (?: \d{1,3} \s* [/,]? \s* )? (?: \s* / \s* )? RW \s* [.:]? \s* \d{1,3} (?: \s* / \s* \d{1,3} )?
                  | \b RT \s* [.:]? \s* \d{1,3} \s* (?: / \s* \d{1,3} )? )
    ",
    )
    .ok()
});

fn kind(found: &Captures<'_>) -> Option<PersonalData> {
    PersonalData::ALL.iter().copied().find(|kind| found.name(kind.as_str()).is_some())
}

/// The text with every piece that looks like personal data replaced by [`MASK`].
#[must_use]
pub fn masked(text: &str) -> String {
    let Some(pattern) = PATTERN.as_ref() else { return MASK.to_owned() };
    pattern
        .replace_all(text, |found: &Captures<'_>| {
            // A handle is found with the character before it, which stays.
            let piece = &found[0];
            let kept = match kind(found) {
                Some(PersonalData::Handle) => piece.split('@').next().unwrap_or_default(),
                _ => "",
            };
            format!("{kept}{MASK}")
        })
        .into_owned()
}

/// The kinds of personal data that the text seems to hold.
#[must_use]
pub fn found(text: &str) -> BTreeSet<PersonalData> {
    PATTERN.iter().flat_map(|pattern| pattern.captures_iter(text)).filter_map(|found| kind(&found)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Hubungi 0812-3456-7890 ya", "Hubungi [•••] ya")]
    #[case("WA +62 812 3456 7890.", "WA [•••].")]
    #[case("telp (021) 3456789", "telp ([•••]")]
    #[case("NIK 3174012345678901", "NIK [•••]")]
    #[case("tulis ke budi.s@contoh.co.id segera", "tulis ke [•••] segera")]
    #[case("mobil B 1234 XYZ parkir", "mobil [•••] parkir")]
    #[case("ig saya (@budi_santoso)", "ig saya ([•••])")]
    #[case("rumah di RT 05/RW 03 ujung", "rumah di [•••] ujung")]
    #[case("rumah RT.005/003", "rumah [•••]")]
    fn personal_data_is_masked(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(masked(text), expected);
    }

    #[rstest]
    #[case("Jalan berlubang sedalam 30 cm di depan nomor 12 sejak 2024")]
    #[case("Lampu mati di tiang PJU 1205 dekat halte")]
    #[case("Biaya Rp 1.500.000 untuk 3 hari")]
    #[case("Jl. MT Haryono Kav. 52-53")]
    fn what_is_no_personal_data_stays(#[case] text: &str) {
        assert_eq!(masked(text), text);
        assert!(found(text).is_empty());
    }

    #[test]
    fn the_kinds_are_named() {
        let kinds = found("0812 3456 7890, budi@contoh.id, B 12 ABC");
        assert_eq!(
            kinds.into_iter().collect::<Vec<_>>(),
            [PersonalData::Phone, PersonalData::Email, PersonalData::Plate]
        );
    }
}
