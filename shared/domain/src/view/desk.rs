//! A line of a desk, as everybody sees it who works there.

use super::{desk_line::DeskLine, input::Reader, place::CoarsePlace, summary::Summary};
use crate::{
    location::Point,
    urgency::{self, Urgency},
};
use serde::Serialize;

/// One line of a desk.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskItem {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub summary: Summary,
    /// In whole days.
    pub urgency: Urgency,
    /// To 4 decimals; empty where only an address was given.
    pub place: CoarsePlace,
}

impl DeskItem {
    /// The line of a report's index entry: the same on every desk.
    #[must_use]
    pub fn new(line: &DeskLine, reader: Reader<'_>) -> Self {
        Self {
            summary: Summary {
                ticket: line.ticket.to_string(),
                category: line.category.clone(),
                status: line.status,
                status_text: line.status.text(reader.language),
                label: line.privacy.label(),
            },
            urgency: urgency::bucket(line.due_on, urgency::day(reader.now, reader.zone)),
            place: CoarsePlace { point: line.place.point.map(Point::coarse) },
        }
    }
}
