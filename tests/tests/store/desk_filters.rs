//! Lists of desks under filters, and of several desks at once: each line is found, once, in the order of a desk.

use crate::{
    city::{MORNING, at, at_once, code, received, unit},
    endpoint::client,
    tables::{City, Item, s},
};
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use domain::{
    area::AreaCode,
    desk::Desk,
    report::Report,
    ticket::Ticket,
    urgency::{Urgency, bucket, day},
};
use jiff::ToSpan;
use std::collections::BTreeSet;
use store::reports::{DESKS, DeskLine, DeskQuery};
use tests::{operator::wait, threads::in_parallel};

const UNITS: [&str; 3] = ["dinas-a", "sudin-a1", "sudin-a2"];
const CATEGORIES: [&str; 3] = ["jalan-berlubang", "banjir", "sampah"];
const AREAS: [Option<&str>; 4] = [Some("31.71.01"), Some("31.71.01.1001"), Some("31.71.02.1001"), None];
const DAYS: [i32; 4] = [-1, 0, 2, 9];

/// Areas of which one has reports.
const MANY_AREAS: [&str; 22] = [
    "a1",
    "a2",
    "a3",
    "a4",
    "a5",
    "a6",
    "a7",
    "a8",
    "a9",
    "b1",
    "b2",
    "b3",
    "b4",
    "b5",
    "b6",
    "b7",
    "b8",
    "b9",
    "c1",
    "c2",
    "c3",
    "31.71.01.1001",
];

/// What a filter can tell one report from another by.
type Traits = (usize, usize, usize, usize);

fn area(text: &str) -> AreaCode {
    AreaCode::parse(text).unwrap()
}

/// A report with these traits, on its unit's desk.
fn report(city: &City, (at_unit, category, in_area, days): Traits) -> Report {
    let (mut decision, photos) = received(0, Some(unit(UNITS[at_unit])), &at_once());
    decision.report.category = code(CATEGORIES[category]);
    decision.report.area = AREAS[in_area].map(area);
    let today = day(at(MORNING), &at_once().zone);
    decision.report.due_on = today.saturating_add(DAYS[days].days());
    city.submit(&decision, &photos);
    decision.report
}

fn every_trait() -> impl Iterator<Item = Traits> {
    (0..UNITS.len() * CATEGORIES.len() * AREAS.len() * DAYS.len())
        .map(|n| (n % 3, n / 3 % 3, n / 9 % 4, n / 36))
}

/// A query for these units, category, areas and urgency; an empty list of areas is none of them.
fn query(units: &[usize], category: Option<usize>, areas: Option<&[&str]>, days: Option<usize>) -> DeskQuery {
    let today = day(at(MORNING), &at_once().zone);
    DeskQuery {
        desks: units.iter().map(|n| Desk::Unit(code(UNITS[*n]))).collect(),
        category: category.map(|n| code(CATEGORIES[n])),
        urgency: days.map(|n| bucket(today.saturating_add(DAYS[n].days()), today)),
        areas: areas.map(|areas| areas.iter().copied().map(area).collect()),
        ..DeskQuery::of(Desk::Tiket)
    }
}

fn passes(query: &DeskQuery, (at_unit, category, in_area, days): Traits) -> bool {
    let today = day(at(MORNING), &at_once().zone);
    query.desks.contains(&Desk::Unit(code(UNITS[at_unit])))
        && query.category.as_ref().is_none_or(|wanted| wanted.as_str() == CATEGORIES[category])
        && query.urgency.is_none_or(|wanted| wanted == bucket(today.saturating_add(DAYS[days].days()), today))
        && query.areas.as_ref().is_none_or(|wanted| {
            AREAS[in_area].is_some_and(|area| wanted.iter().any(|wanted| wanted.as_str() == area))
        })
}

/// Every filter there is, alone and together, on one desk and on three.
fn queries() -> Vec<DeskQuery> {
    let units: [&[usize]; 3] = [&[1], &[0, 1, 2], &[2, 0]];
    let categories = [None, Some(0), Some(2)];
    let areas: [Option<&[&str]>; 5] = [
        None,
        Some(&["31.71.01.1001"]),
        Some(&["31.71.01", "31.71.01.1001", "31.71.09"]),
        Some(&["31.71.02.1001"]),
        // More than have lists of their own: looked for among the lines.
        Some(&MANY_AREAS),
    ];
    let days = [None, Some(0), Some(3)];
    let mut queries = Vec::new();
    for units in units {
        for category in categories {
            for areas in areas {
                queries.extend(days.map(|days| query(units, category, areas, days)));
            }
        }
    }
    queries
}

