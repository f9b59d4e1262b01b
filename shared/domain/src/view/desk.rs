//! A line of a desk, as everybody sees it who works there.

use super::{input::Reader, place::CoarsePlace, summary::Summary};
use crate::{
    area::AreaCode,
    location::{Place, Point},
    urgency::{self, Urgency},
};
use jiff::civil::Date;
use serde::Serialize;

/// One report in the list of a desk.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskItem {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub summary: Summary,
    /// How near the due day is, in whole days.
    pub urgency: Urgency,
    /// To 4 decimals; empty where only an address was given.
    pub place: CoarsePlace,
    /// The lowest area of the city's map that the place lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub area: Option<AreaCode>,
}

impl DeskItem {
    /// The line of a report that is at this place, exactly, in this area, and due on this day: the same on every desk.
    #[must_use]
    pub fn new(
        summary: Summary,
        (place, area): (&Place, Option<&AreaCode>),
        due_on: Date,
        reader: Reader<'_>,
    ) -> Self {
        Self {
            summary,
            urgency: urgency::bucket(due_on, urgency::day(reader.now, reader.zone)),
            place: CoarsePlace { point: place.point.map(Point::coarse) },
            area: area.cloned(),
        }
    }
}
