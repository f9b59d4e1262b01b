//! Accounts in the stack's user pool, and what is asked of one.

use anyhow::{Context, Result};
use aws_sdk_cognitoidentityprovider::{
    Client,
    config::{Builder, retry::RetryConfig},
    error::ProvideErrorMetadata,
    types::{
        AttributeType, DeliveryMediumType, MessageActionType, SoftwareTokenMfaSettingsType, UserStatusType,
        UserType,
    },
};
use cli::{
    exit::Refusal,
    target::{Target, plainly},
};
use domain::{
    officer::{Rights, Tag},
    secret_text::SecretText,
    unit::Code,
};
use futures_util::future::{try_join, try_join_all};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
};

const UNIT: &str = "custom:unit";
const CHANNEL: &str = "custom:channel";
/// The most that Cognito gives at once.
const PAGE: i32 = 60;
/// How often a call that Cognito throttles is made, ever further apart.
const ATTEMPTS: u32 = 12;

/// An account as it is to be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) rights: Rights,
}

/// An account as it stands.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// The groups: tags, and whatever else somebody made a group of.
    pub(crate) tags: BTreeSet<String>,
    pub(crate) unit: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) enabled: bool,
    /// Whether its first sign-in is still to come.
    pub(crate) invited: bool,
}

impl Account {
    /// Without its tags.
    fn of(
        username: Option<&str>,
        attributes: &[AttributeType],
        enabled: bool,
        status: Option<&UserStatusType>,
    ) -> Self {
        let attribute = |name: &str| {
            let found = attributes.iter().find(|attribute| attribute.name() == name);
            found.and_then(AttributeType::value).filter(|value| !value.is_empty()).map(str::to_owned)
        };
        Self {
            username: username.unwrap_or_default().to_owned(),
            name: attribute("name").unwrap_or_default(),
            email: attribute("email").unwrap_or_default(),
            tags: BTreeSet::new(),
            unit: attribute(UNIT),
            channel: attribute(CHANNEL),
            enabled,
            invited: status == Some(&UserStatusType::ForceChangePassword),
        }
    }

    fn of_listed(user: &UserType) -> Self {
        Self::of(user.username(), user.attributes(), user.enabled(), user.user_status())
    }

    /// What is other than it is to be, with the command that changes it.
    pub(crate) fn differences(&self, wanted: &Wanted) -> Vec<String> {
        let shown = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
        let of = |code: Option<&str>| shown(code.unwrap_or_default());
        let by_hand = "aws cognito-idp admin-update-user-attributes changes it";
        let by_move = "tuntas officer move changes it";
        let rights = &wanted.rights;
        let tags = |tags: Vec<&str>| shown(&tags.join(" "));
        let compared = [
            ("name", shown(&self.name), wanted.name.clone(), by_hand),
            ("e-mail", shown(&self.email), wanted.email.clone(), by_hand),
            ("tags", tags(self.tags.iter().map(String::as_str).collect()), tags(texts(rights)), by_move),
            ("unit", of(self.unit.as_deref()), of(rights.unit().map(Code::as_str)), by_move),
            ("channel", of(self.channel.as_deref()), of(rights.channel().map(Code::as_str)), by_move),
        ];
        let mut found: Vec<String> = compared
            .into_iter()
            .filter(|(_, is, asked, _)| is != asked)
            .map(|(what, is, asked, how)| format!("{what}: it has {is}, asked for is {asked}; {how}"))
            .collect();
        if !self.enabled {
            found.push("it is disabled; tuntas officer enable changes it".to_owned());
        }
        found
    }

    /// Whether this is what an earlier run left when it was cut short between making the account and giving it its tags.
    pub(crate) fn is_beginning_of(&self, wanted: &Wanted) -> bool {
        let asked: BTreeSet<String> = texts(&wanted.rights).into_iter().map(str::to_owned).collect();
        let whole = Self { tags: asked.clone(), ..self.clone() };
        self.invited
            && self.tags != asked
            && self.tags.is_subset(&asked)
            && whole.differences(wanted).is_empty()
    }
}

/// The tags as groups are called.
pub(crate) fn texts(rights: &Rights) -> Vec<&'static str> {
    let mut texts: Vec<_> = rights.tags().iter().map(|tag| tag.as_str()).collect();
    texts.sort_unstable();
    texts
}

/// The user pool of a stack.
pub(crate) struct Accounts {
    client: Client,
    pool: String,
}

impl Accounts {
    pub(crate) fn of(target: &Target) -> Result<Self> {
        // Of adaptive retries each throttled call slows those after it down too.
        let retries = RetryConfig::adaptive().with_max_attempts(ATTEMPTS);
        let client = Client::from_conf(Builder::from(&target.config).retry_config(retries).build());
        Ok(Self { client, pool: target.output("UserPoolId")?.to_owned() })
    }

