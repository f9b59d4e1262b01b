//! What it costs: what was counted and measured, by a dated table of prices.

use crate::{
    aws::{Call, stages},
    life::Step,
    measure::Warm,
    template::{Deployed, Template},
    web::Web,
};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path};

const HOURS: f64 = 730.0;
const MINUTES: f64 = HOURS * 60.0;

#[derive(Deserialize)]
struct Prices {
    as_of: String,
    region: String,
    dollars: BTreeMap<String, f64>,
    free_for_good: BTreeMap<String, f64>,
    assumed: Assumed,
    city: City,
}

#[derive(Deserialize)]
struct Assumed {
    call_ms: BTreeMap<String, f64>,
    vcpu_at_mb: f64,
    logged_bytes_per_invocation: f64,
    logged_bytes_per_request: f64,
    metrics: f64,
    share_of_cold_starts: f64,
    cold_start_ms: f64,
    polls_per_queue_and_month: f64,
}

#[derive(Deserialize)]
struct City {
    reports_a_year: f64,
}

/// What is used, by what is paid for.
#[derive(Clone, Default)]
struct Used(BTreeMap<&'static str, f64>);

/// What the outlines around a report are read with: nine cells of the map, and three lists of areas.
const OUTLINES_READ_UNITS: f64 = 15.0;
/// The bytes of an answer with them.
const OUTLINES_BYTES: f64 = 25_000.0;

impl Used {
    fn add(&mut self, what: &'static str, amount: f64) {
        *self.0.entry(what).or_default() += amount;
    }

    fn of(&self, what: &str) -> f64 {
        self.0.get(what).copied().unwrap_or_default()
    }

    /// What a call uses, so many times.
    fn call(&mut self, call: &Call, times: f64) {
        self.add("DynamoDB write units", call.writes * times);
        self.add("DynamoDB read units", call.reads * times);
        let what = match (call.service, call.operation.as_str()) {
            ("s3", "GetObject") => "S3 reads",
            ("s3", "PutObject" | "ListObjectsV2") => "S3 writes and lists",
            ("kms", _) => "KMS under RSA",
            ("sns", _) => "SNS messages",
            ("sqs", _) => "SQS requests",
            ("secretsmanager", _) => "secret reads",
            _ => return,
        };
        self.add(what, times);
    }

    fn plus(&mut self, other: &Self, times: f64) {
        for (what, amount) in &other.0 {
            self.add(what, amount * times);
        }
    }
}

/// One line of the monthly bill.
pub(crate) struct Line {
    pub(crate) what: &'static str,
    pub(crate) a_life: f64,
    pub(crate) a_month: f64,
    pub(crate) dollars_per_million_lives: f64,
    /// By the list, nothing taken off.
    pub(crate) dollars_a_month: f64,
    /// Less what AWS gives every account for good.
    pub(crate) dollars_to_pay: f64,
}

impl Line {
    fn json(&self) -> Value {
        json!({
            "what": self.what, "a_life": self.a_life, "a_month": self.a_month,
            "dollars_per_million_lives": self.dollars_per_million_lives, "dollars_a_month": self.dollars_a_month,
            "dollars_to_pay": self.dollars_to_pay,
        })
    }
}

/// The monthly bill of a city.
pub(crate) struct Bill {
    pub(crate) as_of: String,
    pub(crate) region: String,
    pub(crate) reports_a_month: f64,
    pub(crate) lines: Vec<Line>,
    /// Bytes of a life's photos, which stay.
    pub(crate) photo_bytes: f64,
    pub(crate) photo_dollars: f64,
    /// What the portal adds, where officers do all that they do in it.
    pub(crate) portal: Vec<Line>,
    pub(crate) pages_a_month: f64,
}

impl Bill {
    pub(crate) fn by_list(&self) -> f64 {
        self.lines.iter().map(|line| line.dollars_a_month).sum()
    }

    pub(crate) fn to_pay(&self) -> f64 {
        self.lines.iter().map(|line| line.dollars_to_pay).sum()
    }

    pub(crate) fn per_million_lives(&self) -> f64 {
        self.lines.iter().map(|line| line.dollars_per_million_lives).sum()
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "as_of": self.as_of,
            "region": self.region,
            "reports_a_month": self.reports_a_month,
            "lines": self.lines.iter().map(Line::json).collect::<Vec<Value>>(),
            "portal": self.portal.iter().map(Line::json).collect::<Vec<Value>>(),
            "pages_a_month": self.pages_a_month,
            "dollars_per_million_lives": self.per_million_lives(),
            "dollars_a_month": self.by_list(),
            "dollars_to_pay": self.to_pay(),
            "photo_bytes_a_life": self.photo_bytes,
            "photo_dollars_more_each_month": self.photo_dollars,
        })
    }
}

