//! The headers that every response has. [`crate::serve`] sets them as the last step.

use http::{HeaderMap, HeaderValue, header};

/// Forbids caches to keep the response and clients to guess its type.
pub(crate) fn set(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
