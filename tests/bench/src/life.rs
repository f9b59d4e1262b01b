//! A whole life of a report, step by step, through the functions' own binaries, with every call to AWS noted.
//!
//! Two lives are lived by the same processes: the first warms them up, the second is what counts. Each step keeps what there was
//! of the report before it, so that it can be taken again and again by copies of the report.

use crate::{
    aws::{Aws, Call, Changes, Image},
    function::{Function, Program},
    template::Deployed,
};
use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use city_folder::{City as Folder, cells::Cells, files_of, unit::path};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use domain::{area::AreaCode, routing::encoding::MapPart, ticket::Ticket};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// The unit that does the work.
const UNIT: &str = "sudin-bina-marga-jaksel";
/// What it is about, and the lowest area of the demonstration's map that it lies in.
pub(crate) const CATEGORY: &str = "jalan-berlubang";
pub(crate) const AREA: &str = "31.71.01.1002";
/// The area above it, by which its desk is filtered.
const AREA_ABOVE: &str = "31.71.01";
/// What the city's cameras make: 12 megapixels.
const PHOTO: (u32, u32) = (4000, 3000);
/// Looks at a page of the desk, whole and filtered, at the report, and at a photo; by the reporter; and at what the city has to choose from.
const LOOKS: [(&str, usize); 6] =
    [("desk", 6), ("filtered desk", 3), ("report", 8), ("view", 8), ("track", 5), ("city", 1)];
/// The step in which a missed deadline is escalated.
pub(crate) const ESCALATION: &str = "escalate";
/// 185,852 reports a year are 21 an hour, each looked at 25 times.
const LOOKS_IN_AN_HOUR: usize = 530;

/// One invocation in the life of a report.
#[derive(Clone)]
pub(crate) struct Step {
    /// What is done, such as `tl`.
    pub(crate) name: &'static str,
    /// The function that is invoked.
    pub(crate) function: &'static str,
    /// The event that it is invoked with.
    pub(crate) event: String,
    /// What there was of the report before.
    pub(crate) before: Image,
    /// The calls to AWS that it made.
    pub(crate) calls: Vec<Call>,
    /// How often a life has it, beyond the once that was lived.
    pub(crate) times: usize,
    /// Its report; empty where it has none.
    ticket: String,
}

/// A report becomes another one.
pub(crate) fn renamed(step: &Step, number: u64) -> Changes {
    let mut changes = vec![("bench-key-0000000000000000".to_owned(), format!("bench-key-{number:016x}"))];
    // What a step needs of the vault is bound to its ticket; such a step is repeated on the same report.
    if let (Some(old), false) = (Ticket::parse(&step.ticket), step.function == "deliver") {
        let mut mac = [0xB5; 32];
        mac[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
        mac[8..16].copy_from_slice(&number.to_be_bytes());
        let new = Ticket::from_mac(&mac);
        changes.push((old.as_str().to_owned(), new.as_str().to_owned()));
        changes.push((old.to_string(), new.to_string()));
    }
    // A picture proves once: that of the other report is another one.
    for item in step.before.report_items().filter_map(|item| serde_json::from_str::<Value>(item).ok()) {
        for digest in
            item["digests"]["L"].as_array().into_iter().flatten().filter_map(|digest| digest["S"].as_str())
        {
            let rest = digest.get(16..).unwrap_or_default();
            changes.push((digest.to_owned(), format!("{number:016x}{rest}")));
        }
    }
    changes
}

/// The functions, running, and what they are told.
pub(crate) struct City<'a> {
    aws: &'a Aws,
    functions: BTreeMap<String, Function>,
    officers: BTreeMap<&'static str, Value>,
    key: String,
    picture: Vec<u8>,
    /// How many other pictures have been made of it.
    retouched: AtomicU64,
}

