//! A thief has every table and every bucket, and every key but the vault's and the intake's: who reported what is not in it.

use aho_corasick::AhoCorasick;
use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::{BASE32, BASE64, BASE64URL, HEXLOWER};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tests::{
    canary,
    life::{self, Report, declared, photo, upload},
    officers,
    operator::{Item, config, tables, wait},
    stack::stack,
};

/// Every object of every bucket: bucket and key, and what it holds beside and within.
fn objects() -> Vec<(String, Vec<u8>)> {
    let client = aws_sdk_s3::Client::new(&config());
    let buckets = wait(client.list_buckets().send()).expect("buckets").buckets.unwrap_or_default();
    let names = buckets.into_iter().filter_map(|bucket| bucket.name);
    let mut found = Vec::new();
    for bucket in names.filter(|name| name.starts_with(&stack().name)) {
        let listed = client.list_objects_v2().bucket(&bucket).into_paginator().send();
        let pages = wait(listed.collect::<Result<Vec<_>, _>>()).expect("a listing");
        for key in pages.iter().flat_map(|page| page.contents()).filter_map(|object| object.key()) {
            // Another test may have had it deleted meanwhile.
            let Ok(object) = wait(client.get_object().bucket(&bucket).key(key).send()) else { continue };
            let beside = format!("{:?} {:?}", object.metadata(), object.content_disposition());
            let within = wait(object.body.collect()).expect("its bytes").to_vec();
            found.push((format!("{bucket}/{key}"), [beside.as_bytes(), &within].concat()));
        }
    }
    found
}

/// The values of an item, at any depth, with the names that lead to them.
fn values(name: &str, value: &AttributeValue) -> Vec<(String, Vec<u8>)> {
    if let Ok(map) = value.as_m() {
        map.iter().flat_map(|(inner, value)| values(&format!("{name}.{inner}"), value)).collect()
    } else if let Ok(list) = value.as_l() {
        list.iter().flat_map(|value| values(name, value)).collect()
    } else if let Ok(text) = value.as_s() {
        vec![(name.to_owned(), text.clone().into_bytes())]
    } else if let Ok(number) = value.as_n() {
        vec![(name.to_owned(), number.clone().into_bytes())]
    } else if let Ok(bytes) = value.as_b() {
        vec![(name.to_owned(), bytes.as_ref().to_vec())]
    } else if let Ok(texts) = value.as_ss() {
        texts.iter().map(|text| (name.to_owned(), text.clone().into_bytes())).collect()
    } else {
        vec![(name.to_owned(), format!("{value:?}").into_bytes())]
    }
}

fn item_values(item: &Item) -> Vec<(String, Vec<u8>)> {
    item.iter().flat_map(|(name, value)| values(name, value)).collect()
}

/// A contact as a program might write it before it keeps it.
fn forms(contact: &str) -> BTreeSet<String> {
    let digits: String = contact.chars().filter(char::is_ascii_digit).collect();
    let mut forms = BTreeSet::from([
        contact.to_owned(),
        contact.to_lowercase(),
        contact.to_uppercase(),
        contact.replace(' ', ""),
        contact.to_lowercase().replace(' ', ""),
        contact.to_lowercase().replace([' ', '.', '-'], ""),
        contact.split('@').next().unwrap_or_default().to_owned(),
    ]);
    forms.extend(contact.split(' ').map(ToOwned::to_owned));
    if digits.len() > 8 {
        let national = digits.strip_prefix("62").unwrap_or(&digits);
        forms.extend([
            digits.clone(),
            format!("00{digits}"),
            format!("tel:+{digits}"),
            national.to_owned(),
            format!("0{national}"),
        ]);
    }
    forms.retain(|form| form.len() >= 8);
    forms
}

