//! Plants unlikely words in events and panics, runs the real runtime in a process of its own, and searches all that it wrote.
//!
//! The unit tests show that our line says nothing; this shows that nobody else writes one.

#![expect(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

use runtime::{batch::Outcome, request, response, serve};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, ExitCode, Stdio},
    thread,
};

const PLANTED: [&str; 4] = ["kapulaga-1212", "lengkuas-3434", "merica-5656", "nilam-7878"];

/// Not a test of its own: what the child process runs when [`run`] starts it.
#[tokio::test]
async fn child() {
    let Ok(kind) = std::env::var("RUNTIME_TEST_CHILD") else { return };
    let work = async {
        if kind == "http" {
            serve::http("post-tl", async |request| match request.body().len() {
                0 => panic!("{} {request:?}", PLANTED[0]),
                _ => response::json(http::StatusCode::OK, &request::json_body(&request)?),
            })
            .await
        } else if kind == "events" {
            serve::events("notify", async |_: Vec<u8>| Outcome::default()).await
        } else {
            Err(serve::StartError::Setting(runtime::settings::var("RUNTIME_TEST_UNSET").unwrap_err()))
        }
    };
    let code = serve::start("post-tl", work).await;
    assert_eq!(code, ExitCode::FAILURE);
}

/// One HTTP/1.1 message: its first line and its body.
fn read_message(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some((head.lines().next()?.to_owned(), body))
}

/// Stands for Lambda: hands out the events and collects what comes back, then goes away.
fn lambda(listener: TcpListener, events: Vec<String>) -> Vec<(String, Value)> {
    let mut replies = Vec::new();
    let mut events = events.into_iter();
    'connections: for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        while let Some((line, body)) = read_message(&mut stream) {
            let (head, answer) = if line.contains("/next") {
                let Some(event) = events.next() else { break 'connections };
                let head = "200 OK\r\nlambda-runtime-aws-request-id: r-1\r\nlambda-runtime-deadline-ms: 4000000000000\r\n\
                            lambda-runtime-invoked-function-arn: arn:aws:lambda:x:1:function:f\r\n";
                (head, event)
            } else {
                let value = serde_json::from_slice(&body).unwrap_or_default();
                replies.push((line, value));
                ("202 Accepted\r\n", String::new())
            };
            let length = answer.len();
            write!(stream, "HTTP/1.1 {head}content-length: {length}\r\n\r\n{answer}").unwrap();
        }
    }
    replies
}

/// What a function wrote, and what Lambda was told.
fn run(kind: &str, events: Vec<String>) -> (String, Vec<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let lambda = thread::spawn(move || lambda(listener, events));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env("RUNTIME_TEST_CHILD", kind)
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "f")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_LOG_LEVEL", "TRACE")
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let written =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for word in PLANTED {
        assert!(!written.contains(word), "{word} in {written}");
    }
    let replies = if kind == "start" { Vec::new() } else { lambda.join().unwrap() };
    for (line, reply) in &replies {
        assert!(PLANTED.iter().all(|word| !reply.to_string().contains(word)), "{line}");
    }
    (written, replies)
}

fn lines(written: &str) -> Vec<Value> {
    written.lines().filter_map(|line| serde_json::from_str(line).ok()).filter(Value::is_object).collect()
}

#[test]
fn a_request_leaves_one_line_and_none_of_its_words() {
    let event = |body: Value| {
        json!({
            "version": "2.0", "routeKey": "POST /v1/reports/{ticket}/tl", "rawPath": PLANTED[1],
            "rawQueryString": PLANTED[2], "headers": { "authorization": PLANTED[3] }, "body": body,
            "pathParameters": { "ticket": PLANTED[1] },
            "requestContext": { "routeKey": "POST /v1/reports/{ticket}/tl", "requestId": "g-1",
                "http": { "method": "POST", "path": PLANTED[1] } }
        })
        .to_string()
    };
    let events =
        vec![event(json!(null)), event(json!(PLANTED[0])), json!({ "headers": PLANTED }).to_string()];
    let (written, replies) = run("http", events);
    let lines = lines(&written);
    let outcomes: Vec<&str> = lines.iter().filter_map(|line| line["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["internal_error", "wrong_type", "bad_request"], "{written}");
    assert_eq!(lines[0]["cause"], "panic");
    assert!(lines[0]["panicked_at"].as_str().unwrap().contains("tests/silence.rs:"));
    assert_eq!(lines.iter().filter(|line| line["cold"] == true).count(), 1);
    assert!(replies.iter().all(|(line, _)| line.contains("/response")), "{replies:?}");
    let statuses: Vec<&Value> = replies.iter().map(|(_, reply)| &reply["statusCode"]).collect();
    assert_eq!(statuses, [500, 415, 400]);
}

#[test]
fn an_event_that_does_not_parse_is_not_quoted_by_anybody() {
    let event = json!({ "Records": [{ "messageId": "m-1", "body": PLANTED[0] }] }).to_string();
    let (written, replies) = run("events", vec![event, format!("{{\"{}\": ", PLANTED[1])]);
    let causes: Vec<Value> = lines(&written).iter().map(|line| line["cause"].clone()).collect();
    assert_eq!(causes, ["unreadable", "unreadable", "the runtime ended"], "{written}");
    assert!(replies.iter().all(|(line, _)| line.contains("/response")), "{replies:?}");
    assert_eq!(replies[0].1, json!({ "batchItemFailures": [{ "itemIdentifier": "m-1" }] }));
    assert_eq!(replies[1].1, json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }));
}

#[test]
fn a_function_that_cannot_start_says_why_in_one_line() {
    let (written, _) = run("start", vec![]);
    let lines = lines(&written);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["message"], "no start");
    assert_eq!(lines[0]["cause"], "the setting RUNTIME_TEST_UNSET is missing");
}
