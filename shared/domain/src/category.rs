//! What the category of a report decides: its slots, its deadline, what may be read in its texts.

use crate::{personal_data::PersonalData, slots::SlotClass};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a category of the registry gives to a report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Terms {
    /// Which slots.
    pub slots: SlotClass,
    /// Days to the due day.
    pub deadline_days: u16,
    /// The kinds of personal data that its reports are about: units may read them in the texts.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub keeps: BTreeSet<PersonalData>,
}
