//! Items of a table that change seldom: read by key, and kept for a minute.

use crate::{
    Failure,
    dynamodb_items::{Item, text},
};
use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How long an entry, or its absence, stays in the cache.
pub const CACHED_FOR: SignedDuration = SignedDuration::from_secs(60);
/// The most entries in the cache, more than any city has. When there are more the cache is cleared, so that made-up codes
/// cannot fill it.
const MOST: usize = 4096;

/// A reader of a table whose key is `pk` alone.
pub(crate) struct CachedItems {
    client: Client,
    table: String,
    kept: Mutex<HashMap<String, (Timestamp, Option<Item>)>>,
    /// One for each key that was read: whoever needs an entry while it is being read waits for that.
    reading: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl CachedItems {
    pub(crate) fn new(client: Client, table: String) -> Self {
        Self { client, table, kept: Mutex::default(), reading: Mutex::default() }
    }

    /// An item from the cache if it was read within the last minute, else from the table.
    pub(crate) async fn get(&self, key: String, now: Timestamp) -> Result<Option<Item>, Failure> {
        if let Some(item) = self.kept(&key, now) {
            return Ok(item);
        }
        let reading = {
            let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
            if reading.len() >= MOST {
                reading.clear();
            }
            Arc::clone(reading.entry(key.clone()).or_default())
        };
        let _alone = reading.lock().await;
        match self.kept(&key, now) {
            Some(item) => Ok(item),
            None => self.read(key, now, false).await,
        }
    }

    fn kept(&self, key: &str, now: Timestamp) -> Option<Option<Item>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, item) = kept.get(key)?;
        (now.duration_since(*read_at) < CACHED_FOR).then(|| item.clone())
    }

    /// An item as it stands in the table now.
    pub(crate) async fn read_anew(&self, key: String, now: Timestamp) -> Result<Option<Item>, Failure> {
        self.read(key, now, true).await
    }

    async fn read(&self, key: String, now: Timestamp, consistent: bool) -> Result<Option<Item>, Failure> {
        let get = self.client.get_item().table_name(&self.table).key("pk", text(&key));
        let found = get.consistent_read(consistent).send().await;
        let item = found.map_err(|error| Failure::of(&error))?.item;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, (now, item.clone()));
        Ok(item)
    }
}
