//! The snapshot of a report: its item with what the indexes need of it, and how it takes the place of the one before.

use super::{ABSENT, Reports, desk, due, event_item, jitter, near, write_put};
use crate::{
    Failure,
    dynamodb_items::{Item, REPORT, expire, of_report},
    transaction::{self, Ended},
};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::{release::Effects, report::Report};
use jiff::Timestamp;

impl Reports {
    /// Replaces a snapshot, if it is still the one that was read.
    pub(super) fn replace(
        &self,
        read: &Report,
        report: &Report,
        now: Timestamp,
    ) -> Result<TransactWriteItem, Failure> {
        let next = Report { revision: read.revision + 1, ..report.clone() };
        let put = self
            .put(self.snapshot(&next, now)?)
            .condition_expression("revision = :read")
            .expression_attribute_values(":read", AttributeValue::N(read.revision.to_string()));
        write_put(put)
    }

    /// Writes a snapshot with its effects and any further items, in one transaction.
    pub(super) async fn write(
        &self,
        name: &'static str,
        before: &Report,
        report: &Report,
        (effects, more): (&Effects, Vec<TransactWriteItem>),
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let mut items = vec![self.replace(before, report, now)?];
        for event in &effects.events {
            items.push(write_put(self.put(event_item(report, event)?).condition_expression(ABSENT))?);
        }
        items.extend(self.announcements(report, &effects.announcements)?);
        items.extend(more);
        let jitter = jitter(&report.version);
        Ok(matches!(transaction::run(&self.client, name, items, jitter).await?, Ended::Stored))
    }

    /// The snapshot's item, with the attributes that the indexes need.
    pub(crate) fn snapshot(&self, report: &Report, now: Timestamp) -> Result<Item, Failure> {
        let mut item = of_report(&report.ticket, REPORT, REPORT, report)?;
        expire(&mut item, report.submitted.test_until);
        // No report is merged into a test report.
        let is_open = report.desk().is_some();
        item.insert("open".into(), AttributeValue::Bool(is_open));
        if is_open {
            near::index(&mut item, report);
        }
        if let (Some(desk), Some(urgency)) = (report.listed_on(), report.urgency(now, &self.zone)) {
            desk::index(&mut item, report, &desk, urgency);
        }
        if let Some(at) = report.next_due(now, &self.zone) {
            due::index(&mut item, report, at);
        }
        Ok(item)
    }
}
