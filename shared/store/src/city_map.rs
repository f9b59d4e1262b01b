//! The city's map, cut into cells: which areas meet where, and to which units their rules send reports. Beside the cells lie lists of
//! which areas lie below which.
//!
//! The items of one state of the map are a generation. The item `current` names the generation that counts and is written after its items;
//! those of the generation before stay for [`OLD_ITEMS_STAY`], far longer than a reader believes an old `current`.

use crate::{
    Failure,
    cached_items::CachedItems,
    dynamodb_items::{Item, read, text},
};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::{
    area::AreaCode,
    area_lines::{AreaLines, lines_within},
    area_names::AreaName,
    areas_below::AreasBelow,
    location::Point,
    outline::{Spot, Window},
    response::{AreasResponse, CityArea},
    routing::{Cell, cell_at, encoding::MapPart},
};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The key of the item that names the generation.
pub const CURRENT: &str = "current";
/// The attribute of an item's bytes, whether or not it is a cell.
pub const CELL: &str = "cell";
/// How long the items of a generation stay after another one took its place.
pub const OLD_ITEMS_STAY: SignedDuration = SignedDuration::from_mins(10);

/// The generation that counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Current {
    /// The generation: a digest of all that is stored of it, so that the same map is the same generation.
    pub generation: String,
    /// How wide and high each cell is, in millionths of a degree.
    pub size: i32,
    /// Since when it counts.
    pub since: Timestamp,
}

/// What stands behind the generation in the key of a cell: its column and its row.
#[must_use]
pub fn cell_key((column, row): (i32, i32)) -> String {
    format!("{column}#{row}")
}

/// What stands behind the generation in the key of the list of what lies below an area, or in the whole city.
#[must_use]
pub fn below_key(area: Option<&AreaCode>) -> String {
    format!("below#{}", area.map_or("", AreaCode::as_str))
}

impl Current {
    /// The key of one of its items.
    fn key(&self, item: &str) -> String {
        format!("{}#{item}", self.generation)
    }
}

/// The areas that lie below one, however far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Below {
    /// There are none, or there is no such area.
    None,
    /// The codes of all of them, by code.
    Codes(Vec<AreaCode>),
    /// They are more than are listed ([`MOST_CODES`](domain::areas_below::MOST_CODES)).
    TooMany,
}

/// A reader of the map.
pub struct CityMap {
    client: Client,
    table: String,
    /// What is read again and again: `current`, and the lists of areas.
    kept: CachedItems,
}

