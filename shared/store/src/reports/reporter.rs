//! Storing what a reporter does to their report.

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

/// A reporter's action as it is stored, all or nothing.
pub struct ReporterChange<'a> {
    /// The snapshot after the action.
    pub report: &'a Report,
    /// The events and announcements that come with it at once.
    pub effects: &'a Effects,
    /// Photos that the reporter declares.
    pub new_photos: &'a [Photo],
    /// Photos of the report that change.
    pub photos: &'a [(PhotoId, PhotoChange)],
    /// The vault's table, if the identity is to be erased.
    pub erase_from: Option<&'a str>,
}

/// A change of a photo that its reporter asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PhotoChange {
    /// The photo moves into the locked part of the bucket, or out of it.
    Moved {
        /// Whether the photo is locked from now on.
        locked: bool,
    },
    /// The photo is taken back: nobody sees it any more.
    Gone,
}

impl Reports {
    /// Stores a reporter's action if the snapshot still has the revision that was read; returns `false` if it does not.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn by_reporter(
        &self,
        before: &Report,
        change: &ReporterChange<'_>,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let ticket = &before.ticket;
        let mut items = Vec::new();
        if let Some(vault_table) = change.erase_from {
            let erase = Delete::builder().table_name(vault_table).key("pk", text(ticket.as_str()));
            let erase = erase.build().map_err(|_| Failure::Bug("erasure not built"))?;
            items.push(TransactWriteItem::builder().delete(erase).build());
        }
        for photo in change.new_photos {
            items.push(write_put(self.put(photo_item(photo)?).condition_expression(ABSENT))?);
        }
        for (photo, photo_change) in change.photos {
            let update = Update::builder()
                .table_name(&self.table)
                .set_key(Some(key(ticket, photo_key(photo))))
                .condition_expression("attribute_exists(pk)");
            let update = match photo_change {
                PhotoChange::Moved { locked } => update
                    .update_expression("SET locked = :locked")
                    .expression_attribute_values(":locked", AttributeValue::Bool(*locked)),
                PhotoChange::Gone => update
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
        self.write("reporter", before, change.report, (change.effects, items), now).await
    }
}
