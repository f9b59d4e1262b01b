//! The city's map cut into cells: what a function reads to route a report, one small item wherever the report lies.

#[cfg(test)]
mod tests;

use crate::{
    City,
    area::{Area, bounds::around},
    unit::path,
};
use domain::{
    area::AreaCode,
    outline::{Outline, Spot, Window},
    routing::{
        self, Cell, MARGIN_M, cell_at,
        encoding::{MapPart, NotAMapPart},
    },
    unit::{Code, Unit},
};
use std::collections::{BTreeMap, BTreeSet};

/// The sizes that cells may have, in millionths of a degree: the largest is taken of which no cell is too long.
const SIZES: [i32; 6] = [200_000, 100_000, 50_000, 20_000, 10_000, 5_000];
/// How many bytes an encoded cell may have: a function reads one for each report.
pub const MOST_BYTES: usize = 32 * 1024;

/// The map, cut into cells of one size.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cells {
    /// How wide and high each is, in millionths of a degree.
    pub size: i32,
    /// Each cell that has an area in it or within [`MARGIN_M`] of it, by column and row ([`cell_at`]): a report beside an area can still
    /// belong to it.
    pub cells: BTreeMap<(i32, i32), Cell>,
}

/// Why there are no cells.
#[derive(Debug, thiserror::Error)]
pub enum NoCells {
    /// So much meets in one place that even the smallest cell is too long.
    #[error(
        "the map around [{lon}, {lat}] has too many corners: what functions read of it would be {bytes} bytes, and {most_bytes} is the most"
    )]
    TooLong {
        /// The cell's middle.
        lon: f64,
        /// The cell's middle.
        lat: f64,
        /// Its length.
        bytes: usize,
        /// What it may be.
        most_bytes: usize,
    },
    /// More areas or units meet in one cell than can be numbered.
    #[error("more areas or units than can be numbered meet in one cell")]
    TooMany,
    /// A cell cannot be encoded.
    #[error("a cell cannot be encoded")]
    Encoding(#[from] NotAMapPart),
}

impl Cells {
    /// Cuts a city's map. A city without outlines has no cells.
    ///
    /// # Errors
    /// When the map has too many corners in one place.
    pub fn of(city: &City) -> Result<Self, NoCells> {
        Self::of_at_most(MOST_BYTES, city)
    }

    fn of_at_most(most_bytes: usize, city: &City) -> Result<Self, NoCells> {
        let map = Map::new(city);
        let mut found = Err(NoCells::TooMany);
        for size in SIZES {
            found = map.cells(size, most_bytes).map(|cells| Self { size, cells });
            if found.is_ok() {
                break;
            }
        }
        found
    }
}

/// A rule as the file has it: the category, and the unit.
type NamedRule<'a> = (Option<&'a Code>, &'a Code);

/// What cells are cut from.
struct Map<'a> {
    areas: &'a [Area],
    /// Of each area the position of the one above.
    above: Vec<Option<usize>>,
    /// The positions of areas that have others below them.
    upper: BTreeSet<usize>,
    /// The rules of each area, and of the whole city.
    rules: BTreeMap<Option<&'a AreaCode>, Vec<NamedRule<'a>>>,
    /// The units that rules name.
    units: BTreeMap<&'a Code, Unit>,
}

impl<'a> Map<'a> {
    fn new(city: &'a City) -> Self {
        let position = |code| city.areas.binary_search_by(|area| area.code.cmp(code)).ok();
        let above: Vec<_> = city.areas.iter().map(|area| area.parent.as_ref().and_then(position)).collect();
        let mut rules: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for rule in &city.routing {
            rules.entry(rule.area.as_ref()).or_default().push((rule.category.as_ref(), &rule.unit));
        }
        let named: BTreeSet<&Code> = city.routing.iter().map(|rule| &rule.unit).collect();
        let units = city.units.iter().filter(|unit| named.contains(&unit.code)).map(|unit| {
            let path = path(unit, &city.units).into_iter().cloned().collect();
            (&unit.code, Unit { code: unit.code.clone(), path })
        });
        let units = units.collect();
        Self { areas: &city.areas, upper: above.iter().flatten().copied().collect(), above, rules, units }
    }

