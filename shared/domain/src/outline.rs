//! The outline of an area, as far as one window of the map needs it: whether a spot lies within, and how far away the area is.
//!
//! Everything is exact: what a window keeps answers for each spot of the window as the whole outline would. Two areas with a common
//! border share each spot of it out between them, so that no spot lies in both or in none.

use crate::location::Point;
use serde::{Deserialize, Serialize};

/// Metres in a millionth of a degree of latitude, on a sphere of 6,371,008.8 m.
const METRES: f64 = 0.111_195_08;

/// A position in millionths of a degree (WGS 84), at most 0.11 m.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Spot {
    /// Longitude.
    pub lon: i32,
    /// Latitude.
    pub lat: i32,
}

impl Spot {
    /// The nearest spot to a position.
    #[must_use]
    pub fn of(point: Point) -> Self {
        Self::from_degrees(point.lon, point.lat)
    }

    /// The nearest spot to a position in degrees.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "180 million fits; a cast of more stays at the end of the range"
    )]
    pub fn from_degrees(lon: f64, lat: f64) -> Self {
        Self { lon: (lon * 1e6).round() as i32, lat: (lat * 1e6).round() as i32 }
    }

    /// Metres between two spots that are some kilometres apart at most.
    #[must_use]
    pub fn metres_to(self, other: Self) -> f64 {
        let (east, north) = self.offset(other);
        east.hypot(north)
    }

    /// Metres to the east and to the north, right within some kilometres.
    #[must_use]
    pub fn offset(self, to: Self) -> (f64, f64) {
        let shrink = (f64::from(self.lat) * 1e-6).to_radians().cos();
        let (lon, lat) = (i64::from(to.lon) - i64::from(self.lon), i64::from(to.lat) - i64::from(self.lat));
        #[expect(clippy::cast_precision_loss, reason = "less than 2^29")]
        let (lon, lat) = (lon as f64, lat as f64);
        (lon * METRES * shrink, lat * METRES)
    }

    /// Metres to the nearest spot of a line from `from` to `to`.
    fn metres_to_line(self, from: Self, to: Self) -> f64 {
        let ((ax, ay), (bx, by)) = (self.offset(from), self.offset(to));
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx.mul_add(dx, dy * dy);
        // Where on the line the nearest spot is, 0 at its beginning and 1 at its end.
        let along = if length > 0.0 { (-ax.mul_add(dx, ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        along.mul_add(dx, ax).hypot(along.mul_add(dy, ay))
    }
}

/// A rectangle of the map. Its sides belong to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// The corner with the least longitude and latitude.
    pub least: Spot,
    /// The corner with the greatest.
    pub greatest: Spot,
}

impl Window {
    /// The window with at least so many metres more on each side.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a cast of more stays at the end of the range")]
    pub fn grown(self, metres: f64) -> Self {
        let north = (metres / METRES).ceil();
        // Degrees of longitude are the shorter, the nearer to a pole: those of the grown window's side decide.
        let lats = [f64::from(self.least.lat) - north, f64::from(self.greatest.lat) + north];
        let shrink = lats.map(|lat| (lat * 1e-6).to_radians().cos()).into_iter().fold(1.0, f64::min);
        // Next to a pole the window goes around the earth once, and no further.
        let east = (metres / METRES / shrink.max(1e-9)).ceil().min(360e6);
        let (north, east) = (north as i32, east as i32);
        let spot = |spot: Spot, east: i32, north: i32| Spot {
            lon: spot.lon.saturating_add(east),
            lat: spot.lat.saturating_add(north),
        };
        Self { least: spot(self.least, -east, -north), greatest: spot(self.greatest, east, north) }
    }

    /// Whether a spot lies in it.
    #[must_use]
    pub fn contains(self, spot: Spot) -> bool {
        (self.least.lon..=self.greatest.lon).contains(&spot.lon)
            && (self.least.lat..=self.greatest.lat).contains(&spot.lat)
    }

    /// Whether a line may meet it: the rectangle around the line does.
    pub(crate) fn may_meet(self, from: Spot, to: Spot) -> bool {
        from.lon.max(to.lon) >= self.least.lon
            && from.lon.min(to.lon) <= self.greatest.lon
            && from.lat.max(to.lat) >= self.least.lat
            && from.lat.min(to.lat) <= self.greatest.lat
    }
}

/// What a window keeps of an outline.
///
/// A spot lies within when a line from it to the west crosses the outline an odd number of times. Parts of the outline to the east of
/// the window, or beyond its north and south, cross no such line. Of those to its west only the latitude counts.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Outline {
    /// The latitudes, in order, at which what lies to the west begins or ends to be crossed an odd number of times.
    west: Vec<i32>,
    /// The parts that may meet the window.
    parts: Vec<Part>,
}

