//! The state machine: `(report, command, actor, now) → decision or refusal`.

use crate::{
    act::Act,
    announcement::Announcement,
    command::{Command, Verdict},
    event::Event,
    field_errors::{Fault, FaultCode, Faults},
    ids::{EventId, Version},
    officer::{Named, Officer, Role, Tag},
    personal_data::PersonalData,
    photo::PhotoKind,
    photos_at_hand::{Owner, PhotoUse, PhotosAtHand},
    release::settle,
    report::{Report, Shown},
    slots::{SlotClass, Slots},
    status::Status,
    submission::Submission,
    ticket::Ticket,
    unit::{Code, Unit},
    urgency,
};
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeSet;

/// One row of the command table: who may do what, from which status.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What.
    pub act: Act,
    /// From where.
    pub from: &'static [Status],
    /// Who; `petugas-opd` means an officer of the unit that holds the report.
    pub by: Tag,
}

impl Rule {
    /// Whether it is an act of judging a TL, which whoever posted one of the report has no part in. Asked of the statuses and
    /// not of the act, so that an act that is added to these stages is guarded as it stands there.
    #[must_use]
    pub fn judges(&self) -> bool {
        self.by != Tag::PetugasOpd && self.from.iter().any(|status| status.is_judging())
    }
}

/// The command table.
pub const RULES: &[Rule] = &[
    Rule { act: Act::Assign, from: &[Status::Menunggu], by: Tag::AdminTiket },
    Rule { act: Act::Reject, from: &[Status::Menunggu], by: Tag::AdminTiket },
    Rule { act: Act::Merge, from: &[Status::Menunggu], by: Tag::AdminTiket },
    Rule { act: Act::Accept, from: &[Status::Koordinasi, Status::Disposisi], by: Tag::PetugasOpd },
    Rule { act: Act::Forward, from: &[Status::Koordinasi], by: Tag::PetugasOpd },
    Rule { act: Act::Dispose, from: &[Status::Koordinasi], by: Tag::PetugasOpd },
    Rule {
        act: Act::Return,
        from: &[Status::Koordinasi, Status::Disposisi, Status::Proses, Status::TlDitolak],
        by: Tag::PetugasOpd,
    },
    Rule { act: Act::AddWorkPhotos, from: &[Status::Proses, Status::TlDitolak], by: Tag::PetugasOpd },
    Rule { act: Act::AddFieldPhotos, from: &[Status::MenungguVerifikasi], by: Tag::PetugasVerifikasi },
    Rule { act: Act::PostTl, from: &[Status::Proses, Status::TlDitolak], by: Tag::PetugasOpd },
    Rule { act: Act::Validate, from: &[Status::MenungguValidasi], by: Tag::PetugasValidasi },
    Rule { act: Act::Verify, from: &[Status::MenungguVerifikasi], by: Tag::PetugasVerifikasi },
];

/// The third forward goes to the ticket desk instead: somebody must decide whose it is.
const FORWARDS: u8 = 3;

/// Why a command is refused. It has changed nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The act is not the caller's.
    #[error("the act is not the caller's")]
    NotYours,
    /// The caller posted a TL of this report.
    #[error("the caller posted a follow-up of this report")]
    OwnTl,
    /// Not from this status.
    #[error("not from this status")]
    WrongStatus,
    /// The report to merge into is closed.
    #[error("the other report is closed")]
    OtherClosed,
    /// Fields that do not fit this report.
    #[error("faults in fields")]
    Faults(Faults),
}

/// What chance and the clock give to a decision.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The moment.
    pub now: Timestamp,
    /// The snapshot's next version.
    pub version: Version,
    /// The event's id.
    pub event: EventId,
    /// SHA-256 of the body where the command had an idempotency key.
    pub body_digest: Option<String>,
}

/// What is to be stored, all or nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// The new snapshot.
    pub report: Report,
    /// What happened.
    pub event: Event,
    /// What is announced at once.
    pub announcements: Vec<Announcement>,
    /// The photos that must be ready.
    pub photos: Vec<PhotoUse>,
    /// Another report that must still be open.
    pub open: Option<Ticket>,
}

fn rule(act: Act) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.act == act)
}

