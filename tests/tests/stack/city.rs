//! The city's folder: what everybody is told of it, and what checks, plans and changes do to a stack.
//!
//! Changes are tried on a registry and topics of the test's own: other tests go by the city of the stack.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use city_folder::{City, files_of};
use domain::area::AreaCode;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use store::{city_map::CityMap, public_city};
use tests::{
    http::{Answer, Call, fresh_key},
    operator::{config, dynamodb, wait},
    proxy::{Answered, Outcome, operation, pass_on, stand_between},
    replay::tuntas,
    runtime::Message,
    stack::stack,
};

/// The folder of the demonstration.
pub(crate) fn demonstration() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/city")
}

#[test]
fn everybody_is_told_what_there_is_to_choose_from_and_nothing_else() {
    let answer = Call::api("GET", "/v1/city").send().expect(200);
    assert_eq!(answer.headers["cache-control"], "public, max-age=60");
    let (city, _) = City::read(&files_of(&demonstration()).unwrap()).unwrap();
    let told = answer.json();
    assert_eq!(told, serde_json::to_value(city.public()).unwrap());
    let names: BTreeSet<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["categories", "languages", "name", "reasons", "units", "zone"].into());
    let said = String::from_utf8(answer.bytes).unwrap();
    for hidden in ["sms-whatsapp", "@contoh.go.id", "slots", "quota", "finish_days", "keeps"] {
        assert!(!said.contains(hidden), "{hidden}");
    }
    Call::api("GET", "/v1/city?area=1").send().expect(400);
}

fn areas_of(code: &str) -> Answer {
    Call::api("GET", &format!("/v1/city?areas_of={code}")).send()
}

#[test]
fn walking_down_from_the_top_finds_each_area_of_the_map_once_with_its_name_and_parent() {
    let (city, _) = City::read(&files_of(&demonstration()).unwrap()).unwrap();
    let mut expected: Vec<_> = city
        .areas
        .iter()
        .map(|area| json!({"code": area.code, "name": area.name, "parent": area.parent}))
        .collect();
    let (mut found, mut to_ask) = (Vec::new(), vec![String::new()]);
    while let Some(above) = to_ask.pop() {
        let answer = areas_of(&above).expect(200).json();
        let areas = answer["areas"].as_array().unwrap();
        for area in areas {
            assert_eq!(area["parent"].as_str().unwrap_or_default(), above);
        }
        to_ask.extend(areas.iter().map(|area| area["code"].as_str().unwrap().to_owned()));
        found.extend(areas.iter().cloned());
        // There cannot be more questions than areas, and the one for the top.
        assert!(found.len() <= expected.len(), "{found:?}");
    }
    let by_code = |area: &Value| area["code"].as_str().unwrap().to_owned();
    found.sort_by_key(by_code);
    expected.sort_by_key(by_code);
    assert_eq!(found, expected);
}

#[test]
fn below_an_area_without_others_and_below_one_that_is_not_there_lies_nothing() {
    let answer = areas_of("31.71").expect(200);
    let names: Vec<_> = answer.headers.keys().collect();
    let whole = Call::api("GET", "/v1/city").send().expect(200);
    assert_eq!(names, whole.headers.keys().collect::<Vec<_>>());
    for header in ["cache-control", "content-type", "x-content-type-options"] {
        assert_eq!(answer.headers[header], whole.headers[header], "{header}");
    }
    for code in ["31.71.01.1002", "99", &"a".repeat(40)] {
        let answer = areas_of(code).expect(200);
        assert_eq!(answer.bytes, br#"{"areas":[]}"#, "{code}");
        assert_eq!(answer.headers["cache-control"], "public, max-age=60");
    }
}

#[test]
fn what_cannot_be_the_code_of_an_area_is_an_error_of_the_parameter() {
    for text in ["Kota", "31%2F71", "31%2071", "%20", "below%23", "%C3%A9", &"a".repeat(41)] {
        let refused = areas_of(text).expect(422);
        assert_eq!(refused.errors(), ["areas_of invalid_format"], "{text}");
        assert_eq!(refused.headers["cache-control"], "no-store", "{text}");
    }
    for query in
        ["areas_of=31.71&areas_of=31.72", "areas_of=31.71&limit=1", "areas=31.71&areas_of=", "Areas_of="]
    {
        Call::api("GET", &format!("/v1/city?{query}")).send().expect(400);
    }
}

#[test]
fn areas_are_named_by_their_codes_and_those_that_are_not_there_are_left_out() {
    let named = |codes: &str| Call::api("GET", &format!("/v1/city?areas={codes}")).send();
    let gondangdia = json!({"code": "31.71.06.1004", "name": "Kelurahan Gondangdia", "parent": "31.71.06"});
    let pusat = json!({"code": "31.71", "name": "Kota Administrasi Jakarta Pusat", "parent": null});
    let answer = named("31.71.06.1004,99,31.71,31.71").expect(200);
    assert_eq!(answer.json(), json!({"areas": [pusat, gondangdia]}));
    assert_eq!(answer.headers["cache-control"], "public, max-age=60");
    let codes = |count: usize| (0..count).map(|code| code.to_string()).collect::<Vec<_>>().join(",");
    named(&codes(100)).expect(200);
    for (text, wrong) in [
        ("", "invalid_format"),
        ("31.71,", "invalid_format"),
        ("Kota", "invalid_format"),
        (&codes(101), "too_many"),
    ] {
        assert_eq!(named(text).expect(422).errors(), [format!("areas {wrong}")], "{text}");
    }
}

#[test]
fn outlines_around_a_place_are_the_folders_own_with_the_names_of_their_areas() {
    let at = |place: &str| Call::api("GET", &format!("/v1/city?outlines_at={place}")).send();
    let answer = at("-6.19,106.83").expect(200);
    assert_eq!(answer.headers["cache-control"], "public, max-age=60");
    let outlines = answer.json();
    assert_eq!(outlines["type"], "FeatureCollection");
    let (city, _) = City::read(&files_of(&demonstration()).unwrap()).unwrap();
    let names: BTreeMap<_, _> = city.areas.iter().map(|area| (area.code.as_str(), area)).collect();
    let features = outlines["features"].as_array().unwrap();
    let gondangdia = features.iter().find(|feature| feature["properties"]["code"] == "31.71.06.1004");
    assert_eq!(gondangdia.unwrap()["properties"]["name"], "Kelurahan Gondangdia");
    for feature in features {
        let area = names[feature["properties"]["code"].as_str().unwrap()];
        assert_eq!(feature["properties"]["name"], json!(area.name));
        let degrees = |spot: &domain::outline::Spot| [spot.lon, spot.lat].map(|part| f64::from(part) / 1e6);
        let corners: Vec<_> = area.outline.iter().flatten().map(degrees).collect();
        for corner in feature["geometry"]["coordinates"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|line| line.as_array().unwrap())
        {
            let corner: [f64; 2] = serde_json::from_value(corner.clone()).unwrap();
            assert!(corners.contains(&corner), "{corner:?} is no corner of {}", area.name);
        }
    }
    // The sea has none.
    assert_eq!(at("0,0").expect(200).json(), json!({"type": "FeatureCollection", "features": []}));
    for exact in ["-6.1901,106.83", "-6.19,106.827", "-6.19", ""] {
        let refused = at(exact).expect(422);
        assert_eq!(refused.errors(), ["outlines_at invalid_format"], "{exact}");
        assert_eq!(refused.headers["cache-control"], "no-store", "{exact}");
    }
}

/// An area of a map, and the unit that all its reports go to.
pub(crate) struct Square<'a> {
    pub(crate) code: String,
    pub(crate) west: f64,
    pub(crate) south: f64,
    pub(crate) unit: &'a str,
}

