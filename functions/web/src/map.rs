//! Maps on pages: a place, and what it is drawn on. `assets/README.md` says what the script makes of it.

use crate::api::report::Place;
use runtime::settings::{self, SettingError};

/// The setting that has the address of tiles.
const TILES_URL: &str = "TILES_URL";

/// What a map is drawn on: the city's outlines, and tiles where the city has chosen some.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    /// Where the outlines are had.
    pub(crate) outlines: String,
    pub(crate) tiles: Option<Tiles>,
}

impl Ground {
    /// Around a place. Of this the address has two decimals, 1.1 km: it is no secret where outlines are, and where a report is stays one.
    pub(crate) fn around(lat: f64, lon: f64, tiles: Option<&Tiles>) -> Self {
        Self { outlines: format!("/v1/city?outlines_at={lat:.2},{lon:.2}"), tiles: tiles.cloned() }
    }
}

/// Pictures of the map that somebody serves, who thus learns which places officers look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Tiles {
    /// Their addresses, such as `https://peta.contoh.go.id/{z}/{x}/{y}.png`.
    pub(crate) url: String,
    /// Whose they are.
    pub(crate) attribution: String,
}

impl Tiles {
    /// Of the settings `TILES_URL` and `TILES_ATTRIBUTION`; none where the first is not set.
    pub(crate) fn from_settings() -> Result<Option<Self>, SettingError> {
        let Ok(url) = settings::var(TILES_URL) else { return Ok(None) };
        let attribution = settings::var("TILES_ATTRIBUTION").unwrap_or_default();
        let tiles = Self { url, attribution };
        tiles.origin().ok_or(SettingError::Invalid(TILES_URL))?;
        Ok(Some(tiles))
    }

    /// Scheme and authority of their addresses, for the policy of content; `None` where these are not HTTPS, or are not of column, row and zoom
    /// alone.
    pub(crate) fn origin(&self) -> Option<&str> {
        let (host, path) = self.url.strip_prefix("https://")?.split_once('/')?;
        let is_host = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':');
        let names = ["{z}", "{x}", "{y}"];
        let plain = names.iter().fold(path.to_owned(), |path, name| path.replacen(name, "", 1));
        let is_plain =
            plain.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '{' | '}' | '"' | '<' | '>'));
        let fits =
            !host.is_empty() && host.chars().all(is_host) && names.iter().all(|name| path.contains(name));
        (fits && is_plain).then(|| self.url.get(.."https://".len() + host.len())).flatten()
    }
}

/// A map with a point in its middle.
pub(crate) struct MapView {
    pub(crate) lat: f64,
    pub(crate) lon: f64,
    pub(crate) accuracy_m: Option<f64>,
    pub(crate) points: Vec<Point>,
    pub(crate) ground: Ground,
}

/// A further point.
pub(crate) struct Point {
    pub(crate) lat: f64,
    pub(crate) lon: f64,
    pub(crate) name: String,
}

/// A map of the lines of a desk, with its middle among them. The lines say themselves where they are.
pub(crate) struct MapOfLines {
    pub(crate) lat: f64,
    pub(crate) lon: f64,
    pub(crate) ground: Ground,
}

impl MapOfLines {
    /// Of the positions of all lines that have one.
    pub(crate) fn of(positions: &[(f64, f64)], tiles: Option<&Tiles>) -> Option<Self> {
        let middle = |of: fn(&(f64, f64)) -> f64| {
            let degrees = positions.iter().map(of);
            let (least, most) = (degrees.clone().reduce(f64::min)?, degrees.reduce(f64::max)?);
            // As closely as the lines themselves.
            Some(((least + most) * 5000.0).round() / 10_000.0)
        };
        let (lat, lon) = (middle(|position| position.0)?, middle(|position| position.1)?);
        Some(Self { lat, lon, ground: Ground::around(lat, lon, tiles) })
    }
}

impl MapView {
    /// Of a place with a position.
    pub(crate) fn of(place: Option<&Place>, tiles: Option<&Tiles>) -> Option<Self> {
        let place = place?;
        let (lat, lon) = (place.lat?, place.lon?);
        let ground = Ground::around(lat, lon, tiles);
        Some(Self { lat, lon, accuracy_m: place.accuracy_m, points: Vec::new(), ground })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_ground_does_not_say_where_the_report_is() {
        let outlines = |lat, lon| Ground::around(lat, lon, None).outlines;
        assert_eq!(outlines(-6.175_392_4, 106.827_153_6), "/v1/city?outlines_at=-6.18,106.83");
        assert_eq!(outlines(-6.175_392_4, 106.827_153_6), outlines(-6.184_9, 106.834_9));
        assert_eq!(outlines(-6.0, 107.0), "/v1/city?outlines_at=-6.00,107.00");
    }

    #[test]
    fn the_middle_of_lines_lies_between_the_outermost() {
        let map = MapOfLines::of(&[(-6.1, 106.8), (-6.2, 106.9), (-6.19, 106.84)], None).unwrap();
        assert_eq!((map.lat, map.lon), (-6.15, 106.85));
        assert!(MapOfLines::of(&[], None).is_none());
    }

    #[test]
    fn tiles_come_over_https_by_column_row_and_zoom_and_their_origin_is_a_host_alone() {
        let of = |url: &str| Tiles { url: url.to_owned(), attribution: String::new() };
        for (url, origin) in [
            ("https://peta.contoh.go.id/{z}/{x}/{y}.png", "https://peta.contoh.go.id"),
            ("https://peta.contoh.go.id:8443/a/{z}/{y}/{x}?key=1&b=2", "https://peta.contoh.go.id:8443"),
        ] {
            assert_eq!(of(url).origin(), Some(origin), "{url}");
        }
        for url in [
            "",
            "http://peta.contoh.go.id/{z}/{x}/{y}.png",
            "https://peta.contoh.go.id/{z}/{x}.png",
            "https://peta.contoh.go.id/{z}/{x}/{y}/{x}.png",
            "https://{s}.contoh.go.id/{z}/{x}/{y}.png",
            "https://peta.contoh.go.id/{z}/{x}/{y}{r}.png",
            "https://peta.contoh.go.id; script-src *;/{z}/{x}/{y}",
            "https://peta.contoh.go.id *.example/{z}/{x}/{y}",
            "https://peta.contoh.go.id/{z}/{x}/{y} https://x.example",
            "https:///{z}/{x}/{y}",
            "https://peta.contoh.go.id",
        ] {
            assert_eq!(of(url).origin(), None, "{url}");
        }
    }
}