/// Whether `act` is the officer's on this report, whatever its status.
///
/// A unit is judged by what has been released, so that an answer tells it nothing before the slot.
///
/// # Errors
/// [`Refusal::NotYours`] or [`Refusal::OwnTl`].
pub fn authorize(report: &Report, act: Act, officer: &Officer) -> Result<(), Refusal> {
    let rule = rule(act).ok_or(Refusal::NotYours)?;
    if !officer.role.has(rule.by) {
        return Err(Refusal::NotYours);
    }
    if let Role::Unit(code) = &officer.role
        && report.shown.unit.as_ref() != Some(code)
    {
        return Err(Refusal::NotYours);
    }
    if rule.judges() && report.tl_authors.contains(&officer.id) {
        return Err(Refusal::OwnTl);
    }
    Ok(())
}

/// Whether the officer may do `act` on the report as it stands: what it is done with aside.
///
/// # Errors
/// As [`authorize`], or [`Refusal::WrongStatus`].
pub fn may(report: &Report, act: Act, officer: &Officer) -> Result<(), Refusal> {
    authorize(report, act, officer)?;
    let rule = rule(act).ok_or(Refusal::NotYours)?;
    let waits = report.release.is_some() && matches!(rule.by, Tag::PetugasOpd | Tag::PetugasVerifikasi);
    if waits || !rule.from.contains(&report.status) {
        return Err(Refusal::WrongStatus);
    }
    Ok(())
}

/// Decides a command.
///
/// # Errors
/// Why it is refused; then nothing changes.
pub fn decide(
    report: &Report,
    command: Command,
    officer: &Officer,
    stamp: Stamp,
    slots: &Slots,
) -> Result<Decision, Refusal> {
    let act = command.act();
    may(report, act, officer)?;

    let before = report.desk();
    let mut report = report.clone();
    report.version = stamp.version.clone();
    report.events += 1;
    let mut event = Event {
        by: Some(Named::from(officer)),
        body_digest: stamp.body_digest,
        ..Event::of(&report, stamp.event, act, stamp.now)
    };
    let mut photos = Vec::new();
    let mut open = None;
    apply(command, officer, &mut report, &mut event, &mut photos, &mut open)?;
    event.status = report.status;
    report.at_hand.drop_left_behind(report.status, report.unit.as_ref().map(|unit| &unit.code));

    let announcements = if matches!(act, Act::AddWorkPhotos | Act::AddFieldPhotos) {
        // No status changes and nobody is told; whoever sees the desk sees the photos.
        report.shown.events = report.events;
        report.shown.version = report.version.clone();
        Vec::new()
    } else {
        settle(&mut report, before.as_ref(), &event, slots)
    };
    Ok(Decision { report, event, announcements, photos, open })
}

