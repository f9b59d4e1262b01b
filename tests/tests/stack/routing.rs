//! Reports go to a unit by the city's map, and to the ticket desk where a person has to decide.

use crate::city::demonstration;
use city_folder::{City, cells::Cells, files_of};
use domain::{
    area::AreaCode,
    location::{Place, Point},
    outline::Spot,
    routing::{Route, cell_at, route},
    slots::SlotClass,
    unit::Code,
};
use serde_json::{Value, json};
use std::path::Path;
use tests::{
    http::{Answer, fresh_key},
    life::{self, Report, by},
    officers,
    threads::in_parallel,
    tool::Tool,
};

/// A place in the middle of the demonstration's Kelurahan Cideng.
pub(crate) const CIDENG: (f64, f64) = (-6.178, 106.808);

/// A report from a place.
pub(crate) fn body_from(category: &str, (lat, lon): (f64, f64)) -> Value {
    let mut body = life::body();
    body["category"] = json!(category);
    body["location"] = json!({"lat": lat, "lon": lon, "accuracy_m": 5});
    body
}

pub(crate) fn sent_from(category: &str, place: (f64, f64)) -> (Report, Answer) {
    life::submit(&body_from(category, place))
}

/// The unit whose desk lists it, if any does.
fn on_desk_of(report: &Report) -> Option<String> {
    let item = tests::operator::items_of_kind(&report.ticket, "report").remove(0);
    let desk = item.get("desk")?.as_s().ok()?;
    desk.strip_prefix("unit:").map(ToOwned::to_owned)
}

/// The map of a city's folder.
pub(crate) fn map_of(folder: &Path) -> Cells {
    let (city, _) = City::read(&files_of(folder).unwrap()).unwrap();
    Cells::of(&city).unwrap()
}

/// Where a map sends the reports of an ordinary category from a place.
pub(crate) fn route_by(map: &Cells, (lat, lon): (f64, f64), category: &str) -> Route {
    let point = Point { lat, lon, accuracy_m: Some(5.0) };
    let cell = map.cells.get(&cell_at(Spot::of(point), map.size));
    let place = Place { point: Some(point), address: None };
    route(cell, &place, &Code::parse(category).unwrap(), SlotClass::Biasa)
}

#[test]
fn a_report_goes_to_the_unit_that_the_map_and_the_rules_name_for_its_place() {
    let map = map_of(&demonstration());
    // A grid over the whole city, sea and neighbours among it.
    let places = (0..8_u8).flat_map(|column| (0..5_u8).map(move |row| (column, row)));
    let places: Vec<_> = places
        .map(|(column, row)| (-6.34 + f64::from(row) * 0.05, 106.70 + f64::from(column) * 0.037))
        .chain([CIDENG])
        .collect();
    let routed = in_parallel(places, |(lat, lon)| {
        let (report, answer) = sent_from("jalan-berlubang", (lat, lon));
        let Route { area, to, .. } = route_by(&map, (lat, lon), "jalan-berlubang");
        let unit = to.ok().map(|routed| routed.unit.code.to_string());
        let status = if unit.is_some() { "koordinasi" } else { "menunggu" };
        assert_eq!(
            (&answer.json()["status"], on_desk_of(&report)),
            (&json!(status), unit.clone()),
            "{lat} {lon}"
        );
        let tracked = report.tracked().expect(200).json();
        assert_eq!(tracked.get("area"), area.as_ref().map(|area| json!(area)).as_ref(), "{lat} {lon}");
        unit.is_some()
    });
    let count = routed.iter().filter(|routed| **routed).count();
    assert!((5..routed.len()).contains(&count), "{count} of {}", routed.len());
}

#[test]
fn everybody_who_sees_the_place_of_a_report_sees_its_area_and_lines_of_desks_show_it() {
    let (report, _) = sent_from("jalan-berlubang", CIDENG);
    let unit = on_desk_of(&report).expect("a unit");
    let area = report.tracked().expect(200).json()["area"].clone();
    assert!(AreaCode::parse(area.as_str().unwrap()).is_some());
    let officer = tests::accounts::Account::new(&["petugas-opd"], Some(&unit)).username;
    assert_eq!(report.seen_by(&officer).expect(200).json()["area"], area);
    assert_eq!(report.seen_by(officers::ADMINISTRATOR).expect(200).json()["area"], area);
    let mut next: Option<String> = None;
    let line = loop {
        let cursor = next.map(|next| format!("&cursor={next}")).unwrap_or_default();
        let page = by(&officer, "GET", &format!("/v1/desk?limit=100{cursor}")).send().expect(200).json();
        let lines = page["items"].as_array().unwrap();
        if let Some(line) = lines.iter().find(|line| line["ticket"] == json!(report.ticket)) {
            break line.clone();
        }
        next = Some(page["next"].as_str().expect("the report is on the desk").to_owned());
    };
    assert_eq!(line["area"], area);
}

