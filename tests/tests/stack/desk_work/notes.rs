//! Notes among officers, and questions to the ticket desk.

use super::{accept, entries, says, seen, sent, triage};
use crate::{
    desk_filters::lines,
    own_map::{RoutedUnit, release},
};
use serde_json::{Value, json};
use tests::{
    accounts::{Account, OwnUnit},
    inbox::{Inbox, Message},
    life::{Report, by},
    officers,
};

/// A report in the works at a unit.
fn in_work(unit: &OwnUnit, officer: &str) -> Report {
    let report = sent("jalan-berlubang");
    triage(&report, &json!({"action": "assign", "unit": unit.code}));
    accept(&report, officer);
    report
}

#[track_caller]
fn note(report: &Report, officer: &str, body: &Value) {
    report.command(officer, "notes", body).expect(200);
}

/// The notes that an officer reads, in their order.
fn read_by(report: &Report, officer: &str) -> Vec<Value> {
    entries(&seen(report, officer), "note").into_iter().map(|entry| entry["note"].clone()).collect()
}

/// What was announced of notes on a report.
fn told(inbox: &Inbox, report: &Report) -> Vec<String> {
    inbox.catch_up();
    let of_notes = inbox.about(report).into_iter().filter(|message| message.attributes["event"] == "note");
    of_notes.map(|message: Message| message.summary()).collect()
}

#[test]
fn a_note_is_read_by_the_bureau_by_units_masked_if_it_is_for_all_or_theirs_and_never_by_the_reporter() {
    let above = OwnUnit::new(None);
    let unit = OwnUnit::new(Some(&above));
    let officer = unit.officer().username;
    let report = in_work(&unit, &officer);
    let text = |word: &str| format!("{word}, telepon 0812-9000-4715");
    let masked = |word: &str| format!("{word}, telepon [•••]");
    note(&report, officers::TIKET, &json!({"text": text("Kenalan pejabat")}));
    note(&report, officers::TIKET, &json!({"text": text("Jalan provinsi"), "audience": "all"}));
    note(&report, &officer, &json!({"text": text("Menunggu alat")}));

    let entry =
        |text: &str, audience: &str, from: &str| json!({"text": text, "audience": audience, "from": from});
    let of_unit = format!("unit:{}", unit.code);
    let by_bureau = read_by(&report, officers::TIKET);
    let whole = [
        entry(&text("Kenalan pejabat"), "bureau", "tiket"),
        entry(&text("Jalan provinsi"), "all", "tiket"),
        entry(&text("Menunggu alat"), "bureau", &of_unit),
    ];
    assert_eq!(by_bureau, whole);
    let own = [
        entry(&masked("Jalan provinsi"), "all", "tiket"),
        entry(&masked("Menunggu alat"), "bureau", &of_unit),
    ];
    for colleague in [&officer, &unit.officer().username] {
        assert_eq!(read_by(&report, colleague), own);
    }
    assert_eq!(
        read_by(&report, &above.officer().username),
        own[..1],
        "a note of the unit below is not theirs"
    );
    let of_reporter = report.tracked().expect(200);
    for word in ["Kenalan pejabat", "Jalan provinsi", "Menunggu alat", "\"note\""] {
        assert!(!says(&of_reporter, word), "the reporter reads {word}");
    }
}

#[test]
fn a_note_of_the_bureau_changes_no_byte_of_what_a_unit_gets_and_makes_no_version_stale() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let inbox = Inbox::on(&[&format!("unit-{}", unit.code), "reporter"]);
    let report = in_work(&unit, &officer);
    let bureau_before = seen(&report, officers::TIKET)["version"].clone();
    let before = report.seen_by(&officer).expect(200);
    let stale =
        by(officers::TIKET, "POST", &report.path("notes")).header("If-Match", "\"00000000000000000000\"");
    stale.json(&json!({"text": "Kenalan pejabat"})).send().expect(200);
    let after = report.seen_by(&officer).expect(200);
    assert_eq!((after.bytes, &after.headers["etag"]), (before.bytes.clone(), &before.headers["etag"]));
    assert_ne!(seen(&report, officers::TIKET)["version"], bureau_before);
    let plan = by(&officer, "POST", &report.path("plan")).header("If-Match", &before.headers["etag"]);
    plan.json(&json!({"on": tests::life::today(), "reason": "Menunggu bahan"})).send().expect(200);
    assert_eq!(told(&inbox, &report), [""; 0]);
}

