//! Secrets that are texts: a channel's key, what a reporter sends, a temporary password.

use std::fmt;
use zeroize::Zeroizing;

/// A secret. Its Debug does not show it, it has no Display, and its memory is wiped.
///
/// It does not compare: whoever may check it compares digests, in constant time.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes a value into custody.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value, for hashing it or handing it out once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_text_does_not_show_itself_in_debug() {
        let secret = SecretText::new("tk_jaki_a");
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "SecretText(…) Some(\n    SecretText(…),\n)");
        assert_eq!(secret.expose(), "tk_jaki_a");
    }
}
