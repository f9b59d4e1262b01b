//! The access log: who looked at what. Entries are added, and never changed.
//!
//! Looks at a report lie under it by unit, then by time: so a reporter's question reads a bounded number of each unit's, however
//! often one of them looks, and none hides another.
//!
//! An entry is indexed by its hour, so that the hour can be sealed, and by the code that a photo's copy carries, so that a
//! picture that got about can be traced to its viewer. Officers read neither index.

mod hour;
mod sealed_bytes;

pub use hour::Hour;
pub use sealed_bytes::Entry;

use crate::{
    Failure,
    dynamodb_items::{Item, read, text},
    index_parts::{in_each_part, parts},
};
use aws_sdk_dynamodb::{Client, operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use domain::{
    access_log::{LOOKS_COUNTED, Looked},
    desk::Desk,
    ids::{EventId, PhotoId, ViewCode},
    officer::Named,
    ticket::Ticket,
    unit::Code,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Sorts after every unit: codes have small letters, digits and hyphens only. Looks at how alike reports are lie behind it, where neither a reporter's
/// question nor a search for copies comes to them: how often they are made tells a reporter that others have reported the same.
const BEHIND_UNITS: &str = "~";

/// For how many of each unit's looks the copies are deleted when a photo is hidden. A copy's URL lasts a minute, the copy
/// itself a day.
const COPIES: u32 = 100;

/// One look: an entry of the access log.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Access {
    /// A random id.
    pub id: EventId,
    /// The moment of the look.
    pub at: Timestamp,
    /// The officer who looked.
    pub officer: Named,
    /// What the officer looked at.
    pub looked_at: Looked,
    /// The photo, where the look was at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<PhotoId>,
    /// The code in the copy of the photo that was made for this look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ViewCode>,
    /// The tickets that a page of a desk showed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<Ticket>,
}

/// The access log's table.
pub struct Accesses {
    client: Client,
    table: String,
}

impl Accesses {
    /// An access log in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Records a look at a report or at one of its photos. Await it before the response is sent.
    ///
    /// # Errors
    /// When it could not be recorded; then nothing may be shown.
    pub async fn record(&self, ticket: &Ticket, access: &Access) -> Result<(), Failure> {
        self.put(ticket.as_str().to_owned(), access).await
    }

    /// Records a look at a page of a desk.
    ///
    /// # Errors
    /// When it could not be recorded; then nothing may be shown.
    pub async fn record_page(&self, desk: &Desk, access: &Access) -> Result<(), Failure> {
        self.put(format!("desk#{desk}"), access).await
    }

    async fn put(&self, partition: String, access: &Access) -> Result<(), Failure> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(row(partition, access)?))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        Ok(())
    }

    /// Every look at a report and its photos, in the order of time.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn of_report(&self, ticket: &Ticket) -> Result<Vec<Access>, Failure> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :ticket")
            .expression_attribute_values(":ticket", text(ticket.as_str()))
            .into_paginator()
            .items()
            .send();
        let mut accesses = Vec::new();
        while let Some(item) = pages.next().await {
            accesses.push(access(item.map_err(|error| Failure::of(&error))?)?);
        }
        accesses.sort_unstable_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(accesses)
    }

    /// Whether anything was recorded in an hour.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn has(&self, hour: Hour) -> Result<bool, Failure> {
        let has = in_each_part(async |part| {
            let found = self.in_part_of(hour, &part).limit(1).send().await;
            Ok(!found.map_err(|error| Failure::of(&error))?.items().is_empty())
        });
        Ok(has.await?.contains(&true))
    }

    /// Hands over every entry of an hour, page by page. The index may be some moments behind the table.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn of_hour(&self, hour: Hour, mut take: impl FnMut(Entry)) -> Result<(), Failure> {
        for part in parts() {
            let mut pages = self.in_part_of(hour, &part).into_paginator().send();
            while let Some(page) = pages.next().await {
                for item in page.map_err(|error| Failure::of(&error))?.items() {
                    take(Entry::of(item)?);
                }
            }
        }
        Ok(())
    }

    fn in_part_of(&self, hour: Hour, part: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .index_name("hour")
            .key_condition_expression("#hour = :hour")
            .expression_attribute_names("#hour", "hour")
            .expression_attribute_values(":hour", text(hour.index_key(part)))
    }

    /// Hands over every entry of the whole table, in no order. For an operator's audit, which must also find what lies in
    /// no hour; no function may do this.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn all(&self, mut take: impl FnMut(Entry)) -> Result<(), Failure> {
        let mut pages =
            self.client.scan().table_name(&self.table).consistent_read(true).into_paginator().send();
        while let Some(page) = pages.next().await {
            for item in page.map_err(|error| Failure::of(&error))?.items() {
                take(Entry::of(item)?);
            }
        }
        Ok(())
    }

    /// Every look whose copy of a photo carries this code. For an operator who holds such a picture.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn of_code(&self, code: &ViewCode) -> Result<Vec<Trace>, Failure> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("code")
            .key_condition_expression("#code = :code")
            .expression_attribute_names("#code", "code")
            .expression_attribute_values(":code", text(code.as_str()))
            .into_paginator()
            .items()
            .send();
        let mut traces = Vec::new();
        while let Some(found) = pages.next().await {
            let mut key = found.map_err(|error| Failure::of(&error))?;
            key.retain(|name, _| ["pk", "sk"].contains(&name.as_str()));
            let row = self.client.get_item().table_name(&self.table).consistent_read(true);
            let row = row.set_key(Some(key)).send().await.map_err(|error| Failure::of(&error))?;
            // The index may still name what is no longer there.
            let Some(item) = row.item else { continue };
            let entry = Entry::of(&item)?;
            let ticket = item.get("pk").and_then(|pk| pk.as_s().ok()).and_then(|pk| Ticket::parse(pk));
            traces.push(Trace { ticket, access: access(item).ok(), entry });
        }
        traces.sort_unstable_by(|a, b| (a.entry.at, &a.entry.id).cmp(&(b.entry.at, &b.entry.id)));
        Ok(traces)
    }

    /// How often each unit looked at a report and its photos, up to [`LOOKS_COUNTED`]; `None` is the bureau.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn counts_of_report(&self, ticket: &Ticket) -> Result<BTreeMap<Option<Code>, u32>, Failure> {
        let mut counts = BTreeMap::new();
        let looks = self.newest(ticket, LOOKS_COUNTED, |query| query.projection_expression("sk")).await?;
        for item in looks {
            let count: &mut u32 = counts.entry(Code::parse(unit_of(sort_key(&item)?))).or_default();
            *count = count.saturating_add(1);
        }
        Ok(counts)
    }

    /// Each unit's newest looks at a report and its photos, as many as may have left a copy that is still of use.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn newest_of_report(&self, ticket: &Ticket) -> Result<Vec<Access>, Failure> {
        let looks = self.newest(ticket, COPIES, |query| query).await?;
        looks.into_iter().map(access).collect()
    }

    /// The newest looks of each unit at a report, at most `most` each. The rest of a unit's looks is skipped without being
    /// read.
    async fn newest(
        &self,
        ticket: &Ticket,
        most: u32,
        of: impl Fn(QueryFluentBuilder) -> QueryFluentBuilder,
    ) -> Result<Vec<Item>, Failure> {
        let mut found: Vec<Item> = Vec::new();
        let (mut unit, mut taken) = (String::new(), 0);
        let mut before = BEHIND_UNITS.to_owned();
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("pk = :ticket AND sk < :before")
                .expression_attribute_values(":ticket", text(ticket.as_str()))
                .expression_attribute_values(":before", text(&before))
                .scan_index_forward(false)
                .limit(i32::try_from(most).unwrap_or(i32::MAX));
            let page = of(query).send().await.map_err(|error| Failure::of(&error))?;
            for item in page.items.unwrap_or_default() {
                let by = unit_of(sort_key(&item)?);
                if by != unit {
                    (unit, taken) = (by.to_owned(), 0);
                }
                if taken < most {
                    taken += 1;
                    found.push(item);
                }
            }
            let Some(last) = page.last_evaluated_key else { return Ok(found) };
            before = if taken < most { sort_key(&last)?.to_owned() } else { format!("{unit}#") };
        }
    }
}

