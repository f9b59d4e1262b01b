//! Somebody who stands between a function and the engine: passes its requests on, or answers in the place of AWS.

use crate::{http::Call, runtime::Message, stack::stack};
use std::{
    io::{BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

/// What comes back.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Of HTTP.
    pub status: u16,
    /// The kind of the body.
    pub kind: String,
    /// The body.
    pub body: Vec<u8>,
}

/// How DynamoDB, KMS and the like call their bodies.
pub const JSON: &str = "application/x-amz-json-1.0";

impl Answered {
    /// A body of JSON.
    pub fn json(status: u16, body: impl ToString) -> Self {
        Self { status, kind: JSON.to_owned(), body: body.to_string().into_bytes() }
    }
}

/// The address of somebody who answers each request so, under this id; where `answer` gives nothing, nothing comes back at all.
pub fn stand_between(
    request_id: &'static str,
    answer: impl Fn(&Message) -> Option<Answered> + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || answer_all(&stream, request_id, &*answer));
        }
    });
    format!("http://{address}")
}

fn answer_all(stream: &TcpStream, request_id: &str, answer: impl Fn(&Message) -> Option<Answered>) {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = Message::read(&mut reader) {
        let Some(Answered { status, kind, body }) = answer(&request) else {
            // Longer than any function waits; the connection stays open.
            thread::sleep(Duration::from_secs(40));
            return;
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nx-amzn-requestid: {request_id}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if writer.write_all(&[head.as_bytes(), &body].concat()).is_err() {
            return;
        }
    }
}

/// The engine's own answer.
pub fn pass_on(request: &Message) -> Answered {
    let mut words = request.line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    let mut call = Call::url(method, &format!("{}{path}", stack().endpoint));
    for (name, value) in &request.headers {
        if !matches!(name.as_str(), "content-length" | "connection" | "transfer-encoding") {
            call = call.header(name, value);
        }
    }
    let answer = call.bytes(request.body.clone()).send();
    let kind = answer.headers.get("content-type").cloned().unwrap_or_default();
    Answered { status: answer.status, kind, body: answer.bytes }
}

/// What DynamoDB and the like are asked to do, such as `GetItem`; empty for S3.
pub fn operation(request: &Message) -> &str {
    request
        .header("x-amz-target")
        .and_then(|target| target.rsplit_once('.'))
        .map_or("", |(_, operation)| operation)
}
