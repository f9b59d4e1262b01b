//! The access log: looks are put once, and found by report, hour and code.

use crate::{
    city::{at, code, event_id, fresh, photo_id, ticket},
    tables::{accesses, s},
};
use domain::{access_log::Looked, desk::Desk, ids::ViewCode, officer::Named, ticket::Ticket};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Failure,
    access_log::{Access, Entry, Hour, row},
    digest::first,
};
use tests::{operator::wait, threads};

fn look(moment: &str, unit: Option<&str>) -> Access {
    Access {
        id: event_id(),
        at: at(moment),
        officer: Named { id: "subject".into(), name: "Siti – Émile".into(), unit: unit.map(code) },
        looked_at: Looked::Report,
        photo: None,
        code: None,
        tickets: Vec::new(),
    }
}

/// So large that four are more than one answer of DynamoDB holds.
fn large(moment: &str, unit: Option<&str>) -> Access {
    let mut access = look(moment, unit);
    access.officer.name = "x".repeat(300_000);
    access
}

fn entries_of(log: &store::access_log::Accesses, hour: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    wait(log.of_hour(Hour::parse(hour).unwrap(), |entry| entries.push(entry))).unwrap();
    entries
}

#[test]
fn a_look_is_recorded_once_and_never_over_another() {
    let (log, table) = accesses();
    let ticket = ticket();
    let access = look("2026-11-23T21:59:59.5Z", Some("dinas-a"));
    assert_eq!(wait(log.record(&ticket, &access)), Ok(()));
    let other = Access {
        officer: Named { name: "Somebody else".into(), ..access.officer.clone() },
        ..access.clone()
    };
    assert_eq!(wait(log.record(&ticket, &other)), Err(Failure::Conflict));
    assert_eq!(wait(log.of_report(&ticket)), Ok(vec![access.clone()]));
    // The row is what is sealed.
    assert_eq!(table.items(ticket.as_str()), [row(ticket.as_str().to_owned(), &access).unwrap()]);
}

#[test]
fn of_ten_equal_looks_at_once_one_is_recorded() {
    let (log, _table) = accesses();
    let ticket = ticket();
    let access = look("2026-11-23T21:59:59.5Z", None);
    let ended = threads::at_once(vec![(); 10], |()| wait(log.record(&ticket, &access)));
    assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1);
    assert_eq!(wait(log.of_report(&ticket)).unwrap().len(), 1);
}

#[test]
fn the_looks_at_a_report_are_all_there_in_the_order_of_time() {
    let (log, table) = accesses();
    let [mine, other] = [ticket(), ticket()];
    let moments = (0..10).map(|n| format!("2026-11-23T{:02}:00:00.{n:09}Z", (n * 7) % 24));
    let mut given: Vec<_> = moments.map(|moment| large(&moment, Some("dinas-a"))).collect();
    for access in &given {
        wait(log.record(&mine, access)).unwrap();
    }
    wait(log.record(&other, &look("2026-11-23T00:00:00Z", None))).unwrap();
    assert!(table.breaks(mine.as_str()));
    given.sort_by_key(|access| access.at);
    assert_eq!(wait(log.of_report(&mine)), Ok(given));
    assert_eq!(wait(log.of_report(&crate::city::ticket())), Ok(Vec::new()));
}

#[test]
fn looks_are_counted_by_unit_beyond_a_page() {
    let (log, table) = accesses();
    let ticket = ticket();
    let units = [Some("dinas-a"), None, Some("sudin-a1"), Some("dinas-a"), None, Some("dinas-a"), None, None];
    for unit in units {
        wait(log.record(&ticket, &large("2026-11-23T00:00:00Z", unit))).unwrap();
    }
    // What is projected is small, but a page ends by what is read.
    assert!(table.breaks(ticket.as_str()));
    let expected = BTreeMap::from([(None, 4), (Some(code("dinas-a")), 3), (Some(code("sudin-a1")), 1)]);
    assert_eq!(wait(log.counts_of_report(&ticket)), Ok(expected));
    assert_eq!(wait(log.counts_of_report(&crate::city::ticket())), Ok(BTreeMap::new()));
}

#[test]
fn who_looks_without_end_is_counted_so_far_and_hides_nobody() {
    let (log, _table) = accesses();
    let ticket = ticket();
    let looks =
        [(None, 201), (Some("dinas-a"), 450), (Some("dinas-a-1"), 1), (Some("dinas-b"), 200), (Some("z"), 2)];
    let all: Vec<Access> = looks
        .iter()
        .flat_map(|(unit, count)| {
            (0..*count).map(|n| look(&format!("2026-11-23T00:{:02}:00Z", n % 60), *unit))
        })
        .collect();
    threads::in_parallel(all, |access| wait(log.record(&ticket, &access)).unwrap());
    let expected =
        [(None, 200), (Some("dinas-a"), 200), (Some("dinas-a-1"), 1), (Some("dinas-b"), 200), (Some("z"), 2)];
    let expected = expected.into_iter().map(|(unit, count)| (unit.map(code), count)).collect();
    assert_eq!(wait(log.counts_of_report(&ticket)), Ok(expected));
}