/// What to look for so that a contact is found in clear, encoded, and as the start of a hash of it without a secret.
fn needles(contact: &str) -> Vec<(String, Vec<u8>)> {
    let algorithms: [(&str, &Algorithm); 4] = [
        ("SHA-1", &SHA1_FOR_LEGACY_USE_ONLY),
        ("SHA-256", &SHA256),
        ("SHA-384", &SHA384),
        ("SHA-512", &SHA512),
    ];
    let mut needles = Vec::new();
    for form in forms(contact) {
        let mut add = |what: String, bytes: &[u8]| {
            needles.push((format!("{form} {what}"), bytes.to_vec()));
            needles.push((format!("{form} {what} in hex"), HEXLOWER.encode(bytes).into_bytes()));
            needles
                .push((format!("{form} {what} in Hex"), HEXLOWER.encode(bytes).to_uppercase().into_bytes()));
            // Base64 of something that begins before it: whichever of three places it begins at, this much is the same.
            for skip in 0..3 {
                let whole = &bytes[skip..bytes.len() - (bytes.len() - skip) % 3];
                needles.push((format!("{form} {what} in base64"), BASE64.encode(whole).into_bytes()));
                needles.push((format!("{form} {what} in base64url"), BASE64URL.encode(whole).into_bytes()));
            }
            needles.push((format!("{form} {what} in base32"), BASE32.encode(&bytes[..5]).into_bytes()));
            let crockford = domain::crockford::encode(&bytes[..5], 8);
            needles.push((format!("{form} {what} in Crockford's base32"), crockford.into_bytes()));
        };
        add("in clear".to_owned(), form.as_bytes());
        let mut backwards = form.clone().into_bytes();
        backwards.reverse();
        add("backwards".to_owned(), &backwards);
        for (name, algorithm) in algorithms {
            for input in [form.clone(), format!("{form}\n"), json!(form).to_string()] {
                // Also when it was cut off: half of 16 bytes is enough to know a person again.
                add(name.to_owned(), &digest(algorithm, input.as_bytes()).as_ref()[..8]);
            }
        }
    }
    needles
}

fn contacts() -> [&'static str; 4] {
    [canary::NAME, canary::PHONE, canary::EMAIL, canary::CHANNEL_REF]
}

/// A needle's name where one is found.
struct Search {
    names: Vec<String>,
    automaton: AhoCorasick,
}

impl Search {
    fn new() -> Self {
        let (names, needles): (Vec<String>, Vec<Vec<u8>>) =
            contacts().into_iter().flat_map(needles).filter(|(_, needle)| needle.len() >= 7).unzip();
        Self { names, automaton: AhoCorasick::new(needles).expect("needles") }
    }

    fn in_bytes(&self, bytes: &[u8]) -> Option<&str> {
        self.automaton.find(bytes).map(|found| self.names[found.pattern().as_usize()].as_str())
    }
}

/// A report of the person whom all tests know, with something else said of another place.
fn of_the_same_person(place: u64) -> Report {
    let mut body = life::body();
    body["privacy"] = json!("private");
    body["description"] = json!(format!("Keluhan nomor {place} tentang hal yang lain sama sekali {place}"));
    body["location"] = json!({"lat": -5.3 - f64::from(u32::try_from(place).unwrap()) / 7.0, "lon": 106.71 + f64::from(u32::try_from(place).unwrap()) / 9.0, "address": format!("Gang {place} Nomor {place}{place}")});
    body["photos"] = json!([declared(&photo(200 + place))]);
    let (report, told) = life::submit(&body);
    upload(&told.json()["uploads"][0], &photo(200 + place)).expect(200);
    report.assign();
    report.seen_by(officers::UNIT).expect(200);
    tests::http::eventually("the photo is clean", || {
        let photos = tests::operator::items_of_kind(&report.ticket, "photo");
        (photos[0]["state"].as_s().expect("a state") == "ready").then_some(())
    });
    report
}

#[test]
fn no_contact_lies_anywhere_in_clear_encoded_or_hashed() {
    of_the_same_person(1);
    let search = Search::new();
    let (mut searched, mut of_vault) = (0_usize, 0_usize);
    for (table, rows) in tables() {
        for row in rows {
            for (name, value) in item_values(&row) {
                assert_eq!(search.in_bytes(&value), None, "{table} {name}");
                searched += value.len();
            }
            of_vault += usize::from(table == stack().output("VaultTable"));
        }
    }
    assert!(searched > 50_000 && of_vault > 0, "there is something to search");
    let objects = objects();
    assert!(!objects.is_empty());
    for (key, bytes) in objects {
        assert_eq!(search.in_bytes(key.as_bytes()), None, "{key}");
        assert_eq!(search.in_bytes(&bytes), None, "{key}");
    }
}

