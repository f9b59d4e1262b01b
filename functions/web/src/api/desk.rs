//! Pages of a desk.

use super::report::{Heading, Place, Who};
use serde::Deserialize;

/// One page.
#[derive(Debug, Deserialize)]
pub(crate) struct DeskPage {
    pub(crate) items: Vec<Line>,
    pub(crate) next: Option<String>,
}

/// One report of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    #[serde(flatten)]
    pub(crate) heading: Heading,
    pub(crate) urgency: Option<String>,
    pub(crate) area: Option<String>,
    /// To 4 decimals, for whoever sees the line.
    pub(crate) place: Option<Place>,
    pub(crate) officer: Option<Who>,
    pub(crate) claimed: Option<Claimed>,
}

/// A colleague is at work on it.
#[derive(Debug, Deserialize)]
pub(crate) struct Claimed {
    pub(crate) name: String,
}
