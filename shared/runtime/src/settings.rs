//! Settings that the stack gives to a function, as environment variables.
//!
//! Read once, at the start: a function whose settings are wrong does not start, and says which one it is. The value is never
//! said, because some settings name secrets.

use domain::{
    location::CityBox,
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
