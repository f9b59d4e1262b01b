//! Presigned uploads: a URL that takes one photo, of one type, length and content, for 15 minutes.

use aws_sdk_s3::{
    Client,
    presigning::{PresignedRequest, PresigningConfig},
};
use domain::{
    answer::SignedUpload,
    submission::{UPLOAD_SECONDS, Upload},
    symbols::PhotoId,
    ticket::Ticket,
};
use std::time::Duration;

/// Signs uploads into the photos bucket.
pub struct Uploads {
    client: Client,
    bucket: String,
}

/// The URL could not be signed; nothing of it is told.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the upload could not be signed")]
pub struct NotSigned;

impl Uploads {
    /// Uploads into `bucket`.
    #[must_use]
    pub fn new(client: Client, bucket: String) -> Self {
        Self { client, bucket }
    }

    /// Signs the upload of a photo: its media type, its length and its SHA-256 are covered, so S3 takes nothing else.
    ///
    /// # Errors
    /// When there are no credentials to sign with.
    pub async fn sign(
        &self,
        ticket: &Ticket,
        photo: &PhotoId,
        locked: bool,
        upload: &Upload,
    ) -> Result<SignedUpload, NotSigned> {
        let expires =
            PresigningConfig::expires_in(Duration::from_secs(UPLOAD_SECONDS)).map_err(|_| NotSigned)?;
        let length = i64::try_from(upload.size).map_err(|_| NotSigned)?;
        let signed: PresignedRequest = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(media::keys::incoming(locked, ticket.as_str(), photo.as_str()))
            .content_type(&upload.content_type)
            .content_length(length)
            .checksum_sha256(&upload.sha256)
            .presigned(expires)
            .await
            .map_err(|_| NotSigned)?;
        // The SDK adds Lambda's trace id, which is not signed and nothing that the uploader need know.
        let headers = signed
            .headers()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("x-amzn-trace-id"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(SignedUpload {
            photo: photo.clone(),
            method: "PUT",
            url: signed.uri().to_owned(),
            headers,
            expires_in: UPLOAD_SECONDS,
        })
    }
}
