//! A city that goes on from moment to moment, and where all that is due is done.

use crate::{
    bug::Bug,
    city::{City, Op, Pace, at},
    rules,
    store::Stored,
};
use jiff::Timestamp;

/// A city with its reports, at a moment.
pub(crate) struct World {
    pub(crate) city: City,
    pub(crate) stored: Stored,
    pub(crate) now: Timestamp,
    /// How many followers a page has.
    pub(crate) page: usize,
}

impl World {
    /// With so many reports, whose reporters have been told that they wait, at ten o'clock.
    pub(crate) fn new(reports: u16) -> Self {
        Self::of(City::new(Bug::None, Pace::Usual), reports)
    }

    /// The same of a city.
    pub(crate) fn of(city: City, reports: u16) -> Self {
        let stored = Stored::new(&city, reports);
        let world = Self { city, stored, now: at("03:00"), page: 25 };
        world.released("07:00:05").released("10:00:05")
    }

    pub(crate) fn at(mut self, moment: &str) -> Self {
        self.now = at(moment);
        self
    }

    /// Comes to a moment and does all that is due.
    pub(crate) fn released(mut self, moment: &str) -> Self {
        self.now = at(moment);
        self.releases();
        self
    }

    #[track_caller]
    pub(crate) fn does(mut self, number: u16, op: Op) -> Self {
        assert!(self.stored.act(&self.city, number, op, self.now), "{op:?} of {number} is refused");
        self
    }

    #[track_caller]
    pub(crate) fn merges(mut self, report: u16, root: u16) -> Self {
        let merge = self.stored.merge_reads(report, root);
        let is_merged = self.stored.merge_writes(&self.city, &merge, self.now);
        assert!(is_merged, "{report} cannot be merged into {root}");
        self
    }

    /// With a TL that waits for a validator, of which its reporter has been told; it takes the first day.
    pub(crate) fn judged(self, number: u16) -> Self {
        let assigned = self.at("10:40").does(number, Op::Assign).released("13:00:05");
        let accepted = assigned.at("13:30").does(number, Op::Accept);
        accepted.does(number, Op::PostTl).released("16:00:05")
    }

    pub(crate) fn releases(&mut self) {
        for number in self.stored.numbers() {
            self.stored.act(&self.city, number, Op::Due, self.now);
        }
        self.fans_out();
    }

    pub(crate) fn fans_out(&mut self) {
        while let Some(root) = self.stored.numbers().find(|root| self.stored.fans_out(*root)) {
            let Some(mut run) = self.stored.run_starts(&self.city, root) else { return };
            self.stored.run_reads_page(&mut run, self.page, self.now);
            assert!(self.stored.run_writes(&self.city, &run), "nobody comes between");
        }
    }

    #[track_caller]
    pub(crate) fn holds(&self) {
        for (rule, holds) in rules::ALWAYS {
            assert!(holds(&self.city, &self.stored), "\"{rule}\" is broken");
        }
    }
}
