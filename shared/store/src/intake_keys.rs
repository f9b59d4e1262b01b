//! What `submit` derives from the intake key: tickets, secrets, ids.
//!
//! All of it is an HMAC of idempotency key and whose that is, so that a repeated submission gets the same answer without a stored
//! copy, and so that no value says when, where or by whom the report was sent.

use crate::digest::first;
use aws_lc_rs::hmac::{self, HMAC_SHA256, Key, sign};
use data_encoding::HEXLOWER;
use domain::{
    ids::{EventId, PhotoId},
    officer::Clerk,
    secret::ReportSecret,
    ticket::Ticket,
    unit::Code,
};
use std::collections::BTreeMap;

/// Whose idempotency key came with a submission: the same key of somebody else is another one.
#[derive(Clone, Copy)]
pub enum KeyOwner<'a> {
    /// The channel's, which sends with its own key.
    Channel(&'a Code),
    /// A clerk's: neither a colleague nor their channel gets that report by it.
    Clerk(&'a Clerk),
}

/// The intake keys by number. Debug shows their numbers only.
pub struct IntakeKeys {
    current: String,
    keys: BTreeMap<String, Key>,
}

impl std::fmt::Debug for IntakeKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IntakeKeys(current {}, {} in all)", self.current, self.keys.len())
    }
}

/// The secret does not hold intake keys.
#[derive(Debug, thiserror::Error)]
#[error(
    "the secret must be an object with `current` and the key of that number, at least 32 characters long"
)]
pub struct NotIntakeKeys;

impl IntakeKeys {
    /// Reads `{"current": "2", "1": "…", "2": "…"}`.
    ///
    /// # Errors
    /// When the current key is missing or too short. Nothing of the secret is told.
    pub fn parse(json: &str) -> Result<Self, NotIntakeKeys> {
        let mut fields: BTreeMap<String, String> = serde_json::from_str(json).map_err(|_| NotIntakeKeys)?;
        let current = fields.remove("current").ok_or(NotIntakeKeys)?;
        let keys: BTreeMap<String, Key> = fields
            .into_iter()
            .filter(|(_, key)| key.len() >= 32)
            .map(|(number, key)| (number, Key::new(HMAC_SHA256, key.as_bytes())))
            .collect();
        if keys.contains_key(&current) { Ok(Self { current, keys }) } else { Err(NotIntakeKeys) }
    }

    /// What the current key derives for this submission.
    #[must_use]
    pub fn current<'a>(&'a self, owner: KeyOwner<'a>, idempotency_key: &'a str) -> Option<Derived<'a>> {
        self.keys.get(&self.current).map(|key| Derived { key, owner, idempotency_key })
    }

    /// What the other keys, still kept after a rotation, would have derived for it.
    pub fn earlier<'a>(
        &'a self,
        owner: KeyOwner<'a>,
        idempotency_key: &'a str,
    ) -> impl Iterator<Item = Derived<'a>> {
        self.keys.iter().filter(|(number, _)| **number != self.current).map(move |(_, key)| Derived {
            key,
            owner,
            idempotency_key,
        })
    }
}

/// What one key derives for one submission.
#[derive(Clone, Copy)]
pub struct Derived<'a> {
    key: &'a Key,
    owner: KeyOwner<'a>,
    idempotency_key: &'a str,
}

