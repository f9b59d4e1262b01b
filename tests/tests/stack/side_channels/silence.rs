//! Every function, told to say all that it can, while AWS fails in every way: none of the words that it was given comes out.
//!
//! Between the function's own binary and the engine stands somebody who answers in the place of AWS: not at all, with
//! errors, with nonsense, or with errors that hold stored items, as DynamoDB's do.

use aho_corasick::AhoCorasick;
use domain::words::Status;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::{BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};
use tests::{
    canary,
    http::{Answer, Call, fresh_key},
    life::{self, announced, photo},
    officers::{self, sign_in},
    runtime::{Event, Message, Setup},
    stack::stack,
    threads::in_parallel,
};

/// Nobody else plants this; it stands in every answer that AWS is made to give.
const ANSWERED: &str = "burungmerakhijau";
/// And this in every event.
const ASKED: &str = "burungcendrawasih";

/// How AWS fails.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Failing {
    /// It takes the request and never answers.
    Silent,
    /// A fault of its own.
    Broken,
    /// Throttled, at each try.
    Throttled,
    /// What reads as success and is none.
    Nonsense,
    /// A condition that failed, with the item that was there.
    Refused,
    /// As before, but only for what writes; reading goes well.
    RefusedWriting,
}

const ALL: &[Failing] = &[
    Failing::Silent,
    Failing::Broken,
    Failing::Throttled,
    Failing::Nonsense,
    Failing::Refused,
    Failing::RefusedWriting,
];

/// Stands between a function and the engine. Its address.
fn stand_between(failing: Failing) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer_all(&stream, failing));
        }
    });
    format!("http://{address}")
}

