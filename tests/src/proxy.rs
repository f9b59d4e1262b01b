//! A proxy between a function and the engine: passes requests on, or answers in the place of AWS.

use crate::{runtime::Message, stack::stack};
use std::{
    io::{BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, LazyLock},
    thread,
    time::Duration,
};

/// A response for the function.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The HTTP status code.
    pub status: u16,
    /// The media type of the body.
    pub kind: String,
    /// The body as bytes.
    pub body: Vec<u8>,
}

/// What the proxy does with a request.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Answers it.
    Answer(Answered),
    /// Answers it, and sends half of the body.
    Cut(Answered),
    /// Closes the connection.
    Closed,
    /// Answers nothing and keeps the connection open.
    Silence,
}

/// The media type of bodies of DynamoDB, KMS and others.
pub const JSON: &str = "application/x-amz-json-1.0";

impl Answered {
    /// A response with a JSON body.
    pub fn json(status: u16, body: impl ToString) -> Self {
        Self { status, kind: JSON.to_owned(), body: body.to_string().into_bytes() }
    }
}

/// Starts a proxy that does with each request what `deal` says, and returns its address.
pub fn stand_between(
    request_id: &'static str,
    deal: impl Fn(&Message) -> Outcome + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let deal = Arc::new(deal);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let deal = Arc::clone(&deal);
            thread::spawn(move || serve(&stream, request_id, &*deal));
        }
    });
    format!("http://{address}")
}

fn serve(stream: &TcpStream, request_id: &str, deal: impl Fn(&Message) -> Outcome) {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = Message::read(&mut reader) {
        let (Answered { status, kind, mut body }, is_cut) = match deal(&request) {
            Outcome::Answer(answered) => (answered, false),
            Outcome::Cut(answered) => (answered, true),
            Outcome::Closed => return,
            Outcome::Silence => {
                // Longer than any function waits; the connection stays open.
                thread::sleep(Duration::from_secs(40));
                return;
            }
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nx-amzn-requestid: {request_id}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if is_cut {
            body.truncate(body.len() / 2);
        }
        if writer.write_all(&[head.as_bytes(), &body].concat()).is_err() || is_cut {
            return;
        }
    }
}

/// The engine's own answer, as it comes: what AWS says to a function may hold what nobody else may hear.
pub fn pass_on(request: &Message) -> Answered {
    let mut words = request.line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    let url = format!("{}{path}", stack().endpoint);
    let mut call = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in &request.headers {
        if !matches!(name.as_str(), "content-length" | "connection" | "transfer-encoding") {
            call = call.header(name, value);
        }
    }
    let mut answer = AGENT.run(call.body(request.body.as_slice()).expect("a request")).expect("an answer");
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let body = answer.body_mut().with_config().limit(64 << 20).read_to_vec().expect("a body");
    Answered { status: answer.status().as_u16(), kind, body }
}

static AGENT: LazyLock<ureq::Agent> = LazyLock::new(|| {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .proxy(None)
        .build()
        .into()
});

/// What DynamoDB and the like are asked to do, such as `GetItem`; empty for S3.
pub fn operation(request: &Message) -> &str {
    request
        .header("x-amz-target")
        .and_then(|target| target.rsplit_once('.'))
        .map_or("", |(_, operation)| operation)
}
