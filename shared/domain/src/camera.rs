//! Live photos: declared with a nonce that was given for a picture of this report a moment before.
//!
//! What that proves and what it does not: docs/PRIVACY.md.

use crate::{
    ids::{CameraNonce, EventId},
    officer::Officer,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

/// How long a nonce serves, in seconds: a picture has to be declared in that time.
pub const NONCE_SECONDS: u64 = 300;

/// A nonce's item. It never leaves the store, and serves once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GivenNonce {
    /// The nonce.
    pub nonce: CameraNonce,
    /// The `sub` claim of the officer whom it was given to.
    pub officer: String,
    /// The last moment at which it serves.
    pub until: Timestamp,
    /// The event of the declaration that it served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<EventId>,
}

impl GivenNonce {
    /// One that is given now.
    #[must_use]
    pub fn new(nonce: CameraNonce, officer: &Officer, now: Timestamp) -> Self {
        let until = now + Duration::from_secs(NONCE_SECONDS);
        Self { nonce, officer: officer.id.clone(), until, used_by: None }
    }

    /// Whether it makes a photo live that this officer declares now.
    #[must_use]
    pub fn serves(&self, officer: &Officer, now: Timestamp) -> bool {
        self.used_by.is_none() && self.officer == officer.id && now <= self.until
    }
}

/// For each photo of a declaration the nonce that makes it live. `named` has for each the nonce that it came with, `given` those of them
/// that were given for this report. Every other photo is taken as a file.
#[must_use]
pub fn that_serve(
    named: &[Option<CameraNonce>],
    given: &[GivenNonce],
    officer: &Officer,
    now: Timestamp,
) -> Vec<Option<CameraNonce>> {
    let serve = given.iter().filter(|given| given.serves(officer, now));
    let mut left: BTreeSet<&CameraNonce> = serve.map(|given| &given.nonce).collect();
    // Of two photos with one nonce the first is live.
    named.iter().map(|named| named.clone().filter(|nonce| left.remove(nonce))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::officer::{Role, Tag};
    use jiff::ToSpan;

    fn officer(id: &str) -> Officer {
        let role = Role::Bureau([Tag::PetugasVerifikasi].into());
        Officer { id: id.to_owned(), name: "Rina".to_owned(), role }
    }

    fn nonce(number: u8) -> CameraNonce {
        CameraNonce::from_bytes(&[number; CameraNonce::BYTES])
    }

    /// Which of the photos are live.
    fn live(named: &[u8], given: &[GivenNonce], at: Timestamp) -> Vec<bool> {
        let named: Vec<_> = named.iter().map(|number| (*number > 0).then(|| nonce(*number))).collect();
        that_serve(&named, given, &officer("rina"), at).iter().map(Option::is_some).collect()
    }

    #[test]
    fn a_nonce_serves_its_own_officer_once_and_for_five_minutes() {
        let now = Timestamp::UNIX_EPOCH;
        let given = GivenNonce::new(nonce(1), &officer("rina"), now);
        let serves = |given: &GivenNonce, at| live(&[1], std::slice::from_ref(given), at) == [true];
        assert!(serves(&given, now) && serves(&given, now + 300.seconds()));
        assert!(!serves(&given, now + 300.seconds() + 1.nanosecond()));
        assert!(!serves(&GivenNonce::new(nonce(1), &officer("tono"), now), now));
        assert!(!serves(&GivenNonce { used_by: Some(EventId::from_bytes(&[1; 17])), ..given }, now));
    }

    #[test]
    fn of_several_photos_each_needs_a_nonce_of_its_own() {
        let now = Timestamp::UNIX_EPOCH;
        let given = [1, 2].map(|number| GivenNonce::new(nonce(number), &officer("rina"), now));
        assert_eq!(live(&[1, 0, 1, 3, 2], &given, now), [true, false, false, false, true]);
    }
}
