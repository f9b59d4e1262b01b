//! Long lives of up to six reports in a random order, and what is left of them when nobody acts any more.

use crate::{
    bug::Bug,
    city::{City, Op, Pace, digest},
    rules,
    store::{Merge, Run, Stored},
    world::World,
};
use domain::{act::Act, status::Status};
use jiff::ToSpan;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A number says which step, the others what of it.
pub(crate) type Step = (u8, u8, u8);

/// A walk, with all that is under way.
pub(crate) struct Walk {
    pub(crate) world: World,
    merging: Vec<Merge>,
    runs: Vec<Run>,
}

impl Walk {
    pub(crate) fn new(reports: u16, page: usize, pace: Pace, bug: Bug) -> Self {
        let mut world = World::of(City::new(bug, pace), reports);
        world.page = page;
        Self { world, merging: Vec::new(), runs: Vec::new() }
    }

    /// The names of the rules that do not hold.
    pub(crate) fn broken(&self) -> Vec<&'static str> {
        let World { city, stored, .. } = &self.world;
        rules::ALWAYS.iter().filter(|(_, holds)| !holds(city, stored)).map(|(rule, _)| *rule).collect()
    }

    pub(crate) fn goes(&mut self, (kind, which, draw): Step) {
        let World { city, stored, now, page } = &mut self.world;
        let count = u8::try_from(stored.reports.len()).expect("few reports");
        let n = u16::from(which % count);
        match kind % 20 {
            0 => *now += i64::from(draw).minutes(),
            // A run ends before the next slot.
            1 => {
                *now += 6.hours();
                self.runs.clear();
                self.merging.clear();
            }
            2 | 3 if self.merging.len() < 3 => {
                let may = |n: u16| stored.report(n).status == Status::Menunggu;
                if let Some(report) =
                    stored.numbers().cycle().skip(n.into()).take(count.into()).find(|n| may(*n))
                {
                    self.merging.push(stored.merge_reads(report, u16::from(draw % count)));
                }
            }
            4..=6 => {
                if let Some(merge) = self.merging.pop() {
                    stored.merge_writes(city, &merge, *now);
                }
            }
            7 | 8 => {
                stored.act(city, n, Op::Due, *now);
            }
            9 => {
                for n in stored.numbers() {
                    stored.act(city, n, Op::Due, *now);
                }
            }
            10 | 11 if self.runs.len() < 2 => {
                let root =
                    stored.numbers().cycle().skip(n.into()).take(count.into()).find(|n| stored.fans_out(*n));
                self.runs.extend(root.and_then(|root| stored.run_starts(city, root)));
            }
            12..=15 => {
                if self.runs.is_empty() {
                    return;
                }
                let place = usize::from(which) % self.runs.len();
                let run = &mut self.runs[place];
                if !run.has_page() {
                    stored.run_reads_page(run, *page, *now);
                } else if stored.run_writes(city, &self.runs.remove(place)) && draw.is_multiple_of(2) {
                    self.world.fans_out();
                }
            }
            16 => {
                let ops = [Op::Withdraw { draw }, Op::Dispute { draw }, Op::Dispute { draw }, Op::Recall];
                stored.act(city, n, ops[usize::from(draw / 4) % ops.len()], *now);
            }
            _ => {
                let op = next(stored, n, draw);
                stored.act(city, n, op, *now);
            }
        }
    }

    /// Nobody acts any more, until all that was waiting has come.
    pub(crate) fn ends(&mut self) {
        for _ in 0..80 {
            self.world.now += 6.hours();
            self.world.releases();
        }
    }
}

/// What officers do next to a report in this status.
fn next(stored: &Stored, n: u16, draw: u8) -> Op {
    match stored.report(n).status {
        Status::Menunggu if draw.is_multiple_of(4) => Op::Reject,
        Status::Menunggu => Op::Assign,
        Status::Koordinasi | Status::Disposisi if draw.is_multiple_of(4) => Op::Return,
        Status::Koordinasi | Status::Disposisi => Op::Accept,
        Status::Proses | Status::TlDitolak => match draw % 8 {
            0 => Op::Return,
            1 | 2 => Op::Plan,
            _ => Op::PostTl,
        },
        Status::MenungguValidasi => Op::Validate { accepts: !draw.is_multiple_of(4) },
        Status::MenungguVerifikasi => Op::Verify { conforms: !draw.is_multiple_of(4) },
        Status::Selesai | Status::Ditolak | Status::Duplikat | Status::Dibatalkan
            if draw.is_multiple_of(2) =>
        {
            Op::Recall
        }
        Status::Selesai | Status::Ditolak | Status::Duplikat | Status::Dibatalkan => Op::Dispute { draw },
    }
}

