//! Triggered by uploads: takes a photo from `incoming/`, cleans it, and stores it where it belongs.
//!
//! Fails closed: what cannot be cleaned is rejected and deleted, and the original is never kept. A message that comes twice
//! finds its upload gone, or changes nothing.

mod evidence_digests;

use aws_failure::Failure;
use aws_lambda_events::sqs::{SqsEventObj, SqsMessageObj};
use domain::{
    photo::{Photo, PhotoKind, PhotoReason, PhotoState},
    slots::Slots,
};
use evidence_digests::EvidenceKey;
use media::{Cleaned, Rejected};
use photos::{
    bucket::PhotosBucket,
    keys::{self, Incoming},
};
use runtime::{
    aws::{self, client},
    batch, clock,
    serve::{self, StartError},
    settings,
};
use serde_json::Value;
use store::{
    digest::checksum,
    reports::{Checked, Reports},
};

struct App {
    reports: Reports,
    bucket: PhotosBucket,
    slots: Slots,
    evidence_key: EvidenceKey,
}

/// How often a picture is moved after a reporter who changes the privacy while it is cleaned.
const MOVES: usize = 3;

/// Sets up the function and serves the queue of uploads.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let slots = settings::slots()?;
    let config = aws::config();
    let dynamodb = client!(aws_sdk_dynamodb, &config);
    let s3 = client!(aws_sdk_s3, &config);
    let secrets = client!(aws_sdk_secretsmanager, &config);
    let app = App {
        reports: Reports::new(dynamodb, settings::var("REPORTS_TABLE")?, slots.zone.clone()),
        bucket: PhotosBucket::new(s3, settings::var("PHOTOS_BUCKET")?),
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
fn uploaded(notification: &Value) -> Vec<String> {
    let records = notification.get("Records").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    records
        .iter()
        .filter_map(|record| keys::decoded(record.pointer("/s3/object/key")?.as_str()?))
        .filter(|key| key.starts_with(keys::INCOMING))
        .collect()
}

/// The reason that viewers are told of a rejected photo.
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

impl App {
    async fn message(&self, notification: &Value) -> Result<(), Failure> {
        for key in uploaded(notification) {
            match Incoming::parse(&key) {
                Some(upload) => self.upload(&upload).await?,
                None => self.bucket.delete(&key).await?,
            }
        }
        Ok(())
    }

    async fn upload(&self, upload: &Incoming) -> Result<(), Failure> {
        let Incoming { ticket, photo, .. } = upload;
        let Some(bytes) = self.fetch(upload).await? else { return Ok(()) };
        let stored = match media::clean(&bytes) {
            Err(rejected) => Err(reason(rejected)),
            Ok(cleaned) => self.store(upload, &bytes, cleaned).await?,
        };
        if let Err(reason) = stored {
            self.reports.reject_photo(ticket, photo, reason).await?;
        }
        self.bucket.delete(&upload.key()).await
    }

    /// Stores the picture where it belongs, which its reporter may change at any moment; or returns why it is not wanted.
    async fn store(
        &self,
        Incoming { locked, ticket, photo }: &Incoming,
        bytes: &[u8],
        Cleaned { jpeg, damaged, .. }: Cleaned,
    ) -> Result<Result<(), PhotoReason>, Failure> {
        let sha256 = checksum(bytes);
        // If it was to be shown when its upload was signed, an earlier run may have put it there.
        let mut may_be_shown = !locked;
        for _ in 0..MOVES {
            let mut found = match self.reports.check_photo(ticket, photo, &sha256).await? {
                Checked::Fits(found) => found,
                Checked::NotPending(found) if found.state == PhotoState::Ready => {
                    if found.locked && may_be_shown {
                        self.empty(false, &found).await?;
                    }
                    return Ok(Ok(()));
                }
                Checked::NotPending(found) => {
                    // Taken back while it was cleaned, perhaps after an earlier run had put it.
                    self.empty(true, &found).await?;
                    self.empty(false, &found).await?;
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
                self.put(true, &found, jpeg.clone()).await?;
            }
            if !found.locked {
                self.put(false, &found, jpeg.clone()).await?;
            } else if may_be_shown {
                self.empty(false, &found).await?;
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
        Err(Failure::RetriesExhausted)
    }

    /// Puts a picture. One of a test report is looked at and not kept: it is shown to nobody.
    async fn put(&self, locked: bool, photo: &Photo, jpeg: Vec<u8>) -> Result<(), Failure> {
        if photo.test_until.is_some() {
            return Ok(());
        }
        self.bucket.put(&keys::clean(locked, &photo.ticket, &photo.photo), jpeg).await
    }

    /// Overwrites a picture with nothing, because this function may put but not delete.
    async fn empty(&self, locked: bool, photo: &Photo) -> Result<(), Failure> {
        self.put(locked, photo, Vec::new()).await
    }

    /// The upload's bytes; `None` once it has been dealt with.
    ///
    /// Without the right to list the bucket, S3 says of an object that is gone only that access is denied. So the photo's
    /// state decides: a pending one should have an upload, and its message comes again.
    async fn fetch(&self, upload: &Incoming) -> Result<Option<Vec<u8>>, Failure> {
        match self.bucket.get(&upload.key()).await {
            Err(Failure::Denied) => {
                match self.reports.check_photo(&upload.ticket, &upload.photo, "").await? {
                    Checked::Fits(_) | Checked::Differs => Err(Failure::Denied),
                    Checked::NotPending(_) | Checked::NoSuchPhoto => Ok(None),
                }
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_upload_that_may_be_promised_is_looked_at() {
        assert_eq!(media::MAX_BYTES as u64, domain::photo_limits::PHOTO_BYTES);
    }

    #[test]
    fn a_notification_names_its_uploads_and_the_test_event_none() {
        let key = "incoming/locked/0W3GE1R70W3GB/0123456789ABCDEF";
        let notification =
            json!({"Records": [{"s3": {"object": {"key": key}}}, {"s3": {"object": {"key": "x"}}}]});
        assert_eq!(uploaded(&notification), [key]);
        assert!(uploaded(&json!({"Event": "s3:TestEvent"})).is_empty());
    }
}
