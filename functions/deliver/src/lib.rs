//! Triggered by updates to reporters: opens the one identity that an update is for, and sends the update.
//!
//! The only function that can decrypt identities, and it knows nothing of reports. What cannot be sent waits on its queue, comes
//! again a few times, and then lies on the dead-letter queue as it came: ticket and status, nothing of the identity.

mod delivery;
mod keys;
#[cfg(test)]
mod scenarios;
mod update;

use aws_failure::Failure;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use delivery::{Delivery, Media};
use jiff::Timestamp;
use keys::Keys;
use runtime::{
    aws::{self, client},
    batch, clock,
    serve::{self, StartError},
    settings::{self, SettingError},
    telemetry,
};
use store::vault::Vault;
use update::Update;

struct App {
    vault: Vault,
    keys: Keys,
    media: Media,
}

/// Sets up the function and serves the queue of updates.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let dynamodb = client!(aws_sdk_dynamodb, &config);
    let kms = client!(aws_sdk_kms, &config);
    let sns = client!(aws_sdk_sns, &config);
    let ses = client!(aws_sdk_sesv2, &config);
    let sms = match settings::var("SMS")?.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(SettingError::Invalid("SMS").into()),
    };
    let app = App {
        vault: Vault::new(dynamodb, settings::var("VAULT_TABLE")?),
        keys: Keys::new(kms, &settings::var("VAULT_KEYS")?)?,
        media: Media {
            sns,
            ses,
            channel_topics: settings::var("CHANNEL_TOPICS")?,
            sms,
            // The template leaves this setting out where a stack has no sender.
            sender: settings::var("SENDER_EMAIL").ok(),
        },
    };
    serve::events("deliver", async |event: SqsEvent| {
        let identifier = |message: &SqsMessage| message.message_id.clone().unwrap_or_default();
        batch::each(event.records, identifier, async |message| app.message(&message).await).await
    })
    .await
}

impl App {
    async fn message(&self, message: &SqsMessage) -> Result<(), Failure> {
        let update =
            message.body.as_deref().and_then(Update::read).ok_or(Failure::Bug("message is no update"))?;
        let delivery = self.deliver(&update, clock::now()).await?;
        telemetry::count_result(delivery.word());
        Ok(())
    }

    /// Delivers an update to its reporter, unless the identity is gone or the update is not new.
    async fn deliver(&self, update: &Update, now: Timestamp) -> Result<Delivery, Failure> {
        if !update.is_plausible(now) {
            // Not a message of ours: it is retried, and then lies on the dead-letter queue, where an operator can look at it.
            telemetry::count_result("implausible");
            return Err(Failure::Bug("update of an implausible time"));
        }
        // The clock of the sender may be ahead, but no update counts as released later than now: it would suppress those that
        // come until then.
        let update = &Update { released_at: update.released_at.min(now), ..update.clone() };
        let Some(row) = self.vault.read(&update.ticket).await? else { return Ok(Delivery::Gone) };
        if row.has_expired(now) {
            return Ok(Delivery::Gone);
        }
        if row.delivered.as_ref() == Some(&update.event_id) {
            return Ok(Delivery::Duplicate);
        }
        // The expiry is set first of all: it must not depend on a contact that can be reached. That of a test report stays as it is.
        let expires_at = if row.is_test { row.expires_at } else { update.expires_at(now) };
        if row.has_seen_newer(update.released_at)
            || !self.vault.apply(&update.ticket, update.released_at, expires_at).await?
        {
            return Ok(Delivery::Older);
        }
        let encrypted = row.encrypted.ok_or(Failure::Bug("vault row damaged"))?;
        let key = self.keys.content_key(&encrypted).await?;
        let identity =
            encrypted.decrypt(&update.ticket, &key).map_err(|_| Failure::Bug("identity is not decrypted"))?;
        let delivery = self.media.send(update, &identity, row.is_test).await?;
        // The message is sent: a mark that fails is no reason to send it again.
        let _ = self.vault.mark_delivered(&update.ticket, update.released_at, &update.event_id).await;
        Ok(delivery)
    }
}
