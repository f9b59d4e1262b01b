//! What a reporter does to their report.

use super::{
    ABSENT, Reports,
    photos::{photo_item, photo_key},
    write_put,
};
use crate::{
    Failure,
    dynamodb_items::{key, text},
};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use domain::{
    ids::PhotoId,
    photo::{Photo, PhotoReason, PhotoState},
    release::Effects,
    report::Report,
};
use jiff::Timestamp;

/// What a reporter did, to be stored all or nothing.
pub struct Done<'a> {
    /// The new snapshot.
    pub report: &'a Report,
    /// What came of it at once.
    pub effects: &'a Effects,
    /// Photos that they announce.
    pub new_photos: &'a [Photo],
    /// What becomes of photos that are there.
    pub photos: &'a [(PhotoId, Fate)],
    /// The vault's table, where the identity is to be erased.
    pub erase_from: Option<&'a str>,
}

/// What becomes of a photo by its reporter's will.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It belongs behind the lock, or no longer.
    Moved {
        /// Which.
        locked: bool,
    },
    /// Nobody is to see it again.
    Gone,
}

impl Reports {
    /// Stores what a reporter did, if nothing came between; `false` if something did.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn by_reporter(
        &self,
        before: &Report,
        done: &Done<'_>,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let ticket = &before.ticket;
        let mut items = Vec::new();
        if let Some(vault_table) = done.erase_from {
            let erase = Delete::builder().table_name(vault_table).key("pk", text(ticket.as_str()));
            let erase = erase.build().map_err(|_| Failure::Bug("erasure not built"))?;
            items.push(TransactWriteItem::builder().delete(erase).build());
        }
        for photo in done.new_photos {
            items.push(write_put(self.put(photo_item(photo)?).condition_expression(ABSENT))?);
        }
        for (photo, fate) in done.photos {
            let update = Update::builder()
                .table_name(&self.table)
                .set_key(Some(key(ticket, photo_key(photo))))
                .condition_expression("attribute_exists(pk)");
            let update = match fate {
                Fate::Moved { locked } => update
                    .update_expression("SET locked = :locked")
                    .expression_attribute_values(":locked", AttributeValue::Bool(*locked)),
                Fate::Gone => update
                    .update_expression("SET #state = :rejected, reason = :withdrawn REMOVE sha256, url_until")
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_values(":withdrawn", text(PhotoReason::Withdrawn.as_str()))
                    .expression_attribute_values(":rejected", text(PhotoState::Rejected.as_str())),
            };
            items.push(
                TransactWriteItem::builder()
                    .update(update.build().map_err(|_| Failure::Bug("fate of a photo not built"))?)
                    .build(),
            );
        }
        self.write("reporter", before, done.report, (done.effects, items), now).await
    }
}
