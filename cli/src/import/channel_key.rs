//! The key that an import sends with. It comes from the environment or a file: a command line can be read by anybody on the machine.

use super::private_file;
use anyhow::Result;
use cli::exit::Refusal;
use domain::{secret_text::SecretText, unit::Code};
use std::{env, path::Path};

/// Where the key stands, if no file is named.
const VARIABLE: &str = "TUNTAS_CHANNEL_KEY";

/// A channel key.
pub(crate) struct ChannelKey(SecretText);

impl ChannelKey {
    /// The key of `channel`, of the file where one is named; `None` where there is no key at all.
    pub(crate) fn find(channel: &Code, file: Option<&Path>) -> Result<Option<Self>> {
        let text = match file {
            Some(path) => Some(
                private_file::read(path)?
                    .ok_or_else(|| Refusal::Invalid(format!("there is no file {}", path.display())))?,
            ),
            None => env::var(VARIABLE).ok().map(SecretText::new),
        };
        text.map(|text| Self::of(channel, text.expose().trim())).transpose().map_err(Into::into)
    }

    fn of(channel: &Code, text: &str) -> Result<Self, Refusal> {
        let random = text.strip_prefix("tk_").and_then(|rest| rest.strip_prefix(channel.as_str()));
        let is_one = random.and_then(|rest| rest.strip_prefix('_')).is_some_and(|random| {
            random.len() == 43
                && random.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        });
        let not_one = || Refusal::Invalid(format!("what was given is no key of the channel {channel}"));
        is_one.then(|| Self(SecretText::new(text))).ok_or_else(not_one)
    }

    /// For the header of a request.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// What to say where there is none.
pub(crate) fn missing() -> Refusal {
    Refusal::Invalid(format!("the channel's key is missing: put it into {VARIABLE}, or name a --key-file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_channels_own_and_whole() {
        let jaki = Code::parse("jaki").unwrap();
        let random = "a_-".repeat(14) + "x";
        assert!(ChannelKey::of(&jaki, &format!("tk_jaki_{random}")).is_ok());
        for bad in [
            "",
            "tk_jaki_",
            &format!("tk_wa_{random}"),
            &format!("tk_jaki_{random}x"),
            &format!("tk_jaki_{}é", &random[2..]),
        ] {
            let said = ChannelKey::of(&jaki, bad).err().expect("refused").to_string();
            assert_eq!(said, "what was given is no key of the channel jaki");
        }
    }
}