    /// The account as it stands; `None` where there is none.
    pub(crate) async fn find(&self, username: &str) -> Result<Option<Account>> {
        let Some(mut account) = self.attributes(username).await? else { return Ok(None) };
        account.tags = self.groups_of(username).await?;
        Ok(Some(account))
    }

    /// The account without its tags; `None` where there is none.
    pub(crate) async fn attributes(&self, username: &str) -> Result<Option<Account>> {
        let found =
            match self.client.admin_get_user().user_pool_id(&self.pool).username(username).send().await {
                Ok(found) => found,
                Err(error) if error.code() == Some("UserNotFoundException") => return Ok(None),
                Err(error) => return Err(failed(error, "read", username)),
            };
        let status = found.user_status();
        Ok(Some(Account::of(Some(found.username()), found.user_attributes(), found.enabled(), status)))
    }

    async fn groups_of(&self, username: &str) -> Result<BTreeSet<String>> {
        let listed = self.client.admin_list_groups_for_user().user_pool_id(&self.pool).username(username);
        let mut groups = listed.limit(PAGE).into_paginator().items().send();
        let mut names = BTreeSet::new();
        while let Some(group) = groups.next().await {
            let group = group.map_err(|error| failed(error, "read the tags of", username))?;
            names.extend(group.group_name().map(str::to_owned));
        }
        Ok(names)
    }

