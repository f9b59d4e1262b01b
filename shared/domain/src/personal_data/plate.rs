//! Vehicle plates: the letters of a region, up to four digits, up to three letters.
//!
//! `B 12 A` is a plate or the address of a house. What stands before it decides; where nothing does, a plate has at least
//! two letters at its end or three digits.

use super::pattern::{GAP, Pattern, before, char_after, char_before, is};
use std::{ops::Range, sync::LazyLock};

static CANDIDATE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r"\b(?P<region>[A-Za-z]{{1,2}}){GAP}{{0,2}}(?P<number>\d{{1,4}})(?:{GAP}{{0,2}}(?P<series>[A-Za-z]{{1,3}})\b)?"
    ))
});

/// Regions by Perpol 7/2021, and the older codes that still drive.
const REGIONS: &[&str] = &[
    "A", "B", "D", "E", "F", "G", "H", "K", "L", "M", "N", "P", "R", "S", "T", "W", "Z", "AA", "AB", "AD",
    "AE", "AG", "BA", "BB", "BD", "BE", "BG", "BH", "BK", "BL", "BM", "BN", "BP", "DA", "DB", "DC", "DD",
    "DE", "DG", "DH", "DK", "DL", "DM", "DN", "DP", "DR", "DS", "DT", "DW", "EA", "EB", "ED", "KB", "KH",
    "KT", "KU", "PA", "PB", "PG", "PS", "PT",
];

static VEHICLE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) \b (?: (?:no\.?\s?)?plat | pelat | nopol | no\.?\s?pol | nomor\ polisi | tnkb | stnk | mobil | motor | truk | truck | angkot
          | pick\s?up | pikap | bus | bis | taksi | taxi | bajaj | sedan | kendaraan | avanza | xenia | innova | brio | beat | vario | nmax | scoopy
          | mio | aerox | pcx | supra | ninja | honda | yamaha | suzuki | toyota | daihatsu | mitsubishi | pajero | fortuner | grand\s?max
          | angkutan | metromini | mikrolet | kopaja | bernopol | bernomor | berplat ) (?: nya )? \b [^\d\n•]* $",
    )
});

/// `pelat nomor` is no house number.
static PLATE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(r"(?i)\b(?:plat|pelat|polisi|tnkb)(?:nya)?\s+(?:no|nomor|nomer)(?:nya)?[\s.:]*$")
});

/// The word right before says that letters and digits are a place, a line or a norm.
static PLACE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) \b (?: blok | blk | no | nomor | rumah | ruko | kios | lapak | unit | kav | kavling | gang | gg | jalur | koridor | lantai | lt
          | tower | gate | pintu | zona | kelas | komplek | kompleks | perumahan | perum | cluster | gedung | lorong | los | stand | kamar | jl
          | jln | jalan | pasar | tipe | type | poin | pasal | huruf | ayat | trayek | rute | bus | terminal | peron | apartemen | rusun | gardu
          | panel | tiang ) \.? \s* $",
    )
});

/// What follows a number as its measure, never a plate's letters.
const MEASURES: &[&str] =
    &["RT", "RW", "KM", "CM", "MM", "KG", "WIB", "WIT", "KVA", "VA", "KV", "KW", "JT", "RB", "M"];

/// Small words, which only stand in a plate where all else says so.
const WORDS: &[&str] = &[
    "AM", "PM", "DAN", "DI", "KE", "YG", "ORG", "HR", "JAM", "BLN", "THN", "TH", "MNT", "PCS", "X", "ADA",
    "DG", "PER", "TGL", "DUA", "KEC", "KEL", "KAB", "KAV", "BLK", "PJU", "DRI", "UTK", "DGN", "TDK", "GA",
    "GAK", "SDH", "UDH", "AJA", "INI", "ITU", "KK", "GG", "NO", "JL", "LT", "HP",
];

pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    CANDIDATE.find_groups(text, |found| {
        let (region, number) = (found.name("region")?, found.name("number")?);
        let series = found.name("series");
        let range = region.start()..series.map_or(number.end(), |series| series.end());
        let length = number.len();
        let series = series.map_or("", |series| series.as_str());
        let near = before(text, range.start);
        let stands_alone = stands_alone(text, &range);
        let known = REGIONS.contains(&region.as_str().to_ascii_uppercase().as_str());
        if !known || !stands_alone {
            return None;
        }
        let upper = !text[range.clone()].contains(char::is_lowercase);
        let tail = series.to_ascii_uppercase();
        let (measure, word) = (MEASURES.contains(&tail.as_str()), WORDS.contains(&tail.as_str()));
        let place = PLACE.matches(near) && !PLATE.matches(near);
        if VEHICLE.matches(near) && !place {
            // Without letters of its own it ends after the digits.
            let end = if measure || (word && !upper) { number.end() } else { range.end };
            let enough = end > number.end() || length >= 3;
            return enough.then_some(range.start..end);
        }
        let likely = match (upper, series.len()) {
            (_, 0) => false,
            (true, 1) => length >= 3,
            (true, _) => length >= 3 || !word,
            (false, 1) => false,
            (false, _) => length >= 3 && !word,
        };
        // A place has no three digits between letters.
        let whole = upper && length >= 3 && series.len() >= 2;
        (likely && !measure && (whole || !place)).then_some(range)
    })
}

/// Whether it is no part of a longer code, such as a ticket or the number of a letter: these have no blanks.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let mut head = text[..range.start].chars().rev();
    let mut tail = text[range.end..].chars();
    let blanks = text[range.clone()].contains(char::is_whitespace);
    let joined = |first: Option<char>, second: Option<char>| {
        !blanks && is(first, |c| matches!(c, '-' | '/' | '_')) && is(second, char::is_alphanumeric)
    };
    !is(char_before(text, range.start), char::is_alphanumeric)
        && !is(char_after(text, range.end), char::is_alphanumeric)
        && !joined(head.next(), head.next())
        && !joined(tail.next(), tail.next())
}

#[cfg(test)]
#[test]
fn the_patterns_compile() {
    for pattern in [&CANDIDATE, &VEHICLE, &PLATE, &PLACE] {
        assert!(pattern.compiles());
    }
}
