//! A clerk enters reports for their channel, and sees none.

use crate::{
    authorization::calls_of_officers,
    channels::{Channel, unsigned},
    routing::body_from,
};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    accounts::{Account, claims},
    http::{Answer, Call, eventually, fresh_key},
    life::{self, Report, declared, entry, photo, submission, unknown_ticket},
    officers::{self, CLERK, CLERK_CHANNEL, sign_in},
    operator::{dynamodb, group, items_of, items_of_kind, wait},
    stack::stack,
    threads::{at_once, in_parallel},
};

/// A submission by a clerk of an own channel, which can tell its reporter nothing.
fn entered_by(clerk: &Account) -> Answer {
    entry(&clerk.username, &fresh_key(), &unsigned(life::body())).send()
}

/// Makes a stored report so much older.
pub(crate) fn age(report: &Report, by: SignedDuration) {
    let mut snapshot = items_of_kind(&report.ticket, "report").remove(0);
    let at: Timestamp = group(&mut snapshot, "submitted")["at"].as_s().unwrap().parse().unwrap();
    let update = dynamodb()
        .update_item()
        .table_name(stack().output("ReportsTable"))
        .key("pk", snapshot["pk"].clone())
        .key("sk", snapshot["sk"].clone())
        .update_expression("SET submitted.#at = :at")
        .expression_attribute_names("#at", "at")
        .expression_attribute_values(":at", AttributeValue::S((at - by).to_string()));
    wait(update.send()).expect("the report is older");
}

#[test]
fn a_clerks_report_is_routed_as_one_of_their_channel_and_followed_with_its_secret() {
    // A place in the middle of the demonstration's Kelurahan Cideng.
    let mut body = body_from("jalan-berlubang", (-6.178, 106.808));
    body["photos"] = json!([declared(&photo(1))]);
    let told = entry(CLERK, &fresh_key(), &body).send().expect(201);
    assert!(!told.replayed());
    let told = told.json();
    assert_eq!((&told["status"], told.get("test_until")), (&json!("koordinasi"), None));
    assert_eq!(told["uploads"].as_array().map(Vec::len), Some(1));
    let report = Report::told(&told);
    let seen = report.tracked().expect(200).json();
    assert_eq!((&seen["status"], &seen["description"]), (&json!("koordinasi"), &body["description"]));
    let mut snapshot = items_of_kind(&report.ticket, "report").remove(0);
    assert_eq!(group(&mut snapshot, "submitted")["channel"].as_s().unwrap(), CLERK_CHANNEL);
}

#[test]
fn nothing_that_is_stored_of_a_report_says_which_clerk_entered_it() {
    let told = entry(CLERK, &fresh_key(), &life::body()).send().expect(201).json();
    let report = Report::told(&told);
    let claims = claims(&sign_in(CLERK).id);
    let id = claims["sub"].as_str().expect("an id");
    let name = claims["name"].as_str().expect("a name");
    let row = dynamodb().get_item().table_name(stack().output("VaultTable"));
    let row = row.key("pk", AttributeValue::S(report.ticket.replace('-', "")));
    let row = wait(row.send()).expect("the vault").item.expect("a row");
    let stored = format!("{:?} {row:?}", items_of(&report.ticket));
    assert!(stored.contains(CLERK_CHANNEL), "else this says nothing");
    for word in [id, name, CLERK] {
        assert!(!stored.contains(word), "{word}");
    }
}

#[test]
fn a_clerk_sees_no_report_on_any_route_of_officers_not_even_one_that_they_entered() {
    let told = entry(CLERK, &fresh_key(), &life::body()).send().expect(201).json();
    let report = Report::told(&told);
    let before = items_of(&report.ticket);
    let token = sign_in(CLERK).id;
    let unknown = calls_of_officers(&unknown_ticket());
    let routes = calls_of_officers(&report.ticket);
    assert!(routes.len() > 8, "{}", routes.len());
    for ((route, call), (_, of_unknown)) in routes.into_iter().zip(unknown) {
        let refused = call.bearer(&token).send().expect(403);
        assert_eq!(refused.json()["type"], "/problems/no-right", "{route}");
        let of_unknown = of_unknown.bearer(&token).send();
        assert_eq!((refused.status, refused.bytes), (of_unknown.status, of_unknown.bytes), "{route}");
    }
    assert!(items_of(&report.ticket) == before);
}

