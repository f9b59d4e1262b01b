//! A repeated request takes effect once; of two conflicting requests one wins.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::{primitives::Blob, types::Environment};
use domain::status::Status;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use tests::{
    http::{Answer, Call, eventually, fresh_key},
    life::{self, Report, by, declared, photo, submission, upload},
    officers,
    operator::{config, items_of, items_of_kind, wait},
    proxy::{Answered, Outcome, operation, pass_on, stand_between},
    report_state::hide,
    runtime::{Event, Setup},
    stack::stack,
    threads::at_once,
};

fn report_of(answer: &Answer) -> Report {
    let told = answer.json();
    let text = |name: &str| told[name].as_str().expect("a text").to_owned();
    Report { ticket: text("ticket"), secret: text("secret") }
}

fn vault_rows(ticket: &str) -> usize {
    let found = aws_sdk_dynamodb::Client::new(&config())
        .query()
        .table_name(stack().output("VaultTable"))
        .consistent_read(true)
        .key_condition_expression("pk = :ticket")
        .expression_attribute_values(":ticket", AttributeValue::S(ticket.replace('-', "")));
    wait(found.send()).expect("a query").items().len()
}

/// The events of one kind that a report has.
fn events(report: &Report, act: &str) -> usize {
    let is = |item: &&tests::operator::Item| item["act"].as_s().is_ok_and(|value| value == act);
    items_of_kind(&report.ticket, "event").iter().filter(is).count()
}

fn with_photos() -> Value {
    let mut body = life::body();
    body["photos"] = json!([declared(&photo(1)), declared(&photo(2))]);
    body
}

#[test]
fn a_submission_sent_ten_times_at_once_is_stored_once_and_answered_ten_times_the_same() {
    for body in [life::body(), with_photos()] {
        let key = fresh_key();
        let answers = at_once((0..10).collect(), |_| submission("jaki", &key, &body).send());
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 200, 201]);
        for answer in &answers {
            assert_eq!(answer.replayed(), answer.status == 200);
        }
        // The URLs are fresh each time; everything else is the same.
        let stable: Vec<Value> = answers
            .iter()
            .map(|answer| {
                let mut told = answer.json();
                for upload in told["uploads"].as_array_mut().expect("uploads") {
                    upload.as_object_mut().expect("an upload").remove("url");
                }
                told
            })
            .collect();
        assert!(stable.iter().all(|told| *told == stable[0]), "{stable:#?}");

        let ticket = report_of(&answers[0]).ticket;
        let count = |kind: &str| items_of_kind(&ticket, kind).len();
        let photos = body["photos"].as_array().map_or(0, Vec::len);
        assert_eq!((count("report"), count("event"), count("photo")), (1, 1, photos));
        assert_eq!(vault_rows(&ticket), 1);
    }
}

#[test]
fn the_same_key_with_another_body_is_an_error_and_stores_nothing() {
    let key = fresh_key();
    let first = report_of(&submission("jaki", &key, &with_photos()).send().expect(201));
    let before = items_of(&first.ticket);
    let changes = [
        ("category", json!("sampah")),
        ("description", json!("Sama sekali lain dari yang pertama")),
        ("location", json!({"address": "Jl. Lain 1"})),
        ("privacy", json!("public")),
        ("language", json!("en")),
        ("photos", json!([declared(&photo(1))])),
    ];
    for (field, value) in changes {
        let mut body = with_photos();
        body[field] = value;
        let answer = submission("jaki", &key, &body).send().expect(422);
        assert_eq!(answer.errors(), ["Idempotency-Key key_reused"], "{field}");
    }
    assert!(items_of(&first.ticket) == before);
}

#[test]
fn the_same_key_with_another_reporter_only_gets_the_first_answer() {
    let key = fresh_key();
    let first = submission("jaki", &key, &life::body()).send().expect(201);
    let mut body = life::body();
    for reporter in [json!({"name": "Orang Lain"}), Value::Null] {
        body["reporter"] = reporter;
        let again = submission("jaki", &key, &body).send().expect(200);
        assert!(again.replayed());
        assert_eq!(again.bytes, first.bytes);
    }
    // The defaults spelled out are the same body too.
    body["privacy"] = json!("private");
    body["language"] = json!("id");
    assert_eq!(submission("jaki", &key, &body).send().expect(200).bytes, first.bytes);
    assert_eq!(vault_rows(&report_of(&first).ticket), 1);
}

