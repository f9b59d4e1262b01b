//! Announcements that any version stored are read as they come from the stream, and so is what lies on the queues.

use crate::{
    sns_message::Message,
    source::{Retry, Source},
};
use aws_sdk_sns::types::MessageAttributeValue;
use domain::{
    act::Act,
    announcement::{Announcement, Audience},
    deadlines::Mark,
    ids::EventId,
    language::Language,
    privacy::Privacy,
    status::Status,
    ticket::Ticket,
    unit::Code,
};
use serde_json::{Map, Value, json};
use stored_forms::{assert_kept, assert_read, assert_read_in_part};

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
        let announcement = from_stream(form).announcement().expect("an announcement");
        assert!(Message::of(&announcement).is_some());
        item(&serde_json::to_value(announcement).unwrap())
    });
}

#[test]
fn what_waits_on_the_retry_queue_is_kept_and_read() {
    let update = update(Status::Selesai, Privacy::Private, Some(Language::En));
    let whole = Announcement { mark: Some(Mark::Escalated), follows: Some(Status::Proses), ..update };
    let mut whole = item(&serde_json::to_value(whole).unwrap());
    whole["pk"] = whole["ticket"].clone();
    whole["sk"] = json!({"S": "announcement#0#reporter"});
    let written = |retry: &Retry| serde_json::to_value(retry).unwrap();
    assert_kept("messages/retry", &[written(&from_stream(&whole))]);
    assert_read("messages/retry", |form| {
        let queued = json!({"eventSource": "aws:sqs", "messageId": "1", "body": form.to_string()});
        let Source::Queue(mut messages) = Source::of(&json!({"Records": [queued]})) else {
            panic!("a queue")
        };
        let retry = messages.remove(0).1.expect("a retry");
        assert!(retry.announcement().is_some());
        written(&retry)
    });
}

/// `deliver` reads them.
#[test]
fn updates_are_kept_as_the_topic_queues_them() {
    let queued = |announcement: &Announcement| {
        let message = Message::of(announcement).unwrap();
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
