//! An event of the history, and the officer in it, as viewers see them.

use super::input::Whole;
use crate::{
    act::Act,
    event::Event,
    ids::PhotoId,
    location::Point,
    minute::Minute,
    officer::Named,
    personal_data::{PersonalData, masked},
    status::Status,
    unit::Code,
};
use serde::Serialize;
use std::collections::BTreeSet;

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
    /// What the verifier noted; masked likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub note: Option<String>,
    /// The narrative of the TL; masked likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub narrative: Option<String>,
    /// The photos that the event declares or puts forward.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<PhotoId>,
}

impl Entry {
    pub(super) fn whole(event: &Event) -> Self {
        Self {
            event: event.act,
            status: event.status,
            to: event.unit.clone(),
            reason: event.reason.clone(),
            note: event.note.clone(),
            narrative: event.narrative.clone(),
            photos: event.photos.clone(),
        }
    }

    /// Without personal data, but for the kinds that the viewer needs.
    pub(super) fn masked(event: &Event, keeps: &BTreeSet<PersonalData>) -> Self {
        let shown = |text: &Option<String>| text.as_deref().map(|text| masked(keeps, text));
        Self {
            reason: shown(&event.reason),
            note: shown(&event.note),
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
    /// Where the officer was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub location: Option<Point>,
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
    /// With the officer who did the work, and where they were.
    pub(super) fn of(event: &Event, entry: Entry) -> Self {
        Self { entry, by: worker(event).map(Who::from), location: worker(event).and(event.location) }
    }
}

impl<'a> Whole<'a> {
    /// The first `most` events, in their order.
    pub(super) fn history(&self, most: u32) -> Vec<&'a Event> {
        let mut events: Vec<&Event> = self.events.iter().filter(|event| event.number <= most).collect();
        events.sort_unstable_by_key(|event| event.number);
        events
    }
}
