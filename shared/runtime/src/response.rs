//! Responses of successful requests, in JSON.

use crate::problem::Problem;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use lambda_http::Body;
use serde::Serialize;

/// Says that the answer is that of an earlier request with the same key.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A response that is being built.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct JsonResponse<'a> {
    status: StatusCode,
    version: Option<&'a str>,
    replayed: bool,
    held_back: bool,
    retry_after_s: Option<u32>,
    failed: Option<PartFailed>,
}

/// Marks an answer that leaves no sooner than a 404: how long it took would tell what was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeldBack;

/// Marks an answer to several things asked at once, of which one failed that is not the caller's doing: the log line says so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartFailed {
    /// The status that the part would have had as an answer of its own.
    pub(crate) status: StatusCode,
    /// The cause for the log.
    pub(crate) cause: Option<&'static str>,
}

impl<'a> JsonResponse<'a> {
    /// Starts a response with this status.
    pub const fn new(status: StatusCode) -> Self {
        Self { status, version: None, replayed: false, held_back: false, retry_after_s: None, failed: None }
    }

    /// Adds the version as a strong ETag.
    pub const fn etag(mut self, version: &'a str) -> Self {
        self.version = Some(version);
        self
    }

    /// Sets whether the response repeats an earlier one.
    pub const fn replayed(mut self, replayed: bool) -> Self {
        self.replayed = replayed;
        self
    }

    /// Sets whether the response leaves no sooner than a 404, because its timing would tell what it hides.
    pub const fn held_back(mut self, held_back: bool) -> Self {
        self.held_back = held_back;
        self
    }

    /// Adds the seconds after which the parts that were not carried out may be sent again.
    pub const fn retry_after(mut self, seconds: Option<u32>) -> Self {
        self.retry_after_s = seconds;
        self
    }

    /// Sets the worst of what became of the parts of a request that asks several things at once; what is the caller's doing is no
    /// failure.
    pub fn worst_part(mut self, problem: Option<&Problem>) -> Self {
        let failed = problem.map(|problem| PartFailed { status: problem.status(), cause: problem.cause() });
        self.failed = failed.filter(|part| part.status.is_server_error());
        self
    }

    /// Builds the response with this body.
    ///
    /// # Errors
    /// [`Problem::InternalError`] when the value does not serialize, which is a bug.
    pub fn json(self, body: &impl Serialize) -> Result<Response<Body>, Problem> {
        let body = serde_json::to_string(body).map_err(|_| Problem::InternalError("answer not written"))?;
        let mut response = Response::new(Body::Text(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(version) = self.version {
            let tag = HeaderValue::try_from(format!("\"{version}\""))
                .map_err(|_| Problem::InternalError("version is no ETag"))?;
            headers.insert(header::ETAG, tag);
        }
        if self.replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(failed) = self.failed {
            response.extensions_mut().insert(failed);
        }
        if self.held_back {
            response.extensions_mut().insert(HeldBack);
        }
        Ok(response)
    }
}

/// A 200 with a JSON text that everybody may see, and caches may keep for some seconds.
#[must_use]
pub fn public(json: String, kept_s: u32) -> Response<Body> {
    let mut response = Response::new(Body::Text(json));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.extensions_mut().insert(Public { kept_s });
    response
}

/// An answer that everybody may see, and that never changes under its address: caches keep it for a year.
#[must_use]
pub fn immutable(mut response: Response<Body>) -> Response<Body> {
    response.extensions_mut().insert(Public { kept_s: 365 * 86_400 });
    response
}

/// Marks an answer that everybody may see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Public {
    /// For how many seconds caches may keep it.
    pub(crate) kept_s: u32,
}

/// A plain answer of this status.
///
/// # Errors
/// As [`JsonResponse::json`].
pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Response<Body>, Problem> {
    JsonResponse::new(status).json(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_json_with_its_version() {
        let created = JsonResponse::new(StatusCode::CREATED).etag("V1").replayed(true);
        let response = created.json(&serde_json::json!({"a": 1})).unwrap();
        insta::assert_debug_snapshot!(response, @r#"
        Response {
            status: 201,
            version: HTTP/1.1,
            headers: {
                "content-type": "application/json",
                "etag": "\"V1\"",
                "idempotency-replayed": "true",
            },
            body: Text(
                "{\"a\":1}",
            ),
        }
        "#);
        let plain = json(StatusCode::OK, &()).unwrap();
        assert!(!plain.headers().contains_key(REPLAYED) && !plain.headers().contains_key(header::ETAG));
    }
}
