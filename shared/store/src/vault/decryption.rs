//! Decrypting an identity: what `deliver` alone can do, because it alone gets the content key unwrapped.
//!
//! Kept apart from encrypting and from the table: this needs no right at all, and is worth nothing without the key.

use super::{EncryptedIdentity, PADDED, associated_data};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use domain::{ticket::Ticket, unit::Code};
use serde::Deserialize;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// How a reporter can be reached. Wiped when dropped; Debug shows none of it.
///
/// The name stays encrypted: no message needs it.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Identity {
    /// The channel that they came by.
    #[zeroize(skip)]
    pub channel: Code,
    /// The telephone number of the reporter.
    #[serde(default)]
    pub phone: Option<String>,
    /// The e-mail address of the reporter.
    #[serde(default)]
    pub email: Option<String>,
    /// What the channel knows them by.
    #[serde(default)]
    pub channel_ref: Option<String>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// The key that one identity is encrypted with, as KMS unwraps it. Wiped when dropped.
pub struct ContentKey(LessSafeKey);

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(…)")
    }
}

/// The row could not be decrypted; the error holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the identity could not be decrypted")]
pub struct NotDecrypted;

impl ContentKey {
    /// Makes the key from these bytes, which are wiped.
    ///
    /// # Errors
    /// When they are not 32.
    pub fn new(bytes: Vec<u8>) -> Result<Self, NotDecrypted> {
        let bytes = Zeroizing::new(bytes);
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| NotDecrypted)?;
        Ok(Self(LessSafeKey::new(key)))
    }
}

impl EncryptedIdentity {
    /// The name of the vault key that wraps the content key.
    #[must_use]
    pub fn key_name(&self) -> &str {
        &self.key_name
    }

    /// The wrapped content key, for KMS to unwrap.
    #[must_use]
    pub fn wrapped_key(&self) -> &[u8] {
        &self.wrapped_key
    }

    /// Opens the identity of this ticket's row.
    ///
    /// # Errors
    /// When it was encrypted for another ticket or under another name, with another key, or was changed since.
    pub fn decrypt(&self, ticket: &Ticket, key: &ContentKey) -> Result<Identity, NotDecrypted> {
        let mut bytes = Zeroizing::new(self.ciphertext.clone());
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let bound = Aad::from(associated_data(&self.key_name, ticket));
        // Decrypts in place, so that no second copy of the plaintext remains.
        let plain = key.0.open_in_place(nonce, bound, bytes.as_mut_slice()).map_err(|_| NotDecrypted)?;
        if plain.len() != PADDED {
            return Err(NotDecrypted);
        }
        let (length, rest) = plain.split_first_chunk::<2>().ok_or(NotDecrypted)?;
        let json = rest.get(..usize::from(u16::from_be_bytes(*length))).ok_or(NotDecrypted)?;
        serde_json::from_slice(json).map_err(|_| NotDecrypted)
    }
}
