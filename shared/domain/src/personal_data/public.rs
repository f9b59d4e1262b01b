//! What belongs to a public body and to nobody: its telephone lines, mailboxes and handles.
//!
//! A citizen who complains that nobody picks up at the district's office names a number that everybody may know. It stays, if
//! the text names the body close to it and no person between. Mobile numbers are people's: one stays only where the words right before
//! it say that it is a line of that body.

use super::pattern::{Pattern, sentence_before};
use std::{ops::Range, sync::LazyLock};

const BODY: &str = r"(?:kantor\s+(?:lurah|kelurahan|camat|kecamatan|wali\s?kota|walikota|gubernur|dinas|sudin|pos|pajak|samsat|dukcapil|pln|pam|bpn|kua|polisi|urusan)|kelurahan|kecamatan|balai\s?kota|pemprov|pemkot|pemda|dinas|sudin|suku\s+dinas|dishub|dinsos|dinkes|disdik|dukcapil|disdukcapil|satpol(?:\s+pp)?|bpbd|damkar|gulkarmat|pemadam(?:\s+kebakaran)?|puskesmas|rsud|rsup|rumah\s+sakit|polsek|polres(?:tro)?|polda|samsat|pln|pam\s?jaya|pdam|palyja|aetra|bpjs|transjakarta|tije|krl|kai|commuter\s?line|mrt|lrt|jaki|jaklapor|jakarta\s+siaga|ombudsman|kpk|komnas(?:\s+ham)?|kemen\w+|kementerian|basarnas|bmkg|pmi|ambulans?|pertamina|telkom|indihome|jasa\s?marga|perumda|pasar\s?jaya|dlh|lingkungan\s+hidup|bina\s+marga|sumber\s+daya\s+air|upt|ukpd|sekretariat|kodim|koramil)";

/// Words that say a line is not one person's.
const SERVICE: &str = r"(?:hot\s?line|call\s?-?\s?cent(?:er|re)|contact\s?cent(?:er|re)|customer\s?(?:service|care)|layanan\s+(?:pelanggan|pengaduan|informasi|darurat|gangguan)|(?:nomor|nomer|no|saluran|wa|whats?app|sms)\s+(?:pengaduan|aduan|center|gateway|bot)|pusat\s+(?:bantuan|panggilan|informasi))";

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
    LazyLock::new(|| Pattern::new(&format!(r"(?i)\b(?:{BODY}|polisi|kepolisian|{SERVICE})(?:nya)?\b")));

/// A line right behind the service or the body that it leads to: `Hotline PLN`, `WA Dinas Sosial`, `nomor kantor kelurahan Tebet`.
static LINE_OF: LazyLock<Pattern> = LazyLock::new(|| {
    let line = r"(?:(?:nomor|nomer|nmr|no|telp|telepon|telpon|tlp|fax|faks|kontak|wa|whats?app)[\s.]+){1,2}(?:(?:pengaduan|aduan|resmi|darurat|layanan|kantor)\s+)*";
    Pattern::new(&format!(
        r"(?i)\b(?:{SERVICE}|(?:{SERVICE}\s+|{line}){BODY}(?:\s+(?-i:[A-Z])\w*){{0,2}})(?:nya)?(?:[\s:.(=-]+(?:di|ke|no|nomor|nomer|telp|telepon|telpon|yaitu|adalah|itu|resmi))*[\s:.(=+-]*$"
    ))
});

/// Who turned to a body, wrote to it and then left a number: `sudah wa kelurahan 0812…`.
static TURNED_TO: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(r"(?i)\b(?:sudah|udah|udh|sdh|dah|telah|coba|mau|tolong|mohon|kami|{ONE})\s+$"))
});

/// A body that says where something is, or who was told.
static BESIDE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r"(?i)\b(?:(?:rumah|{ONE}|kami)(?:\s+\w+){{0,2}}\s+(?:di|dari)|(?:depan|dekat|deket|samping|sebelah|belakang|seberang|sebrang|sekitar|tinggal|warga|lapor(?:an|in|kan)?|melapor)(?:\s+(?:ke|di|dari|sama))?)\s+(?:kantor\s+)?(?:{BODY}|polisi)\b"
    ))
});

/// The body stands behind the number: `0811… (nomor Dinkes)`, `0811… itu nomor Dinkes`.
static RIGHT_BEHIND: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r"(?i)^\)?,?\s*(?:\((?:nomor|nomer|no|telp|wa)\s+|(?:(?:itu|yaitu|adalah|milik|punya)\s+){{1,2}}(?:(?:nomor|nomer|no|telp|wa|resmi)\s+){{0,2}})(?:{BODY}|{SERVICE})\b"
    ))
});

/// A person after the last word for a body, or right before it: `petugas Dishub`, `kelurahan, Pak Joko`.
static OF_SOMEBODY: LazyLock<Pattern> = LazyLock::new(|| {
    let person = person();
    Pattern::new(&format!(
        r"(?i)\b(?:pak|bapak|bpk|bu|ibu|petugas|oknum|staf|staff|pegawai|admin|pejabat|anggota|kepala|ketua|satpam|sekuriti|sopir|supir)\s+(?:{BODY}|\w+\s+{BODY})\b|\b(?:{BODY}|{SERVICE})\b(?u-i:[^•])*\b{person}(?:\b(?u-i:[^•])*)?$"
    ))
});