struct Reckoner<'a> {
    is_traced: bool,
    prices: &'a Prices,
    counted: &'a Counted<'a>,
}

impl Reckoner<'_> {
    /// Adds up what one invocation uses.
    fn step(&self, step: &Step) -> Used {
        let assumed = &self.prices.assumed;
        let mut used = Used::default();
        used.add("Lambda requests", 1.0);
        used.add("log bytes", assumed.logged_bytes_per_invocation);
        if self.is_traced {
            used.add("X-Ray traces", 1.0);
        }
        if step.event.contains("\"routeKey\"") {
            used.add("HTTP API requests", 1.0);
            used.add("log bytes", assumed.logged_bytes_per_request);
        }
        if step.event.contains("aws:sqs") {
            // Sent, received, deleted.
            used.add("SQS requests", 3.0);
        }
        for call in &step.calls {
            used.call(call, 1.0);
        }
        // What only a new process asks for.
        let of_new = self.counted.of_new.iter().filter(|(function, _)| **function == step.function);
        for call in of_new.flat_map(|(_, calls)| calls) {
            used.call(call, assumed.share_of_cold_starts);
        }
        let own =
            self.counted.warm.iter().find(|warm| warm.step.name == step.name).map_or(1.0, |warm| {
                (warm.subject.percentile(50) - warm.sdk_baseline.percentile(50)).max(0.1)
            });
        let waits: f64 = stages(&step.calls)
            .iter()
            .map(|stage| stage.iter().map(|call| self.wait(call)).fold(0.0, f64::max))
            .sum();
        used.add("Lambda GB-seconds", self.gb_seconds(step.function, own, waits));
        used
    }

    /// What a function is paid for that computes so many milliseconds and waits so many.
    fn gb_seconds(&self, function: &str, own: f64, waits: f64) -> f64 {
        let assumed = &self.prices.assumed;
        let memory = self.counted.functions.iter().find(|deployed| deployed.name == function);
        let memory = memory.map_or(256, |function| function.memory);
        let memory = f64::from(u32::try_from(memory).unwrap_or(256));
        let share = (memory / assumed.vcpu_at_mb).min(1.0);
        let cold = assumed.share_of_cold_starts * assumed.cold_start_ms;
        (own / share + waits + cold).ceil() / 1000.0 * memory / 1024.0
    }

    /// What the portal adds to a life of which officers do all in it, and its pages: for each look and each command a request to `web`,
    /// and for each desk one more to `city`. The requests to the API are the life's own.
    fn portal(&self, web: &Web) -> Result<(Used, f64)> {
        let assumed = &self.prices.assumed;
        let of = |name: &str| web.pages.iter().find(|page| page.name == name).context("no such page");
        let (desk, report) = (of("desk")?, of("report")?);
        let city =
            self.counted.life.iter().find(|step| step.name == "city").context("no look at the city")?;
        let wait = |name: &str| assumed.call_ms.get(name).copied().unwrap_or_default();
        let (mut used, mut pages) = (Used::default(), 0.0);
        for step in self.counted.life {
            let is_desk = step.name.ends_with("desk");
            let is_page = is_desk || step.name == "report";
            let is_command = ["assign", "post-tl", "validate", "verify"].contains(&step.function);
            if !(is_page || is_command || step.name == "view") {
                continue;
            }
            let times = f64::from(u32::try_from(step.times)?);
            pages += times;
            let page = if is_desk { desk } else { report };
            let mut one = Used::default();
            one.add("Lambda requests", 1.0);
            one.add("HTTP API requests", 1.0);
            one.add("log bytes", assumed.logged_bytes_per_invocation + assumed.logged_bytes_per_request);
            one.add("secret reads", assumed.share_of_cold_starts);
            // What is asked of the API is asked at once.
            let waits = wait("cognito") + wait("api");
            one.add("Lambda GB-seconds", self.gb_seconds("web", page.overhead().max(0.1), waits));
            // Answers of commands and addresses of photos have no page.
            let sent = if is_page { page.page_bytes + page.answer_bytes } else { 0 } + page.cookie_bytes;
            one.add("bytes sent out", f64::from(u32::try_from(sent)?));
            if is_page {
                one.plus(&self.step(city), 1.0);
            }
            if is_page && !is_desk {
                // The outlines around the report: some cells of the map and the names of their areas, and half of the most that is answered.
                one.add("DynamoDB read units", OUTLINES_READ_UNITS);
                one.add("bytes sent out", OUTLINES_BYTES);
            }
            used.plus(&one, times);
        }
        Ok((used, pages))
    }

    fn wait(&self, call: &Call) -> f64 {
        let name = if call.operation == "TransactWriteItems" { "dynamodb_transaction" } else { call.service };
        self.prices.assumed.call_ms.get(name).copied().unwrap_or_default()
    }
}

