//! Sending reports, as any channel does.

use super::{
    channel_key::ChannelKey,
    checks::field,
    record::read_secret,
    rows::{Form, RowError},
};
use anyhow::{Context, Result, bail};
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::{client::http::HttpConnector, http::Request};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use cli::{
    exit::Refusal,
    target::{Target, random},
};
use domain::{secret::ReportSecret, secret_text::SecretText, ticket::Ticket};
use indicatif::ProgressBar;
use serde::Deserialize;
use serde_json::Value;
use std::{cell::Cell, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};

/// How long an answer is waited for: longer than the API itself waits.
const LONGEST: Duration = Duration::from_secs(40);
/// How often a row is sent in vain before the import stops.
const TRIES: u32 = 12;
/// The longest pause after a try in vain, where the answer does not say how long.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The API, as a channel calls it.
pub(crate) struct Api<'a> {
    connector: Connector,
    url: String,
    /// Where the name in the URL is not the API's: the local engine goes by this header.
    host: Option<String>,
    key: &'a ChannelKey,
    /// Whether the channel was one for tests when the import began.
    is_for_tests: bool,
    form: Form,
    /// Nothing is sent before this.
    paused_until: Cell<Option<Instant>>,
    bar: &'a ProgressBar,
}

/// What became of a row that was sent.
pub(crate) enum Sent {
    Stored {
        ticket: Ticket,
        secret: ReportSecret,
        /// It was there already.
        replayed: bool,
    },
    Refused(Vec<RowError>),
}

/// An answer, as far as it is looked at. No Debug: it may tell a secret.
struct Answer {
    status: u16,
    retry_after: Option<Duration>,
    replayed: bool,
    body: Vec<u8>,
}

#[derive(Deserialize)]
struct Stored {
    ticket: String,
    #[serde(deserialize_with = "read_secret")]
    secret: SecretText,
    /// Only of a test report.
    test_until: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    #[serde(default)]
    errors: Vec<RefusedField>,
}

#[derive(Deserialize)]
struct RefusedField {
    field: String,
    detail: String,
}

/// Where a stack's API is called, and the name that it is called by where that is another.
pub(crate) fn address(target: &Target) -> Result<(String, Option<String>)> {
    let api = target.output("Api")?.trim_end_matches('/');
    if target.local
        && let Some(endpoint) = target.config.endpoint_url()
    {
        let host = api.trim_start_matches("http://");
        return Ok((format!("{}/v1/reports", endpoint.trim_end_matches('/')), Some(host.to_owned())));
    }
    if !api.starts_with("https://") {
        bail!("the API's address is not https");
    }
    Ok((format!("{api}/v1/reports"), None))
}

