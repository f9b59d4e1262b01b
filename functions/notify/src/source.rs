//! Where announcements and slot mail come from: the reports table's stream, or the retry queue.

use domain::{announcement::Announcement, slot_mail::SlotMail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What is to be published, with the key of its item. The body of a message on the retry and dead-letter queues.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Retry {
    key: Key,
    /// The fields of the announcement, or of the slot mail; absent when they could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announcement: Option<Value>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Key {
    pk: String,
    sk: String,
}

/// What is published.
#[derive(PartialEq, Debug)]
pub(crate) enum Published {
    Announcement(Box<Announcement>),
    SlotMail(SlotMail),
}

impl Retry {
    /// What is to be published, if it is anything that can be.
    pub(crate) fn published(&self) -> Option<Published> {
        let fields = self.announcement.clone()?;
        if fields.get("kind").and_then(Value::as_str) == Some("slot_mail") {
            return serde_json::from_value(fields).ok().map(Published::SlotMail);
        }
        serde_json::from_value(fields).ok().map(Published::Announcement)
    }

    /// Notes that the desk will be told by slot mail.
    pub(crate) fn slot_mail_is_put(&mut self) {
        if let Some(fields) = self.announcement.as_mut().and_then(Value::as_object_mut) {
            fields.remove("slot_mail");
        }
    }
}

/// The records of one invocation.
pub(crate) enum Source {
    /// In order, each with its sequence number.
    Stream(Vec<(String, Retry)>),
    /// Each with its message id; `None` where the body is no retry.
    Queue(Vec<(String, Option<Retry>)>),
}

impl Source {
    /// Reads an event record by record, so that a poison record spoils none of the others.
    pub(crate) fn of(event: &Value) -> Self {
        let records = event.get("Records").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let text = |record: &Value, pointer: &str| {
            record.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        if records.first().is_some_and(|record| text(record, "/eventSource") == "aws:sqs") {
            let read = |record: &Value| {
                (text(record, "/messageId"), serde_json::from_str(&text(record, "/body")).ok())
            };
            return Self::Queue(records.iter().map(read).collect());
        }
        let read = |record: &Value| {
            let key = |name: &str| text(record, &format!("/dynamodb/Keys/{name}/S"));
            let image = record.pointer("/dynamodb/NewImage").and_then(Value::as_object);
            let announcement = image.map(texts);
            let retry = Retry { key: Key { pk: key("pk"), sk: key("sk") }, announcement };
            (text(record, "/dynamodb/SequenceNumber"), retry)
        };
        Self::Stream(records.iter().map(read).collect())
    }
}

/// The text attributes of an item; nothing that is published has others.
fn texts(image: &Map<String, Value>) -> Value {
    let texts = image.iter().filter_map(|(name, value)| Some((name.clone(), json!(value.get("S")?))));
    Value::Object(texts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{status::Status, ticket::Ticket};

    fn announcement(retry: &Retry) -> Option<Announcement> {
        match retry.published()? {
            Published::Announcement(announcement) => Some(*announcement),
            Published::SlotMail(_) => None,
        }
    }

    fn record() -> Value {
        json!({
            "eventSource": "aws:dynamodb",
            "dynamodb": {
                "SequenceNumber": "7",
                "Keys": {"pk": {"S": "T"}, "sk": {"S": "announcement#E#reporter"}},
                "NewImage": {
                    "pk": {"S": "T"}, "kind": {"S": "announcement"},
                    "event_id": {"S": "0".repeat(26)}, "event": {"S": "accept"},
                    "ticket": {"S": Ticket::from_mac(&[3; 32]).as_str()}, "status": {"S": "proses"},
                    "privacy": {"S": "private"}, "audience": {"S": "unit:sudin-a"}, "unit": {"S": "sudin-a"},
                },
            },
        })
    }

    #[test]
    fn a_record_of_the_stream_is_an_announcement_and_survives_the_retry_queue() {
        let Source::Stream(records) = Source::of(&json!({"Records": [record()]})) else { panic!("a stream") };
        let said = announcement(&records[0].1).unwrap();
        assert_eq!((records[0].0.as_str(), said.status), ("7", Status::Proses));
        let body = serde_json::to_string(&records[0].1).unwrap();
        let queued = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": body}]});
        let Source::Queue(messages) = Source::of(&queued) else { panic!("a queue") };
        assert_eq!(announcement(messages[0].1.as_ref().unwrap()).unwrap(), said);
    }

    #[test]
    fn slot_mail_of_the_stream_is_read_as_such_and_survives_the_retry_queue() {
        let record = json!({"eventSource": "aws:dynamodb", "dynamodb": {
            "SequenceNumber": "7",
            "Keys": {"pk": {"S": "slot_mail#tiket#2026-01-10T03:00:00Z"}, "sk": {"S": "slot_mail"}},
            "NewImage": {
                "kind": {"S": "slot_mail"}, "event_id": {"S": "0".repeat(26)}, "to_desk": {"S": "tiket"},
                "slot": {"S": "2026-01-10T03:00:00Z"}, "expires_at": {"N": "1"},
            },
        }});
        let Source::Stream(records) = Source::of(&json!({"Records": [record]})) else { panic!("a stream") };
        let mail = records[0].1.published().unwrap();
        assert!(matches!(&mail, Published::SlotMail(mail) if mail.to_desk.to_string() == "tiket"));
        let body = serde_json::to_string(&records[0].1).unwrap();
        let queued = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": body}]});
        let Source::Queue(messages) = Source::of(&queued) else { panic!("a queue") };
        assert_eq!(messages[0].1.as_ref().unwrap().published(), Some(mail));
    }

    #[test]
    fn a_poison_record_keeps_its_key_and_spoils_no_other() {
        let mut poison = record();
        poison["dynamodb"]["NewImage"]["status"] = json!({"S": "tidak-ada"});
        let Source::Stream(records) = Source::of(&json!({"Records": [poison, record()]})) else {
            panic!("a stream")
        };
        assert!(records[0].1.published().is_none() && records[1].1.published().is_some());
        assert_eq!(records[0].1.key.sk, "announcement#E#reporter");
        let queued = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": "not JSON"}]});
        let Source::Queue(messages) = Source::of(&queued) else { panic!("a queue") };
        assert!(messages[0].1.is_none());
    }
}
