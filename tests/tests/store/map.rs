//! The map's lists of areas: of the generation that counts, and believed for a minute.

use crate::{
    city::at,
    tables::{Item, Table, map, n, s},
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::{
    area::AreaCode,
    areas_below::AreasBelow,
    response::{AreasResponse, CityArea},
    routing::encoding::MapPart,
};
use store::city_map::{Below, CELL, CURRENT, below_key};
use tests::operator::wait;

const NOW: &str = "2026-11-23T03:00:00Z";
const A_MINUTE_LATER: &str = "2026-11-23T03:01:00Z";

fn code(text: &str) -> AreaCode {
    AreaCode::parse(text).unwrap()
}

/// Names the generation that counts.
fn count(table: &Table, generation: &str) {
    let current = [("pk", s(CURRENT)), ("generation", s(generation)), ("size", n(5_000)), ("since", s(NOW))];
    table.put(current.map(|(name, value)| (name.to_owned(), value)).into());
}

fn put(table: &Table, generation: &str, area: Option<&AreaCode>, bytes: Vec<u8>) {
    let key = format!("{generation}#{}", below_key(area));
    let item = [("pk", s(key)), (CELL, AttributeValue::B(Blob::new(bytes)))];
    table.put(Item::from(item.map(|(name, value)| (name.to_owned(), value))));
}

/// The answer that an area with this name lies directly below.
fn directly(name: &str) -> AreasResponse {
    AreasResponse { areas: vec![CityArea { code: code("31.1"), name: name.to_owned(), parent: None }] }
}

fn list(name: &str, codes: &[AreaCode]) -> Vec<u8> {
    AreasBelow::new(&directly(name), codes.to_vec()).unwrap().to_bytes().unwrap()
}

#[test]
fn the_areas_below_one_are_none_or_their_codes_or_too_many() {
    let (map, table) = map();
    let below = |area: &str, now: &str| wait(map.codes_below(&code(area), at(now)));
    // A city without a map.
    assert_eq!(below("31", NOW), Ok(Below::None));
    assert_eq!(wait(map.areas_directly_below(None, at(NOW))), Ok(None));
    let all: Vec<_> = (0..101).map(|number| code(&format!("31.{number}"))).collect();
    put(&table, "g1", Some(&code("31")), list("Kota", &all[..100]));
    put(&table, "g1", Some(&code("32")), list("Kota", &all));
    count(&table, "g1");
    assert_eq!(below("31", NOW), Ok(Below::None), "there was no map a moment ago");
    assert_eq!(below("31", A_MINUTE_LATER), Ok(Below::Codes(all[..100].to_vec())));
    assert_eq!(below("32", A_MINUTE_LATER), Ok(Below::TooMany));
    assert_eq!(below("31.1", A_MINUTE_LATER), Ok(Below::None));
}

#[test]
fn areas_are_those_of_the_generation_that_counts_at_the_top_and_below_each() {
    let (map, table) = map();
    let told = |area: Option<&str>, now: &str| {
        wait(map.areas_directly_below(area.map(code).as_ref(), at(now))).unwrap()
    };
    let json = |name: &str| Some(serde_json::to_string(&directly(name)).unwrap());
    put(&table, "g1", None, list("Atas", &[]));
    put(&table, "g1", Some(&code("31")), list("Lama", &[]));
    put(&table, "g2", Some(&code("31")), list("Baru", &[]));
    count(&table, "g1");
    assert_eq!(
        [None, Some("31"), Some("31.1")].map(|area| told(area, NOW)),
        [json("Atas"), json("Lama"), None]
    );
    count(&table, "g2");
    assert_eq!(told(Some("31"), "2026-11-23T03:00:59.9Z"), json("Lama"));
    assert_eq!(told(Some("31"), A_MINUTE_LATER), json("Baru"));
    assert_eq!(told(None, A_MINUTE_LATER), None);
}

#[test]
fn a_list_that_does_not_read_is_a_bug_and_no_empty_list() {
    let (map, table) = map();
    put(&table, "g1", Some(&code("31")), vec![255]);
    count(&table, "g1");
    let failure = store::Failure::Bug("item of the map does not fit its type");
    assert_eq!(wait(map.codes_below(&code("31"), at(NOW))), Err(failure));
    let failure = store::Failure::Bug("item of the map does not fit its type");
    assert_eq!(wait(map.areas_directly_below(Some(&code("31")), at(NOW))), Err(failure));
}

#[test]
fn areas_are_found_by_their_codes_wherever_they_lie_in_the_tree() {
    let (map, table) = map();
    let area = |of: &str, parent: Option<&str>| CityArea {
        code: code(of),
        name: format!("Wilayah {of}"),
        parent: parent.map(code),
    };
    let put = |above: Option<&str>, directly: Vec<CityArea>, below: &[&str]| {
        let codes =
            directly.iter().map(|area| area.code.clone()).chain(below.iter().copied().map(code)).collect();
        let list = AreasBelow::new(&AreasResponse { areas: directly }, codes).unwrap();
        put(&table, "g1", above.map(code).as_ref(), list.to_bytes().unwrap());
    };
    put(None, vec![area("31", None), area("utara", None)], &["31.71", "31.71.01", "kampung"]);
    put(Some("31"), vec![area("31.71", Some("31"))], &["31.71.01"]);
    put(Some("31.71"), vec![area("31.71.01", Some("31.71"))], &[]);
    put(Some("utara"), vec![area("kampung", Some("utara"))], &[]);
    count(&table, "g1");
    let named = |codes: &[&str]| -> Vec<String> {
        let found = wait(map.areas(&codes.iter().copied().map(code).collect(), at(NOW))).unwrap();
        found.into_iter().map(|area| area.name).collect()
    };
    assert_eq!(named(&["31.71.01"]), ["Wilayah 31.71.01"]);
    assert_eq!(named(&["kampung", "31", "31.71.01"]), ["Wilayah 31", "Wilayah 31.71.01", "Wilayah kampung"]);
    assert_eq!(named(&["31.71.99", "selatan"]), [""; 0]);
    let has = |of: &str| wait(map.has_area(&code(of), at(NOW))).unwrap();
    assert_eq!(["31", "31.71.01", "kampung", "31.71.99"].map(has), [true, true, true, false]);
}
