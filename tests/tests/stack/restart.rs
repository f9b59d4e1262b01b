//! Leaves reports in many states, which the tests after the restart find again.

use domain::status::Status;
use serde_json::{Value, json};
use tests::{
    http::fresh_key,
    life::{self, Report, body, declared, photo, upload},
    officers, operator, report_state, restart_notes, seals,
};

fn send(body: &Value) -> (Report, String) {
    let key = fresh_key();
    let told = life::submission("jaki", &key, body).send().expect(201).json();
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    restart_notes::ticket(&text("ticket"));
    restart_notes::unspeakable(&text("secret"));
    for entry in told["uploads"].as_array().unwrap() {
        upload(entry, &photo(20)).expect(200);
    }
    (Report { ticket: text("ticket"), secret: text("secret") }, key)
}

#[test]
fn reports_in_many_states_are_left_for_the_time_after_a_restart() {
    let mut public = body();
    public["privacy"] = json!("public");
    public["photos"] = json!([declared(&photo(20))]);
    let sensitive = |category: &str| {
        let mut body = body();
        body["category"] = json!(category);
        body
    };
    let plans = [
        (body(), Status::Menunggu),
        (public, Status::Proses),
        (body(), Status::MenungguVerifikasi),
        (body(), Status::TlDitolak),
        (body(), Status::Selesai),
        // They wait for their slot: nobody at the unit may see them after the restart either. That of the second comes then.
        (sensitive("pungutan-liar"), Status::Koordinasi),
        (sensitive("perilaku-petugas"), Status::Koordinasi),
    ];
    let left: Vec<_> = plans
        .iter()
        .map(|(body, status)| {
            let (report, key) = send(body);
            match (body["category"].as_str().unwrap(), status) {
                (_, Status::Menunggu) => {}
                ("jalan-berlubang", _) => report.assign(),
                (_, _) => report.assign_summarised(),
            }
            if !matches!(status, Status::Menunggu | Status::Koordinasi) {
                report.accept();
            }
            if matches!(status, Status::MenungguVerifikasi | Status::TlDitolak | Status::Selesai) {
                report.post_tl();
                report.validate(if *status == Status::Selesai { "accept" } else { "field_check" });
            }
            if *status == Status::TlDitolak {
                report.verify(false);
            }
            if !body["photos"].is_null() {
                let seen = report.seen_by(officers::ADMINISTRATOR).expect(200).json();
                let photo = seen["photos"][0]["photo"].as_str().unwrap();
                assert_eq!(report.await_cleaning(officers::ADMINISTRATOR, photo), "ready");
                report.view(officers::UNIT, photo).expect(200);
            }
            // What waits for its slot its reporter does not know either.
            let told = if *status == Status::Koordinasi { Status::Menunggu } else { *status };
            assert_eq!(report.status(), told.as_str());
            report_state::describe(&report, &key, body)
        })
        .collect();
    restart_notes::leave(&left);
    // So that every function has said something, also those that wait for their hour.
    operator::run_release();
    let _alone = seals::alone();
    seals::run_seal();
}
