//! The codes of areas: the named parts of a city's map.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The code of an area: 1–40 of `a–z 0–9 - .`, such as the official `31.71.01.1001`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct AreaCode(String);

impl AreaCode {
    /// Reads a code exactly; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=40).contains(&text.len());
        let plain =
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'));
        (fits && plain).then(|| Self(text.to_owned()))
    }

    /// The code as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not the code of an area.
#[derive(Debug, thiserror::Error)]
#[error("not the code of an area")]
pub struct NotAnAreaCode;

impl TryFrom<String> for AreaCode {
    type Error = NotAnAreaCode;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(NotAnAreaCode)
    }
}

impl From<AreaCode> for String {
    fn from(code: AreaCode) -> Self {
        code.0
    }
}
