//! The dead-letter queues of a stack: what could not be dealt with, and sending it again.

use anyhow::{Context, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName};
use cli::{
    exit::{self, Refusal},
    target::{Target, Which, plainly},
    terminal::Terminal,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    process::ExitCode,
};

/// The end of the outputs that name dead-letter queues.
const DEAD_QUEUE: &str = "DeadQueue";
/// The queue of announcements, which are sent as they stand in the table by now.
const NOTIFY: &str = "notify";
/// How long a message is held while it is sent again, in seconds.
const HELD: i32 = 120;

/// A dead-letter queue and the one that its messages came from.
pub(crate) struct DeadQueue {
    /// As `--queue` takes it: `notify`, `deliver`, `uploads`.
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) source: String,
}

/// What was sent again.
#[derive(Serialize)]
struct Replayed {
    queues: Vec<QueueReplayed>,
}

#[derive(Default, Serialize)]
struct QueueReplayed {
    queue: String,
    sent_again: u32,
    /// What stays where it is, by message, and why.
    left: BTreeMap<String, String>,
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for QueueReplayed { queue, sent_again, left } in &self.queues {
            for (id, why) in left {
                writeln!(f, "left {id}: {why}")?;
            }
            writeln!(f, "{queue}: {sent_again} sent again, {} left", left.len())?;
        }
        Ok(())
    }
}

/// What lies on the retry queue and on its dead-letter queue.
#[derive(Serialize, Deserialize)]
struct Message {
    key: Key,
    /// The announcement's attributes as plain JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announcement: Option<Value>,
}

/// The announcement in the reports table.
#[derive(Serialize, Deserialize)]
struct Key {
    pk: String,
    sk: String,
}

/// Every dead-letter queue of a stack, by its outputs.
pub(crate) fn all(outputs: &BTreeMap<String, String>) -> Result<Vec<DeadQueue>> {
    let mut queues = Vec::new();
    for (output, url) in outputs {
        let Some(about) = output.strip_suffix(DEAD_QUEUE) else { continue };
        // What notify could not publish was tried again from a queue of its own.
        let sources = [format!("{about}RetryQueue"), format!("{about}Queue")];
        let source = sources.iter().find_map(|source| outputs.get(source));
        let source = source.with_context(|| format!("the stack has no queue beside {output}"))?;
        queues.push(DeadQueue { name: about.to_lowercase(), url: url.clone(), source: source.clone() });
    }
    Ok(queues)
}

/// How many messages a queue has, those that somebody reads at the moment among them.
pub(crate) async fn count(sqs: &aws_sdk_sqs::Client, url: &str) -> Result<u64> {
    let names = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    let asked = sqs.get_queue_attributes().queue_url(url).set_attribute_names(Some(names.to_vec()));
    let found = asked.send().await.map_err(plainly).context("cannot count the messages of a queue")?;
    let counts = found.attributes.unwrap_or_default();
    Ok(counts.values().filter_map(|count| count.parse::<u64>().ok()).sum())
}

/// Sends what lies on the dead-letter queues to where it came from, once that is confirmed.
///
/// A message is removed from a dead-letter queue only when it lies on the other one. What cannot be sent again stays where it is.
pub(crate) async fn replay(which: &Which, queue: Option<&str>, terminal: Terminal) -> Result<ExitCode> {
    let target = which.target().await?;
    let sqs = aws_sdk_sqs::Client::new(&target.config);
    let mut queues = all(&target.outputs)?;
    if let Some(queue) = queue {
        let names: Vec<_> = queues.iter().map(|queue| queue.name.clone()).collect();
        queues.retain(|one| one.name == queue);
        if queues.is_empty() {
            let names = names.join(", ");
            return Err(Refusal::Invalid(format!("there is no queue {queue}, only {names}")).into());
        }
    }
    let mut would = Vec::new();
    for queue in &queues {
        would.push(format!("{} of {}", count(&sqs, &queue.url).await?, queue.name));
    }
    terminal.confirm(&format!("Send the dead letters of {} again ({})?", target.name, would.join(", ")))?;
    let mut replayed = Replayed { queues: Vec::new() };
    for queue in &queues {
        replayed.queues.push(replay_queue(&target, &sqs, queue).await?);
    }
    terminal.print(&replayed)?;
    let is_left = replayed.queues.iter().any(|queue| !queue.left.is_empty());
    Ok(if is_left { exit::FOUND.into() } else { ExitCode::SUCCESS })
}

