//! An event of the history, and the officer in it, as viewers see them.

use super::{
    input::Whole,
    place::{PlaceView, shows_address},
};
use crate::{
    act::Act,
    area::AreaCode,
    deadlines::{Mark, StepKind},
    desk::Desk,
    event::Event,
    ids::PhotoId,
    minute::Minute,
    note::NoteAudience,
    officer::Named,
    officer_location::OfficerLocation,
    personal_data::{PersonalData, masked},
    report::Report,
    status::Status,
    triage::BeforeCorrection,
    unit::Code,
};
use jiff::civil::Date;
use serde::Serialize;
use std::{borrow::Cow, collections::BTreeSet};

/// An officer by name and unit.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Who {
    /// The officer's name at that time.
    pub name: String,
    /// The unit, for an officer of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub unit: Option<Code>,
}

impl From<&Named> for Who {
    fn from(named: &Named) -> Self {
        Self { name: named.name.clone(), unit: named.unit.clone() }
    }
}

/// What every viewer of the history sees of an event.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    /// The act that the event records.
    pub event: Act,
    /// The status after the event.
    pub status: Status,
    /// The unit that the report went to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub to: Option<Code>,
    /// Why; masked where section "Who sees what" says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub reason: Option<String>,
    /// What the verifier found; masked likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub finding: Option<String>,
    /// The narrative of the TL; masked likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub narrative: Option<String>,
    /// The day of a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String, format = Date))]
    pub on: Option<Date>,
    /// The step whose deadline a reminder or an escalation is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub step: Option<StepKind>,
    /// What it says of that deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub mark: Option<Mark>,
    /// The photos that the event declares or puts forward.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<PhotoId>,
}

/// A note in the history.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoteEntry {
    /// What it says; masked likewise.
    pub text: String,
    /// Who sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub audience: Option<NoteAudience>,
    /// The desk whose officer wrote it, such as `validasi` or `unit:<code>`; absent for an administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String))]
    pub from: Option<Desk>,
    /// The desk that it asks: `tiket`, for a question.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String))]
    pub to: Option<Desk>,
}

impl NoteEntry {
    fn of(event: &Event, shown: impl Fn(&str) -> String) -> Option<Self> {
        Some(Self {
            text: shown(event.text.as_deref()?),
            audience: event.audience,
            from: event.desk.clone(),
            to: event.asks_ticket_desk.then_some(Desk::Tiket),
        })
    }
}

/// What a correction changed, as it was before: the first version of what the reporter sent.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BeforeView {
    /// The category.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub category: Option<Code>,
    /// The place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub place: Option<PlaceView>,
    /// The area.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub area: Option<AreaCode>,
}

impl From<&BeforeCorrection> for BeforeView {
    fn from(before: &BeforeCorrection) -> Self {
        let BeforeCorrection { category, place, area } = before.clone();
        Self { category, place: place.map(PlaceView::from), area }
    }
}

impl Entry {
    pub(super) fn whole(event: &Event) -> Self {
        Self {
            event: event.act,
            status: event.status,
            to: event.unit.clone(),
            reason: event.reason.clone(),
            finding: event.finding.clone(),
            narrative: event.narrative.clone(),
            on: event.on,
            step: event.step,
            mark: event.mark,
            photos: event.photos.clone(),
        }
    }

    /// Without personal data, but for the kinds that the viewer needs.
    pub(super) fn masked(event: &Event, keeps: &BTreeSet<PersonalData>) -> Self {
        let shown = |text: &Option<String>| text.as_deref().map(|text| masked(keeps, text));
        Self {
            reason: shown(&event.reason),
            finding: shown(&event.finding),
            narrative: shown(&event.narrative),
            ..Self::whole(event)
        }
    }
}

/// The officer who accepted the report or posted the TL; nobody else is named but to the administrator.
pub(super) fn worker(event: &Event) -> Option<&Named> {
    event.by.as_ref().filter(|_| matches!(event.act, Act::Accept | Act::PostTl))
}

/// An event as units and verifiers see it: without its time.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UntimedEntry {
    /// The fields that every viewer sees.
    #[serde(flatten)]
    pub entry: Entry,
    /// Who accepted, or posted the TL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub by: Option<Who>,
    /// Where the officer was, and how that is known; masked likewise, and words are left out where the viewer sees no address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub location: Option<OfficerLocation>,
    /// A note that the viewer may read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub note: Option<NoteEntry>,
    /// What a correction changed; for the bureau.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub before: Option<BeforeView>,
    /// The summary that was written with an assignment; for the bureau.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub summary: Option<String>,
}

/// An event with its time.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimedEntry {
    /// The minute of the event, in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Minute,
    /// The event without its time.
    #[serde(flatten)]
    pub entry: UntimedEntry,
    /// The report that this one was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub into: Option<String>,
}

