//! What `tuntas` takes: its start, and its listings and plans of a large city.
//!
//! A few lines stand for CloudFormation's outputs (`stack.json`), DynamoDB, SNS and Cognito. They give as many entries in an answer as
//! AWS does, and answer after 20 ms, about as long as a call within a region takes: pages that wait for each other are what counts.

use crate::{
    country,
    http::{Message, form, now},
    measure::Times,
};
use anyhow::{Context, Result, ensure};
use city_folder::{City, files_of, unit::path};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::{
    fmt::Write as _,
    fs,
    io::{BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// How long AWS takes to answer.
const ANSWER: Duration = Duration::from_millis(20);
/// The most accounts that Cognito gives at once.
const ACCOUNTS: usize = 60;
/// The most topics or subscriptions that SNS gives at once.
const TOPICS: usize = 100;
const ACCOUNT: &str = "000000000000";

/// How large the city is.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Size {
    pub(crate) units: usize,
    pub(crate) officers: usize,
    pub(crate) channels: usize,
    /// The lowest areas of the country that it checks and plans.
    pub(crate) areas: usize,
}

/// What the tool took.
pub(crate) struct Tool {
    pub(crate) size: Size,
    /// `tuntas --help`.
    pub(crate) help: Times,
    /// The same with `true`, in turns: what it takes to start any program.
    pub(crate) least: Times,
    pub(crate) commands: Vec<Ran>,
    /// The areas of the country, on all levels.
    pub(crate) areas: usize,
    /// The country itself.
    pub(crate) country: City,
    /// What the plan says of writing the country's map.
    pub(crate) map: String,
}

/// One run of a command.
pub(crate) struct Ran {
    pub(crate) command: &'static str,
    pub(crate) time: Duration,
    pub(crate) calls: usize,
}

impl Tool {
    pub(crate) fn json(&self) -> Value {
        let commands = self.commands.iter().map(
            |ran| json!({"command": ran.command, "seconds": ran.time.as_secs_f64(), "calls": ran.calls}),
        );
        json!({
            "size": self.size,
            "areas": self.areas,
            "map": self.map,
            "help": self.help.json(),
            "help_ratio_to_true": self.help.beside(&self.least),
            "commands": commands.collect::<Vec<_>>(),
        })
    }
}

/// Starts the tool some times, and runs each command once.
pub(crate) fn measure(root: &Path, binary: &Path, out: &Path, starts: usize, size: Size) -> Result<Tool> {
    let (mut help, mut least) = (Times::default(), Times::default());
    for _ in 0..starts {
        help.add(timed(Command::new(binary).arg("--help"))?.0);
        least.add(timed(&mut Command::new("true"))?.0);
    }
    let folder = out.join("tool");
    let city = write_city(root, &folder.join("kota"), size)?;
    let mut commands = Vec::new();
    for (command, is_empty) in [
        ("channel list", false),
        ("officer list", false),
        ("city check", false),
        ("city plan", false),
        // Everything is to be made.
        ("city plan of an empty stack", true),
    ] {
        let calls = Arc::new(AtomicUsize::new(0));
        let aws = if is_empty { Aws::empty() } else { Aws::with(&city, size)? };
        let stack = stack(&city, aws.listen(Arc::clone(&calls))?);
        let file = folder.join("stack.json");
        fs::write(&file, stack.to_string())?;
        let mut run = Command::new(binary);
        run.args(command.split(' ').take(2)).arg("--file").arg(&file);
        if command.starts_with("city") {
            run.arg(folder.join("kota"));
        }
        let (time, said) = timed(&mut run)?;
        let expected = match command {
            "channel list" => said.lines().count() == size.channels + 1,
            "officer list" => said.ends_with(&format!("{} accounts\n", size.officers)),
            "city check" => said.ends_with("0 errors, 0 warnings\n"),
            "city plan" => said.starts_with("Nothing to change"),
            _ => said.lines().filter(|line| line.starts_with("+ unit ")).count() == size.units,
        };
        ensure!(expected, "{command} said something else: {:.200}", said);
        commands.push(Ran { command, time, calls: calls.load(Ordering::SeqCst) });
    }
    let country = folder.join("negara");
    let _ = fs::remove_dir_all(&country);
    write_city(root, &country, size)?;
    let areas = country::write(&country, size.areas)?;
    let mut map = String::new();
    for command in ["city check of a country", "city plan of a country"] {
        let calls = Arc::new(AtomicUsize::new(0));
        let file = folder.join("stack.json");
        let mut stack = stack(&city, Aws::empty().listen(Arc::clone(&calls))?);
        stack["outputs"]["CityBox"] = json!(country::BOX.map(|degrees| degrees.to_string()).join(","));
        fs::write(&file, stack.to_string())?;
        let mut run = Command::new(binary);
        run.args(command.split(' ').take(2)).arg("--file").arg(&file).arg(&country);
        let (time, said) = timed(&mut run)?;
        map = said.lines().find(|line| line.contains("cells")).unwrap_or_default().trim().to_owned();
        commands.push(Ran { command, time, calls: calls.load(Ordering::SeqCst) });
    }
    ensure!(map.contains("write units"), "the plan does not say what the map takes");
    let (country, _) = City::read(&files_of(&country)?)
        .map_err(|mistakes| anyhow::anyhow!("the country has mistakes: {mistakes:.500}"))?;
    Ok(Tool { size, help, least, commands, areas, country, map })
}

/// How long a program took, and what it said.
fn timed(program: &mut Command) -> Result<(Duration, String)> {
    let began = now();
    let ran = program.stdin(Stdio::null()).output().context("it does not start")?;
    let took = began.elapsed();
    ensure!(ran.status.success(), "it failed: {:.500}", String::from_utf8_lossy(&ran.stderr));
    Ok((took, String::from_utf8_lossy(&ran.stdout).into_owned()))
}

/// Writes the folder of a large city: that of the demonstration, with other units and channels.
fn write_city(root: &Path, folder: &Path, size: Size) -> Result<City> {
    fs::create_dir_all(folder)?;
    for name in ["city.toml", "categories.csv", "reasons.csv", "holidays.csv"] {
        fs::copy(root.join("infra/city").join(name), folder.join(name))?;
    }
    let mut units = "code,name,parent,email,state\n".to_owned();
    for number in 0..size.units {
        // A tree of ten below each.
        let parent = number.checked_sub(1).map_or_else(String::new, |before| format!("unit-{}", before / 10));
        let _ = writeln!(units, "unit-{number},Unit {number},{parent},unit-{number}@contoh.go.id,active");
    }
    fs::write(folder.join("units.csv"), units)?;
    let mut channels = "code,name_id,name_en,kind,quota_per_hour,state\n".to_owned();
    for number in 0..size.channels {
        let _ = writeln!(channels, "kanal-{number},Kanal {number},Channel {number},app,2000,active");
    }
    fs::write(folder.join("channels.csv"), channels)?;
    let read = City::read(&files_of(folder)?);
    Ok(read.map_err(|mistakes| anyhow::anyhow!("the city has mistakes: {mistakes}"))?.0)
}

/// The `stack.json` of a stack whose AWS listens there.
fn stack(city: &City, aws: SocketAddr) -> Value {
    json!({
        "name": "tuntas", "api": "http://127.0.0.1", "region": "ap-southeast-3", "endpoint": format!("http://{aws}"),
        "engine_log": "", "state": "", "user_pool": "pool", "officer_client": "client",
        "outputs": {
            "RegistryTable": "registry", "CityTable": "city", "MapTable": "map", "UserPoolId": "ap-southeast-3_pool",
            "TopicPrefix": format!("arn:aws:sns:ap-southeast-3:{ACCOUNT}:tuntas-"),
            "CityZone": city.settings.zone, "CityBox": city.settings.city_box.parameter(),
        },
    })
}

/// What the tool asks of AWS.
struct Aws {
    /// The items of the registry, as DynamoDB writes them.
    registry: Vec<Value>,
    /// The body of what everybody may know.
    public: Option<String>,
    topics: Vec<String>,
    /// Topic and address.
    emails: Vec<(String, String)>,
    users: Vec<Value>,
    /// Usernames by group.
    groups: Vec<(&'static str, Vec<Value>)>,
}

impl Aws {
    fn empty() -> Self {
        let (registry, topics, emails) = (Vec::new(), Vec::new(), Vec::new());
        Self { registry, public: None, topics, emails, users: Vec::new(), groups: Vec::new() }
    }

    fn with(city: &City, size: Size) -> Result<Self> {
        let mut registry = Vec::new();
        let mut add = |key: String, row: Value, more: &[(&str, Value)]| {
            let mut row = if let Value::Object(row) = row { row } else { Map::new() };
            row.insert("pk".to_owned(), key.into());
            row.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            registry.push(row.iter().filter(|(_, value)| !value.is_null()).map(attribute).collect());
        };
        let closed = [("closed", Value::Bool(false))];
        for unit in &city.units {
            let path = [("path", serde_json::to_value(path(unit, &city.units))?)];
            add(format!("unit#{}", unit.code), serde_json::to_value(unit)?, &path);
        }
        for category in &city.categories {
            add(format!("category#{}", category.code), serde_json::to_value(category)?, &closed);
        }
        for channel in &city.channels {
            add(format!("channel#{}", channel.code), serde_json::to_value(channel)?, &closed);
        }
        add("city#reasons".to_owned(), json!({"list": city.reasons}), &[]);
        add("city#holidays".to_owned(), json!({"list": city.holidays}), &[]);
        add("city#settings".to_owned(), serde_json::to_value(&city.settings)?, &[]);

        let topic = |name: String| format!("arn:aws:sns:ap-southeast-3:{ACCOUNT}:tuntas-{name}");
        let units = city.units.iter().flat_map(|unit| {
            [topic(format!("unit-{}", unit.code)), topic(format!("unit-{}-digest", unit.code))]
        });
        let channels = city.channels.iter().map(|channel| topic(format!("channel-{}", channel.code)));
        let email = |unit: &city_folder::unit::Unit| {
            Some((topic(format!("unit-{}", unit.code)), unit.email.clone()?))
        };
        let user = |number: usize| {
            let unit = format!("unit-{}", number % size.units.max(1));
            let attribute = |name: &str, value: String| json!({"Name": name, "Value": value});
            let of_unit = (!number.is_multiple_of(20)).then(|| attribute("custom:unit", unit));
            let attributes = [
                attribute("sub", format!("00000000-0000-4000-8000-{number:012}")),
                attribute("name", format!("Petugas {number}")),
                attribute("email", format!("petugas-{number}@contoh.go.id")),
            ];
            let attributes: Vec<Value> = attributes.into_iter().chain(of_unit).collect();
            json!({"Username": format!("petugas-{number}"), "Attributes": attributes, "Enabled": true, "UserStatus": "CONFIRMED"})
        };
        let users: Vec<Value> = (0..size.officers).map(user).collect();
        let of = |is_one: fn(usize) -> bool| {
            users
                .iter()
                .enumerate()
                .filter(|(number, _)| is_one(*number))
                .map(|(_, user)| user.clone())
                .collect()
        };
        // One in twenty is of the bureau.
        let groups = vec![
            ("petugas-opd", of(|number| !number.is_multiple_of(20))),
            ("petugas-validasi", of(|number| number.is_multiple_of(40))),
            ("admin-tiket", of(|number| number % 40 == 20)),
        ];
        Ok(Self {
            registry,
            public: Some(serde_json::to_string(&city.public())?),
            topics: units.chain(channels).collect(),
            emails: city.units.iter().filter_map(email).collect(),
            users,
            groups,
        })
    }

    /// Answers whoever calls, and counts the calls.
    fn listen(self, calls: Arc<AtomicUsize>) -> Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let aws = Arc::new(self);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (aws, calls) = (Arc::clone(&aws), Arc::clone(&calls));
                thread::spawn(move || aws.serve(&stream, &calls));
            }
        });
        Ok(address)
    }

    fn serve(&self, stream: &TcpStream, calls: &AtomicUsize) {
        let mut reader = BufReader::new(stream);
        let mut writer = stream;
        while let Some(request) = Message::read(&mut reader, || {}) {
            calls.fetch_add(1, Ordering::SeqCst);
            thread::sleep(ANSWER);
            let (kind, body) = self.answer(&request);
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
            if writer.write_all((head + &body).as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: &Message) -> (&'static str, String) {
        let target = request.header("x-amz-target").unwrap_or_default();
        if target.is_empty() {
            return ("text/xml", self.sns(&String::from_utf8_lossy(&request.body)));
        }
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let from = |name: &str| asked[name].as_str().and_then(|from| from.parse().ok()).unwrap_or(0);
        let answer = match target.rsplit('.').next().unwrap_or_default() {
            // The city has no map.
            "Scan" if asked["TableName"] == "map" => json!({"Items": [], "Count": 0, "ScannedCount": 0}),
            "GetItem" if asked["TableName"] == "map" => json!({}),
            // A megabyte is one answer, and the registry is smaller. Of a channel's listing DynamoDB would give the channels alone.
            "Scan" => {
                let only = asked["ExpressionAttributeValues"].get(":channel").is_some();
                let is_channel =
                    |item: &&Value| item["pk"]["S"].as_str().is_some_and(|key| key.starts_with("channel#"));
                let items: Vec<&Value> =
                    self.registry.iter().filter(|item| !only || is_channel(item)).collect();
                json!({"Items": items, "Count": items.len(), "ScannedCount": self.registry.len()})
            }
            "GetItem" => {
                self.public.as_ref().map_or_else(|| json!({}), |body| json!({"Item": {"body": {"S": body}}}))
            }
            "ListUsers" => page(&self.users, from("PaginationToken"), "PaginationToken"),
            "ListUsersInGroup" => {
                let group = self.groups.iter().find(|(name, _)| asked["GroupName"] == *name);
                page(group.map_or(&[], |(_, users)| users), from("NextToken"), "NextToken")
            }
            "ListGroups" => {
                let groups = self.groups.iter().map(|(name, _)| json!({"GroupName": name}));
                json!({"Groups": groups.collect::<Vec<_>>()})
            }
            _ => json!({}),
        };
        ("application/x-amz-json-1.1", answer.to_string())
    }

    fn sns(&self, asked: &str) -> String {
        let fields = form(asked);
        let field =
            |name: &str| fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let from: usize = field("NextToken").and_then(|from| from.parse().ok()).unwrap_or(0);
        let (what, entries): (_, Vec<String>) = if field("Action") == Some("ListTopics") {
            let topic = |topic: &String| format!("<TopicArn>{topic}</TopicArn>");
            ("Topics", self.topics.iter().map(topic).collect())
        } else {
            let email = |(topic, email): &(String, String)| {
                format!(
                    "<TopicArn>{topic}</TopicArn><Protocol>email</Protocol><SubscriptionArn>{topic}:1</SubscriptionArn>\
                     <Owner>{ACCOUNT}</Owner><Endpoint>{email}</Endpoint>"
                )
            };
            ("Subscriptions", self.emails.iter().map(email).collect())
        };
        let shown = entries.iter().skip(from).take(TOPICS);
        let members: String = shown.map(|entry| format!("<member>{entry}</member>")).collect();
        let next = from + TOPICS;
        let next =
            if next < entries.len() { format!("<NextToken>{next}</NextToken>") } else { String::new() };
        format!(
            "<List{what}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><List{what}Result><{what}>{members}</{what}>{next}\
             </List{what}Result></List{what}Response>"
        )
    }
}

/// A page of accounts.
fn page(users: &[Value], from: usize, token: &str) -> Value {
    let shown: Vec<&Value> = users.iter().skip(from).take(ACCOUNTS).collect();
    let next = from + ACCOUNTS;
    let mut page = json!({"Users": shown});
    if next < users.len() {
        page[token] = next.to_string().into();
    }
    page
}

/// A field as DynamoDB writes it.
fn attribute((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), attribute_value(value))
}

fn attribute_value(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(flag) => json!({"BOOL": flag}),
        Value::Number(number) => json!({"N": number.to_string()}),
        Value::String(text) => json!({"S": text}),
        Value::Array(values) => json!({"L": values.iter().map(attribute_value).collect::<Vec<_>>()}),
        Value::Object(fields) => json!({"M": fields.iter().map(attribute).collect::<Map<_, _>>()}),
    }
}
