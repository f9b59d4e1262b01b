//! The state of a report: what everybody sees of it and what is stored of it.

use crate::{
    life::{self, Report, by},
    officers,
    operator::{self, Item, config, dynamodb, wait},
    restart_notes::Left,
    stack::stack,
};
use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::HEXLOWER;
use serde_json::Value;
use std::collections::BTreeMap;

/// Officers of every kind of viewer.
pub const ONLOOKERS: &[&str] = &[
    officers::UNIT,
    officers::PARENT_UNIT,
    officers::OTHER_UNIT,
    officers::TIKET,
    officers::VALIDASI,
    officers::VERIFIKASI,
    officers::ADMINISTRATOR,
];

/// Describes a report that was sent with this key and body.
pub fn describe(report: &Report, key: &str, body: &Value) -> Left {
    Left {
        ticket: report.ticket.clone(),
        secret: report.secret.clone(),
        key: key.to_owned(),
        body: body.clone(),
        tracked: report.tracked().expect(200).json(),
        seen: ONLOOKERS.iter().map(|officer| ((*officer).to_owned(), seen(report, officer))).collect(),
        kept: kept(report),
        looks: looks(report),
    }
}

fn seen(report: &Report, officer: &str) -> Option<Value> {
    let answer = report.seen_by(officer);
    if answer.status == 404 {
        return None;
    }
    let mut seen = answer.expect(200).json();
    // The day may pass meanwhile.
    seen.as_object_mut().expect("an object").remove("urgency");
    Some(seen)
}

/// Hides a report from every officer, as one that has reached no desk: a report that a rule sent to a unit never lay on the ticket desk.
#[track_caller]
pub fn hide(report: &Report) {
    let hidden = dynamodb()
        .update_item()
        .table_name(stack().output("ReportsTable"))
        .key("pk", AttributeValue::S(report.ticket.replace('-', "")))
        .key("sk", AttributeValue::S("report".to_owned()))
        .condition_expression("attribute_exists(pk)")
        .update_expression("SET visible.reached = :nowhere")
        .expression_attribute_values(":nowhere", AttributeValue::L(Vec::new()));
    wait(hidden.send()).expect("a report that reached no desk");
    report.seen_by(officers::TIKET).expect(404);
}

/// Who has looked at the report.
pub fn looks(report: &Report) -> Vec<Value> {
    let looks = by(officers::ADMINISTRATOR, "GET", &report.path("accesses")).send().expect(200).json();
    looks["items"].as_array().expect("looks").clone()
}

/// Sends the same report again, as a channel would after a lost answer.
pub fn again(left: &Left) -> (Report, bool) {
    let answer = life::submission("jaki", &left.key, &left.body).send();
    let (replayed, told) = (answer.status == 200, answer.json());
    let text = |name: &str| told[name].as_str().expect("a text").to_owned();
    (Report { ticket: text("ticket"), secret: text("secret") }, replayed)
}

fn kept(report: &Report) -> BTreeMap<String, String> {
    let ticket = report.ticket.replace('-', "");
    let mut kept = BTreeMap::new();
    for item in operator::items_of(&ticket) {
        kept.insert(format!("reports {}", item["sk"].as_s().expect("a key")), digest_of(&item));
    }
    let row = dynamodb().get_item().table_name(stack().output("VaultTable"));
    let row = wait(row.key("pk", AttributeValue::S(ticket.clone())).send()).expect("the vault").item;
    kept.insert("vault".to_owned(), digest_of(&row.expect("every report has a row")));
    let s3 = aws_sdk_s3::Client::new(&config());
    let bucket = stack().output("PhotosBucket");
    for half in ["locked", "shown"] {
        let prefix = format!("clean/{half}/{ticket}/");
        let found = wait(s3.list_objects_v2().bucket(bucket).prefix(prefix).send()).expect("a listing");
        for key in found.contents().iter().filter_map(|object| object.key()) {
            let bytes = wait(async {
                let object = s3.get_object().bucket(bucket).key(key).send().await.expect("a photo");
                object.body.collect().await.expect("its bytes").to_vec()
            });
            kept.insert(key.to_owned(), hex(&bytes));
        }
    }
    kept
}

/// A digest of an item without what changes at midnight or when the reporter is told.
fn digest_of(item: &Item) -> String {
    let moves = ["desk_order", "pending", "pending_at", "newest", "delivered", "expires_at"];
    let lasts = |name: &str| !moves.contains(&name);
    let lasting = item.iter().filter(|(name, _)| lasts(name));
    let sorted: BTreeMap<_, _> = lasting.map(|(name, value)| (name, canonical(value))).collect();
    hex(format!("{sorted:?}").as_bytes())
}

/// Maps in the order of their keys.
fn canonical(value: &AttributeValue) -> String {
    if let Ok(map) = value.as_m() {
        let sorted: BTreeMap<_, _> = map.iter().map(|(name, value)| (name, canonical(value))).collect();
        format!("{sorted:?}")
    } else if let Ok(list) = value.as_l() {
        format!("{:?}", list.iter().map(canonical).collect::<Vec<_>>())
    } else {
        format!("{value:?}")
    }
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}
