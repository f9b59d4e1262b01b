//! Every call to AWS that a function makes goes wrong in every way, one at a time. Whoever asked asks again, and all is well:
//! what was acknowledged is there exactly once, every change is announced, and nothing is left that belongs to nothing.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::words::Status;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use tests::{
    between::{Answered, Outcome, operation, pass_on, stand_between},
    http::{Answer, eventually, fresh_key},
    inbox::Inbox,
    life::{self, Report, announced, body, by, photo, submission, upload},
    officers,
    operator::{Item, config, items_of_kind, wait},
    runtime::{Event, Message, Setup},
    stack::stack,
    threads::in_parallel,
};

/// What goes wrong with a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fault {
    /// It does not arrive.
    RequestLost,
    /// It is done, and its answer does not arrive.
    AnswerLost,
    /// AWS answers that it has a fault.
    Broken,
    /// AWS asks to slow down.
    Throttled,
    /// It arrives when the function has given up, and perhaps the next one has done the same.
    Late,
    /// It is done, and half of its answer arrives.
    Cut,
    /// The function ends before it.
    KilledBefore,
    /// The function ends when it is done.
    KilledAfter,
}

const FAULTS: [Fault; 8] = [
    Fault::RequestLost,
    Fault::AnswerLost,
    Fault::Broken,
    Fault::Throttled,
    Fault::Late,
    Fault::Cut,
    Fault::KilledBefore,
    Fault::KilledAfter,
];

/// How long an invocation may take here.
const TIME: Duration = Duration::from_secs(3);
/// When what is late arrives.
const LATE: Duration = Duration::from_millis(4500);

/// Something that somebody asks for, ready to be asked.
struct Deed {
    /// As the gateway hands it over.
    event: Event,
    /// As whoever asked asks again.
    again: Box<dyn Fn() -> Answer + Send>,
    /// What it is about; a submission has none before it is answered.
    report: Option<Report>,
}

/// A deed of each kind.
struct Act {
    name: &'static str,
    function: &'static str,
    /// What it leaves in the history, and how often.
    leaves: Option<&'static str>,
    /// Brings a report to where it can be done.
    prepare: fn() -> Deed,
}

const ACTS: &[Act] = &[
    Act { name: "submit", function: "submit", leaves: Some("submit"), prepare: submit },
    Act { name: "assign", function: "assign", leaves: Some("assign"), prepare: assign },
    Act { name: "merge", function: "assign", leaves: Some("merge"), prepare: merge },
    Act {
        name: "announce photos",
        function: "post-tl",
        leaves: Some("add_work_photos"),
        prepare: add_photos,
    },
    Act { name: "post a TL", function: "post-tl", leaves: Some("post_tl"), prepare: post_tl },
    Act { name: "validate", function: "validate", leaves: Some("validate"), prepare: validate },
    Act { name: "verify", function: "verify", leaves: Some("verify"), prepare: verify },
    Act { name: "dispute", function: "track", leaves: Some("dispute"), prepare: dispute },
    Act { name: "withdraw", function: "track", leaves: Some("withdraw"), prepare: withdraw },
    Act { name: "lock", function: "track", leaves: Some("change_privacy"), prepare: lock },
    Act { name: "rate", function: "track", leaves: None, prepare: rate },
    Act { name: "add photos", function: "track", leaves: None, prepare: more_photos },
];

fn submit() -> Deed {
    let mut body = body();
    body["photos"] = json!([announced(&photo(71))]);
    let key = fresh_key();
    let event = Event::new("POST /v1/reports", &[])
        .header("authorization", &format!("Bearer {}", stack().channel_key("jaki")))
        .header("idempotency-key", &key)
        .json(&body);
    Deed { event, again: Box::new(move || submission("jaki", &key, &body).send()), report: None }
}

fn command(report: Report, officer: &'static str, route: &'static str, body: Value) -> Deed {
    let key = fresh_key();
    let template = format!("POST /v1/reports/{{ticket}}/{route}");
    let event = Event::new(&template, &[("ticket", &report.ticket)])
        .by(officer)
        .header("idempotency-key", &key)
        .json(&body);
    let path = report.path(route);
    let again = move || by(officer, "POST", &path).key(&key).json(&body).send();
    Deed { event, again: Box::new(again), report: Some(report) }
}

