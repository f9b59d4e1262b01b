//! One call of a function's to AWS goes wrong, in one of eight ways.

use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use tests::{
    http::eventually,
    proxy::{Answered, Outcome, operation, pass_on, stand_between},
    runtime::{Message, Reply, Runtime, Setup},
};

/// An injected fault: what goes wrong with a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Fault {
    /// The request never arrives, however often the SDK tries.
    RequestLost,
    /// The call takes effect, and its response is lost; the SDK tries again.
    AnswerLost,
    /// AWS answers each try with an internal error.
    Broken,
    /// AWS throttles each try.
    Throttled,
    /// Each try arrives after the function has given up, and perhaps after the request was retried.
    Late,
    /// The call takes effect, and half of its response arrives.
    Cut,
    /// The function is killed before the call.
    KilledBefore,
    /// The function is killed after the call has taken effect.
    KilledAfter,
}

impl Fault {
    pub(super) const ALL: [Self; 8] = [
        Self::RequestLost,
        Self::AnswerLost,
        Self::Broken,
        Self::Throttled,
        Self::Late,
        Self::Cut,
        Self::KilledBefore,
        Self::KilledAfter,
    ];

    /// Those that a sample has in a call that only reads, the how-manieth of its row. That a read was made changes nothing, so the faults come
    /// to the same there: it comes late, or it fails for good, at first, or the process ends, which calls take turns with.
    pub(super) fn sampled_in_read(turn: usize) -> [Self; 2] {
        [Self::Late, [Self::Throttled, Self::Cut, Self::KilledBefore][turn % 3]]
    }

    /// Whether the SDK's retries fail too.
    fn lasts(self) -> bool {
        matches!(self, Self::RequestLost | Self::Broken | Self::Throttled | Self::Late)
    }
}

/// How long an invocation may take here whose call comes late: less than [`LATE`].
const SHORT: Duration = Duration::from_secs(3);
/// How long any other may take: enough on a machine that is busy.
const LONG: Duration = Duration::from_secs(10);
/// When a late request arrives.
const LATE: Duration = Duration::from_millis(4500);

/// A call, by what it asks of what, and the how-manieth of these it is. Calls that are made side by side come in any order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Made {
    pub(super) word: String,
    pub(super) number: usize,
}

impl Made {
    /// Whether the call has a side effect.
    pub(super) fn writes(&self) -> bool {
        ["Transact", "Put", "Update", "Delete", "Publish", "Send", "S3 PUT", "S3 COPY", "S3 DELETE"]
            .iter()
            .any(|word| self.word.starts_with(word))
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word)?;
        if self.number > 1 { write!(f, ", {}", self.number) } else { Ok(()) }
    }
}

/// Whatever answers in the place of AWS; [`pass_on`] for the engine itself.
pub(super) type Engine = Arc<dyn Fn(&Message) -> Answered + Send + Sync>;

/// The engine without any injected fault.
pub(super) fn engine() -> Engine {
    Arc::new(pass_on)
}

/// A function that was invoked once.
pub(super) struct Attempt {
    function: &'static str,
    endpoint: String,
    runtime: Runtime,
    /// The function's reply, unless it was killed.
    pub(super) reply: Option<Reply>,
    calls: Arc<Mutex<Calls>>,
    /// How many late tries have not arrived yet.
    late: Arc<AtomicUsize>,
}

#[derive(Default)]
struct Calls {
    made: Vec<Made>,
    /// The ids of calls of which every try fails.
    doomed: HashSet<String>,
    known: BTreeMap<String, Made>,
    /// Whether the call that was to fail was made.
    came: bool,
}

impl Calls {
    /// Which call this request is, and whether it is its first try.
    fn note(&mut self, request: &Message) -> (Made, String, bool) {
        let word = word(request);
        // The SDK gives all tries of a call the same id.
        let id = request.header("amz-sdk-invocation-id").unwrap_or_default().to_owned();
        if let Some(made) = self.known.get(&id) {
            return (made.clone(), id, false);
        }
        let number = self.made.iter().filter(|made| made.word == word).count() + 1;
        let made = Made { word, number };
        self.made.push(made.clone());
        self.known.insert(id.clone(), made.clone());
        (made, id, true)
    }
}

