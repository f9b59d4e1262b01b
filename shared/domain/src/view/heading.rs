//! What every answer about a report begins with.

use crate::{
    language::Language, privacy::Privacy, report::Report, status::Status, ticket::Ticket, unit::Code,
};
use serde::Serialize;

/// The fields that every view of a report has.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heading {
    /// The ticket with its hyphens: `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// The code of the category.
    pub category: Code,
    /// The status, as far as the viewer may know it.
    pub status: Status,
    /// The status in the viewer's language.
    pub status_text: &'static str,
    /// The label, a warning not to pass the report on; always Indonesian.
    pub label: &'static str,
}

impl Heading {
    /// Of a report with this ticket.
    #[must_use]
    pub fn new(
        ticket: &Ticket,
        category: &Code,
        status: Status,
        privacy: Privacy,
        language: Language,
    ) -> Self {
        Self {
            ticket: ticket.to_string(),
            category: category.clone(),
            status,
            status_text: status.text(language),
            label: privacy.label(),
        }
    }

    pub(super) fn of(report: &Report, status: Status, language: Language) -> Self {
        Self::new(&report.ticket, &report.category, status, report.privacy, language)
    }
}
