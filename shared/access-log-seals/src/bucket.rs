//! The bucket of sealed objects.

use crate::sealed_hour::{PREFIX, hour_of, key};
use aws_failure::Failure;
use aws_sdk_s3::{Client, operation::get_object::GetObjectError, primitives::ByteStream};
use std::collections::BTreeMap;
use store::access_log::Hour;

/// How far back the newest sealed hour is first looked for: the keys of some days fit into one answer.
const RECENT: u16 = 72;

/// A client of the bucket of sealed objects.
pub struct Bucket {
    client: Client,
    bucket: String,
}

/// The result of putting an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// The object was put.
    Done,
    /// There was an object already, which stays.
    WasThere,
}

/// What the bucket holds under one key.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stored {
    /// The versions, the first one last.
    pub versions: Vec<String>,
    /// How often somebody deleted it, without being able to delete a version.
    pub delete_markers: usize,
}

impl Stored {
    /// The version that counts, the first: the lock keeps it, whatever is put or deleted later.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.versions.last().map(String::as_str)
    }

    /// Whether there is nothing but one version: nobody put a second one, and nobody hid it.
    #[must_use]
    pub fn is_put_once(&self) -> bool {
        self.versions.len() == 1 && self.delete_markers == 0
    }

    /// Whether nothing was ever put or deleted under this key.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.versions.is_empty() && self.delete_markers == 0
    }
}

impl Bucket {
    /// A client of the bucket named `bucket`.
    #[must_use]
    pub fn new(client: Client, bucket: String) -> Self {
        Self { client, bucket }
    }

    /// The newest hour that is sealed, of those up to `last`, the last that is complete.
    ///
    /// Objects of later hours, which only somebody other than `seal` can have put, are the audit's to find. Sealing goes on
    /// as if they were not there.
    ///
    /// # Errors
    /// When the bucket could not be listed.
    pub async fn newest(&self, last: Hour) -> Result<Option<Hour>, Failure> {
        match self.newest_after(&key(last.before(RECENT)), last).await? {
            // Nothing for days: after a long outage, or before the first seal.
            None => self.newest_after(PREFIX, last).await,
            newest => Ok(newest),
        }
    }

    async fn newest_after(&self, start: &str, last: Hour) -> Result<Option<Hour>, Failure> {
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(PREFIX)
            .start_after(start)
            .into_paginator()
            .send();
        let mut newest = None;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Failure::of(&error))?;
            newest = newest.max(newest_of(page.contents().iter().filter_map(|object| object.key()), last));
        }
        Ok(newest)
    }

    /// The object of an hour as it stands now; `None` when there is none.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn find(&self, hour: Hour) -> Result<Option<Vec<u8>>, Failure> {
        let get = self.client.get_object().bucket(&self.bucket).key(key(hour));
        match get.send().await {
            Ok(object) => whole(object.body).await.map(Some),
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => Ok(None),
            Err(error) => Err(Failure::of(&error)),
        }
    }

    /// One version of the object of an hour.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn get_version(&self, hour: Hour, version: &str) -> Result<Vec<u8>, Failure> {
        let get = self.client.get_object().bucket(&self.bucket).key(key(hour)).version_id(version);
        whole(get.send().await.map_err(|error| Failure::of(&error))?.body).await
    }

    /// Puts the object of an hour, if there is none.
    ///
    /// # Errors
    /// When it could not be put.
    pub async fn put_new(&self, hour: Hour, bytes: Vec<u8>) -> Result<Put, Failure> {
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key(hour))
            .content_type("application/json")
            .if_none_match("*")
            .body(bytes.into());
        match put.send().await.map_err(|error| Failure::of(&error)) {
            Ok(_) => Ok(Put::Done),
            Err(Failure::Conflict) => Ok(Put::WasThere),
            Err(failure) => Err(failure),
        }
    }

    /// Everything that the bucket holds, with what is hidden by deletion. For an operator's audit.
    ///
    /// # Errors
    /// When the bucket could not be listed.
    pub async fn everything(&self) -> Result<BTreeMap<String, Stored>, Failure> {
        self.under("").await
    }

    /// What the bucket holds of an hour, with what is hidden by deletion. For an operator's question.
    ///
    /// # Errors
    /// When the bucket could not be listed.
    pub async fn of_hour(&self, hour: Hour) -> Result<Stored, Failure> {
        let key = key(hour);
        Ok(self.under(&key).await?.remove(&key).unwrap_or_default())
    }

    async fn under(&self, prefix: &str) -> Result<BTreeMap<String, Stored>, Failure> {
        let mut found: BTreeMap<String, Stored> = BTreeMap::new();
        let (mut key, mut version) = (None, None);
        loop {
            let page = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix);
            let page = page.set_key_marker(key).set_version_id_marker(version).send().await;
            let page = page.map_err(|error| Failure::of(&error))?;
            for object in page.versions() {
                let stored = found.entry(object.key().unwrap_or_default().to_owned()).or_default();
                stored.versions.push(object.version_id().unwrap_or_default().to_owned());
            }
            for marker in page.delete_markers() {
                found.entry(marker.key().unwrap_or_default().to_owned()).or_default().delete_markers += 1;
            }
            if page.is_truncated() != Some(true) {
                return Ok(found);
            }
            (key, version) = (page.next_key_marker, page.next_version_id_marker);
        }
    }
}

async fn whole(body: ByteStream) -> Result<Vec<u8>, Failure> {
    Ok(body.collect().await.map_err(|_| Failure::Unavailable)?.to_vec())
}

fn newest_of<'a>(keys: impl Iterator<Item = &'a str>, last: Hour) -> Option<Hour> {
    keys.filter_map(hour_of).filter(|hour| *hour <= last).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_an_hour_that_is_not_complete_does_not_stop_sealing() {
        let hour = |text| Hour::parse(text).unwrap();
        let keys = ["2026-11-23T20", "2026-11-23T21", "2026-11-23T22", "2199-01-01T00"]
            .map(|hour| format!("hours/{hour}.json"));
        let keys = || keys.iter().map(String::as_str).chain(["hours/notes.txt"]);
        assert_eq!(newest_of(keys(), hour("2026-11-23T21")), Some(hour("2026-11-23T21")));
        assert_eq!(newest_of(keys(), hour("2026-11-23T19")), None);
        assert_eq!(newest_of(keys(), hour("2026-11-24T05")), Some(hour("2026-11-23T22")));
    }
}
