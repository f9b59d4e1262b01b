//! Notes, plans, corrections, claims and the list of actions tell nobody that a change waits: of two reports of one past, one of which has
//! changed since, those who may not know it get the same answers.

use super::{SENSITIVE, accept, assignment, entries, post_tl, seen, sent, slot_comes, triage};
use crate::side_channels::{
    arrival::{assert_alike, commands_too_late, without_copies},
    world::{Seen, looks},
};
use serde_json::{Value, json};
use tests::{
    accounts::{Account, OwnUnit},
    http::Answer,
    life::{self, Report, by},
    officers,
};

const NO_PHOTO: &str = "0123456789ABCDEF";

/// A report of a sensitive category whose TL lies with the validators, and nothing of it waits.
struct Judged {
    unit: OwnUnit,
    officer: String,
    verifier: String,
    report: Report,
    photos: Vec<String>,
}

impl Judged {
    fn new() -> Self {
        let unit = OwnUnit::new(None);
        let officer = unit.officer().username;
        let verifier = Account::new(&["petugas-verifikasi"], None).username;
        let report = sent(SENSITIVE);
        triage(&report, &assignment(&unit));
        slot_comes(&report);
        accept(&report, &officer);
        let photos = post_tl(&report, &officer);
        slot_comes(&report);
        Self { unit, officer, verifier, report, photos }
    }

    /// An answer as of any such report: its own codes, ids and version have other names.
    fn plain(&self, answer: Answer) -> Answer {
        let version = serde_json::from_slice::<Value>(&answer.bytes).ok();
        let version = version.and_then(|body| body["version"].as_str().map(ToOwned::to_owned));
        let own = [&self.unit.code, &self.report.ticket].into_iter().chain(&self.photos).cloned();
        let names: Vec<(String, String)> =
            own.chain(version).enumerate().map(|(place, own)| (own, format!("own {place}"))).collect();
        let plain =
            |text: &str| names.iter().fold(text.to_owned(), |text, (own, name)| text.replace(own, name));
        let headers = answer.headers.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        Answer {
            status: answer.status,
            headers,
            cookies: answer.cookies.clone(),
            bytes: plain(&String::from_utf8_lossy(&answer.bytes)).into(),
        }
    }

    /// Everything that an officer gets by looking and by trying all that this chapter adds, as of any such report.
    fn all(&self, officer: &str) -> Vec<Seen> {
        let attempts = [
            ("notes", json!({"text": "Sudah dihubungi", "audience": "all"})),
            ("notes", json!({"text": "Sudah dihubungi?", "to": "tiket"})),
            ("plan", json!({"on": life::today(), "reason": "Menunggu bahan"})),
            ("correction", json!({"category": "sampah", "reason": "Tentang sampah"})),
            ("claim", json!({})),
            ("assignment", json!({"action": "recall"})),
            ("verification", json!({"looked": false, "reason": "Gerbang terkunci"})),
        ];
        let mut all = looks(officer, &self.report, &self.unit.code);
        all.extend(commands_too_late(officer, &self.report, NO_PHOTO));
        for (route, body) in attempts {
            let answer = by(officer, "POST", &self.report.path(route)).json(&body).send();
            all.push((format!("POST {route} {body}"), answer));
            all.push((format!("GET after {route}"), self.report.seen_by(officer)));
        }
        // On the desk of the verifiers others work meanwhile.
        let is_shared = |what: &str| *officer == self.verifier && what.starts_with("GET /v1/desk");
        let own = without_copies(all).into_iter().filter(|(what, _)| !is_shared(what));
        own.map(|(what, answer)| (what, self.plain(answer))).collect()
    }
}

#[track_caller]
fn validate(report: &Report, decision: &str) {
    report.validate(decision);
    assert!(crate::units::snapshot(report).visible.release.is_some(), "something waits");
}

#[test]
fn while_a_verdict_waits_a_unit_gets_what_it_would_get_of_a_report_without_one() {
    let (decided, twin) = (Judged::new(), Judged::new());
    validate(&decided.report, "reject");
    for judged in [&decided, &twin] {
        let note = json!({"text": "Lihat foto kedua", "audience": "all", "to": "tiket"});
        judged.report.command(officers::VALIDASI, "notes", &note).expect(200);
        judged
            .report
            .command(officers::TIKET, "notes", &json!({"text": "Sudah", "audience": "all"}))
            .expect(200);
    }
    let of_twin = twin.all(&twin.officer);
    assert_alike(&of_twin, &decided.all(&decided.officer));
    assert!(
        of_twin.iter().filter(|(_, answer)| answer.status == 200).count() > 10,
        "there is something to see"
    );
    slot_comes(&decided.report);
    let notes = entries(&seen(&decided.report, &decided.officer), "note");
    assert_eq!(notes.len(), 2, "they have waited with the verdict");
}

#[test]
fn while_a_second_field_check_waits_a_verifier_gets_what_they_would_get_without_one() {
    let [checked, twin] = [(); 2].map(|()| {
        let judged = Judged::new();
        validate(&judged.report, "field_check");
        slot_comes(&judged.report);
        let body = json!({"looked": false, "reason": "Gerbang terkunci"});
        judged.report.command(&judged.verifier, "verification", &body).expect(200);
        slot_comes(&judged.report);
        judged
    });
    validate(&checked.report, "field_check");
    let of_twin = twin.all(&twin.verifier);
    assert_alike(&of_twin, &checked.all(&checked.verifier));
    assert!(
        of_twin.iter().filter(|(_, answer)| answer.status == 200).count() > 10,
        "there is something to see"
    );

    // What is said by somebody who knows of it waits with it.
    let before = checked.report.seen_by(&checked.verifier).expect(200);
    let note = json!({"text": "Coba datang sore", "audience": "all"});
    checked.report.command(officers::VALIDASI, "notes", &note).expect(200);
    assert_eq!(checked.report.seen_by(&checked.verifier).expect(200).bytes, before.bytes);
    slot_comes(&checked.report);
    let notes = entries(&seen(&checked.report, &checked.verifier), "note");
    assert!(notes.iter().any(|entry| entry["note"]["text"] == "Coba datang sore"));
}

#[test]
fn a_correction_and_a_claim_change_no_byte_of_what_a_unit_gets_that_the_report_has_left() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let report = sent("jalan-berlubang");
    triage(&report, &json!({"action": "assign", "unit": unit.code}));
    let give_back = json!({"action": "return", "reason": "Bukan kami"});
    report.command(&officer, "assignment", &give_back).expect(200);
    let all = || {
        let mut all = looks(&officer, &report, &unit.code);
        all.extend(commands_too_late(&officer, &report, NO_PHOTO));
        all
    };
    let before = all();
    let place = json!({"lat": -6.178, "lon": 106.808, "address": "Jl. Cideng Barat"});
    let correction = json!({"category": "sampah", "location": place, "reason": "Tentang sampah"});
    report.command(officers::TIKET, "correction", &correction).expect(200);
    report.command(officers::TIKET, "claim", &json!({})).expect(200);
    report.command(officers::TIKET, "notes", &json!({"text": "Tunggu dulu", "audience": "all"})).expect(200);
    assert_alike(&before, &all());
}
