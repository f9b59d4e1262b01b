//! Whether a reporter left a name, and how long it is, cannot be told from how large something is.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{
    canary,
    http::eventually,
    life::{self, Report},
    operator::{Item, config, items_of, wait},
    stack::stack,
};

/// The kind of a value and how much room it takes.
fn size(value: &AttributeValue) -> (&'static str, usize) {
    if let Ok(text) = value.as_s() {
        ("S", text.len())
    } else if let Ok(number) = value.as_n() {
        ("N", number.len())
    } else if let Ok(bytes) = value.as_b() {
        ("B", bytes.as_ref().len())
    } else if value.is_bool() {
        ("BOOL", 1)
    } else {
        panic!("a kind of value that no row of the vault should have")
    }
}

fn row(report: &Report) -> Item {
    let row = aws_sdk_dynamodb::Client::new(&config())
        .get_item()
        .table_name(stack().output("VaultTable"))
        .key("pk", AttributeValue::S(report.ticket.replace('-', "")));
    wait(row.send()).expect("the vault").item.expect("every report has a row")
}

/// From nothing to all that may be said.
fn contacts() -> Vec<Value> {
    vec![
        Value::Null,
        json!({}),
        json!({"phone": canary::PHONE, "channel_ref": canary::CHANNEL_REF}),
        json!({"name": "A"}),
        json!({"name": canary::NAME, "phone": canary::PHONE, "email": canary::EMAIL, "channel_ref": canary::CHANNEL_REF}),
        json!({"name": "\"".repeat(500)}),
        json!({"channel_ref": "🛣".repeat(120)}),
    ]
}

fn with(contact: &Value) -> Report {
    let mut body = life::body();
    if contact.is_null() {
        body.as_object_mut().expect("an object").remove("reporter");
    } else {
        body["reporter"] = contact.clone();
    }
    life::submit(&body).0
}

#[test]
fn every_row_of_the_vault_has_one_length_for_each_attribute_also_without_a_contact() {
    let sent: Vec<Report> = contacts().iter().map(with).collect();
    // What `deliver` notes later: of an update, a moment and an event. And what marks test reports.
    let later = BTreeMap::from([
        ("expires_at", ("N", 10)),
        ("newest", ("N", 16)),
        ("delivered", ("S", 26)),
        ("test", ("BOOL", 1)),
    ]);
    let all_sizes = |row: &Item| -> BTreeMap<String, (&'static str, usize)> {
        row.iter().map(|(name, value)| (name.clone(), size(value))).collect()
    };
    let sizes = |row: &Item| {
        let mut sizes = all_sizes(row);
        sizes.retain(|name, _| !later.contains_key(&name[..]));
        sizes
    };
    let rows: BTreeSet<_> = sent.iter().map(|report| sizes(&row(report))).collect();
    assert_eq!(rows.len(), 1, "{rows:#?}");
    let expected = rows.first().expect("rows");
    assert!(expected["ciphertext"].1 > 1024, "there is something to compare");

    // And those of all other tests, as somebody who may list them sees them.
    let scan = aws_sdk_dynamodb::Client::new(&config())
        .scan()
        .table_name(stack().output("VaultTable"))
        .into_paginator()
        .items();
    let all = wait(scan.send().collect::<Result<Vec<_>, _>>()).expect("the vault");
    assert!(all.len() >= sent.len());
    for row in all {
        for (name, size) in all_sizes(&row) {
            let usual = expected.get(&name).or_else(|| later.get(&name[..]));
            assert_eq!(Some(&size), usual, "{name}");
        }
    }
}

#[test]
fn what_is_noted_of_a_message_is_noted_also_where_there_is_nobody_to_be_told() {
    if !stack().functions().contains(&"deliver".to_owned()) {
        return;
    }
    let sent: Vec<Report> = contacts().iter().map(with).collect();
    for report in sent {
        eventually("it is noted", || row(&report).contains_key("delivered").then_some(()));
    }
}

#[test]
fn beside_the_vault_a_report_with_a_contact_looks_like_one_without() {
    let shape = |report: &Report| -> Vec<(BTreeMap<String, usize>, String)> {
        items_of(&report.ticket)
            .iter()
            .map(|item| {
                let kind = item["kind"].as_s().expect("a kind").clone();
                let mut item = item.clone();
                // Times are written as short as they are.
                let of_step = ["since", "ends", "next"].map(|time| ("step", time));
                for (group, time) in
                    [("submitted", "at"), ("visible", "photos_from")].into_iter().chain(of_step)
                {
                    if let Some(AttributeValue::M(group)) = item.get_mut(group) {
                        group.remove(time);
                    }
                }
                item.retain(|name, _| !["at", "released_at"].contains(&name.as_str()));
                let sizes = item.into_iter().map(|(name, value)| (name, format!("{value:?}").len()));
                (sizes.collect(), kind)
            })
            .collect()
    };
    let contacts = contacts();
    let (without, full) = (with(&contacts[0]), with(&contacts[4]));
    assert_eq!(shape(&without), shape(&full));
}
