//! Reading a request: body, path, query and headers, all of them untrusted.
//!
//! Nothing here quotes what it refuses.

use crate::problem::Problem;
use domain::{
    ids::PhotoId,
    json,
    ticket::Ticket,
    validation_errors::{ValidationError, ValidationErrorCode},
};
use http::header;
use lambda_http::{Request, RequestExt};
use serde_json::Value;
use std::collections::HashMap;

/// The largest body, in bytes.
pub const BODY_MAX: usize = 64 * 1024;

/// The name of the header that makes a request repeatable.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Reads the body as JSON.
///
/// # Errors
/// In this order: 413 over [`BODY_MAX`], 415 unless `application/json`, 400 unless JSON in UTF-8 of which no object repeats a name.
pub fn json_body(request: &Request) -> Result<Value, Problem> {
    let bytes: &[u8] = request.body();
    if bytes.len() > BODY_MAX {
        return Err(Problem::TooLarge);
    }
    if !is_json(request) {
        return Err(Problem::WrongType);
    }
    // Some writers put a byte order mark first, which says nothing in UTF-8 (RFC 8259, section 8.1).
    json::read(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).ok_or(Problem::NotJson)
}

fn is_json(request: &Request) -> bool {
    let headers = request.headers();
    let Some(Ok(content_type)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    // Parameters that nobody knows are passed over (RFC 2045, section 5.2).
    let utf8 = parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
        let value = value.trim().trim_matches(['"', '\'']);
        !name.trim().eq_ignore_ascii_case("charset")
            || value.eq_ignore_ascii_case("utf-8")
            || value.eq_ignore_ascii_case("utf8")
    });
    let plain = headers.get_all(header::CONTENT_ENCODING).iter().all(|value| {
        value.to_str().is_ok_and(|value| value.is_empty() || value.eq_ignore_ascii_case("identity"))
    });
    json && utf8 && plain
}

/// Reads the ticket from the path.
///
/// # Errors
/// 404: what cannot be a ticket is as unknown as one that never was.
pub fn ticket(request: &Request) -> Result<Ticket, Problem> {
    parameter(request, "ticket").and_then(|text| Ticket::parse(&text)).ok_or(Problem::NotFound)
}

/// Reads the photo id from the path.
///
/// # Errors
/// 404, as for [`ticket`].
pub fn photo(request: &Request) -> Result<PhotoId, Problem> {
    parameter(request, "photo").and_then(|text| PhotoId::parse(&text)).ok_or(Problem::NotFound)
}

/// A path parameter, decoded. AWS decodes it already, other gateways do not; no id has a `%` of its own.
fn parameter(request: &Request, name: &str) -> Option<String> {
    percent_decoded(request.path_parameters_ref()?.first(name)?)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let (hex, tail) = tail.split_at_checked(2)?;
            bytes.extend(data_encoding::HEXUPPER_PERMISSIVE.decode(hex).ok()?);
            rest = tail;
        } else {
            bytes.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The query's parameters, each of them allowed and there once.
///
/// # Errors
/// 400, the same whether a parameter is unknown, hidden from this caller, or repeated.
pub fn query(request: &Request, allowed: &[&str]) -> Result<HashMap<String, String>, Problem> {
    let mut found = HashMap::new();
    for (name, value) in request.query_string_parameters_ref().into_iter().flat_map(|query| query.iter()) {
        let repeated = found.insert(name.to_owned(), value.to_owned()).is_some();
        if repeated || !allowed.contains(&name) {
            return Err(Problem::BadRequest);
        }
    }
    Ok(found)
}

/// The idempotency key, where one is sent: 22–64 of `A–Z a–z 0–9 _ -`.
///
/// # Errors
/// An error of the header, where it is something else or is there twice.
pub fn idempotency_key(request: &Request) -> Result<Option<String>, ValidationError> {
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| {
        let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        (22..=64).contains(&key.len()) && plain
    });
    match (key, values.next()) {
        (Some(key), None) => Ok(Some(key.to_owned())),
        _ => Err(ValidationError::new(IDEMPOTENCY_KEY, ValidationErrorCode::Format)),
    }
}

