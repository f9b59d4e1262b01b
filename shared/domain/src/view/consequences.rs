//! What each act that an officer may do now would lead to: who reads what they type with it, and what its reporter is told.
//!
//! It is no table beside the rules. Each act is decided, with a sample text, on the report as the officer knows it, and the histories of all
//! kinds of viewers are searched for that text: as they are then, after the release, and once the report comes to whoever has not had it.

use super::{
    bureau, former_unit,
    history::{TimedEntry, UntimedEntry},
    input::{Reader, Whole},
    reporter, unit, verifier,
    viewer::{Seen, Viewer, knows_what_waits, seen, viewer},
};
use crate::{
    act::Act,
    announcement::{Announcement, Audience},
    calendar::Calendar,
    clock::Clock,
    command::{Command, Verdict},
    decide::{claim, decide},
    decision::{Decision, Stamp},
    desk::Desk,
    event::Event,
    ids::{EventId, PhotoId, Version},
    location::{Place, Point},
    note::{Note, NoteAudience},
    officer::{Officer, Role, Tag},
    pending_applied::with_pending_applied,
    photo::PhotoKind,
    photos_at_hand::Owner,
    release::release_all,
    report::{Due, Report, ReporterSide},
    slots::SlotClass,
    sms_and_email_text::update_before_choice,
    status::Status,
    ticket::Ticket,
    triage::Correction,
    unit::{Code, Unit},
    urgency::day,
    wire_enum::wire_enum,
};
use serde::Serialize;
use std::{collections::BTreeSet, slice};

wire_enum!(
    /// Which way of doing an act, where it leads to different things.
    Choice {
        /// `validate`: the problem is solved.
        Accept = "accept",
        /// `validate`: it is not.
        Reject = "reject",
        /// `validate`: a verifier has to go and look.
        FieldCheck = "field_check",
        /// `verify`: the TL is true.
        Conforms = "conforms",
        /// `verify`: it is not.
        DoesNotConform = "does_not_conform",
        /// `note`: for the bureau.
        Bureau = "bureau",
        /// `note`: for all officers to whom the report is whole.
        All = "all",
        /// `note`: the same as `bureau`, and a question to the ticket desk.
        BureauToTiket = "bureau_to_tiket",
        /// `note`: the same as `all`, and a question to the ticket desk.
        AllToTiket = "all_to_tiket",
    }
);

wire_enum!(
    /// Who reads a text.
    ReadsText {
        /// The officer's own unit, where it reads what others of `unit` do not, or earlier.
        OwnUnit = "own_unit",
        /// The unit that has the report then, and those above it; where the officer chooses the unit, that one.
        Unit = "unit",
        /// The ticket desk.
        Tiket = "tiket",
        /// Validators.
        Validasi = "validasi",
        /// Verifiers.
        Verifikasi = "verifikasi",
        /// Administrators.
        Administrator = "administrator",
        /// The report's reporter.
        Reporter = "reporter",
    }
);

wire_enum!(
    /// When somebody reads it, or is told.
    When {
        /// At once.
        Now = "now",
        /// At a slot of the category.
        Slot = "slot",
        /// Not before the report comes to them, if it has not been theirs already: as far as the officer knows it has not.
        Later = "later",
    }
);

/// Who reads the text that an officer types with an act.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadBy {
    /// Who.
    pub who: ReadsText,
    /// Whether personal data is masked for them, but for the kinds that the category is about.
    pub masked: bool,
    /// When.
    pub when: When,
}

/// What the reporter is told of an act, if nothing else happens before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToldReporter {
    /// The sentence, in the language of the officer who asks. `…` stands for what is still to be chosen: the day of a plan, and of a merge the
    /// status of the other report.
    pub text: String,
    /// When.
    pub when: When,
}

