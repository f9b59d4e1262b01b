//! An authenticator app: codes of a second factor (RFC 6238, with HMAC-SHA1, 30 seconds and six digits).

use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;
use std::time::{SystemTime, UNIX_EPOCH};

/// The code of a key, as the portal shows it in groups, now.
#[expect(clippy::disallowed_methods, reason = "an authenticator app lives in real time")]
pub(crate) fn now(key: &str) -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    at(key, seconds)
}

fn at(key: &str, seconds: u64) -> String {
    let key: String = key.chars().filter(|symbol| !symbol.is_whitespace()).collect();
    let key = BASE32_NOPAD.decode(key.trim_end_matches('=').as_bytes()).expect("a key in base32");
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let mac = hmac::sign(&key, &(seconds / 30).to_be_bytes());
    let mac = mac.as_ref();
    let from = usize::from(mac[mac.len() - 1] & 15);
    let number = mac[from..from + 4].iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

#[test]
fn codes_are_those_of_the_standard() {
    // RFC 6238, appendix B, the last six digits.
    let key = BASE32_NOPAD.encode(b"12345678901234567890");
    assert_eq!(at(&key, 59), "287082");
    assert_eq!(at(&key, 1_111_111_109), "081804");
}
