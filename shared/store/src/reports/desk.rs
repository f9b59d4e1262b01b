//! The pages of desks: the indexes `desk`, `desk_category` and `desk_area` of the reports table.

use super::Reports;
use crate::{
    Failure,
    dynamodb_items::{Item, read, text},
};
use aws_sdk_dynamodb::types::Select;
use domain::{
    area::AreaCode,
    desk::{self, Desk},
    location::Place,
    officer::Named,
    privacy::Privacy,
    report::Report,
    status::Status,
    ticket::Ticket,
    triage::Claim,
    unit::{Code, Unit},
    urgency::Urgency,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::VecDeque;

/// How many desks a page can be merged of: more would be too many queries for one answer.
pub const DESKS: usize = 100;
/// How many lists by area a page is merged of. Where a query has more, whole desks are read and the areas looked for in them.
const AREA_LISTS: usize = 20;
/// How many lines a page looks at where no index has what it asks for.
const LOOKED_AT: usize = 500;
/// How many queries are under way at once.
const AT_ONCE: usize = 16;

/// One report on a page, with what the indexes of the desks carry of it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
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
    /// Who accepted it for that unit.
    #[serde(default)]
    pub officer: Option<Named>,
    /// Who of the ticket desk is at work on it.
    #[serde(default)]
    pub claim: Option<Claim>,
}

/// What is asked of desks.
#[derive(Clone, Debug)]
pub struct DeskQuery {
    /// The desks, whose reports stand in one list.
    pub desks: Vec<Desk>,
    /// The open questions to these desks, in the place of what lies on them.
    pub questions: bool,
    /// Only reports of this category.
    pub category: Option<Code>,
    /// Only reports of this urgency.
    pub urgency: Option<Urgency>,
    /// Only reports whose lowest area is one of these.
    pub areas: Option<Vec<AreaCode>>,
    /// Only reports of this status.
    pub status: Option<Status>,
    /// Only reports that the officer with this id accepted.
    pub officer: Option<String>,
}

/// One page of desks.
pub struct Page {
    /// The reports, in the order of a desk.
    pub lines: Vec<DeskLine>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
    /// Whether there were lines to look at, and none of them was visible.
    pub is_hidden: bool,
}

impl DeskQuery {
    /// All that lies on one desk.
    #[must_use]
    pub fn of(desk: Desk) -> Self {
        Self {
            desks: vec![desk],
            questions: false,
            category: None,
            urgency: None,
            areas: None,
            status: None,
            officer: None,
        }
    }

    /// The index with the lists in which all of it stands, and their keys.
    fn lists(&self) -> (&'static str, Vec<String>) {
        let name = if self.questions { questions } else { ToString::to_string };
        let names: Vec<String> = self.desks.iter().map(name).collect();
        match (&self.areas, &self.category) {
            (Some(areas), _) if areas.len() * self.desks.len() <= AREA_LISTS => {
                let cuts = names.iter().flat_map(|name| areas.iter().map(|area| cut(name, area.as_str())));
                (BY_AREA, cuts.collect())
            }
            (_, Some(category)) => {
                (BY_CATEGORY, names.iter().map(|name| cut(name, category.as_str())).collect())
            }
            (_, None) => (WHOLE, names),
        }
    }

    /// Whether the lists of this index can have lines that the query is not for.
    fn looks_in(&self, index: &str) -> bool {
        let has_another_filter = match index {
            BY_AREA => self.category.is_some(),
            _ => self.areas.is_some(),
        };
        has_another_filter || self.status.is_some() || self.officer.is_some()
    }

    fn is_for(&self, line: &DeskLine) -> bool {
        let officer = || line.officer.as_ref().map(|officer| &officer.id);
        self.category.as_ref().is_none_or(|category| line.category == *category)
            && self.status.is_none_or(|status| line.status == status)
            && self.officer.as_ref().is_none_or(|wanted| officer() == Some(wanted))
            && self
                .areas
                .as_ref()
                .is_none_or(|areas| line.area.as_ref().is_some_and(|area| areas.contains(area)))
    }
}

