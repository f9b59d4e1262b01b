//! How a cell of the map is stored: in few bytes, for a function reads one for each report.

use super::Cell;

/// The form of a stored cell; the first byte of it, for whoever reads it while another form comes in.
const FORM: u8 = 1;

/// What is stored is no cell.
#[derive(Debug, thiserror::Error)]
#[error("no cell of a map")]
pub struct NotACell;

impl Cell {
    /// The cell as it is stored.
    ///
    /// # Errors
    /// None that a cell could cause: postcard says that it may fail.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotACell> {
        postcard::to_extend(self, vec![FORM]).map_err(|_| NotACell)
    }

    /// Reads a stored cell.
    ///
    /// # Errors
    /// When it is none, or of a form that this code does not know.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotACell> {
        let (form, cell) = bytes.split_first().ok_or(NotACell)?;
        if *form != FORM {
            return Err(NotACell);
        }
        postcard::from_bytes(cell).map_err(|_| NotACell)
    }
}

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