fn assign() -> Deed {
    let (report, _) = life::submit(&body());
    command(report, officers::TIKET, "assignment", json!({"action": "assign", "unit": officers::UNIT_CODE}))
}

fn merge() -> Deed {
    let ((report, _), (other, _)) = (life::submit(&body()), life::submit(&body()));
    command(report, officers::TIKET, "assignment", json!({"action": "merge", "into": other.ticket}))
}

fn add_photos() -> Deed {
    let mut entry = announced(&photo(72));
    entry["kind"] = json!("before");
    let report = life::in_status(Status::Proses, &body());
    command(report, officers::UNIT, "photos", json!({"photos": [entry]}))
}

fn post_tl() -> Deed {
    let report = life::in_status(Status::Proses, &body());
    let photos = report.add_photos(officers::UNIT, &["before", "after"]);
    command(report, officers::UNIT, "tl", json!({"narrative": "Lubang sudah ditambal", "photos": photos}))
}

fn validate() -> Deed {
    let report = life::in_status(Status::MenungguValidasi, &body());
    command(report, officers::VALIDASI, "validation", json!({"decision": "accept"}))
}

fn verify() -> Deed {
    let report = life::in_status(Status::MenungguVerifikasi, &body());
    let photos = report.add_photos(officers::VERIFIKASI, &["field"]);
    let place = json!({"lat": -6.2088, "lon": 106.8456});
    let body = json!({"conforms": true, "note": "Sesuai", "photos": photos, "location": place});
    command(report, officers::VERIFIKASI, "verification", body)
}

fn by_reporter(report: Report, method: &'static str, route: &'static str, body: Value) -> Deed {
    let slash = if route.is_empty() { "" } else { "/" };
    let template = format!("{method} /v1/track/{{ticket}}{slash}{route}");
    let event = Event::new(&template, &[("ticket", &report.ticket)]).header("report-secret", &report.secret);
    let event = if body.is_null() { event } else { event.json(&body) };
    let whose = report.clone();
    Deed { event, again: Box::new(move || whose.track(method, route, &body)), report: Some(report) }
}

fn dispute() -> Deed {
    let report = life::in_status(Status::Selesai, &body());
    by_reporter(report, "POST", "dispute", json!({"reason": "Sudah berlubang lagi"}))
}

/// A report with a photo that is ready.
fn with_photo(privacy: &str) -> Report {
    let mut body = body();
    body["privacy"] = json!(privacy);
    body["photos"] = json!([announced(&photo(73))]);
    let (report, told) = life::submit(&body);
    upload(&told.json()["uploads"][0], &photo(73)).expect(200);
    eventually("the photo is ready", || {
        let ready = AttributeValue::S("ready".to_owned());
        items_of_kind(&report.ticket, "photo").iter().all(|item| item["state"] == ready).then_some(())
    });
    report
}

fn withdraw() -> Deed {
    by_reporter(with_photo("private"), "DELETE", "", Value::Null)
}

fn lock() -> Deed {
    by_reporter(with_photo("public"), "PUT", "privacy", json!({"privacy": "private"}))
}

fn rate() -> Deed {
    let report = life::in_status(Status::Selesai, &body());
    by_reporter(report, "PUT", "rating", json!({"stars": 4, "comment": "Lumayan"}))
}

fn more_photos() -> Deed {
    let (report, _) = life::submit(&body());
    by_reporter(report, "POST", "photos", json!({"photos": [announced(&photo(74))]}))
}

/// A word for a call: what it asks of which service.
fn word(request: &Message) -> String {
    let asked = operation(request);
    if !asked.is_empty() {
        return asked.to_owned();
    }
    let method = request.line.split(' ').next().unwrap_or_default();
    let copies = request.header("x-amz-copy-source").is_some();
    format!("S3 {}", if copies { "COPY" } else { method })
}

