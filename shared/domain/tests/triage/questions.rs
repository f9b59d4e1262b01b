//! Who is told of a question to the ticket desk, and of its answer.

use crate::life::{Life, ayu, citra, gita, kartika, note, sudin, version};
use domain::{
    act::Act,
    announcement::{Announcement, Audience},
    command::{Command, Verdict},
    note::{Note, NoteAudience},
    officer::Officer,
    slots::SlotClass,
    view::{Viewer, viewer},
};

/// Who is told of notes from now on.
fn told_of(life: &Life, from: usize) -> Vec<String> {
    let of_notes = life.told[from..].iter().filter(|(_, said)| said.event == Act::Note);
    of_notes.map(|(_, Announcement { audience, .. })| String::from(audience.clone())).collect()
}

fn asks(mut life: Life, officer: &Officer) -> Life {
    let note = Note { asks_ticket_desk: true, ..note("Siapa pelapornya?", NoteAudience::Bureau) };
    life.tries(officer, Command::Note { note, shown_version: version(99) }).unwrap();
    life
}

/// Routed to the unit by the map, so that the ticket desk has never had it.
fn routed() -> Life {
    let at_once = Life::at_once(SlotClass::Biasa);
    Life::new(at_once.slots, SlotClass::Biasa, Some(sudin()))
}

#[test]
fn a_question_is_announced_to_the_ticket_desk_which_sees_the_report_from_then_on() {
    let life = routed();
    assert_eq!(viewer(&life.report, &ayu()), None);
    let before = life.told.len();
    let asked = asks(life, &citra());
    assert_eq!(told_of(&asked, before), ["tiket"]);
    assert_eq!(viewer(&asked.report, &ayu()), Some(Viewer::Bureau));
}

#[test]
fn the_ticket_desks_answer_is_announced_to_the_desk_that_may_read_it_once() {
    let with_unit = routed;
    let with_validators = || routed().act(&citra(), Command::Accept).tl();
    let cases = [
        (with_unit(), citra(), NoteAudience::All, true, "unit:sudin-a1"),
        // What the unit cannot read is no answer.
        (with_unit(), citra(), NoteAudience::Bureau, false, "unit:sudin-a1"),
        (with_validators(), gita(), NoteAudience::All, true, "validasi"),
        (with_validators(), gita(), NoteAudience::Bureau, true, "validasi"),
    ];
    for (life, who, audience, is_answer, desk) in cases {
        let asked = asks(life, &who);
        let before = asked.told.len();
        // Somebody else's note is no answer.
        let asked = asked.notes(&kartika(), note("Catatan", NoteAudience::All));
        assert!(asked.report.triage.asked_by.is_some());
        let answered = asked.notes(&ayu(), note("Lewat kanal", audience));
        assert_eq!(answered.report.triage.asked_by.is_none(), is_answer, "{audience:?} to {}", who.name);
        assert_eq!(told_of(&answered, before).len(), usize::from(is_answer));
        let again = answered.notes(&ayu(), note("Lewat kanal", NoteAudience::All));
        assert_eq!(told_of(&again, before), [desk], "one answer is announced");
    }
}

#[test]
fn nobody_is_told_of_a_note_that_is_no_question() {
    let life = routed().act(&citra(), Command::Accept).tl().validated(Verdict::Reject);
    let before = life.told.len();
    let noted = [citra(), gita(), kartika()]
        .iter()
        .fold(life, |life, author| life.notes(author, note("Catatan", NoteAudience::All)));
    assert_eq!(told_of(&noted, before), Vec::<String>::new());
    assert!(noted.told[before..].iter().all(|(_, said)| said.audience != Audience::Reporter));
}