impl CityMap {
    /// A reader of `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { kept: CachedItems::new(client.clone(), table.clone()), client, table }
    }

    /// The cell in which a position lies; `None` where the city has no map, or nothing of it lies there.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn cell(&self, point: Point, now: Timestamp) -> Result<Option<Cell>, Failure> {
        let Some(current) = self.current(now).await? else { return Ok(None) };
        self.read_cell(&current, cell_at(Spot::of(point), current.size.max(1))).await
    }

    /// What is to be drawn of the outlines around a place: those that meet a square with it in the middle, whose sides are 0.03 degrees long,
    /// where the cells are the smallest 0.02: at most 25 cells.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn lines_around(&self, middle: Spot, now: Timestamp) -> Result<Vec<AreaLines>, Failure> {
        let Some(current) = self.current(now).await? else { return Ok(Vec::new()) };
        let size = current.size.max(1);
        let reach = size.saturating_mul(3).div_euclid(2).clamp(10_000, 15_000);
        let corner =
            |reach| Spot { lon: middle.lon.saturating_add(reach), lat: middle.lat.saturating_add(reach) };
        let window = Window { least: corner(-reach), greatest: corner(reach) };
        let ((west, south), (east, north)) = (cell_at(window.least, size), cell_at(window.greatest, size));
        let keys = (west..=east).flat_map(|column| (south..=north).map(move |row| (column, row)));
        let cells = try_join_all(keys.map(|key| self.read_cell(&current, key))).await?;
        let cells: Vec<Cell> = cells.into_iter().flatten().collect();
        Ok(lines_within(window, &cells))
    }

    async fn read_cell(&self, current: &Current, cell: (i32, i32)) -> Result<Option<Cell>, Failure> {
        let key = current.key(&cell_key(cell));
        let found = self.client.get_item().table_name(&self.table).key("pk", text(key)).send().await;
        let Some(item) = found.map_err(|error| Failure::of(&error))?.item else { return Ok(None) };
        part(&item).map(Some)
    }

    /// The areas directly below one, or those below none: a body of [`AreasResponse`](domain::response::AreasResponse); `None` where there are
    /// none, or no such area, or no map.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn areas_directly_below(
        &self,
        area: Option<&AreaCode>,
        now: Timestamp,
    ) -> Result<Option<String>, Failure> {
        Ok(self.below(area, now).await?.map(|below| below.answer))
    }

    /// The codes of all areas below one.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn codes_below(&self, area: &AreaCode, now: Timestamp) -> Result<Below, Failure> {
        let below = self.below(Some(area), now).await?;
        Ok(below.map_or(Below::None, |below| below.codes.map_or(Below::TooMany, Below::Codes)))
    }

    /// The area whose name stands in the address, where it is one: of those that are named the one with the most areas above it named too.
    ///
    /// At most [`LISTS`] lists are read, first those below areas that are named; so in a large map an address has to name the areas above.
    ///
    /// # Errors
    /// When the map could not be read.
    pub async fn area_named_in(&self, address: &str, now: Timestamp) -> Result<Option<AreaCode>, Failure> {
        let mut best = Named::default();
        let mut to_read = vec![Above::default()];
        let mut read = 0;
        while !to_read.is_empty() && read < LISTS {
            // Those that are named come first.
            to_read.sort_by_key(|above| std::cmp::Reverse(above.named));
            to_read.truncate(LISTS - read);
            read += to_read.len();
            let lists =
                try_join_all(to_read.iter().map(|above| self.below(above.code.as_ref(), now))).await?;
            let mut level = Vec::new();
            for (above, list) in to_read.iter().zip(lists) {
                let Some(list) = list else { continue };
                let directly = directly(&list)?;
                let has_more = list.codes.is_none_or(|codes| codes.len() > directly.len());
                level.extend(directly.into_iter().map(|area| (above, has_more, area)));
            }
            let names = AreaName::of_level(level.iter().map(|(.., area)| area.name.as_str()));
            let mut next = Vec::new();
            for ((above, has_more, CityArea { code, .. }), name) in level.into_iter().zip(names) {
                // Where a kelurahan bears its kecamatan's name, the address may mean either.
                let is_named = name.is_in(address) && above.name.as_ref() != Some(&name);
                let named = above.named + usize::from(is_named);
                if is_named {
                    best.take(named, &code);
                }
                if has_more {
                    let name = if is_named { Some(name) } else { above.name.clone() };
                    next.push(Above { code: Some(code), named, name });
                }
            }
            to_read = next;
        }
        Ok(best.alone())
    }

    /// Whether the map has an area with this code.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn has_area(&self, code: &AreaCode, now: Timestamp) -> Result<bool, Failure> {
        // An area that others lie below has a list of its own; any other stands in the list of the area above it.
        if self.below(Some(code), now).await?.is_some() {
            return Ok(true);
        }
        Ok(!self.areas(&[code.clone()].into(), now).await?.is_empty())
    }

    /// Those of these areas that the map has, by code, each with its name and the area above it.
    ///
    /// At most [`LISTS`] lists are read, first those of areas whose codes the codes begin with, as official ones do; so all of a map whose
    /// codes say nothing are found only where it has no more lists than that.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn areas(&self, codes: &BTreeSet<AreaCode>, now: Timestamp) -> Result<Vec<CityArea>, Failure> {
        let mut wanted = codes.clone();
        let mut found = Vec::new();
        let mut to_read: Vec<Option<AreaCode>> = vec![None];
        let mut read = 0;
        while !wanted.is_empty() && !to_read.is_empty() && read < LISTS {
            let is_above = |above: &Option<AreaCode>| {
                let begins =
                    |above: &AreaCode| wanted.iter().any(|code| code.as_str().starts_with(above.as_str()));
                above.as_ref().is_none_or(begins)
            };
            let (mut first, mut later): (Vec<_>, Vec<_>) = to_read.into_iter().partition(is_above);
            if first.is_empty() {
                std::mem::swap(&mut first, &mut later);
            }
            first.truncate(LISTS - read);
            read += first.len();
            to_read = later;
            let lists = try_join_all(first.iter().map(|above| self.below(above.as_ref(), now))).await?;
            for list in lists.into_iter().flatten() {
                let mut next = Vec::new();
                for area in directly(&list)? {
                    next.push(Some(area.code.clone()));
                    if wanted.remove(&area.code) {
                        found.push(area);
                    }
                }
                if list.codes.is_none_or(|codes| codes.iter().any(|code| wanted.contains(code))) {
                    to_read.extend(next);
                }
            }
        }
        found.sort_by(|one, other| one.code.cmp(&other.code));
        Ok(found)
    }

    async fn below(&self, area: Option<&AreaCode>, now: Timestamp) -> Result<Option<AreasBelow>, Failure> {
        let Some(current) = self.current(now).await? else { return Ok(None) };
        let item = self.kept.get(current.key(&below_key(area)), now).await?;
        item.map(|item| part(&item)).transpose()
    }

    async fn current(&self, now: Timestamp) -> Result<Option<Current>, Failure> {
        let current = self.kept.get(CURRENT.to_owned(), now).await?;
        current.map(|current| read(current, "the map's current generation does not fit its type")).transpose()
    }
}

/// How many lists of areas are looked through for areas that somebody names.
const LISTS: usize = 64;

/// An area, below which is looked on.
#[derive(Default)]
struct Above {
    /// Its code; `None` for the whole city.
    code: Option<AreaCode>,
    /// How many of it and the areas above it are named.
    named: usize,
    /// The name of the last of these.
    name: Option<AreaName>,
}

/// The areas that are named with the most areas above them.
#[derive(Default)]
struct Named {
    named: usize,
    codes: Vec<AreaCode>,
}

impl Named {
    fn take(&mut self, named: usize, code: &AreaCode) {
        if named > self.named {
            *self = Self { named, codes: Vec::new() };
        }
        if named == self.named {
            self.codes.push(code.clone());
        }
    }

    fn alone(mut self) -> Option<AreaCode> {
        self.codes.pop().filter(|_| self.codes.is_empty())
    }
}

/// The areas directly below one.
fn directly(below: &AreasBelow) -> Result<Vec<CityArea>, Failure> {
    let AreasResponse { areas } = serde_json::from_str(&below.answer)
        .map_err(|_| Failure::Bug("list of areas does not fit its type"))?;
    Ok(areas)
}

/// What an item has of the map.
fn part<T: MapPart>(item: &Item) -> Result<T, Failure> {
    let bytes = item.get(CELL).and_then(|bytes| AttributeValue::as_b(bytes).ok());
    let bytes = bytes.ok_or(Failure::Bug("item of the map has no bytes"))?;
    T::from_bytes(bytes.as_ref()).map_err(|_| Failure::Bug("item of the map does not fit its type"))
}
