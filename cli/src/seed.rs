//! The demonstration's sign-ins, on the local stack alone: officers with passwords and channels with keys, in `stack.json`.
//!
//! Seeding twice is the same as seeding once: officers and keys are only added, and nothing that somebody changed about them is
//! undone.

use crate::{channels::fresh_key, city};
use anyhow::{Context, Result};
use aws_sdk_cognitoidentityprovider::{
    error::ProvideErrorMetadata,
    types::{AttributeType, MessageActionType},
};
use aws_sdk_dynamodb::types::AttributeValue;
use city_folder::City;
use cli::{
    exit::Refusal,
    target::{CONFLICT, Target, Which, plainly, random},
    terminal::Terminal,
};
use data_encoding::BASE64URL_NOPAD;
use stack_file::{ChannelKey, Officer, Stack, Unit};
use std::{fs, path::Path};
use store::digest;

/// Applies the city in `infra/city`, and makes officers and channels' keys; those that `stack.json` has are kept.
pub(crate) async fn seed(infra: &Path, which: &Which, terminal: Terminal) -> Result<()> {
    let target = which.target().await?;
    if !target.local {
        return Err(Refusal::Invalid("this stack is not on this machine".to_owned()).into());
    }
    let terminal = Terminal { yes: true, ..terminal };
    city::apply(&infra.join("city"), &target, terminal).await?;
    let city = city::read(&infra.join("city"))?;
    let file = which.stack_file();
    let mut stack = Stack::read(&file)?;
    let unit = |unit: &city_folder::unit::Unit| Unit {
        code: unit.code.to_string(),
        name: unit.name.clone(),
        parent: unit.parent.as_ref().map(ToString::to_string),
    };
    stack.units = city.units.iter().map(unit).collect();
    stack.categories = city.categories.iter().map(|category| category.code.to_string()).collect();
    stack.channels = keys(&city, &target, &stack.channels).await?;
    stack.officers = officers(infra, &target, &stack.officers).await?;
    stack.write(&file)
}

/// The keys of all channels. What is stored is the SHA-256 of a key, so one that `stack.json` does not have is replaced.
async fn keys(city: &City, target: &Target, before: &[ChannelKey]) -> Result<Vec<ChannelKey>> {
    let dynamodb = aws_sdk_dynamodb::Client::new(&target.config);
    let mut keys = Vec::new();
    for channel in &city.channels {
        let code = channel.code.to_string();
        let kept = before.iter().find(|key| key.code == code);
        let key = match kept {
            Some(kept) => kept.key.clone(),
            None => fresh_key(&channel.code)?.expose().to_owned(),
        };
        let hash = digest::hex(key.as_bytes());
        dynamodb
            .update_item()
            .table_name(target.output("RegistryTable")?)
            .key("pk", AttributeValue::S(format!("channel#{code}")))
            .update_expression("SET key_hashes = :hashes")
            .condition_expression("attribute_exists(pk) AND NOT contains(key_hashes, :hash)")
            .expression_attribute_values(":hashes", AttributeValue::L(vec![AttributeValue::S(hash.clone())]))
            .expression_attribute_values(":hash", AttributeValue::S(hash))
            .send()
            .await
            .map_or_else(
                |error| match error.code() {
                    Some(CONFLICT) => Ok(()),
                    _ => Err(plainly(error)),
                },
                |_| Ok(()),
            )
            .with_context(|| format!("cannot set the key of {code}"))?;
        keys.push(ChannelKey { code, key });
    }
    Ok(keys)
}

/// Makes the demonstration's officers; those of `before` keep their passwords.
async fn officers(infra: &Path, target: &Target, before: &[Officer]) -> Result<Vec<Officer>> {
    let path = infra.join("demonstration/officers.json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut officers: Vec<Officer> =
        serde_json::from_slice(&text).with_context(|| format!("{} has another form", path.display()))?;
    let cognito = aws_sdk_cognitoidentityprovider::Client::new(&target.config);
    let pool = target.output("UserPoolId")?;
    for officer in &mut officers {
        let mut attributes = vec![attribute("name", &officer.name)?, attribute("locale", "id")?];
        for (name, code) in [("custom:unit", &officer.unit), ("custom:channel", &officer.channel)] {
            if let Some(code) = code {
                attributes.push(attribute(name, code)?);
            }
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

fn attribute(name: &str, value: &str) -> Result<AttributeType> {
    Ok(AttributeType::builder().name(name).value(value).build()?)
}
