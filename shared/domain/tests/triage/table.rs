//! Who sees what of a report that was summarised, corrected, planned for and written about, row by row, in every status.

use crate::{
    life::{
        Life, PHONE, PLACES, ayu, budi, category, citra, code, dinas, eko, everybody, gita, hadi, kartika,
        note, other_dinas, place, sudin, terms,
    },
    received::merge_into,
};
use domain::{
    act::Act,
    command::{Command, Verdict},
    desk::Desk,
    event::Event,
    note::NoteAudience,
    pending::ReporterAction,
    personal_data::MASK,
    slots::SlotClass,
    status::Status,
    ticket::Ticket,
    triage::Correction,
    view::{Viewer, viewer},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A report that the ticket desk treats in one way, and what its units see of it.
struct Case {
    class: SlotClass,
    corrections: fn() -> Vec<Correction>,
    is_summarised: bool,
    description: &'static str,
    summary: &'static str,
    address: &'static str,
    photos: &'static str,
    dispute: &'static str,
}

const PLAIN: Case = Case {
    class: SlotClass::Biasa,
    corrections: Vec::new,
    is_summarised: false,
    description: "masked",
    summary: "—",
    address: "the reporter's",
    photos: "Y",
    dispute: "masked",
};
const SUMMARISED: Case = Case {
    is_summarised: true,
    description: "the summary, masked",
    summary: "masked",
    address: "—",
    photos: "—",
    dispute: "—",
    ..PLAIN
};

fn address_written() -> Vec<Correction> {
    vec![place(Some(&format!("Pasar Lama, telepon {PHONE}")))]
}
fn address_taken_away() -> Vec<Correction> {
    let mut all = address_written();
    all.push(place(None));
    all
}
fn made_ordinary() -> Vec<Correction> {
    vec![category(code("lampu"), terms(SlotClass::Biasa, 4))]
}
fn made_sensitive() -> Vec<Correction> {
    vec![category(code("pungli"), terms(SlotClass::Peka, 9))]
}

const CASES: [(&str, Case); 8] = [
    ("plain", PLAIN),
    ("summarised", SUMMARISED),
    ("peka", Case { class: SlotClass::Peka, ..SUMMARISED }),
    ("corrected", Case { corrections: address_written, address: "the ticket desk's, masked", ..PLAIN }),
    (
        "corrected and summarised",
        Case { corrections: address_written, address: "the ticket desk's, masked", ..SUMMARISED },
    ),
    ("without address", Case { corrections: address_taken_away, address: "—", ..SUMMARISED }),
    ("made peka", Case { corrections: made_sensitive, ..SUMMARISED }),
    ("peka no more", Case { class: SlotClass::Peka, corrections: made_ordinary, ..SUMMARISED }),
];

/// What each note says.
const OF_DINAS_B: &str = "Bukan wilayah kami";
const OF_SUDIN: &str = "Pelapor pernah menelepon";
const FOR_BUREAU: &str = "Periksa ulang berkasnya";
const FOR_ALL: &str = "Tolong foto dari dekat";

impl Life {
    /// A life that ends in `status`, after one round in which everything has happened that the table is about.
    fn to(status: Status, case: &Case) -> Self {
        let reason = || format!("Bukan kami, hubungi {PHONE}");
        let summary = format!("Ringkasan: lampu mati, {PHONE}");
        let summary = case.is_summarised.then_some(summary.as_str());
        let says = |text: &str, audience| note(&format!("{text}, {PHONE}"), audience);
        let received = Self::at_once(case.class);
        let triaged = (case.corrections)().into_iter().fold(received, Self::corrected);
        let mut disputed = triaged
            .assigned(other_dinas(), summary)
            .notes(&eko(), says(OF_DINAS_B, NoteAudience::Bureau))
            .act(&eko(), Command::Forward { unit: dinas(), reason: reason() })
            .act(&budi(), Command::Delegate { unit: sudin() })
            .act(&citra(), Command::Accept)
            .notes(&citra(), says(OF_SUDIN, NoteAudience::Bureau))
            .plans(20)
            .tl()
            .notes(&gita(), says(FOR_BUREAU, NoteAudience::Bureau))
            .notes(&gita(), says(FOR_ALL, NoteAudience::All))
            .validated(Verdict::FieldCheck)
            .act(&hadi(), Command::CouldNotLook { reason: format!("Pagar terkunci, {PHONE}") })
            .validated(Verdict::FieldCheck)
            .verified(true);
        let reason_to_dispute = format!("Masih ada lubangnya, hubungi {PHONE}");
        assert!(disputed.by_reporter(&ReporterAction::Dispute { reason: reason_to_dispute }, 0));
        let refused = disputed.verified(false);
        let back = |life: Self| life.act(&citra(), Command::Return { reason: reason() });
        let assigned = |life| back(life).assigned(dinas(), None);
        let delegated = |life| assigned(life).act(&budi(), Command::Delegate { unit: sudin() });
        let life = match status {
            Status::TlDitolak => refused,
            Status::Menunggu => back(refused),
            Status::Ditolak => back(refused).act(&ayu(), Command::Reject { reason: reason() }),
            Status::Duplikat => back(refused).act(&ayu(), merge_into(Ticket::from_mac(&[9; 32]), true)),
            Status::Koordinasi => assigned(refused),
            Status::Disposisi => delegated(refused),
            Status::Proses => delegated(refused).act(&citra(), Command::Accept),
            Status::MenungguValidasi => refused.tl(),
            Status::MenungguVerifikasi => refused.tl().validated(Verdict::FieldCheck),
            Status::Selesai => refused.tl().validated(Verdict::Accept),
            Status::Dibatalkan => {
                let mut withdrawn = refused;
                assert!(withdrawn.by_reporter(&ReporterAction::Withdraw, 0));
                withdrawn
            }
        };
        assert_eq!(life.report.status, status);
        life
    }
}

const COLUMNS: [&str; 6] =
    ["unit officer", "validasi", "verifikasi", "admin-tiket", "administrator", "reporter"];

fn answers(life: &Life) -> [Value; 6] {
    let [unit, validasi, verifikasi, tiket, all] =
        [citra(), gita(), hadi(), ayu(), kartika()].map(|officer| life.seen_by(&officer));
    [unit, validasi, verifikasi, tiket, all, life.seen_by_reporter()]
}

type Look = fn(&Value) -> &'static str;

/// What each column sees; for units `case` means what the case says.
const TABLE: [(&str, Look, [&str; 6]); 19] = [
    ("description", description, ["case", "Y", "Y", "Y", "Y", "Y"]),
    ("summary", summary, ["case", "Y", "Y", "Y", "Y", "masked"]),
    ("position", position, ["4 decimals", "exact", "exact", "exact", "exact", "exact"]),
    ("address", address, ["case", "Y", "Y", "Y", "Y", "Y"]),
    ("reporter's photos", photos, ["case", "Y", "Y", "Y", "Y", "Y"]),
    (
        "reason of a dispute",
        |answer| texts(answer, "dispute", "/reason"),
        ["case", "Y", "Y", "Y", "Y", "masked"],
    ),
    (
        "reason of a return",
        |answer| texts(answer, "return", "/reason"),
        ["masked", "Y", "Y", "Y", "Y", "masked"],
    ),
    (
        "reason of a verifier who could not look",
        |answer| texts(answer, "could_not_look", "/reason"),
        ["masked", "Y", "Y", "Y", "Y", "masked"],
    ),
    ("finding", |answer| texts(answer, "verify", "/finding"), ["masked", "Y", "Y", "Y", "Y", "masked"]),
    ("correction", |answer| texts(answer, "correct", "/event"), ["Y", "Y", "Y", "Y", "Y", "Y"]),
    (
        "reason of a correction",
        |answer| texts(answer, "correct", "/reason"),
        ["—", "Y", "Y", "Y", "Y", "masked"],
    ),
    ("what was corrected", |answer| texts(answer, "correct", "/before"), ["—", "Y", "Y", "Y", "Y", "—"]),
    ("plan", |answer| texts(answer, "plan", "/on"), ["Y", "Y", "Y", "Y", "Y", "Y"]),
    ("reason of a plan", |answer| texts(answer, "plan", "/reason"), ["masked", "Y", "Y", "Y", "Y", "masked"]),
    (
        "that there are notes",
        |answer| texts(answer, "note", "/event"),
        ["Y", "Y", "Y", "Y", "Y", "no such event"],
    ),
    ("note of the unit", |answer| noted(answer, OF_SUDIN), ["masked", "Y", "Y", "Y", "Y", "—"]),
    ("note of another unit", |answer| noted(answer, OF_DINAS_B), ["—", "Y", "Y", "Y", "Y", "—"]),
    ("note for the bureau", |answer| noted(answer, FOR_BUREAU), ["—", "Y", "Y", "Y", "Y", "—"]),
    ("note for all", |answer| noted(answer, FOR_ALL), ["masked", "Y", "Y", "Y", "Y", "—"]),
];

/// What a text was before somebody masked it, or that it is none.
fn text(value: Option<&Value>) -> &'static str {
    match value.map(Value::to_string) {
        None => "—",
        Some(text) if text.contains(MASK) => "masked",
        Some(_) => "Y",
    }
}

