//! Every function, told to say all that it can, while AWS fails in every way: none of the words that it was given comes out.
//!
//! Between the function's own binary and the engine stands somebody who answers in the place of AWS: not at all, with
//! errors, with nonsense, or with errors that hold stored items, as DynamoDB's do.

use aho_corasick::AhoCorasick;
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use data_encoding::BASE64;
use domain::{
    ids::EventId, language::Language, privacy::Privacy, status::Status, submission::Contact, ticket::Ticket,
    unit::Code,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};
use store::vault::{EncryptionEntropy, Encryptor};
use tests::{
    canary,
    http::{Answer, fresh_key},
    life::{self, declared, photo},
    officers::{self, sign_in},
    proxy::{Answered, Outcome, operation, pass_on, stand_between},
    runtime::{Event, Message, Setup},
    stack::stack,
    threads::in_parallel,
};

/// Nobody else plants this; it stands in every answer that AWS is made to give.
const ANSWERED: &str = "burungmerakhijau";
/// A word that is planted in every event.
const ASKED: &str = "burungcendrawasih";

/// The way in which AWS fails.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Failing {
    /// The service accepts the request and never answers.
    Silent,
    /// The service answers with an error.
    Broken,
    /// Every try is throttled.
    Throttled,
    /// The response has a success status and a body that makes no sense.
    Nonsense,
    /// A condition that failed, with the item that was there.
    Refused,
    /// As before, but only for what writes; reading goes well.
    RefusedWriting,
    /// Tables and keys do what they are asked; what is to be sent is refused, with what was asked in the words of the refusal.
    RefusedSending,
}

const ALL: &[Failing] = &[
    Failing::Silent,
    Failing::Broken,
    Failing::Throttled,
    Failing::Nonsense,
    Failing::Refused,
    Failing::RefusedWriting,
    Failing::RefusedSending,
];

/// Stands between a function and the engine. Its address, and all that it was to send, as it comes.
fn start_failing_proxy(failing: Failing) -> (String, Arc<Mutex<String>>) {
    let sent = Arc::new(Mutex::new(String::new()));
    let noted = Arc::clone(&sent);
    let deal =
        move |request: &Message| answered(request, failing, &sent).map_or(Outcome::Silence, Outcome::Answer);
    (stand_between(ANSWERED, deal), noted)
}

/// What comes back; `None` for nothing at all.
fn answered(request: &Message, failing: Failing, sent: &Mutex<String>) -> Option<Answered> {
    let service = request.header("x-amz-target").unwrap_or_default();
    let operation = operation(request);
    // Without its keys a function does not start; there is a failure of its own for that.
    if service.starts_with("secretsmanager") || operation == "GetPublicKey" {
        return Some(pass_on(request));
    }
    let is_table = service.starts_with("DynamoDB");
    let writing = ["Put", "Update", "Delete", "Transact", "BatchWrite"];
    let reads = is_table && !writing.iter().any(|word| operation.starts_with(word));
    let well = |body: &Value| Some(Answered::json(200, body));
    match failing {
        Failing::RefusedWriting | Failing::RefusedSending if reads => match vault_row(&request.body) {
            Some(row) => well(&json!({"Item": row})),
            None => Some(pass_on(request)),
        },
        // Nothing of this reaches the engine: it would be done there.
        Failing::RefusedSending if is_table => well(&json!({})),
        Failing::RefusedSending if operation == "Decrypt" => well(&unwrapped(&request.body)),
        Failing::RefusedSending => Some(quoted(request, sent)),
        Failing::Silent => None,
        Failing::Broken
        | Failing::Throttled
        | Failing::Nonsense
        | Failing::Refused
        | Failing::RefusedWriting => {
            let (status, body) = failure(failing);
            Some(Answered::json(status, body))
        }
    }
}