/// What an act would lead to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consequence {
    /// The act.
    pub act: Act,
    /// Which way of doing it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub choice: Option<Choice>,
    /// The status after it.
    pub status: Status,
    /// The same in the officer's language.
    pub status_text: &'static str,
    /// The desk that the report lies on then, such as `validasi` or `unit:<code>`; absent once closed, and where the officer chooses the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String))]
    pub desk: Option<Desk>,
    /// Who reads what is typed with it; nobody where nothing is.
    pub read_by: Vec<ReadBy>,
    /// What the reporter is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub reporter: Option<ToldReporter>,
}

/// When what waits for a slot comes: the city's schedule for the report's category, which says nothing of the report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlotsView {
    /// `every:<minutes>` of the city's day, a list of its times such as `07:00,10:00`, or `0`: nothing waits.
    pub schedule: String,
    /// Of how many of the next slots it is one: the first, or either of two.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 2))]
    pub one_of_next: u8,
}

impl SlotsView {
    pub(super) fn of(report: &Report, reader: Reader<'_>) -> Self {
        let class = report.terms.slots;
        let schedule = reader.slots.schedule(class).to_string();
        Self { schedule, one_of_next: if class == SlotClass::Peka { 2 } else { 1 } }
    }
}

/// Stands for what the officer types: a telephone number, so that it is seen where it is masked.
const SAMPLE: &str = "0812-3456-7890";
/// The unit that the officer chooses, and one above whichever unit has the report: what all of these read is what `unit` reads.
const CHOSEN: &str = "the chosen unit";
const ABOVE: &str = "a unit above";

/// What each of `actions` would lead to.
pub(super) fn consequences(
    whole: Whole<'_>,
    seen_by: Viewer,
    reader: Reader<'_>,
    actions: &[Act],
) -> Vec<Consequence> {
    let calendar = Calendar::of_every_day(reader.slots.zone.clone());
    let clock = Clock { slots: reader.slots, calendar: &calendar };
    let people = ReadsText::ALL.iter().map(|who| (*who, person(*who, reader.officer))).collect();
    let trial = Trial { known: as_known(whole, seen_by, reader.officer), reader, clock, people };
    actions.iter().flat_map(|act| trial.act(*act)).collect()
}

/// The report as this officer may know it, without the texts that it has.
fn as_known(whole: Whole<'_>, seen_by: Viewer, officer: &Officer) -> Report {
    let report = whole.report;
    let Seen { status, events, version } = seen(report, seen_by);
    let mut known = Report { status, events, version: version.clone(), ..report.clone() };
    if !knows_what_waits(report, seen_by) {
        known.visible.release = None;
        known.triage.recall = None;
    }
    let knows_all_desks = matches!(seen_by, Viewer::Bureau | Viewer::Administrator);
    if !knows_all_desks {
        known.visible.photos_from = None;
        if !saw_ticket_desk(whole, seen_by, officer) {
            known.visible.reached.remove(&Desk::Tiket);
        }
    }
    // What the reporter does or has done, whether they can be reached and who follows the report is nobody's business.
    known.reporter = ReporterSide {
        secret_digest: String::new(),
        photos: 0,
        pending: Vec::new(),
        update: None,
        told: None,
        disputable_until: None,
        disputes: 0,
        disputed_refusals: 0,
        rating: None,
        erased: false,
    };
    if let Some(before) = &mut known.triage.recall {
        (before.update, before.summary) = (None, None);
    }
    // A TL or a verification may be asked for whose photos are still to come.
    let samples = [PhotoKind::Before, PhotoKind::After, PhotoKind::Field];
    let samples = (1..).zip(samples).map(|(n, kind)| (PhotoId::from_bytes(&[n; PhotoId::BYTES]), kind));
    // Three are never too many at once.
    let _ = known.work.at_hand.declare(&Owner::of(officer), samples.collect(), &[], u32::MAX);
    known.is_followed = false;
    known.submitted.description = String::new();
    known.place = Place { point: None, address: None };
    known.triage.summary = None;
    known.terms.keeps = BTreeSet::new();
    if let Some(unit) = &mut known.unit {
        unit.path.push(Code::of_no_unit(ABOVE));
    }
    known
}