#[test]
fn the_newest_looks_of_every_unit_are_found_however_many_there_are() {
    let (log, _table) = accesses();
    let ticket = ticket();
    let newest: Vec<Access> = [None, Some("dinas-a"), Some("dinas-b")]
        .into_iter()
        .flat_map(|unit| (0..3).map(move |n| look(&format!("2026-11-24T00:00:0{n}Z"), unit)))
        .collect();
    let older = (0..150).map(|n| look(&format!("2026-11-23T{:02}:00:00Z", n % 24), Some("dinas-a")));
    threads::in_parallel(older.chain(newest.clone()).collect(), |access| {
        wait(log.record(&ticket, &access)).unwrap()
    });
    let found = wait(log.newest_of_report(&ticket)).unwrap();
    assert!(newest.iter().all(|look| found.contains(look)));
    assert_eq!(found.len(), 3 + 100 + 3);
}

#[test]
fn an_hour_has_every_look_of_it_whole_beyond_a_page_and_none_of_its_neighbours() {
    let (log, _table) = accesses();
    let mut expected = BTreeSet::new();
    for n in 0..8 {
        let access = large(&format!("2026-11-23T21:{:02}:59.999999999Z", n * 8), None);
        let partition = if n % 2 == 0 {
            let ticket = ticket();
            wait(log.record(&ticket, &access)).unwrap();
            ticket.as_str().to_owned()
        } else {
            wait(log.record_page(&Desk::Validasi, &access)).unwrap();
            "desk#validasi".to_owned()
        };
        expected.insert(Entry::of(&row(partition, &access).unwrap()).unwrap().bytes);
    }
    for neighbour in ["2026-11-23T20:59:59.999999999Z", "2026-11-23T22:00:00Z"] {
        wait(log.record(&ticket(), &look(neighbour, None))).unwrap();
    }
    let entries = entries_of(&log, "2026-11-23T21");
    assert_eq!(entries.len(), 8);
    // Byte for byte what was put: the seal is over these.
    assert_eq!(entries.into_iter().map(|entry| entry.bytes).collect::<BTreeSet<_>>(), expected);
    for (hour, has) in [("2026-11-23T19", false), ("2026-11-23T20", true), ("2026-11-23T22", true)] {
        assert_eq!(wait(log.has(Hour::parse(hour).unwrap())), Ok(has), "{hour}");
        assert_eq!(entries_of(&log, hour).len(), usize::from(has));
    }
}

#[test]
fn an_audit_reads_the_whole_table() {
    let (log, table) = accesses();
    let mut ids = BTreeSet::new();
    for _ in 0..6 {
        let access = large("2026-11-23T21:00:00Z", None);
        ids.insert(access.id.as_str().to_owned());
        wait(log.record(&ticket(), &access)).unwrap();
    }
    // In no hour, and so in no index.
    let stray = [("pk".into(), s("stray")), ("sk".into(), s("STRAY"))];
    table.put(stray.into());
    ids.insert("STRAY".into());
    let mut found = Vec::new();
    wait(log.all(|entry| found.push(entry.id))).unwrap();
    assert_eq!((found.len(), found.into_iter().collect::<BTreeSet<_>>()), (7, ids));
}

#[test]
fn a_code_leads_to_its_looks_and_to_no_other() {
    let (log, table) = accesses();
    let [mine, other] = [(); 2].map(|()| ViewCode::from_bytes(&first(&fresh())));
    let shown = |moment: &str, code: &ViewCode, ticket: &Ticket| {
        let look = look(moment, Some("dinas-a"));
        let access =
            Access { looked_at: Looked::Photo, photo: Some(photo_id()), code: Some(code.clone()), ..look };
        wait(log.record(ticket, &access)).unwrap();
        access
    };
    let tickets = [ticket(), ticket()];
    // The same code twice is as good as impossible, and must then lead to both.
    let later = shown("2026-11-23T22:00:00Z", &mine, &tickets[0]);
    let earlier = shown("2026-11-23T21:00:00Z", &mine, &tickets[1]);
    shown("2026-11-23T20:00:00Z", &other, &tickets[0]);
    wait(log.record(&tickets[0], &look("2026-11-23T19:00:00Z", None))).unwrap();
    let traces = wait(log.of_code(&mine)).unwrap();
    let found: Vec<_> = traces.iter().map(|trace| (trace.ticket.clone(), trace.access.clone())).collect();
    let [first_ticket, second_ticket] = tickets.clone().map(Some);
    assert_eq!(found, [(second_ticket, Some(earlier)), (first_ticket, Some(later.clone()))]);
    // The index knows no more than keys, so the whole row is read for the seal.
    let whole = row(tickets[0].as_str().to_owned(), &later).unwrap();
    assert_eq!(traces[1].entry, Entry::of(&whole).unwrap());
    table.clear(tickets[1].as_str());
    assert_eq!(wait(log.of_code(&mine)).unwrap().len(), 1);
}
