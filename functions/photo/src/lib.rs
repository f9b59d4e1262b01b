//! Woken by uploads: takes a photo from `incoming/`, cleans it, and puts it where it may be shown, or not.
//!
//! Fails closed: what cannot be cleaned is rejected and deleted, and the original is never kept. A message that comes twice
//! finds its upload gone, or leaves everything as it is.

mod known;

use aws_failure::Failure;
use aws_lambda_events::sqs::{SqsEventObj, SqsMessageObj};
use aws_sdk_s3::{operation::get_object::GetObjectError, primitives::ByteStream};
use domain::{
    ids::PhotoId,
    photo::{Photo, PhotoKind, PhotoReason, PhotoState},
    slots::Slots,
    ticket::Ticket,
};
use known::EvidenceKey;
use media::{
    Cleaned, Rejected,
    keys::{self, Incoming, parse_incoming_encoded},
};
use runtime::{
    aws::{self, AwsCalls},
    batch, clock,
    serve::{self, StartError},
    settings,
};
use serde_json::Value;
use store::{
    intake::checksum,
    reports::{Checked, Reports},
};

struct App {
    s3: aws_sdk_s3::Client,
    reports: Reports,
    bucket: String,
    slots: Slots,
    evidence_key: EvidenceKey,
}

/// How often a picture follows a reporter who changes their mind while it is cleaned.
const MOVES: usize = 3;

/// Serves the queue of uploads.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let slots = settings::slots()?;
    let config = aws::config();
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(
        aws_sdk_dynamodb::config::Builder::from(&config).interceptor(AwsCalls).build(),
    );
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&config).interceptor(AwsCalls).build(),
    );
    let secrets = aws_sdk_secretsmanager::Client::from_conf(
        aws_sdk_secretsmanager::config::Builder::from(&config).interceptor(AwsCalls).build(),
    );
    let app = App {
        s3,
        reports: Reports::new(dynamodb, settings::var("REPORTS_TABLE")?, slots.zone.clone()),
        bucket: settings::var("PHOTOS_BUCKET")?,
        slots,
        evidence_key: EvidenceKey::from_settings(secrets)?,
    };
    serve::events("photo", async |event: SqsEventObj<Value>| {
        let identifier = |message: &SqsMessageObj<Value>| message.message_id.clone().unwrap_or_default();
        batch::each(event.records, identifier, async |message| app.message(&message.body).await).await
    })
    .await
}

/// The keys of the objects that a notification of S3 names. The test event that S3 sends once names none.
fn uploads(notification: &Value) -> Vec<Incoming> {
    let records = notification.get("Records").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    records
        .iter()
        .filter_map(|record| parse_incoming_encoded(record.pointer("/s3/object/key")?.as_str()?))
        .collect()
}

/// What is said of a photo that was not taken.
fn reason(rejected: Rejected) -> PhotoReason {
    match rejected {
        Rejected::Damaged => PhotoReason::Damaged,
        Rejected::TooLarge => PhotoReason::TooLarge,
        Rejected::NotAnImage => PhotoReason::NotAnImage,
        Rejected::Animation => PhotoReason::Animation,
        Rejected::Heic => PhotoReason::Heic,
        Rejected::Unsupported => PhotoReason::Unsupported,
    }
}

fn clean_key(locked: bool, photo: &Photo) -> String {
    keys::clean(locked, photo.ticket.as_str(), photo.photo.as_str())
}

impl App {
    async fn message(&self, notification: &Value) -> Result<(), Failure> {
        for upload in uploads(notification) {
            self.upload(&upload).await?;
        }
        Ok(())
    }

    async fn upload(&self, upload: &Incoming) -> Result<(), Failure> {
        let (Some(ticket), Some(photo)) = (Ticket::parse(&upload.ticket), PhotoId::parse(&upload.photo))
        else {
            return self.delete(&upload.key()).await;
        };
        let Some(bytes) = self.get(&upload.key(), &ticket, &photo).await? else { return Ok(()) };
        let stored = match media::clean(&bytes) {
            Err(rejected) => Err(reason(rejected)),
            Ok(cleaned) => self.store(upload, &ticket, &photo, &bytes, cleaned).await?,
        };
        if let Err(reason) = stored {
            self.reports.reject_photo(&ticket, &photo, reason).await?;
        }
        self.delete(&upload.key()).await
    }

