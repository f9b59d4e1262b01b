//! Telephone numbers: mobile, landline, foreign with `+`, spelled out, and in links that open a chat.
//!
//! Where a number begins and ends among other numbers depends on how many digits it has by then, so groups of digits are
//! walked through in code.

use super::pattern::{GAP, Pattern, before, char_before, digit, is};
use std::{ops::Range, sync::LazyLock};

static LINK: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) (?:https?://)? (?:www\.)? (?: \bwa\.me/ | \b(?:api|web)\.whatsapp\.com/send/?\?phone= | \bwhatsapp://send\?phone= )
          \+?\d[\w.?&=%/+-]*[\w]",
    )
});

/// Groups of digits that stand close to each other. `x` and `*` hide a digit of a number, or are meant to.
static RUN: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r"(?:\b[oO]8|\d)[\dxX*]*(?:(?:(?:{GAP}|[()/]){{1,3}}|\s?(?i:se?trip|spasi|dash)\s?)(?:\d[\dxX*]*|[xX*]{{3,}}))*"
    ))
});

static GROUP: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"(?:\b[oO]8|\d)[\dxX*]*|[xX*]{3,}"));

const DIGIT_WORD: &str = "(?:nol|kosong|zero|satu|dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan\
                          |one|two|three|four|five|six|seven|eight|nine)";

static SPELLED: LazyLock<Pattern> = LazyLock::new(|| {
    let gap = r"[\s,.\-]{0,3}";
    Pattern::new(&format!(
        r"(?i)\b(?:(?:(?:nol|kosong|zero|oh){gap}(?:delapan|lapan|eight|8)|0{gap}(?:delapan|lapan|eight)|(?:plus|\+){gap}(?:enam|six|6){gap}(?:dua|two|2))(?:{gap}(?:{DIGIT_WORD}|\d{{1,4}})){{5,13}}|{DIGIT_WORD}(?:{gap}{DIGIT_WORD}){{8,14}})\b"
    ))
});

/// Words after which any number long enough is a telephone's.
static SAID_TO_BE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) \b (?: no\.?\s?hp | hp | hape | handphone | wa | w\.a | whats?app | te?lp | tlpn | tel | telep(?:h)?on | telpon | telfon
          | phone | call | sms | cp | kontak | contact | hub | hubungi | hubungin | dihubungi )
          (?: nya | ku )? \b [^\d\n•]{0,20} $",
    )
});

/// Words after which a number is of something else, however much it looks like one.
static SAID_OTHERWISE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) \b (?: meter(?:an)? | pelanggan | id\s?pel | tiang | pju | seri | invoice | inv | faktur | tagihan | kuitansi | resi
          | rek(?:ening)? | va | virtual\ account | pengaduan | aduan | tiket | laporan | surat | kontrak | npwp | nop | nib | nip | nik | kk
          | peserta | imei | rangka | mesin | bpjs | gardu | panel | referensi | kartu | token | berkas | spk | rp )
          (?: nya )? \b [^\d\n•]{0,16} $",
    )
});

/// One group of digits within a run.
struct Group<'t> {
    range: Range<usize>,
    digits: &'t str,
}

pub(super) fn links(text: &str) -> Vec<Range<usize>> {
    LINK.find(text, Some)
}

pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut ranges =
        SPELLED.find(text, |range| text[range.clone()].contains(char::is_alphabetic).then_some(range));
    for run in RUN.find(text, Some) {
        let groups: Vec<Group<'_>> = GROUP
            .find(&text[run.clone()], Some)
            .into_iter()
            .map(|range| run.start + range.start..run.start + range.end)
            .map(|range| Group { digits: &text[range.clone()], range })
            .collect();
        let mut rest = groups.as_slice();
        let mut from = 0;
        while !rest.is_empty() {
            match number(text, from, rest) {
                Some((range, taken)) => {
                    from = range.end;
                    if ranges.iter().all(|other| other.end <= range.start || range.end <= other.start) {
                        ranges.push(range);
                    }
                    rest = &rest[taken..];
                }
                None => rest = &rest[1..],
            }
        }
    }
    ranges
}

/// What a number may be, by how it begins.
#[derive(Clone, Copy)]
struct Shape {
    least: usize,
    /// From here on only what clearly belongs to it is taken.
    enough: usize,
    most: usize,
}

const MOBILE: Shape = Shape { least: 9, enough: 10, most: 13 };
const MOBILE_62: Shape = Shape { least: 10, enough: 11, most: 14 };
const FOREIGN: Shape = Shape { least: 8, enough: 10, most: 15 };
const NAMED: Shape = Shape { least: 7, enough: 9, most: 13 };

