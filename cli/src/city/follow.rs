//! Reports follow units that were closed or moved in the tree.
//!
//! The function `release` does this (`domain::unit_change`) the next time it handles the report. The tool only finds the reports and marks them as due: an
//! operator learns a report's ticket, status and unit, and nothing that it says.

use super::{
    plan::{Change, WriteKind},
    registered::{Registered, RegisteredUnit},
};
use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::types::AttributeValue;
use city_folder::{
    City,
    unit::{self, UnitState},
};
use cli::target::{Target, conflict_or_plainly, now, plainly};
use domain::{
    ticket::Ticket,
    unit::{Code, Unit},
    unit_change::{UnitChange, follows},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use store::registry::CACHED_FOR;
use tokio::time::Instant;

/// The attribute of a unit's row that says since when its reports have to follow.
pub(super) const SINCE: &str = "reports_follow_since";
/// How long a function may work on a request: no command that read the old row is under way any more after that.
const LONGEST_REQUEST: SignedDuration = SignedDuration::from_secs(30);
/// How long to wait between two queries for reports that still have to follow: `release` runs every minute. A tenth of it on the local engine, where tests run it.
const PAUSE: Duration = Duration::from_secs(10);
/// How long `release` may make no progress before this command gives up.
const PATIENCE: Duration = Duration::from_mins(10);
/// How many reports are made due at once.
const AT_ONCE: usize = 16;

/// Whether a change of these fields of a unit, as they were and will be, concerns its reports.
pub(super) fn concerns(fields: &BTreeMap<String, (Value, Value)>) -> bool {
    let closes = fields.get("state").is_some_and(|(_, after)| after == UnitState::Closed.as_str());
    closes || fields.contains_key("path")
}

/// The units whose reports have to follow once `changes` are made, or still have to since an earlier change.
pub(super) fn units(city: &City, registered: &Registered, changes: &[Change]) -> BTreeMap<Code, UnitChange> {
    let changed: BTreeSet<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Write { key, kind: WriteKind::Change, fields } if concerns(fields) => {
                key.strip_prefix("unit#")
            }
            Change::Write { .. }
            | Change::MakeTopic { .. }
            | Change::Publish
            | Change::WriteMap { .. }
            | Change::RemoveMap { .. }
            | Change::ExpireMap { .. }
            | Change::Follow { .. }
            | Change::Subscribe { .. }
            | Change::Unsubscribe { .. } => None,
        })
        .collect();
    let still = |row: &RegisteredUnit| row.reports_follow_since.is_some();
    let follow = |unit: &&unit::Unit| {
        changed.contains(unit.code.as_str()) || registered.units.get(unit.code.as_str()).is_some_and(still)
    };
    let with_path = |unit: &unit::Unit| Unit {
        code: unit.code.clone(),
        path: unit::path(unit, &city.units).into_iter().cloned().collect(),
    };
    let change = |unit: &unit::Unit| {
        if unit.state == UnitState::Active {
            return UnitChange::Moved(with_path(unit));
        }
        let above =
            unit::path(unit, &city.units).into_iter().skip(1).filter_map(|code| city.unit(code.as_str()));
        let heir = above.into_iter().find(|unit| unit.state == UnitState::Active).map(with_path);
        UnitChange::Closed { heir }
    };
    city.units.iter().filter(follow).map(|unit| (unit.code.clone(), change(unit))).collect()
}

/// The reports that have not followed.
///
/// # Errors
/// When they cannot be read.
pub(super) async fn behind(target: &Target, units: &BTreeMap<Code, UnitChange>) -> Result<Vec<Ticket>> {
    let reports = target.reports()?.of_units(&units.keys().cloned().collect()).await;
    let reports = reports.context("cannot look for the reports of units that change")?;
    let is_behind =
        |unit: &Unit, status| units.get(&unit.code).is_some_and(|change| follows(status, unit, change));
    Ok(reports
        .into_iter()
        .filter(|report| report.unit.as_ref().is_some_and(|unit| is_behind(unit, report.status)))
        .map(|report| report.ticket)
        .collect())
}