impl Derived<'_> {
    /// What the derivation for a purpose goes by. No two owners or keys have the same parts, however they are joined: only a clerk's id,
    /// which is the last, could contain the separator. Codes and idempotency keys have a small alphabet, and the rest are constants
    /// of this file.
    fn parts<'a>(&'a self, purpose: &'a str) -> Vec<&'a str> {
        match self.owner {
            KeyOwner::Channel(code) => vec![purpose, code.as_str(), self.idempotency_key],
            KeyOwner::Clerk(clerk) => {
                vec![purpose, clerk.channel.as_str(), self.idempotency_key, "clerk", &clerk.id]
            }
        }
    }

    fn mac(&self, purpose: &str) -> [u8; 32] {
        let parts = self.parts(purpose).join("\0");
        let mut mac = [0; 32];
        mac.copy_from_slice(sign(self.key, parts.as_bytes()).as_ref());
        mac
    }

    /// The ticket of the report.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        Ticket::from_mac(&self.mac("ticket"))
    }

    /// The secret that the reporter gets.
    #[must_use]
    pub fn secret(&self) -> ReportSecret {
        ReportSecret::from_mac(&self.mac("secret"))
    }

    /// A keyed digest of the body, which tells a replay from another body. Keyed, so that nobody can guess a body and check the
    /// guess.
    #[must_use]
    pub fn body_digest(&self, canonical: &[u8]) -> String {
        let mut context = hmac::Context::with_key(self.key);
        // A body in JSON never begins as what names a clerk.
        for part in self.parts("body") {
            context.update(part.as_bytes());
            context.update(b"\0");
        }
        context.update(canonical);
        HEXLOWER.encode(context.sign().as_ref())
    }

    /// The id of the first event.
    #[must_use]
    pub fn event(&self) -> EventId {
        EventId::from_bytes(&first(&self.mac("event")))
    }

    /// The id of the photo at this position in the submission's list.
    #[must_use]
    pub fn photo(&self, place: usize) -> PhotoId {
        PhotoId::from_bytes(&first(&self.mac(&format!("photo {place}"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(current: &str) -> IntakeKeys {
        let json = format!(r#"{{"current":"{current}","1":"{}","2":"{}"}}"#, "a".repeat(64), "b".repeat(64));
        IntakeKeys::parse(&json).unwrap()
    }

    #[test]
    fn the_same_submission_has_the_same_ids_and_another_has_others() {
        let keys = keys("1");
        let (jaki, lapor) = (Code::parse("jaki").unwrap(), Code::parse("lapor-1708").unwrap());
        let ids = |channel, key| {
            let made = keys.current(KeyOwner::Channel(channel), key).unwrap();
            (made.ticket(), made.secret(), made.event(), made.photo(0), made.photo(1))
        };
        let one = ids(&jaki, "key-of-22-characters-x");
        assert_eq!(one, ids(&jaki, "key-of-22-characters-x"));
        let other_key = ids(&jaki, "key-of-22-characters-y");
        let other_channel = ids(&lapor, "key-of-22-characters-x");
        for other in [&other_key, &other_channel] {
            assert!(one.0 != other.0 && one.1 != other.1 && one.2 != other.2 && one.3 != other.3);
        }
        assert_ne!(one.3, one.4);
    }

    #[test]
    fn after_an_intake_key_is_rotated_the_ticket_of_the_old_key_is_still_derived() {
        let jaki = Code::parse("jaki").unwrap();
        let clerk = clerk("s-1", "jaki");
        for owner in [KeyOwner::Channel(&jaki), KeyOwner::Clerk(&clerk)] {
            let before = keys("1").current(owner, "k").unwrap().ticket();
            let rotated = keys("2");
            assert_ne!(rotated.current(owner, "k").unwrap().ticket(), before);
            assert_eq!(rotated.earlier(owner, "k").map(|made| made.ticket()).collect::<Vec<_>>(), [before]);
        }
    }

    fn clerk(id: &str, channel: &str) -> Clerk {
        Clerk { id: id.to_owned(), channel: Code::parse(channel).unwrap() }
    }

    /// Neither a colleague nor the channel with its own key gets a clerk's report by the clerk's key, whatever they send.
    #[test]
    fn a_key_is_another_for_every_clerk_and_for_their_channel() {
        let keys = keys("1");
        let (lurah, camat) = (Code::parse("kantor-lurah").unwrap(), Code::parse("kantor-camat").unwrap());
        let clerks = [
            clerk("s-1", "kantor-lurah"),
            clerk("s-2", "kantor-lurah"),
            clerk("s-1", "kantor-camat"),
            // What no pool gives: an id that looks like the end of another derivation.
            clerk("s-1\0clerk\0s-1", "kantor-lurah"),
        ];
        let mut owners: Vec<KeyOwner<'_>> = clerks.iter().map(KeyOwner::Clerk).collect();
        owners.extend([KeyOwner::Channel(&lurah), KeyOwner::Channel(&camat)]);
        let mut derived = BTreeSet::new();
        for owner in &owners {
            for key in ["k", "kclerks-1", "clerk", "s-1"] {
                let made = keys.current(*owner, key).unwrap();
                derived.insert(made.ticket().to_string());
                derived.insert(made.secret().expose().to_owned());
                derived.insert(made.event().to_string());
                derived.insert(made.photo(0).to_string());
                derived.insert(made.body_digest(b"{}"));
                assert_eq!(made.ticket(), keys.current(*owner, key).unwrap().ticket());
            }
        }
        assert_eq!(derived.len(), owners.len() * 4 * 5);
    }

    #[test]
    fn keys_do_not_print_and_short_ones_are_refused() {
        assert_eq!(format!("{:?}", keys("1")), "IntakeKeys(current 1, 2 in all)");
        for bad in ["", "{}", r#"{"current":"1"}"#, r#"{"current":"1","1":"short"}"#, r#"{"current":1}"#] {
            assert!(IntakeKeys::parse(bad).is_err());
        }
    }
}