#[test]
fn a_sensitive_report_and_one_without_a_position_go_to_the_ticket_desk() {
    let (sensitive, answer) = sent_from("perilaku-petugas", CIDENG);
    assert_eq!(answer.json()["status"], json!("menunggu"));
    assert!(sensitive.tracked().expect(200).json()["area"].is_string());
    // No rule of the demonstration names a unit for it.
    assert_eq!(sensitive.seen_by(officers::TIKET).expect(200).json().get("suggested_unit"), None);
    let mut body = life::body();
    body["location"] = json!({"lat": CIDENG.0, "lon": CIDENG.1, "accuracy_m": 5000});
    let (inaccurate, answer) = life::submit(&body);
    assert_eq!(answer.json()["status"], json!("menunggu"));
    let told = inaccurate.seen_by(officers::TIKET).expect(200).json();
    let (exact, _) = sent_from("jalan-berlubang", CIDENG);
    assert_eq!(told["suggested_unit"].as_str().map(ToOwned::to_owned), on_desk_of(&exact));
    let mut body = life::body();
    body["location"] = json!({"address": "Jl. Cideng Barat 1"});
    let (report, answer) = life::submit(&body);
    assert_eq!(answer.json()["status"], json!("menunggu"));
    assert_eq!(report.tracked().expect(200).json().get("area"), None);
}

#[test]
fn the_area_of_a_report_is_that_of_its_position_whatever_its_accuracy_category_and_channel() {
    let places = [json!(null), json!(1), json!(290), json!(5000)];
    let cases = places.iter().flat_map(|accuracy| {
        ["jaki", "lapor-1708"].into_iter().flat_map(move |channel| {
            ["jalan-berlubang", "perilaku-petugas"].map(|category| (accuracy, channel, category))
        })
    });
    let areas = in_parallel(cases.collect(), |(accuracy, channel, category)| {
        let mut body = body_from(category, CIDENG);
        body["location"]["accuracy_m"] = accuracy.clone();
        let told = life::submission(channel, &fresh_key(), &body).send().expect(201).json();
        Report::told(&told).tracked().expect(200).json()["area"].clone()
    });
    assert!(areas[0].is_string());
    assert!(areas.iter().all(|area| *area == areas[0]), "{areas:?}");
}

#[test]
fn the_ticket_desk_can_neither_see_nor_merge_a_report_elsewhere_that_went_to_a_unit_by_itself() {
    let (routed, _) = sent_from("jalan-berlubang", CIDENG);
    let (other, _) = life::submit(&life::body());
    let unknown = Report { ticket: life::unknown_ticket(), secret: routed.secret.clone() };
    let merge = |report: &Report, into: &Report| {
        report.command(officers::TIKET, "assignment", &json!({"action": "merge", "into": into.ticket}))
    };
    assert_eq!(routed.seen_by(officers::TIKET).expect(404).bytes, unknown.seen_by(officers::TIKET).bytes);
    assert_eq!(merge(&routed, &other).expect(404).bytes, merge(&unknown, &other).expect(404).bytes);
    let refused = merge(&other, &routed).expect(422);
    assert_eq!(refused.errors(), ["into no_such_ticket"]);
    assert_eq!(refused.bytes, merge(&other, &unknown).bytes);
    assert_eq!([routed.status(), other.status()], ["koordinasi", "menunggu"], "neither was merged");
}

#[test]
fn an_operator_is_told_which_area_and_rule_send_a_report_and_why_none_does() {
    let tool = Tool::of("route");
    let explain =
        |arguments: &[&str]| -> Value { tool.run(&[&["route"], arguments, &["--json"]].concat()).json() };
    let (lat, lon) = (CIDENG.0.to_string(), CIDENG.1.to_string());
    let (report, _) = sent_from("jalan-berlubang", CIDENG);
    let told = explain(&[&lat, &lon, "jalan-berlubang", "--accuracy", "5"]);
    assert_eq!(told["unit"].as_str().map(ToOwned::to_owned), on_desk_of(&report));
    assert_eq!((&told["rule_category"], &told["ticket_desk"]), (&json!("jalan-berlubang"), &Value::Null));
    assert_eq!(told["area"], report.tracked().expect(200).json()["area"]);
    for (arguments, why) in [
        (vec![lat.as_str(), lon.as_str(), "perilaku-petugas"], "sensitive"),
        (vec![lat.as_str(), lon.as_str(), "jalan-berlubang", "--accuracy", "5000"], "inaccurate"),
        (vec!["-6.05", "106.8", "jalan-berlubang"], "no_area"),
    ] {
        assert_eq!(explain(&arguments)["ticket_desk"], json!(why), "{arguments:?}");
    }
    for wrong in [["106.8", "-6.2", "jalan-berlubang"], ["-6.2", "106.8", "tidak-ada"]] {
        tool.run(&[&["route"], &wrong[..]].concat()).expect(3);
    }
}
