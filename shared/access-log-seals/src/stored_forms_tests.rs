//! Looks and sealed hours are kept, and today's code reads them; what any version sealed can still be proved.

use crate::sealed_hour::{Leaf, Sealed, hour_of, key};
use domain::{
    access_log::Looked,
    desk::Desk,
    ids::{EventId, PhotoId, ViewCode},
    officer::Named,
    ticket::Ticket,
    unit::Code,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::access_log::{Access, Entry, Hour, row};
use stored_forms::{assert_kept, assert_read, item_of, json_of};

fn at() -> Timestamp {
    "2026-01-10T01:23:45.678901Z".parse().unwrap()
}

/// A look of each kind, by an officer of a unit and by one of the bureau.
fn looks() -> Vec<Value> {
    let ticket = Ticket::from_mac(&[5; 32]);
    let look = |(n, (looked_at, unit)): (u8, (Looked, Option<&str>))| {
        let is_photo = looked_at == Looked::Photo;
        let access = Access {
            id: EventId::from_bytes(&[n; 17]),
            at: at(),
            officer: Named { id: "subject".into(), name: "Siti".into(), unit: unit.and_then(Code::parse) },
            looked_at,
            photo: is_photo.then(|| PhotoId::from_bytes(&[n; 10])),
            code: is_photo.then(|| ViewCode::from_bytes(&[n; 5])),
            tickets: if looked_at == Looked::Desk { vec![ticket.clone()] } else { Vec::new() },
        };
        let desk = format!("desk#{}", Desk::Validasi);
        let partition = if looked_at == Looked::Desk { desk } else { ticket.as_str().to_owned() };
        json_of(&row(partition, &access).unwrap())
    };
    let of_both = |looked_at: &Looked| [(*looked_at, Some("dinas-a")), (*looked_at, None)];
    (0_u8..).zip(Looked::ALL.iter().flat_map(of_both)).map(look).collect()
}

#[test]
fn looks_are_kept_and_read() {
    assert_kept("accesses/look", &looks());
    assert_read("accesses/look", |form| {
        let access: Access = serde_dynamo::from_item(item_of(form)).unwrap();
        json_of(&row(form["pk"]["S"].as_str().unwrap().to_owned(), &access).unwrap())
    });
}

/// The object has the hash of each look's bytes: with other bytes, no look that was ever sealed could be proved again.
#[test]
fn sealed_hours_are_kept_and_prove_the_looks_of_their_hour() {
    let sealed = |key: &str, previous, looks: &[Value]| {
        let leaves = looks.iter().map(|look| Leaf::from(Entry::of(&item_of(look)).unwrap())).collect();
        let object = Sealed::new(hour_of(key).unwrap(), previous, leaves).to_bytes().unwrap();
        json!({"key": key, "object": String::from_utf8(object).unwrap(), "looks": looks})
    };
    let hour = Hour::of(at());
    let first = sealed(&key(hour), None, &looks());
    let hash = crate::merkle_tree::Hash::of(first["object"].as_str().unwrap().as_bytes());
    let empty = sealed(&key(hour.next()), Some(hash), &[]);
    assert_kept("seals/hour", &[first, empty]);
    assert_read("seals/hour", |form| {
        let key = form["key"].as_str().unwrap();
        let read = Sealed::read(hour_of(key).unwrap(), form["object"].as_str().unwrap().as_bytes()).unwrap();
        sealed(key, read.previous(), form["looks"].as_array().unwrap())
    });
}
