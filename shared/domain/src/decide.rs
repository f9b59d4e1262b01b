//! Officers' commands: `(report, command, officer, now) → decision or refusal`.

use crate::{
    act::Act,
    clock::Clock,
    command::{Command, Verdict},
    command_rules::may,
    deadlines::{correct_step, plan_step},
    decision::{Decision, Refusal, Stamp},
    desk::Desk,
    event::Event,
    ids::{PhotoId, Version},
    note::{Note, NoteAudience, counted_as, desk_of},
    officer::{Named, Officer, Tag},
    officer_location::OfficerLocation,
    photo::PhotoKind,
    photos_at_hand::{Owner, PhotoUse},
    plan,
    release::{announce_note, schedule_plan, schedule_release},
    report::Report,
    slots::{SlotClass, Slots},
    status::Status,
    triage::{BeforeCorrection, BeforeRecall, Claim, Correction, Rerouted, take_back},
    unit::{Code, Unit},
    urgency,
    validation_errors::ValidationErrorCode,
    view::{knows_what_waits, viewer},
};
use jiff::{Timestamp, civil::Date};

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
    clock: Clock<'_>,
) -> Result<Decision, Refusal> {
    let act = command.act();
    may(report, act, officer)?;

    let before = report.desk();
    let mut deciding = Deciding::new(report, act, officer, stamp, clock);
    let change = deciding.apply(command)?;
    let Deciding { mut report, mut event, used_photos, root, .. } = deciding;
    event.status = report.status;
    // Photos of a unit or of verifiers that no longer hold the report are at hand no more.
    report.work.at_hand.drop_left_behind(report.status, report.unit.as_ref().map(|unit| &unit.code));

    let announcements = match change {
        Change::Moves => schedule_release(&mut report, before.as_ref(), &event, clock),
        // What a recall brings back may be a release that waits: it shows all of it.
        Change::Stays => {
            if report.visible.release.is_none() || act != Act::Recall {
                report.visible.shown.take_up(report.events, &report.version);
            }
            Vec::new()
        }
        Change::Plans => {
            report.visible.shown.take_up(report.events, &report.version);
            schedule_plan(&mut report, &event, clock.slots)
        }
        Change::Notes { answers, shown_version } => {
            show_note(&mut report, &mut event, officer, shown_version);
            announce_note(&report, &event, answers, clock.slots).into_iter().collect()
        }
    };
    Ok(Decision { report, event, announcements, photos: used_photos, root })
}

/// Lets what waits in a report whose category was corrected wait for a slot of that category, and in no case for an earlier one.
fn wait_for_slots_anew(report: &mut Report, now: Timestamp, slots: &Slots) {
    let (class, late) = (report.terms.slots, report.takes_second_slot());
    if let Some(update) = &mut report.reporter.update {
        update.at = update.at.max(slots.next(class, late, now));
    }
    for waiting in &mut report.reporter.pending {
        waiting.at = waiting.at.max(slots.next(class, false, now));
    }
}

/// What a command does to what others see.
enum Change {
    /// The report gets another status, and is released as its desk says.
    Moves,
    /// The report is where it was, as far as others know, and no desk is told: everybody who sees the desk sees the change at once.
    Stays,
    /// The same, and the reporter is told at a slot.
    Plans,
    /// Officers see it as far as it is for them.
    Notes {
        /// Whether it answers a question to the ticket desk.
        answers: bool,
        /// The version for those who do not know of a change that waits.
        shown_version: Version,
    },
}

/// Shows a note to those who may know of it now, and gives them a new version.
///
/// While a change waits, a note must tell nobody of it: one by somebody who knows of the change waits with it; one by somebody who does not is
/// seen at once, with the status and a version that they may know.
fn show_note(report: &mut Report, event: &mut Event, officer: &Officer, shown_version: Version) {
    if report.visible.release.is_none() {
        let shown = &mut report.visible.shown;
        if event.audience == Some(NoteAudience::All) {
            shown.take_up(report.events, &report.version);
        } else {
            shown.take_up_for_bureau(report.events, &report.version);
        }
        if let (Some(Desk::Unit(_)), Some(version)) = (&event.desk, &shown.unit_version) {
            // Officers of units above or below, who do not read the note, go by the same version.
            event.version = version.clone();
        }
    } else if viewer(report, officer).is_some_and(|seen_by| !knows_what_waits(report, seen_by)) {
        report.visible.shown.version = shown_version.clone();
        event.version = shown_version;
        event.status = report.visible.shown.status;
        event.precedes_release = true;
    }
}