    /// Makes an account without its tags, with this temporary password; Cognito sends the invitation where `invite` says so.
    /// Answers false where there is such an account.
    pub(crate) async fn make(&self, wanted: &Wanted, password: &SecretText, invite: bool) -> Result<bool> {
        let mut attributes = vec![
            attribute("name", &wanted.name)?,
            attribute("locale", "id")?,
            attribute("email", &wanted.email)?,
            attribute("email_verified", "true")?,
        ];
        for (name, code) in codes(&wanted.rights) {
            if let Some(code) = code {
                attributes.push(attribute(name, code)?);
            }
        }
        let made = self
            .client
            .admin_create_user()
            .user_pool_id(&self.pool)
            .username(&wanted.username)
            .set_user_attributes(Some(attributes))
            .temporary_password(password.expose());
        let made = if invite {
            made.desired_delivery_mediums(DeliveryMediumType::Email)
        } else {
            made.message_action(MessageActionType::Suppress)
        };
        match made.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("UsernameExistsException") => Ok(false),
            Err(error) => Err(failed(error, "make", &wanted.username)),
        }
    }

    /// Has Cognito send the invitation again, with this temporary password.
    pub(crate) async fn invite_again(&self, username: &str, password: &SecretText) -> Result<()> {
        let invited = self
            .client
            .admin_create_user()
            .user_pool_id(&self.pool)
            .username(username)
            .temporary_password(password.expose())
            .message_action(MessageActionType::Resend)
            .desired_delivery_mediums(DeliveryMediumType::Email);
        invited.send().await.map_err(|error| failed(error, "invite", username))?;
        Ok(())
    }

    /// Replaces the temporary password of an account; nobody is told.
    pub(crate) async fn set_temporary_password(&self, username: &str, password: &SecretText) -> Result<()> {
        let set = self.client.admin_set_user_password().user_pool_id(&self.pool).username(username);
        let set = set.password(password.expose()).permanent(false).send().await;
        set.map_err(|error| failed(error, "set the temporary password of", username))?;
        Ok(())
    }

    /// Gives an account one more tag.
    pub(crate) async fn give(&self, username: &str, tag: &str) -> Result<()> {
        let given =
            self.client.admin_add_user_to_group().user_pool_id(&self.pool).username(username).group_name(tag);
        given.send().await.map_err(|error| failed(error, &format!("give the tag {tag} to"), username))?;
        Ok(())
    }

    /// Takes a tag away.
    pub(crate) async fn take(&self, username: &str, tag: &str) -> Result<()> {
        let taken = self
            .client
            .admin_remove_user_from_group()
            .user_pool_id(&self.pool)
            .username(username)
            .group_name(tag);
        taken.send().await.map_err(|error| failed(error, &format!("take the tag {tag} from"), username))?;
        Ok(())
    }

    /// Sets unit and channel; an empty attribute is none.
    pub(crate) async fn place(&self, username: &str, rights: &Rights) -> Result<()> {
        let attributes: Result<Vec<_>> =
            codes(rights).into_iter().map(|(name, code)| attribute(name, code.unwrap_or_default())).collect();
        let set = self.client.admin_update_user_attributes().user_pool_id(&self.pool).username(username);
        let set = set.set_user_attributes(Some(attributes?)).send().await;
        set.map_err(|error| failed(error, "set unit and channel of", username))?;
        Ok(())
    }

    /// Ends every session: no further token is given for one.
    pub(crate) async fn sign_out(&self, username: &str) -> Result<()> {
        let out = self.client.admin_user_global_sign_out().user_pool_id(&self.pool).username(username);
        out.send().await.map_err(|error| failed(error, "sign out", username))?;
        Ok(())
    }

    pub(crate) async fn disable(&self, username: &str) -> Result<()> {
        let disabled = self.client.admin_disable_user().user_pool_id(&self.pool).username(username);
        disabled.send().await.map_err(|error| failed(error, "disable", username))?;
        Ok(())
    }

    pub(crate) async fn enable(&self, username: &str) -> Result<()> {
        let enabled = self.client.admin_enable_user().user_pool_id(&self.pool).username(username);
        enabled.send().await.map_err(|error| failed(error, "enable", username))?;
        Ok(())
    }

    /// Forgets the authenticator app; where the pool demands one, the next sign-in sets a new one up.
    pub(crate) async fn reset_factor(&self, username: &str) -> Result<()> {
        let none = SoftwareTokenMfaSettingsType::builder().enabled(false).preferred_mfa(false).build();
        let reset = self.client.admin_set_user_mfa_preference().user_pool_id(&self.pool).username(username);
        let reset = reset.software_token_mfa_settings(none).send().await;
        reset.map_err(|error| failed(error, "reset the second factor of", username))?;
        Ok(())
    }

    /// Every account, or those with a tag, in the order of their usernames.
    ///
    /// The groups are listed beside the accounts, all at once: asking each account for its groups would take a call for each.
    pub(crate) async fn list(&self, tag: Option<Tag>) -> Result<Vec<Account>> {
        let groups = async {
            let names = self.groups().await?;
            try_join_all(names.into_iter().map(|name| async {
                let members = self.members(&name).await?;
                Ok::<_, anyhow::Error>((name, members))
            }))
            .await
        };
        let all = async { if tag.is_none() { self.all().await } else { Ok(Vec::new()) } };
        let (all, groups) = try_join(all, groups).await?;
        let by_name = |users: Vec<Account>| users.into_iter().map(|user| (user.username.clone(), user));
        let mut accounts: BTreeMap<String, Account> = by_name(all).collect();
        if let Some(tag) = tag {
            let members = groups.iter().filter(|(name, _)| name == tag.as_str());
            accounts.extend(members.flat_map(|(_, members)| by_name(members.clone())));
        }
        for (name, members) in groups {
            for member in members {
                if let Some(account) = accounts.get_mut(&member.username) {
                    account.tags.insert(name.clone());
                }
            }
        }
        Ok(accounts.into_values().collect())
    }

    async fn all(&self) -> Result<Vec<Account>> {
        let mut users =
            self.client.list_users().user_pool_id(&self.pool).limit(PAGE).into_paginator().items().send();
        let mut accounts = Vec::new();
        while let Some(user) = users.next().await {
            accounts.push(Account::of_listed(&user.map_err(plainly).context("cannot list the accounts")?));
        }
        Ok(accounts)
    }

    async fn groups(&self) -> Result<Vec<String>> {
        let mut groups =
            self.client.list_groups().user_pool_id(&self.pool).limit(PAGE).into_paginator().items().send();
        let mut names = Vec::new();
        while let Some(group) = groups.next().await {
            names.extend(
                group.map_err(plainly).context("cannot list the groups")?.group_name().map(str::to_owned),
            );
        }
        Ok(names)
    }

    async fn members(&self, group: &str) -> Result<Vec<Account>> {
        let listed = self.client.list_users_in_group().user_pool_id(&self.pool).group_name(group).limit(PAGE);
        let mut users = listed.into_paginator().items().send();
        let mut members = Vec::new();
        while let Some(user) = users.next().await {
            let user =
                user.map_err(plainly).with_context(|| format!("cannot list who has the tag {group}"))?;
            members.push(Account::of_listed(&user));
        }
        Ok(members)
    }
}

/// The attributes that say for whom an officer works.
fn codes(rights: &Rights) -> [(&'static str, Option<&str>); 2] {
    [(UNIT, rights.unit().map(Code::as_str)), (CHANNEL, rights.channel().map(Code::as_str))]
}

fn attribute(name: &str, value: &str) -> Result<AttributeType> {
    Ok(AttributeType::builder().name(name).value(value).build()?)
}

/// An error about one account; one that is not there was wrongly named.
fn failed<E: ProvideErrorMetadata + Error + 'static>(error: E, what: &str, username: &str) -> anyhow::Error {
    if error.code() == Some("UserNotFoundException") {
        return no_account(username);
    }
    plainly(error).context(format!("cannot {what} {username}"))
}

pub(crate) fn no_account(username: &str) -> anyhow::Error {
    Refusal::Invalid(format!("there is no account {username}")).into()
}
