//! Tables of a test's own, as the template has them.

use crate::endpoint::client;
use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType, TableStatus,
    },
};
use jiff::tz::TimeZone;
use std::{collections::HashMap, sync::LazyLock};
use store::{
    access_log::Accesses, city_map::CityMap, quotas::Quotas, registry::Registry, reports::Reports,
    vault::Vault,
};
use tests::{http::fresh_key, operator::wait};
use yaml_serde::Value;

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

static TEMPLATE: LazyLock<Value> = LazyLock::new(|| {
    yaml_serde::from_str(include_str!("../../../infra/template.yaml")).expect("the template is YAML")
});

/// A table that goes with its test.
pub(crate) struct Table {
    /// Its name, which no other has.
    pub(crate) name: String,
    client: Client,
}

impl Table {
    /// Makes a table with the keys and indexes of this resource of the template.
    pub(crate) fn make(resource: &str) -> Self {
        let properties = &TEMPLATE["Resources"][resource]["Properties"];
        assert!(properties.is_mapping(), "the template has no {resource}");
        let name = format!("store-{}-{}", resource.to_lowercase(), fresh_key());
        let client = client();
        let attributes = list(&properties["AttributeDefinitions"]).iter().map(|one| {
            AttributeDefinition::builder()
                .attribute_name(text(&one["AttributeName"]))
                .attribute_type(ScalarAttributeType::from(text(&one["AttributeType"])))
                .build()
                .expect("an attribute")
        });
        let indexes = list(&properties["GlobalSecondaryIndexes"]).iter().map(|one| {
            let projection = &one["Projection"];
            let carried: Vec<_> =
                list(&projection["NonKeyAttributes"]).iter().map(|name| text(name).to_owned()).collect();
            let projection = Projection::builder()
                .projection_type(ProjectionType::from(text(&projection["ProjectionType"])))
                .set_non_key_attributes((!carried.is_empty()).then_some(carried));
            GlobalSecondaryIndex::builder()
                .index_name(text(&one["IndexName"]))
                .set_key_schema(Some(keys(&one["KeySchema"])))
                .projection(projection.build())
                .build()
                .expect("an index")
        });
        let indexes: Vec<_> = indexes.collect();
        let made = client
            .create_table()
            .table_name(&name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attributes.collect()))
            .set_key_schema(Some(keys(&properties["KeySchema"])))
            .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
            .send();
        wait(made).expect("a table");
        let table = Self { name, client };
        while !wait(table.is_active()) {
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        table
    }

    async fn is_active(&self) -> bool {
        let found = self.client.describe_table().table_name(&self.name).send().await.expect("a table");
        found.table.and_then(|table| table.table_status) == Some(TableStatus::Active)
    }

    /// Puts an item past the store.
    pub(crate) fn put(&self, item: Item) {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item)).send();
        wait(put).expect("an item is put");
    }

    /// The item of a table without a sort key, as it lies there.
    pub(crate) fn row(&self, key: &str) -> Option<Item> {
        let get = self.client.get_item().table_name(&self.name).consistent_read(true).key("pk", s(key));
        wait(get.send()).expect("a row").item
    }

    /// Every item with this key, page by page, in the order of the sort keys.
    pub(crate) fn items(&self, key: &str) -> Vec<Item> {
        let pages = self.client.query().table_name(&self.name).consistent_read(true);
        let pages = pages.key_condition_expression("pk = :pk").expression_attribute_values(":pk", s(key));
        wait(pages.into_paginator().items().send().collect::<Result<_, _>>()).expect("items")
    }

    /// Takes every item with this key away, past the store.
    pub(crate) fn clear(&self, key: &str) {
        for mut item in self.items(key) {
            item.retain(|name, _| ["pk", "sk"].contains(&name.as_str()));
            let gone = self.client.delete_item().table_name(&self.name).set_key(Some(item)).send();
            wait(gone).expect("an item is taken away");
        }
    }

    /// Whether the items with this key are more than one answer holds.
    pub(crate) fn breaks(&self, key: &str) -> bool {
        let page = self.client.query().table_name(&self.name).consistent_read(true);
        let page = page.key_condition_expression("pk = :pk").expression_attribute_values(":pk", s(key));
        wait(page.send()).expect("a page").last_evaluated_key.is_some()
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let gone = wait(self.client.delete_table().table_name(&self.name).send());
        assert!(gone.is_ok() || std::thread::panicking(), "a table of a test is left behind");
    }
}

/// A city's tables, with the store over them.
pub(crate) struct City {
    /// The reports table.
    pub(crate) table: Table,
    /// The vault's table.
    pub(crate) vault_table: Table,
}

impl City {
    pub(crate) fn make() -> Self {
        Self { table: Table::make("ReportsTable"), vault_table: Table::make("VaultTable") }
    }

    pub(crate) fn reports(&self) -> Reports {
        self.reports_over(client())
    }

    pub(crate) fn reports_over(&self, client: Client) -> Reports {
        let zone = TimeZone::get("Asia/Jakarta").expect("a zone");
        Reports::new(client, self.table.name.clone(), zone)
    }

    pub(crate) fn vault(&self) -> Vault {
        Vault::new(client(), self.vault_table.name.clone())
    }
}

/// An access log with its table.
pub(crate) fn accesses() -> (Accesses, Table) {
    let table = Table::make("AccessesTable");
    (Accesses::new(client(), table.name.clone()), table)
}

/// Counters with their table.
pub(crate) fn quotas() -> (Quotas, Table) {
    let table = Table::make("QuotasTable");
    (Quotas::new(client(), table.name.clone()), table)
}

/// A registry with its table.
pub(crate) fn registry() -> (Registry, Table) {
    let table = Table::make("RegistryTable");
    (Registry::new(client(), table.name.clone()), table)
}

/// A city's map with its table.
pub(crate) fn map() -> (CityMap, Table) {
    let table = Table::make("MapTable");
    (CityMap::new(client(), table.name.clone()), table)
}

/// A text as an attribute's value.
pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number as an attribute's value.
pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The names of an item's attributes, in order.
pub(crate) fn names(item: &Item) -> Vec<&str> {
    let mut names: Vec<_> = item.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn keys(schema: &Value) -> Vec<KeySchemaElement> {
    let key = |one: &Value| {
        KeySchemaElement::builder()
            .attribute_name(text(&one["AttributeName"]))
            .key_type(KeyType::from(text(&one["KeyType"])))
            .build()
            .expect("a key")
    };
    list(schema).iter().map(key).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_sequence().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
