//! `city.toml`: the city's name, zone, languages, box, working time and default deadlines.

use crate::{
    Files,
    mistake::{Mistake, Mistakes},
    source::Source,
};
use domain::{calendar::WEEKDAYS, deadlines::Deadlines, language::Language, location::CityBox};
use jiff::{civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The file's name.
pub const FILE: &str = "city.toml";

/// The city's settings.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// The city's name.
    pub name: String,
    /// The IANA name of its zone.
    pub zone: String,
    /// The languages of its texts.
    pub languages: Vec<Language>,
    /// Where its reports lie.
    #[serde(rename = "box")]
    pub city_box: Sides,
    /// When its officers work.
    pub working: Working,
    /// The deadlines of categories that leave theirs empty.
    pub deadlines: Deadlines,
}

/// The sides of a box, in degrees of WGS 84.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Sides {
    /// Longitude.
    pub west: f64,
    /// Latitude.
    pub south: f64,
    /// Longitude.
    pub east: f64,
    /// Latitude.
    pub north: f64,
}

impl Sides {
    /// As the stack's parameter `CityBox` has it: west, south, east, north.
    #[must_use]
    pub fn parameter(&self) -> String {
        format!("{},{},{},{}", self.west, self.south, self.east, self.north)
    }
}

/// When officers work.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Working {
    /// From when, `07:30`.
    pub from: String,
    /// Until when, `16:00`.
    pub until: String,
    /// On which days, by [`WEEKDAYS`] and in their order.
    pub days: Vec<String>,
}

/// What a number of hours may be.
pub(crate) const HOURS_OF_A_STEP: (u16, u16) = (1, 720);
/// What a number of days may be.
pub(crate) const DAYS_OF_A_STEP: (u16, u16) = (1, 365);

/// Reads the file, or `None` when it has any mistake.
pub(crate) fn read(files: &Files, mistakes: &mut Mistakes) -> Option<Settings> {
    let Some(bytes) = files.get(FILE) else {
        let text = "the file is missing: it has name, zone, languages, box, working and deadlines".to_owned();
        mistakes.add(Mistake { file: FILE, line: 1, column: 1, text });
        return None;
    };
    let source = Source::new(FILE, bytes).map_err(|mistake| mistakes.add(mistake)).ok()?;
    let (document, errors) = DeTable::parse_recoverable(source.text());
    for error in &errors {
        let byte = error.span().map_or(0, |span| span.start);
        mistakes.add(source.mistake(byte, error.message().lines().next().unwrap_or("no TOML").to_owned()));
    }
    if !errors.is_empty() {
        return None;
    }
    let before = mistakes.len();
    let mut root = Table { source: &source, place: 0, table: document.get_ref(), name: "", mistakes };
    root.only(&["name", "zone", "languages", "box", "working", "deadlines"]);
    let name = root.text("name", "the city's name", |text| (1..=100).contains(&text.chars().count()));
    let zone = root.text("zone", "an IANA zone such as Asia/Jakarta", |text| TimeZone::get(text).is_ok());
    let languages = root.texts("languages", &["id", "en"]);
    let mut sides = root.table("box");
    let city_box = sides.as_mut().and_then(|sides| {
        sides.only(&["west", "south", "east", "north"]);
        let side = ["west", "south", "east", "north"].map(|name| sides.degrees(name));
        let [Some(west), Some(south), Some(east), Some(north)] = side else { return None };
        let found = Sides { west, south, east, north };
        if CityBox::parse(&found.parameter()).is_none() {
            sides.mistake("west is less than east, south less than north, in degrees of WGS 84");
            return None;
        }
        Some(found)
    });
    let mut table = root.table("working");
    let working = table.as_mut().and_then(|table| {
        table.only(&["from", "until", "days"]);
        let is_time = |text: &str| text.len() == 5 && Time::strptime("%H:%M", text).is_ok();
        let from = table.text("from", "a time such as 07:30", is_time);
        let until = table.text("until", "a time such as 16:00", is_time);
        let days = table.texts("days", &WEEKDAYS);
        if let (Some(from), Some(until)) = (&from, &until)
            && from >= until
        {
            table.mistake("working time ends after it begins, on the same day");
        }
        Some(Working { from: from?, until: until?, days: days? })
    });
    let mut table = root.table("deadlines");
    let deadlines = table.as_mut().and_then(|table| {
        table.only(&["coordinate_hours", "finish_days", "validate_days", "verify_days"]);
        let coordinate_hours = table.number("coordinate_hours", HOURS_OF_A_STEP);
        let days =
            ["finish_days", "validate_days", "verify_days"].map(|name| table.number(name, DAYS_OF_A_STEP));
        let [finish_days, validate_days, verify_days] = days;
        Some(Deadlines {
            coordinate_hours: coordinate_hours?,
            finish_days: finish_days?,
            validate_days: validate_days?,
            verify_days: verify_days?,
        })
    });
    if mistakes.len() != before {
        return None;
    }
    let languages = languages?.iter().filter_map(|tag| Language::parse(tag)).collect();
    Some(Settings {
        name: name?,
        zone: zone?,
        languages,
        city_box: city_box?,
        working: working?,
        deadlines: deadlines?,
    })
}

