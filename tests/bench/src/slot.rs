//! What `release` takes at a slot at which many reports are due.

use crate::{
    aws::{Aws, changed},
    function::{Function, Program},
    life::{self, Step},
    measure::Numbers,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::time::Duration;

/// One run of `release`.
pub(crate) struct Slot {
    pub(crate) reports: usize,
    /// By the clock, with the database on the same machine.
    pub(crate) took: Duration,
    /// Processor time of the function alone.
    pub(crate) processor: Duration,
}

impl Slot {
    /// The reports that one processor releases in a second.
    pub(crate) fn a_second(&self) -> f64 {
        self.reports as f64 / self.processor.as_secs_f64()
    }

    /// What was released, and how long that took.
    pub(crate) fn of(&self, what: &str) -> String {
        format!(
            "`release` of {} {what} at one slot: {:.1} s by the clock, {:.2} ms of processor time each",
            self.reports,
            self.took.as_secs_f64(),
            1000.0 / self.a_second()
        )
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "reports": self.reports, "seconds": self.took.as_secs_f64(), "processor_seconds": self.processor.as_secs_f64(),
            "a_second": self.a_second(),
        })
    }
}

/// Makes so many reports due, and has one run release them.
pub(crate) fn measure(
    aws: &Aws,
    program: &Program,
    step: &Step,
    reports: usize,
    numbers: &mut Numbers,
) -> Result<Slot> {
    let snapshot = step.before.report_items().find(|item| item.contains("\"sk\":{\"S\":\"report\"}"));
    let snapshot = snapshot.context("no report")?;
    let function = Function::start(program)?;
    // The first run loads what a process loads once.
    for count in [20, reports] {
        let mut due = Vec::new();
        for _ in 0..count {
            let mut item: Value =
                serde_json::from_str(&changed(snapshot, &life::renamed(step, numbers.next())))?;
            // A report lies in the part of its own ticket.
            let part: String = item["pk"]["S"].as_str().context("no ticket")?.chars().take(1).collect();
            item["pending"] = json!({"S": part});
            due.push(item);
        }
        aws.put("ReportsTable", &due)?;
        let before = function.processor_time()?;
        let reply = function.invoke(&step.event)?;
        if count == reports {
            for item in &due {
                let items = aws.items("ReportsTable", item["pk"]["S"].as_str().context("no ticket")?)?;
                let is_released = items.iter().all(|item| item["visible"]["M"].get("release").is_none());
                ensure!(is_released && items.len() > 1, "a report was not released");
            }
            return Ok(Slot { reports, took: reply.took, processor: function.processor_time()? - before });
        }
    }
    anyhow::bail!("nothing was measured")
}
