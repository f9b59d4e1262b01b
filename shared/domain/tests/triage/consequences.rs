//! What officers are told of each act, as a page would put it into words; whether it comes true random lives look
//! (`tests/consequences/`).

use crate::{
    jakarta,
    life::{Life, ayu, citra, eko, gita, hadi, kartika, note, other_dinas, sudin},
};
use domain::{
    command::{Command, Verdict},
    note::{Note, NoteAudience},
    officer::Officer,
    slots::SlotClass,
};
use serde_json::Value;

/// One line for each consequence.
fn lines(life: &Life, officer: &Officer) -> Vec<String> {
    let seen = life.seen_by(officer);
    let line = |said: &Value| {
        let words = ["act", "choice"].map(|field| said[field].as_str().unwrap_or_default()).join(" ");
        let desk = said["desk"].as_str().unwrap_or("—");
        let by = |by: &Value| {
            let masked = if by["masked"] == true { " masked" } else { "" };
            format!("{}{masked} {}", by["who"].as_str().unwrap(), by["when"].as_str().unwrap())
        };
        let readers: Vec<String> = said["read_by"].as_array().unwrap().iter().map(by).collect();
        let told = said
            .get("reporter")
            .map(|told| format!(" | {}: {}", told["when"].as_str().unwrap(), told["text"].as_str().unwrap()));
        let status = said["status"].as_str().unwrap();
        format!("{}: {status}, {desk} | {}{}", words.trim(), readers.join(", "), told.unwrap_or_default())
    };
    seen["consequences"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn what_officers_are_told_of_each_act() {
    let new = Life::in_city(SlotClass::Biasa);
    let assigned = new.clone().assigned(sudin(), None);
    let at_unit = assigned.clone().at("10:00");
    let working = at_unit.clone().act(&citra(), Command::Accept);
    let judged = working.clone().tl();
    let refused = judged.clone().validated(Verdict::Reject).at("13:00");
    let in_field = judged.clone().validated(Verdict::FieldCheck).at("13:00");
    let mut told = String::new();
    for (what, life, officer) in [
        ("the ticket desk, of a new report", &new, ayu()),
        ("the ticket desk, of one that it can still recall", &assigned, ayu()),
        ("the unit, of one that it has not taken on", &at_unit, citra()),
        ("the unit, of one that it works on", &working.clone().photographed(), citra()),
        ("the unit, of one whose TL was refused", &refused, citra()),
        ("a validator", &judged, gita()),
        ("a verifier", &in_field.clone().looked_at(), hadi()),
        ("an administrator", &in_field, kartika()),
    ] {
        told += &format!("{what}\n");
        for line in lines(life, &officer) {
            told += &format!("  {line}\n");
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn the_slots_are_those_of_the_category() {
    let slots = |class| {
        let life = Life::in_city(class);
        let slots = &life.seen_by(&ayu())["slots"];
        (slots["schedule"].as_str().unwrap().to_owned(), slots["one_of_next"].as_u64().unwrap())
    };
    let all = SlotClass::ALL.iter().map(|class| slots(*class)).collect::<Vec<_>>();
    let expected =
        [("every:30", 1), ("07:00,10:00,13:00,16:00", 1), ("07:00", 2)].map(|(text, n)| (text.to_owned(), n));
    assert_eq!(all, expected);
}

#[test]
fn a_unit_is_not_told_that_the_ticket_desk_was_asked_behind_its_back() {
    let new = Life::new(jakarta::slots(), SlotClass::Segera, Some(other_dinas())).at("10:00");
    let question = Note { asks_ticket_desk: true, ..note("Mengapa lama?", NoteAudience::Bureau) };
    let asked = new.clone().notes(&kartika(), question);
    let [told, not] = [&asked, &new].map(|life| lines(life, &eko()));
    assert_eq!(told, not);
    let sees_it = |life: &Life| !life.seen_by(&ayu()).is_null();
    assert!(sees_it(&asked) && !sees_it(&new));
    assert!(told.iter().any(|line| line.contains("tiket later")), "{told:?}");
    assert!(lines(&asked, &kartika()).iter().all(|line| !line.contains("tiket later")));
}
