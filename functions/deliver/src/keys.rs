//! The vault's keys: KMS unwraps, and is asked for nothing but keys that the stack names.

use aws_failure::Failure;
use aws_sdk_kms::{Client, primitives::Blob, types::EncryptionAlgorithmSpec::RsaesOaepSha256};
use runtime::settings::SettingError;
use store::vault::{ContentKey, Sealed};

/// The keys that identities may be sealed under: the present one, and while it replaces another, that one too.
pub(crate) struct Keys {
    kms: Client,
    names: Vec<String>,
}

impl Keys {
    /// `names` as the setting `VAULT_KEYS` has them, with commas.
    pub(crate) fn new(kms: Client, names: &str) -> Result<Self, SettingError> {
        let names: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).collect();
        if names.iter().any(String::is_empty) {
            return Err(SettingError::Invalid("VAULT_KEYS"));
        }
        Ok(Self { kms, names })
    }

    /// The key that an identity is sealed with.
    ///
    /// A row that names another key than the stack's is refused unasked: whoever can write a row shall not choose what is
    /// called, or whose key.
    pub(crate) async fn content_key(&self, sealed: &Sealed) -> Result<ContentKey, Failure> {
        let name = self
            .names
            .iter()
            .find(|name| *name == sealed.key_name())
            .ok_or(Failure::Bug("vault key of others"))?;
        let unwrapped = self
            .kms
            .decrypt()
            .key_id(name)
            .encryption_algorithm(RsaesOaepSha256)
            .ciphertext_blob(Blob::new(sealed.wrapped_key()))
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let bytes = unwrapped.plaintext.map(Blob::into_inner).ok_or(Failure::Bug("content key missing"))?;
        ContentKey::new(bytes).map_err(|_| Failure::Bug("content key of another length"))
    }
}
