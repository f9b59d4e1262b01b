//! The ticket desk mends a report's category and place before it assigns the report.

use super::{SENSITIVE, accept, assignment, entries, says, seen, sent, slot_comes, triage};
use crate::{desk_filters::lines, units::snapshot};
use serde_json::{Value, json};
use tests::{
    accounts::OwnUnit,
    http::fresh_key,
    life::{self, Report, by},
    officers,
    operator::items_of,
};

/// Where a report without a position lies.
fn at_address(category: &str, address: &str) -> Report {
    let mut body = life::body();
    body["category"] = json!(category);
    body["location"] = json!({"address": address});
    life::submit(&body).0
}

#[track_caller]
fn correct(report: &Report, body: &Value) -> Value {
    report.command(officers::TIKET, "correction", body).expect(200).json()
}

#[test]
fn a_corrected_report_has_the_days_the_kept_data_the_area_and_the_unit_of_what_it_is_about() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let mut body = life::body();
    // Four hours, all of which count; corrected to a day of working hours.
    body["category"] = json!("banjir");
    body["description"] = json!("Mobil B 1234 XYZ parkir di trotoar, hubungi 0812-9000-4712");
    body["location"] = json!({"address": "Jl. Alamat Lama 3"});
    let (report, _) = life::submit(&body);
    let before = seen(&report, officers::TIKET);
    assert_eq!(before["suggested_unit"], Value::Null);

    let place = json!({"lat": -6.178, "lon": 106.808, "accuracy_m": 5.0, "address": "Jl. Cideng Barat, telepon 0812-9000-4713"});
    let correction = json!({"category": "parkir-liar", "location": place, "reason": "Bukan soal air"});
    let done = correct(&report, &correction);
    assert_eq!(done["status"], "menunggu");
    assert_eq!(done["warnings"][0]["field"], "location.address");

    let after = seen(&report, officers::TIKET);
    assert_eq!(after["category"], "parkir-liar");
    assert_eq!(after["place"], place);
    assert_eq!(after["area"], "31.71.01.1002");
    assert_eq!(after["suggested_unit"], "sudin-perhubungan-jakpus");
    assert!(after["deadline"].as_str().unwrap() > before["deadline"].as_str().unwrap());
    let entry = entries(&after, "correct").remove(0);
    assert_eq!(entry["before"], json!({"category": "banjir", "place": {"address": "Jl. Alamat Lama 3"}}));
    assert_eq!(entry["reason"], "Bukan soal air");
    let is_listed = |category: &str| {
        let lines = lines(officers::TIKET, &format!("area=31.71.01.1002&category={category}&limit=100"));
        lines.iter().any(|line| line["ticket"] == report.ticket.as_str())
    };
    assert!(is_listed("parkir-liar") && !is_listed("banjir"));

    triage(&report, &json!({"action": "assign", "unit": unit.code}));
    let answer = report.seen_by(&officer).expect(200);
    let of_unit = answer.json();
    assert_eq!(of_unit["description"], "Mobil B 1234 XYZ parkir di trotoar, hubungi [•••]");
    assert_eq!(of_unit["area"], "31.71.01.1002");
    assert_eq!(entries(&of_unit, "correct"), [json!({"event": "correct", "status": "menunggu"})]);
    for word in ["Alamat Lama", "Bukan soal air", "\"banjir\""] {
        assert!(!says(&answer, word), "the unit reads {word}");
    }
}

#[test]
fn a_report_corrected_to_a_sensitive_category_goes_with_a_summary_and_at_that_categorys_slot() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let (report, _) = life::submit(&life::body());
    correct(&report, &json!({"category": SENSITIVE, "reason": "Tentang seorang petugas"}));
    let assign = json!({"action": "assign", "unit": unit.code});
    let refused = report.command(officers::TIKET, "assignment", &assign).expect(422);
    assert_eq!(refused.errors(), ["summary required"]);
    triage(&report, &assignment(&unit));
    report.seen_by(&officer).expect(404);
    slot_comes(&report);
    let of_unit = seen(&report, &officer);
    assert_eq!(
        (&of_unit["description"], &of_unit["summary"]),
        (&json!(life::SUMMARY), &json!(life::SUMMARY))
    );
}

#[test]
fn what_waits_of_a_report_comes_no_earlier_by_a_correction_and_its_words_stay_withheld() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let report = sent(SENSITIVE);
    let told_at = || snapshot(&report).reporter.update.map(|update| update.at);
    let before = told_at();
    assert!(before.is_some());
    correct(&report, &json!({"category": "sampah", "reason": "Tentang sampah"}));
    assert_eq!(told_at(), before);
    let assign = json!({"action": "assign", "unit": unit.code});
    let refused = report.command(officers::TIKET, "assignment", &assign).expect(422);
    assert_eq!(refused.errors(), ["summary required"]);
    triage(&report, &json!({"action": "assign", "unit": unit.code, "summary": life::SUMMARY}));
    slot_comes(&report);
    let of_unit = seen(&report, &officer);
    assert_eq!(
        (&of_unit["description"], &of_unit["place"]["address"]),
        (&json!(life::SUMMARY), &Value::Null)
    );
}

