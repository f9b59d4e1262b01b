//! The sealed object of an hour: what was in the access log then, as random ids and hashes.
//!
//! ```json
//! {"format":"tuntas-access-seal/1","hour":"2026-11-23T21","previous":"<hash>","count":1,"root":"<hash>",
//!  "entries":[{"id":"<half an id>","leaf":"<hash>"}]}
//! ```
//!
//! `previous` is the hash of the whole object of the hour before, byte by byte; null in the first. `id` is the first half of an
//! entry's id. The other half, which is random too, is part of what is hashed and not told, so that nobody can guess an entry
//! and try its hash. `entries` stand in the order of `id`, and `root` is the root of the tree of their leaves in this order.
//! The object is this JSON without any space, and a line feed.

use crate::merkle_tree::Hash;
use serde::{Deserialize, Serialize};
use store::access_log::{Entry, Hour};

const FORMAT: &str = "tuntas-access-seal/1";

/// The prefix of every sealed object.
pub const PREFIX: &str = "hours/";

/// The key of an hour's sealed object.
#[must_use]
pub fn key(hour: Hour) -> String {
    format!("{PREFIX}{hour}.json")
}

/// The hour whose sealed object has this key.
#[must_use]
pub fn hour_of(key: &str) -> Option<Hour> {
    Hour::parse(key.strip_prefix(PREFIX)?.strip_suffix(".json")?)
}

/// How many symbols of an entry's id the sealed object has: 65 bits, enough to name it by.
const NAMED_BY: usize = 13;

/// An entry of the log as the sealed object has it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// The first half of the entry's id.
    pub id: String,
    /// The hash of the whole entry.
    pub leaf: Hash,
}

impl From<Entry> for Leaf {
    fn from(entry: Entry) -> Self {
        Self { id: entry.id.chars().take(NAMED_BY).collect(), leaf: Hash::of_leaf(&entry.bytes) }
    }
}

/// The content of an hour's sealed object.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    format: String,
    hour: String,
    previous: Option<Hash>,
    count: usize,
    root: Hash,
    entries: Vec<Leaf>,
}

/// Why an object is no sealed hour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
pub enum Damage {
    /// The object has not exactly this form.
    #[error("the sealed object cannot be read, or is not as it was written")]
    Unreadable,
    /// The object says that it is of another hour.
    #[error("the sealed object says that it is of another hour")]
    OtherHour,
    /// The entries are not in the order of their ids.
    #[error("the entries of the sealed object are not in their order")]
    Reordered,
    /// The number of entries is not the one that the object gives.
    #[error("the sealed object does not hold as many entries as it says")]
    Miscounted,
    /// The root is not that of the entries.
    #[error("the root of the sealed object is not that of its entries")]
    OtherRoot,
}

impl Sealed {
    /// Seals these entries, in whatever order they come.
    #[must_use]
    pub fn new(hour: Hour, previous: Option<Hash>, mut entries: Vec<Leaf>) -> Self {
        entries.sort_unstable();
        Self {
            format: FORMAT.to_owned(),
            hour: hour.to_string(),
            previous,
            count: entries.len(),
            root: root(&entries),
            entries,
        }
    }

    /// The bytes of the object, always the same for the same entries.
    ///
    /// # Errors
    /// Never for what [`Sealed::new`] made.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Damage> {
        let mut bytes = serde_json::to_vec(self).map_err(|_| Damage::Unreadable)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the object of an hour and checks that it is consistent.
    ///
    /// # Errors
    /// How the object is damaged.
    pub fn read(hour: Hour, bytes: &[u8]) -> Result<Self, Damage> {
        let sealed: Self = serde_json::from_slice(bytes).map_err(|_| Damage::Unreadable)?;
        if sealed.format != FORMAT || sealed.to_bytes()? != bytes {
            return Err(Damage::Unreadable);
        }
        if sealed.hour != hour.to_string() {
            return Err(Damage::OtherHour);
        }
        if sealed.count != sealed.entries.len() {
            return Err(Damage::Miscounted);
        }
        if !sealed.entries.is_sorted() {
            return Err(Damage::Reordered);
        }
        if sealed.root != root(&sealed.entries) {
            return Err(Damage::OtherRoot);
        }
        Ok(sealed)
    }