#[test]
fn the_same_key_of_another_channel_and_another_key_of_the_same_are_other_reports() {
    let key = fresh_key();
    let first = report_of(&submission("jaki", &key, &life::body()).send().expect(201));
    let others = [("facebook", key), ("jaki", fresh_key())];
    for (channel, key) in others {
        let other = report_of(&submission(channel, &key, &life::body()).send().expect(201));
        assert_ne!(other.ticket, first.ticket);
        assert_ne!(other.secret, first.secret);
    }
}

#[test]
fn a_replay_tells_the_first_status_whatever_has_become_of_the_report() {
    let key = fresh_key();
    let first = submission("jaki", &key, &life::body()).send().expect(201);
    let report = report_of(&first);
    report.assign();
    report.accept();
    let before = items_of(&report.ticket);
    let again = submission("jaki", &key, &life::body()).send().expect(200);
    assert_eq!(again.bytes, first.bytes);
    assert!(items_of(&report.ticket) == before);
}

/// What a rotated intake key does, tried on a function of the same code whose secret has a second key.
#[test]
fn a_replay_after_the_intake_key_was_rotated_finds_the_report_of_the_earlier_key() {
    let rotated = Rotated::new();
    let key = fresh_key();
    let first = submission("jaki", &key, &life::body()).send().expect(201);
    let before = items_of(&report_of(&first).ticket);
    let again = rotated.submit(&key, &life::body()).expect(200);
    assert!(again.replayed());
    assert_eq!(again.json(), first.json());
    assert!(items_of(&report_of(&first).ticket) == before);

    let mut other = life::body();
    other["description"] = json!("Sama sekali lain dari yang pertama");
    assert_eq!(rotated.submit(&key, &other).expect(422).errors(), ["Idempotency-Key key_reused"]);

    // What comes anew comes under the new key, and is replayed under it.
    let key = fresh_key();
    let anew = rotated.submit(&key, &life::body()).expect(201);
    assert_eq!(rotated.submit(&key, &life::body()).expect(200).json(), anew.json());
    assert_eq!(report_of(&anew).status(), "menunggu");
    assert_eq!(vault_rows(&report_of(&anew).ticket), 1);
}

/// `submit` as it starts after a rotation, beside the deployed one so that nothing else notices.
struct Rotated {
    function: String,
    role: String,
    secret: String,
}

