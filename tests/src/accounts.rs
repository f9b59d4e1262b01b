//! Accounts, units and app clients that a test makes for itself, as an operator would.

use crate::{
    http::fresh_key,
    officers::{self, Tokens, authenticate_through},
    operator::{config, wait},
    stack::stack,
};
use aws_sdk_cognitoidentityprovider::{
    Client as Cognito,
    types::{AttributeType, ExplicitAuthFlowsType, MessageActionType},
};
use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

/// Of every account that a test makes.
pub const PASSWORD: &str = "Sangat-Rahasia-0001";

/// The operator's client of Cognito.
pub fn cognito_of_operator() -> Cognito {
    Cognito::new(&config())
}

/// An account that one test made for itself.
pub struct Account {
    /// The username to sign in with.
    pub username: String,
}

impl Account {
    /// Makes an account with these tags and signs it in.
    pub fn new(tags: &[&str], unit: Option<&str>) -> Self {
        Self::with(tags, unit.map(|unit| ("custom:unit", unit)))
    }

    /// Makes an account for a clerk of this channel and signs it in.
    pub fn clerk(channel: &str) -> Self {
        Self::with(&["petugas-kanal"], Some(("custom:channel", channel)))
    }

    fn with(tags: &[&str], place: Option<(&str, &str)>) -> Self {
        let username = format!("uji-{}", fresh_key());
        let attribute =
            |name: &str, value: &str| AttributeType::builder().name(name).value(value).build().unwrap();
        let mut attributes = vec![attribute("name", "Petugas Uji"), attribute("locale", "id")];
        attributes.extend(place.map(|(name, code)| attribute(name, code)));
        let (cognito, pool) = (cognito_of_operator(), &stack().user_pool);
        let made = cognito
            .admin_create_user()
            .user_pool_id(pool)
            .username(&username)
            .temporary_password(PASSWORD)
            .message_action(MessageActionType::Suppress)
            .set_user_attributes(Some(attributes));
        wait(made.send()).expect("an account");
        let password = cognito
            .admin_set_user_password()
            .user_pool_id(pool)
            .username(&username)
            .password(PASSWORD)
            .permanent(true);
        wait(password.send()).expect("a password");
        let account = Self { username };
        for tag in tags {
            account.give(tag);
        }
        account.sign_in();
        account
    }

    /// Gives it a tag; good from the next sign-in.
    pub fn give(&self, tag: &str) {
        let given = cognito_of_operator()
            .admin_add_user_to_group()
            .user_pool_id(&stack().user_pool)
            .username(&self.username)
            .group_name(tag);
        wait(given.send()).expect("a tag");
    }

    /// Takes a tag away; gone from the next sign-in.
    pub fn take(&self, tag: &str) {
        let taken = cognito_of_operator()
            .admin_remove_user_from_group()
            .user_pool_id(&stack().user_pool)
            .username(&self.username)
            .group_name(tag);
        wait(taken.send()).expect("no tag");
    }

    /// Makes it a clerk of another channel, and signs it in again.
    pub fn move_to_channel(&self, channel: &str) {
        let attribute = AttributeType::builder().name("custom:channel").value(channel).build().unwrap();
        let moved = cognito_of_operator()
            .admin_update_user_attributes()
            .user_pool_id(&stack().user_pool)
            .username(&self.username)
            .user_attributes(attribute);
        wait(moved.send()).expect("another channel");
        self.sign_in();
    }

    /// Signs in again, for new tokens.
    pub fn sign_in(&self) -> Tokens {
        let tokens = officers::authenticate(&self.username, PASSWORD);
        officers::remember(&self.username, tokens.clone());
        tokens
    }
}

/// The claims of a token, unchecked.
pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).expect("base64url")).expect("claims")
}

/// Tokens of an officer, got through another app client of the same pool, which is gone afterwards.
pub fn sign_in_through_another_client(username: &str) -> Tokens {
    let (cognito, pool) = (cognito_of_operator(), &stack().user_pool);
    let made = cognito
        .create_user_pool_client()
        .user_pool_id(pool)
        .client_name("uji")
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth)
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
    let made = wait(made.send()).expect("a client").user_pool_client.expect("a client");
    let client = made.client_id().expect("an id");
    let officer = stack().officers.iter().find(|officer| officer.username == username).expect("an officer");
    let tokens = authenticate_through(client, username, &officer.password);
    wait(cognito.delete_user_pool_client().user_pool_id(pool).client_id(client).send()).expect("no client");
    tokens
}

/// A unit that one test made, on whose desk lies nothing of anybody else.
pub struct OwnUnit {
    /// The unit's code.
    pub code: String,
}

impl OwnUnit {
    /// Makes a unit below `parent`, with its topics.
    pub fn new(parent: Option<&Self>) -> Self {
        let key = fresh_key();
        let code = format!("uji-{}", key.split_at(key.len() - 24).1);
        let path = [Some(code.as_str()), parent.map(|parent| parent.code.as_str())];
        let path = path.into_iter().flatten().map(|code| AttributeValue::S(code.to_owned())).collect();
        let put = aws_sdk_dynamodb::Client::new(&config())
            .put_item()
            .table_name(stack().output("RegistryTable"))
            .item("pk", AttributeValue::S(format!("unit#{code}")))
            .item("code", AttributeValue::S(code.clone()))
            .item("name", AttributeValue::S("Unit Uji".to_owned()))
            .item("state", AttributeValue::S("active".to_owned()))
            .item("path", AttributeValue::L(path));
        wait(put.send()).expect("a unit");
        for topic in [format!("unit-{code}"), format!("unit-{code}-digest")] {
            let made = aws_sdk_sns::Client::new(&config()).create_topic();
            wait(made.name(format!("{}-{topic}", stack().name)).send()).expect("a topic");
        }
        Self { code }
    }

    /// Closes it, as `tuntas city apply` does before its reports follow.
    pub fn close(&self) {
        let close = aws_sdk_dynamodb::Client::new(&config())
            .update_item()
            .table_name(stack().output("RegistryTable"))
            .key("pk", AttributeValue::S(format!("unit#{}", self.code)))
            .update_expression("SET #state = :closed")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closed", AttributeValue::S("closed".to_owned()));
        wait(close.send()).expect("the unit is closed");
    }

    /// Makes an account for an officer of the unit.
    pub fn officer(&self) -> Account {
        Account::new(&["petugas-opd"], Some(&self.code))
    }
}