/// A registry and topics of this test's own, and a folder with a city.
pub(crate) struct Kota {
    name: String,
    pub(crate) table: String,
    pub(crate) folder: PathBuf,
}

impl Kota {
    pub(crate) fn new() -> Self {
        let name = format!("kota-{}", &fresh_key()[..10].replace('_', "-"));
        let table = format!("{name}-registry");
        let make = |table: &str| {
            let key =
                KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap();
            let attribute = AttributeDefinition::builder()
                .attribute_name("pk")
                .attribute_type(ScalarAttributeType::S)
                .build()
                .unwrap();
            let made = dynamodb()
                .create_table()
                .table_name(table)
                .key_schema(key)
                .attribute_definitions(attribute)
                .billing_mode(BillingMode::PayPerRequest)
                .send();
            wait(made).expect("a table");
        };
        make(&table);
        make(&format!("{name}-city"));
        make(&format!("{name}-map"));
        let folder = std::env::temp_dir().join(&name);
        fs::create_dir(&folder).unwrap();
        let kota = Self { name, table, folder };
        for name in ["city.toml", "reasons.csv", "holidays.csv"] {
            fs::copy(demonstration().join(name), kota.folder.join(name)).unwrap();
        }
        kota.write(
            "units.csv",
            "code,name,parent,email,state\ndinas,Dinas,,dinas@contoh.go.id,active\n\
             sudin,Suku Dinas,dinas,sudin@contoh.go.id,active\nlama,Dinas Lama,,,closed\n",
        );
        kota.write(
            "categories.csv",
            "code,name_id,name_en,group,slots,coordinate_hours,finish_days,validate_days,verify_days,counts,keeps\n\
             jalan,Jalan,Road,,biasa,,4,,,working,\nparkir,Parkir liar,Parking,jalan,segera,4,1,1,1,calendar,plate\n",
        );
        kota.write(
            "channels.csv",
            "code,name_id,name_en,kind,quota_per_hour,state\njaki,JAKI,JAKI,app,2000,active\nsurel,Surel,Mail,mail,9,active\n",
        );
        kota
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.join(file), text).unwrap();
    }

    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.folder.join(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        self.write(file, &text.replacen(from, to, 1));
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn folder(&self) -> String {
        self.folder.to_string_lossy().into_owned()
    }

    /// The outputs of a stack with this registry and these topics.
    pub(crate) fn outputs(&self) -> BTreeMap<String, String> {
        let own = [
            ("RegistryTable", self.table.clone()),
            ("CityTable", format!("{}-city", self.name)),
            ("MapTable", self.map_table()),
            ("TopicPrefix", self.prefix()),
        ];
        let mut outputs = stack().outputs.clone();
        outputs.extend(own.map(|(name, value)| (name.to_owned(), value)));
        outputs
    }

    pub(crate) fn map_table(&self) -> String {
        format!("{}-map", self.name)
    }

    /// Gives the folder a map of one area, a square, whose reports go to the sudin.
    pub(crate) fn write_map(&self, code: &str) {
        let west = if code == "barat" { 106.80 } else { 106.82 };
        self.write_squares(0.01, &[Square { code: code.to_owned(), west, south: -6.2, unit: "sudin" }]);
    }

    /// Gives the folder a map of squares whose sides have so many degrees.
    pub(crate) fn write_squares(&self, side: f64, squares: &[Square<'_>]) {
        let features: Vec<_> = squares
            .iter()
            .map(|Square { code, west, south, .. }| {
                let corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)];
                let ring: Vec<_> = corners.iter().map(|(east, north)| [west + east, south + north]).collect();
                json!({
                    "type": "Feature",
                    "properties": {"code": code, "name": "Kelurahan"},
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                })
            })
            .collect();
        let map = json!({"type": "FeatureCollection", "features": features});
        self.write("areas.geojson", &map.to_string());
        let rules = squares.iter().map(|square| format!("*,{},{}\n", square.code, square.unit));
        self.write("routing.csv", &format!("category,area,unit\n{}", rules.collect::<String>()));
    }

    fn prefix(&self) -> String {
        stack().output("TopicPrefix").replace(&format!("{}-", stack().name), &format!("{}-", self.name))
    }

    /// A `stack.json` with this registry and these topics, where AWS answers at `endpoint`.
    fn stack_file(&self, endpoint: &str) -> PathBuf {
        let mut document = serde_json::to_value(&**stack()).unwrap();
        document["name"] = json!(self.name);
        document["endpoint"] = json!(endpoint);
        document["outputs"] = json!(self.outputs());
        let path = self.folder.join(format!("stack-{}.json", &fresh_key()[..8]));
        fs::write(&path, document.to_string()).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str], endpoint: &str) -> Command {
        let mut command = Command::new(tuntas());
        command.arg("city").args(arguments).arg("--file").arg(self.stack_file(endpoint));
        command
    }

    /// Runs `tuntas city <command> <the folder>`.
    fn run(&self, command: &str, more: &[&str]) -> Output {
        let folder = self.folder.to_str().unwrap();
        let arguments = [&[command, folder], more].concat();
        self.command(&arguments, &stack().endpoint).output().expect("tuntas")
    }

    pub(crate) fn apply(&self) {
        let ran = self.run("apply", &["--yes"]);
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }

    pub(crate) fn changes(&self) -> Vec<Value> {
        let ran = self.run("plan", &["--json"]);
        let plan: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
        plan["changes"].as_array().unwrap().clone()
    }

    /// Closes a unit in the folder, and in the stack as an apply did that was cut off an hour ago: its reports have yet to follow.
    pub(crate) fn close_and_cut_off(&self, code: &str, row: &str) {
        self.replace("units.csv", &format!("{code},{row},active"), &format!("{code},{row},closed"));
        let update = dynamodb()
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(format!("unit#{code}")))
            .update_expression("SET #state = :closed, reports_follow_since = :then")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closed", AttributeValue::S("closed".to_owned()))
            .expression_attribute_values(":then", AttributeValue::S("2026-01-05T00:00:00Z".to_owned()));
        wait(update.send()).expect("the unit is closed");
    }

    /// Everything that a command could change, as two readings in a row give it: lists of SNS shift between their pages while
    /// other tests make and delete topics.
    pub(crate) fn state(&self) -> State {
        let mut last = self.reading();
        loop {
            let next = self.reading();
            if next == last {
                return next;
            }
            last = next;
        }
    }

    fn reading(&self) -> State {
        let scan = |table: &str| {
            let items = wait(dynamodb().scan().table_name(table).consistent_read(true).send());
            items.expect("a scan").items.unwrap_or_default()
        };
        let mut map = scan(&self.map_table());
        // When it was: no two runs have the same.
        for item in &mut map {
            for moment in ["since", "expires_at"] {
                item.entry(moment.to_owned()).and_modify(|at| *at = AttributeValue::Bool(true));
            }
        }
        let items = [scan(&self.table), scan(&format!("{}-city", self.name)), map].concat();
        let items = items.into_iter().map(|item| (item["pk"].as_s().unwrap().clone(), item)).collect();
        let sns = aws_sdk_sns::Client::new(&config());
        let prefix = self.prefix();
        let name = |arn: Option<&str>| arn.and_then(|arn| arn.strip_prefix(&prefix)).map(str::to_owned);
        let topics = wait(sns.list_topics().into_paginator().items().send().collect::<Result<Vec<_>, _>>());
        let topics = topics.unwrap().iter().filter_map(|topic| name(topic.topic_arn())).collect();
        let emails =
            wait(sns.list_subscriptions().into_paginator().items().send().collect::<Result<Vec<_>, _>>());
        let email = |one: &aws_sdk_sns::types::Subscription| {
            Some((name(one.topic_arn())?, one.endpoint()?.to_owned()))
        };
        // With doubles, which would be mail sent twice.
        let mut emails: Vec<_> = emails.unwrap().iter().filter_map(email).collect();
        emails.sort();
        State { items, topics, emails }
    }
}

