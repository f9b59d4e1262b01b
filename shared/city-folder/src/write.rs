//! Writes a city's files.

use crate::{City, Files, area, category, channel, holiday, reason, routing, settings, unit};
use csv::WriterBuilder;
use domain::unit::Code;
use std::fmt::Write;

pub(crate) fn files(city: &City) -> Files {
    let text = |code: &Option<Code>| code.as_ref().map(ToString::to_string).unwrap_or_default();
    let units = city.units.iter().map(|unit| {
        let email = unit.email.clone().unwrap_or_default();
        vec![
            unit.code.to_string(),
            unit.name.clone(),
            text(&unit.parent),
            email,
            unit.state.as_str().to_owned(),
            unit.mail.as_str().to_owned(),
        ]
    });
    let categories = city.categories.iter().map(|category| {
        let deadlines = &category.deadlines;
        let keeps: Vec<_> = category.keeps.iter().map(|kind| kind.as_str()).collect();
        vec![
            category.code.to_string(),
            category.names.id.clone(),
            category.names.en.clone(),
            text(&category.group),
            category.slots.as_str().to_owned(),
            deadlines.coordinate_hours.to_string(),
            deadlines.finish_days.to_string(),
            deadlines.validate_days.to_string(),
            deadlines.verify_days.to_string(),
            category.counts.as_str().to_owned(),
            keeps.join(" "),
        ]
    });
    let channels = city.channels.iter().map(|channel| {
        vec![
            channel.code.to_string(),
            channel.names.id.clone(),
            channel.names.en.clone(),
            channel.kind.as_str().to_owned(),
            channel.quota_per_hour.to_string(),
            channel.state.as_str().to_owned(),
        ]
    });
    let reasons = city.reasons.iter().map(|reason| {
        let command = reason.command.as_str().to_owned();
        vec![command, reason.code.to_string(), reason.texts.id.clone(), reason.texts.en.clone()]
    });
    let holidays = city.holidays.iter().map(|holiday| vec![holiday.date.to_string(), holiday.name.clone()]);
    let mut files = Files::from([
        (settings::FILE, toml(&city.settings).into_bytes()),
        (unit::FILE, csv(unit::COLUMNS, units)),
        (category::FILE, csv(category::COLUMNS, categories)),
        (channel::FILE, csv(channel::COLUMNS, channels)),
        (reason::FILE, csv(reason::COLUMNS, reasons)),
        (holiday::FILE, csv(holiday::COLUMNS, holidays)),
    ]);
    // A city without a map has no files of one.
    if !city.areas.is_empty() {
        files.insert(area::FILE, area::write(&city.areas));
    }
    if !city.routing.is_empty() {
        files.insert(routing::FILE, csv(routing::COLUMNS, routing::rows(&city.routing)));
    }
    files
}

fn csv(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    // A writer into memory does not fail, and every row has a cell for each column.
    let _ = writer.write_record(columns);
    for row in rows {
        let _ = writer.write_record(row);
    }
    writer.into_inner().unwrap_or_default()
}

/// A basic string of TOML (1.0, "String").
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|character| match character {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        control if control.is_control() => format!("\\u{:04X}", u32::from(control)),
        other => other.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn toml(settings: &settings::Settings) -> String {
    let list = |words: Vec<&str>| words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
    let mut text = String::new();
    let languages = list(settings.languages.iter().map(|language| language.as_str()).collect());
    let days = list(settings.working.days.iter().map(String::as_str).collect());
    let sides = &settings.city_box;
    let deadlines = &settings.deadlines;
    let (west, south, east, north) = (sides.west, sides.south, sides.east, sides.north);
    let written = write!(
        text,
        "name = {}\nzone = {}\nlanguages = [{languages}]\n\
         box = {{ west = {west}, south = {south}, east = {east}, north = {north} }}\n\n\
         [working]\nfrom = {}\nuntil = {}\ndays = [{days}]\n\n\
         # Of categories that leave theirs empty.\n\
         [deadlines]\ncoordinate_hours = {}\nfinish_days = {}\nvalidate_days = {}\nverify_days = {}\n",
        quoted(&settings.name),
        quoted(&settings.zone),
        quoted(&settings.working.from),
        quoted(&settings.working.until),
        deadlines.coordinate_hours,
        deadlines.finish_days,
        deadlines.validate_days,
        deadlines.verify_days,
    );
    // A String takes everything.
    let _ = written;
    text
}
