//! The languages that the system writes.

use crate::wire_enum::wire_enum;

wire_enum!(
    /// The language that somebody reads.
    Language {
        /// Bahasa Indonesia.
        Id = "id",
        /// English.
        En = "en",
    }
);

impl Language {
    /// The language of a tag (RFC 5646), whatever region or script it names; `_` for `-` as POSIX writes it. `in` is what old
    /// Java runtimes still send for Indonesian.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "id" | "in" => Some(Self::Id),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}