const PACES: [Pace; 3] = [Pace::Usual, Pace::Mixed, Pace::AtOnce];

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_rule_breaks_in_long_lives_of_six_reports(
        reports in 2..7_u16,
        page in 1..3_usize,
        pace in prop::sample::select(PACES.to_vec()),
        steps in prop::collection::vec(any::<Step>(), 50..300),
    ) {
        let mut walk = Walk::new(reports, page, pace, Bug::None);
        for (place, step) in steps.into_iter().enumerate() {
            walk.goes(step);
            let broken = walk.broken();
            prop_assert!(broken.is_empty(), "{broken:?} by step {place}, {step:?}");
        }
        walk.ends();
        let broken = walk.broken();
        prop_assert!(broken.is_empty(), "{broken:?} at the end");
        let waits = walk.world.stored.reports.iter().any(|report| report.reporter.update.is_some());
        prop_assert!(!waits, "an update waits for ever");
    }
}

/// A walk in the order that a seed gives, to the end; `Err` with the rules that it breaks, and where.
fn walk(seed: u64, bug: Bug) -> Result<Walk, String> {
    let (page, pace) = (1 + usize::from(seed.is_multiple_of(2)), PACES[digest(seed) as usize % 3]);
    let mut walk = Walk::new(6, page, pace, bug);
    for place in 0..250_u64 {
        let [kind, which, draw, ..] = digest((seed, place)).to_be_bytes();
        walk.goes((kind, which, draw));
        let broken = walk.broken();
        if !broken.is_empty() {
            return Err(format!("{broken:?} in step {place} of seed {seed}"));
        }
    }
    walk.ends();
    let broken = walk.broken();
    if broken.is_empty() { Ok(walk) } else { Err(format!("{broken:?} at the end of seed {seed}")) }
}

/// So that no rule holds merely because nothing happens.
#[test]
fn everything_comes_to_pass_in_random_orders_and_no_rule_breaks() {
    let (mut acts, mut told) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..100 {
        let stored = walk(seed, Bug::None).expect("no rule breaks").world.stored;
        acts.extend(Act::ALL.iter().copied().filter(|act| stored.has_seen(*act)));
        told.extend(stored.said.iter().flatten().map(|said| (said.follows, said.plan.is_some())));
    }
    let expected = [
        Act::Assign,
        Act::Reject,
        Act::Merge,
        Act::Recall,
        Act::Accept,
        Act::Return,
        Act::Plan,
        Act::PostTl,
        Act::Validate,
        Act::Verify,
        Act::Follow,
        Act::Unmerge,
        Act::Remind,
        Act::Escalate,
        Act::Dispute,
        Act::Withdraw,
    ];
    for act in expected {
        assert!(acts.contains(&act), "no {act:?} in any walk");
    }
    for news in
        [(Some(Status::Proses), true), (Some(Status::TlDitolak), false), (Some(Status::Selesai), false)]
    {
        assert!(told.contains(&news), "no follower is told {news:?}");
    }
}

/// Those that need few steps; the model finds the others.
const BUGS: [Bug; 12] = [
    Bug::MergeUnbound,
    Bug::MergeUnlisted,
    Bug::MergeUnnoted,
    Bug::FollowersUnbound,
    Bug::FanOutUnbound,
    Bug::CursorStays,
    Bug::LeadsBySnapshot,
    Bug::WithdrawalDropsUpdate,
    Bug::ErasedStays,
    Bug::StaysTold,
    Bug::KeepsFollows,
    Bug::TellsAgain,
];

#[test]
fn random_orders_find_planted_bugs() {
    for bug in BUGS {
        assert!((0..100).any(|seed| walk(seed, bug).is_err()), "no walk finds {bug:?}");
    }
}
