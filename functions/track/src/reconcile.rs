//! The photos bucket after an action: the objects of a reporter's photos as their items say, and no copy of what is hidden.

use crate::App;
use aws_failure::Failure;
use domain::{
    ids::PhotoId,
    photo::{Photo, PhotoState},
    report::Report,
    ticket::Ticket,
};
use runtime::clock;
use std::{collections::BTreeSet, time::Duration};
use store::transaction::ATTEMPTS;

/// How long copies can exist: S3 deletes those that are a day old, once a day.
const COPIES_LAST: Duration = Duration::from_secs(3 * 24 * 3600);

impl App {
    /// Makes the bucket as the photos' items say, and again when these have changed meanwhile: whoever changes them last, and
    /// whoever is late, leaves the bucket as the last one wants it.
    pub(crate) async fn reconcile_photos(&self, report: &Report) -> Result<(), Failure> {
        let mut photos = self.reporter_photos(report).await?;
        for _ in 0..ATTEMPTS {
            self.bucket.reconcile(&photos).await?;
            self.delete_copies(&report.ticket, &photos).await?;
            let now = self.reporter_photos(report).await?;
            if now == photos {
                return Ok(());
            }
            photos = now;
        }
        Err(Failure::RetriesExhausted)
    }

    /// Deletes the copies of what is not to be seen any more, the newest of each unit. Their URLs end within a minute anyway, and they
    /// within days: so whoever looks without end delays nobody.
    async fn delete_copies(&self, ticket: &Ticket, photos: &[Photo]) -> Result<(), Failure> {
        let hidden: BTreeSet<&PhotoId> = photos
            .iter()
            .filter(|photo| photo.locked || photo.state == PhotoState::Rejected)
            .map(|photo| &photo.photo)
            .collect();
        if hidden.is_empty() {
            return Ok(());
        }
        let since = clock::now() - COPIES_LAST;
        let looks = self.accesses.newest_of_report(ticket).await?;
        let copies = looks.iter().filter(|look| {
            look.at > since && look.photo.as_ref().is_some_and(|photo| hidden.contains(photo))
        });
        self.bucket.delete_copies(copies.map(|look| &look.id)).await
    }
}
