//! What belongs to a public body and to nobody: its telephone lines, mailboxes and handles.
//!
//! A citizen who complains that nobody picks up at the district's office names a number that everybody may know. It stays, if
//! the text names the body close to it and no person between.

use super::pattern::{Pattern, sentence_before};
use std::{ops::Range, sync::LazyLock};

const BODY: &str = r"(?:kantor\s+(?:lurah|kelurahan|camat|kecamatan|wali\s?kota|walikota|gubernur|dinas|sudin|pos|pajak|samsat|dukcapil|pln|pam|bpn|kua|polisi|urusan)|kelurahan|kecamatan|balai\s?kota|pemprov|pemkot|pemda|dinas|sudin|suku\s+dinas|dishub|dinsos|dinkes|disdik|dukcapil|disdukcapil|satpol(?:\s+pp)?|bpbd|damkar|gulkarmat|pemadam(?:\s+kebakaran)?|puskesmas|rsud|rsup|rumah\s+sakit|polsek|polres(?:tro)?|polda|polisi|kepolisian|samsat|pln|pam\s?jaya|pdam|palyja|aetra|bpjs|transjakarta|tije|krl|kai|commuter\s?line|mrt|lrt|jaki|jaklapor|jakarta\s+siaga|ombudsman|kpk|komnas(?:\s+ham)?|kemen\w+|kementerian|basarnas|bmkg|pmi|ambulans?|pertamina|telkom|indihome|jasa\s?marga|perumda|pasar\s?jaya|dlh|lingkungan\s+hidup|bina\s+marga|sumber\s+daya\s+air|upt|ukpd|sekretariat|kodim|koramil)";

/// Words that say a line is not one person's.
const SERVICE: &str = r"(?:hot\s?line|call\s?-?\s?cent(?:er|re)|cc|contact\s?cent(?:er|re)|customer\s?(?:service|care)|layanan(?:\s+(?:pelanggan|pengaduan|warga|masyarakat|informasi|darurat|gangguan))?|posko|pos\s+pantau|nomor\s+darurat|nomer\s+darurat|saluran\s+(?:pengaduan|resmi)|pusat\s+(?:bantuan|panggilan|informasi)|wa\s+(?:center|resmi|pengaduan|aduan|bot)|whats?app\s+(?:center|resmi|pengaduan)|nomor\s+resmi|nomer\s+resmi|sms\s+(?:center|gateway)|loket|piket\s+umum|halo)";

/// Words of a line, which may stand between a body and its number.
const LINE: &str = r"(?:no|nomor|nomer|nmr|no\.|telp|telepon|telpon|tlp|tlpn|tel|fax|faks|hp|wa|whats?app|sms|kontak|call|center|centre|line|resmi|pengaduan|aduan|gangguan|darurat|kantor|di|ke|nya|yaitu|adalah|yang|yg|bisa|dihubungi|hubungi|ditelepon|ditelpon|ext|pusat|jakarta|selatan|utara|barat|timur|tengah|dki|provinsi|kota|kami|itu)";

/// Who is somebody, and has a number of their own.
fn person() -> String {
    format!(
        r"(?:pak|bapak|bpk|bu|ibu|sdr|sdri|saudara|saudari|bang|mas|mbak|kang|a\.?n|atas\s+nama|pribadi|ketua|petugas|oknum|staf|staff|pegawai|admin|pejabat|anggota|kepala|satpam|sekuriti|sopir|supir|kurir|pemilik|pelapor|warga|istri|isteri|suami|anak|adik|kakak|tetangga|saksi|(?:hubungi|menghubungi|telepon|menelepon|nomor|nomer|no|hp|wa|kontak|atau|dan|dari|ke)\s+{ONE}|{ONE}\s*(?:di|ke|wa|hp|no|nomor)?[\s:.(]*$)"
    )
}

/// Who writes. "Dinas sudah saya hubungi" names nobody's number.
const ONE: &str = "(?:saya|sy|aku|gue|gua|gw|ane|aye|kita)";

/// A landline in a sentence about a body.
static NAMED: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(&format!(r"(?i)\b(?:{BODY}|{SERVICE})(?:nya)?\b")));

/// A line right behind the body or the service that it leads to.
static RIGHT_BEFORE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r"(?i)(?:^|\b)(?:{SERVICE}(?:\s+\w+){{0,3}}|{BODY}(?:\s+(?-i:[A-Z])\w*){{0,3}})(?:[\s:.(,=-]+{LINE})*[\s:.(,=+-]*$"
    ))
});