/// A part of an outline: where it begins, and each step from one corner to the next. Steps are short numbers, which are stored in few bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Part {
    start: Spot,
    steps: Vec<(i32, i32)>,
}

impl Part {
    fn edges(&self) -> impl Iterator<Item = (Spot, Spot)> {
        self.steps.iter().scan(self.start, |at, (lon, lat)| {
            let from = *at;
            *at = Spot { lon: from.lon + lon, lat: from.lat + lat };
            Some((from, *at))
        })
    }
}

impl Outline {
    /// Keeps what this window needs of an outline: its rings, each closed, holes among them.
    #[must_use]
    pub fn within(window: Window, rings: &[Vec<Spot>]) -> Self {
        let mut outline = Self::default();
        // Where the last part ends: adding all its steps up for each next one would take the square of their number.
        let mut end = None;
        for ring in rings {
            for (from, to) in ring.iter().zip(ring.iter().skip(1)) {
                outline.add(window, *from, *to, &mut end);
            }
        }
        // A latitude at which two parts to the west meet changes nothing.
        outline.west.sort_unstable();
        let mut turns: Vec<i32> = Vec::new();
        for lat in outline.west.drain(..) {
            if turns.last() == Some(&lat) {
                turns.pop();
            } else {
                turns.push(lat);
            }
        }
        outline.west = turns;
        outline
    }

    fn add(&mut self, window: Window, from: Spot, to: Spot, end: &mut Option<Spot>) {
        let (south, north) = (from.lat.min(to.lat), from.lat.max(to.lat));
        if north < window.least.lat
            || south > window.greatest.lat
            || from.lon.min(to.lon) > window.greatest.lon
        {
            return;
        }
        if from.lon.max(to.lon) < window.least.lon {
            // Past the window's north it does not matter where the part ends.
            let clamped = |lat: i32| lat.clamp(window.least.lat, window.greatest.lat + 1);
            self.west.extend([clamped(south), clamped(north)]);
            return;
        }
        let step = (to.lon - from.lon, to.lat - from.lat);
        match self.parts.last_mut().filter(|_| *end == Some(from)) {
            Some(part) => part.steps.push(step),
            None => self.parts.push(Part { start: from, steps: vec![step] }),
        }
        *end = Some(to);
    }

    /// Each line that may meet the window, from a corner to the next one.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (Spot, Spot)> {
        self.parts.iter().flat_map(Part::edges)
    }

    /// Whether nothing of the area lies in the window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.west.is_empty() && self.parts.is_empty()
    }

    /// Whether a spot of the window lies within the outline.
    #[must_use]
    pub fn contains(&self, spot: Spot) -> bool {
        let to_the_west = self.west.partition_point(|lat| *lat <= spot.lat);
        let crossed = self.edges().filter(|(from, to)| is_west_of(spot, *from, *to)).count();
        (to_the_west + crossed) % 2 == 1
    }

    /// Metres from a spot of the window to the outline or into it, 0 within. Right as far as the window reaches; `None` where the area is
    /// nowhere in it.
    #[must_use]
    pub fn metres_from(&self, spot: Spot) -> Option<f64> {
        if self.contains(spot) {
            return Some(0.0);
        }
        self.edges().map(|(from, to)| spot.metres_to_line(from, to)).min_by(f64::total_cmp)
    }
}

