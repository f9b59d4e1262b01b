//! Five hundred followers of one report, passed on by runs that are killed.

use crate::{
    city::{Op, at, digest},
    store::{Run, Stored},
    world::World,
};
use domain::status::Status;
use jiff::Timestamp;
use std::sync::LazyLock;

const FOLLOWERS: u16 = 500;
const PAGE: usize = 25;
const PAGES: usize = 20;

/// Their root has just been told that the problem is solved; nothing is passed on yet.
static SOLVED: LazyLock<World> = LazyLock::new(|| {
    let world = World::new(FOLLOWERS + 1).at("10:30");
    let merged = (1..=FOLLOWERS).fold(world, |world, follower| world.merges(follower, 0));
    let validated = merged.judged(0).at("11 08:00").does(0, Op::Validate { accepts: true });
    validated.at("11 10:00:05").does(0, Op::Due)
});

/// Followers with what comes of them in a run.
struct Crowd {
    stored: Stored,
    now: Timestamp,
}

impl Crowd {
    fn new() -> Self {
        Self { stored: SOLVED.stored.clone(), now: SOLVED.now }
    }

    fn starts(&self) -> Option<Run> {
        self.stored.run_starts(&SOLVED.city, 0)
    }

    fn reads(&self, run: &mut Run) {
        self.stored.run_reads_page(run, PAGE, self.now);
    }

    fn writes(&mut self, run: &Run) -> bool {
        self.stored.run_writes(&SOLVED.city, run)
    }

    /// Passes on so many pages, or all that is left; returns how many.
    fn passes_on(&mut self, most: usize) -> usize {
        let mut passed = 0;
        while passed < most {
            let Some(mut run) = self.starts() else { break };
            self.reads(&mut run);
            assert!(self.writes(&run), "nobody comes between");
            passed += 1;
        }
        passed
    }

    fn due(&mut self, number: u16) {
        self.stored.act(&SOLVED.city, number, Op::Due, self.now);
    }

    /// All that is due at this moment, with the root first.
    fn releases(mut self, moment: &str) -> Self {
        self.now = at(moment);
        for number in self.stored.numbers() {
            self.due(number);
        }
        self
    }

    /// What each follower's reporter was told since they know that theirs is a duplicate.
    #[track_caller]
    fn were_told(&self, expected: impl Fn(&[Status]) -> bool) {
        for follower in 1..=usize::from(FOLLOWERS) {
            let all = self.stored.said[follower].iter().filter_map(|said| said.follows);
            let news: Vec<Status> = all.skip_while(|status| *status != Status::Selesai).collect();
            assert!(expected(&news), "{follower} was told {news:?}");
        }
        assert!(self.stored.wrong.is_empty(), "{:?}", self.stored.wrong);
    }
}

fn is_solved(news: &[Status]) -> bool {
    news == [Status::Selesai]
}

#[test]
fn each_of_500_is_told_once_when_a_run_is_killed_before_or_after_any_transaction() {
    for killed_at in 0..PAGES {
        let mut crowd = Crowd::new();
        assert_eq!(crowd.passes_on(killed_at), killed_at);
        // Killed before: what it has read is gone.
        let mut killed = crowd.starts().expect("a page is left");
        crowd.reads(&mut killed);
        // Killed after: the next run does not know that it was there. Another that had read the same page comes too late.
        let mut late = crowd.starts().expect("a page is left");
        crowd.reads(&mut late);
        assert_eq!(crowd.passes_on(1), 1);
        assert!(!crowd.writes(&late), "the page is stored twice");
        assert_eq!(crowd.passes_on(PAGES), PAGES - killed_at - 1);
        assert!(crowd.starts().is_none(), "nothing is left");
        crowd.releases("11 13:00:05").releases("11 16:00:05").were_told(is_solved);
    }
}

#[test]
fn each_of_500_is_told_once_by_two_runs_that_are_killed_at_random() {
    for seed in 0..12_u64 {
        let mut crowd = Crowd::new();
        let mut runs: [Option<Run>; 2] = [None, None];
        for step in 0_u64.. {
            let drawn = digest((seed, step));
            let run = &mut runs[usize::from(drawn % 2 == 0)];
            match run.take() {
                None => match crowd.starts() {
                    Some(started) => *run = Some(started),
                    None => break,
                },
                Some(_) if drawn.is_multiple_of(7) => {}
                Some(mut started) if !started.has_page() => {
                    crowd.reads(&mut started);
                    *run = Some(started);
                }
                Some(ready) => {
                    crowd.writes(&ready);
                }
            }
            // Meanwhile some of them come to their slots.
            if step == 30 {
                crowd.now = at("11 13:00:05");
            }
            let follower = 1 + drawn as u16 % FOLLOWERS;
            crowd.due(follower);
        }
        let crowd = crowd.releases("11 13:00:05").releases("11 16:00:05");
        assert!(crowd.stored.wrong.is_empty(), "{:?} with seed {seed}", crowd.stored.wrong);
        crowd.were_told(is_solved);
    }
}

/// The root's reporter disputes: officers and followers hear of it while the first update is still being passed on.
#[test]
fn nobody_of_500_is_told_an_older_update_after_a_newer_one() {
    for (passed, slot_first) in (0..=PAGES).flat_map(|passed| [(passed, false), (passed, true)]) {
        let mut crowd = Crowd::new();
        crowd.passes_on(passed);
        let mut late = crowd.starts();
        if let Some(late) = &mut late {
            crowd.reads(late);
        }
        assert!(crowd.stored.act(&SOLVED.city, 0, Op::Dispute { draw: 0 }, crowd.now));
        crowd.now = at("11 13:00:05");
        if slot_first {
            for follower in 1..=FOLLOWERS {
                crowd.due(follower);
            }
        }
        crowd.due(0);
        if let Some(late) = late {
            assert!(!crowd.writes(&late), "an older update comes after a newer one");
        }
        assert_eq!(crowd.passes_on(usize::MAX), PAGES);
        let crowd = crowd.releases("11 13:00:06").releases("11 16:00:05").releases("12 07:00:05");
        for (n, said) in crowd.stored.said.iter().enumerate().skip(1) {
            let said: Vec<_> = said.iter().filter_map(|said| said.follows).collect();
            let told_before = slot_first && n <= passed * PAGE;
            assert_eq!(said.contains(&Status::Selesai), told_before, "{n} was told {said:?}");
            assert_eq!(said.last(), Some(&Status::MenungguVerifikasi), "{n} was told {said:?}");
        }
        crowd.were_told(|news| matches!(news, [] | [Status::Selesai, Status::MenungguVerifikasi]));
    }
}