impl Reports {
    /// How many reports on this desk are late, at most `most`. It reads nothing of them but their places in the index.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn late_on(&self, desk: &Desk, most: i32) -> Result<i32, Failure> {
        let counted = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(WHOLE)
            .key_condition_expression("desk = :desk AND begins_with(desk_order, :late)")
            .expression_attribute_values(":desk", text(desk.to_string()))
            .expression_attribute_values(":late", text(desk::order_of_urgency(Urgency::Terlambat)))
            .select(Select::Count)
            .limit(most)
            .send();
        Ok(counted.await.map_err(|error| Failure::of(&error))?.count())
    }

    /// A page of desks: at most `limit` of the lines that `is_visible`, after `after`, which is the `next` of the page before.
    ///
    /// A page may be shorter, and empty, and have a next one all the same.
    ///
    /// # Errors
    /// When it could not be read. A query for more than [`DESKS`] desks is a bug.
    pub async fn desk(
        &self,
        query: &DeskQuery,
        limit: u8,
        after: Option<&str>,
        is_visible: impl Fn(&DeskLine) -> bool,
    ) -> Result<Page, Failure> {
        let (index, keys) = query.lists();
        if keys.len() > DESKS {
            return Err(Failure::Bug("too many desks at once"));
        }
        let limit = usize::from(limit);
        let most = if query.looks_in(index) { LOOKED_AT } else { limit };
        // Lines lie spread over the lists: of many, each gives a few of a page. A list that gives more is asked for twice as many again.
        let chunk = (2 * most).div_ceil(keys.len().max(1)).clamp(4, limit.max(4));
        let range = Range::new(query.urgency, after);
        let mut lists: Vec<List> = keys.into_iter().map(|key| List::new(key, &range, chunk)).collect();
        let (mut lines, mut looked_at, mut visible, mut last) = (Vec::new(), 0, 0, None);
        while lines.len() < limit && looked_at < most {
            stream::iter(lists.iter_mut().filter(|list| list.must_be_read()))
                .map(|list| self.read_on(index, &range, list))
                .buffer_unordered(AT_ONCE)
                .try_collect::<()>()
                .await?;
            let first = lists.iter_mut().filter(|list| !list.lines.is_empty());
            let first = first.min_by(|one, other| one.next_order().cmp(&other.next_order()));
            let Some((order, line)) = first.and_then(|list| list.lines.pop_front()) else { break };
            // A report that moves to a desk whose list is read later stands in both.
            if last.as_ref().is_some_and(|last| order <= *last) {
                continue;
            }
            looked_at += 1;
            last = Some(order);
            if is_visible(&line) {
                visible += 1;
                if query.is_for(&line) {
                    lines.push(line);
                }
            } else if visible == 0 && looked_at >= limit {
                break;
            }
        }
        let is_end = lists.iter().all(|list| list.lines.is_empty() && !list.has_more);
        Ok(Page { lines, next: last.filter(|_| !is_end), is_hidden: looked_at > 0 && visible == 0 })
    }

    /// Reads the next lines of a list.
    async fn read_on(&self, index: &str, range: &Range, list: &mut List) -> Result<(), Failure> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression("#list = :list AND desk_order BETWEEN :from AND :to")
            .expression_attribute_names("#list", index)
            .expression_attribute_values(":list", text(&list.key))
            .expression_attribute_values(":from", text(&list.from))
            .expression_attribute_values(":to", text(&range.to))
            .limit(i32::try_from(list.chunk).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        list.chunk *= 2;
        list.has_more = page.last_evaluated_key.is_some();
        for item in page.items.unwrap_or_default() {
            let order = item.get("desk_order").and_then(|order| order.as_s().ok()).cloned();
            let order = order.ok_or(Failure::Bug("line of a desk has no order"))?;
            list.from = behind(&order);
            list.lines.push_back((order, read(item, "line of a desk does not fit its type")?));
        }
        Ok(())
    }
}

