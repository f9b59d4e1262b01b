//! Triggered every minute: releases what has come to its slot, and updates the urgency of reports after midnight.

use aws_failure::Failure;
use domain::{release::due_now, slots::Slots, ticket::Ticket};
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
use store::reports::Reports;

/// How many reports are queried at once.
const PAGE: i32 = 500;
/// How many reports are worked on at the same time.
const AT_ONCE: usize = 16;
/// The time after which the rest is left to the next minute.
const LONGEST: Duration = Duration::from_secs(40);

struct App {
    reports: Reports,
    slots: Slots,
}

/// Sets up the function and serves the schedule.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let slots = settings::slots()?;
    let config = aws::config();
    let client = client!(aws_sdk_dynamodb, &config);
    let reports = Reports::new(client, settings::var("REPORTS_TABLE")?, slots.zone.clone());
    let app = App { reports, slots };
    serve::events("release", async |_: Value| app.run().await).await
}

impl App {
    async fn run(&self) -> Outcome {
        let watch = Stopwatch::start();
        let mut outcome = Outcome::default();
        // The index may still name a report that was done a moment ago; a report that failed is tried again in the next minute.
        let mut seen = BTreeSet::new();
        while watch.elapsed() < LONGEST {
            let due = match self.reports.due(clock::now(), PAGE).await {
                Ok(due) => due,
                Err(failure) => {
                    outcome.fail(failure, "");
                    break;
                }
            };
            let new: Vec<Ticket> = due.into_iter().filter(|ticket| seen.insert(ticket.clone())).collect();
            if new.is_empty() {
                break;
            }
            let mut results = stream::iter(&new).map(|ticket| self.release(ticket)).buffered(AT_ONCE);
            while let Some(result) = results.next().await {
                match result {
                    Ok(()) => outcome.succeed(),
                    Err(failure) => outcome.fail(failure, ""),
                }
            }
        }
        outcome
    }

    async fn release(&self, ticket: &Ticket) -> Result<(), Failure> {
        let Some(before) = self.reports.get(ticket).await? else { return Ok(()) };
        let mut report = before.clone();
        let now = clock::now();
        let effects = due_now(&mut report, now, &self.slots);
        // If a command came between, what it left is due again in the next minute.
        self.reports.release(&before, &report, &effects, now).await?;
        Ok(())
    }
}