/// Whether a line from the spot to the west crosses this part of an outline. A part's lower end belongs to it, its upper end does not.
fn is_west_of(spot: Spot, from: Spot, to: Spot) -> bool {
    if (from.lat > spot.lat) == (to.lat > spot.lat) {
        return false;
    }
    let wide = |number: i32| i64::from(number);
    let (height, reach) = (wide(to.lat) - wide(from.lat), wide(to.lon) - wide(from.lon));
    let (up, east) = (wide(spot.lat) - wide(from.lat), wide(spot.lon) - wide(from.lon));
    // The crossing lies at `from.lon + reach * up / height`; divided by nothing, it stays exact.
    if height > 0 { east * height >= reach * up } else { east * height <= reach * up }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn spot(lon: i32, lat: i32) -> Spot {
        Spot { lon, lat }
    }

    pub(crate) fn window(west: i32, south: i32, east: i32, north: i32) -> Window {
        Window { least: spot(west, south), greatest: spot(east, north) }
    }

    /// A square with a hole, and a bay that opens to the west.
    fn rings() -> Vec<Vec<Spot>> {
        let ring = |corners: &[(i32, i32)]| corners.iter().map(|(lon, lat)| spot(*lon, *lat)).collect();
        vec![
            ring(&[(0, 0), (90, 0), (90, 90), (0, 90), (0, 60), (30, 50), (0, 40), (0, 0)]),
            ring(&[(50, 20), (70, 20), (60, 45), (50, 20)]),
        ]
    }

    #[test]
    fn a_window_answers_for_its_spots_as_the_whole_outline_does() {
        let whole = Outline::within(window(-1000, -1000, 1000, 1000), &rings());
        for (west, south) in
            (-30..100).step_by(13).flat_map(|west| (-30..100).step_by(17).map(move |south| (west, south)))
        {
            let part = window(west, south, west + 25, south + 25);
            let kept = Outline::within(part, &rings());
            for lon in west..=west + 25 {
                for lat in south..=south + 25 {
                    assert_eq!(
                        kept.contains(spot(lon, lat)),
                        whole.contains(spot(lon, lat)),
                        "{lon} {lat} of {part:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn neighbours_share_each_spot_of_their_border_out() {
        let ring = |corners: &[(i32, i32)]| {
            vec![corners.iter().map(|(lon, lat)| spot(*lon, *lat)).collect::<Vec<_>>()]
        };
        // The border between the two runs across the grid.
        let west = ring(&[(0, 0), (40, 0), (60, 70), (35, 100), (0, 100), (0, 0)]);
        let east = ring(&[(40, 0), (100, 0), (100, 100), (35, 100), (60, 70), (40, 0)]);
        let all = window(0, 0, 100, 100);
        let (west, east) = (Outline::within(all, &west), Outline::within(all, &east));
        for lon in 0..100 {
            for lat in 0..100 {
                assert!(west.contains(spot(lon, lat)) ^ east.contains(spot(lon, lat)), "{lon} {lat}");
            }
        }
    }

    #[test]
    fn a_hole_and_what_lies_outside_are_not_within() {
        let outline = Outline::within(window(0, 0, 100, 100), &rings());
        for (at, is_within) in
            [((10, 10), true), ((60, 30), false), ((5, 50), false), ((40, 50), true), ((95, 10), false)]
        {
            assert_eq!(outline.contains(spot(at.0, at.1)), is_within, "{at:?}");
        }
    }

    #[test]
    fn distances_are_metres_on_the_ground() {
        let at = |lon: f64, lat: f64| Spot::from_degrees(lon, lat);
        // Monas to Istiqlal, and a degree of longitude at 60 degrees north.
        let metres = at(106.827_153, -6.175_392).metres_to(at(106.831_3, -6.170_2));
        assert!((metres - 736.0).abs() < 2.0, "{metres}");
        let metres = at(10.0, 60.0).metres_to(at(10.01, 60.0));
        assert!((metres - 556.0).abs() < 1.0, "{metres}");
        let square = vec![vec![
            at(106.80, -6.20),
            at(106.81, -6.20),
            at(106.81, -6.19),
            at(106.80, -6.19),
            at(106.80, -6.20),
        ]];
        let around = Window { least: at(106.7, -6.3), greatest: at(106.9, -6.1) };
        let outline = Outline::within(around, &square);
        assert_eq!(outline.metres_from(at(106.805, -6.195)), Some(0.0));
        let away = outline.metres_from(at(106.805, -6.189)).unwrap();
        assert!((away - 111.2).abs() < 0.1, "{away}");
        assert_eq!(Outline::default().metres_from(at(106.8, -6.2)), None);
    }

    #[test]
    fn a_grown_window_has_the_metres_on_every_side_and_little_more() {
        for lat in [-85_000_000, -6_200_000, 0, 60_000_000] {
            let before = window(106_800_000, lat, 106_820_000, lat + 20_000);
            let after = before.grown(300.0);
            for (side, grown) in [(before.least, after.least), (before.greatest, after.greatest)] {
                let (east, north) = side.offset(grown);
                assert!((300.0..302.0).contains(&east.abs()), "{lat} {east}");
                assert!((300.0..300.2).contains(&north.abs()), "{lat} {north}");
            }
        }
    }

    #[test]
    fn a_position_becomes_the_nearest_spot() {
        let point = Point { lat: -6.175_392_4, lon: 106.827_153_6, accuracy_m: None };
        assert_eq!(Spot::of(point), spot(106_827_154, -6_175_392));
    }
}