impl Drop for Kota {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[derive(PartialEq, Debug)]
pub(crate) struct State {
    pub(crate) items: BTreeMap<String, HashMap<String, AttributeValue>>,
    topics: BTreeSet<String>,
    emails: Vec<(String, String)>,
}

#[test]
fn a_stack_becomes_what_the_folder_says_and_twice_is_once() {
    let kota = Kota::new();
    kota.apply();
    let state = kota.state();
    assert_eq!(
        state.topics,
        [
            "unit-dinas",
            "unit-dinas-digest",
            "unit-sudin",
            "unit-sudin-digest",
            "channel-jaki",
            "channel-surel"
        ]
        .map(String::from)
        .into()
    );
    let mails = [("unit-dinas", "dinas@contoh.go.id"), ("unit-sudin", "sudin@contoh.go.id")];
    assert_eq!(state.emails, mails.map(|(topic, mail)| (topic.to_owned(), mail.to_owned())));
    let path = state.items["unit#sudin"]["path"].as_l().unwrap();
    assert_eq!(path.iter().map(|code| code.as_s().unwrap().as_str()).collect::<Vec<_>>(), ["sudin", "dinas"]);
    assert_eq!(kota.changes(), Vec::<Value>::new());
    kota.apply();
    assert_eq!(kota.state(), state);
}

/// Gives the city's units the column `mail`, with this of the sudin.
fn with_mail(kota: &Kota, of_sudin: &str) {
    kota.write(
        "units.csv",
        &format!(
            "code,name,parent,email,state,mail\ndinas,Dinas,,dinas@contoh.go.id,active,each\n\
             sudin,Suku Dinas,dinas,sudin@contoh.go.id,active,{of_sudin}\nlama,Dinas Lama,,,closed,\n"
        ),
    );
}

fn mails(of_sudin: &[&str]) -> Vec<(String, String)> {
    let dinas = ("unit-dinas".to_owned(), "dinas@contoh.go.id".to_owned());
    let sudin = of_sudin.iter().map(|topic| ((*topic).to_owned(), "sudin@contoh.go.id".to_owned()));
    [dinas].into_iter().chain(sudin).collect()
}

#[test]
fn a_unit_gets_its_mail_from_the_topic_that_the_folder_says_and_plan_says_what_moves() {
    let kota = Kota::new();
    with_mail(&kota, "slot");
    kota.apply();
    assert_eq!(kota.state().emails, mails(&["unit-sudin-digest"]));
    let plan = || String::from_utf8(kota.run("plan", &[]).stdout).unwrap();
    with_mail(&kota, "each");
    assert_eq!(
        plan().lines().collect::<Vec<_>>(),
        [
            "~ unit sudin",
            "    mail: \"slot\" -> null",
            "+ e-mail of topic unit-sudin to sudin@contoh.go.id",
            "- e-mail of topic unit-sudin-digest to sudin@contoh.go.id, once it has said yes to unit-sudin",
            "3 changes",
        ]
    );
    kota.apply();
    let of_each = kota.state();
    assert_eq!(of_each.emails, mails(&["unit-sudin"]));
    assert!(!of_each.items["unit#sudin"].contains_key("mail"));
    assert_eq!(kota.changes(), Vec::<Value>::new());
    with_mail(&kota, "slot");
    kota.apply();
    assert_eq!(kota.state().emails, mails(&["unit-sudin-digest"]));
    assert_eq!(kota.changes(), Vec::<Value>::new());
    // Closed, it gets none of either.
    kota.replace("units.csv", "sudin@contoh.go.id,active", "sudin@contoh.go.id,closed");
    kota.apply();
    assert_eq!(kota.state().emails, mails(&[]));
}

/// SNS asks an address first whether it wants a topic's mail; the local engine does not.
#[test]
fn until_an_address_has_said_yes_to_the_other_mail_it_gets_the_one_that_it_had() {
    let kota = Kota::new();
    kota.apply();
    with_mail(&kota, "slot");
    let calls = Arc::<Mutex<Vec<&'static str>>>::default();
    let seen = Arc::clone(&calls);
    let endpoint = stand_between("asked", move |request| {
        let answered = pass_on(request);
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let action = ["Action=Subscribe&", "Action=Unsubscribe&"].into_iter().find(|one| body.contains(one));
        seen.lock().unwrap().extend(action);
        if action != Some("Action=Subscribe&") {
            return Outcome::Answer(answered);
        }
        let result =
            "<SubscribeResult><SubscriptionArn>pending confirmation</SubscriptionArn></SubscribeResult>";
        let body = format!("<SubscribeResponse>{result}</SubscribeResponse>").into_bytes();
        Outcome::Answer(Answered { body, ..answered })
    });
    let arguments = ["apply", kota.folder.to_str().unwrap(), "--yes"];
    let ran = kota.command(&arguments, &endpoint).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(*calls.lock().unwrap(), ["Action=Subscribe&"]);
    assert_eq!(kota.state().emails, mails(&["unit-sudin", "unit-sudin-digest"]));
    // By now it has said yes.
    kota.apply();
    assert_eq!(kota.state().emails, mails(&["unit-sudin-digest"]));
}

#[test]
fn a_change_of_mail_that_is_killed_after_any_call_and_run_again_ends_like_one_that_was_not() {
    let cut_off = cut_off_after_each_call(|kota| {
        kota.apply();
        with_mail(kota, "slot");
    });
    assert!(cut_off >= 6, "{cut_off}");
}

#[test]
fn an_exported_city_is_found_unchanged() {
    let kota = Kota::new();
    kota.apply();
    kota.write_map("barat");
    kota.apply();
    let out = kota.folder.join("export");
    let export = |more: &[&str]| {
        let arguments = [&["export", out.to_str().unwrap()], more].concat();
        kota.command(&arguments, &stack().endpoint).output().unwrap()
    };
    let exported = export(&["--json"]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let said: Value = serde_json::from_slice(&exported.stdout).expect("JSON");
    assert_eq!(said, json!({"folder": out, "files": WITH_MAP}));
    for file in WITH_MAP {
        fs::copy(out.join(file), kota.folder.join(file)).unwrap();
    }
    assert_eq!(kota.changes(), Vec::<Value>::new());

    // Over a city, after a question; what else is there stays.
    fs::write(out.join("CATATAN"), "milik kota").unwrap();
    fs::write(out.join("units.csv"), "rusak").unwrap();
    assert_eq!(export(&[]).status.code(), Some(3));
    assert_eq!(fs::read(out.join("units.csv")).unwrap(), b"rusak");
    assert!(export(&["--yes"]).status.success());
    assert_eq!(fs::read(out.join("units.csv")).unwrap(), fs::read(kota.folder.join("units.csv")).unwrap());
    assert_eq!(names(&out), [&["CATATAN"], &WITH_MAP[..]].concat());
    let beside = names(&kota.folder).into_iter().filter(|name| name.starts_with('.'));
    assert_eq!(beside.count(), 0, "no draft is left");
}

#[test]
fn an_area_that_the_folder_renames_is_renamed_for_everybody_within_a_minute() {
    let kota = Kota::new();
    let feature = |code: &str, name: &str, parent: Option<&str>| json!({"type": "Feature", "properties": {"code": code, "name": name, "parent": parent}, "geometry": null});
    let areas = |west: &str| {
        let areas = [
            feature("pulau", "Kepulauan", None),
            feature("barat", west, Some("pulau")),
            feature("timur", "Timur", Some("pulau")),
        ];
        kota.write("areas.geojson", &json!({"type": "FeatureCollection", "features": areas}).to_string());
        kota.apply();
        assert_eq!(kota.changes(), Vec::<Value>::new());
    };
    let map = CityMap::new(dynamodb().clone(), kota.map_table());
    let names = |at: &str| {
        let pulau = AreaCode::parse("pulau").unwrap();
        let body = wait(map.areas_directly_below(Some(&pulau), at.parse().unwrap())).unwrap()?;
        let body: Value = serde_json::from_str(&body).unwrap();
        let names = body["areas"].as_array().unwrap().iter().map(|area| area["name"].as_str().unwrap());
        Some(names.map(ToOwned::to_owned).collect::<Vec<_>>())
    };
    let both = |west: &str| Some(vec![west.to_owned(), "Timur".to_owned()]);
    areas("Barat");
    assert_eq!(names("2026-11-23T03:00:00Z"), both("Barat"));
    areas("Barat Laut");
    assert_eq!(names("2026-11-23T03:00:59Z"), both("Barat"));
    assert_eq!(names("2026-11-23T03:01:00Z"), both("Barat Laut"));
    // The lists of the map before are there for whoever still believes in it, and go like its cells.
    let state = kota.state();
    let lists: Vec<_> = state.items.iter().filter(|(key, _)| key.contains("#below#")).collect();
    assert_eq!(lists.len(), 4, "{:?}", state.items.keys());
    assert_eq!(lists.iter().filter(|(_, item)| item.contains_key("expires_at")).count(), 2);

    // A list that was lost is written again.
    let (lost, _) = lists.iter().find(|(_, item)| !item.contains_key("expires_at")).unwrap();
    let delete = dynamodb().delete_item().table_name(kota.map_table());
    wait(delete.key("pk", AttributeValue::S((*lost).clone())).send()).unwrap();
    assert_eq!(kota.changes().len(), 1);
    kota.apply();
    assert_eq!(kota.state(), state);

    fs::remove_file(kota.folder.join("areas.geojson")).unwrap();
    kota.apply();
    assert_eq!(names("2026-11-23T03:02:00Z"), None);
}

/// Every file of the folder of a city that has a map.
const WITH_MAP: [&str; 8] = [
    "areas.geojson",
    "categories.csv",
    "channels.csv",
    "city.toml",
    "holidays.csv",
    "reasons.csv",
    "routing.csv",
    "units.csv",
];

/// Every file of a city's folder without a map.
const FILES: [&str; 6] =
    ["categories.csv", "channels.csv", "city.toml", "holidays.csv", "reasons.csv", "units.csv"];

/// What lies in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// The system ends the tool in the midst of the first file that is longer than it allows: one of the last.
#[test]
fn an_export_that_is_killed_leaves_no_half_folder() {
    let kota = Kota::new();
    kota.apply();
    let out = kota.folder.join("export");
    let export = kota.command(&["export", out.to_str().unwrap()], &stack().endpoint);
    let mut limited = Command::new("bash");
    limited
        .args(["-c", "ulimit -c 0 -f 1; exec \"$@\"", "bash"])
        .arg(export.get_program())
        .args(export.get_args());
    let killed = limited.output().unwrap();
    assert_eq!(killed.status.code(), None, "{}", String::from_utf8_lossy(&killed.stderr));
    assert!(!out.exists(), "{:?}", names(&out));
    assert!(
        kota.command(&["export", out.to_str().unwrap()], &stack().endpoint)
            .output()
            .unwrap()
            .status
            .success()
    );
    assert_eq!(names(&out), FILES);
}

#[test]
fn a_plan_names_each_change_and_apply_makes_just_these() {
    let kota = Kota::new();
    kota.apply();
    // A key that an operator gave is not the folder's to take.
    let key = AttributeValue::L(vec![AttributeValue::S("digest".to_owned())]);
    let set = dynamodb()
        .update_item()
        .table_name(&kota.table)
        .key("pk", AttributeValue::S("channel#jaki".to_owned()))
        .update_expression("SET key_hashes = :key")
        .expression_attribute_values(":key", key.clone());
    wait(set.send()).unwrap();
    kota.replace("units.csv", "sudin@contoh.go.id", "baru@contoh.go.id");
    kota.replace("units.csv", "dinas,Dinas,", "dinas,Dinas Jalan,");
    kota.replace("categories.csv", "parkir,Parkir liar,Parking,jalan,segera,4,1,1,1,calendar,plate\n", "");
    kota.replace("channels.csv", "JAKI,app,2000,active", "JAKI,app,3000,suspended");
    let before = kota.state();
    let said = String::from_utf8(kota.run("plan", &[]).stdout).unwrap();
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            "- e-mail of topic unit-sudin to sudin@contoh.go.id",
            "~ unit dinas",
            "    name: \"Dinas\" -> \"Dinas Jalan\"",
            "~ unit sudin",
            "    email: \"sudin@contoh.go.id\" -> \"baru@contoh.go.id\"",
            "x category parkir: the folder leaves it out; existing reports keep it, new ones cannot name it",
            "~ channel jaki",
            "    quota_per_hour: 2000 -> 3000",
            "    state: \"active\" -> \"suspended\"",
            "+ e-mail of topic unit-sudin to baru@contoh.go.id",
            "~ what GET /v1/city gives",
            "7 changes",
        ]
    );
    assert_eq!(kota.state(), before, "a plan changes nothing");
    // Nobody is there to be asked.
    let refused = kota.run("apply", &[]);
    assert_eq!(refused.status.code(), Some(3), "{}", String::from_utf8_lossy(&refused.stderr));
    assert_eq!(kota.state(), before, "what nobody confirmed changes nothing");
    kota.apply();
    let after = kota.state();
    let changed: Vec<_> = after.items.keys().filter(|key| after.items[*key] != before.items[*key]).collect();
    assert_eq!(changed, ["category#parkir", "channel#jaki", "city", "unit#dinas", "unit#sudin"]);
    assert_eq!(after.items["channel#jaki"]["key_hashes"], key);
    assert_eq!(after.items["category#parkir"]["closed"], AttributeValue::Bool(true));
    assert!(!after.items["city"]["body"].as_s().unwrap().contains("parkir"));
    assert_eq!(kota.changes(), Vec::<Value>::new());
}

