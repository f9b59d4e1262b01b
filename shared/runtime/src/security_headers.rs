//! The headers that every answer has, whatever it says. [`crate::serve`] sets them, on its way out of the function.

use http::{HeaderMap, HeaderValue, header};

/// Nobody keeps it, and nobody guesses its type.
pub(crate) fn set(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
