//! What others learn of a follower that comes back: a unit that had it before, and whoever has not heard of the merge yet.

use crate::{
    bug::Bug,
    city::{City, Op, Pace},
    world::World,
};
use domain::{
    act::Act,
    command_rules::may,
    decision::Refusal,
    desk::Desk,
    officer::{Officer, Role, Tag},
    report::Report,
    status::Status,
    view::{Viewer, shown_status},
};

#[test]
fn a_unit_that_had_a_follower_learns_that_it_is_back_at_the_followers_slot_and_not_when_the_root_ends() {
    let assigned = World::new(2).at("10:40").does(1, Op::Assign).released("13:00:05");
    let merged = assigned.at("13:10").does(1, Op::Return).merges(1, 0).released("16:00:05");
    let ended = merged.at("16:10").does(0, Op::Reject).released("11 07:00:05");
    let report = ended.stored.report(1);
    assert_eq!((report.status, report.visible.shown.status), (Status::Menunggu, Status::Duplikat));
    assert_eq!(report.listed_on(), None);
    let seen = |viewer| shown_status(report, viewer);
    assert_eq!([Viewer::FormerUnit, Viewer::Field].map(seen), [Status::Duplikat; 2]);
    assert_eq!(seen(Viewer::Bureau), Status::Menunggu);
    // A verifier who has had it finds it closed until then.
    let mut of_verifier = Report::clone(report);
    of_verifier.visible.reached.insert(Desk::Verifikasi);
    let role = Role::Bureau([Tag::PetugasVerifikasi].into());
    let verifier = Officer { id: "hadi".into(), name: "Hadi".into(), role };
    assert_eq!(may(&of_verifier, Act::Note, &verifier), Err(Refusal::WrongStatus));
    // What the ticket desk takes back meanwhile leaves it where it was: its slot still comes.
    let recalled = ended.at("11 08:00").does(1, Op::Assign).at("11 08:10").does(1, Op::Recall);
    let report = recalled.stored.report(1);
    assert_eq!((report.visible.shown.status, report.listed_on()), (Status::Duplikat, None));
    let shown = recalled.released("11 10:00:05");
    let report = shown.stored.report(1);
    assert_eq!((report.visible.shown.status, report.listed_on()), (Status::Menunggu, Some(Desk::Tiket)));
    assert!(report.step.is_some());
}

#[test]
fn a_follower_whose_merge_nobody_has_heard_of_comes_back_as_if_it_had_never_been() {
    // The follower goes by the slots of `peka` categories, its root does not.
    let world = World::of(City::new(Bug::None, Pace::Mixed), 2).at("10:30");
    let before = world.stored.report(1).clone();
    let ended = world.merges(1, 0).at("10:40").does(0, Op::Reject).released("13:00:05");
    let report = ended.stored.report(1);
    assert_eq!(report.status, Status::Menunggu);
    assert_eq!(report.reporter, before.reporter, "its reporter hears nothing");
    assert_eq!((&report.visible.release, &report.triage.recall), (&None, &None));
    assert_eq!((&report.step, &report.visible.shown.status), (&before.step, &before.visible.shown.status));
}
