//! The registry: read by code, and cached for a minute.

use crate::{
    city::{at, code},
    tables::{Item, n, registry, s},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    calendar::{Calendar, Counts},
    deadlines::Deadlines,
    personal_data::PersonalData,
    slots::SlotClass,
};
use jiff::{SignedDuration, civil::time, tz::TimeZone};
use store::{Failure, registry::ChannelState};
use tests::operator::wait;

const NOW: &str = "2026-11-23T03:00:00Z";

fn channel(state: &str) -> Item {
    let hashes = AttributeValue::L(vec![s(store::digest::hex(b"old")), s(store::digest::hex(b"new"))]);
    [
        ("pk", s("channel#jaki")),
        ("code", s("jaki")),
        ("state", s(state)),
        ("quota_per_hour", n(600)),
        ("key_hashes", hashes),
        ("name_id", s("JAKI")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

#[test]
fn units_categories_and_channels_are_found_by_their_codes() {
    let (registry, table) = registry();
    table.put(channel("active"));
    let path = AttributeValue::L(vec![s("sudin-a1"), s("dinas-a")]);
    let unit = [("pk", s("unit#sudin-a1")), ("code", s("sudin-a1")), ("path", path)];
    table.put(unit.map(|(name, value)| (name.to_owned(), value)).into());
    let category = [
        ("pk", s("category#banjir")),
        ("code", s("banjir")),
        ("slots", s("segera")),
        ("finish_days", n("3")),
        ("keeps", AttributeValue::L(vec![s("plate")])),
    ];
    table.put(category.map(|(name, value)| (name.to_owned(), value)).into());
    let now = at(NOW);
    assert_eq!(wait(registry.unit(&code("sudin-a1"), now)), Ok(Some(crate::city::unit("sudin-a1"))));
    let terms = wait(registry.category(&code("banjir"), now)).unwrap().unwrap().terms();
    assert_eq!((terms.slots, terms.deadlines.finish_days), (SlotClass::Segera, 3));
    assert_eq!(terms.keeps, [PersonalData::Plate].into());
    let channel = wait(registry.channel(&code("jaki"), now)).unwrap().unwrap();
    assert_eq!((channel.state, channel.quota_per_hour), (ChannelState::Active, 600));
    assert_eq!(["old", "new", "other"].map(|key| channel.has_key(key)), [true, true, false]);
    // A code of one kind is none of another.
    assert_eq!(wait(registry.unit(&code("banjir"), now)), Ok(None));
    assert!(wait(registry.channel(&code("sudin-a1"), now)).unwrap().is_none());
}

#[test]
fn deadlines_and_the_calendar_are_those_of_the_registry_and_believed_for_a_minute() {
    let (registry, table) = registry();
    let zone = TimeZone::get("Asia/Jakarta").unwrap();
    let put = |item: Vec<(&str, AttributeValue)>| {
        table.put(item.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    };
    let holidays = |days: &[&str]| {
        let day = |date: &&str| AttributeValue::M([("date".to_owned(), s(*date))].into());
        put(vec![("pk", s("city#holidays")), ("list", AttributeValue::L(days.iter().map(day).collect()))]);
    };
    let calendar = |now: &str| wait(registry.calendar(&zone, at(now))).unwrap();
    let works = |now: &str, date: &str| calendar(now).is_working_day(date.parse().unwrap());
    let (other, _empty) = self::registry();
    assert_eq!(
        wait(other.calendar(&zone, at(NOW))).unwrap(),
        Calendar::of_every_day(zone.clone()),
        "a city that has said nothing"
    );

    let days = AttributeValue::L(["mon", "fri"].map(s).into());
    let working = [("from", s("07:30")), ("until", s("16:00")), ("days", days)];
    let working = AttributeValue::M(working.map(|(name, value)| (name.to_owned(), value)).into());
    put(vec![("pk", s("city#settings")), ("working", working)]);
    holidays(&["2026-11-27"]);
    assert_eq!((calendar(NOW).from, calendar(NOW).until), (time(7, 30, 0, 0), time(16, 0, 0, 0)));
    // A Monday, a Tuesday, a Friday that is a holiday.
    assert_eq!(["2026-11-23", "2026-11-24", "2026-11-27"].map(|date| works(NOW, date)), [true, false, false]);
    holidays(&["2026-11-23"]);
    let later = |seconds: i64| (at(NOW) + SignedDuration::from_secs(seconds)).to_string();
    assert!(works(&later(59), "2026-11-23") && !works(&later(61), "2026-11-23"));

    let category = |coordinate_hours: u64| {
        put(vec![
            ("pk", s("category#banjir")),
            ("code", s("banjir")),
            ("slots", s("segera")),
            ("coordinate_hours", n(coordinate_hours)),
            ("finish_days", n(3)),
            ("validate_days", n(1)),
            ("verify_days", n(2)),
            ("counts", s("working")),
            ("closed", AttributeValue::Bool(true)),
        ]);
    };
    category(4);
    let rules = |now: &str| wait(registry.deadlines(&code("banjir"), at(now))).unwrap().unwrap();
    let four = Deadlines { coordinate_hours: 4, finish_days: 3, validate_days: 1, verify_days: 2 };
    assert_eq!(rules(NOW), (four, Counts::Working), "also of a category that the city has left out");
    category(6);
    assert_eq!(rules(&later(59)).0, four);
    assert_eq!(rules(&later(61)).0.coordinate_hours, 6);
}

#[test]
fn an_entry_and_its_absence_are_believed_for_a_minute() {
    let (registry, table) = registry();
    let state = |now: &str| {
        let found = wait(registry.channel(&code("jaki"), at(now))).unwrap();
        found.map(|channel| channel.state)
    };
    assert_eq!(state(NOW), None);
    table.put(channel("active"));
    assert_eq!(state("2026-11-23T03:00:59.9Z"), None);
    assert_eq!(state("2026-11-23T03:01:00Z"), Some(ChannelState::Active));
    table.put(channel("suspended"));
    assert_eq!(state("2026-11-23T03:01:59Z"), Some(ChannelState::Active));
    assert_eq!(state("2026-11-23T03:02:00Z"), Some(ChannelState::Suspended));
}

#[test]
fn that_a_channel_is_for_tests_is_not_believed_a_moment_longer_than_it_is_so() {
    let (registry, table) = registry();
    let state = |now: &str| wait(registry.channel(&code("jaki"), at(now))).unwrap().unwrap().state;
    table.put(channel("test"));
    assert_eq!(state(NOW), ChannelState::Test);
    table.put(channel("active"));
    assert_eq!(state("2026-11-23T03:00:01Z"), ChannelState::Active);
    // The other way round a report is taken for a real one for a minute.
    table.put(channel("test"));
    assert_eq!(state("2026-11-23T03:00:02Z"), ChannelState::Active);
    assert_eq!(state("2026-11-23T03:01:01Z"), ChannelState::Test);
}

#[test]
fn an_entry_that_does_not_fit_is_a_failure() {
    let (registry, table) = registry();
    table.put(channel("tenggiri"));
    assert_eq!(
        wait(registry.channel(&code("jaki"), at(NOW))).err(),
        Some(Failure::Bug("stored channel does not fit its type"))
    );
}