impl<'a> City<'a> {
    /// Seeds the registry and starts every function.
    pub(crate) fn start(aws: &'a Aws, root: &Path, programs: &[Program]) -> Result<Self> {
        let key = format!("tk_jaki_{}", BASE64URL_NOPAD.encode(&[42; 32]));
        seed(aws, root, &key)?;
        let mut functions = BTreeMap::new();
        for program in programs {
            let function = Function::start(program)?;
            function.ready()?;
            functions.insert(program.name.clone(), function);
        }
        let officer = |name: &str, tag: &str, unit: Option<&str>| {
            let mut claims = json!({
                "token_use": "id", "sub": format!("6f1c2d3e-0000-4000-8000-{name:>012}"), "name": format!("Petugas {name}"),
                "cognito:groups": format!("[{tag}]"),
            });
            if let Some(unit) = unit {
                claims["custom:unit"] = json!(unit);
            }
            claims
        };
        let officers = BTreeMap::from([
            ("tiket", officer("ayu", "admin-tiket", None)),
            ("unit", officer("budi", "petugas-opd", Some(UNIT))),
            ("validasi", officer("indah", "petugas-validasi", None)),
            ("verifikasi", officer("kartika", "petugas-verifikasi", None)),
        ]);
        let picture = media::fixtures::photograph(PHOTO.0, PHOTO.1, 7, true, "bench");
        Ok(Self { aws, functions, officers, key, picture, retouched: AtomicU64::new(0) })
    }

    /// A picture that proves nothing yet.
    fn other_picture(&self) -> Vec<u8> {
        media::fixtures::retouched(&self.picture, 1 + self.retouched.fetch_add(1, Ordering::Relaxed))
    }

    /// Lives a life; every invocation of it, in order.
    pub(crate) fn live(&self, number: u64) -> Result<Vec<Step>> {
        Life {
            city: self,
            steps: Vec::new(),
            ticket: String::new(),
            secret: String::new(),
            told: BTreeSet::new(),
        }
        .whole(number)
    }
}

/// Units, categories and channels of the demonstration's city, as far as functions read them.
fn seed(aws: &Aws, root: &Path, key: &str) -> Result<()> {
    let (city, _) = Folder::read(&files_of(&root.join("infra/city"))?)
        .map_err(|mistakes| anyhow::anyhow!("infra/city has mistakes:\n{mistakes}"))?;
    let mut items = Vec::new();
    for unit in &city.units {
        let path: Vec<_> = path(unit, &city.units).into_iter().map(|code| json!({"S": code})).collect();
        items.push(json!({
            "pk": {"S": format!("unit#{}", unit.code)}, "code": {"S": unit.code}, "name": {"S": unit.name}, "path": {"L": path},
        }));
    }
    for category in &city.categories {
        let keeps: Vec<_> = category.keeps.iter().map(|kind| json!({"S": kind})).collect();
        items.push(json!({
            "pk": {"S": format!("category#{}", category.code)}, "code": {"S": category.code}, "slots": {"S": category.slots},
            "group": category.group.as_ref().map_or_else(|| json!({"NULL": true}), |group| json!({"S": group})),
            "coordinate_hours": {"N": category.deadlines.coordinate_hours.to_string()},
            "finish_days": {"N": category.deadlines.finish_days.to_string()},
            "validate_days": {"N": category.deadlines.validate_days.to_string()},
            "verify_days": {"N": category.deadlines.verify_days.to_string()},
            "counts": {"S": category.counts}, "keeps": {"L": keeps},
        }));
    }
    let working = &city.settings.working;
    let days: Vec<_> = working.days.iter().map(|day| json!({"S": day})).collect();
    items.push(json!({
        "pk": {"S": "city#settings"},
        "working": {"M": {"from": {"S": working.from}, "until": {"S": working.until}, "days": {"L": days}}},
    }));
    let holidays: Vec<_> = city
        .holidays
        .iter()
        .map(|day| json!({"M": {"date": {"S": day.date}, "name": {"S": day.name}}}))
        .collect();
    items.push(json!({"pk": {"S": "city#holidays"}, "list": {"L": holidays}}));
    let hash = HEXLOWER.encode(digest(&SHA256, key.as_bytes()).as_ref());
    for channel in &city.channels {
        items.push(json!({
            "pk": {"S": format!("channel#{}", channel.code)}, "code": {"S": channel.code}, "state": {"S": channel.state},
            "quota_per_hour": {"N": "1000000000"}, "key_hashes": {"L": [{"S": hash}]},
        }));
    }
    aws.put("RegistryTable", &items)?;
    let body = serde_json::to_string(&city.public())?;
    aws.put("CityTable", &[json!({"pk": {"S": "city"}, "body": {"S": body}})])?;
    seed_map(aws, &city)
}

