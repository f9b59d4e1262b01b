//! The beginning of a report's life: of what came in a snapshot and the first event are made.

use crate::{
    act::Act,
    category::Terms,
    decision::{Decision, Stamp},
    event::Event,
    release::schedule_release,
    report::{AsSubmitted, Report, ReporterSide, Shown, Visibility, Work},
    slots::Slots,
    status::Status,
    submission::Submission,
    ticket::Ticket,
    unit::{Code, Unit},
    urgency,
};
use jiff::ToSpan;
use std::collections::BTreeSet;

/// The digests that a new report keeps, lower-case hex.
#[derive(Clone, Debug)]
pub struct Digests {
    /// Of the submission without the reporter, keyed.
    pub body: String,
    /// Of the reporter's secret.
    pub secret: String,
}

/// A report as it came in, with all that chance and the registry give to it.
#[derive(Clone, Debug)]
pub struct Received {
    /// What the channel sent.
    pub submission: Submission,
    /// Which.
    pub ticket: Ticket,
    /// From where.
    pub channel: Code,
    /// Of its category.
    pub terms: Terms,
    /// To recognise a replay and the reporter by.
    pub digests: Digests,
    /// The unit that a routing rule names.
    pub unit: Option<Unit>,
}

/// The beginning of a report's life.
#[must_use]
pub fn submit(received: Received, stamp: Stamp, slots: &Slots) -> Decision {
    let Received { submission, ticket, channel, terms, digests, unit } = received;
    let status = if unit.is_some() { Status::Koordinasi } else { Status::Menunggu };
    let today = urgency::day(stamp.now, &slots.zone);
    let mut report = Report {
        ticket,
        version: stamp.version.clone(),
        events: 1,
        revision: 0,
        category: submission.category,
        place: submission.location,
        privacy: submission.privacy,
        status,
        unit,
        due_on: today.saturating_add(i32::from(terms.deadline_days).days()),
        merged_into: None,
        submitted: AsSubmitted {
            at: stamp.now,
            channel,
            language: submission.language,
            description: submission.description,
            status,
            body_digest: digests.body,
        },
        terms,
        reporter: ReporterSide {
            secret_digest: digests.secret,
            photos: u8::try_from(submission.photos.len()).unwrap_or(u8::MAX),
            pending: Vec::new(),
            update: None,
            disputable_until: None,
            disputes: 0,
            disputed_refusals: 0,
            rating: None,
            erased: false,
        },
        work: Work::default(),
        visible: Visibility {
            shown: Shown { status, events: 0, version: stamp.version, unit: None },
            reached: BTreeSet::new(),
            release: None,
            photos_from: None,
        },
    };
    let event = Event {
        unit: report.unit.as_ref().map(|unit| unit.code.clone()),
        ..Event::of(&report, stamp.event, Act::Submit, stamp.now)
    };
    report.visible.photos_from =
        Some(slots.after_upload(report.terms.slots, report.takes_second_slot(), stamp.now));
    let announcements = schedule_release(&mut report, None, &event, slots);
    Decision { report, event, announcements, photos: Vec::new(), open: None }
}
