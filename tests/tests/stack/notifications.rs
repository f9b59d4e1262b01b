//! Whom an announcement reaches, what it says, and that none is lost.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{language::Language, privacy::Privacy, status::Status};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{
    inbox::{Inbox, Message},
    life::{self, Report, body},
    officers,
    operator::{self, Item, wait},
    replay::{await_dead_letter, dead_letters, replay_until},
    stack::stack,
};

/// Nobody else's in these tests, and no officer's.
const FAR_UNIT: &str = "dinas-kesehatan";

fn unit_topic(code: &str) -> String {
    format!("unit-{code}")
}

fn announce_in(language: &str, privacy: &str) -> Value {
    let mut body = body();
    body["language"] = json!(language);
    body["privacy"] = json!(privacy);
    body
}

/// Fails unless the message is what the design says, to the letter.
#[track_caller]
fn assert_says_no_more(message: &Message, report: &Report, language: Language, privacy: Privacy) {
    let status = Status::parse(message.body["status"].as_str().expect("a status")).expect("a status");
    let to_reporter = message.topic == "reporter";
    let read_in = if to_reporter { language } else { Language::Id };
    let event_id = message.body["event_id"].as_str().expect("an event");
    assert!(
        event_id.len() >= 20 && event_id.bytes().all(|symbol| symbol.is_ascii_alphanumeric()),
        "{event_id}"
    );
    let expected = json!({
        "event_id": event_id,
        "ticket": report.ticket,
        "status": status.as_str(),
        "status_text": status.text(read_in),
        "label": privacy.label(),
    });
    assert_eq!(message.body, expected, "{}", message.topic);
    assert_eq!(message.subject, format!("Tuntas {}", report.ticket));
    let mut names = BTreeSet::from(["event", "status"]);
    if status != Status::Menunggu && !to_reporter {
        names.insert("unit");
    }
    if to_reporter {
        names.extend(["channel", "language", "released_at"]);
        assert_eq!(message.attributes["channel"], "jaki");
        assert_eq!(message.attributes["language"], language.as_str());
    } else if let Some(unit) = message.attributes.get("unit") {
        assert_eq!(unit, officers::UNIT_CODE);
    }
    assert_eq!(
        message.attributes.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        names,
        "{}",
        message.topic
    );
    assert_eq!(message.attributes["status"], status.as_str());
}

