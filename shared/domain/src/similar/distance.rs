//! How far two positions lie apart.

use crate::{location::Point, wire_enum::wire_enum};

wire_enum!(
    /// How far two reports lie apart, at most.
    Distance {
        /// 25 metres.
        Metres25 = "25m",
        /// 100 metres.
        Metres100 = "100m",
        /// 250 metres.
        Metres250 = "250m",
    }
);

impl Distance {
    /// The least that so many metres lie within; `None` beyond all of them, and of what is no number.
    pub(super) fn of(metres: f64) -> Option<Self> {
        match metres {
            _ if metres <= 25.0 => Some(Self::Metres25),
            _ if metres <= 100.0 => Some(Self::Metres100),
            _ if metres <= super::RADIUS_M => Some(Self::Metres250),
            _ => None,
        }
    }
}

/// The mean radius of the Earth (IUGG).
const EARTH_M: f64 = 6_371_008.8;

/// The metres between two positions on a sphere.
pub(super) fn metres(one: Point, other: Point) -> f64 {
    let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let across = one.lat.to_radians().cos() * other.lat.to_radians().cos() * half(one.lon - other.lon);
    2.0 * EARTH_M * (half(one.lat - other.lat) + across).sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(lat: f64, lon: f64) -> Point {
        Point { lat, lon, accuracy_m: None }
    }

    #[rstest]
    #[case(at(-6.2, 106.8), at(-6.2, 106.8), 0.0)]
    #[case(at(-6.2, 106.8), at(-6.201, 106.8), 111.195)]
    #[case(at(-6.2, 106.8), at(-6.2, 106.801), 110.545)]
    #[case(at(0.0, 179.9995), at(0.0, -179.9995), 111.195)]
    #[case(at(0.0, 0.0), at(0.0, 180.0), 20_015_114.4)]
    fn a_distance_is_that_on_a_sphere(#[case] one: Point, #[case] other: Point, #[case] expected: f64) {
        assert!((metres(one, other) - expected).abs() < 0.1 && (metres(other, one) - expected).abs() < 0.1);
    }

    #[rstest]
    #[case(0.0, Some(Distance::Metres25))]
    #[case(25.0, Some(Distance::Metres25))]
    #[case(25.1, Some(Distance::Metres100))]
    #[case(100.1, Some(Distance::Metres250))]
    #[case(crate::similar::RADIUS_M, Some(Distance::Metres250))]
    #[case(250.1, None)]
    #[case(f64::NAN, None)]
    fn a_distance_is_named_by_what_it_lies_within(#[case] metres: f64, #[case] named: Option<Distance>) {
        assert_eq!(Distance::of(metres), named);
    }
}
