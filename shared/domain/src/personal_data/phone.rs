//! Telephone numbers: mobile, landline, foreign with `+`, spelled out, and in links that open a chat.
//!
//! Where a number begins and ends among other numbers depends on how many digits it has by then, so groups of digits are
//! walked through in code.

use super::{
    pattern::{Pattern, SEPARATOR, before, char_before, digit, is, with_brackets},
    public,
};
use std::{ops::Range, sync::LazyLock};

static LINK: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) (?:https?://)? (?:www\.)? (?: \bwa\.me/ | \b(?:api|web)\.whatsapp\.com/send/?\?phone= | \bwhatsapp://send\?phone= )
          \+?\d[\w.?&=%/+-]*[\w]",
    )
});

/// A group of digits. `x` and `*` hide digits of a number, or are meant to.
const DIGITS: &str = r"\d(?:\d|[xX]|\*{3,})*";

/// Groups of digits that stand close to each other, or with a word between them that says a separator.
static RUN: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r"{DIGITS}(?:(?:{SEPARATOR}{{1,6}}|\s{{0,2}}(?i:se?trip|spasi|dash|titik|dot|koma|garis|min(?:us)?|terus|trus|trs|lalu|lanjut|sambung)\s{{0,2}})(?:{DIGITS}|[xX*]{{3,}}))*"
    ))
});

static GROUP: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(&format!(r"{DIGITS}|[xX*]{{3,}}")));

/// Words after which any number long enough is a telephone's.
static SAID_TO_BE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) \b (?: no\.?\s?hp | hp | hape | handphone | wa | w\.a | whats?app | te?lp | tlpn | tel | telep(?:h)?on | telpon | telfon
          | phone | call | sms | cp | kontak | contact | hub | hubungi | hubungin | dihubungi | nmr\s?hp | no\.?\s?wa
          | nohp | nowa | ponsel | seluler | whatsap | wasap | dihub | kabari | kabarin | japri | chat )
          (?: nya | ku )? \b (?u-i:[^0-9\n•]){0,20} $",
    )
});

/// Words after which a number is of something else, unless it looks very much like one.
static SAID_OTHERWISE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) \b (?: meter(?:an)? | pelanggan | id\s?pel | tiang | pju | seri | invoice | inv | faktur | tagihan | kuitansi | resi
          | rek(?:ening)? | va | virtual\ account | pengaduan | aduan | tiket | laporan | surat | kontrak | npwp | nop | nib | nip | nik | kk
          | peserta | imei | rangka | mesin | bpjs | gardu | panel | referensi | kartu | token | berkas | spk | rp )
          (?: nya )? \b (?u-i:[^0-9\n•]){0,16} $",
    )
});

/// Words right before a number that is the code of a thing, even one that looks like a mobile number.
static CODE_OF_A_THING: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) \b (?: (?: tiang (?: \s+ tele?pon )? | pju | lampu | gardu | panel | trafo | travo | hidran | meter(?:an)? | kwh | pelanggan | id\s?pel | idpel | resi | awb
          | token | karcis | kuitansi | kwitansi | struk | nota | seri | imei | rangka | mesin | invoice | faktur | npwp | nop | nib | va
          | virtual\ account | rek | rekening | billing | polis | sertifikat | imb | pbg | simbol | ssid | rp | idr )
          | (?: no | nomor | nomer | nmr | kode | id | registrasi ) [.\s:\#]{0,3} (?: tiket | laporan | lapor | pengaduan | aduan | antrian | antrean | berkas
          | pendaftaran | registrasi | referensi | surat | kontrak | transaksi | order | pesanan | booking | bpjs | peserta | kartu | kursi | bus | armada | lambung ) )
          (?: nya )? (?: \s+ (?: no | nomor | nomer | nmr | kode | id | listrik | air | pln | pdam | pam | jne | jnt | j&t | sicepat | tiki | pos
          | anteraja | pju | lampu | penerangan | jalan | umum | beton | besi | seri | token | parkir | prabayar | adalah | yaitu | bca | bri | bni | mandiri
          | dki | bpjs | laporan | tiket | aduan | pengaduan | asuransi ) )* \.? [\s:.\#=(/\[-]* $",
    )
});

/// What makes a sum of money of it.
static SUM: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(r"(?i)^\s?(?:rupiah|rp\b|juta|jt\b|ribu\b|rb\b|milyar|miliar)"));

/// What stands before a number of any country.
static PLUS: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"(?i)(?:\+|\bplus)[\s(\[]*$"));

/// One group of digits within a run.
struct Group<'t> {
    range: Range<usize>,
    digits: &'t str,
}

impl Group<'_> {
    fn length(&self) -> usize {
        self.digits.chars().count()
    }
}

pub(super) fn links(text: &str) -> Vec<Range<usize>> {
    LINK.find(text, |range| (!public::is_line(text, &range)).then_some(range))
}

pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
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
                    if !public::is_line(text, &range) {
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
const SAID: Shape = Shape { least: 9, enough: 10, most: 14 };
const NAMED: Shape = Shape { least: 7, enough: 9, most: 13 };

/// The telephone number that begins with the first group, and how many groups it takes. What stands before `from` is part
/// of another.
fn number(text: &str, from: usize, groups: &[Group<'_>]) -> Option<(Range<usize>, usize)> {
    let first = groups.first()?;
    let shape = shape(text, from, groups)?;
    let mut total = first.length();
    let mut taken = 1;
    let mut gap_before = "";
    for pair in groups.windows(2) {
        let [last, next] = pair else { break };
        let gap = &text[last.range.end..next.range.start];
        let length = next.length();
        // Said in small groups, it may end with one.
        let small = groups[..taken].iter().all(|group| group.digits.len() <= 2)
            || (first.digits.len() <= 2 && !gap.contains([',', '.', ';', '/', '|']))
            || (last.digits.len() <= 2 && length <= 2);
        let loose = gap.contains(|c: char| c.is_whitespace() || "/,;|".contains(c));
        let whole = first.length() >= shape.enough || length < 2;
        // A stop with a blank ends what could be a number by now.
        let stops =
            gap.contains(char::is_whitespace) && gap.contains([',', ';', ':', '.', '/', '|', '!', '?']);
        let ended = stops && total >= shape.least && !small && gap != gap_before;
        let belongs = total < shape.enough || small || !(loose && whole);
        if total + length > shape.most || !belongs || ended || (total >= shape.enough && begins_anew(next)) {
            break;
        }
        gap_before = gap;
        total += length;
        taken += 1;
    }
    let last = groups.get(taken - 1)?;
    let one_too_long = taken == 1 && total == shape.most + 1;
    if total < shape.least || (total > shape.most && !one_too_long) {
        return None;
    }
    if SUM.matches(&text[last.range.end..]) {
        return None;
    }
    let said = PLUS.start(&text[from..first.range.start]).map_or(first.range.start, |start| from + start);
    Some((with_brackets(text, said..last.range.end), taken))
}

fn begins_anew(group: &Group<'_>) -> bool {
    group.digits.starts_with("08") || group.digits.starts_with("62")
}

fn shape(text: &str, from: usize, groups: &[Group<'_>]) -> Option<Shape> {
    let first = groups.first()?;
    let head: String = groups.iter().flat_map(|group| group.digits.chars()).take(8).collect();
    let near = &text[from..first.range.start];
    let near = before(near, near.len());
    let plus = PLUS.matches(near);
    if is_decimal(text, groups) || is_date(text, groups) || is_of_a_thing(near) {
        return None;
    }
    let within_a_number = within_a_number(near, groups);
    let mobile = |head: &str| {
        let mut head = head.chars();
        head.next() == Some('8') && head.next().is_some_and(|c| matches!(c, '1'..='9'))
    };
    // `+62 (0) 812`, `0062 812`.
    let country = head.strip_prefix("00").unwrap_or(&head).strip_prefix("62");
    let country = country.map(|national| national.strip_prefix('0').unwrap_or(national));
    if head.strip_prefix('0').is_some_and(mobile) {
        return (!within_a_number).then_some(MOBILE);
    }
    if country.is_some_and(mobile) {
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
    if is_said_digit_by_digit(groups) {
        return Some(SAID);
    }
    let service = head.starts_with("1500") || head.starts_with("0800") || head.starts_with("14");
    (!service && SAID_TO_BE.matches(near)).then_some(NAMED)
}

/// Whether the words before a number say that it is the code of a thing.
pub(super) fn is_of_a_thing(near: &str) -> bool {
    CODE_OF_A_THING.matches(near)
}

/// Nine digits one by one are a number, unless somebody counts.
fn is_said_digit_by_digit(groups: &[Group<'_>]) -> bool {
    let single = groups.iter().take_while(|group| group.digits.len() == 1).count();
    let value = |group: &Group<'_>| group.digits.parse::<u32>().ok();
    let counts = groups.windows(2).take(4).all(|pair| {
        let [one, next] = pair else { return false };
        value(one).zip(value(next)).is_some_and(|(one, next)| one.checked_add(1) == Some(next))
    });
    single >= SAID.least && !counts
}

/// `-6.2812345`: one digit, a point, many.
fn is_decimal(text: &str, groups: &[Group<'_>]) -> bool {
    let [first, second, ..] = groups else { return false };
    let gap = &text[first.range.end..second.range.start];
    first.digits.len() == 1 && second.digits.len() > 2 && matches!(gap, "." | ",")
}

/// `08/12/2026 10:30:45`, `08-12-26 0930`.
fn is_date(text: &str, groups: &[Group<'_>]) -> bool {
    let [day, month, year, ..] = groups else { return false };
    let gap = |one: &Group<'_>, next: &Group<'_>| text[one.range.end..next.range.start].to_owned();
    let same = gap(day, month) == gap(month, year) && gap(day, month).len() == 1;
    let whole_year =
        year.digits.len() == 4 && ["19", "20"].iter().any(|century| year.digits.starts_with(century));
    same && day.digits.len() == 2 && month.digits.len() == 2 && whole_year
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
    for pattern in [&LINK, &RUN, &GROUP, &SAID_TO_BE, &SAID_OTHERWISE, &CODE_OF_A_THING, &SUM, &PLUS] {
        assert!(pattern.compiles());
    }
}
