//! The boxes around things on the map, and which of many meet.

use domain::outline::{Spot, Window};

/// The smallest window around some spots; `None` of no spots.
pub(crate) fn around<'a>(spots: impl IntoIterator<Item = &'a Spot>) -> Option<Window> {
    spots.into_iter().fold(None, |found: Option<Window>, spot| {
        let Window { least, greatest } = found.unwrap_or(Window { least: *spot, greatest: *spot });
        Some(Window {
            least: Spot { lon: least.lon.min(spot.lon), lat: least.lat.min(spot.lat) },
            greatest: Spot { lon: greatest.lon.max(spot.lon), lat: greatest.lat.max(spot.lat) },
        })
    })
}

/// Calls `meeting` with the positions of every two windows that have a spot in common, the lesser position first.
///
/// A sweep from west to east: each window is held against those that begin before it ends.
pub(crate) fn each_meeting(windows: &[Window], mut meeting: impl FnMut(usize, usize)) {
    let mut sorted: Vec<(usize, &Window)> = windows.iter().enumerate().collect();
    sorted.sort_unstable_by_key(|(position, window)| (window.least.lon, *position));
    for (index, (one, window)) in sorted.iter().enumerate() {
        let rest = sorted.iter().skip(index + 1);
        for (other, next) in rest.take_while(|(_, next)| next.least.lon <= window.greatest.lon) {
            if next.least.lat <= window.greatest.lat && window.least.lat <= next.greatest.lat {
                meeting(*one.min(other), *one.max(other));
            }
        }
    }
}
