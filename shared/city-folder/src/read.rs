//! Reads all files of a folder, so that every mistake is known at once.

use crate::{
    City, Files, area, category, channel, holiday,
    mistake::Mistakes,
    reason,
    routing::{self, Named},
    settings, unit,
};

pub(crate) fn city(files: &Files) -> Result<(City, Mistakes), Mistakes> {
    let (mut mistakes, mut warnings) = (Mistakes::default(), Mistakes::default());
    let settings = settings::read(files, &mut mistakes);
    let units = unit::read(files, &mut mistakes, &mut warnings);
    let defaults = settings.as_ref().map(|settings| &settings.deadlines);
    let categories = category::read(files, defaults, &mut mistakes);
    let channels = channel::read(files, &mut mistakes);
    let areas = area::read(files, settings.as_ref(), &mut mistakes, &mut warnings);
    let named = Named {
        categories: categories.as_deref().filter(|_| !mistakes.are_of(category::FILE)),
        areas: areas.as_deref().filter(|_| !mistakes.are_of(area::FILE)),
        units: units.as_deref().filter(|_| !mistakes.are_of(unit::FILE)),
    };
    let rules = routing::read(files, &named, &mut mistakes, &mut warnings);
    let reasons = reason::read(files, &mut mistakes);
    let holidays = holiday::read(files, &mut mistakes);
    if let (Some(settings), Some(units), Some(categories)) = (settings, units, categories)
        && let (Some(channels), Some(reasons), Some(holidays)) = (channels, reasons, holidays)
        && let (Some(areas), Some(routing)) = (areas, rules)
        && mistakes.is_empty()
    {
        let city = City { settings, units, categories, channels, areas, routing, reasons, holidays };
        return Ok((city, warnings.sorted()));
    }
    Err(mistakes.sorted())
}
