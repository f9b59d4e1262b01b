//! Whatever is done to a sealed hour, or to its seal, is found.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![expect(clippy::wildcard_enum_match_arm, reason = "of the SDK's values only some have a place within")]

use access_log_seals::{
    bucket::Stored,
    findings::{Audit, Finding, Report, Tampering, What},
    merkle_tree::Hash,
    sealed_hour::{Leaf, Sealed, hour_of, key},
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::{
    access_log::Looked,
    ids::{EventId, PhotoId, ViewCode},
    officer::Named,
    ticket::Ticket,
    unit::Code,
};
use jiff::{SignedDuration, Timestamp};
use proptest::{prelude::*, sample::Index};
use std::collections::{BTreeMap, HashMap};
use store::access_log::{Access, Entry, Hour, row};

type Item = HashMap<String, AttributeValue>;

/// How many hours are sealed.
const HOURS: i64 = 4;

fn begin() -> Timestamp {
    "2026-11-23T20:00:00Z".parse().unwrap()
}

/// When the audit is made: the hour after the last sealed one has begun.
fn now() -> Timestamp {
    begin() + SignedDuration::from_hours(HOURS) + SignedDuration::from_mins(15)
}

fn hour(n: i64) -> Hour {
    Hour::of(begin() + SignedDuration::from_hours(n))
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// What an entry is named by: half of its id.
fn id(item: &Item) -> String {
    Entry::of(item).unwrap().id.chars().take(13).collect()
}

/// The rows of the access log, and the objects of the sealed hours.
#[derive(Clone, Debug)]
struct World {
    rows: Vec<Item>,
    objects: BTreeMap<Hour, Vec<u8>>,
}

impl World {
    fn sealed(rows: Vec<Item>) -> Self {
        let mut world = Self { rows, objects: BTreeMap::new() };
        let mut previous = None;
        for hour in (0..HOURS).map(hour) {
            let entries = world.rows.iter().map(|row| Entry::of(row).unwrap());
            let leaves = entries.filter(|entry| entry.hour == Some(hour)).map(Leaf::from).collect();
            let bytes = Sealed::new(hour, previous, leaves).to_bytes().unwrap();
            previous = Some(Hash::of(&bytes));
            world.objects.insert(hour, bytes);
        }
        world
    }

    fn audited(&self) -> Report {
        self.audited_with(None, now())
    }

    fn audited_with(&self, noted: Option<Hash>, now: Timestamp) -> Report {
        let once = Stored { versions: vec!["first".into()], delete_markers: 0 };
        let stored = self.objects.keys().map(|hour| (key(*hour), once.clone())).collect();
        let (mut audit, firsts) = Audit::of(&stored, noted, now);
        for row in &self.rows {
            audit.row(Entry::of(row).unwrap());
        }
        for (hour, _) in firsts {
            audit.object(hour, &self.objects[&hour]);
        }
        audit.finish()
    }

    /// One of the rows that were sealed.
    fn pick(&self, index: Index) -> usize {
        index.index(self.rows.len())
    }

    fn newest(&self) -> Hash {
        Hash::of(self.objects.values().last().unwrap())
    }
}

/// Any look within the sealed hours.
fn look() -> impl Strategy<Value = Item> {
    let ids = (any::<[u8; 17]>(), any::<[u8; 10]>(), any::<[u8; 5]>(), any::<[u8; 32]>());
    let unit = proptest::option::of(Just(Code::parse("dinas-a").unwrap()));
    (ids, 0..HOURS * 3600, 0..1_000_000_000_i64, 0..3_u8, unit, 0..4_u8).prop_map(
        |((id, photo, code, mac), second, nanosecond, kind, unit, tickets)| {
            let since = SignedDuration::from_secs(second) + SignedDuration::from_nanos(nanosecond);
            let ticket = Ticket::from_mac(&mac);
            let access = Access {
                id: EventId::from_bytes(&id),
                at: begin() + since,
                officer: Named { id: "subject".into(), name: "Budi".into(), unit },
                looked_at: [Looked::Report, Looked::Photo, Looked::Desk][usize::from(kind)],
                photo: (kind == 1).then(|| PhotoId::from_bytes(&photo)),
                code: (kind == 1).then(|| ViewCode::from_bytes(&code)),
                tickets: if kind == 2 {
                    (0..tickets).map(|n| Ticket::from_mac(&[n; 32])).collect()
                } else {
                    Vec::new()
                },
            };
            let partition = if kind == 2 { "desk#validasi".to_owned() } else { ticket.as_str().to_owned() };
            row(partition, &access).unwrap()
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    proptest::collection::vec(look(), 2..24).prop_map(World::sealed)
}

/// The places of all values in an item, also within its map and its list.
fn places(value: &AttributeValue) -> Vec<Vec<String>> {
    let within = |name: String, value: &AttributeValue| {
        places(value).into_iter().map(move |mut place| {
            place.insert(0, name.clone());
            place
        })
    };
    let mut found = vec![Vec::new()];
    match value {
        AttributeValue::M(attributes) => {
            let mut sorted: Vec<_> = attributes.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| name.as_str());
            found.extend(sorted.into_iter().flat_map(|(name, value)| within(name.clone(), value)));
        }
        AttributeValue::L(values) => {
            found.extend(values.iter().enumerate().flat_map(|(n, value)| within(n.to_string(), value)));
        }
        _ => {}
    }
    found
}

/// The value at a path within an item.
fn at<'a>(value: &'a mut AttributeValue, place: &[String]) -> &'a mut AttributeValue {
    let Some((name, rest)) = place.split_first() else { return value };
    match value {
        AttributeValue::M(attributes) => at(attributes.get_mut(name).unwrap(), rest),
        AttributeValue::L(values) => at(&mut values[name.parse::<usize>().unwrap()], rest),
        _ => panic!("no such place"),
    }
}

/// Another value, near to this one.
fn another(value: &AttributeValue, how: u8) -> AttributeValue {
    let other = match (value, how % 6) {
        (AttributeValue::S(text), 0) => AttributeValue::S(format!("{text}x")),
        (AttributeValue::S(text), 1) => AttributeValue::S(text.chars().skip(1).collect()),
        (AttributeValue::S(text), 2) => AttributeValue::B(Blob::new(text.as_bytes())),
        (AttributeValue::S(text), 3) => AttributeValue::L(vec![AttributeValue::S(text.clone())]),
        (AttributeValue::S(text), 4) => AttributeValue::S(text.to_ascii_lowercase()),
        (AttributeValue::L(values), 0) => AttributeValue::L(values.iter().rev().cloned().collect()),
        (AttributeValue::L(values), 1) => AttributeValue::L(values.iter().skip(1).cloned().collect()),
        (AttributeValue::M(values), 0) => AttributeValue::L(values.values().cloned().collect()),
        (AttributeValue::M(_), 1) => AttributeValue::M(HashMap::new()),
        (_, _) => AttributeValue::Null(true),
    };
    if other == *value { AttributeValue::Null(true) } else { other }
}

fn entry(hour: Hour, id: &str, tampering: Tampering) -> Finding {
    Finding { hour: Some(hour), what: What::Entry { id: id.to_owned(), tampering } }
}

/// What is wrong with an object.
fn of_objects(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| !matches!(finding.what, What::Entry { .. })).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_untouched_passes_in_whatever_order_it_is_read(
        world in world(),
        order in any::<Index>(),
        waiting in proptest::collection::vec(look(), 0..3),
    ) {
        let mut shuffled = world.clone();
        let middle = world.pick(order);
        shuffled.rows.rotate_left(middle);
        let later = now();
        for mut row in waiting.clone() {
            row.insert("at".into(), text(later.to_string()));
            row.insert("hour".into(), text(Hour::of(later).index_key(&id(&row))));
            shuffled.rows.push(row);
        }
        let noted = Some(Hash::of(&world.objects[&hour(1)]));
        let report = shuffled.audited_with(noted, later);
        prop_assert_eq!(&report.findings, &Vec::new());
        prop_assert_eq!((report.hours, report.sealed), (4, world.rows.len()));
        prop_assert_eq!(report.waiting, waiting.len());
        prop_assert_eq!(report.newest, Some((hour(HOURS - 1), world.newest())));
    }

    #[test]
    fn an_edited_attribute_is_found(world in world(), index: Index, place: Index, how: u8) {
        let mut edited = world.clone();
        let n = edited.pick(index);
        let (lay_in, was) = (Entry::of(&world.rows[n]).unwrap().hour.unwrap(), id(&world.rows[n]));
        let mut item = AttributeValue::M(edited.rows[n].clone());
        let mut places = places(&item);
        // The item itself is deleted and inserted by other tests.
        places.retain(|place| !place.is_empty());
        let place = place.get(&places);
        let value = at(&mut item, place);
        // A key is always a text.
        *value = if ["pk", "sk"].contains(&place[0].as_str()) { another(value, how % 2) } else { another(value, how) };
        edited.rows[n] = item.as_m().unwrap().clone();
        prop_assume!(edited.rows[n]["sk"].as_s().is_ok());
        let report = edited.audited();
        let now = id(&edited.rows[n]);
        if now != was {
            prop_assert!(report.findings.contains(&entry(lay_in, &was, Tampering::Deleted)));
            prop_assert!(report.findings.contains(&entry(lay_in, &now, Tampering::Inserted)));
        } else {
            prop_assert_eq!(report.findings, vec![entry(lay_in, &was, Tampering::Edited)], "{:?}", place);
        }
    }

    #[test]
    fn an_attribute_put_in_or_taken_out_is_found(world in world(), index: Index, name: Index, put: bool) {
        let mut edited = world.clone();
        let n = edited.pick(index);
        let lay_in = Entry::of(&world.rows[n]).unwrap().hour.unwrap();
        let mut names: Vec<String> = world.rows[n].keys().filter(|name| *name != "sk").cloned().collect();
        names.sort_unstable();
        if put {
            edited.rows[n].insert("note".into(), text(""));
        } else {
            edited.rows[n].remove(name.get(&names));
        }
        prop_assert_eq!(edited.audited().findings, vec![entry(lay_in, &id(&world.rows[n]), Tampering::Edited)]);
    }

    #[test]
    fn a_deleted_row_is_found(world in world(), index: Index) {
        let mut less = world.clone();
        let gone = less.rows.swap_remove(world.pick(index));
        let lay_in = Entry::of(&gone).unwrap().hour.unwrap();
        prop_assert_eq!(less.audited().findings, vec![entry(lay_in, &id(&gone), Tampering::Deleted)]);
    }

    /// With both, with either, or with neither of the attributes that say when; in a sealed hour, or before the first.
    #[test]
    fn an_inserted_row_is_found(world in world(), mut new in look(), how in 0..6_u8) {
        let mut more = world.clone();
        prop_assume!(world.rows.iter().all(|row| id(row) != id(&new)));
        let entry_of_new = Entry::of(&new).unwrap();
        let mut lies_in = entry_of_new.hour;
        let unsealed = Hour::of(now());
        match how {
            1 => drop(new.remove("hour")),
            2 => drop(new.remove("at")),
            3 => {
                new.remove("at");
                new.remove("hour");
                lies_in = None;
            }
            4 => {
                new.insert("hour".into(), text(unsealed.index_key(&id(&new))));
                lies_in = Some(unsealed);
            }
            5 => {
                let early = begin() - SignedDuration::from_mins(1);
                new.insert("at".into(), text(early.to_string()));
                new.insert("hour".into(), text(Hour::of(early).index_key(&id(&new))));
                lies_in = Some(Hour::of(early));
            }
            _ => {}
        }
        more.rows.push(new.clone());
        let what = What::Entry { id: id(&new), tampering: Tampering::Inserted };
        prop_assert_eq!(more.audited().findings, vec![Finding { hour: lies_in, what }]);
    }

    #[test]
    fn a_row_that_is_there_twice_is_found(world in world(), index: Index) {
        let mut more = world.clone();
        let mut copy = world.rows[world.pick(index)].clone();
        copy.insert("pk".into(), text("ELSEWHERE"));
        let lies_in = Entry::of(&copy).unwrap().hour.unwrap();
        more.rows.push(copy.clone());
        prop_assert_eq!(more.audited().findings, vec![entry(lies_in, &id(&copy), Tampering::Inserted)]);
    }

    #[test]
    fn rows_that_change_places_are_found(world in world(), one: Index, other: Index, name: Index) {
        let mut swapped = world.clone();
        let (one, other) = (world.pick(one), world.pick(other));
        let mut names: Vec<String> = world.rows[one].keys().cloned().collect();
        names.retain(|name| world.rows[other].contains_key(name));
        names.sort_unstable();
        let name = name.get(&names);
        prop_assume!(world.rows[one][name] != world.rows[other][name]);
        let (first, second) = (world.rows[one][name].clone(), world.rows[other][name].clone());
        swapped.rows[one].insert(name.clone(), second);
        swapped.rows[other].insert(name.clone(), first);
        let findings = swapped.audited().findings;
        // Ids that changed places across hours stand in the other hour now; both are named all the same.
        for n in [one, other] {
            let lay_in = Entry::of(&world.rows[n]).unwrap().hour.unwrap();
            let edited = entry(lay_in, &id(&world.rows[n]), Tampering::Edited);
            prop_assert!(findings.contains(&edited), "{} {:?}", name, findings);
        }
        prop_assert_eq!(findings.len(), 2);
    }

    #[test]
    fn a_changed_object_is_found(world in world(), which in 0..HOURS, place: Index, how in 0..5_u8, byte: u8) {
        let mut damaged = world.clone();
        let object = damaged.objects.get_mut(&hour(which)).unwrap();
        let place = place.index(object.len());
        match how {
            0 => object.truncate(place),
            1 => object.insert(place, byte),
            2 => drop(object.remove(place)),
            3 => object[place] ^= byte.max(1),
            _ => object.push(byte),
        }
        prop_assume!(*object != world.objects[&hour(which)]);
        let report = damaged.audited();
        prop_assert!(!report.findings.is_empty());
        prop_assert_eq!(report.findings[0].hour, Some(hour(which)), "{:?}", report.findings);
    }

    /// Changes that somebody makes who knows the form, and sets right whatever can be set right within the object.
    #[test]
    fn a_forged_object_is_found(world in world(), which in 0..HOURS, one: Index, other: Index, how in 0..7_u8) {
        let mut forged = world.clone();
        let hour = hour(which);
        let bytes = world.objects[&hour].clone();
        let sealed = Sealed::read(hour, &bytes).unwrap();
        let mut json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let mut entries = sealed.entries().to_vec();
        let again = |entries: Vec<Leaf>, previous| {
            Sealed::new(hour, previous, entries).to_bytes().unwrap()
        };
        let bytes = match how {
            0 if !entries.is_empty() => {
                entries.remove(one.index(entries.len()));
                again(entries, sealed.previous())
            }
            1 => {
                entries.push(Leaf { id: "0".repeat(13), leaf: Hash::of(b"") });
                again(entries, sealed.previous())
            }
            2 if !entries.is_empty() => {
                let n = one.index(entries.len());
                entries[n].leaf = Hash::of(b"");
                again(entries, sealed.previous())
            }
            3 if entries.len() > 1 => {
                let (a, b) = (one.index(entries.len()), other.index(entries.len()));
                prop_assume!(a != b);
                let leaf = entries[a].leaf;
                entries[a].leaf = entries[b].leaf;
                entries[b].leaf = leaf;
                again(entries, sealed.previous())
            }
            4 if entries.len() > 1 => {
                let (a, b) = (one.index(entries.len()), other.index(entries.len()));
                prop_assume!(a != b);
                json["entries"].as_array_mut().unwrap().swap(a, b);
                serde_json::from_value::<Sealed>(json).unwrap().to_bytes().unwrap()
            }
            5 => again(entries, Some(Hash::of(b"another"))),
            _ => {
                prop_assume!(sealed.previous().is_some());
                again(entries, None)
            }
        };
        prop_assume!(bytes != world.objects[&hour]);
        forged.objects.insert(hour, bytes);
        let report = forged.audited();
        prop_assert!(!report.findings.is_empty());
        prop_assert_eq!(report.findings[0].hour, Some(hour), "{:?}", report.findings);
    }

    #[test]
    fn a_removed_object_is_found(world in world(), which in 0..HOURS) {
        let mut less = world.clone();
        less.objects.remove(&hour(which));
        let last = which == HOURS - 1;
        // Without the last one the chain is as it was an hour ago: a noted hash, or time, tells.
        let later = if last { now() + SignedDuration::from_hours(3) } else { now() };
        let report = less.audited_with(Some(world.newest()), later);
        let expected = match which {
            0 => vec![Finding { hour: Some(hour(1)), what: What::Beginless }],
            which if last => vec![
                Finding { hour: None, what: What::NotNoted },
                Finding { hour: Some(hour(which)), what: What::NotSealed },
            ],
            which => vec![Finding { hour: Some(hour(which)), what: What::Missing(hour(which)) }],
        };
        prop_assert_eq!(report.findings, expected);
    }

    #[test]
    fn objects_that_change_places_are_found(world in world(), one in 0..HOURS, other in 0..HOURS) {
        prop_assume!(one != other);
        let mut swapped = world.clone();
        swapped.objects.insert(hour(one), world.objects[&hour(other)].clone());
        swapped.objects.insert(hour(other), world.objects[&hour(one)].clone());
        let report = swapped.audited();
        prop_assert_eq!(of_objects(&report)[0].hour, Some(hour(one.min(other))));
    }
}

