//! A command is stored whole, once, and only on the report that it was decided on.

use crate::{
    city::{assign, at_once, bureau, decided, large_event, officer, photo, photo_id, reject, unit},
    tables::City,
};
use domain::{command::Command, decision::Decision, photo::PhotoKind, report::Report, status::Status};
use store::{Failure, reports::Committed};
use tests::{operator::wait, threads};

fn merge(report: &Report, root: &Report) -> Decision {
    let command = Command::Merge { root: Box::new(root.clone()) };
    decided(report, command, &bureau("admin-tiket"), &at_once())
}

/// Tries to store a decision, and sees that nothing of it is stored.
#[track_caller]
fn refused(city: &City, on: &Report, decision: &Decision, new: usize) -> Committed {
    let before = city.table.items(on.ticket.as_str());
    let new: Vec<_> = (0..new).map(|_| photo(&on.ticket, PhotoKind::After)).collect();
    let ended = wait(city.reports().commit(on, decision, &new, &[])).unwrap();
    assert_eq!(city.table.items(on.ticket.as_str()), before);
    ended
}

#[test]
fn a_command_leaves_the_report_and_the_event_that_were_decided() {
    let city = City::make();
    let report = city.submitted(None, &at_once());
    let decision = assign(&report, &at_once());
    assert_eq!(wait(city.reports().commit(&report, &decision, &[], &[])), Ok(Committed::Done));
    let stored = city.report(&report.ticket);
    assert_eq!(stored, Report { revision: 1, ..decision.report });
    assert_eq!(
        (stored.status, city.events(&report.ticket).pop()),
        (Status::Koordinasi, Some(decision.event))
    );
}

#[test]
fn a_command_on_a_report_that_has_changed_since_is_refused_and_changes_nothing() {
    let city = City::make();
    let read = city.submitted(None, &at_once());
    city.commit(&read, &assign(&read, &at_once()));
    assert_eq!(refused(&city, &read, &reject(&read, &at_once()), 1), Committed::Changed);
}

#[test]
fn of_eight_officers_who_decide_at_once_one_wins() {
    let city = City::make();
    let read = city.submitted(None, &at_once());
    let decisions =
        (0..8).map(|n| if n % 2 == 0 { assign(&read, &at_once()) } else { reject(&read, &at_once()) });
    let decisions: Vec<_> = decisions.collect();
    let ended = threads::at_once(decisions.iter().collect(), |decision| {
        wait(city.reports().commit(&read, decision, &[], &[]))
    });
    let won: Vec<_> = ended.iter().enumerate().filter(|(_, ended)| **ended == Ok(Committed::Done)).collect();
    let [(won, _)] = won[..] else { panic!("{ended:?}") };
    let others = ended.iter().enumerate().filter(|(n, _)| *n != won);
    // DynamoDB may say of any two at once that they collided.
    assert!(
        others
            .into_iter()
            .all(|(_, ended)| matches!(ended, Ok(Committed::Changed) | Err(Failure::RetriesExhausted)))
    );
    let winner = decisions[won].clone();
    assert_eq!(city.report(&read.ticket), Report { revision: 1, ..winner.report });
    let events = city.events(&read.ticket);
    assert_eq!((events.len(), events.last()), (2, Some(&winner.event)));
}

#[test]
fn a_command_that_is_stored_is_not_stored_again() {
    let city = City::make();
    let read = city.submitted(None, &at_once());
    let decision = assign(&read, &at_once());
    let now = city.commit(&read, &decision);
    // As it was, and as somebody would decide it now who has not looked for the event.
    assert_eq!(refused(&city, &read, &decision, 0), Committed::Changed);
    assert_eq!(refused(&city, &now, &decision, 1), Committed::Changed);
}

#[test]
fn a_tl_needs_every_photo_ready() {
    let city = City::make();
    let (report, photos) = city.in_work();
    let tl = City::tl(&report, &photos);
    assert_eq!(refused(&city, &report, &tl, 0), Committed::PhotoNotReady);
    for ready in 0..2 {
        City::come(&city.reports(), &photos[ready..=ready]);
        if ready == 0 {
            assert_eq!(refused(&city, &report, &tl, 0), Committed::PhotoNotReady);
        }
    }
    let posted = city.commit(&report, &tl);
    assert_eq!(posted.status, Status::MenungguValidasi);
    // What was before the work may serve again.
    assert_eq!(photos.clone().map(|photo| city.photo(&photo).used_by), [None, Some(tl.event.id)]);
}

