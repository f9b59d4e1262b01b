//! Who looked at what: the access log as it is told.

use crate::{ids::PhotoId, minute::Minute, officer::Named, view::Who, wire_enum::wire_enum};
use jiff::Timestamp;
use serde::Serialize;

/// How far the looks of one unit are counted for a reporter: whoever looks without end must not make them wait.
pub const LOOKS_COUNTED: u32 = 200;

wire_enum!(
    /// What somebody looked at.
    Looked {
        /// At the report.
        Report = "report",
        /// At one of its photos.
        Photo = "photo",
        /// At a page of a desk.
        Desk = "desk",
        /// At the list of those who looked at it.
        Accesses = "accesses",
    }
);

/// Everybody who looked at a report.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessesResponse {
    /// In the order of time.
    pub items: Vec<AccessItem>,
}

/// One look.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessItem {
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Minute,
    /// Who.
    pub officer: Who,
    /// At what.
    pub looked_at: Looked,
    /// Which photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub photo: Option<PhotoId>,
}

impl AccessItem {
    /// A look of `officer`.
    #[must_use]
    pub fn new(at: Timestamp, officer: &Named, looked_at: Looked, photo: Option<PhotoId>) -> Self {
        Self { at: at.into(), officer: Who::from(officer), looked_at, photo }
    }
}
