//! How a stack is, at a glance: what failed, what waits, what is late. No report's content, and no ticket.

use crate::dead_letters;
use access_log_seals::bucket::Bucket;
use anyhow::{Context, Result};
use aws_sdk_cloudwatch::types::{Dimension, StateValue, Statistic};
use cli::{
    exit,
    target::{Target, Which, now, plainly},
    terminal::Terminal,
};
use domain::desk::Desk;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    process::ExitCode,
};
use store::access_log::Hour;

/// `release` runs every minute.
const LATE: SignedDuration = SignedDuration::from_mins(5);
/// As an audit has it: how long after its end an hour may be without a seal.
const UNSEALED: SignedDuration = SignedDuration::from_hours(3);
/// How long after a deployment the first hour may still be under way.
const SEALED_WITHIN: SignedDuration = SignedDuration::from_hours(2);
/// All tries of a message are over by then.
const WAITED: u64 = 3600;
/// The most late steps of a desk that are counted.
const MOST_LATE: i32 = 1000;
/// How many desks are looked at at once.
const DESKS_AT_ONCE: usize = 16;

const QUEUES: &str = "queues";
const ALARMS: &str = "alarms";
const DUE: &str = "due";
const STEPS: &str = "steps";
const SEALS: &str = "seals";
const DEPLOYED: &str = "deployed";

#[derive(Serialize)]
struct Status {
    stack: String,
    /// What somebody must look at; nothing else does.
    needs_a_person: Vec<String>,
    /// What could not be looked at.
    unknown: BTreeSet<&'static str>,
    /// Messages that were given up on, by queue.
    dead_letters: BTreeMap<String, u64>,
    /// Messages that are still to be dealt with, by queue.
    waiting: BTreeMap<String, Waiting>,
    /// Alarms that ring, and since when.
    alarms: BTreeMap<String, Option<String>>,
    /// The moment of what is due for longest and was not released.
    due_since: Option<Timestamp>,
    /// How many steps are late, by desk, in buckets; desks without any are left out. A number that rises by one would tell when a report came.
    late: BTreeMap<String, &'static str>,
    /// The last hour of the access log that is sealed.
    sealed_up_to: Option<String>,
    /// This tool's version.
    tool: &'static str,
    /// When the functions were deployed last.
    deployed_at: Option<String>,
}

#[derive(Serialize)]
struct Waiting {
    messages: u64,
    /// As CloudWatch knows it, some minutes late; `None` where it knows nothing.
    oldest_seconds: Option<u64>,
}

/// Looks at everything; what cannot be looked at needs a person, too.
pub(crate) async fn status(which: &Which, terminal: Terminal) -> Result<ExitCode> {
    let target = which.target().await?;
    let now = now();
    let mut status = Status {
        stack: target.name.clone(),
        needs_a_person: Vec::new(),
        unknown: BTreeSet::new(),
        dead_letters: BTreeMap::new(),
        waiting: BTreeMap::new(),
        alarms: BTreeMap::new(),
        due_since: None,
        late: BTreeMap::new(),
        sealed_up_to: None,
        tool: env!("CARGO_PKG_VERSION"),
        deployed_at: None,
    };
    let looks = [
        (QUEUES, status.queues(&target, now).await),
        (ALARMS, status.ringing(&target).await),
        (DUE, status.due(&target, now).await),
        (STEPS, status.late(&target).await),
        (DEPLOYED, status.deployed(&target).await),
        (SEALS, status.seals(&target, now).await),
    ];
    for (look, result) in looks {
        if let Err(failed) = result {
            status.needs_a_person.push(format!("{failed:#}"));
            status.unknown.insert(look);
        }
    }
    terminal.print(&status)?;
    Ok(if status.needs_a_person.is_empty() { exit::DONE } else { exit::FOUND }.into())
}

impl Status {
    async fn queues(&mut self, target: &Target, now: Timestamp) -> Result<()> {
        let sqs = aws_sdk_sqs::Client::new(&target.config);
        let cloudwatch = aws_sdk_cloudwatch::Client::new(&target.config);
        for queue in dead_letters::all(&target.outputs)? {
            let dead = dead_letters::count(&sqs, &queue.url).await?;
            if dead > 0 {
                let name = &queue.name;
                self.needs_a_person.push(format!("{dead} dead letters of {name}: tuntas queue replay"));
            }
            let messages = dead_letters::count(&sqs, &queue.source).await?;
            // The age is of less use than the count: without a right to it the queues are looked at all the same.
            let age = oldest(&cloudwatch, &queue.source, now).await;
            let oldest_seconds = age.as_ref().ok().copied().flatten().filter(|_| messages > 0);
            if let Err(failed) = age {
                self.needs_a_person.push(format!("{failed:#}"));
            }
            if let Some(seconds) = oldest_seconds.filter(|seconds| *seconds > WAITED) {
                let minutes = seconds / 60;
                self.needs_a_person.push(format!("a message to {} waits for {minutes} minutes", queue.name));
            }
            self.waiting.insert(queue.name.clone(), Waiting { messages, oldest_seconds });
            self.dead_letters.insert(queue.name, dead);
        }
        Ok(())
    }

