//! A unit's plan: the day by which it says that long work will be done.

use crate::{
    json_body::Form,
    text_limits::REASON,
    validation_errors::{ValidationErrorCode, ValidationErrors},
};
use jiff::{ToSpan, civil::Date};
use serde_json::Value;

/// How often units may plan on one report: the third change is the last.
pub const MOST_PLANS: u8 = 3;
/// How many days ahead a plan may be.
const MOST_DAYS: i32 = 90;

/// The body of `POST …/plan`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanRequest {
    /// The day by which the work will be done.
    pub on: Date,
    /// Why it takes that long; its reporter reads it.
    pub reason: String,
}

impl PlanRequest {
    /// Reads the body of `POST …/plan`.
    ///
    /// # Errors
    /// All errors.
    pub fn parse(body: &Value) -> Result<Self, ValidationErrors> {
        let form = Form::new(body);
        let on = form.parsed("on", ValidationErrorCode::Format, |text| {
            // jiff also reads dates within longer texts and with signs; the contract has one form.
            (text.len() == 10).then(|| text.parse().ok()).flatten()
        });
        let reason = form.text("reason", REASON);
        form.finish(on.zip(reason).map(|(on, reason)| Self { on, reason }))
    }
}

/// Whether a plan made `today` may be for this day.
pub(crate) fn may_be(on: Date, today: Date) -> bool {
    on >= today && today.checked_add(MOST_DAYS.days()).is_ok_and(|last| on <= last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case("2026-01-09", false)]
    #[case("2026-01-10", true)]
    #[case("2026-04-10", true)]
    #[case("2026-04-11", false)]
    fn a_plan_is_for_today_or_one_of_the_next_ninety_days(#[case] on: Date, #[case] fits: bool) {
        assert_eq!(may_be(on, "2026-01-10".parse().unwrap()), fits);
    }

    #[rstest]
    #[case("2026-02-30")]
    #[case("20260228")]
    #[case("2026-02-28T10:00")]
    #[case("besok")]
    #[case("")]
    fn what_is_no_day_is_refused(#[case] on: &str) {
        let errors = PlanRequest::parse(&json!({"on": on, "reason": "Menunggu bahan"})).unwrap_err();
        assert_eq!(errors[0].field, "on");
    }
}
