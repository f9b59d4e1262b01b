//! Handles and addresses in social networks.

use super::{
    pattern::{Pattern, char_before, is},
    public,
};
use std::{ops::Range, sync::LazyLock};

static LINK: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi) (?:https?://)? (?:\b[a-z-]{1,8}\.)?
          \b(?: instagram\.com | instagr\.am | facebook\.com | fb\.com | fb\.me | fb\.watch | twitter\.com | x\.com | tiktok\.com | t\.me
            | telegram\.me | threads\.(?:net|com) | line\.me | linkedin\.com | youtube\.com | snapchat\.com | linktr\.ee | discord\.gg
            | wa\.me | (?:chat\.)?whatsapp\.com )
          / [\w./?=&%~@\#:+-]* [\w/]",
    )
});

static AT: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"@[\w.-]*\w"));

/// `@ budi_s`, `a keong budi_s`: a name if it looks like one.
static APART: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(r"(?i)(?:@\s{1,3}|\b(?:a[\s-]?)?keong\s{1,2})(?P<name>[\w.-]*\w)"));

/// `ig budi underscore santoso`.
static SAID: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(r"(?i)\b\w{2,30}(?:\s(?:underscore|under\s?score|garis\s?bawah|underskor)\s\w{1,30})+\b")
});

const NETWORK: &str = r"(?:ig|i\.g\.?|insta|instagram|insta gram|fb|f\.b\.?|efbe|ef be|tt|twt|facebook|pesbuk|twitter|tiktok|tik tok|tele|telegram|line|threads|snapchat|wechat|discord|youtube|yt)";
const OWNER: &str = "(?:saya|sy|aku|gue|gw|ane|dia|beliau|punya|akun|akunnya|id|idnya|user|username|namanya|nama|adalah|yaitu)";

/// `ig: budi`, `akun tiktok = budi`, `Facebook "Agus Botak"`: what follows is a name, whatever it looks like.
static INTRODUCED: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r#"(?i)\b(?:{NETWORK}|akun|username|user ?name|id line)(?:nya|ku|mu)?(?:\s+{OWNER}){{0,3}}\s*(?:[:=]\s*["']?|["'])\s*(?P<name>(?-i:[A-Z][\w.-]*\w(?: [A-Z][\w.-]*\w){{1,3}})|[\w.-]*\w)"#
    ))
});

/// `IG budi_santoso`: what follows is a name if it looks like one.
static FOLLOWING: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r#"(?i)\b(?:{NETWORK}|akun|username)(?:nya|ku|mu)?(?:\s+(?:{NETWORK}|{OWNER})){{0,3}}[\s:=;~>|(){{}}\[\]"'/*-]{{1,6}}@?(?P<name>[\w.-]*\w)"#
    ))
});

/// `ig saya budisantoso, …`, `fb saya Agus Botak`: somebody's, and nothing comes after it that would make it a sentence.
static OWNED: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r"(?i)\b(?:{NETWORK}|akun)(?:\s+{NETWORK})?(?:\s+{OWNER}){{1,3}}\s+(?P<name>(?-i:[A-Z]\w+(?: [A-Z]\w+){{1,3}})\b|[\w.-]{{4,29}}\w\s*(?:[,;)!?]|\.\s|\.?$))"
    ))
});

/// What may stand after a colon and is nobody's name.
static NO_NAME: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(&format!(
        r"(?i)^(?:{NETWORK}|{OWNER}|\d+|https?|www|tidak|tdk|ga|gak|nggak|belum|sudah|ada|kosong|yang|yg|no|nomor|hilang|diblokir|dihack|kena|ramai|rame|juga|sendiri|terlampir|saja|aja|dong|mati|error|lama|baru)$"
    ))
});

pub(super) fn links(text: &str) -> Vec<Range<usize>> {
    LINK.find(text, |range| (!public::is_handle(&text[range.clone()])).then_some(range))
}

pub(super) fn names(text: &str) -> Vec<Range<usize>> {
    let mut ranges = AT.find(text, |range| {
        let joined = is(char_before(text, range.start), char::is_alphanumeric);
        let named = text[range.clone()].contains(char::is_alphabetic);
        // `@Rp 5.000` is a price.
        let long = range.len() > 3;
        (!joined && named && long && !public::is_handle(&text[range.clone()])).then_some(range)
    });
    let apart = APART.find_groups(text, |found| {
        let name = found.name("name")?;
        looks_like_one(name.as_str()).then(|| found.get(0).map_or(name.range(), |whole| whole.range()))
    });
    let said = SAID.find(text, Some);
    let introduced = INTRODUCED.find_groups(text, |found| {
        let name = found.name("name")?;
        let named = name.len() >= 3 && !NO_NAME.matches(name.as_str());
        named.then_some(name.range())
    });
    let following = FOLLOWING.find_groups(text, |found| {
        let name = found.name("name")?;
        looks_like_one(name.as_str()).then_some(name.range())
    });
    let owned = OWNED.find_groups(text, |found| {
        let name = found.name("name")?;
        let bare = name.as_str().trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        (!NO_NAME.matches(bare)).then(|| name.start()..name.start() + bare.len())
    });
    for range in said.into_iter().chain(apart).chain(introduced).chain(following).chain(owned) {
        if ranges.iter().all(|other| other.end <= range.start || range.end <= other.start)
            && !public::is_handle(&text[range.clone()])
        {
            ranges.push(range);
        }
    }
    ranges
}

/// A word with a digit, an underscore or a dot in it.
fn looks_like_one(name: &str) -> bool {
    name.len() >= 4
        && name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.contains(|c: char| c.is_ascii_digit() || matches!(c, '_' | '.'))
        && name.contains(char::is_alphabetic)
}

#[cfg(test)]
#[test]
fn the_patterns_compile() {
    for pattern in [&LINK, &AT, &APART, &SAID, &INTRODUCED, &FOLLOWING, &OWNED, &NO_NAME] {
        assert!(pattern.compiles());
    }
}