/// The lines of every page, first to last; no page is longer than asked for.
fn walked(city: &City, query: &DeskQuery, limit: u8) -> Vec<DeskLine> {
    let (mut lines, mut after) = (Vec::new(), None);
    for _ in 0..1000 {
        let page = wait(city.reports().desk(query, limit, after.as_deref(), |_| true)).unwrap();
        assert!(page.lines.len() <= usize::from(limit));
        lines.extend(page.lines);
        after = page.next;
        if after.is_none() {
            return lines;
        }
    }
    panic!("the pages have no end");
}

/// A desk's order: urgency as of the day of the reports, then ticket.
fn order(line: &DeskLine) -> (usize, Ticket) {
    let urgency = bucket(line.due_on, day(at(MORNING), &at_once().zone));
    (Urgency::ALL.iter().position(|one| *one == urgency).unwrap(), line.ticket.clone())
}

fn assert_whole(lines: &[DeskLine], expected: &BTreeSet<Ticket>, query: &DeskQuery) {
    assert!(lines.iter().map(order).is_sorted(), "{query:?}");
    assert_eq!(lines.len(), expected.len(), "{query:?}");
    assert_eq!(&lines.iter().map(|line| line.ticket.clone()).collect::<BTreeSet<_>>(), expected, "{query:?}");
}

#[test]
fn under_each_filter_every_line_of_the_desks_is_found_once_and_in_order() {
    let city = City::make();
    let reports = in_parallel(every_trait().collect(), |traits| (traits, report(&city, traits)));
    for query in queries() {
        let expected = reports.iter().filter(|(traits, _)| passes(&query, *traits));
        let expected = expected.map(|(_, report)| report.ticket.clone()).collect();
        for limit in [7, 100] {
            assert_whole(&walked(&city, &query, limit), &expected, &query);
        }
    }
}

/// One desk of 10,000: the items of some reports as the store wrote them, each again and again under other tickets.
#[test]
fn no_filter_ends_a_desk_of_10_000_early() {
    let city = City::make();
    let made = every_trait().filter(|(at_unit, ..)| *at_unit == 1).collect();
    let made = in_parallel(made, |traits| {
        let ticket = report(&city, traits).ticket;
        (
            traits,
            ticket.clone(),
            city.table.items(ticket.as_str()).into_iter().find(|item| item["sk"] == s("report")).unwrap(),
        )
    });
    let copies = (0..10_000 - made.len()).map(|n| {
        let (traits, ticket, item) = &made[n % made.len()];
        let copy = crate::city::ticket();
        (*traits, copy.clone(), renamed(item, ticket, &copy))
    });
    let copies: Vec<_> = copies.collect();
    let batches: Vec<Vec<Item>> =
        copies.chunks(25).map(|batch| batch.iter().map(|(.., item)| item.clone()).collect()).collect();
    in_parallel(batches, |items| put(&city.table.name, items));
    let all: Vec<(Traits, Ticket)> =
        made.into_iter().chain(copies).map(|(traits, ticket, _)| (traits, ticket)).collect();
    let queries = [
        query(&[1], None, None, None),
        query(&[1], Some(1), None, None),
        query(&[1], None, Some(&["31.71.02.1001"]), None),
        query(&[1], None, None, Some(3)),
        query(&[1], Some(0), Some(&["31.71.01", "31.71.01.1001"]), Some(0)),
        query(&[1], Some(2), Some(&["31.71.01.1001"]), None),
    ];
    in_parallel(queries.to_vec(), |query| {
        let expected =
            all.iter().filter(|(traits, _)| passes(&query, *traits)).map(|(_, ticket)| ticket.clone());
        assert_whole(&walked(&city, &query, 100), &expected.collect(), &query);
    });
}

/// The item of a report as that of another one: its ticket stands in the key, in its own attribute and in the orders of the indexes.
fn renamed(item: &Item, from: &Ticket, to: &Ticket) -> Item {
    let mut item = item.clone();
    for name in ["pk", "ticket", "desk_order", "pending_at"] {
        if let Some(value) = item.get_mut(name) {
            *value = s(value.as_s().unwrap().replace(from.as_str(), to.as_str()));
        }
    }
    item
}

