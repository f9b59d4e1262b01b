//! Units, categories, channels and demonstration officers.
//!
//! Seeding twice is the same as seeding once: units and categories are written as the files in `infra/seed` say,
//! channels and officers are only added, and nothing that somebody changed about them is undone.

use anyhow::{Context, Result};
use aws_lc_rs::digest;
use aws_sdk_cognitoidentityprovider::{
    error::ProvideErrorMetadata,
    types::{AttributeType, MessageActionType},
};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use cli::target::{Target, Which, plainly, random};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use stack_file::{ChannelKey, Officer, Stack, Unit};
use std::{collections::HashMap, fs, path::Path};

/// A name in both languages.
#[derive(Deserialize)]
struct Names {
    id: String,
    en: String,
}

impl Names {
    fn item(&self) -> AttributeValue {
        let name = |text: &str| AttributeValue::S(text.to_owned());
        AttributeValue::M(HashMap::from([
            ("id".to_owned(), name(&self.id)),
            ("en".to_owned(), name(&self.en)),
        ]))
    }
}

#[derive(Deserialize)]
struct Category {
    code: String,
    names: Names,
    slots: String,
    deadline_days: u32,
    /// Kinds of personal data; absent is none.
    #[serde(default)]
    keeps: Vec<String>,
}

#[derive(Deserialize)]
struct Channel {
    code: String,
    names: Names,
    state: String,
    quota_per_hour: u32,
}

/// Seeds a stack: units, categories and channels, and on the local one officers.
///
/// The local one's `stack.json` then has everybody's keys and passwords; those that it had are kept. On AWS officers are made by
/// administrators, and the keys of new channels are shown this once.
pub(crate) async fn seed(which: &Which) -> Result<()> {
    let target = which.target().await?;
    let units = units(&target).await?;
    let categories = categories(&target).await?;
    if target.local {
        let file = which.stack_file();
        let mut stack = Stack::read(&file)?;
        stack.units = units;
        stack.categories = categories;
        stack.channels = channels(&target, &stack.channels).await?;
        stack.officers = officers(&target, &stack.officers).await?;
        return stack.write(&file);
    }
    let keys = channels(&target, &[]).await?;
    println!("{} units, {} categories", units.len(), categories.len());
    if keys.is_empty() {
        println!("No new channels");
    } else {
        println!("New channels; the keys are shown this once:");
    }
    for channel in keys {
        println!("  {:<22}  {}", channel.code, channel.key);
    }
    Ok(())
}

async fn units(target: &Target) -> Result<Vec<Unit>> {
    let units: Vec<Unit> = read("units")?;
    let dynamodb = aws_sdk_dynamodb::Client::new(&target.config);
    let sns = aws_sdk_sns::Client::new(&target.config);
    let table = target.output("RegistryTable")?;
    for unit in &units {
        let mut put = dynamodb
            .put_item()
            .table_name(table)
            .item("pk", text(format!("unit#{}", unit.code)))
            .item("code", text(&unit.code))
            .item("name", text(&unit.name))
            .item("path", AttributeValue::L(path(&units, unit)?.into_iter().map(text).collect()));
        if let Some(parent) = &unit.parent {
            put = put.item("parent", text(parent));
        }
        put.send().await.map_err(plainly).with_context(|| format!("cannot store the unit {}", unit.code))?;
        topic(&sns, target, &format!("unit-{}", unit.code)).await?;
    }
    Ok(units)
}

/// The unit's code, its parent's, and so on up to the root.
fn path(units: &[Unit], unit: &Unit) -> Result<Vec<String>> {
    let mut path = vec![unit.code.clone()];
    let mut above = unit.parent.as_deref();
    while let Some(code) = above {
        let parent =
            units.iter().find(|unit| unit.code == code).with_context(|| format!("no unit {code}"))?;
        if path.len() > units.len() {
            anyhow::bail!("{} stands above itself", unit.code);
        }
        path.push(parent.code.clone());
        above = parent.parent.as_deref();
    }
    Ok(path)
}

/// Makes the topic of a unit or a channel as the template makes those of the desks.
async fn topic(sns: &aws_sdk_sns::Client, target: &Target, name: &str) -> Result<()> {
    make_topic(sns, target, name).await.with_context(|| format!("cannot make the topic {name}"))
}

async fn make_topic(sns: &aws_sdk_sns::Client, target: &Target, name: &str) -> Result<()> {
    let made = sns.create_topic().name(format!("{}-{name}", target.name)).send().await.map_err(plainly)?;
    let arn = made.topic_arn().context("no ARN")?;
    let account = arn.split(':').nth(4).context("no account in the ARN")?;
    let mut statements = vec![json!({
        "Sid": "OnlyThisAccountSubscribes",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Subscribe",
        "Resource": arn,
        "Condition": {"StringNotEquals": {"aws:PrincipalAccount": account}},
    })];
    if !target.local {
        statements.push(json!({
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["sns:Publish", "sns:Subscribe"],
            "Resource": arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }));
    }
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    for (name, value) in [("Policy", policy.as_str()), ("KmsMasterKeyId", "alias/aws/sns")] {
        sns.set_topic_attributes()
            .topic_arn(arn)
            .attribute_name(name)
            .attribute_value(value)
            .send()
            .await
            .map_err(plainly)?;
    }
    Ok(())
}