    /// The alarms that CloudFormation named by the stack.
    async fn ringing(&mut self, target: &Target) -> Result<()> {
        let cloudwatch = aws_sdk_cloudwatch::Client::new(&target.config);
        let asked = cloudwatch.describe_alarms().state_value(StateValue::Alarm);
        let mut pages = asked.alarm_name_prefix(format!("{}-", target.name)).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(plainly).context("cannot look at the alarms")?;
            for alarm in page.metric_alarms() {
                let Some(name) = alarm.alarm_name().and_then(|name| alarm_of(&target.name, name)) else {
                    continue;
                };
                self.needs_a_person.push(format!("the alarm {name} rings: infra/runbooks/alarms.md"));
                let since =
                    alarm.state_updated_timestamp().and_then(|at| Timestamp::from_second(at.secs()).ok());
                self.alarms.insert(name.to_owned(), since.map(|at| at.to_string()));
            }
        }
        Ok(())
    }

    async fn due(&mut self, target: &Target, now: Timestamp) -> Result<()> {
        let reports = target.reports()?;
        self.due_since = reports.oldest_due(now).await.context("cannot look at what is due")?;
        if let Some(since) = self.due_since.filter(|since| now.duration_since(*since) > LATE) {
            self.needs_a_person.push(format!("due since {since} and not released: is release running?"));
        }
        Ok(())
    }

    async fn late(&mut self, target: &Target) -> Result<()> {
        let reports = target.reports()?;
        let reports = &reports;
        let counted = stream::iter(target.desks().await?).map(async |desk| {
            let late = reports.late_on(&desk, MOST_LATE).await;
            late.map(|late| (desk, late))
        });
        let counted: Vec<(Desk, i32)> = counted
            .buffer_unordered(DESKS_AT_ONCE)
            .try_collect()
            .await
            .context("cannot count the steps that are late")?;
        let late = counted.into_iter().filter_map(|(desk, late)| Some((desk.to_string(), bucket(late)?)));
        self.late = late.collect();
        Ok(())
    }

    async fn seals(&mut self, target: &Target, now: Timestamp) -> Result<()> {
        let s3 = aws_sdk_s3::Client::new(&target.config);
        let bucket = Bucket::new(s3, target.output("SealsBucket")?.to_owned());
        let newest = bucket.newest(Hour::last_complete(now, SignedDuration::ZERO)).await;
        let newest = newest.context("cannot look at the seals of the access log")?;
        self.sealed_up_to = newest.map(|hour| hour.to_string());
        let deployed = self.deployed_at.as_ref().and_then(|at| at.parse::<Timestamp>().ok());
        if newest.is_none() && deployed.is_none_or(|at| now.duration_since(at) > UNSEALED + SEALED_WITHIN) {
            self.needs_a_person
                .push("no hour of the access log was ever sealed: infra/runbooks/audit.md".into());
        }
        // One hour after another: the one after the newest has none.
        if newest.is_some_and(|hour| now.duration_since(hour.next().next().start()) > UNSEALED) {
            self.needs_a_person
                .push("no hour of the access log was sealed for hours: infra/runbooks/audit.md".into());
        }
        Ok(())
    }

    async fn deployed(&mut self, target: &Target) -> Result<()> {
        let cloudformation = aws_sdk_cloudformation::Client::new(&target.config);
        let described = cloudformation.describe_stacks().stack_name(&target.name).send().await;
        let described = described.map_err(plainly).context("cannot describe the stack")?;
        let at = described.stacks().first();
        let at = at.and_then(|stack| stack.last_updated_time().or_else(|| stack.creation_time()));
        self.deployed_at = at.and_then(|at| Timestamp::from_second(at.secs()).ok()).map(|at| at.to_string());
        Ok(())
    }
}

