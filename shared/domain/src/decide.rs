//! Officers' commands: `(report, command, officer, now) → decision or refusal`.

use crate::{
    act::Act,
    command::{Command, Verdict},
    command_rules::may,
    decision::{Decision, Refusal, Stamp},
    event::Event,
    field_errors::FaultCode,
    officer::{Named, Officer},
    photo::PhotoKind,
    photos_at_hand::{Owner, PhotoUse},
    release::settle,
    report::Report,
    slots::Slots,
    status::Status,
    ticket::Ticket,
    unit::{Code, Unit},
};

/// The third forward goes to the ticket desk instead: somebody must decide whose it is.
const FORWARDS: u8 = 3;

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

fn holder(report: &Report) -> Option<&Code> {
    report.unit.as_ref().map(|unit| &unit.code)
}

fn hand_to(unit: Unit, report: &mut Report, event: &mut Event) {
    event.unit = Some(unit.code.clone());
    report.unit = Some(unit);
}