static SOMEBODY: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(&format!(r"(?i)\b{}(?:(?:nya)?\b(?u-i:[^•]){{0,24}})?$", person())));

/// Whether a number is a public line. In doubt it is somebody's.
pub(super) fn is_line(text: &str, range: &Range<usize>) -> bool {
    let near = sentence_before(text, range.start);
    let behind = text.get(range.end..).unwrap_or_default();
    let behind = behind.get(..behind.floor_char_boundary(48)).unwrap_or_default();
    let of_a_body = if is_landline(&text[range.clone()]) {
        NAMED.matches(near)
    } else {
        LINE_OF.start(near).is_some_and(|start| !TURNED_TO.matches(&near[..start]))
    };
    (of_a_body && !OF_SOMEBODY.matches(near) && !BESIDE.matches(near))
        || (RIGHT_BEHIND.matches(behind) && !SOMEBODY.matches(near))
}

/// Whether it has an Indonesian area code, or none.
fn is_landline(number: &str) -> bool {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    let home = digits.strip_prefix("62");
    let foreign = number.contains('+') && home.is_none();
    !foreign && !home.unwrap_or(digits).trim_start_matches('0').starts_with('8')
}

/// Mailboxes that are named for what they are for, and those of public bodies and of companies that serve the public.
static MAILBOX: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) ^ (?: info | humas | layanan | pelayanan | pengaduan | aduan | cs | customer[._-]?(?:care|service) | call[._-]?cent(?:er|re)
          | contact[._-]?cent(?:er|re) | halo | kontak | sekretariat | lapor | helpdesk | upp | ppid ) \s* @
        | (?: \bgo (?: \s?[.,]\s? | \s?[\[({]?(?: dot | titik )[\])}]?\s? ) id $
          | \b (?: pln | pamjaya | palyja | aetra | transjakarta | jakartamrt | lrtjakarta | pasarjaya | kereta-api | pertamina | telkom | jasamarga | posindonesia )
            \. (?: co\.id | com ) $ )",
    )
});

/// Providers where anybody takes whatever name is free.
static FREE_MAIL: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) @ \s* (?: g-?mai | gmial | google | yaho | ymail | rocketmail | hotmail | outlook | live | msn | icloud | me\b | aol | proton | pm\b
          | gmx | e?mail\b | yandex | zoho | tuta )",
    )
});

/// Whether a mailbox is a public one and nobody is named before it.
pub(super) fn is_mailbox(text: &str, range: &Range<usize>) -> bool {
    let mailbox = &text[range.clone()];
    MAILBOX.matches(mailbox)
        && !FREE_MAIL.matches(mailbox)
        && !SOMEBODY.matches(sentence_before(text, range.start))
}

/// Handles that are made of names of public bodies, of places and of nothing else.
static HANDLE: LazyLock<Pattern> = LazyLock::new(|| {
    let named = r"(?: pln | pln_?123 | kai_?121 | kai[._]?(?:official|indonesia) | krl | tije | jaki | bpjs | bmkg | kpk | tmc | ntmc | humas | divhumas | dlh | ppid
        | dinas | dishub | dinkes | dinsos | disdik | (?:dis)?dukcapil | sudin | binamarga | pemprov | pemkot | pemda | setkab | satpol | satpolpp | damkar | gulkarmat | bpbd | basarnas
        | polda | polres | polrestro | polri | rsud | samsat | gubernur | ombudsman | perumda | pasarjaya | pam[._]?jaya | commuterline | infokrl | mrt[._]?j(?:akarta|kt) | lrt[._]?j(?:akarta|kt)
        | transjakarta | jaklapor | jakwifi | jakarta(?:smartcity|siaga|tourism) | jsclounge | jaktour | jktinfo | dki[._]?jakarta | lapor[._]?(?:1708|go)
        | kemen(?:kes|hub|sos|dagri|dikbud|keu|ag|lu|han|perin|naker|kominfo|pupr|pu|komdigi|lhk) )";
    let more = "(?: dki | jakarta | jkt | jak(?:pus|sel|ut|bar|tim)? | jaya | metro | pusat | selatan | utara | barat | timur | tengah | provinsi | prov | official | resmi
        | indonesia | ri | kesehatan | ketenagakerjaan | perhubungan | sosial | pendidikan | lingkungan | hidup | lh | sda | pertamanan | perumahan | kebersihan )";
    Pattern::new(&format!(
        r"(?xi) ^ (?: (?:https?://)? [\w.-]+ / )? @? (?:official|pt|info)? [._]?
          (?: {named} (?: [._]* (?: {named} | {more} ) )* | (?: polsek | kelurahan | kecamatan | puskesmas ) [a-z_.]* )
          [._]* (?: [/?] | $ )"
    ))
});

/// Whether a handle or a link leads to a public body.
pub(super) fn is_handle(name: &str) -> bool {
    HANDLE.matches(name)
}

#[cfg(test)]
#[test]
fn the_patterns_compile() {
    for pattern in [
        &NAMED,
        &LINE_OF,
        &TURNED_TO,
        &BESIDE,
        &RIGHT_BEHIND,
        &OF_SOMEBODY,
        &SOMEBODY,
        &MAILBOX,
        &FREE_MAIL,
        &HANDLE,
    ] {
        assert!(pattern.compiles());
    }
}
