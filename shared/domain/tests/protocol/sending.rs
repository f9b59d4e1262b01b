//! From the stream to the reporter: `notify` with its retry queue, `deliver` with its own, and what lies there for good.

use crate::{
    bug::Bug,
    model::{Protocol, number},
    state::{Action, Batch, Delivery, Message, Record, Row, State, Step, Wrong},
};

/// How often the stream brings one record again before it gives it up; 50 on AWS.
const STREAM_TRIES: u8 = 2;
/// How often a queue hands one message out before it gives it up; 5 on AWS.
const RECEIVES: u8 = 2;

/// The first place of each message that differs from those before it: handing out one of two that are the same is one thing.
pub(crate) fn distinct(messages: &[Message]) -> impl Iterator<Item = u8> {
    let first = |n: usize| n == 0 || messages[n] != messages[n - 1];
    (0..messages.len()).filter(move |n| first(*n)).map(number)
}

pub(crate) fn add(messages: &mut Vec<Message>, message: Message) {
    messages.push(message);
    messages.sort_unstable();
}

/// Publishes a record: the desks have it, the reporter's goes to the queue of `deliver`.
pub(crate) fn publish(s: &mut State, record: u8) {
    s.published.add(record);
    if s.stream[usize::from(record)].update().is_some() {
        add(&mut s.queue, Message { record, receives: 0 });
    }
}

/// `notify` is done with the record it is at.
pub(crate) fn goes_on(s: &mut State) {
    let batch = s.batch.expect("a batch");
    if batch.at + 1 < batch.end {
        s.batch = Some(Batch { at: batch.at + 1, ..batch });
    } else {
        s.checkpoint = batch.end;
        (s.batch, s.halved, s.stream_tries) = (None, false, 0);
    }
}

pub(crate) fn retry_fails(s: &mut State, n: u8) {
    let mut message = s.retries.remove(n.into());
    message.receives += 1;
    if message.receives == RECEIVES {
        s.dead.add(message.record);
    } else {
        add(&mut s.retries, message);
    }
}

pub(crate) fn deliver_sends(s: &mut State, n: u8) {
    let delivery = &mut s.deliveries[usize::from(n)];
    let record = usize::from(delivery.message.record);
    if delivery.step == (Step::Applied { erased: true }) {
        s.wrong.insert(Wrong::ToldErased);
    }
    s.told[record] += 1;
    delivery.step = Step::Sent;
}

impl Protocol {
    pub(crate) fn notify_actions(&self, state: &State, actions: &mut Vec<Action>) {
        match state.batch {
            None if usize::from(state.checkpoint) < state.stream.len() && !self.stands_still(state) => {
                actions.push(Action::NotifyStarts);
            }
            None => {}
            Some(batch) => {
                actions.push(Action::NotifyPublishes);
                if !state.stream[usize::from(batch.at)].is_poison() {
                    actions.extend([Action::TopicFails, Action::QueueFails]);
                }
                actions.push(Action::NotifyCrashes);
            }
        }
        for n in distinct(&state.retries) {
            if state.stream[usize::from(state.retries[usize::from(n)].record)].is_poison() {
                actions.push(Action::RetryReadsNothing(n));
            } else {
                actions.extend([Action::RetryPublishes(n), Action::RetryFails(n), Action::RetryCrashes(n)]);
            }
        }
    }

    pub(crate) fn notify_publishes(&self, s: &mut State) {
        let record = s.batch.expect("a batch").at;
        match s.stream[usize::from(record)] {
            Record::Announcement(_) => publish(s, record),
            Record::Crashing => return self.batch_fails(s),
            Record::Unreadable if self.bug == Bug::PoisonForgotten => {}
            Record::Unreadable if self.bug == Bug::PoisonStops => {
                s.checkpoint = record;
                return self.batch_fails(s);
            }
            Record::Unreadable => add(&mut s.retries, Message { record, receives: 0 }),
        }
        goes_on(s);
    }

    /// The stream brings the batch again: in halves, then a few times, and then without the record, which is noted.
    pub(crate) fn batch_fails(&self, s: &mut State) {
        let batch = s.batch.take().expect("a batch");
        if batch.end - s.checkpoint > 1 {
            s.halved = true;
            return;
        }
        if self.bug == Bug::PoisonStops {
            return;
        }
        s.stream_tries += 1;
        if s.stream_tries == STREAM_TRIES {
            s.dead.add(s.checkpoint);
            s.checkpoint += 1;
            (s.halved, s.stream_tries) = (false, 0);
        }
    }

    pub(crate) fn deliver_reads(&self, s: &mut State, n: u8) {
        let message = s.queue[usize::from(n)];
        let Some(update) = s.stream[usize::from(message.record)].update() else { return };
        let goes_on = s.row.as_ref().is_some_and(|row| {
            let newer = row.newest > update.released_at && self.bug != Bug::AnyOrder;
            row.told.as_ref() != Some(&update.event_id) && !newer
        });
        s.queue.remove(n.into());
        if goes_on {
            if s.deliveries.iter().any(|other| other.message.record == message.record) {
                s.cut[usize::from(message.record)] += 1;
            }
            s.deliveries.push(Delivery { message, step: Step::Read });
        }
    }

    pub(crate) fn deliver_applies(&self, s: &mut State, n: u8) {
        let message = s.deliveries[usize::from(n)].message;
        let Some(update) = s.stream[usize::from(message.record)].update().cloned() else { return };
        if s.row.is_none() && self.bug == Bug::RowRevived {
            s.row = Some(Row { newest: None, told: None, expires: false });
        }
        let fits =
            s.row.as_ref().is_some_and(|row| row.newest <= update.released_at || self.bug == Bug::AnyOrder);
        let Some(row) = s.row.as_mut().filter(|_| fits) else {
            s.deliveries.remove(n.into());
            return;
        };
        if row.newest > update.released_at {
            s.wrong.insert(Wrong::Backwards);
        }
        row.newest = update.released_at;
        row.expires = !update.status.is_open();
        let erased = s.is_erased();
        s.deliveries[usize::from(n)].step = Step::Applied { erased };
    }

    pub(crate) fn deliver_marks(&self, s: &mut State, n: u8) {
        let delivery = s.deliveries.remove(n.into());
        let Some(update) = s.stream[usize::from(delivery.message.record)].update() else { return };
        if let Some(row) = &mut s.row
            && row.newest == update.released_at
            && self.bug != Bug::NoMark
        {
            row.told = Some(update.event_id.clone());
        }
    }

    pub(crate) fn deliver_fails(&self, s: &mut State, n: u8) {
        let Delivery { mut message, step } = s.deliveries.remove(n.into());
        if step == Step::Sent {
            s.cut[usize::from(message.record)] += 1;
        }
        message.receives += 1;
        if self.bug == Bug::QueueForgets {
            return;
        }
        if message.receives == RECEIVES {
            s.untold.add(message.record);
        } else {
            add(&mut s.queue, message);
        }
    }
}
