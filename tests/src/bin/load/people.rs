//! Officers at work, and what stays the same for all lives of a loop.

use crate::{chance::SeededRandom, log::Log};
use media::fixtures::retouched;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};
use tests::{life, officers, stack::stack};

/// The units' officers, the validators and the verifiers, of whom each life has one.
const UNIT: [&str; 2] = [officers::UNIT, officers::UNIT_COLLEAGUE];
const VALIDASI: [&str; 2] = [officers::VALIDASI, officers::VALIDASI_COLLEAGUE];
/// Channels in the order of how much comes by them, with how many of a hundred submissions.
const CHANNELS: [(&str, u64); 4] = [("jaki", 60), ("sms-whatsapp", 20), ("twitter", 12), ("kantor-lurah", 8)];
/// A channel whose quota of an hour a flood uses up.
pub(crate) const SMALL_CHANNEL: &str = "kantor-inspektorat";

/// What the clients of one loop share.
pub(crate) struct City {
    tokens: BTreeMap<&'static str, String>,
    /// Photos from a camera, with metadata.
    pub(crate) pictures: Vec<Vec<u8>>,
    /// Where they note what they did.
    pub(crate) log: Log,
}

impl City {
    /// Signs everybody in, for the fifteen minutes that a token lives.
    pub(crate) fn open() -> Self {
        let everybody = [officers::TIKET, officers::VERIFIKASI].into_iter().chain(UNIT).chain(VALIDASI);
        let tokens = everybody.map(|officer| {
            let signed_in = stack().officers.iter().find(|known| known.username == officer);
            let password = &signed_in.expect("an officer of the demonstration data").password;
            (officer, officers::authenticate(officer, password).id)
        });
        Self { tokens: tokens.collect(), pictures: (0..4).map(life::photo).collect(), log: Log::default() }
    }

    /// Like this picture, and yet another in the whole run: one proves once only.
    pub(crate) fn other_picture(picture: &[u8]) -> Vec<u8> {
        static MADE: AtomicU64 = AtomicU64::new(1);
        retouched(picture, MADE.fetch_add(1, Ordering::Relaxed))
    }

    /// The token of an officer.
    pub(crate) fn token(&self, officer: &str) -> &str {
        &self.tokens[officer]
    }
}

/// Who has to do with one report.
pub(crate) struct Cast {
    /// The channel that it comes by.
    pub(crate) channel: &'static str,
    /// The officer of the unit.
    pub(crate) unit: &'static str,
    /// The validator who judges the TL.
    pub(crate) validasi: &'static str,
}

impl Cast {
    /// Chooses the people of a life at random.
    pub(crate) fn of(chance: &mut SeededRandom) -> Self {
        let mut rest = chance.draw() % 100;
        let channel = CHANNELS.iter().find(|(_, share)| {
            let here = rest < *share;
            rest = rest.saturating_sub(*share);
            here
        });
        let one_of = |two: [&'static str; 2], draw: u64| two[usize::from(!draw.is_multiple_of(2))];
        Self {
            channel: channel.map_or(CHANNELS[0].0, |(code, _)| code),
            unit: one_of(UNIT, chance.draw() >> 7),
            validasi: one_of(VALIDASI, chance.draw() >> 7),
        }
    }
}