#[test]
fn a_place_without_a_position_gets_the_area_that_its_address_suggests() {
    let report = at_address("sampah", "Jl. Kecil 4, Kelurahan Gondangdia, Kecamatan Menteng");
    assert_eq!(seen(&report, officers::TIKET)["suggested_area"], "31.71.06.1004");
    assert_eq!(seen(&report, officers::ADMINISTRATOR)["suggested_area"], Value::Null);
    correct(&report, &json!({"area": "31.71.06.1004", "reason": "Menurut alamatnya"}));
    let after = seen(&report, officers::TIKET);
    assert_eq!((&after["area"], &after["suggested_area"]), (&json!("31.71.06.1004"), &Value::Null));
    assert_eq!(entries(&after, "correct")[0]["before"], json!({}));
    let in_kecamatan = lines(officers::TIKET, "area=31.71.06&category=sampah&limit=100");
    assert!(in_kecamatan.iter().any(|line| line["ticket"] == report.ticket.as_str()));
    // It stays while the place does.
    correct(&report, &json!({"category": "taman", "reason": "Tentang taman"}));
    assert_eq!(seen(&report, officers::TIKET)["area"], "31.71.06.1004");

    for (address, suggested) in [
        ("Jl. Melati 3", Value::Null),
        ("Gondangdia atau Karet", Value::Null),
        ("Jl. Kecil 4, Gondangdia", json!("31.71.06.1004")),
        ("Gondangdia, Menteng", json!("31.71.06.1004")),
        // A kelurahan of it has the same name.
        ("dekat taman, Menteng", json!("31.71.06")),
    ] {
        let report = at_address("sampah", address);
        assert_eq!(seen(&report, officers::TIKET)["suggested_area"], suggested, "{address}");
    }
}

#[test]
fn a_correction_to_what_does_not_exist_or_is_there_already_is_refused_and_changes_nothing() {
    let (placed, _) = life::submit(&life::body());
    let unplaced = at_address("sampah", "Jl. Contoh 1");
    correct(&unplaced, &json!({"area": "31.71", "reason": "Menurut pelapor"}));
    let same_place = json!({"address": "Jl. Contoh 1"});
    for (report, correction, errors) in [
        (&placed, json!({"category": "tidak-ada"}), ["category no_such_code"]),
        (&placed, json!({"area": "31.71"}), ["area has_position"]),
        (&placed, json!({"category": "jalan-berlubang"}), [" unchanged"]),
        (&unplaced, json!({"area": "99.99"}), ["area no_such_code"]),
        (&unplaced, json!({"area": "31.71"}), [" unchanged"]),
        (&unplaced, json!({"location": same_place, "area": "31.71", "category": "sampah"}), [" unchanged"]),
    ] {
        let before = items_of(&report.ticket);
        let mut correction = correction;
        correction["reason"] = json!("Salah dipilih");
        let refused = report.command(officers::TIKET, "correction", &correction).expect(422);
        assert_eq!(refused.errors(), errors, "{correction}");
        assert!(items_of(&report.ticket) == before, "{correction}");
    }
}

/// What the channel is told depends on what it sent, and not on what the report has become.
#[test]
fn a_submission_sent_again_after_a_correction_gets_its_first_answer() {
    let (key, mut body) = (fresh_key(), life::body());
    body["description"] = json!("Mobil B 1234 XYZ menabrak pot tanaman");
    body["category"] = json!("taman");
    let send = || life::submission("jaki", &key, &body).send();
    let first = send().expect(201);
    assert_eq!(first.json()["warnings"][0]["code"], "plate");
    correct(&Report::told(&first.json()), &json!({"category": "parkir-liar", "reason": "Soal parkir"}));
    assert_eq!(send().expect(200).bytes, first.bytes);
}

#[test]
fn a_correction_repeated_with_its_key_is_made_once() {
    let (report, _) = life::submit(&life::body());
    let correction = json!({"category": "sampah", "reason": "Tentang sampah"});
    let call = by(officers::TIKET, "POST", &report.path("correction")).key(&fresh_key()).json(&correction);
    let (first, again) = (call.send().expect(200), call.send().expect(200));
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(entries(&seen(&report, officers::TIKET), "correct").len(), 1);
}

#[test]
fn a_unit_that_a_report_has_left_knows_it_by_the_category_that_it_had_then_until_it_comes_back() {
    let (unit, other) = (OwnUnit::new(None), OwnUnit::new(None));
    let (officer, of_other) = (unit.officer().username, other.officer().username);
    let report = sent("jalan-berlubang");
    triage(&report, &json!({"action": "assign", "unit": unit.code}));
    report.command(&officer, "assignment", &json!({"action": "return", "reason": "Bukan kami"})).expect(200);
    correct(&report, &json!({"category": SENSITIVE, "reason": "Tentang seorang petugas"}));
    assert_eq!(seen(&report, &officer)["category"], "jalan-berlubang");
    triage(&report, &assignment(&other));
    slot_comes(&report);
    assert_eq!(seen(&report, &of_other)["category"], SENSITIVE);
    let of_former = report.seen_by(&officer).expect(200);
    assert_eq!(of_former.json()["category"], "jalan-berlubang");
    assert!(!says(&of_former, SENSITIVE));

    accept(&report, &of_other);
    report.command(&of_other, "assignment", &json!({"action": "return", "reason": "Bukan kami"})).expect(200);
    triage(&report, &assignment(&unit));
    slot_comes(&report);
    assert_eq!(seen(&report, &officer)["category"], SENSITIVE);
    report.command(&officer, "assignment", &json!({"action": "return", "reason": "Bukan kami"})).expect(200);
    assert_eq!(seen(&report, &officer)["category"], SENSITIVE, "it has seen that one");
}