#[test]
fn changing_a_channel_to_test_and_back_is_planned_and_applied_like_any_other_change() {
    let kota = Kota::new();
    kota.apply();
    let change_state = |from: &str, to: &str| {
        kota.replace("channels.csv", &format!("mail,9,{from}"), &format!("mail,9,{to}"));
        let said = String::from_utf8(kota.run("plan", &[]).stdout).unwrap();
        assert_eq!(said, format!("~ channel surel\n    state: \"{from}\" -> \"{to}\"\n1 changes\n"));
        kota.apply();
        assert_eq!(kota.state().items["channel#surel"]["state"], AttributeValue::S(to.to_owned()));
        assert_eq!(kota.changes(), Vec::<Value>::new());
    };
    change_state("active", "test");
    let out = kota.folder.join("export");
    let exported = kota.command(&["export", out.to_str().unwrap()], &stack().endpoint).output().unwrap();
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let channels = fs::read_to_string(out.join("channels.csv")).unwrap();
    assert!(channels.contains("surel,Surel,Mail,mail,9,test\n"), "{channels}");
    change_state("test", "active");
}

/// `channel suspend` remembers that the channel was one for tests; the folder, later, says otherwise.
#[test]
fn what_a_channel_was_before_it_was_suspended_is_forgotten_once_the_folder_changes_its_state() {
    let kota = Kota::new();
    kota.apply();
    let suspend = dynamodb()
        .update_item()
        .table_name(&kota.table)
        .key("pk", AttributeValue::S("channel#surel".to_owned()))
        .update_expression("SET #state = :suspended, suspended_from = :test")
        .expression_attribute_names("#state", "state")
        .expression_attribute_values(":suspended", AttributeValue::S("suspended".to_owned()))
        .expression_attribute_values(":test", AttributeValue::S("test".to_owned()));
    wait(suspend.send()).unwrap();
    kota.replace("channels.csv", "surel,Surel", "surel,Surat elektronik");
    kota.replace("channels.csv", "mail,9,active", "mail,9,suspended");
    kota.apply();
    let remembered = || kota.state().items["channel#surel"].contains_key("suspended_from");
    assert!(remembered(), "its state is what the folder says");
    kota.replace("channels.csv", "mail,9,suspended", "mail,9,active");
    kota.apply();
    assert!(!remembered());
}

