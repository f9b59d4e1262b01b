//! A picture is evidence once; a picture from before the work may be used again on its own report.

use crate::{
    city::{at_once, bureau, decided},
    tables::City,
};
use domain::{
    command::{Command, Verdict},
    decision::Decision,
    photo::{Photo, PhotoKind},
    photo_evidence::{Evidence, evidence},
    report::Report,
};
use store::{Failure, reports::Committed};
use tests::{operator::wait, threads};

/// A report with a TL that is about to be posted, its two pictures known by these digests.
struct Tl {
    report: Report,
    decision: Decision,
    evidence: Vec<Evidence>,
}

impl Tl {
    /// Makes a TL on a new report.
    fn new(city: &City, before: &str, after: &str) -> Self {
        let (report, photos) = city.in_work();
        Self::of(city, report, &photos, before, after)
    }

    fn of(city: &City, report: Report, photos: &[Photo; 2], before: &str, after: &str) -> Self {
        let digests = [before, after].map(|digest| vec![format!("bytes {digest}"), digest.to_owned()]);
        let come: Vec<Photo> =
            photos.iter().zip(digests).map(|(photo, digests)| Photo { digests, ..photo.clone() }).collect();
        City::come(&city.reports(), &come);
        let decision = City::tl(&report, photos);
        let stored = wait(city.reports().photos(&report.ticket)).unwrap();
        let evidence = evidence(&decision.photos, &stored).unwrap();
        assert_eq!(evidence.len(), 4);
        Self { report, decision, evidence }
    }

    fn try_to_post(&self, city: &City) -> Result<Committed, Failure> {
        wait(city.reports().commit(&self.report, &self.decision, &[], &self.evidence))
    }

    #[track_caller]
    fn post(&self, city: &City) -> Report {
        assert_eq!(self.try_to_post(city), Ok(Committed::Done));
        city.report(&self.report.ticket)
    }

    /// Sees that it is refused for the pictures at these places, and that nothing of it is stored.
    #[track_caller]
    fn refused(&self, city: &City, places: &[usize]) {
        let before = city.table.items(self.report.ticket.as_str());
        assert_eq!(self.try_to_post(city), Ok(Committed::AlreadyUsed(places.to_vec())));
        assert_eq!(city.table.items(self.report.ticket.as_str()), before);
    }
}

#[test]
fn a_picture_that_is_evidence_of_one_report_is_refused_on_another() {
    let city = City::make();
    Tl::new(&city, "hole", "asphalt").post(&city);
    Tl::new(&city, "another hole", "asphalt").refused(&city, &[1]);
    Tl::new(&city, "hole", "other asphalt").refused(&city, &[0]);
    Tl::new(&city, "asphalt", "hole").refused(&city, &[0, 1]);
    Tl::new(&city, "another hole", "other asphalt").post(&city);
}

#[test]
fn in_the_next_round_only_the_before_picture_may_be_used_again() {
    let city = City::make();
    let posted = Tl::new(&city, "hole", "asphalt").post(&city);
    let reject = Command::Validate { verdict: Verdict::Reject, reason: Some("Belum rata".into()) };
    let mut report = city.commit(&posted, &decided(&posted, reject, &bureau("petugas-validasi"), &at_once()));
    for (before, after, refused) in [
        ("hole", "asphalt", [1].as_slice()),
        ("hole", "hole again", &[]),
        ("asphalt", "third", &[0]),
        ("fresh", "hole", &[1]),
    ] {
        let photos =
            [PhotoKind::Before, PhotoKind::After].map(|kind| crate::city::photo(&report.ticket, kind));
        let named = photos.iter().map(|photo| (photo.photo.clone(), photo.kind)).collect();
        let command = Command::AddPhotos { photos: named, never_ready: Vec::new() };
        let unit = crate::city::officer("sudin-a1");
        let added = decided(&report, command, &unit, &at_once());
        assert_eq!(wait(city.reports().commit(&report, &added, &photos, &[])), Ok(Committed::Done));
        let tl = Tl::of(&city, city.report(&report.ticket), &photos, before, after);
        if refused.is_empty() {
            let again = tl.post(&city);
            let reject = Command::Validate { verdict: Verdict::Reject, reason: Some("Belum rata".into()) };
            report = city.commit(&again, &decided(&again, reject, &bureau("petugas-validasi"), &at_once()));
        } else {
            tl.refused(&city, refused);
            report = city.report(&report.ticket);
        }
    }
}

#[test]
fn of_two_tls_at_once_with_one_picture_one_is_stored() {
    let city = City::make();
    let tls = [Tl::new(&city, "hole 1", "asphalt"), Tl::new(&city, "hole 2", "asphalt")];
    let ended = threads::at_once(tls.iter().collect(), |tl| tl.try_to_post(&city));
    assert_eq!(ended.iter().filter(|ended| **ended == Ok(Committed::Done)).count(), 1, "{ended:?}");
    let refused = |ended: &Result<_, _>| {
        *ended == Ok(Committed::AlreadyUsed(vec![1])) || *ended == Err(Failure::RetriesExhausted)
    };
    assert_eq!(ended.iter().filter(|ended| refused(ended)).count(), 1, "{ended:?}");
}

#[test]
fn twenty_photos_fit_into_one_transaction_with_all_that_they_prove() {
    let city = City::make();
    let (report, photos) = city.in_work();
    let more: Vec<Photo> = (0..18)
        .map(|n| crate::city::photo(&report.ticket, if n < 9 { PhotoKind::Before } else { PhotoKind::After }))
        .collect();
    let named = more.iter().map(|photo| (photo.photo.clone(), photo.kind)).collect();
    let command = Command::AddPhotos { photos: named, never_ready: Vec::new() };
    let added = decided(&report, command, &crate::city::officer("sudin-a1"), &at_once());
    assert_eq!(wait(city.reports().commit(&report, &added, &more, &[])), Ok(Committed::Done));
    let all: Vec<Photo> = photos
        .iter()
        .chain(&more)
        .map(|photo| Photo {
            digests: ["bytes", "pixels"].map(|of| format!("{of} {}", photo.photo)).into(),
            ..photo.clone()
        })
        .collect();
    City::come(&city.reports(), &all);
    let report = city.report(&report.ticket);
    let decision = City::tl(&report, &all);
    let stored = wait(city.reports().photos(&report.ticket)).unwrap();
    let evidence = evidence(&decision.photos, &stored).unwrap();
    assert_eq!(evidence.len(), 40);
    assert_eq!(wait(city.reports().commit(&report, &decision, &[], &evidence)), Ok(Committed::Done));
}
