//! Where an officer was, as a form asks for it: measured by the device, set by hand, or in words.

use super::{command::degrees, fields::Place};
use crate::form::Form;

/// The name of the field of a form that has the way.
pub(super) const BY: &str = "location-by";
/// The names of its fields that somebody writes in.
pub(super) const WORDS: &str = "location-words";
pub(super) const REASON: &str = "location-reason";

/// What the form has of it.
pub(crate) struct OfficerLocation {
    /// The form cannot go without one.
    pub(crate) is_needed: bool,
    /// `device`, `hand`, `words`, or nothing for none.
    pub(crate) by: String,
    /// As [`Measured`] is written.
    pub(crate) measured: String,
    /// What is set by hand, and where the map begins.
    pub(crate) place: Place,
    pub(crate) words: String,
    pub(crate) reason: String,
}

impl OfficerLocation {
    pub(super) fn new(place: Place, is_needed: bool) -> Self {
        // Where scripts run the device is the first way; without them that choice is not shown.
        let by = if is_needed { "device" } else { "" };
        let [measured, words, reason] = Default::default();
        Self { is_needed, by: by.to_owned(), measured, place, words, reason }
    }

    /// Gives back what was sent.
    pub(super) fn fill(&mut self, form: &Form) {
        for (field, name) in [
            (&mut self.by, BY),
            (&mut self.measured, "measured"),
            (&mut self.place.lat, "lat"),
            (&mut self.place.lon, "lon"),
            (&mut self.words, WORDS),
            (&mut self.reason, REASON),
        ] {
            form.text(name).clone_into(field);
        }
    }
}

/// A position that the script measured, as its field has it for people to read: `-6.1753924, 106.8271536 ± 8 m`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Measured {
    pub(super) lat: f64,
    pub(super) lon: f64,
    pub(super) accuracy_m: f64,
}

impl Measured {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (position, accuracy) = text.split_once(" ± ")?;
        let (lat, lon) = position.split_once(", ")?;
        let accuracy_m = accuracy.strip_suffix(" m")?;
        Some(Self { lat: degrees(lat)?, lon: degrees(lon)?, accuracy_m: degrees(accuracy_m)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_is_read_as_the_script_writes_it_and_nothing_else_is_one() {
        let read = Measured::parse("-6.1753924, 106.8271536 ± 8.5 m");
        assert_eq!(read, Some(Measured { lat: -6.175_392_4, lon: 106.827_153_6, accuracy_m: 8.5 }));
        for text in
            ["", "-6.1, 106.8", "-6.1, 106.8 ± m", "di sini, 106.8 ± 8 m", "-6.1 ± 8 m", "-6.1, 106.8 ± 8"]
        {
            assert_eq!(Measured::parse(text), None, "{text}");
        }
    }
}
