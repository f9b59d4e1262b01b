//! The city's map in a stack: the cells and lists of areas of one generation, the files that they were made of, and the item that names the
//! generation.

use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    primitives::Blob,
    types::{AttributeValue, PutRequest, WriteRequest},
};
use city_folder::{City, area, cells::Cells, routing};
use cli::{
    exit::Refusal,
    target::{CONFLICT, Target, conflict_or_plainly, now, plainly},
};
use domain::routing::encoding::MapPart;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;
use std::{collections::BTreeMap, time::Duration};
use store::{
    city_map::{CELL, CURRENT, Current, OLD_ITEMS_STAY, below_key, cell_key},
    digest,
};

/// The files of a folder that make the map.
const FILES: [&str; 2] = [area::FILE, routing::FILE];
/// How long a part of a file may be: an item has 400 KB at most.
const PART: usize = 300_000;
/// How many items `BatchWriteItem` takes.
const BATCH: usize = 25;
/// How many calls are under way at once.
const AT_ONCE: usize = 8;
/// The attribute by which DynamoDB deletes an item, in seconds.
const EXPIRES_AT: &str = "expires_at";
/// Dollars for a write unit on demand, in us-east-1 (2026-11).
const DOLLARS_PER_UNIT: f64 = 0.625e-6;

/// The map as a folder has it.
pub(super) struct FolderMap {
    pub(super) generation: String,
    pub(super) size: i32,
    /// Of each item its key and its bytes.
    pub(super) items: Vec<(String, Vec<u8>)>,
    /// How many of them are cells.
    pub(super) cells: usize,
}

impl FolderMap {
    /// Cuts the folder's map into cells; `None` where it has none.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when too much meets in one place of it.
    pub(super) fn of(city: &City) -> Result<Option<Self>> {
        if city.areas.is_empty() && city.routing.is_empty() {
            return Ok(None);
        }
        let Cells { size, cells } =
            Cells::of(city).map_err(|error| Refusal::Invalid(format!("{}: {error}", area::FILE)))?;
        let mut items = Vec::new();
        for (place, cell) in &cells {
            items.push((cell_key(*place), cell.to_bytes()?));
        }
        let cells = items.len();
        for (area, below) in city.areas_below()? {
            items.push((below_key(area), below.to_bytes()?));
        }
        let files = city.write();
        for (name, bytes) in FILES.into_iter().filter_map(|name| Some((name, files.get(name)?))) {
            let parts = bytes.chunks(PART).enumerate();
            items.extend(parts.map(|(number, part)| (format!("{name}#{number}"), part.to_vec())));
        }
        let mut all = size.to_be_bytes().to_vec();
        for (key, bytes) in &items {
            all.extend(digest::raw(key.as_bytes()));
            all.extend(digest::raw(bytes));
        }
        // Sixteen digits tell the maps of one city apart.
        let generation: String = digest::hex(&all).chars().take(16).collect();
        let items = items.into_iter().map(|(key, bytes)| (format!("{generation}#{key}"), bytes)).collect();
        Ok(Some(Self { generation, size, items, cells }))
    }

    /// What writing it takes, in write units.
    pub(super) fn write_units(&self) -> usize {
        self.items.iter().map(|(key, bytes)| (key.len() + bytes.len() + 10).div_ceil(1024)).sum()
    }
}

/// What so many write units cost, in dollars.
#[expect(clippy::cast_precision_loss, reason = "some millions")]
pub(super) fn dollars(write_units: usize) -> f64 {
    write_units as f64 * DOLLARS_PER_UNIT
}

/// What a stack has of maps.
#[derive(Default)]
pub(super) struct StoredMap {
    /// The generation that counts.
    pub(super) current: Option<Current>,
    /// The keys of all items that do not expire.
    kept: Vec<String>,
}

impl StoredMap {
    /// Reads which generations there are.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) async fn read(target: &Target) -> Result<Self> {
        let table = Table::of(target)?;
        let current = table.current().await?;
        let keys =
            table.client.scan().table_name(table.name).projection_expression(format!("pk, {EXPIRES_AT}"));
        let items = keys.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let items = items.map_err(plainly).context("cannot read the map")?;
        let kept = items.iter().filter(|item| !item.contains_key(EXPIRES_AT));
        let kept = kept.filter_map(|item| item.get("pk")?.as_s().ok().cloned()).filter(|key| key != CURRENT);
        Ok(Self { current, kept: kept.collect() })
    }

    /// The keys of what is no part of this generation.
    pub(super) fn of_others(&self, generation: Option<&str>) -> Vec<String> {
        let is_other = |key: &&String| key.split('#').next() != generation;
        self.kept.iter().filter(is_other).cloned().collect()
    }

    /// Whether a generation has an item that expires, or none: then it is written again.
    fn lacks(&self, map: &FolderMap) -> bool {
        let own = self.kept.iter().filter(|key| key.split('#').next() == Some(map.generation.as_str()));
        own.count() < map.items.len()
    }

    /// Whether the stack has this map, and all of it.
    pub(super) fn is(&self, map: &FolderMap) -> bool {
        self.current.as_ref().is_some_and(|current| current.generation == map.generation) && !self.lacks(map)
    }

    /// The files that the stack's map was cut from.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) async fn files(&self, target: &Target) -> Result<city_folder::Files> {
        let Some(current) = &self.current else { return Ok(BTreeMap::new()) };
        let table = Table::of(target)?;
        let mut files = BTreeMap::new();
        for name in FILES {
            let mut file = Vec::new();
            for number in 0.. {
                match table.bytes(&format!("{}#{name}#{number}", current.generation)).await? {
                    Some(part) => file.extend(part),
                    None => break,
                }
            }
            if !file.is_empty() {
                files.insert(name, file);
            }
        }
        Ok(files)
    }
}

