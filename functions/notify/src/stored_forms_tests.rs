//! Announcements and slot mail that any version stored are read as they come from the stream, and so is what lies on the queues.

use crate::{
    portal::Portal,
    sns_message::Message,
    source::{Published, Retry, Source},
};
use aws_sdk_sns::types::MessageAttributeValue;
use domain::{
    act::Act,
    announcement::{Announcement, Audience, AudienceMay},
    deadlines::Mark,
    ids::EventId,
    language::Language,
    privacy::Privacy,
    status::Status,
    ticket::Ticket,
    unit::Code,
};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use stored_forms::{assert_kept, assert_read, assert_read_in_part};

fn portal() -> Portal {
    Portal::at("https://petugas.contoh.go.id")
}

/// An item of the reports table as the table's stream brings it.
fn from_stream(item: &Value) -> Retry {
    let record = json!({"eventSource": "aws:dynamodb", "dynamodb": {
        "SequenceNumber": "1", "Keys": {"pk": item["pk"], "sk": item["sk"]}, "NewImage": item,
    }});
    let Source::Stream(mut records) = Source::of(&json!({"Records": [record]})) else { panic!("a stream") };
    records.remove(0).1
}

/// An update to a reporter, and with everything else in it that an announcement may have.
fn update(status: Status, privacy: Privacy, language: Option<Language>) -> Announcement {
    Announcement {
        event_id: EventId::from_bytes(&[1; 17]),
        event: Act::Validate,
        ticket: Ticket::from_mac(&[5; 32]),
        status,
        privacy,
        audience: Audience::Reporter,
        unit: Code::parse("dinas-a"),
        channel: Code::parse("jaki"),
        language,
        follows: (status == Status::Duplikat).then_some(Status::Proses),
        plan: (status == Status::Proses).then(|| "2026-02-27".parse().unwrap()),
        mark: None,
        released_at: Some("2026-01-10T01:23:45.678901Z".parse().unwrap()),
        may: None,
        slot_mail: None,
    }
}

/// An object of texts as an item.
fn item(texts: &Value) -> Value {
    let texts = texts.as_object().unwrap().iter();
    Value::Object(texts.map(|(name, text)| (name.clone(), json!({"S": text}))).collect())
}

#[test]
fn announcements_of_every_version_are_published() {
    assert_read_in_part("reports/announcement", |form| {
        let Some(Published::Announcement(announcement)) = from_stream(form).published() else {
            panic!("an announcement")
        };
        assert!(Message::of(&announcement, &portal()).is_some());
        item(&serde_json::to_value(announcement).unwrap())
    });
}

#[test]
fn slot_mail_of_every_version_is_published() {
    assert_read_in_part("reports/slot_mail", |form| {
        let Some(Published::SlotMail(mail)) = from_stream(form).published() else { panic!("slot mail") };
        assert!(Message::of_slot_mail(&mail, &portal(), &TimeZone::UTC).is_some());
        item(&serde_json::to_value(mail).unwrap())
    });
}

#[test]
fn what_waits_on_the_retry_queue_is_kept_and_read() {
    let update = update(Status::Selesai, Privacy::Private, Some(Language::En));
    let whole = Announcement { mark: Some(Mark::Escalated), follows: Some(Status::Proses), ..update };
    let whole = Announcement {
        may: Some(AudienceMay::Look),
        slot_mail: Some("2026-01-10T03:00:00Z".parse().unwrap()),
        ..whole
    };
    let mut whole = item(&serde_json::to_value(whole).unwrap());
    whole["pk"] = whole["ticket"].clone();
    whole["sk"] = json!({"S": "announcement#0#reporter"});
    let written = |retry: &Retry| serde_json::to_value(retry).unwrap();
    let mail = json!({
        "pk": {"S": "slot_mail#tiket#2026-01-10T03:00:00Z"}, "sk": {"S": "slot_mail"}, "kind": {"S": "slot_mail"},
        "event_id": {"S": "0".repeat(26)}, "to_desk": {"S": "tiket"}, "slot": {"S": "2026-01-10T03:00:00Z"},
    });
    assert_kept("messages/retry", &[&whole, &mail].map(|item| written(&from_stream(item))));
    assert_read("messages/retry", |form| {
        let queued = json!({"eventSource": "aws:sqs", "messageId": "1", "body": form.to_string()});
        let Source::Queue(mut messages) = Source::of(&json!({"Records": [queued]})) else {
            panic!("a queue")
        };
        let retry = messages.remove(0).1.expect("a retry");
        assert!(retry.published().is_some());
        written(&retry)
    });
}

/// `deliver` reads them.
#[test]
fn updates_are_kept_as_the_topic_queues_them() {
    let queued = |announcement: &Announcement| {
        let message = Message::of(announcement, &portal()).unwrap();
        let forms: Value = serde_json::from_str(&message.body).unwrap();
        let attribute = |(name, value): (&String, &MessageAttributeValue)| {
            (name.clone(), json!({"Type": value.data_type(), "Value": value.string_value()}))
        };
        let envelope = json!({
            "Type": "Notification",
            "MessageId": "1",
            "TopicArn": format!("arn:aws:sns:ap-southeast-3:000000000000:tuntas-{}", message.topic),
            "Subject": message.subject,
            "Message": forms["default"],
            "Timestamp": "2026-01-10T01:23:46.000Z",
            "MessageAttributes": message.attributes.iter().map(attribute).collect::<Map<_, _>>(),
        });
        let Announcement { event_id, ticket, status, privacy, language, follows, plan, released_at, .. } =
            announcement;
        let language = language.unwrap_or(Language::Id);
        let mut update = json!({
            "event_id": event_id, "ticket": ticket, "status": status, "privacy": privacy, "language": language,
            "released_at": released_at,
        });
        if let Some(follows) = follows {
            update["follows"] = json!(follows);
        }
        if let Some(plan) = plan {
            update["plan"] = json!(plan);
        }
        json!({"queued": envelope.to_string(), "update": update})
    };
    let languages = [None, Some(Language::Id), Some(Language::En)];
    let updates = Status::ALL.iter().zip(Privacy::ALL.iter().cycle()).zip(languages.into_iter().cycle());
    let updates = updates.map(|((status, privacy), language)| queued(&update(*status, *privacy, language)));
    assert_kept("messages/update", &updates.collect::<Vec<_>>());
}
