//! A queue that the operator subscribes to topics, as an agency would.

use crate::{
    http::{eventually, fresh_key},
    life::{self, Report},
    operator::{config, wait},
    stack::stack,
};
use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Mutex};

/// A message that came from a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The topic's name without the stack's prefix, such as `desk-tiket`.
    pub topic: String,
    /// The subject line of an e-mail.
    pub subject: String,
    /// The body of the JSON form, not of the e-mail.
    pub body: Value,
    /// What subscriptions may filter by.
    pub attributes: BTreeMap<String, String>,
}

impl Message {
    fn read(envelope: &str) -> Self {
        let envelope: Value = serde_json::from_str(envelope).expect("an envelope");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let attributes = envelope["MessageAttributes"].as_object().cloned().unwrap_or_default();
        let topic = text(&envelope["TopicArn"]);
        Self {
            topic: topic.strip_prefix(stack().output("TopicPrefix")).expect("our topic").to_owned(),
            subject: text(&envelope["Subject"]),
            body: serde_json::from_str(envelope["Message"].as_str().expect("a message")).unwrap_or_default(),
            attributes: attributes
                .iter()
                .map(|(name, value)| (name.clone(), text(&value["Value"])))
                .collect(),
        }
    }

    /// `topic event status`, which tells a message of a report from its others.
    pub fn summary(&self) -> String {
        let attribute = |name: &str| self.attributes.get(name).cloned().unwrap_or_default();
        format!("{} {} {}", self.topic, attribute("event"), attribute("status"))
    }
}

/// A subscribed queue; gone when dropped.
pub struct Inbox {
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
    url: String,
    arn: String,
    subscriptions: Mutex<Vec<String>>,
    seen: Mutex<Vec<Message>>,
}

impl Inbox {
    /// A queue on these topics (names without the prefix), and on the ticket desk's for [`Inbox::catch_up`].
    pub fn on(topics: &[&str]) -> Self {
        let sqs = aws_sdk_sqs::Client::new(&config());
        let made = wait(sqs.create_queue().queue_name(format!("inbox-{}", &fresh_key()[..24])).send());
        let url = made.expect("a queue").queue_url.expect("its URL");
        let arn = attribute(&sqs, &url, aws_sdk_sqs::types::QueueAttributeName::QueueArn);
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }]});
        let allowed = sqs
            .set_queue_attributes()
            .queue_url(&url)
            .attributes(aws_sdk_sqs::types::QueueAttributeName::Policy, policy.to_string());
        wait(allowed.send()).expect("a queue policy");
        let inbox = Self {
            sns: aws_sdk_sns::Client::new(&config()),
            sqs,
            url,
            arn,
            subscriptions: Mutex::default(),
            seen: Mutex::default(),
        };
        for topic in topics.iter().filter(|topic| **topic != FENCE).chain([&FENCE]) {
            inbox.subscribe(topic);
        }
        inbox
    }

    /// Subscribes to one more topic.
    pub fn subscribe(&self, topic: &str) {
        let arn = format!("{}{topic}", stack().output("TopicPrefix"));
        let made = self.sns.subscribe().topic_arn(arn).protocol("sqs").endpoint(&self.arn);
        let made = wait(made.return_subscription_arn(true).send()).expect("a subscription");
        self.subscriptions.lock().unwrap().extend(made.subscription_arn);
    }

    /// Everything so far, in the order of arrival.
    pub fn all(&self) -> Vec<Message> {
        let mut seen = self.seen.lock().unwrap();
        while self.batch(0, |came| seen.extend(came)) {}
        seen.clone()
    }

    /// Hands over what comes next, if anything does within a second, the moment it has come. It is gone from here then:
    /// [`Inbox::all`] does not know of it.
    pub fn next(&self, came: impl FnOnce(Vec<Message>)) {
        self.batch(1, came);
    }

    /// Receives once; returns whether anything came.
    fn batch(&self, seconds: i32, came: impl FnOnce(Vec<Message>)) -> bool {
        let asked = self.sqs.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let batch = wait(asked.wait_time_seconds(seconds).send());
        let batch = batch.expect("messages").messages.unwrap_or_default();
        if batch.is_empty() {
            return false;
        }
        came(batch.iter().map(|message| Message::read(message.body().expect("a body"))).collect());
        let gone = batch.into_iter().enumerate().map(|(place, message)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string());
            entry.receipt_handle(message.receipt_handle.expect("a receipt")).build().expect("an entry")
        });
        let deleted = self.sqs.delete_message_batch().queue_url(&self.url).set_entries(Some(gone.collect()));
        let deleted = wait(deleted.send()).expect("deleted");
        assert!(deleted.failed().is_empty(), "what is not deleted comes again");
        true
    }

    /// The messages about a report so far.
    pub fn about(&self, report: &Report) -> Vec<Message> {
        self.all().into_iter().filter(|message| message.body["ticket"] == report.ticket.as_str()).collect()
    }

    /// The messages about a report, once there are `count`.
    #[track_caller]
    pub fn await_about(&self, report: &Report, count: usize) -> Vec<Message> {
        eventually("the announcements arrived", || {
            let came = self.about(report);
            (came.len() >= count).then_some(came)
        })
    }

    /// Waits until whatever had been announced before has arrived: the stream is read in order.
    #[track_caller]
    pub fn catch_up(&self) {
        let (last, _) = life::submit(&life::body());
        self.await_about(&last, 1);
    }
}

const FENCE: &str = "desk-tiket";

impl Drop for Inbox {
    fn drop(&mut self) {
        for subscription in self.subscriptions.lock().unwrap().iter() {
            let _ = wait(self.sns.unsubscribe().subscription_arn(subscription).send());
        }
        let _ = wait(self.sqs.delete_queue().queue_url(&self.url).send());
    }
}

fn attribute(sqs: &aws_sdk_sqs::Client, url: &str, name: aws_sdk_sqs::types::QueueAttributeName) -> String {
    let found = wait(sqs.get_queue_attributes().queue_url(url).attribute_names(name.clone()).send());
    found.expect("attributes").attributes.and_then(|mut all| all.remove(&name)).expect("the attribute")
}