fn apply(
    command: Command,
    officer: &Officer,
    report: &mut Report,
    event: &mut Event,
    photos: &mut Vec<PhotoUse>,
    open: &mut Option<Ticket>,
) -> Result<(), Refusal> {
    match command {
        Command::Assign { unit } => {
            report.status = Status::Koordinasi;
            report.forwards = 0;
            hand_to(unit, report, event);
        }
        Command::Reject { reason } => {
            report.status = Status::Ditolak;
            event.reason = Some(reason);
        }
        Command::Merge { into, open: is_open } => {
            if into == report.ticket {
                return Err(Refusal::fault("into", FaultCode::SameTicket));
            }
            if !is_open {
                return Err(Refusal::OtherClosed);
            }
            report.status = Status::Duplikat;
            report.merged_into = Some(into.clone());
            event.into = Some(into.clone());
            *open = Some(into);
        }
        Command::Accept => report.status = Status::Proses,
        Command::Forward { unit, reason } => {
            if holder(report) == Some(&unit.code) {
                return Err(Refusal::fault("unit", FaultCode::SameUnit));
            }
            event.reason = Some(reason);
            report.forwards += 1;
            if report.forwards == FORWARDS {
                report.status = Status::Menunggu;
                event.unit = Some(unit.code);
            } else {
                hand_to(unit, report, event);
            }
        }
        Command::Dispose { unit } => {
            if !holder(report).is_some_and(|parent| unit.is_child_of(parent)) {
                return Err(Refusal::fault("unit", FaultCode::NotAChild));
            }
            report.status = Status::Disposisi;
            hand_to(unit, report, event);
        }
        Command::Return { reason } => {
            report.status = Status::Menunggu;
            event.reason = Some(reason);
        }
        Command::AddPhotos { photos: new, gone } => {
            if event.act == Act::AddWorkPhotos && new.iter().any(|(_, kind)| *kind == PhotoKind::Field) {
                return Err(Refusal::NotYours);
            }
            event.photos = new.iter().map(|(photo, _)| photo.clone()).collect();
            report.at_hand.announce(&Owner::of(officer), new, &gone, report.events)?;
        }
        Command::PostTl { narrative, photos: named, location } => {
            let needs =
                [(PhotoKind::Before, FaultCode::BeforeMissing), (PhotoKind::After, FaultCode::AfterMissing)];
            *photos = report.at_hand.use_up(&Owner::of(officer), &named, &needs)?;
            report.status = Status::MenungguValidasi;
            report.tl_authors.insert(officer.id.clone());
            event.narrative = Some(narrative);
            event.photos = named;
            event.location = location;
        }
        Command::Validate { verdict, reason } => {
            report.status = match verdict {
                Verdict::Accept => Status::Selesai,
                Verdict::Reject => Status::TlDitolak,
                Verdict::FieldCheck => Status::MenungguVerifikasi,
            };
            event.reason = reason;
        }
        Command::Verify { conforms, note, photos: named, location } => {
            *photos = report.at_hand.use_up(
                &Owner::of(officer),
                &named,
                &[(PhotoKind::Field, FaultCode::FieldMissing)],
            )?;
            report.status = if conforms { Status::Selesai } else { Status::TlDitolak };
            event.note = Some(note);
            event.photos = named;
            event.location = Some(location);
        }
    }
    Ok(())
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::Faults(faults)
    }
}

impl Refusal {
    /// One fault of one field.
    pub(crate) fn fault(field: &str, code: FaultCode) -> Self {
        Self::Faults(vec![Fault::new(field, code)])
    }
}

fn holder(report: &Report) -> Option<&Code> {
    report.unit.as_ref().map(|unit| &unit.code)
}

fn hand_to(unit: Unit, report: &mut Report, event: &mut Event) {
    event.unit = Some(unit.code.clone());
    report.unit = Some(unit);
}

/// What a category of the registry gives to a report.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Which slots.
    pub slots: SlotClass,
    /// Days to the due day.
    pub deadline_days: u16,
    /// The kinds of personal data that its reports are about.
    pub keeps: BTreeSet<PersonalData>,
}

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
    let reporter_photos = u8::try_from(submission.photos.len()).unwrap_or(u8::MAX);
    let mut report = Report {
        ticket,
        version: stamp.version.clone(),
        channel,
        category: submission.category,
        slots: terms.slots,
        deadline_days: terms.deadline_days,
        keeps: terms.keeps,
        privacy: submission.privacy,
        language: submission.language,
        description: submission.description,
        place: submission.location,
        submitted_at: stamp.now,
        first_status: status,
        body_digest: digests.body,
        secret_digest: digests.secret,
        status,
        unit,
        forwards: 0,
        tl_authors: BTreeSet::new(),
        at_hand: PhotosAtHand::default(),
        merged_into: None,
        events: 1,
        revision: 0,
        wishes: Vec::new(),
        disputable_until: None,
        disputes: 0,
        disputed_refusals: 0,
        photos_from: None,
        reporter_photos,
        erased: false,
        rating: None,
        shown: Shown { status, events: 0, version: stamp.version, unit: None },
        reached: BTreeSet::new(),
        due_on: today.saturating_add(i32::from(terms.deadline_days).days()),
        release: None,
        reporter_update: None,
    };
    let event = Event {
        unit: report.unit.as_ref().map(|unit| unit.code.clone()),
        ..Event::of(&report, stamp.event, Act::Submit, stamp.now)
    };
    report.photos_from = Some(slots.after_upload(report.slots, report.is_late(), stamp.now));
    let announcements = settle(&mut report, None, &event, slots);
    Decision { report, event, announcements, photos: Vec::new(), open: None }
}