/// The city's map, cut into cells.
pub(crate) fn seed_map(aws: &Aws, city: &Folder) -> Result<()> {
    let Cells { size, cells } = Cells::of(city)?;
    let part = |key: String, bytes: Vec<u8>| json!({"pk": {"S": format!("bench#{key}")}, "cell": {"B": BASE64.encode(&bytes)}});
    let mut items = Vec::new();
    for ((column, row), cell) in &cells {
        items.push(part(format!("{column}#{row}"), cell.to_bytes()?));
    }
    for (area, below) in city.areas_below()? {
        let area = area.map_or("", AreaCode::as_str);
        items.push(part(format!("below#{area}"), below.to_bytes()?));
    }
    items.push(json!({
        "pk": {"S": "current"}, "generation": {"S": "bench"}, "size": {"N": size.to_string()}, "since": {"S": "2026-01-01T00:00:00Z"},
    }));
    aws.put("MapTable", &items)
}

struct Life<'a, 'b> {
    city: &'b City<'a>,
    steps: Vec<Step>,
    ticket: String,
    secret: String,
    /// Announcements that were handed on already.
    told: BTreeSet<String>,
}

impl Life<'_, '_> {
    fn whole(mut self, number: u64) -> Result<Vec<Step>> {
        // 1 submission with two photos.
        let key = format!("bench-key-{number:016x}");
        let answer = self.act("submit", "submit", self.submission(&key), "")?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        (self.ticket, self.secret) = (text("ticket").replace('-', ""), text("secret"));
        // The key in the event becomes one that can be found and replaced.
        for step in &mut self.steps {
            step.event = step.event.replace(&key, "bench-key-0000000000000000");
            step.ticket.clone_from(&self.ticket);
        }
        let pictures = [(); 2].map(|()| self.city.picture.clone());
        self.uploads(&answer, &pictures)?;
        self.time_passes()?;

        self.compare()?;

        // 9 commands and four more photos.
        let assign = json!({"action": "assign", "unit": UNIT});
        self.command("assign", "assign", "assignment", "tiket", &assign)?;
        self.command("accept", "assign", "assignment", "unit", &json!({"action": "accept"}))?;
        let photos = self.photos("unit", &["before", "after", "after"])?;
        let tl = |photos: &[&String]| json!({"narrative": "Lubang sudah ditambal dengan aspal panas dan dipadatkan", "photos": photos});
        self.command("tl", "post-tl", "tl", "unit", &tl(&[&photos[0], &photos[1]]))?;
        let reject =
            json!({"decision": "reject", "reason": "Foto sesudah belum memperlihatkan seluruh lubang"});
        self.command("validate", "validate", "validation", "validasi", &reject)?;
        self.command("tl", "post-tl", "tl", "unit", &tl(&[&photos[0], &photos[2]]))?;
        let check = json!({"decision": "field_check", "reason": "Perlu dilihat di lapangan"});
        self.command("validate", "validate", "validation", "validasi", &check)?;
        let field = self.photos("verifikasi", &["field"])?;

        // 25 looks, and 5 by the reporter, at a report with most of its history.
        self.looks(&photos[1])?;

        self.deadline_passes()?;
        let verdict = json!({
            "conforms": true, "finding": "Sudah rata dan kering", "photos": field, "location": {"lat": -6.0588, "lon": 106.8456},
        });
        self.command("verify", "verify", "verification", "verifikasi", &verdict)?;
        Ok(self.steps)
    }

    /// The ticket desk looks for duplicates. It is no part of the life whose cost is reckoned: how often it does is for it to say.
    fn compare(&mut self) -> Result<()> {
        self.by("similar", "read", "GET /v1/reports/{ticket}/similar", &[], "tiket", None)?;
        if let Some(step) = self.steps.last_mut() {
            step.times = 0;
        }
        Ok(())
    }

