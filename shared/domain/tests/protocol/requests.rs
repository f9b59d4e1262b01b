//! Clients, the functions that they call, `release`, and the transaction in which all of these store what they decide.

use crate::{
    bug::Bug,
    clock,
    kept::Kept,
    model::{Protocol, number},
    state::{
        Action, Answer, Ask, Client, Instance, Outcome, Phase, Record, Request, RequestOutcome, Row, Run,
        State, Verdict, Wrong,
    },
    world::{event_id, officer, received, unit_above, version},
};
use domain::{
    act::Act,
    announcement::{Announcement, Audience},
    command_rules, decide,
    decision::Stamp,
    disputes,
    event::Event,
    ids::EventId,
    new_report,
    pending::ReporterAction,
    release::{DueStamp, Effects, due_now},
    report::Report,
    reporter_actions::{self, ActionStamp},
    unit_change::{self, UnitChange},
};
use jiff::Timestamp;
use std::hash::Hash;

/// How often a command is decided anew because the report changed under it.
const ATTEMPTS: u8 = 4;

impl Protocol {
    pub(crate) fn may_send(&self, state: &State, n: usize, client: &Client) -> bool {
        let request = &self.scenario.requests[n];
        if client.answer.is_some() || client.sent == request.tries {
            return false;
        }
        // Who hears nothing sends again. Doing so while the first is still at work counts as a fault.
        let at_work = state.instances.iter().any(|instance| usize::from(instance.request) == n);
        !at_work || state.faults > 0
    }

    pub(crate) fn send(&self, s: &mut State, request: u8) {
        if s.instances.iter().any(|instance| instance.request == request) {
            s.faults -= 1;
        }
        let client = &mut s.clients[usize::from(request)];
        client.sent += 1;
        s.instances.push(Instance { request, sending: client.sent, attempt: 0, phase: Phase::Started });
    }

    pub(crate) fn request(&self, instance: &Instance) -> &Request {
        &self.scenario.requests[usize::from(instance.request)]
    }

    /// Whether it looks for what an earlier sending has left: a command with a key. Others know by the report.
    pub(crate) fn looks_for_its_event(&self, instance: &Instance) -> bool {
        let request = self.request(instance);
        request.keyed && matches!(request.ask, Ask::Command(..)) && self.bug != Bug::FreshId
    }

    pub(crate) fn event_id(&self, instance: &Instance) -> EventId {
        if self.looks_for_its_event(instance) {
            event_id(("keyed", instance.request))
        } else {
            event_id(("random", instance.request, instance.sending))
        }
    }

    pub(crate) fn instance_actions(&self, instance: &Instance, n: u8, actions: &mut Vec<Action>) {
        match &instance.phase {
            // A command reads both at once, and either may be first.
            Phase::Started if self.looks_for_its_event(instance) => {
                actions.extend([Action::ReadReport(n), Action::ReadEvent(n)]);
            }
            Phase::Started | Phase::HasNoEvent => actions.push(Action::ReadReport(n)),
            Phase::HasReport(_) | Phase::Refused => actions.push(Action::ReadEvent(n)),
            Phase::Decided { .. } if self.bug == Bug::AnswerFirst => actions.push(Action::Answer(n)),
            Phase::Decided { .. } | Phase::Follows { .. } | Phase::Promised { .. } => {
                actions.push(Action::Commit(n));
            }
            Phase::Rest(_) => actions.push(Action::Rest(n)),
            Phase::Answering(_) => actions.push(Action::Answer(n)),
        }
    }

    pub(crate) fn read_report(&self, s: &mut State, n: u8) {
        let report = s.report.clone();
        let instance = &s.instances[usize::from(n)];
        let event_comes = self.looks_for_its_event(instance) && instance.phase == Phase::Started;
        let phase = match report {
            Some(report) if event_comes => Phase::HasReport(report),
            report => self.decides(s, instance, report),
        };
        s.instances[usize::from(n)].phase = phase;
    }

