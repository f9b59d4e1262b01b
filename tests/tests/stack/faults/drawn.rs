//! Random values for tests, and the time.

use domain::ids::EventId;
use jiff::Timestamp;
use tests::http::fresh_key;

#[expect(clippy::disallowed_methods, reason = "the tests live in real time; runtime::clock is for functions")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// Draws random bytes.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, fresh_key().as_bytes());
    digest.as_ref()[..N].try_into().unwrap()
}

/// An event's id that no other has.
pub(super) fn fresh_event() -> EventId {
    EventId::from_bytes(&random())
}
