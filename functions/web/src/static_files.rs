//! Scripts and styles: built by Node, compressed at build time, in the binary. Their names hold their hash, so that browsers may keep
//! them for ever.

use crate::compression::weight;
use flate2::read::GzDecoder;
use http::{HeaderValue, Response, StatusCode, header};
use lambda_http::Body;
use std::io::Read;

/// One file. It is there once, in the form that each browser of today takes: others would make the zip larger, which is read at each
/// cold start (docs/adr/0012).
pub(crate) struct StaticFile {
    name: &'static str,
    file: &'static str,
    content_type: &'static str,
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/static_files.rs"));

/// Where a file is served, such as `/petugas/aset/style-3FA9C2.css`; the name is the one without the hash.
pub(crate) fn path(name: &str) -> String {
    let file = FILES.iter().find(|file| file.name == name).map_or(name, |file| file.file);
    format!("/petugas/aset/{file}")
}

/// The file of this hashed name, in a form that the browser takes.
pub(crate) fn serve(file: &str, accept_encoding: &str) -> Option<Response<Body>> {
    let file = FILES.iter().find(|known| known.file == file)?;
    let (bytes, coding) = if weight(accept_encoding, "gzip") > 0 {
        (file.gzip.to_vec(), Some("gzip"))
    } else {
        let mut plain = Vec::new();
        // It was compressed by our own build: what does not unpack is none of ours.
        GzDecoder::new(file.gzip).read_to_end(&mut plain).ok()?;
        (plain, None)
    };
    let mut response = Response::new(Body::Binary(bytes));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Some(runtime::response::immutable(response))
}

/// Whether there is a file of this name, the one without the hash.
#[cfg(test)]
pub(crate) fn is_there(name: &str) -> bool {
    FILES.iter().any(|file| file.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_served_in_the_form_that_the_browser_takes() {
        let file = path("style.css");
        let file = file.rsplit('/').next().unwrap();
        let answer = |accepted: &str| {
            let response = serve(file, accepted).unwrap();
            let coding = response
                .headers()
                .get(header::CONTENT_ENCODING)
                .map(|value| value.to_str().unwrap().to_owned());
            (coding, response.into_body().to_vec())
        };
        let (coding, compressed) = answer("gzip, deflate, br");
        assert_eq!(coding.as_deref(), Some("gzip"));
        for accepted in ["", "br", "gzip;q=0, br"] {
            let (coding, plain) = answer(accepted);
            assert_eq!(coding, None, "{accepted}");
            assert!(String::from_utf8(plain).unwrap().contains("font:") && compressed.len() > 100);
        }
        assert!(serve("style.css", "gzip").is_none());
        assert!(serve("../Cargo.toml", "").is_none());
    }
}
