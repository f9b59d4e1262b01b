//! What everybody may know of a city.

use crate::{City, reason::COMMANDS, unit::UnitState};
use domain::{
    act::Act,
    area::AreaCode,
    response::{CityCategory, CityReason, CityResponse, CityUnit},
    unit::Code,
};
use std::collections::BTreeSet;

pub(crate) fn response(city: &City) -> CityResponse {
    let categories = city.categories.iter().map(|row| CityCategory {
        code: row.code.clone(),
        names: row.names.clone(),
        group: row.group.clone(),
    });
    let active = city.units.iter().filter(|unit| unit.state == UnitState::Active);
    let units = active.map(|unit| CityUnit {
        code: unit.code.clone(),
        name: unit.name.clone(),
        parent: unit.parent.clone(),
        categories: ruled_categories(city, &unit.code),
        areas: ruled_areas(city, &unit.code),
    });
    let reasons = |command: &Act| {
        let of_it = city.reasons.iter().filter(|reason| reason.command == *command);
        let reasons =
            of_it.map(|reason| CityReason { code: reason.code.clone(), texts: reason.texts.clone() });
        let reasons: Vec<CityReason> = reasons.collect();
        (!reasons.is_empty()).then(|| (command.as_str().to_owned(), reasons))
    };
    CityResponse {
        name: city.settings.name.clone(),
        zone: city.settings.zone.clone(),
        languages: city.settings.languages.clone(),
        categories: categories.collect(),
        units: units.collect(),
        reasons: COMMANDS.iter().filter_map(reasons).collect(),
    }
}

/// The categories of the rules that name a unit.
fn ruled_categories(city: &City, unit: &Code) -> Vec<Code> {
    let of_it = city.routing.iter().filter(|rule| rule.unit == *unit);
    let named: Option<BTreeSet<&Code>> = of_it.map(|rule| rule.category.as_ref()).collect();
    named.into_iter().flatten().cloned().collect()
}

/// The areas of the rules that name a unit.
fn ruled_areas(city: &City, unit: &Code) -> Vec<String> {
    let of_it = city.routing.iter().filter(|rule| rule.unit == *unit);
    let named: Option<BTreeSet<&AreaCode>> = of_it.map(|rule| rule.area.as_ref()).collect();
    let named = named.unwrap_or_default();
    city.areas.iter().filter(|area| named.contains(&area.code)).map(|area| area.name.clone()).collect()
}
