//! Vehicle plates: the letters of a region, up to four digits, up to three letters.
//!
//! `B 12 A` is a plate or the address of a house. What stands before it decides; where nothing does, a plate has at least
//! two letters at its end or three digits.

use super::pattern::{GAP, Pattern, SEPARATOR, before, char_after, char_before, is};
use regex::Captures;
use std::{ops::Range, sync::LazyLock};

static CANDIDATE: LazyLock<Pattern> = LazyLock::new(|| {
    // Digits may stand apart, as they are said, and a letter that looks like one between them.
    let number = r"\d(?:[\s.\-]{1,2}\d){1,3}\b|\d(?:[\dOIl]{0,2}\d)?";
    Pattern::new(&format!(
        r"\b(?P<region>[A-Za-z]{{1,2}}|[A-Z]\s[A-Z])(?P<gap>{SEPARATOR}{{0,4}})(?P<number>{number})(?:(?P<other_gap>{SEPARATOR}{{0,4}})(?P<series>[A-Z](?:[\s.\-]{{1,2}}[A-Z]){{1,2}}\b|[A-Za-z]{{1,3}}\b))?"
    ))
});

/// Letters as they are called.
const LETTERS: &[(&str, char)] = &[
    ("a", 'A'),
    ("be", 'B'),
    ("bi", 'B'),
    ("ce", 'C'),
    ("se", 'C'),
    ("de", 'D'),
    ("e", 'E'),
    ("ef", 'F'),
    ("ep", 'F'),
    ("ge", 'G'),
    ("ha", 'H'),
    ("i", 'I'),
    ("je", 'J'),
    ("ka", 'K'),
    ("el", 'L'),
    ("em", 'M'),
    ("en", 'N'),
    ("o", 'O'),
    ("pe", 'P'),
    ("ki", 'Q'),
    ("kyu", 'Q'),
    ("er", 'R'),
    ("es", 'S'),
    ("te", 'T'),
    ("u", 'U'),
    ("ve", 'V'),
    ("fe", 'V'),
    ("we", 'W'),
    ("ex", 'X'),
    ("ix", 'X'),
    ("eks", 'X'),
    ("iks", 'X'),
    ("ye", 'Y'),
    ("zet", 'Z'),
    ("set", 'Z'),
    ("z", 'Z'),
];

/// `be satu dua tiga empat ix ye zet`, whose numbers are digits by now.
static SPELLED: LazyLock<Pattern> = LazyLock::new(|| {
    let mut names: Vec<&str> = LETTERS.iter().map(|(name, _)| *name).collect();
    names.sort_unstable_by_key(|name| std::cmp::Reverse(name.len()));
    let name = format!("(?:{}|[a-z])", names.join("|"));
    let gap = r"[\s,.\-]{1,3}";
    Pattern::new(&format!(
        r"(?i)\b(?P<region>{name}(?:{gap}{name})?){gap}(?P<number>\d{{1,4}}(?:{gap}\d{{1,2}}){{0,3}})\b(?P<series>(?:{gap}{name}){{1,3}}\b|{gap}[a-z]{{2,3}}\b)?"
    ))
});

/// Plates of the armed forces and of the police have no letters.
static FORCES: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?i)\b(?:plat|pelat|nopol|dinas|tni|polri|polisi)(?:nya)?[\s:.]{1,3}(?P<number>\d{3,5}-(?:\d{2}|[IVX]{1,5}))\b",
    )
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
          | angkutan | metromini | mikrolet | kopaja | bernopol | bernomor | berplat ) (?: nya )? \b (?u-i:[^0-9\n•])* $",
    )
});

/// `pelat nomor` is no house number.
static PLATE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(r"(?i)\b(?:plat|pelat|polisi|tnkb)(?:nya)?\s+(?:no|nomor|nomer)(?:nya)?[\s.:]*$")
});

