//! What is due, and its release: the index `pending` of the reports table.

use super::Reports;
use crate::{
    Failure,
    dynamodb_items::{Item, text},
};
use domain::{release::Effects, report::Report, ticket::Ticket};
use jiff::Timestamp;

/// The one partition of the index of what is pending.
const PENDING: &str = "pending";

impl Reports {
    /// The tickets of at most `limit` reports of which something is due by `now`, in the order of slot, then ticket.
    ///
    /// Within a slot the order is the tickets', an HMAC: a shuffle that nobody can foresee or repeat.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn due(&self, now: Timestamp, limit: i32) -> Result<Vec<Ticket>, Failure> {
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
        let tickets = page
            .items
            .unwrap_or_default()
            .into_iter()
            .filter_map(|item| Ticket::parse(item.get("pk")?.as_s().ok()?));
        Ok(tickets.collect())
    }

    /// Stores what a release changed, if nothing came between. Does nothing if something did: the report is still pending then.
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

/// What the index needs of a report of which something is due at `at`.
pub(super) fn index(item: &mut Item, report: &Report, at: Timestamp) {
    item.insert("pending".into(), text(PENDING));
    item.insert("pending_at".into(), text(format!("{}#{}", pending_second(at), report.ticket.as_str())));
}

/// A moment as a text that sorts by time.
fn pending_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