impl UntimedEntry {
    /// For the bureau: all that is written, with the officer who did the work, and where they were.
    pub(super) fn whole(event: &Event) -> Self {
        Self {
            entry: Entry::whole(event),
            by: worker(event).map(Who::from),
            location: worker(event).and(event.location.clone()),
            note: NoteEntry::of(event, str::to_owned),
            before: event.before.as_ref().map(BeforeView::from),
            summary: event.summary.clone(),
        }
    }

    /// For a unit that has the report: masked, to 4 decimals, and of a correction nothing but that one was made. Where units get nothing of the
    /// reporter's, no reason of a dispute.
    pub(super) fn for_unit(event: &Event, report: &Report) -> Self {
        let mut seen = Self::masked(event, &report.terms.keeps, shows_address(report));
        if event.act == Act::Dispute && report.withholds() {
            seen.entry.reason = None;
        }
        seen
    }

    /// For a unit that the report has left. What the category is about is masked too: it would tell that the category was corrected.
    pub(super) fn for_former_unit(event: &Event) -> Self {
        Self::masked(event, &BTreeSet::new(), false)
    }

    fn masked(event: &Event, keeps: &BTreeSet<PersonalData>, sees_addresses: bool) -> Self {
        let mut entry = Entry::masked(event, keeps);
        if event.act == Act::Correct {
            entry.reason = None;
        }
        Self {
            entry,
            by: worker(event).map(Who::from),
            location: worker(event)
                .and(event.location.as_ref())
                .map(|location| location.for_unit(keeps, sees_addresses)),
            note: NoteEntry::of(event, |text| masked(keeps, text)),
            before: None,
            summary: None,
        }
    }
}

impl Entry {
    /// What somebody wrote.
    pub(super) fn texts(&self) -> impl Iterator<Item = &String> {
        [&self.reason, &self.finding, &self.narrative].into_iter().flatten()
    }
}

impl UntimedEntry {
    /// What somebody wrote.
    pub(super) fn texts(&self) -> impl Iterator<Item = &String> {
        let note = self.note.as_ref().map(|note| &note.text);
        self.entry.texts().chain(note).chain(&self.summary)
    }
}

impl<'a> Whole<'a> {
    /// The first `most` events, in their order, and those after them that were written without knowledge of what waits.
    pub(super) fn history(&self, most: u32) -> Vec<&'a Event> {
        let is_seen = |event: &&Event| event.number <= most || event.precedes_release;
        let mut events: Vec<&Event> = self.events.iter().filter(is_seen).collect();
        events.sort_unstable_by_key(|event| event.number);
        events
    }

    /// The same without what was taken back before anybody heard of it. What happened meanwhile is seen as it would have been without: in
    /// `menunggu`.
    pub(super) fn history_without_recalled(&self, most: u32) -> Vec<Cow<'a, Event>> {
        let recalled = self.events.iter().filter_map(|event| Some(event.recalls?..=event.number));
        // What can still be recalled nobody has heard of either.
        let recallable = self.report.triage.recall.iter().map(|before| before.event..=u32::MAX);
        let recalled: Vec<_> = recalled.chain(recallable).collect();
        let seen = |event: &'a Event| {
            if !recalled.iter().any(|span| span.contains(&event.number)) {
                return Some(Cow::Borrowed(event));
            }
            let stays = matches!(event.act, Act::Note | Act::ChangePrivacy);
            stays.then(|| Cow::Owned(Event { status: Status::Menunggu, ..event.clone() }))
        };
        self.history(most).into_iter().filter_map(seen).collect()
    }
}

/// Whether an officer of this unit may know of the event, if it is a note or of the clock. Which report it followed is the bureau's business. How late a report is units know from the urgency
/// alone: what was sent while the ticket desk had it would tell how long ago it came.
pub(super) fn is_for_unit(event: &Event, unit: Option<&Code>) -> bool {
    if event.act == Act::Note {
        return event.audience == Some(NoteAudience::All)
            || unit.is_some_and(|unit| event.desk == Some(Desk::Unit(unit.clone())));
    }
    !matches!(event.act, Act::Remind | Act::Escalate | Act::Follow)
}

/// Whether the reporter may know of the event: notes are between officers, and so are what they are sent of a deadline and which report theirs
/// follows.
pub(super) fn is_for_reporter(event: &Event) -> bool {
    !matches!(event.act, Act::Note | Act::Remind | Act::Escalate | Act::Follow)
}

/// Whether a verifier may know of the event, if it is of the clock: their own deadline only, for the same reason.
pub(super) fn is_for_verifier(event: &Event) -> bool {
    event.step.is_none_or(|step| step == StepKind::Verify)
}
