//! What a reporter does, and what a release does, is stored whole and only on the report that it was done to.

use crate::{
    city::{MORNING, action_stamp, assign, at, at_once, at_ten, photo, unit},
    clock,
    tables::City,
};
use domain::{
    act::Act,
    photo::{Photo, PhotoKind, PhotoReason, PhotoState},
    privacy::Privacy,
    release::Effects,
    report::Report,
    reporter_actions,
    status::Status,
};
use store::reports::{Due, PhotoChange, ReporterChange};
use tests::operator::wait;

/// With nothing about photos, and the identity left alone.
fn done<'a>(report: &'a Report, effects: &'a Effects) -> ReporterChange<'a> {
    ReporterChange { report, effects, new_photos: &[], photos: &[], erase_from: None }
}

fn photo_of(city: &City, report: &Report) -> Photo {
    wait(city.reports().photos(&report.ticket)).unwrap().pop().unwrap()
}

#[test]
fn who_withdraws_is_forgotten_with_the_report_and_never_without() {
    let city = City::make();
    let report = city.submitted(Some(unit("sudin-a1")), &at_once());
    let (withdrawn, effects) =
        reporter_actions::withdraw(&report, action_stamp(at(MORNING)), clock::by(&at_once()));
    assert_eq!((withdrawn.status, effects.events.len()), (Status::Dibatalkan, 1));
    let picture = photo_of(&city, &report);
    let photo_changes = [(picture.photo.clone(), PhotoChange::Gone)];
    let vault = city.vault_table.name.as_str();
    let withdrawal =
        ReporterChange { photos: &photo_changes, erase_from: Some(vault), ..done(&withdrawn, &effects) };

    // Somebody was faster: nothing happens, the identity stays.
    let before = (city.table.items(report.ticket.as_str()), city.vault_table.row(report.ticket.as_str()));
    assert!(before.1.is_some());
    let other = Report { revision: report.revision + 1, ..report.clone() };
    assert_eq!(wait(city.reports().by_reporter(&other, &withdrawal, at(MORNING))), Ok(false));
    let after = (city.table.items(report.ticket.as_str()), city.vault_table.row(report.ticket.as_str()));
    assert_eq!(after, before);

    assert_eq!(wait(city.reports().by_reporter(&report, &withdrawal, at(MORNING))), Ok(true));
    assert_eq!(city.report(&report.ticket), Report { revision: 1, ..withdrawn.clone() });
    assert_eq!(city.events(&report.ticket).last(), effects.events.last());
    assert!(wait(city.vault().read(&report.ticket)).unwrap().is_none());
    let reason = Some(PhotoReason::Withdrawn);
    let gone =
        Photo { state: PhotoState::Rejected, reason, sha256: None, url_until: None, ..picture.clone() };
    assert_eq!(city.photo(&picture), gone);

    // Again, as after an answer that was lost: refused, and harmless.
    assert_eq!(wait(city.reports().by_reporter(&report, &withdrawal, at(MORNING))), Ok(false));
    assert!(wait(city.vault().read(&report.ticket)).unwrap().is_none());
}

#[test]
fn an_identity_that_is_gone_already_is_no_obstacle() {
    let city = City::make();
    let report = city.submitted(None, &at_once());
    city.vault_table.clear(report.ticket.as_str());
    let (withdrawn, effects) =
        reporter_actions::withdraw(&report, action_stamp(at(MORNING)), clock::by(&at_once()));
    let vault = city.vault_table.name.as_str();
    let withdrawal = ReporterChange { erase_from: Some(vault), ..done(&withdrawn, &effects) };
    assert_eq!(wait(city.reports().by_reporter(&report, &withdrawal, at(MORNING))), Ok(true));
    assert!(city.report(&report.ticket).reporter.erased);
}

#[test]
fn photos_are_locked_with_the_report_or_not_at_all() {
    let city = City::make();
    let report = city.submitted(None, &at_once());
    let picture = photo_of(&city, &report);
    let (changed, effects) = reporter_actions::change_privacy(
        &report,
        Privacy::Private,
        action_stamp(at(MORNING)),
        clock::by(&at_once()),
    );
    let photo_changes = [(picture.photo.clone(), PhotoChange::Moved { locked: true })];
    let locking = ReporterChange { photos: &photo_changes, ..done(&changed, &effects) };
    let never = [(crate::city::photo_id(), PhotoChange::Gone), photo_changes[0].clone()];
    let before = city.table.items(report.ticket.as_str());
    let with_none = ReporterChange { photos: &never, ..done(&changed, &effects) };
    assert_eq!(wait(city.reports().by_reporter(&report, &with_none, at(MORNING))), Ok(false));
    assert_eq!(city.table.items(report.ticket.as_str()), before);
    assert_eq!(wait(city.reports().by_reporter(&report, &locking, at(MORNING))), Ok(true));
    assert_eq!(city.photo(&picture), Photo { locked: true, ..picture.clone() });
}

#[test]
fn a_reporter_declares_photos_once() {
    let city = City::make();
    let report = city.submitted(None, &at_once());
    let new = [photo(&report.ticket, PhotoKind::Reporter), photo(&report.ticket, PhotoKind::Reporter)];
    let more = reporter_actions::add_photos(&report, new.len()).unwrap();
    let nothing = Effects::default();
    let adding = ReporterChange { new_photos: &new, ..done(&more, &nothing) };
    assert_eq!(wait(city.reports().by_reporter(&report, &adding, at(MORNING))), Ok(true));
    assert_eq!(new.clone().map(|photo| city.photo(&photo)), new);
    let stored = city.report(&report.ticket);
    assert_eq!((stored.reporter.photos, stored.revision), (3, 1));
    // They are there already: their states stay.
    City::come(&city.reports(), &new);
    assert_eq!(wait(city.reports().by_reporter(&stored, &adding, at(MORNING))), Ok(false));
    assert_eq!(city.photo(&new[0]).state, PhotoState::Ready);
}

#[test]
fn a_release_that_somebody_came_before_changes_nothing_and_is_still_pending() {
    let city = City::make();
    let report = city.submitted(None, &at_once());
    let assigned = city.commit(&report, &assign(&report, &at_ten()));
    let ten = at("2026-11-23T03:00:00Z");
    let mut released = assigned.clone();
    let effects = clock::due(&mut released, ten, &at_ten());
    assert_eq!(effects.announcements.iter().map(|one| one.event).collect::<Vec<_>>(), [Act::Assign; 2]);
    let read_before = Report { revision: report.revision, ..assigned.clone() };
    let before = city.table.items(report.ticket.as_str());
    assert_eq!(wait(city.reports().release(&read_before, &released, &effects, ten)), Ok(false));
    assert_eq!(city.table.items(report.ticket.as_str()), before);
    assert_eq!(wait(city.reports().due(ten, 10)), Ok(vec![Due::Report(report.ticket.clone())]));

    assert_eq!(wait(city.reports().release(&assigned, &released, &effects, ten)), Ok(true));
    assert_eq!(wait(city.reports().due(ten, 10)), Ok(Vec::new()));
    // The command's own announcements, if any, and now these two.
    let kinds = |items: &[crate::tables::Item]| {
        items.iter().filter(|item| item["kind"] == crate::tables::s("announcement")).count()
    };
    let after = city.table.items(report.ticket.as_str());
    assert_eq!(kinds(&after), kinds(&before) + 2);
}
