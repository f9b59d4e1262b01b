//! A photo is live by a nonce that was given to its officer for its report a moment before, once; everything else is taken as a file.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::status::Status;
use serde_json::{Value, json};
use tests::{
    accounts::Account,
    http::{Answer, fresh_key},
    life::{self, Report, by, declared, fresh_photo, unknown_ticket, upload},
    officers,
    operator::{dynamodb, items_of, items_of_kind, wait},
    stack::stack,
    threads::at_once,
};

fn in_work() -> Report {
    life::in_status(Status::Proses, &life::body())
}

/// The nonce that an officer is given for a picture of this report.
#[track_caller]
fn nonce(report: &Report, officer: &str) -> String {
    let given = report.command(officer, "camera", &json!({})).expect(201).json();
    assert_eq!(given["expires_in"], 300);
    let nonce = given["nonce"].as_str().expect("a nonce").to_owned();
    assert_eq!(nonce.len(), 26);
    nonce
}

/// A body that declares a photo of this kind for each of the nonces.
fn with_nonces(kind: &str, nonces: &[Value]) -> Value {
    let entry = |nonce: &Value| {
        let mut entry = declared(&fresh_photo());
        entry["kind"] = json!(kind);
        entry["camera"] = nonce.clone();
        entry
    };
    json!({"photos": nonces.iter().map(entry).collect::<Vec<_>>()})
}

fn live(answer: &Answer) -> Vec<bool> {
    let answer = answer.json();
    answer["photos"].as_array().expect("photos").iter().map(|photo| photo["live"] == true).collect()
}

/// Whether a photo that the officer declares with this nonce is live; it is taken in any case.
#[track_caller]
fn is_live(report: &Report, officer: &str, nonce: &Value) -> bool {
    let answer =
        report.command(officer, "photos", &with_nonces("before", std::slice::from_ref(nonce))).expect(201);
    assert_eq!(answer.json()["uploads"].as_array().expect("uploads").len(), 1, "it may be sent");
    live(&answer)[0]
}

#[test]
fn a_picture_with_its_nonce_is_live_to_all_officers_who_see_it_and_a_file_is_not() {
    let report = in_work();
    let pictures = [fresh_photo(), fresh_photo()];
    let entries: Vec<Value> = ["before", "after"]
        .iter()
        .zip(&pictures)
        .map(|(kind, picture)| {
            let mut entry = declared(picture);
            entry["kind"] = json!(kind);
            entry
        })
        .collect();
    let mut body = json!({"photos": entries});
    body["photos"][1]["camera"] = json!(nonce(&report, officers::UNIT));
    let answer = report.command(officers::UNIT, "photos", &body).expect(201);
    assert_eq!(live(&answer), [false, true]);
    let told = answer.json();
    let mut ids = Vec::new();
    for (entry, picture) in told["uploads"].as_array().expect("uploads").iter().zip(&pictures) {
        upload(entry, picture).expect(200);
        ids.push(entry["photo"].as_str().expect("an id").to_owned());
    }
    for id in &ids {
        assert_eq!(report.await_cleaning(officers::UNIT, id), "ready");
    }
    let tl = json!({"narrative": "Lubang sudah ditambal", "photos": ids});
    report.command(officers::UNIT, "tl", &tl).expect(200);
    report.validate("field_check");
    let field = report.command(
        officers::VERIFIKASI,
        "photos",
        &with_nonces("field", &[json!(nonce(&report, officers::VERIFIKASI))]),
    );
    assert_eq!(live(&field.expect(201)), [true]);

    for officer in [officers::VALIDASI, officers::VERIFIKASI, officers::TIKET, officers::ADMINISTRATOR] {
        let seen = report.seen_by(officer).expect(200).json();
        let marks: Vec<(&str, &Value)> = seen["photos"]
            .as_array()
            .expect("photos")
            .iter()
            .map(|photo| (photo["kind"].as_str().expect("a kind"), &photo["live"]))
            .collect();
        assert_eq!(
            marks,
            [("before", &json!(false)), ("after", &json!(true)), ("field", &json!(true))],
            "{officer}"
        );
    }
    // Of its own work a unit that the report has left is told too; its reporter is not.
    let unit = report.seen_by(officers::UNIT).expect(200).json();
    assert_eq!((&unit["photos"][0]["live"], &unit["photos"][1]["live"]), (&json!(false), &json!(true)));
    let tracked = report.tracked().expect(200);
    assert_eq!(tracked.json()["photos"].as_array().expect("photos").len(), 3);
    assert!(!tracked.text().contains("live"), "{}", tracked.text());
}

