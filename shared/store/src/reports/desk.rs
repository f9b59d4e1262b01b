//! The pages of a desk: the index `desk` of the reports table.

use super::Reports;
use crate::{
    Failure,
    dynamodb_items::{Item, REPORT, key, read, text},
};
use domain::{
    area::AreaCode,
    desk::{self, Desk},
    location::Place,
    privacy::Privacy,
    report::Report,
    status::Status,
    ticket::Ticket,
    unit::{Code, Unit},
    urgency::Urgency,
};
use jiff::civil::Date;
use serde::Deserialize;

/// One report on a page, with what the index of the desks carries of it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct DeskLine {
    /// The report's ticket.
    pub ticket: Ticket,
    /// The code of the category.
    pub category: Code,
    /// The present status.
    pub status: Status,
    /// The privacy, which decides the label.
    pub privacy: Privacy,
    /// The exact place.
    pub place: Place,
    /// The lowest area that it lies in.
    #[serde(default)]
    pub area: Option<AreaCode>,
    /// The day on which the work is due.
    pub due_on: Date,
    /// The unit that holds it, or held it last.
    #[serde(default)]
    pub unit: Option<Unit>,
}

/// One page of a desk.
pub struct Page {
    /// The reports, in the order of the desk.
    pub lines: Vec<DeskLine>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

impl Reports {
    /// A page of a desk: at most `limit` lines after `after`, which is the `next` of the page before.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn desk(&self, desk: &Desk, limit: u8, after: Option<&str>) -> Result<Page, Failure> {
        let start = after.and_then(|order| {
            let ticket = Ticket::parse(order.split_once('#')?.1)?;
            let mut start = key(&ticket, REPORT);
            start.insert("desk".into(), text(desk.to_string()));
            start.insert("desk_order".into(), text(order));
            Some(start)
        });
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("desk")
            .key_condition_expression("desk = :desk")
            .expression_attribute_values(":desk", text(desk.to_string()))
            .limit(i32::from(limit))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let next = page
            .last_evaluated_key
            .and_then(|key| key.get("desk_order").and_then(|order| order.as_s().ok()).cloned());
        let lines = page.items.unwrap_or_default().into_iter();
        let lines = lines.map(|item| read(item, "line of a desk does not fit its type"));
        let lines = lines.collect::<Result<_, _>>()?;
        Ok(Page { lines, next })
    }
}

/// Sets the attributes by which the index lists a report on this desk.
pub(super) fn index(item: &mut Item, report: &Report, desk: &Desk, urgency: Urgency) {
    item.insert("desk".into(), text(desk.to_string()));
    item.insert("desk_order".into(), text(desk::order(urgency, &report.ticket)));
}