/// Claims a report: the officer is at work on it for ten minutes. It hinders nobody's rights, so it leaves no event and no version, and each
/// repetition prolongs it.
///
/// # Errors
/// Why it is refused; [`Refusal::Claimed`] while somebody else is at work on it.
pub fn claim(report: &Report, officer: &Officer, now: Timestamp) -> Result<Report, Refusal> {
    may(report, Act::Claim, officer)?;
    if report.claim.as_ref().is_some_and(|claim| claim.is_of_another(&officer.id, now)) {
        return Err(Refusal::Claimed);
    }
    Ok(Report { claim: Some(Claim::new(officer.into(), now)), ..report.clone() })
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
    root: Option<Box<Report>>,
    clock: Clock<'a>,
}

impl<'a> Deciding<'a> {
    fn new(report: &Report, act: Act, officer: &'a Officer, stamp: Stamp, clock: Clock<'a>) -> Self {
        let mut report = report.clone();
        report.version = stamp.version;
        report.events += 1;
        let event = Event {
            by: Some(Named::from(officer)),
            body_digest: stamp.body_digest,
            ..Event::of(&report, stamp.event, act, stamp.now)
        };
        Self { officer, report, event, used_photos: Vec::new(), root: None, clock }
    }

    fn apply(&mut self, command: Command) -> Result<Change, Refusal> {
        match command {
            Command::Correct(correction) => {
                self.correct(correction)?;
                return Ok(Change::Stays);
            }
            Command::Assign { unit, summary } => self.assign(unit, summary)?,
            Command::Reject { reason } => self.reject(reason),
            Command::Merge { root } => self.merge(root)?,
            Command::Recall => {
                self.recall()?;
                return Ok(Change::Stays);
            }
            Command::Accept => self.accept(),
            Command::Forward { unit, reason } => self.forward(unit, reason)?,
            Command::Delegate { unit } => self.delegate(unit)?,
            Command::Return { reason } => self.give_back(reason),
            Command::AddPhotos { photos, never_ready } => {
                self.add_photos(photos, &never_ready)?;
                return Ok(Change::Stays);
            }
            Command::Plan { on, reason } => {
                self.plan(on, reason)?;
                return Ok(Change::Plans);
            }
            Command::PostTl { narrative, photos, location } => self.post_tl(narrative, photos, location)?,
            Command::Validate { verdict, reason } => self.validate(verdict, reason),
            Command::Verify { conforms, finding, photos, location } => {
                self.verify(conforms, finding, photos, location)?;
            }
            Command::CouldNotLook { reason } => self.could_not_look(reason),
            Command::Note { note, shown_version } => {
                return Ok(Change::Notes { answers: self.note(note), shown_version });
            }
        }
        Ok(Change::Moves)
    }

    /// What the report takes over from its category, its area and the unit for it are taken anew; nothing that waits is moved earlier.
    fn correct(&mut self, correction: Correction) -> Result<(), Refusal> {
        let Correction { category, place, area, suggested_unit, reason } = correction;
        let report = &mut self.report;
        let mut before = BeforeCorrection::default();
        if let Some((category, terms)) = category.filter(|(category, _)| *category != report.category) {
            report.triage.withholds = report.withholds() || terms.slots == SlotClass::Peka;
            report.terms = terms;
            correct_step(report, self.clock);
            wait_for_slots_anew(report, self.event.at, self.clock.slots);
            let known_as = std::mem::replace(&mut report.category, category);
            for desk in &report.visible.reached {
                if let Desk::Unit(unit) = desk {
                    report.triage.left_as.entry(unit.clone()).or_insert_with(|| known_as.clone());
                }
            }
            before.category = Some(known_as);
        }
        if let Some(place) = place.filter(|place| *place != report.place) {
            report.triage.wrote_address = place.address.is_some();
            before.place = Some(std::mem::replace(&mut report.place, place));
        }
        if area != report.area {
            before.area = std::mem::replace(&mut report.area, area);
        } else if before == BeforeCorrection::default() {
            return Err(Refusal::error("", ValidationErrorCode::Unchanged));
        }
        report.triage.rerouted = Some(Rerouted { unit: suggested_unit });
        self.event.before = Some(before);
        self.event.reason = Some(reason);
        Ok(())
    }

    fn assign(&mut self, unit: Unit, summary: Option<String>) -> Result<(), Refusal> {
        self.may_be_recalled();
        if let Some(summary) = summary {
            self.report.triage.summary = Some(summary.clone());
            self.report.triage.withholds = true;
            self.event.summary = Some(summary);
        }
        if self.report.needs_summary() {
            return Err(Refusal::error("summary", ValidationErrorCode::Required));
        }
        self.report.status = Status::Koordinasi;
        self.report.work.forwards = 0;
        self.hand_to(unit);
        Ok(())
    }

