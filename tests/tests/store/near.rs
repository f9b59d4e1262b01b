//! The index of what is open near a place.

use crate::{
    city::{at_once, at_ten, code, received, reject, unit},
    endpoint::client,
    tables::{City, names, s},
};
use domain::{
    location::{Place, Point},
    report::Report,
};
use tests::operator::wait;

/// A report from there; one with a unit and slots waits for its release.
fn from(city: &City, point: Option<(f64, f64)>, group: Option<&str>) -> Report {
    let (mut decision, photos) = received(0, None, &at_once());
    let point = point.map(|(lat, lon)| Point { lat, lon, accuracy_m: None });
    decision.report.place = Place { point, address: Some("Jl. Contoh 1".into()) };
    decision.report.terms.group = group.map(code);
    city.submit(&decision, &photos);
    city.report(&decision.report.ticket)
}

/// The tickets that the index has under a key, in its order.
fn near(city: &City, key: &str) -> Vec<String> {
    let query = client().query().table_name(&city.table.name).index_name("near");
    let query = query.key_condition_expression("near = :near");
    let found = wait(query.expression_attribute_values(":near", s(key)).send()).unwrap();
    for item in found.items() {
        assert_eq!(names(item), ["near", "pk", "sk"], "only keys");
    }
    found.items().iter().map(|item| item["pk"].as_s().unwrap().clone()).collect()
}

#[test]
fn open_reports_of_one_cell_and_one_group_are_found_together_until_they_are_closed() {
    let city = City::make();
    // Cells of 0.005 degrees, counted from the south-west corner of the map.
    let jalan = "57361#16764#jalan";
    let first = from(&city, Some((-6.1799, 106.8051)), Some("jalan"));
    let second = from(&city, Some((-6.1751, 106.8099)), Some("jalan"));
    let [other_group, other_cell, no_group, nowhere] = [
        (Some((-6.1799, 106.8051)), Some("air")),
        (Some((-6.1801, 106.8051)), Some("jalan")),
        (Some((-6.1799, 106.8051)), None),
        (None, Some("jalan")),
    ]
    .map(|(point, group)| from(&city, point, group));
    let mut both = [&first, &second].map(|report| report.ticket.as_str().to_owned());
    both.sort_unstable();
    assert_eq!(near(&city, jalan), both);
    assert_eq!(near(&city, "57361#16764#air"), [other_group.ticket.as_str()]);
    assert_eq!(near(&city, "57361#16763#jalan"), [other_cell.ticket.as_str()]);
    // Where there is no group, the category stands for it.
    let by_category = format!("57361#16764#{}", no_group.category);
    assert_eq!(near(&city, &by_category), [no_group.ticket.as_str()]);
    assert_eq!(near(&city, "@contoh#jalan"), [nowhere.ticket.as_str()], "by its street, without a position");
    city.commit(&first, &reject(&first, &at_once()));
    assert_eq!(near(&city, jalan), [second.ticket.as_str()]);
}

#[test]
fn a_report_that_waits_for_its_release_is_found_near_its_place() {
    let city = City::make();
    let (decision, photos) = received(0, Some(unit("sudin-a1")), &at_ten());
    city.submit(&decision, &photos);
    let items = city.table.items(decision.report.ticket.as_str());
    let snapshot = items.iter().find(|item| item["sk"] == s("report")).unwrap();
    assert!(snapshot.contains_key("near") && !snapshot.contains_key("desk"));
    assert_eq!(near(&city, snapshot["near"].as_s().unwrap()), [decision.report.ticket.as_str()]);
}
