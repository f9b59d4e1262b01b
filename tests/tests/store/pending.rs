//! The sparse index of what is pending: what is due, and nothing that waits for nothing.

use crate::{
    city::{MORNING, at, at_once, at_ten, received, reject, unit},
    clock,
    endpoint::client,
    tables::{City, names, s},
};
use domain::{
    desk::Desk,
    slots::{Schedule, Slots},
    ticket::Ticket,
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::reports::{Due, MailDue};
use tests::operator::wait;

const TEN: &str = "2026-11-23T03:00:00Z";

fn due(city: &City, now: Timestamp, limit: i32) -> Vec<Ticket> {
    let due = wait(city.reports().due(now, limit)).unwrap().into_iter();
    due.map(|due| if let Due::Report(ticket) = due { ticket } else { panic!("no report") }).collect()
}

/// The slot mail that is due.
fn mail_due(city: &City, now: Timestamp) -> Vec<MailDue> {
    let due = wait(city.reports().due(now, 10)).unwrap().into_iter();
    due.filter_map(|due| if let Due::Mail(mail) = due { Some(mail) } else { None }).collect()
}

fn sorted(mut tickets: Vec<Ticket>) -> Vec<Ticket> {
    tickets.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    tickets
}

#[test]
fn what_waits_is_due_from_the_second_of_its_slot_on_and_not_before() {
    let city = City::make();
    let (decision, photos) = received(0, Some(unit("sudin-a1")), &at_ten());
    city.submit(&decision, &photos);
    for early in [MORNING, "2026-11-23T02:59:59.999999999Z"] {
        assert_eq!(due(&city, at(early), 10), []);
    }
    for late in [TEN, "2026-11-23T03:00:00.5Z", "2026-11-23T03:00:01Z", "2027-01-01T00:00:00Z"] {
        assert_eq!(due(&city, at(late), 10), std::slice::from_ref(&decision.report.ticket));
    }
}

#[test]
fn within_a_slot_the_order_is_the_tickets_and_no_part_gives_more_than_asked_for() {
    let city = City::make();
    let at_nine = Slots { biasa: Schedule::parse("09:00").unwrap(), ..at_ten() };
    let submit = |slots: &Slots| {
        let (decision, photos) = received(0, Some(unit("sudin-a1")), slots);
        city.submit(&decision, &photos);
        decision.report.ticket
    };
    let tens: Vec<_> = (0..6).map(|_| submit(&at_ten())).collect();
    let nines: Vec<_> = (0..6).map(|_| submit(&at_nine)).collect();
    let expected = [sorted(nines.clone()), sorted(tens)].concat();
    assert_eq!(due(&city, at(TEN), 100), expected);
    // A part of the index has those whose tickets begin alike; each gives what is due for longest.
    let first = |ticket: &Ticket| ticket.as_str().as_bytes()[0];
    let mut parts = BTreeSet::new();
    let oldest: Vec<_> = expected.iter().filter(|ticket| parts.insert(first(ticket))).cloned().collect();
    assert_eq!(due(&city, at(TEN), 1), oldest);
    assert_eq!(due(&city, at("2026-11-23T02:00:00Z"), 100), sorted(nines));
}

#[test]
fn what_was_released_is_pending_no_longer_but_for_its_next_urgency() {
    let city = City::make();
    let (decision, photos) = received(0, Some(unit("sudin-a1")), &at_ten());
    city.submit(&decision, &photos);
    let mut released = decision.report.clone();
    let effects = clock::due(&mut released, at(TEN), &at_ten());
    assert_eq!(wait(city.reports().release(&decision.report, &released, &effects, at(TEN))), Ok(true));
    assert_eq!(due(&city, at(TEN), 10), []);
    // Seven days are left; at three the bucket is another: on the 27th, at midnight in Jakarta.
    assert_eq!(due(&city, at("2026-11-26T16:59:59Z"), 10), []);
    assert_eq!(due(&city, at("2026-11-26T17:00:00Z"), 10), [released.ticket]);
}

#[test]
fn what_is_closed_and_told_waits_for_nothing() {
    let city = City::make();
    let report = city.submitted(None, &at_once());
    let forever = at("2099-01-01T00:00:00Z");
    assert_eq!(due(&city, forever, 10), std::slice::from_ref(&report.ticket));
    city.commit(&report, &reject(&report, &at_once()));
    assert_eq!(due(&city, forever, 10), []);
    // Closed, and the reporter not told yet.
    let report = city.submitted(None, &at_once());
    city.commit(&report, &reject(&report, &at_ten()));
    assert_eq!(due(&city, forever, 10), [report.ticket]);
}

#[test]
fn events_photos_and_announcements_are_in_no_index() {
    let city = City::make();
    let (report, _) = city.in_work();
    assert!(city.table.items(report.ticket.as_str()).len() > 3);
    let part = &report.ticket.as_str()[..1];
    for (index, key, value) in [("pending", "pending", part), ("desk", "desk", "unit:sudin-a1")] {
        let query = client().query().table_name(&city.table.name).index_name(index);
        let query = query.key_condition_expression(format!("{key} = :value"));
        let found = wait(query.expression_attribute_values(":value", s(value)).send()).unwrap();
        assert!(found.items().iter().all(|item| item["sk"] == s("report")), "{index}");
        if index == "pending" {
            // What a release learns from the index is the ticket and the slot, and nothing else.
            assert_eq!(names(&found.items()[0]), ["pending", "pending_at", "pk", "sk"]);
        }
    }
}

#[test]
fn slot_mail_is_there_once_for_each_desk_and_slot_and_goes_out_two_minutes_after_it() {
    let city = City::make();
    let put = |desk: &Desk, slot: &str, now: &str| {
        wait(city.reports().put_slot_mail(desk, at(slot), at(now))).unwrap()
    };
    let partition = |slot: &str| format!("slot_mail#tiket#{slot}");
    for now in ["2026-11-23T02:00:00Z", TEN, "2026-11-23T03:01:59Z"] {
        assert_eq!(put(&Desk::Tiket, TEN, now), at(TEN));
    }
    put(&Desk::Validasi, TEN, TEN);
    let stored = city.table.items(&partition(TEN));
    let expected = ["event_id", "expires_at", "kind", "pending", "pending_at", "pk", "sk", "slot", "to_desk"];
    assert_eq!((stored.len(), names(&stored[0])), (1, expected.to_vec()));
    assert_eq!(mail_due(&city, at("2026-11-23T03:01:59Z")), []);
    let due = mail_due(&city, at("2026-11-23T03:02:00Z"));
    assert_eq!(due.len(), 2);

    // Let go out, it is due no more, also when whoever was cut off does it again.
    for due in due.iter().chain(&due) {
        wait(city.reports().send_slot_mail(due)).unwrap();
    }
    assert_eq!(mail_due(&city, at("2027-01-01T00:00:00Z")), []);
    let sent = city.table.items(&partition(TEN));
    assert_eq!(names(&sent[0]), ["event_id", "expires_at", "kind", "pk", "sk", "slot", "to_desk"]);

    // What comes for this slot only now is told by mail of its own, and the one that went out stays as it is.
    let quarter = "2026-11-23T03:15:00Z";
    for now in ["2026-11-23T03:02:30Z", "2026-11-23T03:09:00Z"] {
        assert_eq!(put(&Desk::Tiket, TEN, now), at(quarter));
    }
    assert_eq!(city.table.items(&partition(TEN)), sent);
    let late = city.table.items(&partition(quarter));
    assert_ne!(late[0]["event_id"], sent[0]["event_id"]);
    assert_eq!(mail_due(&city, at("2026-11-23T03:17:00Z")).len(), 1);
}
