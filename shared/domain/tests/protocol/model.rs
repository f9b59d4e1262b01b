//! The protocol as a model: which steps are possible, and what each leads to.
//!
//! What is decided is decided by the crate's own functions; what is modelled is what lies around them. Every step is a call
//! that a function makes; between any two of them anybody else may go on, and a fault may strike.

use crate::{
    bug::Bug,
    kept::Kept,
    rules,
    sending::{add, deliver_sends, distinct, goes_on, publish, retry_fails},
    state::{Action, Batch, Client, Message, Records, Row, Scenario, State, Step, Verdict},
    world::{at, slots},
};
use domain::{act::Act, deadlines::Mark, slots::Slots};
use jiff::Timestamp;
use stateright::{Model, Property};
use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::Mutex,
};

/// How many records of the stream an invocation of `notify` is given.
const BATCH: u8 = 2;

/// One scenario, with or without a planted bug.
pub(crate) struct Protocol {
    pub(crate) scenario: Scenario,
    pub(crate) bug: Bug,
    pub(crate) clock: Vec<Timestamp>,
    /// The scenario's marks, with their moments.
    pub(crate) marks: Vec<(Act, Mark, Range<Timestamp>)>,
    pub(crate) closed_from: Option<Timestamp>,
    pub(crate) slots: Slots,
    /// What is decided on a report, for a request, under an id, at a moment: always the same, so decided once.
    pub(crate) decided: Mutex<HashMap<(u64, u8, u8, u8), Verdict>>,
}

impl Protocol {
    pub(crate) fn new(scenario: Scenario, bug: Bug) -> Self {
        let clock = scenario.clock.iter().map(|time| at(time)).collect();
        let marks = scenario.marks.iter().map(|(act, mark, from, until)| (*act, *mark, at(from)..at(until)));
        let marks = marks.collect();
        let closed_from = scenario.closed_from.map(at);
        Self { scenario, bug, clock, marks, closed_from, slots: slots(), decided: Mutex::default() }
    }
}