impl<'a> Api<'a> {
    pub(crate) fn new(
        target: &Target,
        (key, is_for_tests): (&'a ChannelKey, bool),
        form: Form,
        bar: &'a ProgressBar,
    ) -> Result<Self> {
        let (url, host) = address(target)?;
        let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build();
        Ok(Self { connector, url, host, key, is_for_tests, form, paused_until: Cell::new(None), bar })
    }

    /// Sends a row until it is known what became of it. An error ends the import.
    pub(crate) async fn send(&self, idempotency_key: &str, body: &Value) -> Result<Sent> {
        let mut in_vain = 0;
        loop {
            while let Some(until) = self.paused_until.get().filter(|until| *until > Instant::now()) {
                sleep_until(until).await;
            }
            let answer = match timeout(LONGEST, self.request(idempotency_key, body)).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) if in_vain >= TRIES => {
                    return Err(error.context("the API gives no answer; run it again to go on"));
                }
                Err(_) if in_vain >= TRIES => bail!("the API gives no answer in time; run it again to go on"),
                Ok(Err(_)) | Err(_) => {
                    in_vain += 1;
                    self.pause(None, in_vain)?;
                    continue;
                }
            };
            match answer.status {
                200 | 201 => return self.stored(&answer),
                400 | 413 | 415 | 422 => return Ok(Sent::Refused(self.refused(&answer))),
                401 => {
                    return Err(Refusal::Unreachable("the API does not know this channel key".into()).into());
                }
                403 => return Err(Refusal::Unreachable("the channel is suspended".into()).into()),
                // The channel's quota: it ends with the hour, however often that is asked for.
                429 => self.pause(answer.retry_after, in_vain.max(1))?,
                500.. if in_vain < TRIES => {
                    in_vain += 1;
                    self.pause(answer.retry_after, in_vain)?;
                }
                status @ 500.. => bail!("the API answers {status} again and again; run it again to go on"),
                status => bail!("the API answers {status}, which it never should"),
            }
        }
    }

    async fn request(&self, idempotency_key: &str, body: &Value) -> Result<Answer> {
        let mut request = Request::new(SdkBody::from(body.to_string()));
        request.set_method("POST").context("no request")?;
        request.set_uri(self.url.as_str()).context("no request")?;
        let headers = request.headers_mut();
        headers.insert("content-type", "application/json");
        headers.insert("authorization", format!("Bearer {}", self.key.expose()));
        headers.insert("idempotency-key", idempotency_key.to_owned());
        headers.insert("accept-language", "en");
        if let Some(host) = &self.host {
            headers.insert("host", host.clone());
        }
        let mut response = self.connector.call(request).await?;
        let header = |name| response.headers().get(name).map(str::to_owned);
        let seconds: Option<u64> = header("retry-after").and_then(|seconds| seconds.parse().ok());
        let retry_after = seconds.map(|seconds| Duration::from_secs(seconds.min(3600)));
        let replayed = header("idempotency-replayed").is_some_and(|value| value == "true");
        let status = response.status().as_u16();
        let body = ByteStream::new(response.take_body()).collect().await.context("the answer broke off")?;
        Ok(Answer { status, retry_after, replayed, body: body.to_vec() })
    }

    /// Has all that is sent wait, and not begin again at one moment.
    fn pause(&self, asked: Option<Duration>, in_vain: u32) -> Result<()> {
        let growing = Duration::from_millis(200 << in_vain.min(8)).min(LONGEST_PAUSE);
        let least = asked.unwrap_or(growing / 2);
        let [high, low] = random::<2>()?;
        let share = f64::from(u16::from_be_bytes([high, low])) / 65536.0;
        let spread = (least / 4).clamp(Duration::from_millis(200), Duration::from_secs(10)).mul_f64(share);
        let until = Instant::now() + least + spread;
        if self.paused_until.get().is_none_or(|earlier| earlier < until) {
            self.paused_until.set(Some(until));
        }
        if least >= Duration::from_secs(5) {
            self.bar.println(format!("asked to wait for {} seconds", least.as_secs()));
        }
        Ok(())
    }

    /// What a refusal says; it quotes nothing of the row.
    fn refused(&self, answer: &Answer) -> Vec<RowError> {
        let refused: Option<Refused> = serde_json::from_slice(&answer.body).ok();
        let errors = refused.into_iter().flat_map(|refused| refused.errors);
        let mut errors: Vec<_> = errors
            .map(|RefusedField { field: path, detail }| RowError::new(field(self.form, &path), detail))
            .collect();
        if errors.is_empty() {
            errors.push(RowError::new("", format!("The API answers {}.", answer.status)));
        }
        errors
    }

    fn stored(&self, answer: &Answer) -> Result<Sent> {
        let parsed = serde_json::from_slice(&answer.body).ok().and_then(|stored: Stored| {
            let is_test = stored.test_until.is_some();
            Some((Ticket::parse(&stored.ticket)?, ReportSecret::parse(stored.secret.expose())?, is_test))
        });
        // The parser's own error would quote the secret.
        let (ticket, secret, is_test) = parsed.context("an answer of the API has no ticket and secret")?;
        // Else reports that are gone tomorrow would be remembered as stored, or real ones would come of a trial.
        match (self.is_for_tests, is_test) {
            (false, true) => bail!("the channel has become one for tests; the last rows were taken for such"),
            (true, false) => {
                bail!("the channel is none for tests any more; the last rows became real reports")
            }
            (false, false) | (true, true) => Ok(Sent::Stored { ticket, secret, replayed: answer.replayed }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::unit::Code;
    use serde_json::json;
    use std::{
        io::{Read, Write},
        net::TcpListener,
        path::PathBuf,
        thread,
    };

    const STORED: &str = r#"{"ticket": "TICKET", "secret": "SECRET"}"#;

    /// What becomes of a row when the API gives these answers, one after the other: status, headers, body. What it was asked, too.
    fn sent(answers: Vec<(u16, &'static str, String)>) -> (Result<Sent>, Vec<String>) {
        sent_by(false, answers)
    }

    /// The same of a channel that is one for tests, or none.
    fn sent_by(is_for_tests: bool, answers: Vec<(u16, &'static str, String)>) -> (Result<Sent>, Vec<String>) {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1/reports", server.local_addr().unwrap());
        let asked = thread::spawn(move || {
            let answer = |(status, headers, body): (u16, &str, String)| {
                let (mut caller, _) = server.accept().unwrap();
                let mut request = Vec::new();
                let mut bytes = [0; 4096];
                while !String::from_utf8_lossy(&request).contains("\r\n\r\n{") {
                    let read = caller.read(&mut bytes).unwrap();
                    request.extend(&bytes[..read]);
                }
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} x\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
                );
                caller.write_all((head + &body).as_bytes()).unwrap();
                String::from_utf8_lossy(&request).into_owned()
            };
            answers.into_iter().map(answer).collect::<Vec<_>>()
        });
        let channel = Code::parse("jaki").unwrap();
        let file = key_file();
        let key = ChannelKey::find(&channel, Some(&file)).unwrap().unwrap();
        let bar = ProgressBar::hidden();
        let api = Api {
            connector: Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build(),
            url,
            host: Some("api.contoh.id".to_owned()),
            key: &key,
            is_for_tests,
            form: Form::Csv,
            paused_until: Cell::new(None),
            bar: &bar,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let sent = runtime.block_on(api.send("kunci", &json!({"category": "a"})));
        (sent, asked.join().unwrap())
    }

    fn key_file() -> PathBuf {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let file = std::env::temp_dir().join(format!("tuntas-key-{}-{number}", std::process::id()));
        super::super::private_file::write(&file, format!("tk_jaki_{}\n", "k".repeat(43)).as_bytes()).unwrap();
        file
    }

    fn told() -> String {
        let (ticket, secret) = (Ticket::from_mac(&[1; 32]), ReportSecret::from_mac(&[1; 32]));
        STORED.replace("TICKET", &ticket.to_string()).replace("SECRET", secret.expose())
    }

    #[test]
    fn a_busy_api_is_waited_for_as_long_as_it_says_and_asked_the_same_again() {
        let began = Instant::now();
        let answers = vec![
            (429, "Retry-After: 1\r\n", String::new()),
            (503, "Retry-After: 1\r\n", String::new()),
            (200, "Idempotency-Replayed: true\r\n", told()),
        ];
        let (sent, asked) = sent(answers);
        assert!(matches!(sent, Ok(Sent::Stored { replayed: true, .. })));
        assert!(began.elapsed() > Duration::from_secs(2));
        assert!(asked.iter().all(|request| *request == asked[0]));
        let request = asked[0].to_lowercase();
        for header in ["idempotency-key: kunci", "host: api.contoh.id", "authorization: bearer tk_jaki_"] {
            assert!(request.contains(header), "{header}");
        }
    }

    #[test]
    fn an_import_ends_at_a_test_report_that_was_to_be_real_and_at_a_real_one_that_was_to_be_a_test() {
        let test = told().replace("}", r#", "test_until": "2026-11-24T01:30:00Z"}"#);
        for (is_for_tests, answer, is_stored) in
            [(false, told(), true), (true, test.clone(), true), (false, test, false), (true, told(), false)]
        {
            let (sent, _) = sent_by(is_for_tests, vec![(201, "", answer)]);
            assert_eq!(matches!(sent, Ok(Sent::Stored { .. })), is_stored);
        }
    }

    #[test]
    fn what_cannot_get_better_ends_the_import_at_once() {
        for status in [401, 403, 404] {
            let (sent, asked) = sent(vec![(status, "", String::new())]);
            assert!(sent.is_err());
            assert_eq!(asked.len(), 1, "{status}");
        }
    }

    #[test]
    fn a_refusal_names_fields_as_the_file_does_and_an_odd_answer_quotes_nothing() {
        let body = json!({"errors": [{"field": "location.lat", "code": "out_of_range", "detail": "This is out of range."}]});
        let (refused, _) = sent(vec![(422, "", body.to_string())]);
        let Ok(Sent::Refused(errors)) = refused else { panic!("not refused") };
        assert_eq!(errors, [RowError::new("lat", "This is out of range.")]);
        let odd = told().replace("ticket", "tiket");
        let said = format!("{:#}", sent(vec![(201, "", odd)]).0.err().expect("odd"));
        assert_eq!(said, "an answer of the API has no ticket and secret");
    }
}
