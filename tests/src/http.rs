//! Calls to the API, and to presigned URLs.

use crate::{canary, stack::stack};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

static AGENT: LazyLock<ureq::Agent> = LazyLock::new(|| {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .proxy(None)
        // A redirect is an answer that a test looks at.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .build()
        .into()
});

/// A response of the API or of S3.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// The headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The cookies that it sets, each with its attributes.
    pub cookies: Vec<String>,
    /// The body as bytes.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Whether it says that an earlier request did what was asked for.
    pub fn replayed(&self) -> bool {
        self.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
    }

    /// Reads the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("{}: {}", self.status, String::from_utf8_lossy(&self.bytes)))
    }

    /// The body as a text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The same answer, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// The errors of a 422 as `field code`, in order.
    pub fn errors(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let text = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
        errors.iter().map(|error| format!("{} {}", text(error, "field"), text(error, "code"))).collect()
    }
}

/// No answer came, for this reason.
#[derive(Debug)]
pub struct NoAnswer(pub String);

/// A request about to be made.
#[derive(Clone)]
pub struct Call {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Call {
    /// To a path of the API, such as `/v1/desk`.
    pub fn api(method: &str, path: &str) -> Self {
        let stack = stack();
        // The name would need a resolver that knows `*.localhost`; the engine goes by the header.
        let host = stack.api.trim_start_matches("http://").to_owned();
        Self::url(method, &format!("{}{path}", stack.endpoint)).header("Host", &host)
    }

    /// A request to any URL.
    pub fn url(method: &str, url: &str) -> Self {
        Self { method: method.to_owned(), url: url.to_owned(), headers: Vec::new(), body: None }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a bearer token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Adds an idempotency key.
    pub fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// Adds a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").bytes(body.to_string().into_bytes())
    }

    /// Sets the body.
    pub fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }

    /// Sends the request. Fails if the response says who reported, or if a refusal says anything that was planted.
    #[track_caller]
    pub fn send(&self) -> Answer {
        self.try_send().expect("an answer")
    }

    /// As [`Call::send`], where it may be that no answer comes.
    ///
    /// # Errors
    /// When none came: nobody knows whether the request was carried out.
    #[track_caller]
    pub fn try_send(&self) -> Result<Answer, NoAnswer> {
        let mut request = ureq::http::Request::builder().method(self.method.as_str()).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let sent = match &self.body {
            Some(body) => AGENT.run(request.body(body.as_slice()).expect("a request")),
            None => AGENT.run(request.body(()).expect("a request")),
        };
        let mut response = sent.map_err(|error| NoAnswer(error.to_string()))?;
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let cookies = response.headers().get_all("set-cookie").iter();
        let cookies = cookies.map(|cookie| String::from_utf8_lossy(cookie.as_bytes()).into_owned()).collect();
        let status = response.status().as_u16();
        let bytes = response.body_mut().with_config().limit(64 << 20).read_to_vec();
        let bytes = bytes.map_err(|error| NoAnswer(error.to_string()))?;
        let answer = Answer { status, headers, cookies, bytes };
        let said = canary::said_in(&answer);
        assert!(said.is_none(), "an answer of {status} says {said:?}");
        Ok(answer)
    }
}

/// An idempotency key that no other test has.
pub fn fresh_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let random = aws_lc_rs_random();
    format!("{random}-{:06}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn aws_lc_rs_random() -> String {
    let mut bytes = [0_u8; 16];
    #[expect(clippy::disallowed_methods, reason = "a test draws its own keys")]
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    data_encoding::HEXLOWER.encode(&bytes)
}

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "a test lives in real time; runtime::clock is for functions")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Asks until `done` says so; fails after a minute of asking.
#[track_caller]
pub fn eventually<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let end = now() + Duration::from_secs(60);
    while now() < end {
        if let Some(value) = done() {
            return value;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it never came to this: {what}");
}