    fn reject(&mut self, reason: String) {
        self.may_be_recalled();
        self.report.status = Status::Ditolak;
        self.event.reason = Some(reason);
    }

    /// Keeps what `recall` brings back. It is dropped when somebody hears of the act.
    fn may_be_recalled(&mut self) {
        let report = &self.report;
        let before = BeforeRecall {
            event: self.event.number,
            unit: report.unit.clone(),
            forwards: report.work.forwards,
            step: report.step.clone(),
            update: report.reporter.update.clone(),
            release: report.visible.release.clone(),
            summary: report.triage.summary.clone(),
            withholds: report.triage.withholds,
        };
        self.report.triage.recall = Some(Box::new(before));
    }

    fn recall(&mut self) -> Result<(), Refusal> {
        let report = &mut self.report;
        self.event.recalls = Some(take_back(report).ok_or(Refusal::WrongStatus)?);
        let (class, late, now) = (report.terms.slots, report.takes_second_slot(), self.event.at);
        // The slot of the update that had waited may have passed meanwhile: sent now, its time would tell when the officer acted.
        if let Some(update) = report.reporter.update.as_mut().filter(|update| update.at <= now) {
            update.at = self.clock.slots.next(class, late, now);
        }
        Ok(())
    }

    fn accept(&mut self) {
        self.report.status = Status::Proses;
        self.report.officer = Some(Named::from(self.officer));
    }

    /// Only an open report can be the root of another, and an open report follows none: so no chain of roots becomes a circle.
    fn merge(&mut self, root: Box<Report>) -> Result<(), Refusal> {
        if root.ticket == self.report.ticket {
            return Err(Refusal::error("into", ValidationErrorCode::SameTicket));
        }
        if !root.status.is_open() {
            return Err(Refusal::OtherClosed);
        }
        self.may_be_recalled();
        self.report.status = Status::Duplikat;
        self.report.merged_into = Some(root.ticket.clone());
        self.report.follows = Some(root.told());
        self.event.into = Some(root.ticket.clone());
        self.root = Some(root);
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
            self.report.leave_unit();
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
        self.report.leave_unit();
        self.event.reason = Some(reason);
    }

    fn plan(&mut self, on: Date, reason: String) -> Result<(), Refusal> {
        let today = urgency::day(self.event.at, &self.clock.slots.zone);
        if !plan::may_be(on, today) {
            return Err(Refusal::error("on", ValidationErrorCode::Range));
        }
        self.report.work.plan = Some(on);
        self.report.work.plans += 1;
        plan_step(&mut self.report, on, self.event.at, self.clock);
        self.event.on = Some(on);
        self.event.reason = Some(reason);
        Ok(())
    }

    fn could_not_look(&mut self, reason: String) {
        self.report.status = Status::MenungguValidasi;
        self.event.reason = Some(reason);
    }

    /// Whether it answers a question to the ticket desk. A question brings the report to the ticket desk's sight.
    fn note(&mut self, note: Note) -> bool {
        let Note { text, audience, asks_ticket_desk } = note;
        let desk = desk_of(&self.report, self.officer);
        *self.report.work.notes.entry(counted_as(desk.as_ref())).or_default() += 1;
        self.event.text = Some(text);
        self.event.audience = Some(audience);
        self.event.desk = desk.clone();
        self.event.asks_ticket_desk = asks_ticket_desk;
        let triage = &mut self.report.triage;
        if asks_ticket_desk {
            triage.asked_by = desk.or(Some(Desk::Tiket));
            self.report.visible.reached.insert(Desk::Tiket);
            return false;
        }
        // What the one who asked cannot read is no answer.
        let is_read = |by: &Desk| !matches!(by, Desk::Unit(_)) || audience == NoteAudience::All;
        let answers = self.officer.role.has(Tag::AdminTiket) && triage.asked_by.as_ref().is_some_and(is_read);
        if answers {
            triage.asked_by = None;
        }
        answers
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
        location: Option<OfficerLocation>,
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
        finding: String,
        photos: Vec<PhotoId>,
        location: OfficerLocation,
    ) -> Result<(), Refusal> {
        self.use_photos(photos, &[(PhotoKind::Field, ValidationErrorCode::FieldMissing)])?;
        self.report.status = if conforms { Status::Selesai } else { self.refuse_tl() };
        self.event.finding = Some(finding);
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
        self.report.leave_unit();
        self.report.unit = Some(unit);
    }
}