impl Rotated {
    fn new() -> Self {
        let name = format!("uji-{}", &fresh_key()[..16]);
        let secrets = aws_sdk_secretsmanager::Client::new(&config());
        let current = secrets.get_secret_value().secret_id(stack().output("IntakeKeyArn"));
        let current = wait(current.send()).expect("the intake key").secret_string.expect("a text");
        let mut keys: Value = serde_json::from_str(&current).expect("keys");
        let number = keys["current"].as_str().expect("a number").to_owned();
        let next = format!("{number}9");
        keys[&next] = json!(format!("{}{}", fresh_key(), fresh_key()));
        keys["current"] = json!(next);
        let secret = secrets.create_secret().name(&name).secret_string(keys.to_string());
        let secret = wait(secret.send()).expect("a secret").arn.expect("an ARN");

        let lambda = aws_sdk_lambda::Client::new(&config());
        let deployed = lambda.get_function().function_name(format!("{}-submit", stack().name));
        let deployed = wait(deployed.send()).expect("the deployed function");
        let settings = deployed.configuration().expect("a configuration");
        let mut variables =
            settings.environment().and_then(|set| set.variables()).expect("variables").clone();
        variables.insert("INTAKE_KEY".into(), secret.clone());
        let location = deployed.code().and_then(|code| code.location()).expect("a location");
        let local = location.replacen("://localhost:", "://127.0.0.1:", 1);
        let zip = Call::url("GET", &local).send().expect(200).bytes;

        let iam = aws_sdk_iam::Client::new(&config());
        let allow = |what: Value| json!({"Version": "2012-10-17", "Statement": [what]}).to_string();
        let principal = json!({"Service": "lambda.amazonaws.com"});
        let made = iam.create_role().role_name(&name).assume_role_policy_document(allow(
            json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}),
        ));
        let arn = wait(made.send()).expect("a role").role.expect("a role").arn;
        let all = allow(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        wait(iam.put_role_policy().role_name(&name).policy_name("all").policy_document(all).send())
            .expect("a policy");

        let made = lambda
            .create_function()
            .function_name(&name)
            .role(arn)
            .runtime(settings.runtime().expect("a runtime").clone())
            .handler(settings.handler().unwrap_or("bootstrap"))
            .set_architectures(Some(settings.architectures().to_vec()))
            .timeout(10)
            .environment(Environment::builder().set_variables(Some(variables)).build())
            .code(aws_sdk_lambda::types::FunctionCode::builder().zip_file(Blob::new(zip)).build());
        wait(made.send()).expect("a function");
        eventually("the function is active", || {
            let found = wait(lambda.get_function().function_name(&name).send()).ok()?;
            let state = found.configuration()?.state()?.as_str().to_owned();
            (state == "Active").then_some(())
        });
        Self { function: name.clone(), role: name, secret }
    }

    /// JAKI's submission as the gateway would hand it over.
    fn submit(&self, key: &str, body: &Value) -> Answer {
        let event = json!({
            "version": "2.0",
            "routeKey": "POST /v1/reports",
            "rawPath": "/v1/reports",
            "rawQueryString": "",
            "headers": {
                "authorization": format!("Bearer {}", stack().channel_key("jaki")),
                "content-type": "application/json",
                "idempotency-key": key,
            },
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "x",
                "domainName": "x",
                "domainPrefix": "x",
                "http": {
                    "method": "POST", "path": "/v1/reports", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                    "userAgent": "x",
                },
                "requestId": "x",
                "routeKey": "POST /v1/reports",
                "stage": "$default",
                "time": "01/Jan/2026:00:00:00 +0000",
                "timeEpoch": 1,
            },
            "body": body.to_string(),
            "isBase64Encoded": false,
        });
        let invoked = aws_sdk_lambda::Client::new(&config())
            .invoke()
            .function_name(&self.function)
            .payload(Blob::new(event.to_string().into_bytes()));
        let payload = wait(invoked.send()).expect("an invocation").payload.expect("a payload");
        let reply: Value = serde_json::from_slice(payload.as_ref()).expect("JSON");
        let status = reply["statusCode"].as_u64().unwrap_or_else(|| panic!("{reply}"));
        let headers = reply["headers"].as_object().into_iter().flatten();
        Answer {
            status: u16::try_from(status).expect("a status"),
            headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
            cookies: Vec::new(),
            bytes: reply["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
        }
    }
}

impl Drop for Rotated {
    fn drop(&mut self) {
        let _ = wait(
            aws_sdk_lambda::Client::new(&config()).delete_function().function_name(&self.function).send(),
        );
        let iam = aws_sdk_iam::Client::new(&config());
        let _ = wait(iam.delete_role_policy().role_name(&self.role).policy_name("all").send());
        let _ = wait(iam.delete_role().role_name(&self.role).send());
        let secrets = aws_sdk_secretsmanager::Client::new(&config());
        let deleted = secrets.delete_secret().secret_id(&self.secret).force_delete_without_recovery(true);
        let _ = wait(deleted.send());
    }
}

