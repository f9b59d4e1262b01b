//! What an officer of a unit sees of a report that has left it: what the unit itself put there.

use super::{
    heading::Heading,
    history::UntimedEntry,
    input::{Reader, Whole},
    photos::PhotoView,
    viewer::{Viewer, shown_status},
};
use crate::{event::Event, officer::Officer};
use serde::Serialize;

/// For an officer of a unit that the report has left.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormerUnitView {
    /// Ticket, category as it was when the report left the unit, status, label.
    #[serde(flatten)]
    pub heading: Heading,
    /// The photos that the unit declared.
    pub photos: Vec<PhotoView>,
    /// What the unit did: its TLs, its notes, its plans.
    pub history: Vec<UntimedEntry>,
}

impl FormerUnitView {
    pub(super) fn of(whole: Whole<'_>, reader: Reader<'_>) -> Self {
        let report = whole.report;
        let status = shown_status(report, Viewer::FormerUnit);
        let unit = reader.officer.role.unit();
        let category = unit.map_or(&report.category, |unit| report.category_for_former(unit));
        Self {
            heading: Heading::new(&report.ticket, category, status, report.privacy, reader.language),
            photos: whole.photos_for(Viewer::FormerUnit, reader),
            history: history(whole, reader.officer),
        }
    }
}

/// What the officer's unit did.
pub(super) fn history(whole: Whole<'_>, officer: &Officer) -> Vec<UntimedEntry> {
    let unit = officer.role.unit();
    let is_own =
        |event: &&Event| event.by.as_ref().is_some_and(|by| by.unit.is_some() && by.unit.as_ref() == unit);
    whole.history(u32::MAX).into_iter().filter(is_own).map(UntimedEntry::for_former_unit).collect()
}
