//! Reporters are told: what was not acknowledged comes again, and when the identity expires is noted all the same.
//!
//! Their reports are of a category whose slot is far away, so the deployed function has nothing to tell them.

use super::{
    checks::{bare, ensure, wrong},
    drawn::{fresh_event, now},
    scenario::{Row, Scenario, queued},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{language::Language, privacy::Privacy, status::Status};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::LazyLock;
use tests::{
    http::{Call, fresh_key},
    life::{self, Report},
    operator::{Item, config, dynamodb, wait},
    restart_notes,
    stack::stack,
};

pub(super) const ROWS: &[Row] = &[
    Row::woken("tell a reporter through the channel", "deliver", deliver_through_channel),
    Row::woken("tell a reporter by SMS", "deliver", deliver_by_sms),
    Row::woken("tell a reporter by e-mail", "deliver", deliver_by_email),
];

/// The channel of these reporters, and its topic.
pub(super) const CHANNEL: &str = "facebook";
pub(super) const CHANNEL_TOPIC: &str = "channel-facebook";

fn deliver_through_channel() -> Scenario {
    let (scenario, event) =
        deliver(&json!({"name": "Mawar", "channel_ref": format!("rujukan-{}", &fresh_key()[..16])}), |_| {
            Vec::new()
        });
    scenario.delivery(CHANNEL_TOPIC.to_owned(), event)
}

fn deliver_by_sms() -> Scenario {
    let digits: String = fresh_key().bytes().take(8).map(|byte| char::from(b'0' + byte % 10)).collect();
    let number = format!("+62811{digits}");
    let contact = json!({"name": "Mawar", "phone": format!("0811{digits}")});
    let (scenario, _) = deliver(&contact, move |ticket| {
        let sent = sent("sns/sms-messages");
        ensure(sent["sms_messages"][&number].to_string().contains(ticket), "no SMS was sent")
    });
    scenario
}

fn deliver_by_email() -> Scenario {
    static SENDER: LazyLock<()> = LazyLock::new(|| {
        // As the operator has to on AWS; another test may have done so.
        let ses = aws_sdk_sesv2::Client::new(&config());
        drop(wait(ses.create_email_identity().email_identity("contoh.go.id").send()));
    });
    LazyLock::force(&SENDER);
    let address = format!("mawar-{}@contoh.id", &fresh_key()[..16]);
    let contact = json!({"name": "Mawar", "email": address});
    let (scenario, _) = deliver(&contact, move |ticket| {
        let sent = sent("ses/messages");
        let mut mails = sent["messages"]
            .as_object()
            .into_iter()
            .flat_map(|sent| sent.values())
            .flat_map(|sent| sent.as_array().into_iter().flatten());
        let has = |mail: &Value| mail["To"][0] == address && mail["Subject"].to_string().contains(ticket);
        ensure(mails.any(has), "no e-mail was sent")
    });
    scenario
}

/// The messages that the engine records as sent.
fn sent(what: &str) -> Value {
    Call::url("GET", &format!("{}/_ministack/{what}", stack().endpoint)).send().json()
}

/// A scenario that delivers to somebody that their report was refused, and the event's body. Closing lets the identity expire.
fn deliver(contact: &Value, is_sent: impl Fn(&str) -> Vec<String> + Send + 'static) -> (Scenario, String) {
    let mut body = life::body();
    body["category"] = json!(super::SENSITIVE);
    body["reporter"] = contact.clone();
    let told = life::submission(CHANNEL, &fresh_key(), &body).send().expect(201).json();
    let said = |name: &str| told[name].as_str().unwrap().to_owned();
    let report = Report { ticket: said("ticket"), secret: said("secret") };
    restart_notes::ticket(&report.ticket);
    restart_notes::unspeakable(&report.secret);
    let (event, released_at) = (fresh_event().to_string(), now());
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
    let scenario = Scenario::brought(queued(&[envelope])).about(report).seen(move |report| {
        let Some(row) = vault_row(report) else { return wrong("there is no identity") };
        let expires = (released_at + SignedDuration::from_hours(30 * 24)).as_second();
        let mut wrongs = ensure(
            row.get("expires_at") == Some(&AttributeValue::N(expires.to_string())),
            "the identity expires at another time",
        );
        wrongs.extend(is_sent(&report.ticket));
        wrongs
    });
    (scenario, event)
}

fn vault_row(report: &Report) -> Option<Item> {
    let get = dynamodb().get_item().table_name(stack().output("VaultTable"));
    let get = get.key("pk", AttributeValue::S(bare(report))).consistent_read(true);
    wait(get.send()).expect("the vault").item
}