    pub(crate) fn read_event(&self, s: &mut State, n: u8) {
        let instance = &s.instances[usize::from(n)];
        let id = self.event_id(instance);
        let is_there = s.events.iter().any(|event| event.id == id);
        let phase = match &instance.phase {
            _ if is_there => Phase::Answering(RequestOutcome::Replayed),
            Phase::HasReport(report) => self.decides(s, instance, Some(report.clone())),
            Phase::Refused => Phase::Answering(RequestOutcome::Conflict),
            Phase::Started
            | Phase::HasNoEvent
            | Phase::Decided { .. }
            | Phase::Follows { .. }
            | Phase::Rest(_)
            | Phase::Promised { .. }
            | Phase::Answering(_) => Phase::HasNoEvent,
        };
        s.instances[usize::from(n)].phase = phase;
    }

    pub(crate) fn decides(&self, s: &State, instance: &Instance, report: Option<Kept<Report>>) -> Phase {
        if let Some(report) = report.as_ref().filter(|report| self.follows(s, instance, report)) {
            let drawn = (report.digest(), instance.request, instance.sending, s.tick);
            let outcome = self.due(report, self.now(s), drawn);
            return Phase::Follows { on: report.revision, outcome };
        }
        let sending = if self.looks_for_its_event(instance) { 0 } else { instance.sending };
        let key = (report.as_ref().map_or(0, Kept::digest), instance.request, sending, s.tick);
        let known = self.decided.lock().expect("no decision panics").get(&key).cloned();
        let verdict = known.unwrap_or_else(|| {
            let verdict = self.decide(s, instance, report.as_ref());
            self.decided.lock().expect("no decision panics").insert(key, verdict.clone());
            verdict
        });
        match verdict {
            Verdict::Write(outcome) => {
                let on = report.map(|report| report.revision);
                Phase::Decided { on, outcome }
            }
            Verdict::Replayed => Phase::Answering(RequestOutcome::Replayed),
            Verdict::Refused if self.looks_for_its_event(instance) && self.bug != Bug::LooksOnce => {
                Phase::Refused
            }
            Verdict::Refused => Phase::Answering(RequestOutcome::Conflict),
        }
    }

    /// How the unit that has the report has changed, if the report has to follow.
    fn unit_change(&self, report: &Report, now: Timestamp) -> Option<UnitChange> {
        let unit = report.unit.as_ref().filter(|_| self.closed_from.is_some_and(|from| from <= now))?;
        let closed = UnitChange::Closed { heir: Some(unit_above()) };
        unit_change::follows(report.status, unit, &closed).then_some(closed)
    }

    /// Whether the report has to follow its unit before the request is decided. A command that is refused anyway is refused first.
    fn follows(&self, s: &State, instance: &Instance, report: &Report) -> bool {
        if self.bug == Bug::StaysWithClosed || self.unit_change(report, self.now(s)).is_none() {
            return false;
        }
        match &self.request(instance).ask {
            Ask::Command(who, command) => {
                let act = command(&self.event_id(instance)).act();
                command_rules::authorize(report, act, &officer(who)).is_ok()
            }
            Ask::Submit | Ask::Dispute | Ask::Withdraw => true,
        }
    }

