//! A photo is pending, and then what has come of it, for good.

use crate::{
    city::{at, at_once, digest_text, photo, received},
    tables::{City, names},
};
use domain::{
    photo::{Photo, PhotoKind, PhotoReason, PhotoState},
    presigned_urls::url_until,
};
use store::reports::Checked;
use tests::{operator::wait, threads};

fn one(locked: bool) -> (City, Photo) {
    let city = City::make();
    let (decision, _) = received(0, None, &at_once());
    let photo = Photo { locked, ..photo(&decision.report.ticket, PhotoKind::Reporter) };
    city.submit(&decision, std::slice::from_ref(&photo));
    (city, photo)
}

#[test]
fn a_photo_that_is_as_declared_is_known_and_left_as_it_is() {
    let (city, photo) = one(false);
    let check = |sha256: &str| wait(city.reports().check_photo(&photo.ticket, &photo.photo, sha256)).unwrap();
    assert_eq!(check(&digest_text()), Checked::Fits(Box::new(photo.clone())));
    assert_eq!(check("another"), Checked::Differs);
    assert_eq!(city.photo(&photo), photo);
}

#[test]
fn a_photo_that_was_never_declared_is_not_made() {
    let (city, photo) = one(false);
    let other = Photo { photo: crate::city::photo_id(), ..photo };
    let reports = city.reports();
    assert_eq!(wait(reports.check_photo(&other.ticket, &other.photo, "x")), Ok(Checked::NoSuchPhoto));
    assert_eq!(wait(reports.photo_is_ready(&other)), Ok(Checked::NoSuchPhoto));
    assert_eq!(
        wait(reports.reject_photo(&other.ticket, &other.photo, PhotoReason::Damaged)),
        Ok(Checked::NoSuchPhoto)
    );
    assert_eq!(wait(reports.photo(&other.ticket, &other.photo)), Ok(None));
}

#[test]
fn a_photo_that_has_come_is_ready_from_a_moment_on_and_its_digest_is_gone() {
    let (city, photo) = one(true);
    let from = Some(at("2026-11-23T03:00:00.123456789Z"));
    let ready =
        Photo { state: PhotoState::Ready, sha256: None, url_until: None, shown_from: from, ..photo.clone() };
    let come = Photo { shown_from: from, ..photo.clone() };
    assert_eq!(wait(city.reports().photo_is_ready(&come)), Ok(Checked::Fits(Box::new(ready.clone()))));
    assert_eq!(city.photo(&photo), ready);
    let item =
        city.table.items(photo.ticket.as_str()).into_iter().find(|item| item.contains_key("photo_kind"));
    assert!(!names(&item.unwrap()).contains(&"sha256"));
    // It stays so, whatever comes after it.
    let not_pending = Ok(Checked::NotPending(Box::new(ready.clone())));
    assert_eq!(wait(city.reports().photo_is_ready(&come)), not_pending);
    assert_eq!(
        wait(city.reports().reject_photo(&photo.ticket, &photo.photo, PhotoReason::Damaged)),
        not_pending
    );
    assert_eq!(wait(city.reports().check_photo(&photo.ticket, &photo.photo, &digest_text())), not_pending);
    assert_eq!(city.photo(&photo), ready);
}

#[test]
fn a_photo_that_was_locked_meanwhile_is_not_ready_on_the_other_side() {
    let (city, photo) = one(true);
    let other_side = Photo { locked: false, ..photo.clone() };
    assert_eq!(wait(city.reports().photo_is_ready(&other_side)), Ok(Checked::Differs));
    assert_eq!(city.photo(&photo), photo);
}

#[test]
fn a_rejected_photo_says_why_for_good() {
    let (city, photo) = one(false);
    let reject = |reason| wait(city.reports().reject_photo(&photo.ticket, &photo.photo, reason)).unwrap();
    reject(PhotoReason::Heic);
    reject(PhotoReason::Damaged);
    let reason = Some(PhotoReason::Heic);
    assert_eq!(
        city.photo(&photo),
        Photo { state: PhotoState::Rejected, reason, sha256: None, url_until: None, ..photo }
    );
}

#[test]
fn a_photo_is_awaited_again_as_it_stands_by_then() {
    let (city, read) = one(false);
    let reports = city.reports();
    let until = url_until(at("2026-11-23T09:00:00Z"));
    let awaited = Photo { url_until: Some(until), ..read.clone() };
    assert_eq!(wait(reports.await_upload(read.clone(), until)), Ok(awaited.clone()));
    assert_eq!(city.photo(&read), awaited);
    // Locked after it was read: it is awaited on the other side.
    let other_side = Photo { locked: true, ..read.clone() };
    assert_eq!(wait(reports.await_upload(other_side, until)), Ok(awaited.clone()));
    assert_eq!(city.photo(&read), awaited);
    // Come after it was read: nothing is awaited, and what has come stays.
    let ready = Photo { state: PhotoState::Ready, sha256: None, url_until: None, ..awaited };
    assert_eq!(wait(reports.photo_is_ready(&read)), Ok(Checked::Fits(Box::new(ready.clone()))));
    assert_eq!(wait(reports.await_upload(read.clone(), until)), Ok(ready.clone()));
    assert_eq!(city.photo(&read), ready);
}

#[test]
fn a_photo_that_is_ready_and_refused_at_once_is_one_of_them_for_all() {
    let (city, photo) = one(false);
    let ended = threads::at_once((0..8).collect(), |n| {
        let reports = city.reports();
        wait(async {
            if n % 2 == 0 {
                reports.photo_is_ready(&photo).await
            } else {
                reports.reject_photo(&photo.ticket, &photo.photo, PhotoReason::Damaged).await
            }
        })
    });
    let stored = Box::new(city.photo(&photo));
    assert_ne!(stored.state, PhotoState::Pending);
    let fits = Ok(Checked::Fits(stored.clone()));
    assert_eq!(ended.iter().filter(|ended| **ended == fits).count(), 1);
    assert_eq!(ended.iter().filter(|ended| **ended == Ok(Checked::NotPending(stored.clone()))).count(), 7);
}