/// The index of whole desks, which is also the name of its partition key.
const WHOLE: &str = "desk";
/// The index of desks by category, and its partition key.
const BY_CATEGORY: &str = "desk_category";
/// The index of desks by lowest area, and its partition key.
const BY_AREA: &str = "desk_area";

/// The key of what a list has of one category or one area.
fn cut(list: &str, by: &str) -> String {
    format!("{list}#{by}")
}

/// The key of the list of open questions to a desk.
pub(super) fn questions(desk: &Desk) -> String {
    format!("{desk}?")
}

/// The part of each list that a page may show.
struct Range {
    from: String,
    to: String,
}

impl Range {
    fn new(urgency: Option<Urgency>, after: Option<&str>) -> Self {
        let begins = urgency.map_or(String::new(), desk::order_of_urgency);
        // The cursor of a page is authenticated; a list is read from its beginning where `after` is none of its places.
        let after = after
            .filter(|order| order.split_once('#').is_some_and(|(_, ticket)| Ticket::parse(ticket).is_some()));
        let from = after.map(behind).filter(|from| *from > begins);
        Self {
            from: from.unwrap_or_else(|| if begins.is_empty() { "0".to_owned() } else { begins.clone() }),
            to: format!("{begins}~"),
        }
    }
}

/// The first place behind a line: a blank sorts before all that could follow.
fn behind(order: &str) -> String {
    format!("{order} ")
}

/// One of the lists that a page is merged of.
struct List {
    key: String,
    from: String,
    lines: VecDeque<(String, DeskLine)>,
    has_more: bool,
    chunk: usize,
}

impl List {
    fn new(key: String, range: &Range, chunk: usize) -> Self {
        Self { key, from: range.from.clone(), lines: VecDeque::new(), has_more: true, chunk }
    }

    fn must_be_read(&self) -> bool {
        self.lines.is_empty() && self.has_more
    }

    fn next_order(&self) -> Option<&str> {
        self.lines.front().map(|(order, _)| order.as_str())
    }
}

/// What the indexes of the desks carry of an item beside its keys; `infra/template.yaml` lists the same.
pub(crate) const CARRIED: [&str; 10] =
    ["ticket", "category", "status", "privacy", "place", "area", "due_on", "unit", "officer", "claim"];

/// Sets the attributes by which the indexes have a report in this list: a desk's, or that of the questions to a desk.
pub(super) fn index(item: &mut Item, report: &Report, list: &str, urgency: Urgency) {
    item.insert(WHOLE.into(), text(list));
    item.insert(BY_CATEGORY.into(), text(cut(list, report.category.as_str())));
    item.extend(report.area.as_ref().map(|area| (BY_AREA.into(), text(cut(list, area.as_str())))));
    item.insert("desk_order".into(), text(desk::order(urgency, &report.ticket)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(desks: usize, areas: Option<usize>, category: Option<&str>) -> DeskQuery {
        let code = |number: usize| Code::parse(&format!("unit-{number}")).unwrap();
        let area = |number: usize| AreaCode::parse(&format!("area-{number}")).unwrap();
        DeskQuery {
            desks: (0..desks).map(|number| Desk::Unit(code(number))).collect(),
            category: category.and_then(Code::parse),
            areas: areas.map(|areas| (0..areas).map(area).collect()),
            ..DeskQuery::of(Desk::Tiket)
        }
    }

    #[test]
    fn areas_have_their_own_lists_while_these_are_few() {
        for (desks, areas, category, index, lists, looks) in [
            (1, None, None, WHOLE, 1, false),
            (100, None, None, WHOLE, 100, false),
            (3, None, Some("banjir"), BY_CATEGORY, 3, false),
            (1, Some(20), None, BY_AREA, 20, false),
            (4, Some(5), Some("banjir"), BY_AREA, 20, true),
            (1, Some(21), None, WHOLE, 1, true),
            (6, Some(76), Some("banjir"), BY_CATEGORY, 6, true),
        ] {
            let query = query(desks, areas, category);
            let (found, keys) = query.lists();
            assert_eq!((found, keys.len(), query.looks_in(found)), (index, lists, looks), "{query:?}");
        }
    }
}