    /// What the function makes of the report, by the real functions.
    pub(crate) fn decide(&self, s: &State, instance: &Instance, report: Option<&Kept<Report>>) -> Verdict {
        let now = self.now(s);
        let id = self.event_id(instance);
        let version = version((&id, report.map(|report| report.revision)));
        let stamp = |event: EventId| Stamp { now, version, event, body_digest: None };
        let report = match (&self.request(instance).ask, report) {
            (Ask::Submit, _) => {
                let made = new_report::submit(received(), stamp(event_id("submit")), clock::by(&self.slots));
                let effects = Effects { events: vec![made.event], announcements: made.announcements };
                return Verdict::Write(Outcome::of(made.report, effects, false, true));
            }
            (_, None) => return Verdict::Refused,
            (_, Some(report)) => report,
        };
        let decided = match &self.request(instance).ask {
            Ask::Submit => return Verdict::Refused,
            Ask::Command(who, command) => {
                decide::decide(report, command(&id), &officer(who), stamp(id), clock::by(&self.slots)).map(
                    |made| {
                        let effects = Effects { events: vec![made.event], announcements: made.announcements };
                        (made.report, effects, false)
                    },
                )
            }
            Ask::Dispute => {
                if self.is_disputed(s, report) {
                    return Verdict::Replayed;
                }
                let action_stamp =
                    ActionStamp { stamp: stamp(dispute_id(disputes::disputes(report))), draw: 0 };
                reporter_actions::dispute(report, "Masih rusak".into(), action_stamp, clock::by(&self.slots))
                    .map(|(report, effects)| (report, effects, false))
            }
            Ask::Withdraw if report.reporter.erased => return Verdict::Replayed,
            Ask::Withdraw => {
                let action_stamp = ActionStamp { stamp: stamp(id), draw: 0 };
                let (report, effects) =
                    reporter_actions::withdraw(report, action_stamp, clock::by(&self.slots));
                Ok((report, effects, true))
            }
        };
        let Ok((mut after, mut effects, erase)) = decided else { return Verdict::Refused };
        after.revision = report.revision + 1;
        self.spoil_step(report, &mut after, now);
        self.spoil_announcements(&mut after, &mut effects, now);
        Verdict::Write(Outcome::of(after, effects, erase, false))
    }

    /// Under a bug: does to the deadline what a command must not do.
    fn spoil_step(&self, before: &Report, after: &mut Report, now: Timestamp) {
        if self.bug == Bug::StepGoesOn && after.status.is_open() {
            after.step = before.step.clone();
        }
        if self.bug == Bug::WithdrawalEndsStep && after.reporter.erased {
            after.step = None;
        }
        if self.bug == Bug::MarkTaken && after.step == before.step {
            let mut taken = before.clone();
            clock::due(&mut taken, now, &self.slots);
            after.step = taken.step;
        }
    }

    /// Under a bug: announces what should wait, or under an id that nothing else bears.
    pub(crate) fn spoil_announcements(&self, report: &mut Report, effects: &mut Effects, now: Timestamp) {
        if self.bug == Bug::ToldAtOnce
            && let Some(due) = report.reporter.update.take()
        {
            effects.announcements.push(Announcement {
                event_id: due.event,
                event: due.act,
                ticket: report.ticket.clone(),
                status: report.status,
                privacy: report.privacy,
                audience: Audience::Reporter,
                unit: None,
                channel: Some(report.submitted.channel.clone()),
                language: Some(report.submitted.language),
                plan: None,
                follows: None,
                mark: None,
                released_at: Some(now),
                may: None,
                slot_mail: None,
            });
        }
        if self.bug == Bug::FreshIdAnnounced {
            for said in &mut effects.announcements {
                said.event_id = event_id(("fresh", &said.event_id, report.revision));
            }
        }
    }

    /// Whether this very dispute is on record, and nothing has come of it yet. The event is read after the report.
    pub(crate) fn is_disputed(&self, s: &State, report: &Report) -> bool {
        let disputes = disputes::disputes(report);
        let waits = report.reporter.pending.iter().any(|action| action.event == dispute_id(disputes));
        let last = disputes.checked_sub(1).map(dispute_id).filter(|_| report.status.is_open());
        waits || last.is_some_and(|last| s.events.iter().any(|event| event.id == last))
    }

