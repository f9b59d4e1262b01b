//! Runs that are small enough to be walked through to the end, and together have every part in them.

use crate::{
    kept::Kept,
    rules::{
        BOTH, DEAD_LETTER, DISPUTED, ERASED, ESCALATED, FOLLOWS, LOSES, LOST_RACE, MARKED_ANEW, NEAR,
        OUTLIVES, OVER, RECALLED, REPLAYS, TOLD, TOLD_LATE, TOLD_TWICE, TOLD_WHILE_ERASED, UNTOLD,
    },
    state::{Ask, Record, Request, Scenario},
    world::{Life, ask, at, give_back, note, photo_of, plan, post_tl, validate},
};
use domain::{
    act::Act,
    announcement::{Announcement, Audience, AudienceMay},
    command::{Command, Verdict},
    deadlines::Mark,
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
        marks: &[],
        closed_from: None,
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
        marks: &[],
        closed_from: None,
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
        marks: &[],
        closed_from: None,
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
        marks: &[],
        closed_from: None,
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
        requests: vec![
            request(Ask::Command("budi", |_| plan("20")), 2),
            request(Ask::Command("citra", ask), 2),
        ],
        releases: 1,
        deliveries: 1,
        faults: 1,
        marks: &[],
        closed_from: None,
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
        marks: &[],
        closed_from: None,
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
        marks: &[],
        closed_from: None,
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
        follows: None,
        mark: None,
        released_at: to_reporter.then(|| at(time)),
        may: (!to_reporter).then_some(AudienceMay::Act),
        slot_mail: None,
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
        marks: &[],
        closed_from: None,
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
        marks: &[],
        closed_from: None,
        rivals: false,
        reaches: &[TOLD, TOLD_TWICE, TOLD_LATE, TOLD_WHILE_ERASED, UNTOLD, OUTLIVES, ERASED],
    }
}

/// Two officers of a unit accept at once, while two late runs send that its deadline has ended and escalate it.
pub(crate) fn acceptance() -> Scenario {
    let accept = |who| request(Ask::Command(who, |_| Command::Accept), 1);
    Scenario {
        name: "acceptance",
        life: Some(Life::with_the_unit()),
        stream: Vec::new(),
        clock: vec!["13 07:00"],
        requests: vec![accept("budi"), accept("citra")],
        releases: 2,
        deliveries: 1,
        faults: 1,
        marks: &[
            (Act::Assign, Mark::Over, "11 07:00", "31 00:00"),
            (Act::Assign, Mark::Escalated, "13 07:00", "31 00:00"),
        ],
        closed_from: None,
        rivals: true,
        reaches: &[LOSES, LOST_RACE, BOTH],
    }
}

/// A unit plans when the deadline of its work is near or has ended; two runs at once send that, and what the plan's deadline brings.
pub(crate) fn reminders() -> Scenario {
    Scenario {
        name: "reminders",
        life: Some(Life::in_work()),
        stream: Vec::new(),
        clock: vec!["14 07:00", "15 07:00"],
        requests: vec![request(Ask::Command("budi", |_| plan("15")), 1)],
        releases: 2,
        deliveries: 1,
        faults: 1,
        marks: &[
            (Act::Accept, Mark::Near, "14 07:00", "15 00:00"),
            (Act::Accept, Mark::Over, "15 07:00", "16 07:00"),
            (Act::Plan, Mark::Near, "15 07:00", "16 00:00"),
        ],
        closed_from: None,
        rivals: false,
        reaches: &[LOST_RACE, NEAR, OVER, MARKED_ANEW],
    }
}

