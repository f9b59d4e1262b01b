//! The reports that follow a report, and passing a change of it on to them.
//!
//! Each follower has an item with the report that it follows, its root. When the root's reporter is told something, the same transaction puts
//! the root's fan-out: an item that is due at once, and says how far the followers have been worked off.

use super::{Reports, due, jitter, write_check, write_put};
use crate::{
    Failure,
    dynamodb_items::{Item, REPORT, key, of_report, read, text},
    transaction::{self, Ended},
};
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use domain::{release::Effects, report::Report, ticket::Ticket};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The sort key, and the kind, of a root's fan-out.
pub(super) const FAN_OUT: &str = "fan_out";
/// What the sort keys of followers begin with.
const FOLLOWERS: &str = "follower#";
/// How many followers are read at once, and written in one transaction where their items fit.
const AT_ONCE: i32 = 25;
/// How many items a transaction may have for followers: DynamoDB takes a hundred, of which two are the fan-out and the root.
const MOST_ITEMS: usize = 98;

const MISFIT_FAN_OUT: &str = "stored fan-out does not fit its type";

/// How far a change of a root has been passed on to its followers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FanOut {
    /// The root's revision with the change: a later change begins anew.
    pub(crate) revision: u32,
    /// The last follower that was worked off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Ticket>,
    /// Those that were left out, because they could not be read or changed all the time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_out: Vec<Ticket>,
    /// Whether it has come to the last follower: what is left then are those that were left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_through: bool,
}

/// The next followers of a root, in the order of their tickets.
pub struct NextFollowers {
    /// Their tickets.
    pub tickets: Vec<Ticket>,
    /// Whether there are none after these.
    pub are_last: bool,
}

/// What became of one follower.
pub struct Passed {
    /// Its ticket.
    pub ticket: Ticket,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a follower.
pub enum Outcome {
    /// There was nothing to change.
    Unchanged,
    /// Its snapshot as it was read, the one that takes its place, and what comes with it.
    Changed(Box<(Report, Report, Effects)>),
    /// It keeps nobody else waiting, and its turn comes again after the last.
    LeftOut,
}

impl Reports {
    /// The fan-out of a root, if there are followers left to pass its change on to.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn fan_out_left(&self, root: &Ticket) -> Result<Option<FanOut>, Failure> {
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(root, FAN_OUT)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let left = found.item.filter(|item| item.contains_key("pending"));
        left.map(|item| read(item, MISFIT_FAN_OUT)).transpose()
    }

