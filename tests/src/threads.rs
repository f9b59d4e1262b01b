//! Running many calls in parallel.

use std::{
    sync::{
        Barrier, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// As many as keep the engine busy.
const WORKERS: usize = 8;

/// Does `work` with each of the items, some of them side by side. The results in the order of the items.
pub fn in_parallel<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let workers = WORKERS.min(items.len());
    let queue = Mutex::new(items.into_iter().enumerate());
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    loop {
                        let next = queue.lock().unwrap().next();
                        let Some((place, item)) = next else { return done };
                        done.push((place, work(item)));
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("every item goes well")).collect()
    });
    results.sort_unstable_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Does `work` with all of the items at the same moment.
pub fn at_once<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let start = Barrier::new(items.len());
    thread::scope(|scope| {
        let all: Vec<_> = items
            .into_iter()
            .map(|item| {
                let (start, work) = (&start, &work);
                scope.spawn(move || {
                    start.wait();
                    work(item)
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().expect("every item goes well")).collect()
    })
}

/// Says when dropped that others are to end, also where an assertion fails.
pub struct Ending<'a>(pub &'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
