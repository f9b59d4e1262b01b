//! The stack's own queues: empty before the next loop begins, and nothing among the dead letters at the end.

use crate::clock::{now, pause};
use aws_sdk_sqs::types::QueueAttributeName::{
    self, ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible,
};
use std::time::Duration;
use tests::{
    operator::{config, wait},
    stack::stack,
};

/// What the functions still have to do.
const WORK: [&str; 3] = ["UploadsQueue", "NotifyRetryQueue", "DeliverQueue"];
/// The queues of what could not be processed.
const DEAD: [&str; 3] = ["UploadsDeadQueue", "NotifyDeadQueue", "DeliverDeadQueue"];
/// How long a loop's work may go on after it.
const LONGEST: Duration = Duration::from_secs(300);

/// The stack's queues, seen by an operator.
pub(crate) struct Queues(aws_sdk_sqs::Client);

impl Queues {
    /// The queues of the stack under load.
    pub(crate) fn new() -> Self {
        Self(aws_sdk_sqs::Client::new(&config()))
    }

    /// Waits until everything that was asked for is done: what one loop left would slow the next one down.
    pub(crate) fn await_idle(&self) {
        let began = now();
        while WORK.iter().any(|queue| self.count(queue) > 0) && began.elapsed() < LONGEST {
            pause(Duration::from_millis(500));
        }
    }

    /// What lies where an operator must look, in words.
    pub(crate) fn dead_letters(&self) -> Vec<String> {
        let counts = DEAD.iter().map(|queue| (queue, self.count(queue)));
        counts.filter(|(_, count)| *count > 0).map(|(queue, count)| format!("{count} in {queue}")).collect()
    }

    fn count(&self, queue: &str) -> u64 {
        let asked = self.0.get_queue_attributes().queue_url(stack().output(queue));
        let asked = asked.attribute_names(QueueAttributeName::All);
        let attributes = wait(asked.send()).expect("a queue").attributes.unwrap_or_default();
        let number =
            |name| attributes.get(&name).and_then(|count| count.parse::<u64>().ok()).expect("a count");
        number(ApproximateNumberOfMessages) + number(ApproximateNumberOfMessagesNotVisible)
    }
}
