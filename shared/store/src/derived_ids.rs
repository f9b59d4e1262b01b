//! Ids that are derived instead of drawn: the same parts always give the same id, so that one read finds what a repeated
//! request left.
//!
//! A NUL separates the parts, so only the last one may hold one.

use crate::digest;
use domain::ids::{EventId, PhotoId};

/// The id of an event, derived from these parts.
#[must_use]
pub fn event(parts: &[&str]) -> EventId {
    EventId::from_bytes(&digest::first(&of(parts)))
}

/// The id of a photo, derived from these parts.
#[must_use]
pub fn photo(parts: &[&str]) -> PhotoId {
    PhotoId::from_bytes(&digest::first(&of(parts)))
}

fn of(parts: &[&str]) -> [u8; 32] {
    digest::raw(parts.join("\0").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_have_the_same_id_and_others_another() {
        assert_eq!(event(&["a", "b"]), event(&["a", "b"]));
        assert!(
            [&["a", "c"][..], &["ab"], &["", "ab"], &["a"]]
                .iter()
                .all(|other| event(other) != event(&["a", "b"]))
        );
        assert_ne!(photo(&["a"]), photo(&["b"]));
    }

    /// A command that is repeated after a deployment must find its event.
    #[test]
    fn ids_stay_as_they_are() {
        assert_eq!(event(&["ticket", "officer", "key"]).as_str(), "ZMPRDQFS01Q70NSYNZ0Y6NK9XH");
        assert_eq!(photo(&["event 0"]).as_str(), "BFQAYGKYW2ZWT6KV");
    }
}
