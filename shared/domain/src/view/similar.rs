//! Which reports are named to the ticket desk as similar to one of its own, and what it learns of them.

use super::heading::Heading;
use crate::{
    desk::Desk,
    language::Language,
    officer::{Officer, Tag},
    report::Report,
    similar::{Described, Likeness, likeness},
    status::Status,
    ticket::Ticket,
};
use serde::Serialize;

/// How many reports one answer names.
const NAMED: usize = 10;

/// An open report that may be about the same thing: nothing of what it says, nor of who sent it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimilarItem {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub heading: Heading,
    /// How alike they are, and why.
    #[serde(flatten)]
    pub likeness: Likeness,
}

/// The open reports that may be about the same thing as one, the most alike first.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimilarResponse {
    /// At most ten.
    pub items: Vec<SimilarItem>,
}

/// Whether reports are compared for this officer.
#[must_use]
pub fn may_compare(officer: &Officer) -> bool {
    officer.role.has(Tag::AdminTiket)
}

/// How alike another report is, where it is named to the ticket desk as similar to `report`.
///
/// It has to be open and to have come to a desk: before that its arrival would be told. What a `peka` report is about is told to nobody who did not
/// get it, so one that the ticket desk never had is not named.
#[must_use]
pub fn likeness_named(report: &Report, other: &Report) -> Option<Likeness> {
    let has_come = !other.visible.reached.is_empty() && !other.is_test();
    let is_told = other.visible.reached.contains(&Desk::Tiket) || !other.withholds();
    let may_be_named = other.status.is_open() && has_come && is_told && other.ticket != report.ticket;
    may_be_named.then(|| likeness(&Described::of(report), &Described::of(other))).flatten()
}

/// Those of `others` that are named as similar to `report`, with their tickets.
#[must_use]
pub fn similar_items(report: &Report, others: &[Report], language: Language) -> Vec<(Ticket, SimilarItem)> {
    let named = others.iter().filter_map(|other| Some((likeness_named(report, other)?, other)));
    let mut named: Vec<(Likeness, &Report)> = named.collect();
    named.sort_by(|(one, a), (other, b)| {
        one.cmp(other).then_with(|| a.ticket.as_str().cmp(b.ticket.as_str()))
    });
    named.truncate(NAMED);
    let item = |(likeness, other): (Likeness, &Report)| {
        let heading = Heading::of(other, status_told(other), language);
        (other.ticket.clone(), SimilarItem { heading, likeness })
    };
    named.into_iter().map(item).collect()
}

/// What the ticket desk may know of a report that it never had is what was released.
fn status_told(other: &Report) -> Status {
    if other.visible.reached.contains(&Desk::Tiket) { other.status } else { other.visible.shown.status }
}
