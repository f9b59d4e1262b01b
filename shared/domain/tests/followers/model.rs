//! Followers as a model: in which order people act, runs read and write, and what ends between.

use crate::{
    bug::Bug,
    city::{City, Op, Pace, at},
    rules,
    store::{Merge, Run, Stored},
};
use domain::{act::Act, status::Status};
use jiff::Timestamp;
use stateright::{Model, Property};

/// Where a run starts, who may do what in it, and how far the time goes.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) start: fn() -> Stored,
    /// What may be done, each once.
    pub(crate) acts: &'static [(u16, Op)],
    /// Which reports the ticket desk may merge into which, and how many of them.
    pub(crate) merges: &'static [(u16, u16)],
    pub(crate) most_merges: u8,
    pub(crate) clock: &'static [&'static str],
    /// How many merges overlap.
    pub(crate) merging: usize,
    /// How many runs overlap, and how many followers a page has.
    pub(crate) runs: usize,
    pub(crate) page: usize,
    /// What has to come to pass, so that no rule holds merely because nothing happens.
    pub(crate) reaches: &'static [&'static str],
}

pub(crate) struct Followers {
    pub(crate) scenario: Scenario,
    pub(crate) city: City,
    clock: Vec<Timestamp>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct State {
    tick: u8,
    acted: u32,
    merges_left: u8,
    stored: Stored,
    merging: Vec<Merge>,
    runs: Vec<Run>,
    /// Whether a condition has failed.
    is_refused: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    Tick,
    Acts(u16, Op, u8),
    Due(u16),
    MergeReads(u16, u16),
    MergeWrites(u8),
    MergeDies(u8),
    RunStarts(u16),
    RunReadsPage(u8),
    RunWrites(u8),
    RunDies(u8),
}

impl Followers {
    pub(crate) fn new(scenario: Scenario, bug: Bug) -> Self {
        let clock = scenario.clock.iter().map(|moment| at(moment)).collect();
        Self { scenario, city: City::new(bug, Pace::Usual), clock }
    }

    fn now(&self, state: &State) -> Timestamp {
        self.clock[usize::from(state.tick)]
    }
}

impl Model for Followers {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            tick: 0,
            acted: 0,
            merges_left: self.scenario.most_merges,
            stored: (self.scenario.start)(),
            merging: Vec::new(),
            runs: Vec::new(),
            is_refused: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let (stored, now) = (&state.stored, self.now(state));
        if usize::from(state.tick) + 1 < self.clock.len() {
            actions.push(Action::Tick);
        }
        for (place, (n, op)) in (0_u8..).zip(self.scenario.acts) {
            if state.acted & (1 << place) == 0 {
                actions.push(Action::Acts(*n, *op, place));
            }
        }
        for n in (0..).take(state.merging.len()) {
            actions.extend([Action::MergeWrites(n), Action::MergeDies(n)]);
        }
        if state.merges_left > 0 && state.merging.len() < self.scenario.merging {
            let may = |(report, _): &&(u16, u16)| stored.report(*report).status == Status::Menunggu;
            let merges = self.scenario.merges.iter().filter(may);
            actions.extend(merges.map(|(report, root)| Action::MergeReads(*report, *root)));
        }
        for n in stored.numbers() {
            if stored.is_due(n, now) {
                actions.push(Action::Due(n));
            }
            if state.runs.len() < self.scenario.runs && stored.fans_out(n) {
                actions.push(Action::RunStarts(n));
            }
        }
        for (n, run) in (0..).zip(&state.runs) {
            actions.push(if run.has_page() { Action::RunWrites(n) } else { Action::RunReadsPage(n) });
            actions.push(Action::RunDies(n));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        let now = self.now(last);
        let stored = &mut state.stored;
        match action {
            Action::Tick => state.tick += 1,
            Action::Acts(n, op, place) => {
                state.acted |= 1 << place;
                if !stored.act(&self.city, n, op, now) {
                    return None;
                }
            }
            Action::Due(n) => {
                stored.act(&self.city, n, Op::Due, now);
            }
            Action::MergeReads(report, root) => {
                // A merge that is refused, as it was read, changes nothing.
                let merge = stored.merge_reads(report, root);
                self.city.merge(stored.report(report), stored.report(root), now)?;
                state.merges_left -= 1;
                state.merging.push(merge);
            }
            Action::MergeWrites(n) => {
                let merge = state.merging.remove(usize::from(n));
                state.is_refused |= !stored.merge_writes(&self.city, &merge, now);
            }
            Action::MergeDies(n) => drop(state.merging.remove(usize::from(n))),
            Action::RunStarts(root) => state.runs.push(stored.run_starts(&self.city, root)?),
            Action::RunReadsPage(n) => {
                stored.run_reads_page(&mut state.runs[usize::from(n)], self.scenario.page, now);
            }
            Action::RunWrites(n) => {
                let run = state.runs.remove(usize::from(n));
                state.is_refused |= !stored.run_writes(&self.city, &run);
            }
            Action::RunDies(n) => drop(state.runs.remove(usize::from(n))),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        macro_rules! always {
            ($($n:literal)*) => { vec![$(Property::always(rules::ALWAYS[$n].0, |model: &Self, state: &State| {
                rules::ALWAYS[$n].1(&model.city, &state.stored)
            })),*] };
        }
        let mut properties = always!(0 1 2 3 4 5 6 7 8 9 10);
        properties.extend([
            Property::sometimes(CAME_BACK, |_, state: &State| state.stored.has_seen(Act::Unmerge)),
            Property::sometimes(WENT_ON, |_, state: &State| state.stored.has_seen(Act::Follow)),
            Property::sometimes(SOLVED, |_, state: &State| {
                state.stored.said.iter().flatten().any(|said| said.follows == Some(Status::Selesai))
            }),
            Property::sometimes(DISPUTED, |_, state: &State| state.stored.has_seen(Act::Dispute)),
            Property::sometimes(REFUSED, |_, state: &State| state.is_refused),
        ]);
        properties
    }
}

pub(crate) const CAME_BACK: &str = "a follower comes back";
pub(crate) const WENT_ON: &str = "a follower goes on to another root";
pub(crate) const SOLVED: &str = "a follower's reporter is told that it is solved";
pub(crate) const DISPUTED: &str = "a result is disputed";
pub(crate) const REFUSED: &str = "a condition fails";
