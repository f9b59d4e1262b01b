//! The map of a test's own city, and a `submit` that goes by it: other tests go by the map of the stack.

use crate::{
    city::{Kota, Square},
    slots::let_slot_come,
    units::snapshot,
};
use serde_json::{Value, json};
use tests::{
    accounts::OwnUnit,
    http::{eventually, fresh_key},
    life::{self, Report},
    operator::{config, run_release, wait},
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

    /// Starts one whose reports wait for a slot half a day away, as those of sensitive categories do.
    fn submit_that_waits(&self) -> Submit {
        let mut setup = self.setup();
        let far = setup.settings["SLOTS_PEKA"].clone();
        setup.settings.insert("SLOTS_BIASA".to_owned(), far);
        Submit(setup.start())
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
    /// Sends a report by the channel with this key; fails unless it is stored. What the channel is told.
    #[track_caller]
    pub(crate) fn send(&self, key: &str, body: &Value) -> Value {
        let event = Event::new("POST /v1/reports", &[])
            .header("authorization", &format!("Bearer {key}"))
            .header("idempotency-key", &fresh_key())
            .json(body);
        let reply = self.0.invoke(event.value()).value;
        assert_eq!(reply["statusCode"], 201, "{reply}");
        serde_json::from_str(reply["body"].as_str().expect("a body")).expect("JSON")
    }
}

/// A unit below another, to which a map of its own sends reports. They wait for their slot until it is said to come.
pub(crate) struct RoutedUnit {
    pub(crate) above: OwnUnit,
    pub(crate) unit: OwnUnit,
    submit: Submit,
    _map: OwnMap,
    _kota: Kota,
}

impl RoutedUnit {
    pub(crate) fn new() -> Self {
        let above = OwnUnit::new(None);
        let unit = OwnUnit::new(Some(&above));
        let kota = Kota::new();
        let rows = format!("{0},Dinas,,,active\n{1},Suku Dinas,{0},,active\n", above.code, unit.code);
        kota.write("units.csv", &format!("code,name,parent,email,state\n{rows}"));
        let square = Square { code: "wilayah".to_owned(), west: 106.80, south: -6.2, unit: &unit.code };
        kota.write_squares(0.01, &[square]);
        kota.apply();
        let map = OwnMap::of(&kota);
        Self { above, unit, submit: map.submit_that_waits(), _map: map, _kota: kota }
    }

    /// A body that this `submit` sends to the unit.
    pub(crate) fn body() -> Value {
        let mut body = life::body();
        body["location"] = json!({"lat": -6.195, "lon": 106.805, "accuracy_m": 5});
        body
    }

    /// Sends a report, and returns it with what the channel is told.
    #[track_caller]
    pub(crate) fn send(&self, channel: &str, body: &Value) -> (Report, Value) {
        let told = self.submit.send(stack().channel_key(channel), body);
        assert_eq!(told["status"], "koordinasi");
        (Report::told(&told), told)
    }
}

/// The slot of these reports comes, and they are released.
pub(crate) fn release(reports: &[Report]) {
    let_slot_come(reports);
    run_release();
    for report in reports {
        eventually("the report is released", || snapshot(report).visible.release.is_none().then_some(()));
    }
}