fn entries<'a>(answer: &'a Value, event: &'a str) -> impl Iterator<Item = &'a Value> {
    answer["history"].as_array().unwrap().iter().filter(move |entry| entry["event"] == event)
}

/// One word for all of them, `mixed`, or `no such event`.
fn all(words: impl Iterator<Item = &'static str>) -> &'static str {
    let words: BTreeSet<_> = words.collect();
    if words.len() > 1 { "mixed" } else { words.first().copied().unwrap_or("no such event") }
}

/// What stands at `path` in the events of a kind.
fn texts(answer: &Value, event: &str, path: &str) -> &'static str {
    all(entries(answer, event).map(|entry| text(entry.pointer(path))))
}

fn noted(answer: &Value, says: &str) -> &'static str {
    let texts = entries(answer, "note").map(|entry| &entry["note"]["text"]);
    let said = texts.filter(|text| text.as_str().is_some_and(|text| text.starts_with(says)));
    match all(said.map(|said| text(Some(said)))) {
        "no such event" => "—",
        word => word,
    }
}

fn description(answer: &Value) -> &'static str {
    match (text(answer.get("description")), answer["description"].as_str()) {
        ("masked", Some(text)) if text.starts_with("Ringkasan") => "the summary, masked",
        (word, _) => word,
    }
}