/// The telephone number that begins with the first group, and how many groups it takes. What stands before `from` is part
/// of another.
fn number(text: &str, from: usize, groups: &[Group<'_>]) -> Option<(Range<usize>, usize)> {
    let first = groups.first()?;
    let shape = shape(text, from, groups)?;
    let mut total = first.digits.chars().count();
    let mut taken = 1;
    for pair in groups.windows(2) {
        let [last, next] = pair else { break };
        let gap = &text[last.range.end..next.range.start];
        let length = next.digits.chars().count();
        let small = groups[..taken].iter().all(|group| group.digits.len() <= 2);
        let loose = gap.contains(char::is_whitespace) || gap.contains('/');
        let whole = first.digits.chars().count() >= shape.enough || length < 2;
        let belongs = total < shape.enough || small || !(loose && whole);
        if total + length > shape.most || !belongs || (total >= shape.enough && begins_anew(next)) {
            break;
        }
        total += length;
        taken += 1;
    }
    let last = groups.get(taken - 1)?;
    let one_too_long = taken == 1 && total == shape.most + 1;
    if total < shape.least || (total > shape.most && !one_too_long) {
        return None;
    }
    // What opens it belongs to it.
    let mut start = first.range.start;
    while is(char_before(text, start), |c| matches!(c, '+' | '(')) {
        start -= 1;
    }
    let mut end = last.range.end;
    if text[start..end].matches('(').count() > text[start..end].matches(')').count() {
        if text[end..].starts_with(')') {
            end += 1;
        } else if text[start..].starts_with('(') {
            // It opens what ends later than the number.
            start += 1;
        }
    }
    Some((start..end, taken))
}

fn begins_anew(group: &Group<'_>) -> bool {
    group.digits.starts_with("08") || group.digits.starts_with("62")
}

fn shape(text: &str, from: usize, groups: &[Group<'_>]) -> Option<Shape> {
    let first = groups.first()?;
    let head: String = groups.iter().flat_map(|group| group.digits.chars()).take(4).collect();
    let head = head.to_ascii_lowercase().replace('o', "0");
    let near = &text[from..first.range.start];
    let near = before(near, near.len());
    let plus = near.trim_end().ends_with('+');
    let within_a_number = within_a_number(near, groups);
    let mobile = |head: &str| {
        let mut head = head.chars();
        head.next() == Some('8') && head.next().is_some_and(|c| matches!(c, '1'..='9'))
    };
    if head.strip_prefix('0').is_some_and(mobile) {
        return (!within_a_number).then_some(MOBILE);
    }
    if head.strip_prefix("62").is_some_and(mobile) {
        return (!within_a_number).then_some(MOBILE_62);
    }
    if plus {
        return Some(FOREIGN);
    }
    if SAID_OTHERWISE.matches(near)
        || within_a_number
        || is(char_before(text, first.range.start), |c| c == '/')
    {
        return None;
    }
    if let Some(area) = area(first.digits) {
        let contiguous = first.digits.len() > area;
        // Six digits of one's own at least: years and times have four.
        return (contiguous || groups.len() > 1).then_some(Shape {
            least: area + 6,
            enough: area + 7,
            most: area + 8,
        });
    }
    if head.starts_with("6221") {
        return Some(Shape { least: 10, enough: 11, most: 12 });
    }
    let service = head.starts_with("1500") || head.starts_with("0800") || head.starts_with("14");
    (!service && SAID_TO_BE.matches(near)).then_some(NAMED)
}

/// The length of the area code that the group begins with.
fn area(digits: &str) -> Option<usize> {
    if ["021", "022", "024", "031"].iter().any(|area| digits.starts_with(area)) {
        return matches!(digits.len(), 3 | 9..=11).then_some(3);
    }
    let mut head = digits.chars();
    let four = head.next() == Some('0') && head.next().is_some_and(|c| matches!(c, '2'..='7' | '9'));
    (four && matches!(digits.len(), 4 | 10..=12)).then_some(4)
}

/// Whether what looks like a beginning is the middle: of thousands with dots, or of a number of four times four digits.
fn within_a_number(near: &str, groups: &[Group<'_>]) -> bool {
    let Some(first) = groups.first() else { return false };
    let mut head = near.chars().rev();
    let (last, before_last) = (head.next(), head.next());
    if !is(before_last, digit) {
        return false;
    }
    let thousands = is(last, |c| matches!(c, '.' | ',')) && first.digits.len() == 3;
    let last_four: String = near.trim_end().chars().rev().take_while(|c| digit(*c)).collect();
    // Turned round: a year stands before a number and is no part of it.
    let year = last_four.ends_with("02") || last_four.ends_with("91");
    let four_by_four = last_four.len() == 4
        && !year
        && groups.len() == 3
        && groups.iter().all(|group| group.digits.len() == 4)
        && !SAID_TO_BE.matches(near);
    thousands || four_by_four
}

#[cfg(test)]
#[test]
fn the_patterns_compile() {
    for pattern in [&LINK, &RUN, &GROUP, &SPELLED, &SAID_TO_BE, &SAID_OTHERWISE] {
        assert!(pattern.compiles());
    }
}