fn put(table: &str, items: Vec<Item>) {
    let put = |item| {
        WriteRequest::builder()
            .put_request(PutRequest::builder().set_item(Some(item)).build().unwrap())
            .build()
    };
    let mut rest: Vec<WriteRequest> = items.into_iter().map(put).collect();
    while !rest.is_empty() {
        let written = wait(client().batch_write_item().request_items(table, rest).send()).unwrap();
        rest = written.unprocessed_items.unwrap_or_default().into_values().flatten().collect();
    }
}

#[test]
fn lines_that_may_not_be_seen_are_left_out_however_many_stand_before_those_that_may() {
    let city = City::make();
    let reports = in_parallel(every_trait().collect(), |traits| (traits, report(&city, traits)));
    let query = query(&[0, 1], None, None, None);
    // The last urgency alone: many lines stand before it.
    let is_visible = |line: &DeskLine| order(line).0 == 3;
    let (mut seen, mut after, mut hidden) = (BTreeSet::new(), None, 0);
    loop {
        let page = wait(city.reports().desk(&query, 4, after.as_deref(), is_visible)).unwrap();
        hidden += usize::from(page.is_hidden);
        seen.extend(page.lines.into_iter().map(|line| line.ticket));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let of_it = reports.iter().filter(|((at_unit, _, _, days), _)| *at_unit < 2 && DAYS[*days] == 9);
    assert_eq!(seen, of_it.map(|(_, report)| report.ticket.clone()).collect());
    assert!(hidden > 3, "pages without a line that may be seen say so");
    let empty = wait(city.reports().desk(&DeskQuery::of(Desk::Validasi), 4, None, |_| false)).unwrap();
    assert!(!empty.is_hidden && empty.next.is_none());
}

#[test]
fn a_report_leaves_every_list_of_a_desk_when_it_leaves_the_desk() {
    let city = City::make();
    let (mut decision, photos) = received(0, None, &at_once());
    decision.report.area = Some(area("31.71.01.1001"));
    city.submit(&decision, &photos);
    let report = city.report(&decision.report.ticket);
    let lists = |desk: Desk| {
        let whole = DeskQuery::of(desk);
        let by_category = DeskQuery { category: Some(report.category.clone()), ..whole.clone() };
        let by_area = DeskQuery { areas: Some(vec![area("31.71.01.1001")]), ..whole.clone() };
        [whole, by_category, by_area].map(|query| walked(&city, &query, 10).len())
    };
    assert_eq!(lists(Desk::Tiket), [1; 3]);
    let assigned = city.commit(&report, &crate::city::assign(&report, &at_once()));
    assert_eq!((lists(Desk::Tiket), lists(Desk::Unit(code("sudin-a1")))), ([0; 3], [1; 3]));
    let back = domain::command::Command::Return { reason: "Bukan kami".into() };
    let returned = crate::city::decided(&assigned, back, &crate::city::officer("sudin-a1"), &at_once());
    let returned = city.commit(&assigned, &returned);
    city.commit(&returned, &crate::city::reject(&returned, &at_once()));
    assert_eq!((lists(Desk::Tiket), lists(Desk::Unit(code("sudin-a1")))), ([0; 3], [0; 3]));
}

#[test]
fn more_desks_than_a_page_can_be_merged_of_are_refused() {
    let city = City::make();
    let many = |count: usize| DeskQuery {
        desks: (0..count).map(|n| Desk::Unit(code(&n.to_string()))).collect(),
        ..DeskQuery::of(Desk::Tiket)
    };
    assert!(wait(city.reports().desk(&many(DESKS), 10, None, |_| true)).is_ok());
    assert!(wait(city.reports().desk(&many(DESKS + 1), 10, None, |_| true)).is_err());
}

/// An index follows its table after a moment: a report that moved from one desk to another can stand in both.
#[test]
fn a_line_that_stands_in_two_lists_of_a_page_is_shown_once() {
    let city = City::make();
    let ticket = report(&city, (0, 0, 3, 0)).ticket;
    let item = city.table.items(ticket.as_str()).into_iter().find(|item| item["sk"] == s("report")).unwrap();
    let mut double = item.clone();
    double.insert("sk".into(), s("report-as-it-was"));
    double.insert("desk".into(), s(format!("unit:{}", UNITS[1])));
    city.table.put(double);
    for limit in [1, 10] {
        let tickets: Vec<_> = walked(&city, &query(&[0, 1], None, None, None), limit)
            .into_iter()
            .map(|line| line.ticket)
            .collect();
        assert_eq!(tickets, std::slice::from_ref(&ticket));
    }
}
