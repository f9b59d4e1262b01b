//! What the desk index carries of a report: the attributes of its projection.

use crate::{
    location::Place,
    privacy::Privacy,
    status::Status,
    ticket::Ticket,
    unit::{Code, Unit},
};
use jiff::civil::Date;
use serde::Deserialize;

/// What the desk index carries of a report.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct DeskLine {
    /// Which.
    pub ticket: Ticket,
    /// What it is about.
    pub category: Code,
    /// Where it stands.
    pub status: Status,
    /// Decides the label.
    pub privacy: Privacy,
    /// Where it is, exact.
    pub place: Place,
    /// When it is due.
    pub due_on: Date,
    /// The unit that holds it, or held it last.
    #[serde(default)]
    pub unit: Option<Unit>,
}
