//! A submission is stored once, all or nothing.

use crate::{
    city::{MORNING, assign, at, at_once, encrypted, received, test_received, unit},
    tables::{City, n, s},
};
use domain::photo::PhotoState;
use store::{
    Failure,
    reports::{Earlier, Submitted},
};
use tests::{operator::wait, threads};

#[test]
fn everything_of_a_submission_is_there_as_it_was_given() {
    let city = City::make();
    let (decision, photos) = received(2, Some(unit("sudin-a1")), &at_once());
    let ticket = &decision.report.ticket;
    assert_eq!(wait(city.reports().get(ticket)), Ok(None));
    city.submit(&decision, &photos);
    assert_eq!(city.report(ticket), decision.report);
    assert_eq!(city.events(ticket), std::slice::from_ref(&decision.event));
    assert_eq!(wait(city.reports().event(ticket, &decision.event.id)), Ok(Some(decision.event)));
    let mut stored = wait(city.reports().photos(ticket)).unwrap();
    stored.sort_by_key(|photo| photos.iter().position(|given| given.photo == photo.photo));
    assert_eq!(stored, photos);
    // Snapshot, event, two photos, and what is announced at once: to the unit, and to the reporter.
    assert_eq!(city.table.items(ticket.as_str()).len(), 6);
    assert_eq!(decision.announcements.len(), 2);
    assert!(wait(city.vault().read(ticket)).unwrap().unwrap().encrypted.is_some());
}

#[test]
fn a_repeated_submission_gives_back_what_is_there_and_changes_nothing() {
    let city = City::make();
    let (decision, photos) = received(1, None, &at_once());
    city.submit(&decision, &photos);
    let assigned = city.commit(&decision.report, &assign(&decision.report, &at_once()));
    let mut other = decision.clone();
    other.report.submitted.description = "Sesuatu yang lain".into();
    let Ok(Submitted::Exists(found, slots)) = city.try_submit(&other, &photos, &[]) else {
        panic!("not found")
    };
    assert_eq!((*found, assigned.revision), (assigned, 1));
    assert_eq!(slots, photos);
    // And of its photos what has become of them.
    City::come(&city.reports(), &photos);
    let Ok(Submitted::Exists(_, slots)) = city.try_submit(&other, &photos, &[]) else { panic!("not found") };
    assert_eq!(slots, photos.iter().map(|photo| city.photo(photo)).collect::<Vec<_>>());
    assert!(slots.iter().all(|slot| slot.state == PhotoState::Ready));
}

#[test]
fn a_repeated_submission_seals_nothing_anew() {
    let city = City::make();
    let (decision, photos) = received(1, None, &at_once());
    let ticket = &decision.report.ticket;
    city.submit(&decision, &photos);
    let before = (city.table.items(ticket.as_str()), city.vault_table.row(ticket.as_str()));
    assert!(matches!(city.try_submit(&decision, &photos, &[]), Ok(Submitted::Exists(..))));
    // Not even the identity was encrypted anew.
    assert_eq!((city.table.items(ticket.as_str()), city.vault_table.row(ticket.as_str())), before);
}

#[test]
fn a_report_under_the_ticket_of_an_earlier_key_is_a_repetition_too() {
    let city = City::make();
    let earlier = city.submitted(None, &at_once());
    let (decision, photos) = received(1, None, &at_once());
    let ticket = &decision.report.ticket;
    let slots = wait(city.reports().photos(&earlier.ticket)).unwrap();
    let made = [
        Earlier { ticket: received(0, None, &at_once()).0.report.ticket, photos: Vec::new() },
        Earlier {
            ticket: earlier.ticket.clone(),
            photos: slots.iter().map(|slot| slot.photo.clone()).collect(),
        },
    ];
    let Ok(Submitted::Exists(found, of_then)) = city.try_submit(&decision, &photos, &made) else {
        panic!("not found")
    };
    assert_eq!((*found, of_then), (earlier, slots));
    assert!(city.table.items(ticket.as_str()).is_empty());
    assert_eq!(city.vault_table.row(ticket.as_str()), None);
    // Where none of them is there, it is stored.
    assert!(matches!(city.try_submit(&decision, &photos, &made[..1]), Ok(Submitted::Done)));
}

