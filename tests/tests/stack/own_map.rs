//! The map of a test's own city, and a `submit` that goes by it: other tests go by the map of the stack.

use crate::city::Kota;
use serde_json::{Value, json};
use tests::{
    http::fresh_key,
    operator::{config, wait},
    runtime::{Event, Runtime, Setup},
    stack::stack,
};

/// What lets the role of `submit` read one more map; gone when dropped.
pub(crate) struct OwnMap {
    table: String,
    iam: aws_sdk_iam::Client,
}

impl OwnMap {
    pub(crate) fn of(kota: &Kota) -> Self {
        let map = Self { table: kota.map_table(), iam: aws_sdk_iam::Client::new(&config()) };
        let resource = format!("arn:aws:dynamodb:*:*:table/{}", map.table);
        let allow = json!({"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": resource});
        let policy = json!({"Version": "2012-10-17", "Statement": [allow]}).to_string();
        let put = map.iam.put_role_policy().role_name(role()).policy_name(&map.table).policy_document(policy);
        wait(put.send()).expect("the right to read the map");
        map
    }

    /// Starts a `submit`.
    pub(crate) fn submit(&self) -> Submit {
        Submit(self.setup().start())
    }

    fn setup(&self) -> Setup {
        let mut setup = Setup::of("submit");
        setup.settings.insert("MAP_TABLE".to_owned(), self.table.clone());
        setup
    }
}

impl Drop for OwnMap {
    fn drop(&mut self) {
        let delete = self.iam.delete_role_policy().role_name(role()).policy_name(&self.table);
        let _ = wait(delete.send());
    }
}

/// The name of the role that `submit` has.
fn role() -> &'static str {
    let arn = stack().output("SubmitRoleArn");
    arn.rsplit('/').next().unwrap()
}

/// A process of the function `submit`.
pub(crate) struct Submit(Runtime);

impl Submit {
    /// Sends a report; fails unless it is stored. What the channel is told.
    #[track_caller]
    pub(crate) fn send(&self, channel: &str, body: &Value) -> Value {
        let event = Event::new("POST /v1/reports", &[])
            .header("authorization", &format!("Bearer {}", stack().channel_key(channel)))
            .header("idempotency-key", &fresh_key())
            .json(body);
        let reply = self.0.invoke(event.value()).value;
        assert_eq!(reply["statusCode"], 201, "{reply}");
        serde_json::from_str(reply["body"].as_str().expect("a body")).expect("JSON")
    }
}
