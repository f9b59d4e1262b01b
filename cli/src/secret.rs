//! Values that are shown once: a channel's key, a temporary password.

use serde::{Serialize, Serializer};
use std::fmt;

/// A secret on its way to the terminal. Its Debug does not show it; its Display and its JSON form do, for printing it is what
/// it was drawn for.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a value into custody.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value, for storing its digest or handing it to AWS.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_printed_and_not_shown_by_debug() {
        let secret = Secret::new("tk_jaki_a".to_owned());
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "Secret(…) Some(\n    Secret(…),\n)");
        assert_eq!(secret.to_string(), "tk_jaki_a");
        assert_eq!(serde_json::to_string(&secret).unwrap_or_default(), "\"tk_jaki_a\"");
    }
}
