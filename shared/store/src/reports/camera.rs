//! The nonces of live photos: given, looked at, and used up in the transaction that stores the photo.

use super::Reports;
use crate::{
    Failure,
    dynamodb_items::{EXPIRES_AT, Item, key, number, of_report, text},
};
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use domain::{
    camera::GivenNonce,
    ids::{CameraNonce, EventId},
    ticket::Ticket,
};

const MISFIT_NONCE: &str = "stored nonce does not fit its type";

impl Reports {
    /// Keeps a nonce that is given for a picture of this report.
    ///
    /// # Errors
    /// When it is not known to be kept.
    pub async fn give_nonce(&self, ticket: &Ticket, given: &GivenNonce) -> Result<(), Failure> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(nonce_item(ticket, given)?));
        put.send().await.map(drop).map_err(|error| Failure::of(&error))
    }

    /// Those of the nonces that were given for this report.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn given_nonces(
        &self,
        ticket: &Ticket,
        nonces: impl IntoIterator<Item = &CameraNonce>,
    ) -> Result<Vec<GivenNonce>, Failure> {
        let mut found = Vec::new();
        for nonce in nonces {
            found.extend(self.item(ticket, nonce_key(nonce), MISFIT_NONCE).await?);
        }
        Ok(found)
    }

    /// Uses a nonce up, if that has not been done. The item stays until it expires: no function may delete an item of a report.
    pub(super) fn use_nonce(
        &self,
        ticket: &Ticket,
        nonce: &CameraNonce,
        event: &EventId,
    ) -> Result<TransactWriteItem, Failure> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(ticket, nonce_key(nonce))))
            .update_expression("SET used_by = :event")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(used_by)")
            .expression_attribute_values(":event", text(event.as_str()))
            .build()
            .map_err(|_| Failure::Bug("use of a nonce not built"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

fn nonce_key(nonce: &CameraNonce) -> String {
    format!("camera#{nonce}")
}

pub(crate) fn nonce_item(ticket: &Ticket, given: &GivenNonce) -> Result<Item, Failure> {
    let mut item = of_report(ticket, nonce_key(&given.nonce), "camera", given)?;
    item.insert(EXPIRES_AT.to_owned(), number(given.until.as_second()));
    Ok(item)
}
