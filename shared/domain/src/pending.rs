//! What a reporter did and officers do not know of yet: it waits for its slot.

use crate::{
    ids::{EventId, Version},
    privacy::Privacy,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A reporter's action that officers do not know of until its slot comes.
///
/// The moment at which it was taken is not kept: the slot is all that officers may learn.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PendingAction {
    /// The slot at which it takes effect.
    pub at: Timestamp,
    /// The action.
    pub action: ReporterAction,
    /// The id of the event that it leaves.
    pub event: EventId,
    /// The snapshot's version after it.
    pub version: Version,
}

/// What a reporter may do to their own report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ReporterAction {
    /// Contradict the result.
    Dispute {
        /// Why.
        reason: String,
    },
    /// Withdraw the report.
    Withdraw,
    /// Lock their photos, or let them be shown.
    ChangePrivacy {
        /// Which.
        privacy: Privacy,
    },
    /// Rate the result.
    Rate {
        /// What.
        rating: Rating,
    },
}

/// What a reporter thinks of the result.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rating {
    /// 1 to 5.
    pub stars: u8,
    /// In their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub comment: Option<String>,
}