#[test]
fn a_mistake_in_any_file_changes_nothing() {
    let kota = Kota::new();
    kota.apply();
    let before = kota.state();
    // Something to do, which the mistake keeps from being done.
    kota.replace("channels.csv", "surel,Surel", "surel,Surat elektronik");
    let mistakes = [
        ("city.toml", "Asia/Jakarta", "Asia/Batavia", "city.toml:2:8: "),
        ("units.csv", "sudin,Suku Dinas,dinas", "sudin,Suku Dinas,sudin", "units.csv:3:18: "),
        ("categories.csv", "segera", "cepat", "categories.csv:3:34: "),
        ("channels.csv", ",9,", ",,", "channels.csv:3:34: "),
        ("reasons.csv", "darurat,", ",", "reasons.csv:5:8: "),
        ("holidays.csv", "2026-01-01", "2026-13-01", "holidays.csv:2:1: "),
    ];
    for (file, from, to, place) in mistakes {
        let right = fs::read_to_string(kota.folder.join(file)).unwrap();
        kota.replace(file, from, to);
        for command in ["check", "plan", "apply"] {
            let ran = kota.run(command, &["--yes"]);
            let said = String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap();
            assert_eq!(ran.status.code(), Some(3), "{command}, {file}: {said}");
            assert!(said.contains(place), "{command}, {file}: {said} lacks {place}");
        }
        kota.write(file, &right);
    }
    assert_eq!(kota.state(), before);
    assert_eq!(kota.changes().len(), 1);
}

