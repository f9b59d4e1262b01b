//! Where an officer was at a TL or in the field, and how that is known.

use crate::{
    json_body::Form,
    location::Point,
    personal_data::{PersonalData, masked},
    text_limits::{ADDRESS, REASON},
    validation_errors::ValidationErrorCode,
    wire_enum::wire_enum,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

wire_enum!(
    /// How it is known where an officer was.
    LocatedBy {
        /// The officer's device measured it.
        Device = "device",
        /// The officer set it by hand, on a map or in degrees.
        Hand = "hand",
        /// The officer described it.
        Words = "words",
    }
);

/// Where an officer was. What is not measured has a reason.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfficerLocation {
    /// The position; absent where there are words alone.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// The place in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub address: Option<String>,
    /// How it is known; absent where the request does not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub by: Option<LocatedBy>,
    /// Why it was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub reason: Option<String>,
}

impl From<Point> for OfficerLocation {
    fn from(point: Point) -> Self {
        Self { point: Some(point), address: None, by: None, reason: None }
    }
}

impl OfficerLocation {
    /// Reads the object of a request. Each way has its own fields: a position that says nothing of how it is known, one that was measured, with
    /// its accuracy, one set by hand, and words.
    pub(crate) fn read(form: &Form<'_>) -> Option<Self> {
        let way =
            form.value("by").map(|_| form.parsed("by", ValidationErrorCode::NotListed, LocatedBy::parse));
        let by = match way {
            None => return form.point().map(Self::from),
            Some(Some(by)) => by,
            // Of which way the other fields would be nobody knows.
            Some(None) => {
                for field in ["lat", "lon", "accuracy_m", "address", "reason"] {
                    form.value(field);
                }
                return None;
            }
        };
        let (point, address, reason) = match by {
            LocatedBy::Device => {
                let point = form.point();
                if form.value("accuracy_m").is_none() {
                    form.error("accuracy_m", ValidationErrorCode::Required);
                } else if point.is_some_and(|point| point.accuracy_m.is_none()) {
                    form.error("accuracy_m", ValidationErrorCode::Range);
                }
                (point, None, None)
            }
            LocatedBy::Hand => {
                let point = form.point_without_accuracy();
                (point, None, form.text("reason", REASON))
            }
            LocatedBy::Words => (None, form.text("address", ADDRESS), form.text("reason", REASON)),
        };
        Some(Self { point, address, by: Some(by), reason })
    }

    /// As units see it: to 4 decimals, and without personal data. The words stay where the viewer sees addresses.
    pub(crate) fn for_unit(&self, keeps: &BTreeSet<PersonalData>, sees_addresses: bool) -> Self {
        let shown = |text: &String| masked(keeps, text);
        Self {
            point: self.point.map(Point::coarse),
            address: self.address.as_ref().filter(|_| sees_addresses).map(shown),
            by: self.by,
            reason: self.reason.as_ref().map(shown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation_errors::ValidationError;
    use rstest::rstest;
    use serde_json::{Value, json};

    fn read(location: &Value) -> Result<OfficerLocation, Vec<String>> {
        let body = json!({ "location": location });
        let form = Form::new(&body);
        let found = form.object("location", OfficerLocation::read);
        let said = |error: ValidationError| format!("{} {}", error.field, error.code.as_str());
        form.finish(found).map_err(|errors| errors.into_iter().map(said).collect())
    }

    #[rstest]
    #[case(json!({"lat": -6.2, "lon": 106.8}))]
    #[case(json!({"lat": -6.2, "lon": 106.8, "accuracy_m": 12.5}))]
    #[case(json!({"lat": -6.2, "lon": 106.8, "accuracy_m": 8.0, "by": "device"}))]
    #[case(json!({"lat": -6.2, "lon": 106.8, "by": "hand", "reason": "Di dalam gedung"}))]
    #[case(json!({"address": "Di bawah jembatan", "by": "words", "reason": "Peta tidak terbuka"}))]
    fn each_way_is_kept_as_it_came(#[case] location: Value) {
        assert_eq!(serde_json::to_value(read(&location).unwrap()).unwrap(), location);
    }

    #[rstest]
    #[case(json!({}), &["lat required", "lon required"])]
    #[case(json!({"by": null, "lat": 1}), &["lon required"])]
    #[case(json!({"by": "gps", "lat": 91, "reason": "x"}), &["by not_listed"])]
    #[case(json!({"by": 3}), &["by wrong_type"])]
    #[case(json!({"lat": 1, "lon": 1, "reason": "Sebab", "address": "Di sini"}), &["address unknown_field", "reason unknown_field"])]
    #[case(json!({"by": "device"}), &["lat required", "lon required", "accuracy_m required"])]
    #[case(json!({"by": "device", "lat": 1, "lon": 1, "accuracy_m": -1}), &["accuracy_m out_of_range"])]
    #[case(json!({"by": "device", "lat": 1, "lon": 1, "accuracy_m": 9, "reason": "Sebab"}), &["reason unknown_field"])]
    #[case(json!({"by": "hand", "lat": 91}), &["lat out_of_range", "lon required", "reason required"])]
    #[case(json!({"by": "hand"}), &["lat required", "lon required", "reason required"])]
    #[case(json!({"by": "hand", "lat": 1, "lon": 1, "accuracy_m": 9, "reason": "Di"}), &["reason too_short", "accuracy_m unknown_field"])]
    #[case(json!({"by": "words"}), &["address required", "reason required"])]
    #[case(json!({"by": "words", "address": "", "reason": " ", "lat": 1, "lon": 1}),
           &["address too_short", "reason too_short", "lat unknown_field", "lon unknown_field"])]
    fn all_errors_of_a_location_come_at_once(#[case] location: Value, #[case] expected: &[&str]) {
        let expected: Vec<String> = expected.iter().map(|error| format!("location.{error}")).collect();
        assert_eq!(read(&location), Err(expected));
    }

    #[test]
    fn a_reason_is_as_long_as_other_reasons() {
        let of = |length| read(&json!({"by": "words", "address": "Di sini", "reason": "x".repeat(length)}));
        assert!(of(3).is_ok() && of(1000).is_ok());
        assert_eq!(of(1001), Err(vec!["location.reason too_long".to_owned()]));
    }
}
