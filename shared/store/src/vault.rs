//! The identity vault: sealed by `submit`, opened by nobody who handles a report.
//!
//! Each identity has a fresh AES-256-GCM key, wrapped with RSA-OAEP-SHA-256 under the public half of the vault's KMS key. So
//! sealing calls nothing and needs no right to open. The ticket and the vault key's name are bound in as associated data: a
//! row that is moved to another ticket does not open.

use crate::items::{Item, text};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey},
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::{submission::Contact, ticket::Ticket};
use zeroize::Zeroizing;

/// Every identity has this length before it is sealed, so that the row says nothing of how much is known.
///
/// The longest: 512 bytes of contact, each of which JSON may escape to two, and the names of four fields.
const PADDED: usize = 1280;

/// Seals identities under the vault's public key.
pub struct Sealer {
    name: String,
    public: OaepPublicEncryptingKey,
}

/// Sealing was not possible; nothing of the identity is told.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the identity could not be sealed")]
pub struct NotSealed;

/// Fresh randomness for one identity.
pub struct SealingEntropy {
    /// The content key.
    pub key: Zeroizing<[u8; 32]>,
    /// The nonce of the one message that this key ever seals.
    pub nonce: [u8; 12],
}

/// A sealed identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    key_name: String,
    wrapped_key: Vec<u8>,
    nonce: [u8; 12],
    ciphertext: Vec<u8>,
}

impl Sealer {
    /// A sealer for the key `name` with this public half (DER, SubjectPublicKeyInfo, as `kms:GetPublicKey` gives it).
    ///
    /// # Errors
    /// When it is no RSA key.
    pub fn new(name: String, public_der: &[u8]) -> Result<Self, NotSealed> {
        let public = PublicEncryptingKey::from_der(public_der).map_err(|_| NotSealed)?;
        let public = OaepPublicEncryptingKey::new(public).map_err(|_| NotSealed)?;
        Ok(Self { name, public })
    }

    /// Seals an identity for its row.
    ///
    /// # Errors
    /// When it is longer than any identity that `submit` accepts, or the cipher fails.
    pub fn seal(
        &self,
        ticket: &Ticket,
        contact: &Contact,
        entropy: SealingEntropy,
    ) -> Result<Sealed, NotSealed> {
        let json = Zeroizing::new(serde_json::to_vec(contact).map_err(|_| NotSealed)?);
        let length = u16::try_from(json.len()).map_err(|_| NotSealed)?;
        let mut padded = Zeroizing::new(vec![0; PADDED]);
        padded[..2].copy_from_slice(&length.to_be_bytes());
        padded.get_mut(2..2 + json.len()).ok_or(NotSealed)?.copy_from_slice(&json);

        let mut wrapped_key = vec![0; self.public.ciphertext_size()];
        self.public
            .encrypt(&OAEP_SHA256_MGF1SHA256, entropy.key.as_slice(), &mut wrapped_key, None)
            .map_err(|_| NotSealed)?;
        let key = UnboundKey::new(&AES_256_GCM, entropy.key.as_slice()).map_err(|_| NotSealed)?;
        let key = LessSafeKey::new(key);
        let nonce = Nonce::assume_unique_for_key(entropy.nonce);
        let bound = Aad::from(associated_data(&self.name, ticket));
        // In place: no second copy of the plaintext is left behind.
        let tag =
            key.seal_in_place_separate_tag(nonce, bound, padded.as_mut_slice()).map_err(|_| NotSealed)?;
        let mut ciphertext = padded.to_vec();
        ciphertext.extend_from_slice(tag.as_ref());
        Ok(Sealed { key_name: self.name.clone(), wrapped_key, nonce: entropy.nonce, ciphertext })
    }
}

fn associated_data(key_name: &str, ticket: &Ticket) -> Vec<u8> {
    ["tuntas vault 1", key_name, ticket.as_str()].join("\0").into_bytes()
}

impl Sealed {
    /// The vault's row.
    pub(crate) fn item(&self, ticket: &Ticket) -> Item {
        let blob = |bytes: &[u8]| AttributeValue::B(Blob::new(bytes));
        Item::from([
            ("pk".into(), text(ticket.as_str())),
            ("key_name".into(), text(&self.key_name)),
            ("wrapped_key".into(), blob(&self.wrapped_key)),
            ("nonce".into(), blob(&self.nonce)),
            ("ciphertext".into(), blob(&self.ciphertext)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::{
        encoding::AsDer,
        rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey},
    };
    use std::sync::LazyLock;

    static PRIVATE: LazyLock<PrivateDecryptingKey> =
        LazyLock::new(|| PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap());

    fn sealer() -> Sealer {
        let public: aws_lc_rs::encoding::PublicKeyX509Der<'_> = PRIVATE.public_key().as_der().unwrap();
        Sealer::new("key-1".into(), public.as_ref()).unwrap()
    }

    fn open(sealed: &Sealed, ticket: &Ticket) -> Option<Vec<u8>> {
        let private = OaepPrivateDecryptingKey::new(PRIVATE.clone()).unwrap();
        let mut key = vec![0; private.min_output_size()];
        let key = private.decrypt(&OAEP_SHA256_MGF1SHA256, &sealed.wrapped_key, &mut key, None).ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
        let mut bytes = sealed.ciphertext.clone();
        let bound = Aad::from(associated_data(&sealed.key_name, ticket));
        let plain = key.open_in_place(Nonce::assume_unique_for_key(sealed.nonce), bound, &mut bytes).ok()?;
        let length = usize::from(u16::from_be_bytes([plain[0], plain[1]]));
        Some(plain[2..2 + length].to_vec())
    }

    fn entropy() -> SealingEntropy {
        SealingEntropy { key: Zeroizing::new([7; 32]), nonce: [9; 12] }
    }

    #[test]
    fn the_private_half_opens_it_for_its_own_ticket_only() {
        let (ticket, other) = (Ticket::from_mac(&[1; 32]), Ticket::from_mac(&[2; 32]));
        let contact = Contact { name: Some("Budi".into()), ..Contact::default() };
        let sealed = sealer().seal(&ticket, &contact, entropy()).unwrap();
        assert_eq!(open(&sealed, &ticket).unwrap(), br#"{"name":"Budi"}"#);
        assert!(open(&sealed, &other).is_none());
    }

    #[test]
    fn every_identity_has_one_length_also_the_longest_and_none() {
        let ticket = Ticket::from_mac(&[1; 32]);
        let longest = Contact { name: Some("\"".repeat(512)), ..Contact::default() };
        let lengths = [Contact::default(), longest]
            .map(|contact| sealer().seal(&ticket, &contact, entropy()).unwrap().ciphertext.len());
        assert_eq!(lengths, [PADDED + 16; 2]);
    }
}