    fn submission(&self, key: &str) -> Value {
        let city = self.city;
        let photo = json!({
            "content_type": "image/jpeg", "size": city.picture.len(),
            "sha256": BASE64.encode(digest(&SHA256, &city.picture).as_ref()),
        });
        let body = json!({
            "category": CATEGORY,
            "description": "Jalan berlubang selebar satu meter di depan pasar, sudah dua minggu, motor sering jatuh waktu hujan",
            // In an area of the map, and too inaccurate to be routed: the life goes over the ticket desk.
            "location": {"lat": -6.178_012_3, "lon": 106.808_012_3, "accuracy_m": 850.0, "address": "Jl. Contoh Raya 12"},
            "reporter": {"name": "Siti Aminah", "phone": "+628123456789", "email": "siti@contoh.id", "channel_ref": "jaki-0001"},
            "photos": [photo, photo],
        });
        let event = event("POST /v1/reports", &[], &Value::Null, Some(&body));
        header(header(event, "authorization", &format!("Bearer {}", city.key)), "idempotency-key", key)
    }

    /// An officer's command, and what comes of it when its time has come.
    fn command(
        &mut self,
        name: &'static str,
        function: &'static str,
        route: &str,
        officer: &str,
        body: &Value,
    ) -> Result<Value> {
        let answer = self.by(
            name,
            function,
            &format!("POST /v1/reports/{{ticket}}/{route}"),
            &[],
            officer,
            Some(body),
        )?;
        self.time_passes()?;
        Ok(answer)
    }

    fn by(
        &mut self,
        name: &'static str,
        function: &'static str,
        route: &str,
        more: &[(&str, &str)],
        officer: &str,
        body: Option<&Value>,
    ) -> Result<Value> {
        let claims = self.city.officers.get(officer).context("no such officer")?;
        let ticket = self.ticket.clone();
        let mut parameters = vec![("ticket", ticket.as_str())];
        parameters.extend(more);
        self.act(name, function, event(route, &parameters, claims, body), &ticket)
    }

    /// An officer declares photos, and they are uploaded and cleaned.
    fn photos(&mut self, officer: &str, kinds: &[&str]) -> Result<Vec<String>> {
        let pictures: Vec<Vec<u8>> = kinds.iter().map(|_| self.city.other_picture()).collect();
        let entry = |(kind, picture): (&&str, &Vec<u8>)| {
            let sha256 = BASE64.encode(digest(&SHA256, picture).as_ref());
            json!({"kind": kind, "content_type": "image/jpeg", "size": picture.len(), "sha256": sha256})
        };
        let photos: Vec<Value> = kinds.iter().zip(&pictures).map(entry).collect();
        let answer = self.command("photos", "post-tl", "photos", officer, &json!({"photos": photos}))?;
        self.uploads(&answer, &pictures)
    }

