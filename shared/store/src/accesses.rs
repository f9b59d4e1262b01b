//! The access log: who looked at what. Entries are put, and never changed.

use crate::{
    Failure,
    items::{read, text},
};
use aws_sdk_dynamodb::Client;
use domain::{
    answer::Looked,
    officer::Named,
    symbols::{EventId, PhotoId, ViewCode},
    ticket::Ticket,
    unit::Desk,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One look.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Access {
    /// Random.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub officer: Named,
    /// At what.
    pub looked_at: Looked,
    /// Which photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<PhotoId>,
    /// The code that the photo's copy carries in the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ViewCode>,
    /// Which reports a desk's page showed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<Ticket>,
}

/// The access log.
pub struct Accesses {
    client: Client,
    table: String,
}

impl Accesses {
    /// The log in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Records a look at a report or at one of its photos. To be awaited before the answer leaves.
    ///
    /// # Errors
    /// When it could not be recorded; then nothing may be shown.
    pub async fn record(&self, ticket: &Ticket, access: &Access) -> Result<(), Failure> {
        self.put(ticket.as_str().to_owned(), access).await
    }

    /// Records a look at a page of a desk.
    ///
    /// # Errors
    /// When it could not be recorded; then nothing may be shown.
    pub async fn record_page(&self, desk: &Desk, access: &Access) -> Result<(), Failure> {
        self.put(format!("desk#{desk}"), access).await
    }

    async fn put(&self, partition: String, access: &Access) -> Result<(), Failure> {
        let mut item: crate::items::Item = serde_dynamo::to_item(access).map_err(|_| Failure::Other)?;
        item.insert("pk".into(), text(partition));
        item.insert("sk".into(), text(access.id.as_str()));
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        Ok(())
    }

    /// Every look at a report and its photos, in the order of time.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn of_report(&self, ticket: &Ticket) -> Result<Vec<Access>, Failure> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :ticket")
            .expression_attribute_values(":ticket", text(ticket.as_str()))
            .into_paginator()
            .items()
            .send();
        let mut accesses = Vec::new();
        while let Some(item) = pages.next().await {
            accesses.push(read::<Access>(item.map_err(|error| Failure::of(&error))?)?);
        }
        accesses.sort_unstable_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(accesses)
    }
}
