//! Runs that are small enough to be walked through to the end, and together have every part in them.

use crate::{
    rules::{
        DEAD_LETTER, DISPUTED, ERASED, LOSES, LOST_RACE, OUTLIVES, RECALLED, REPLAYS, TOLD, TOLD_LATE,
        TOLD_TWICE, TOLD_WHILE_ERASED, UNTOLD,
    },
    state::{Ask, Record, Request, Scenario},
    world::{Kept, Life, ask, at, give_back, note, photo_of, plan, validate},
};
use domain::{
    act::Act,
    announcement::{Announcement, Audience},
    command::{Command, Verdict},
    desk::Desk,
    language::Language,
    photo::PhotoKind,
    status::Status,
};

fn request(ask: Ask, tries: u8) -> Request {
    Request { ask, tries, keyed: true }
}

/// A channel sends a report, up to three times.
pub(crate) fn submission() -> Scenario {
    Scenario {
        name: "submission",
        life: None,
        stream: Vec::new(),
        clock: vec!["06:10", "07:00"],
        requests: vec![request(Ask::Submit, 3)],
        releases: 1,
        deliveries: 1,
        faults: 3,
        rivals: false,
        reaches: &[REPLAYS, TOLD, TOLD_TWICE],
    }
}

/// Two validators decide on one TL at once, one of them perhaps twice, and the release runs twice at once.
pub(crate) fn verdicts() -> Scenario {
    Scenario {
        name: "verdicts",
        life: Some(Life::with_a_tl().release("13:00")),
        stream: Vec::new(),
        clock: vec!["13:10", "16:00"],
        requests: vec![
            request(Ask::Command("gita", |_| validate(Verdict::Accept)), 2),
            request(Ask::Command("joko", |_| validate(Verdict::FieldCheck)), 1),
        ],
        releases: 2,
        deliveries: 1,
        faults: 2,
        rivals: true,
        reaches: &[LOSES, REPLAYS, LOST_RACE, TOLD],
    }
}

/// An officer declares photos, which could be done twice, while a colleague gives the report back.
pub(crate) fn photos() -> Scenario {
    let declare = |event: &_| Command::AddPhotos {
        photos: vec![(photo_of(event, 0), PhotoKind::Before)],
        never_ready: Vec::new(),
    };
    Scenario {
        name: "photos",
        life: Some(Life::in_work()),
        stream: Vec::new(),
        clock: vec!["10:02"],
        requests: vec![
            request(Ask::Command("budi", declare), 2),
            Request { keyed: false, ..request(Ask::Command("citra", |_| give_back()), 2) },
        ],
        releases: 0,
        deliveries: 0,
        faults: 2,
        rivals: false,
        reaches: &[LOSES, REPLAYS, LOST_RACE],
    }
}

/// The ticket desk recalls an assignment, perhaps twice, and writes a note, while the release comes that would tell the unit.
pub(crate) fn recall() -> Scenario {
    Scenario {
        name: "recall",
        life: Some(Life::assigned()),
        stream: Vec::new(),
        clock: vec!["06:30", "07:00"],
        requests: vec![
            request(Ask::Command("ayu", |_| Command::Recall), 2),
            request(Ask::Command("ayu", note), 1),
        ],
        releases: 1,
        deliveries: 1,
        faults: 1,
        rivals: false,
        reaches: &[LOSES, REPLAYS, LOST_RACE, TOLD, RECALLED],
    }
}

/// A unit plans, perhaps twice, while a colleague asks the ticket desk, perhaps twice, and the release runs.
pub(crate) fn plans() -> Scenario {
    Scenario {
        name: "plans",
        life: Some(Life::in_work()),
        stream: Vec::new(),
        clock: vec!["10:02", "13:00"],
        requests: vec![request(Ask::Command("budi", |_| plan()), 2), request(Ask::Command("citra", ask), 2)],
        releases: 1,
        deliveries: 1,
        faults: 1,
        rivals: false,
        reaches: &[REPLAYS, LOST_RACE, TOLD],
    }
}

