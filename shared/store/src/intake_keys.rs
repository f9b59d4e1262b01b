//! What `submit` derives from the intake key: tickets, secrets, ids.
//!
//! All of it is an HMAC of channel and idempotency key, so that a repeated submission gets the same answer without a stored
//! copy, and so that no value says when, where or by whom the report was sent.

use crate::digest::first;
use aws_lc_rs::hmac::{self, HMAC_SHA256, Key, sign};
use data_encoding::HEXLOWER;
use domain::{
    ids::{EventId, PhotoId},
    secret::ReportSecret,
    ticket::Ticket,
    unit::Code,
};
use std::collections::BTreeMap;

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
    pub fn current<'a>(&'a self, channel: &'a Code, idempotency_key: &'a str) -> Option<Derived<'a>> {
        self.keys.get(&self.current).map(|key| Derived { key, channel, idempotency_key })
    }

    /// What the other keys, still kept after a rotation, would have derived for it.
    pub fn earlier<'a>(
        &'a self,
        channel: &'a Code,
        idempotency_key: &'a str,
    ) -> impl Iterator<Item = Derived<'a>> {
        self.keys.iter().filter(|(number, _)| **number != self.current).map(move |(_, key)| Derived {
            key,
            channel,
            idempotency_key,
        })
    }
}

/// What one key derives for one submission.
#[derive(Clone, Copy)]
pub struct Derived<'a> {
    key: &'a Key,
    channel: &'a Code,
    idempotency_key: &'a str,
}

impl Derived<'_> {
    fn mac(&self, purpose: &str) -> [u8; 32] {
        // No part can contain the separator: codes and idempotency keys have a small alphabet, and the purposes are constants
        // of this file.
        let parts = [purpose, self.channel.as_str(), self.idempotency_key].join("\0");
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
        for part in ["body", self.channel.as_str(), self.idempotency_key] {
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

    fn keys(current: &str) -> IntakeKeys {
        let json = format!(r#"{{"current":"{current}","1":"{}","2":"{}"}}"#, "a".repeat(64), "b".repeat(64));
        IntakeKeys::parse(&json).unwrap()
    }

    #[test]
    fn the_same_submission_has_the_same_ids_and_another_has_others() {
        let keys = keys("1");
        let (jaki, lapor) = (Code::parse("jaki").unwrap(), Code::parse("lapor-1708").unwrap());
        let ids = |channel, key| {
            let made = keys.current(channel, key).unwrap();
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
        let before = keys("1").current(&jaki, "k").unwrap().ticket();
        let rotated = keys("2");
        assert_ne!(rotated.current(&jaki, "k").unwrap().ticket(), before);
        assert_eq!(rotated.earlier(&jaki, "k").map(|made| made.ticket()).collect::<Vec<_>>(), [before]);
    }

    #[test]
    fn keys_do_not_print_and_short_ones_are_refused() {
        assert_eq!(format!("{:?}", keys("1")), "IntakeKeys(current 1, 2 in all)");
        for bad in ["", "{}", r#"{"current":"1"}"#, r#"{"current":"1","1":"short"}"#, r#"{"current":1}"#] {
            assert!(IntakeKeys::parse(bad).is_err());
        }
    }
}
