//! Finding the open reports of a unit that was closed or moved, without reading what they say, and bringing them before `release`.

use super::Reports;
use crate::{
    Failure,
    dynamodb_items::{Item, REPORT, key, read, text},
};
use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError,
    types::{AttributeValue, KeysAndAttributes},
};
use domain::{
    desk::Desk,
    status::Status,
    ticket::Ticket,
    unit::{Code, Unit},
};
use jiff::Timestamp;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How many keys `BatchGetItem` takes.
const BATCH: usize = 100;

/// As much of a report as says on which unit it depends.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct UnitOfReport {
    /// The report's ticket.
    #[serde(rename = "pk")]
    pub ticket: Ticket,
    /// The present status.
    pub status: Status,
    /// The unit that holds it, or held it last.
    #[serde(default)]
    pub unit: Option<Unit>,
}

impl Reports {
    /// The reports that these units hold, or would get back where a TL is refused, in the order of their tickets.
    ///
    /// What desks list is found there; a report whose release waits is on no desk, and is found among what is pending. Both are indexes,
    /// which lag: what was stored within the last seconds may be missing.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn of_units(&self, units: &BTreeSet<Code>) -> Result<Vec<UnitOfReport>, Failure> {
        let desks = units.iter().cloned().map(Desk::Unit).chain([Desk::Validasi, Desk::Verifikasi]);
        let mut found = BTreeMap::new();
        for desk in desks {
            for report in self.units_on_desk(&desk).await? {
                found.insert(report.ticket.clone(), report);
            }
        }
        let others: Vec<Ticket> =
            self.pending_tickets().await?.into_iter().filter(|ticket| !found.contains_key(ticket)).collect();
        for tickets in others.chunks(BATCH) {
            let read = self.units_of(tickets).await?;
            found.extend(read.into_iter().map(|report| (report.ticket.clone(), report)));
        }
        let is_of_these =
            |report: &UnitOfReport| report.unit.as_ref().is_some_and(|unit| units.contains(&unit.code));
        Ok(found.into_values().filter(is_of_these).collect())
    }

    /// The tickets of what this desk lists.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn listed_on(&self, desk: &Desk) -> Result<Vec<Ticket>, Failure> {
        Ok(self.units_on_desk(desk).await?.into_iter().map(|report| report.ticket).collect())
    }

    async fn units_on_desk(&self, desk: &Desk) -> Result<Vec<UnitOfReport>, Failure> {
        let lines = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("desk")
            .key_condition_expression("desk = :desk")
            .expression_attribute_values(":desk", text(desk.to_string()))
            .projection_expression("pk, #status, #unit")
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#unit", "unit")
            .into_paginator()
            .items()
            .send();
        let lines = lines.collect::<Result<Vec<Item>, _>>().await.map_err(|error| Failure::of(&error))?;
        lines.into_iter().map(|item| read(item, MISFIT)).collect()
    }

    /// Reads all of these that are there.
    async fn units_of(&self, tickets: &[Ticket]) -> Result<Vec<UnitOfReport>, Failure> {
        let mut keys: Vec<Item> = tickets.iter().map(|ticket| key(ticket, REPORT)).collect();
        let mut found = Vec::new();
        while !keys.is_empty() {
            let asked = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .projection_expression("pk, #status, #unit")
                .expression_attribute_names("#status", "status")
                .expression_attribute_names("#unit", "unit")
                .consistent_read(true)
                .build()
                .map_err(|_| Failure::Bug("keys not built"))?;
            let got = self.client.batch_get_item().request_items(&self.table, asked).send().await;
            let got = got.map_err(|error| Failure::of(&error))?;
            for item in got.responses.unwrap_or_default().into_values().flatten() {
                found.push(read(item, MISFIT)?);
            }
            // DynamoDB leaves out what is over 16 MB, or over what the table gives now.
            keys =
                got.unprocessed_keys.unwrap_or_default().into_values().flat_map(|rest| rest.keys).collect();
            if !keys.is_empty() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        Ok(found)
    }

    /// Makes a report due, so that `release` works on it in its next run. Does nothing to one that is closed or gone.
    ///
    /// Has to be done again until the report has followed: a command that read the report before stores its own due moment over this one,
    /// and where a transaction is in the way nothing is done.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn make_due(&self, ticket: &Ticket, now: Timestamp) -> Result<(), Failure> {
        let (pending, pending_at) = super::due::keys(ticket, now);
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(ticket, REPORT)))
            .update_expression("SET #pending = :pending, pending_at = :at")
            .condition_expression("#open = :open")
            .expression_attribute_names("#pending", "pending")
            .expression_attribute_names("#open", "open")
            .expression_attribute_values(":pending", pending)
            .expression_attribute_values(":at", pending_at)
            .expression_attribute_values(":open", AttributeValue::Bool(true));
        let Err(error) = update.send().await else { return Ok(()) };
        match error.as_service_error() {
            // Closed or gone; or `release` or a command is changing it at this moment, and whoever asks again finds out what came of that.
            Some(
                UpdateItemError::ConditionalCheckFailedException(_)
                | UpdateItemError::TransactionConflictException(_),
            ) => Ok(()),
            _ => Err(Failure::of(&error)),
        }
    }
}

const MISFIT: &str = "unit of a report does not fit its type";
