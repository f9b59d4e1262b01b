//! What queues, streams and schedules wake: what they did not acknowledge comes again.
//!
//! Everything is made so that the deployed functions do not see it: what comes out is the work of the one that failed. Only an
//! announcement that is put on the retry queue is theirs.

use super::{
    checks::{announced, bare, ensure, objects, photos, pictures, text, wrong},
    deed::{Deed, Row},
    fault::{Engine, word},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    symbols::EventId,
    ticket::Ticket,
    words::{Act, Language, Privacy, Status},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock, Mutex};
use tests::{
    between::{Answered, pass_on},
    http::{Call, fresh_key},
    life::{self, Report},
    notes, officers,
    operator::{Item, config, dynamodb, items_of_kind, wait},
    runtime::Message,
    stack::stack,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "clean a photo that is locked",
        function: "photo",
        route: None,
        leaves: None,
        prepare: locked_photo,
    },
    Row {
        name: "clean a photo that is shown",
        function: "photo",
        route: None,
        leaves: None,
        prepare: shown_photo,
    },
    Row { name: "reject what is no photo", function: "photo", route: None, leaves: None, prepare: no_photo },
    Row {
        name: "release what is due",
        function: "release",
        route: None,
        leaves: Some(Act::ChangePrivacy),
        prepare: release,
    },
    Row { name: "announce", function: "notify", route: None, leaves: None, prepare: announce },
    Row {
        name: "announce, and the topic is away",
        function: "notify",
        route: None,
        leaves: None,
        prepare: announce_later,
    },
    Row {
        name: "announce what waits",
        function: "notify",
        route: None,
        leaves: None,
        prepare: announce_at_last,
    },
    Row {
        name: "tell a reporter through the channel",
        function: "deliver",
        route: None,
        leaves: None,
        prepare: tell_channel,
    },
    Row {
        name: "tell a reporter by SMS",
        function: "deliver",
        route: None,
        leaves: None,
        prepare: tell_by_sms,
    },
    Row {
        name: "tell a reporter by e-mail",
        function: "deliver",
        route: None,
        leaves: None,
        prepare: tell_by_email,
    },
];

/// A category whose only slot is half a day away: nothing of it is released or told while the tests run.
const SENSITIVE: &str = "perilaku-petugas";
/// The channel of those whom `deliver` tells here, and its topic.
const CHANNEL: &str = "facebook";
pub(super) const CHANNEL_TOPIC: &str = "channel-facebook";

#[expect(clippy::disallowed_methods, reason = "the tests live in real time; glue::clock is for functions")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn random<const N: usize>() -> [u8; N] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, fresh_key().as_bytes());
    digest.as_ref()[..N].try_into().unwrap()
}

fn fresh_event() -> String {
    EventId::from_bytes(&random()).to_string()
}

/// Messages of a queue.
fn queued(bodies: &[Value]) -> Value {
    let message = |(n, body): (usize, &Value)| {
        json!({
            "messageId": format!("m-{n}"),
            "receiptHandle": "r",
            "attributes": {},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:x:1:q",
            "awsRegion": "x",
            "body": body.to_string(),
        })
    };
    let messages: Vec<Value> = bodies.iter().enumerate().map(message).collect();
    json!({"Records": messages})
}

fn locked_photo() -> Deed {
    upload("private", &life::photo(81), "ready", (1, 0))
}

fn shown_photo() -> Deed {
    upload("public", &life::photo(82), "ready", (1, 1))
}

fn no_photo() -> Deed {
    upload("public", b"bukan gambar", "rejected", (0, 0))
}

