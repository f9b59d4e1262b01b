//! Checks on one report, and on all of them together, after any fault.

use super::scenario::Row;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::act::Act;
use std::collections::{BTreeMap, BTreeSet};
use tests::{
    life::Report,
    operator::{Item, config, dynamodb, group, items_of_kind, wait},
    stack::stack,
};

pub(super) fn wrong(what: &str) -> Vec<String> {
    vec![what.to_owned()]
}

pub(super) fn ensure(is_right: bool, what: &str) -> Vec<String> {
    if is_right { Vec::new() } else { wrong(what) }
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// A ticket without hyphens, as keys have it.
pub(super) fn bare(report: &Report) -> String {
    report.ticket.replace('-', "")
}

/// The photos that a report has on record, with their states.
pub(super) fn photos(report: &Report) -> Vec<(String, String)> {
    let items = items_of_kind(&report.ticket, "photo");
    items.iter().map(|item| (text(item, "photo").to_owned(), text(item, "state").to_owned())).collect()
}

/// How many pictures of a report there are behind the lock, and how many to be seen.
pub(super) fn pictures(report: &Report) -> (usize, usize) {
    let count = |half: &str| objects(&format!("clean/{half}/{}/", bare(report))).len();
    (count("locked"), count("shown"))
}

/// What there is in the photos bucket under a prefix: keys and lengths.
pub(super) fn objects(prefix: &str) -> BTreeMap<String, i64> {
    let s3 = aws_sdk_s3::Client::new(&config());
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let page = s3.list_objects_v2().bucket(stack().output("PhotosBucket")).prefix(prefix);
        let page = wait(page.set_continuation_token(after).send()).expect("a listing");
        for object in page.contents() {
            found.insert(object.key().expect("a key").to_owned(), object.size().unwrap_or_default());
        }
        after = page.next_continuation_token;
        if after.is_none() {
            return found;
        }
    }
}

/// The announcements of a report: their topics, and the ids of their events.
pub(super) fn announced(report: &Report) -> Vec<(String, String)> {
    let items = items_of_kind(&report.ticket, "announcement");
    items.iter().map(|item| (topic(text(item, "audience")), text(item, "event_id").to_owned())).collect()
}

/// The topic of an audience, without the stack's prefix.
pub(super) fn topic(audience: &str) -> String {
    match audience.strip_prefix("unit:") {
        Some(code) => format!("unit-{code}"),
        None if audience == "reporter" => audience.to_owned(),
        None => format!("desk-{audience}"),
    }
}

/// What is wrong with a report's history, of which a scenario was to be a part once.
pub(super) fn history(row: &Row, report: &Report) -> Vec<String> {
    let events = items_of_kind(&report.ticket, "event");
    let numbers: BTreeSet<u32> =
        events.iter().map(|event| event["number"].as_n().unwrap().parse().unwrap()).collect();
    let whole = numbers.iter().copied().eq(1..=u32::try_from(events.len()).unwrap());
    let mut wrongs = ensure(whole, "the history has a gap");
    let snapshots = items_of_kind(&report.ticket, "report");
    let counted = snapshots.first().and_then(|snapshot| snapshot["events"].as_n().ok());
    wrongs.extend(ensure(counted == Some(&events.len().to_string()), "the report counts other events"));
    if let Some(act) = row.leaves {
        let left: Vec<&Item> = events.iter().filter(|event| text(event, "act") == act.as_str()).collect();
        wrongs.extend(ensure(left.len() == 1, "it is not there exactly once"));
        let quiet = matches!(
            act,
            Act::AddWorkPhotos | Act::AddFieldPhotos | Act::ChangePrivacy | Act::Correct | Act::Recall
        );
        let announced = announced(report);
        let told = |event: &&Item| announced.iter().any(|(_, id)| id == text(event, "id"));
        wrongs.extend(ensure(quiet || left.iter().all(told), "it is not announced"));
    }
    wrongs
}