    /// Stores what was decided, all or nothing; with `apart`, under a bug, without what that bug leaves for later.
    pub(crate) fn write(
        &self,
        s: &mut State,
        on: Option<u32>,
        outcome: &Outcome,
        guarded: bool,
        apart: bool,
    ) -> bool {
        let revision = s.report.as_ref().map(|report| report.revision);
        let there = |new: &Kept<Event>| s.events.iter().any(|event| event.id == new.id);
        let changed = if outcome.create { revision.is_some() } else { guarded && revision != on };
        if changed || outcome.events.iter().any(there) {
            return false;
        }
        s.report = Some(outcome.report.clone());
        if !(apart && self.bug == Bug::EventApart) {
            store_events(s, outcome);
        }
        if !(apart && self.bug == Bug::AnnouncedApart) {
            announce(s, outcome);
        }
        if outcome.erase && !(apart && self.bug == Bug::ErasedApart) {
            s.row = None;
        }
        if outcome.create && !(apart && self.bug == Bug::IdentityApart) {
            s.row = Some(Row { newest: None, told: None, expires: false });
        }
        true
    }

    pub(crate) fn commit(&self, s: &mut State, n: u8) {
        let instance = s.instances[usize::from(n)].clone();
        let (promised, on, outcome) = match &instance.phase {
            Phase::Decided { on, outcome } => (false, *on, outcome.clone()),
            Phase::Promised { on, outcome } => (true, *on, outcome.clone()),
            Phase::Follows { on, outcome } => {
                self.write(s, Some(*on), outcome, self.bug != Bug::Unguarded, false);
                return starts_anew(s, n);
            }
            Phase::Started
            | Phase::HasReport(_)
            | Phase::HasNoEvent
            | Phase::Refused
            | Phase::Rest(_)
            | Phase::Answering(_) => return,
        };
        let stored = self.write(s, on, &outcome, self.bug != Bug::Unguarded, true);
        let phase = if promised {
            return drop(s.instances.remove(n.into()));
        } else if stored && self.bug.leaves_a_rest() {
            Phase::Rest(outcome)
        } else if stored || self.bug == Bug::LoserIsDone {
            Phase::Answering(RequestOutcome::Stored)
        } else if outcome.create {
            Phase::Answering(RequestOutcome::Replayed)
        } else {
            return starts_anew(s, n);
        };
        s.instances[usize::from(n)].phase = phase;
    }

    /// Under a bug: stores what the transaction has left.
    pub(crate) fn rest(&self, s: &mut State, n: u8) {
        let Phase::Rest(outcome) = s.instances[usize::from(n)].phase.clone() else { return };
        if self.bug == Bug::EventApart {
            store_events(s, &outcome);
        }
        if self.bug == Bug::AnnouncedApart {
            announce(s, &outcome);
        }
        if outcome.erase && self.bug == Bug::ErasedApart {
            s.row = None;
        }
        if outcome.create && self.bug == Bug::IdentityApart {
            s.row = Some(Row { newest: None, told: None, expires: false });
        }
        s.instances[usize::from(n)].phase = Phase::Answering(RequestOutcome::Stored);
    }

    pub(crate) fn answer(&self, s: &mut State, n: u8) {
        let instance = s.instances.remove(n.into());
        let answer = match &instance.phase {
            Phase::Answering(RequestOutcome::Replayed) => Answer::Replayed,
            Phase::Answering(RequestOutcome::Conflict) => Answer::Conflict,
            Phase::Answering(RequestOutcome::Stored)
            | Phase::Started
            | Phase::HasReport(_)
            | Phase::HasNoEvent
            | Phase::Refused
            | Phase::Decided { .. }
            | Phase::Follows { .. }
            | Phase::Promised { .. }
            | Phase::Rest(_) => Answer::Done,
        };
        // An answer to a sending that was given up reaches nobody.
        let client = &mut s.clients[usize::from(instance.request)];
        if client.sent == instance.sending {
            client.answer = Some(answer);
        }
        if let Phase::Decided { on, outcome } = instance.phase {
            s.instances.push(Instance { phase: Phase::Promised { on, outcome }, ..instance });
        }
    }

    /// Whether a run of `release` finds something to do.
    pub(crate) fn is_due(&self, report: &Report, now: Timestamp) -> bool {
        let due = report.next_due(now, &self.slots.zone);
        due.is_some_and(|due| due <= now) || self.unit_change(report, now).is_some()
    }