#[test]
fn a_city_of_another_zone_or_box_than_the_stack_is_refused() {
    let kota = Kota::new();
    kota.replace("city.toml", "Asia/Jakarta", "Asia/Makassar");
    kota.replace("city.toml", "west = 106.3", "west = 106.4");
    let ran = kota.run("apply", &["--yes"]);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(3), "{said}");
    assert!(
        said.contains("CityZone=Asia/Makassar") && said.contains("CityBox=106.4,-6.4,107,-5.1"),
        "{said}"
    );
    assert!(kota.state().items.is_empty());
}

#[test]
fn a_row_that_the_folder_takes_back_is_open_again() {
    let kota = Kota::new();
    kota.apply();
    let all = fs::read_to_string(kota.folder.join("categories.csv")).unwrap();
    kota.replace("categories.csv", "parkir,Parkir liar,Parking,jalan,segera,4,1,1,1,calendar,plate\n", "");
    kota.apply();
    kota.write("categories.csv", &all);
    let said = String::from_utf8(kota.run("plan", &[]).stdout).unwrap();
    assert!(said.starts_with("~ category parkir\n    closed: true -> false\n"), "{said}");
    kota.apply();
    assert_eq!(kota.state().items["category#parkir"]["closed"], AttributeValue::Bool(false));
    assert_eq!(kota.changes(), Vec::<Value>::new());
}

