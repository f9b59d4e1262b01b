//! The history of a report as sentences, and its TLs round by round.

use crate::{
    api::{
        city::City,
        report::{Entry, OfficerLocation, Photo, Report},
    },
    context::Context,
};
use domain::{act::Act, officer_location::LocatedBy, photo::PhotoKind};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// One event.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) what: &'static str,
    pub(crate) status: &'static str,
    pub(crate) status_text: &'static str,
    /// When, for those who may know.
    pub(crate) at: Option<String>,
    /// Who, for those who may know.
    pub(crate) by: Option<String>,
    /// To which unit, on which day, into which report.
    pub(crate) details: Vec<String>,
    /// What was written.
    pub(crate) texts: Vec<(&'static str, String)>,
}

/// A TL with its photos and what was made of it.
pub(crate) struct Round {
    pub(crate) number: usize,
    pub(crate) narrative: String,
    pub(crate) by: Option<String>,
    pub(crate) before: Vec<RoundPhoto>,
    pub(crate) after: Vec<RoundPhoto>,
    pub(crate) field: Vec<RoundPhoto>,
    pub(crate) verdicts: Vec<Item>,
}

/// A photo of a round.
pub(crate) struct RoundPhoto {
    pub(crate) photo: String,
    /// Whether it was taken in a page or is a file.
    pub(crate) origin: Option<&'static str>,
}

/// The events, oldest first.
pub(crate) fn items(context: &Context, report: &Report, city: &City, zone: &TimeZone) -> Vec<Item> {
    report.history.iter().map(|entry| item(context, entry, city, zone)).collect()
}

fn item(context: &Context, entry: &Entry, city: &City, zone: &TimeZone) -> Item {
    let t = context.t;
    let mut details = Vec::new();
    details.extend(entry.to.as_deref().map(|unit| t.history_to(city.unit(unit))));
    details.extend(entry.on.as_deref().map(|on| t.history_on(day(on))));
    details.extend(entry.into.as_deref().map(|into| t.history_into(into)));
    let mut texts = Vec::new();
    let mut add = |name, text: &Option<String>| texts.extend(text.clone().map(|text| (name, text)));
    add(t.history_reason(), &entry.reason);
    add(t.history_narrative(), &entry.narrative);
    add(t.history_finding(), &entry.finding);
    add(t.history_summary(), &entry.summary);
    if let Some(location) = &entry.location {
        add(t.history_location(), &Some(where_the_officer_was(context, location)));
        add(t.history_location_reason(), &location.reason);
    }
    if let Some(note) = &entry.note {
        texts.push((t.history_note(), note.text.clone()));
        let audience = match note.audience.as_deref() {
            Some("all") => Some(t.choice_all()),
            Some(_) => Some(t.choice_bureau()),
            None => None,
        };
        details.extend(note.from.as_deref().map(|from| t.history_from(desk_name(context, from, city))));
        details.extend(audience.map(str::to_owned));
        details.extend(note.to.as_ref().map(|_| t.choice_to_tiket().to_owned()));
    }
    Item {
        what: t.act_done(entry.event),
        status: entry.status.as_str(),
        status_text: entry.status.text(context.language),
        at: entry.at.as_deref().map(|at| moment(at, zone)),
        by: entry.by.as_ref().map(|by| match by.unit.as_deref() {
            Some(unit) => format!("{}, {}", by.name, city.unit(unit)),
            None => by.name.clone(),
        }),
        details,
        texts,
    }
}

/// Where an officer was, with how that is known, as far as it was said and this viewer may know.
fn where_the_officer_was(context: &Context, location: &OfficerLocation) -> String {
    let t = context.t;
    let position = location.lat.zip(location.lon).map(|(lat, lon)| format!("{lat}, {lon}"));
    let position = match (position, location.accuracy_m) {
        (Some(position), Some(metres)) => t.history_location_within(position, metres),
        (position, _) => position.unwrap_or_default(),
    };
    match (location.by, &location.address) {
        (None, _) => position,
        (Some(LocatedBy::Device), _) => t.history_location_by_device(position),
        (Some(LocatedBy::Hand), _) => t.history_location_by_hand(position),
        (Some(LocatedBy::Words), Some(words)) => t.history_location_in_words(words),
        (Some(LocatedBy::Words), None) => t.history_location_in_words_left_out().to_owned(),
    }
}

/// What a desk is called.
pub(crate) fn desk_name(context: &Context, desk: &str, city: &City) -> String {
    let t = context.t;
    match desk {
        "tiket" => t.desk_tiket().to_owned(),
        "validasi" => t.desk_validasi().to_owned(),
        "verifikasi" => t.desk_verifikasi().to_owned(),
        unit => city.unit(unit.strip_prefix("unit:").unwrap_or(unit)).to_owned(),
    }
}

/// The TLs, the first one first.
pub(crate) fn rounds(context: &Context, report: &Report, city: &City, zone: &TimeZone) -> Vec<Round> {
    let known = |photo: &String| report.photos.iter().find(|known| known.photo == *photo);
    let of_kind = |entry: &Entry, kind: PhotoKind| {
        let photos = entry.photos.iter().filter_map(known).filter(|photo| photo.kind == kind);
        let shown =
            |photo: &Photo| RoundPhoto { photo: photo.photo.clone(), origin: photo.origin(context.t) };
        photos.map(shown).collect::<Vec<_>>()
    };
    let mut rounds: Vec<Round> = Vec::new();
    for entry in &report.history {
        match (entry.event, rounds.last_mut()) {
            (Act::PostTl, _) => rounds.push(Round {
                number: rounds.len() + 1,
                narrative: entry.narrative.clone().unwrap_or_default(),
                by: item(context, entry, city, zone).by,
                before: of_kind(entry, PhotoKind::Before),
                after: of_kind(entry, PhotoKind::After),
                field: Vec::new(),
                verdicts: Vec::new(),
            }),
            (Act::Validate | Act::Verify | Act::CouldNotLook, Some(round)) => {
                round.field.extend(of_kind(entry, PhotoKind::Field));
                round.verdicts.push(item(context, entry, city, zone));
            }
            _ => {}
        }
    }
    rounds
}

/// A moment of the API in the city's time; as it came where it is none.
pub(crate) fn moment(at: &str, zone: &TimeZone) -> String {
    let Ok(at) = at.parse::<Timestamp>() else { return at.to_owned() };
    at.to_zoned_datetime(zone.clone()).strftime("%d-%m-%Y %H:%M").to_string()
}

/// A day as people write it; as it came where it is none.
pub(crate) fn day(on: &str) -> String {
    on.parse::<Date>().map_or_else(|_| on.to_owned(), |on| on.strftime("%d-%m-%Y").to_string())
}

/// The present moment, for what is printed.
pub(crate) fn now(context: &Context, zone: &TimeZone) -> String {
    context.now.to_zoned_datetime(zone.clone()).strftime("%d-%m-%Y %H:%M").to_string()
}
