//! Followers of a report are listed, and a change of it is passed on to each once, whole or not at all.

use crate::{
    city::{action_stamp, assign, at, at_once, bureau, decided, event_id, received, reject, stamp},
    clock,
    tables::{City, s},
};
use domain::{
    command::Command,
    decision::Stamp,
    followers::{FollowStamp, Lead, follow_lead},
    report::Report,
    status::Status,
    ticket::Ticket,
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::{
    Failure,
    reports::{Due, FanOut, Outcome, Passed},
};
use tests::operator::wait;

const NOW: &str = "2026-11-23T02:00:00Z";

fn merge(city: &City, report: &Report, into: &Ticket) -> Report {
    let command = Command::Merge { root: Box::new(city.report(into)) };
    city.commit(report, &decided(report, command, &bureau("admin-tiket"), &at_once()))
}

fn submitted(city: &City) -> Report {
    let (decision, photos) = received(0, None, &at_once());
    city.submit(&decision, &photos);
    city.report(&decision.report.ticket)
}

/// A report with so many followers, and their tickets in order.
fn followed(city: &City, followers: usize) -> (Report, Vec<Ticket>) {
    let root = submitted(city);
    let mut tickets: Vec<Ticket> =
        (0..followers).map(|_| merge(city, &submitted(city), &root.ticket).ticket).collect();
    tickets.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    (city.report(&root.ticket), tickets)
}

fn left(city: &City, root: &Report) -> Option<FanOut> {
    wait(city.reports().fan_out_left(&root.ticket)).unwrap()
}

fn follow_stamp() -> FollowStamp {
    let Stamp { now, version, event, .. } = stamp(at(NOW));
    FollowStamp { now, version, event, withdrawal: action_stamp(now) }
}

/// What the root's lead makes of a follower, as it is read now.
fn passed(city: &City, ticket: &Ticket, root: &Report) -> Passed {
    let before = city.report(ticket);
    let mut report = before.clone();
    let stamp = follow_stamp();
    let lead = city.report(&root.ticket).lead().unwrap();
    let effects = follow_lead(&mut report, &root.ticket, &lead, stamp, clock::by(&at_once()));
    let changed = |effects| Outcome::Changed(Box::new((before, report, effects)));
    Passed { ticket: ticket.clone(), outcome: effects.map_or(Outcome::Unchanged, changed) }
}

fn pass_on(
    city: &City,
    root: &Report,
    fan_out: &FanOut,
    passed: &[Passed],
    are_last: bool,
) -> Result<Option<FanOut>, Failure> {
    wait(city.reports().pass_on(&root.ticket, fan_out, passed, are_last, None, at(NOW)))
}

fn due(city: &City, now: Timestamp) -> Vec<Due> {
    wait(city.reports().due(now, 10)).unwrap()
}

#[test]
fn what_a_roots_reporter_is_told_is_due_for_its_followers_until_all_have_it() {
    let city = City::make();
    let (root, followers) = followed(&city, 30);
    assert_eq!(left(&city, &root), None, "nothing has been told yet");
    let alone = submitted(&city);
    city.commit(&alone, &assign(&alone, &at_once()));
    assert_eq!(left(&city, &alone), None, "nobody follows it");

    let root = city.commit(&root, &assign(&root, &at_once()));
    assert!(due(&city, at(NOW)).contains(&Due::FanOut(root.ticket.clone())));
    let mut pages = Vec::new();
    let mut next = left(&city, &root);
    while let Some(fan_out) = next {
        let page = wait(city.reports().next_followers(&root.ticket, &fan_out)).unwrap();
        let changes: Vec<Passed> = page.tickets.iter().map(|ticket| passed(&city, ticket, &root)).collect();
        next = pass_on(&city, &root, &fan_out, &changes, page.are_last).unwrap();
        assert_eq!(left(&city, &root), next, "a run that begins now goes on there");
        pages.push(page.tickets);
    }
    assert_eq!(pages.concat(), followers);
    assert!(pages.iter().all(|page| page.len() <= 25) && pages.len() >= 2);
    for ticket in &followers {
        assert_eq!(city.report(ticket).follows.unwrap().status, Status::Koordinasi);
    }
    assert!(!due(&city, at(NOW)).contains(&Due::FanOut(root.ticket)));
}

#[test]
fn nothing_of_a_page_is_stored_where_a_follower_has_changed_or_the_root_has_told_more() {
    let city = City::make();
    let (root, followers) = followed(&city, 2);
    let root = city.commit(&root, &assign(&root, &at_once()));
    let fan_out = left(&city, &root).unwrap();
    let changes: Vec<Passed> = followers.iter().map(|ticket| passed(&city, ticket, &root)).collect();

    let second = city.report(&followers[1]);
    let claimed = Report { claim: None, ..second.clone() };
    assert_eq!(wait(city.reports().claim(&second, &claimed, at(NOW))), Ok(true));
    assert_eq!(pass_on(&city, &root, &fan_out, &changes, true), Err(Failure::Conflict));
    assert_eq!(city.report(&followers[0]).follows.unwrap().status, Status::Menunggu);
    assert_eq!(left(&city, &root), Some(fan_out.clone()));

    let changes: Vec<Passed> = followers.iter().map(|ticket| passed(&city, ticket, &root)).collect();
    let accept = decided(&root, Command::Accept, &crate::city::officer("sudin-a1"), &at_once());
    let root = city.commit(&root, &accept);
    assert_eq!(pass_on(&city, &root, &fan_out, &changes, true), Err(Failure::Conflict), "it began anew");
    let changes: Vec<Passed> = followers.iter().map(|ticket| passed(&city, ticket, &root)).collect();
    let again = left(&city, &root).unwrap();
    assert_eq!(pass_on(&city, &root, &again, &changes, true), Ok(None));
    // A second run that read the same has come too late.
    assert_eq!(pass_on(&city, &root, &again, &changes, true), Err(Failure::Conflict));
    assert_eq!(city.report(&followers[1]).follows.unwrap().status, Status::Proses);
}

#[test]
fn a_transaction_takes_as_many_followers_as_it_can_carry_and_the_rest_are_left() {
    let city = City::make();
    let (root, followers) = followed(&city, 25);
    let root = city.commit(&root, &reject(&root, &at_once()));
    let fan_out = left(&city, &root).unwrap();
    let mut changes: Vec<Passed> = followers.iter().map(|ticket| passed(&city, ticket, &root)).collect();
    for passed in &mut changes {
        let Outcome::Changed(change) = &mut passed.outcome else { continue };
        let (.., effects) = &mut **change;
        // As many as a report of a city without slots could have at most, and one more.
        let more = effects.announcements.clone();
        effects.announcements.extend(more.into_iter().map(|mut one| {
            one.event_id = event_id();
            one
        }));
    }
    let next = pass_on(&city, &root, &fan_out, &changes, true).unwrap();
    let is_back = |ticket: &&Ticket| city.report(ticket).status == Status::Menunggu;
    let back = followers.iter().take_while(is_back).count();
    assert!((10..25).contains(&back), "{back}");
    assert_eq!(left(&city, &root), next);
    let rest = wait(city.reports().next_followers(&root.ticket, &next.unwrap())).unwrap();
    assert_eq!(rest.tickets, followers[back..]);
}

#[test]
fn who_is_left_out_keeps_nobody_waiting_and_has_their_turn_after_the_last() {
    let city = City::make();
    let (root, followers) = followed(&city, 30);
    let root = city.commit(&root, &assign(&root, &at_once()));
    let left_out = followers[3].clone();
    let mut next = left(&city, &root);
    while let Some(fan_out) = next.clone().filter(|fan_out| fan_out.only_left_out().is_none()) {
        let page = wait(city.reports().next_followers(&root.ticket, &fan_out)).unwrap();
        let mut changes: Vec<Passed> =
            page.tickets.iter().map(|ticket| passed(&city, ticket, &root)).collect();
        for passed in changes.iter_mut().filter(|passed| passed.ticket == left_out) {
            passed.outcome = Outcome::LeftOut;
        }
        next = pass_on(&city, &root, &fan_out, &changes, page.are_last).unwrap();
    }
    let told = |ticket: &Ticket| city.report(ticket).follows.unwrap().status == Status::Koordinasi;
    assert_eq!(followers.iter().filter(|ticket| !told(ticket)).collect::<Vec<_>>(), [&left_out]);
    let fan_out = next.unwrap();
    assert_eq!(fan_out.only_left_out(), Some(std::slice::from_ref(&left_out)));
    assert!(due(&city, at(NOW)).contains(&Due::FanOut(root.ticket.clone())));
    let again = [Passed { ticket: left_out.clone(), outcome: Outcome::LeftOut }];
    assert_eq!(pass_on(&city, &root, &fan_out, &again, true), Ok(Some(fan_out.clone())));
    assert_eq!(pass_on(&city, &root, &fan_out, &[passed(&city, &left_out, &root)], true), Ok(None));
    assert!(told(&left_out) && left(&city, &root).is_none());
}

#[test]
fn followers_that_go_on_are_bound_to_a_root_that_is_as_it_was_read() {
    let city = City::make();
    let (root, followers) = followed(&city, 1);
    let last = submitted(&city);
    let root = merge(&city, &root, &last.ticket);
    let fan_out = left(&city, &root).unwrap();
    let stale = city.report(&last.ticket);
    let last = city.commit(&stale, &assign(&stale, &at_once()));
    let lead = |to: &Report| Lead::Follow { root: to.ticket.clone(), told: to.told() };
    let change = |to: &Report| {
        let before = city.report(&followers[0]);
        let mut report = before.clone();
        let stamp = follow_stamp();
        let effects =
            follow_lead(&mut report, &root.ticket, &lead(to), stamp, clock::by(&at_once())).unwrap();
        [Passed {
            ticket: followers[0].clone(),
            outcome: Outcome::Changed(Box::new((before, report, effects))),
        }]
    };
    let to = |to: &Report| {
        wait(city.reports().pass_on(&root.ticket, &fan_out, &change(to), true, Some(to), at(NOW)))
    };
    assert_eq!(to(&stale), Err(Failure::Conflict));
    assert_eq!(to(&last), Ok(None));
    assert_eq!(city.report(&followers[0]).merged_into, Some(last.ticket.clone()));
    let follows = city.table.items(last.ticket.as_str());
    let key = s(format!("follower#{}", followers[0].as_str()));
    assert!(follows.iter().any(|item| item["sk"] == key), "it is one of the followers of the last");
}

#[test]
fn of_all_that_is_open_near_a_place_fifty_reports_are_looked_at() {
    let city = City::make();
    let all: Vec<Report> = (0..60).map(|_| submitted(&city)).collect();
    let found = wait(city.reports().near(&all[0], None)).unwrap();
    let tickets: BTreeSet<&str> = found.iter().map(|report| report.ticket.as_str()).collect();
    assert_eq!((found.len(), tickets.len()), (50, 50));
    assert!(!tickets.contains(all[0].ticket.as_str()), "not the report itself");
}
