//! Duplicates: reports about the same thing are named to the ticket desk, merged, and follow the other one to its end.

mod following;
mod similar;

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU16, Ordering};
use tests::{
    http::fresh_key,
    life::{self, Report},
    officers,
};

/// A position at sea near which no other test has reports: metres to the north and to the east of it are added.
pub(crate) struct Place {
    lat: f64,
    lon: f64,
}

/// How many places lie a kilometre and more to the south of each other.
const BANDS: u16 = 60;

impl Place {
    /// One in a band of its own, and by chance to the east: an engine that is kept has the reports of earlier runs.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let drawn = store::digest::raw(fresh_key().as_bytes());
        let share = f64::from(u16::from_be_bytes([drawn[0], drawn[1]])) / 65_536.0;
        let band = f64::from(NEXT.fetch_add(1, Ordering::Relaxed) % BANDS);
        Self { lat: -5.75 + 0.01 * band, lon: 106.86 + 0.12 * share }
    }

    pub(crate) fn at(&self, north_m: f64, east_m: f64) -> Value {
        json!({"lat": self.lat + north_m / 111_320.0, "lon": self.lon + east_m / 110_800.0, "accuracy_m": 5})
    }
}

/// The body of a report with this text from a place.
pub(crate) fn body(location: Value, description: &str) -> Value {
    let mut body = life::body();
    body["location"] = location;
    body["description"] = json!(description);
    body
}

/// The ticket desk merges one report into another.
#[track_caller]
pub(crate) fn merge(report: &Report, into: &Report) {
    let body = json!({"action": "merge", "into": into.ticket});
    report.command(officers::TIKET, "assignment", &body).expect(200);
}
