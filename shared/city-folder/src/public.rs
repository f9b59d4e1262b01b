//! What everybody may know of a city.

use crate::{City, reason::COMMANDS, unit::UnitState};
use domain::{
    act::Act,
    response::{CityCategory, CityReason, CityResponse, CityUnit},
};

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