#[test]
fn the_same_key_of_a_colleague_or_of_the_channel_itself_is_another_report_with_another_secret() {
    let key = fresh_key();
    let (colleague, elsewhere) = (Account::clerk(CLERK_CHANNEL), Account::clerk("kantor-camat"));
    let calls = [
        entry(CLERK, &key, &life::body()),
        submission(CLERK_CHANNEL, &key, &life::body()),
        entry(&colleague.username, &key, &life::body()),
        entry(&elsewhere.username, &key, &life::body()),
        submission("jaki", &key, &life::body()),
    ];
    let reports: Vec<Report> =
        calls.iter().map(|call| Report::told(&call.send().expect(201).json())).collect();
    let tickets: BTreeSet<&str> = reports.iter().map(|report| report.ticket.as_str()).collect();
    let secrets: BTreeSet<&str> = reports.iter().map(|report| report.secret.as_str()).collect();
    assert_eq!((tickets.len(), secrets.len()), (calls.len(), calls.len()));
    // Each of them finds their own again.
    for (call, report) in calls.iter().zip(&reports) {
        let again = call.send().expect(200);
        assert!(again.replayed());
        assert_eq!(again.json()["ticket"], report.ticket);
    }
}

#[test]
fn a_clerk_who_goes_to_another_channel_gets_nothing_of_the_old_one_by_their_keys() {
    let (old, new) =
        (Channel::register("lama", "active", 1000, &[]), Channel::register("baru", "active", 1000, &[]));
    let clerk = Account::clerk(&old.code);
    let key = fresh_key();
    let body = unsigned(life::body());
    let first = entry(&clerk.username, &key, &body).send().expect(201).json();
    clerk.move_to_channel(&new.code);
    let second = entry(&clerk.username, &key, &body).send().expect(201).json();
    assert!(first["ticket"] != second["ticket"] && first["secret"] != second["secret"]);
}

#[test]
fn whoever_is_no_clerk_of_a_channel_that_there_is_enters_no_report() {
    let closed = Channel::register("bubar", "active", 1000, &["a"]);
    let close = dynamodb()
        .update_item()
        .table_name(stack().output("RegistryTable"))
        .key("pk", AttributeValue::S(format!("channel#{}", closed.code)))
        .update_expression("SET closed = :true")
        .expression_attribute_values(":true", AttributeValue::Bool(true));
    wait(close.send()).expect("the channel is closed");
    let accounts = [
        Account::clerk(&closed.code),
        Account::clerk("kanal-tiada"),
        Account::clerk("Kantor Lurah"),
        Account::new(&["petugas-kanal"], None),
        Account::new(&["petugas-kanal"], Some(officers::UNIT_CODE)),
        Account::new(&[], None),
    ];
    let both = Account::clerk(CLERK_CHANNEL);
    both.give("administrator");
    both.sign_in();
    let mut refused = vec![
        officers::TIKET,
        officers::UNIT,
        officers::VALIDASI,
        officers::VERIFIKASI,
        officers::ADMINISTRATOR,
        officers::CONFLICTED,
        &both.username,
    ];
    refused.extend(accounts.iter().map(|account| account.username.as_str()));
    in_parallel(refused, |who| {
        // The right is looked at before the body.
        let wrong = entry(who, "pendek", &json!([]));
        for call in [entry(who, &fresh_key(), &life::body()), wrong] {
            let answer = call.send();
            assert_eq!(answer.status, 403, "{who}");
            assert_eq!(answer.json()["type"], "/problems/no-right", "{who}");
        }
    });
    let key = stack().channel_key(CLERK_CHANNEL);
    let call = Call::api("POST", "/v1/counter/reports").key(&fresh_key()).json(&life::body());
    call.clone().bearer(key).send().expect(401);
    call.send().expect(401);
}

#[test]
fn a_suspended_channels_clerk_is_refused_and_told_so() {
    let channel = Channel::register("henti", "suspended", 1000, &[]);
    let answer = entered_by(&Account::clerk(&channel.code)).expect(403);
    assert_eq!(answer.json()["type"], "/problems/channel-suspended");
}

