//! Reports of which something is due, and the storing of a release: the index `pending` of the reports table, which is cut into parts.

use super::{
    Reports,
    followers::FAN_OUT,
    slot_mail::{MailDue, SLOT_MAIL},
};
use crate::{
    Failure,
    dynamodb_items::{Item, REPORT, text},
    index_parts::{in_each_part, part_of},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{release::Effects, report::Report, ticket::Ticket};
use jiff::Timestamp;

/// The index of what is pending.
const INDEX: &str = "pending";

/// Something that is due.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Due {
    /// Of the report itself.
    Report(Ticket),
    /// A change of the report that is to be passed on to its followers.
    FanOut(Ticket),
    /// Slot mail to a desk.
    Mail(MailDue),
}

/// What the index has of something due.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// When it is due, then what orders it within that second.
    due_at: String,
    partition: String,
    sort: String,
}

impl Reports {
    /// What is due by `now`, by slot, then by ticket: of each part of the index what is due for longest, at most `limit`.
    ///
    /// Within a slot the order is that of the tickets, which are HMACs: nobody can foresee or choose it.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn due(&self, now: Timestamp, limit: i32) -> Result<Vec<Due>, Failure> {
        let mut found = in_each_part(|part| self.due_in(part, now, limit)).await?.concat();
        found.sort_unstable();
        let due = |found: &Found| {
            let ticket = || Ticket::parse(&found.partition);
            match found.sort.as_str() {
                SLOT_MAIL => Some(Due::Mail(MailDue(found.partition.clone()))),
                FAN_OUT => ticket().map(Due::FanOut),
                _ => ticket().map(Due::Report),
            }
        };
        Ok(found.iter().filter_map(due).collect())
    }

    /// The tickets of all reports of which something is due, at whatever time.
    ///
    /// # Errors
    /// When they could not be read.
    pub(super) async fn pending_tickets(&self) -> Result<Vec<Ticket>, Failure> {
        let found = in_each_part(async |part| {
            let items = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(INDEX)
                .key_condition_expression("pending = :part")
                .expression_attribute_values(":part", text(part))
                .into_paginator()
                .items()
                .send();
            items.collect::<Result<Vec<Item>, _>>().await.map_err(|error| Failure::of(&error))
        });
        let mut items = found.await?.concat();
        items.retain(|item| item.get("sk") == Some(&text(REPORT)));
        Ok(items.iter().filter_map(|item| Ticket::parse(item.get("pk")?.as_s().ok()?)).collect())
    }

    /// The moment of what is due for longest; `None` when nothing is.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn oldest_due(&self, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
        let oldest = in_each_part(|part| self.due_in(part, now, 1)).await?.concat().into_iter().min();
        Ok(oldest.and_then(|found| found.due_at.split_once('#')?.0.parse().ok()))
    }

    /// What is due in a part of the index, at most `limit`.
    async fn due_in(&self, part: String, now: Timestamp, limit: i32) -> Result<Vec<Found>, Failure> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(INDEX)
            .key_condition_expression("pending = :part AND pending_at < :now")
            .expression_attribute_values(":part", text(part))
            .expression_attribute_values(":now", text(format!("{}~", pending_second(now))))
            .limit(limit)
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let found = |item: &Item| {
            let text = |name: &str| item.get(name)?.as_s().ok().cloned();
            Some(Found { due_at: text("pending_at")?, partition: text("pk")?, sort: text("sk")? })
        };
        Ok(page.items().iter().filter_map(found).collect())
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

/// Sets the attributes by which the index finds an item of a report of which something is due at `at`.
pub(super) fn index(item: &mut Item, ticket: &Ticket, at: Timestamp) {
    let (pending, pending_at) = keys(ticket, at);
    item.insert("pending".into(), pending);
    item.insert("pending_at".into(), pending_at);
}

/// The index's keys of a report of which something is due at `at`: `pending` and `pending_at`.
pub(super) fn keys(ticket: &Ticket, at: Timestamp) -> (AttributeValue, AttributeValue) {
    (text(part_of(ticket.as_str())), text(format!("{}#{}", pending_second(at), ticket.as_str())))
}

/// A moment as text that sorts by time.
pub(super) fn pending_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