    /// The followers of a root that its change is to be passed on to next, at most 25. Some of them may follow it no longer.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn next_followers(&self, root: &Ticket, fan_out: &FanOut) -> Result<NextFollowers, Failure> {
        let after = fan_out.after.as_ref().map_or(FOLLOWERS.to_owned(), follower_key);
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :root AND sk BETWEEN :after AND :end")
            .expression_attribute_values(":root", text(root.as_str()))
            .expression_attribute_values(":after", text(after.clone()))
            .expression_attribute_values(":end", text(format!("{FOLLOWERS}~")))
            // The one at which the last page ended comes again.
            .limit(AT_ONCE + i32::from(fan_out.after.is_some()))
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let are_last = page.last_evaluated_key().is_none();
        let sort = |item: &Item| item.get("sk")?.as_s().ok().filter(|sort| **sort != after).cloned();
        let sorts = page.items().iter().filter_map(sort);
        let tickets = sorts.filter_map(|sort| Ticket::parse(sort.strip_prefix(FOLLOWERS)?)).collect();
        Ok(NextFollowers { tickets, are_last })
    }

    /// Stores what became of followers, in their order, as far as one transaction carries them, and that they have been worked off; returns how far
    /// it has come, or `None` once all are worked off. `to` is the report that they follow from now on where it is another, as it was read.
    ///
    /// # Errors
    /// [`Failure::Conflict`] when one of the reports has changed since it was read, or the fan-out began anew: nothing is stored then. Any other when
    /// it is not known to be stored.
    pub async fn pass_on(
        &self,
        root: &Ticket,
        fan_out: &FanOut,
        passed: &[Passed],
        are_last: bool,
        to: Option<&Report>,
        now: Timestamp,
    ) -> Result<Option<FanOut>, Failure> {
        let mut items = Vec::new();
        let mut next = fan_out.clone();
        let mut are_all = true;
        for Passed { ticket, outcome } in passed {
            let mut of_one = Vec::new();
            if let Outcome::Changed(change) = outcome {
                let (before, report, effects) = &**change;
                of_one = self.change_follower(before, report, effects, now)?;
            }
            if items.len() + of_one.len() > MOST_ITEMS {
                are_all = false;
                break;
            }
            items.extend(of_one);
            next.left_out.retain(|left| left != ticket);
            if matches!(outcome, Outcome::LeftOut) {
                next.left_out.push(ticket.clone());
            }
            if !next.is_through {
                next.after = Some(ticket.clone());
            }
        }
        next.is_through |= are_all && are_last;
        let is_moved = !items.is_empty();
        if let Some(to) = to.filter(|_| is_moved) {
            items.push(self.bind_root(to, now)?);
        }
        let is_left = !next.is_through || !next.left_out.is_empty();
        let condition = match &fan_out.after {
            Some(_) => "revision = :revision AND #after = :after",
            None => "revision = :revision AND attribute_not_exists(#after)",
        };
        let mut put = self
            .put(next.item(root, is_left.then_some(now))?)
            .condition_expression(condition)
            .expression_attribute_names("#after", "after")
            .expression_attribute_values(":revision", AttributeValue::N(fan_out.revision.to_string()));
        if let Some(after) = &fan_out.after {
            put = put.expression_attribute_values(":after", text(after.as_str()));
        }
        items.push(write_put(put)?);
        let versions = passed.iter().filter_map(|one| match &one.outcome {
            Outcome::Changed(change) => Some(jitter(&change.1.version)),
            Outcome::Unchanged | Outcome::LeftOut => None,
        });
        let spread = versions.take(1).sum();
        match transaction::run(&self.client, "fan_out", items, spread).await? {
            Ended::Stored => Ok(is_left.then_some(next)),
            Ended::Refused(_) => Err(Failure::Conflict),
        }
    }

    /// The items by which a follower changes.
    fn change_follower(
        &self,
        before: &Report,
        report: &Report,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, Failure> {
        let mut items = self.changed(before, report, effects, now)?;
        if let Some(root) =
            report.merged_into.as_ref().filter(|root| before.merged_into.as_ref() != Some(root))
        {
            items.push(self.follower(root, report)?);
        }
        Ok(items)
    }

    /// The items by which a report that is merged follows `root`, which must be as it was read.
    pub(super) fn join(
        &self,
        report: &Report,
        root: &Report,
        now: Timestamp,
    ) -> Result<[TransactWriteItem; 2], Failure> {
        Ok([self.bind_root(root, now)?, self.follower(&root.ticket, report)?])
    }

    /// Checks that a root is as it was read, and notes in it that it is followed where it was not before: a root that nobody follows passes nothing
    /// on.
    fn bind_root(&self, root: &Report, now: Timestamp) -> Result<TransactWriteItem, Failure> {
        if !root.is_followed {
            return self.replace(root, &Report { is_followed: true, ..root.clone() }, now);
        }
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key(&root.ticket, REPORT)))
            .condition_expression("revision = :read")
            .expression_attribute_values(":read", AttributeValue::N(root.revision.to_string()));
        write_check(check)
    }

    /// A follower's item. One that follows no longer keeps it: no function may delete an item of a report.
    pub(crate) fn follower(&self, root: &Ticket, report: &Report) -> Result<TransactWriteItem, Failure> {
        let nothing = BTreeMap::<String, String>::new();
        write_put(self.put(of_report(root, follower_key(&report.ticket), "follower", &nothing)?))
    }

    /// The fan-out of a change that a root's followers are to be told of: of what its reporter is told.
    pub(super) fn fan_out(
        &self,
        before: &Report,
        report: &Report,
        now: Timestamp,
    ) -> Result<Option<TransactWriteItem>, Failure> {
        if !report.is_followed || before.reporter.told == report.reporter.told {
            return Ok(None);
        }
        let fan_out = FanOut::new(before.revision + 1);
        write_put(self.put(fan_out.item(&report.ticket, Some(now))?)).map(Some)
    }
}

impl FanOut {
    fn new(revision: u32) -> Self {
        Self { revision, after: None, left_out: Vec::new(), is_through: false }
    }

    /// Those that were left out, once all others are worked off.
    #[must_use]
    pub fn only_left_out(&self) -> Option<&[Ticket]> {
        self.is_through.then_some(&self.left_out)
    }

    /// Its item, due from `due` on, or not at all once all followers are worked off.
    pub(crate) fn item(&self, root: &Ticket, due: Option<Timestamp>) -> Result<Item, Failure> {
        let mut item = of_report(root, FAN_OUT, FAN_OUT, self)?;
        if let Some(at) = due {
            due::index(&mut item, root, at);
        }
        Ok(item)
    }
}

fn follower_key(follower: &Ticket) -> String {
    format!("{FOLLOWERS}{}", follower.as_str())
}