fn answer_all(stream: &TcpStream, failing: Failing) {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = Message::read(&mut reader) {
        let (status, kind, body) = if is_let_through(&request, failing) {
            pass_on(&request)
        } else if failing == Failing::Silent {
            // Longer than any function waits; the connection stays open.
            thread::sleep(Duration::from_secs(40));
            return;
        } else {
            let (status, body) = failure(failing);
            (status, "application/x-amz-json-1.0".to_owned(), body.into_bytes())
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nx-amzn-requestid: {ANSWERED}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if writer.write_all(&[head.as_bytes(), &body].concat()).is_err() {
            return;
        }
    }
}

/// Without its keys a function does not start; there is a failure of its own for that.
fn is_let_through(request: &Message, failing: Failing) -> bool {
    let target = request.header("x-amz-target").unwrap_or_default();
    let writes = ["Put", "Update", "Delete", "Transact", "BatchWrite"];
    let operation = target.rsplit('.').next().unwrap_or_default();
    let reads = target.contains("DynamoDB") && !writes.iter().any(|word| operation.starts_with(word));
    target.starts_with("secretsmanager")
        || target.ends_with(".GetPublicKey")
        || (failing == Failing::RefusedWriting && reads)
}

fn pass_on(request: &Message) -> (u16, String, Vec<u8>) {
    let mut words = request.line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    let mut call = Call::url(method, &format!("{}{path}", stack().endpoint));
    for (name, value) in &request.headers {
        if !matches!(name.as_str(), "content-length" | "connection" | "transfer-encoding") {
            call = call.header(name, value);
        }
    }
    let answer = call.bytes(request.body.clone()).send();
    (answer.status, answer.headers.get("content-type").cloned().unwrap_or_default(), answer.bytes)
}

fn failure(failing: Failing) -> (u16, String) {
    let item = json!({"pk": {"S": ANSWERED}, "description": {"S": canary::DESCRIPTION}, "phone": {"S": canary::PHONE}});
    let error = |name: &str| {
        json!({
            "__type": format!("com.amazonaws.dynamodb.v20120810#{name}"),
            "message": format!("{ANSWERED} {}", canary::NAME),
            "Message": ANSWERED,
            "Item": item,
            "CancellationReasons": [
                {"Code": "ConditionalCheckFailed", "Message": ANSWERED, "Item": item}, {"Code": "None"},
            ],
        })
        .to_string()
    };
    match failing {
        Failing::Silent => (500, String::new()),
        Failing::Broken => (500, error("InternalServerError")),
        Failing::Throttled => (400, error("ProvisionedThroughputExceededException")),
        Failing::Nonsense => {
            (200, json!({"Item": item, "Items": [item], "Attributes": {ANSWERED: 7}}).to_string())
        }
        Failing::Refused => (400, error("ConditionalCheckFailedException")),
        Failing::RefusedWriting => (400, error("TransactionCanceledException")),
    }
}

/// What each function is woken with.
fn events(function: &str) -> Vec<Value> {
    let words = format!("{} {ASKED} {}", canary::OFFICER_TEXT, canary::PHONE);
    let on = |route: &str, report: &life::Report| {
        let parameters = [("ticket", report.ticket.as_str()), ("photo", "0123456789ABCDEF")];
        Event::new(route, &parameters).header("x-other", ASKED).header("if-none-match", ASKED)
    };
    let command = |route: &str, status: Status, officer: &str, body: &Value| {
        let report = life::in_status(status, &life::body());
        on(&format!("POST /v1/reports/{{ticket}}/{route}"), &report).by(officer).json(body).value().clone()
    };
    let ids = json!(["0123456789ABCDEF", "0123456789ABCDEG"]);
    let mut all = match function {
        "submit" => {
            let mut body = life::body();
            body["description"] = json!(format!("Jalan berlubang {words}"));
            body["photos"] = json!([announced(&photo(1))]);
            let event = Event::new("POST /v1/reports", &[]).header("idempotency-key", &fresh_key());
            let event = event.header("authorization", &format!("Bearer {}", stack().channel_key("jaki")));
            vec![event.json(&body).value().clone()]
        }
        "assign" => {
            let body = json!({"action": "return", "reason": words});
            vec![command("assignment", Status::Koordinasi, officers::UNIT, &body)]
        }
        "post-tl" => {
            let mut entry = announced(&photo(1));
            entry["kind"] = json!("before");
            vec![
                command("photos", Status::Proses, officers::UNIT, &json!({"photos": [entry]})),
                command("tl", Status::Proses, officers::UNIT, &json!({"narrative": words, "photos": ids})),
            ]
        }
        "validate" => {
            let body = json!({"decision": "reject", "reason": words});
            vec![command("validation", Status::MenungguValidasi, officers::VALIDASI, &body)]
        }
        "verify" => {
            let place = json!({"lat": -6.2, "lon": 106.8});
            let body = json!({"conforms": false, "note": words, "photos": ids, "location": place});
            vec![command("verification", Status::MenungguVerifikasi, officers::VERIFIKASI, &body)]
        }
        "read" | "view" | "track" => {
            let report = life::in_status(Status::Koordinasi, &life::body());
            let routes: &[&str] = match function {
                "read" => &["GET /v1/desk", "GET /v1/reports/{ticket}", "GET /v1/reports/{ticket}/accesses"],
                "view" => &["GET /v1/reports/{ticket}/photos/{photo}"],
                _ => &["GET /v1/track/{ticket}"],
            };
            routes
                .iter()
                .map(|route| {
                    let event = on(route, &report).by(officers::ADMINISTRATOR);
                    event.header("report-secret", &report.secret).value().clone()
                })
                .collect()
        }
        _ => Vec::new(),
    };
    // What a queue, a stream, a topic, a schedule could bring, right and wrong.
    let new_image = json!({
        "pk": {"S": ASKED}, "sk": {"S": "announcement#x#tiket"}, "kind": {"S": "announcement"},
        "audience": {"S": "tiket"}, "description": {"S": words},
    });
    all.extend([
        json!({"Records": [{"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": {
            "Keys": {"pk": {"S": ASKED}, "sk": {"S": ASKED}}, "NewImage": new_image, "SequenceNumber": "1",
        }}]}),
        json!({"Records": [{"messageId": "m-1", "receiptHandle": "r", "eventSource": "aws:sqs", "body": words}]}),
        json!({"Records": [{"messageId": "m-2", "eventSource": "aws:sqs", "body": json!({"Records": [{
            "eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "x"}, "object": {"key": format!("incoming/locked/{ASKED}/x")}},
        }]}).to_string()}]}),
        json!({"Records": [{"messageId": "m-3", "eventSource": "aws:sqs", "body": json!({"Records": [{
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": stack().output("PhotosBucket")}, "object": {"key": format!(
                "incoming/shown/{}/0123456789ABCDEF", life::unknown_ticket().replace('-', "")
            )}},
        }]}).to_string()}]}),
        json!({"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "s-1", "Message": json!({
            "event_id": ASKED, "ticket": life::unknown_ticket(), "status": "selesai", "status_text": words, "label": words,
        }).to_string(), "MessageAttributes": {"channel": {"Type": "String", "Value": ASKED}}}}]}),
        json!({"source": "aws.scheduler", "detail": words}),
        json!({"Records": words}),
        json!(words),
    ]);
    all
}

/// Words that no function may say, whatever happens to it.
fn unspeakable(events: &[Value]) -> Vec<String> {
    let planted = canary::ALL.iter().chain(&[ASKED, ANSWERED]).map(|word| (*word).to_owned());
    let mut words: BTreeSet<String> = planted.collect();
    let token = |officer: &str| sign_in(officer).id.rsplit_once('.').expect("a signature").1.to_owned();
    words.extend(
        [officers::UNIT, officers::VALIDASI, officers::VERIFIKASI, officers::ADMINISTRATOR].map(token),
    );
    words.insert(stack().channel_key("jaki").to_owned());
    for event in events {
        let mut add = |value: &Value| {
            if let Some(text) = value.as_str().filter(|text| text.len() >= 10) {
                words.extend([text.to_owned(), text.replace('-', "")]);
            }
        };
        add(&event["pathParameters"]["ticket"]);
        add(&event["headers"]["report-secret"]);
        add(&event["headers"]["idempotency-key"]);
    }
    words.into_iter().collect()
}