#[test]
fn what_clerks_enter_counts_towards_their_channels_quota() {
    let channel = Channel::register("kuota", "active", 2, &[]);
    let clerk = Account::clerk(&channel.code);
    // Each instance of the function learns it from the first report that it stores beyond the quota.
    let refused = eventually("the quota is used up", || {
        let answer = entered_by(&clerk);
        (answer.status != 201).then_some(answer)
    });
    let refused = refused.expect(429);
    let seconds: u32 = refused.headers["retry-after"].parse().expect("seconds");
    assert!((1..=3600).contains(&seconds));
}

#[test]
fn a_clerk_of_a_test_channel_makes_test_reports() {
    let clerk = Account::clerk("uji");
    let told = entered_by(&clerk).expect(201).json();
    let until: Timestamp = told["test_until"].as_str().expect("a moment").parse().expect("a moment");
    let report = Report::told(&told);
    assert_eq!(report.tracked().expect(200).json()["test_until"], until.to_string());
    report.seen_by(officers::ADMINISTRATOR).expect(404);
}

#[test]
fn a_clerk_who_asks_again_gets_the_secret_for_fifteen_minutes_and_later_all_but_the_secret() {
    let send = |body: &Value, key: &str| entry(CLERK, key, body).send();
    let (key, body) = (fresh_key(), life::body());
    let first = send(&body, &key).expect(201);
    let report = Report::told(&first.json());
    let again = send(&body, &key).expect(200);
    assert!(again.replayed());
    assert_eq!(again.bytes, first.bytes);

    let mut other = life::body();
    other["description"] = json!("Sama sekali lain dari yang pertama");
    assert_eq!(send(&other, &key).expect(422).errors(), ["Idempotency-Key key_reused"]);

    age(&report, SignedDuration::from_mins(14));
    assert_eq!(send(&body, &key).expect(200).bytes, first.bytes);
    age(&report, SignedDuration::from_mins(1));
    let later = send(&body, &key).expect(200);
    assert!(later.replayed());
    let mut without = first.json();
    without.as_object_mut().expect("an object").remove("secret");
    assert_eq!(later.json(), without);
    assert!(!String::from_utf8_lossy(&later.bytes).contains(&report.secret));
    // It opens the report all the same.
    report.tracked().expect(200);
}

#[test]
fn from_fifteen_minutes_on_a_clerk_learns_by_asking_again_nothing_of_how_the_report_goes() {
    let (key, mut body) = (fresh_key(), life::body());
    body["privacy"] = json!("public");
    body["photos"] = json!([declared(&photo(71))]);
    let send = || entry(CLERK, &key, &body).send();
    let first = send().expect(201).json();
    let report = Report::told(&first);
    age(&report, SignedDuration::from_mins(15));
    let later = send().expect(200);
    assert_eq!((&later.json()["uploads"], &later.json()["photos"]), (&json!([]), &json!([])));
    assert_eq!(later.json()["ticket"], first["ticket"]);
    report.track("PUT", "privacy", &json!({"privacy": "private"})).expect(200);
    report.withdraw().expect(200);
    assert_eq!(send().expect(200).bytes, later.bytes);
}

#[test]
fn a_channel_that_asks_again_with_its_own_key_gets_the_secret_however_late() {
    let (key, body) = (fresh_key(), life::body());
    let first = submission(CLERK_CHANNEL, &key, &body).send().expect(201);
    age(&Report::told(&first.json()), SignedDuration::from_hours(48));
    assert_eq!(submission(CLERK_CHANNEL, &key, &body).send().expect(200).bytes, first.bytes);
}

#[test]
fn a_clerks_submission_sent_ten_times_at_once_is_stored_once() {
    let (key, body) = (fresh_key(), life::body());
    let answers = at_once((0..10).collect(), |_| entry(CLERK, &key, &body).send());
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in &answers {
        assert_eq!(answer.replayed(), answer.status == 200, "{}", answer.status);
        assert_eq!(answer.bytes, answers[0].bytes);
    }
    let ticket = Report::told(&answers[0].json()).ticket;
    let count = |kind: &str| items_of_kind(&ticket, kind).len();
    assert_eq!((count("report"), count("event")), (1, 1));
}
