//! Officers' commands: `(report, command, officer, now) → decision or refusal`.

use crate::{
    act::Act,
    command::{Command, Verdict},
    command_rules::may,
    decision::{Decision, Refusal, Stamp},
    event::Event,
    ids::PhotoId,
    location::Point,
    officer::{Named, Officer},
    photo::PhotoKind,
    photos_at_hand::{Owner, PhotoUse},
    release::schedule_release,
    report::Report,
    slots::Slots,
    status::Status,
    ticket::Ticket,
    unit::{Code, Unit},
    validation_errors::ValidationErrorCode,
};

/// The third forward since the ticket desk assigned the report goes to the ticket desk instead, where somebody has to decide which unit is responsible.
const FORWARDS: u8 = 3;

/// Decides a command: returns all that is to be stored, or why the command is refused.
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
    let mut deciding = Deciding::new(report, act, officer, stamp);
    deciding.apply(command)?;
    let Deciding { mut report, mut event, used_photos, must_stay_open, .. } = deciding;
    event.status = report.status;
    // Photos of a unit or of verifiers that no longer hold the report are at hand no more.
    report.work.at_hand.drop_left_behind(report.status, report.unit.as_ref().map(|unit| &unit.code));

    let announcements = if matches!(act, Act::AddWorkPhotos | Act::AddFieldPhotos) {
        // The status stays and no desk is told; everybody who sees the desk sees the photos at once.
        report.visible.shown.events = report.events;
        report.visible.shown.version = report.version.clone();
        Vec::new()
    } else {
        schedule_release(&mut report, before.as_ref(), &event, slots)
    };
    Ok(Decision { report, event, announcements, photos: used_photos, must_stay_open })
}

/// A command while it is being decided: what it changes, and what must hold when it is stored.
struct Deciding<'a> {
    officer: &'a Officer,
    /// The snapshot as the command leaves it.
    report: Report,
    /// The event that the command produces.
    event: Event,
    /// The photos that must be ready when the command is stored.
    used_photos: Vec<PhotoUse>,
    /// Another report that must still be open when the command is stored.
    must_stay_open: Option<Ticket>,
}

impl<'a> Deciding<'a> {
    fn new(report: &Report, act: Act, officer: &'a Officer, stamp: Stamp) -> Self {
        let mut report = report.clone();
        report.version = stamp.version;
        report.events += 1;
        let event = Event {
            by: Some(Named::from(officer)),
            body_digest: stamp.body_digest,
            ..Event::of(&report, stamp.event, act, stamp.now)
        };
        Self { officer, report, event, used_photos: Vec::new(), must_stay_open: None }
    }

    fn apply(&mut self, command: Command) -> Result<(), Refusal> {
        match command {
            Command::Assign { unit } => self.assign(unit),
            Command::Reject { reason } => self.reject(reason),
            Command::Merge { into, open } => return self.merge(into, open),
            Command::Accept => self.report.status = Status::Proses,
            Command::Forward { unit, reason } => return self.forward(unit, reason),
            Command::Delegate { unit } => return self.delegate(unit),
            Command::Return { reason } => self.give_back(reason),
            Command::AddPhotos { photos, never_ready } => return self.add_photos(photos, &never_ready),
            Command::PostTl { narrative, photos, location } => {
                return self.post_tl(narrative, photos, location);
            }
            Command::Validate { verdict, reason } => self.validate(verdict, reason),
            Command::Verify { conforms, note, photos, location } => {
                return self.verify(conforms, note, photos, location);
            }
        }
        Ok(())
    }

    fn assign(&mut self, unit: Unit) {
        self.report.status = Status::Koordinasi;
        self.report.work.forwards = 0;
        self.hand_to(unit);
    }

    fn reject(&mut self, reason: String) {
        self.report.status = Status::Ditolak;
        self.event.reason = Some(reason);
    }

    fn merge(&mut self, into: Ticket, is_open: bool) -> Result<(), Refusal> {
        if into == self.report.ticket {
            return Err(Refusal::error("into", ValidationErrorCode::SameTicket));
        }
        if !is_open {
            return Err(Refusal::OtherClosed);
        }
        self.report.status = Status::Duplikat;
        self.report.merged_into = Some(into.clone());
        self.event.into = Some(into.clone());
        self.must_stay_open = Some(into);
        Ok(())
    }