    /// Uploads what was declared; each wakes `photo`.
    fn uploads(&mut self, answer: &Value, pictures: &[Vec<u8>]) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for (upload, picture) in answer["uploads"].as_array().context("no uploads")?.iter().zip(pictures) {
            let url = upload["url"].as_str().context("no URL")?;
            let path =
                url.splitn(4, '/').nth(3).and_then(|path| path.split('?').next()).context("no path")?;
            let key = path.split_once('/').context("no key")?.1.to_owned();
            self.city.aws.put_object(path, picture.clone());
            let body = json!({"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": key}}}]});
            self.act("photo", "photo", message(&body.to_string()), &self.ticket.clone())?;
            ids.push(upload["photo"].as_str().context("no id")?.to_owned());
        }
        Ok(ids)
    }

    fn looks(&mut self, photo: &str) -> Result<()> {
        for (name, times) in LOOKS {
            match name {
                "desk" => self.by("desk", "read", "GET /v1/desk", &[], "validasi", None)?,
                "filtered desk" => {
                    let claims = self.city.officers.get("validasi").context("no such officer")?;
                    let filters = [("category", CATEGORY), ("urgency", "longgar"), ("area", AREA_ABOVE)];
                    let event = with_query(event("GET /v1/desk", &[], claims, None), &filters);
                    self.act("filtered desk", "read", event, &self.ticket.clone())?
                }
                "report" => self.by("report", "read", "GET /v1/reports/{ticket}", &[], "validasi", None)?,
                "view" => {
                    let route = "GET /v1/reports/{ticket}/photos/{photo}";
                    self.by("view", "view", route, &[("photo", photo)], "validasi", None)?
                }
                "city" => {
                    let event = event("GET /v1/city", &[], &Value::Null, None);
                    self.act("city", "city", event, &self.ticket.clone())?
                }
                _ => {
                    let ticket = self.ticket.clone();
                    let event = event("GET /v1/track/{ticket}", &[("ticket", &ticket)], &Value::Null, None);
                    self.act("track", "track", header(event, "report-secret", &self.secret), &ticket)?
                }
            };
            if let Some(step) = self.steps.last_mut() {
                step.times = times;
            }
        }
        Ok(())
    }

    /// What waits for a slot is due now: it is released, announced, and its reporter is told.
    fn time_passes(&mut self) -> Result<()> {
        let ticket = self.ticket.clone();
        if self.make_due()? {
            self.act("release", "release", json!({"source": "aws.scheduler"}), &ticket)?;
        }
        let mut records = Vec::new();
        for item in self.city.aws.items("ReportsTable", &ticket)? {
            let sort = item["sk"]["S"].as_str().unwrap_or_default().to_owned();
            if sort.starts_with("announcement#") && self.told.insert(sort.clone()) {
                records.push(json!({
                    "eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "eventVersion": "1.1",
                    "awsRegion": crate::aws::REGION,
                    "dynamodb": {
                        "Keys": {"pk": item["pk"], "sk": item["sk"]}, "NewImage": item, "StreamViewType": "NEW_IMAGE",
                        "SequenceNumber": format!("{}", 1000 + records.len()), "SizeBytes": 500,
                    },
                }));
            }
        }
        if records.is_empty() {
            return Ok(());
        }
        self.act("notify", "notify", json!({"Records": records}), &ticket)?;
        let published = self.steps.last().map(|step| step.calls.clone()).unwrap_or_default();
        for call in published {
            if call.body["TopicArn"].as_str().is_some_and(|topic| topic.ends_with("-reporter")) {
                self.act("deliver", "deliver", message(&envelope(&call.body)?), &ticket)?;
            }
        }
        Ok(())
    }

    /// The present step's deadline ended a working day ago: those above are told. It is no part of the life: a punctual one has none.
    fn deadline_passes(&mut self) -> Result<()> {
        let items = self.city.aws.items("ReportsTable", &self.ticket)?;
        let mut snapshot = items.into_iter().find(|item| item["sk"]["S"] == "report").context("no report")?;
        snapshot["step"]["M"]["since"] = json!({"S": "2026-01-05T00:00:00Z"});
        snapshot["step"]["M"]["sent"] = json!({"L": [{"S": "near"}, {"S": "over"}]});
        snapshot["pending"] = json!({"S": self.ticket.chars().take(1).collect::<String>()});
        snapshot["pending_at"] = json!({"S": format!("2026-01-01T00:00:00Z#{}", self.ticket)});
        self.city.aws.put("ReportsTable", &[snapshot])?;
        let ticket = self.ticket.clone();
        self.act(ESCALATION, "release", json!({"source": "aws.scheduler"}), &ticket)?;
        if let Some(step) = self.steps.last_mut() {
            step.times = 0;
        }
        for item in self.city.aws.items("ReportsTable", &ticket)? {
            let sort = item["sk"]["S"].as_str().unwrap_or_default();
            if sort.starts_with("announcement#") {
                self.told.insert(sort.to_owned());
            }
        }
        Ok(())
    }

    /// Sets what waits for a later moment to a minute ago; whether there is anything.
    fn make_due(&self) -> Result<bool> {
        let items = self.city.aws.items("ReportsTable", &self.ticket)?;
        let mut snapshot = items.into_iter().find(|item| item["sk"]["S"] == "report").context("no report")?;
        let mut due = false;
        let past = json!({"S": past()?});
        for waiting in ["/visible/M/release/M/at", "/reporter/M/update/M/at"] {
            if let Some(at) = snapshot.pointer_mut(waiting) {
                *at = past.clone();
                due = true;
            }
        }
        if let Some(from) = snapshot.pointer_mut("/visible/M/photos_from") {
            *from = past;
        }
        if due {
            snapshot["pending"] = json!({"S": self.ticket.chars().take(1).collect::<String>()});
            snapshot["pending_at"] = json!({"S": format!("2026-01-01T00:00:00Z#{}", self.ticket)});
            self.city.aws.put("ReportsTable", &[snapshot])?;
        }
        Ok(due)
    }

    /// One invocation: what was there before, what was called, what came back.
    fn act(
        &mut self,
        name: &'static str,
        function: &'static str,
        event: Value,
        ticket: &str,
    ) -> Result<Value> {
        let aws = self.city.aws;
        let before = if ticket.is_empty() { Image::default() } else { aws.image(ticket)? };
        aws.take_calls();
        let running = self.city.functions.get(function).context("no such function")?;
        let event = event.to_string();
        let reply = running.invoke(&event).with_context(|| format!("{name}: no reply"))?.value;
        let calls = aws.take_calls();
        check(name, &reply)?;
        // What everybody may know of the city is in the memory of a process that was asked before.
        ensure!(!calls.is_empty() || name == "city", "{name} called nothing: {}", running.said());
        self.steps.push(Step { name, function, event, before, calls, times: 1, ticket: ticket.to_owned() });
        Ok(reply["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or(reply))
    }
}

/// Fails unless the reply says that the step succeeded.
pub(crate) fn check(name: &str, reply: &Value) -> Result<()> {
    let refused = reply["statusCode"].as_u64().is_some_and(|status| status >= 300);
    let failed = reply["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty());
    if refused || failed {
        bail!("{name} did not go well: {reply}");
    }
    Ok(())
}

/// An hour of the access log is sealed: the step of every hour, at the city's size.
pub(crate) fn seal(city: &City<'_>, looks: &Step) -> Result<Step> {
    let aws = city.aws;
    let row = looks.calls.iter().find(|call| call.operation == "PutItem").context("no look was recorded")?;
    let row = row.body["Item"].clone();
    let last = hour(Timestamp::now_here().saturating_sub(SignedDuration::from_mins(10))?, 1)?;
    let before = hour(Timestamp::now_here().saturating_sub(SignedDuration::from_mins(10))?, 2)?;
    let mut rows = Vec::new();
    for (number, hour) in
        (0..LOOKS_IN_AN_HOUR).map(|number| (number, &last)).chain([(LOOKS_IN_AN_HOUR, &before)])
    {
        let mut row = row.clone();
        let id = row["id"]["S"].as_str().unwrap_or_default();
        let id = format!("{number:04}{}", id.get(4..).unwrap_or_default());
        row["sk"] = json!({"S": id});
        row["id"] = json!({"S": id});
        row["at"] = json!({"S": format!("{hour}:30:00Z")});
        row["hour"] = json!({"S": format!("{hour}#{}", id.get(..1).unwrap_or_default())});
        rows.push(row);
    }
    aws.put("AccessesTable", &rows)?;
    let function = city.functions.get("seal").context("no such function")?;
    let event = json!({"source": "aws.scheduler"}).to_string();
    function.invoke(&event)?;
    unseal(aws);
    aws.take_calls();
    check("seal", &function.invoke(&event)?.value)?;
    let calls = aws.take_calls();
    ensure!(
        calls.iter().any(|call| call.operation == "PutObject"),
        "nothing was sealed: {}",
        function.said()
    );
    let before = Image::default();
    Ok(Step { name: "seal", function: "seal", event, before, calls, times: 1, ticket: String::new() })
}

/// Takes the newest seal away, so that its hour can be sealed again.
pub(crate) fn unseal(aws: &Aws) {
    if let Some(newest) = aws.objects("sealsbucket/").last() {
        aws.remove_object(newest);
    }
}

/// A scheduled run that finds nothing to do: what `release` is in most minutes.
pub(crate) fn idle(city: &City<'_>) -> Result<Step> {
    let function = city.functions.get("release").context("no such function")?;
    let event = json!({"source": "aws.scheduler"}).to_string();
    city.aws.take_calls();
    function.invoke(&event)?;
    let (before, calls) = (Image::default(), city.aws.take_calls());
    Ok(Step {
        name: "release, idle",
        function: "release",
        event,
        before,
        calls,
        times: 1,
        ticket: String::new(),
    })
}

trait Here {
    fn now_here() -> Timestamp;
}

impl Here for Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "the functions live in real time, and what is due lies in it"
    )]
    fn now_here() -> Timestamp {
        Timestamp::now()
    }
}

