//! The portal is a client of the API (docs/API.md), with the officer's own token and no other right.

pub(crate) mod areas;
pub(crate) mod city;
pub(crate) mod desk;
pub(crate) mod report;

use domain::{language::Language, secret_text::SecretText};
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use lambda_http::Body;
use runtime::{
    settings::{self, SettingError},
    telemetry,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::{sync::OnceLock, time::Duration};

type HttpClient = Client<HttpsConnector<HttpConnector>, Body>;

/// The longest that one call may take: a page makes at most three after another, and has to be answered within 10 s.
const CALL: Duration = Duration::from_millis(4000);
/// The largest answer that is read. The API's own are far below.
const LARGEST: usize = 4 * 1024 * 1024;

/// Where the API is, and the connections to it.
pub(crate) struct Api {
    /// Where to connect: scheme and authority.
    base: String,
    /// The name of the API's host.
    host: String,
    client: OnceLock<Option<HttpClient>>,
}

/// Somebody in whose name the API is called.
#[derive(Clone, Copy)]
pub(crate) struct As<'a> {
    pub(crate) id_token: &'a SecretText,
    pub(crate) language: Language,
}

/// What a command is sent with, beside its body.
#[derive(Clone, Copy, Default)]
pub(crate) struct Conditions<'a> {
    pub(crate) key: Option<&'a str>,
    pub(crate) version: Option<&'a str>,
}

/// The API said no, or could not be asked.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// In the reader's language.
    pub(crate) detail: String,
    pub(crate) errors: Vec<FieldError>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) code: String,
    pub(crate) detail: String,
}

/// What was done, the report's version after it, and whether it had been done before.
pub(crate) struct Done<T> {
    pub(crate) answer: T,
    pub(crate) version: Option<String>,
    pub(crate) is_replay: bool,
}

impl Problem {
    /// Nobody answered, or nobody in time: perhaps it was done, perhaps not.
    pub(crate) fn no_answer() -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, detail: String::new(), errors: Vec::new() }
    }

    /// What is wrong, in a sentence or more, without the fields that it is of.
    pub(crate) fn words(&self, otherwise: &str) -> String {
        let details: Vec<&str> = self.errors.iter().map(|error| error.detail.as_str()).collect();
        match details.as_slice() {
            [] if self.detail.is_empty() => otherwise.to_owned(),
            [] => self.detail.clone(),
            details => details.join(" "),
        }
    }

    fn of(status: StatusCode, body: &[u8]) -> Self {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Document {
            detail: String,
            errors: Vec<FieldError>,
        }
        let document: Document = serde_json::from_slice(body).unwrap_or_default();
        Self { status, detail: document.detail, errors: document.errors }
    }
}

impl Api {
    /// The API that the settings name: `API`, such as `https://x.execute-api.ap-southeast-3.amazonaws.com`. Where AWS is elsewhere
    /// (`AWS_ENDPOINT_URL`), so is the API, under the same name.
    pub(crate) fn from_settings() -> Result<Self, SettingError> {
        let api = settings::var("API")?;
        let (_, authority) = api.split_once("://").ok_or(SettingError::Invalid("API"))?;
        let host = authority.trim_end_matches('/').to_owned();
        let base = settings::var("AWS_ENDPOINT_URL").unwrap_or(api);
        Ok(Self { base: base.trim_end_matches('/').to_owned(), host, client: OnceLock::new() })
    }

    /// Asks for something. `path` begins with a slash and is encoded.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        name: &str,
        path: &str,
        who: Option<As<'_>>,
    ) -> Result<T, Problem> {
        Ok(self.call(name, Method::GET, path, who, None, Conditions::default()).await?.answer)
    }

    /// Sends a command.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        name: &str,
        path: &str,
        who: As<'_>,
        body: &Value,
        conditions: Conditions<'_>,
    ) -> Result<Done<T>, Problem> {
        self.call(name, Method::POST, path, Some(who), Some(body), conditions).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        name: &str,
        method: Method,
        path: &str,
        who: Option<As<'_>>,
        body: Option<&Value>,
        conditions: Conditions<'_>,
    ) -> Result<Done<T>, Problem> {
        telemetry::count_call(name);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::HOST, &self.host);
        if let Some(As { id_token, language }) = who {
            request = request
                .header(header::AUTHORIZATION, format!("Bearer {}", id_token.expose()))
                .header(header::ACCEPT_LANGUAGE, language.as_str());
        }
        if let Some(key) = conditions.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(version) = conditions.version {
            request = request.header(header::IF_MATCH, format!("\"{version}\""));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::Text(body.to_string())
            }
            None => Body::Empty,
        };
        let request = request.body(body).map_err(|_| Problem::no_answer())?;
        let answered = async {
            let answer = self.client()?.request(request).await.ok()?;
            let (parts, body) = answer.into_parts();
            Some((parts, Limited::new(body, LARGEST).collect().await.ok()?.to_bytes()))
        };
        let answered = tokio::time::timeout(CALL, answered).await.ok().flatten();
        let (parts, body) = answered.ok_or_else(Problem::no_answer)?;
        if !parts.status.is_success() {
            return Err(Problem::of(parts.status, &body));
        }
        let answer = serde_json::from_slice(&body).map_err(|_| Problem::no_answer())?;
        let version = parts.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok());
        let version = version.map(|etag| etag.trim_matches('"').to_owned());
        Ok(Done { answer, version, is_replay: parts.headers.contains_key("idempotency-replayed") })
    }

    /// Made at the first call: reading the system's certificates takes time that a start should not. None without certificates.
    fn client(&self) -> Option<&HttpClient> {
        let made = self.client.get_or_init(|| {
            let connector = HttpsConnectorBuilder::new().with_native_roots().ok()?;
            let connector = connector.https_or_http().enable_http1().build();
            Some(Client::builder(TokioExecutor::new()).build(connector))
        });
        made.as_ref()
    }
}
