//! What a closed or moved unit means for its reports: who takes over, which reports they are, and how these come before `release`.

use crate::{
    city::{assign, at, at_once, at_ten, code, received, reject, unit},
    tables::{City, Item, registry, s},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{status::Status, unit::Unit, unit_change::UnitChange};
use store::reports::Due;
use tests::operator::wait;

const NOW: &str = "2026-11-23T03:00:00Z";

fn row(path: &[&str], state: &str) -> Item {
    let codes = path.iter().map(|code| s(*code)).collect();
    let key = format!("unit#{}", path[0]);
    let row =
        [("pk", s(&key)), ("code", s(path[0])), ("path", AttributeValue::L(codes)), ("state", s(state))];
    row.map(|(name, value)| (name.to_owned(), value)).into()
}

fn path(codes: &[&str]) -> Unit {
    Unit { code: code(codes[0]), path: codes.iter().map(|text| code(text)).collect() }
}

#[test]
fn the_nearest_active_unit_above_a_closed_one_takes_over() {
    let (registry, table) = registry();
    let held = path(&["kelurahan-a", "kecamatan-a", "kota-a"]);
    let change = |registry: &store::registry::Registry| wait(registry.unit_change(&held, at(NOW))).unwrap();
    table.put(row(&["kelurahan-a", "kecamatan-a", "kota-a"], "closed"));
    table.put(row(&["kecamatan-a", "kota-a"], "closed"));
    table.put(row(&["kota-a"], "active"));
    table.put(row(&["sudin-a1", "dinas-b"], "active"));
    table.put(row(&["lama"], "closed"));
    assert_eq!(change(&registry), Some(UnitChange::Closed { heir: Some(path(&["kota-a"])) }));
    let unit_change = |held: &Unit| wait(registry.unit_change(held, at(NOW))).unwrap();
    assert_eq!(unit_change(&path(&["lama"])), Some(UnitChange::Closed { heir: None }));
    assert_eq!(unit_change(&unit("sudin-a1")), Some(UnitChange::Moved(path(&["sudin-a1", "dinas-b"]))));
    assert_eq!(unit_change(&path(&["sudin-a1", "dinas-b"])), None);
    assert_eq!(unit_change(&path(&["unknown"])), None);
}

#[test]
fn the_reports_of_a_unit_are_found_on_desks_and_where_they_wait() {
    let city = City::make();
    let of = |unit_code: &str| wait(city.reports().of_units(&[code(unit_code)].into())).unwrap();
    // Listed on the unit's desk, in work, and waiting for its slot.
    let listed = city.submitted(Some(unit("sudin-a1")), &at_once());
    let (in_work, _) = city.in_work();
    let (waits, photos) = received(0, Some(unit("sudin-a1")), &at_ten());
    city.submit(&waits, &photos);
    // Not the unit's: on the ticket desk, at another unit, closed.
    let other = city.submitted(Some(unit("sudin-a2")), &at_once());
    city.submitted(None, &at_once());
    let closed = city.submitted(None, &at_once());
    city.commit(&closed, &reject(&closed, &at_once()));
    let found = of("sudin-a1");
    let mut expected = [&listed.ticket, &in_work.ticket, &waits.report.ticket];
    expected.sort();
    assert_eq!(found.iter().map(|report| &report.ticket).collect::<Vec<_>>(), expected);
    assert!(found.iter().all(|report| report.unit == Some(unit("sudin-a1"))));
    assert_eq!(of("sudin-a2").iter().map(|report| &report.ticket).collect::<Vec<_>>(), [&other.ticket]);
    let waiting = found.iter().find(|report| report.ticket == waits.report.ticket).unwrap();
    assert_eq!(waiting.status, Status::Koordinasi);
}

#[test]
fn a_report_that_is_made_due_is_found_by_release_and_a_closed_one_is_not() {
    let city = City::make();
    let report = city.submitted(None, &at_once());
    city.commit(&report, &assign(&report, &at_ten()));
    let due = || wait(city.reports().due(at("2026-11-23T01:31:00Z"), 10)).unwrap();
    assert_eq!(due(), []);
    wait(city.reports().make_due(&report.ticket, at("2026-11-23T01:31:00Z"))).unwrap();
    assert_eq!(due(), [Due::Report(report.ticket.clone())]);
    let closed = city.submitted(None, &at_once());
    city.commit(&closed, &reject(&closed, &at_once()));
    wait(city.reports().make_due(&closed.ticket, at("2026-11-23T01:31:00Z"))).unwrap();
    assert_eq!(due(), [Due::Report(report.ticket)]);
}