fn access(item: Item) -> Result<Access, Failure> {
    read(item, "stored access does not fit its type")
}

fn sort_key(item: &Item) -> Result<&str, Failure> {
    item.get("sk")
        .and_then(|sk| sk.as_s().ok())
        .map(String::as_str)
        .ok_or(Failure::Bug("access without a sort key"))
}

/// The code of the unit in a look's sort key; empty for the bureau.
fn unit_of(sort_key: &str) -> &str {
    sort_key.split_once('#').map_or("", |(unit, _)| unit)
}

/// The row of a look, as it is stored.
///
/// # Errors
/// When the look has no such form: a bug.
pub fn row(partition: String, access: &Access) -> Result<HashMap<String, AttributeValue>, Failure> {
    let mut item: Item = serde_dynamo::to_item(access).map_err(|_| Failure::Bug("access makes no item"))?;
    item.insert("pk".into(), text(partition));
    let unit = access.officer.unit.as_ref().map_or("", Code::as_str);
    let unit = if access.looked_at == Looked::Similar { BEHIND_UNITS } else { unit };
    let second = access.at.strftime("%Y-%m-%dT%H:%M:%SZ");
    item.insert("sk".into(), text(format!("{unit}#{second}#{}", access.id)));
    item.insert("hour".into(), text(Hour::of(access.at).index_key(access.id.as_str())));
    Ok(item)
}

