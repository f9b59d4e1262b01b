//! What a loop did, as its clients saw it.

use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Instant,
};

/// A call that was answered as it should be.
pub(crate) struct Answered {
    /// What was asked for, such as `submit`.
    pub(crate) kind: &'static str,
    /// When it was due: what it waited for before it was sent counts.
    pub(crate) due: Instant,
    /// When its answer had been read.
    pub(crate) at: Instant,
}

/// Something that was acknowledged.
pub(crate) struct Act {
    /// The act of the event that it left.
    pub(crate) act: &'static str,
    /// The version that the answer said, which only its own event has. Declarations of photos and submissions say none.
    pub(crate) version: Option<String>,
    /// When its answer had been read.
    pub(crate) at: Instant,
    /// The topics that must speak of it.
    pub(crate) topics: Vec<String>,
}

/// What a life's client knows of its report.
#[derive(Default)]
pub(crate) struct Known {
    /// The ticket, once it was submitted.
    pub(crate) ticket: String,
    /// The secret for the reporter's requests.
    pub(crate) secret: String,
    /// What was acknowledged, in order.
    pub(crate) acts: Vec<Act>,
    /// The photos that were declared, and acknowledged.
    pub(crate) photos: Vec<String>,
    /// Those that were seen to be ready.
    pub(crate) ready: Vec<String>,
    /// The status that the last acknowledgement said.
    pub(crate) status: String,
    /// Acts that perhaps were done: their last answer was a 503, or none came.
    pub(crate) uncertain: usize,
}

/// How a life ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// The life went through all of its story.
    Whole,
    /// The API was too busy, or a quota was used up.
    Refused,
    /// The loop's time was over.
    Late,
    /// A response came that nobody should get.
    Odd,
}

/// A life, or what there was of it.
pub(crate) struct Lived {
    /// When the life was due to begin.
    pub(crate) due: Instant,
    /// When the life ended.
    pub(crate) at: Instant,
    /// How the life ended.
    pub(crate) end: End,
    /// What the client knows of its report.
    pub(crate) known: Known,
}

/// Everything noted of one loop.
#[derive(Default)]
pub(crate) struct Notes {
    /// Requests that succeeded.
    pub(crate) answered: Vec<Answered>,
    /// Attempts that were answered otherwise, by status; 0 where no answer came.
    pub(crate) refused: BTreeMap<u16, u64>,
    /// Attempts after the first, with the same key.
    pub(crate) retries: u64,
    /// Acts that were sent again as after a lost answer.
    pub(crate) repeated: u64,
    /// Answers that nobody should get, in words.
    pub(crate) odd: Vec<String>,
    /// The lives that began.
    pub(crate) lived: Vec<Lived>,
    /// Arrivals that were turned away because too many were at work.
    pub(crate) shed: u64,
}

/// Where a loop's clients note what they did.
#[derive(Default)]
pub(crate) struct Log(Mutex<Notes>);

impl Log {
    /// Locks the notes, to add to them.
    pub(crate) fn note(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap()
    }

    /// Everything that was noted.
    pub(crate) fn into_notes(self) -> Notes {
        self.0.into_inner().unwrap()
    }
}
