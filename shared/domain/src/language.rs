//! The languages that the system writes to people.

use crate::wire_enum::wire_enum;

wire_enum!(
    /// The language of a reader.
    Language {
        /// Indonesian, the default.
        Id = "id",
        /// English, for readers who ask for it.
        En = "en",
    }
);

impl Language {
    /// The language that a tag (RFC 5646) names, whatever its region or script. POSIX writes `_` for `-`, and old Java runtimes
    /// still send `in` for Indonesian.
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
