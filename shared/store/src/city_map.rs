//! The city's map, cut into cells: which areas meet where, and to which units their rules send reports.
//!
//! The cells of one state of the map are a generation. The item `current` names the generation that counts and is written after its cells;
//! those of the generation before stay for [`OLD_CELLS_STAY`], far longer than a reader believes an old `current`.

use crate::{
    Failure,
    cached_items::CachedItems,
    dynamodb_items::{read, text},
};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::{
    location::Point,
    outline::Spot,
    routing::{Cell, cell_at},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The key of the item that names the generation.
pub const CURRENT: &str = "current";
/// The attribute of a cell's bytes.
pub const CELL: &str = "cell";
/// How long the cells of a generation stay after another one took its place.
pub const OLD_CELLS_STAY: SignedDuration = SignedDuration::from_mins(10);

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

impl Current {
    /// The key of a cell: its column and its row.
    #[must_use]
    pub fn key(&self, (column, row): (i32, i32)) -> String {
        format!("{}#{column}#{row}", self.generation)
    }
}

/// A reader of the map.
pub struct CityMap {
    client: Client,
    table: String,
    current: CachedItems,
}

impl CityMap {
    /// A reader of `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { current: CachedItems::new(client.clone(), table.clone()), client, table }
    }

    /// The cell in which a position lies; `None` where the city has no map, or nothing of it lies there.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn cell(&self, point: Point, now: Timestamp) -> Result<Option<Cell>, Failure> {
        let Some(current) = self.current.get(CURRENT.to_owned(), now).await? else { return Ok(None) };
        let current: Current = read(current, "the map's current generation does not fit its type")?;
        let key = current.key(cell_at(Spot::of(point), current.size.max(1)));
        let found = self.client.get_item().table_name(&self.table).key("pk", text(key)).send().await;
        let Some(item) = found.map_err(|error| Failure::of(&error))?.item else { return Ok(None) };
        let bytes = item.get(CELL).and_then(|bytes| AttributeValue::as_b(bytes).ok());
        let bytes = bytes.ok_or(Failure::Bug("cell of the map has no bytes"))?;
        Cell::from_bytes(bytes.as_ref())
            .map(Some)
            .map_err(|_| Failure::Bug("cell of the map does not fit its type"))
    }
}