fn past() -> Result<String> {
    Ok(Timestamp::now_here().saturating_sub(SignedDuration::from_mins(1))?.to_string())
}

/// The UTC hour so many hours before a moment, as the access log names it.
fn hour(at: Timestamp, before: i64) -> Result<String> {
    Ok(at.saturating_sub(SignedDuration::from_hours(before))?.strftime("%Y-%m-%dT%H").to_string())
}

/// What SNS puts around a message for SQS.
fn envelope(published: &Value) -> Result<String> {
    let forms: Value = serde_json::from_str(published["Message"].as_str().context("no message")?)?;
    let attributes: Map<String, Value> = published["attributes"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), json!({"Type": "String", "Value": value})))
        .collect();
    Ok(json!({
        "Type": "Notification", "MessageId": "m", "TopicArn": published["TopicArn"], "Message": forms["default"],
        "Timestamp": "2026-01-01T00:00:00.000Z", "MessageAttributes": attributes,
    })
    .to_string())
}

/// An event of a queue with one message.
fn message(body: &str) -> Value {
    json!({"Records": [{
        "messageId": "m-0", "receiptHandle": "r", "body": body, "attributes": {}, "messageAttributes": {},
        "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:x:1:q", "awsRegion": crate::aws::REGION,
    }]})
}

