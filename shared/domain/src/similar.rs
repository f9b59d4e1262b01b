//! How alike two reports are: whether they may be about the same thing, for the ticket desk to look at.

mod address;
mod distance;
mod locators;
mod score;
mod tokens;
mod vocabulary;
mod words;

use crate::{area::AreaCode, location::Place, report::Report, unit::Code, wire_enum::wire_enum};
pub use address::address_word;
pub use distance::Distance;
use serde::Serialize;
use std::cmp::Ordering;

/// The furthest that two reports with positions may lie apart to be named, in metres.
///
/// It stays below half a cell of 0.005 degrees (about 550 m), in which reports are looked for.
pub const RADIUS_M: f64 = 250.0;

/// What is compared of a report.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    /// The position, the address, or both.
    pub place: &'a Place,
    /// The lowest area of the city's map that it lies in.
    pub area: Option<&'a AreaCode>,
    /// The category.
    pub category: &'a Code,
    /// The group of categories.
    pub group: Option<&'a Code>,
    /// What its reporter wrote.
    pub description: &'a str,
}

impl<'a> Described<'a> {
    /// What is compared of a report.
    #[must_use]
    pub fn of(report: &'a Report) -> Self {
        Self {
            place: &report.place,
            area: report.area.as_ref(),
            category: &report.category,
            group: report.terms.group.as_ref(),
            description: &report.submitted.description,
        }
    }
}

wire_enum!(
    /// How alike two reports are.
    Score {
        /// Most likely about the same thing.
        High = "high",
        /// It takes a look to tell.
        Medium = "medium",
    }
);

wire_enum!(
    /// What two reports have in common.
    Reason {
        /// Their positions lie within 100 metres.
        Near = "near",
        /// Their category.
        SameCategory = "same_category",
        /// The group of their categories, which are two.
        SameGroup = "same_group",
        /// Words of their descriptions.
        SameWords = "same_words",
        /// The street of their addresses, or a number in it.
        SameAddress = "same_address",
        /// The area in which both lie, where one has no position.
        SameArea = "same_area",
    }
);

/// How alike two reports are that are named as similar. The most alike come first in order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Likeness {
    /// How alike they are.
    pub score: Score,
    /// How far they lie apart; `None` when either has no position.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub distance: Option<Distance>,
    /// What they have in common.
    pub reasons: Vec<Reason>,
}

impl Likeness {
    /// A distance that is not known comes behind all that are.
    fn key(&self) -> (Score, bool, Option<Distance>, &[Reason]) {
        (self.score, self.distance.is_none(), self.distance, &self.reasons)
    }
}

impl Ord for Likeness {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Likeness {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// How alike two reports are; `None` where they are not named to the ticket desk as similar.
///
/// The order of the two makes no difference.
#[must_use]
pub fn likeness(one: &Described<'_>, other: &Described<'_>) -> Option<Likeness> {
    score::likeness(one, other)
}