/// A look that was found by the code in a picture.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    /// The ticket of the report whose photo it was.
    pub ticket: Option<Ticket>,
    /// Who looked at which photo, and when; `None` when somebody has damaged the row.
    pub access: Option<Access>,
    /// The row, to be compared with the hour's seal.
    pub entry: Entry,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access {
            id: EventId::from_bytes(&[7; 17]),
            at: "2026-11-23T21:59:59.5Z".parse().unwrap(),
            officer: Named { id: "subject".into(), name: "Budi".into(), unit: Code::parse("dinas-a") },
            looked_at: Looked::Photo,
            photo: Some(PhotoId::from_bytes(&[1; 10])),
            code: Some(ViewCode::from_bytes(&[2; 5])),
            tickets: Vec::new(),
        }
    }

    #[test]
    fn a_row_lies_in_the_hour_of_its_look_and_under_its_code() {
        let row = row("P".into(), &access()).unwrap();
        assert_eq!(row["hour"], text("2026-11-23T21#0"));
        assert_eq!(row["code"], text(access().code.unwrap().as_str()));
        let entry = Entry::of(&row).unwrap();
        assert_eq!((entry.hour, entry.id.as_str()), (entry.at.map(Hour::of), access().id.as_str()));
        assert_eq!(super::access(row), Ok(access()));
    }

    #[test]
    fn a_look_without_a_photo_is_in_no_index_by_code() {
        let access = Access { photo: None, code: None, looked_at: Looked::Report, ..access() };
        assert!(!row("P".into(), &access).unwrap().contains_key("code"));
    }

    #[test]
    fn an_access_log_entry_is_sorted_by_unit_then_time_then_id() {
        let officer = |unit: Option<&str>| Named { unit: unit.and_then(Code::parse), ..access().officer };
        for unit in [Some("dinas-a"), None] {
            let row = row("P".into(), &Access { officer: officer(unit), ..access() }).unwrap();
            let expected = format!("{}#2026-11-23T21:59:59Z#{}", unit.unwrap_or_default(), access().id);
            assert_eq!(row["sk"], text(expected));
            assert_eq!(Code::parse(unit_of(sort_key(&row).unwrap())), unit.and_then(Code::parse));
        }
    }
}