/// So many that one cannot count back from them; `None` for none.
fn bucket(late: i32) -> Option<&'static str> {
    match late {
        ..=0 => None,
        1..10 => Some("1-9"),
        10..100 => Some("10-99"),
        100..MOST_LATE => Some("100-999"),
        MOST_LATE.. => Some("1000 or more"),
    }
}

/// The age of a queue's oldest message in seconds.
async fn oldest(cloudwatch: &aws_sdk_cloudwatch::Client, url: &str, now: Timestamp) -> Result<Option<u64>> {
    let second = now.as_second();
    let name = url.rsplit('/').next().unwrap_or_default();
    let asked = cloudwatch
        .get_metric_statistics()
        .namespace("AWS/SQS")
        .metric_name("ApproximateAgeOfOldestMessage")
        .dimensions(Dimension::builder().name("QueueName").value(name).build())
        .start_time(aws_sdk_cloudwatch::primitives::DateTime::from_secs(second - 900))
        .end_time(aws_sdk_cloudwatch::primitives::DateTime::from_secs(second))
        .period(60)
        .statistics(Statistic::Maximum);
    let found = asked.send().await.map_err(plainly).context("cannot ask for the age of messages")?;
    let newest = found.datapoints().iter().max_by_key(|point| point.timestamp().map(|at| at.secs()));
    let seconds = newest.and_then(|point| point.maximum()).filter(|seconds| seconds.is_finite());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of two weeks")]
    Ok(seconds.map(|seconds| seconds.max(0.0) as u64))
}

/// The template's name of an alarm: CloudFormation puts the stack's before it and random symbols behind. A stack whose name begins
/// like this one's has other alarms.
fn alarm_of<'a>(stack: &str, name: &'a str) -> Option<&'a str> {
    let rest = name.strip_prefix(stack)?.strip_prefix('-')?;
    let (alarm, random) = rest.split_once('-').unwrap_or((rest, ""));
    (!random.contains('-')).then_some(alarm)
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |texts: Vec<String>| if texts.is_empty() { "none".to_owned() } else { texts.join(", ") };
        let dead = self.dead_letters.iter().map(|(queue, messages)| format!("{queue} {messages}"));
        let waiting = self.waiting.iter().map(|(queue, Waiting { messages, oldest_seconds })| {
            let age = oldest_seconds.map(|seconds| format!(" (up to {} min)", seconds.div_ceil(60)));
            format!("{queue} {messages}{}", age.unwrap_or_default())
        });
        writeln!(f, "stack         {}", self.stack)?;
        let known =
            |look: &str, text: String| if self.unknown.contains(look) { "unknown".to_owned() } else { text };
        writeln!(f, "dead letters  {}", known(QUEUES, listed(dead.collect())))?;
        writeln!(f, "waiting       {}", known(QUEUES, listed(waiting.collect())))?;
        let since = |(name, since): (&String, &Option<String>)| match since {
            Some(since) => format!("{name} since {since}"),
            None => name.clone(),
        };
        writeln!(f, "alarms        {}", known(ALARMS, listed(self.alarms.iter().map(since).collect())))?;
        let due = self.due_since.map_or_else(|| "nothing".to_owned(), |since| format!("since {since}"));
        writeln!(f, "due           {}", known(DUE, due))?;
        let late = self.late.iter().map(|(desk, late)| format!("{desk} {late}")).collect();
        writeln!(f, "late steps    {}", known(STEPS, listed(late)))?;
        let sealed = self.sealed_up_to.clone().unwrap_or_else(|| "nothing yet".to_owned());
        writeln!(f, "sealed up to  {}", known(SEALS, sealed))?;
        writeln!(f, "tool          {}", self.tool)?;
        writeln!(f, "deployed      {}", self.deployed_at.as_deref().unwrap_or("unknown"))?;
        if self.needs_a_person.is_empty() {
            return writeln!(f, "\nNothing needs a person");
        }
        writeln!(f)?;
        for what in &self.needs_a_person {
            writeln!(f, "! {what}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_of_a_stack_with_a_longer_name_are_not_this_ones() {
        assert_eq!(alarm_of("tuntas", "tuntas-NotifyDead-1ABC2"), Some("NotifyDead"));
        assert_eq!(alarm_of("tuntas", "tuntas-test-NotifyDead-1ABC2"), None);
        assert_eq!(alarm_of("tuntas-test", "tuntas-test-NotifyDead-1ABC2"), Some("NotifyDead"));
        assert_eq!(alarm_of("tuntas", "tuntasNotifyDead"), None);
    }
}