/// Does the deed with its function, and lets this call go wrong. The calls that there were, by their words.
fn attempt(function: &'static str, event: &Event, wrong: Option<(usize, Fault)>) -> Vec<String> {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let kill: Arc<OnceLock<Box<dyn Fn() + Send + Sync>>> = Arc::default();
    let arrived = Arc::new(AtomicBool::new(!matches!(wrong, Some((_, Fault::Late)))));
    let deal = {
        let (calls, kill, arrived) = (Arc::clone(&calls), Arc::clone(&kill), Arc::clone(&arrived));
        let number = AtomicUsize::new(0);
        move |request: &Message| {
            calls.lock().unwrap().push(word(request));
            let number = number.fetch_add(1, Ordering::SeqCst);
            let Some((_, fault)) = wrong.filter(|(at, _)| *at == number) else {
                return Outcome::Answer(pass_on(request));
            };
            // It may make its first call before its start is known here.
            let end = || kill.wait()();
            match fault {
                Fault::RequestLost => Outcome::Closed,
                Fault::AnswerLost => {
                    pass_on(request);
                    Outcome::Closed
                }
                Fault::Broken => {
                    Outcome::Answer(Answered::json(500, json!({"__type": "x#InternalServerError"})))
                }
                Fault::Throttled => {
                    Outcome::Answer(Answered::json(400, json!({"__type": "x#ThrottlingException"})))
                }
                Fault::Late => {
                    thread::sleep(LATE);
                    pass_on(request);
                    arrived.store(true, Ordering::SeqCst);
                    Outcome::Closed
                }
                Fault::Cut => Outcome::Cut(pass_on(request)),
                Fault::KilledBefore => {
                    end();
                    Outcome::Closed
                }
                Fault::KilledAfter => {
                    pass_on(request);
                    end();
                    Outcome::Closed
                }
            }
        }
    };
    let setup = Setup {
        endpoint: stand_between("x", deal),
        time: TIME,
        patience: Duration::from_secs(12),
        ..Setup::of(function)
    };
    let runtime = setup.start();
    drop(kill.set(Box::new(runtime.killer())));
    let reply = runtime.try_invoke(event.value());
    if let Some(status) = reply.and_then(|reply| reply.value["statusCode"].as_u64()) {
        assert!([200, 201, 500, 503].contains(&status), "{status}");
    }
    eventually("what was late has arrived", || arrived.load(Ordering::SeqCst).then_some(()));
    let made = calls.lock().unwrap();
    made.clone()
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

fn has_identity(report: &Report) -> bool {
    let dynamodb = aws_sdk_dynamodb::Client::new(&config());
    let row = dynamodb
        .get_item()
        .table_name(stack().output("VaultTable"))
        .key("pk", AttributeValue::S(report.ticket.replace('-', "")))
        .consistent_read(true);
    wait(row.send()).expect("the vault").item.is_some()
}

fn pictures(report: &Report, half: &str) -> usize {
    let prefix = format!("clean/{half}/{}/", report.ticket.replace('-', ""));
    let s3 = aws_sdk_s3::Client::new(&config());
    let listed = s3.list_objects_v2().bucket(stack().output("PhotosBucket")).prefix(prefix);
    wait(listed.send()).expect("a listing").contents().len()
}

/// Everything that is not as it should be after a deed that was asked for again.
fn wrongs(act: &Act, report: &Report) -> Vec<String> {
    let mut wrongs = Vec::new();
    let mut check = |is_right: bool, what: &str| {
        if !is_right {
            wrongs.push(what.to_owned());
        }
    };
    let events = items_of_kind(&report.ticket, "event");
    let numbers: BTreeSet<u32> =
        events.iter().map(|event| event["number"].as_n().unwrap().parse().unwrap()).collect();
    check(numbers.iter().copied().eq(1..=u32::try_from(events.len()).unwrap()), "the history has a gap");
    let announcements = items_of_kind(&report.ticket, "announcement");
    let announced: BTreeSet<&str> = announcements.iter().map(|item| text(item, "event_id")).collect();
    if let Some(word) = act.leaves {
        let left: Vec<&Item> = events.iter().filter(|event| text(event, "act") == word).collect();
        check(left.len() == 1, "it is not there exactly once");
        // Nobody but who withdrew knew of a report that had not left the ticket desk.
        let tells = !matches!(word, "add_work_photos" | "change_privacy" | "withdraw");
        check(
            !tells || left.iter().all(|event| announced.contains(text(event, "id"))),
            "it is not announced",
        );
    }
    let photos = items_of_kind(&report.ticket, "photo");
    match act.name {
        "submit" | "announce photos" | "add photos" => check(photos.len() == 1, "another number of photos"),
        "rate" => {
            let rating = report.tracked().expect(200).json()["rating"].clone();
            check(rating["stars"] == 4, "the rating is lost");
        }
        "withdraw" => {
            check(pictures(report, "locked") + pictures(report, "shown") == 0, "a picture is left");
            check(photos.iter().all(|photo| text(photo, "state") == "rejected"), "a photo is left");
        }
        "lock" => {
            check(
                (pictures(report, "locked"), pictures(report, "shown")) == (1, 0),
                "pictures are elsewhere",
            );
        }
        _ => {}
    }
    check(has_identity(report) == (act.name != "withdraw"), "the identity is not as it should be");
    wrongs
}

/// One field of the matrix: what became of it, and the report that it was about.
fn field(act: &Act, call: usize, fault: Fault) -> (Vec<String>, Option<Report>) {
    let deed = (act.prepare)();
    attempt(act.function, &deed.event, Some((call, fault)));
    let answer = (deed.again)();
    if ![200, 201].contains(&answer.status) {
        let said = String::from_utf8_lossy(&answer.bytes).into_owned();
        return (vec![format!("asked again: {} {said}", answer.status)], None);
    }
    let report = deed.report.unwrap_or_else(|| {
        let told = answer.json();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        Report { ticket: text("ticket"), secret: text("secret") }
    });
    (wrongs(act, &report), Some(report))
}

#[test]
fn whatever_goes_wrong_with_whichever_call_asking_again_ends_well() {
    let inbox = Inbox::on(&[
        "reporter",
        "desk-validasi",
        "desk-verifikasi",
        &format!("unit-{}", officers::UNIT_CODE),
    ]);
    let calls = in_parallel(ACTS.iter().collect(), |act| {
        let deed = (act.prepare)();
        attempt(act.function, &deed.event, None)
    });
    let fields: Vec<(usize, usize, Fault)> = (0..ACTS.len())
        .flat_map(|act| (0..calls[act].len()).map(move |call| (act, call)))
        .flat_map(|(act, call)| FAULTS.map(|fault| (act, call, fault)))
        .collect();
    assert!(fields.len() > 200, "{}", fields.len());
    let results = in_parallel(fields.clone(), |(act, call, fault)| field(&ACTS[act], call, fault));

    inbox.catch_up();
    let mut came: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for message in inbox.all() {
        let text = |name: &str| message.body[name].as_str().unwrap_or_default().to_owned();
        came.entry(text("ticket")).or_default().insert(text("event_id"));
    }
    let mut bad = Vec::new();
    for ((act, call, fault), (mut wrongs, report)) in fields.iter().copied().zip(results) {
        if let Some(report) = report {
            let announced = items_of_kind(&report.ticket, "announcement");
            let told = came.get(&report.ticket);
            let untold = announced
                .iter()
                .filter(|item| !told.is_some_and(|told| told.contains(text(item, "event_id"))));
            wrongs.extend(untold.map(|item| format!("never told: {}", text(item, "event"))));
        }
        bad.extend(wrongs.into_iter().map(|wrong| (act, call, fault, wrong)));
    }
    print(&calls, &bad);
    assert!(bad.is_empty(), "{bad:#?}");
}

/// The matrix: a row for each call, a column for each way in which it goes wrong.
#[expect(clippy::print_stdout, reason = "the matrix is to be read")]
fn print(calls: &[Vec<String>], bad: &[(usize, usize, Fault, String)]) {
    println!("| act | call | {} |", FAULTS.map(|fault| format!("{fault:?}")).join(" | "));
    println!("|---|---|{}", "---|".repeat(FAULTS.len()));
    for (act, calls) in calls.iter().enumerate() {
        for (call, word) in calls.iter().enumerate() {
            let cells = FAULTS.map(|fault| {
                let is_bad = bad.iter().any(|(a, c, f, _)| (*a, *c, *f) == (act, call, fault));
                if is_bad { "**bad**" } else { "well" }
            });
            println!("| {} | {} {word} | {} |", ACTS[act].name, call + 1, cells.join(" | "));
        }
    }
}
