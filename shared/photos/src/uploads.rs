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
use store::reports::Reports;

impl PhotosBucket {
    /// A URL for each of these photos whose upload is waited for and for which `may_come` holds, and what has become of each.
    ///
    /// # Errors
    /// When there are no credentials to sign with, or it is not known to be noted that a photo is waited for once more.
    pub async fn uploads(
        &self,
        reports: &Reports,
        declared: impl IntoIterator<Item = (Photo, &Upload)>,
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
                    response.uploads.push(self.signed(&photo, upload).await?);
                }
            }
            response.photos.push(photo.own_view(now, language));
        }
        Ok(response)
    }

    async fn signed(&self, photo: &Photo, upload: &Upload) -> Result<SignedUpload, Failure> {
        let key = keys::incoming(photo.locked, &photo.ticket, &photo.photo);
        let UploadUrl { url, headers } = self.sign_upload(&key, upload).await?;
        let photo = photo.photo.clone();
        Ok(SignedUpload { photo, method: "PUT", url, headers, expires_in: UPLOAD_SECONDS })
    }
}