    fn forward(&mut self, unit: Unit, reason: String) -> Result<(), Refusal> {
        if self.holder() == Some(&unit.code) {
            return Err(Refusal::error("unit", ValidationErrorCode::SameUnit));
        }
        self.event.reason = Some(reason);
        self.report.work.forwards += 1;
        if self.report.work.forwards == FORWARDS {
            self.report.status = Status::Menunggu;
            self.event.unit = Some(unit.code);
        } else {
            self.hand_to(unit);
        }
        Ok(())
    }

    fn delegate(&mut self, unit: Unit) -> Result<(), Refusal> {
        if !self.holder().is_some_and(|parent| unit.is_child_of(parent)) {
            return Err(Refusal::error("unit", ValidationErrorCode::NotAChild));
        }
        self.report.status = Status::Disposisi;
        self.hand_to(unit);
        Ok(())
    }

    fn give_back(&mut self, reason: String) {
        // The unit stays the last that had it: the status decides which desk the report lies on.
        self.report.status = Status::Menunggu;
        self.event.reason = Some(reason);
    }

    fn add_photos(&mut self, new: Vec<(PhotoId, PhotoKind)>, never_ready: &[PhotoId]) -> Result<(), Refusal> {
        // A mixture counts as photos of the work, and field photos are the verifier's.
        if self.event.act == Act::AddWorkPhotos && new.iter().any(|(_, kind)| *kind == PhotoKind::Field) {
            return Err(Refusal::NotYours);
        }
        self.event.photos = new.iter().map(|(photo, _)| photo.clone()).collect();
        self.report.work.at_hand.declare(&Owner::of(self.officer), new, never_ready, self.report.events)?;
        Ok(())
    }

    fn post_tl(
        &mut self,
        narrative: String,
        photos: Vec<PhotoId>,
        location: Option<Point>,
    ) -> Result<(), Refusal> {
        self.use_photos(
            photos,
            &[
                (PhotoKind::Before, ValidationErrorCode::BeforeMissing),
                (PhotoKind::After, ValidationErrorCode::AfterMissing),
            ],
        )?;
        self.report.status = Status::MenungguValidasi;
        self.report.work.tl_authors.insert(self.officer.id.clone());
        self.event.narrative = Some(narrative);
        self.event.location = location;
        Ok(())
    }

    fn validate(&mut self, verdict: Verdict, reason: Option<String>) {
        self.report.status = match verdict {
            Verdict::Accept => Status::Selesai,
            Verdict::Reject => self.refuse_tl(),
            Verdict::FieldCheck => Status::MenungguVerifikasi,
        };
        self.event.reason = reason;
    }

    fn verify(
        &mut self,
        conforms: bool,
        note: String,
        photos: Vec<PhotoId>,
        location: Point,
    ) -> Result<(), Refusal> {
        self.use_photos(photos, &[(PhotoKind::Field, ValidationErrorCode::FieldMissing)])?;
        self.report.status = if conforms { Status::Selesai } else { self.refuse_tl() };
        self.event.note = Some(note);
        self.event.location = Some(location);
        Ok(())
    }

    /// The status of a report whose TL is refused: it goes back to the unit that posted it. If that unit was closed meanwhile, it goes to the
    /// heir, which begins with `koordinasi`, or to the ticket desk where there is no heir.
    fn refuse_tl(&mut self) -> Status {
        let starts_anew = std::mem::take(&mut self.report.work.refused_tl_starts_anew);
        match &self.report.unit {
            None => Status::Menunggu,
            Some(unit) if starts_anew => {
                self.event.unit = Some(unit.code.clone());
                Status::Koordinasi
            }
            Some(_) => Status::TlDitolak,
        }
    }

    fn use_photos(
        &mut self,
        named: Vec<PhotoId>,
        needs: &[(PhotoKind, ValidationErrorCode)],
    ) -> Result<(), Refusal> {
        self.used_photos = self.report.work.at_hand.use_up(&Owner::of(self.officer), &named, needs)?;
        self.event.photos = named;
        Ok(())
    }

    fn holder(&self) -> Option<&Code> {
        self.report.unit.as_ref().map(|unit| &unit.code)
    }

    fn hand_to(&mut self, unit: Unit) {
        self.event.unit = Some(unit.code.clone());
        self.report.unit = Some(unit);
    }
}
