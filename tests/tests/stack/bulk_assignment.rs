//! One command for many reports: each has its own answer, and what was cut off and is sent again ends well for each.

use domain::status::Status;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tests::{
    http::{Answer, Call, fresh_key},
    life::{self, Report, by},
    officers,
    operator::{items_of, items_of_kind},
    proxy::{Answered, Outcome, operation, pass_on, stand_between},
    report_state::{hide, looks},
    runtime::{Event, Message, Setup},
    threads::{at_once, in_parallel},
};

const ROUTE: &str = "POST /v1/assignments";

fn assign() -> Value {
    json!({"action": "assign", "unit": officers::UNIT_CODE})
}

fn give_back() -> Value {
    json!({"action": "return", "reason": "Bukan wewenang kami"})
}

/// The body of a bulk command.
fn body(tickets: &[&str], action: &Value) -> Value {
    let mut body = action.clone();
    body["tickets"] = json!(tickets);
    body
}

fn bulk(officer: &str, key: &str, body: &Value) -> Call {
    by(officer, "POST", "/v1/assignments").key(key).json(body)
}

fn tickets(reports: &[Report]) -> Vec<&str> {
    reports.iter().map(|report| report.ticket.as_str()).collect()
}

fn items(answer: &Answer) -> Vec<Value> {
    answer.json()["items"].as_array().expect("items").clone()
}

fn codes(items: &[Value]) -> Vec<u64> {
    items.iter().map(|item| item["status_code"].as_u64().expect("a status")).collect()
}

fn reports(status: Status, many: usize) -> Vec<Report> {
    in_parallel((0..many).collect(), |_| life::in_status(status, &life::body()))
}

/// How many events of one kind a report has.
fn events(report: &Report, act: &str) -> usize {
    let is = |item: &&tests::operator::Item| item["act"].as_s().is_ok_and(|value| value == act);
    items_of_kind(&report.ticket, "event").iter().filter(is).count()
}

/// The command as an event for a function that a test has started.
fn event(officer: &str, key: &str, body: &Value) -> Event {
    Event::new(ROUTE, &[]).by(officer).header("idempotency-key", key).json(body)
}

fn items_in(reply: &Value) -> Vec<Value> {
    let body: Value = serde_json::from_str(reply["body"].as_str().expect("a body")).expect("JSON");
    body["items"].as_array().unwrap_or_else(|| panic!("{reply}")).clone()
}

/// Whether the function is about to store something of this report.
fn stores(request: &Message, report: &Report) -> bool {
    let bare = report.ticket.replace('-', "");
    operation(request) == "TransactWriteItems" && String::from_utf8_lossy(&request.body).contains(&bare)
}

#[test]
fn bulk_assignment_of_fifty_reports_answers_each_as_if_it_had_been_asked_alone() {
    let mut all = reports(Status::Menunggu, 48);
    all.push(life::in_status(Status::Koordinasi, &life::body()));
    let (hidden, in_another_status) = (all[17].clone(), all[48].clone());
    hide(&hidden);
    let unknown = life::unknown_ticket();
    let mut named = tickets(&all);
    named.insert(31, &unknown);
    let key = fresh_key();
    let command = body(&named, &assign());
    let refused =
        |ticket: &str| ticket == hidden.ticket || ticket == unknown || ticket == in_another_status.ticket;

    let first = items(&bulk(officers::TIKET, &key, &command).send().expect(200));
    assert_eq!(first.iter().map(|item| item["ticket"].as_str().unwrap()).collect::<Vec<_>>(), named);
    let alone = |ticket: &str, key: &str| {
        by(officers::TIKET, "POST", &format!("/v1/reports/{ticket}/assignment"))
            .key(key)
            .json(&assign())
            .send()
    };
    for item in &first {
        let ticket = item["ticket"].as_str().expect("a ticket");
        let same = alone(ticket, &key);
        assert_eq!(item["status_code"], same.status, "{item}");
        assert!(item.get("replayed").is_none(), "{item}");
        if refused(ticket) {
            assert_eq!(item["problem"], same.json());
        } else {
            // One report alone, with the key of all: it is the same command.
            assert_eq!((same.status, &item["done"]), (200, &same.json()));
            assert_eq!(same.headers["idempotency-replayed"], "true");
        }
    }
    assert_eq!(first[31]["status_code"], 404);
    assert_eq!(first.iter().filter(|item| item["status_code"] == 200).count(), 47);
    assert_eq!(in_another_status.status(), "koordinasi");

    let before: Vec<_> = all.iter().map(|report| items_of(&report.ticket)).collect();
    let again = items(&bulk(officers::TIKET, &key, &command).send().expect(200));
    for (first, again) in first.iter().zip(again) {
        let mut replayed = first.clone();
        if first["status_code"] == 200 {
            replayed["replayed"] = json!(true);
        }
        assert_eq!(again, replayed);
    }
    assert!(before == all.iter().map(|report| items_of(&report.ticket)).collect::<Vec<_>>());
    assert!(all[..48].iter().all(|report| events(report, "assign") == usize::from(!refused(&report.ticket))));
    // A command is no look; reading the list is one.
    assert!(looks(&all[0]).iter().all(|look| look["looked_at"] == "accesses"));
}

