//! SHA-256 in the forms that items hold.

use aws_lc_rs::{
    constant_time,
    digest::{SHA256, digest},
};
use data_encoding::{BASE64, HEXLOWER};

/// SHA-256 as lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

/// SHA-256 as raw bytes.
#[must_use]
pub fn raw(bytes: &[u8]) -> [u8; 32] {
    let mut raw = [0; 32];
    raw.copy_from_slice(digest(&SHA256, bytes).as_ref());
    raw
}

/// SHA-256 of a photo in base64, as S3 expects it.
#[must_use]
pub fn checksum(bytes: &[u8]) -> String {
    BASE64.encode(&raw(bytes))
}

/// The first bytes of a digest.
#[must_use]
pub fn first<const N: usize>(digest: &[u8; 32]) -> [u8; N] {
    std::array::from_fn(|n| digest[n])
}

/// Whether `secret` has this digest, in a time that does not tell how much of it agrees.
#[must_use]
pub fn is_of(expected_hex: &str, secret: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(expected_hex.as_bytes(), hex(secret).as_bytes()).is_ok()
}
