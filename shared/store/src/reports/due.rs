//! Reports of which something is due, and the storing of a release: the index `pending` of the reports table.

use super::Reports;
use crate::{
    Failure,
    dynamodb_items::{Item, text},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{release::Effects, report::Report, ticket::Ticket};
use jiff::Timestamp;

/// The one partition of the index of what is pending.
const PENDING: &str = "pending";

impl Reports {
    /// The tickets of at most `limit` reports of which something is due by `now`, by slot, then by ticket.
    ///
    /// Within a slot the order is that of the tickets, which are HMACs: nobody can foresee or choose it.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn due(&self, now: Timestamp, limit: i32) -> Result<Vec<Ticket>, Failure> {
        let due = self.due_items(now, limit).await?;
        Ok(due.into_iter().filter_map(|item| Ticket::parse(item.get("pk")?.as_s().ok()?)).collect())
    }

    /// The tickets of all reports of which something is due, at whatever time.
    ///
    /// # Errors
    /// When they could not be read.
    pub(super) async fn pending_tickets(&self) -> Result<Vec<Ticket>, Failure> {
        let items = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(PENDING)
            .key_condition_expression("pending = :pending")
            .expression_attribute_values(":pending", text(PENDING))
            .into_paginator()
            .items()
            .send();
        let items = items.collect::<Result<Vec<Item>, _>>().await.map_err(|error| Failure::of(&error))?;
        Ok(items.iter().filter_map(|item| Ticket::parse(item.get("pk")?.as_s().ok()?)).collect())
    }

    /// The moment of what is due for longest; `None` when nothing is.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn oldest_due(&self, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
        let oldest = self.due_items(now, 1).await?.into_iter().next();
        let moment = |item: Item| item.get("pending_at")?.as_s().ok()?.split_once('#')?.0.parse().ok();
        Ok(oldest.and_then(moment))
    }

    async fn due_items(&self, now: Timestamp, limit: i32) -> Result<Vec<Item>, Failure> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(PENDING)
            .key_condition_expression("pending = :pending AND pending_at < :now")
            .expression_attribute_values(":pending", text(PENDING))
            .expression_attribute_values(":now", text(format!("{}~", pending_second(now))))
            .limit(limit)
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        Ok(page.items.unwrap_or_default())
    }

    /// Stores what a release changed, if the snapshot still has the revision that was read. Otherwise does nothing, and the
    /// report stays pending.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn release(
        &self,
        before: &Report,
        report: &Report,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        self.write("release", before, report, (effects, Vec::new()), now).await
    }
}

/// Sets the attributes by which the index finds a report of which something is due at `at`.
pub(super) fn index(item: &mut Item, report: &Report, at: Timestamp) {
    let (pending, pending_at) = keys(&report.ticket, at);
    item.insert("pending".into(), pending);
    item.insert("pending_at".into(), pending_at);
}

/// The index's keys of a report of which something is due at `at`: `pending` and `pending_at`.
pub(super) fn keys(ticket: &Ticket, at: Timestamp) -> (AttributeValue, AttributeValue) {
    (text(PENDING), text(format!("{}#{}", pending_second(at), ticket.as_str())))
}

/// A moment as text that sorts by time.
fn pending_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