#[test]
fn what_lies_in_the_bucket_beside_the_first_versions_is_found() {
    let once = |versions: &[&str], delete_markers| Stored {
        versions: versions.iter().map(|version| (*version).to_owned()).collect(),
        delete_markers,
    };
    let stored = BTreeMap::from([
        (key(hour(0)), once(&["first"], 1)),
        (key(hour(1)), once(&["third", "second", "first"], 0)),
        (key(hour(HOURS)), once(&["first"], 0)),
        ("hours/more".to_owned(), once(&["first"], 0)),
    ]);
    let (audit, firsts) = Audit::of(&stored, None, now());
    assert_eq!(firsts, [(hour(0), "first".to_owned()), (hour(1), "first".to_owned())]);
    assert_eq!(
        audit.finish().findings,
        [
            Finding { hour: None, what: What::Foreign("hours/more".into()) },
            Finding { hour: Some(hour(0)), what: What::Deleted },
            Finding { hour: Some(hour(1)), what: What::Replaced(3) },
            Finding { hour: Some(hour(HOURS)), what: What::Early },
        ]
    );
    assert_eq!(hour_of("hours/more"), None);
}

#[test]
fn an_audit_of_an_empty_log_finds_nothing() {
    let (audit, firsts) = Audit::of(&BTreeMap::new(), None, now());
    let report = audit.finish();
    assert!(firsts.is_empty() && report.findings.is_empty() && report.newest.is_none());
}
