//! A report travels from a channel to Selesai.

use domain::status::Status;
use tests::{life, officers};

#[test]
fn a_report_goes_to_the_field_is_refused_is_done_again_and_ends_as_selesai() {
    let report = life::in_status(Status::MenungguVerifikasi, &life::body());
    report.verify(false);
    assert_eq!(report.status(), "tl_ditolak");
    report.post_tl();
    report.validate("reject");
    report.post_tl();
    report.validate("accept");
    assert_eq!(report.status(), "selesai");
    let seen = report.seen_by(officers::ADMINISTRATOR).expect(200).json();
    let history: Vec<_> =
        seen["history"].as_array().unwrap().iter().map(|entry| entry["event"].clone()).collect();
    assert_eq!(history.iter().filter(|event| *event == "post_tl").count(), 3);
}