    /// All cells of one size; an error as soon as one is too long.
    fn cells(&self, size: i32, most_bytes: usize) -> Result<BTreeMap<(i32, i32), Cell>, NoCells> {
        let mut near: BTreeMap<(i32, i32), Vec<usize>> = BTreeMap::new();
        for (position, area) in self.areas.iter().enumerate() {
            let Some(window) = around(area.outline.iter().flatten()) else { continue };
            // More than a cell's margin, which is wider at the cell's own latitude.
            let window = window.grown(MARGIN_M * 2.0);
            let ((west, south), (east, north)) =
                (cell_at(window.least, size), cell_at(window.greatest, size));
            for x in west..=east {
                for y in south..=north {
                    near.entry((x, y)).or_default().push(position);
                }
            }
        }
        let mut cells = BTreeMap::new();
        for ((x, y), near) in near {
            let least = Spot { lon: x * size - 180_000_000, lat: y * size - 90_000_000 };
            let greatest = Spot { lon: least.lon + size - 1, lat: least.lat + size - 1 };
            let window = Window { least, greatest }.grown(MARGIN_M);
            let Some(cell) = self.cell(window, &near)? else { continue };
            let bytes = cell.to_bytes()?.len();
            if bytes > most_bytes {
                let middle = |from: i32| f64::from(from + size / 2) / 1e6;
                return Err(NoCells::TooLong {
                    lon: middle(least.lon),
                    lat: middle(least.lat),
                    bytes,
                    most_bytes,
                });
            }
            cells.insert((x, y), cell);
        }
        Ok(cells)
    }

    /// What the cell of this window has, of the areas near it and all above them; `None` where nothing of any area lies in the window.
    fn cell(&self, window: Window, near: &[usize]) -> Result<Option<Cell>, NoCells> {
        let mut outlines = BTreeMap::new();
        for position in near {
            let Some(area) = self.areas.get(*position) else { continue };
            let outline = Outline::within(window, &area.outline);
            if !outline.is_empty() {
                outlines.insert(*position, outline);
            }
        }
        if outlines.is_empty() {
            return Ok(None);
        }
        for position in near {
            let mut above = outlines.contains_key(position).then(|| self.above(*position)).flatten();
            while let Some(position) = above {
                outlines.entry(position).or_default();
                above = self.above(position);
            }
        }
        let codes = outlines.keys().filter_map(|position| self.areas.get(*position)).map(|area| &area.code);
        let everywhere = self.rules_of(None);
        let named: BTreeSet<&Code> = codes
            .flat_map(|code| self.rules_of(Some(code)))
            .chain(everywhere)
            .map(|(_, unit)| *unit)
            .collect();
        let rule = |(category, unit): &NamedRule<'_>| {
            let unit = number(named.iter().position(|named| named == unit))?;
            Ok::<_, NoCells>(routing::Rule { category: category.cloned(), unit })
        };
        let positions: Vec<usize> = outlines.keys().copied().collect();
        let mut areas = Vec::new();
        for (position, outline) in outlines {
            let Some(area) = self.areas.get(position) else { continue };
            let parent = self.above(position).map(|above| number(positions.binary_search(&above).ok()));
            areas.push(routing::Area {
                code: area.code.clone(),
                parent: parent.transpose()?,
                is_leaf: !self.upper.contains(&position),
                outline,
                rules: self.rules_of(Some(&area.code)).iter().map(rule).collect::<Result<_, _>>()?,
            });
        }
        let everywhere = everywhere.iter().map(rule).collect::<Result<_, _>>()?;
        let units = named.iter().filter_map(|code| self.units.get(code).cloned()).collect();
        Ok(Some(Cell { areas, everywhere, units }))
    }

    fn rules_of<'b>(&'b self, area: Option<&'b AreaCode>) -> &'b [NamedRule<'a>] {
        self.rules.get(&area).map_or(&[], Vec::as_slice)
    }

    fn above(&self, position: usize) -> Option<usize> {
        self.above.get(position).copied().flatten()
    }
}

/// A position in a cell's list, as the cell has it.
fn number(position: Option<usize>) -> Result<u16, NoCells> {
    position.and_then(|position| position.try_into().ok()).ok_or(NoCells::TooMany)
}