#[test]
fn a_nonce_serves_one_photo_and_a_replay_gives_the_first_answer() {
    let report = in_work();
    let nonce = json!(nonce(&report, officers::UNIT));
    let (key, body) = (fresh_key(), with_nonces("before", &[nonce.clone(), nonce.clone()]));
    let declare = || by(officers::UNIT, "POST", &report.path("photos")).key(&key).json(&body).send();
    let first = declare().expect(201);
    assert_eq!(live(&first), [true, false], "of two photos with one nonce the first is live");
    let again = declare().expect(200);
    assert!(again.replayed());
    assert_eq!(live(&again), [true, false]);
    assert!(!is_live(&report, officers::UNIT, &nonce), "a nonce that was used");
}

#[test]
fn any_other_nonce_makes_a_file_and_uses_nothing_up() {
    let (report, other) = (in_work(), in_work());
    let colleague = Account::new(&["petugas-opd"], Some(officers::UNIT_CODE));
    let of_other = json!(nonce(&other, officers::UNIT));
    let of_colleague = json!(nonce(&report, &colleague.username));
    let old = nonce(&report, officers::UNIT);
    set_until(&report, &old, "2026-01-10T01:23:45Z");
    let invented = "0123456789ABCDEFGHJKMNPQRS";
    let wrong = [
        json!(null),
        json!(""),
        json!("x"),
        json!("🙂".repeat(500)),
        json!(invented),
        json!(old),
        of_other.clone(),
        of_colleague.clone(),
    ];
    for wrong in &wrong {
        assert!(!is_live(&report, officers::UNIT, wrong), "{wrong}");
    }
    // What was tried elsewhere is still good where it belongs.
    assert!(is_live(&other, officers::UNIT, &of_other));
    assert!(is_live(&report, &colleague.username, &of_colleague));
}

/// Sets until when a nonce serves, as no function can.
fn set_until(report: &Report, nonce: &str, until: &str) {
    let update = dynamodb()
        .update_item()
        .table_name(stack().output("ReportsTable"))
        .key("pk", AttributeValue::S(report.ticket.replace('-', "")))
        .key("sk", AttributeValue::S(format!("camera#{nonce}")))
        .condition_expression("attribute_exists(pk)")
        .update_expression("SET #until = :until")
        .expression_attribute_names("#until", "until")
        .expression_attribute_values(":until", AttributeValue::S(until.to_owned()));
    wait(update.send()).expect("a nonce");
}

#[test]
fn of_two_declarations_at_once_with_one_nonce_one_is_live_and_both_are_taken() {
    let report = in_work();
    // A report has at most ten photos of a kind at hand.
    for _ in 0..5 {
        let nonce = json!(nonce(&report, officers::UNIT));
        let live = at_once(vec![(), ()], |()| is_live(&report, officers::UNIT, &nonce));
        assert_eq!(live.iter().filter(|live| **live).count(), 1);
    }
    let nonces = items_of_kind(&report.ticket, "camera");
    assert!(nonces.len() == 5 && nonces.iter().all(|nonce| nonce.contains_key("used_by")));
    let photos = items_of_kind(&report.ticket, "photo");
    let live = photos.iter().filter(|photo| photo.contains_key("camera"));
    assert_eq!((photos.len(), live.count()), (10, 5));
}

#[test]
fn a_nonce_is_given_to_whoever_may_declare_photos_now_and_changes_nothing_of_the_report() {
    let field = life::in_status(Status::MenungguVerifikasi, &life::body());
    let report = in_work();
    let waiting = life::in_status(Status::Koordinasi, &life::body());
    let judged = life::in_status(Status::MenungguValidasi, &life::body());
    let before: Vec<_> = [&report, &field].map(|report| items_of(&report.ticket)).into();
    let unknown = Report { ticket: unknown_ticket(), secret: String::new() };
    for (report, officer, expected) in [
        (&report, officers::UNIT, 201),
        (&field, officers::VERIFIKASI, 201),
        (&report, officers::OTHER_UNIT, 404),
        (&report, officers::VALIDASI, 404),
        (&report, officers::TIKET, 403),
        (&report, officers::ADMINISTRATOR, 403),
        (&field, officers::VALIDASI, 403),
        (&field, officers::UNIT, 409),
        (&waiting, officers::UNIT, 409),
        (&judged, officers::UNIT, 409),
        (&unknown, officers::UNIT, 404),
    ] {
        let answer = report.command(officer, "camera", &json!({}));
        assert_eq!(answer.status, expected, "{officer} {}", answer.text());
    }
    let without_nonces = |report: &Report| {
        let mut items = items_of(&report.ticket);
        items.retain(|item| item.get("kind") != Some(&AttributeValue::S("camera".to_owned())));
        items
    };
    let after: Vec<_> = [&report, &field].map(without_nonces).into();
    assert!(before == after);
    // Whoever asks again gets another one, whatever the key.
    let key = fresh_key();
    let ask =
        || by(officers::UNIT, "POST", &report.path("camera")).key(&key).json(&json!({})).send().expect(201);
    assert_ne!(ask().json()["nonce"], ask().json()["nonce"]);
}
