//! Channels: keys, suspension, quota.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::{
    http::{Answer, Call, eventually, fresh_key},
    life,
    operator::{self, wait},
    stack::stack,
};

/// A channel of this test's own: the functions believe the registry for a minute, so one that exists must not change.
pub(crate) struct Channel {
    pub(crate) code: String,
}

impl Channel {
    pub(crate) fn register(name: &str, state: &str, quota: u64, keys: &[&str]) -> Self {
        let code = format!("uji-{name}-{}", &fresh_key()[..8]);
        let hashes =
            keys.iter().map(|key| AttributeValue::S(store::digest::hex(bearer(&code, key).as_bytes())));
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let names = ["id", "en"].map(|language| (language.to_owned(), text(&code))).into();
        let client = aws_sdk_dynamodb::Client::new(&operator::config());
        let put = client
            .put_item()
            .table_name(stack().output("RegistryTable"))
            .item("pk", text(&format!("channel#{code}")))
            .item("code", text(&code))
            .item("names", AttributeValue::M(names))
            .item("kind", text("app"))
            .item("state", text(state))
            .item("quota_per_hour", AttributeValue::N(quota.to_string()))
            .item("key_hashes", AttributeValue::L(hashes.collect()))
            .send();
        wait(put).expect("the registry takes it");
        Self { code }
    }

    fn submit(&self, key: &str) -> Answer {
        submit_with(&self.bearer(key))
    }

    /// One of the keys that it was registered with.
    pub(crate) fn bearer(&self, key: &str) -> String {
        bearer(&self.code, key)
    }
}

/// A submission with a whole key.
pub(crate) fn submit_with(bearer: &str) -> Answer {
    Call::api("POST", "/v1/reports").bearer(bearer).key(&fresh_key()).json(&unsigned(life::body())).send()
}

/// A report of somebody who left nothing: these channels have no topic, and SMS and e-mail would show up in the engine's log.
pub(crate) fn unsigned(mut body: Value) -> Value {
    body.as_object_mut().expect("an object").remove("reporter");
    body
}

fn bearer(code: &str, key: &str) -> String {
    format!("tk_{code}_{}", key.repeat(43))
}

#[test]
fn a_channel_has_two_valid_keys_while_one_replaces_the_other() {
    let channel = Channel::register("kunci", "active", 1000, &["a", "b"]);
    channel.submit("a").expect(201);
    channel.submit("b").expect(201);
    channel.submit("c").expect(401);
}

#[test]
fn a_suspended_channel_is_refused_and_told_so() {
    let channel = Channel::register("henti", "suspended", 1000, &["a"]);
    let answer = channel.submit("a").expect(403).json();
    assert_eq!(answer["type"], json!("/problems/channel-suspended"));
    channel.submit("c").expect(401);
}

#[test]
fn a_channel_over_its_quota_is_asked_to_slow_down() {
    let channel = Channel::register("kuota", "active", 2, &["a"]);
    // Each instance of the function learns it from the first report that it stores beyond the quota.
    let refused = eventually("the quota is used up", || {
        let answer = channel.submit("a");
        (answer.status != 201).then_some(answer)
    });
    let refused = refused.expect(429);
    let seconds: u32 = refused.headers["retry-after"].parse().expect("seconds");
    assert!((1..=3600).contains(&seconds));
}
