//! Where a report is, with the precision that each viewer may have.

use crate::{
    location::{Place, Point},
    personal_data::masked,
    report::Report,
};
use serde::Serialize;

/// A place with the precision that the viewer may have.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceView {
    /// The position in degrees, WGS 84.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// The address, as the reporter or the ticket desk wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub address: Option<String>,
}

impl From<Place> for PlaceView {
    fn from(place: Place) -> Self {
        Self { point: place.point, address: place.address }
    }
}

impl PlaceView {
    /// For a unit: to 4 decimals; the address may hold what the description may, and the reporter's is left out with the description.
    pub(super) fn for_unit(report: &Report) -> Self {
        let Place { point, address } = report.place.coarse();
        let address = address.filter(|_| shows_address(report));
        Self { point, address: address.as_deref().map(|text| masked(&report.terms.keeps, text)) }
    }
}

/// Whether units see the address: the ticket desk's always, and the reporter's unless it is withheld with the description.
pub(super) fn shows_address(report: &Report) -> bool {
    report.triage.wrote_address || !report.withholds()
}

/// Where a report is, as a line of any desk says it: whoever wants to know more opens the report, and is on record there.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CoarsePlace {
    /// Degrees, WGS 84, to 4 decimals.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
}