pub(crate) fn number(place: usize) -> u8 {
    u8::try_from(place).expect("a small run")
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let life = self.scenario.life.as_ref();
        let told = life.and_then(|life| life.told.clone());
        let row = life.map(|_| Row {
            newest: told.as_ref().map(|(at, _)| *at),
            told: told.map(|(_, event)| event),
            expires: false,
        });
        let records = self.scenario.stream.len();
        vec![State {
            tick: 0,
            faults: self.scenario.faults,
            report: life.map(|life| Kept::new(life.report.clone())),
            events: life.iter().flat_map(|life| &life.events).cloned().map(Kept::new).collect(),
            row,
            clients: self.scenario.requests.iter().map(|_| Client { sent: 0, answer: None }).collect(),
            instances: Vec::new(),
            releases: Vec::new(),
            stream: self.scenario.stream.clone(),
            checkpoint: 0,
            batch: None,
            halved: false,
            stream_tries: 0,
            retries: Vec::new(),
            published: Records::default(),
            dead: Records::default(),
            queue: Vec::new(),
            deliveries: Vec::new(),
            untold: Records::default(),
            told: vec![0; records],
            cut: vec![0; records],
            wrong: BTreeSet::new(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if usize::from(state.tick) + 1 < self.clock.len() {
            actions.push(Action::Tick);
        }
        for (n, client) in state.clients.iter().enumerate() {
            if self.may_send(state, n, client) {
                actions.push(Action::Send(number(n)));
            }
        }
        for (n, instance) in state.instances.iter().enumerate() {
            let n = number(n);
            self.instance_actions(instance, n, actions);
            actions.push(Action::Crash(n));
        }
        let is_due = state.report.as_ref().is_some_and(|report| self.is_due(report, self.now(state)));
        if state.releases.len() < self.scenario.releases && is_due {
            actions.push(Action::ReleaseReads);
        }
        for n in 0..state.releases.len() {
            actions.extend([Action::ReleaseWrites(number(n)), Action::ReleaseCrashes(number(n))]);
        }
        self.notify_actions(state, actions);
        for n in distinct(&state.queue) {
            actions.push(Action::Doubles(n));
            if state.deliveries.len() < self.scenario.deliveries {
                actions.push(Action::DeliverReads(n));
            }
        }
        for (n, delivery) in state.deliveries.iter().enumerate() {
            let n = number(n);
            actions.push(match delivery.step {
                Step::Read => Action::DeliverApplies(n),
                Step::Applied { .. } => Action::DeliverSends(n),
                Step::Sent => Action::DeliverMarks(n),
            });
            actions.push(Action::DeliverFails(n));
        }
        if state.faults == 0 {
            actions.retain(|action| !action.is_fault());
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        let s = &mut state;
        if action.is_fault() {
            s.faults -= 1;
        }
        match action {
            Action::Tick => s.tick += 1,
            Action::Send(n) => self.send(s, n),
            Action::ReadReport(n) => self.read_report(s, n),
            Action::ReadEvent(n) => self.read_event(s, n),
            Action::Commit(n) => self.commit(s, n),
            Action::Rest(n) => self.rest(s, n),
            Action::Answer(n) => self.answer(s, n),
            Action::Crash(n) => drop(s.instances.remove(n.into())),
            Action::ReleaseReads => self.release_reads(s),
            Action::ReleaseWrites(n) => {
                let run = s.releases.remove(n.into());
                let guarded = self.bug != Bug::ReleaseUnguarded;
                self.write(s, Some(run.on), &run.outcome, guarded, false);
            }
            Action::ReleaseCrashes(n) => drop(s.releases.remove(n.into())),
            Action::NotifyStarts => {
                let size = if s.halved { 1 } else { BATCH };
                let end = number(s.stream.len()).min(s.checkpoint + size);
                s.batch = Some(Batch { at: s.checkpoint, end });
            }
            Action::NotifyPublishes => self.notify_publishes(s),
            Action::TopicFails => {
                let record = s.batch.expect("a batch").at;
                if self.bug != Bug::NotifyForgets {
                    add(&mut s.retries, Message { record, receives: 0 });
                }
                goes_on(s);
            }
            Action::QueueFails => {
                let failed = s.batch.expect("a batch").at;
                if failed > s.checkpoint {
                    (s.checkpoint, s.stream_tries) = (failed, 0);
                }
                self.batch_fails(s);
            }
            Action::NotifyCrashes => self.batch_fails(s),
            Action::RetryPublishes(n) => {
                let message = s.retries.remove(n.into());
                publish(s, message.record);
            }
            Action::RetryFails(n) | Action::RetryReadsNothing(n) => retry_fails(s, n),
            Action::RetryCrashes(n) => {
                publish(s, s.retries[usize::from(n)].record);
                retry_fails(s, n);
            }
            Action::Doubles(n) => add(&mut s.queue, last.queue[usize::from(n)]),
            Action::DeliverReads(n) => self.deliver_reads(s, n),
            Action::DeliverApplies(n) => self.deliver_applies(s, n),
            Action::DeliverSends(n) => deliver_sends(s, n),
            Action::DeliverMarks(n) => self.deliver_marks(s, n),
            Action::DeliverFails(n) => self.deliver_fails(s, n),
        }
        s.instances.sort();
        s.releases.sort();
        s.deliveries.sort();
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        rules::all()
    }
}

impl Protocol {
    pub(crate) fn now(&self, state: &State) -> Timestamp {
        self.clock[usize::from(state.tick)]
    }

    /// Whether nothing happens any more but by a fault: all that should have been done was done by now.
    pub(crate) fn is_quiet(&self, state: &State) -> bool {
        let idle = state.instances.is_empty()
            && state.releases.is_empty()
            && state.batch.is_none()
            && state.retries.is_empty()
            && state.queue.is_empty()
            && state.deliveries.is_empty();
        let mut actions = Vec::new();
        if idle {
            self.actions(state, &mut actions);
        }
        idle && actions.is_empty()
    }

    /// Whether a record is the reason why the stream is not read on, under a bug.
    pub(crate) fn stands_still(&self, state: &State) -> bool {
        self.bug == Bug::PoisonStops && state.stream[usize::from(state.checkpoint)].is_poison()
    }
}
