//! Duplicates: reports about the same thing are named to the ticket desk, merged, and follow the other one to its end.

mod following;
mod similar;

use serde_json::{Value, json};
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

impl Place {
    pub(crate) fn new() -> Self {
        let drawn = store::digest::raw(fresh_key().as_bytes());
        let share = |from: usize| f64::from(u16::from_be_bytes([drawn[from], drawn[from + 1]])) / 65_536.0;
        Self { lat: -5.75 + 0.6 * share(0), lon: 106.86 + 0.12 * share(2) }
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
