//! The topics of units and channels, and who gets their e-mail.

use anyhow::{Context, Result};
use aws_sdk_sns::types::Subscription;
use cli::target::{Target, plainly};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How often the lists are asked for until two in a row are the same.
const LISTINGS: usize = 5;

/// The topics of a stack.
#[derive(Default, PartialEq)]
pub(super) struct Topics {
    /// Their names behind the stack's.
    pub(super) names: BTreeSet<String>,
    /// Whom each sends e-mail, with the subscription's ARN; one that nobody has confirmed yet has none.
    pub(super) emails: BTreeMap<(String, String), Option<String>>,
}

impl Topics {
    /// The topics, as two listings in a row give them: a list of many pages can leave one out, or give it twice, while another operator
    /// makes or deletes some, and a plan would then make or delete more.
    pub(super) async fn read(target: &Target) -> Result<Self> {
        let mut last = Self::listed(target).await?;
        for _ in 1..LISTINGS {
            let next = Self::listed(target).await?;
            if next == last {
                break;
            }
            last = next;
        }
        Ok(last)
    }

    async fn listed(target: &Target) -> Result<Self> {
        let sns = aws_sdk_sns::Client::new(&target.config);
        let prefix = target.output("TopicPrefix")?;
        let topics = sns.list_topics().into_paginator().items().send().collect::<Result<Vec<_>, _>>();
        let subscriptions = sns
            .list_subscriptions()
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<Subscription>, _>>();
        let (topics, subscriptions) = tokio::join!(topics, subscriptions);
        let topics = topics.map_err(plainly).context("cannot list topics")?;
        let subscriptions = subscriptions.map_err(plainly).context("cannot list subscriptions")?;
        let name = |arn: Option<&str>| arn?.strip_prefix(prefix).map(str::to_owned);
        let names = topics.iter().filter_map(|topic| name(topic.topic_arn())).collect();
        let email = |subscription: &Subscription| {
            let address = subscription.endpoint().filter(|_| subscription.protocol() == Some("email"))?;
            let arn = match subscription.subscription_arn() {
                Some(arn) if arn.starts_with("arn:") => Some(arn.to_owned()),
                Some("PendingConfirmation") => None,
                // One that is gone is listed for some days.
                _ => return None,
            };
            Some(((name(subscription.topic_arn())?, address.to_owned()), arn))
        };
        let emails = subscriptions.iter().filter_map(email).collect();
        Ok(Self { names, emails })
    }
}

/// Makes a topic as the template makes those of the desks. Making it again changes nothing.
pub(super) async fn make(sns: &aws_sdk_sns::Client, target: &Target, name: &str) -> Result<()> {
    let arn = format!("{}{name}", target.output("TopicPrefix")?);
    let account = arn.split(':').nth(4).context("no account in the ARN of topics")?;
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
    // With its attributes in one call: a topic that is there is whole.
    let made = sns
        .create_topic()
        .name(format!("{}-{name}", target.name))
        .attributes("Policy", policy)
        .attributes("KmsMasterKeyId", "alias/aws/sns")
        .send()
        .await;
    made.map_err(plainly).with_context(|| format!("cannot make the topic {name}"))?;
    Ok(())
}
