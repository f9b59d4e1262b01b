//! The identity vault: encrypted by `submit`, decrypted by `deliver`, and by no function that handles reports.
//!
//! Each identity has a fresh AES-256-GCM key, wrapped with RSA-OAEP-SHA-256 under the public half of the vault's KMS key. So
//! encrypting calls nothing and needs no right to decrypt. The ticket and the vault key's name are bound in as associated data: a
//! row that is moved to another ticket cannot be decrypted. The channel's code is encrypted with the identity:
//! `deliver` sends the channel's reference (`channel_ref`) to that channel alone, whatever a message about the report says.

mod decryption;
mod rows;

pub use decryption::{ContentKey, Identity, NotDecrypted};
pub use rows::{Row, Vault};

use crate::dynamodb_items::{expire, text};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey},
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::{submission::Contact, ticket::Ticket, unit::Code};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashMap;
use zeroize::Zeroizing;

/// Every identity is padded to this length before it is encrypted, so that a row does not tell how much is known.
///
/// The longest: 512 bytes of contact, each of which JSON may escape to two, a channel's code of 40, and the names of five fields.
const PADDED: usize = 1280;

/// The plaintext of an identity.
#[derive(Serialize)]
struct Plain<'a> {
    channel: &'a Code,
    #[serde(flatten)]
    contact: &'a Contact,
}

/// Encrypts identities under the vault's public key.
pub struct Encryptor {
    name: String,
    public: OaepPublicEncryptingKey,
}

/// Encryption failed; the error holds nothing of the identity.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the identity could not be encrypted")]
pub struct NotEncrypted;

/// Fresh randomness for one identity.
pub struct EncryptionEntropy {
    /// The AES-256 key that encrypts the identity.
    pub key: Zeroizing<[u8; 32]>,
    /// The nonce of the one message that this key ever encrypts.
    pub nonce: [u8; 12],
}

/// An encrypted identity, as a row of the vault has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncryptedIdentity {
    key_name: String,
    wrapped_key: Vec<u8>,
    nonce: [u8; 12],
    ciphertext: Vec<u8>,
}

impl Encryptor {
    /// An encryptor for the key `name` with this public half (DER, SubjectPublicKeyInfo, as `kms:GetPublicKey` gives it).
    ///
    /// # Errors
    /// When it is no RSA key.
    pub fn new(name: String, public_der: &[u8]) -> Result<Self, NotEncrypted> {
        let public = PublicEncryptingKey::from_der(public_der).map_err(|_| NotEncrypted)?;
        let public = OaepPublicEncryptingKey::new(public).map_err(|_| NotEncrypted)?;
        Ok(Self { name, public })
    }

    /// Encrypts an identity, with the channel that it came by, for its row.
    ///
    /// # Errors
    /// When it is longer than any identity that `submit` accepts, or the cipher fails.
    pub fn encrypt(
        &self,
        ticket: &Ticket,
        channel: &Code,
        contact: &Contact,
        entropy: EncryptionEntropy,
    ) -> Result<EncryptedIdentity, NotEncrypted> {
        let plain = Plain { channel, contact };
        let json = Zeroizing::new(serde_json::to_vec(&plain).map_err(|_| NotEncrypted)?);
        let length = u16::try_from(json.len()).map_err(|_| NotEncrypted)?;
        let mut padded = Zeroizing::new(vec![0; PADDED]);
        padded[..2].copy_from_slice(&length.to_be_bytes());
        padded.get_mut(2..2 + json.len()).ok_or(NotEncrypted)?.copy_from_slice(&json);

        let mut wrapped_key = vec![0; self.public.ciphertext_size()];
        self.public
            .encrypt(&OAEP_SHA256_MGF1SHA256, entropy.key.as_slice(), &mut wrapped_key, None)
            .map_err(|_| NotEncrypted)?;
        let key = UnboundKey::new(&AES_256_GCM, entropy.key.as_slice()).map_err(|_| NotEncrypted)?;
        let key = LessSafeKey::new(key);
        let nonce = Nonce::assume_unique_for_key(entropy.nonce);
        let bound = Aad::from(associated_data(&self.name, ticket));
        // Encrypts in place, so that no second copy of the plaintext remains.
        let tag =
            key.seal_in_place_separate_tag(nonce, bound, padded.as_mut_slice()).map_err(|_| NotEncrypted)?;
        let mut ciphertext = padded.to_vec();
        ciphertext.extend_from_slice(tag.as_ref());
        Ok(EncryptedIdentity { key_name: self.name.clone(), wrapped_key, nonce: entropy.nonce, ciphertext })
    }
}