/// Every row of a table that an expression selects.
fn scan(table: &str, filter: Option<(&str, &str)>) -> Vec<Item> {
    let mut scan = dynamodb().scan().table_name(stack().output(table)).consistent_read(true);
    if let Some((expression, value)) = filter {
        scan = scan
            .filter_expression(expression)
            .expression_attribute_values(":value", AttributeValue::S(value.to_owned()));
    }
    let mut found = Vec::new();
    let mut pages = scan.into_paginator().items().send();
    while let Some(item) = wait(pages.next()) {
        found.push(item.expect("a row"));
    }
    found
}

/// What belongs to nothing: of these reports, and of the vault as a whole.
pub(super) fn left_over(reports: &[Report]) -> Vec<String> {
    // The vault first: who reports meanwhile has a report by then.
    let identities: BTreeSet<String> =
        scan("VaultTable", None).iter().map(|row| text(row, "pk").to_owned()).collect();
    let snapshots: BTreeMap<String, Item> = scan("ReportsTable", Some(("sk = :value", "report")))
        .into_iter()
        .map(|item| (text(&item, "pk").to_owned(), item))
        .collect();
    let photos: BTreeMap<(String, String), Item> = scan("ReportsTable", Some(("kind = :value", "photo")))
        .into_iter()
        .map(|item| ((text(&item, "pk").to_owned(), text(&item, "photo").to_owned()), item))
        .collect();
    let tickets: BTreeSet<String> = reports.iter().map(bare).collect();
    let mut wrongs = Vec::new();
    for ticket in &identities {
        wrongs.extend(ensure(snapshots.contains_key(ticket), "an identity without a report"));
    }
    for ticket in &tickets {
        let Some(mut snapshot) = snapshots.get(ticket).cloned() else {
            wrongs.extend(wrong("a report that was acknowledged is not there"));
            continue;
        };
        let erased = group(&mut snapshot, "reporter").get("erased") == Some(&AttributeValue::Bool(true));
        let what = if erased { "an erased report has an identity" } else { "a report without its identity" };
        wrongs.extend(ensure(identities.contains(ticket) != erased, what));
    }
    wrongs.extend(pictures_left_over(&tickets, &photos));
    wrongs
}

fn pictures_left_over(tickets: &BTreeSet<String>, photos: &BTreeMap<(String, String), Item>) -> Vec<String> {
    let mut wrongs = Vec::new();
    let mut ours = BTreeSet::new();
    for (key, length) in objects("clean/").into_iter().chain(objects("incoming/")) {
        let parts: Vec<&str> = key.split('/').collect();
        let [place, half, ticket, name] = parts[..] else { panic!("an object in no place") };
        if !tickets.contains(ticket) {
            continue;
        }
        let id = (ticket.to_owned(), name.trim_end_matches(".jpg").to_owned());
        let Some(photo) = photos.get(&id) else {
            wrongs.push(format!("an object under {place}/{half} without a record"));
            continue;
        };
        let locked = photo["locked"] == AttributeValue::Bool(true);
        let state = text(photo, "state");
        // An upload stays until it is cleaned, and a day at most. A picture that is taken back while it is cleaned leaves nothing
        // in it: whoever cleans may not delete.
        let right = match (place, half) {
            ("incoming", _) => state == "pending",
            (_, "locked") => state == "ready" && text(photo, "photo_kind") == "reporter",
            (_, _) => state == "ready" && !locked,
        };
        wrongs.extend(ensure(
            right || (place == "clean" && length == 0),
            &format!("an object under {place}/{half} of a photo that is {state}"),
        ));
        if place == "clean" && length > 0 {
            ours.insert((id, half.to_owned()));
        }
    }
    for (id, photo) in
        photos.iter().filter(|(id, photo)| tickets.contains(&id.0) && text(photo, "state") == "ready")
    {
        let locked = photo["locked"] == AttributeValue::Bool(true);
        let has = |half: &str| ours.contains(&(id.clone(), half.to_owned()));
        let kept = text(photo, "photo_kind") != "reporter" || has("locked");
        wrongs.extend(ensure(kept && has("shown") != locked, "a photo that is ready without its picture"));
    }
    wrongs
}