#[test]
fn however_aws_fails_no_function_says_or_answers_a_word_of_what_it_was_given() {
    let woken = in_parallel(stack().functions(), |function| {
        let events = events(&function);
        (function, events)
    });
    let cases: Vec<(&str, &[Value], Failing)> = ALL
        .iter()
        .flat_map(|failing| {
            woken.iter().map(move |(function, events)| (&function[..], &events[..], *failing))
        })
        .collect();
    assert!(cases.len() >= 11 * ALL.len());
    let failed: Vec<usize> = in_parallel(cases, |(function, events, failing)| {
        let words = unspeakable(events);
        let search = AhoCorasick::new(&words).expect("words");
        let found = |text: &str| -> BTreeSet<String> {
            search.find_iter(text).map(|found| words[found.pattern().as_usize()].clone()).collect()
        };
        let runtime = Setup {
            endpoint: stand_between(failing),
            time: Duration::from_millis(if failing == Failing::Silent { 1500 } else { 9000 }),
            patience: Duration::from_secs(if failing == Failing::Silent { 10 } else { 30 }),
            loud: true,
            ..Setup::of(function)
        }
        .start();
        let mut troubled = 0;
        for event in events {
            // Lambda would end a function that is still waiting after its time; here it just goes on waiting.
            let Some(reply) = runtime.try_invoke(event) else { break };
            assert_eq!(reply.way, "response", "{function} {failing:?}: Lambda's runtime logs errors");
            // What is answered well is for its caller; who reported is for nobody.
            let well = reply.value["statusCode"].as_u64().is_some_and(|status| status < 300);
            let mut told = found(&reply.value.to_string());
            told.retain(|word| !well || canary::NOWHERE.contains(&word.as_str()));
            assert!(told.is_empty(), "{function} {failing:?} answers {told:?}");
            troubled += usize::from(reply.value["statusCode"].as_u64().is_some_and(|status| status >= 500));
        }
        let said = runtime.said();
        let told = found(&said);
        assert!(told.is_empty(), "{function} {failing:?} says {told:?}");
        // One line for each, and nothing of what a library has to say.
        for line in said.lines() {
            let line: Value =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("{function} {failing:?}: {line}"));
            assert_eq!(line["function"], function);
        }
        assert!(!said.is_empty() || failing == Failing::Silent, "{function} {failing:?} is silent");
        troubled
    });
    // So that it can fail: many of these were the faults that they are meant to be.
    assert!(failed.iter().sum::<usize>() >= 30, "{failed:?}");
}

#[test]
fn a_function_that_cannot_get_its_keys_says_so_in_fixed_words() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(&stream);
            while Message::read(&mut reader).is_some() {
                let body =
                    json!({"__type": ANSWERED, "message": ANSWERED, "SecretString": ANSWERED}).to_string();
                let answer = format!("HTTP/1.1 400 X\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                if (&stream).write_all(answer.as_bytes()).is_err() {
                    break;
                }
            }
        }
    });
    for function in ["submit", "read"] {
        let runtime = Setup {
            endpoint: format!("http://{address}"),
            patience: Duration::from_secs(5),
            loud: true,
            ..Setup::of(function)
        }
        .start();
        assert!(runtime.try_invoke(&json!({"x": ASKED})).is_none(), "{function} starts without its keys");
        let said = runtime.said();
        assert!(!said.contains(ANSWERED) && !said.contains(ASKED), "{said}");
        let line: Value = serde_json::from_str(said.trim()).expect("one line");
        assert_eq!(line["message"], "no start");
    }
}

/// Every call of every test looks for this in its answer; here is what it finds.
#[test]
fn a_contact_is_found_in_any_answer_and_a_text_in_a_refusal() {
    let said = |status: u16, header: &str, body: &str| {
        let headers = [("x-other".to_owned(), header.to_owned())].into();
        canary::said_in(&Answer { status, headers, bytes: body.as_bytes().to_vec() })
    };
    assert_eq!(said(200, "", &format!("{{\"phone\":\"{}\"}}", canary::PHONE)), Some(canary::PHONE));
    assert_eq!(said(200, canary::NAME, ""), Some(canary::NAME));
    assert_eq!(said(422, "", canary::DESCRIPTION), Some(canary::DESCRIPTION));
    assert_eq!(said(409, canary::OFFICER_TEXT, ""), Some(canary::OFFICER_TEXT));
    assert_eq!(said(200, "", canary::DESCRIPTION), None, "whoever may read a report reads its text");
    assert_eq!(said(404, "", "{}"), None);
}