#[test]
fn a_photo_that_was_used_up_serves_no_other_tl() {
    let city = City::make();
    let (report, photos) = city.in_work();
    City::come(&city.reports(), &photos);
    let posted = city.commit(&report, &City::tl(&report, &photos));
    let mut again = City::tl(&report, &photos);
    again.report.events = posted.events + 1;
    assert_eq!(refused(&city, &posted, &again, 0), Committed::PhotoNotReady);
    // The photo from before alone is no obstacle.
    again.photos.retain(|used| !used.serves_once());
    city.commit(&posted, &again);
}

#[test]
fn a_photo_that_is_not_there_is_not_ready() {
    let city = City::make();
    let (report, photos) = city.in_work();
    City::come(&city.reports(), &photos);
    for place in 0..2 {
        let mut tl = City::tl(&report, &photos);
        tl.photos[place].photo = photo_id();
        assert_eq!(refused(&city, &report, &tl, 0), Committed::PhotoNotReady);
    }
}

#[test]
fn a_stale_command_is_reported_before_any_other_refusal() {
    let city = City::make();
    let (report, photos) = city.in_work();
    let tl = City::tl(&report, &photos);
    let stale = Report { revision: report.revision - 1, ..report.clone() };
    assert_eq!(refused(&city, &stale, &tl, 0), Committed::Changed);
    let other = city.submitted(None, &at_once());
    city.commit(&other, &reject(&other, &at_once()));
    let mut both = tl;
    both.root = Some(Box::new(other));
    assert_eq!(refused(&city, &report, &both, 0), Committed::PhotoNotReady);
}

#[test]
fn a_report_is_merged_into_one_that_is_open_at_that_moment() {
    let city = City::make();
    let [into, first, second] = [(); 3].map(|()| city.submitted(None, &at_once()));
    let merged = city.commit(&first, &merge(&first, &into));
    assert_eq!((merged.status, &merged.merged_into), (Status::Duplikat, &Some(into.ticket.clone())));
    // Of the other one it is noted that it is followed, and nothing else.
    let root = city.report(&into.ticket);
    assert_eq!(root, Report { is_followed: true, revision: root.revision, ..into.clone() });
    assert_eq!(refused(&city, &second, &merge(&second, &into), 0), Committed::Changed, "read before that");
    let decision = merge(&second, &root);
    city.commit(&root, &reject(&root, &at_once()));
    assert_eq!(refused(&city, &second, &decision, 0), Committed::Changed);
    let gone = Report { ticket: crate::city::ticket(), ..root };
    assert_eq!(refused(&city, &second, &merge(&second, &gone), 0), Committed::Changed);
}

#[test]
fn photos_are_declared_with_the_command_or_not_at_all() {
    let city = City::make();
    let (report, photos) = city.in_work();
    assert_eq!(photos.clone().map(|photo| city.photo(&photo)), photos);
    // One that is there already keeps its state, and keeps the command out.
    let command =
        Command::AddPhotos { photos: vec![(photo_id(), PhotoKind::After)], never_ready: Vec::new() };
    let decision = decided(&report, command, &officer("sudin-a1"), &at_once());
    City::come(&city.reports(), &photos);
    let before = city.table.items(report.ticket.as_str());
    let ended = wait(city.reports().commit(&report, &decision, &photos[..1], &[]));
    assert_eq!(ended, Ok(Committed::Changed));
    assert_eq!(city.table.items(report.ticket.as_str()), before);
}

#[test]
fn a_history_longer_than_a_page_is_read_whole() {
    let city = City::make();
    let mut report = city.submitted(Some(unit("sudin-a1")), &at_once());
    let mut written = Vec::new();
    for _ in 0..5 {
        let mut decision = large_event(&Report { status: Status::Menunggu, ..report.clone() });
        decision.report.status = Status::Menunggu;
        written.push(decision.event.clone());
        report = city.commit(&report, &decision);
    }
    assert!(city.table.breaks(report.ticket.as_str()));
    let read = city.events(&report.ticket);
    assert_eq!(read.len(), 6);
    assert_eq!(read[1..], written);
    // What is behind the events is found too.
    assert_eq!(wait(city.reports().photos(&report.ticket)).unwrap().len(), 1);
    assert_eq!(report.revision, 5);
}