/// The body stands behind the number: `0811… (Dinkes)`.
static RIGHT_BEHIND: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r"(?i)^\)?\s*[(,-]?\s*(?:(?:milik|punya|itu|yaitu|adalah|nomor|nomer|no|telp|wa|resmi)\s+){{0,3}}(?:{BODY}|{SERVICE})\b"
    ))
});

/// A person after the last word for a body, or right before it: `petugas Dishub`, `kelurahan, Pak Joko`.
static OF_SOMEBODY: LazyLock<Pattern> = LazyLock::new(|| {
    let person = person();
    Pattern::new(&format!(
        r"(?i)\b(?:pak|bapak|bpk|bu|ibu|petugas|oknum|staf|staff|pegawai|admin|pejabat|anggota|kepala|ketua|satpam|sekuriti|sopir|supir)\s+(?:{BODY}|\w+\s+{BODY})\b|\b(?:{BODY}|{SERVICE})\b[^•]*\b{person}(?:\b[^•]*)?$"
    ))
});

static SOMEBODY: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(&format!(r"(?i)\b{}(?:(?:nya)?\b[^•]{{0,24}})?$", person())));

/// Whether a number is a public line.
pub(super) fn is_line(text: &str, range: &Range<usize>) -> bool {
    let near = sentence_before(text, range.start);
    let behind = text.get(range.end..).unwrap_or_default();
    let behind = behind.get(..behind.floor_char_boundary(48)).unwrap_or_default();
    let digits: String = text[range.clone()].chars().filter(char::is_ascii_digit).collect();
    let national = digits.strip_prefix("62").or(digits.strip_prefix('0')).unwrap_or(&digits);
    let landline = !national.starts_with('8');
    let named = RIGHT_BEFORE.matches(near) || (landline && NAMED.matches(near));
    (named && !OF_SOMEBODY.matches(near)) || (RIGHT_BEHIND.matches(behind) && !SOMEBODY.matches(near))
}

/// Mailboxes of public bodies and of companies that serve the public, and those that are named for what they are for.
static MAILBOX: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) ^ (?: info | humas | layanan | pelayanan | pengaduan | aduan | cs | customer[._-]?(?:care|service) | call[._-]?cent(?:er|re)
          | contact[._-]?cent(?:er|re) | halo | kontak | sekretariat | lapor | helpdesk | upp | ppid ) (?: [._-]? \d+ | [._-] [\w.-]+ )? @
        | (?: \bgo (?: \s?[.,]\s? | \s?[\[({]?(?: dot | titik )[\])}]?\s? ) id $
          | (?: \b pln | pamjaya | palyja | aetra | transjakarta | jakartamrt | lrtjakarta | pasarjaya | kereta-api | pertamina | telkom | jasamarga | posindonesia )
            \. (?: co\.id | com ) $ )",
    )
});

/// Whether a mailbox is a public one and nobody is named before it.
pub(super) fn is_mailbox(text: &str, range: &Range<usize>) -> bool {
    MAILBOX.matches(&text[range.clone()]) && !SOMEBODY.matches(sentence_before(text, range.start))
}

static HANDLE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) (?: ^ | [/@] ) (?: official[._]? )?
          (?: (?: pln | kai | krl | tije | jaki | bpjs | bmkg | kpk | tmc | humas | dlh | ppid | kel | kec | sda )
              (?: $ | [._\d] | jak | jkt | dki | indo | id $ | pol | kes | ket )
            | pam[._]?jaya | commuterline | infokrl | mrt[._]?j | lrt[._]?j | pt[._]?tj | transj | jaklapor | jakwifi | jakarta (?: smart | siaga | tourism )
            | ombudsman | kemen | polda | polres | polsek | polri | divhumas | kelurahan | kecamatan | puskesmas | rsud | damkar | gulkar | satpol | bpbd
            | basarnas | dinas | dishub | dinkes | dinsos | disdik | dukcapil | sudin | binamarga | pemprov | pemkot | pemda | setkab | lapor1708 | lapor[._]go
            | perumda | pasarjaya | samsat | gubernur | jsclounge | jaktour )
        | dki[._]?j | [._]dki\b | dkijakarta | jktinfo | ntmc | transjakarta | pemprovdki",
    )
});

/// Whether a handle or a link leads to a public body.
pub(super) fn is_handle(name: &str) -> bool {
    HANDLE.matches(name)
}

#[cfg(test)]
#[test]
fn the_patterns_compile() {
    for pattern in [&NAMED, &RIGHT_BEFORE, &RIGHT_BEHIND, &OF_SOMEBODY, &SOMEBODY, &MAILBOX, &HANDLE] {
        assert!(pattern.compiles());
    }
}
