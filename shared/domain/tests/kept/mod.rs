//! What a model keeps, known by a digest.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{
    cmp::Ordering,
    hash::{DefaultHasher, Hash, Hasher},
    ops::Deref,
    sync::Arc,
};

/// Something that is stored or on its way, known by a digest of its stored form: cheap to copy, compare and hash.
pub(crate) struct Kept<T>(Arc<(u64, T)>);

impl<T> Kept<T> {
    pub(crate) fn digest(&self) -> u64 {
        self.0.0
    }

    pub(crate) fn by(digest: impl Hash, value: T) -> Self {
        let mut hasher = DefaultHasher::new();
        digest.hash(&mut hasher);
        Self(Arc::new((hasher.finish(), value)))
    }
}

impl<T: serde::Serialize> Kept<T> {
    pub(crate) fn new(value: T) -> Self {
        let stored = serde_json::to_string(&value).expect("what is stored can be written");
        Self::by(stored, value)
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Kept<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0.1
    }
}

impl<T> PartialEq for Kept<T> {
    fn eq(&self, other: &Self) -> bool {
        self.digest() == other.digest()
    }
}

impl<T> Eq for Kept<T> {}

impl<T> PartialOrd for Kept<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Kept<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.digest().cmp(&other.digest())
    }
}

impl<T> Hash for Kept<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest().hash(state);
    }
}

impl<T> std::fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:04x}", self.digest() & 0xFFFF)
    }
}