#[test]
fn bulk_command_of_which_a_part_was_done_alone_does_the_rest() {
    let all = reports(Status::Menunggu, 9);
    let key = fresh_key();
    let alone =
        by(officers::TIKET, "POST", &all[0].path("assignment")).key(&key).json(&assign()).send().expect(200);
    let some = items(&bulk(officers::TIKET, &key, &body(&tickets(&all[..5]), &assign())).send().expect(200));
    assert_eq!((&some[0]["replayed"], &some[0]["done"]), (&json!(true), &alone.json()));
    // The fields in another order, and the tickets otherwise written and in another order, are the same command.
    let mut named: Vec<String> = all.iter().map(|report| report.ticket.to_lowercase()).collect();
    named.reverse();
    let text =
        format!(r#"{{"unit": "{}", "tickets": {}, "action": "assign"}}"#, officers::UNIT_CODE, json!(named));
    let rest =
        by(officers::TIKET, "POST", "/v1/assignments").key(&key).header("Content-Type", "application/json");
    let rest = items(&rest.bytes(text.into_bytes()).send().expect(200));
    for (n, report) in all.iter().enumerate() {
        let item = &rest[all.len() - 1 - n];
        assert_eq!((&item["ticket"], &item["status_code"]), (&json!(report.ticket), &json!(200)), "{item}");
        assert_eq!(item["replayed"] == true, n < 5, "{item}");
        assert_eq!(events(report, "assign"), 1);
    }

    // Under the same key another command is none of these, and what it was not used for it does.
    let (fresh, _) = life::submit(&life::body());
    let reject = json!({"action": "reject", "reason": "Bukan wewenang kota"});
    let mixed = body(&[&all[0].ticket, &fresh.ticket], &reject);
    let mixed = items(&bulk(officers::TIKET, &key, &mixed).send().expect(200));
    assert_eq!(codes(&mixed), [422, 200]);
    assert_eq!(mixed[0]["problem"]["errors"][0]["code"], "key_reused");
    assert_eq!((all[0].status(), fresh.status()), ("koordinasi".to_owned(), "ditolak".to_owned()));
}

#[test]
fn bulk_command_cut_off_half_way_and_sent_again_ends_well_for_each_report() {
    let all = reports(Status::Menunggu, 12);
    let key = fresh_key();
    let command = body(&tickets(&all), &assign());
    let kill: Arc<OnceLock<Box<dyn Fn() + Send + Sync>>> = Arc::default();
    let mut setup = Setup::of("assign");
    let stored = AtomicUsize::new(0);
    setup.endpoint = {
        let kill = Arc::clone(&kill);
        stand_between("x", move |request| {
            let answered = pass_on(request);
            if operation(request) == "TransactWriteItems" && stored.fetch_add(1, Ordering::SeqCst) == 5 {
                kill.wait()();
            }
            Outcome::Answer(answered)
        })
    };
    let function = setup.start();
    drop(kill.set(Box::new(function.killer())));
    assert!(function.try_invoke(event(officers::TIKET, &key, &command).value()).is_none(), "it was ended");
    let done: Vec<bool> = all.iter().map(|report| events(report, "assign") == 1).collect();
    assert!(done.contains(&true) && done.contains(&false), "{done:?}");

    let again = items(&bulk(officers::TIKET, &key, &command).send().expect(200));
    for ((report, item), done) in all.iter().zip(&again).zip(done) {
        assert_eq!((&item["status_code"], item["replayed"] == true), (&json!(200), done), "{item}");
        assert_eq!((report.status().as_str(), events(report, "assign")), ("koordinasi", 1));
    }
}

#[test]
fn bulk_command_sent_ten_times_at_once_is_done_once_for_each_report() {
    let all = reports(Status::Menunggu, 8);
    let key = fresh_key();
    let command = body(&tickets(&all), &assign());
    let answers =
        at_once((0..10).collect(), |_| items(&bulk(officers::TIKET, &key, &command).send().expect(200)));
    for (n, report) in all.iter().enumerate() {
        let of_it: Vec<&Value> = answers.iter().map(|items| &items[n]).collect();
        assert!(of_it.iter().all(|item| item["status_code"] == 200), "{of_it:#?}");
        assert!(of_it.iter().all(|item| item["done"] == of_it[0]["done"]));
        assert_eq!(of_it.iter().filter(|item| item["replayed"] != true).count(), 1);
        assert_eq!(events(report, "assign"), 1);
    }
}

#[test]
fn bulk_acts_of_a_unit_are_its_own_and_every_other_officer_is_refused_as_a_whole() {
    let mut all = reports(Status::Koordinasi, 4);
    let (elsewhere, _) = life::submit(&life::body());
    let away = json!({"action": "assign", "unit": officers::OTHER_UNIT_CODE});
    elsewhere.command(officers::TIKET, "assignment", &away).expect(200);
    all.push(elsewhere);
    let named = tickets(&all);
    let send = |officer: &str, action: &Value| bulk(officer, &fresh_key(), &body(&named, action)).send();
    let before: Vec<_> = all.iter().map(|report| items_of(&report.ticket)).collect();
    let refusals = [
        (officers::VALIDASI, "/problems/not-yours"),
        (officers::VERIFIKASI, "/problems/not-yours"),
        (officers::ADMINISTRATOR, "/problems/not-yours"),
        (officers::CONFLICTED, "/problems/no-right"),
    ];
    for (officer, problem) in refusals {
        for action in [json!({"action": "accept"}), give_back(), assign()] {
            assert_eq!(send(officer, &action).expect(403).json()["type"], problem);
        }
        // Whoever can do none of this is told so before the body is looked at.
        let nonsense = by(officer, "POST", "/v1/assignments").bytes(b"{".to_vec()).send();
        assert_eq!(nonsense.expect(403).json()["type"], problem);
    }
    // The ticket desk accepts nothing, and the unit above sees what lies below and acts on none of it.
    assert_eq!(codes(&items(&send(officers::TIKET, &json!({"action": "accept"})).expect(200))), [403; 5]);
    let above = items(&send(officers::PARENT_UNIT, &json!({"action": "accept"})).expect(200));
    assert_eq!(codes(&above), [403, 403, 403, 403, 404]);
    assert!(before == all.iter().map(|report| items_of(&report.ticket)).collect::<Vec<_>>());

    let accepted = items(&send(officers::UNIT, &json!({"action": "accept"})).expect(200));
    assert_eq!(codes(&accepted), [200, 200, 200, 200, 404]);
    let unlisted =
        send(officers::UNIT, &json!({"action": "delegate", "unit": "tidak-terdaftar"})).expect(200);
    assert_eq!(codes(&items(&unlisted)), [422, 422, 422, 422, 404]);
    let returned = items(&send(officers::UNIT, &give_back()).expect(200));
    assert_eq!(codes(&returned), [200, 200, 200, 200, 404]);
    let statuses: Vec<String> = all.iter().map(Report::status).collect();
    assert_eq!(statuses, ["menunggu", "menunggu", "menunggu", "menunggu", "koordinasi"]);
    assert_eq!(codes(&items(&send(officers::UNIT, &give_back()).expect(200))), [409, 409, 409, 409, 404]);
}

#[test]
fn bulk_command_tells_a_hidden_report_by_nothing_from_one_that_never_was() {
    let (hidden, unknown) = (life::submit(&life::body()).0, life::unknown_ticket());
    hide(&hidden);
    let (open, _) = life::submit(&life::body());
    for action in [assign(), json!({"action": "accept"}), json!({"action": "merge", "into": open.ticket})] {
        let ask = |ticket: &str| {
            let reply = Setup::of("assign").start();
            let reply = reply.invoke(event(officers::TIKET, &fresh_key(), &body(&[ticket], &action)).value());
            // Also where nothing had to be waited for.
            assert!(reply.took >= Duration::from_millis(100), "{:?}", reply.took);
            let text = reply.value["body"].as_str().expect("a body").replace(ticket, "X");
            (reply.value["statusCode"].clone(), reply.value["headers"].clone(), text)
        };
        let told = ask(&hidden.ticket);
        assert!(told.2.contains(r#""status_code":404"#), "{}", told.2);
        assert_eq!(told, ask(&unknown));
    }
}

#[test]
fn bulk_command_of_which_one_report_fails_goes_on_with_the_others_and_logs_how_many() {
    let all = reports(Status::Menunggu, 7);
    let key = fresh_key();
    let mut command = body(&tickets(&all), &assign());
    command["tickets"].as_array_mut().unwrap().push(json!(life::unknown_ticket()));
    let mut setup = Setup::of("assign");
    // Of that, half a second is the answer's.
    setup.time = Duration::from_secs(4);
    let (silent, broken) = (all[1].clone(), all[4].clone());
    setup.endpoint = stand_between("x", move |request| {
        if stores(request, &silent) {
            Outcome::Silence
        } else if stores(request, &broken) {
            let refused = json!({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"});
            Outcome::Answer(Answered::json(400, refused))
        } else {
            Outcome::Answer(pass_on(request))
        }
    });
    let function = setup.start();
    let reply = function.invoke(event(officers::TIKET, &key, &command).value()).value;
    assert_eq!(reply["statusCode"], 200, "{reply}");
    assert_eq!(codes(&items_in(&reply)), [200, 503, 200, 200, 503, 200, 200, 404]);
    assert_eq!(items_in(&reply)[1]["problem"]["type"], "/problems/unavailable");
    assert_eq!(reply["headers"]["retry-after"], "5", "the longest of what the parts ask for");

    let said = function.said();
    let line: Value = serde_json::from_str(said.trim()).unwrap_or_else(|_| panic!("not one line: {said}"));
    assert_eq!(
        (&line["outcome"], &line["level"], &line["Faults"]),
        (&json!("partly"), &json!("WARN"), &json!(1))
    );
    assert_eq!(line["results"], json!({"ok": 5, "unavailable": 2, "not_found": 1}));
    assert!(line["transactions"]["commit"].as_u64().unwrap() >= 7, "{line}");
    for report in &all {
        assert!(!said.contains(&report.ticket) && !said.contains(&report.ticket.replace('-', "")), "{said}");
    }

    let again = items(&bulk(officers::TIKET, &key, &command).send().expect(200));
    assert_eq!(codes(&again), [200, 200, 200, 200, 200, 200, 200, 404]);
    assert!(all.iter().all(|report| events(report, "assign") == 1));
}

#[test]
fn bulk_command_begins_no_report_that_it_has_no_time_for() {
    let all = reports(Status::Menunggu, 3);
    let key = fresh_key();
    let command = body(&tickets(&all), &assign());
    let before: Vec<_> = all.iter().map(|report| items_of(&report.ticket)).collect();
    let function = Setup { time: Duration::from_secs(2), ..Setup::of("assign") }.start();
    let reply = function.invoke(event(officers::TIKET, &key, &command).value()).value;
    assert_eq!(codes(&items_in(&reply)), [503, 503, 503], "{reply}");
    assert!(reply["headers"]["retry-after"].is_string());
    assert!(before == all.iter().map(|report| items_of(&report.ticket)).collect::<Vec<_>>());
    let again = items(&bulk(officers::TIKET, &key, &command).send().expect(200));
    assert!(
        again.iter().all(|item| item["status_code"] == 200 && item.get("replayed").is_none()),
        "{again:#?}"
    );
}

#[test]
fn bulk_command_that_is_wrong_as_a_whole_has_all_its_errors_and_does_nothing() {
    let (report, _) = life::submit(&life::body());
    let ticket = report.ticket.as_str();
    let before = items_of(ticket);
    let many: Vec<String> =
        (0..51_u8).map(|n| domain::ticket::Ticket::from_mac(&[n; 32]).to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let cases: [(&[&str], Value, &[&str]); 5] = [
        (
            &[ticket, "0000-0000-00001", &ticket.to_lowercase()],
            assign(),
            &["tickets[1] invalid_format", "tickets[2] repeated"],
        ),
        (&[], json!({"action": "assign", "x": 1}), &["tickets required", "unit required", "x unknown_field"]),
        (&many, assign(), &["tickets too_many"]),
        (&[ticket], json!({"action": "return", "reason": "x"}), &["reason too_short"]),
        (&[ticket], json!({"action": "submit"}), &["action not_listed"]),
    ];
    for (named, action, expected) in cases {
        let call = by(officers::TIKET, "POST", "/v1/assignments").json(&body(named, &action));
        assert_eq!(call.clone().key(&fresh_key()).send().expect(422).errors(), expected);
        // Those of the headers come with them.
        let headers = [&["Idempotency-Key required", "If-Match unknown_field"] as &[_]];
        let expected = [expected].into_iter().chain(headers).flatten().copied().collect::<Vec<_>>();
        assert_eq!(call.header("If-Match", "*").send().expect(422).errors(), expected);
    }
    let good = by(officers::TIKET, "POST", "/v1/assignments").json(&body(&[ticket], &assign()));
    assert_eq!(good.clone().send().expect(422).errors(), ["Idempotency-Key required"]);
    assert_eq!(good.clone().key("short").send().expect(422).errors(), ["Idempotency-Key invalid_format"]);
    let version = report.seen_by(officers::TIKET).expect(200).json()["version"].clone();
    let condition = good.key(&fresh_key()).header("If-Match", version.as_str().unwrap());
    assert_eq!(condition.send().expect(422).errors(), ["If-Match unknown_field"]);
    let parameter = by(officers::TIKET, "POST", "/v1/assignments?x=1").key(&fresh_key());
    parameter.json(&body(&[ticket], &assign())).send().expect(400);
    assert!(items_of(ticket) == before);
}

#[test]
fn bulk_assignment_warns_of_what_units_will_read_masked_of_the_summary() {
    let reports = reports(Status::Menunggu, 2);
    let mut assign = assign();
    assign["summary"] = json!("Lubang di depan pasar, telepon 0812-9000-4714");
    let answer = bulk(officers::TIKET, &fresh_key(), &body(&tickets(&reports), &assign)).send().expect(200);
    for item in items(&answer) {
        assert_eq!(item["done"]["warnings"], json!([{"field": "summary", "code": "phone"}]));
    }
}

#[test]
fn bulk_merge_into_one_of_its_own_reports_leaves_that_one_open() {
    let all = reports(Status::Menunggu, 4);
    let merge = json!({"action": "merge", "into": all[2].ticket});
    let merged =
        items(&bulk(officers::TIKET, &fresh_key(), &body(&tickets(&all), &merge)).send().expect(200));
    assert_eq!(codes(&merged), [200, 200, 422, 200]);
    assert_eq!(merged[2]["problem"]["errors"][0]["code"], "same_ticket");
    let statuses: BTreeSet<String> = [0, 1, 3].map(|n| all[n].status()).into();
    assert_eq!((all[2].status().as_str(), statuses), ("menunggu", BTreeSet::from(["duplikat".to_owned()])));
}
