//! What is said to be the writer's own.
//!
//! A report on illegal advertising is about the number on the poster. "Hubungi saya di 0812…" in it is not.

use super::{
    pattern::{Pattern, sentence_before},
    spoken::as_read,
};
use std::sync::LazyLock;

static OWN: LazyLock<Pattern> = LazyLock::new(|| {
    let what = "(?:hubungi|hubungin|hub|kontak|kabari|kabarin|japri|chat|call|sms|wa|whats?app|hp|hape|nope|ponsel|telp|tlp|telepon|telpon|no|nomor|nomer|mobil|motor|kendaraan|plat|pelat|nopol|stnk)";
    let whose = "(?:saya|sy|aku|gue|gua|gw|ane|aye|kami|pelapor|istri|isteri|suami)";
    // One number after the other: `hubungi saya di 0812… atau 0857…`.
    let between = r"(?:[\s:.,(=/&)+\-]+(?:\d[\d\s.-]{6,18}\d|di|ke|adalah|yaitu|ini|nomor|nomer|no|wa|hp|hape|telp|telepon|plat|pelat|nopol|dengan|bernopol|aktif|yang|yg|saya|atau|dan))*[\s:.,(=/&)+\-]*";
    Pattern::new(&format!(
        r"(?i)\b{what}(?:nya)?[\s.]+(?:\w+\s+)?{whose}\b{between}$|\b{what}ku\b{between}$|\b{whose}[\s:,]+(?:wa|hp|telp|no|nomor|nomer|di|ke){between}$"
    ))
});

/// Whether the words before a place say that what stands there is the writer's.
pub(super) fn is_own(text: &str, place: usize) -> bool {
    let read = as_read(sentence_before(text, place)).text;
    OWN.matches(&read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Hubungi saya di ", true)]
    #[case("Reklame sedot WC. Nomor saya: ", true)]
    #[case("no hp istri saya ", true)]
    #[case("wa\u{a0}saya\u{a0}", true)]
    #[case("nomorku ", true)]
    #[case("Mobil saya nopol ", true)]
    #[case("Hubungi saya di 0812-3456-7890 atau ", true)]
    #[case("wa saya 081234567890/", true)]
    #[case("nomorku 0812 3456 7890, +62 857 1234 5678 dan ", true)]
    #[case("Hubungi saya di 0812-3456-7890. Di spanduk ", false)]
    #[case("Hubungi saya di 0812-3456-7890, di spanduk tertulis ", false)]
    #[case("Di spanduk tertulis hubungi ", false)]
    #[case("Reklame di depan rumah saya nomornya ", false)]
    #[case("Mobil saya ditabrak angkot ", false)]
    #[case("Hubungi saya. Nomor di spanduk ", false)]
    fn what_is_ones_own_is_said_right_before(#[case] before: &str, #[case] own: bool) {
        assert_eq!(is_own(before, before.len()), own);
    }

    #[test]
    fn the_pattern_compiles() {
        assert!(OWN.compiles());
    }
}
