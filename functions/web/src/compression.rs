//! Pages are sent compressed, where that tells nobody who listens on the way what stands in them.
//!
//! Of a page that holds something secret beside something that others choose, such as an address, the compressed length says whether
//! the two are alike (BREACH). So what is the same in each answer is masked anew (`cookie_key`), a page with the key of a second factor
//! stays as it is, and so does each page that anything but a page of ours led to: nobody else chooses what stands in the others.

use flate2::{Compression, write::GzEncoder};
use http::{HeaderValue, Response, header};
use lambda_http::{Body, Request};
use runtime::caller;
use std::io::Write;

/// What is shorter gains nothing: with its headers it fits into one packet.
const SHORTEST: usize = 1024;
/// The fastest: of a desk of fifty lines it leaves a seventh. More computing would take a tenth off that.
const LEVEL: Compression = Compression::new(1);

/// Marks a page that is not compressed, whoever asks for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain;

/// How much a browser wants a coding, in thousandths, as its `Accept-Encoding` says (RFC 9110, section 12.5.3); 0 where it takes none.
pub(crate) fn weight(accept_encoding: &str, coding: &str) -> u16 {
    let mut any = 0;
    for entry in accept_encoding.split(',') {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let given = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let weight = given.map_or(1000, thousandths);
        if name.eq_ignore_ascii_case(coding) {
            return weight;
        }
        if name == "*" {
            any = weight;
        }
    }
    any
}

/// `1`, `0.5`, `0.125`; what is none of these is not wanted.
fn thousandths(text: &str) -> u16 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 3 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    match whole {
        "1" => 1000,
        "0" => format!("{rest:0<3}").parse().unwrap_or_default(),
        _ => 0,
    }
}

/// Compresses a page for a browser that takes it so.
pub(crate) fn compress(request: &Request, response: &mut Response<Body>) {
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return;
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Sec-Fetch-Site"));
    let accepted = caller::header(request, header::ACCEPT_ENCODING.as_str()).unwrap_or_default();
    let wanted = weight(accepted, "gzip");
    let is_wanted = wanted > 0 && wanted >= weight_of_identity(accepted);
    let is_secret = response.extensions().get::<Plain>().is_some();
    if !is_wanted || is_secret || !is_asked_for_here(request) || response.body().len() < SHORTEST {
        return;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(response.body().len() / 4), LEVEL);
    // Writing to memory does not fail; if it did, the page would be sent as it is.
    let written = encoder.write_all(response.body());
    let Ok(compressed) = written.and_then(|()| encoder.finish()) else { return };
    *response.body_mut() = Body::Binary(compressed);
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
}

/// As it is, a page is always taken, and gladly only where that is said.
fn weight_of_identity(accepted: &str) -> u16 {
    if accepted.to_ascii_lowercase().contains("identity") { weight(accepted, "identity") } else { 0 }
}

/// Whether the officer came from a page of ours. A link in a mail looks like an address that somebody typed (`none`), and others choose it.
fn is_asked_for_here(request: &Request) -> bool {
    caller::header(request, "sec-fetch-site") == Some("same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page;
    use flate2::read::GzDecoder;
    use http::StatusCode;
    use rstest::rstest;
    use std::io::Read;

    const PAGE: &str = "text/html; charset=utf-8";

    fn answer(headers: &[(&str, &str)], kind: &'static str, length: usize) -> Response<Body> {
        let mut request = Request::default();
        for (name, value) in headers {
            request.headers_mut().insert(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let mut response = Response::new(Body::Text("x".repeat(length)));
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        compress(&request, &mut response);
        response
    }

    fn is_compressed(response: &Response<Body>) -> bool {
        response.headers().contains_key(header::CONTENT_ENCODING)
    }

    #[rstest]
    #[case("gzip, deflate, br", true)]
    #[case("GZIP", true)]
    #[case("br;q=1.0, gzip;q=0.5", true)]
    #[case("*", true)]
    #[case("gzip;q=0.5, identity;q=0.5", true)]
    #[case("", false)]
    #[case("br", false)]
    #[case("gzip;q=0", false)]
    #[case("gzip; q=0.000", false)]
    #[case("gzip;q=0, *", false)]
    #[case("*;q=0", false)]
    #[case("gzip;q=x", false)]
    #[case("gzip;q=0.5, identity", false)]
    #[case("xgzip", false)]
    fn a_page_is_compressed_for_a_browser_that_takes_it_so(#[case] accepted: &str, #[case] expected: bool) {
        let response =
            answer(&[("accept-encoding", accepted), ("sec-fetch-site", "same-origin")], PAGE, 2000);
        assert_eq!(is_compressed(&response), expected);
        assert_eq!(response.headers()[header::VARY], "Accept-Encoding, Sec-Fetch-Site");
        let mut text = String::new();
        if expected {
            GzDecoder::new(&response.body()[..]).read_to_string(&mut text).unwrap();
        } else {
            text = String::from_utf8(response.body().to_vec()).unwrap();
        }
        assert_eq!(text, "x".repeat(2000));
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[rstest]
    #[case(Some("same-origin"), true)]
    #[case(Some("none"), false)]
    #[case(Some("same-site"), false)]
    #[case(Some("cross-site"), false)]
    #[case(None, false)]
    fn a_page_that_another_site_asks_for_tells_nothing_by_its_length(
        #[case] site: Option<&str>,
        #[case] expected: bool,
    ) {
        let mut headers = vec![("accept-encoding", "gzip")];
        headers.extend(site.map(|site| ("sec-fetch-site", site)));
        assert_eq!(is_compressed(&answer(&headers, PAGE, 2000)), expected);
    }

    #[test]
    fn a_page_with_the_key_of_a_second_factor_stays_as_it_is() {
        #[derive(askama::Template)]
        #[template(source = "{{ text }}", ext = "html")]
        struct Long {
            text: String,
        }
        let mut request = Request::default();
        for (name, value) in [("accept-encoding", "gzip"), ("sec-fetch-site", "same-origin")] {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        for (key, expected) in [("", true), ("JBSWY3DP", false)] {
            let mut response = page::html_with_key(StatusCode::OK, &Long { text: "x".repeat(2000) }, key);
            compress(&request, &mut response);
            assert_eq!(is_compressed(&response), expected, "{key}");
        }
    }

    #[test]
    fn what_is_short_or_no_page_stays_as_it_is() {
        let headers = [("accept-encoding", "gzip"), ("sec-fetch-site", "same-origin")];
        assert!(!is_compressed(&answer(&headers, PAGE, SHORTEST - 1)));
        assert!(is_compressed(&answer(&headers, PAGE, SHORTEST)));
        assert!(!is_compressed(&answer(&headers, "application/json", 2000)));
    }
}
