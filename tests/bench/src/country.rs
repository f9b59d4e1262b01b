//! The folder of a country: a map of as many areas as Indonesia has desa, in its box, with borders that wind.

use anyhow::{Context, Result};
use std::{
    fmt::Write as _,
    fs,
    io::{BufWriter, Write},
    path::Path,
};

/// Where the country lies: west, south, east, north in degrees.
pub(crate) const BOX: [i32; 4] = [95, -11, 141, 6];
/// How wide and high an area is, in millionths of a degree: a desa has 23 km² on average.
const SIDE: i64 = 40_000;
/// How many pieces a side of an outline has.
const PIECES: i64 = 12;
/// Where the map begins, in millionths of a degree.
const WEST: i64 = 100_000_000;
const SOUTH: i64 = -10_900_000;
/// How many areas along each side make one of the level above: kecamatan of desa, kabupaten of kecamatan, provinces of kabupaten.
const LEVELS: [i64; 3] = [3, 12, 48];

/// Turns the folder of a city into that of a country with about so many lowest areas. How many areas of all levels it has.
pub(crate) fn write(folder: &Path, areas: usize) -> Result<usize> {
    let along = i64::try_from(areas.isqrt())?;
    let settings = fs::read_to_string(folder.join("city.toml"))?;
    let begin = settings.find("box =").context("no box")?;
    let end = begin + settings.get(begin..).and_then(|rest| rest.find('\n')).context("no end of the box")?;
    let mut country = settings;
    let [west, south, east, north] = BOX;
    country.replace_range(
        begin..end,
        &format!("box = {{ west = {west}.0, south = {south}.0, east = {east}.0, north = {north}.0 }}"),
    );
    fs::write(folder.join("city.toml"), country)?;

    let mut file = BufWriter::new(fs::File::create(folder.join("areas.geojson"))?);
    let mut written = 0;
    let mut add = |code: &str, parent: &str, geometry: &str| -> Result<()> {
        let start = if written == 0 { "{\"type\": \"FeatureCollection\", \"features\": [\n" } else { ",\n" };
        written += 1;
        Ok(write!(
            file,
            "{start}{{\"type\": \"Feature\", \"properties\": {{\"code\": \"{code}\", \"name\": \"{code}\", \"parent\": {parent}}}, \
             \"geometry\": {geometry}}}"
        )?)
    };
    for column in 0..along {
        for row in 0..along {
            let mut below = code(0, column, row);
            add(&below, &format!("\"{}\"", code(1, column, row)), &outline(column, row))?;
            // What groups others comes once, with the first of them.
            for (level, size) in (1..).zip(LEVELS) {
                if column % size != 0 || row % size != 0 {
                    break;
                }
                below = code(level, column, row);
                let above = code(level + 1, column, row);
                let parent = if level < LEVELS.len() { format!("\"{above}\"") } else { "null".to_owned() };
                add(&below, &parent, "null")?;
            }
        }
    }
    write!(file, "\n]}}\n")?;
    file.flush()?;
    let mut rules = "category,area,unit\n*,*,unit-0\n".to_owned();
    for column in (0..along).step_by(12) {
        for row in (0..along).step_by(12) {
            let _ = writeln!(rules, "*,{},unit-{}", code(2, column, row), (column + row) % 20);
        }
    }
    fs::write(folder.join("routing.csv"), rules)?;
    Ok(written)
}

/// The code of the area of a level in which a lowest one lies.
fn code(level: usize, column: i64, row: i64) -> String {
    let size = level.checked_sub(1).and_then(|above| LEVELS.get(above)).copied().unwrap_or(1);
    format!("{level}.{}.{}", column / size, row / size)
}

/// The outline of a lowest area: neighbours share the winding border between them.
fn outline(column: i64, row: i64) -> String {
    let mut spots = Vec::new();
    for step in 0..PIECES {
        spots.push(along_row(column, row, step));
    }
    for step in 0..PIECES {
        spots.push(along_column(column + 1, row, step));
    }
    for step in (1..=PIECES).rev() {
        spots.push(along_row(column, row + 1, step));
    }
    for step in (1..=PIECES).rev() {
        spots.push(along_column(column, row, step));
    }
    spots.extend(spots.first().copied());
    let spots: Vec<String> =
        spots.into_iter().map(|(lon, lat)| format!("[{},{}]", degrees(lon), degrees(lat))).collect();
    format!("{{\"type\": \"Polygon\", \"coordinates\": [[{}]]}}", spots.join(","))
}

/// A spot of the border south of a row of areas.
fn along_row(column: i64, row: i64, step: i64) -> (i64, i64) {
    let step = column * PIECES + step;
    let bend = if step % PIECES == 0 { 0 } else { bend(step, row) };
    (WEST + step * SIDE / PIECES, SOUTH + row * SIDE + bend)
}

/// A spot of the border west of a column of areas.
fn along_column(column: i64, row: i64, step: i64) -> (i64, i64) {
    let step = row * PIECES + step;
    let bend = if step % PIECES == 0 { 0 } else { bend(column, step) };
    (WEST + column * SIDE + bend, SOUTH + step * SIDE / PIECES)
}

/// How far a border bends there: less than a piece is long, so that no two borders cross.
fn bend(one: i64, other: i64) -> i64 {
    (one * 7_919 + other * 104_729) % 1_500
}

fn degrees(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", millionths.abs() / 1_000_000, millionths.abs() % 1_000_000)
}
