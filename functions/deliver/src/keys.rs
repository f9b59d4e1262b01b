//! The vault's keys: asks KMS to unwrap content keys, and only under keys that the stack names.

use aws_failure::Failure;
use aws_sdk_kms::{Client, primitives::Blob, types::EncryptionAlgorithmSpec::RsaesOaepSha256};
use runtime::settings::SettingError;
use store::vault::{ContentKey, EncryptedIdentity};

/// The keys that identities may be encrypted under: the present one, and during a rotation the one before.
pub(crate) struct Keys {
    kms: Client,
    names: Vec<String>,
}

impl Keys {
    /// Reads `names`, the setting `VAULT_KEYS`: names of keys with commas between them.
    pub(crate) fn new(kms: Client, names: &str) -> Result<Self, SettingError> {
        let names: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).collect();
        if names.iter().any(String::is_empty) {
            return Err(SettingError::Invalid("VAULT_KEYS"));
        }
        Ok(Self { kms, names })
    }

    /// Has KMS unwrap the key that an identity is encrypted with.
    ///
    /// A row that names a key other than the stack's is refused without a call: whoever can write a row must not choose which
    /// key is called.
    pub(crate) async fn content_key(&self, encrypted: &EncryptedIdentity) -> Result<ContentKey, Failure> {
        let name = self
            .names
            .iter()
            .find(|name| *name == encrypted.key_name())
            .ok_or(Failure::Bug("vault key of others"))?;
        let unwrapped = self
            .kms
            .decrypt()
            .key_id(name)
            .encryption_algorithm(RsaesOaepSha256)
            .ciphertext_blob(Blob::new(encrypted.wrapped_key()))
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let bytes = unwrapped.plaintext.map(Blob::into_inner).ok_or(Failure::Bug("content key missing"))?;
        ContentKey::new(bytes).map_err(|_| Failure::Bug("content key of another length"))
    }
}
