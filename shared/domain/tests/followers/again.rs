//! Reports that come back from a merge, and what happens to them then.

use crate::{city::Op, world::World};
use domain::status::Status;

/// It was told twice in a row that it is a duplicate, and the second time of another report.
#[test]
fn followers_of_a_report_that_came_back_go_on_with_its_next_merge() {
    let came_back =
        World::new(4).at("10:30").merges(1, 2).released("13:00:05").at("13:10").does(2, Op::Reject);
    let came_back = came_back.released("16:00:05").at("16:10");
    assert_eq!(came_back.stored.report(1).status, Status::Menunggu);
    // Its own reporter is told that it came back when they are told of the next merge.
    let merged = came_back.merges(0, 1).merges(1, 3).released("11 07:00:05").released("11 10:00:05");
    assert_eq!([0, 1].map(|n| merged.stored.root_of(n)), [Some(3), Some(3)]);
    merged.holds();
}

#[test]
fn a_report_that_came_back_has_its_followers_do_nothing_while_its_next_merge_can_be_recalled() {
    let came_back =
        World::new(4).at("10:30").merges(1, 2).released("13:00:05").at("13:10").does(2, Op::Reject);
    let merged = came_back.released("16:00:05").at("16:10").merges(0, 1).merges(1, 3);
    let lead = merged.city.lead_of(merged.stored.report(1));
    let world = merged.at("16:20").does(1, Op::Recall);
    assert_eq!(world.city.lead_of(world.stored.report(1)), lead);
    let world = world.released("11 07:00:05").released("11 10:00:05");
    assert_eq!(world.stored.root_of(0), Some(1));
    world.holds();
}

#[test]
fn a_dispute_does_not_undo_a_merge_that_came_after_it() {
    let told = World::new(3).at("10:30").merges(1, 0).judged(0).at("11 08:00");
    let solved = told.does(0, Op::Validate { accepts: true }).released("11 10:00:05").released("11 13:00:05");
    let disputed = solved.at("11 13:10").does(0, Op::Dispute { draw: 0 }).does(1, Op::Dispute { draw: 2 });
    let reopened = disputed.released("11 16:00:05").at("11 16:10").does(0, Op::Withdraw { draw: 0 });
    let merged = reopened.released("12 07:00:05").at("12 07:10").merges(1, 2);
    let world = merged.released("12 10:00:05").released("12 13:00:05");
    assert_eq!(world.stored.root_of(1), Some(2));
    world.holds();
}

#[test]
fn of_a_root_from_before_updates_were_stored_followers_are_told_how_it_stands() {
    let world = World::new(2)
        .judged(0)
        .at("11 08:00")
        .does(0, Op::Validate { accepts: true })
        .released("11 10:00:05");
    let mut old = (**world.stored.report(0)).clone();
    old.reporter.told = None;
    assert_eq!(old.told().status, Status::Selesai);
    let mut waits = old.clone();
    waits.reporter.erased = true;
    assert_eq!(waits.told().status, Status::Menunggu, "what an erased reporter was told nobody knows");
}
