//! A function's own binary, called without the gateway and the engine's own workers between: Lambda's Runtime API on loopback.
//!
//! What is measured here is the function; through the engine it would be the engine's polling. AWS itself, that is tables
//! and keys, is still the engine, or whatever [`Setup::endpoint`] names.

use crate::{
    accounts::claims,
    officers::sign_in,
    operator::{config, wait},
    stack::stack,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How a function is to be run.
pub struct Setup {
    /// Its name, such as `post-tl`.
    pub function: String,
    /// The function's settings.
    pub settings: HashMap<String, String>,
    /// The endpoint at which the function finds AWS.
    pub endpoint: String,
    /// How long an invocation may take, as the function is told.
    pub time: Duration,
    /// How long to wait for what comes back.
    pub patience: Duration,
    /// Says all that can be said: what a careless operator might turn on.
    pub loud: bool,
}

impl Setup {
    /// As the stack has it: its settings, its role, the engine.
    pub fn of(function: &str) -> Self {
        static KNOWN: Known<HashMap<String, String>> = Mutex::new(BTreeMap::new());
        let settings = known(&KNOWN, function, || {
            let found = aws_sdk_lambda::Client::new(&config())
                .get_function_configuration()
                .function_name(format!("{}-{function}", stack().name));
            let found = wait(found.send()).expect("a function");
            found.environment.and_then(|environment| environment.variables).unwrap_or_default()
        });
        Self {
            function: function.to_owned(),
            settings,
            endpoint: stack().endpoint.clone(),
            time: Duration::from_secs(10),
            patience: Duration::from_secs(30),
            loud: false,
        }
    }

    /// The role's own credentials, good for an hour. On AWS only Lambda could have them.
    fn credentials(&self) -> Vec<(&'static str, String)> {
        static KNOWN: Known<Vec<(&'static str, String)>> = Mutex::new(BTreeMap::new());
        known(&KNOWN, &self.function, || self.fresh_credentials())
    }

    fn fresh_credentials(&self) -> Vec<(&'static str, String)> {
        let role: String = self
            .function
            .split('-')
            .map(|word| {
                let (first, rest) = word.split_at(1);
                first.to_uppercase() + rest
            })
            .collect();
        let sts = aws_sdk_sts::Client::new(&config());
        let assumed = sts
            .assume_role()
            .role_arn(stack().output(&format!("{role}RoleArn")))
            .role_session_name("runtime");
        let given = wait(assumed.send()).expect("credentials").credentials.expect("credentials");
        vec![
            ("AWS_ACCESS_KEY_ID", given.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", given.secret_access_key),
            ("AWS_SESSION_TOKEN", given.session_token),
        ]
    }

    /// Starts the function.
    pub fn start(self) -> Runtime {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (event_sender, events) = mpsc::channel();
        let (answers, answer_receiver) = mpsc::channel();
        let desk =
            Arc::new(Desk { time: self.time, events: Mutex::new(events), handed_out: Mutex::new(None) });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (desk, answers) = (Arc::clone(&desk), answers.clone());
                thread::spawn(move || serve(&stream, &desk, &answers));
            }
        });
        let said = tempfile(&self.function);
        let out = fs::File::create(&said).expect("a file for what it says");
        let mut command = Command::new(binary(&self.function));
        command
            .env_clear()
            .envs(&self.settings)
            .envs(self.credentials())
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_REGION", &stack().region)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", format!("{}-{}", stack().name, self.function))
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("the same file"))
            .stderr(out);
        if self.loud {
            command
                .env("AWS_LAMBDA_LOG_LEVEL", "TRACE")
                .env("RUST_LOG", "trace")
                .env("RUST_BACKTRACE", "full");
        }
        let child = command.spawn().expect("the function's binary; `cargo xtask test` builds it");
        Runtime {
            child: Mutex::new(child),
            said,
            patience: self.patience,
            events: event_sender,
            answers: answer_receiver,
        }
    }
}

