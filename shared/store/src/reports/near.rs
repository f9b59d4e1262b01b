//! The open reports near a place: the index `near` of the reports table.
//!
//! A report with a position lies in a cell of the map, one without under the word that says most of its address; both together with others of
//! their group of categories.

use super::{MISFIT_REPORT, Reports};
use crate::{
    Failure,
    dynamodb_items::{Item, REPORT, key, read, text},
};
use aws_sdk_dynamodb::types::KeysAndAttributes;
use domain::{
    area::AreaCode,
    desk::Desk,
    location::Point,
    outline::Spot,
    report::Report,
    routing::cell_at,
    similar::{RADIUS_M, address_word},
    ticket::Ticket,
};
use futures_util::future::try_join_all;
use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

/// How wide and high the cells are in which reports are found near each other, in millionths of a degree: about 550 m, so that a circle of
/// [`RADIUS_M`] touches four of them at most, in cities of the north six.
const CELL: i32 = 5000;
/// How many lines of a desk are looked through for those of one category.
const LINES: i32 = 250;
/// How many reports are looked at for one answer.
const LOOKED_AT: usize = 50;
/// Metres in a degree of latitude.
const DEGREE_M: f64 = 111_320.0;
/// How often what DynamoDB left unread of a batch is asked for.
const TRIES: u32 = 4;

impl Reports {
    /// The open reports that may be about the same thing as this one, in any order: those near its position or its address and, where it has no
    /// position, those of its category that the desks have in `area`. At most 50 are looked at, whatever there is.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn near(&self, report: &Report, area: Option<&AreaCode>) -> Result<Vec<Report>, Failure> {
        let lists = try_join_all(lists(report).into_iter().map(|list| self.tickets_near(list)));
        let (mut found, in_area) = tokio::try_join!(lists, self.tickets_in_area(report, area))?;
        found.extend(in_area);
        let mut tickets: Vec<Ticket> = in_turn(found);
        tickets.retain(|ticket| *ticket != report.ticket);
        tickets.truncate(LOOKED_AT);
        let mut reports = self.get_each(&tickets).await?;
        reports.retain(|report| report.status.is_open());
        Ok(reports)
    }

    /// The tickets in one list of the index.
    async fn tickets_near(&self, list: String) -> Result<Vec<Ticket>, Failure> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("near")
            .key_condition_expression("near = :list")
            .expression_attribute_values(":list", text(list))
            // The report itself may be one of them.
            .limit(LOOKED_AT as i32 + 1)
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        Ok(page.items().iter().filter_map(|item| Ticket::parse(item.get("pk")?.as_s().ok()?)).collect())
    }

    /// The tickets that each desk which such a report passes has in an area, where the report has no position.
    async fn tickets_in_area(
        &self,
        report: &Report,
        area: Option<&AreaCode>,
    ) -> Result<Vec<Vec<Ticket>>, Failure> {
        let (None, Some(area)) = (&report.place.point, area) else { return Ok(Vec::new()) };
        let unit = report.unit.as_ref().map(|unit| &unit.code).or(report.suggested_unit());
        let desks =
            [Desk::Tiket, Desk::Validasi, Desk::Verifikasi].into_iter().chain(unit.cloned().map(Desk::Unit));
        try_join_all(desks.map(|desk| self.tickets_on(desk, area, report))).await
    }

    /// The tickets of a report's category that a desk has in an area.
    async fn tickets_on(&self, desk: Desk, area: &AreaCode, report: &Report) -> Result<Vec<Ticket>, Failure> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("desk_area")
            .key_condition_expression("desk_area = :list")
            .filter_expression("category = :category")
            .expression_attribute_values(":list", text(format!("{desk}#{area}")))
            .expression_attribute_values(":category", text(report.category.as_str()))
            .limit(LINES)
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        Ok(page.items().iter().filter_map(|item| Ticket::parse(item.get("pk")?.as_s().ok()?)).collect())
    }

    /// The snapshots of reports, in any order.
    async fn get_each(&self, tickets: &[Ticket]) -> Result<Vec<Report>, Failure> {
        let keys = tickets.iter().map(|ticket| key(ticket, REPORT)).collect::<Vec<_>>();
        let mut reports = Vec::new();
        let mut wanted = Some(keys).filter(|keys| !keys.is_empty());
        for tried in 0..TRIES {
            let Some(keys) = wanted.take() else { break };
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
            let keys = keys.build().map_err(|_| Failure::Bug("batch not built"))?;
            let got = self.client.batch_get_item().request_items(&self.table, keys).send().await;
            let got = got.map_err(|error| Failure::of(&error))?;
            for item in got.responses.unwrap_or_default().remove(&self.table).unwrap_or_default() {
                reports.push(read(item, MISFIT_REPORT)?);
            }
            let left = got.unprocessed_keys.unwrap_or_default().remove(&self.table);
            wanted = left.map(|left| left.keys).filter(|keys: &Vec<Item>| !keys.is_empty());
            if wanted.is_some() {
                tokio::time::sleep(Duration::from_millis(20 << tried)).await;
            }
        }
        if wanted.is_some() { Err(Failure::Throttled) } else { Ok(reports) }
    }
}

/// Sets the attribute by which the index finds an open report.
pub(super) fn index(item: &mut Item, report: &Report) {
    let list = match report.place.point {
        Some(point) => Some(cell_list(cell_at(Spot::of(point), CELL), report)),
        None => address_list(report),
    };
    item.extend(list.map(|list| ("near".to_owned(), text(list))));
}

/// The lists in which reports that are like this one stand.
fn lists(report: &Report) -> BTreeSet<String> {
    let cells = report.place.point.map(cells_around).unwrap_or_default();
    let of_cells = cells.into_iter().map(|cell| cell_list(cell, report));
    of_cells.chain(address_list(report)).collect()
}

fn cell_list((column, row): (i32, i32), report: &Report) -> String {
    format!("{column}#{row}#{}", report.group())
}

/// The list of reports without a position whose address says the same.
fn address_list(report: &Report) -> Option<String> {
    let word = report.place.address.as_deref().and_then(address_word)?;
    Some(format!("@{word}#{}", report.group()))
}

/// The cells that a circle of [`RADIUS_M`] around the point may touch.
fn cells_around(point: Point) -> BTreeSet<(i32, i32)> {
    let high = RADIUS_M / DEGREE_M;
    // Near the poles, where a degree of longitude is short, nobody reports a road.
    let wide = high / point.lat.to_radians().cos().max(0.1);
    let at = |lon: f64, lat: f64| cell_at(Spot::from_degrees(lon, lat), CELL);
    let (west, south) = at(point.lon - wide, point.lat - high);
    let (east, north) = at(point.lon + wide, point.lat + high);
    (west..=east).flat_map(|column| (south..=north).map(move |row| (column, row))).collect()
}

/// The first of each list, then the second of each, each ticket once.
fn in_turn(lists: Vec<Vec<Ticket>>) -> Vec<Ticket> {
    let mut seen = HashSet::new();
    let longest = lists.iter().map(Vec::len).max().unwrap_or_default();
    let turns = (0..longest).flat_map(|n| lists.iter().filter_map(move |list| list.get(n)));
    turns.filter(|ticket| seen.insert(ticket.as_str().to_owned())).cloned().collect()
}
