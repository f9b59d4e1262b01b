//! The beginning of a report: makes the snapshot and the first event from a submission.

use crate::{
    act::Act,
    category::Terms,
    clock::Clock,
    deadlines::first_due_day,
    decision::{Decision, Stamp},
    event::Event,
    release::schedule_release,
    report::{AsSubmitted, Report, ReporterSide, Shown, Visibility, Work},
    routing::Route,
    status::Status,
    submission::Submission,
    ticket::Ticket,
    triage::Triage,
    unit::Code,
    urgency,
};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// The digests that a new report keeps, lower-case hex.
#[derive(Clone, Debug)]
pub struct Digests {
    /// Keyed digest of the submission without the reporter.
    pub body: String,
    /// Digest of the reporter's secret.
    pub secret: String,
}

/// A submission with the random values and the registry's terms that a new report needs.
#[derive(Clone, Debug)]
pub struct Received {
    /// What the channel sent.
    pub submission: Submission,
    /// The ticket derived for the report.
    pub ticket: Ticket,
    /// The code of the channel that sent it.
    pub channel: Code,
    /// What the report takes over from its category.
    pub terms: Terms,
    /// The digests by which a replay and the reporter are recognised.
    pub digests: Digests,
    /// Where the city's map and rules send it.
    pub route: Route,
    /// Whether the channel is one for tests.
    pub is_test: bool,
}

/// How long a test report is kept.
pub const TEST_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Makes a new report of a submission.
#[must_use]
pub fn submit(received: Received, stamp: Stamp, clock: Clock<'_>) -> Decision {
    let Received { submission, ticket, channel, terms, digests, route, is_test } = received;
    // A test report reaches no unit, so it begins with none.
    let unit = route.to.ok().map(|routed| routed.unit).filter(|_| !is_test);
    let status = if unit.is_some() { Status::Koordinasi } else { Status::Menunggu };
    let today = urgency::day(stamp.now, &clock.slots.zone);
    let mut report = Report {
        ticket,
        version: stamp.version.clone(),
        events: 1,
        revision: 0,
        category: submission.category,
        place: submission.location,
        area: route.area,
        privacy: submission.privacy,
        status,
        unit,
        due_on: today,
        officer: None,
        claim: None,
        merged_into: None,
        follows: None,
        is_followed: false,
        submitted: AsSubmitted {
            at: stamp.now,
            channel,
            language: submission.language,
            description: submission.description,
            status,
            suggested_unit: route.suggested,
            body_digest: digests.body,
            test_until: is_test.then(|| stamp.now + TEST_KEPT),
        },
        terms,
        reporter: ReporterSide {
            secret_digest: digests.secret,
            photos: u8::try_from(submission.photos.len()).unwrap_or(u8::MAX),
            pending: Vec::new(),
            update: None,
            told: None,
            disputable_until: None,
            disputes: 0,
            disputed_refusals: 0,
            rating: None,
            erased: false,
        },
        triage: Triage::default(),
        work: Work::default(),
        visible: Visibility {
            shown: Shown { status, events: 0, version: stamp.version, unit_version: None, unit: None },
            reached: BTreeSet::new(),
            release: None,
            photos_from: None,
        },
        step: None,
    };
    let event = Event {
        unit: report.unit.as_ref().map(|unit| unit.code.clone()),
        ..Event::of(&report, stamp.event, Act::Submit, stamp.now)
    };
    let own_slots = report.slots(clock.slots);
    let (class, late) = (report.terms.slots, report.takes_second_slot());
    let photos_from = if report.unit.is_some() {
        own_slots.after_upload_of_routed(class, late, stamp.now)
    } else {
        own_slots.after_upload(class, late, stamp.now)
    };
    report.visible.photos_from = Some(photos_from);
    let announcements = schedule_release(&mut report, None, &event, clock);
    if let Some(release) = &report.visible.release {
        // Until then no step has begun, but the administrator sees an urgency.
        report.due_on = first_due_day(&report, release.at, clock);
    }
    Decision { report, event, announcements, photos: Vec::new(), root: None }
}
