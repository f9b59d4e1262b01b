//! What the functions take for AWS: dynoxide for DynamoDB, and a few lines for each of the others.
//!
//! Where time is measured, functions reach dynoxide directly, and only the other services come here. Where calls are counted, all
//! of them come through here, DynamoDB's with the question what they consumed.

use crate::http::{Message, form, now};
use anyhow::{Context, Result, anyhow, bail};
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use data_encoding::BASE64;
use dynoxide::Database;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    io::{BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

pub(crate) const REGION: &str = "ap-southeast-3";
/// The ARN of the vault's key.
pub(crate) const VAULT_KEY: &str =
    "arn:aws:kms:ap-southeast-3:000000000000:key/11111111-2222-3333-4444-555555555555";

/// A connection more is there in less.
const SLOW: Duration = Duration::from_millis(25);

/// A call to AWS.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The service, such as `dynamodb`.
    pub(crate) service: &'static str,
    /// The operation, such as `GetItem`.
    pub(crate) operation: String,
    /// What was asked, in a form that `sdk_baseline` can repeat.
    pub(crate) body: Value,
    /// Read capacity units.
    pub(crate) reads: f64,
    /// Write capacity units.
    pub(crate) writes: f64,
    started: Instant,
    ended: Instant,
}

impl Call {
    /// A call of which nothing is known but that it is made.
    pub(crate) fn named(service: &'static str, operation: &str) -> Self {
        let (started, ended) = (now(), now());
        Self {
            service,
            operation: operation.to_owned(),
            body: Value::Null,
            reads: 0.0,
            writes: 0.0,
            started,
            ended,
        }
    }
}

/// Calls that were under way at the same time, one stage after the other.
pub(crate) fn stages(calls: &[Call]) -> Vec<Vec<&Call>> {
    let mut calls: Vec<&Call> = calls.iter().collect();
    calls.sort_by_key(|call| call.started);
    let mut stages: Vec<(Instant, Vec<&Call>)> = Vec::new();
    for call in calls {
        match stages.last_mut() {
            Some((ended, stage)) if call.started < *ended => {
                *ended = (*ended).max(call.ended);
                stage.push(call);
            }
            _ => stages.push((call.ended, vec![call])),
        }
    }
    stages.into_iter().map(|(_, stage)| stage).collect()
}

/// Everything that stays after a call.
pub(crate) struct Aws {
    database: Database,
    /// Where all of AWS listens, and every call is noted.
    counting: SocketAddr,
    /// Where all of AWS listens, and calls are only handed on: for what is timed, and for the SDK baseline beside it.
    plain: SocketAddr,
    state: Arc<State>,
}

struct State {
    dynoxide: SocketAddr,
    key: PrivateDecryptingKey,
    /// By bucket and key, `bucket/key`.
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    calls: Mutex<Vec<Call>>,
    slow: AtomicBool,
}

/// What of the world a step starts from: the items that belong to a report, and its objects.
#[derive(Clone, Default)]
pub(crate) struct Image {
    items: Vec<(String, String)>,
    objects: Vec<(String, Vec<u8>)>,
}

impl Image {
    /// Whether there was nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.objects.is_empty()
    }

    /// How long the cleaned pictures are together.
    pub(crate) fn clean_bytes(&self) -> usize {
        let clean = self.objects.iter().filter(|(path, _)| path.contains("/clean/"));
        clean.map(|(_, bytes)| bytes.len()).sum()
    }

    /// The items of the reports table alone.
    pub(crate) fn report_items(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter(|(table, _)| table == "ReportsTable").map(|(_, item)| item.as_str())
    }
}

/// What to put in place of what: a report becomes another one.
pub(crate) type Changes = Vec<(String, String)>;

