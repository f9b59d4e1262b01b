//! The operator's side: AWS clients with the account's own credentials, or with a role's.

use crate::stack::stack;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use std::{
    collections::{BTreeMap, HashMap},
    future::Future,
    sync::LazyLock,
};
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// Waits for a call of the SDK.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// The account's own configuration: it may do everything.
pub fn config() -> SdkConfig {
    with_credentials(Credentials::new("test", "test", None, None, "operator"))
}

/// The configuration with other credentials.
pub fn with_credentials(credentials: Credentials) -> SdkConfig {
    wait(
        aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(stack().region.clone()))
            .endpoint_url(&stack().endpoint)
            .credentials_provider(credentials)
            .load(),
    )
}

/// An item as DynamoDB gives it.
pub type Item = HashMap<String, AttributeValue>;

/// The attributes that a snapshot keeps together under `name`, such as `visible` or `reporter`.
pub fn group<'a>(snapshot: &'a mut Item, name: &str) -> &'a mut Item {
    let Some(AttributeValue::M(group)) = snapshot.get_mut(name) else { panic!("no {name} in a snapshot") };
    group
}

/// The account's own client of DynamoDB.
pub fn dynamodb() -> &'static aws_sdk_dynamodb::Client {
    static CLIENT: LazyLock<aws_sdk_dynamodb::Client> =
        LazyLock::new(|| aws_sdk_dynamodb::Client::new(&config()));
    &CLIENT
}

/// Everything that a table holds, table by table.
pub fn tables() -> BTreeMap<String, Vec<Item>> {
    let names = wait(dynamodb().list_tables().into_paginator().items().send().collect::<Result<Vec<_>, _>>());
    let names =
        names.expect("tables").into_iter().filter(|name| name.starts_with(&format!("{}-", stack().name)));
    names
        .map(|name| {
            let scan = dynamodb().scan().table_name(&name).into_paginator().items();
            let rows = wait(scan.send().collect::<Result<Vec<_>, _>>()).expect("a scan");
            (name, rows)
        })
        .collect()
}

/// Every item of a report, in the order of their keys.
pub fn items_of(ticket: &str) -> Vec<Item> {
    let found = wait(
        dynamodb()
            .query()
            .table_name(stack().output("ReportsTable"))
            .consistent_read(true)
            .key_condition_expression("pk = :ticket")
            .expression_attribute_values(":ticket", AttributeValue::S(ticket.replace('-', "")))
            .send(),
    );
    found.expect("a query").items.unwrap_or_default()
}

/// The items of a report of one kind: `report`, `event`, `photo`, `announcement`.
pub fn items_of_kind(ticket: &str, kind: &str) -> Vec<Item> {
    items_of(ticket).into_iter().filter(|item| is_of_kind(item, kind)).collect()
}

fn is_of_kind(item: &Item, kind: &str) -> bool {
    item.get("kind").and_then(|value| value.as_s().ok()).is_some_and(|value| value == kind)
}

/// The slot mail of a desk and slot, whether it has gone out or not.
pub fn slot_mail(desk: &str, slot: &str) -> Option<Item> {
    let get = dynamodb()
        .get_item()
        .table_name(stack().output("ReportsTable"))
        .key("pk", AttributeValue::S(format!("slot_mail#{desk}#{slot}")))
        .key("sk", AttributeValue::S("slot_mail".to_owned()))
        .consistent_read(true);
    wait(get.send()).expect("a look").item
}

/// Runs `release` as its schedule would, and waits for it.
pub fn run_release() {
    let lambda = aws_sdk_lambda::Client::new(&config());
    let ran = wait(lambda.invoke().function_name(format!("{}-release", stack().name)).send());
    assert_eq!(ran.expect("release runs").function_error, None);
}