    pub(crate) fn release_reads(&self, s: &mut State) {
        let Some(before) = s.report.clone() else { return };
        // A run that begins beside another draws other ids.
        let key = (before.digest(), u8::MAX, number(s.releases.len()), s.tick);
        let known = self.decided.lock().expect("no decision panics").get(&key).cloned();
        let verdict = known.unwrap_or_else(|| {
            let verdict = Verdict::Write(self.due(&before, self.now(s), key));
            self.decided.lock().expect("no decision panics").insert(key, verdict.clone());
            verdict
        });
        if let Verdict::Write(outcome) = verdict {
            s.releases.push(Run { on: before.revision, outcome });
        }
    }

    /// What is due of the report now, with an id and a version made of what is `drawn`.
    fn due(&self, before: &Report, now: Timestamp, drawn: impl Hash) -> Kept<Outcome> {
        let mut report = before.clone();
        let events = ["unit", "first", "second"].map(|event| event_id((event, &drawn)));
        let stamp = DueStamp { now, version: version(("due", &drawn)), events };
        let change = self.unit_change(&report, now);
        let mut effects = due_now(&mut report, change, stamp, clock::by(&self.slots));
        report.revision = before.revision + 1;
        if self.bug == Bug::MarkForgotten && report.step.is_some() {
            report.step = before.step.clone();
        }
        if self.bug == Bug::FreshIdAnnounced {
            self.spoil_announcements(&mut report, &mut effects, now);
        }
        Outcome::of(report, effects, false, false)
    }
}

/// Reads and decides again on what others have left.
fn starts_anew(s: &mut State, n: u8) {
    let instance = &mut s.instances[usize::from(n)];
    if instance.attempt + 1 < ATTEMPTS {
        (instance.attempt, instance.phase) = (instance.attempt + 1, Phase::Started);
    } else {
        // 503: the client sends again.
        s.instances.remove(n.into());
    }
}

fn dispute_id(number: u8) -> EventId {
    event_id(("dispute", number))
}

fn store_events(s: &mut State, outcome: &Outcome) {
    s.events.extend(outcome.events.iter().cloned());
    s.events.sort_by_key(|event| (event.number, event.digest()));
}

/// Puts announcements. One that was there already is a change and no new item: the stream does not bring it.
fn announce(s: &mut State, outcome: &Outcome) {
    let erased = s.is_erased();
    for new in &outcome.announcements {
        let same = |record: &Record| match record {
            Record::Announcement(old) => old.event_id == new.event_id && old.audience == new.audience,
            Record::Unreadable | Record::Crashing => false,
        };
        if erased && new.audience == Audience::Reporter {
            s.wrong.insert(Wrong::AnnouncedErased);
        }
        if s.stream.iter().any(same) {
            s.wrong.insert(Wrong::AnnouncedAgain);
        } else {
            s.stream.push(Record::Announcement(new.clone()));
            s.told.push(0);
            s.cut.push(0);
        }
    }
}

/// What a request has left: how often it is stored.
pub(crate) fn times_stored(protocol: &Protocol, state: &State, request: &Request) -> usize {
    let before = protocol.scenario.life.as_ref().map_or(0, |life| life.events.len());
    let new = || state.events.iter().filter(move |event| event.number as usize > before);
    let pending = |of: fn(&ReporterAction) -> bool| {
        let pending = state.report.iter().flat_map(|report| &report.reporter.pending);
        pending.filter(|waiting| of(&waiting.action)).count()
    };
    match &request.ask {
        Ask::Submit => new().filter(|event| event.act == Act::Submit).count(),
        Ask::Command(who, command) => {
            let act = command(&event_id(0)).act();
            let by = |event: &Event| event.by.as_ref().is_some_and(|by| by.id == *who);
            new().filter(|event| event.act == act && by(event)).count()
        }
        Ask::Dispute => {
            let waiting = pending(|action| matches!(action, ReporterAction::Dispute { .. }));
            waiting + new().filter(|event| event.act == Act::Dispute).count()
        }
        Ask::Withdraw => usize::from(state.is_erased()),
    }
}
