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
    areas_below::AreasBelow,
    location::Point,
    outline::Spot,
    routing::{Cell, cell_at, encoding::MapPart},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

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
        let key = current.key(&cell_key(cell_at(Spot::of(point), current.size.max(1))));
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

/// What an item has of the map.
fn part<T: MapPart>(item: &Item) -> Result<T, Failure> {
    let bytes = item.get(CELL).and_then(|bytes| AttributeValue::as_b(bytes).ok());
    let bytes = bytes.ok_or(Failure::Bug("item of the map has no bytes"))?;
    T::from_bytes(bytes.as_ref()).map_err(|_| Failure::Bug("item of the map does not fit its type"))
}