#[test]
fn a_contact_is_found_in_every_form_in_which_a_program_might_keep_it() {
    let search = Search::new();
    let sha = |text: &str| digest(&SHA256, text.as_bytes()).as_ref().to_vec();
    let hidden: Vec<Vec<u8>> = vec![
        format!("{{\"phone\":\"{}\"}}", canary::PHONE).into_bytes(),
        b"pelapor 081299887766 menelepon".to_vec(),
        BASE64.encode(format!("x{}", canary::EMAIL).as_bytes()).into_bytes(),
        BASE64.encode(format!("xy{}", canary::EMAIL).as_bytes()).into_bytes(),
        BASE64URL.encode(canary::CHANNEL_REF.as_bytes()).into_bytes(),
        HEXLOWER.encode(canary::NAME.to_lowercase().as_bytes()).into_bytes(),
        sha(canary::PHONE),
        sha("6281299887766")[..16].to_vec(),
        HEXLOWER.encode(&sha(canary::EMAIL)).into_bytes(),
        format!("ref#{}", &HEXLOWER.encode(&sha(canary::CHANNEL_REF))[..24]).into_bytes(),
        BASE64.encode(&sha("081299887766")).into_bytes(),
        domain::crockford::encode(&sha(canary::PHONE), 16).into_bytes(),
    ];
    for (place, bytes) in hidden.iter().enumerate() {
        assert!(search.in_bytes(bytes).is_some(), "form {place} is not found");
    }
    assert_eq!(search.in_bytes(b"Jalan berlubang di depan pasar, 1234567890"), None);
}

/// Names of what two reports may well have in common: nothing of it is of a person. `officer`, `by`, `tl_authors` are officers,
/// `key_name` is the vault's key.
const IN_COMMON: &[&str] = &[
    "act",
    "area",
    "audience",
    "by",
    "category",
    "channel",
    "content_type",
    "desk",
    "desk_area",
    "desk_category",
    "due_on",
    "event",
    "events",
    "hour",
    "key_name",
    "kind",
    "language",
    "locked",
    "looked_at",
    "may",
    "number",
    "officer",
    "open",
    "pending",
    "photo_kind",
    "privacy",
    "reporter.disputed_refusals",
    "reporter.disputes",
    "reporter.erased",
    "reporter.photos",
    "reporter.told",
    "reporter.update",
    "revision",
    "size",
    "sk",
    "slot_mail",
    "slots",
    "state",
    "status",
    "step",
    "submitted.channel",
    "submitted.language",
    "submitted.status",
    "terms",
    "unit",
    "visible.reached",
    "visible.release",
    "visible.shown.events",
    "visible.shown.status",
    "visible.shown.unit",
    "work.forwards",
    "work.refused_tl_starts_anew",
];

fn may_be_common(name: &str, value: &[u8]) -> bool {
    // `sk` is an id everywhere but on the snapshot.
    (name != "sk" || value == b"report")
        && IN_COMMON.iter().any(|known| {
            let whole = name == *known;
            let part = name.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'));
            // What waits names its event, and that must differ.
            whole || (part && !name.ends_with(".event"))
        })
}

/// Every value that is kept of a report, with its table and name.
fn kept(report: &Report, tables: &BTreeMap<String, Vec<Item>>) -> BTreeSet<(String, Vec<u8>)> {
    let ticket = report.ticket.replace('-', "");
    let mut kept = BTreeSet::new();
    for (table, rows) in tables {
        let ours = rows.iter().filter(|row| row.get("pk").and_then(|pk| pk.as_s().ok()) == Some(&ticket));
        for (name, value) in ours.flat_map(item_values) {
            if !may_be_common(&name, &value) {
                kept.insert((format!("{} {name}", table.trim_start_matches(&stack().name)), value));
            }
        }
    }
    kept
}

/// What a row of the vault says of time: numbers that begin alike.
const MOMENTS: [&str; 2] = ["expires_at", "newest"];

