//! Scripts and styles: built by Node, compressed at build time, in the binary. Their names hold their hash, so that browsers may keep
//! them for ever.

use crate::compression::weight;
use http::{HeaderValue, Response, StatusCode, header};
use lambda_http::Body;

/// One file in three forms.
pub(crate) struct StaticFile {
    name: &'static str,
    file: &'static str,
    content_type: &'static str,
    plain: &'static [u8],
    brotli: &'static [u8],
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/static_files.rs"));

/// Where a file is served, such as `/petugas/aset/style-3FA9C2.css`; the name is the one without the hash.
pub(crate) fn path(name: &str) -> String {
    let file = FILES.iter().find(|file| file.name == name).map_or(name, |file| file.file);
    format!("/petugas/aset/{file}")
}

/// The file of this hashed name, in the best form that the browser takes.
pub(crate) fn serve(file: &str, accept_encoding: &str) -> Option<Response<Body>> {
    let file = FILES.iter().find(|known| known.file == file)?;
    let codings = [("br", file.brotli), ("gzip", file.gzip)]
        .map(|(coding, bytes)| (weight(accept_encoding, coding), coding, bytes));
    // Of two that are wanted as much, the first is the shorter one.
    let best =
        codings.into_iter().rev().max_by_key(|(weight, _, _)| *weight).filter(|(weight, _, _)| *weight > 0);
    let (bytes, coding) = best.map_or((file.plain, None), |(_, coding, bytes)| (bytes, Some(coding)));
    let mut response = Response::new(Body::Binary(bytes.to_vec()));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Some(runtime::response::immutable(response))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_served_in_the_form_that_the_browser_takes() {
        let file = path("style.css");
        let file = file.rsplit('/').next().unwrap();
        let coding = |accepted: &str| {
            let response = serve(file, accepted).unwrap();
            response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(coding("gzip, deflate, br").as_deref(), Some("br"));
        assert_eq!(coding("gzip;q=0.5, br;q=0").as_deref(), Some("gzip"));
        assert_eq!(coding("br;q=0.5, gzip").as_deref(), Some("gzip"));
        assert_eq!(coding(""), None);
        assert!(serve("style.css", "br").is_none());
        assert!(serve("../Cargo.toml", "").is_none());
    }
}
