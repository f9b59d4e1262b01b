//! Slot mail: what a desk's subscribers get instead of a message for each report.

use crate::{desk::Desk, ids::EventId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The message of one desk and slot. It says that there is work and where, and nothing of any report: no ticket, no number, no category.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SlotMail {
    /// Always the same for this desk and slot: by it a subscriber recognises a message that comes twice.
    pub event_id: EventId,
    /// The desk on which there is work; with a unit's go those of the units below it.
    pub to_desk: Desk,
    /// The slot.
    pub slot: Timestamp,
}