async fn categories(target: &Target) -> Result<Vec<String>> {
    let categories: Vec<Category> = read("categories")?;
    let dynamodb = aws_sdk_dynamodb::Client::new(&target.config);
    for category in &categories {
        dynamodb
            .put_item()
            .table_name(target.output("RegistryTable")?)
            .item("pk", text(format!("category#{}", category.code)))
            .item("code", text(&category.code))
            .item("names", category.names.item())
            .item("slots", text(&category.slots))
            .item("deadline_days", AttributeValue::N(category.deadline_days.to_string()))
            .item("keeps", AttributeValue::L(category.keeps.iter().map(text).collect()))
            .send()
            .await
            .map_err(plainly)
            .with_context(|| format!("cannot store the category {}", category.code))?;
    }
    Ok(categories.into_iter().map(|category| category.code).collect())
}

/// Adds channels, and answers the keys that are known: those of `before`, and those made now. What is stored is the
/// SHA-256 of a key, so a key that nobody kept can only be replaced, which is done on the local stack alone.
async fn channels(target: &Target, before: &[ChannelKey]) -> Result<Vec<ChannelKey>> {
    let channels: Vec<Channel> = read("channels")?;
    let dynamodb = aws_sdk_dynamodb::Client::new(&target.config);
    let sns = aws_sdk_sns::Client::new(&target.config);
    let table = target.output("RegistryTable")?;
    let mut known = Vec::new();
    for channel in &channels {
        let kept = before.iter().find(|key| key.code == channel.code);
        let key = match kept {
            Some(kept) => kept.key.clone(),
            None => format!("tk_{}_{}", channel.code, BASE64URL_NOPAD.encode(&random::<32>()?)),
        };
        let hash = HEXLOWER.encode(digest::digest(&digest::SHA256, key.as_bytes()).as_ref());
        let pk = text(format!("channel#{}", channel.code));
        let stored = dynamodb
            .update_item()
            .table_name(table)
            .key("pk", pk.clone())
            .update_expression(
                "SET code = :code, #names = :names, #state = if_not_exists(#state, :state), \
                 quota_per_hour = if_not_exists(quota_per_hour, :quota), key_hashes = if_not_exists(key_hashes, :hashes)",
            )
            .expression_attribute_names("#names", "names")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":code", text(&channel.code))
            .expression_attribute_values(":names", channel.names.item())
            .expression_attribute_values(":state", text(&channel.state))
            .expression_attribute_values(":quota", AttributeValue::N(channel.quota_per_hour.to_string()))
            .expression_attribute_values(":hashes", AttributeValue::L(vec![text(&hash)]))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(plainly)
            .with_context(|| format!("cannot store the channel {}", channel.code))?;
        topic(&sns, target, &format!("channel-{}", channel.code)).await?;
        let opens = stored
            .attributes()
            .and_then(|item| item.get("key_hashes"))
            .and_then(|hashes| hashes.as_l().ok())
            .is_some_and(|hashes| hashes.contains(&text(&hash)));
        if !opens && target.local {
            dynamodb
                .update_item()
                .table_name(table)
                .key("pk", pk)
                .update_expression("SET key_hashes = :hashes")
                .expression_attribute_values(":hashes", AttributeValue::L(vec![text(&hash)]))
                .send()
                .await
                .map_err(plainly)
                .with_context(|| format!("cannot renew the key of {}", channel.code))?;
        }
        if opens || target.local {
            known.push(ChannelKey { code: channel.code.clone(), key });
        }
    }
    Ok(known)
}

/// Makes the demonstration's officers; those of `before` keep their passwords.
async fn officers(target: &Target, before: &[Officer]) -> Result<Vec<Officer>> {
    let mut officers: Vec<Officer> = read("officers")?;
    let cognito = aws_sdk_cognitoidentityprovider::Client::new(&target.config);
    let pool = target.output("UserPoolId")?;
    for officer in &mut officers {
        let mut attributes = vec![attribute("name", &officer.name)?, attribute("locale", "id")?];
        if let Some(unit) = &officer.unit {
            attributes.push(attribute("custom:unit", unit)?);
        }
        let kept = before.iter().find(|kept| kept.username == officer.username && !kept.password.is_empty());
        officer.password = match kept {
            Some(kept) => kept.password.clone(),
            // Of every kind that the pool asks for, whatever is drawn.
            None => format!("{}-Aa1", BASE64URL_NOPAD.encode(&random::<12>()?)),
        };
        let made = cognito
            .admin_create_user()
            .user_pool_id(pool)
            .username(&officer.username)
            .set_user_attributes(Some(attributes))
            .temporary_password(&officer.password)
            .message_action(MessageActionType::Suppress)
            .send()
            .await;
        let is_new = match made {
            Ok(_) => true,
            Err(error) if error.code() == Some("UsernameExistsException") => false,
            Err(error) => {
                return Err(plainly(error))
                    .with_context(|| format!("cannot make the officer {}", officer.username));
            }
        };
        if is_new || kept.is_none() {
            cognito
                .admin_set_user_password()
                .user_pool_id(pool)
                .username(&officer.username)
                .password(&officer.password)
                .permanent(true)
                .send()
                .await
                .map_err(plainly)
                .with_context(|| format!("cannot set the password of {}", officer.username))?;
        }
        for tag in &officer.tags {
            cognito
                .admin_add_user_to_group()
                .user_pool_id(pool)
                .username(&officer.username)
                .group_name(tag)
                .send()
                .await
                .map_err(plainly)
                .with_context(|| format!("cannot give {} the tag {tag}", officer.username))?;
        }
    }
    Ok(officers)
}

fn read<T: DeserializeOwned>(name: &str) -> Result<Vec<T>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/seed").join(name).with_extension("json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} has another form", path.display()))
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn attribute(name: &str, value: &str) -> Result<AttributeType> {
    Ok(AttributeType::builder().name(name).value(value).build()?)
}
