//! Conversion between values and DynamoDB items.

use crate::Failure;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ticket::Ticket;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;

/// An item as the SDK has it. Never printed: it holds what people wrote.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The sort key of the snapshot.
pub(crate) const REPORT: &str = "report";

/// The attribute by which DynamoDB deletes an item some time after that second.
pub(crate) const EXPIRES_AT: &str = "expires_at";

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The key of an item of a report.
pub(crate) fn key(ticket: &Ticket, sort: impl Into<String>) -> Item {
    HashMap::from([("pk".into(), text(ticket.as_str())), ("sk".into(), text(sort))])
}

/// An item of a report: its key, its kind, and the value's own fields.
pub(crate) fn of_report(
    ticket: &Ticket,
    sort: impl Into<String>,
    kind: &str,
    value: &impl Serialize,
) -> Result<Item, Failure> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(|_| Failure::Bug("value makes no item"))?;
    item.extend(key(ticket, sort));
    item.insert("kind".into(), text(kind));
    Ok(item)
}

/// Has DynamoDB delete an item of a test report once the report is gone. Items of other reports stay.
pub(crate) fn expire(item: &mut Item, test_until: Option<Timestamp>) {
    item.extend(test_until.map(|until| (EXPIRES_AT.to_owned(), number(until.as_second()))));
}

/// Whether an item counts as gone: DynamoDB deletes it some days after its moment.
pub(crate) fn has_expired(item: &Item, now: Timestamp) -> bool {
    let at = item.get(EXPIRES_AT).and_then(|at| at.as_n().ok()?.parse().ok());
    at.is_some_and(|at: i64| at <= now.as_second())
}

/// Reads a value from an item. An item that does not fit is a bug or damaged; `misfit` names the place in the code, and the
/// error holds none of the content.
pub(crate) fn read<T: DeserializeOwned>(item: Item, misfit: &'static str) -> Result<T, Failure> {
    serde_dynamo::from_item(item).map_err(|_| Failure::Bug(misfit))
}