#[test]
fn of_two_officers_who_decide_at_once_one_wins_and_one_event_remains() {
    let accept = json!({"action": "accept"});
    let go_back = json!({"action": "return", "reason": "Bukan wewenang kami"});
    let validate = |decision: &str| json!({"decision": decision, "reason": "Perlu dilihat lagi"});
    let (unit, colleague) = (officers::UNIT, officers::UNIT_COLLEAGUE);
    let (validator, other) = (officers::VALIDASI, officers::VALIDASI_COLLEAGUE);
    let duels = [
        (Status::Koordinasi, "assignment", [(unit, accept.clone()), (colleague, accept.clone())]),
        (Status::Koordinasi, "assignment", [(unit, accept), (colleague, go_back)]),
        (
            Status::MenungguValidasi,
            "validation",
            [(validator, validate("accept")), (other, validate("accept"))],
        ),
        (
            Status::MenungguValidasi,
            "validation",
            [(validator, validate("accept")), (other, validate("reject"))],
        ),
    ];
    for (status, route, duel) in duels {
        for with_condition in [false, true] {
            let report = life::in_status(status, &life::body());
            let before = items_of_kind(&report.ticket, "event").len();
            let version = version(&report);
            let answers = at_once(duel.to_vec(), |(officer, body)| {
                let call = by(officer, "POST", &report.path(route)).json(&body);
                if with_condition {
                    call.header("If-Match", &format!("\"{version}\"")).send()
                } else {
                    call.send()
                }
            });
            let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            // `return` is allowed after `accept`: without a condition both may be carried out, one after the other.
            let one_after_the_other =
                !with_condition && duel[1].1["action"] == "return" && statuses == [200, 200];
            let won = answers.iter().filter(|answer| answer.status == 200).count();
            assert_eq!(items_of_kind(&report.ticket, "event").len(), before + won);
            if !one_after_the_other {
                assert_eq!(won, 1, "{statuses:?}");
                assert!(matches!(statuses[1], 409 | 412), "{statuses:?}");
                let winner = answers.iter().find(|answer| answer.status == 200).expect("a winner").json();
                assert_eq!(winner["status"], report.status());
            }
        }
    }
}

/// The version that the administrator sees.
fn version(report: &Report) -> String {
    let seen = report.seen_by(officers::ADMINISTRATOR).expect(200);
    let version = seen.json()["version"].as_str().expect("a version").to_owned();
    assert_eq!(seen.headers["etag"], format!("\"{version}\""));
    version
}

fn keyed(report: &Report, officer: &str, route: &str, key: &str, body: &Value) -> Answer {
    by(officer, "POST", &report.path(route)).key(key).json(body).send()
}

#[test]
fn a_command_repeated_with_its_key_is_done_once_and_answered_the_same_later_too() {
    let report = life::in_status(Status::Koordinasi, &life::body());
    let (accept, give_back) = (fresh_key(), fresh_key());
    let accept_body = json!({"action": "accept"});
    let return_body = json!({"action": "return", "reason": "Bukan wewenang kami"});
    let first = keyed(&report, officers::UNIT, "assignment", &accept, &accept_body).expect(200);
    assert!(!first.replayed());
    let again = |key: &str, body: &Value, first: &Answer| {
        let before = items_of(&report.ticket);
        let again = keyed(&report, officers::UNIT, "assignment", key, body).expect(200);
        assert!(again.replayed());
        assert_eq!(again.bytes, first.bytes);
        assert!(items_of(&report.ticket) == before);
    };
    again(&accept, &accept_body, &first);

    // The report leaves the caller's desk, and goes to a unit that the caller does not belong to.
    let returned = keyed(&report, officers::UNIT, "assignment", &give_back, &return_body).expect(200);
    again(&give_back, &return_body, &returned);
    let away = json!({"action": "assign", "unit": officers::OTHER_UNIT_CODE});
    report.command(officers::TIKET, "assignment", &away).expect(200);
    again(&give_back, &return_body, &returned);
    again(&accept, &accept_body, &first);
    assert_eq!((events(&report, "accept"), events(&report, "return")), (1, 1));

    // Another body under the same key is an error; a colleague's same key is another command.
    for body in [return_body, json!({"action": "return", "reason": "Alasan yang lain"})] {
        let answer = keyed(&report, officers::UNIT, "assignment", &accept, &body).expect(422);
        assert_eq!(answer.errors(), ["Idempotency-Key key_reused"]);
    }
    keyed(&report, officers::UNIT_COLLEAGUE, "assignment", &accept, &accept_body).expect(403);
}

