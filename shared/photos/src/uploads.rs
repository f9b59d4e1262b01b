//! What a declaration of photos is answered: a presigned upload for each that is awaited, and what has become of the others.

use crate::{
    bucket::{PhotosBucket, UploadUrl},
    keys,
};
use aws_failure::Failure;
use domain::{
    language::Language,
    photo::{Photo, PhotoState},
    photo_upload::Upload,
    presigned_urls::{UPLOAD_SECONDS, url_until},
    response::{SignedUpload, UploadsResponse},
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use store::reports::Reports;

impl PhotosBucket {
    /// A URL for each of these photos whose upload is waited for and for which `may_come` holds, and what has become of each. A photo
    /// without an upload is sent by a form.
    ///
    /// # Errors
    /// When there are no credentials to sign with, or it is not known to be noted that a photo is waited for once more.
    pub async fn uploads(
        &self,
        reports: &Reports,
        declared: impl IntoIterator<Item = (Photo, Option<&Upload>)>,
        may_come: impl Fn(&Photo) -> bool,
        now: Timestamp,
        language: Language,
    ) -> Result<UploadsResponse, Failure> {
        let mut response = UploadsResponse { uploads: Vec::new(), photos: Vec::new() };
        for (mut photo, upload) in declared {
            if may_come(&photo) {
                let until = url_until(now);
                if photo.state == PhotoState::Pending && photo.url_until.is_none_or(|last| last < until) {
                    photo = reports.await_upload(photo, until).await?;
                }
                if photo.state == PhotoState::Pending {
                    response.uploads.push(self.signed(&photo, upload, now).await?);
                }
            }
            response.photos.push(photo.own_view(now, language));
        }
        Ok(response)
    }

    async fn signed(
        &self,
        photo: &Photo,
        upload: Option<&Upload>,
        now: Timestamp,
    ) -> Result<SignedUpload, Failure> {
        let key = keys::incoming(photo.locked, &photo.ticket, &photo.photo);
        let (method, url, headers, fields) = match upload {
            Some(upload) => {
                let UploadUrl { url, headers } = self.sign_upload(&key, upload).await?;
                ("PUT", url, headers, BTreeMap::new())
            }
            None => {
                let (url, fields) = self.sign_form(&key, now).await?;
                ("POST", url, BTreeMap::new(), fields)
            }
        };
        let photo = photo.photo.clone();
        Ok(SignedUpload { photo, method, url, headers, fields, expires_in: UPLOAD_SECONDS })
    }
}
