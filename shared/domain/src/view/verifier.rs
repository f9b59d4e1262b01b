//! What a field verifier sees.

use super::{
    history::{Entry, UntimedEntry},
    input::{Reader, Whole},
    photos::PhotoView,
    place::PlaceView,
    summary::Summary,
    viewer::{Seen, Viewer, seen},
};
use crate::{area::AreaCode, ids::Version, urgency::Urgency};
use serde::Serialize;

/// What a verifier sees of a report.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldView {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub summary: Summary,
    /// The version, for `If-Match`.
    pub version: Version,
    /// The description as the reporter wrote it.
    pub description: String,
    /// The exact place.
    pub place: PlaceView,
    /// The lowest area of the city's map that the place lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub area: Option<AreaCode>,
    /// How near the due day is, in whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub urgency: Option<Urgency>,
    /// The photos that the verifier may see.
    pub photos: Vec<PhotoView>,
    /// The events that are released.
    pub history: Vec<UntimedEntry>,
}

impl FieldView {
    pub(super) fn of(whole: Whole<'_>, reader: Reader<'_>) -> Self {
        let report = whole.report;
        let Seen { status, events, version } = seen(report, Viewer::Field);
        let entry = |event| UntimedEntry::of(event, Entry::whole(event));
        Self {
            summary: Summary::of(report, status, reader.language),
            version: version.clone(),
            description: report.submitted.description.clone(),
            place: report.place.clone().into(),
            area: report.area.clone(),
            urgency: report.urgency(reader.now, reader.zone),
            photos: whole.photos_for(Viewer::Field, reader.now, reader.language),
            history: whole.history(events).into_iter().map(entry).collect(),
        }
    }
}