/// The event with these parameters in its query string.
pub(crate) fn with_query(mut event: Value, parameters: &[(&str, &str)]) -> Value {
    let query: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    event["rawQueryString"] = json!(query.join("&"));
    event["queryStringParameters"] =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    event
}

pub(crate) fn header(mut event: Value, name: &str, value: &str) -> Value {
    event["headers"][name] = json!(value);
    event
}

/// An event as the HTTP API's gateway hands it over (payload format 2.0).
pub(crate) fn event(route: &str, parameters: &[(&str, &str)], claims: &Value, body: Option<&Value>) -> Value {
    let (method, template) = route.split_once(' ').unwrap_or(("GET", route));
    let path = parameters
        .iter()
        .fold(template.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
    let parameters: Map<String, Value> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let mut event = json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "",
        "headers": {"host": "tuntas.test", "accept-language": "id", "user-agent": "bench", "x-forwarded-for": "192.0.2.1",
                    "x-forwarded-proto": "https", "x-forwarded-port": "443"},
        "pathParameters": parameters,
        "requestContext": {
            "accountId": "anonymous", "apiId": "x", "domainName": "tuntas.test", "domainPrefix": "tuntas",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "bench"},
            "requestId": "gateway", "routeKey": route, "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1,
        },
        "isBase64Encoded": false,
    });
    if !claims.is_null() {
        event["requestContext"]["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
        event["headers"]["authorization"] = json!(format!("Bearer {}", "x".repeat(900)));
    }
    if let Some(body) = body {
        event["body"] = json!(body.to_string());
        event["headers"]["content-type"] = json!("application/json");
    }
    event
}

/// A function as it is to be run: the template's settings, and where AWS is.
pub(crate) fn program(function: &Deployed, binary: &Path, aws: &Aws, counted: bool) -> Program {
    let mut environment: Vec<(String, String)> =
        function.settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    environment.extend(aws.environment(counted).into_iter().map(|(name, value)| (name.to_owned(), value)));
    Program {
        name: function.name.clone(),
        binary: binary.to_owned(),
        environment,
        timeout: Duration::from_secs(function.timeout),
    }
}
