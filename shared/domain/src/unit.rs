//! Units and their codes.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A code of the registry: 1–40 of `a–z 0–9 -`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct Code(String);

impl Code {
    /// Reads a code exactly; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=40).contains(&text.len());
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (fits && plain).then(|| Self(text.to_owned()))
    }

    /// A code that no unit of a registry can have, if the text has a blank in it.
    pub(crate) fn of_no_unit(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The code as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a code of the registry.
#[derive(Debug, thiserror::Error)]
#[error("not a code")]
pub struct NotACode;

impl TryFrom<String> for Code {
    type Error = NotACode;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(NotACode)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

/// A unit with its place in the tree.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unit {
    /// The unit's own code.
    pub code: Code,
    /// Its own code, its parent's, and so on up to the root.
    pub path: Vec<Code>,
}

impl Unit {
    /// Whether `other` is the parent of this unit.
    #[must_use]
    pub fn is_child_of(&self, other: &Code) -> bool {
        self.path.get(1) == Some(other)
    }
}
