//! Reads all files of a folder, so that every mistake is known at once.

use crate::{City, Files, category, channel, holiday, mistake::Mistakes, reason, settings, unit};

pub(crate) fn city(files: &Files) -> Result<(City, Mistakes), Mistakes> {
    let (mut mistakes, mut warnings) = (Mistakes::default(), Mistakes::default());
    let settings = settings::read(files, &mut mistakes);
    let units = unit::read(files, &mut mistakes, &mut warnings);
    let defaults = settings.as_ref().map(|settings| &settings.deadlines);
    let categories = category::read(files, defaults, &mut mistakes);
    let channels = channel::read(files, &mut mistakes);
    let reasons = reason::read(files, &mut mistakes);
    let holidays = holiday::read(files, &mut mistakes);
    if let (Some(settings), Some(units), Some(categories)) = (settings, units, categories)
        && let (Some(channels), Some(reasons), Some(holidays)) = (channels, reasons, holidays)
        && mistakes.is_empty()
    {
        let city = City { settings, units, categories, channels, reasons, holidays };
        return Ok((city, warnings.sorted()));
    }
    Err(mistakes.sorted())
}
