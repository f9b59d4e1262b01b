//! The headers that every response has. [`crate::serve`] sets them as the last step.

use crate::response::Public;
use http::{HeaderValue, Response, header};

/// Forbids caches to keep the response, unless it is marked as public, and clients to guess its type.
pub(crate) fn set<B>(response: &mut Response<B>) {
    let public = response.extensions().get::<Public>();
    let kept = public.and_then(|public| {
        HeaderValue::try_from(format!(
            "public, max-age={}{}",
            public.kept_s,
            if public.kept_s > 86_400 { ", immutable" } else { "" }
        ))
        .ok()
    });
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, kept.unwrap_or(HeaderValue::from_static("no-store")));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
