//! `areas.geojson`: the named parts of the city's map, in a tree, each with its outline (GeoJSON, RFC 7946).

pub(crate) mod bounds;
mod coverage;
mod crossings;
mod rings;
#[cfg(test)]
mod tests;

use crate::{
    Files, areas_below,
    mistake::Mistakes,
    settings::{Settings, Sides},
    source::{Place, Source},
    tree::circles,
};
use domain::{area::AreaCode, outline::Spot};
use geojson::{Feature, Geometry, JsonObject, JsonValue};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// The file's name.
pub const FILE: &str = "areas.geojson";
/// What the file is, as a mistake's text says it.
const RIGHT: &str =
    "the file is a FeatureCollection (RFC 7946): {\"type\": \"FeatureCollection\", \"features\": [ … ]}";
/// The whole earth, in degrees: where the city's box is not known.
const EARTH: Sides = Sides { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };

/// A part of the map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Area {
    /// Its code.
    pub code: AreaCode,
    /// Its name, as people read it.
    pub name: String,
    /// The area above.
    pub parent: Option<AreaCode>,
    /// Its outline: closed rings, each shell counterclockwise, and behind it its holes clockwise. Nothing of an area that only groups others.
    pub outline: Vec<Vec<Spot>>,
}

/// What is read of the whole file; each feature is read by itself, so that a mistake has its place.
#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    features: Vec<&'a RawValue>,
}

/// Reads the file: its areas, none where there is no file, or `None` when it is no FeatureCollection.
pub(crate) fn read(
    files: &Files,
    settings: Option<&Settings>,
    mistakes: &mut Mistakes,
    warnings: &mut Mistakes,
) -> Option<Vec<Area>> {
    let Some(bytes) = files.get(FILE) else { return Some(Vec::new()) };
    let before = mistakes.len();
    let source = Source::new(FILE, bytes).map_err(|mistake| mistakes.add(mistake)).ok()?;
    let features = features(&source, mistakes)?;
    // A raw value is a piece of the text that it was read from.
    let start = source.text().as_ptr().addr();
    let places = source.places(features.iter().map(|raw| raw.get().as_ptr().addr() - start));
    let sides = settings.map_or(EARTH, |settings| settings.city_box);
    let mut areas: BTreeMap<AreaCode, (Area, Place)> = BTreeMap::new();
    for (raw, place) in features.iter().zip(places) {
        let mut wrong = |text| mistakes.add(source.mistake_at(place, text));
        let feature = match serde_json::from_str::<Feature>(raw.get()) {
            Ok(feature) => feature,
            Err(error) => {
                wrong(format!("this is no feature of GeoJSON: {}", without_place(&error)));
                continue;
            }
        };
        let properties = feature.properties.unwrap_or_default();
        let name = name(&properties).map_err(&mut wrong);
        let parent = parent(&properties).map_err(&mut wrong);
        let outline = outline(feature.geometry.as_ref(), sides);
        let outline = outline.map_err(|texts| texts.into_iter().for_each(&mut wrong));
        let Some(code) = code(&properties).map_err(&mut wrong).ok() else { continue };
        if areas.contains_key(&code) {
            wrong(format!("the area `{code}` a second time"));
            continue;
        }
        // One with another mistake is there for those that name it.
        let (name, parent) = (name.unwrap_or_default(), parent.unwrap_or_default());
        let area = Area { code: code.clone(), name, parent, outline: outline.unwrap_or_default() };
        areas.insert(code, (area, place));
    }
    let parent = |area: &Area| Some((area.code.clone(), area.parent.clone()?));
    let parents: BTreeMap<AreaCode, AreaCode> = areas.values().filter_map(|(area, _)| parent(area)).collect();
    let circles = circles(&parents);
    for (code, parent) in &parents {
        let Some((_, place)) = areas.get(code) else { continue };
        if !areas.contains_key(parent) {
            mistakes.add(source.mistake_at(*place, format!("there is no area `{parent}` above `{code}`")));
        } else if circles.contains(code) {
            let text = format!("`{code}` stands above itself: the tree has a circle");
            mistakes.add(source.mistake_at(*place, text));
        }
    }
    let (areas, places): (Vec<_>, Vec<_>) = areas.into_values().unzip();
    for (area, text) in areas_below::too_long(&areas) {
        mistakes.extend(places.get(area).map(|place| source.mistake_at(*place, text)));
    }
    if mistakes.len() == before {
        for said in coverage::said(&areas) {
            warnings.extend(places.get(said.area).map(|place| source.mistake_at(*place, said.text)));
        }
    }
    Some(areas)
}