/// An upload that has come.
///
/// It lies under `waiting/`, which wakes nobody, and whoever stands between has it from there as if it lay under `incoming/`.
fn upload(privacy: &str, bytes: &[u8], state: &'static str, left: (usize, usize)) -> Deed {
    let mut body = life::body();
    body["privacy"] = json!(privacy);
    body["photos"] = json!([life::announced(bytes)]);
    let (report, _) = life::submit(&body);
    let half = if privacy == "private" { "locked" } else { "shown" };
    let key = format!("{half}/{}/{}", bare(&report), photos(&report)[0].0);
    let s3 = aws_sdk_s3::Client::new(&config());
    let put = s3.put_object().bucket(stack().output("PhotosBucket")).key(format!("waiting/{key}"));
    wait(put.body(bytes.to_vec().into()).send()).expect("an upload");
    let notification = json!({"Records": [{
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": stack().output("PhotosBucket")}, "object": {"key": format!("incoming/{key}")}},
    }]});
    Deed::brought(queued(&[notification])).through(Arc::new(uploads)).about(report).seen(move |report| {
        let mut wrongs = ensure(
            photos(report).iter().map(|(_, has)| has.as_str()).eq([state]),
            "the photo is not settled",
        );
        wrongs.extend(ensure(pictures(report) == left, "pictures are elsewhere"));
        let waiting = objects(&format!("waiting/{half}/{}/", bare(report)));
        wrongs.extend(ensure(waiting.is_empty(), "the upload is left"));
        wrongs
    })
}

/// The engine, with what lies under `waiting/` as `incoming/`.
fn uploads(request: &Message) -> Answered {
    let mut words = request.line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let Some((_, key)) = path.split_once("/incoming/") else { return pass_on(request) };
    let key = format!("waiting/{}", key.split('?').next().unwrap_or_default());
    let (s3, bucket) = (aws_sdk_s3::Client::new(&config()), stack().output("PhotosBucket"));
    let xml = |status: u16, body: &str| Answered {
        status,
        kind: "text/xml".to_owned(),
        body: body.as_bytes().to_vec(),
    };
    if method == "DELETE" {
        wait(s3.delete_object().bucket(bucket).key(key).send()).expect("deleted");
        return xml(204, "");
    }
    assert_eq!(method, "GET", "nobody else may do more");
    match wait(s3.get_object().bucket(bucket).key(key).send()) {
        Ok(found) => {
            let body = wait(found.body.collect()).expect("an upload").to_vec();
            Answered { status: 200, kind: "image/jpeg".to_owned(), body }
        }
        // As S3 says to somebody who may not list.
        Err(_) => xml(403, "<Error><Code>AccessDenied</Code><Message>x</Message></Error>"),
    }
}

const PAST: &str = "2026-01-05T00:00:00Z";

/// A report with an assignment, a wish and a message to its reporter, all of which wait for a slot that has come.
///
/// It is taken from the index of what is pending, where the schedule would find it, and whoever stands between puts it there.
fn release() -> Deed {
    let mut body = life::body();
    body["category"] = json!(SENSITIVE);
    let (report, _) = life::submit(&body);
    report.assign();
    report.track("PUT", "privacy", &json!({"privacy": "public"})).expect(200);
    let mut snapshot = items_of_kind(&report.ticket, "report").remove(0);
    let_slot_come(&mut snapshot);
    let order = format!("{PAST}#{}", bare(&report));
    let put = dynamodb().put_item().table_name(stack().output("ReportsTable")).set_item(Some(snapshot));
    wait(put.send()).expect("the snapshot is changed");
    let ticket = bare(&report);
    let engine: Engine = Arc::new(move |request| {
        let answered = pass_on(request);
        if answered.status != 200 || !word(request).ends_with(".pending") {
            return answered;
        }
        let text = |value: &str| json!({"S": value});
        let due = json!({
            "pk": text(&ticket), "sk": text("report"), "pending": text("pending"), "pending_at": text(&order),
        });
        Answered::json(200, json!({"Items": [due], "Count": 1, "ScannedCount": 1}))
    });
    Deed::scheduled().through(engine).about(report).seen(|report| {
        let snapshot = items_of_kind(&report.ticket, "report").remove(0);
        let waits = ["release", "reporter_update", "wishes"].iter().any(|name| snapshot.contains_key(*name));
        let mut wrongs = ensure(!waits, "something waits still");
        let desk = format!("unit:{}", officers::UNIT_CODE);
        wrongs.extend(ensure(text(&snapshot, "desk") == desk, "it does not stand on the unit's desk"));
        let topics: Vec<String> = announced(report).into_iter().map(|(topic, _)| topic).collect();
        let unit = format!("unit-{}", officers::UNIT_CODE);
        let of_release = topics.iter().filter(|topic| **topic == unit || **topic == "reporter");
        wrongs.extend(ensure(
            of_release.count() == 2,
            "it is not announced once to the unit and once to the reporter",
        ));
        wrongs
    })
}

