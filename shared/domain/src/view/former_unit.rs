//! What an officer of a unit sees of a report that has left it.

use super::{
    input::{Reader, Whole},
    summary::Summary,
    viewer::{Viewer, shown_status},
};
use serde::Serialize;

/// For an officer of a unit that the report has left.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormerUnitView {
    /// Ticket, category, status, label: all there is.
    #[serde(flatten)]
    pub summary: Summary,
}

impl FormerUnitView {
    pub(super) fn of(whole: Whole<'_>, reader: Reader<'_>) -> Self {
        let status = shown_status(whole.report, Viewer::FormerUnit);
        Self { summary: Summary::of(whole.report, status, reader.language) }
    }
}
