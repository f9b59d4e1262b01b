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
    reports::{FanOut, Passed},
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
        let mut damaged = None;
        let until = longest.min(watch.elapsed() + SHARE);
        while let Some(fan_out) = left {
            if watch.elapsed() >= until {
                break;
            }
            left = match self.pass_on(root, &fan_out).await {
                Ok((next, unread)) => {
                    conflicts = 0;
                    damaged = damaged.or(unread);
                    next
                }
                // A follower or the root has changed since it was read.
                Err(Failure::Conflict | Failure::RetriesExhausted) if conflicts < ATTEMPTS => {
                    conflicts += 1;
                    self.reports.fan_out_left(root).await?
                }
                Err(failure) => return Err(failure),
            };
        }
        damaged.map_or(Ok(()), Err)
    }

    /// Passes it on to the next followers; returns how far it has come then, and what is wrong with one that could not be read: a follower that is
    /// damaged is left out, for it would keep all behind it waiting for ever.
    async fn pass_on(
        &self,
        root: &Ticket,
        fan_out: &FanOut,
    ) -> Result<(Option<FanOut>, Option<Failure>), Failure> {
        let now = clock::now();
        let ((lead, to), followers) =
            tokio::try_join!(self.lead(root), self.reports.next_followers(root, fan_out))?;
        let each = followers.tickets.iter().map(|ticket| async {
            let (read, damaged) = match self.reports.get(ticket).await {
                Ok(read) => (read, None),
                Err(failure @ Failure::Bug(_)) => (None, Some(failure)),
                Err(failure) => return Err(failure),
            };
            let change = match read {
                Some(report) => self.follower(report, root, &lead).await?,
                None => None,
            };
            Ok((Passed { ticket: ticket.clone(), change: change.map(Box::new) }, damaged))
        });
        let (passed, damaged): (Vec<Passed>, Vec<Option<Failure>>) =
            try_join_all(each).await?.into_iter().unzip();
        let next = self.reports.pass_on(root, fan_out, &passed, followers.are_last, to.as_ref(), now).await?;
        Ok((next, damaged.into_iter().flatten().next()))
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
