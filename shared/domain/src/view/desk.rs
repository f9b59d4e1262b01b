//! A line of a desk, as everybody sees it who works there.

use super::{heading::Heading, history::Who, input::Reader, place::CoarsePlace};
use crate::{
    area::AreaCode,
    location::{Place, Point},
    minute::Minute,
    officer::Named,
    report::Report,
    triage::Claim,
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
    pub heading: Heading,
    /// How near the due day is, in whole days.
    pub urgency: Urgency,
    /// To 4 decimals; empty where only an address was given.
    pub place: CoarsePlace,
    /// The lowest area of the city's map that the place lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub area: Option<AreaCode>,
    /// Who accepted it for the unit that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub officer: Option<Who>,
    /// Who is at work on it; on the ticket desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub claimed: Option<Claimed>,
}

/// A claim, as the ticket desk sees it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Claimed {
    /// The officer's name.
    pub name: String,
    /// The minute of its end, in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub until: Minute,
}

impl From<&Claim> for Claimed {
    fn from(claim: &Claim) -> Self {
        Self { name: claim.officer.name.clone(), until: claim.until.into() }
    }
}

/// What the indexes of the desks carry of a report beside its heading.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The exact place.
    pub place: &'a Place,
    /// The lowest area that it lies in.
    pub area: Option<&'a AreaCode>,
    /// The day on which the work is due.
    pub due_on: Date,
    /// Who accepted it.
    pub officer: Option<&'a Named>,
    /// Who of the ticket desk is at work on it.
    pub claim: Option<&'a Claim>,
}

impl<'a> From<&'a Report> for Line<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            place: &report.place,
            area: report.area.as_ref(),
            due_on: report.due_on,
            officer: report.officer.as_ref(),
            claim: report.claim.as_ref(),
        }
    }
}

impl DeskItem {
    /// The line of a report: the same on every desk. `is_tickets` says whether the list is one of the ticket desk.
    #[must_use]
    pub fn new(heading: Heading, line: Line<'_>, is_tickets: bool, reader: Reader<'_>) -> Self {
        let claim = line.claim.filter(|claim| is_tickets && claim.until > reader.now);
        Self {
            heading,
            urgency: urgency::bucket(line.due_on, urgency::day(reader.now, &reader.slots.zone)),
            place: CoarsePlace { point: line.place.point.map(Point::coarse) },
            area: line.area.cloned(),
            officer: line.officer.map(Who::from),
            claimed: claim.map(Claimed::from),
        }
    }
}
