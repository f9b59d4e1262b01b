//! What a unit keeps of a report that has left it: what it put there itself.

use super::{accept, entries, post_tl, says, seen, triage};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    accounts::OwnUnit,
    life::{self, declared, fresh_photo, upload},
    officers,
};

#[test]
fn of_a_report_that_has_left_it_a_unit_keeps_its_own_tls_photos_notes_and_plans_and_nothing_else() {
    let (unit, other) = (OwnUnit::new(None), OwnUnit::new(None));
    let (officer, of_other) = (unit.officer().username, other.officer().username);
    let picture = fresh_photo();
    let mut body = life::body();
    body["privacy"] = json!("public");
    body["photos"] = json!([declared(&picture)]);
    let (report, told) = life::submit(&body);
    let entry = &told.json()["uploads"][0];
    upload(entry, &picture).expect(200);
    let of_reporter = entry["photo"].as_str().expect("an id").to_owned();
    report.await_ready(&of_reporter);
    triage(&report, &json!({"action": "assign", "unit": unit.code}));
    accept(&report, &officer);
    let plan = json!({"on": life::today(), "reason": "Menunggu bahan"});
    report.command(&officer, "plan", &plan).expect(200);
    report.command(&officer, "notes", &json!({"text": "Alat sedang dipakai"})).expect(200);
    let among_all = json!({"text": "Kata loket: jalan kota", "audience": "all"});
    report.command(officers::TIKET, "notes", &among_all).expect(200);
    let own = post_tl(&report, &officer);
    report.validate("reject");
    report.view(&officer, &of_reporter).expect(200);
    let reason = json!({"action": "return", "reason": "Bukan wilayah kami"});
    report.command(&officer, "assignment", &reason).expect(200);
    triage(&report, &json!({"action": "assign", "unit": other.code}));
    accept(&report, &of_other);
    report
        .command(&of_other, "plan", &json!({"on": life::today(), "reason": "Menunggu giliran"}))
        .expect(200);
    let of_others = post_tl(&report, &of_other);
    report.validate("field_check");
    let in_the_field = report.add_photos(officers::VERIFIKASI, &["field"]);

    let answer = report.seen_by(&officer).expect(200);
    assert!(!answer.headers.contains_key("etag"));
    let kept = answer.json();
    let fields: BTreeSet<&str> = kept.as_object().expect("an object").keys().map(String::as_str).collect();
    let expected = ["ticket", "category", "status", "status_text", "label", "photos", "history"];
    assert_eq!(fields, BTreeSet::from(expected));
    let photos: BTreeSet<&str> = kept["photos"]
        .as_array()
        .expect("photos")
        .iter()
        .filter_map(|photo| photo["photo"].as_str())
        .collect();
    assert_eq!(photos, own.iter().map(String::as_str).collect());
    assert_eq!(entries(&kept, "post_tl")[0]["narrative"], "Sudah diperiksa dan dibereskan");
    assert_eq!(entries(&kept, "plan")[0]["on"], json!(life::today()));
    assert_eq!(entries(&kept, "note")[0]["note"]["text"], "Alat sedang dipakai");
    let acts: Vec<&str> = kept["history"]
        .as_array()
        .expect("a history")
        .iter()
        .filter_map(|entry| entry["event"].as_str())
        .collect();
    assert_eq!(acts, ["accept", "plan", "note", "add_work_photos", "post_tl", "return"]);
    for word in
        ["Kata loket", "Menunggu giliran", "Perlu dilihat", "Jl. Contoh Raya", &of_reporter, &of_others[0]]
    {
        assert!(!says(&answer, word), "it reads {word}");
    }

    for photo in &own {
        report.view(&officer, photo).expect(200);
    }
    for photo in of_others.iter().chain(&in_the_field).chain([&of_reporter]) {
        report.view(&officer, photo).expect(404);
    }
    // The bureau sees all of it: else nothing would be hidden.
    let bureau = seen(&report, officers::VALIDASI);
    assert_eq!(bureau["photos"].as_array().expect("photos").len(), 6);
    for act in ["notes", "plan", "tl"] {
        let answer = report.command(&officer, act, &Value::Null);
        assert!(matches!(answer.status, 403 | 404), "{act}: {}", answer.status);
    }
}
