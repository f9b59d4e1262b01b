//! Triggered by the stream of announcements and slot mail: publishes each to its topic. An announcement that gives a desk work also has that desk
//! told by slot mail.
//!
//! What cannot be published goes to the retry queue, and the stream goes on. The same function serves that queue; what it
//! cannot send within a limited number of tries goes to the dead-letter queue, from which an operator replays it.

mod portal;
mod slot_mail;
mod sns_message;
mod source;
#[cfg(test)]
mod stored_forms_tests;

use aws_failure::Failure;
use domain::announcement::Audience;
use jiff::tz::TimeZone;
use portal::Portal;
use runtime::{
    aws::{self, client},
    batch::{self, Outcome},
    clock,
    serve::{self, StartError},
    settings,
};
use serde_json::Value;
use slot_mail::SlotMails;
use sns_message::Message;
use source::{Published, Retry, Source};
use store::reports::Reports;

struct App {
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
    topic_prefix: String,
    portal: Portal,
    zone: TimeZone,
    retry_queue: String,
    slot_mail: SlotMails,
}

/// Sets up the function and serves the stream and the retry queue.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let sns = client!(aws_sdk_sns, &config);
    let sqs = client!(aws_sdk_sqs, &config);
    let zone = settings::zone()?;
    let dynamodb = client!(aws_sdk_dynamodb, &config);
    let app = App {
        sns,
        sqs,
        topic_prefix: settings::var("TOPIC_PREFIX")?,
        portal: Portal::at(&settings::var("PORTAL_URL")?),
        slot_mail: SlotMails::of(Reports::new(dynamodb, settings::var("REPORTS_TABLE")?, zone.clone())),
        zone,
        retry_queue: settings::var("RETRY_QUEUE")?,
    };
    serve::events("notify", async |event: Value| app.run(&event).await).await
}

impl App {
    async fn run(&self, event: &Value) -> Outcome {
        match Source::of(event) {
            Source::Stream(records) => {
                batch::in_order(
                    records,
                    |(number, _)| number.clone(),
                    async |(_, record)| self.forward(record).await,
                )
                .await
            }
            Source::Queue(messages) => {
                batch::each(messages, |(id, _)| id.clone(), async |(_, retry)| self.retry(retry).await).await
            }
        }
    }

    async fn forward(&self, mut retry: Retry) -> Result<(), Failure> {
        if self.go_through(&mut retry).await.is_ok() {
            return Ok(());
        }
        let body = serde_json::to_string(&retry).map_err(|_| Failure::Bug("retry not written"))?;
        let sent = self.sqs.send_message().queue_url(&self.retry_queue).message_body(body).send().await;
        sent.map_err(|error| Failure::of(&error))?;
        Ok(())
    }

    async fn retry(&self, retry: Option<Retry>) -> Result<(), Failure> {
        self.go_through(&mut retry.ok_or(Failure::Bug("message is no retry"))?).await
    }

    /// Has the desk told by slot mail, then publishes. What is put is no longer in the retry: put again
    /// after it went out, it would be told twice.
    async fn go_through(&self, retry: &mut Retry) -> Result<(), Failure> {
        let published = retry.published().ok_or(Failure::Bug("record is not to be published"))?;
        if let Published::Announcement(announcement) = &published
            && let (Audience::Desk(desk), Some(slot)) = (&announcement.audience, announcement.slot_mail)
        {
            self.slot_mail.put(desk, slot, clock::now()).await?;
            retry.slot_mail_is_put();
        }
        self.publish(&published).await
    }

    async fn publish(&self, published: &Published) -> Result<(), Failure> {
        let message = match published {
            Published::Announcement(announcement) => Message::of(announcement, &self.portal),
            Published::SlotMail(mail) => Message::of_slot_mail(mail, &self.portal, &self.zone),
        };
        let message = message.ok_or(Failure::Bug("message not made"))?;
        self.sns
            .publish()
            .topic_arn(format!("{}{}", self.topic_prefix, message.topic))
            .message_structure("json")
            .message(message.body)
            .subject(message.subject)
            .set_message_attributes(Some(message.attributes))
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        Ok(())
    }
}
