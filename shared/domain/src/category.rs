//! What the category of a report decides: its slots, its deadline, what may be read in its texts.

use crate::{
    calendar::Counts, deadlines::Deadlines, personal_data::PersonalData, slots::SlotClass, unit::Code,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a report takes over from its category when it is submitted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Terms {
    /// The group of categories that it belongs to, whose reports may be about the same thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Code>,
    /// The class of slots at which the report's changes are released.
    pub slots: SlotClass,
    /// How long each of its steps may take.
    #[serde(flatten)]
    pub deadlines: Deadlines,
    /// Which days and hours these count.
    #[serde(default)]
    pub counts: Counts,
    /// The kinds of personal data that its reports are about: units may read them in the texts.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub keeps: BTreeSet<PersonalData>,
}
