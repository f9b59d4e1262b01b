//! The counters: every report counts once, by channel and hour.

use crate::{
    city::{at, code},
    tables::{n, names, quotas},
};
use tests::{operator::wait, threads};

#[test]
fn of_thirty_reports_at_once_each_counts() {
    let (quotas, _table) = quotas();
    let now = at("2026-11-23T03:59:59Z");
    let counts = threads::at_once(vec![(); 30], |()| wait(quotas.count(&code("jaki"), now)).unwrap());
    let mut sorted = counts;
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=30).collect::<Vec<_>>());
}

#[test]
fn each_channel_and_each_hour_has_its_own_counter() {
    let (quotas, _table) = quotas();
    let count = |channel: &str, now: &str| wait(quotas.count(&code(channel), at(now))).unwrap();
    assert_eq!([count("jaki", "2026-11-23T03:00:00Z"), count("jaki", "2026-11-23T03:59:59.999Z")], [1, 2]);
    assert_eq!(count("jaki", "2026-11-23T04:00:00Z"), 1);
    assert_eq!(count("lapor", "2026-11-23T03:30:00Z"), 1);
    assert_eq!(count("jaki", "2026-11-23T03:30:00Z"), 3);
}

#[test]
fn a_counter_expires_a_day_after_its_hour() {
    let (quotas, table) = quotas();
    let now = at("2026-11-23T03:30:00Z");
    wait(quotas.count(&code("jaki"), now)).unwrap();
    let row = table.row(&format!("jaki#{}", now.as_second() / 3600)).unwrap();
    assert_eq!(names(&row), ["count", "expires_at", "pk"]);
    assert_eq!(row["expires_at"], n(at("2026-11-24T04:30:00Z").as_second()));
}