/// A unit posts a TL, perhaps twice, before the slot of its reminder or while its late work is escalated; the validators are reminded in their turn.
pub(crate) fn late_work() -> Scenario {
    Scenario {
        name: "late work",
        life: Some(Life::with_photos()),
        stream: Vec::new(),
        clock: vec!["14 00:00", "16 07:00"],
        requests: vec![request(Ask::Command("budi", |_| post_tl()), 2)],
        releases: 1,
        deliveries: 1,
        faults: 1,
        marks: &[
            (Act::Accept, Mark::Near, "14 07:00", "15 00:00"),
            (Act::Accept, Mark::Over, "15 07:00", "31 00:00"),
            (Act::Accept, Mark::Escalated, "16 07:00", "31 00:00"),
            (Act::PostTl, Mark::Near, "16 00:00", "17 00:00"),
        ],
        closed_from: None,
        rivals: false,
        reaches: &[LOST_RACE, REPLAYS, NEAR, ESCALATED, BOTH, MARKED_ANEW],
    }
}

/// The ticket desk, reminded at once, writes a note, and the reporter withdraws, which the ticket desk learns of at a slot.
pub(crate) fn late_triage() -> Scenario {
    Scenario {
        name: "late triage",
        life: Some(Life::submitted().release("07:00")),
        stream: Vec::new(),
        clock: vec!["11 06:10", "13 00:00"],
        requests: vec![request(Ask::Command("ayu", note), 1), request(Ask::Withdraw, 1)],
        releases: 1,
        deliveries: 1,
        faults: 1,
        marks: &[
            (Act::Submit, Mark::Over, "11 06:10", "31 00:00"),
            (Act::Submit, Mark::Escalated, "13 00:00", "31 00:00"),
        ],
        closed_from: None,
        rivals: false,
        reaches: &[LOST_RACE, ERASED, OVER, ESCALATED, BOTH],
    }
}

/// A reporter disputes the result, and the verifiers are reminded once that is known to them.
pub(crate) fn late_verification() -> Scenario {
    Scenario {
        name: "late verification",
        life: Some(Life::finished()),
        stream: Vec::new(),
        clock: vec!["13:10", "16:00", "13 00:00", "13 07:00"],
        requests: vec![request(Ask::Dispute, 1)],
        releases: 1,
        deliveries: 1,
        faults: 1,
        marks: &[(Act::Dispute, Mark::Near, "13 07:00", "14 00:00")],
        closed_from: None,
        rivals: false,
        reaches: &[DISPUTED, MARKED_ANEW],
    }
}

/// The ticket desk recalls an assignment that came just before its deadline ended.
pub(crate) fn late_recall() -> Scenario {
    Scenario {
        name: "late recall",
        life: Some(Life::assigned_late()),
        stream: Vec::new(),
        clock: vec!["11 06:10", "11 07:00"],
        requests: vec![request(Ask::Command("ayu", |_| Command::Recall), 1)],
        releases: 1,
        deliveries: 1,
        faults: 1,
        marks: &[(Act::Submit, Mark::Over, "11 06:10", "31 00:00")],
        closed_from: None,
        rivals: false,
        reaches: &[LOSES, LOST_RACE, RECALLED, OVER],
    }
}

/// A unit is closed after its deadline has ended, while an officer accepts and the reporter withdraws.
pub(crate) fn closed_unit() -> Scenario {
    Scenario {
        name: "closed unit",
        life: Some(Life::with_the_unit()),
        stream: Vec::new(),
        clock: vec!["11 07:00", "11 08:00"],
        requests: vec![request(Ask::Command("budi", |_| Command::Accept), 1), request(Ask::Withdraw, 1)],
        releases: 1,
        deliveries: 1,
        faults: 1,
        marks: &[(Act::Assign, Mark::Over, "11 07:00", "31 00:00")],
        closed_from: Some("11 08:00"),
        rivals: false,
        reaches: &[LOSES, LOST_RACE, OVER, FOLLOWS],
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
        marks: &[],
        closed_from: None,
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
        acceptance(),
        reminders(),
        late_work(),
        late_triage(),
        late_verification(),
        late_recall(),
        closed_unit(),
        whole(),
    ]
}
