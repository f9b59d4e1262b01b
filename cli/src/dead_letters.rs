//! The dead-letter queue of `notify`.

use anyhow::{Context, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use cli::target::{Which, plainly};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;

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

/// Sends every announcement of the dead-letter queue again, as it stands in the table now, and removes it from there
/// only when it has been put on the retry queue. What is not an announcement stays where it is.
pub(crate) async fn replay(which: &Which) -> Result<()> {
    let target = which.target().await?;
    let sqs = aws_sdk_sqs::Client::new(&target.config);
    let dynamodb = aws_sdk_dynamodb::Client::new(&target.config);
    let dead = target.output("NotifyDeadQueue")?;
    let retry = target.output("NotifyRetryQueue")?;
    let table = target.output("ReportsTable")?;

    let mut sent = 0_u32;
    let mut left = HashSet::new();
    loop {
        let received = sqs
            .receive_message()
            // A short poll may find nothing although there is something.
            .wait_time_seconds(5)
            .queue_url(dead)
            .max_number_of_messages(10)
            .visibility_timeout(120)
            .send()
            .await;
        let messages = received
            .map_err(plainly)
            .context("cannot read the dead-letter queue")?
            .messages
            .unwrap_or_default();
        // An empty answer, or only what has been left already: everything has been seen.
        if messages.iter().all(|message| message.message_id().is_some_and(|id| left.contains(id))) {
            break;
        }
        for message in messages {
            let id = message.message_id().unwrap_or_default().to_owned();
            let Some(body) = message.body().and_then(|body| serde_json::from_str::<Message>(body).ok())
            else {
                println!("left {id}: not an announcement; {}", about(message.body().unwrap_or_default()));
                left.insert(id);
                continue;
            };
            let item = dynamodb
                .get_item()
                .table_name(table)
                .key("pk", AttributeValue::S(body.key.pk.clone()))
                .key("sk", AttributeValue::S(body.key.sk.clone()))
                .consistent_read(true)
                .send()
                .await
                .map_err(plainly)
                .context("cannot read the reports table")?
                .item;
            let Some(item) = item else {
                println!("left {id}: its announcement is not in the table");
                left.insert(id);
                continue;
            };
            let announcement = serde_dynamo::from_item(item).context("an announcement has no JSON form")?;
            let again = Message { key: body.key, announcement: Some(announcement) };
            sqs.send_message()
                .queue_url(retry)
                .message_body(serde_json::to_string(&again)?)
                .send()
                .await
                .map_err(plainly)
                .context("cannot write to the retry queue")?;
            sqs.delete_message()
                .queue_url(dead)
                .set_receipt_handle(message.receipt_handle)
                .send()
                .await
                .map_err(plainly)
                .context(
                    "sent again, but cannot be removed; the same event id makes the double recognisable",
                )?;
            sent += 1;
        }
    }
    println!("{sent} sent again, {} left", left.len());
    Ok(())
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
