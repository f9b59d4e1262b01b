//! How many reports a channel has sent in this hour.

use crate::{
    Failure,
    dynamodb_items::{Item, text},
};
use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ReturnValue},
};
use domain::unit::Code;
use jiff::{SignedDuration, Timestamp};

/// The table that counts each channel's reports by hour.
pub struct Quotas {
    client: Client,
    table: String,
}

impl Quotas {
    /// Counters in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Counts one more report of this hour (UTC) and returns the new count.
    ///
    /// # Errors
    /// When it could not be counted.
    pub async fn count(&self, channel: &Code, now: Timestamp) -> Result<u64, Failure> {
        let hour = now.as_second() / 3600;
        let expires_at = now.saturating_add(SignedDuration::from_hours(25)).unwrap_or(now).as_second();
        let counted = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(format!("{channel}#{hour}")))
            .update_expression("ADD #count :one SET expires_at = :expires_at")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .expression_attribute_values(":expires_at", AttributeValue::N(expires_at.to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        counted.attributes().and_then(count_of).ok_or(Failure::Bug("quota without a count"))
    }
}

pub(crate) fn count_of(item: &Item) -> Option<u64> {
    item.get("count")?.as_n().ok()?.parse().ok()
}