fn summary(answer: &Value) -> &'static str {
    text(answer.get("summary"))
}

fn position(answer: &Value) -> &'static str {
    let exact = PLACES.map(|point| json!([point.lat, point.lon, point.accuracy_m]));
    let place = &answer["place"];
    if exact.contains(&json!([place["lat"], place["lon"], place["accuracy_m"]])) {
        "exact"
    } else {
        "4 decimals"
    }
}

fn address(answer: &Value) -> &'static str {
    match answer.pointer("/place/address").map(|address| address.as_str().unwrap()) {
        None => "—",
        Some("Jl. Contoh 1") => "the reporter's",
        Some(address) if address.contains(MASK) => "the ticket desk's, masked",
        Some(_) => "the ticket desk's",
    }
}

fn photos(answer: &Value) -> &'static str {
    let is_reporters = |photo: &Value| photo["kind"] == "reporter";
    if answer["photos"].as_array().unwrap().iter().any(is_reporters) { "Y" } else { "—" }
}

/// What the column sees by the table.
fn expected(row: &str, column: usize, by_table: &'static str, case: &Case, life: &Life) -> &'static str {
    match (row, by_table) {
        ("description", "case") => case.description,
        ("summary", "case") => case.summary,
        ("address", "case") => case.address,
        ("reporter's photos", "case") => case.photos,
        ("reason of a dispute", "case") => case.dispute,
        ("summary", _) if !case.is_summarised => "—",
        ("address", _) => match life.report.place.address.as_deref() {
            None => "—",
            Some("Jl. Contoh 1") => "the reporter's",
            Some(_) => "the ticket desk's",
        },
        // What nobody did nobody sees.
        (row, _) if row.contains("correct") && (case.corrections)().is_empty() => "no such event",
        ("reason of a return", _) if life.events.iter().all(|event| event.act != Act::Return) => {
            "no such event"
        }
        (_, word) => {
            assert!(word != "case", "{row}, {}", COLUMNS[column]);
            word
        }
    }
}

#[test]
fn every_viewer_sees_of_what_the_ticket_desk_and_others_wrote_what_the_table_says() {
    for (name, case) in &CASES {
        for &status in Status::ALL {
            let life = Life::to(status, case);
            let on_a_units_desk = matches!(life.report.desk(), Some(Desk::Unit(_)));
            for (row, look, by_table) in TABLE {
                for (column, (answer, by_table)) in answers(&life).iter().zip(by_table).enumerate() {
                    // A unit that the report has left sees less: see below. In `koordinasi` the unit above has it.
                    if column == 0 && !on_a_units_desk {
                        continue;
                    }
                    let by_budi =
                        (column == 0 && status == Status::Koordinasi).then(|| life.seen_by(&budi()));
                    let answer = by_budi.as_ref().unwrap_or(answer);
                    let by_table = match (row, &by_budi) {
                        ("note of the unit", Some(_)) => "—",
                        _ => by_table,
                    };
                    let expected = expected(row, column, by_table, case, &life);
                    let column = COLUMNS[column];
                    assert_eq!(look(answer), expected, "{row}, {column}, {name}, {status:?}: {answer:#}");
                }
            }
        }
    }
}

#[test]
fn the_day_of_a_plan_is_everybodys_until_the_report_leaves_its_unit() {
    for &status in Status::ALL {
        let life = Life::to(status, &PLAIN);
        let holds = life.events.iter().all(|event| event.act != Act::Return);
        let on = life.events.iter().find_map(|event| event.on).unwrap().to_string();
        let on_a_units_desk = matches!(life.report.desk(), Some(Desk::Unit(_)));
        for answer in
            answers(&life).iter().skip(usize::from(!on_a_units_desk || status == Status::Koordinasi))
        {
            assert_eq!(answer["plan"] == on, holds, "{status:?}: {answer:#}");
        }
    }
}

/// The unit's own notes, plans and work stay its own.
#[test]
fn a_unit_that_the_report_has_left_keeps_what_it_wrote_and_nothing_of_others() {
    for (name, case) in &CASES {
        for &status in Status::ALL {
            let life = Life::to(status, case);
            let former = everybody().into_iter().filter(|officer| {
                officer.role.unit().is_some() && viewer(&life.report, officer) == Some(Viewer::FormerUnit)
            });
            for officer in former {
                let seen = life.seen_by(&officer);
                let unit = officer.role.unit();
                let is_own = |event: &&Event| event.by.as_ref().is_some_and(|by| by.unit.as_ref() == unit);
                let own: Vec<&str> =
                    life.events.iter().filter(is_own).map(|event| event.act.as_str()).collect();
                let shown: Vec<&str> = seen["history"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|entry| entry["event"].as_str().unwrap())
                    .collect();
                assert_eq!(shown, own, "{name}, {status:?}");
                let notes = [(eko(), OF_DINAS_B), (citra(), OF_SUDIN)];
                for (author, says) in notes.iter().chain(&[(gita(), FOR_BUREAU), (gita(), FOR_ALL)]) {
                    let is_theirs = author.role.unit() == unit;
                    assert_eq!(
                        noted(&seen, says),
                        if is_theirs { "masked" } else { "—" },
                        "{name}, {status:?}"
                    );
                }
                let planned = if officer == citra() { "Y" } else { "no such event" };
                assert_eq!(texts(&seen, "plan", "/on"), planned);
                for hidden in ["description", "summary", "place", "area", "plan", "version", "actions"] {
                    assert_eq!(seen.get(hidden), None, "{name}, {status:?}");
                }
            }
        }
    }
}

/// Whoever judges needs to know what was written for whom.
#[test]
fn a_summary_stands_in_the_history_of_the_bureau_alone() {
    let life = Life::to(Status::TlDitolak, &SUMMARISED);
    let words = answers(&life).map(|answer| texts(&answer, "assign", "/summary"));
    assert_eq!(words, ["—", "Y", "Y", "Y", "Y", "—"]);
}
