//! The pictures of a reporter's photos: shown, locked or erased, as their items say.

use aws_failure::Failure;
use aws_sdk_s3::Client;
use domain::{
    ids::EventId,
    photo::{Photo, PhotoState},
};
use futures_util::future::try_join_all;
use media::keys;

/// The pictures in the photos bucket.
pub(crate) struct Pictures {
    client: Client,
    bucket: String,
}

impl Pictures {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        Self { client, bucket }
    }

    /// Makes the bucket as the photos' items say. The picture of a photo that its reporter has not taken back stays behind the
    /// lock; beside it there is a second one to be seen, or not. So a call that is late or cut off loses none.
    pub(crate) async fn settle(&self, photos: &[Photo]) -> Result<(), Failure> {
        try_join_all(photos.iter().map(|photo| self.settle_one(photo))).await?;
        Ok(())
    }

    async fn settle_one(&self, photo: &Photo) -> Result<(), Failure> {
        let [locked, shown] =
            [true, false].map(|locked| keys::clean(locked, photo.ticket.as_str(), photo.photo.as_str()));
        match photo.state {
            PhotoState::Rejected => {
                self.delete(&shown).await?;
                self.delete(&locked).await
            }
            PhotoState::Pending | PhotoState::Ready if photo.locked => self.delete(&shown).await,
            PhotoState::Ready => self.copy(&locked, &shown).await,
            // `photo` will put it where it belongs then.
            PhotoState::Pending => Ok(()),
        }
    }

    /// Deletes copies that viewers were given, by the ids of their looks.
    pub(crate) async fn take_back(&self, looks: impl Iterator<Item = &EventId>) -> Result<(), Failure> {
        let keys: Vec<String> = looks.map(|look| keys::view(look.as_str())).collect();
        try_join_all(keys.iter().map(|key| self.delete(key))).await?;
        Ok(())
    }

    async fn copy(&self, from: &str, to: &str) -> Result<(), Failure> {
        let source = format!("{}/{from}", self.bucket);
        let copied = self.client.copy_object().bucket(&self.bucket).copy_source(source).key(to).send().await;
        let Err(error) = copied else { return Ok(()) };
        let failure = Failure::of(&error);
        // Taken back meanwhile. Without the right to list, S3 says of what is gone that access is denied.
        let missing = error.raw_response().is_some_and(|response| response.status().as_u16() == 404);
        if missing || failure == Failure::Denied { Ok(()) } else { Err(failure) }
    }

    async fn delete(&self, key: &str) -> Result<(), Failure> {
        let deleted = self.client.delete_object().bucket(&self.bucket).key(key).send().await;
        deleted.map_err(|error| Failure::of(&error))?;
        Ok(())
    }
}
