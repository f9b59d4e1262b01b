//! Ids that are derived and not drawn: the same parts give the same id each time, so that what is repeated is found by one read.
//!
//! No part but the last may hold a NUL, which stands between them.

use crate::digest;
use domain::ids::{EventId, PhotoId};

/// The id of the event that these parts lead to.
#[must_use]
pub fn event(parts: &[&str]) -> EventId {
    EventId::from_bytes(&digest::first(&of(parts)))
}

/// The id of the photo that these parts name.
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
