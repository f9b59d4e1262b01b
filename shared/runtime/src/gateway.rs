//! The HTTP API's event (payload format 2.0) and a request.
//!
//! `lambda_http` can do this too, but builds a URL from the Host header, the protocol that a proxy claims, the path and the
//! query, and panics where they make none. A request made here has no path at all: nothing can log a ticket from it.
//! The route's template and the parameters in it are in the extensions where `lambda_http` puts them.

use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use lambda_http::{
    Body, Request, RequestExt,
    aws_lambda_events::{apigw::ApiGatewayV2httpRequestContext, query_map::QueryMap},
    request::RequestContext,
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The request in an event; `None` where the event cannot be one.
#[must_use]
pub fn request(mut event: Value) -> Option<Request> {
    let mut headers = headers(event.get("headers"))?;
    add_cookies(&mut headers, event.get("cookies"))?;
    let body = body(event.get_mut("body").map(Value::take), event.get("isBase64Encoded"))?;
    let path = texts(event.get("pathParameters"))?;
    let query: QueryMap = match event.get("rawQueryString").and_then(Value::as_str) {
        Some(text) => text.parse().ok()?,
        None => QueryMap::default(),
    };
    let context = context(event.get_mut("requestContext")?.take())?;
    let mut request = Request::new(body);
    *request.method_mut() = context.http.method.clone();
    *request.headers_mut() = headers;
    Some(
        request
            .with_path_parameters(path)
            .with_query_string_parameters(query)
            .with_request_context(RequestContext::ApiGatewayV2(context)),
    )
}

/// All headers or none: a header that is left out could be the condition that somebody counts on.
fn headers(value: Option<&Value>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in entries(value)? {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_bytes(value.as_str()?.as_bytes()).ok()?);
    }
    Some(headers)
}

/// The gateway takes cookies out of the headers, one entry each; whoever asks finds each in a `Cookie` header of its own.
fn add_cookies(headers: &mut HeaderMap, cookies: Option<&Value>) -> Option<()> {
    let cookies = cookies.filter(|value| !value.is_null()).map(|value| value.as_array().ok_or(()));
    for cookie in cookies.transpose().ok()?.into_iter().flatten() {
        headers.append(header::COOKIE, HeaderValue::from_bytes(cookie.as_str()?.as_bytes()).ok()?);
    }
    Some(())
}

fn body(value: Option<Value>, base64: Option<&Value>) -> Option<Body> {
    match value {
        None | Some(Value::Null) => Some(Body::Empty),
        Some(Value::String(text)) if base64.and_then(Value::as_bool).unwrap_or(false) => {
            data_encoding::BASE64.decode(text.as_bytes()).ok().map(Body::Binary)
        }
        Some(Value::String(text)) => Some(Body::Text(text)),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => None,
    }
}

