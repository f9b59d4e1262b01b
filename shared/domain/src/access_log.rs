//! The access log as the API shows it: who looked at what.

use crate::{ids::PhotoId, minute::Minute, officer::Named, view::Who, wire_enum::wire_enum};
use jiff::Timestamp;
use serde::Serialize;

/// The most looks of one unit that are counted for a reporter, so that an officer who looks very often cannot slow the answer
/// down.
pub const LOOKS_COUNTED: u32 = 200;

wire_enum!(
    /// What a look in the access log was at.
    Looked {
        /// The report itself.
        Report = "report",
        /// One of the report's photos.
        Photo = "photo",
        /// A page of a desk.
        Desk = "desk",
        /// The list of those who looked at the report.
        Accesses = "accesses",
        /// The reports that are similar to it, or that it is similar to another.
        Similar = "similar",
    }
);

/// Everybody who looked at a report.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessesResponse {
    /// The looks, oldest first.
    pub items: Vec<AccessItem>,
}

/// One look at a report, at one of its photos, or at its likeness to another.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessItem {
    /// The minute of the look, in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Minute,
    /// The officer who looked.
    pub officer: Who,
    /// What the officer looked at.
    pub looked_at: Looked,
    /// The photo, where the look was at one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub photo: Option<PhotoId>,
}

impl AccessItem {
    /// Makes the view of a look by `officer`.
    #[must_use]
    pub fn new(at: Timestamp, officer: &Named, looked_at: Looked, photo: Option<PhotoId>) -> Self {
        Self { at: at.into(), officer: Who::from(officer), looked_at, photo }
    }
}
