//! The rings of an area: each closed, in exact spots, shells before their holes.

use domain::outline::Spot;
use geojson::{GeometryValue, PolygonType, Position};

/// How a polygon begins and ends, as a mistake's text says it.
const CLOSED: &str = "a ring ends at the position at which it begins";

/// The polygons of a geometry, each its shell and then its holes; the texts of its mistakes where it is none.
///
/// Shells go counterclockwise and holes clockwise (RFC 7946, section 3.1.6), however the file has them: so a list of rings tells which
/// holes belong to which shell.
pub(crate) fn read(geometry: &GeometryValue) -> Result<Vec<Vec<Vec<Spot>>>, Vec<String>> {
    let polygons = match geometry {
        GeometryValue::Polygon { coordinates } => std::slice::from_ref(coordinates),
        GeometryValue::MultiPolygon { coordinates } => coordinates.as_slice(),
        other @ (GeometryValue::Point { .. }
        | GeometryValue::MultiPoint { .. }
        | GeometryValue::LineString { .. }
        | GeometryValue::MultiLineString { .. }
        | GeometryValue::GeometryCollection { .. }) => {
            let name = other.type_name();
            return Err(vec![format!("a {name} has no inside: an outline is a Polygon or a MultiPolygon")]);
        }
    };
    let mut mistakes = Vec::new();
    let read = polygons.iter().filter(|rings| !rings.is_empty()).map(|rings| {
        let rings = rings.iter().enumerate();
        let ring = |(index, ring): (usize, &Vec<Position>)| {
            self::ring(ring, index > 0).map_err(|mistake| mistakes.push(mistake)).unwrap_or_default()
        };
        rings.map(ring).collect()
    });
    let read: Vec<_> = read.collect();
    if read.is_empty() {
        mistakes
            .push("an outline without a ring: an area without an outline has the geometry null".to_owned());
    }
    if mistakes.is_empty() { Ok(read) } else { Err(mistakes) }
}

fn ring(positions: &[Position], is_hole: bool) -> Result<Vec<Spot>, String> {
    let spot = |position: &Position| match position.as_slice() {
        [lon, lat, ..] => Ok(Spot::from_degrees(*lon, *lat)),
        [] | [_] => Err("a position is [longitude, latitude]".to_owned()),
    };
    let mut ring = positions.iter().map(spot).collect::<Result<Vec<_>, _>>()?;
    let (Some(first), Some(last)) = (ring.first().copied(), ring.last().copied()) else {
        return Err("a ring without positions".to_owned());
    };
    if first != last {
        return Err(format!("a ring begins at {} and ends at {}: {CLOSED}", at(first), at(last)));
    }
    ring.dedup();
    if ring.len() < 4 {
        let right =
            "it has 4 or more, the first of them again at its end, more than 0.1 m from one to the next";
        return Err(format!("a ring of {} positions at {}: {right}", ring.len(), at(first)));
    }
    if is_counterclockwise(&ring) == is_hole {
        ring.reverse();
    }
    Ok(ring)
}

/// A spot as GeoJSON writes it.
pub(crate) fn at(spot: Spot) -> String {
    let [lon, lat] = degrees(spot);
    format!("[{lon}, {lat}]")
}

/// Longitude and latitude in degrees.
pub(crate) fn degrees(spot: Spot) -> [f64; 2] {
    [spot.lon, spot.lat].map(|millionths| f64::from(millionths) / 1e6)
}

/// Whether the inside of a ring lies to its left.
fn is_counterclockwise(ring: &[Spot]) -> bool {
    let wide = |spot: &Spot| (i128::from(spot.lon), i128::from(spot.lat));
    let doubled: i128 = ring
        .windows(2)
        .filter_map(|pair| {
            let ((ax, ay), (bx, by)) = (wide(pair.first()?), wide(pair.last()?));
            Some(ax * by - bx * ay)
        })
        .sum();
    doubled > 0
}

/// The rings as a geometry, from which [`read`] gives the same ones.
pub(crate) fn write(rings: &[Vec<Spot>]) -> GeometryValue {
    let mut polygons: Vec<PolygonType> = Vec::new();
    for ring in rings {
        let positions = ring.iter().map(|spot| Position::from(degrees(*spot))).collect();
        match polygons.last_mut() {
            Some(polygon) if !is_counterclockwise(ring) => polygon.push(positions),
            Some(_) | None => polygons.push(vec![positions]),
        }
    }
    match <[PolygonType; 1]>::try_from(polygons) {
        Ok([coordinates]) => GeometryValue::Polygon { coordinates },
        Err(coordinates) => GeometryValue::MultiPolygon { coordinates },
    }
}