/// Where everything of a life lies.
fn last(life: &[Step]) -> Result<&Step> {
    life.last().context("an empty life")
}

/// What was counted and measured, for the bill.
pub(crate) struct Counted<'a> {
    pub(crate) functions: &'a [Deployed],
    pub(crate) life: &'a [Step],
    /// What `seal` does each hour.
    pub(crate) hourly: &'a Step,
    /// What `release` does in a minute in which nothing is due.
    pub(crate) idle: &'a Step,
    pub(crate) warm: &'a [Warm],
    /// What a new process of each function calls beside what every call needs.
    pub(crate) of_new: &'a BTreeMap<&'static str, Vec<Call>>,
    /// What the portal's pages take.
    pub(crate) web: Option<&'a Web>,
}

/// What is paid for: its price in the table, of how many, and what of it is free.
const PRICED: [(&str, &str, f64, &str); 21] = [
    ("Lambda requests", "lambda_million_requests", 1e6, "lambda_requests"),
    ("Lambda GB-seconds", "lambda_gb_second", 1.0, "lambda_gb_seconds"),
    ("HTTP API requests", "http_api_million", 1e6, ""),
    ("DynamoDB write units", "dynamodb_million_writes", 1e6, ""),
    ("DynamoDB read units", "dynamodb_million_reads", 1e6, ""),
    ("GB-months of tables", "dynamodb_gb_month", 1.0, "dynamodb_gb_months"),
    ("backed-up GB-months", "dynamodb_gb_backup_month", 1.0, ""),
    ("S3 writes and lists", "s3_thousand_puts", 1e3, ""),
    ("S3 reads", "s3_thousand_gets", 1e3, ""),
    ("bytes sent out", "transfer_gb", 1e9, "transfer_bytes"),
    ("KMS under RSA", "kms_ten_thousand_rsa", 1e4, ""),
    ("KMS keys", "kms_key_month", 1.0, ""),
    ("secrets", "secret_month", 1.0, ""),
    ("secret reads", "secret_ten_thousand_calls", 1e4, ""),
    ("SNS messages", "sns_million_publishes", 1e6, "sns_publishes"),
    ("SQS requests", "sqs_million_requests", 1e6, "sqs_requests"),
    ("schedules", "scheduler_million", 1e6, "scheduler"),
    ("alarms", "alarm_month", 1.0, "alarms"),
    ("metrics", "metric_month", 1.0, "metrics"),
    ("log bytes", "logs_gb", 1e9, "log_bytes"),
    ("X-Ray traces", "xray_million_traces", 1e6, "xray_traces"),
];