#[test]
fn a_question_stands_on_the_ticket_desks_list_until_it_is_answered_and_shows_it_the_report() {
    let routed = RoutedUnit::new();
    let officer = routed.unit.officer().username;
    let topic = format!("unit-{}", routed.unit.code);
    let inbox = Inbox::on(&[&topic, "desk-tiket"]);
    let (report, _) = routed.send("jaki", &RoutedUnit::body());
    release(std::slice::from_ref(&report));
    accept(&report, &officer);
    report.seen_by(officers::TIKET).expect(404);
    let lists = |query: &str| {
        let lines = lines(officers::TIKET, &format!("desk=tiket&limit=100{query}"));
        lines.into_iter().find(|line| line["ticket"] == report.ticket.as_str())
    };

    note(&report, &officer, &json!({"text": "Apakah ini jalan kota?", "to": "tiket"}));
    let asked = &read_by(&report, officers::TIKET)[0];
    assert_eq!((&asked["text"], &asked["to"]), (&json!("Apakah ini jalan kota?"), &json!("tiket")));
    assert_eq!(lists("&kind=questions").expect("a question")["status"], "proses");
    assert_eq!(lists(""), None, "it does not lie there");
    assert_eq!(told(&inbox, &report), ["desk-tiket note proses"]);

    // What happens to the report meanwhile shows in the line.
    let tl = super::post_tl(&report, &officer);
    assert_eq!(tl.len(), 2);
    assert_eq!(lists("&kind=questions").expect("a question")["status"], "menunggu_validasi");
    report.validate("reject");
    slot_if_any(&report);

    note(&report, officers::TIKET, &json!({"text": "Ya, jalan kota", "audience": "all"}));
    assert_eq!(lists("&kind=questions"), None);
    assert_eq!(told(&inbox, &report), ["desk-tiket note proses", &format!("{topic} note tl_ditolak")]);
    assert_eq!(read_by(&report, &officer)[1]["text"], "Ya, jalan kota");
    seen(&report, officers::TIKET);

    // What the unit cannot read is no answer.
    note(&report, &officer, &json!({"text": "Dan trotoarnya?", "to": "tiket"}));
    note(&report, officers::TIKET, &json!({"text": "Biarkan dulu"}));
    assert_eq!(lists("&kind=questions").expect("a question")["status"], "tl_ditolak");
    assert_eq!(told(&inbox, &report).len(), 3, "only the second question is told");
}

/// The map's own `submit` gave the report slots that are half a day away.
fn slot_if_any(report: &Report) {
    if crate::units::snapshot(report).visible.release.is_some() {
        super::slot_comes(report);
    }
}

#[test]
fn a_question_of_a_report_that_is_closed_is_on_no_list() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let report = in_work(&unit, &officer);
    note(&report, &officer, &json!({"text": "Apakah ini jalan kota?", "to": "tiket"}));
    super::post_tl(&report, &officer);
    report.validate("accept");
    let lines = lines(officers::TIKET, "desk=tiket&kind=questions&limit=100");
    assert!(lines.iter().all(|line| line["ticket"] != report.ticket.as_str()));
    report.command(officers::TIKET, "notes", &json!({"text": "Ya, jalan kota"})).expect(409);
}

#[test]
fn officers_of_one_desk_write_at_most_thirty_notes_on_a_report() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let report = in_work(&unit, &officer);
    let colleague = Account::new(&["admin-tiket"], None).username;
    for number in 0..30 {
        let author = if number % 2 == 0 { officers::TIKET } else { &colleague };
        note(&report, author, &json!({"text": format!("Catatan {number}")}));
    }
    for author in [officers::TIKET, &colleague] {
        assert!(!seen(&report, author)["actions"].as_array().expect("acts").contains(&json!("note")));
        let refused = report.command(author, "notes", &json!({"text": "Satu lagi"})).expect(409);
        assert_eq!(refused.json()["type"], "/problems/too-often");
    }
    note(&report, &officer, &json!({"text": "Menunggu alat"}));
}
