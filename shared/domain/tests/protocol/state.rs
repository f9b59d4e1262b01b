//! What the model knows at one moment, and the steps that lead to the next.

use crate::{kept::Kept, world::Life};
use domain::{
    act::Act,
    announcement::{Announcement, Audience},
    command::Command,
    deadlines::Mark,
    event::Event,
    ids::EventId,
    release::Effects,
    report::Report,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What a request asks for.
#[derive(Clone)]
pub(crate) enum Ask {
    Submit,
    /// By whom; what is made of the id that the event will have.
    Command(&'static str, fn(&EventId) -> Command),
    Dispute,
    Withdraw,
}

/// A request, repeated until it is answered or its tries are used up.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) ask: Ask,
    pub(crate) tries: u8,
    /// Whether it is known when it comes again: a command by its idempotency key, the others by what they say.
    pub(crate) keyed: bool,
}

/// What a run starts from and what may happen in it.
#[derive(Clone)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// `None`: nothing has been submitted yet.
    pub(crate) life: Option<Life>,
    /// Records on the stream when it starts.
    pub(crate) stream: Vec<Record>,
    /// The clock shows these, one after the other.
    pub(crate) clock: Vec<&'static str>,
    pub(crate) requests: Vec<Request>,
    /// How many runs of `release` may overlap.
    pub(crate) releases: usize,
    /// How many messages `deliver` may work on at once.
    pub(crate) deliveries: usize,
    /// How many faults are injected.
    pub(crate) faults: u8,
    /// What may be sent of which deadline. Of the first it must be sent, unless its step is over.
    pub(crate) marks: &'static [MarkTime],
    /// From when the unit that has the report is closed.
    pub(crate) closed_from: Option<&'static str>,
    /// Whether its commands exclude one another.
    pub(crate) rivals: bool,
    /// What must be seen to happen, or the run proves little.
    pub(crate) reaches: &'static [&'static str],
}

/// The act that begins a deadline, a mark of it, and from when until when the mark is to be sent.
pub(crate) type MarkTime = (Act, Mark, &'static str, &'static str);

/// The whole system at one moment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct State {
    /// Which moment of the clock it is.
    pub(crate) tick: u8,
    /// Faults that are still to be injected.
    pub(crate) faults: u8,
    pub(crate) report: Option<Kept<Report>>,
    /// The events, sorted by number.
    pub(crate) events: Vec<Kept<Event>>,
    /// The reporter's row in the vault.
    pub(crate) row: Option<Row>,
    pub(crate) clients: Vec<Client>,
    pub(crate) instances: Vec<Instance>,
    pub(crate) releases: Vec<Run>,
    /// Everything announced in the run, in the order of the transactions.
    pub(crate) stream: Vec<Record>,
    /// How much of the stream is done with.
    pub(crate) checkpoint: u8,
    pub(crate) batch: Option<Batch>,
    /// What is left of the batch after a crash: it is halved.
    pub(crate) halved: bool,
    pub(crate) stream_tries: u8,
    pub(crate) retries: Vec<Message>,
    /// Which records of the stream were published.
    pub(crate) published: Records,
    /// Which of them lie in the dead-letter queue of `notify`.
    pub(crate) dead: Records,
    /// The messages on the queue of `deliver`.
    pub(crate) queue: Vec<Message>,
    pub(crate) deliveries: Vec<Delivery>,
    /// Which records lie in the dead-letter queue of `deliver`.
    pub(crate) untold: Records,
    /// How often the reporter was sent each record.
    pub(crate) told: Vec<u8>,
    /// How often a sending of each record was cut off before it was noted, or went on beside another.
    pub(crate) cut: Vec<u8>,
    /// What must never happen, and did.
    pub(crate) wrong: BTreeSet<Wrong>,
}

impl State {
    pub(crate) fn is_erased(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.reporter.erased)
    }

    /// Whether somebody was faster than a request's transaction, and it is decided anew.
    pub(crate) fn has_a_loser(&self) -> bool {
        self.instances.iter().any(|instance| instance.attempt > 0)
    }

    /// Whether a sending that had begun before the erasure goes on after it.
    pub(crate) fn sends_while_erased(&self) -> bool {
        let goes_on = |delivery: &Delivery| delivery.step == (Step::Applied { erased: false });
        self.is_erased() && self.deliveries.iter().any(goes_on)
    }

    /// Whether an update is being sent although a newer one has been applied meanwhile.
    pub(crate) fn sends_late(&self) -> bool {
        let newest = self.row.as_ref().and_then(|row| row.newest);
        self.deliveries.iter().any(|delivery| {
            let update = self.stream[usize::from(delivery.message.record)].update();
            matches!(delivery.step, Step::Applied { .. })
                && update.is_some_and(|update| update.released_at < newest)
        })
    }
}

/// A set of records, by their place in the stream.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(crate) struct Records(u16);

impl Records {
    pub(crate) fn add(&mut self, record: u8) {
        self.0 |= 1 << record;
    }

    pub(crate) fn has(self, record: usize) -> bool {
        self.0 & (1 << record) != 0
    }
}

/// What must never happen; seen in the moment, for the state after it may not show it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Wrong {
    /// One event was announced to one audience a second time, which the stream does not bring.
    AnnouncedAgain,
    /// A reporter who had been erased was to be told.
    AnnouncedErased,
    /// An update was applied and sent after its reporter had been erased.
    ToldErased,
    /// An older update was applied after a newer one.
    Backwards,
}

