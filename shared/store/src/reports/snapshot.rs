//! The snapshot of a report: its item with what the indexes need of it, and how it takes the place of the one before.

use super::{ABSENT, Reports, desk, due, event_item, jitter, near, write_put};
use crate::{
    Failure,
    dynamodb_items::{Item, REPORT, expire, of_report},
    transaction::{self, Ended},
};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::{desk::Desk, release::Effects, report::Report};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The sort key, and the kind, of the item by which a question to the ticket desk is listed.
const QUESTION: &str = "question";

impl Reports {
    /// Claims a report, if the snapshot still has the revision that was read; returns `false` if it does not.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn claim(&self, before: &Report, report: &Report, now: Timestamp) -> Result<bool, Failure> {
        self.write("claim", before, report, (&Effects::default(), Vec::new()), now).await
    }

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

    /// Lists or unlists the question to the ticket desk that a report has or had; nothing where there is and was none.
    pub(super) fn question(
        &self,
        before: &Report,
        report: &Report,
        now: Timestamp,
    ) -> Result<Option<TransactWriteItem>, Failure> {
        if !is_asked(before) && !is_asked(report) {
            return Ok(None);
        }
        write_put(self.put(self.question_item(report, now)?)).map(Some)
    }

    /// The item by which a question is listed. Once it is answered, the item is left without the indexes' keys: no function may delete an item
    /// of a report.
    pub(crate) fn question_item(&self, report: &Report, now: Timestamp) -> Result<Item, Failure> {
        let mut item = of_report(&report.ticket, QUESTION, QUESTION, &BTreeMap::<String, String>::new())?;
        if let Some(urgency) = report.urgency(now, &self.zone).filter(|_| is_asked(report)) {
            let snapshot = of_report(&report.ticket, REPORT, REPORT, report)?;
            item.extend(snapshot.into_iter().filter(|(name, _)| desk::CARRIED.contains(&name.as_str())));
            desk::index(&mut item, report, &desk::questions(&Desk::Tiket), urgency);
        }
        Ok(item)
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
        let mut items = self.changed(before, report, effects, now)?;
        items.extend(more);
        let jitter = jitter(&report.version);
        Ok(matches!(transaction::run(&self.client, name, items, jitter).await?, Ended::Stored))
    }

    /// The items by which a snapshot takes the place of the one that was read, with its effects.
    pub(super) fn changed(
        &self,
        before: &Report,
        report: &Report,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, Failure> {
        let mut items = vec![self.replace(before, report, now)?];
        for event in &effects.events {
            items.push(write_put(self.put(event_item(report, event)?).condition_expression(ABSENT))?);
        }
        items.extend(self.announcements(report, &effects.announcements)?);
        items.extend(self.question(before, report, now)?);
        items.extend(self.fan_out(before, report, now)?);
        Ok(items)
    }

    /// The snapshot's item, with the attributes that the indexes need.
    pub(crate) fn snapshot(&self, report: &Report, now: Timestamp) -> Result<Item, Failure> {
        let mut item = of_report(&report.ticket, REPORT, REPORT, report)?;
        expire(&mut item, report.submitted.test_until);
        // No code reads it any more but that of the version before, to which a stack may be taken back.
        let is_open = report.desk().is_some();
        item.insert("open".into(), AttributeValue::Bool(is_open));
        if is_open {
            near::index(&mut item, report);
        }
        if let (Some(desk), Some(urgency)) = (report.listed_on(), report.urgency(now, &self.zone)) {
            desk::index(&mut item, report, &desk.to_string(), urgency);
        }
        if let Some(at) = report.next_due(now, &self.zone) {
            due::index(&mut item, &report.ticket, at);
        }
        Ok(item)
    }
}

/// Whether a question to the ticket desk waits for an answer on this report.
fn is_asked(report: &Report) -> bool {
    report.triage.asked_by.is_some() && report.desk().is_some()
}