#[test]
fn a_command_sent_ten_times_at_once_with_one_key_is_done_once() {
    let report = life::in_status(Status::Koordinasi, &life::body());
    let key = fresh_key();
    let body = json!({"action": "accept"});
    let answers = at_once((0..10).collect(), |_| keyed(&report, officers::UNIT, "assignment", &key, &body));
    assert_eq!(answers.iter().filter(|answer| !answer.replayed()).count(), 1);
    for answer in &answers {
        assert_eq!((answer.status, &answer.bytes), (200, &answers[0].bytes));
    }
    assert_eq!(events(&report, "accept"), 1);
}

/// The two reads of a command are made at once. Its first sending, still at work, may be stored between them: the event is not
/// found, and the status that it left would refuse the second sending.
#[test]
fn a_command_whose_first_sending_is_stored_while_the_second_reads_is_done_and_not_refused() {
    let (report, _) = life::submit(&life::body());
    let key = fresh_key();
    let body = json!({"action": "assign", "unit": officers::UNIT_CODE});
    let first = keyed(&report, officers::TIKET, "assignment", &key, &body).expect(200);
    let before = items_of(&report.ticket);
    let hidden = AtomicBool::new(false);
    let mut setup = Setup::of("assign");
    setup.endpoint = stand_between("x", move |request| {
        let event =
            operation(request) == "GetItem" && String::from_utf8_lossy(&request.body).contains("event#");
        let is_hidden = event && !hidden.swap(true, Ordering::SeqCst);
        Outcome::Answer(if is_hidden { Answered::json(200, "{}") } else { pass_on(request) })
    });
    let again = Event::new("POST /v1/reports/{ticket}/assignment", &[("ticket", &report.ticket)])
        .by(officers::TIKET)
        .header("idempotency-key", &key)
        .json(&body);
    let reply = setup.start().invoke(again.value()).value;
    assert_eq!(reply["statusCode"], 200, "{reply}");
    assert_eq!(reply["headers"]["idempotency-replayed"], "true");
    assert_eq!(reply["body"].as_str().unwrap().as_bytes(), first.bytes);
    assert!(items_of(&report.ticket) == before);
}

#[test]
fn photos_declared_twice_with_one_key_are_the_same_photos() {
    let report = life::in_status(Status::Proses, &life::body());
    let key = fresh_key();
    let mut body = json!({"photos": [declared(&photo(1)), declared(&photo(2))]});
    for (entry, kind) in body["photos"].as_array_mut().expect("photos").iter_mut().zip(["before", "after"]) {
        entry["kind"] = json!(kind);
    }
    let ids = |answer: &Answer| -> Vec<Value> {
        answer.json()["uploads"]
            .as_array()
            .expect("uploads")
            .iter()
            .map(|entry| entry["photo"].clone())
            .collect()
    };
    let first = keyed(&report, officers::UNIT, "photos", &key, &body).expect(201);
    let again = keyed(&report, officers::UNIT, "photos", &key, &body).expect(200);
    assert!(again.replayed());
    assert_eq!(ids(&again), ids(&first));
    assert_eq!(items_of_kind(&report.ticket, "photo").len(), 2);
    let anew = keyed(&report, officers::UNIT, "photos", &fresh_key(), &body).expect(201);
    assert!(ids(&anew).iter().all(|id| !ids(&first).contains(id)));

    // What has come needs no upload any more.
    upload(&again.json()["uploads"][0], &photo(1)).expect(200);
    report.await_cleaning(officers::UNIT, ids(&first)[0].as_str().expect("an id"));
    let later = keyed(&report, officers::UNIT, "photos", &key, &body).expect(200);
    assert_eq!(ids(&later), [ids(&first)[1].clone()]);
}

/// The entries for uploading of an answer.
fn uploads(answer: &Answer) -> Vec<Value> {
    answer.json()["uploads"].as_array().expect("uploads").clone()
}