fn associated_data(key_name: &str, ticket: &Ticket) -> Vec<u8> {
    ["tuntas vault 2", key_name, ticket.as_str()].join("\0").into_bytes()
}

impl EncryptedIdentity {
    /// The vault's row, as DynamoDB has it. That of a test report expires with the report.
    #[must_use]
    pub fn item(&self, ticket: &Ticket, test_until: Option<Timestamp>) -> HashMap<String, AttributeValue> {
        let blob = |bytes: &[u8]| AttributeValue::B(Blob::new(bytes));
        let mut item = HashMap::from([
            ("pk".into(), text(ticket.as_str())),
            ("key_name".into(), text(&self.key_name)),
            ("wrapped_key".into(), blob(&self.wrapped_key)),
            ("nonce".into(), blob(&self.nonce)),
            ("ciphertext".into(), blob(&self.ciphertext)),
        ]);
        if test_until.is_some() {
            item.insert(rows::TEST.to_owned(), AttributeValue::Bool(true));
            expire(&mut item, test_until);
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::{
        encoding::{AsDer, PublicKeyX509Der},
        rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey},
    };
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// A vault key as KMS holds it: its name, and the private half, which never leaves KMS.
    struct VaultKey {
        name: &'static str,
        private: PrivateDecryptingKey,
    }

    static FIRST: LazyLock<VaultKey> = LazyLock::new(|| VaultKey::generate("key-1"));
    static SECOND: LazyLock<VaultKey> = LazyLock::new(|| VaultKey::generate("key-2"));

    impl VaultKey {
        fn generate(name: &'static str) -> Self {
            Self { name, private: PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap() }
        }

        fn encryptor(&self) -> Encryptor {
            let public: PublicKeyX509Der<'_> = self.private.public_key().as_der().unwrap();
            Encryptor::new(self.name.into(), public.as_ref()).unwrap()
        }

        /// As `kms:Decrypt` with RSAES_OAEP_SHA_256.
        fn unwrap(&self, encrypted: &EncryptedIdentity) -> Option<ContentKey> {
            let private = OaepPrivateDecryptingKey::new(self.private.clone()).unwrap();
            let mut key = vec![0; private.min_output_size()];
            let key =
                private.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted.wrapped_key(), &mut key, None).ok()?;
            ContentKey::new(key.to_vec()).ok()
        }
    }

    fn entropy() -> EncryptionEntropy {
        EncryptionEntropy { key: Zeroizing::new([7; 32]), nonce: [9; 12] }
    }

    fn ticket(n: u8) -> Ticket {
        Ticket::from_mac(&[n; 32])
    }

    fn channel() -> Code {
        Code::parse("jaki").unwrap()
    }

    fn known() -> Contact {
        Contact {
            name: Some("Budi".into()),
            phone: Some("0812-3456-7890".into()),
            email: Some("budi@contoh.id".into()),
            channel_ref: Some("kanal-1".into()),
        }
    }

    fn encrypt(contact: &Contact) -> EncryptedIdentity {
        FIRST.encryptor().encrypt(&ticket(1), &channel(), contact, entropy()).unwrap()
    }

    /// Through the table and back.
    fn stored(encrypted: &EncryptedIdentity) -> EncryptedIdentity {
        Row::read(&encrypted.item(&ticket(1), None)).encrypted.unwrap()
    }