/// The version that the caller means to act on, where they say so: `"v"`, or bare.
///
/// `*` asks for nothing. What cannot be a version comes back as it is, or empty where it cannot even be read: it equals no
/// version, and so the command is refused as stale rather than carried out without the condition.
#[must_use]
pub fn if_match(request: &Request) -> Option<String> {
    let mut values = request.headers().get_all(header::IF_MATCH).iter();
    let value = values.next()?.to_str().unwrap_or_default().trim();
    if values.next().is_some() {
        return Some(String::new());
    }
    if value == "*" {
        return None;
    }
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    Some(bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::tests::sample;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    fn post(content_type: &str, body: &str) -> Request {
        sample(json!({ "headers": { "content-type": content_type }, "body": body }))
    }

    #[rstest]
    #[case("application/json")]
    #[case("Application/JSON; charset=UTF-8")]
    #[case("application/json;charset=\"utf-8\"")]
    #[case("application/json; charset=utf8")]
    #[case("application/json; charset = 'UTF8'")]
    #[case("application/json;")]
    #[case("application/json; x=1")]
    fn a_json_body_is_read(#[case] content_type: &str) {
        assert_eq!(json_body(&post(content_type, "{\"a\":1}")), Ok(json!({ "a": 1 })));
    }

    #[rstest]
    #[case("")]
    #[case("text/plain")]
    #[case("application/json2")]
    #[case("application/problem+json")]
    #[case("application/json; charset=utf-16")]
    #[case("application/json; charset=latin1")]
    #[case("é")]
    fn another_type_is_415(#[case] content_type: &str) {
        assert_eq!(json_body(&post(content_type, "{}")), Err(Problem::WrongType));
    }

    #[test]
    fn a_byte_order_mark_and_no_encoding_say_nothing() {
        assert_eq!(json_body(&post("application/json", "\u{feff}{}")), Ok(json!({})));
        let headers = json!({ "content-type": "application/json", "content-encoding": "identity" });
        assert_eq!(json_body(&sample(json!({ "headers": headers, "body": "{}" }))), Ok(json!({})));
    }

    #[test]
    fn no_type_and_an_encoded_body_are_415() {
        assert_eq!(json_body(&sample(json!({ "body": "{}" }))), Err(Problem::WrongType));
        let headers = json!({ "content-type": "application/json", "content-encoding": "gzip" });
        assert_eq!(json_body(&sample(json!({ "headers": headers, "body": "{}" }))), Err(Problem::WrongType));
    }

    #[rstest]
    #[case(String::new())]
    #[case(" ".to_owned())]
    #[case("{".to_owned())]
    #[case("{} {}".to_owned())]
    #[case("\u{feff}\u{feff}{}".to_owned())]
    #[case("{}\u{feff}".to_owned())]
    #[case("{\"a\":1e999}".to_owned())]
    #[case("[".repeat(60_000))]
    #[case("{\"a\":1,\"\\u0061\":1}".to_owned())]
    fn what_is_not_json_is_400(#[case] body: String) {
        assert_eq!(json_body(&post("application/json", &body)), Err(Problem::NotJson));
    }

    #[test]
    fn a_body_that_is_not_utf_8_is_400() {
        let body = data_encoding::BASE64.encode(b"\"\xff\"");
        let headers = json!({ "content-type": "application/json" });
        let request = sample(json!({ "headers": headers, "body": body, "isBase64Encoded": true }));
        assert_eq!(json_body(&request), Err(Problem::NotJson));
    }

    #[test]
    fn size_is_checked_before_type_and_type_before_json() {
        let (most, more) = ("x".repeat(BODY_MAX), "x".repeat(BODY_MAX + 1));
        assert_eq!(json_body(&post("text/plain", &more)), Err(Problem::TooLarge));
        assert_eq!(json_body(&post("text/plain", &most)), Err(Problem::WrongType));
        assert_eq!(json_body(&post("application/json", &most)), Err(Problem::NotJson));
    }

    fn path(name: &str, value: &str) -> Request {
        sample(json!({ "pathParameters": { name: value } }))
    }

    #[test]
    fn a_ticket_is_read_encoded_or_not() {
        let known = Ticket::from_mac(&[7; 32]);
        let shown = known.to_string();
        let encoded = shown.to_lowercase().replace('-', "%2d");
        for text in [shown, encoded, known.as_str().to_owned()] {
            assert_eq!(ticket(&path("ticket", &text)), Ok(known.clone()));
        }
    }

    #[rstest]
    #[case("")]
    #[case("0000")]
    #[case("%")]
    #[case("%2")]
    #[case("%zz")]
    #[case("%252d")]
    #[case("%ff")]
    #[case("../v1/desk")]
    fn what_cannot_be_an_id_is_not_found(#[case] text: &str) {
        assert_eq!(ticket(&path("ticket", text)), Err(Problem::NotFound));
        assert_eq!(photo(&path("photo", text)), Err(Problem::NotFound));
        assert_eq!(photo(&path("other", "0000000000000000")), Err(Problem::NotFound));
    }

    #[test]
    fn a_photo_is_read() {
        assert_eq!(photo(&path("photo", "0000000000000000")).unwrap().as_str(), "0000000000000000");
    }

    #[test]
    fn allowed_parameters_are_read_decoded() {
        let request = sample(json!({ "rawQueryString": "limit=25&cursor=a%2Bb" }));
        let found = query(&request, &["limit", "cursor", "desk"]).unwrap();
        assert_eq!((found["limit"].as_str(), found["cursor"].as_str(), found.len()), ("25", "a+b", 2));
        assert_eq!(query(&sample(json!({})), &[]), Ok(HashMap::new()));
    }

    #[rstest]
    #[case("sort=hour")]
    #[case("limit=1&limit=1")]
    #[case("limit=1&x")]
    #[case("Limit=1")]
    #[case("=1")]
    #[case("%6cimit=1&limit=2")]
    fn an_unknown_or_repeated_parameter_is_400(#[case] text: &str) {
        assert_eq!(query(&sample(json!({ "rawQueryString": text })), &["limit"]), Err(Problem::BadRequest));
    }

    fn with_header(name: &str, value: &str) -> Request {
        sample(json!({ "headers": { name: value } }))
    }

    #[rstest]
    #[case("a".repeat(22))]
    #[case("Az09_-".repeat(10))]
    #[case("a".repeat(64))]
    fn an_idempotency_key_is_read(#[case] key: String) {
        assert_eq!(idempotency_key(&with_header("idempotency-key", &key)), Ok(Some(key)));
    }

    #[rstest]
    #[case("a".repeat(21))]
    #[case("a".repeat(65))]
    #[case(format!("{} ", "a".repeat(30)))]
    #[case(format!("{},{}", "a".repeat(22), "b".repeat(22)))]
    #[case("é".repeat(22))]
    fn another_idempotency_key_is_an_error(#[case] key: String) {
        let error = idempotency_key(&with_header("idempotency-key", &key)).unwrap_err();
        assert_eq!((error.field.as_str(), error.code), (IDEMPOTENCY_KEY, ValidationErrorCode::Format));
    }

    #[rstest]
    #[case("\"v1\"", Some("v1"))]
    #[case("v1", Some("v1"))]
    #[case("*", None)]
    #[case("W/\"v1\"", Some("W/\"v1\""))]
    #[case("\"a\", \"b\"", Some("a\", \"b"))]
    #[case("é", Some(""))]
    #[case("", Some(""))]
    fn a_condition_is_never_dropped(#[case] header: &str, #[case] expected: Option<&str>) {
        assert_eq!(if_match(&with_header("if-match", header)).as_deref(), expected);
        assert_eq!(if_match(&sample(json!({}))), None);
        assert_eq!(idempotency_key(&sample(json!({}))), Ok(None));
    }

    proptest! {
        #[test]
        fn no_body_path_or_query_makes_it_panic(body: Vec<u8>, text: String) {
            let body = data_encoding::BASE64.encode(&body);
            let request = sample(json!({
                "headers": { "content-type": "application/json" }, "body": body, "isBase64Encoded": true,
                "pathParameters": { "ticket": text, "photo": text }, "rawQueryString": text
            }));
            let _ = (json_body(&request), ticket(&request), photo(&request), query(&request, &["limit"]));
        }
    }
}
