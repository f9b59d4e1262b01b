//! How long presigned URLs are valid.

use jiff::Timestamp;
use std::time::Duration;

/// How long an upload URL is valid, in seconds.
pub const UPLOAD_SECONDS: u64 = 900;
/// How long the URL of a viewer's copy is valid, in seconds.
pub const VIEW_SECONDS: u64 = 60;

/// When an upload URL that is signed now expires.
#[must_use]
pub fn url_until(now: Timestamp) -> Timestamp {
    now + Duration::from_secs(UPLOAD_SECONDS)
}
