//! Whether what was acknowledged is there, once, and what must have been announced of it.

use crate::{
    clock::pause,
    log::{Act, End, Known, Lived},
    post::Name,
};
use ::tests::{
    operator::{self, Item, wait},
    stack::stack,
    threads::in_parallel,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// How often a report is looked at whose photos are still being cleaned, and how long after one another.
const LOOKS: u32 = 120;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// What was found of a loop's reports.
#[derive(Default)]
pub(crate) struct Kept {
    /// Reports whose submission was acknowledged.
    pub(crate) reports: usize,
    /// Acts that were acknowledged, submissions among them.
    pub(crate) acts: usize,
    /// Events found in the table.
    pub(crate) events: usize,
    /// Acts that perhaps were done, since their last answer was a 503 or none.
    pub(crate) uncertain: usize,
    /// What was acknowledged and is not there, in words.
    pub(crate) lost: Vec<String>,
    /// What is there more often than it was done, in words.
    pub(crate) doubled: Vec<String>,
    /// What must have been announced, and when its act was acknowledged.
    pub(crate) announced: Vec<(Name, Instant)>,
}

/// Looks at every report of these lives, as an operator.
pub(crate) fn look(lives: &[Lived]) -> Kept {
    let known: Vec<&Lived> = lives.iter().filter(|life| !life.known.ticket.is_empty()).collect();
    let found = in_parallel(known, |life| look_at(&life.known, life.end));
    let mut all = Kept {
        // A submission whose answer never came is of a report that nobody knows.
        uncertain: lives
            .iter()
            .filter(|life| life.known.ticket.is_empty())
            .map(|life| life.known.uncertain)
            .sum(),
        ..Kept::default()
    };
    for one in found {
        all.reports += one.reports;
        all.acts += one.acts;
        all.events += one.events;
        all.uncertain += one.uncertain;
        all.lost.extend(one.lost);
        all.doubled.extend(one.doubled);
        all.announced.extend(one.announced);
    }
    all
}

fn look_at(known: &Known, end: End) -> Kept {
    let mut items = operator::items_of(&known.ticket);
    for _ in 0..LOOKS {
        // Of a life that ended early perhaps no upload came.
        if end != End::Whole || of_kind(&items, "photo").all(|photo| text(photo, "state") != "pending") {
            break;
        }
        pause(BETWEEN_LOOKS);
        items = operator::items_of(&known.ticket);
    }
    let mut kept = compare(known, end, &items);
    if !has_identity(&known.ticket) {
        kept.lost.push(format!("the identity of {}", known.ticket));
    }
    kept
}

/// What was acknowledged against what is stored.
fn compare(known: &Known, end: End, items: &[Item]) -> Kept {
    let ticket = &known.ticket;
    let events: Vec<&Item> = of_kind(items, "event").collect();
    let mut kept = Kept {
        reports: 1,
        acts: known.acts.len(),
        events: events.len(),
        uncertain: known.uncertain,
        ..Kept::default()
    };
    for act in &known.acts {
        match events.iter().filter(|event| is_of(event, act)).count() {
            0 => kept.lost.push(format!("{} of {ticket}", act.act)),
            1 => {}
            // Declarations of photos say no version: they are counted below.
            _ if act.version.is_none() && act.act != "submit" => {}
            _ => kept.doubled.push(format!("{} of {ticket}", act.act)),
        }
        let id = events.iter().find(|event| is_of(event, act)).map(|event| text(event, "id").to_owned());
        let names = act.topics.iter().filter_map(|topic| Some(((id.clone()?, topic.clone()), act.at)));
        kept.announced.extend(names);
    }
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    for act in &known.acts {
        *done.entry(act.act).or_default() += 1;
    }
    for (act, times) in done {
        let there = events.iter().filter(|event| text(event, "act") == act).count();
        if there < times {
            kept.lost.push(format!("{act} of {ticket}: {there} of {times}"));
        } else if there > times + known.uncertain {
            kept.doubled.push(format!("{act} of {ticket}: {there} for {times}"));
        }
    }
    if events.len() > known.acts.len() + known.uncertain {
        kept.doubled.push(format!("{ticket} has {} events for {} acts", events.len(), known.acts.len()));
    }
    let numbers: BTreeSet<&str> =
        events.iter().filter_map(|event| event["number"].as_n().ok()).map(String::as_str).collect();
    if numbers.len() != events.len() {
        kept.doubled.push(format!("{ticket} has two events of one number"));
    }
    let Some(snapshot) = of_kind(items, "report").next() else {
        kept.lost.push(format!("the report {ticket}"));
        return kept;
    };
    if known.uncertain == 0 && text(snapshot, "status") != known.status {
        kept.lost.push(format!(
            "{ticket} is {}, and was said to be {}",
            text(snapshot, "status"),
            known.status
        ));
    }
    for photo in &known.photos {
        let found = of_kind(items, "photo").find(|item| text(item, "photo") == photo);
        let state = found.map_or("gone", |photo| text(photo, "state"));
        let must_be_ready = end == End::Whole || known.ready.contains(photo);
        if found.is_none() || (must_be_ready && state != "ready") {
            kept.lost.push(format!("a photo of {ticket} is {state}"));
        }
    }
    kept
}

fn is_of(event: &Item, act: &Act) -> bool {
    text(event, "act") == act.act
        && act.version.as_ref().is_none_or(|version| text(event, "version") == version)
}

fn of_kind<'a>(items: &'a [Item], kind: &'a str) -> impl Iterator<Item = &'a Item> {
    items.iter().filter(move |item| text(item, "kind") == kind)
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

fn has_identity(ticket: &str) -> bool {
    let key = aws_sdk_dynamodb::types::AttributeValue::S(ticket.replace('-', ""));
    let row = operator::dynamodb().get_item().table_name(stack().output("VaultTable")).key("pk", key);
    wait(row.send()).expect("the vault").item.is_some()
}

/// How many reports there are in all: a submission that was stored twice, under whatever ticket, is one too many.
pub(crate) fn reports_in_all() -> usize {
    let mut pages = operator::dynamodb()
        .scan()
        .table_name(stack().output("ReportsTable"))
        .consistent_read(true)
        .select(aws_sdk_dynamodb::types::Select::Count)
        .filter_expression("sk = :report")
        .expression_attribute_values(
            ":report",
            aws_sdk_dynamodb::types::AttributeValue::S("report".to_owned()),
        )
        .into_paginator()
        .send();
    let mut count = 0;
    while let Some(page) = wait(pages.next()) {
        count += usize::try_from(page.expect("a page").count).expect("a count");
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::now;
    use aws_sdk_dynamodb::types::AttributeValue;

    fn item(kind: &str, texts: &[(&str, &str)]) -> Item {
        let texts = texts.iter().copied().chain([("kind", kind)]);
        texts.map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned()))).collect()
    }

    fn event(act: &str, number: u32, version: &str) -> Item {
        let mut event = item("event", &[("act", act), ("version", version), ("id", &format!("id{number}"))]);
        event.insert("number".to_owned(), AttributeValue::N(number.to_string()));
        event
    }

    fn act(act: &'static str, version: Option<&str>) -> Act {
        let topics = vec!["reporter".to_owned()];
        Act { act, version: version.map(ToOwned::to_owned), at: now(), topics }
    }

    /// A report that was submitted, accepted and given a photo.
    fn known() -> Known {
        Known {
            ticket: "T".to_owned(),
            acts: vec![act("submit", None), act("accept", Some("v2")), act("add_work_photos", None)],
            photos: vec!["p".to_owned()],
            ready: vec!["p".to_owned()],
            status: "proses".to_owned(),
            ..Known::default()
        }
    }

    fn stored() -> Vec<Item> {
        vec![
            item("report", &[("status", "proses")]),
            event("submit", 1, "v1"),
            event("accept", 2, "v2"),
            event("add_work_photos", 3, "v3"),
            item("photo", &[("photo", "p"), ("state", "ready")]),
        ]
    }

    fn faults(known: &Known, items: &[Item]) -> (usize, usize) {
        let kept = compare(known, End::Whole, items);
        (kept.lost.len(), kept.doubled.len())
    }

    #[test]
    fn what_is_there_once_is_neither_lost_nor_doubled_and_is_to_be_announced() {
        let kept = compare(&known(), End::Whole, &stored());
        assert_eq!((kept.acts, kept.events), (3, 3));
        assert_eq!((kept.lost, kept.doubled), (Vec::<String>::new(), Vec::<String>::new()));
        let names: Vec<&str> = kept.announced.iter().map(|((id, _), _)| id.as_str()).collect();
        assert_eq!(names, ["id1", "id2", "id3"]);
    }

    #[test]
    fn every_item_that_is_missing_is_missed() {
        for gone in 0..stored().len() {
            let mut items = stored();
            items.remove(gone);
            assert!(faults(&known(), &items).0 > 0, "{gone}");
        }
    }

    #[test]
    fn an_event_of_another_version_is_not_the_one_that_was_acknowledged() {
        let mut items = stored();
        items[2] = event("accept", 2, "v9");
        assert!(faults(&known(), &items).0 > 0);
    }

    #[test]
    fn every_event_that_is_there_twice_is_seen_unless_it_perhaps_was_done() {
        for twice in 1..4 {
            let mut items = stored();
            let mut copy = items[twice].clone();
            copy.insert("number".to_owned(), AttributeValue::N("4".to_owned()));
            copy.insert("version".to_owned(), AttributeValue::S("v4".to_owned()));
            items.push(copy);
            assert!(faults(&known(), &items).1 > 0, "{twice}");
        }
        let mut items = stored();
        items.push(event("post_tl", 4, "v4"));
        assert!(faults(&known(), &items).1 > 0);
        assert_eq!(faults(&Known { uncertain: 1, ..known() }, &items), (0, 0));
    }

    #[test]
    fn another_status_and_a_photo_that_is_not_ready_are_seen() {
        let mut items = stored();
        items[0] = item("report", &[("status", "koordinasi")]);
        assert_eq!(faults(&known(), &items), (1, 0));
        let mut items = stored();
        items[4] = item("photo", &[("photo", "p"), ("state", "pending")]);
        assert_eq!(faults(&known(), &items), (1, 0));
    }
}
