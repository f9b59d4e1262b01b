//! Makes the changes of a plan.
//!
//! Every change is a write that can be made again, so whoever is cut off plans once more and does the rest. Topics come first,
//! so that no unit is without one, and what everybody reads after all that it names. Last, reports follow units that were closed or moved.

use super::{
    follow, map,
    plan::{Change, Plan, WriteKind},
    registered::{List, REASONS, Registered},
    topics,
};
use anyhow::{Context, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use city_folder::City;
use cli::{
    registry::SUSPENDED_FROM,
    target::{Target, conflict_or_plainly, now, plainly},
    terminal::Terminal,
};
use futures_util::{StreamExt, stream};
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, HashMap},
};
use store::{
    public_city,
    registry::{HOLIDAYS, SETTINGS},
};

/// How many calls are under way at once; SNS makes 30 topics a second, of its own account-wide limit.
const AT_ONCE: usize = 8;

/// The stack's clients, and what is written.
struct Changing<'a> {
    dynamodb: aws_sdk_dynamodb::Client,
    sns: aws_sdk_sns::Client,
    target: &'a Target,
    city: &'a City,
    plan: &'a Plan,
    /// What the plan found.
    found: &'a Registered,
    bar: ProgressBar,
    /// When the last row of the registry was written.
    written_at: Cell<Option<Timestamp>>,
    /// Topic and address of each subscription that was made and needs no confirmation.
    confirmed: RefCell<BTreeSet<(String, String)>>,
}

