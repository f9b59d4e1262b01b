//! The pictures of a reporter's photos: moved behind the lock or from behind it, or erased.

use aws_sdk_s3::Client;
use domain::{symbols::PhotoId, ticket::Ticket};
use failure::Failure;
use futures_util::future::try_join_all;
use glue::problem::Problem;
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

    /// Moves pictures behind the lock or from behind it. Those that are there already stay.
    pub(crate) async fn move_all(
        &self,
        ticket: &Ticket,
        photos: &[PhotoId],
        locked: bool,
    ) -> Result<(), Problem> {
        try_join_all(photos.iter().map(|photo| self.move_one(ticket, photo, locked))).await?;
        Ok(())
    }

    async fn move_one(&self, ticket: &Ticket, photo: &PhotoId, locked: bool) -> Result<(), Failure> {
        let [from, to] = [!locked, locked].map(|locked| keys::clean(locked, ticket.as_str(), photo.as_str()));
        let copied = self
            .client
            .copy_object()
            .bucket(&self.bucket)
            .copy_source(format!("{}/{from}", self.bucket))
            .key(&to)
            .send()
            .await;
        if let Err(error) = copied {
            let failure = Failure::of(&error);
            // Without the right to list, S3 says of what is gone that access is denied.
            let missing = error.raw_response().is_some_and(|response| response.status().as_u16() == 404);
            let gone = missing || failure == Failure::Denied;
            if !gone {
                return Err(failure);
            }
            // Moved already, or the move is to be tried again.
            let there = self.client.head_object().bucket(&self.bucket).key(&to).send().await;
            there.map_err(|_| failure)?;
        }
        self.delete(&from).await
    }

    /// Erases pictures, wherever they lie.
    pub(crate) async fn erase(&self, ticket: &Ticket, photos: &[PhotoId]) -> Result<(), Problem> {
        let keys: Vec<String> = photos
            .iter()
            .flat_map(|photo| {
                [true, false].map(|locked| keys::clean(locked, ticket.as_str(), photo.as_str()))
            })
            .collect();
        try_join_all(keys.iter().map(|key| self.delete(key))).await?;
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), Failure> {
        let deleted = self.client.delete_object().bucket(&self.bucket).key(key).send().await;
        deleted.map_err(|error| Failure::of(&error))?;
        Ok(())
    }
}
