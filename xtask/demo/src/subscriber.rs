//! An operator's subscriber: a temporary queue that gets what is announced.

use anyhow::{Context, Result, bail};
use aws_sdk_sqs::types::QueueAttributeName;
use cli::target::{Target, plainly};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::Duration,
};

/// How long a message may take; the engine reads the stream every second or so.
const PATIENCE: Duration = Duration::from_secs(60);

/// A queue with its subscriptions.
pub(super) struct Subscriber {
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
    name: String,
    topic_prefix: String,
    queue: Option<String>,
    subscriptions: Vec<String>,
    /// Topic and event of each message that came: doubles are allowed, and recognised by it.
    seen: HashSet<(String, String)>,
}

/// A message from a topic.
pub(super) struct Message {
    /// Without the stack's prefix.
    pub(super) topic: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) body: String,
}

/// What SNS puts around a message for SQS.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    topic_arn: String,
    message: String,
    #[serde(default)]
    message_attributes: BTreeMap<String, Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    value: String,
}

/// What is read of a message's body.
#[derive(Deserialize)]
struct Body {
    event_id: String,
    ticket: String,
}

impl Subscriber {
    /// A subscriber that has created nothing yet.
    pub(super) fn new(target: &Target) -> Result<Self> {
        Ok(Self {
            sns: aws_sdk_sns::Client::new(&target.config),
            sqs: aws_sdk_sqs::Client::new(&target.config),
            name: format!("{}-demo", target.name),
            topic_prefix: target.output("TopicPrefix")?.to_owned(),
            queue: None,
            subscriptions: Vec::new(),
            seen: HashSet::new(),
        })
    }

    /// Makes the queue and subscribes it to these topics.
    pub(super) async fn subscribe(&mut self, topics: &[&str]) -> Result<()> {
        let made = self.sqs.create_queue().queue_name(&self.name).send().await.map_err(plainly);
        let queue =
            made.context("cannot make a queue")?.queue_url.context("the queue has no address")?.clone();
        self.queue = Some(queue.clone());
        let attributes =
            self.sqs.get_queue_attributes().queue_url(&queue).attribute_names(QueueAttributeName::QueueArn);
        let attributes = attributes.send().await.map_err(plainly).context("cannot look at the queue")?;
        let arn = attributes.attributes().and_then(|all| all.get(&QueueAttributeName::QueueArn));
        let arn = arn.context("the queue has no ARN")?.clone();
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnLike": {"aws:SourceArn": format!("{}*", self.topic_prefix)}},
            }],
        });
        self.sqs
            .set_queue_attributes()
            .queue_url(&queue)
            .attributes(QueueAttributeName::Policy, policy.to_string())
            .send()
            .await
            .map_err(plainly)
            .context("cannot let the topics write to the queue")?;
        for topic in topics {
            let subscribed = self
                .sns
                .subscribe()
                .topic_arn(format!("{}{topic}", self.topic_prefix))
                .protocol("sqs")
                .endpoint(&arn)
                .return_subscription_arn(true)
                .send()
                .await
                .map_err(plainly)
                .with_context(|| format!("cannot subscribe to {topic}"))?;
            self.subscriptions.extend(subscribed.subscription_arn);
        }
        Ok(())
    }

    /// Waits until each of these topics has said something new of this report; answers what came, by topic.
    pub(super) async fn wait_for(&mut self, ticket: &str, topics: &[&str]) -> Result<Vec<Message>> {
        let mut missing: BTreeSet<&str> = topics.iter().copied().collect();
        let mut messages = Vec::new();
        let waited = tokio::time::timeout(PATIENCE, async {
            while !missing.is_empty() {
                for message in self.receive(ticket).await? {
                    missing.remove(message.topic.as_str());
                    messages.push(message);
                }
            }
            Ok::<(), anyhow::Error>(())
        })
        .await;
        match waited {
            Ok(received) => received?,
            Err(_) => bail!(
                "no message came from {} within {} s; does the engine's log say why?",
                missing.into_iter().collect::<Vec<_>>().join(", "),
                PATIENCE.as_secs()
            ),
        }
        messages.sort_by(|one, other| one.topic.cmp(&other.topic));
        Ok(messages)
    }

    /// New messages of this report, as soon as there are any, or else none after a second.
    async fn receive(&mut self, ticket: &str) -> Result<Vec<Message>> {
        let queue = self.queue.clone().context("nothing is subscribed")?;
        let receive = self.sqs.receive_message().queue_url(&queue).max_number_of_messages(10);
        let received = receive.wait_time_seconds(1).send().await.map_err(plainly);
        let mut messages = Vec::new();
        for received in received.context("cannot read the queue")?.messages.unwrap_or_default() {
            self.sqs
                .delete_message()
                .queue_url(&queue)
                .set_receipt_handle(received.receipt_handle)
                .send()
                .await
                .map_err(plainly)
                .context("cannot take a message from the queue")?;
            let envelope: Envelope = serde_json::from_str(received.body.as_deref().unwrap_or_default())
                .context("a message is not in SNS's envelope")?;
            let body: Body =
                serde_json::from_str(&envelope.message).context("the body of a message has another form")?;
            let topic = envelope.topic_arn.strip_prefix(&self.topic_prefix).unwrap_or(&envelope.topic_arn);
            // Others may use the stack at the same time.
            if body.ticket == ticket && self.seen.insert((topic.to_owned(), body.event_id)) {
                let attributes = envelope.message_attributes.into_iter();
                messages.push(Message {
                    topic: topic.to_owned(),
                    attributes: attributes.map(|(name, attribute)| (name, attribute.value)).collect(),
                    body: envelope.message,
                });
            }
        }
        Ok(messages)
    }

    /// Removes the subscriptions and the queue, as far as they were made.
    pub(super) async fn end(self) -> Result<()> {
        let mut ended = Ok(());
        for subscription in &self.subscriptions {
            let gone = self.sns.unsubscribe().subscription_arn(subscription).send().await;
            ended = ended.and(gone.map_err(plainly).map(|_| ()).context("cannot remove a subscription"));
        }
        if let Some(queue) = &self.queue {
            let gone = self.sqs.delete_queue().queue_url(queue).send().await;
            ended = ended.and(gone.map_err(plainly).map(|_| ()).context("cannot remove the queue"));
        }
        ended
    }
}