/// Whether the officer finds in the history that the report has come to the ticket desk. An escalation and a question also bring it there, and
/// not everybody knows of these.
fn saw_ticket_desk(whole: Whole<'_>, seen_by: Viewer, officer: &Officer) -> bool {
    let tells = |event: &Event| {
        event.status == Status::Menunggu || event.act == Act::Escalate || event.asks_ticket_desk
    };
    match seen_by {
        Viewer::Unit => unit::events(whole, officer).iter().any(|event| tells(event)),
        Viewer::Field => verifier::events(whole).into_iter().any(tells),
        Viewer::FormerUnit => false,
        Viewer::Bureau | Viewer::Administrator => true,
    }
}

/// The texts that this officer reads.
fn texts(whole: Whole<'_>, seen_by: Viewer, officer: &Officer) -> Vec<String> {
    let of_bureau = || {
        let entries = bureau::history(whole, seen_by, |_| None).into_iter();
        (whole.report.triage.summary.clone(), entries.map(|timed: TimedEntry| timed.entry).collect())
    };
    let (summary, entries): (Option<String>, Vec<UntimedEntry>) = match seen_by {
        Viewer::Unit => (unit::summary(whole.report), unit::history(whole, officer)),
        Viewer::FormerUnit => (None, former_unit::history(whole, officer)),
        Viewer::Field => (whole.report.triage.summary.clone(), verifier::history(whole)),
        Viewer::Bureau | Viewer::Administrator => of_bureau(),
    };
    summary.into_iter().chain(entries.iter().flat_map(UntimedEntry::texts).cloned()).collect()
}

/// The texts that the reporter reads.
fn texts_for_reporter(whole: Whole<'_>) -> Vec<String> {
    let (seen, wanted) = with_pending_applied(whole.report);
    let entries = reporter::history(whole, &wanted);
    let texts = entries.iter().flat_map(|entry| entry.entry.texts()).cloned();
    reporter::summary(&seen).into_iter().chain(texts).collect()
}

/// An act before it is done.
struct Trial<'a> {
    known: Report,
    reader: Reader<'a>,
    clock: Clock<'a>,
    people: Vec<(ReadsText, Option<Officer>)>,
}

/// Somebody who reads as these do; nobody for the reporter, who is no officer, and for the own unit of who has none.
fn person(who: ReadsText, officer: &Officer) -> Option<Officer> {
    let bureau = |tag| Role::Bureau([tag].into());
    let role = match who {
        ReadsText::OwnUnit => Role::Unit(officer.role.unit()?.clone()),
        ReadsText::Unit => Role::Unit(Code::of_no_unit(ABOVE)),
        ReadsText::Tiket => bureau(Tag::AdminTiket),
        ReadsText::Validasi => bureau(Tag::PetugasValidasi),
        ReadsText::Verifikasi => bureau(Tag::PetugasVerifikasi),
        ReadsText::Administrator => bureau(Tag::Administrator),
        ReadsText::Reporter => return None,
    };
    Some(Officer { id: String::new(), name: String::new(), role })
}