pub(crate) fn changed(text: &str, changes: &Changes) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Aws {
    pub(crate) fn start(tables: &[Value]) -> Result<Self> {
        let database = Database::memory().map_err(|error| anyhow!("dynoxide: {error}"))?;
        for table in tables {
            let request = serde_json::from_value(table.clone()).context("dynoxide takes no such table")?;
            database.create_table(request).map_err(|error| anyhow!("dynoxide: {error}"))?;
        }
        let dynoxide = serve_database(database.clone())?;
        let key = PrivateDecryptingKey::generate(KeySize::Rsa3072).map_err(|_| anyhow!("no key"))?;
        let state = State {
            dynoxide,
            key,
            objects: Mutex::default(),
            calls: Mutex::default(),
            slow: AtomicBool::new(false),
        };
        let state = Arc::new(state);
        let (counting, plain) = (listen(&state, true)?, listen(&state, false)?);
        Ok(Self { database, counting, plain, state })
    }

    /// The environment of a process that is to find this.
    pub(crate) fn environment(&self, counted: bool) -> Vec<(&'static str, String)> {
        let address = if counted { self.counting } else { self.plain };
        vec![
            ("AWS_ENDPOINT_URL", format!("http://{address}")),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIDBENCH".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "bench".to_owned()),
            ("AWS_SESSION_TOKEN", "bench".to_owned()),
        ]
    }

    /// Whether each call takes so long that those which are made at once are seen to be.
    pub(crate) fn set_slow(&self, slow: bool) {
        self.state.slow.store(slow, Ordering::Relaxed);
    }

    /// The calls since this was asked last.
    pub(crate) fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut locked(&self.state.calls))
    }

    /// Puts items as they are, in DynamoDB's JSON.
    pub(crate) fn put(&self, table: &str, items: &[Value]) -> Result<()> {
        let items: Result<Vec<_>, _> = items.iter().cloned().map(serde_json::from_value).collect();
        self.import(table, items.context("no items")?)
    }

    fn import(&self, table: &str, items: Vec<dynoxide::Item>) -> Result<()> {
        let options = dynoxide::ImportOptions { record_streams: false, set_cached_at: false };
        let done = self.database.import_items(table, items, options);
        done.map(drop).map_err(|error| anyhow!("dynoxide: {error}"))
    }

    /// Every item with this `pk`.
    pub(crate) fn items(&self, table: &str, pk: &str) -> Result<Vec<Value>> {
        let request = json!({
            "TableName": table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
            "ConsistentRead": true,
        });
        let found = self.database.query(serde_json::from_value(request)?);
        let found = serde_json::to_value(found.map_err(|error| anyhow!("dynoxide: {error}"))?)?;
        Ok(found["Items"].as_array().cloned().unwrap_or_default())
    }

    /// What there is of a report.
    pub(crate) fn image(&self, ticket: &str) -> Result<Image> {
        let mut image = Image::default();
        for table in ["ReportsTable", "VaultTable", "AccessesTable"] {
            let items = self.items(table, ticket)?;
            image.items.extend(items.iter().map(|item| (table.to_owned(), item.to_string())));
        }
        let objects = locked(&self.state.objects);
        let its = objects.iter().filter(|(path, _)| path.contains(ticket));
        image.objects.extend(its.map(|(path, bytes)| (path.clone(), bytes.clone())));
        Ok(image)
    }

    /// Makes it so again, with these changes.
    pub(crate) fn restore(&self, image: &Image, changes: &Changes) -> Result<()> {
        let mut tables: BTreeMap<&str, Vec<dynoxide::Item>> = BTreeMap::new();
        for (table, item) in &image.items {
            tables.entry(table).or_default().push(serde_json::from_str(&changed(item, changes))?);
        }
        for (table, items) in tables {
            self.import(table, items)?;
        }
        let mut objects = locked(&self.state.objects);
        for (path, bytes) in &image.objects {
            objects.insert(changed(path, changes), bytes.clone());
        }
        Ok(())
    }

    /// Makes it so again, with these changes: the snapshot and one event of the report, and nothing else. Thousands of them
    /// fit into the memory.
    pub(crate) fn restore_report(&self, image: &Image, changes: &Changes) -> Result<()> {
        let snapshot = image.report_items().find(|item| item.contains("\"sk\":{\"S\":\"report\"}"));
        let event = image.report_items().find(|item| item.contains("\"sk\":{\"S\":\"event#"));
        let mut items = Vec::new();
        for item in [snapshot, event] {
            items.push(serde_json::from_str(&changed(item.context("no report")?, changes))?);
        }
        self.import("ReportsTable", items)
    }

    pub(crate) fn put_object(&self, path: &str, bytes: Vec<u8>) {
        locked(&self.state.objects).insert(path.to_owned(), bytes);
    }

    /// The paths of objects that begin so.
    pub(crate) fn objects(&self, start: &str) -> Vec<String> {
        locked(&self.state.objects).keys().filter(|path| path.starts_with(start)).cloned().collect()
    }

    pub(crate) fn remove_object(&self, path: &str) {
        locked(&self.state.objects).remove(path);
    }

    /// Forgets the objects of a report.
    pub(crate) fn remove_objects_with(&self, word: &str) {
        locked(&self.state.objects).retain(|path, _| !path.contains(word));
    }
}

