//! The portal: its start, and what a page takes beside the calls that it is made of.
//!
//! A few lines stand for Cognito, Secrets Manager and the API. They answer at once with `functions/web/fixtures`: a desk of fifty lines,
//! and a report with a long history. The calls of a page are made again, one after the other, over a connection that is open, by nothing
//! but a socket; so all else that a page takes is counted as the portal's, the SDK's share among it.

use crate::{
    aws::Call,
    function::{Function, Program},
    http::{Message, now},
    life,
    measure::{EmptyLambda, Start, Times},
};
use anyhow::{Context, Result, ensure};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::Arc,
    thread,
};

/// A page that is measured.
struct Asked {
    name: &'static str,
    path: &'static str,
    query: &'static [(&'static str, &'static str)],
    /// What it is made of.
    calls: &'static [&'static str],
}

const DESK: Asked = Asked {
    name: "desk",
    path: "meja",
    query: &[("desk", "unit%3Asudin-bina-marga-jaksel")],
    // Areas and their names are kept from the first page on.
    calls: &["GetUser", "/v1/desk?limit=50&desk=unit%3Asudin-bina-marga-jaksel"],
};
const REPORT: Asked = Asked {
    name: "report",
    path: "laporan/0M2G-A185-0M2GP",
    query: &[],
    calls: &["GetUser", "/v1/reports/0M2G-A185-0M2GP"],
};

/// What the portal takes.
pub(crate) struct Web {
    pub(crate) pages: Vec<Page>,
    /// The peak of its memory in KiB.
    pub(crate) peak: u64,
}

/// What a page takes, again and again.
pub(crate) struct Page {
    pub(crate) name: &'static str,
    pub(crate) subject: Times,
    /// Its calls alone.
    pub(crate) calls: Times,
    pub(crate) empty_lambda: Times,
    /// The bytes that are sent: of the page, compressed, and of the cookies beside it.
    pub(crate) page_bytes: usize,
    pub(crate) cookie_bytes: usize,
    /// The bytes of the API's answers.
    pub(crate) answer_bytes: usize,
}

impl Page {
    /// The milliseconds that it takes beside its calls.
    pub(crate) fn overhead(&self) -> f64 {
        self.subject.percentile(50) - self.calls.percentile(50)
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "page": self.name, "subject": self.subject.json(), "calls": self.calls.json(),
            "empty_lambda": self.empty_lambda.json(), "overhead_p50_ms": self.overhead(),
            "page_bytes": self.page_bytes, "cookie_bytes": self.cookie_bytes, "answer_bytes": self.answer_bytes,
        })
    }
}

/// Those who answer.
struct World {
    city: String,
    areas: String,
    desk: String,
    report: String,
    id_token: String,
}