/// What the stack said of each function: it says the same to each who starts one.
type Known<T> = Mutex<BTreeMap<String, T>>;

fn known<T: Clone>(known: &Known<T>, function: &str, ask: impl FnOnce() -> T) -> T {
    if let Some(said) = known.lock().expect("what is known").get(function) {
        return said.clone();
    }
    let said = ask();
    known.lock().expect("what is known").insert(function.to_owned(), said.clone());
    said
}

/// Where `cargo xtask test` puts it: the very file that was deployed.
fn binary(function: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/lambda").join(function).join("bootstrap")
}

fn tempfile(function: &str) -> PathBuf {
    std::env::temp_dir().join(format!("tuntas-{function}-{}", crate::http::fresh_key()))
}

/// The function's reply to an invocation.
pub struct Reply {
    /// The reply that Lambda would get.
    pub value: Value,
    /// From handing out the event to having read all of the reply.
    pub took: Duration,
    /// The reply's way: `response`, or `error` where the function failed in Lambda's own eyes.
    pub way: String,
}

/// A running function; ended when dropped.
pub struct Runtime {
    child: Mutex<Child>,
    said: PathBuf,
    patience: Duration,
    events: mpsc::Sender<String>,
    answers: mpsc::Receiver<Reply>,
}

impl Runtime {
    /// Hands out an event and waits for what comes back; `None` when nothing does.
    pub fn try_invoke(&self, event: &Value) -> Option<Reply> {
        self.events.send(event.to_string()).expect("the server runs");
        let until = now() + self.patience;
        loop {
            if let Ok(reply) = self.answers.recv_timeout(Duration::from_millis(50)) {
                return Some(reply);
            }
            let ended =
                self.child.lock().expect("the function").try_wait().is_ok_and(|ended| ended.is_some());
            if ended || now() > until {
                return self.answers.try_recv().ok();
            }
        }
    }

    /// Ends a function in the midst of whatever it does, from wherever.
    pub fn killer(&self) -> impl Fn() + Send + Sync + 'static {
        let id = self.child.lock().expect("the function").id().to_string();
        move || {
            let killed = Command::new("kill").args(["-KILL", &id]).status();
            assert!(killed.is_ok_and(|status| status.success()), "the function is ended");
        }
    }

    /// Hands out an event and waits for what comes back.
    #[track_caller]
    pub fn invoke(&self, event: &Value) -> Reply {
        self.try_invoke(event).unwrap_or_else(|| panic!("the function is silent; it said: {}", self.said()))
    }

    /// Everything that it has written so far.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.said).unwrap_or_default()).into_owned()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let mut child = self.child.lock().expect("the function");
        let _ = child.kill();
        let _ = child.wait();
        let _ = fs::remove_file(&self.said);
    }
}

/// What all connections of one function share.
struct Desk {
    time: Duration,
    events: Mutex<mpsc::Receiver<String>>,
    /// When the event that is being worked on was handed out.
    handed_out: Mutex<Option<Instant>>,
}

/// One connection of the function: it asks for an event, and says what came of it.
fn serve(stream: &TcpStream, desk: &Desk, answers: &mpsc::Sender<Reply>) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(Message { line, body, .. }) = Message::read(&mut reader) {
        let reply = if line.contains("/invocation/next") {
            let Ok(event) = desk.events.lock().expect("events").recv() else { return };
            let id = crate::http::fresh_key();
            let (deadline, length) = (unix_milliseconds(desk.time), event.len());
            let head = format!(
                "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: {id}\r\nlambda-runtime-deadline-ms: {deadline}\r\n\
                 lambda-runtime-invoked-function-arn: arn:aws:lambda:x:1:function:f\r\n\
                 content-type: application/json\r\ncontent-length: {length}\r\n\r\n",
            );
            *desk.handed_out.lock().expect("a time") = Some(now());
            head + &event
        } else {
            let read = now();
            let started = desk.handed_out.lock().expect("a time").take();
            let path = line.split(' ').nth(1).unwrap_or_default();
            let _ = answers.send(Reply {
                value: serde_json::from_slice(&body).unwrap_or_default(),
                took: started.map_or(Duration::ZERO, |started| read - started),
                way: path.rsplit('/').next().unwrap_or_default().to_owned(),
            });
            "HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
                .to_owned()
        };
        if writer.write_all(reply.as_bytes()).is_err() {
            return;
        }
    }
}

