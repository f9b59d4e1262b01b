//! Of a report of a sensitive category a unit gets nothing that its reporter wrote or sent.

use super::{SENSITIVE, assignment, post_tl, says, seen, slot_comes, triage};
use crate::side_channels::{
    arrival::commands_too_late,
    world::{Seen, looks},
};
use domain::status::Status;
use serde_json::{Value, json};
use tests::{
    accounts::OwnUnit,
    inbox::Inbox,
    life::{self, Report, by, declared, fresh_photo, upload},
    officers,
    threads::in_parallel,
};

/// Words of the reporter, each in one of their texts: description, address, and why they disputed.
const DESCRIPTION: &str = "kuntulhitamsenja";
const ADDRESS: &str = "ganggelatikulima";
const DISPUTES: [&str; 3] = ["betetungusatu", "betetungudua", "betetungutiga"];
/// What the ticket desk says among the bureau.
const AMONG_THE_BUREAU: &str = "perkututjingga";

/// A report at whose life officers of units look on.
struct Life {
    report: Report,
    photo: String,
    units: [OwnUnit; 3],
    officers: [String; 3],
    inbox: Inbox,
    seen: Vec<Seen>,
}

impl Life {
    /// Sent with a public photo, to a unit, the one above it, and a second one.
    fn new() -> Self {
        let above = OwnUnit::new(None);
        let units = [OwnUnit::new(Some(&above)), above, OwnUnit::new(None)];
        let officers = [0, 1, 2].map(|place| units[place].officer().username);
        let topics: Vec<String> = units.iter().map(|unit| format!("unit-{}", unit.code)).collect();
        let inbox = Inbox::on(&topics.iter().map(String::as_str).collect::<Vec<_>>());
        let picture = fresh_photo();
        let mut body = life::body();
        body["category"] = json!("pungutan-liar");
        body["privacy"] = json!("public");
        body["description"] = json!(format!("Saya dimintai uang {DESCRIPTION} di loket"));
        body["location"] = json!({"lat": -6.2144, "lon": 106.821, "accuracy_m": 5000, "address": format!("Rumah saya {ADDRESS} 5")});
        body["photos"] = json!([declared(&picture)]);
        let (report, told) = life::submit(&body);
        let entry = &told.json()["uploads"][0];
        upload(entry, &picture).expect(200);
        let photo = entry["photo"].as_str().expect("an id").to_owned();
        report.await_ready(&photo);
        Self { report, photo, units, officers, inbox, seen: Vec::new() }
    }

    /// All that the units' officers can get, and the refusals of what they could try.
    fn look(&mut self) {
        let Self { report, photo, units, officers, .. } = &*self;
        let seen = in_parallel(officers.iter().zip(units).collect(), |(officer, unit)| {
            let mut seen = looks(officer, report, &unit.code);
            seen.push(("GET the photo".to_owned(), report.view(officer, photo).expect(404)));
            seen.extend(commands_too_late(officer, report, photo));
            seen
        });
        self.seen.extend(seen.concat());
    }

    /// An act of one of the officers.
    fn act(&mut self, officer: usize, route: &str, body: &Value) {
        let answer =
            by(&self.officers[officer], "POST", &self.report.path(route)).json(body).send().expect(200);
        self.seen.push((format!("POST {route} {body}"), answer));
    }

    fn dispute(&self, word: &str) {
        let reason = json!({"reason": format!("Petugas itu {word} lagi")});
        self.report.track("POST", "dispute", &reason).expect(200);
        slot_comes(&self.report);
    }

