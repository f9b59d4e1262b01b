//! Makes the changes of a plan.
//!
//! Every change is a write that can be made again, so whoever is cut off plans once more and does the rest. Topics come first,
//! so that no unit is without one, and what everybody reads last.

use super::{
    plan::{Change, Plan, UnitItem, WriteKind},
    registered::{HOLIDAYS, List, REASONS, SETTINGS},
    topics,
};
use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::types::AttributeValue;
use city_folder::City;
use cli::{
    target::{Target, plainly},
    terminal::Terminal,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use store::public_city;

/// How many calls are under way at once; SNS makes 30 topics a second, of its own account-wide limit.
const AT_ONCE: usize = 8;

/// The stack's clients, and what is written.
struct Changing<'a> {
    dynamodb: aws_sdk_dynamodb::Client,
    sns: aws_sdk_sns::Client,
    target: &'a Target,
    city: &'a City,
}

/// Makes every change, those of one kind at once.
pub(super) async fn apply(city: &City, plan: &Plan, target: &Target, terminal: Terminal) -> Result<()> {
    let changing = Changing {
        dynamodb: aws_sdk_dynamodb::Client::new(&target.config),
        sns: aws_sdk_sns::Client::new(&target.config),
        target,
        city,
    };
    let bar = terminal.progress(plan.changes.len() as u64, "Changing the stack");
    for step in plan.changes.chunk_by(|one, next| one.step() == next.step()) {
        stream::iter(step)
            .map(|change| async {
                changing.make(change).await?;
                bar.inc(1);
                Ok::<_, anyhow::Error>(())
            })
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
    }
    bar.finish_and_clear();
    Ok(())
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
        }
    }
}

impl Changing<'_> {
    async fn make(&self, change: &Change) -> Result<()> {
        match change {
            Change::MakeTopic { topic } => topics::make(&self.sns, self.target, topic).await,
            Change::Publish => self.publish().await.context("cannot write what GET /v1/city gives"),
            Change::Subscribe { topic, email } => {
                let arn = format!("{}{topic}", self.target.output("TopicPrefix")?);
                let subscribed =
                    self.sns.subscribe().topic_arn(arn).protocol("email").endpoint(email).send().await;
                subscribed
                    .map_err(plainly)
                    .with_context(|| format!("cannot subscribe {email} to {topic}"))?;
                Ok(())
            }
            Change::Unsubscribe { topic, email, subscription } => {
                let done = self.sns.unsubscribe().subscription_arn(subscription).send().await;
                done.map_err(plainly).with_context(|| format!("cannot unsubscribe {email} from {topic}"))?;
                Ok(())
            }
            Change::Write { key, kind, .. } => {
                self.write(key, *kind).await.with_context(|| format!("cannot write {key} to the registry"))
            }
        }
    }

    async fn publish(&self) -> Result<()> {
        let put = self
            .dynamodb
            .put_item()
            .table_name(self.target.output("CityTable")?)
            .item("pk", AttributeValue::S(public_city::BODY.to_owned()))
            .item("body", AttributeValue::S(serde_json::to_string(&self.city.public())?));
        put.send().await.map_err(plainly)?;
        Ok(())
    }

    async fn write(&self, key: &str, kind: WriteKind) -> Result<()> {
        if kind == WriteKind::Close {
            return self.set(key, &json!({"closed": true})).await;
        }
        let city = self.city;
        let (kind, code) = key.split_once('#').unwrap_or_default();
        match (kind, key) {
            ("unit", _) => {
                let unit = city.unit(code).context("no such unit in the folder")?;
                self.set(key, &UnitItem::new(unit, city)).await
            }
            ("category", _) => {
                let row = city.categories.iter().find(|row| row.code.as_str() == code);
                self.set(key, &open(row.context("no such category in the folder")?)?).await
            }
            ("channel", _) => {
                let row = city.channels.iter().find(|row| row.code.as_str() == code);
                self.set(key, &open(row.context("no such channel in the folder")?)?).await
            }
            (_, REASONS) => self.set(key, &List { list: city.reasons.clone() }).await,
            (_, HOLIDAYS) => self.set(key, &List { list: city.holidays.clone() }).await,
            (_, SETTINGS) => self.set(key, &city.settings).await,
            _ => bail!("no such item"),
        }
    }

    /// Sets an item's attributes, and leaves others alone: a channel's keys are not the folder's. An attribute that is null goes.
    async fn set<T: Serialize>(&self, key: &str, row: &T) -> Result<()> {
        let item: HashMap<String, AttributeValue> = serde_dynamo::to_item(row)?;
        let mut update = self
            .dynamodb
            .update_item()
            .table_name(self.target.output("RegistryTable")?)
            .key("pk", AttributeValue::S(key.to_owned()));
        let optional = match key.split_once('#') {
            Some(("unit", _)) => &["parent", "email"][..],
            Some(("category", _)) => &["group"][..],
            _ => &[],
        };
        let gone: Vec<_> = optional.iter().filter(|name| !item.contains_key(**name)).collect();
        let mut sets = Vec::new();
        for (place, (name, value)) in item.into_iter().enumerate() {
            sets.push(format!("#s{place} = :s{place}"));
            update = update
                .expression_attribute_names(format!("#s{place}"), name)
                .expression_attribute_values(format!(":s{place}"), value);
        }
        let mut expression = format!("SET {}", sets.join(", "));
        for (place, name) in gone.into_iter().enumerate() {
            expression.push_str(if place == 0 { " REMOVE " } else { ", " });
            expression.push_str(&format!("#r{place}"));
            update = update.expression_attribute_names(format!("#r{place}"), *name);
        }
        update.update_expression(expression).send().await.map_err(plainly)?;
        Ok(())
    }
}

/// A row that the folder has.
fn open<T: Serialize>(row: &T) -> Result<Map<String, Value>> {
    let Value::Object(mut object) = serde_json::to_value(row)? else { bail!("a row is an object") };
    object.insert("closed".to_owned(), false.into());
    Ok(object)
}