/// All that waits of a report waits no longer, and no index says so.
fn let_slot_come(snapshot: &mut Item) {
    let past = || AttributeValue::S(PAST.to_owned());
    let mut come = |value: &mut AttributeValue| {
        let AttributeValue::M(due) = value else { panic!("something due") };
        due.insert("at".to_owned(), past());
    };
    for name in ["release", "reporter_update"] {
        come(snapshot.get_mut(name).expect("something waits"));
    }
    let Some(AttributeValue::L(wishes)) = snapshot.get_mut("wishes") else { panic!("a wish waits") };
    wishes.iter_mut().for_each(&mut come);
    snapshot.remove("pending");
    snapshot.remove("pending_at");
}

/// An announcement to the ticket desk of a report that nobody made: its ticket, its event, and its item.
fn announcement() -> (String, Value) {
    let (ticket, event) = (Ticket::from_mac(&random()), fresh_event());
    let item = json!({
        "pk": ticket.as_str(),
        "sk": format!("announcement#{event}#tiket"),
        "kind": "announcement",
        "event_id": event,
        "event": "submit",
        "ticket": ticket.as_str(),
        "status": "menunggu",
        "privacy": "private",
        "audience": "tiket",
    });
    (event, item)
}

/// Two announcements, as the stream brings them.
fn announce() -> Deed {
    let said = [announcement(), announcement()];
    let record = |(n, (_, item)): (usize, &(String, Value))| {
        let item = item.as_object().unwrap().iter();
        let texts: Value = item.map(|(name, value)| (name.clone(), json!({"S": value}))).collect();
        json!({"eventID": n.to_string(), "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": {
            "Keys": {"pk": texts["pk"], "sk": texts["sk"]}, "NewImage": texts, "SequenceNumber": n.to_string(),
        }})
    };
    let records: Vec<Value> = said.iter().enumerate().map(record).collect();
    let deed = Deed::brought(json!({"Records": records}));
    said.into_iter().fold(deed, |deed, (event, _)| deed.telling("desk-tiket".to_owned(), event))
}

/// The topic of the first cannot be found at first; so it goes to the retry queue.
fn announce_later() -> Deed {
    let first: Mutex<Option<String>> = Mutex::new(None);
    announce().through(Arc::new(move |request| {
        let id = request.header("amz-sdk-invocation-id").unwrap_or_default().to_owned();
        if word(request) == "Publish" && *first.lock().unwrap().get_or_insert_with(|| id.clone()) == id {
            let error = "<Error><Type>Sender</Type><Code>NotFound</Code><Message>x</Message></Error>";
            let body = format!("<ErrorResponse>{error}</ErrorResponse>").into_bytes();
            return Answered { status: 404, kind: "text/xml".to_owned(), body };
        }
        pass_on(request)
    }))
}

/// Two announcements, as the retry queue brings them.
fn announce_at_last() -> Deed {
    let said = [announcement(), announcement()];
    let retry = |(_, item): &(String, Value)| json!({"key": {"pk": item["pk"], "sk": item["sk"]}, "announcement": item});
    let retries: Vec<Value> = said.iter().map(retry).collect();
    let deed = Deed::brought(queued(&retries));
    said.into_iter().fold(deed, |deed, (event, _)| deed.telling("desk-tiket".to_owned(), event))
}

fn tell_channel() -> Deed {
    let (deed, event) =
        tell(&json!({"name": "Mawar", "channel_ref": format!("rujukan-{}", &fresh_key()[..16])}), |_| {
            Vec::new()
        });
    deed.telling(CHANNEL_TOPIC.to_owned(), event)
}