#[test]
fn two_reports_of_one_person_have_nothing_in_common_in_any_table_or_bucket() {
    let (one, other) = (of_the_same_person(2), of_the_same_person(3));
    let tables = tables();
    let (of_one, of_other) = (kept(&one, &tables), kept(&other, &tables));
    for of in [&of_one, &of_other] {
        let from = |table: &str| of.iter().filter(|(name, _)| name.starts_with(table)).count();
        assert!(from("-vault") >= 4 && from("-reports") > 15 && from("-accesses") > 1, "{}", of.len());
    }
    // A value that they share under whatever names; short ones, such as `0` and `true`, say nothing.
    let long = |values: &BTreeSet<(String, Vec<u8>)>| -> BTreeMap<Vec<u8>, String> {
        values
            .iter()
            .filter(|(_, value)| value.len() >= 4)
            .map(|(name, value)| (value.clone(), name.clone()))
            .collect()
    };
    let (of_one, of_other) = (long(&of_one), long(&of_other));
    let shared: Vec<String> = of_one
        .iter()
        .filter_map(|(value, name)| {
            let other = of_other.get(value)?;
            Some(format!("{name} = {other}: {}", String::from_utf8_lossy(value)))
        })
        .collect();
    assert!(shared.is_empty(), "{shared:#?}");
    // Nor a part of one: a random value has no eight bytes of another.
    let pieces = |values: &BTreeMap<Vec<u8>, String>| -> BTreeSet<Vec<u8>> {
        let of_random =
            |name: &str| name.starts_with("-vault") && !MOMENTS.iter().any(|moment| name.ends_with(moment));
        let bytes = values.iter().filter(|(_, name)| of_random(name) || name.contains("digest"));
        bytes.flat_map(|(value, _)| value.windows(8).map(<[u8]>::to_vec).collect::<Vec<_>>()).collect()
    };
    let (ours, theirs) = (pieces(&of_one), pieces(&of_other));
    assert!(ours.len() > 1000);
    assert_eq!(ours.intersection(&theirs).count(), 0, "something sealed has a part in common");

    let of = |report: &Report| -> Vec<(String, Vec<u8>)> {
        let ticket = report.ticket.replace('-', "");
        objects().into_iter().filter(|(key, _)| key.contains(&ticket)).collect()
    };
    let (of_one, of_other) = (of(&one), of(&other));
    assert!(!of_one.is_empty() && !of_other.is_empty());
    for (key, bytes) in &of_one {
        let file = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
        for (other_key, other_bytes) in &of_other {
            assert_ne!(file(key), file(other_key));
            assert_ne!(bytes, other_bytes);
        }
    }
}

#[test]
fn the_vault_joins_to_a_report_by_its_ticket_and_to_a_person_by_nothing() {
    let rows = &tables()[stack().output("VaultTable")];
    assert!(rows.len() > 1);
    let mut seen: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for row in rows {
        for (name, value) in item_values(row) {
            // Which key, whether it is of a test report, and moments: none is of a person, and two may be the same.
            if ["key_name", "test"].contains(&name.as_str()) || MOMENTS.contains(&name.as_str()) {
                continue;
            }
            assert!(seen.entry(name.clone()).or_default().insert(value), "two rows have the same {name}");
        }
    }
    for name in ["pk", "ciphertext", "wrapped_key", "nonce"] {
        assert_eq!(seen[name].len(), rows.len());
    }
}

/// Whoever has the dump and somebody's telephone could otherwise hash the pictures on it and know the reports that they came with.
#[test]
fn the_original_of_a_photo_leaves_no_fingerprint() {
    let original = photo(301);
    let (report, told) = {
        let mut body = life::body();
        body["photos"] = json!([declared(&original)]);
        life::submit(&body)
    };
    let hash = digest(&SHA256, &original);
    let needles = [
        hash.as_ref().to_vec(),
        BASE64.encode(hash.as_ref()).into_bytes(),
        HEXLOWER.encode(hash.as_ref()).into_bytes(),
    ];
    let search = AhoCorasick::new(&needles).expect("needles");
    let found = || -> Vec<String> {
        let items = tests::operator::items_of(&report.ticket);
        let values = items.iter().flat_map(item_values);
        values.filter(|(_, value)| search.is_match(value)).map(|(name, _)| name).collect()
    };
    assert_eq!(found(), ["sha256"], "until the upload has come, it is needed");
    upload(&told.json()["uploads"][0], &original).expect(200);
    tests::http::eventually("the photo is clean", || {
        let photos = tests::operator::items_of_kind(&report.ticket, "photo");
        (photos[0]["state"].as_s().expect("a state") == "ready").then_some(())
    });
    assert_eq!(found(), [""; 0], "a hash of the original");
    for item in tests::operator::items_of(&report.ticket) {
        for (name, value) in item_values(&item) {
            assert_ne!(value, original.len().to_string().into_bytes(), "{name} is the original's length");
        }
    }
}