/// Reckons the bill of a city.
pub(crate) fn bill(root: &Path, template: &Template, counted: &Counted<'_>) -> Result<Bill> {
    let text = fs::read_to_string(root.join("tests/bench/prices.json")).context("no prices")?;
    let prices: Prices = serde_json::from_str(&text).context("the prices have another form")?;
    let reckoner = Reckoner { is_traced: template.is_traced(), prices: &prices, counted };
    let life = counted.life;
    let mut a_life = Used::default();
    for step in life {
        a_life.plus(&reckoner.step(step), f64::from(u32::try_from(step.times)?));
    }
    // An uploaded photo is a put, too, and so is a copy's getting it a get.
    let photos = life.iter().filter(|step| step.name == "photo").count();
    a_life.add("S3 writes and lists", f64::from(u32::try_from(photos)?));
    let looks: usize = life.iter().filter(|step| step.name == "view").map(|step| step.times).sum();
    a_life.add("S3 reads", f64::from(u32::try_from(looks)?));
    let photo_bytes = f64::from(u32::try_from(last(life)?.before.clean_bytes())?);
    a_life.add("bytes sent out", photo_bytes / photos as f64 * looks as f64);
    // The reports' rows and those of the access log, which stay, and are backed up but for their indexes.
    let rows: usize = last(life)?.before.report_items().map(str::len).sum();
    let accesses: f64 = life
        .iter()
        .filter(|step| step.function == "read" || step.function == "view")
        .flat_map(|step| step.calls.iter().map(move |call| (step.times, call)))
        .filter(|(_, call)| call.operation == "PutItem")
        .map(|(times, call)| times as f64 * call.body["Item"].to_string().len() as f64)
        .sum();
    let (kept, backed_up) = (rows as f64 + 2.0 * accesses, rows as f64 + accesses);

    let mut by_clock = Used::default();
    by_clock.plus(&reckoner.step(counted.hourly), HOURS);
    by_clock.plus(&reckoner.step(counted.idle), MINUTES);
    by_clock.add("schedules", HOURS + MINUTES);
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or_default());
    by_clock.add("SQS requests", count(template.polled_queues()) * prices.assumed.polls_per_queue_and_month);
    by_clock.add("metrics", prices.assumed.metrics);
    by_clock.add("alarms", count(template.count("AWS::CloudWatch::Alarm")));
    by_clock.add("secrets", count(template.count("AWS::SecretsManager::Secret")));
    by_clock.add("KMS keys", count(template.count("AWS::KMS::Key")));

    let reports_a_month = prices.city.reports_a_year / 12.0;
    // Half a year's rows: the mean of the first year.
    a_life.add("GB-months of tables", kept / 1e9 * 6.0);
    a_life.add("backed-up GB-months", backed_up / 1e9 * 6.0);
    let dollars =
        |name: &str| prices.dollars.get(name).copied().with_context(|| format!("no price of {name}"));
    let free_of = |name: &str| prices.free_for_good.get(name).copied().unwrap_or_default();
    let mut lines = Vec::new();
    let (in_portal, pages) = counted.web.map(|web| reckoner.portal(web)).transpose()?.unwrap_or_default();
    let mut portal = Vec::new();
    for (what, price, unit, free) in PRICED {
        let price = dollars(price)? / unit;
        let a_month = a_life.of(what) * reports_a_month + by_clock.of(what);
        let to_pay = |amount: f64| (amount - free_of(free)).max(0.0) * price;
        lines.push(Line {
            what,
            a_life: a_life.of(what),
            a_month,
            dollars_per_million_lives: a_life.of(what) * 1e6 * price,
            dollars_a_month: a_month * price,
            dollars_to_pay: to_pay(a_month),
        });
        let (a_life, more) = (in_portal.of(what), in_portal.of(what) * reports_a_month);
        if more > 0.0 {
            portal.push(Line {
                what,
                a_life,
                a_month: more,
                dollars_per_million_lives: a_life * 1e6 * price,
                dollars_a_month: more * price,
                dollars_to_pay: to_pay(a_month + more) - to_pay(a_month),
            });
        }
    }
    let photo_dollars = photo_bytes * reports_a_month / 1e9 * dollars("s3_gb_month")?;
    Ok(Bill {
        as_of: prices.as_of,
        region: prices.region,
        reports_a_month,
        lines,
        photo_bytes,
        photo_dollars,
        portal,
        pages_a_month: pages * reports_a_month,
    })
}
