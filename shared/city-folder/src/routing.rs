//! `routing.csv`: which unit gets reports of a category in an area.

use crate::{
    Files,
    area::Area,
    category::Category,
    csv_file::{CsvFile, Row},
    mistake::Mistakes,
    unit::{Unit, UnitState},
};
use domain::{area::AreaCode, slots::SlotClass, unit::Code};
use std::collections::{BTreeMap, btree_map::Entry};

/// The file's name.
pub const FILE: &str = "routing.csv";
/// Its columns.
pub(crate) const COLUMNS: &[&str] = &["category", "area", "unit"];
/// What stands for every category, and for the whole city.
pub(crate) const ALL: &str = "*";

/// A routing rule: of those that fit, the one of the most specific area applies, and of one area's the one that names the category.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The category; `None` for every one.
    pub category: Option<Code>,
    /// The area; `None` for the whole city.
    pub area: Option<AreaCode>,
    /// The unit that gets the reports.
    pub unit: Code,
}

/// What rules can name; `None` of a table with mistakes of its own, of which nobody knows what it is to have.
pub(crate) struct Named<'a> {
    pub(crate) categories: Option<&'a [Category]>,
    pub(crate) areas: Option<&'a [Area]>,
    pub(crate) units: Option<&'a [Unit]>,
}

/// Reads the file: its rules, none where there is no file, or `None` when it is no CSV with exactly these columns.
pub(crate) fn read(
    files: &Files,
    named: &Named<'_>,
    mistakes: &mut Mistakes,
    warnings: &mut Mistakes,
) -> Option<Vec<Rule>> {
    if !files.contains_key(FILE) {
        return Some(Vec::new());
    }
    let file = CsvFile::read(files, FILE, COLUMNS, mistakes)?;
    let mut rules = BTreeMap::new();
    for row in file.rows() {
        let category = category(&row, named, mistakes);
        let area = area(&row, named, mistakes);
        let unit = unit(&row, named, mistakes);
        let (Some(category), Some(area)) = (category, area) else { continue };
        match rules.entry((category, area)) {
            Entry::Occupied(_) => {
                let text = "a rule for this category and area a second time".to_owned();
                mistakes.add(row.mistake("category", text));
            }
            Entry::Vacant(place) => {
                let (category, area) = place.key().clone();
                place.insert(unit.map(|unit| Rule { category, area, unit }));
            }
        }
    }
    let is_routed = |category: &Category| {
        category.slots == SlotClass::Peka
            || rules.keys().any(|(of, _)| of.as_ref().is_none_or(|of| *of == category.code))
    };
    for category in named.categories.unwrap_or_default().iter().filter(|category| !is_routed(category)) {
        let text = format!("no rule for the category `{}`: the ticket desk sends its reports", category.code);
        warnings.add(file.mistake(text));
    }
    Some(rules.into_values().flatten().collect())
}

fn category(row: &Row<'_>, named: &Named<'_>, mistakes: &mut Mistakes) -> Option<Option<Code>> {
    if row.text("category") == ALL {
        return Some(None);
    }
    let code = row.code("category", mistakes)?;
    if named.categories.is_some_and(|all| all.iter().all(|category| category.code != code)) {
        mistakes.add(row.mistake("category", format!("there is no category `{code}`")));
        return None;
    }
    Some(Some(code))
}

fn area(row: &Row<'_>, named: &Named<'_>, mistakes: &mut Mistakes) -> Option<Option<AreaCode>> {
    let text = row.text("area");
    if text == ALL {
        return Some(None);
    }
    let Some(code) = AreaCode::parse(text) else {
        let right = "a code has 1 to 40 of a–z, 0–9, - and ., and * stands for the whole city";
        mistakes.add(row.mistake("area", format!("`{text}` is no code of an area: {right}")));
        return None;
    };
    if named.areas.is_some_and(|all| all.binary_search_by(|area| area.code.cmp(&code)).is_err()) {
        mistakes.add(row.mistake("area", format!("there is no area `{code}`")));
        return None;
    }
    Some(Some(code))
}

fn unit(row: &Row<'_>, named: &Named<'_>, mistakes: &mut Mistakes) -> Option<Code> {
    let code = row.code("unit", mistakes)?;
    let Some(units) = named.units else { return Some(code) };
    let text = match units.iter().find(|unit| unit.code == code).map(|unit| unit.state) {
        Some(UnitState::Active) => return Some(code),
        Some(UnitState::Closed) => format!("`{code}` is closed: name a unit that takes reports"),
        None => format!("there is no unit `{code}`"),
    };
    mistakes.add(row.mistake("unit", text));
    None
}

/// The rows that read as these rules.
pub(crate) fn rows(rules: &[Rule]) -> impl Iterator<Item = Vec<String>> {
    rules.iter().map(|rule| {
        let category = rule.category.as_ref().map_or(ALL, Code::as_str);
        let area = rule.area.as_ref().map_or(ALL, AreaCode::as_str);
        [category, area, rule.unit.as_str()].map(ToOwned::to_owned).to_vec()
    })
}
