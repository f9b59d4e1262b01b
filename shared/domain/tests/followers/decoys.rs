//! Somebody sends a report of their own for others to be merged into, and ends it: nobody's report ends with it.

use crate::{city::Op, world::World};
use domain::status::Status;

/// The decoy, those who follow it, and a second report of the same person.
const DECOY: u16 = 0;
const VICTIMS: [u16; 2] = [1, 2];
const OTHER: u16 = 3;

/// Before and after each slot, from the merge on: what the ticket desk does at the first can be recalled at the second.
const MOMENTS: [&str; 11] = [
    "10:35",
    "12:55",
    "13:00:05",
    "13:20",
    "13:40",
    "16:00:05",
    "11 08:10",
    "11 10:00:05",
    "11 10:20",
    "11 13:00:05",
    "11 16:00:05",
];

/// Somebody's step, where it is possible at that moment.
#[derive(Clone, Copy, Debug)]
enum Step {
    Does(u16, Op),
    Merges(u16, u16),
}

impl Step {
    fn is_done(self, world: &mut World) -> bool {
        let World { city, stored, now, .. } = world;
        match self {
            Self::Does(number, op) => stored.act(city, number, op, *now),
            Self::Merges(report, root) => {
                let merge = stored.merge_reads(report, root);
                stored.merge_writes(city, &merge, *now)
            }
        }
    }
}

/// Two reports are merged into the decoy; `work` is done to it as it would be to any report, and these steps come at these moments.
/// Returns the world at the end, and which of the steps were possible.
fn plays(work: &[(&str, Op)], steps: &[(usize, Step)]) -> (World, Vec<bool>) {
    let mut world = World::new(4).at("10:30").merges(VICTIMS[0], DECOY).merges(VICTIMS[1], DECOY);
    let mut done = vec![false; steps.len()];
    for (place, moment) in MOMENTS.iter().enumerate() {
        world = world.released(moment);
        for (_, op) in work.iter().filter(|(at, _)| at == moment) {
            Step::Does(DECOY, *op).is_done(&mut world);
        }
        for (n, (_, step)) in steps.iter().enumerate().filter(|(_, (at, _))| *at == place) {
            done[n] = step.is_done(&mut world);
        }
        world.holds();
    }
    for day in 12..16 {
        for time in ["07:00:05", "10:00:05", "13:00:05", "16:00:05"] {
            world = world.released(&format!("{day} {time}"));
        }
    }
    world.holds();
    (world, done)
}

/// What a follower has come to in the end: with the last word to its reporter.
fn fate(world: &World, victim: u16) -> (Status, Option<Status>) {
    let last = world.stored.said[usize::from(victim)].last().expect("they were told");
    assert_eq!(last.status, world.stored.report(victim).status, "{victim}'s reporter knows");
    (last.status, last.follows)
}

const WORK: [(&str, Op); 4] = [
    ("10:35", Op::Assign),
    ("13:20", Op::Accept),
    ("13:40", Op::PostTl),
    ("11 08:10", Op::Validate { accepts: true }),
];

/// At the moment of the verdict itself the verdict comes first.
const VERDICT: usize = 6;

#[test]
fn followers_are_told_that_it_is_solved_although_its_reporter_withdraws_before_that_slot() {
    for (place, moment) in MOMENTS.iter().enumerate().skip(VERDICT) {
        for draw in 0..4 {
            let (world, done) = plays(&WORK, &[(place, Step::Does(DECOY, Op::Withdraw { draw }))]);
            assert_eq!(done, [true]);
            for victim in VICTIMS {
                let solved = (Status::Duplikat, Some(Status::Selesai));
                assert_eq!(fate(&world, victim), solved, "withdrawn at {moment}");
            }
        }
    }
}

#[test]
fn followers_of_a_report_that_is_withdrawn_before_it_is_solved_come_back() {
    for (place, moment) in MOMENTS.iter().enumerate().take(VERDICT) {
        for draw in 0..4 {
            let (world, done) = plays(&WORK, &[(place, Step::Does(DECOY, Op::Withdraw { draw }))]);
            assert_eq!(done, [true]);
            // The withdrawal may come to officers after the verdict only.
            let is_withdrawn = world.stored.report(DECOY).status == Status::Dibatalkan;
            let solved = (Status::Duplikat, Some(Status::Selesai));
            let expected = if is_withdrawn { (Status::Menunggu, None) } else { solved };
            for victim in VICTIMS {
                assert_eq!(fate(&world, victim), expected, "withdrawn at {moment}");
            }
        }
    }
}

/// It is refused or merged into another of the same person's, which is withdrawn, refused or merged into it: at any two moments, recalled or not,
/// and its reporter withdraws it as well.
#[test]
fn no_report_ends_with_the_one_that_it_was_merged_into() {
    let ends = [Step::Does(DECOY, Op::Reject), Step::Merges(DECOY, OTHER), Step::Merges(OTHER, DECOY)];
    let then = [
        Step::Does(OTHER, Op::Withdraw { draw: 0 }),
        Step::Does(OTHER, Op::Reject),
        Step::Does(DECOY, Op::Recall),
        Step::Does(DECOY, Op::Withdraw { draw: 1 }),
        Step::Does(DECOY, Op::Dispute { draw: 0 }),
    ];
    let pairs = ends.iter().flat_map(|end| then.iter().map(move |then| (*end, *then)));
    for (end, then) in pairs {
        for (first, first_at) in MOMENTS.iter().enumerate() {
            for (second, second_at) in MOMENTS.iter().enumerate().skip(first) {
                let last = (MOMENTS.len() - 1, Step::Does(OTHER, Op::Withdraw { draw: 0 }));
                let gone = (MOMENTS.len() - 1, Step::Does(DECOY, Op::Withdraw { draw: 0 }));
                let (world, _) = plays(&[], &[(first, end), (second, then), last, gone]);
                for victim in VICTIMS {
                    let says = format!("{end:?} at {first_at}, {then:?} at {second_at}");
                    assert_eq!(fate(&world, victim), (Status::Menunggu, None), "{says}");
                }
            }
        }
    }
}
