//! How what functions read of the map is stored: in few bytes, for a function reads a cell for each report.

use super::Cell;
use crate::areas_below::AreasBelow;
use serde::{Serialize, de::DeserializeOwned};

/// The form of what is stored; the first byte of it, for whoever reads it while another form comes in.
const FORM: u8 = 1;

/// What is stored is not what it is read as.
#[derive(Debug, thiserror::Error)]
#[error("no such part of a map")]
pub struct NotAMapPart;

/// A part of the map that is stored in an item of its own.
pub trait MapPart: Serialize + DeserializeOwned {
    /// The part as it is stored.
    ///
    /// # Errors
    /// None that a part could cause: postcard says that it may fail.
    fn to_bytes(&self) -> Result<Vec<u8>, NotAMapPart> {
        postcard::to_extend(self, vec![FORM]).map_err(|_| NotAMapPart)
    }

    /// Reads a stored part.
    ///
    /// # Errors
    /// When it is none, or of a form that this code does not know.
    fn from_bytes(bytes: &[u8]) -> Result<Self, NotAMapPart> {
        let (form, part) = bytes.split_first().ok_or(NotAMapPart)?;
        if *form != FORM {
            return Err(NotAMapPart);
        }
        postcard::from_bytes(part).map_err(|_| NotAMapPart)
    }
}

impl MapPart for Cell {}
impl MapPart for AreasBelow {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_in_another_form_is_no_cell() {
        let cell = Cell::default();
        let bytes = cell.to_bytes().unwrap();
        assert_eq!(Cell::from_bytes(&bytes).unwrap(), cell);
        let other_form = [&[FORM + 1], &bytes[1..]].concat();
        for bad in [&[][..], &[FORM], &other_form, &[FORM, 255, 255]] {
            assert!(Cell::from_bytes(bad).is_err(), "{bad:?}");
        }
    }
}
