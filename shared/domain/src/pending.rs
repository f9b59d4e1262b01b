//! Pending actions: what a reporter did and officers do not know of until its slot.

use crate::{
    ids::{EventId, Version},
    privacy::Privacy,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A reporter's action that officers do not know of until its slot comes.
///
/// The moment of the request is not kept: officers may learn the slot and nothing finer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PendingAction {
    /// The slot at which the action takes effect.
    pub at: Timestamp,
    /// What the reporter asked for.
    pub action: ReporterAction,
    /// The id of the event that the action will leave.
    pub event: EventId,
    /// The version that the snapshot gets when the action takes effect.
    pub version: Version,
}

/// What a reporter may do to their own report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ReporterAction {
    /// Disputes the result.
    Dispute {
        /// Why, in the reporter's words.
        reason: String,
    },
    /// Withdraws the report.
    Withdraw,
    /// Locks the reporter's photos, or lets them be shown.
    ChangePrivacy {
        /// The privacy that the reporter chose.
        privacy: Privacy,
    },
    /// Rates the result.
    Rate {
        /// The stars, and a comment if there is one.
        rating: Rating,
    },
}

/// What a reporter thinks of the result.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rating {
    /// Stars from 1 to 5.
    pub stars: u8,
    /// A comment in the reporter's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub comment: Option<String>,
}
