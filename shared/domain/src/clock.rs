//! What the passing of time goes by in a city.

use crate::{calendar::Calendar, slots::Slots};

/// The slots at which changes are released, and the calendar by which deadlines count.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a> {
    /// The city's slots.
    pub slots: &'a Slots,
    /// The city's calendar, as it is known now.
    pub calendar: &'a Calendar,
}