/// Writes every item of a map, and then names it as the one that counts, unless another one than `before` does by then.
pub(super) async fn write(
    target: &Target,
    map: &FolderMap,
    before: Option<&str>,
    bar: &ProgressBar,
) -> Result<()> {
    let table = Table::of(target)?;
    bar.set_message("Writing the map");
    // Where somebody else let items of this generation expire meanwhile, they are written once more.
    for _ in 0..3 {
        table.put_all(&map.items).await?;
        table.set_current(map, before).await?;
        if StoredMap::read(target).await?.is(map) {
            return Ok(());
        }
    }
    bail!("somebody else changes the map at the same time: run this again")
}

/// Takes the map away: from now on no report is routed.
pub(super) async fn remove(target: &Target, before: &str) -> Result<()> {
    let table = Table::of(target)?;
    let delete = table
        .client
        .delete_item()
        .table_name(table.name)
        .key("pk", AttributeValue::S(CURRENT.to_owned()))
        .condition_expression("attribute_not_exists(pk) OR generation = :before")
        .expression_attribute_values(":before", AttributeValue::S(before.to_owned()));
    delete.send().await.map(drop).map_err(conflict_or_plainly)
}

/// Lets items expire that are no part of the map that counts.
pub(super) async fn expire(target: &Target, keys: &[String]) -> Result<()> {
    let table = Table::of(target)?;
    let current = table.current().await?.map(|current| current.generation);
    let at = (now() + OLD_ITEMS_STAY).as_second().to_string();
    stream::iter(keys.iter().filter(|key| key.split('#').next() != current.as_deref()))
        .map(|key| {
            let update = table
                .client
                .update_item()
                .table_name(table.name)
                .key("pk", AttributeValue::S(key.clone()))
                .update_expression(format!("SET {EXPIRES_AT} = :at"))
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_values(":at", AttributeValue::N(at.clone()));
            async {
                match update.send().await {
                    Err(error) if error.code() != Some(CONFLICT) => Err(plainly(error)),
                    _ => Ok(()),
                }
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// The table of the map.
struct Table<'a> {
    client: Client,
    name: &'a str,
}

impl<'a> Table<'a> {
    fn of(target: &'a Target) -> Result<Self> {
        Ok(Self { client: Client::new(&target.config), name: target.output("MapTable")? })
    }

    async fn current(&self) -> Result<Option<Current>> {
        let get = self
            .client
            .get_item()
            .table_name(self.name)
            .key("pk", AttributeValue::S(CURRENT.to_owned()))
            .consistent_read(true);
        let item = get.send().await.map_err(plainly).context("cannot read the map")?.item;
        let current = item.map(serde_dynamo::from_item).transpose();
        Ok(current
            .map_err(|error| Refusal::Invalid(format!("the map's {CURRENT} does not read: {error}")))?)
    }

    async fn bytes(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let get = self
            .client
            .get_item()
            .table_name(self.name)
            .key("pk", AttributeValue::S(key.to_owned()))
            .consistent_read(true);
        let item = get.send().await.map_err(plainly).context("cannot read the map")?.item;
        Ok(item.and_then(|item| Some(item.get(CELL)?.as_b().ok()?.as_ref().to_vec())))
    }

    async fn put_all(&self, items: &[(String, Vec<u8>)]) -> Result<()> {
        stream::iter(items.chunks(BATCH))
            .map(|items| self.put_batch(items))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn put_batch(&self, items: &[(String, Vec<u8>)]) -> Result<()> {
        let put = |(key, bytes): &(String, Vec<u8>)| {
            let put = PutRequest::builder()
                .item("pk", AttributeValue::S(key.clone()))
                .item(CELL, AttributeValue::B(Blob::new(bytes.clone())))
                .build()?;
            Ok(WriteRequest::builder().put_request(put).build())
        };
        let mut rest: Vec<_> = items.iter().map(put).collect::<Result<_>>()?;
        while !rest.is_empty() {
            let written = self.client.batch_write_item().request_items(self.name, rest).send().await;
            let written = written.map_err(plainly).context("cannot write the map")?;
            // What the table does not take at once, it takes later.
            rest = written.unprocessed_items.unwrap_or_default().into_values().flatten().collect();
            if !rest.is_empty() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        Ok(())
    }

    async fn set_current(&self, map: &FolderMap, before: Option<&str>) -> Result<()> {
        let current = Current { generation: map.generation.clone(), size: map.size, since: now() };
        let mut put = self
            .client
            .put_item()
            .table_name(self.name)
            .set_item(Some(serde_dynamo::to_item(&current)?))
            .item("pk", AttributeValue::S(CURRENT.to_owned()))
            .expression_attribute_values(":new", AttributeValue::S(map.generation.clone()));
        // Where the answer to a call got lost, the second call finds what the first one wrote.
        let condition = match before {
            Some(before) => {
                put = put.expression_attribute_values(":before", AttributeValue::S(before.to_owned()));
                "generation IN (:before, :new)"
            }
            None => "attribute_not_exists(pk) OR generation = :new",
        };
        put.condition_expression(condition).send().await.map(drop).map_err(conflict_or_plainly)
    }
}