/// A refusal that says again what was asked, as services do with numbers and addresses that they do not like.
fn quoted(request: &Message, sent: &Mutex<String>) -> Answered {
    let body = String::from_utf8_lossy(&request.body);
    let form = request.header("content-type").is_some_and(|kind| kind.contains("x-www-form-urlencoded"));
    let said = if form { plain(&body) } else { body.into_owned() };
    sent.lock().expect("what was sent").push_str(&said);
    if form {
        let said = said.replace('&', "&amp;").replace('<', "&lt;");
        let error = format!(
            "<Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>{said}</Message></Error>"
        );
        let body = format!("<ErrorResponse>{error}</ErrorResponse>").into_bytes();
        Answered { status: 400, kind: "text/xml".to_owned(), body }
    } else {
        let code = "MessageRejected";
        let error = json!({"__type": code, "code": code, "message": said, "Message": said});
        Answered::json(400, error)
    }
}

/// An `application/x-www-form-urlencoded` body as one reads it.
fn plain(form: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = form.bytes();
    while let Some(byte) = rest.next() {
        let hex: Vec<u8> = if byte == b'%' { rest.by_ref().take(2).collect() } else { Vec::new() };
        let escaped = str::from_utf8(&hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(if byte == b'+' { b' ' } else { byte }));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The vault key of whoever stands between.
const VAULT_KEY: &str = "arn:aws:kms:ap-southeast-3:000000000000:key/11111111-2222-3333-4444-555555555555";

static PRIVATE: LazyLock<PrivateDecryptingKey> =
    LazyLock::new(|| PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key"));

/// Reporters whom `deliver` is to tell: one through their channel, one by SMS, and when that is refused by e-mail.
///
/// The stack knows neither. The engine logs to whom it sends, and these are the words that no log may show.
fn reporters() -> [(Ticket, Contact); 2] {
    let contact = Contact {
        name: Some(canary::NAME.into()),
        phone: Some(canary::PHONE.into()),
        email: Some(canary::EMAIL.into()),
        channel_ref: Some(canary::CHANNEL_REF.into()),
    };
    let without_reference = Contact { channel_ref: None, ..contact.clone() };
    [(Ticket::from_mac(&[201; 32]), contact), (Ticket::from_mac(&[202; 32]), without_reference)]
}

/// The row that is asked for, if it is of one of the [`reporters`].
fn vault_row(request: &[u8]) -> Option<Value> {
    let request: Value = serde_json::from_slice(request).ok()?;
    let asked = request["Key"]["pk"]["S"].as_str()?;
    let (ticket, contact) = reporters().into_iter().find(|(ticket, _)| ticket.as_str() == asked)?;
    let public: PublicKeyX509Der<'_> = PRIVATE.public_key().as_der().expect("a public half");
    let encryptor = Encryptor::new(VAULT_KEY.into(), public.as_ref()).expect("an encryptor");
    let entropy = EncryptionEntropy { key: [5; 32].into(), nonce: [6; 12] };
    let channel = Code::parse("jaki").expect("a code");
    let row = encryptor
        .encrypt(&ticket, &channel, &contact, entropy)
        .expect("an encrypted identity")
        .item(&ticket, None);
    let row = row.into_iter().map(|(name, value)| match value.as_b() {
        Ok(bytes) => (name, json!({"B": BASE64.encode(bytes.as_ref())})),
        Err(value) => (name, json!({"S": value.as_s().expect("bytes or a text")})),
    });
    Some(row.collect())
}

/// The answer that KMS would give.
fn unwrapped(request: &[u8]) -> Value {
    let request: Value = serde_json::from_slice(request).expect("a request");
    let wrapped =
        BASE64.decode(request["CiphertextBlob"].as_str().expect("a key").as_bytes()).expect("bytes");
    let private = OaepPrivateDecryptingKey::new(PRIVATE.clone()).expect("a key");
    let mut key = vec![0; private.min_output_size()];
    let key = private.decrypt(&OAEP_SHA256_MGF1SHA256, &wrapped, &mut key, None).expect("a content key");
    json!({"KeyId": VAULT_KEY, "Plaintext": BASE64.encode(key), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"})
}

/// An update of a reporter's, as the queue of `deliver` brings it.
#[expect(clippy::disallowed_methods, reason = "`deliver` takes what was released lately")]
fn update(ticket: &Ticket) -> Value {
    let said = json!({
        "event_id": EventId::from_bytes(&[9; EventId::BYTES]),
        "ticket": ticket.to_string(),
        "status": Status::Proses,
        "status_text": Status::Proses.text(Language::Id),
        "label": Privacy::Private.label(),
    });
    let attribute = |value: &str| json!({"Type": "String", "Value": value});
    let envelope = json!({
        "Type": "Notification",
        "MessageId": "m",
        "TopicArn": stack().output("ReporterTopic"),
        "Timestamp": "2026-11-24T02:00:00.000Z",
        "Message": said.to_string(),
        "MessageAttributes": {
            "event": attribute("accept"),
            "status": attribute(Status::Proses.as_str()),
            "channel": attribute("jaki"),
            "language": attribute(Language::Id.as_str()),
            "released_at": attribute(&jiff::Timestamp::now().to_string()),
        },
    });
    json!({"Records": [{
        "messageId": "m-0",
        "receiptHandle": "r",
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:x:1:q",
        "awsRegion": "x",
        "body": envelope.to_string(),
    }]})
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
        Failing::RefusedWriting | Failing::RefusedSending => (400, error("TransactionCanceledException")),
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
            body["photos"] = json!([declared(&photo(1))]);
            let event = Event::new("POST /v1/reports", &[]).header("idempotency-key", &fresh_key());
            let event = event.header("authorization", &format!("Bearer {}", stack().channel_key("jaki")));
            let of_clerk = Event::new("POST /v1/counter/reports", &[]).by(officers::CLERK);
            let of_clerk = of_clerk.header("idempotency-key", &fresh_key());
            [event, of_clerk].map(|event| event.json(&body).value().clone()).into()
        }
        "assign" => {
            let body = json!({"action": "return", "reason": words});
            vec![command("assignment", Status::Koordinasi, officers::UNIT, &body)]
        }
        "post-tl" => {
            let mut entry = declared(&photo(1));
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
            let place = json!({"lat": -6.05, "lon": 106.8});
            let body = json!({"conforms": false, "finding": words, "photos": ids, "location": place});
            vec![command("verification", Status::MenungguVerifikasi, officers::VERIFIKASI, &body)]
        }
        "read" | "view" => {
            let report = life::in_status(Status::Koordinasi, &life::body());
            let routes: &[&str] = match function {
                "read" => &["GET /v1/desk", "GET /v1/reports/{ticket}", "GET /v1/reports/{ticket}/accesses"],
                _ => &["GET /v1/reports/{ticket}/photos/{photo}"],
            };
            routes
                .iter()
                .map(|route| {
                    let event = on(route, &report).by(officers::ADMINISTRATOR);
                    event.header("report-secret", &report.secret).value().clone()
                })
                .collect()
        }
        "track" => {
            let open = life::in_status(Status::Koordinasi, &life::body());
            let closed = life::in_status(Status::Selesai, &life::body());
            let photos = json!({"photos": [declared(&photo(1))]});
            [
                ("GET /v1/track/{ticket}", &open, Value::Null),
                ("POST /v1/track/{ticket}/photos", &open, photos),
                ("POST /v1/track/{ticket}/dispute", &closed, json!({"reason": words})),
                ("PUT /v1/track/{ticket}/rating", &closed, json!({"stars": 1, "comment": words})),
                ("PUT /v1/track/{ticket}/privacy", &open, json!({"privacy": "public"})),
                ("DELETE /v1/track/{ticket}", &open, Value::Null),
            ]
            .map(|(route, report, body)| {
                let event = on(route, report).header("report-secret", &report.secret);
                let event = if body.is_null() { event } else { event.json(&body) };
                event.value().clone()
            })
            .into()
        }
        "deliver" => reporters().iter().map(|(ticket, _)| update(ticket)).collect(),
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
    for (ticket, _) in reporters() {
        words.extend([ticket.to_string(), ticket.as_str().to_owned()]);
    }
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
        let (endpoint, sent) = start_failing_proxy(failing);
        let mut setup = Setup {
            endpoint,
            time: Duration::from_millis(if failing == Failing::Silent { 1500 } else { 9000 }),
            patience: Duration::from_secs(if failing == Failing::Silent { 10 } else { 30 }),
            loud: true,
            ..Setup::of(function)
        };
        if function == "deliver" {
            let settings =
                [("VAULT_KEYS", VAULT_KEY), ("SMS", "on"), ("SENDER_EMAIL", "tuntas@contoh.go.id")];
            setup.settings.extend(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        let runtime = setup.start();
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
        // So that it can fail: it had every identity in its hands, and read it again in every refusal.
        if (function, failing) == ("deliver", Failing::RefusedSending) {
            let sent = sent.lock().expect("what was sent");
            for word in [canary::CHANNEL_REF, canary::PHONE, canary::EMAIL] {
                assert!(sent.contains(word), "deliver did not try to send to {word}");
            }
        }
        troubled
    });
    // So that it can fail: many of these were the faults that they are meant to be.
    assert!(failed.iter().sum::<usize>() >= 30, "{failed:?}");
}

#[test]
fn a_function_that_cannot_get_its_keys_says_so_in_fixed_words() {
    let endpoint = stand_between(ANSWERED, |request| {
        if matches!(operation(request), "GetSecretValue" | "GetPublicKey") {
            let refusal = json!({"__type": ANSWERED, "message": ANSWERED, "SecretString": ANSWERED});
            return Outcome::Answer(Answered::json(400, refusal));
        }
        Outcome::Answer(pass_on(request))
    });
    let events = [
        (
            "submit",
            Event::new("POST /v1/reports", &[])
                .header("authorization", &format!("Bearer {}", stack().channel_key("jaki")))
                .header("idempotency-key", &fresh_key())
                .json(&life::body()),
        ),
        ("read", Event::new("GET /v1/desk", &[]).by(officers::VALIDASI)),
    ];
    for (function, event) in events {
        let runtime = Setup { endpoint: endpoint.clone(), loud: true, ..Setup::of(function) }.start();
        let reply = runtime.invoke(event.header("user-agent", ASKED).value()).value;
        assert_eq!(reply["statusCode"], 500, "{function} does without its keys: {reply}");
        let said = runtime.said() + &reply.to_string();
        assert!(!said.contains(ANSWERED) && !said.contains(ASKED), "{said}");
        assert!(said.contains("internal_error"), "{said}");
    }
}

/// Every call of every test looks for this in its answer; here is what it finds.
#[test]
fn a_contact_is_found_in_any_answer_and_a_text_in_a_refusal() {
    let said = |status: u16, header: &str, body: &str| {
        let headers = [("x-other".to_owned(), header.to_owned())].into();
        canary::said_in(&Answer { status, headers, cookies: Vec::new(), bytes: body.as_bytes().to_vec() })
    };
    assert_eq!(said(200, "", &format!("{{\"phone\":\"{}\"}}", canary::PHONE)), Some(canary::PHONE));
    assert_eq!(said(200, canary::NAME, ""), Some(canary::NAME));
    assert_eq!(said(422, "", canary::DESCRIPTION), Some(canary::DESCRIPTION));
    assert_eq!(said(409, canary::OFFICER_TEXT, ""), Some(canary::OFFICER_TEXT));
    assert_eq!(said(200, "", canary::DESCRIPTION), None, "whoever may read a report reads its text");
    assert_eq!(said(404, "", "{}"), None);
}
