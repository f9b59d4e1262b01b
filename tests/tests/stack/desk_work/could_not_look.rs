//! A verifier who could not look gives the report back to the validators.

use super::{entries, seen};
use domain::status::Status;
use serde_json::json;
use tests::{
    http::fresh_key,
    inbox::Inbox,
    life::{self, by},
    officers,
};

#[test]
fn a_report_that_a_verifier_could_not_look_at_is_decided_anew_by_a_validator() {
    let unit = format!("unit-{}", officers::UNIT_CODE);
    let inbox = Inbox::on(&["desk-validasi", "reporter", &unit]);
    for decision in ["accept", "reject", "field_check"] {
        let report = life::in_status(Status::MenungguVerifikasi, &life::body());
        let body = json!({"looked": false, "reason": "Gerbang terkunci"});
        let call =
            by(officers::VERIFIKASI, "POST", &report.path("verification")).key(&fresh_key()).json(&body);
        let done = call.send().expect(200);
        assert_eq!(done.json()["status"], "menunggu_validasi");
        assert_eq!(call.send().expect(200).bytes, done.bytes);
        report.command(officers::VERIFIKASI, "verification", &body).expect(409);
        for onlooker in [officers::VALIDASI, officers::VERIFIKASI, officers::TIKET] {
            let seen = seen(&report, onlooker);
            assert_eq!(seen["status"], "menunggu_validasi", "{onlooker}");
            assert_eq!(entries(&seen, "could_not_look")[0]["reason"], "Gerbang terkunci");
        }
        report.validate(decision);
        let expected = match decision {
            "accept" => "selesai",
            "reject" => "tl_ditolak",
            _ => "menunggu_verifikasi",
        };
        assert_eq!(report.status(), expected);
        inbox.catch_up();
        let told: Vec<String> = inbox.about(&report).iter().map(tests::inbox::Message::summary).collect();
        for topic in ["desk-validasi", &unit, "reporter"] {
            let summary = format!("{topic} could_not_look menunggu_validasi");
            assert_eq!(told.iter().filter(|told| **told == summary).count(), 1, "{summary}");
        }
    }
}
