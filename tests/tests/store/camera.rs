//! A nonce makes one photo live, in the transaction that stores the photo.

use crate::{
    city::{at_once, decided, officer, photo},
    tables::City,
};
use domain::{
    camera::GivenNonce,
    command::Command,
    ids::CameraNonce,
    photo::{Photo, PhotoKind},
    report::Report,
};
use store::reports::Committed;
use tests::operator::wait;

fn nonce(number: u8) -> CameraNonce {
    CameraNonce::from_bytes(&[number; CameraNonce::BYTES])
}

/// Stores the declaration of a photo that is live by this nonce, if it can be.
fn declare(city: &City, report: &Report, nonce: CameraNonce) -> (Photo, Committed) {
    let photo = Photo { camera: Some(nonce), ..photo(&report.ticket, PhotoKind::Before) };
    let photos = vec![(photo.photo.clone(), photo.kind)];
    let command = Command::AddPhotos { photos, never_ready: Vec::new() };
    let decision = decided(report, command, &officer("sudin-a1"), &at_once());
    let ended = wait(city.reports().commit(report, &decision, std::slice::from_ref(&photo), &[]));
    (photo, ended.expect("an end"))
}

#[test]
fn a_nonce_is_used_with_the_photo_that_it_makes_live_and_with_no_other() {
    let city = City::make();
    let (report, _) = city.in_work();
    let given = GivenNonce::new(nonce(1), &officer("sudin-a1"), crate::city::at("2026-11-23T03:00:00Z"));
    wait(city.reports().give_nonce(&report.ticket, &given)).unwrap();
    let found = || wait(city.reports().given_nonces(&report.ticket, [&nonce(1), &nonce(2)])).unwrap();
    assert_eq!(found(), std::slice::from_ref(&given));

    let (live, ended) = declare(&city, &report, nonce(1));
    assert_eq!(ended, Committed::Done);
    assert_eq!(city.photo(&live), live);
    let after = city.report(&report.ticket);
    let used = found().remove(0);
    assert!(used.used_by.is_some());
    assert_eq!(GivenNonce { used_by: None, ..used.clone() }, given);

    // Used, or never given: nothing is stored, and it is decided anew.
    for other in [1, 2] {
        let (photo, ended) = declare(&city, &after, nonce(other));
        assert_eq!(ended, Committed::Changed);
        assert_eq!(wait(city.reports().photo(&photo.ticket, &photo.photo)), Ok(None));
    }
    assert_eq!((city.report(&report.ticket), found()), (after, vec![used]));
}
