//! A city as a folder of plain files: everything that makes a stack this city's. Read with every mistake of every file at once,
//! written back, and its map cut into the cells that functions read.
//!
//! | file | columns |
//! |---|---|
//! | `city.toml` | name, zone, languages, box, working hours and days, default deadlines |
//! | `units.csv` | code, name, parent, email, state; optional: mail |
//! | `categories.csv` | code, `name_id`, `name_en`, group, slots, `coordinate_hours`, `finish_days`, `validate_days`, `verify_days`, counts, keeps |
//! | `channels.csv` | code, `name_id`, `name_en`, kind, `quota_per_hour`, state |
//! | `areas.geojson` | optional: features with the properties code, name, parent, and a Polygon, a MultiPolygon or null |
//! | `routing.csv` | optional: category or `*`, area or `*`, unit |
//! | `reasons.csv` | command, code, `text_id`, `text_en` |
//! | `holidays.csv` | date, name |
//!
//! Nothing here knows of AWS: what a stack holds is compared and changed by the operator's tool.

pub mod area;
mod areas_below;
pub mod category;
pub mod cells;
pub mod channel;
mod csv_file;
pub mod csv_form;
pub mod holiday;
pub mod mistake;
mod public;
mod read;
pub mod reason;
pub mod routing;
pub mod settings;
mod source;
#[cfg(test)]
mod tests;
mod tree;
pub mod unit;
mod write;

use area::Area;
use category::Category;
use channel::Channel;
pub use domain::response::Texts;
use domain::{area::AreaCode, areas_below::AreasBelow, response::CityResponse};
use holiday::Holiday;
use mistake::Mistakes;
use reason::Reason;
use routing::Rule;
use settings::Settings;
use std::{collections::BTreeMap, fs, io, path::Path};
use unit::Unit;

/// Everything that makes a stack this city's. Rows are in the order of their codes.
#[derive(Clone, PartialEq, Debug)]
pub struct City {
    /// `city.toml`.
    pub settings: Settings,
    /// `units.csv`.
    pub units: Vec<Unit>,
    /// `categories.csv`.
    pub categories: Vec<Category>,
    /// `channels.csv`.
    pub channels: Vec<Channel>,
    /// `areas.geojson`.
    pub areas: Vec<Area>,
    /// `routing.csv`, by category and area.
    pub routing: Vec<Rule>,
    /// `reasons.csv`, by command and in the order of the file, which is the order in which officers see them.
    pub reasons: Vec<Reason>,
    /// `holidays.csv`, in the order of time.
    pub holidays: Vec<Holiday>,
}

/// The files of a folder, by name.
pub type Files = BTreeMap<&'static str, Vec<u8>>;

/// The names of the files.
pub const FILES: [&str; 8] = [
    settings::FILE,
    unit::FILE,
    category::FILE,
    channel::FILE,
    area::FILE,
    routing::FILE,
    reason::FILE,
    holiday::FILE,
];

impl City {
    /// Reads a folder's files: the city with warnings, or every mistake of every file.
    ///
    /// # Errors
    /// When any file has a mistake, or one that is not optional is missing.
    pub fn read(files: &Files) -> Result<(Self, Mistakes), Mistakes> {
        read::city(files)
    }

    /// The files that read as this city.
    #[must_use]
    pub fn write(&self) -> Files {
        write::files(self)
    }

    /// What everybody may know of it.
    #[must_use]
    pub fn public(&self) -> CityResponse {
        public::response(self)
    }

    /// What lies below each area that others lie below, and, below `None`, in the whole city.
    ///
    /// # Errors
    /// None that an area could cause: `serde_json` says that it may fail.
    pub fn areas_below(&self) -> Result<BTreeMap<Option<&AreaCode>, AreasBelow>, serde_json::Error> {
        areas_below::lists(&self.areas)
    }

    /// The unit with this code.
    #[must_use]
    pub fn unit(&self, code: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.code.as_str() == code)
    }
}

/// Reads the files of a folder. One that is not there is left out, so that [`City::read`] names it with the other mistakes, if there has to
/// be one.
///
/// # Errors
/// When the folder, or a file in it, cannot be read.
pub fn files_of(folder: &Path) -> io::Result<Files> {
    // A folder that is not one is another error than files that are missing.
    fs::read_dir(folder)?;
    let mut files = Files::new();
    for name in FILES {
        match fs::read(folder.join(name)) {
            Ok(bytes) => drop(files.insert(name, bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(files)
}