/// Makes every change, those of one kind at once. After a failure none is begun, and those under way are brought to their end.
pub(super) async fn apply(
    city: &City,
    plan: &Plan,
    found: &Registered,
    target: &Target,
    terminal: Terminal,
) -> Result<()> {
    let changing = Changing {
        dynamodb: aws_sdk_dynamodb::Client::new(&target.config),
        sns: aws_sdk_sns::Client::new(&target.config),
        target,
        city,
        plan,
        found,
        bar: terminal.progress(plan.changes.len() as u64, "Changing the stack"),
        written_at: Cell::new(None),
        confirmed: RefCell::default(),
    };
    let (mut made, mut failure) = (0, None);
    for step in plan.changes.chunk_by(|one, next| one.step() == next.step()) {
        let stopped = Cell::new(false);
        let results: Vec<_> = stream::iter(step)
            .map(|change| async {
                if stopped.get() {
                    return None;
                }
                let result = changing.make(change).await;
                stopped.set(stopped.get() || result.is_err());
                changing.bar.inc(1);
                Some(result)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for result in results.into_iter().flatten() {
            match result {
                Ok(()) => made += 1,
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        if failure.is_some() {
            break;
        }
    }
    changing.bar.finish_and_clear();
    match failure {
        Some(error) => {
            Err(error.context(format!("{made} of {} changes made; run it again", plan.changes.len())))
        }
        None => Ok(()),
    }
}

impl Change {
    /// Changes of one step may be made at once.
    fn step(&self) -> u8 {
        match self {
            Self::MakeTopic { .. } => 0,
            Self::Unsubscribe { .. } => 1,
            Self::Write { .. } => 2,
            Self::Subscribe { .. } => 3,
            Self::Publish => 4,
            Self::WriteMap { .. } | Self::RemoveMap { .. } => 5,
            Self::ExpireMap { .. } => 6,
            Self::Follow { .. } => 7,
        }
    }
}

impl Changing<'_> {
    async fn make(&self, change: &Change) -> Result<()> {
        match change {
            Change::MakeTopic { topic } => topics::make(&self.sns, self.target, topic).await,
            Change::WriteMap { .. } => {
                let map = self.plan.map.as_ref().context("no map in the folder")?;
                let before = self.found.map.current.as_ref().map(|current| current.generation.as_str());
                map::write(self.target, map, before, &self.bar).await?;
                // Its cells name units, too, of which functions may know the old ones for a while.
                self.written_at.set(Some(now()));
                Ok(())
            }
            Change::RemoveMap { generation } => map::remove(self.target, generation).await,
            Change::ExpireMap { .. } => {
                let done = map::expire(self.target, &self.plan.other_items).await;
                done.context("cannot let what is left of other maps expire")
            }
            Change::Follow { units, .. } => {
                follow::follow(self.target, units, self.written_at.get(), &self.bar).await
            }
            Change::Publish => self.publish().await.context("cannot write what GET /v1/city gives"),
            Change::Subscribe { topic, email } => {
                let arn = format!("{}{topic}", self.target.output("TopicPrefix")?);
                let subscribed =
                    self.sns.subscribe().topic_arn(arn).protocol("email").endpoint(email).send().await;
                let subscribed = subscribed
                    .map_err(plainly)
                    .with_context(|| format!("cannot subscribe {email} to {topic}"))?;
                if subscribed.subscription_arn().is_some_and(|arn| arn.starts_with("arn:")) {
                    self.confirmed.borrow_mut().insert((topic.clone(), email.clone()));
                }
                Ok(())
            }
            Change::Unsubscribe { topic, email, instead, subscription } => {
                if instead.as_ref().is_some_and(|other| !self.sends(other, email)) {
                    let waits = "until that address has said yes to the other one; then apply again";
                    self.bar.println(format!("topic {topic} sends e-mail to {email} {waits}"));
                    return Ok(());
                }
                let done = self.sns.unsubscribe().subscription_arn(subscription).send().await;
                done.map_err(plainly).with_context(|| format!("cannot unsubscribe {email} from {topic}"))?;
                Ok(())
            }
            Change::Write { key, kind, fields } => {
                let written = self.write(key, *kind, fields).await;
                written.with_context(|| format!("cannot write {key} to the registry"))?;
                self.written_at.set(Some(now()));
                Ok(())
            }
        }
    }

    /// Whether an address has said yes to a topic's mail, as far as is known here.
    fn sends(&self, topic: &str, email: &str) -> bool {
        let pair = (topic.to_owned(), email.to_owned());
        matches!(self.found.topics.emails.get(&pair), Some(Some(_)))
            || self.confirmed.borrow().contains(&pair)
    }

    /// Refused where it is not as the plan found it: what somebody else made of it may name more than this folder does.
    async fn publish(&self) -> Result<()> {
        let body = AttributeValue::S(serde_json::to_string(&self.city.public())?);
        let mut put = self
            .dynamodb
            .put_item()
            .table_name(self.target.output("CityTable")?)
            .item("pk", AttributeValue::S(public_city::BODY.to_owned()))
            .item("body", body.clone())
            .expression_attribute_values(":new", body);
        // Where the answer to a call got lost, the second call finds what the first one wrote.
        let condition = match &self.found.public {
            Some(before) => {
                put = put.expression_attribute_values(":before", AttributeValue::S(before.clone()));
                "body IN (:before, :new)"
            }
            None => "attribute_not_exists(body) OR body = :new",
        };
        put.condition_expression(condition).send().await.map(drop).map_err(conflict_or_plainly)
    }

    async fn write(
        &self,
        key: &str,
        kind: WriteKind,
        fields: &BTreeMap<String, (Value, Value)>,
    ) -> Result<()> {
        let city = self.city;
        match key {
            REASONS => self.set_whole(key, &List { list: city.reasons.clone() }).await,
            HOLIDAYS => self.set_whole(key, &List { list: city.holidays.clone() }).await,
            SETTINGS => self.set_whole(key, &city.settings).await,
            _ => {
                let mut row: Map<_, _> =
                    fields.iter().map(|(name, (_, after))| (name.clone(), after.clone())).collect();
                match key.split_once('#') {
                    // With the change itself: whoever is cut off now still knows that reports have to follow.
                    Some(("unit", _)) if kind == WriteKind::Change && follow::concerns(fields) => {
                        let now = serde_json::to_value(now())?;
                        row.insert(follow::SINCE.to_owned(), now);
                    }
                    Some(("unit", _)) => {}
                    _ if kind == WriteKind::Add => drop(row.insert("closed".to_owned(), false.into())),
                    _ => {}
                }
                // What `channel suspend` remembers is of a state that the folder has not changed since.
                if key.starts_with("channel#") && fields.contains_key("state") {
                    row.insert(SUSPENDED_FROM.to_owned(), Value::Null);
                }
                let before = fields
                    .iter()
                    .map(|(name, (before, _))| Ok((name.clone(), serde_dynamo::to_attribute_value(before)?)));
                self.set(key, serde_dynamo::to_item(&row)?, before.collect::<Result<_>>()?).await
            }
        }
    }

    /// Sets all attributes of an item that is one for the whole city.
    async fn set_whole<T: Serialize>(&self, key: &str, row: &T) -> Result<()> {
        let item: HashMap<String, AttributeValue> = serde_dynamo::to_item(row)?;
        let before = |name: &String| {
            let stored = self.found.stored(key, name).cloned();
            (name.clone(), stored.unwrap_or(AttributeValue::Null(true)))
        };
        let before = item.keys().map(before).collect();
        self.set(key, item, before).await
    }

    /// Sets an item's attributes and leaves others alone: a channel's keys are not the folder's. One that becomes null goes. Refused where
    /// an attribute is not as the plan found it: between plan and confirmation somebody may have shut a channel out.
    async fn set(
        &self,
        key: &str,
        item: HashMap<String, AttributeValue>,
        before: Vec<(String, AttributeValue)>,
    ) -> Result<()> {
        let mut update = self
            .dynamodb
            .update_item()
            .table_name(self.target.output("RegistryTable")?)
            .key("pk", AttributeValue::S(key.to_owned()));
        let (mut sets, mut removes, mut conditions) = (Vec::new(), Vec::new(), Vec::new());
        let mut is_done = Vec::new();
        for (place, (name, value)) in item.into_iter().enumerate() {
            update = update.expression_attribute_names(format!("#s{place}"), name);
            if matches!(value, AttributeValue::Null(_)) {
                removes.push(format!("#s{place}"));
                is_done.push(format!("attribute_not_exists(#s{place})"));
                continue;
            }
            sets.push(format!("#s{place} = :s{place}"));
            is_done.push(format!("#s{place} = :s{place}"));
            update = update.expression_attribute_values(format!(":s{place}"), value);
        }
        for (place, (name, value)) in before.into_iter().enumerate() {
            update = update.expression_attribute_names(format!("#b{place}"), name);
            let is_absent = format!("attribute_not_exists(#b{place})");
            if matches!(value, AttributeValue::Null(_)) {
                conditions.push(is_absent);
                continue;
            }
            let is_same = format!("#b{place} = :b{place}");
            // Rows that were written before there was such an attribute are not closed.
            conditions.push(if value == AttributeValue::Bool(false) {
                format!("({is_absent} OR {is_same})")
            } else {
                is_same
            });
            update = update.expression_attribute_values(format!(":b{place}"), value);
        }
        let mut expression = String::new();
        for (clause, parts) in [("SET", sets), ("REMOVE", removes)] {
            if !parts.is_empty() {
                expression.push_str(&format!("{clause} {} ", parts.join(", ")));
            }
        }
        // Where the answer to a call got lost, the second call finds what the first one wrote.
        let condition = format!("{} OR {}", conditions.join(" AND "), is_done.join(" AND "));
        let condition = Some(condition).filter(|_| !conditions.is_empty());
        let done = update.update_expression(expression).set_condition_expression(condition).send().await;
        done.map(drop).map_err(conflict_or_plainly)
    }
}
