//! The reports table: snapshots, events, photos, nonces of live ones, evidence, announcements. `docs/DATA_MODEL.md` says what lies where.

mod announcements;
pub(crate) mod camera;
mod commit;
mod desk;
mod due;
mod evidence;
mod followers;
mod near;
mod operator_view;
pub(crate) mod photos;
mod reporter;
pub(crate) mod slot_mail;
mod snapshot;
mod submit;
mod units;

pub use commit::Committed;
#[cfg(test)]
pub(crate) use desk::CARRIED;
pub use desk::{DESKS, DeskLine, DeskQuery, Page};
pub use due::Due;
pub use followers::{FanOut, NextFollowers, Outcome, Passed};
pub use operator_view::{OperatorView, PastEvent, Pending, PendingKind};
pub use photos::Checked;
pub use reporter::{PhotoChange, ReporterChange};
pub use slot_mail::{GATHERING, MailDue};
pub use submit::{Earlier, Submitted};
pub use units::UnitOfReport;

use crate::{
    Failure,
    dynamodb_items::{Item, REPORT, expire, key, of_report, read, text},
};
use aws_sdk_dynamodb::{
    Client,
    operation::query::builders::QueryFluentBuilder,
    types::{
        Put, TransactWriteItem,
        builders::{ConditionCheckBuilder, PutBuilder},
    },
};
use domain::{
    event::Event,
    ids::{EventId, PhotoId, Version},
    photo::Photo,
    report::Report,
    ticket::Ticket,
};
use jiff::tz::TimeZone;
use photos::{MISFIT_PHOTO, photo_key};

/// The table of reports.
pub struct Reports {
    client: Client,
    table: String,
    zone: TimeZone,
}

impl Reports {
    /// The reports in `table`; `zone` is the city's, whose midnight moves the urgency.
    #[must_use]
    pub fn new(client: Client, table: String, zone: TimeZone) -> Self {
        Self { client, table, zone }
    }

    /// The snapshot of a report, read consistently.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn get(&self, ticket: &Ticket) -> Result<Option<Report>, Failure> {
        self.item(ticket, REPORT.to_owned(), MISFIT_REPORT).await
    }

    /// One event of a report.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn event(&self, ticket: &Ticket, event: &EventId) -> Result<Option<Event>, Failure> {
        self.item(ticket, event_key(event), MISFIT_EVENT).await
    }

    /// One photo of a report.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn photo(&self, ticket: &Ticket, photo: &PhotoId) -> Result<Option<Photo>, Failure> {
        self.item(ticket, photo_key(photo), MISFIT_PHOTO).await
    }

    async fn item<T: serde::de::DeserializeOwned>(
        &self,
        ticket: &Ticket,
        sort: String,
        misfit: &'static str,
    ) -> Result<Option<T>, Failure> {
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(ticket, sort)))
            .consistent_read(true)
            .send()
            .await;
        found.map_err(|error| Failure::of(&error))?.item.map(|item| read(item, misfit)).transpose()
    }

    /// Every event of a report, in any order.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn events(&self, ticket: &Ticket) -> Result<Vec<Event>, Failure> {
        self.of_kind(ticket, EVENTS, MISFIT_EVENT).await
    }

    /// Every photo of a report, in any order.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn photos(&self, ticket: &Ticket) -> Result<Vec<Photo>, Failure> {
        self.of_kind(ticket, "photo#", MISFIT_PHOTO).await
    }

    async fn of_kind<T: serde::de::DeserializeOwned>(
        &self,
        ticket: &Ticket,
        prefix: &str,
        misfit: &'static str,
    ) -> Result<Vec<T>, Failure> {
        all_of(self.query(ticket, prefix), misfit).await
    }

    fn query(&self, ticket: &Ticket, prefix: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :ticket AND begins_with(sk, :prefix)")
            .expression_attribute_values(":ticket", text(ticket.as_str()))
            .expression_attribute_values(":prefix", text(prefix))
    }

    fn put(&self, item: Item) -> PutBuilder {
        Put::builder().table_name(&self.table).set_item(Some(item))
    }
}

async fn all_of<T: serde::de::DeserializeOwned>(
    query: QueryFluentBuilder,
    misfit: &'static str,
) -> Result<Vec<T>, Failure> {
    let mut pages = query.into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(item) = pages.next().await {
        found.push(read(item.map_err(|error| Failure::of(&error))?, misfit)?);
    }
    Ok(found)
}

const MISFIT_REPORT: &str = "stored report does not fit its type";
const MISFIT_EVENT: &str = "stored event does not fit its type";

/// The condition of a put that must not replace an item.
const ABSENT: &str = "attribute_not_exists(pk)";

/// What the keys of events begin with.
const EVENTS: &str = "event#";

fn event_key(event: &EventId) -> String {
    format!("{EVENTS}{event}")
}

pub(crate) fn event_item(report: &Report, event: &Event) -> Result<Item, Failure> {
    let mut item = of_report(&event.ticket, event_key(&event.id), "event", event)?;
    expire(&mut item, report.submitted.test_until);
    Ok(item)
}

/// A random number that spreads retries, taken from the version, which is random.
fn jitter(version: &Version) -> u64 {
    version.as_str().bytes().fold(0, |sum, byte| sum.rotate_left(5) ^ u64::from(byte))
}

fn write_put(put: PutBuilder) -> Result<TransactWriteItem, Failure> {
    let put = put.build().map_err(|_| Failure::Bug("put not built"))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn write_check(check: ConditionCheckBuilder) -> Result<TransactWriteItem, Failure> {
    let check = check.build().map_err(|_| Failure::Bug("check not built"))?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}
