//! Announcements as they arrive, with the moment of their arrival.

use crate::clock::{now, pause};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tests::{inbox::Inbox, officers};

/// One takes ten messages a call, and waits for each call while the engine is busy: more than one, or the lag would be its own.
const READERS: usize = 4;
/// How long nothing may come before what has not come is given up.
const SILENCE: Duration = Duration::from_secs(60);
/// How long all of it may take.
const LONGEST: Duration = Duration::from_secs(600);

/// What tells a message from others: the event that it is about, and the topic that it came from.
pub(crate) type Name = (String, String);

/// When a message came first, and how often in all.
#[derive(Clone, Copy)]
pub(crate) struct Came {
    /// When the message came for the first time.
    pub(crate) first: Instant,
    /// How often the message came.
    pub(crate) times: u64,
}

type Arrivals = Arc<Mutex<HashMap<Name, Came>>>;

/// A queue on every topic that the lives' acts are announced on, read without a pause by threads of its own.
pub(crate) struct Post {
    arrivals: Arrivals,
    over: Arc<AtomicBool>,
    readers: Vec<JoinHandle<()>>,
}

impl Post {
    /// Subscribes, and begins to read.
    pub(crate) fn open() -> Self {
        let unit = format!("unit-{}", officers::UNIT_CODE);
        let inbox = Inbox::on(&[&unit, "desk-tiket", "desk-validasi", "desk-verifikasi", "reporter"]);
        let (inbox, arrivals, over) =
            (Arc::new(inbox), Arrivals::default(), Arc::new(AtomicBool::new(false)));
        let reader = |_| {
            let (from, to, over) = (inbox.clone(), arrivals.clone(), over.clone());
            thread::spawn(move || read(&from, &to, &over))
        };
        let readers = (0..READERS).map(reader).collect();
        Self { arrivals, over, readers }
    }

    /// Waits until all of these have come, as long as anything still comes. Those that have.
    pub(crate) fn await_all(&self, names: &[Name]) -> HashMap<Name, Came> {
        let began = now();
        let (mut last, mut changed) = (0, began);
        loop {
            let (missing, all) = {
                let arrivals = self.arrivals.lock().unwrap();
                (names.iter().filter(|name| !arrivals.contains_key(name)).count(), arrivals.len())
            };
            assert!(!self.readers.iter().any(JoinHandle::is_finished), "somebody stopped reading");
            if all != last {
                (last, changed) = (all, now());
            }
            if missing == 0 || changed.elapsed() > SILENCE || began.elapsed() > LONGEST {
                break;
            }
            pause(Duration::from_millis(200));
        }
        let arrivals = self.arrivals.lock().unwrap();
        let found = names.iter().filter_map(|name| Some((name.clone(), *arrivals.get(name)?)));
        found.collect()
    }
}

/// Notes what comes, until it is over.
fn read(inbox: &Inbox, arrivals: &Mutex<HashMap<Name, Came>>, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        inbox.next(|messages| {
            let at = now();
            let mut arrivals = arrivals.lock().unwrap();
            for message in messages {
                let event = message.body["event_id"].as_str().expect("an event").to_owned();
                let came = arrivals.entry((event, message.topic)).or_insert(Came { first: at, times: 0 });
                came.times += 1;
            }
        });
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}