    proptest! {
        #[test]
        fn every_contact_comes_out_as_it_went_in_and_the_row_has_one_length(
            parts in prop::collection::vec(prop::option::of("\\PC{0,128}|[\"\\\\/]{0,128}"), 4)
        ) {
            let fitting = |n: usize| parts[n].clone().filter(|text: &String| text.len() <= 128);
            let contact =
                Contact { name: fitting(0), phone: fitting(1), email: fitting(2), channel_ref: fitting(3) };
            let encrypted = stored(&encrypt(&contact));
            prop_assert_eq!(encrypted.ciphertext.len(), PADDED + 16);
            let identity = encrypted.decrypt(&ticket(1), &FIRST.unwrap(&encrypted).unwrap()).unwrap();
            prop_assert_eq!(&identity.phone, &contact.phone);
            prop_assert_eq!(&identity.email, &contact.email);
            prop_assert_eq!(&identity.channel_ref, &contact.channel_ref);
            prop_assert_eq!(&identity.channel, &channel());
        }

        #[test]
        fn a_row_that_was_changed_anywhere_cannot_be_decrypted(at in 0..PADDED + 16, bit in 0..8_u8) {
            let mut encrypted = encrypt(&known());
            encrypted.ciphertext[at] ^= 1 << bit;
            let key = FIRST.unwrap(&encrypted).unwrap();
            prop_assert_eq!(encrypted.decrypt(&ticket(1), &key).unwrap_err(), NotDecrypted);
        }
    }

    #[test]
    fn a_row_that_was_moved_to_another_ticket_cannot_be_decrypted() {
        let encrypted = encrypt(&known());
        let key = FIRST.unwrap(&encrypted).unwrap();
        assert!(encrypted.decrypt(&ticket(1), &key).is_ok());
        assert_eq!(encrypted.decrypt(&ticket(2), &key).unwrap_err(), NotDecrypted);
    }

    #[test]
    fn a_row_that_names_another_key_cannot_be_decrypted() {
        let mut encrypted = encrypt(&known());
        let key = FIRST.unwrap(&encrypted).unwrap();
        encrypted.key_name = SECOND.name.into();
        assert_eq!(encrypted.decrypt(&ticket(1), &key).unwrap_err(), NotDecrypted);
    }

    #[test]
    fn another_key_decrypts_nothing() {
        let encrypted = encrypt(&known());
        assert!(SECOND.unwrap(&encrypted).is_none());
        let wrong = ContentKey::new(vec![8; 32]).unwrap();
        assert_eq!(encrypted.decrypt(&ticket(1), &wrong).unwrap_err(), NotDecrypted);
        assert!(ContentKey::new(vec![7; 31]).is_err());
    }

    #[test]
    fn while_one_vault_key_replaces_another_rows_of_both_are_decrypted_by_the_key_that_they_name() {
        for vault_key in [&*FIRST, &*SECOND] {
            let encrypted =
                vault_key.encryptor().encrypt(&ticket(1), &channel(), &known(), entropy()).unwrap();
            let encrypted = stored(&encrypted);
            let keys = [&*FIRST, &*SECOND];
            let named = keys.iter().find(|key| key.name == encrypted.key_name()).unwrap();
            let identity = encrypted.decrypt(&ticket(1), &named.unwrap(&encrypted).unwrap()).unwrap();
            assert_eq!(identity.channel_ref.as_deref(), Some("kanal-1"));
        }
    }

    #[test]
    fn every_identity_has_one_length_also_the_longest_and_none() {
        let longest = Contact { name: Some("\"".repeat(512)), ..Contact::default() };
        let longest_code = Code::parse(&"x".repeat(40)).unwrap();
        let lengths = [(channel(), Contact::default()), (longest_code, longest)].map(|(channel, contact)| {
            let encrypted = FIRST.encryptor().encrypt(&ticket(1), &channel, &contact, entropy()).unwrap();
            stored(&encrypted).ciphertext.len()
        });
        assert_eq!(lengths, [PADDED + 16; 2]);
    }

    #[test]
    fn a_damaged_identity_leaves_the_rest_of_its_row_to_be_read() {
        let mut item = encrypt(&known()).item(&ticket(1), None);
        item.insert("expires_at".into(), AttributeValue::N("5".into()));
        item.insert("nonce".into(), text("none"));
        let row = Row::read(&item);
        assert!(row.encrypted.is_none());
        assert!(row.has_expired(jiff::Timestamp::from_second(5).unwrap()));
        assert!(!row.has_expired(jiff::Timestamp::from_second(4).unwrap()));
    }

    #[test]
    fn what_was_decrypted_does_not_show_itself() {
        let encrypted = encrypt(&known());
        let key = FIRST.unwrap(&encrypted).unwrap();
        let identity = encrypted.decrypt(&ticket(1), &key).unwrap();
        assert_eq!(format!("{identity:?} {key:?}"), "Identity(…) ContentKey(…)");
    }
}