/// A reporter withdraws while an update waits, is announced or is being sent, and a validator decides.
pub(crate) fn withdrawal() -> Scenario {
    Scenario {
        name: "withdrawal",
        life: Some(Life::with_a_tl()),
        stream: Vec::new(),
        clock: vec!["10:30", "13:00", "16:00"],
        requests: vec![
            request(Ask::Withdraw, 2),
            request(Ask::Command("gita", |_| validate(Verdict::Reject)), 1),
        ],
        releases: 1,
        deliveries: 1,
        faults: 1,
        rivals: false,
        reaches: &[LOST_RACE, REPLAYS, TOLD, TOLD_WHILE_ERASED, ERASED],
    }
}

/// A reporter disputes the result, perhaps withdraws, and the release runs twice at once.
pub(crate) fn dispute() -> Scenario {
    Scenario {
        name: "dispute",
        life: Some(Life::finished()),
        stream: Vec::new(),
        clock: vec!["13:10", "16:00", "16:01"],
        requests: vec![request(Ask::Dispute, 2), request(Ask::Withdraw, 1)],
        releases: 2,
        deliveries: 1,
        faults: 2,
        rivals: false,
        reaches: &[REPLAYS, LOST_RACE, TOLD, ERASED, DISPUTED],
    }
}

/// What a reporter and a desk are told of a report, one after the other, with poison in between.
fn said(audience: Audience, status: Status, time: &str) -> Record {
    let Life { report, events, .. } = Life::finished();
    let event = events.iter().rfind(|event| event.status == status).expect("it came by there");
    let to_reporter = audience == Audience::Reporter;
    Record::Announcement(Kept::new(Announcement {
        event_id: event.id.clone(),
        event: Act::Validate,
        ticket: report.ticket,
        status,
        privacy: report.privacy,
        audience,
        unit: None,
        channel: to_reporter.then_some(report.submitted.channel),
        language: to_reporter.then_some(Language::Id),
        plan: None,
        mark: None,
        released_at: to_reporter.then(|| at(time)),
    }))
}

/// Records that nobody can read or that end the function, before, between and after others, and topics that fail.
pub(crate) fn poison() -> Scenario {
    let validasi = || said(Audience::Desk(Desk::Validasi), Status::MenungguValidasi, "10:05");
    let update = || said(Audience::Reporter, Status::MenungguValidasi, "13:00");
    Scenario {
        name: "poison",
        life: Some(Life::finished()),
        stream: vec![validasi(), Record::Unreadable, Record::Crashing, update(), Record::Unreadable],
        clock: vec!["13:10"],
        requests: Vec::new(),
        releases: 0,
        deliveries: 1,
        faults: 4,
        rivals: false,
        reaches: &[DEAD_LETTER],
    }
}

/// Two updates of one reporter in any order and more than once, two messages worked on at once, and the reporter withdraws.
pub(crate) fn delivery() -> Scenario {
    let mut life = Life::finished();
    life.told = None;
    Scenario {
        name: "delivery",
        life: Some(life),
        stream: vec![
            said(Audience::Reporter, Status::MenungguValidasi, "10:00"),
            said(Audience::Reporter, Status::Selesai, "13:00"),
        ],
        clock: vec!["13:10"],
        requests: vec![request(Ask::Withdraw, 1)],
        releases: 0,
        deliveries: 2,
        faults: 3,
        rivals: false,
        reaches: &[TOLD, TOLD_TWICE, TOLD_LATE, TOLD_WHILE_ERASED, UNTOLD, OUTLIVES, ERASED],
    }
}

/// Everything at once, with one fault: two officers, the reporter, the release, and both ends of the way of a message.
pub(crate) fn whole() -> Scenario {
    Scenario {
        name: "whole",
        life: Some(Life::with_a_tl().release("13:00")),
        stream: vec![Record::Unreadable],
        clock: vec!["13:10", "16:00"],
        requests: vec![
            request(Ask::Command("gita", |_| validate(Verdict::Accept)), 1),
            request(Ask::Command("joko", |_| validate(Verdict::FieldCheck)), 1),
            request(Ask::Withdraw, 1),
        ],
        releases: 1,
        deliveries: 1,
        faults: 1,
        rivals: true,
        reaches: &[LOSES, LOST_RACE, TOLD, ERASED],
    }
}

pub(crate) fn all() -> Vec<Scenario> {
    vec![
        submission(),
        verdicts(),
        photos(),
        recall(),
        plans(),
        withdrawal(),
        dispute(),
        poison(),
        delivery(),
        whole(),
    ]
}
