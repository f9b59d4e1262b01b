//! The two ways of giving load: clients that wait for answers, and arrivals that wait for nothing.

use crate::{
    chance::arrivals,
    clock::{now, sleep_until},
    people::City,
    story::{Story, live},
};
use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// How many lives are at work in an open loop at most; who arrives beyond that is turned away and counted.
const AT_WORK: usize = 64;
/// How many arrive in one open loop at most.
const ARRIVALS: usize = 20_000;
/// How long what has begun may go on when a loop's time is over.
const GRACE: Duration = Duration::from_secs(60);

/// Numbers of lives: each number is another life, and the same one in every run.
static NUMBERS: AtomicU64 = AtomicU64::new(1);

fn next_number() -> u64 {
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

/// From when until when a loop gave load.
pub(crate) type Window = (Instant, Instant);

/// So many clients, each of which lives life after life.
pub(crate) fn closed(city: &City, story: Story, clients: usize, during: Duration) -> Window {
    let began = now();
    let ends = began + during;
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                while now() < ends {
                    live(city, story, next_number(), now(), ends + GRACE);
                }
            });
        }
    });
    (began, ends)
}

/// Lives that begin at their own times, so many a second in the mean, whatever has become of the others.
pub(crate) fn open(city: &City, story: Story, rate: f64, during: Duration) -> Window {
    let began = now();
    let ends = began + during;
    let at_work = AtomicUsize::new(0);
    thread::scope(|scope| {
        for moment in arrivals(next_number(), rate, during, ARRIVALS) {
            let due = began + moment;
            sleep_until(due);
            if at_work.load(Ordering::Relaxed) >= AT_WORK {
                city.log.note().shed += 1;
                continue;
            }
            at_work.fetch_add(1, Ordering::Relaxed);
            let (number, at_work) = (next_number(), &at_work);
            scope.spawn(move || {
                live(city, story, number, due, ends + GRACE);
                at_work.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
    (began, ends)
}
