//! How near the due day is.
//!
//! Whole days of the city's zone, so that nothing finer than a day can be worked back to the hour of a report.

use crate::wire_enum::wire_enum;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

wire_enum!(
    /// How near the due day is, in whole days of the city's zone.
    Urgency {
        /// The due day has passed.
        Terlambat = "terlambat",
        /// The due day is today.
        HariIni = "hari_ini",
        /// The due day is in one to three days.
        TigaHari = "3_hari",
        /// The due day is more than three days away.
        Longgar = "longgar",
    }
);

/// The date of `now` in the city's zone.
#[must_use]
pub fn day(now: Timestamp, zone: &TimeZone) -> Date {
    now.to_zoned_datetime(zone.clone()).date()
}

/// The urgency on `today` of a report that is due on `due`.
#[must_use]
pub fn bucket(due: Date, today: Date) -> Urgency {
    match (due - today).get_days() {
        i32::MIN..=-1 => Urgency::Terlambat,
        0 => Urgency::HariIni,
        1..=3 => Urgency::TigaHari,
        4.. => Urgency::Longgar,
    }
}

/// The first moment after `today` at which the urgency changes; `None` once it is late.
#[must_use]
pub fn next_change(due: Date, today: Date, zone: &TimeZone) -> Option<Timestamp> {
    let day = match bucket(due, today) {
        Urgency::Longgar => due.checked_sub(3.days()).ok()?,
        Urgency::TigaHari => due,
        Urgency::HariIni => due.tomorrow().ok()?,
        Urgency::Terlambat => return None,
    };
    Some(day.to_zoned_datetime(zone.clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    #[rstest]
    #[case(date(2026, 1, 9), Urgency::Terlambat)]
    #[case(date(2026, 1, 10), Urgency::HariIni)]
    #[case(date(2026, 1, 11), Urgency::TigaHari)]
    #[case(date(2026, 1, 13), Urgency::TigaHari)]
    #[case(date(2026, 1, 14), Urgency::Longgar)]
    fn the_bucket_counts_whole_days(#[case] due: Date, #[case] bucket_then: Urgency) {
        assert_eq!(bucket(due, date(2026, 1, 10)), bucket_then);
    }

    #[test]
    fn the_bucket_changes_at_the_citys_midnight_and_no_sooner() {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        let due = date(2026, 1, 20);
        let mut today = date(2026, 1, 10);
        while let Some(change) = next_change(due, today, &zone) {
            let before = day(change - 1.second(), &zone);
            let after = day(change, &zone);
            assert_eq!(bucket(due, before), bucket(due, today));
            assert_ne!(bucket(due, after), bucket(due, today));
            today = after;
        }
        assert_eq!(today, date(2026, 1, 21));
    }
}