/// Invokes a function with an event, and injects a fault into one call.
pub(super) fn attempt(
    function: &'static str,
    event: &Value,
    engine: &Engine,
    wrong: Option<(Made, Fault)>,
) -> Attempt {
    let calls: Arc<Mutex<Calls>> = Arc::default();
    let kill: Arc<OnceLock<Box<dyn Fn() + Send + Sync>>> = Arc::default();
    let late: Arc<AtomicUsize> = Arc::default();
    let time = if matches!(wrong, Some((_, Fault::Late))) { SHORT } else { LONG };
    let deal = {
        let (calls, kill, late) = (Arc::clone(&calls), Arc::clone(&kill), Arc::clone(&late));
        let engine = Arc::clone(engine);
        move |request: &Message| {
            let fault = {
                let mut calls = calls.lock().unwrap();
                let (made, id, is_first) = calls.note(request);
                let hit = wrong.as_ref().filter(|(at, _)| is_first && !calls.came && *at == made);
                if let Some((_, fault)) = hit {
                    calls.came = true;
                    if fault.lasts() {
                        calls.doomed.insert(id.clone());
                    }
                }
                let lasts = wrong.as_ref().filter(|_| calls.doomed.contains(&id));
                hit.or(lasts).map(|(_, fault)| *fault)
            };
            let Some(fault) = fault else { return Outcome::Answer(engine(request)) };
            // It may make its first call before its start is known here.
            let end = || kill.wait()();
            match fault {
                Fault::RequestLost => Outcome::Closed,
                Fault::AnswerLost => {
                    engine(request);
                    Outcome::Closed
                }
                Fault::Broken => Outcome::Answer(refusal(request, 500, "InternalError")),
                Fault::Throttled => Outcome::Answer(throttled(request)),
                Fault::Late => {
                    late.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(LATE);
                    engine(request);
                    late.fetch_sub(1, Ordering::SeqCst);
                    Outcome::Closed
                }
                Fault::Cut => Outcome::Cut(engine(request)),
                Fault::KilledBefore => {
                    end();
                    Outcome::Closed
                }
                Fault::KilledAfter => {
                    engine(request);
                    end();
                    Outcome::Closed
                }
            }
        }
    };
    let endpoint = stand_between("x", deal);
    let runtime = start(function, endpoint.clone(), time);
    drop(kill.set(Box::new(runtime.killer())));
    let reply = runtime.try_invoke(event);
    Attempt { function, endpoint, runtime, reply, calls, late }
}

fn start(function: &str, endpoint: String, time: Duration) -> Runtime {
    Setup { endpoint, time, patience: Duration::from_secs(12), ..Setup::of(function) }.start()
}

impl Attempt {
    /// Invokes it again, as Lambda would: the same process if it still runs, else a new one. No fault is injected now.
    pub(super) fn again(&mut self, event: &Value) -> Option<&Reply> {
        self.reply = self.runtime.try_invoke(event);
        if self.reply.is_none() {
            self.runtime = start(self.function, self.endpoint.clone(), LONG);
            self.reply = self.runtime.try_invoke(event);
        }
        self.reply.as_ref()
    }

    /// The calls made so far.
    pub(super) fn made(&self) -> Vec<Made> {
        self.calls.lock().unwrap().made.clone()
    }

    /// Whether the call that was to fail was made at all.
    pub(super) fn went_wrong(&self) -> bool {
        self.calls.lock().unwrap().came
    }

    /// Waits until delayed requests have arrived.
    pub(super) fn await_arrival(&self) {
        eventually("what was late has arrived", || (self.late.load(Ordering::SeqCst) == 0).then_some(()));
    }
}

/// How the services say that they have a fault or too much to do: in JSON, or in XML by S3 and SNS.
fn refusal(request: &Message, status: u16, code: &str) -> Answered {
    let is_s3 = operation(request).is_empty() && form(request).is_none() && !is_mail(request);
    let xml = |body: String| Answered { status, kind: "text/xml".to_owned(), body: body.into_bytes() };
    if is_s3 {
        xml(format!("<Error><Code>{code}</Code><Message>x</Message></Error>"))
    } else if form(request).is_some() {
        let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>x</Message></Error>");
        xml(format!("<ErrorResponse>{error}</ErrorResponse>"))
    } else {
        Answered::json(status, json!({"__type": format!("x#{code}"), "message": "x"}))
    }
}

fn throttled(request: &Message) -> Answered {
    if form(request).is_some() {
        refusal(request, 400, "Throttling")
    } else if is_mail(request) {
        refusal(request, 429, "TooManyRequestsException")
    } else if operation(request).is_empty() {
        refusal(request, 503, "SlowDown")
    } else {
        refusal(request, 400, "ThrottlingException")
    }
}

/// The body of a call to SNS.
fn form(request: &Message) -> Option<String> {
    let is_form = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    is_form.then(|| String::from_utf8_lossy(&request.body).into_owned())
}

fn is_mail(request: &Message) -> bool {
    request.line.contains(" /v2/email/")
}

/// A name for a call: its operation and what it is about.
pub(super) fn word(request: &Message) -> String {
    let asked = operation(request);
    if !asked.is_empty() {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let table = body["TableName"].as_str().and_then(|table| table.rsplit('-').next());
        let index = body["IndexName"].as_str().map(|index| format!(".{index}")).unwrap_or_default();
        return table.map_or(asked.to_owned(), |table| format!("{asked} {table}{index}"));
    }
    if let Some(form) = form(request) {
        return if form.contains("PhoneNumber=") { "Publish to a telephone" } else { "Publish" }.to_owned();
    }
    if is_mail(request) {
        return "SendEmail".to_owned();
    }
    let mut words = request.line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if query.contains("list-type=2") {
        return "S3 LIST".to_owned();
    }
    let method = if request.header("x-amz-copy-source").is_some() { "COPY" } else { method };
    let mut folders: Vec<&str> = path.trim_start_matches('/').split('/').skip(1).collect();
    folders.pop();
    // The half that it is in, where there are two, and nothing of whose it is.
    folders.truncate(2);
    format!("S3 {method} {}", folders.join("/"))
}
