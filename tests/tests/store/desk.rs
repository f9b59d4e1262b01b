//! The desk's index: what lies on a desk, in its order, page by page.

use crate::{
    city::{MORNING, assign, at, at_once, at_ten, received, reject, unit},
    clock,
    endpoint::client,
    tables::{City, names, s},
};
use domain::{desk::Desk, report::Report, status::Status, ticket::Ticket};
use jiff::ToSpan;
use std::collections::BTreeSet;
use store::reports::{DeskQuery, Page};
use tests::operator::wait;

/// A page as an officer of the bureau gets it.
fn listed(city: &City, query: &DeskQuery, limit: u8, after: Option<&str>) -> Page {
    wait(city.reports().desk(query, limit, after, |_| true)).unwrap()
}

fn sudin() -> Desk {
    Desk::Unit(crate::city::code("sudin-a1"))
}

/// The pages of a desk, each as its tickets.
fn pages(city: &City, desk: &Desk, limit: u8) -> Vec<Vec<Ticket>> {
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = listed(city, &DeskQuery::of(desk.clone()), limit, after.as_deref());
        assert!(page.lines.len() <= usize::from(limit));
        pages.push(page.lines.into_iter().map(|line| line.ticket).collect());
        assert!(pages.len() < 100);
        after = page.next;
        if after.is_none() {
            return pages;
        }
    }
}

fn whole(city: &City, desk: &Desk) -> Vec<Ticket> {
    pages(city, desk, 100).concat()
}

/// Puts a report on the ticket desk that is due in so many days.
fn due_in(city: &City, days: i32) -> Report {
    let (mut decision, photos) = received(0, None, &at_once());
    let today = at(MORNING).to_zoned_datetime(at_once().zone).date();
    decision.report.due_on = today.saturating_add(days.days());
    city.submit(&decision, &photos);
    decision.report
}

#[test]
fn a_desk_is_ordered_by_urgency_and_then_by_ticket() {
    let city = City::make();
    let days = [7, 0, -1, 3, 4, 1, -9, 0, 2, 30, -1, 5];
    let reports = days.map(|days| (days, due_in(&city, days)));
    let mut expected: Vec<_> = reports.iter().collect();
    let bucket = |days: i32| match days {
        i32::MIN..=-1 => 0,
        0 => 1,
        1..=3 => 2,
        4.. => 3,
    };
    expected.sort_by_key(|(days, report)| (bucket(*days), report.ticket.as_str().to_owned()));
    let expected: Vec<_> = expected.into_iter().map(|(_, report)| report.ticket.clone()).collect();
    assert_eq!(whole(&city, &Desk::Tiket), expected);
    // The same in pages, none longer than was asked for, and none lost or doubled between two of them.
    for limit in [1, 5, 6, 11, 12, 13] {
        let pages = pages(&city, &Desk::Tiket, limit);
        assert_eq!(pages.concat(), expected);
        assert_eq!(pages[0].len(), expected.len().min(usize::from(limit)));
    }
}

#[test]
fn a_page_goes_on_where_its_last_report_lay_although_it_has_left() {
    let city = City::make();
    let reports = [(); 6].map(|()| due_in(&city, 7));
    let order = whole(&city, &Desk::Tiket);
    let page = listed(&city, &DeskQuery::of(Desk::Tiket), 3, None);
    let last = page.lines.last().unwrap().ticket.clone();
    assert_eq!(last, order[2]);
    let report = reports.into_iter().find(|report| report.ticket == last).unwrap();
    city.commit(&report, &reject(&report, &at_once()));
    let next = listed(&city, &DeskQuery::of(Desk::Tiket), 3, page.next.as_deref());
    let tickets: Vec<_> = next.lines.into_iter().map(|line| line.ticket).collect();
    assert_eq!(tickets, order[3..]);
    // And a report that came meanwhile is found behind it or before it, but nothing is shown twice.
    let now = whole(&city, &Desk::Tiket);
    assert_eq!(now.iter().collect::<BTreeSet<_>>().len(), 5);
}