#[test]
fn a_replayed_declaration_gives_a_unit_no_upload_that_would_be_refused_now() {
    let report = life::in_status(Status::Proses, &life::body());
    let key = fresh_key();
    let mut entry = declared(&photo(1));
    entry["kind"] = json!("after");
    let body = json!({"photos": [entry]});
    let declare = || keyed(&report, officers::UNIT, "photos", &key, &body);
    assert_eq!(uploads(&declare().expect(201)).len(), 1);
    assert_eq!(uploads(&declare().expect(200)).len(), 1);

    // Given back, taken up by another unit, and even back again: what was declared before is nothing any more.
    let give_back = json!({"action": "return", "reason": "Bukan wewenang kami"});
    report.command(officers::UNIT, "assignment", &give_back).expect(200);
    assert_eq!(uploads(&declare().expect(200)), [Value::Null; 0]);
    let away = json!({"action": "assign", "unit": officers::OTHER_UNIT_CODE});
    report.command(officers::TIKET, "assignment", &away).expect(200);
    report.command(officers::OTHER_UNIT, "assignment", &json!({"action": "accept"})).expect(200);
    let again = declare().expect(200);
    assert!(again.replayed());
    assert_eq!(uploads(&again), [Value::Null; 0]);
    report.command(officers::OTHER_UNIT, "assignment", &give_back).expect(200);
    report.assign();
    report.accept();
    assert_eq!(uploads(&declare().expect(200)), [Value::Null; 0]);
}

#[test]
fn while_its_tl_is_judged_a_unit_gets_no_upload_by_a_replay() {
    let report = life::in_status(Status::Proses, &life::body());
    let key = fresh_key();
    let mut entry = declared(&photo(1));
    entry["kind"] = json!("after");
    let body = json!({"photos": [entry]});
    let declare = || keyed(&report, officers::UNIT, "photos", &key, &body);
    declare().expect(201);
    report.post_tl();
    assert_eq!(uploads(&declare().expect(200)), [Value::Null; 0]);
    report.validate("reject");
    assert_eq!(uploads(&declare().expect(200)).len(), 1, "the unit may go on");
}

#[test]
fn a_replayed_submission_gives_no_upload_that_would_be_refused_now() {
    let key = fresh_key();
    let body = with_photos();
    let send = || submission("jaki", &key, &body).send();
    let first = send().expect(201);
    let report = report_of(&first);
    assert_eq!(uploads(&send().expect(200)).len(), 2);
    upload(&uploads(&first)[0], &photo(1)).expect(200);
    let (sent, left) = (uploads(&first)[0]["photo"].clone(), uploads(&first)[1]["photo"].clone());
    eventually("the photo is cleaned", || {
        let photos = items_of_kind(&report.ticket, "photo");
        let found = photos.iter().find(|item| sent == item["photo"].as_s().unwrap().as_str())?;
        (found["state"].as_s().unwrap() == "ready").then_some(())
    });
    let again = uploads(&send().expect(200));
    assert_eq!(again.iter().map(|entry| entry["photo"].clone()).collect::<Vec<_>>(), [left]);
    report.withdraw();
    let gone = send().expect(200);
    assert!(gone.replayed());
    assert_eq!(uploads(&gone), [Value::Null; 0]);
}

#[test]
fn a_reporters_replayed_declaration_gives_no_upload_that_would_be_refused_now() {
    let (report, _) = life::submit(&life::body());
    let body = json!({"photos": [declared(&photo(1))]});
    let declare = || report.track("POST", "photos", &body);
    assert_eq!(uploads(&declare().expect(201)).len(), 1);
    assert_eq!(uploads(&declare().expect(200)).len(), 1);
    report
        .command(officers::TIKET, "assignment", &json!({"action": "reject", "reason": "Bukan wewenang kota"}))
        .expect(200);
    assert_eq!(uploads(&declare().expect(200)), [Value::Null; 0]);
}

#[test]
fn a_command_on_a_stale_version_is_refused_and_on_the_right_one_carried_out() {
    let report = life::in_status(Status::Koordinasi, &life::body());
    let stale = version(&report);
    report.command(officers::UNIT, "assignment", &json!({"action": "accept"})).expect(200);
    let fresh = version(&report);
    assert_ne!(fresh, stale);
    let body = json!({"action": "return", "reason": "Bukan wewenang kami"});
    let command = |condition: &str| {
        by(officers::UNIT, "POST", &report.path("assignment"))
            .header("If-Match", condition)
            .json(&body)
            .send()
    };
    let before = items_of(&report.ticket);
    for condition in
        [&format!("\"{stale}\""), &stale, "\"\"", "\"0\"", &format!("W/\"{fresh}\""), "\"a\", \"b\""]
    {
        let refused = command(condition).expect(412);
        assert_eq!(refused.json()["type"], "/problems/stale", "{condition}");
    }
    assert!(items_of(&report.ticket) == before);
    let done = command(&format!("\"{fresh}\"")).expect(200);
    assert_eq!(done.json()["version"], version(&report));
    assert_eq!(done.headers["etag"], format!("\"{}\"", version(&report)));
    // 412 comes before 409: whoever acts on an old version is told to read it again.
    command(&format!("\"{fresh}\"")).expect(412);
}

