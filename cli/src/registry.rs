//! The registry table, as operators read and change it: never from memory, always as it stands.

use crate::target::{Target, plainly};
use anyhow::{Context, Result};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::unit::Code;
use std::collections::HashMap;

/// An entry as it is stored.
pub type Item = HashMap<String, AttributeValue>;

/// The attribute of a channel's entry in which `channel suspend` remembers the state that `channel resume` gives back.
pub const SUSPENDED_FROM: &str = "suspended_from";

/// What an entry of the registry is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A unit.
    Unit,
    /// A channel.
    Channel,
}

impl Kind {
    /// The word before the code in the key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Channel => "channel",
        }
    }

    /// The key of the entry with this code.
    #[must_use]
    pub fn key(self, code: &Code) -> AttributeValue {
        AttributeValue::S(format!("{}#{code}", self.as_str()))
    }
}

/// Whether an entry is closed: a unit by its state, a channel because the city's folder left it out. Reports name it, and nothing new may.
#[must_use]
pub fn is_closed(item: &Item) -> bool {
    item.get("closed") == Some(&AttributeValue::Bool(true))
        || item.get("state").and_then(|state| state.as_s().ok()).is_some_and(|state| state == "closed")
}

/// The registry of a stack.
pub struct Registry {
    client: Client,
    table: String,
}

impl Registry {
    /// The registry of this stack.
    ///
    /// # Errors
    /// When the stack names no registry.
    pub fn of(target: &Target) -> Result<Self> {
        Ok(Self { client: Client::new(&target.config), table: target.output("RegistryTable")?.to_owned() })
    }

    /// The client and the table, for changing an entry.
    #[must_use]
    pub fn table(&self) -> (&Client, &str) {
        (&self.client, &self.table)
    }

    /// An entry as it stands; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn entry(&self, kind: Kind, code: &Code) -> Result<Option<Item>> {
        let read = self.client.get_item().table_name(&self.table).key("pk", kind.key(code));
        let read = read.consistent_read(true).send().await.map_err(plainly);
        Ok(read.with_context(|| format!("cannot read the {} {code}", kind.as_str()))?.item)
    }

    /// Every channel.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn channels(&self) -> Result<Vec<Item>> {
        let pages = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression("begins_with(pk, :channel)")
            .expression_attribute_values(":channel", AttributeValue::S("channel#".to_owned()));
        let mut items = pages.into_paginator().items().send();
        let mut channels = Vec::new();
        while let Some(item) = items.next().await {
            channels.push(item.map_err(plainly).context("cannot list the channels")?);
        }
        Ok(channels)
    }
}