/// Listens as AWS, and notes the calls or does not.
fn listen(state: &Arc<State>, counts: bool) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port")?;
    let address = listener.local_addr()?;
    let shared = Arc::clone(state);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let state = Arc::clone(&shared);
            thread::spawn(move || state.serve(&stream, counts));
        }
    });
    Ok(address)
}

/// Serves the database on a thread of its own.
fn serve_database(database: Database) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async {
            if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                dynoxide::server::serve_on(listener, database).await;
            }
        });
    });
    Ok(address)
}

/// A status, the kind of the body, and the body.
type Answer = (u16, &'static str, Vec<u8>);

const JSON: &str = "application/x-amz-json-1.0";
const XML: &str = "text/xml";

impl State {
    fn serve(&self, stream: &TcpStream, counts: bool) {
        let _ = stream.set_nodelay(true);
        let mut reader = BufReader::new(stream);
        let mut writer = stream;
        let mut database = None;
        while let Some(request) = Message::read(&mut reader, || {
            let _ = (&mut &*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
        }) {
            let started = now();
            let answered = self.answer(&request, &mut database, counts);
            if self.slow.load(Ordering::Relaxed) {
                thread::sleep(SLOW);
            }
            let (answer, call) = answered.unwrap_or_else(|error| {
                let text = format!("{{\"__type\":\"BenchCannot\",\"message\":\"{error}\"}}");
                ((400, JSON, text.into_bytes()), None)
            });
            if let Some(call) = call.filter(|_| counts) {
                locked(&self.calls).push(Call { started, ended: now(), ..call });
            }
            let (status, kind, body) = answer;
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\netag: \"0\"\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            if writer.write_all(&[head.as_bytes(), &body].concat()).is_err() {
                return;
            }
        }
    }

    fn answer(
        &self,
        request: &Message,
        database: &mut Option<TcpStream>,
        counts: bool,
    ) -> Result<(Answer, Option<Call>)> {
        let call = |service, operation: &str, body| {
            let (started, ended) = (now(), now());
            Call { service, operation: operation.to_owned(), body, reads: 0.0, writes: 0.0, started, ended }
        };
        let Some((service, operation)) =
            request.header("x-amz-target").and_then(|target| target.rsplit_once('.'))
        else {
            if request.header("content-type").is_some_and(|kind| kind.contains("x-www-form-urlencoded")) {
                let body = published(&request.body);
                let answer = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                              <MessageId>m</MessageId></PublishResult></PublishResponse>";
                return Ok(((200, XML, answer.into()), Some(call("sns", "Publish", body))));
            }
            let (answer, operation, body) = self.object(request)?;
            return Ok((answer, Some(call("s3", operation, body))));
        };
        if service.starts_with("DynamoDB") && !counts {
            let (status, body) = self.handed_on(request, &request.body, database)?;
            return Ok(((status, JSON, body), None));
        }
        if service.starts_with("DynamoDB") {
            return self.counted(request, operation, database, call("dynamodb", operation, Value::Null));
        }
        let asked: Value = serde_json::from_slice(&request.body)?;
        let well = |body: Value| (200, JSON, body.to_string().into_bytes());
        Ok(match operation {
            "GetSecretValue" => {
                let secret = json!({"current": "1", "1": "s".repeat(64)}).to_string();
                let answer = well(json!({"ARN": asked["SecretId"], "Name": "s", "SecretString": secret}));
                (answer, Some(call("secretsmanager", operation, asked)))
            }
            "GetPublicKey" => {
                let der: PublicKeyX509Der<'_> =
                    self.key.public_key().as_der().map_err(|_| anyhow!("no public half"))?;
                let answer = well(json!({"KeyId": VAULT_KEY, "PublicKey": BASE64.encode(der.as_ref())}));
                (answer, Some(call("kms", operation, asked)))
            }
            "Decrypt" => {
                let wrapped = asked["CiphertextBlob"].as_str().context("nothing to decrypt")?;
                let private =
                    OaepPrivateDecryptingKey::new(self.key.clone()).map_err(|_| anyhow!("no key"))?;
                let mut plain = vec![0; private.min_output_size()];
                let wrapped = BASE64.decode(wrapped.as_bytes())?;
                let plain = private
                    .decrypt(&OAEP_SHA256_MGF1SHA256, &wrapped, &mut plain, None)
                    .map_err(|_| anyhow!("it does not open"))?;
                let answer = well(json!({"KeyId": VAULT_KEY, "Plaintext": BASE64.encode(plain)}));
                (answer, Some(call("kms", operation, asked)))
            }
            other => bail!("no such operation here: {other}"),
        })
    }

    /// Hands a call on to dynoxide, and asks what it consumed.
    fn counted(
        &self,
        request: &Message,
        operation: &str,
        database: &mut Option<TcpStream>,
        call: Call,
    ) -> Result<(Answer, Option<Call>)> {
        let asked: Value = serde_json::from_slice(&request.body)?;
        let mut asking = asked.clone();
        asking["ReturnConsumedCapacity"] = json!("INDEXES");
        let (status, body) = self.handed_on(request, asking.to_string().as_bytes(), database)?;
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        let units = units(&told["ConsumedCapacity"]);
        let reading = ["Get", "Query", "BatchGet"].iter().any(|word| operation.starts_with(word));
        let (reads, writes) = if reading { (units, 0.0) } else { (0.0, units) };
        Ok(((status, JSON, body), Some(Call { body: asked, reads, writes, ..call })))
    }

    /// What dynoxide answers to a request with this body.
    fn handed_on(
        &self,
        request: &Message,
        body: &[u8],
        database: &mut Option<TcpStream>,
    ) -> Result<(u16, Vec<u8>)> {
        let mut head = format!("{}\r\n", request.line);
        for (name, value) in &request.headers {
            if !matches!(name.as_str(), "content-length" | "transfer-encoding" | "expect") {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        if database.is_none() {
            *database = Some(TcpStream::connect(self.dynoxide)?);
        }
        let stream = database.as_ref().context("no connection")?;
        let _ = stream.set_nodelay(true);
        (&mut &*stream).write_all(&[head.as_bytes(), body].concat())?;
        let answer = Message::read(&mut BufReader::new(stream), || {}).context("dynoxide is silent")?;
        let status = answer.line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(500);
        Ok((status, answer.body))
    }

    fn object(&self, request: &Message) -> Result<(Answer, &'static str, Value)> {
        let mut words = request.line.split(' ');
        let (method, target) = (words.next().context("no method")?, words.next().context("no path")?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let path = format!("{bucket}/{key}");
        let mut body = json!({"bucket": bucket, "key": key, "length": request.body.len()});
        let mut objects = locked(&self.objects);
        let done = |bytes: Vec<u8>| (200, "application/octet-stream", bytes);
        Ok(match method {
            "GET" if key.is_empty() => {
                let query: BTreeMap<String, String> = form(query).into_iter().collect();
                let of = |name: &str| query.get(name).cloned().unwrap_or_default();
                let (prefix, after) = (of("prefix"), of("start-after"));
                body["prefix"] = json!(prefix);
                body["start-after"] = json!(after);
                let start = format!("{bucket}/");
                let keys = objects.keys().filter_map(|path| path.strip_prefix(&start));
                let keys = keys.filter(|key| key.starts_with(&prefix) && *key > after.as_str());
                let keys: String = keys.map(|key| format!("<Contents><Key>{key}</Key></Contents>")).collect();
                let list =
                    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{keys}</ListBucketResult>");
                ((200, "application/xml", list.into_bytes()), "ListObjectsV2", body)
            }
            "GET" => match objects.get(&path) {
                Some(bytes) => (done(bytes.clone()), "GetObject", body),
                None => {
                    let error = b"<Error><Code>NoSuchKey</Code></Error>".to_vec();
                    ((404, "application/xml", error), "GetObject", body)
                }
            },
            "PUT" => {
                objects.insert(path, request.body.clone());
                (done(Vec::new()), "PutObject", body)
            }
            "DELETE" => {
                objects.remove(&path);
                (done(Vec::new()), "DeleteObject", body)
            }
            other => bail!("no such method here: {other}"),
        })
    }
}

/// What was published: the fields of the form, and its attributes by name.
fn published(body: &[u8]) -> Value {
    let fields: BTreeMap<String, String> = form(&String::from_utf8_lossy(body)).into_iter().collect();
    let mut attributes = Map::new();
    for (name, value) in &fields {
        let place = name.strip_prefix("MessageAttributes.entry.").and_then(|rest| rest.strip_suffix(".Name"));
        if let Some(place) = place {
            let text = fields.get(&format!("MessageAttributes.entry.{place}.Value.StringValue"));
            attributes.insert(value.clone(), json!(text));
        }
    }
    let of = |name: &str| fields.get(name).cloned();
    json!({
        "TopicArn": of("TopicArn"), "Message": of("Message"), "Subject": of("Subject"),
        "MessageStructure": of("MessageStructure"), "attributes": attributes,
    })
}

/// The units of one table, or of each of several.
fn units(consumed: &Value) -> f64 {
    match consumed.as_array() {
        Some(tables) => tables.iter().map(units).sum(),
        None => consumed["CapacityUnits"].as_f64().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_one_stage() {
        let zero = now();
        let call = |operation: &str, from, to| Call {
            service: "dynamodb",
            operation: operation.to_owned(),
            body: Value::Null,
            reads: 0.0,
            writes: 0.0,
            started: zero + Duration::from_millis(from),
            ended: zero + Duration::from_millis(to),
        };
        let calls = [call("c", 30, 40), call("a", 0, 10), call("b", 5, 20)];
        let names: Vec<Vec<&str>> = stages(&calls)
            .into_iter()
            .map(|stage| stage.into_iter().map(|call| call.operation.as_str()).collect())
            .collect();
        assert_eq!(names, [vec!["a", "b"], vec!["c"]]);
    }

    #[test]
    fn a_message_is_read_as_it_was_published() {
        let body = b"Action=Publish&TopicArn=t&Message=a+b%21&MessageAttributes.entry.1.Name=event&\
                     MessageAttributes.entry.1.Value.StringValue=tl";
        let told = published(body);
        assert_eq!((&told["Message"], &told["attributes"]["event"]), (&json!("a b!"), &json!("tl")));
    }

    /// What dynoxide says a transaction takes is what AWS says: twice the item's size for the table, once for an index.
    #[test]
    fn units_are_counted_by_the_rules() {
        let table = json!({
            "TableName": "Table", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "d", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [{
                "IndexName": "desk", "KeySchema": [{"AttributeName": "d", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }],
        });
        let aws = Aws::start(&[table]).unwrap();
        let consumed = |item: Value| {
            let request = json!({
                "TransactItems": [{"Put": {"TableName": "Table", "Item": item}}], "ReturnConsumedCapacity": "INDEXES",
            });
            let done = aws.database.transact_write_items(serde_json::from_value(request).unwrap()).unwrap();
            units(&serde_json::to_value(done).unwrap()["ConsumedCapacity"])
        };
        let text = |length| json!({"S": "x".repeat(length)});
        assert_eq!(consumed(json!({"pk": {"S": "a"}, "t": text(900)})), 2.0);
        assert_eq!(consumed(json!({"pk": {"S": "b"}, "t": text(1500)})), 4.0);
        let in_index = consumed(json!({"pk": {"S": "c"}, "d": {"S": "desk"}, "t": text(900)}));
        assert_eq!(in_index, 3.0);
    }
}
