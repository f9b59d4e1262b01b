//! The submission of which the tests make their reports.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use domain::{
    calendar::Counts,
    category::Terms,
    deadlines::Deadlines,
    language::Language,
    location::Place,
    new_report::{Digests, Received},
    privacy::Privacy,
    routing::{Route, Routed, TicketDesk},
    slots::SlotClass,
    submission::Submission,
    ticket::Ticket,
    unit::{Code, Unit},
};
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
