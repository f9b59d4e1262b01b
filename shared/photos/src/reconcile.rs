//! Reconciling the bucket with the photos' items: each picture of a reporter's is shown, locked or gone.

use crate::{bucket::PhotosBucket, keys};
use aws_failure::Failure;
use domain::{
    ids::EventId,
    photo::{Photo, PhotoState},
};
use futures_util::future::try_join_all;

impl PhotosBucket {
    /// Makes the bucket as the items of a reporter's photos say. The picture of a photo that its reporter has not taken back stays
    /// behind the lock; beside it there is a second one to be seen, or not. So a call that is late or cut off loses none.
    ///
    /// # Errors
    /// When it is not known to be so.
    pub async fn reconcile(&self, photos: &[Photo]) -> Result<(), Failure> {
        try_join_all(photos.iter().map(|photo| self.reconcile_one(photo))).await?;
        Ok(())
    }

    async fn reconcile_one(&self, photo: &Photo) -> Result<(), Failure> {
        let [locked, shown] = [true, false].map(|locked| keys::clean(locked, &photo.ticket, &photo.photo));
        match photo.state {
            PhotoState::Rejected => {
                self.delete(&shown).await?;
                self.delete(&locked).await
            }
            PhotoState::Pending | PhotoState::Ready if photo.locked => self.delete(&shown).await,
            PhotoState::Ready => self.copy(&locked, &shown).await,
            // `photo` will put it in the right part once it is cleaned.
            PhotoState::Pending => Ok(()),
        }
    }

    /// Deletes copies that viewers were given, by the ids of their looks.
    ///
    /// # Errors
    /// When they are not known to be gone.
    pub async fn delete_copies(&self, looks: impl Iterator<Item = &EventId>) -> Result<(), Failure> {
        let keys: Vec<String> = looks.map(keys::view).collect();
        try_join_all(keys.iter().map(|key| self.delete(key))).await?;
        Ok(())
    }
}
