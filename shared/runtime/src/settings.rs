//! Settings that the stack gives to a function, as environment variables.
//!
//! Read once, at the start: a function whose settings are wrong does not start, and says which one it is. The value is never
//! said, because some settings name secrets.

use domain::{
    location::{CityBox, Point},
    slots::{Schedule, Slots},
};
use jiff::tz::TimeZone;

/// A setting is missing or makes no sense.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SettingError {
    /// The variable is not set, is empty, or is not Unicode.
    #[error("the setting {0} is missing")]
    Missing(&'static str),
    /// The variable has a value that is not valid.
    #[error("the setting {0} is not valid")]
    Invalid(&'static str),
}

/// Reads the setting of this name.
///
/// # Errors
/// When it is not set, or empty.
pub fn var(name: &'static str) -> Result<String, SettingError> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(SettingError::Missing(name))
}

/// Reads the city's time zone: an IANA name in `CITY_ZONE`.
///
/// # Errors
/// When it is missing or no such zone is known.
pub fn zone() -> Result<TimeZone, SettingError> {
    zone_from(var)
}

/// Reads the city's slots: `CITY_ZONE`, `SLOTS_SEGERA`, `SLOTS_BIASA` and `SLOTS_PEKA`.
///
/// # Errors
/// Names the first that is missing or not a schedule.
pub fn slots() -> Result<Slots, SettingError> {
    slots_from(var)
}

/// Reads the place in the middle of the city, `lat,lon` in degrees: `CITY_MIDDLE`.
///
/// # Errors
/// When it is missing or no place.
pub fn city_middle() -> Result<Point, SettingError> {
    const NAME: &str = "CITY_MIDDLE";
    middle_of(&var(NAME)?).ok_or(SettingError::Invalid(NAME))
}

fn middle_of(text: &str) -> Option<Point> {
    let (lat, lon) = text.split_once(',')?;
    let degrees =
        |text: &str, most: f64| text.trim().parse().ok().filter(|degrees: &f64| degrees.abs() <= most);
    Some(Point { lat: degrees(lat, 90.0)?, lon: degrees(lon, 180.0)?, accuracy_m: None })
}

/// Reads the box that the city lies in: `CITY_BOX`.
///
/// # Errors
/// When it is missing or no box.
pub fn city_box() -> Result<CityBox, SettingError> {
    const NAME: &str = "CITY_BOX";
    CityBox::parse(&var(NAME)?).ok_or(SettingError::Invalid(NAME))
}

fn zone_from(read: impl Fn(&'static str) -> Result<String, SettingError>) -> Result<TimeZone, SettingError> {
    const NAME: &str = "CITY_ZONE";
    TimeZone::get(&read(NAME)?).map_err(|_| SettingError::Invalid(NAME))
}

fn slots_from(read: impl Fn(&'static str) -> Result<String, SettingError>) -> Result<Slots, SettingError> {
    let schedule =
        |name| read(name).and_then(|text| Schedule::parse(&text).map_err(|_| SettingError::Invalid(name)));
    Ok(Slots {
        zone: zone_from(&read)?,
        segera: schedule("SLOTS_SEGERA")?,
        biasa: schedule("SLOTS_BIASA")?,
        peka: schedule("SLOTS_PEKA")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn settings(changed: &'static str, to: &'static str) -> Result<Slots, SettingError> {
        slots_from(|name| {
            let value = match name {
                name if name == changed => to,
                "CITY_ZONE" => "Asia/Jakarta",
                "SLOTS_SEGERA" => "every:30",
                "SLOTS_BIASA" => "07:00,10:00,13:00,16:00",
                _ => "07:00",
            };
            if value.is_empty() { Err(SettingError::Missing(name)) } else { Ok(value.to_owned()) }
        })
    }

    #[rstest]
    #[case("-6.1754,106.8272", Some((-6.1754, 106.8272)))]
    #[case(" 3.6 , 98.7 ", Some((3.6, 98.7)))]
    #[case("106.8272,-6.1754", None)]
    #[case("-6.1754", None)]
    #[case("NaN,106.8", None)]
    fn the_middle_of_the_city_is_a_place(#[case] text: &str, #[case] expected: Option<(f64, f64)>) {
        assert_eq!(middle_of(text).map(|place| (place.lat, place.lon)), expected);
    }

    #[test]
    fn slots_are_read_from_the_settings() {
        let slots = settings("", "").unwrap();
        assert_eq!(slots.zone.iana_name(), Some("Asia/Jakarta"));
        assert_eq!(slots.segera, Schedule::Every(30));
    }

    #[rstest]
    #[case("CITY_ZONE")]
    #[case("SLOTS_SEGERA")]
    #[case("SLOTS_BIASA")]
    #[case("SLOTS_PEKA")]
    fn a_wrong_setting_is_named_and_its_value_is_not_said(#[case] name: &'static str) {
        assert_eq!(settings(name, "").unwrap_err(), SettingError::Missing(name));
        let wrong = settings(name, "mangrove-7781").unwrap_err();
        assert_eq!(wrong, SettingError::Invalid(name));
        assert!(!format!("{wrong} {wrong:?}").contains("mangrove"));
    }
}