#[test]
fn a_report_is_on_no_list_before_its_release_and_on_its_unit_s_after() {
    let city = City::make();
    let (decision, photos) = received(0, Some(unit("sudin-a1")), &at_ten());
    let ticket = decision.report.ticket.clone();
    city.submit(&decision, &photos);
    let lists = || [sudin(), Desk::Tiket, Desk::Validasi, Desk::Verifikasi].map(|desk| whole(&city, &desk));
    assert_eq!(lists(), [const { Vec::new() }; 4]);
    let ten = at("2026-11-23T03:00:00Z");
    let mut released = decision.report.clone();
    let effects = clock::due(&mut released, ten, &at_ten());
    assert_eq!(wait(city.reports().release(&decision.report, &released, &effects, ten)), Ok(true));
    assert_eq!(lists(), [vec![ticket], Vec::new(), Vec::new(), Vec::new()]);
}

#[test]
fn a_report_lies_on_one_desk_and_closed_on_none() {
    let city = City::make();
    let [first, second] = [(); 2].map(|()| city.submitted(None, &at_once()));
    assert_eq!(whole(&city, &Desk::Tiket).len(), 2);
    let assigned = city.commit(&first, &assign(&first, &at_once()));
    assert_eq!(whole(&city, &Desk::Tiket), std::slice::from_ref(&second.ticket));
    assert_eq!(whole(&city, &sudin()), std::slice::from_ref(&first.ticket));
    // Its parent's desk is another one.
    assert_eq!(whole(&city, &Desk::Unit(crate::city::code("dinas-a"))), []);
    let back = domain::command::Command::Return { reason: "Bukan kami".into() };
    let officer = crate::city::officer("sudin-a1");
    city.commit(&assigned, &crate::city::decided(&assigned, back, &officer, &at_once()));
    assert_eq!(whole(&city, &sudin()), []);
    city.commit(&second, &reject(&second, &at_once()));
    assert_eq!(whole(&city, &Desk::Tiket), [first.ticket]);
}

#[test]
fn a_line_is_the_report_s_own_and_the_index_carries_nothing_more() {
    let city = City::make();
    let report = city.submitted(Some(unit("sudin-a1")), &at_once());
    let page = listed(&city, &DeskQuery::of(sudin()), 10, None);
    let [line] = &page.lines[..] else { panic!("not one") };
    assert_eq!(
        (&line.ticket, &line.category, line.status, line.privacy, &line.place, line.due_on, &line.unit),
        (
            &report.ticket,
            &report.category,
            Status::Koordinasi,
            report.privacy,
            &report.place,
            report.due_on,
            &report.unit
        )
    );
    let query = client().query().table_name(&city.table.name).index_name("desk");
    let query = query.key_condition_expression("desk = :desk");
    let found = wait(query.expression_attribute_values(":desk", s(sudin().to_string())).send()).unwrap();
    let carried = [
        "category",
        "desk",
        "desk_order",
        "due_on",
        "pk",
        "place",
        "privacy",
        "sk",
        "status",
        "ticket",
        "unit",
    ];
    assert_eq!(names(&found.items()[0]), carried);
}

#[test]
fn a_desk_that_never_had_anything_is_empty_also_behind_a_page() {
    let city = City::make();
    let report = city.submitted(None, &at_once());
    assert_eq!(pages(&city, &Desk::Validasi, 10), [const { Vec::new() }; 1]);
    // What is no place on a desk is the beginning.
    for nonsense in ["", "3", "3#", "#", "nonsense"] {
        let page = listed(&city, &DeskQuery::of(Desk::Tiket), 10, Some(nonsense));
        assert_eq!(page.lines.len(), 1);
    }
    let behind = format!("9#{}", report.ticket.as_str());
    assert!(listed(&city, &DeskQuery::of(Desk::Tiket), 10, Some(&behind)).lines.is_empty());
}