impl Trial<'_> {
    /// What the act would lead to, each way of doing it.
    fn act(&self, act: Act) -> Vec<Consequence> {
        if act == Act::Claim {
            // It leaves no event, so that there is nothing to read.
            let claimed = claim(&self.known, self.reader.officer, self.reader.now);
            return claimed
                .ok()
                .map(|report| self.unread(act, None, &report, report.status))
                .into_iter()
                .collect();
        }
        let ways = self.ways(act).into_iter();
        ways.filter_map(|(choice, command)| self.consequence(act, choice, command)).collect()
    }

    /// The commands that show what the act can lead to.
    fn ways(&self, act: Act) -> Vec<(Option<Choice>, Command)> {
        let text = || SAMPLE.to_owned();
        let one = |command| vec![(None, command)];
        let at_hand = |kinds: &[PhotoKind]| {
            let owner = Owner::of(self.reader.officer);
            let photos = self.known.work.at_hand.of(&owner).filter(|(_, kind)| kinds.contains(kind));
            photos.map(|(photo, _)| photo.clone()).collect::<Vec<_>>()
        };
        let declare = |kind| {
            let photos = vec![(PhotoId::from_bytes(&[0; PhotoId::BYTES]), kind)];
            one(Command::AddPhotos { photos, never_ready: Vec::new() })
        };
        let validate =
            |(choice, verdict)| (Some(choice), Command::Validate { verdict, reason: Some(text()) });
        let verify = |(choice, conforms)| {
            let photos = at_hand(&[PhotoKind::Field]);
            let location = Point { lat: 0.0, lon: 0.0, accuracy_m: None }.into();
            (Some(choice), Command::Verify { conforms, finding: text(), photos, location })
        };
        let note = |(choice, audience, asks_ticket_desk)| {
            let note = Note { text: text(), audience, asks_ticket_desk };
            (Some(choice), Command::Note { note, shown_version: self.stamp().version })
        };
        match act {
            Act::Correct => one(Command::Correct(Correction {
                category: None,
                place: Some(Place { point: None, address: Some(String::new()) }),
                area: None,
                suggested_unit: None,
                reason: text(),
            })),
            Act::Assign => one(Command::Assign { unit: chosen(&[]), summary: Some(text()) }),
            Act::Reject => one(Command::Reject { reason: text() }),
            Act::Merge => {
                let ticket = Ticket::from_mac(&[0; 32]);
                one(Command::Merge { root: Box::new(Report { ticket, ..self.known.clone() }) })
            }
            Act::Recall => one(Command::Recall),
            Act::Accept => one(Command::Accept),
            Act::Forward => one(Command::Forward { unit: chosen(&[]), reason: text() }),
            Act::Delegate => {
                let holder = self.known.unit.as_ref().map_or(&[][..], |unit| &unit.path);
                one(Command::Delegate { unit: chosen(holder) })
            }
            Act::Return => one(Command::Return { reason: text() }),
            Act::AddWorkPhotos => declare(PhotoKind::After),
            Act::AddFieldPhotos => declare(PhotoKind::Field),
            Act::Plan => {
                let on = day(self.reader.now, &self.reader.slots.zone);
                one(Command::Plan { on, reason: text() })
            }
            Act::PostTl => {
                let photos = at_hand(&[PhotoKind::Before, PhotoKind::After]);
                one(Command::PostTl { narrative: text(), photos, location: None })
            }
            Act::Validate => [
                (Choice::Accept, Verdict::Accept),
                (Choice::Reject, Verdict::Reject),
                (Choice::FieldCheck, Verdict::FieldCheck),
            ]
            .map(validate)
            .into(),
            Act::Verify => [(Choice::Conforms, true), (Choice::DoesNotConform, false)].map(verify).into(),
            Act::CouldNotLook => one(Command::CouldNotLook { reason: text() }),
            Act::Note => [
                (Choice::Bureau, NoteAudience::Bureau, false),
                (Choice::All, NoteAudience::All, false),
                (Choice::BureauToTiket, NoteAudience::Bureau, true),
                (Choice::AllToTiket, NoteAudience::All, true),
            ]
            .map(note)
            .into(),
            // No commands of an officer.
            Act::Claim
            | Act::Submit
            | Act::CloseUnit
            | Act::Follow
            | Act::Unmerge
            | Act::Remind
            | Act::Escalate
            | Act::Dispute
            | Act::Withdraw
            | Act::ChangePrivacy => Vec::new(),
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            now: self.reader.now,
            version: Version::from_bytes(&[0; Version::BYTES]),
            event: EventId::from_bytes(&[0; EventId::BYTES]),
            body_digest: None,
        }
    }

    fn consequence(&self, act: Act, choice: Option<Choice>, command: Command) -> Option<Consequence> {
        let decision = decide(&self.known, command, self.reader.officer, self.stamp(), self.clock).ok()?;
        let Decision { report, event, announcements, .. } = decision;
        let mut released = report.clone();
        let waits = [&released.visible.release, &released.reporter.update].into_iter().flatten();
        let at = waits.map(|due| due.at).fold(self.reader.now, Ord::max);
        let told_later = release_all(&mut released, at, self.clock).announcements;
        let told = |said: &[Announcement], when| {
            let is_own =
                |said: &&Announcement| said.audience == Audience::Reporter && said.event_id == event.id;
            let said = said.iter().find(is_own)?;
            let Announcement { ticket, status, follows, plan, .. } = said;
            let text = update_before_choice(ticket, *status, *follows, *plan, self.reader.language);
            Some(ToldReporter { text, when })
        };
        let reporter = told(&announcements, When::Now).or_else(|| told(&told_later, When::Slot));
        let consequence = self.unread(act, choice, &report, event.status);
        let texts = [&event.reason, &event.finding, &event.narrative, &event.text, &event.summary];
        let has_text = texts.into_iter().any(Option::is_some);
        let read_by = if has_text { self.read_by(report, released, &event) } else { Vec::new() };
        Some(Consequence { read_by, reporter, ..consequence })
    }

    /// A consequence of which nobody reads anything.
    fn unread(&self, act: Act, choice: Option<Choice>, report: &Report, status: Status) -> Consequence {
        let is_chosen = |desk: &Desk| matches!(desk, Desk::Unit(unit) if unit.as_str() == CHOSEN);
        Consequence {
            act,
            choice,
            status,
            status_text: status.text(self.reader.language),
            desk: report.desk().filter(|desk| !is_chosen(desk)),
            read_by: Vec::new(),
            reporter: None,
        }
    }

    fn read_by(&self, now: Report, released: Report, event: &Event) -> Vec<ReadBy> {
        let later = self.come_to_all(released.clone());
        let stages = [(When::Now, now), (When::Slot, released), (When::Later, later)];
        let reads = |(who, person): &(ReadsText, Option<Officer>)| {
            stages.iter().find_map(|(when, report)| {
                let whole = Whole { report, events: slice::from_ref(event), photos: &[] };
                let texts = match person {
                    Some(officer) => texts(whole, viewer(report, officer)?, officer),
                    None if *who == ReadsText::Reporter => texts_for_reporter(whole),
                    None => return None,
                };
                let masked = texts.iter().all(|text| text != SAMPLE);
                (!texts.is_empty()).then_some(ReadBy { who: *who, masked, when: *when })
            })
        };
        let mut read_by: Vec<ReadBy> = self.people.iter().filter_map(reads).collect();
        // Said once of an officer's unit: as one of those that have the report, if it is.
        let stays = viewer(&stages[0].1, self.reader.officer) == Some(Viewer::Unit);
        let has_unit = read_by.iter().any(|by| by.who == ReadsText::Unit && by.when == When::Now);
        read_by.retain(|by| !(stays && has_unit && by.who == ReadsText::OwnUnit));
        read_by
    }

    /// The report once it has come to whoever has not had it.
    fn come_to_all(&self, mut report: Report) -> Report {
        report.visible.reached.extend([Desk::Tiket, Desk::Validasi, Desk::Verifikasi]);
        if !matches!(report.listed_on(), Some(Desk::Unit(_))) {
            let Stamp { now: at, event, .. } = self.stamp();
            report.status = Status::Koordinasi;
            report.unit = Some(chosen(&[]));
            report.visible.release = Some(Due { at, event, act: Act::Assign });
            release_all(&mut report, at, self.clock);
        }
        report
    }
}

/// A unit that is still to be chosen, below the first of these.
fn chosen(above: &[Code]) -> Unit {
    let code = Code::of_no_unit(CHOSEN);
    let path = [code.clone()].into_iter().chain(above.iter().cloned()).chain([Code::of_no_unit(ABOVE)]);
    Unit { path: path.collect(), code }
}
