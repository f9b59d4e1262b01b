//! The grid that cuts the city's map into cells, and how a cell is stored.

use super::{Cell, MARGIN_M};
use crate::outline::{Spot, Window};
use serde::{Deserialize, Serialize};

/// The form of a stored cell; the first byte of it.
const FORM: u8 = 1;

/// Squares of one size in degrees, from 180 degrees west and 90 degrees south on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Grid {
    /// The length of a side, in millionths of a degree.
    pub size: i32,
}

impl Grid {
    /// The column, from the west, and the row, from the south, of the cell in which a spot lies.
    #[must_use]
    pub fn cell_of(self, spot: Spot) -> (i32, i32) {
        let size = self.size.max(1);
        (
            (spot.lon.saturating_add(180_000_000)).div_euclid(size),
            (spot.lat.saturating_add(90_000_000)).div_euclid(size),
        )
    }

    /// The part of the map that a cell has to know: itself and [`MARGIN_M`] around it.
    #[must_use]
    pub fn window(self, (column, row): (i32, i32)) -> Window {
        let least = Spot { lon: column * self.size - 180_000_000, lat: row * self.size - 90_000_000 };
        let greatest = Spot { lon: least.lon + self.size - 1, lat: least.lat + self.size - 1 };
        // The side that is nearer to a pole has the shorter degrees.
        let farther = if least.lat.abs() > greatest.lat.abs() { least } else { greatest };
        let step = |east: i32, north: i32| {
            let metres = farther.metres_to(Spot { lon: farther.lon + east, lat: farther.lat + north });
            #[expect(
                clippy::cast_possible_truncation,
                reason = "some thousands; at a pole it stays at the end of the range"
            )]
            let steps = (MARGIN_M / metres * 1000.0).ceil() as i32;
            steps.min(self.size.max(10_000_000))
        };
        let (east, north) = (step(1000, 0), step(0, 1000));
        Window {
            least: Spot { lon: least.lon - east, lat: least.lat - north },
            greatest: Spot { lon: greatest.lon + east, lat: greatest.lat + north },
        }
    }
}

/// What is stored is no cell.
#[derive(Debug, thiserror::Error)]
#[error("no cell of a map")]
pub struct NotACell;

impl Cell {
    /// The cell as it is stored.
    ///
    /// # Errors
    /// When it cannot be written, which is a bug.
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
    fn a_cell_knows_the_map_as_far_around_itself_as_a_position_may_be_off() {
        let grid = Grid { size: 20_000 };
        for (lon, lat) in [(106.827, -6.175), (-0.001, 0.001), (95.3, 5.5), (179.99, 89.5), (-179.99, -89.5)]
        {
            let spot = Spot::from_degrees(lon, lat);
            let window = grid.window(grid.cell_of(spot));
            assert!(window.contains(spot), "{spot:?} {window:?}");
            for side in [
                Spot { lon: window.least.lon, ..spot },
                Spot { lon: window.greatest.lon, ..spot },
                Spot { lat: window.least.lat, ..spot },
                Spot { lat: window.greatest.lat, ..spot },
            ] {
                assert!(spot.metres_to(side) >= MARGIN_M, "{spot:?} {side:?}");
            }
        }
    }

    #[test]
    fn neighbouring_spots_lie_in_neighbouring_cells() {
        let grid = Grid { size: 20_000 };
        let (column, row) = grid.cell_of(Spot { lon: 106_820_000, lat: -6_180_000 });
        assert_eq!(grid.cell_of(Spot { lon: 106_819_999, lat: -6_180_001 }), (column - 1, row - 1));
        assert_eq!(grid.cell_of(Spot { lon: 106_839_999, lat: -6_160_001 }), (column, row));
    }

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
