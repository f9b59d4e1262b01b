//! Announcements as they arrive, with the moment of their arrival.

use crate::clock::{now, pause};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tests::{inbox::Inbox, officers};

/// How long nothing may come before what has not come is given up.
const SILENCE: Duration = Duration::from_secs(60);
/// How long all of it may take.
const LONGEST: Duration = Duration::from_secs(600);

/// What tells a message from others: the event that it is about, and the topic that it came from.
pub(crate) type Name = (String, String);

/// When a message came first, and how often in all.
#[derive(Clone, Copy)]
pub(crate) struct Came {
    /// When it came first.
    pub(crate) first: Instant,
    /// How often it came.
    pub(crate) times: u64,
}

type Arrivals = Arc<Mutex<HashMap<Name, Came>>>;

/// A queue on every topic that the lives' acts are announced on, read without a pause by a thread of its own.
pub(crate) struct Post {
    arrivals: Arrivals,
    over: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Post {
    /// Subscribes, and begins to read.
    pub(crate) fn open() -> Self {
        let unit = format!("unit-{}", officers::UNIT_CODE);
        let inbox = Inbox::on(&[&unit, "desk-tiket", "desk-validasi", "desk-verifikasi", "reporter"]);
        let (arrivals, over) = (Arrivals::default(), Arc::new(AtomicBool::new(false)));
        let (to, until) = (arrivals.clone(), over.clone());
        let reader = std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                let messages = inbox.next();
                let at = now();
                let mut arrivals = to.lock().unwrap();
                for message in messages {
                    let event = message.body["event_id"].as_str().expect("an event").to_owned();
                    let came = arrivals.entry((event, message.topic)).or_insert(Came { first: at, times: 0 });
                    came.times += 1;
                }
            }
        });
        Self { arrivals, over, reader: Some(reader) }
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

impl Drop for Post {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}
