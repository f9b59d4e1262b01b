//! Sealing: makes the object of an hour from its entries.

use crate::{
    bucket::{Bucket, Put},
    merkle_tree::Hash,
    sealed_hour::{Leaf, Sealed},
};
use aws_failure::Failure;
use jiff::{SignedDuration, Timestamp};
use store::access_log::{Accesses, Hour};

/// How long after its end an hour is sealed.
///
/// Nothing may be added to an hour that is sealed. A function writes its look at most ten seconds after it read the clock,
/// and the index follows the table within moments; the rest is for clocks that are wrong and for bad days.
pub const COMPLETE_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// How many hours the first seal looks back for entries that were made before it: a week.
const LOOK_BACK: u16 = 168;

/// Seals the hours that are due.
pub struct Sealer {
    accesses: Accesses,
    bucket: Bucket,
}

/// The hours that are to be sealed now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// The hash of the object that the first of these hours follows.
    pub previous: Option<Hash>,
    first: Hour,
    last: Hour,
}

impl Due {
    /// The hours to seal, oldest first.
    pub fn hours(self) -> impl Iterator<Item = Hour> {
        std::iter::successors(Some(self.first), |hour| Some(hour.next()))
            .take_while(move |hour| *hour <= self.last)
    }
}

impl Sealer {
    /// A sealer of this log into this bucket.
    #[must_use]
    pub fn new(accesses: Accesses, bucket: Bucket) -> Self {
        Self { accesses, bucket }
    }

    /// Every complete hour after the newest that is sealed, also those without entries: a gap is never normal. The very first
    /// seal is of the oldest hour of the past week that has entries.
    ///
    /// # Errors
    /// When it could not be found out.
    pub async fn due(&self, now: Timestamp) -> Result<Due, Failure> {
        let last = Hour::last_complete(now, COMPLETE_AFTER);
        if let Some(newest) = self.bucket.newest(last).await? {
            return Ok(Due { previous: Some(self.hash_of(newest).await?), first: newest.next(), last });
        }
        let mut first = last.before(LOOK_BACK);
        while first < last && !self.accesses.has(first).await? {
            first = first.next();
        }
        Ok(Due { previous: None, first, last })
    }

    /// Seals one hour after the object that has the hash `previous`, and returns the hash of the new object.
    ///
    /// # Errors
    /// When it could not be sealed.
    pub async fn seal(&self, hour: Hour, previous: Option<Hash>) -> Result<Hash, Failure> {
        let mut entries = Vec::new();
        self.accesses.of_hour(hour, |entry| entries.push(Leaf::from(entry))).await?;
        let bytes =
            Sealed::new(hour, previous, entries).to_bytes().map_err(|_| Failure::Bug("seal not written"))?;
        let hash = Hash::of(&bytes);
        match self.bucket.put_new(hour, bytes).await? {
            Put::Done => Ok(hash),
            Put::WasThere => self.hash_of(hour).await,
        }
    }

    async fn hash_of(&self, hour: Hour) -> Result<Hash, Failure> {
        Ok(Hash::of(&self.bucket.find(hour).await?.ok_or(Failure::Bug("sealed hour not found"))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_due_one_after_the_other() {
        let hour = |text| Hour::parse(text).unwrap();
        let (first, last) = (hour("2026-11-23T22"), hour("2026-11-24T01"));
        let due = Due { previous: None, first, last };
        let hours: Vec<String> = due.hours().map(|hour| hour.to_string()).collect();
        assert_eq!(hours, ["2026-11-23T22", "2026-11-23T23", "2026-11-24T00", "2026-11-24T01"]);
        assert_eq!(Due { first: last.next(), ..due }.hours().count(), 0);
    }
}