/// A record of the table's stream.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Record {
    Announcement(Kept<Announcement>),
    /// A record that cannot be read.
    Unreadable,
    /// `notify` ends whenever it is given it.
    Crashing,
}

impl Record {
    pub(crate) fn is_poison(&self) -> bool {
        matches!(self, Self::Unreadable | Self::Crashing)
    }

    /// The announcement, if it is one to the reporter.
    pub(crate) fn update(&self) -> Option<&Announcement> {
        match self {
            Self::Announcement(said) if said.audience == Audience::Reporter => Some(said),
            Self::Announcement(_) | Self::Unreadable | Self::Crashing => None,
        }
    }
}

/// The reporter's row in the vault.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Row {
    pub(crate) newest: Option<Timestamp>,
    pub(crate) told: Option<EventId>,
    /// Whether it expires, 30 days later.
    pub(crate) expires: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Answer {
    Done,
    Replayed,
    Conflict,
}

/// The client that sends a request.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Client {
    /// How often the request was sent.
    pub(crate) sent: u8,
    pub(crate) answer: Option<Answer>,
}

/// A function at work on a request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Instance {
    pub(crate) request: u8,
    /// Which sending of the request, from 1.
    pub(crate) sending: u8,
    pub(crate) attempt: u8,
    pub(crate) phase: Phase,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Phase {
    Started,
    HasReport(Kept<Report>),
    /// There is no event of this request yet.
    HasNoEvent,
    /// Refused; looks whether an earlier sending was the reason.
    Refused,
    Decided {
        on: Option<u32>,
        outcome: Kept<Outcome>,
    },
    /// The unit was closed: the report follows first.
    Follows {
        on: u32,
        outcome: Kept<Outcome>,
    },
    /// Under a bug: what the transaction has left.
    Rest(Kept<Outcome>),
    /// Under a bug: answered, and not stored yet.
    Promised {
        on: Option<u32>,
        outcome: Kept<Outcome>,
    },
    Answering(RequestOutcome),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum RequestOutcome {
    Stored,
    Replayed,
    Conflict,
}

/// What is decided on a report.
#[derive(Clone)]
pub(crate) enum Verdict {
    Write(Kept<Outcome>),
    Replayed,
    Refused,
}

/// What a transaction stores.
pub(crate) struct Outcome {
    pub(crate) report: Kept<Report>,
    pub(crate) events: Vec<Kept<Event>>,
    pub(crate) announcements: Vec<Kept<Announcement>>,
    pub(crate) erase: bool,
    pub(crate) create: bool,
}

impl Outcome {
    pub(crate) fn of(report: Report, effects: Effects, erase: bool, create: bool) -> Kept<Self> {
        let outcome = Self {
            report: Kept::new(report),
            events: effects.events.into_iter().map(Kept::new).collect(),
            announcements: effects.announcements.into_iter().map(Kept::new).collect(),
            erase,
            create,
        };
        let digests: Vec<u64> = std::iter::once(outcome.report.digest())
            .chain(outcome.events.iter().map(Kept::digest))
            .chain(outcome.announcements.iter().map(Kept::digest))
            .collect();
        Kept::by((digests, erase, create), outcome)
    }
}

/// A run of `release` that has decided.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Run {
    pub(crate) on: u32,
    pub(crate) outcome: Kept<Outcome>,
}

/// What `notify` is at work on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Batch {
    pub(crate) at: u8,
    pub(crate) end: u8,
}

/// A message of a queue: which record, and how often it has been handed out in vain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Message {
    pub(crate) record: u8,
    pub(crate) receives: u8,
}

/// A message that `deliver` is at work on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Delivery {
    pub(crate) message: Message,
    pub(crate) step: Step,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Step {
    /// The row is there and has seen nothing newer.
    Read,
    /// Noted as the newest, before or after the erasure.
    Applied {
        erased: bool,
    },
    Sent,
}

/// One step of one part of the system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    Tick,
    /// A client sends, or sends again.
    Send(u8),
    ReadReport(u8),
    ReadEvent(u8),
    Commit(u8),
    Rest(u8),
    Answer(u8),
    /// The instance ends, or its answer is lost, or AWS failed it.
    Crash(u8),
    ReleaseReads,
    ReleaseWrites(u8),
    ReleaseCrashes(u8),
    NotifyStarts,
    NotifyPublishes,
    /// The topic does not answer; the record goes to the retry queue.
    TopicFails,
    /// Neither does the retry queue; the record is reported as failed.
    QueueFails,
    NotifyCrashes,
    RetryPublishes(u8),
    RetryFails(u8),
    /// What cannot be read cannot be published.
    RetryReadsNothing(u8),
    /// Published, and ended before it could say so.
    RetryCrashes(u8),
    /// The queue hands a message out twice.
    Doubles(u8),
    DeliverReads(u8),
    DeliverApplies(u8),
    DeliverSends(u8),
    DeliverMarks(u8),
    /// It ends, or what it calls fails.
    DeliverFails(u8),
}

impl Action {
    pub(crate) fn is_fault(self) -> bool {
        matches!(
            self,
            Self::Crash(_)
                | Self::ReleaseCrashes(_)
                | Self::TopicFails
                | Self::QueueFails
                | Self::NotifyCrashes
                | Self::RetryFails(_)
                | Self::RetryCrashes(_)
                | Self::Doubles(_)
                | Self::DeliverFails(_)
        )
    }
}