/// Reports that a rule sent to a unit never lay on the ticket desk.
#[test]
fn merging_into_a_report_that_the_ticket_desk_may_not_see_is_refused_like_an_unknown_ticket() {
    let (report, _) = life::submit(&life::body());
    for status in [Status::Menunggu, Status::Ditolak] {
        let hidden = life::in_status(status, &life::body());
        hide(&hidden);
        let merge = |into: &str| {
            report
                .command(officers::TIKET, "assignment", &json!({"action": "merge", "into": into}))
                .expect(422)
        };
        assert_eq!(merge(&hidden.ticket).bytes, merge(&life::unknown_ticket()).bytes);
    }
}

#[test]
fn a_report_is_merged_into_another_that_is_open_and_into_nothing_else() {
    let (report, _) = life::submit(&life::body());
    let before = items_of(&report.ticket);
    let merge =
        |into: &str| report.command(officers::TIKET, "assignment", &json!({"action": "merge", "into": into}));
    for status in [Status::Ditolak, Status::Selesai, Status::Duplikat] {
        let closed = life::in_status(status, &life::body());
        assert_eq!(merge(&closed.ticket).expect(409).json()["type"], "/problems/other-closed", "{status:?}");
    }
    assert_eq!(merge(&report.ticket).expect(422).errors(), ["into same_ticket"]);
    assert_eq!(merge(&life::unknown_ticket()).expect(422).errors(), ["into no_such_ticket"]);
    assert_eq!(merge("0000-0000-00001").expect(422).errors(), ["into invalid_format"]);
    assert!(items_of(&report.ticket) == before);

    let open = life::in_status(Status::Proses, &life::body());
    // Of the other report nothing changes but that it is followed.
    let left = || {
        let mut items = items_of(&open.ticket);
        items.retain(|item| item["kind"].as_s().is_ok_and(|kind| kind != "follower"));
        for item in &mut items {
            item.remove("is_followed");
            item.remove("revision");
        }
        items
    };
    let before = left();
    assert_eq!(merge(&open.ticket.to_lowercase()).expect(200).json()["status"], "duplikat");
    assert!(left() == before, "the other report has changed");
    let seen = report.seen_by(officers::ADMINISTRATOR).expect(200).json();
    assert_eq!(seen["merged_into"], open.ticket);
    merge(&open.ticket).expect(409);
}

#[test]
fn the_third_forward_goes_to_the_ticket_desk_and_an_assignment_counts_anew() {
    let report = life::in_status(Status::Koordinasi, &life::body());
    let round = [
        (officers::UNIT, officers::PARENT_UNIT_CODE, "koordinasi"),
        (officers::PARENT_UNIT, officers::OTHER_UNIT_CODE, "koordinasi"),
        (officers::OTHER_UNIT, officers::UNIT_CODE, "menunggu"),
    ];
    for _ in 0..2 {
        for (officer, unit, status) in round {
            let body = json!({"action": "forward", "unit": unit, "reason": "Bukan wewenang kami"});
            let told = report.command(officer, "assignment", &body).expect(200).json();
            assert_eq!(told["status"], status);
        }
        assert_eq!(report.status(), "menunggu");
        let accept = json!({"action": "accept"});
        report.command(officers::UNIT, "assignment", &accept).expect(403);
        report.command(officers::OTHER_UNIT, "assignment", &accept).expect(409);
        report.assign();
    }
    let same = json!({"action": "forward", "unit": officers::UNIT_CODE, "reason": "Bukan wewenang kami"});
    let refused = report.command(officers::UNIT, "assignment", &same).expect(422);
    assert_eq!(refused.errors(), ["unit same_unit"]);
}
