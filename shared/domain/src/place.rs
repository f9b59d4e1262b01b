//! Where it is.

use serde::{Deserialize, Serialize};

/// A position in WGS 84 degrees.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Point {
    /// −90 to 90.
    pub lat: f64,
    /// −180 to 180.
    pub lon: f64,
    /// Radius of 68 % confidence in metres, as phones give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub accuracy_m: Option<f64>,
}

impl Point {
    /// The point as it is kept: to 7 decimals (1 cm), its accuracy to 0.1 m.
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

/// The place of a report: a position, an address, or both.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The position, where one was given.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// The address as somebody wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Place {
    /// The place as a unit sees it: the position to 4 decimals, the address.
    #[must_use]
    pub fn coarse(&self) -> Self {
        Self { point: self.point.map(Point::coarse), address: self.address.clone() }
    }
}
