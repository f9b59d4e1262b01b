//! Conversion between values and DynamoDB items.

use crate::Failure;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ticket::Ticket;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;

/// An item as the SDK has it. Never printed: it holds what people wrote.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The sort key of the snapshot.
pub(crate) const REPORT: &str = "report";

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
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

/// Reads a value from an item. An item that does not fit is a bug or damaged; `misfit` names the place in the code, and the
/// error holds none of the content.
pub(crate) fn read<T: DeserializeOwned>(item: Item, misfit: &'static str) -> Result<T, Failure> {
    serde_dynamo::from_item(item).map_err(|_| Failure::Bug(misfit))
}
