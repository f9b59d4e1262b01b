//! What `tuntas city` puts into the tables is kept in every form, and today's code reads what any version has put there.

use super::{
    follow,
    map::FolderMap,
    registered::{Item, Kept, List, REASONS, Registered, RegisteredUnit},
};
use crate::channels::state_of;
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use city_folder::{City, channel::ChannelState, files_of, unit};
use cli::registry::SUSPENDED_FROM;
use domain::{
    areas_below::AreasBelow,
    location::{Place, Point},
    outline::Spot,
    routing::{Cell, cell_at, encoding::MapPart, route},
    slots::SlotClass,
    unit::Code,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::{
    city_map::{CELL, CURRENT, Current, cell_key},
    digest, public_city,
    registry::{self, HOLIDAYS, SETTINGS},
};
use stored_forms::{assert_kept, assert_read, item_of, json_of, kind_of};

const CHANNEL_KEY: &str = "kunci-kanal-untuk-uji";

fn now() -> Timestamp {
    "2026-01-10T01:23:45.678901Z".parse().unwrap()
}

fn city() -> City {
    City::read(&files_of(&stored_forms::city()).unwrap()).unwrap().0
}

/// A row of the registry as `apply` writes it.
fn row(key: &str, row: &impl Serialize) -> Item {
    let mut item: Item = serde_dynamo::to_item(serde_json::to_value(row).unwrap()).unwrap();
    item.insert("pk".to_owned(), AttributeValue::S(key.to_owned()));
    item
}

fn of_unit(registered: &RegisteredUnit) -> Value {
    let mut item = row(&format!("unit#{}", registered.unit.code), registered);
    let since = registered.reports_follow_since.map(|since| AttributeValue::S(since.to_string()));
    item.extend(since.map(|since| (follow::SINCE.to_owned(), since)));
    json_of(&item)
}

/// A channel, with what `tuntas channel` keeps in its row.
fn of_channel(
    kept: &Kept<city_folder::channel::Channel>,
    key_hashes: &[String],
    from: Option<ChannelState>,
) -> Value {
    let mut item = row(&format!("channel#{}", kept.row.code), kept);
    let hashes = key_hashes.iter().cloned().map(AttributeValue::S).collect();
    item.insert("key_hashes".to_owned(), AttributeValue::L(hashes));
    let from = from.map(|from| AttributeValue::S(from.as_str().to_owned()));
    item.extend(from.map(|from| (SUSPENDED_FROM.to_owned(), from)));
    json_of(&item)
}

/// The registry that has this item alone.
fn registered(form: &Value) -> Registered {
    let mut registered = Registered::default();
    registered.add(item_of(form)).unwrap();
    registered
}

#[test]
fn units_are_kept_and_read() {
    let city = city();
    let with_path = |unit: &unit::Unit| RegisteredUnit {
        unit: unit.clone(),
        path: unit::path(unit, &city.units).into_iter().cloned().collect(),
        reports_follow_since: (unit.state == unit::UnitState::Closed).then(now),
    };
    assert_kept(
        "registry/unit",
        &city.units.iter().map(|unit| of_unit(&with_path(unit))).collect::<Vec<_>>(),
    );
    assert_read("registry/unit", |form| of_unit(registered(form).units.values().next().unwrap()));
}

#[test]
fn categories_are_kept_and_read() {
    let form = |kept: &Kept<city_folder::category::Category>| {
        json_of(&row(&format!("category#{}", kept.row.code), kept))
    };
    let kept = |row| form(&Kept { row, closed: false });
    assert_kept("registry/category", &city().categories.into_iter().map(kept).collect::<Vec<_>>());
    assert_read("registry/category", |kept| form(registered(kept).categories.values().next().unwrap()));
}

#[test]
fn channels_are_kept_and_known_by_their_keys() {
    let hashes = [digest::hex(CHANNEL_KEY.as_bytes())];
    let kept = |row: city_folder::channel::Channel| {
        let from = (row.state == ChannelState::Suspended).then_some(ChannelState::Test);
        of_channel(&Kept { row, closed: false }, &hashes, from)
    };
    assert_kept("registry/channel", &city().channels.into_iter().map(kept).collect::<Vec<_>>());
    assert_read("registry/channel", |form| {
        let channel: registry::Channel = serde_dynamo::from_item(item_of(form)).unwrap();
        assert!(channel.has_key(CHANNEL_KEY));
        let from = state_of(&item_of(form), SUSPENDED_FROM);
        of_channel(registered(form).channels.values().next().unwrap(), &channel.key_hashes, from)
    });
}

#[test]
fn what_is_one_item_of_a_city_is_kept_and_read() {
    let City { settings, reasons, holidays, .. } = city();
    let body = AttributeValue::S(serde_json::to_string(&city().public()).unwrap());
    let public =
        [("pk".to_owned(), AttributeValue::S(public_city::BODY.to_owned())), ("body".to_owned(), body)];
    // `store` reads it.
    assert_kept("city/city", &[json_of(&Item::from(public))]);
    assert_kept("registry/settings", &[json_of(&row(SETTINGS, &settings))]);
    assert_kept("registry/reasons", &[json_of(&row(REASONS, &List { list: reasons }))]);
    assert_kept("registry/holidays", &[json_of(&row(HOLIDAYS, &List { list: holidays }))]);
    assert_read("registry/settings", |form| json_of(&row(SETTINGS, &registered(form).settings.unwrap())));
    assert_read("registry/reasons", |form| json_of(&row(REASONS, &List { list: registered(form).reasons })));
    assert_read("registry/holidays", |form| {
        json_of(&row(HOLIDAYS, &List { list: registered(form).holidays }))
    });
}

fn bytes(item: &Item) -> &[u8] {
    item[CELL].as_b().unwrap().as_ref()
}

fn of_map((key, bytes): &(String, Vec<u8>)) -> Item {
    let bytes = AttributeValue::B(Blob::new(bytes.clone()));
    Item::from([("pk".to_owned(), AttributeValue::S(key.clone())), (CELL.to_owned(), bytes)])
}

/// An item of the map with these bytes instead of its own.
fn with_bytes(form: &Value, bytes: Vec<u8>) -> Value {
    let mut item = item_of(form);
    item.insert(CELL.to_owned(), AttributeValue::B(Blob::new(bytes)));
    json_of(&item)
}

fn read_again<T: MapPart>(form: &Value) -> Value {
    with_bytes(form, T::from_bytes(bytes(&item_of(form))).unwrap().to_bytes().unwrap())
}

#[test]
fn the_map_is_kept_and_read() {
    let map = FolderMap::of(&city()).unwrap().unwrap();
    for kind in ["map/cell", "map/below", "map/file"] {
        let of_kind = map.items.iter().map(of_map).filter(|item| kind_of("map", item) == kind);
        let mut items: Vec<Item> = of_kind.take(4).collect();
        // One of a map whose place another has taken.
        let old = AttributeValue::N(now().as_second().to_string());
        items[0].insert("expires_at".to_owned(), old);
        assert_kept(kind, &items.iter().map(json_of).collect::<Vec<_>>());
    }
    assert_read("map/cell", read_again::<Cell>);
    assert_read("map/below", read_again::<AreasBelow>);
    // `tuntas city export` puts the parts of a file together.
    assert_read("map/file", |form| with_bytes(form, bytes(&item_of(form)).to_vec()));

    let current = |current: &Current| json_of(&row(CURRENT, current));
    let counts = Current { generation: map.generation.clone(), size: map.size, since: now() };
    assert_kept("map/current", &[current(&counts)]);
    assert_read("map/current", |form| current(&serde_dynamo::from_item(item_of(form)).unwrap()));
}

/// A cell of any version sends a report where it sent it then.
#[test]
fn routes_by_a_stored_cell_stay() {
    let routed = |cell: &Value, (lat, lon): (f64, f64)| {
        let point = Point { lat, lon, accuracy_m: Some(10.0) };
        let read = Cell::from_bytes(bytes(&item_of(cell))).unwrap();
        let place = Place { point: Some(point), address: None };
        let route = route(Some(&read), &place, &Code::parse("jalan").unwrap(), SlotClass::Biasa);
        let (area, to) = (&route.area, &route.to);
        let to = to.as_ref().map(|to| json!([to.unit, to.rule_area, to.rule_category]));
        json!({"cell": cell, "lat": lat, "lon": lon, "area": area, "to": to.unwrap_or_else(|why| json!(why))})
    };
    let map = FolderMap::of(&city()).unwrap().unwrap();
    let kept = [(-6.19, 106.81), (-6.19, 106.83), (-6.19, 106.820_01), (-6.19, 106.799)].map(|(lat, lon)| {
        let key = cell_key(cell_at(Spot::from_degrees(lon, lat), map.size));
        let cell = map.items.iter().find(|(item, _)| item.ends_with(&format!("#{key}"))).unwrap();
        routed(&json_of(&of_map(cell)), (lat, lon))
    });
    assert_kept("map/route", &kept);
    assert_read("map/route", |form| {
        routed(&form["cell"], (form["lat"].as_f64().unwrap(), form["lon"].as_f64().unwrap()))
    });
}