fn features<'a>(source: &Source<'a>, mistakes: &mut Mistakes) -> Option<Vec<&'a RawValue>> {
    match serde_json::from_str::<Collection<'_>>(source.text()) {
        Ok(Collection { kind, features }) if kind == "FeatureCollection" => Some(features),
        Ok(_) => {
            mistakes.add(source.mistake(0, RIGHT.to_owned()));
            None
        }
        Err(error) if error.is_data() => {
            mistakes.add(source.mistake(0, format!("{}: {RIGHT}", without_place(&error))));
            None
        }
        Err(error) => {
            let lines = source.text().split_inclusive('\n').take(error.line().saturating_sub(1));
            let line: usize = lines.map(str::len).sum();
            let byte = line + error.column().saturating_sub(1);
            mistakes.add(source.mistake(byte, format!("this is no JSON: {}", without_place(&error))));
            None
        }
    }
}

/// What an error of serde_json says, without the line and column at its end.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text).to_owned()
}

fn code(properties: &JsonObject) -> Result<AreaCode, String> {
    let right = "a code has 1 to 40 of a–z, 0–9, - and ., in quotation marks";
    match properties.get("code") {
        None | Some(JsonValue::Null) => Err(format!("the property code is missing: {right}")),
        Some(JsonValue::String(text)) => {
            AreaCode::parse(text).ok_or_else(|| format!("`{text}` is no code of an area: {right}"))
        }
        Some(other) => Err(format!("`{other}` is no code of an area: {right}")),
    }
}

fn name(properties: &JsonObject) -> Result<String, String> {
    let text = properties.get("name").and_then(JsonValue::as_str).unwrap_or_default().trim();
    if (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    let what = if text.is_empty() { "is missing" } else { "is too long, or of several lines" };
    Err(format!("the property name {what}: a name has 1 to 200 characters on one line"))
}

fn parent(properties: &JsonObject) -> Result<Option<AreaCode>, String> {
    match properties.get("parent") {
        None | Some(JsonValue::Null) => Ok(None),
        Some(JsonValue::String(text)) if text.is_empty() => Ok(None),
        Some(value) => {
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            let code = value.as_str().and_then(AreaCode::parse);
            code.map(Some)
                .ok_or_else(|| format!("the property parent is `{text}`, which is no code of an area"))
        }
    }
}

/// The rings of a geometry in the city's box; the texts of its mistakes.
fn outline(geometry: Option<&Geometry>, sides: Sides) -> Result<Vec<Vec<Spot>>, Vec<String>> {
    let Some(geometry) = geometry else { return Ok(Vec::new()) };
    let polygons = rings::read(&geometry.value)?;
    let spots = || polygons.iter().flatten().flatten().copied();
    let is_in = |spot: &Spot| {
        let [lon, lat] = rings::degrees(*spot);
        (sides.west..=sides.east).contains(&lon) && (sides.south..=sides.north).contains(&lat)
    };
    if let Some(outside) = spots().find(|spot| !is_in(spot)) {
        let text = if spots().all(|Spot { lon, lat }| is_in(&Spot { lon: lat, lat: lon })) {
            "latitude and longitude are exchanged: a position is [longitude, latitude]".to_owned()
        } else {
            format!("the outline leaves the box of city.toml at {}", rings::at(outside))
        };
        return Err(vec![text]);
    }
    let mistakes = crossings::mistakes(&polygons);
    if mistakes.is_empty() { Ok(polygons.concat()) } else { Err(mistakes) }
}

/// The file that reads as these areas: a line for each, so that a comparison of two versions shows which have changed.
pub(crate) fn write(areas: &[Area]) -> Vec<u8> {
    let feature = |area: &Area| {
        let mut properties = JsonObject::new();
        properties.insert("code".to_owned(), area.code.as_str().into());
        properties.insert("name".to_owned(), area.name.as_str().into());
        properties.extend(area.parent.as_ref().map(|parent| ("parent".to_owned(), parent.as_str().into())));
        let geometry = (!area.outline.is_empty()).then(|| Geometry::new(rings::write(&area.outline)));
        Feature { geometry, properties: Some(properties), ..Feature::default() }.to_string()
    };
    let features: Vec<String> = areas.iter().map(feature).collect();
    format!("{{\"type\": \"FeatureCollection\", \"features\": [\n{}\n]}}\n", features.join(",\n"))
        .into_bytes()
}