    /// The hash of the object of the hour before.
    #[must_use]
    pub fn previous(&self) -> Option<Hash> {
        self.previous
    }

    /// The entries, in the order of their ids.
    #[must_use]
    pub fn entries(&self) -> &[Leaf] {
        &self.entries
    }

    /// The entries, in the order of their ids.
    #[must_use]
    pub fn into_entries(self) -> Vec<Leaf> {
        self.entries
    }
}

fn root(entries: &[Leaf]) -> Hash {
    let leaves: Vec<Hash> = entries.iter().map(|entry| entry.leaf).collect();
    Hash::of_tree(&leaves)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour() -> Hour {
        Hour::parse("2026-11-23T21").unwrap()
    }

    fn leaf(id: &str) -> Leaf {
        Leaf { id: id.to_owned(), leaf: Hash::of_leaf(id.as_bytes()) }
    }

    #[test]
    fn a_key_names_its_hour() {
        assert_eq!(key(hour()), "hours/2026-11-23T21.json");
        assert_eq!(hour_of(&key(hour())), Some(hour()));
        for other in ["hours/", "hours/2026-11-23T21", "2026-11-23T21.json", "hours/2026-11-23T25.json"] {
            assert_eq!(hour_of(other), None);
        }
    }

    /// The form is fixed: the hash of every object stands in the one after.
    #[test]
    fn the_form_is_what_it_always_was() {
        let sealed = Sealed::new(hour(), Some(Hash::of(b"")), vec![leaf("B"), leaf("A")]);
        let bytes = sealed.to_bytes().unwrap();
        let (empty, root) = (Hash::of(b""), Hash::of_tree(&[leaf("A").leaf, leaf("B").leaf]));
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            format!(
                "{{\"format\":\"tuntas-access-seal/1\",\"hour\":\"2026-11-23T21\",\"previous\":\"{empty}\",\"count\":2,\
                 \"root\":\"{root}\",\"entries\":[{{\"id\":\"A\",\"leaf\":\"{}\"}},{{\"id\":\"B\",\"leaf\":\"{}\"}}]}}\n",
                leaf("A").leaf,
                leaf("B").leaf
            )
        );
        assert_eq!(Sealed::read(hour(), &bytes), Ok(sealed));
    }

    #[test]
    fn what_was_done_to_an_object_is_told() {
        let sealed = Sealed::new(hour(), None, vec![leaf("A"), leaf("B"), leaf("C")]);
        let damaged = |change: &dyn Fn(&mut Sealed)| {
            let mut sealed = sealed.clone();
            change(&mut sealed);
            Sealed::read(hour(), &sealed.to_bytes().unwrap()).unwrap_err()
        };
        assert_eq!(damaged(&|sealed| sealed.entries.swap(0, 2)), Damage::Reordered);
        assert_eq!(damaged(&|sealed| drop(sealed.entries.pop())), Damage::Miscounted);
        assert_eq!(damaged(&|sealed| sealed.root = Hash::of(b"")), Damage::OtherRoot);
        assert_eq!(damaged(&|sealed| sealed.entries[1].leaf = Hash::of(b"")), Damage::OtherRoot);
        assert_eq!(damaged(&|sealed| sealed.hour = "2026-11-23T22".into()), Damage::OtherHour);
        assert_eq!(damaged(&|sealed| sealed.format = "another".into()), Damage::Unreadable);
        let mut spaced = sealed.to_bytes().unwrap();
        spaced.push(b'\n');
        assert_eq!(Sealed::read(hour(), &spaced), Err(Damage::Unreadable));
    }
}
