//! What merging takes, and what `release` takes to pass an update of a root on to its followers.

use crate::{
    aws::{Aws, Call, changed},
    function::{Function, Program},
    life::{self, Step},
    measure::Numbers,
    slot::Slot,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// Merges of many reports into one, and one update of it.
pub(crate) struct FannedOut {
    /// The calls of a merge into a report that is followed already.
    pub(crate) merge: Vec<Call>,
    /// The run that tells the root's reporter, and passes it on.
    pub(crate) run: Slot,
}

/// The functions that it takes: `merge` counts its calls.
pub(crate) struct Programs<'a> {
    pub(crate) merge: &'a Program,
    pub(crate) release: &'a Program,
}

/// Merges so many reports of `assign` into the one of `release`, whose update then comes to its slot.
pub(crate) fn measure(
    aws: &Aws,
    programs: &Programs<'_>,
    (assign, release): (&Step, &Step),
    followers: usize,
    numbers: &mut Numbers,
) -> Result<FannedOut> {
    let running = Function::start(programs.release)?;
    // The first run loads what a process loads once.
    fan_out(aws, programs, (assign, release), &running, 1, numbers)?;
    fan_out(aws, programs, (assign, release), &running, followers, numbers)
}

fn fan_out(
    aws: &Aws,
    programs: &Programs<'_>,
    (assign, release): (&Step, &Step),
    running: &Function,
    followers: usize,
    numbers: &mut Numbers,
) -> Result<FannedOut> {
    let number = numbers.next();
    let mut root = snapshot_of(release, number)?;
    let due = [root.remove("pending"), root.remove("pending_at")];
    aws.put("ReportsTable", &[Value::Object(root.clone())])?;
    let text = |item: &serde_json::Map<String, Value>, name: &str| {
        item.get(name).and_then(|value| value["S"].as_str()).map(ToOwned::to_owned).context("no text")
    };
    let into = text(&root, "pk")?;

    let merging = Function::start(programs.merge)?;
    let mut merge = Vec::new();
    let mut tickets = Vec::new();
    for _ in 0..followers {
        let changes = life::renamed(assign, numbers.next());
        aws.restore_report(&assign.before, &changes)?;
        let mut event: Value = serde_json::from_str(&changed(&assign.event, &changes))?;
        event["body"] = json!(json!({"action": "merge", "into": into}).to_string());
        aws.take_calls();
        life::check("merge", &merging.invoke(&event.to_string())?.value)?;
        merge = aws.take_calls();
        tickets.push(event["pathParameters"]["ticket"].as_str().context("no ticket")?.to_owned());
    }

    let mut items = aws.items("ReportsTable", &into)?.into_iter();
    let mut root = items.find(|item| item["sk"]["S"] == "report").context("no root")?;
    for (name, value) in ["pending", "pending_at"].into_iter().zip(due) {
        root[name] = value.context("nothing of the root is due")?;
    }
    root["pending"] = json!({"S": into.chars().take(1).collect::<String>()});
    aws.put("ReportsTable", &[root])?;
    let before = running.processor_time()?;
    let reply = running.invoke(&release.event)?;
    let processor = running.processor_time()? - before;
    for ticket in &tickets {
        let items = aws.items("ReportsTable", ticket)?;
        let follows = items.iter().map(|item| &item["follows"]["M"]["status"]["S"]);
        ensure!(follows.into_iter().any(|status| *status == "koordinasi"), "a follower was left out");
    }
    Ok(FannedOut { merge, run: Slot { reports: followers, took: reply.took, processor } })
}

/// The snapshot that a step found, of another report.
fn snapshot_of(step: &Step, number: u64) -> Result<serde_json::Map<String, Value>> {
    let snapshot = step.before.report_items().find(|item| item.contains("\"sk\":{\"S\":\"report\"}"));
    let changes = life::renamed(step, number);
    Ok(serde_json::from_str(&changed(snapshot.context("no report")?, &changes))?)
}