fn texts(value: Option<&Value>) -> Option<HashMap<String, String>> {
    entries(value)?.map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// The entries of an object; none where it is absent.
fn entries(value: Option<&Value>) -> Option<impl Iterator<Item = (&String, &Value)>> {
    let object = value.filter(|value| !value.is_null()).map(|value| value.as_object().ok_or(()));
    Some(object.transpose().ok()?.into_iter().flatten())
}

/// Claims that are no texts are written as AWS would write them, so that one odd claim cannot lock everybody out.
fn context(mut context: Value) -> Option<ApiGatewayV2httpRequestContext> {
    if let Some(Value::Object(claims)) = context.pointer_mut("/authorizer/jwt/claims") {
        for claim in claims.values_mut() {
            *claim = Value::String(claim_text(claim));
        }
    }
    serde_json::from_value(context).ok()
}

fn claim_text(claim: &Value) -> String {
    match claim {
        Value::String(text) => text.clone(),
        Value::Array(entries) => {
            let entries: Vec<String> = entries.iter().map(claim_text).collect();
            format!("[{}]", entries.join(" "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => claim.to_string(),
    }
}

/// The gateway's request id and the route's template, such as `GET /v1/reports/{ticket}`.
pub(crate) fn names(request: &Request) -> (Option<String>, Option<String>) {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            (context.request_id.clone(), context.route_key.clone())
        }
        // The enum may grow, and a request of a test may have no context.
        Some(_) | None => (None, None),
    }
}

/// The response in the form that the gateway expects: cookies beside the other headers, because a name stands there once, and a body
/// that is no text in base64.
pub(crate) fn reply(response: Response<Body>) -> Value {
    let (parts, body) = response.into_parts();
    let text = |value: &HeaderValue| value.to_str().ok().map(Value::from);
    let cookies: Vec<Value> = parts.headers.get_all(header::SET_COOKIE).iter().filter_map(text).collect();
    let headers: Map<String, Value> = parts
        .headers
        .iter()
        .filter(|(name, _)| *name != header::SET_COOKIE)
        .filter_map(|(name, value)| Some((name.to_string(), text(value)?)))
        .collect();
    let is_base64 = matches!(body, Body::Binary(_));
    let body = if is_base64 {
        data_encoding::BASE64.encode(&body)
    } else {
        String::from_utf8(body.to_vec()).unwrap_or_default()
    };
    let mut reply = json!({
        "statusCode": parts.status.as_u16(), "headers": headers, "body": body, "isBase64Encoded": is_base64
    });
    if !cookies.is_empty() {
        reply["cookies"] = Value::Array(cookies);
    }
    reply
}

/// Whether the gateway matched the request to this route, such as `GET /v1/desk`.
#[must_use]
pub fn is_route(request: &Request, route: &str) -> bool {
    names(request).1.as_deref() == Some(route)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rstest::rstest;

    /// An event of `POST /v1/reports/{ticket}/tl` with some of its members replaced.
    pub(crate) fn event(changes: Value) -> Value {
        let mut event = json!({
            "version": "2.0",
            "routeKey": "POST /v1/reports/{ticket}/tl",
            "rawPath": "/v1/reports/0000-0000-00000/tl",
            "rawQueryString": "",
            "headers": {},
            "pathParameters": { "ticket": "0000-0000-00000" },
            "requestContext": {
                "routeKey": "POST /v1/reports/{ticket}/tl",
                "requestId": "gateway-1",
                "stage": "$default",
                "http": { "method": "POST", "path": "/v1/reports/0000-0000-00000/tl", "protocol": "HTTP/1.1",
                          "sourceIp": "192.0.2.1", "userAgent": "x" }
            },
            "isBase64Encoded": false
        });
        for (name, value) in changes.as_object().unwrap() {
            event[name] = value.clone();
        }
        event
    }

    /// A request made of such an event.
    pub(crate) fn sample(changes: Value) -> Request {
        request(event(changes)).unwrap()
    }

    /// A request with these claims.
    pub(crate) fn with_claims(claims: Value) -> Request {
        let mut event = event(json!({}));
        event["requestContext"]["authorizer"] = json!({ "jwt": { "claims": claims, "scopes": null } });
        request(event).unwrap()
    }

    #[test]
    fn a_request_has_no_path_that_could_be_logged() {
        let request = sample(json!({ "headers": { "host": "tuntas.test" }, "rawQueryString": "limit=3" }));
        assert_eq!(request.uri(), "/");
        assert_eq!(request.method(), http::Method::POST);
        assert_eq!(names(&request).1.as_deref(), Some("POST /v1/reports/{ticket}/tl"));
        assert_eq!(request.query_string_parameters().first("limit"), Some("3"));
    }

    #[rstest]
    #[case(json!({ "headers": { "host": "::: no host", "x-forwarded-proto": "not a scheme" } }))]
    #[case(json!({ "rawPath": "// \u{0} %", "rawQueryString": "\"<>\u{7f}é=%ff%" }))]
    #[case(json!({ "headers": { "x-name": "é" }, "body": null }))]
    #[case(json!({ "pathParameters": null, "headers": null }))]
    fn odd_but_possible_requests_are_requests(#[case] changes: Value) {
        assert!(request(event(changes)).is_some());
    }

    #[rstest]
    #[case(json!({ "headers": { "if-match": "a\u{1}b" } }))]
    #[case(json!({ "headers": { "no name": "x" } }))]
    #[case(json!({ "headers": { "x": 1 } }))]
    #[case(json!({ "headers": [] }))]
    #[case(json!({ "body": "%%", "isBase64Encoded": true }))]
    #[case(json!({ "body": {} }))]
    #[case(json!({ "requestContext": null }))]
    #[case(json!({ "requestContext": 7 }))]
    fn what_cannot_be_a_request_is_none(#[case] changes: Value) {
        assert!(request(event(changes)).is_none());
    }

    #[test]
    fn a_body_in_base64_is_decoded() {
        let request = sample(json!({ "body": "e30=", "isBase64Encoded": true }));
        assert_eq!(&request.body()[..], b"{}");
    }

    #[test]
    fn cookies_are_headers_again() {
        let request = sample(json!({ "cookies": ["a=1", "b=2"] }));
        let cookies: Vec<_> = request.headers().get_all(header::COOKIE).iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert_eq!(super::request(event(json!({ "cookies": "a=1" }))).map(drop), None);
    }

    #[test]
    fn each_cookie_that_is_set_and_a_body_of_bytes_reach_the_gateway() {
        let mut response = Response::new(Body::Binary(vec![0xff, 0]));
        for cookie in ["a=1; Secure", "b=2; Secure"] {
            response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_static(cookie));
        }
        let reply = reply(response);
        assert_eq!(reply["cookies"], json!(["a=1; Secure", "b=2; Secure"]));
        assert_eq!((&reply["body"], &reply["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
        assert_eq!(reply["headers"], json!({}));
    }

    #[test]
    fn a_claim_that_is_a_list_is_written_as_aws_does() {
        assert_eq!(claim_text(&json!(["a", "b"])), "[a b]");
        assert_eq!(claim_text(&json!(true)), "true");
    }

    #[test]
    fn an_answer_reaches_the_gateway_whole() {
        let response = crate::response::json(http::StatusCode::CREATED, &json!({ "a": "é" })).unwrap();
        insta::assert_json_snapshot!(reply(response), @r#"
        {
          "body": "{\"a\":\"é\"}",
          "headers": {
            "content-type": "application/json"
          },
          "isBase64Encoded": false,
          "statusCode": 201
        }
        "#);
    }
}
