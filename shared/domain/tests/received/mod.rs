//! The submission of which the tests make their reports.
#![allow(dead_code, reason = "no test file needs all of it")]
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use domain::{
    calendar::{Calendar, Counts},
    category::Terms,
    clock::Clock,
    command::Command,
    deadlines::Deadlines,
    decision::Stamp,
    ids::{EventId, Version},
    language::Language,
    location::Place,
    new_report::{Digests, Received, submit},
    privacy::Privacy,
    routing::{Route, Routed, TicketDesk},
    slots::{SlotClass, Slots},
    status::Status,
    submission::Submission,
    ticket::Ticket,
    unit::{Code, Unit},
};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::BTreeSet;

/// A private submission without photos from JAKI, for the unit that the map names, or for the ticket desk.
pub(crate) fn received(slots: SlotClass, unit: Option<Unit>) -> Received {
    let code = |text| Code::parse(text).expect("a code");
    let routed = unit.map(|unit| Routed { unit, rule_area: None, rule_category: None });
    Received {
        submission: Submission {
            category: code("jalan-berlubang"),
            description: "Jalan berlubang di depan pasar".into(),
            location: Place { point: None, address: Some("Jl. Contoh 1".into()) },
            privacy: Privacy::Private,
            language: Language::Id,
            photos: Vec::new(),
        },
        ticket: Ticket::from_mac(&[5; 32]),
        channel: code("jaki"),
        terms: Terms {
            group: None,
            slots,
            deadlines: Deadlines { coordinate_hours: 24, finish_days: 4, validate_days: 2, verify_days: 3 },
            counts: Counts::Calendar,
            keeps: BTreeSet::new(),
        },
        digests: Digests { body: "b".repeat(64), secret: "5ec4e7".repeat(10) },
        route: Route { area: None, to: routed.ok_or(TicketDesk::NoArea), suggested: None },
        is_test: false,
    }
}

/// A merge into another report, which is open or has ended meanwhile.
pub(crate) fn merge_into(ticket: Ticket, is_open: bool) -> Command {
    let zone = TimeZone::UTC;
    let (slots, calendar) = (Slots::at_once(zone.clone()), Calendar::of_every_day(zone));
    let stamp = Stamp {
        now: Timestamp::UNIX_EPOCH,
        version: Version::from_bytes(&[9; Version::BYTES]),
        event: EventId::from_bytes(&[9; EventId::BYTES]),
        body_digest: None,
    };
    let received = Received { ticket, ..received(SlotClass::Biasa, None) };
    let mut root = submit(received, stamp, Clock { slots: &slots, calendar: &calendar }).report;
    if !is_open {
        root.status = Status::Selesai;
    }
    Command::Merge { root: Box::new(root) }
}