#[test]
fn an_item_that_does_not_read_keeps_the_city_as_it_is() {
    let kota = Kota::new();
    kota.apply();
    let broken = dynamodb()
        .update_item()
        .table_name(&kota.table)
        .key("pk", AttributeValue::S("channel#jaki".to_owned()))
        .update_expression("REMOVE kind");
    wait(broken.send()).unwrap();
    kota.replace("channels.csv", "surel,Surel", "surel,Surat elektronik");
    let before = kota.state();
    for (command, more) in [("plan", &[][..]), ("apply", &["--yes"])] {
        let ran = kota.run(command, more);
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(3), "{said}");
        assert!(said.contains("channel#jaki does not read"), "{said}");
    }
    assert_eq!(kota.state(), before);
}

/// Somebody suspends a channel while another operator looks at a plan that raises its quota.
#[test]
fn what_somebody_changed_since_the_plan_is_not_undone() {
    let kota = Kota::new();
    kota.apply();
    kota.replace("channels.csv", "JAKI,app,2000,active", "JAKI,app,3000,active");
    kota.replace("channels.csv", "surel,Surel,Mail,mail,9,active", "surel,Surel,Mail,mail,9,suspended");
    let table = kota.table.clone();
    let suspended = Arc::new(AtomicUsize::new(0));
    let endpoint = stand_between("raced", move |request| {
        // Before its own write, and not beside it.
        let is_its = String::from_utf8_lossy(&request.body).contains("channel#jaki");
        let is_write = is_its && operation(request) == "UpdateItem";
        if is_write && suspended.fetch_add(1, Ordering::SeqCst) == 0 {
            let set = |key: &str| {
                let set = dynamodb()
                    .update_item()
                    .table_name(&table)
                    .key("pk", AttributeValue::S(key.to_owned()))
                    .update_expression("SET #state = :suspended, quota_per_hour = :quota")
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_values(":quota", AttributeValue::N("1".to_owned()))
                    .expression_attribute_values(":suspended", AttributeValue::S("suspended".to_owned()));
                wait(set.send()).unwrap();
            };
            set("channel#jaki");
        }
        Outcome::Answer(pass_on(request))
    });
    let arguments = ["apply", kota.folder.to_str().unwrap(), "--yes"];
    let ran = kota.command(&arguments, &endpoint).output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("channel#jaki") && said.contains("plan again"), "{said}");
    let jaki = &kota.state().items["channel#jaki"];
    assert_eq!(jaki["state"], AttributeValue::S("suspended".to_owned()));
    assert_eq!(jaki["quota_per_hour"], AttributeValue::N("1".to_owned()));
}

