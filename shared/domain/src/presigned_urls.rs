//! How long presigned URLs are good for.

use jiff::Timestamp;
use std::time::Duration;

/// How long the URL of an upload is good for, in seconds.
pub const UPLOAD_SECONDS: u64 = 900;
/// How long the URL of a viewer's copy is good for, in seconds.
pub const VIEW_SECONDS: u64 = 60;

/// When the URL of an upload ends that is signed now.
#[must_use]
pub fn url_until(now: Timestamp) -> Timestamp {
    now + Duration::from_secs(UPLOAD_SECONDS)
}
