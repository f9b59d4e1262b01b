//! Every body parser on every input, and the search for personal data in every text.
//!
//! An input is read twice: as the bytes of a body, and as the choices of a generator that knows the fields of the contract,
//! because bytes alone rarely come past the first field.
#![no_main]

use domain::{
    command::{Assignment, parse_tl, parse_validation, parse_verification},
    language::Language,
    personal_data::{MASK, found, masked, pieces},
    photo_limits::{PHOTO_BYTES, PHOTOS_AT_HAND, REPORT_PHOTOS},
    photo_upload::{parse_officer_photos, parse_reporter_photos},
    reporter_actions::{parse_dispute, parse_privacy, parse_rating},
    submission,
    validation_errors::ValidationErrors,
};
use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use serde_json::{Map, Number, Value};
use std::collections::BTreeSet;

fuzz_target!(|data: &[u8]| {
    if let Ok(body) = serde_json::from_slice::<Value>(data) {
        parse(&body);
        texts(&body);
    }
    if let Ok(body) = body(&mut Unstructured::new(data)) {
        parse(&body);
        texts(&body);
    }
    mask(&String::from_utf8_lossy(data));
});

fn parse(body: &Value) {
    if let Some((submission, contact, _)) = read(submission::parse(body)) {
        let characters = submission.description.chars().count();
        let least = if submission.photos.is_empty() { 10 } else { 3 };
        assert!(
            (least..=4000).contains(&characters) && submission.description == submission.description.trim()
        );
        assert!(submission.location.point.is_some() || submission.location.address.is_some());
        assert!(submission.photos.len() <= REPORT_PHOTOS);
        assert_eq!(format!("{contact:?}"), "Contact(…)");
        let parts = [&contact.name, &contact.phone, &contact.email, &contact.channel_ref];
        let bytes: usize = parts.into_iter().flatten().map(String::len).sum();
        assert!(bytes <= submission::CONTACT_BYTES);
    }
    if let Some(photos) = read(parse_officer_photos(body)) {
        assert!((1..=PHOTOS_AT_HAND).contains(&photos.len()));
        let known = photos.iter().filter_map(|photo| photo.upload.as_ref());
        assert!(known.into_iter().all(|upload| (1..=PHOTO_BYTES).contains(&upload.size)));
    }
    if let Some(photos) = read(parse_reporter_photos(body)) {
        assert!((1..=REPORT_PHOTOS).contains(&photos.len()));
        assert!(photos.iter().all(|upload| (1..=PHOTO_BYTES).contains(&upload.size)));
    }
    if let Some(assignment) = read(Assignment::parse(body)) {
        assert!(Assignment::ACTS.contains(&assignment.act()));
    }
    read(parse_tl(body));
    read(parse_validation(body));
    read(parse_verification(body));
    read(parse_privacy(body));
    if let Some(reason) = read(parse_dispute(body)) {
        assert!((3..=1000).contains(&reason.chars().count()));
    }
    if let Some(rating) = read(parse_rating(body)) {
        assert!((1..=5).contains(&rating.stars));
    }
}

/// Who is refused is told why, in a text that a header or a log line could hold.
fn read<T>(read: std::result::Result<T, ValidationErrors>) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(!error.field.contains(char::is_control));
                assert!(
                    [Language::Id, Language::En]
                        .iter()
                        .all(|language| !error.code.detail(*language).is_empty())
                );
            }
            None
        }
    }
}

