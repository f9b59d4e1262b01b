//! What every answer about a report begins with.

use crate::{language::Language, report::Report, status::Status, unit::Code};
use serde::Serialize;

/// What every answer about a report has.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Summary {
    /// As people see it: `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// What it is about.
    pub category: Code,
    /// Where it stands, as far as the viewer may know.
    pub status: Status,
    /// The same in the viewer's language.
    pub status_text: &'static str,
    /// What the viewer must not do with it; always Indonesian.
    pub label: &'static str,
}

impl Summary {
    pub(super) fn of(report: &Report, status: Status, language: Language) -> Self {
        Self {
            ticket: report.ticket.to_string(),
            category: report.category.clone(),
            status,
            status_text: status.text(language),
            label: report.privacy.label(),
        }
    }
}
