//! Triggered every minute: applies the reporter's pending actions whose time has come, releases what has come to its slot, announces updates
//! to reporters, passes them on to followers, lets slot mail go out, updates the urgency of reports after midnight, reminds of deadlines and escalates them, and lets reports follow a unit that was closed or moved.

mod fan_out;

use aws_failure::Failure;
use city_clock::CityClock;
use domain::ticket::Ticket;
use futures_util::{StreamExt, stream};
use runtime::{
    aws::{self, client},
    batch::Outcome,
    clock::{self, Stopwatch},
    serve::{self, StartError},
    settings,
};
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};
use store::reports::{Due, Reports};

/// How many reports of each part of the index are queried at once.
const OF_A_PART: i32 = 64;
/// How many reports are worked on at the same time: at 40 ms each, more than a thousand a second.
const AT_ONCE: usize = 64;
/// The time after which the rest is left to the next minute.
const LONGEST: Duration = Duration::from_secs(40);

struct App {
    reports: Reports,
    city: CityClock,
}

/// Sets up the function and serves the schedule.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let client = client!(aws_sdk_dynamodb, &config);
    let city = CityClock::from_settings(client.clone())?;
    let reports = Reports::new(client, settings::var("REPORTS_TABLE")?, city.slots.zone.clone());
    let app = App { reports, city };
    serve::events("release", async |_: Value| app.run().await).await
}

impl App {
    async fn run(&self) -> Outcome {
        let watch = Stopwatch::start();
        let mut outcome = Outcome::default();
        // The index may still name a report that was done a moment ago; a report that failed is tried again in the next minute. Neither may
        // keep those behind it waiting.
        let mut seen = BTreeSet::new();
        let mut of_a_part = OF_A_PART;
        while watch.elapsed() < LONGEST {
            let due = match self.reports.due(clock::now(), of_a_part).await {
                Ok(due) => due,
                Err(failure) => {
                    outcome.fail(failure, "");
                    break;
                }
            };
            let may_be_more = due.len() >= usize::try_from(of_a_part).unwrap_or(usize::MAX);
            let new: Vec<Due> = due.into_iter().filter(|due| seen.insert(due.clone())).collect();
            if new.is_empty() {
                if may_be_more {
                    of_a_part = of_a_part.saturating_mul(2);
                    continue;
                }
                break;
            }
            let mut results =
                stream::iter(&new).map(|due| self.work_off(due, &watch)).buffer_unordered(AT_ONCE);
            while let Some(result) = results.next().await {
                match result {
                    Ok(()) => outcome.succeed(),
                    Err(failure) => outcome.fail(failure, ""),
                }
            }
        }
        outcome
    }

    async fn work_off(&self, due: &Due, watch: &Stopwatch) -> Result<(), Failure> {
        match due {
            Due::Report(ticket) => self.release(ticket).await,
            Due::FanOut(root) => self.fan_out(root, watch, LONGEST).await,
            Due::Mail(due) => self.reports.send_slot_mail(due).await,
        }
    }

    async fn release(&self, ticket: &Ticket) -> Result<(), Failure> {
        let Some(report) = self.reports.get(ticket).await? else { return Ok(()) };
        // If a command came between, what it left is due again in the next minute.
        self.city.do_due(&self.reports, &report, clock::now()).await?;
        Ok(())
    }
}