#[test]
fn every_released_change_reaches_those_it_concerns_and_nobody_else_and_says_no_more_than_it_must() {
    let unit = unit_topic(officers::UNIT_CODE);
    let parent = unit_topic(officers::PARENT_UNIT_CODE);
    let topics =
        [unit.as_str(), &parent, "desk-tiket", "desk-validasi", "desk-verifikasi", "reporter", "alarm"];
    let inbox = Inbox::on(&topics);
    let (report, _) = life::submit(&announce_in("en", "private"));
    report.assign();
    report.accept();
    report.post_tl();
    report.validate("field_check");
    report.verify(false);
    report.post_tl();
    report.validate("accept");
    inbox.catch_up();

    let came = inbox.about(&report);
    let mut counted: BTreeMap<String, u32> = BTreeMap::new();
    for message in &came {
        assert_says_no_more(message, &report, Language::En, Privacy::Private);
        *counted.entry(message.summary()).or_default() += 1;
    }
    let changes = [
        ("submit menunggu", vec!["desk-tiket"], 1),
        ("assign koordinasi", vec![&unit], 1),
        ("accept proses", vec![&unit], 1),
        ("post_tl menunggu_validasi", vec!["desk-validasi", &unit], 2),
        ("validate menunggu_verifikasi", vec!["desk-verifikasi", &unit], 1),
        ("verify tl_ditolak", vec![&unit], 1),
        ("validate selesai", vec![&unit], 1),
    ];
    let expected: BTreeMap<String, u32> = changes
        .iter()
        .flat_map(|(change, topics, times)| {
            let told = topics.iter().copied().chain(["reporter"]);
            told.map(move |topic| (format!("{topic} {change}"), *times))
        })
        .collect();
    assert_eq!(counted, expected);
    // One id for one change, whoever hears of it; another for the next.
    let ids: BTreeSet<&str> = came.iter().map(|message| message.body["event_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), changes.iter().map(|(_, _, times)| *times as usize).sum::<usize>());
}

#[test]
fn a_message_to_the_reporter_is_in_their_language_and_labels_say_what_may_be_passed_on() {
    let inbox = Inbox::on(&["reporter"]);
    for (written, language) in [("id", Language::Id), ("en", Language::En)] {
        for (action, privacy) in [("private", Privacy::Private), ("public", Privacy::Public)] {
            let (report, _) = life::submit(&announce_in(written, action));
            for message in inbox.await_about(&report, 2) {
                assert_says_no_more(&message, &report, language, privacy);
            }
        }
    }
}

#[test]
fn a_topic_that_is_missing_loses_nothing_and_stops_nothing() {
    let topic = Topic::delete(&unit_topic(FAR_UNIT));
    let inbox = Inbox::on(&["reporter"]);
    let (report, _) = life::submit(&body());
    let assign = json!({"action": "assign", "unit": FAR_UNIT});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    // What is announced in the same breath, and what comes after, goes on.
    let summaries = |came: Vec<Message>| came.iter().map(Message::summary).collect::<BTreeSet<_>>();
    let told = summaries(inbox.await_about(&report, 3));
    assert!(told.contains("reporter assign koordinasi"), "{told:?}");
    inbox.catch_up();
    await_dead_letter(&report.ticket);

    topic.restore();
    inbox.subscribe(&unit_topic(FAR_UNIT));
    let expected = format!("{} assign koordinasi", unit_topic(FAR_UNIT));
    replay_until("the unit is told", || summaries(inbox.about(&report)).contains(&expected));
    let again = inbox.about(&report);
    let id = |message: &&Message| message.body["event_id"].as_str().unwrap().to_owned();
    let of_assignment: BTreeSet<String> = again
        .iter()
        .filter(|message| message.attributes["event"] == "assign")
        .map(|message| id(&message))
        .collect();
    assert_eq!(of_assignment.len(), 1, "doubles are recognisable by the event's id");
}

#[test]
fn a_poison_record_stops_nothing_and_is_sent_once_it_is_mended() {
    let inbox = Inbox::on(&["reporter", "desk-validasi"]);
    let (report, _) = life::submit(&body());
    inbox.await_about(&report, 2);
    let key = report.ticket.replace('-', "");
    let good = operator::items_of_kind(&report.ticket, "announcement");
    let mut poison =
        good.into_iter().find(|item| item["audience"] == text("tiket")).expect("an announcement");
    poison.insert("sk".into(), text("announcement#poison#validasi"));
    poison.insert("audience".into(), text("validasi"));
    poison.insert("status".into(), text("tidak-ada"));
    let dynamodb = aws_sdk_dynamodb::Client::new(&operator::config());
    let table = stack().output("ReportsTable");
    wait(dynamodb.put_item().table_name(table).set_item(Some(poison.clone())).send()).expect("the poison");
    for _ in 0..3 {
        inbox.catch_up();
    }
    await_dead_letter(&report.ticket);
    assert_eq!(inbox.about(&report).len(), 2, "poison is not announced");

    let mend = dynamodb
        .update_item()
        .table_name(table)
        .set_key(Some(Item::from([("pk".into(), text(&key)), ("sk".into(), poison["sk"].clone())])))
        .update_expression("SET #status = :good")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":good", text("menunggu"));
    wait(mend.send()).expect("mended");
    replay_until("it is sent", || inbox.about(&report).len() > 2);
    let sent = inbox.about(&report).pop().expect("a message");
    assert_eq!(sent.summary(), "desk-validasi submit menunggu");
    assert!(dead_letters().iter().all(|letter| letter["key"]["pk"] != key.as_str()), "it still lies there");
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// A topic that the operator has deleted; back when restored or dropped.
pub(crate) struct Topic {
    sns: aws_sdk_sns::Client,
    name: String,
    attributes: Vec<(String, String)>,
}

impl Topic {
    pub(crate) fn delete(name: &str) -> Self {
        let sns = aws_sdk_sns::Client::new(&operator::config());
        let arn = format!("{}{name}", stack().output("TopicPrefix"));
        let found = wait(sns.get_topic_attributes().topic_arn(&arn).send()).expect("the topic");
        let kept = ["Policy", "KmsMasterKeyId"];
        let attributes = found.attributes.unwrap_or_default().into_iter();
        let attributes = attributes.filter(|(name, _)| kept.contains(&name.as_str())).collect();
        wait(sns.delete_topic().topic_arn(&arn).send()).expect("deleted");
        let name = arn.rsplit_once(':').expect("an ARN").1.to_owned();
        Self { sns, name, attributes }
    }

    pub(crate) fn restore(&self) {
        let arn = wait(self.sns.create_topic().name(&self.name).send()).expect("the topic").topic_arn;
        let arn = arn.expect("its ARN");
        for (name, value) in &self.attributes {
            let set = self.sns.set_topic_attributes().topic_arn(&arn);
            wait(set.attribute_name(name).attribute_value(value).send()).expect("an attribute");
        }
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        self.restore();
    }
}