/// Waits until every function has seen the change, and makes reports due until all of them have followed. `written_at` is when this run
/// changed the last of the rows, if it did.
pub(super) async fn follow(
    target: &Target,
    units: &BTreeMap<Code, UnitChange>,
    written_at: Option<Timestamp>,
    bar: &ProgressBar,
) -> Result<()> {
    let rows = Rows {
        dynamodb: aws_sdk_dynamodb::Client::new(&target.config),
        table: target.output("RegistryTable")?,
    };
    let mut since = BTreeMap::new();
    for code in units.keys() {
        since.extend(rows.since(code).await?.map(|at| (code, at)));
    }
    bar.set_message("Waiting until every function has seen the change");
    // The time in a row was taken before the row was written, perhaps by another machine's clock. So the latest of all these times counts.
    let changed_at = since.values().copied().chain(written_at).max();
    tokio::time::sleep(wait(changed_at, now())).await;
    all_follow(target, units, bar).await?;
    for (code, at) in since {
        rows.done(code, at).await.with_context(|| format!("cannot write unit#{code} to the registry"))?;
    }
    Ok(())
}

/// How long to wait until no request can still store the unit as it was before the change.
fn wait(changed_at: Option<Timestamp>, now: Timestamp) -> Duration {
    let seen_at = changed_at.map(|at| at + CACHED_FOR + LONGEST_REQUEST);
    seen_at.and_then(|at| Duration::try_from(at.duration_since(now)).ok()).unwrap_or_default()
}

async fn all_follow(target: &Target, units: &BTreeMap<Code, UnitChange>, bar: &ProgressBar) -> Result<()> {
    let reports = target.reports()?;
    let mut left = behind(target, units).await?;
    let (mut fewest, mut last_progress) = (usize::MAX, Instant::now());
    // The indexes lag: what is not found once is looked for again.
    let mut found_none = false;
    loop {
        if left.len() < fewest {
            (fewest, last_progress) = (left.len(), Instant::now());
        }
        if left.is_empty() && found_none {
            break;
        }
        if last_progress.elapsed() > PATIENCE {
            bail!(
                "no progress for {} minutes, {} reports still have to follow: somebody else may have changed the unit again, or `release` \
                 does not work. Check with `tuntas status`, then run this again",
                PATIENCE.as_secs() / 60,
                left.len()
            );
        }
        found_none = left.is_empty();
        stream::iter(&left)
            .map(|ticket| reports.make_due(ticket, now()))
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await
            .context("cannot make a report due")?;
        bar.set_message(format!("{} reports still have to follow", left.len()));
        tokio::time::sleep(if target.local { PAUSE / 10 } else { PAUSE }).await;
        left = behind(target, units).await?;
    }
    Ok(())
}

/// The rows of units in the registry.
struct Rows<'a> {
    dynamodb: aws_sdk_dynamodb::Client,
    table: &'a str,
}

impl Rows<'_> {
    async fn since(&self, code: &Code) -> Result<Option<Timestamp>> {
        let row = self
            .dynamodb
            .get_item()
            .table_name(self.table)
            .key("pk", AttributeValue::S(format!("unit#{code}")))
            .projection_expression(SINCE)
            .consistent_read(true)
            .send();
        let row = row.await.map_err(plainly).context("cannot read the registry")?;
        let since = row.item.as_ref().and_then(|row| row.get(SINCE)?.as_s().ok());
        since
            .map(|since| since.parse().with_context(|| format!("{SINCE} of unit#{code} is no moment")))
            .transpose()
    }

    /// Its reports have followed the change that was made at `since`.
    async fn done(&self, code: &Code, since: Timestamp) -> Result<()> {
        let done = self
            .dynamodb
            .update_item()
            .table_name(self.table)
            .key("pk", AttributeValue::S(format!("unit#{code}")))
            .update_expression(format!("REMOVE {SINCE}"))
            // Where the answer to a call got lost, the second call finds nothing left to do.
            .condition_expression(format!("attribute_not_exists({SINCE}) OR {SINCE} = :since"))
            .expression_attribute_values(":since", AttributeValue::S(since.to_string()))
            .send();
        done.await.map(drop).map_err(conflict_or_plainly)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_follow_once_no_function_can_know_the_old_unit_any_more() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        for (now, seconds) in [(1000, 90), (1060, 30), (1089, 1), (1090, 0), (2000, 0)] {
            assert_eq!(wait(Some(at(1000)), at(now)), Duration::from_secs(seconds), "{now}");
        }
        assert_eq!(wait(None, at(1000)), Duration::ZERO);
    }
}