/// Another operator applies another folder between this one's plan and its writes.
#[test]
fn what_is_one_item_for_the_whole_city_is_not_written_over_either() {
    let key = |key: &str| AttributeValue::S(key.to_owned());
    let list = AttributeValue::L(Vec::new());
    for (file, from, to, item, attribute, theirs) in [
        ("reasons.csv", "darurat,", "gawat,", "city#reasons", "list", list.clone()),
        ("holidays.csv", "2026-01-01", "2026-01-02", "city#holidays", "list", list),
        ("city.toml", "name = \"", "name = \"Kota ", "city#settings", "name", key("Kota lain")),
        ("units.csv", "Suku Dinas", "Sudin", public_city::BODY, "body", key("{}")),
    ] {
        let kota = Kota::new();
        kota.apply();
        kota.replace(file, from, to);
        let all = kota.changes().len();
        let table =
            if item == public_city::BODY { format!("{}-city", kota.name) } else { kota.table.clone() };
        let (raced, their) = (Arc::new(AtomicUsize::new(0)), theirs.clone());
        let endpoint = stand_between("raced", move |request| {
            let body = String::from_utf8_lossy(&request.body);
            let is_write = ["UpdateItem", "PutItem"].contains(&operation(request));
            if is_write
                && body.contains(&format!("{{\"S\":\"{item}\"}}"))
                && raced.fetch_add(1, Ordering::SeqCst) == 0
            {
                let set = dynamodb().update_item().table_name(&table).key("pk", key(item));
                let set = set
                    .update_expression("SET #a = :their")
                    .expression_attribute_names("#a", attribute)
                    .expression_attribute_values(":their", their.clone());
                wait(set.send()).unwrap();
            }
            Outcome::Answer(pass_on(request))
        });
        let arguments = ["apply", kota.folder.to_str().unwrap(), "--yes"];
        let ran = kota.command(&arguments, &endpoint).output().unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(1), "{file}: {said}");
        assert!(said.contains("plan again"), "{file}: {said}");
        // What comes after it, such as what everybody reads, is not begun.
        let made = if item == public_city::BODY { all - 1 } else { 0 };
        assert!(said.contains(&format!("{made} of {all} changes made; run it again")), "{file}: {said}");
        assert_eq!(kota.state().items[item][attribute], theirs, "{file}");
        kota.apply();
        assert_eq!(kota.changes(), Vec::<Value>::new());
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_no_conflict() {
    let kota = Kota::new();
    kota.apply();
    kota.replace("reasons.csv", "darurat,", "gawat,");
    kota.replace("channels.csv", "JAKI,app,2000,active", "JAKI,app,3000,suspended");
    kota.replace("units.csv", "sudin@contoh.go.id", "");
    let lost = Arc::<Mutex<BTreeSet<Vec<u8>>>>::default();
    let answers = Arc::clone(&lost);
    let endpoint = stand_between("lost", move |request| {
        let answered = pass_on(request);
        let is_write = ["UpdateItem", "PutItem"].contains(&operation(request));
        if is_write && answers.lock().unwrap().insert(request.body.clone()) {
            return Outcome::Closed;
        }
        Outcome::Answer(answered)
    });
    let apply = || {
        let arguments = ["apply", kota.folder.to_str().unwrap(), "--yes"];
        let ran = kota.command(&arguments, &endpoint).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    apply();
    assert_eq!(lost.lock().unwrap().len(), 4);
    // That the reports of a closed unit have followed.
    kota.close_and_cut_off("sudin", "Suku Dinas,dinas,");
    apply();
    assert!(!kota.state().items["unit#sudin"].contains_key("reports_follow_since"));
    assert_eq!(kota.changes(), Vec::<Value>::new());
}

/// Lets the calls of a command pass up to a last one; then kills it.
pub(crate) struct Cut {
    made: Arc<AtomicUsize>,
    endpoint: String,
    pid: Arc<Mutex<Option<u32>>>,
}

impl Cut {
    fn after(most: usize) -> Self {
        Self::at(move |number, _| number == most)
    }

    /// `is_last` is told how many calls were made with this one, and the call.
    pub(crate) fn at(is_last: impl Fn(usize, &Message) -> bool + Send + Sync + 'static) -> Self {
        let made = Arc::new(AtomicUsize::new(0));
        let pid = Arc::new(Mutex::new(None::<u32>));
        let (counter, victim) = (Arc::clone(&made), Arc::clone(&pid));
        let is_over = AtomicBool::new(false);
        let endpoint = stand_between("cut", move |request| {
            let is_last = is_last(counter.fetch_add(1, Ordering::SeqCst) + 1, request);
            if is_over.fetch_or(is_last, Ordering::SeqCst) {
                return Outcome::Closed;
            }
            let answered: Answered = pass_on(request);
            if is_last {
                // The call was made, and whoever made it never hears of it.
                if let Some(pid) = *victim.lock().unwrap() {
                    let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
                }
                return Outcome::Closed;
            }
            Outcome::Answer(answered)
        });
        Self { made, endpoint, pid }
    }

    /// Applies a city's folder, and says whether that came to its end.
    pub(crate) fn apply(&self, kota: &Kota) -> bool {
        let arguments = ["apply", kota.folder.to_str().unwrap(), "--yes"];
        let mut apply = kota.command(&arguments, &self.endpoint);
        let mut child = apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("tuntas");
        *self.pid.lock().unwrap() = Some(child.id());
        child.wait().unwrap().success()
    }
}

/// Applies a folder, cut off after each of its calls in turn, and again; `prepare` brings stack and folder to where it begins.
fn cut_off_after_each_call(prepare: impl Fn(&Kota)) -> usize {
    let prepared = || {
        let kota = Kota::new();
        prepare(&kota);
        kota
    };
    let whole = prepared();
    whole.apply();
    let expected = whole.state();
    for calls in 1.. {
        let kota = prepared();
        let cut = Cut::after(calls);
        let was_whole = cut.apply(&kota) && cut.made.load(Ordering::SeqCst) < calls;
        if !was_whole {
            kota.apply();
        }
        assert_eq!(kota.state(), expected, "cut off after {calls} calls");
        if was_whole {
            return calls - 1;
        }
    }
    unreachable!("there is a last call")
}

#[test]
fn a_first_apply_that_is_killed_after_any_call_and_run_again_ends_like_one_that_was_not() {
    let cut_off = cut_off_after_each_call(|_| {});
    // A scan, two lists, six topics, eleven items and two subscriptions at least.
    assert!(cut_off >= 22, "{cut_off}");
}

#[test]
fn a_change_that_is_killed_after_any_call_and_run_again_ends_like_one_that_was_not() {
    let cut_off = cut_off_after_each_call(|kota| {
        kota.write_map("barat");
        kota.apply();
        kota.write_map("timur");
        kota.replace("units.csv", "sudin@contoh.go.id", "baru@contoh.go.id");
        kota.replace("units.csv", "dinas@contoh.go.id", "");
        kota.replace(
            "categories.csv",
            "parkir,Parkir liar,Parking,jalan,segera,4,1,1,1,calendar,plate\n",
            "",
        );
        kota.replace(
            "channels.csv",
            "surel,Surel,Mail,mail,9,active",
            "telepon,Telepon,Phone,counter,9,active",
        );
    });
    assert!(cut_off >= 12, "{cut_off}");
}
