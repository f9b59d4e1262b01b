//! Positions and places of reports, and the box that a city lies in.

use serde::{Deserialize, Serialize};

/// A position in WGS 84 degrees.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Point {
    /// Latitude in degrees, −90 to 90.
    pub lat: f64,
    /// Longitude in degrees, −180 to 180.
    pub lon: f64,
    /// Radius of 68 % confidence in metres, as phones give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub accuracy_m: Option<f64>,
}

impl Point {
    /// The point as it is stored: to 7 decimals (1 cm), its accuracy to 0.1 m.
    ///
    /// DynamoDB refuses numbers nearer to zero than 1E-130, which JSON allows.
    #[must_use]
    pub fn stored(self) -> Self {
        // Adding zero makes −0 a plain 0.
        let round = |number: f64, steps: f64| (number * steps).round() / steps + 0.0;
        Self {
            lat: round(self.lat, 1e7),
            lon: round(self.lon, 1e7),
            accuracy_m: self.accuracy_m.map(|metres| round(metres, 10.0)),
        }
    }

    /// The point to 4 decimals (11 m), without its accuracy: what a unit needs to find the place.
    #[must_use]
    pub fn coarse(self) -> Self {
        let round = |degrees: f64| (degrees * 10_000.0).round() / 10_000.0;
        Self { lat: round(self.lat), lon: round(self.lon), accuracy_m: None }
    }
}

/// Where a city's reports lie: a box of positions in WGS 84 degrees.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CityBox {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl CityBox {
    /// Reads `west,south,east,north`, as GeoJSON writes a bounding box (RFC 7946, section 5); `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sides: Vec<f64> = text.split(',').map(|side| side.trim().parse().ok()).collect::<Option<_>>()?;
        let [west, south, east, north] = sides.try_into().ok()?;
        let is_box = -180.0 <= west
            && west < east
            && east <= 180.0
            && -90.0 <= south
            && south < north
            && north <= 90.0;
        is_box.then_some(Self { west, south, east, north })
    }

    /// Whether a position lies in the box.
    #[must_use]
    pub fn contains(&self, point: Point) -> bool {
        (self.west..=self.east).contains(&point.lon) && (self.south..=self.north).contains(&point.lat)
    }
}

/// The place of a report: a position, an address, or both.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The position, where the reporter gave one.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// The address, as the reporter or the ticket desk wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Place {
    /// The place as a unit sees it: the position to 4 decimals, and the address.
    #[must_use]
    pub fn coarse(&self) -> Self {
        Self { point: self.point.map(Point::coarse), address: self.address.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_lies_between_its_sides() {
        let city = CityBox::parse("106.3, -6.4, 107.0, -5.1").unwrap();
        let at = |lat, lon| city.contains(Point { lat, lon, accuracy_m: None });
        assert!(at(-6.2, 106.8) && at(-5.1, 107.0));
        assert!(!at(6.2, 106.8) && !at(-6.2, 107.1) && !at(106.8, -6.2));
    }

    #[test]
    fn what_is_no_box_is_none() {
        for text in
            ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "107,-6,106,-5", "106,-5,107,-6", "NaN,0,1,1", "0,0,181,1"]
        {
            assert_eq!(CityBox::parse(text), None, "{text}");
        }
    }
}
