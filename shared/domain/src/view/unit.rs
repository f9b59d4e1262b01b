//! What an officer of a unit sees of a report that their unit holds.

use super::{
    history::{Entry, UntimedEntry},
    input::{Reader, Whole},
    photos::PhotoView,
    place::PlaceView,
    summary::Summary,
    viewer::{Seen, Viewer, seen},
};
use crate::{area::AreaCode, ids::Version, location::Point, personal_data::masked, urgency::Urgency};
use serde::Serialize;

/// For an officer of a unit that holds the report.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnitView {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub summary: Summary,
    /// The version, for `If-Match`.
    pub version: Version,
    /// With personal data masked, but for the kinds that the category is about.
    pub description: String,
    /// The place, to 4 decimals.
    pub place: PlaceView,
    /// The lowest area of the city's map that the place lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub area: Option<AreaCode>,
    /// How near the due day is, in whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub urgency: Option<Urgency>,
    /// The photos that the unit may see.
    pub photos: Vec<PhotoView>,
    /// The events that are released.
    pub history: Vec<UntimedEntry>,
}

impl UnitView {
    pub(super) fn of(whole: Whole<'_>, reader: Reader<'_>) -> Self {
        let report = whole.report;
        let Seen { status, events, version } = seen(report, Viewer::Unit);
        let entry = |event| {
            let entry = UntimedEntry::of(event, Entry::masked(event, &report.terms.keeps));
            UntimedEntry { location: entry.location.map(Point::coarse), ..entry }
        };
        Self {
            summary: Summary::of(report, status, reader.language),
            version: version.clone(),
            description: masked(&report.terms.keeps, &report.submitted.description),
            place: PlaceView::coarse_and_masked(&report.place, &report.terms.keeps),
            area: report.area.clone(),
            urgency: report.urgency(reader.now, reader.zone),
            photos: whole.photos_for(Viewer::Unit, reader.now, reader.language),
            history: whole.history(events).into_iter().map(entry).collect(),
        }
    }
}