fn texts(value: &Value) {
    match value {
        Value::String(text) => mask(text),
        Value::Array(values) => values.iter().for_each(texts),
        Value::Object(fields) => fields.values().for_each(texts),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A pattern that does not compile hides every text. This build has the features of `regex` that the functions have; tests have more.
const NOBODY: &str = "Jalan berlubang di depan pasar";

fn mask(text: &str) {
    let none = BTreeSet::new();
    assert_eq!(masked(&none, NOBODY), NOBODY, "a pattern does not compile");
    let once = masked(&none, text);
    assert_eq!(masked(&none, &once), once);
    assert!(found(&none, &once).is_empty());
    let mut rest = String::new();
    let mut at = 0;
    for piece in pieces(text) {
        assert!(at <= piece.range.start && piece.range.start < piece.range.end);
        rest += &text[at..piece.range.start];
        rest += MASK;
        at = piece.range.end;
    }
    assert_eq!(once, rest + &text[at..]);
}

/// A body of one of the routes, more or less.
fn body(u: &mut Unstructured<'_>) -> Result<Value> {
    let fields: &[&str] = match u.int_in_range(0..=9_u8)? {
        0 | 1 => &["category", "description", "location", "privacy", "language", "reporter", "photos"],
        2 => &["photos"],
        3 => &["action", "unit", "reason", "into"],
        4 => &["narrative", "photos", "location"],
        5 => &["decision", "reason"],
        6 => &["conforms", "finding", "photos", "location"],
        7 => &["reason"],
        8 => &["stars", "comment"],
        _ => &["privacy"],
    };
    object(u, fields, 3)
}

fn object(u: &mut Unstructured<'_>, fields: &[&str], depth: u8) -> Result<Value> {
    let mut object = Map::new();
    for field in fields {
        // Most fields are there; what is left out is an error of its own.
        if !u.ratio(1, 12)? {
            object.insert((*field).to_owned(), field_value(u, field, depth)?);
        }
    }
    if u.ratio(1, 12)? {
        object.insert(u.arbitrary::<String>()?, any(u, depth)?);
    }
    Ok(Value::Object(object))
}

fn field_value(u: &mut Unstructured<'_>, field: &str, depth: u8) -> Result<Value> {
    if depth == 0 || u.ratio(1, 12)? {
        return any(u, depth.min(1));
    }
    let one_of = |u: &mut Unstructured<'_>, texts: &[&str]| Ok(Value::from(*u.choose(texts)?));
    match field {
        "category" | "unit" => one_of(u, &["jalan-berlubang", "sudin-bina-marga", "x", "X", ""]),
        "privacy" => one_of(u, &["private", "public", "Public"]),
        "language" => one_of(u, &["id", "en", "jv"]),
        "action" => one_of(
            u,
            &["assign", "accept", "forward", "delegate", "return", "reject", "merge", "submit", "withdraw"],
        ),
        "decision" => one_of(u, &["accept", "reject", "field_check", ""]),
        "into" => one_of(u, &["0000-0000-00000", "000000000000O", "7KX2-M4PQ-0ZT9R"]),
        "kind" => one_of(u, &["before", "after", "field", "reporter"]),
        "content_type" => one_of(u, &["image/jpeg", "image/png", "image/webp", "image/gif"]),
        "sha256" => one_of(u, &["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "47DEQpj8", "===="]),
        "conforms" => Ok(Value::Bool(u.arbitrary()?)),
        "stars" => Ok(Value::from(u.int_in_range(0..=6_u8)?)),
        "size" => Ok(Value::from(*u.choose(&[0, 1, 482_113, 15_728_640, 15_728_641, u64::MAX])?)),
        "lat" | "lon" | "accuracy_m" => number(u),
        "location" => object(u, &["lat", "lon", "accuracy_m", "address"], depth - 1),
        "reporter" => object(u, &["name", "phone", "email", "channel_ref"], depth - 1),
        "photos" => {
            let declared = u.arbitrary()?;
            let most = u.int_in_range(0..=22_usize)?;
            (0..most)
                .map(|_| {
                    if declared {
                        object(u, &["kind", "content_type", "size", "sha256"], depth - 1)
                    } else {
                        one_of(u, &["0123456789ABCDEF", "0123456789ABCDEG", "0123456789abcdef", "?"])
                    }
                })
                .collect::<Result<Vec<_>>>()
                .map(Value::Array)
        }
        _ => text(u).map(Value::from),
    }
}

/// A text as people write them: words, pieces that look like personal data, and anything.
fn text(u: &mut Unstructured<'_>) -> Result<String> {
    const PIECES: &[&str] = &[
        "Jalan berlubang di depan pasar",
        "0812",
        "-3456-",
        "7890",
        "+62 ",
        "(021) ",
        "nol delapan satu dua ",
        "tiga ",
        "wa ",
        "hp: ",
        "budi",
        "@",
        "contoh.id",
        " [at] ",
        " dot ",
        "B ",
        "1234",
        " XYZ",
        "plat ",
        "ig: ",
        "budi_santoso",
        "t.me/",
        "RT ",
        "05",
        "/RW ",
        "03",
        "NIK ",
        "3174012301900001",
        "[•••]",
        "•",
        "\n",
        ".",
        "x",
        "\u{200b}",
        "é",
        "😀",
        "Rp 1.500.000",
        " ",
    ];
    let mut text = String::new();
    let (most, times) = (u.int_in_range(0..=24_u8)?, u.ratio(1, 20)?.then_some(40).unwrap_or(1));
    for _ in 0..most {
        match u.int_in_range(0..=7_u8)? {
            0 => text.push(u.arbitrary()?),
            1 => text += u.arbitrary::<&str>()?,
            _ => text += u.choose(PIECES)?,
        }
    }
    Ok(text.repeat(times))
}

fn number(u: &mut Unstructured<'_>) -> Result<Value> {
    let number = match u.int_in_range(0..=2_u8)? {
        0 => f64::from(u.int_in_range(-190..=190_i16)?),
        1 => f64::from(u.arbitrary::<i32>()?) / 1e7,
        _ => u.arbitrary()?,
    };
    Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
}

fn any(u: &mut Unstructured<'_>, depth: u8) -> Result<Value> {
    Ok(match u.int_in_range(0..=6_u8)? {
        0 => Value::Null,
        1 => Value::Bool(u.arbitrary()?),
        2 => Value::from(u.arbitrary::<i64>()?),
        3 => number(u)?,
        4 if depth > 0 => Value::Array(vec![any(u, depth - 1)?]),
        5 if depth > 0 => object(u, &["reason", "photos", "location"], depth - 1)?,
        _ => text(u)?.into(),
    })
}
