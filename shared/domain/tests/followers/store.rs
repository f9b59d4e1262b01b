//! The table of reports as far as followers need it, with the conditions of its transactions.

use crate::{
    bug::Bug,
    city::{Change, City, Led, Op, Said, is_due, ticket},
    kept::Kept,
    rules::{AGAIN, ERASED},
};
use domain::{act::Act, followers::Lead, report::Report, status::Status, ticket::Ticket};
use jiff::Timestamp;
use std::{collections::BTreeSet, ops::Range};

/// How far a change of a root has been passed on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct FanOut {
    revision: u32,
    after: Option<u16>,
    is_due: bool,
}

/// What is stored, and what was said so far. Reports have numbers, in the order of their tickets.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Stored {
    pub(crate) reports: Vec<Kept<Report>>,
    /// The items by which a root finds its followers: none is ever deleted.
    followers: Vec<BTreeSet<u16>>,
    fan_outs: Vec<Option<FanOut>>,
    /// What each reporter was told, in order.
    pub(crate) said: Vec<Vec<Said>>,
    /// Whether what a report follows has changed since its reporter was told.
    is_news: Vec<bool>,
    /// What has been done to each report.
    acts: Vec<BTreeSet<Act>>,
    /// The rules that were broken on the way.
    pub(crate) wrong: BTreeSet<&'static str>,
}

/// A merge whose reports have been read.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Merge {
    report: u16,
    root: u16,
    read: Kept<Report>,
    root_read: Kept<Report>,
}

/// A run of `release` that passes on one page. Whatever it has read it can lose at any moment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Run {
    root: u16,
    fan_out: FanOut,
    led: Led,
    page: Option<Page>,
}

/// The next followers, as they were read.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Page {
    followers: Vec<(u16, Kept<Report>)>,
    are_last: bool,
    now: Timestamp,
}

impl Run {
    pub(crate) fn has_page(&self) -> bool {
        self.page.is_some()
    }
}

pub(crate) fn number(place: usize) -> u16 {
    u16::try_from(place).expect("few reports")
}

impl Stored {
    pub(crate) fn new(city: &City, reports: u16) -> Self {
        let count = usize::from(reports);
        Self {
            reports: (0..reports).map(|n| Kept::new(city.sent(n))).collect(),
            followers: vec![BTreeSet::new(); count],
            fan_outs: vec![None; count],
            said: vec![Vec::new(); count],
            is_news: vec![false; count],
            acts: vec![BTreeSet::new(); count],
            wrong: BTreeSet::new(),
        }
    }

    pub(crate) fn numbers(&self) -> Range<u16> {
        0..number(self.reports.len())
    }

    pub(crate) fn report(&self, number: u16) -> &Kept<Report> {
        &self.reports[usize::from(number)]
    }

    pub(crate) fn number_of(&self, ticket: &Ticket) -> u16 {
        let found = self.reports.binary_search_by(|report| report.ticket.cmp(ticket));
        number(found.expect("a report of the city"))
    }

    /// The report that this one is merged into.
    pub(crate) fn root_of(&self, number: u16) -> Option<u16> {
        self.report(number).merged_into.as_ref().map(|root| self.number_of(root))
    }

    /// Whether this was ever done to a report.
    pub(crate) fn has_seen(&self, act: Act) -> bool {
        self.acts.iter().any(|acts| acts.contains(&act))
    }

    pub(crate) fn is_due(&self, number: u16, now: Timestamp) -> bool {
        is_due(self.report(number), now)
    }

    pub(crate) fn fans_out(&self, root: u16) -> bool {
        self.fan_outs[usize::from(root)].as_ref().is_some_and(|fan_out| fan_out.is_due)
    }

    /// Does `op` to a report if it is possible.
    pub(crate) fn act(&mut self, city: &City, number: u16, op: Op, now: Timestamp) -> bool {
        let change = city.change(self.report(number), op, now);
        if let Some(change) = &change {
            self.put(city, number, change);
        }
        change.is_some()
    }

    fn put(&mut self, city: &City, number: u16, change: &Change) {
        let n = usize::from(number);
        let before = std::mem::replace(&mut self.reports[n], change.report.clone());
        let after = &change.report;
        if before.reporter.erased && !after.reporter.erased {
            self.wrong.insert(ERASED);
        }
        self.is_news[n] |= before.follows != after.follows;
        for said in &change.said {
            let all = &mut self.said[n];
            let repeats = all.last().is_some_and(|last| {
                last.status == Status::Duplikat
                    && (last.status, last.follows, last.plan) == (said.status, said.follows, said.plan)
            });
            if (repeats && !self.is_news[n]) || all.iter().any(|earlier| earlier.id == said.id) {
                self.wrong.insert(AGAIN);
            }
            all.push(said.clone());
            self.is_news[n] = false;
        }
        self.acts[n].extend(&change.acts);
        self.wrong.extend(&change.wrong);
        if change.fans_out {
            let after = self.fan_outs[n]
                .as_ref()
                .and_then(|last| last.after)
                .filter(|_| city.bug == Bug::CursorStays);
            self.fan_outs[n] = Some(FanOut { revision: change.report.revision, after, is_due: true });
        }
    }