/// One HTTP/1.1 message as it came over a connection.
pub struct Message {
    /// The request or status line.
    pub line: String,
    /// The headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// Whole, also where it came in chunks.
    pub body: Vec<u8>,
}

impl Message {
    /// The next message of a connection; `None` when there are no more.
    pub fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut line_of = || {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            Some(line.trim_end().to_owned())
        };
        let line = line_of()?;
        let mut headers = Vec::new();
        while let Some((name, value)) = line_of()?.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let header =
            |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let length = header("content-length").map_or(Some(0), |length| length.parse().ok())?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let mut more = header("transfer-encoding").is_some_and(|value| value.contains("chunked"));
        while more {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).ok()?;
            body.extend_from_slice(&chunk[..size]);
            more = size > 0;
        }
        Some(Self { line, headers, body })
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

#[expect(clippy::disallowed_methods, reason = "the measure of a test is real time")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "Lambda names a deadline in real time")]
fn unix_milliseconds(later: Duration) -> u128 {
    (SystemTime::now() + later).duration_since(UNIX_EPOCH).expect("after 1970").as_millis()
}

/// An event as the HTTP API's gateway hands it over (payload format 2.0).
pub struct Event(Value);

impl Event {
    /// Of a route such as `GET /v1/reports/{ticket}`, with the values of its placeholders.
    pub fn new(route: &str, parameters: &[(&str, &str)]) -> Self {
        let (method, template) = route.split_once(' ').expect("a method");
        let path = parameters
            .iter()
            .fold(template.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        let parameters: serde_json::Map<String, Value> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        Self(json!({
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"host": "tuntas.test", "accept-language": "id"},
            "pathParameters": parameters,
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "x",
                "domainName": "tuntas.test",
                "domainPrefix": "tuntas",
                "http": {
                    "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "x",
                },
                "requestId": "gateway",
                "routeKey": route,
                "stage": "$default",
                "time": "01/Jan/2026:00:00:00 +0000",
                "timeEpoch": 1,
            },
            "isBase64Encoded": false,
        }))
    }

    /// With the claims of an officer's token, as the authorizer hands them on.
    pub fn by(mut self, officer: &str) -> Self {
        let token = sign_in(officer).id;
        let mut texts = serde_json::Map::new();
        for (name, value) in claims(&token).as_object().expect("claims") {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Array(entries) => {
                    let entries: Vec<&str> = entries.iter().flat_map(Value::as_str).collect();
                    format!("[{}]", entries.join(" "))
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
            };
            texts.insert(name.clone(), json!(text));
        }
        self.0["requestContext"]["authorizer"] = json!({"jwt": {"claims": texts, "scopes": null}});
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With another claim than the token's: the function knows the officer by these alone.
    pub fn claim(mut self, name: &str, value: &str) -> Self {
        self.0["requestContext"]["authorizer"]["jwt"]["claims"][name] = json!(value);
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = json!(value);
        self
    }

    /// Sets the query.
    pub fn query(mut self, query: &str) -> Self {
        self.0["rawQueryString"] = json!(query);
        self
    }

    /// Sets a body as it is.
    pub fn body(mut self, body: &str) -> Self {
        self.0["body"] = json!(body);
        self
    }

    /// Sets a JSON body.
    pub fn json(mut self, body: &Value) -> Self {
        self.0["body"] = json!(body.to_string());
        self.header("content-type", "application/json")
    }

    /// The event as JSON.
    pub fn value(&self) -> &Value {
        &self.0
    }
}