#[test]
fn ten_equal_submissions_at_once_store_one() {
    let city = City::make();
    let (decision, photos) = received(3, None, &at_once());
    let ticket = &decision.report.ticket;
    let answers = threads::at_once(vec![(); 10], |()| city.try_submit(&decision, &photos, &[]));
    let mut stored = 0;
    for answer in answers {
        match answer {
            Ok(Submitted::Done) => stored += 1,
            Ok(Submitted::Exists(found, _)) => assert_eq!(*found, decision.report),
            Ok(Submitted::Gone) => panic!("it is no test report"),
            // DynamoDB may say so of any two at once; whoever asked asks again.
            Err(failure) => assert_eq!(failure, Failure::RetriesExhausted),
        }
    }
    assert_eq!(stored, 1);
    assert_eq!(city.events(ticket), [decision.event]);
    assert_eq!(wait(city.reports().photos(ticket)).unwrap().len(), 3);
}

#[test]
fn nothing_of_a_submission_is_stored_when_its_identity_cannot_be() {
    let city = City::make();
    let (decision, photos) = received(1, None, &at_once());
    let ticket = &decision.report.ticket;
    let mut row = encrypted(ticket).item(ticket, None);
    row.insert("delivered".into(), s("somebody"));
    city.vault_table.put(row.clone());
    assert_eq!(
        city.try_submit(&decision, &photos, &[]).err(),
        Some(Failure::Bug("submission refused by another item"))
    );
    assert!(city.table.items(ticket.as_str()).is_empty());
    assert_eq!(city.vault_table.row(ticket.as_str()), Some(row));
}

#[test]
fn everything_of_a_test_report_expires_when_the_report_is_gone() {
    let city = City::make();
    let (decision, photos) = test_received();
    let ticket = &decision.report.ticket;
    city.submit(&decision, &photos);
    let expires = n(at(MORNING).as_second() + 24 * 3600);
    let items = city.table.items(ticket.as_str());
    // Snapshot, event, photo, and the update to the reporter.
    assert_eq!(items.len(), 4);
    let row = city.vault_table.row(ticket.as_str()).unwrap();
    assert!(items.iter().chain([&row]).all(|item| item.get("expires_at") == Some(&expires)));
    let row = wait(city.vault().read(ticket)).unwrap().unwrap();
    assert!(row.is_test && row.encrypted.is_some());
}

#[test]
fn what_is_left_of_a_test_report_that_is_gone_gives_nothing_back() {
    let city = City::make();
    let (decision, photos) = test_received();
    let ticket = &decision.report.ticket;
    city.submit(&decision, &photos);
    let again = |now: &str| {
        let mut later = decision.clone();
        later.event.at = at(now);
        city.try_submit(&later, &photos, &[])
    };
    assert!(matches!(again("2026-11-24T01:29:59Z"), Ok(Submitted::Exists(..))));
    assert!(matches!(again("2026-11-24T01:30:00Z"), Ok(Submitted::Gone)));
    // An earlier key's report, too.
    let (mut other, _) = received(0, None, &at_once());
    other.event.at = at("2026-11-24T01:30:00Z");
    let earlier = [Earlier { ticket: ticket.clone(), photos: Vec::new() }];
    assert!(matches!(city.try_submit(&other, &[], &earlier), Ok(Submitted::Gone)));
    city.table.clear(ticket.as_str());
    assert!(matches!(again("2026-11-24T01:29:59Z"), Err(Failure::Bug(_))), "its row is not gone yet");
    assert!(matches!(again("2026-11-24T01:30:00Z"), Ok(Submitted::Done)));
}

#[test]
fn an_event_or_a_photo_that_is_there_keeps_a_submission_out() {
    let city = City::make();
    let (decision, photos) = received(1, None, &at_once());
    let ticket = &decision.report.ticket;
    for sort in [format!("event#{}", decision.event.id), format!("photo#{}", photos[0].photo)] {
        city.table.put([("pk".into(), s(ticket.as_str())), ("sk".into(), s(sort))].into());
        assert_eq!(
            city.try_submit(&decision, &photos, &[]).err(),
            Some(Failure::Bug("submission refused by another item"))
        );
        assert_eq!(wait(city.reports().get(ticket)), Ok(None));
        assert_eq!(city.vault_table.row(ticket.as_str()), None);
        city.table.clear(ticket.as_str());
    }
    city.submit(&decision, &photos);
}
