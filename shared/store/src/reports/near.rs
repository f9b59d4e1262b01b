//! The open reports near a place: the index `near` of the reports table.

use crate::dynamodb_items::{Item, text};
use domain::{outline::Spot, report::Report, routing::cell_at};

/// How wide and high the cells are in which reports are found near each other, in millionths of a degree: about 550 m.
const CELL: i32 = 5000;

/// Sets the attribute by which the index finds an open report by its place, together with others of its group of categories.
pub(super) fn index(item: &mut Item, report: &Report) {
    let Some(point) = report.place.point else { return };
    let (column, row) = cell_at(Spot::of(point), CELL);
    let group = report.terms.group.as_ref().unwrap_or(&report.category);
    item.insert("near".into(), text(format!("{column}#{row}#{group}")));
}
