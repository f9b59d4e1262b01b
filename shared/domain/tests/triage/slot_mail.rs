//! Which slot's mail tells a desk that there is work: what comes to it, and not what its own officers do or what leaves it.

use crate::life::{Life, ayu, citra, moment, note, sudin};
use domain::{
    command::{Command, Verdict},
    note::{Note, NoteAudience},
    slots::SlotClass,
};

/// To whom each announcement from `from` on went, and the time of the slot mail that it causes.
fn mails(life: &Life, from: usize) -> Vec<(String, String)> {
    let to_desks = life.told[from..].iter().map(|(_, said)| {
        let at = said.slot_mail.map(|slot| slot.to_zoned_datetime(life.slots.zone.clone()));
        let at = at.map_or("no mail".to_owned(), |at| at.strftime("%H:%M:%S").to_string());
        (String::from(said.audience.clone()), at)
    });
    to_desks.filter(|(audience, _)| audience != "reporter").collect()
}

fn to(desk: &str, at: &str) -> (String, String) {
    (desk.to_owned(), at.to_owned())
}

#[test]
fn a_desk_is_told_of_what_comes_to_it_at_the_slot_and_of_what_comes_at_once_at_the_next_ordinary_one() {
    let mut life = Life::in_city(SlotClass::Segera);
    let mut from = 0;
    let mut step = |life: &Life, expected: &[(String, String)]| {
        assert_eq!(mails(life, from), expected);
        from = life.told.len();
    };
    step(&life, &[to("tiket", "10:00:00")]);
    // Its slots are every half hour, and the run is late.
    life = life.assigned(sudin(), None).at("09:04:13");
    step(&life, &[to("unit:sudin-a1", "09:00:00")]);
    life = life.act(&citra(), Command::Accept);
    step(&life, &[to("unit:sudin-a1", "no mail")]);
    life = life.tl();
    step(&life, &[to("validasi", "10:00:00"), to("unit:sudin-a1", "no mail")]);
    life = life.validated(Verdict::FieldCheck).at("09:30:01");
    step(&life, &[to("verifikasi", "09:30:00"), to("unit:sudin-a1", "no mail")]);
    life = life.verified(false).at("10:00:02");
    step(&life, &[to("unit:sudin-a1", "10:00:00")]);
    life = life.tl().validated(Verdict::Accept).at("11:00:00");
    let closed = [to("validasi", "13:00:00"), to("unit:sudin-a1", "no mail"), to("unit:sudin-a1", "no mail")];
    step(&life, &closed);
}

#[test]
fn a_question_and_its_answer_are_work_for_those_whom_they_reach() {
    let life = Life::in_city(SlotClass::Biasa).assigned(sudin(), None).at("10:00:00");
    let from = life.told.len();
    let question = Note { asks_ticket_desk: true, ..note("Siapa pelapornya?", NoteAudience::Bureau) };
    let asked = life.notes(&citra(), question);
    let answered = asked.notes(&ayu(), note("Lewat kanal", NoteAudience::All));
    assert_eq!(mails(&answered, from), [to("tiket", "13:00:00"), to("unit:sudin-a1", "13:00:00")]);
}

#[test]
fn where_nothing_waits_the_minute_is_the_slot() {
    let mut life = Life::at_once(SlotClass::Biasa);
    life.now = moment("10:07:59.5");
    let from = life.told.len();
    life = life.assigned(sudin(), None);
    assert_eq!(mails(&life, from), [to("unit:sudin-a1", "10:08:00")]);
}
