//! Passes what a root's reporter was told on to the reports that follow it.

use crate::App;
use aws_failure::Failure;
use city_clock::Current;
use domain::{
    decision::Stamp,
    followers::{FollowStamp, Lead, follow_lead},
    ids::{EventId, Version},
    release::Effects,
    report::Report,
    reporter_actions::ActionStamp,
    ticket::Ticket,
};
use futures_util::future::try_join_all;
use runtime::{
    clock::{self, Stopwatch},
    entropy,
};
use std::time::Duration;
use store::{
    reports::{FanOut, NextFollowers, Outcome, Passed},
    transaction::ATTEMPTS,
};

/// How many mergers are followed from a root to the last: more than any desk makes. Beyond it followers come back to the ticket desk.
const MERGERS: usize = 32;

/// How long one fan-out may keep what is due behind it waiting.
const SHARE: Duration = Duration::from_secs(5);

impl App {
    /// Passes a change of a root on to its followers, until its share of the run is up, or the run at `longest` of `watch`: the rest is left to the
    /// next minute.
    pub(crate) async fn fan_out(
        &self,
        root: &Ticket,
        watch: &Stopwatch,
        longest: Duration,
    ) -> Result<(), Failure> {
        let mut left = self.reports.fan_out_left(root).await?;
        let mut conflicts = 0;
        let until = longest.min(watch.elapsed() + SHARE);
        while let Some(fan_out) = left {
            if watch.elapsed() >= until {
                break;
            }
            if let Some(tickets) = fan_out.only_left_out() {
                return self.one_by_one(root, &fan_out, tickets).await;
            }
            let page = self.reports.next_followers(root, &fan_out).await?;
            let is_left_out = conflicts == ATTEMPTS;
            left = match self.pass_on(root, &fan_out, &page, is_left_out).await {
                Ok((next, _)) => {
                    conflicts = 0;
                    next
                }
                // A follower or the root has changed since it was read. Where that does not end, one of the page changes all the time, and keeps
                // nobody behind it waiting.
                Err(Failure::Conflict | Failure::RetriesExhausted) if !is_left_out => {
                    conflicts += 1;
                    self.reports.fan_out_left(root).await?
                }
                Err(failure) => return Err(failure),
            };
        }
        Ok(())
    }

    /// Passes it on to those that were left out. Whoever fails again has their turn in the next minute, and the run says so.
    async fn one_by_one(&self, root: &Ticket, fan_out: &FanOut, tickets: &[Ticket]) -> Result<(), Failure> {
        let mut fan_out = fan_out.clone();
        let mut failed = None;
        for ticket in tickets {
            let alone = NextFollowers { tickets: vec![ticket.clone()], are_last: true };
            match self.pass_on(root, &fan_out, &alone, false).await {
                Ok((next, damaged)) => {
                    failed = failed.or(damaged);
                    let Some(next) = next else { break };
                    fan_out = next;
                }
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Passes it on to these followers, but for those that cannot be read, or to none of them; returns how far it has come then, and what is wrong
    /// with one that is damaged.
    async fn pass_on(
        &self,
        root: &Ticket,
        fan_out: &FanOut,
        page: &NextFollowers,
        is_left_out: bool,
    ) -> Result<(Option<FanOut>, Option<Failure>), Failure> {
        let now = clock::now();
        let (lead, to) = self.lead(root).await?;
        let each = page.tickets.iter().map(|ticket| async {
            let outcome =
                if is_left_out { Ok(Outcome::LeftOut) } else { self.outcome(ticket, root, &lead).await };
            let (outcome, damaged) = match outcome {
                Ok(outcome) => (outcome, None),
                Err(failure @ Failure::Bug(_)) => (Outcome::LeftOut, Some(failure)),
                Err(failure) => return Err(failure),
            };
            Ok((Passed { ticket: ticket.clone(), outcome }, damaged))
        });
        let (passed, damaged): (Vec<Passed>, Vec<Option<Failure>>) =
            try_join_all(each).await?.into_iter().unzip();
        let next = self.reports.pass_on(root, fan_out, &passed, page.are_last, to.as_ref(), now).await?;
        Ok((next, damaged.into_iter().flatten().next()))
    }

    async fn outcome(&self, ticket: &Ticket, root: &Ticket, lead: &Lead) -> Result<Outcome, Failure> {
        let Some(report) = self.reports.get(ticket).await? else { return Ok(Outcome::Unchanged) };
        let change = self.follower(report, root, lead).await?;
        Ok(change.map_or(Outcome::Unchanged, |change| Outcome::Changed(Box::new(change))))
    }

    /// What a root has its followers do, and the report that they follow from now on where that is another.
    async fn lead(&self, root: &Ticket) -> Result<(Lead, Option<Report>), Failure> {
        let mut ticket = root.clone();
        for _ in 0..MERGERS {
            let Some(report) = self.reports.get(&ticket).await? else { break };
            match report.lead() {
                Ok(lead @ Lead::ComeBack) => return Ok((lead, None)),
                Ok(lead) => return Ok((lead, Some(report).filter(|report| report.ticket != *root))),
                Err(into) => ticket = into,
            }
        }
        Ok((Lead::ComeBack, None))
    }

    async fn follower(
        &self,
        before: Report,
        root: &Ticket,
        lead: &Lead,
    ) -> Result<Option<(Report, Report, Effects)>, Failure> {
        let now = clock::now();
        let Current { mut report, calendar, .. } = self.city.look_up(&before, now).await?;
        let stamp = || Stamp {
            now,
            version: Version::from_bytes(&entropy::bytes()),
            event: EventId::from_bytes(&entropy::bytes()),
            body_digest: None,
        };
        let [draw] = entropy::bytes();
        let withdrawal = ActionStamp { stamp: stamp(), draw };
        let Stamp { version, event, .. } = stamp();
        let stamp = FollowStamp { now, version, event, withdrawal };
        let effects = follow_lead(&mut report, root, lead, stamp, self.city.by(&calendar));
        Ok(effects.map(|effects| (before, report, effects)))
    }
}