/// Codes of things that look like plates: `tiang B-1027-KT`.
static THING: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) \b (?: tiang | pju | lampu | gardu | panel | trafo | travo | hidran | kwh | meteran | patok | pompa | pintu\ air | cctv | kamera | apar | rambu
          | tiket | resi | karcis | nota | kuitansi | kwitansi | struk | invoice | seri | kode | odp | bts | menara | lambung | bodi )
          (?: nya )? \b (?: \s+ (?: no | nomor | nomer | nmr | kode | id | listrik | pln | pju | lampu | penerangan | jalan | umum | beton | besi | seri | mati | rusak | miring
          | padam | dengan | yang | yg | bernomor | berkode | tertulis | telkom | parkir | pengaduan | distribusi | induk | air ) )* [\s:.\#=(/\[-]* $",
    )
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
    let candidates = CANDIDATE.find_groups(text, |found| {
        let (region, number) = (found.name("region")?, found.name("number")?);
        let gap = |name| found.name(name).is_none_or(|gap| PLAIN_GAP.matches(gap.as_str()));
        let plain = gap("gap") && gap("other_gap");
        let series = found.name("series");
        let range = region.start()..series.map_or(number.end(), |series| series.end());
        let length = number.as_str().chars().filter(char::is_ascii_alphanumeric).count();
        let letters = |text: &str| -> String { text.chars().filter(char::is_ascii_alphabetic).collect() };
        let series = letters(series.map_or("", |series| series.as_str()));
        let near = before(text, range.start);
        let stands_alone = stands_alone(text, &range);
        let known = is_region(&letters(region.as_str()));
        if !known || !stands_alone || THING.matches(near) {
            return None;
        }
        let upper = !text[range.clone()].contains(char::is_lowercase);
        let tail = series.to_ascii_uppercase();
        let (measure, word) = (MEASURES.contains(&tail.as_str()), WORDS.contains(&tail.as_str()));
        let place = PLACE.matches(near) && !PLATE.matches(near);
        if VEHICLE.matches(near) && !place {
            // Without letters of its own it ends after the digits.
            let measure = measure && !(upper && range.len() == number.end() - region.start() + series.len());
            let end = if measure || (word && !upper) { number.end() } else { range.end };
            let enough = end > number.end() || length >= 3;
            return enough.then_some(range.start..end);
        }
        let likely = match (upper, series.len()) {
            (_, 0) => false,
            (true, 1) => length >= 3,
            (true, _) => length >= 3 || !word,
            (false, 1) => false,
            (false, _) => plain && length >= 3 && !word,
        };
        // A place has no three digits between letters.
        let whole = upper && length >= 3 && series.len() >= 2;
        (likely && (plain || whole) && !measure && (whole || !place)).then_some(range)
    });
    let spelled = SPELLED.find_groups(text, |found| is_spelled(text, found));
    let forces = FORCES.find_groups(text, |found| Some(found.name("number")?.range()));
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for range in candidates.into_iter().chain(spelled).chain(forces) {
        let apart = |other: &Range<usize>| other.end <= range.start || range.end <= other.start;
        match ranges.iter_mut().find(|other| !apart(other)) {
            Some(other) if other.len() < range.len() => *other = range,
            Some(_) => {}
            None => ranges.push(range),
        }
    }
    ranges
}

static PLAIN_GAP: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(&format!("^{GAP}{{0,2}}$")));

fn is_region(letters: &str) -> bool {
    REGIONS.contains(&letters.to_ascii_uppercase().as_str())
}

fn is_spelled(text: &str, found: &Captures<'_>) -> Option<Range<usize>> {
    let (region, number) = (found.name("region")?, found.name("number")?);
    let letter = |name: &str| {
        let called = LETTERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let single =
            name.chars().next().filter(|_| name.len() == 1).map(|letter| letter.to_ascii_uppercase());
        called.map(|(_, letter)| *letter).or(single)
    };
    let letters: Option<String> = region
        .as_str()
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|name| !name.is_empty())
        .map(letter)
        .collect();
    let digits = number.as_str().chars().filter(char::is_ascii_digit).count();
    let apart = number.as_str().contains(|c: char| !c.is_ascii_digit());
    let vehicle = VEHICLE.matches(before(text, region.start()));
    let known = letters.is_some_and(|letters| is_region(&letters)) && digits <= 4;
    // Only where all else says so are three letters behind it more than the next word.
    let tail = found.name("series").filter(|series| {
        let names = series.as_str().split(|c: char| !c.is_ascii_alphabetic()).filter(|name| !name.is_empty());
        names.clone().count() > 1
            || names.clone().all(|name| name.len() == 1)
            || (vehicle && names.clone().all(|name| letter(name).is_some()))
            || names.clone().all(|name| name.chars().all(|c| c.is_ascii_uppercase()))
    });
    let likely = if vehicle {
        digits >= 2 || tail.is_some()
    } else {
        (apart && digits >= 3) || (digits >= 2 && tail.is_some())
    };
    let said = region.as_str().len() > 1 || apart;
    (known && likely && said && !PLACE.matches(before(text, region.start())))
        .then(|| region.start()..tail.map_or(number.end(), |tail| tail.end()))
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
    for pattern in [&CANDIDATE, &SPELLED, &FORCES, &PLAIN_GAP, &VEHICLE, &THING, &PLATE, &PLACE] {
        assert!(pattern.compiles());
    }
}