    /// Puts the picture where it belongs, which its reporter may change at any moment; or says why it is not wanted.
    async fn store(
        &self,
        upload: &Incoming,
        ticket: &Ticket,
        photo: &PhotoId,
        bytes: &[u8],
        Cleaned { jpeg, damaged, .. }: Cleaned,
    ) -> Result<Result<(), PhotoReason>, Failure> {
        let sha256 = checksum(bytes);
        // Where it was to be seen when its upload was signed, an earlier run may have put it.
        let mut may_be_shown = !upload.locked;
        for _ in 0..MOVES {
            let mut found = match self.reports.check_photo(ticket, photo, &sha256).await? {
                Checked::Fits(found) => found,
                Checked::Settled(found) if found.state == PhotoState::Ready => {
                    if found.locked && may_be_shown {
                        self.empty(&clean_key(false, &found)).await?;
                    }
                    return Ok(Ok(()));
                }
                Checked::Settled(found) => {
                    // Taken back while it was cleaned, perhaps after an earlier run had put it.
                    self.empty(&clean_key(true, &found)).await?;
                    self.empty(&clean_key(false, &found)).await?;
                    return Ok(Err(PhotoReason::Withdrawn));
                }
                Checked::Differs | Checked::NoSuchPhoto => return Ok(Err(PhotoReason::OtherFile)),
            };
            found.damaged = damaged;
            if found.kind != PhotoKind::Reporter {
                let Some(digests) = self.evidence_key.get().await?.of(bytes) else {
                    return Ok(Err(PhotoReason::Damaged));
                };
                found.digests = digests;
            } else {
                self.put(&clean_key(true, &found), jpeg.clone()).await?;
            }
            if !found.locked {
                self.put(&clean_key(false, &found), jpeg.clone()).await?;
            } else if may_be_shown {
                self.empty(&clean_key(false, &found)).await?;
            }
            may_be_shown = !found.locked;
            if let (Some(class), Some(from)) = (found.slots, found.shown_from) {
                found.shown_from = Some(self.slots.after_coming(class, from, clock::now()));
            }
            if let Checked::Fits(_) = self.reports.photo_is_ready(&found).await? {
                return Ok(Ok(()));
            }
            // Locked, opened or taken back in between.
        }
        Err(Failure::Conflict)
    }

    /// This function may put and not delete: what lay there is overwritten with nothing.
    async fn empty(&self, key: &str) -> Result<(), Failure> {
        self.put(key, Vec::new()).await
    }

    /// The upload's bytes; `None` once it has been dealt with.
    ///
    /// Without the right to list the bucket, S3 says of an object that is gone only that access is denied. So the photo's
    /// state decides: a pending one should have an upload, and its message comes again.
    async fn get(&self, key: &str, ticket: &Ticket, photo: &PhotoId) -> Result<Option<Vec<u8>>, Failure> {
        let found = match self.s3.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(found) => found,
            Err(error) if matches!(error.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => {
                return Ok(None);
            }
            Err(error) => {
                let failure = Failure::of(&error);
                let dealt_with = failure == Failure::Denied
                    && self.reports.check_photo(ticket, photo, "").await? != Checked::Differs;
                return if dealt_with { Ok(None) } else { Err(failure) };
            }
        };
        let bytes = found.body.collect().await.map_err(|_| Failure::Unavailable)?;
        Ok(Some(bytes.to_vec()))
    }

    async fn put(&self, key: &str, jpeg: Vec<u8>) -> Result<(), Failure> {
        self.s3
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type("image/jpeg")
            .body(ByteStream::from(jpeg))
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), Failure> {
        let deleted = self.s3.delete_object().bucket(&self.bucket).key(key).send().await;
        deleted.map_err(|error| Failure::of(&error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_upload_that_may_be_promised_is_looked_at() {
        assert_eq!(media::MAX_BYTES as u64, domain::photo::PHOTO_BYTES);
    }

    #[test]
    fn a_notification_names_its_uploads_and_the_test_event_none() {
        let key = "incoming/locked/0123456789ABC/0123456789ABCDEF";
        let notification =
            json!({"Records": [{"s3": {"object": {"key": key}}}, {"s3": {"object": {"key": "x"}}}]});
        let found = uploads(&notification);
        assert_eq!(found.iter().map(Incoming::key).collect::<Vec<_>>(), [key]);
        assert!(uploads(&json!({"Event": "s3:TestEvent"})).is_empty());
    }
}
