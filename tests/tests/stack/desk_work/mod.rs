//! What officers do beside the way of a report from desk to desk: corrections, summaries, recalls, claims, notes, plans, and what each of
//! them may then know.

mod claims;
mod corrections;
mod could_not_look;
mod former_units;
mod notes;
mod plans;
mod recalls;
mod summaries;
mod waiting;

use crate::{track::let_slot_come, units::snapshot};
use serde_json::{Value, json};
use tests::{
    accounts::OwnUnit,
    http::{Answer, eventually},
    life::{self, Report},
    officers,
};

/// A category whose slot is half a day away in the tests.
const SENSITIVE: &str = "perilaku-petugas";

/// A report of a category.
#[track_caller]
fn sent(category: &str) -> Report {
    let mut body = life::body();
    body["category"] = json!(category);
    life::submit(&body).0
}

/// The body that assigns to a unit, with a summary.
fn assignment(unit: &OwnUnit) -> Value {
    json!({"action": "assign", "unit": unit.code, "summary": life::SUMMARY})
}

/// What the ticket desk does.
#[track_caller]
fn triage(report: &Report, body: &Value) {
    report.command(officers::TIKET, "assignment", body).expect(200);
}

#[track_caller]
fn accept(report: &Report, officer: &str) {
    report.command(officer, "assignment", &json!({"action": "accept"})).expect(200);
}

/// An officer posts a TL. Its photos.
#[track_caller]
fn post_tl(report: &Report, officer: &str) -> Vec<String> {
    let photos = report.add_photos(officer, &["before", "after"]);
    let tl = json!({"narrative": "Sudah diperiksa dan dibereskan", "photos": photos});
    report.command(officer, "tl", &tl).expect(200);
    photos
}

/// All that waits of a report comes to its slot.
#[track_caller]
fn slot_comes(report: &Report) {
    let_slot_come(report);
    eventually("nothing waits", || {
        let report = snapshot(report);
        let waits = report.visible.release.is_some()
            || report.reporter.update.is_some()
            || !report.reporter.pending.is_empty();
        (!waits).then_some(())
    });
}

/// The report as an officer sees it.
#[track_caller]
fn seen(report: &Report, officer: &str) -> Value {
    report.seen_by(officer).expect(200).json()
}

/// The entries of one act in the history that somebody sees.
fn entries(seen: &Value, act: &str) -> Vec<Value> {
    let history = seen["history"].as_array().expect("a history").iter();
    history.filter(|entry| entry["event"] == act).cloned().collect()
}

fn says(answer: &Answer, word: &str) -> bool {
    String::from_utf8_lossy(&answer.bytes).contains(word)
}
