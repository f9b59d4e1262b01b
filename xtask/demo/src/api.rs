//! Calls to the API and to presigned URLs.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use stack_file::Stack;
use std::time::Duration;

/// Makes calls; copies share their connections.
#[derive(Clone)]
pub(super) struct Api {
    agent: ureq::Agent,
    endpoint: String,
    host: String,
}

/// A response of the API.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) bytes: Vec<u8>,
}

/// A request about to be made. Shown as its method and template alone: the path holds a ticket, the URL a signature.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) template: String,
    url: Option<String>,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Api {
    /// A client of this stack's API.
    pub(super) fn of(stack: &Stack) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .proxy(None)
            .build()
            .into();
        // The name would need a resolver that knows `*.localhost`; the engine goes by the header.
        let host = stack.api.trim_start_matches("http://").to_owned();
        Self { agent, endpoint: stack.endpoint.clone(), host }
    }

    /// Sends the request and reads the response.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer> {
        let (api, made) = (self.clone(), call.clone());
        tokio::task::spawn_blocking(move || api.send_blocking(&made))
            .await?
            .with_context(|| format!("{} {} was not answered", call.method, call.template))
    }

    fn send_blocking(&self, call: &Call) -> Result<Answer> {
        let mut request = ureq::http::Request::builder().method(call.method.as_str());
        request = match &call.url {
            Some(url) => request.uri(url),
            None => request
                .uri(format!("{}{}", self.endpoint, call.path))
                .header("Host", &self.host)
                .header("Accept-Language", "en"),
        };
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let mut response = match &call.body {
            Some(body) => self.agent.run(request.body(body.as_slice())?)?,
            None => self.agent.run(request.body(())?)?,
        };
        let status = response.status().as_u16();
        let bytes = response.body_mut().with_config().limit(64 << 20).read_to_vec()?;
        Ok(Answer { status, bytes })
    }
}

impl Call {
    /// To a path of the API, such as `/v1/reports/{ticket}`.
    pub(super) fn api(method: &str, template: &str) -> Self {
        Self {
            method: method.to_owned(),
            template: template.to_owned(),
            url: None,
            path: template.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// Makes a request to a presigned URL.
    pub(super) fn presigned(method: &str, url: &str) -> Self {
        Self { url: Some(url.to_owned()), ..Self::api(method, "(presigned URL)") }
    }

    /// With this value in the place of `{name}`.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.path = self.path.replace(&format!("{{{name}}}"), value);
        self
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a bearer token.
    pub(super) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Adds a JSON body.
    pub(super) fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").bytes(body.to_string().into_bytes())
    }

    /// Sets the body.
    pub(super) fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }
}

impl Answer {
    /// Reads the body as JSON.
    pub(super) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.bytes).context("the answer is not JSON")
    }

    /// The same answer, if it has this status; else what the API says of it.
    pub(super) fn expect(self, call: &Call, status: u16) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        let body = self.json().unwrap_or_default();
        let said: Vec<&str> =
            ["title", "detail", "message"].iter().filter_map(|name| body[*name].as_str()).collect();
        let errors = body.get("errors").map(|errors| format!(" {errors}")).unwrap_or_default();
        bail!(
            "{} {} answered {} instead of {status}: {}{errors}",
            call.method,
            call.template,
            self.status,
            if said.is_empty() { "no reason given".to_owned() } else { said.join(": ") },
        )
    }
}

/// The text under a name of a response.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("the answer has no {name}"))
}

/// The list under a name of a response.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value]> {
    value[name].as_array().map(Vec::as_slice).with_context(|| format!("the answer has no {name}"))
}