/// A table of the file, whose values are read one by one.
struct Table<'a, 'm> {
    source: &'a Source<'a>,
    /// The byte at which it begins.
    place: usize,
    table: &'a DeTable<'a>,
    /// Its name, empty for the whole file.
    name: &'static str,
    mistakes: &'m mut Mistakes,
}

impl<'a> Table<'a, '_> {
    fn full(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// A mistake at the table's beginning.
    fn mistake(&mut self, text: &str) {
        self.mistakes.add(self.source.mistake(self.place, text.to_owned()));
    }

    fn wrong(&mut self, byte: usize, key: &str, right: &str) {
        let text = format!("{} is {right}", self.full(key));
        self.mistakes.add(self.source.mistake(byte, text));
    }

    /// Names every key that is none of these.
    fn only(&mut self, keys: &[&str]) {
        for key in self.table.keys().filter(|key| !keys.contains(&key.get_ref().as_ref())) {
            let text = format!("no setting `{}`: there are {}", self.full(key.get_ref()), keys.join(", "));
            self.mistakes.add(self.source.mistake(key.span().start, text));
        }
    }

    /// A value; a mistake where there is none.
    fn value(&mut self, key: &str, right: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        let value = self.table.get(key);
        if value.is_none() {
            let text = format!("{} is missing: it is {right}", self.full(key));
            self.mistakes.add(self.source.mistake(self.place, text));
        }
        value
    }

    fn text(&mut self, key: &str, right: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
        let value = self.value(key, right)?;
        let text = value.get_ref().as_str().filter(|text| fits(text)).map(str::to_owned);
        if text.is_none() {
            self.wrong(value.span().start, key, right);
        }
        text
    }

    /// Some of several words, each once, in the order of `words`.
    fn texts(&mut self, key: &str, words: &[&str]) -> Option<Vec<String>> {
        let right = format!("a list of some of {}, each once", words.join(", "));
        let value = self.value(key, &right)?;
        let list: Option<Vec<_>> = value
            .get_ref()
            .as_array()
            .map(|list| list.iter().map(|entry| entry.get_ref().as_str().unwrap_or_default()).collect());
        let list = list.filter(|list| {
            let known = list.iter().all(|word| words.contains(word));
            known && !list.is_empty() && list.iter().collect::<BTreeSet<_>>().len() == list.len()
        });
        let Some(list) = list else {
            self.wrong(value.span().start, key, &right);
            return None;
        };
        Some(words.iter().filter(|word| list.contains(word)).map(|word| (*word).to_owned()).collect())
    }

    fn table(&mut self, key: &'static str) -> Option<Table<'a, '_>> {
        let value = self.value(key, "a table")?;
        let place = value.span().start;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(place, key, "a table");
            return None;
        };
        Some(Table { source: self.source, place, table, name: key, mistakes: self.mistakes })
    }

    fn degrees(&mut self, key: &str) -> Option<f64> {
        let right = "a number of degrees such as 106.3";
        let value = self.value(key, right)?;
        let number = value.get_ref();
        let float = number.as_float().map(|float| float.as_str());
        let integer = number.as_integer().filter(|integer| integer.radix() == 10);
        let digits = float.or_else(|| integer.map(|integer| integer.as_str()));
        let digits = digits.and_then(|digits| digits.parse().ok());
        let degrees = digits.filter(|degrees: &f64| degrees.is_finite());
        if degrees.is_none() {
            self.wrong(value.span().start, key, right);
        }
        degrees
    }

    fn number(&mut self, key: &str, (least, most): (u16, u16)) -> Option<u16> {
        let right = format!("a number from {least} to {most}");
        let value = self.value(key, &right)?;
        let number = value.get_ref().as_integer();
        let number = number.and_then(|integer| u16::from_str_radix(integer.as_str(), integer.radix()).ok());
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.wrong(value.span().start, key, &right);
        }
        number
    }
}
