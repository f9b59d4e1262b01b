//! Presigned uploads: a URL that takes one photo, of one type, length and content, for 15 minutes.

use aws_failure::Failure;
use aws_sdk_s3::{
    Client,
    presigning::{PresignedRequest, PresigningConfig},
};
use domain::{
    language::Language,
    photo::{Photo, PhotoState, UPLOAD_SECONDS, Upload, url_until},
    response::{SignedUpload, UploadsResponse},
};
use jiff::Timestamp;
use std::time::Duration;
use store::reports::Reports;

/// Signs uploads into the photos bucket.
pub struct Uploads {
    client: Client,
    bucket: String,
}

impl Uploads {
    /// Uploads into `bucket`.
    #[must_use]
    pub fn new(client: Client, bucket: String) -> Self {
        Self { client, bucket }
    }

    /// A URL for each of these photos whose upload is waited for and for which `may_come` holds, and what has become of each.
    ///
    /// # Errors
    /// When there are no credentials to sign with, or it is not known to be noted that a photo is waited for once more.
    pub async fn answer(
        &self,
        reports: &Reports,
        announced: impl IntoIterator<Item = (Photo, &Upload)>,
        may_come: impl Fn(&Photo) -> bool,
        now: Timestamp,
        language: Language,
    ) -> Result<UploadsResponse, Failure> {
        let mut answer = UploadsResponse { uploads: Vec::new(), photos: Vec::new() };
        for (mut photo, upload) in announced {
            if may_come(&photo) {
                let until = url_until(now);
                if photo.state == PhotoState::Pending && photo.url_until.is_none_or(|last| last < until) {
                    photo = reports.await_upload(photo, until).await?;
                }
                if photo.state == PhotoState::Pending {
                    answer.uploads.push(self.sign(&photo, upload).await?);
                }
            }
            answer.photos.push(photo.own_view(now, language));
        }
        Ok(answer)
    }

    /// Signs the upload of a photo: its media type, its length and its SHA-256 are covered, so S3 takes nothing else.
    async fn sign(&self, photo: &Photo, upload: &Upload) -> Result<SignedUpload, Failure> {
        let expires =
            PresigningConfig::expires_in(Duration::from_secs(UPLOAD_SECONDS)).map_err(|_| Failure::Other)?;
        let length = i64::try_from(upload.size).map_err(|_| Failure::Other)?;
        let signed: PresignedRequest = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(media::keys::incoming(photo.locked, photo.ticket.as_str(), photo.photo.as_str()))
            .content_type(&upload.content_type)
            .content_length(length)
            .checksum_sha256(&upload.sha256)
            .presigned(expires)
            .await
            .map_err(|_| Failure::Other)?;
        // The SDK adds Lambda's trace id, which is not signed and nothing that the uploader need know.
        let headers = signed
            .headers()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("x-amzn-trace-id"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(SignedUpload {
            photo: photo.photo.clone(),
            method: "PUT",
            url: signed.uri().to_owned(),
            headers,
            expires_in: UPLOAD_SECONDS,
        })
    }
}