async fn replay_queue(
    target: &Target,
    sqs: &aws_sdk_sqs::Client,
    queue: &DeadQueue,
) -> Result<QueueReplayed> {
    let mut replayed = QueueReplayed { queue: queue.name.clone(), ..QueueReplayed::default() };
    let mut seen = HashSet::new();
    let mut held = Vec::new();
    loop {
        let received = sqs
            .receive_message()
            // A short poll may find nothing although there is something.
            .wait_time_seconds(if queue.name == NOTIFY { 5 } else { 2 })
            .queue_url(&queue.url)
            .max_number_of_messages(10)
            .message_attribute_names("All")
            .visibility_timeout(HELD)
            .send()
            .await;
        let messages = received
            .map_err(plainly)
            .with_context(|| format!("cannot read the dead-letter queue of {}", queue.name))?
            .messages
            .unwrap_or_default();
        // An empty answer, or only what has been seen already, such as what failed again meanwhile: that is all.
        if messages.iter().all(|message| message.message_id().is_some_and(|id| seen.contains(id))) {
            break;
        }
        for message in messages {
            let id = message.message_id().unwrap_or_default().to_owned();
            seen.insert(id.clone());
            let body = message.body().unwrap_or_default();
            let body =
                if queue.name == NOTIFY { as_it_stands(target, body).await? } else { Ok(body.to_owned()) };
            let body = match body {
                Ok(body) => body,
                Err(why) => {
                    replayed.left.insert(id, why);
                    held.extend(message.receipt_handle);
                    continue;
                }
            };
            send(sqs, queue, body, message.message_attributes).await?;
            sqs.delete_message()
                .queue_url(&queue.url)
                .set_receipt_handle(message.receipt_handle)
                .send()
                .await
                .map_err(plainly)
                .context("sent again, but cannot be removed; the double will be recognised")?;
            replayed.sent_again += 1;
        }
    }
    // Whoever looks again at once is to find what was left.
    for handle in held {
        let shown = sqs
            .change_message_visibility()
            .queue_url(&queue.url)
            .receipt_handle(handle)
            .visibility_timeout(0);
        shown.send().await.map_err(plainly).context("what was left stays hidden for two minutes")?;
    }
    Ok(replayed)
}

async fn send(
    sqs: &aws_sdk_sqs::Client,
    queue: &DeadQueue,
    body: String,
    attributes: Option<HashMap<String, MessageAttributeValue>>,
) -> Result<()> {
    let sent = sqs.send_message().queue_url(&queue.source).message_body(body);
    let sent = sent.set_message_attributes(attributes).send().await;
    sent.map_err(plainly).with_context(|| format!("cannot write to the queue that {} reads", queue.name))?;
    Ok(())
}

/// The message of an announcement as it stands in the table now, or why it cannot be sent.
async fn as_it_stands(target: &Target, body: &str) -> Result<Result<String, String>> {
    let Ok(message) = serde_json::from_str::<Message>(body) else {
        return Ok(Err(format!("not an announcement; {}", about(body))));
    };
    let item = aws_sdk_dynamodb::Client::new(&target.config)
        .get_item()
        .table_name(target.output("ReportsTable")?)
        .key("pk", AttributeValue::S(message.key.pk.clone()))
        .key("sk", AttributeValue::S(message.key.sk.clone()))
        .consistent_read(true)
        .send()
        .await
        .map_err(plainly)
        .context("cannot read the reports table")?
        .item;
    let Some(item) = item else { return Ok(Err("its announcement is not in the table".to_owned())) };
    let announcement = serde_dynamo::from_item(item).context("an announcement has no JSON form")?;
    Ok(Ok(serde_json::to_string(&Message { key: message.key, announcement: Some(announcement) })?))
}

/// What a message that names no announcement says of itself: Lambda's note of stream records that it gave up on.
fn about(body: &str) -> String {
    let note: Value = serde_json::from_str(body).unwrap_or_default();
    let reason = note.pointer("/requestContext/condition").and_then(Value::as_str);
    let records = note.pointer("/DDBStreamBatchInfo");
    match (reason, records) {
        (Some(reason), Some(records)) => {
            let field = |name: &str| records.get(name).map(ToString::to_string).unwrap_or_default();
            format!(
                "{reason}, {} stream records of {} from {} to {}",
                field("batchSize"),
                field("shardId"),
                field("startSequenceNumber"),
                field("endSequenceNumber")
            )
        }
        _ => "unknown form".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dead_letter_queue_has_the_queue_that_its_letters_came_from() {
        let names =
            ["NotifyDeadQueue", "NotifyRetryQueue", "DeliverQueue", "DeliverDeadQueue", "ReportsTable"];
        let mut outputs: BTreeMap<_, _> =
            names.iter().map(|name| ((*name).to_owned(), format!("at {name}"))).collect();
        let found = all(&outputs).unwrap();
        let found: Vec<_> = found.iter().map(|queue| [&*queue.name, &*queue.url, &*queue.source]).collect();
        assert_eq!(
            found,
            [
                ["deliver", "at DeliverDeadQueue", "at DeliverQueue"],
                ["notify", "at NotifyDeadQueue", "at NotifyRetryQueue"]
            ]
        );
        outputs.remove("DeliverQueue");
        assert!(all(&outputs).is_err());
    }
}