impl World {
    fn read(root: &Path) -> Result<Self> {
        // As the API writes them: in one line.
        let fixture = |name: &str| -> Result<String> {
            let path = root.join("functions/web/fixtures").join(name);
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok(serde_json::from_str::<Value>(&text)?.to_string())
        };
        let claims = json!({
            "sub": "6f1c2d3e-0000-4000-8000-000000000001", "cognito:username": "marga.budi", "name": "Budi Santoso",
            "cognito:groups": ["petugas-opd"], "custom:unit": "sudin-bina-marga-jaksel", "exp": 4_000_000_000_u64,
        });
        let id = format!("h.{}.", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()));
        Ok(Self {
            city: fixture("city.json")?,
            areas: fixture("areas.json")?,
            desk: fixture("desk.json")?,
            report: fixture("report.json")?,
            id_token: format!("{id:s<1150}"),
        })
    }

    fn listen(self: &Arc<Self>) -> Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port")?;
        let address = listener.local_addr()?;
        let shared = Arc::clone(self);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let world = Arc::clone(&shared);
                thread::spawn(move || world.serve(&stream));
            }
        });
        Ok(address)
    }

    fn serve(&self, stream: &TcpStream) {
        let _ = stream.set_nodelay(true);
        let (mut reader, mut writer) = (BufReader::new(stream), stream);
        while let Some(request) = Message::read(&mut reader, || {}) {
            let operation = request.header("x-amz-target").and_then(|target| target.rsplit('.').next());
            let (status, kind, body) = match operation {
                Some(operation) => {
                    let answer = self.aws(operation);
                    (if answer.is_some() { 200 } else { 400 }, "application/x-amz-json-1.1", answer)
                }
                None => {
                    let answer = self.api(request.line.split(' ').nth(1).unwrap_or_default());
                    (if answer.is_some() { 200 } else { 404 }, "application/json", answer)
                }
            };
            let body = body.unwrap_or_else(|| "{}".to_owned());
            let answer = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            if writer.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    fn aws(&self, operation: &str) -> Option<String> {
        Some(
            match operation {
                "GetSecretValue" => json!({"ARN": "s", "Name": "s", "SecretString": "s".repeat(64)}),
                "GetUser" => json!({"Username": "marga.budi", "UserAttributes": []}),
                "InitiateAuth" => json!({"AuthenticationResult": {
                    "IdToken": self.id_token, "AccessToken": "a".repeat(1080), "RefreshToken": "r".repeat(1790),
                    "ExpiresIn": 900, "TokenType": "Bearer",
                }}),
                _ => return None,
            }
            .to_string(),
        )
    }

    fn api(&self, path: &str) -> Option<String> {
        if let Some(codes) = path.strip_prefix("/v1/city?areas=") {
            let named =
                |code: &str| json!({"code": code, "name": format!("Kelurahan {code}"), "parent": null});
            let codes = codes.replace("%2C", ",");
            return Some(json!({"areas": codes.split(',').map(named).collect::<Vec<_>>()}).to_string());
        }
        let answer = match path {
            "/v1/city" => &self.city,
            _ if path.starts_with("/v1/city?areas_of=") => &self.areas,
            _ if path.starts_with("/v1/desk?") => &self.desk,
            _ if path.starts_with("/v1/reports/") => &self.report,
            _ => return None,
        };
        Some(answer.clone())
    }
}

/// The calls of a page and nothing else.
struct Caller {
    stream: TcpStream,
}

impl Caller {
    fn make(&mut self, calls: &[&str]) -> Result<usize> {
        let mut answered = 0;
        for call in calls {
            let token = "t".repeat(1150);
            let request = if call.starts_with('/') {
                format!("GET {call} HTTP/1.1\r\nhost: api\r\nauthorization: Bearer {token}\r\n\r\n")
            } else {
                format!(
                    "POST / HTTP/1.1\r\nhost: aws\r\nx-amz-target: AWSCognitoIdentityProviderService.{call}\r\n\
                     content-length: {}\r\n\r\n{token}",
                    token.len()
                )
            };
            (&self.stream).write_all(request.as_bytes())?;
            let answer = Message::read(&mut BufReader::new(&self.stream), || {}).context("no answer")?;
            ensure!(answer.line.contains(" 200 "), "{call}: {}", answer.line);
            answered += if call.starts_with('/') { answer.body.len() } else { 0 };
        }
        Ok(answered)
    }
}

/// An event of a page, as a browser with these cookies asks for it.
fn event(page: &Asked, cookies: &[String]) -> Value {
    let event = life::event("GET /petugas/{halaman+}", &[("halaman", page.path)], &Value::Null, None);
    let mut event = life::with_query(event, page.query);
    event["cookies"] = json!(cookies);
    life::header(life::header(event, "accept-encoding", "gzip, deflate, br"), "sec-fetch-site", "same-origin")
}

/// Signs in as an officer does; the cookies of the session.
fn signed_in(web: &Function) -> Result<Vec<String>> {
    let cookies = |answer: &Value| -> Vec<String> {
        let set = answer["cookies"].as_array().into_iter().flatten().filter_map(Value::as_str);
        set.filter(|cookie| !cookie.contains("Max-Age=0"))
            .filter_map(|cookie| cookie.split(';').next())
            .map(str::to_owned)
            .collect()
    };
    let first = web.invoke(&life::event("GET /masuk", &[], &Value::Null, None).to_string())?.value;
    let html = first["body"].as_str().context("no page")?;
    let token = html.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let mut sent = life::event("POST /masuk", &[], &Value::Null, None);
    sent["body"] =
        json!(format!("token={}&username=marga.budi&password=Rahasia", token.context("no token")?));
    sent["cookies"] = json!(cookies(&first));
    let sent = life::header(sent, "content-type", "application/x-www-form-urlencoded");
    let answer = web.invoke(&sent.to_string())?.value;
    ensure!(answer["statusCode"] == 303, "the sign-in answers {}", answer["statusCode"]);
    Ok(cookies(&answer))
}

/// The bytes of a page that was sent compressed.
fn page_bytes(answer: &Value) -> Result<usize> {
    ensure!(
        answer["statusCode"] == 200 && answer["headers"]["content-encoding"] == "gzip",
        "a page answers {} {}",
        answer["statusCode"],
        answer["headers"]
    );
    Ok(BASE64.decode(answer["body"].as_str().context("no body")?.as_bytes())?.len())
}

/// Starts the portal and the empty Lambda in turns; then asks for each page, makes its calls, and calls the empty Lambda in turns.
pub(crate) fn measure(
    root: &Path,
    program: &Program,
    empty_lambda: &Program,
    starts: usize,
    rounds: usize,
) -> Result<(Start, Web)> {
    let address = Arc::new(World::read(root)?).listen()?;
    let mut program = program.clone();
    for (name, value) in &mut program.environment {
        if name == "AWS_ENDPOINT_URL" {
            *value = format!("http://{address}");
        }
    }
    let web = Function::start(&program)?;
    let cookies = signed_in(&web)?;
    let first_page = event(&DESK, &cookies).to_string();
    let least = EmptyLambda { program: empty_lambda, event: &first_page };

    let calls = vec![Call::named("secretsmanager", "GetSecretValue"), Call::named("api", "city")];
    let mut start = Start::of(&program, calls)?;
    for round in 0..starts {
        for turn in 0..2 {
            if (turn + round) % 2 == 0 {
                let function = Function::start(least.program)?;
                start.smallest_ready.add(function.ready()?);
                start.smallest_first.add(function.since_start(&function.invoke(least.event)?));
            } else {
                let function = Function::start(&program)?;
                start.ready.add(function.ready()?);
                let reply = function.invoke(&first_page)?;
                page_bytes(&reply.value)?;
                start.first.add(function.since_start(&reply));
            }
        }
    }

    let least_function = Function::start(least.program)?;
    let mut pages = Vec::new();
    for asked in [DESK, REPORT] {
        let event = event(&asked, &cookies).to_string();
        let mut caller = Caller { stream: TcpStream::connect(address)? };
        caller.stream.set_nodelay(true)?;
        let mut page = Page {
            name: asked.name,
            subject: Times::default(),
            calls: Times::default(),
            empty_lambda: Times::default(),
            page_bytes: 0,
            cookie_bytes: 0,
            answer_bytes: 0,
        };
        let unmeasured = (rounds / 20).max(3);
        for round in 0..rounds + unmeasured {
            for turn in 0..3 {
                let (times, took) = match (turn + round) % 3 {
                    0 => (&mut page.empty_lambda, least_function.invoke(&event)?.took),
                    1 => {
                        let reply = web.invoke(&event)?;
                        page.page_bytes = page_bytes(&reply.value)?;
                        let set = reply.value["cookies"].as_array().into_iter().flatten();
                        page.cookie_bytes = set.filter_map(Value::as_str).map(str::len).sum();
                        (&mut page.subject, reply.took)
                    }
                    _ => {
                        let begun = now();
                        page.answer_bytes = caller.make(asked.calls)?;
                        (&mut page.calls, begun.elapsed())
                    }
                };
                if round >= unmeasured {
                    times.add(took);
                }
            }
        }
        pages.push(page);
    }
    Ok((start, Web { pages, peak: web.peak_memory()? }))
}