    fn is_as_read(&self, number: u16, read: &Report) -> bool {
        self.report(number).revision == read.revision
    }

    pub(crate) fn merge_reads(&self, report: u16, root: u16) -> Merge {
        let [read, root_read] = [report, root].map(|number| self.report(number).clone());
        Merge { report, root, read, root_read }
    }

    pub(crate) fn merge_writes(&mut self, city: &City, merge: &Merge, now: Timestamp) -> bool {
        let Merge { report, root, read, root_read } = merge;
        let Some(change) = city.merge(read, root_read, now) else { return false };
        let root_is_as_read = self.is_as_read(*root, root_read) || city.bug == Bug::MergeUnbound;
        if !self.is_as_read(*report, read) || !root_is_as_read {
            return false;
        }
        self.put(city, *report, &change);
        self.bind(city, *root);
        if city.bug != Bug::MergeUnlisted {
            self.followers[usize::from(*root)].insert(*report);
        }
        true
    }

    /// Notes in a root that it is followed.
    fn bind(&mut self, city: &City, root: u16) {
        let report = &mut self.reports[usize::from(root)];
        if !report.is_followed && city.bug != Bug::MergeUnnoted {
            let revision = report.revision + 1;
            *report = Kept::new(Report { is_followed: true, revision, ..(**report).clone() });
        }
    }

    /// What a report has its followers do, and the report that they go on to.
    pub(crate) fn lead(&self, city: &City, root: u16) -> (Lead, Option<Kept<Report>>) {
        let mut number = root;
        for _ in &self.reports {
            let report = self.report(number);
            match city.lead_of(report) {
                Ok(lead) => return (lead, Some(report.clone()).filter(|_| number != root)),
                Err(into) => number = self.number_of(&into),
            }
        }
        (Lead::ComeBack, None)
    }

    pub(crate) fn run_starts(&self, city: &City, root: u16) -> Option<Run> {
        let fan_out = self.fan_outs[usize::from(root)].clone().filter(|fan_out| fan_out.is_due)?;
        let (lead, to) = self.lead(city, root);
        let led = Kept::by((format!("{lead:?}"), &to), (lead, to.clone()));
        Some(Run { root, fan_out, led, page: None })
    }

    pub(crate) fn run_reads_page(&self, run: &mut Run, size: usize, now: Timestamp) {
        let all = &self.followers[usize::from(run.root)];
        let mut left =
            all.iter().copied().filter(|follower| run.fan_out.after.is_none_or(|at| at < *follower));
        let followers = left.by_ref().take(size).map(|n| (n, self.report(n).clone())).collect();
        run.page = Some(Page { followers, are_last: left.next().is_none(), now });
    }

    /// Stores a page; returns `false` where a condition fails.
    pub(crate) fn run_writes(&mut self, city: &City, run: &Run) -> bool {
        let Run { root, fan_out, led, page } = run;
        let Some(Page { followers, are_last, now }) = page else { return false };
        let from = ticket(*root);
        let changes =
            followers.iter().filter_map(|(n, read)| Some((*n, read, city.follow(read, &from, led, *now)?)));
        let changes: Vec<_> = changes.collect();
        let is_left = self.fan_outs[usize::from(*root)]
            .as_ref()
            .is_some_and(|now| (now.revision, now.after) == (fan_out.revision, fan_out.after));
        let are_as_read = changes.iter().all(|(n, read, _)| self.is_as_read(*n, read));
        let to = led.1.as_ref().filter(|_| !changes.is_empty());
        let to = to.map(|to| (self.number_of(&to.ticket), to));
        let to_is_as_read = to.is_none_or(|(n, to)| self.is_as_read(n, to));
        if !(is_left || city.bug == Bug::FanOutUnbound)
            || !(are_as_read || city.bug == Bug::FollowersUnbound)
            || !(to_is_as_read || city.bug == Bug::TargetUnbound)
        {
            return false;
        }
        for (n, _, change) in &changes {
            self.put(city, *n, change);
            if let Some((to, _)) = to.filter(|_| change.report.merged_into.is_some()) {
                self.followers[usize::from(to)].insert(*n);
            }
        }
        if let Some((to, _)) = to {
            self.bind(city, to);
        }
        let after = followers.last().map_or(fan_out.after, |(n, _)| Some(*n));
        self.fan_outs[usize::from(*root)] =
            Some(FanOut { revision: fan_out.revision, after, is_due: !are_last });
        true
    }
}
