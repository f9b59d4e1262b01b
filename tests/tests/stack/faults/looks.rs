//! Looks: a look without a response is repeated, and no successful response is sent without a record in the access log.

use super::{
    checks::{bare, ensure, text, wrong},
    scenario::{Row, Scenario},
};
use crate::duplicates::{Place, body as body_at};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::status::Status;
use serde_json::Value;
use std::{collections::BTreeSet, sync::LazyLock};
use tests::{
    http::{Call, fresh_key},
    life::{self, Report},
    officers,
    operator::{Item, dynamodb, wait},
    runtime::{Event, Reply},
    stack::stack,
};

pub(super) const ROWS: &[Row] = &[
    Row::asked("see a desk", "read", "GET /v1/desk", desk),
    Row::asked("see a desk by category", "read", "GET /v1/desk", desk_by_category),
    Row::asked("see desks by area, those below too", "read", "GET /v1/desk", desks_by_area),
    Row::asked("see a report", "read", "GET /v1/reports/{ticket}", report),
    Row::asked("see who looked", "read", "GET /v1/reports/{ticket}/accesses", accesses),
    Row::asked("see similar reports", "read", "GET /v1/reports/{ticket}/similar", similar),
    Row::asked("see a photo", "view", "GET /v1/reports/{ticket}/photos/{photo}", photo),
    Row::asked("follow a report", "track", "GET /v1/track/{ticket}", follow),
    Row::asked("see what the city has to choose from", "city", "GET /v1/city", city),
    Row::asked("see which areas the city has", "city", "GET /v1/city", areas),
    Row::asked("see outlines of the city's areas", "city", "GET /v1/city", outlines),
];

/// One report for all, with a photo of the unit's.
static REPORT: LazyLock<(Report, String)> = LazyLock::new(|| {
    let report = life::in_status(Status::Proses, &life::body());
    let photo = report.add_photos(officers::UNIT, &["before"]).remove(0);
    report.seen_by(officers::UNIT).expect(200);
    (report, photo)
});

/// The looks in a partition of the log by somebody who looks nowhere else.
fn looks(partition: &str, officer: &str) -> Vec<Item> {
    let query = dynamodb()
        .query()
        .table_name(stack().output("AccessesTable"))
        .consistent_read(true)
        .key_condition_expression("pk = :pk")
        .filter_expression("officer.id = :officer")
        .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
        .expression_attribute_values(":officer", AttributeValue::S(officer.to_owned()));
    let mut pages = query.into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(item) = wait(pages.next()) {
        found.push(item.expect("a look"));
    }
    found
}

fn body(reply: &Reply) -> Value {
    serde_json::from_str(reply.value["body"].as_str().unwrap_or_default()).unwrap_or_default()
}

/// An officer of the unit whom the log knows from all others.
fn looked(
    route: &str,
    photo: &str,
    partition: String,
    more: impl Fn(&Value, &[Item]) -> Vec<String> + Send + 'static,
) -> Scenario {
    looked_by(officers::UNIT, route, photo, partition, more)
}

fn looked_by(
    who: &str,
    route: &str,
    photo: &str,
    partition: String,
    more: impl Fn(&Value, &[Item]) -> Vec<String> + Send + 'static,
) -> Scenario {
    let officer = fresh_key();
    let parameters = [("ticket", REPORT.0.ticket.as_str()), ("photo", photo)];
    let (route, query) = route.split_once('?').unwrap_or((route, ""));
    let event = Event::new(route, &parameters).query(query).by(who).claim("sub", &officer);
    Scenario::look(&event, move |good| {
        let looks = looks(&partition, &officer);
        let mut wrongs = ensure(looks.len() >= good.len(), "an answer was given without a record");
        wrongs.extend(good.iter().flat_map(|reply| more(&body(reply), &looks)));
        wrongs
    })
}

fn desk() -> Scenario {
    page("GET /v1/desk", false)
}

fn desk_by_category() -> Scenario {
    page("GET /v1/desk?category=jalan-berlubang", false)
}

/// Reports of these tests lie in no area.
fn desks_by_area() -> Scenario {
    page("GET /v1/desk?below=true&area=31.71", true)
}

