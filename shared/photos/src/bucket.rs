//! The calls that functions make to the photos bucket, and the URLs that they sign for it.

use crate::upload_form::FormSigner;
use aws_failure::Failure;
use aws_sdk_s3::{
    Client, operation::get_object::GetObjectError, presigning::PresigningConfig, primitives::ByteStream,
};
use domain::{
    photo_upload::Upload,
    presigned_urls::{UPLOAD_SECONDS, VIEW_SECONDS},
};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// A client of the photos bucket.
#[derive(Clone)]
pub struct PhotosBucket {
    client: Client,
    name: String,
    forms: Option<FormSigner>,
}

/// A URL that takes one upload.
pub(crate) struct UploadUrl {
    pub(crate) url: String,
    /// What the uploader must send with it: the signature covers them.
    pub(crate) headers: BTreeMap<String, String>,
}

impl PhotosBucket {
    /// A client of the bucket with this name.
    #[must_use]
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name, forms: None }
    }

    /// The same, which also signs forms.
    #[must_use]
    pub fn with_forms(self, forms: Option<FormSigner>) -> Self {
        Self { forms, ..self }
    }

    /// The bytes of an object; `None` where there is none.
    ///
    /// # Errors
    /// When it could not be read. To a role without the right to list, S3 says of an object that is not there that access is
    /// denied ([`Failure::Denied`]).
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        let found = match self.client.get_object().bucket(&self.name).key(key).send().await {
            Ok(found) => found,
            Err(error) if matches!(error.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => {
                return Ok(None);
            }
            Err(error) => return Err(Failure::of(&error)),
        };
        let bytes = found.body.collect().await.map_err(|_| Failure::Unavailable)?;
        Ok(Some(bytes.to_vec()))
    }

    /// Puts a JPEG, which nobody on the way to a viewer keeps.
    ///
    /// # Errors
    /// When it is not known to be there.
    pub async fn put(&self, key: &str, jpeg: Vec<u8>) -> Result<(), Failure> {
        let put = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .content_type("image/jpeg")
            .cache_control("no-store")
            .body(ByteStream::from(jpeg));
        put.send().await.map_err(|error| Failure::of(&error))?;
        Ok(())
    }

    /// Deletes an object, if it is there.
    ///
    /// # Errors
    /// When it is not known to be gone.
    pub async fn delete(&self, key: &str) -> Result<(), Failure> {
        let deleted = self.client.delete_object().bucket(&self.name).key(key).send().await;
        deleted.map_err(|error| Failure::of(&error))?;
        Ok(())
    }

    /// Copies an object, if it is there.
    pub(crate) async fn copy(&self, from: &str, to: &str) -> Result<(), Failure> {
        let source = format!("{}/{from}", self.name);
        let copied = self.client.copy_object().bucket(&self.name).copy_source(source).key(to).send().await;
        let Err(error) = copied else { return Ok(()) };
        let failure = Failure::of(&error);
        // Without the right to list, S3 says of what is gone that access is denied.
        let missing = error.raw_response().is_some_and(|response| response.status().as_u16() == 404);
        if missing || failure == Failure::Denied { Ok(()) } else { Err(failure) }
    }

    /// A URL that shows an object for [`VIEW_SECONDS`].
    ///
    /// # Errors
    /// When there are no credentials to sign with.
    pub async fn sign_view(&self, key: &str) -> Result<String, Failure> {
        let get = self.client.get_object().bucket(&self.name).key(key);
        let signed = get
            .presigned(good_for(VIEW_SECONDS)?)
            .await
            .map_err(|_| Failure::Bug("URL of a copy not signed"))?;
        Ok(signed.uri().to_owned())
    }

    /// A URL that takes an upload for [`UPLOAD_SECONDS`]: its media type, length and SHA-256 are covered by the signature, so S3
    /// takes nothing else.
    pub(crate) async fn sign_upload(&self, key: &str, upload: &Upload) -> Result<UploadUrl, Failure> {
        let put = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .content_type(&upload.content_type)
            .content_length(
                i64::try_from(upload.size).map_err(|_| Failure::Bug("upload longer than S3 takes"))?,
            )
            .checksum_sha256(&upload.sha256);
        let signed =
            put.presigned(good_for(UPLOAD_SECONDS)?).await.map_err(|_| Failure::Bug("upload not signed"))?;
        // The SDK adds Lambda's trace id, which is not signed and nothing that the uploader need know.
        let headers = signed.headers().filter(|(name, _)| !name.eq_ignore_ascii_case("x-amzn-trace-id"));
        Ok(UploadUrl {
            url: signed.uri().to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        })
    }

    /// Where a form goes that puts an object under this key, and the fields that it must send.
    pub(crate) async fn sign_form(
        &self,
        key: &str,
        now: Timestamp,
    ) -> Result<(String, BTreeMap<String, String>), Failure> {
        let forms = self.forms.as_ref().ok_or(Failure::Bug("no signer of forms"))?;
        // The bucket's own address is what is left of an object's without its key.
        let put = self.client.put_object().bucket(&self.name).key(key);
        let signed =
            put.presigned(good_for(UPLOAD_SECONDS)?).await.map_err(|_| Failure::Bug("form not signed"))?;
        let url = signed.uri().split_once('?').map_or(signed.uri(), |(url, _)| url);
        let url = url.strip_suffix(key).ok_or(Failure::Bug("address of the bucket"))?.to_owned();
        Ok((url, forms.sign(&self.name, key, now).await?))
    }
}

fn good_for(seconds: u64) -> Result<PresigningConfig, Failure> {
    PresigningConfig::expires_in(Duration::from_secs(seconds)).map_err(|_| Failure::Bug("life of a URL"))
}