fn tell_by_sms() -> Deed {
    let digits: String = fresh_key().bytes().take(8).map(|byte| char::from(b'0' + byte % 10)).collect();
    let number = format!("+62811{digits}");
    let contact = json!({"name": "Mawar", "phone": format!("0811{digits}")});
    let (deed, _) = tell(&contact, move |ticket| {
        let sent = sent("sns/sms-messages");
        ensure(sent["sms_messages"][&number].to_string().contains(ticket), "no SMS was sent")
    });
    deed
}

fn tell_by_email() -> Deed {
    static SENDER: LazyLock<()> = LazyLock::new(|| {
        // As the operator has to on AWS; another test may have done so.
        let ses = aws_sdk_sesv2::Client::new(&config());
        drop(wait(ses.create_email_identity().email_identity("contoh.go.id").send()));
    });
    LazyLock::force(&SENDER);
    let address = format!("mawar-{}@contoh.id", &fresh_key()[..16]);
    let contact = json!({"name": "Mawar", "email": address});
    let (deed, _) = tell(&contact, move |ticket| {
        let sent = sent("ses/messages");
        let mut mails = sent["messages"]
            .as_object()
            .into_iter()
            .flat_map(|sent| sent.values())
            .flat_map(|sent| sent.as_array().into_iter().flatten());
        let has = |mail: &Value| mail["To"][0] == address && mail["Subject"].to_string().contains(ticket);
        ensure(mails.any(has), "no e-mail was sent")
    });
    deed
}

/// What the engine says that it sent.
fn sent(what: &str) -> Value {
    Call::url("GET", &format!("{}/_ministack/{what}", stack().endpoint)).send().json()
}

/// Tells somebody that their report was refused, and the event that it is about. Closing lets the identity expire.
fn tell(contact: &Value, is_sent: impl Fn(&str) -> Vec<String> + Send + 'static) -> (Deed, String) {
    let mut body = life::body();
    body["category"] = json!(SENSITIVE);
    body["reporter"] = contact.clone();
    let told = life::submission(CHANNEL, &fresh_key(), &body).send().expect(201).json();
    let said = |name: &str| told[name].as_str().unwrap().to_owned();
    let report = Report { ticket: said("ticket"), secret: said("secret") };
    notes::ticket(&report.ticket);
    notes::unspeakable(&report.secret);
    let (event, released_at) = (fresh_event(), now());
    let attribute = |value: &str| json!({"Type": "String", "Value": value});
    let message = json!({
        "event_id": event,
        "ticket": report.ticket,
        "status": Status::Ditolak,
        "status_text": Status::Ditolak.text(Language::Id),
        "label": Privacy::Private.label(),
    });
    let envelope = json!({
        "Type": "Notification",
        "MessageId": "m",
        "TopicArn": stack().output("ReporterTopic"),
        "Timestamp": "2026-11-24T02:00:00.000Z",
        "Message": message.to_string(),
        "MessageAttributes": {
            "event": attribute("reject"),
            "status": attribute(Status::Ditolak.as_str()),
            "channel": attribute(CHANNEL),
            "language": attribute(Language::Id.as_str()),
            "released_at": attribute(&released_at.to_string()),
        },
    });
    let deed = Deed::brought(queued(&[envelope])).about(report).seen(move |report| {
        let Some(row) = vault_row(report) else { return wrong("there is no identity") };
        let expires = (released_at + SignedDuration::from_hours(30 * 24)).as_second();
        let mut wrongs = ensure(
            row.get("expires_at") == Some(&AttributeValue::N(expires.to_string())),
            "the identity expires at another time",
        );
        wrongs.extend(is_sent(&report.ticket));
        wrongs
    });
    (deed, event)
}

fn vault_row(report: &Report) -> Option<Item> {
    let get = dynamodb().get_item().table_name(stack().output("VaultTable"));
    let get = get.key("pk", AttributeValue::S(bare(report))).consistent_read(true);
    wait(get.send()).expect("the vault").item
}