    /// Until it is done and has been disputed three times, at two units.
    fn go(&mut self) {
        triage(&self.report, &json!({"action": "reject", "reason": "Kurang jelas"}));
        slot_comes(&self.report);
        self.dispute(DISPUTES[0]);
        let correction = json!({"category": SENSITIVE, "location": {"lat": -6.2144, "lon": 106.821, "address": "Kantor Kelurahan Karet"}, "reason": format!("{AMONG_THE_BUREAU} menurut {DESCRIPTION}")});
        self.report.command(officers::TIKET, "correction", &correction).expect(200);
        triage(&self.report, &assignment(&self.units[0]));
        slot_comes(&self.report);
        self.look();

        self.act(0, "notes", &json!({"text": "Sedang diperiksa"}));
        let note = json!({"text": format!("{AMONG_THE_BUREAU}: pelapor menulis {DESCRIPTION}")});
        self.report.command(officers::TIKET, "notes", &note).expect(200);
        self.act(0, "assignment", &json!({"action": "accept"}));
        self.act(0, "plan", &json!({"on": life::today(), "reason": "Menunggu berita acara"}));
        post_tl(&self.report, &self.officers[0]);
        self.look();
        self.report.validate("accept");
        slot_comes(&self.report);
        self.dispute(DISPUTES[1]);
        self.look();
        self.report.verify(false);
        slot_comes(&self.report);
        self.look();

        self.act(0, "assignment", &json!({"action": "return", "reason": "Bukan pegawai kami"}));
        triage(&self.report, &json!({"action": "assign", "unit": self.units[2].code}));
        slot_comes(&self.report);
        self.act(2, "assignment", &json!({"action": "accept"}));
        post_tl(&self.report, &self.officers[2]);
        self.report.validate("accept");
        slot_comes(&self.report);
        self.dispute(DISPUTES[2]);
        self.look();
        self.report.verify(false);
        slot_comes(&self.report);
        self.look();
    }
}

#[test]
fn no_word_place_reason_or_photo_of_a_sensitive_report_reaches_a_unit_in_a_whole_life() {
    let mut life = Life::new();
    life.go();
    let Life { report, photo, units, officers, inbox, seen: all } = life;
    let words: Vec<&str> =
        [DESCRIPTION, ADDRESS, AMONG_THE_BUREAU, &photo].into_iter().chain(DISPUTES).collect();

    let bureau = report.seen_by(officers::VALIDASI).expect(200);
    for word in &words {
        assert!(says(&bureau, word), "else the search for {word} says nothing");
    }
    report.view(officers::VALIDASI, &photo).expect(200);
    // Each of the units had it whole, with the summary and the address of the ticket desk.
    for unit in [0, 2] {
        let had_it = |(_, answer): &Seen| {
            answer.status == 200 && says(answer, life::SUMMARY) && says(answer, "Kantor Kelurahan Karet")
        };
        assert!(all.iter().any(had_it), "{}", officers[unit]);
    }
    assert_eq!(seen(&report, &officers[2])["status"], Status::TlDitolak.as_str());

    for (what, answer) in &all {
        for word in &words {
            // The path of a photo is the officer's own.
            assert!(!says(answer, word), "{what} says {word}");
        }
    }
    inbox.catch_up();
    let topics = units.map(|unit| format!("unit-{}", unit.code));
    let messages = inbox.about(&report).into_iter().filter(|message| topics.contains(&message.topic));
    let messages: Vec<String> = messages.map(|message| format!("{message:?}")).collect();
    assert!(messages.len() > 8, "{}", messages.len());
    for word in words {
        assert!(messages.iter().all(|message| !message.contains(word)), "a message says {word}");
    }
}

#[test]
fn a_summary_takes_the_place_of_the_reporters_words_in_any_category() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let mut body = life::body();
    body["description"] = json!(format!("Jalan berlubang {DESCRIPTION} di depan pasar"));
    body["location"]["address"] = json!(format!("Jl. {ADDRESS} 12"));
    let (report, _) = life::submit(&body);
    let summary = "Lubang di depan pasar, telepon 0812-9000-4714";
    let assign = json!({"action": "assign", "unit": unit.code, "summary": summary});
    let done = report.command(officers::TIKET, "assignment", &assign).expect(200).json();
    assert_eq!(done["warnings"][0]["field"], "summary");
    let answer = report.seen_by(&officer).expect(200);
    let masked = "Lubang di depan pasar, telepon [•••]";
    assert_eq!((&answer.json()["description"], &answer.json()["summary"]), (&json!(masked), &json!(masked)));
    assert!(!says(&answer, DESCRIPTION) && !says(&answer, ADDRESS));
    let bureau = seen(&report, officers::TIKET);
    assert_eq!(bureau["summary"], summary);
    assert_eq!(super::entries(&bureau, "assign")[0]["summary"], summary);
    assert_eq!(report.tracked().expect(200).json()["summary"], masked, "the reporter reads what units read");
}
