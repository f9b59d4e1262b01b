//! What everybody may know of the city, as `tuntas city apply` prepared it. A table of its own, so that its reader can read nothing
//! of the registry, which also has the digests of channels' keys.

use crate::{Failure, cached_items::CachedItems, dynamodb_items::read};
use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use serde::Deserialize;

/// The key of the item that is the body of `GET /v1/city`.
pub const BODY: &str = "city";

/// A reader of the table.
pub struct PublicCity {
    items: CachedItems,
}

#[derive(Deserialize)]
struct Prepared {
    body: String,
}

impl PublicCity {
    /// A reader of `table` with an empty cache.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { items: CachedItems::new(client, table) }
    }

    /// The body of `GET /v1/city`, JSON; `None` before a city was applied for the first time.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn body(&self, now: Timestamp) -> Result<Option<String>, Failure> {
        let item = self.items.get(BODY.to_owned(), now).await?;
        let prepared = item.map(|item| read(item, "stored city does not fit its type")).transpose()?;
        Ok(prepared.map(|Prepared { body }| body))
    }
}