fn page(route: &str, may_be_empty: bool) -> Scenario {
    let partition = format!("desk#unit:{}", officers::UNIT_CODE);
    looked(route, "", partition, move |page, looks| {
        let tickets: BTreeSet<String> = page["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|line| line["ticket"].as_str().unwrap().replace('-', ""))
            .collect();
        let recorded = |look: &Item| -> BTreeSet<String> {
            let tickets = look.get("tickets").and_then(|tickets| tickets.as_l().ok()).into_iter().flatten();
            tickets.map(|ticket| ticket.as_s().unwrap().replace('-', "")).collect()
        };
        let mut wrongs = ensure(may_be_empty || !tickets.is_empty(), "the desk is empty");
        wrongs
            .extend(ensure(looks.iter().any(|look| recorded(look) == tickets), "the page is not on record"));
        wrongs
    })
}

fn report() -> Scenario {
    looked("GET /v1/reports/{ticket}", "", bare(&REPORT.0), |seen, _| {
        ensure(seen["ticket"] == REPORT.0.ticket.as_str(), "another report")
    })
}

fn accesses() -> Scenario {
    let route = "GET /v1/reports/{ticket}/accesses";
    looked_by(officers::ADMINISTRATOR, route, "", bare(&REPORT.0), |answer, _| {
        let told = answer["items"].as_array().is_some_and(|items| !items.is_empty());
        ensure(told, "nobody is said to have looked")
    })
}

/// A report and another one like it, both on the ticket desk.
static SIMILAR: LazyLock<(Report, Report)> = LazyLock::new(|| {
    let body = body_at(Place::new().at(0.0, 0.0), "Jalan berlubang di depan pasar");
    (life::submit(&body).0, life::submit(&body).0)
});

fn similar() -> Scenario {
    let (report, other) = &*SIMILAR;
    let officer = fresh_key();
    let event = Event::new("GET /v1/reports/{ticket}/similar", &[("ticket", &report.ticket)]);
    let event = event.by(officers::TIKET).claim("sub", &officer);
    Scenario::look(&event, move |good| {
        let mut wrongs = Vec::new();
        for at in [report, other] {
            let looks = looks(&bare(at), &officer);
            wrongs.extend(ensure(looks.len() >= good.len(), "a report was named without a record"));
        }
        let names = |reply: &Reply| body(reply)["items"][0]["ticket"] == other.ticket.as_str();
        wrongs.extend(ensure(good.iter().all(names), "another report"));
        wrongs
    })
}

fn photo() -> Scenario {
    let (report, photo) = &*REPORT;
    looked("GET /v1/reports/{ticket}/photos/{photo}", photo, bare(report), |answer, looks| {
        let Some(url) = answer["url"].as_str() else { return wrong("no URL") };
        let copy = Call::url("GET", url).send();
        let mut wrongs = ensure(copy.status == 200 && !copy.bytes.is_empty(), "the copy cannot be had");
        // It lies under the record's id, and carries its code.
        let recorded = looks.iter().any(|look| url.contains(text(look, "id")) && look.contains_key("code"));
        wrongs.extend(ensure(recorded, "the copy is not on record"));
        wrongs
    })
}

fn city() -> Scenario {
    Scenario::look(&Event::new("GET /v1/city", &[]), |good| {
        let told = |reply: &Reply| body(reply)["categories"].as_array().is_some_and(|all| !all.is_empty());
        ensure(good.iter().all(told), "a city without categories")
    })
}

fn areas() -> Scenario {
    Scenario::look(&Event::new("GET /v1/city", &[]).query("areas_of="), |good| {
        let told = |reply: &Reply| body(reply)["areas"].as_array().is_some_and(|all| !all.is_empty());
        ensure(good.iter().all(told), "a city without areas")
    })
}

fn outlines() -> Scenario {
    Scenario::look(&Event::new("GET /v1/city", &[]).query("outlines_at=-6.19%2C106.83"), |good| {
        let told = |reply: &Reply| body(reply)["features"].as_array().is_some_and(|all| !all.is_empty());
        ensure(good.iter().all(told), "a city without outlines")
    })
}

fn follow() -> Scenario {
    let report = &REPORT.0;
    let event = Event::new("GET /v1/track/{ticket}", &[("ticket", &report.ticket)]);
    Scenario::look(&event.header("report-secret", &report.secret), |good| {
        ensure(good.iter().all(|reply| body(reply)["status"] == "proses"), "another report")
    })
}
