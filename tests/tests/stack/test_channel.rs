//! Channels for tests: what they send is taken like any report, reaches no officer, and is gone after a day.

use crate::channels::{Channel, submit_with};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    http::{Answer, eventually, fresh_key},
    inbox::Inbox,
    life::{self, Report, body, by, declared, photo, submission, unknown_ticket, upload},
    officers,
    operator::{self, Item, config, dynamodb, items_of, items_of_kind, wait},
    report_state::ONLOOKERS,
    stack::stack,
    tool::Tool,
};

/// The demonstration's channel for tests.
const CHANNEL: &str = "uji";

/// A test report about to be looked for, with the request that made it.
struct Sent {
    report: Report,
    key: String,
    body: Value,
    answer: Value,
}

impl Sent {
    /// Of somebody whom the channel can tell, with one photo, which is ready.
    #[track_caller]
    fn with_photo() -> Self {
        let bytes = photo(11);
        let mut body = body();
        body["privacy"] = json!("public");
        body["reporter"] = json!({"channel_ref": format!("uji-{}", &fresh_key()[..16])});
        body["photos"] = json!([declared(&bytes)]);
        let sent = Self::of(body);
        upload(&sent.answer["uploads"][0], &bytes).expect(200);
        eventually("the photo is ready", || {
            let seen = sent.report.tracked().expect(200).json();
            (seen["photos"][0]["state"] == "ready").then_some(())
        });
        sent
    }

    #[track_caller]
    fn of(body: Value) -> Self {
        let key = fresh_key();
        let answer = submission(CHANNEL, &key, &body).send().expect(201).json();
        let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
        let report = Report { ticket: text("ticket"), secret: text("secret") };
        Self { report, key, body, answer }
    }

    fn again(&self) -> Answer {
        submission(CHANNEL, &self.key, &self.body).send()
    }

    fn photo(&self) -> &str {
        self.answer["photos"][0]["photo"].as_str().expect("a photo")
    }

    fn ticket(&self) -> String {
        self.report.ticket.replace('-', "")
    }

    /// The second from which its items may be deleted.
    fn until(&self) -> i64 {
        let snapshot = items_of_kind(&self.report.ticket, "report").remove(0);
        let until = snapshot["submitted"].as_m().expect("a group")["test_until"].as_s().expect("a moment");
        until.parse::<Timestamp>().expect("a moment").as_second()
    }

    fn vault_row(&self) -> Option<Item> {
        let row = dynamodb().get_item().table_name(stack().output("VaultTable")).consistent_read(true);
        wait(row.key("pk", AttributeValue::S(self.ticket())).send()).expect("the vault").item
    }

    /// Everything that is kept of it is a minute past its moment.
    fn age(&self) {
        let past = Timestamp::from_second(self.until()).expect("a moment") - SignedDuration::from_hours(25);
        let expired = AttributeValue::N(past.as_second().to_string());
        for mut item in items_of(&self.report.ticket) {
            item.insert("expires_at".to_owned(), expired.clone());
            let text = AttributeValue::S(past.to_string());
            if item.contains_key("test_until") {
                item.insert("test_until".to_owned(), text.clone());
            }
            if let Some(AttributeValue::M(submitted)) = item.get_mut("submitted") {
                submitted.insert("test_until".to_owned(), text);
            }
            put("ReportsTable", item);
        }
        let mut row = self.vault_row().expect("a row");
        row.insert("expires_at".to_owned(), expired);
        put("VaultTable", row);
    }

    /// Deletes an item as DynamoDB does some time after its moment.
    fn delete(&self, item: &Item) {
        let delete = dynamodb().delete_item().table_name(stack().output("ReportsTable"));
        wait(delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send()).expect("deleted");
    }
}

fn put(table: &str, item: Item) {
    let put = dynamodb().put_item().table_name(stack().output(table)).set_item(Some(item));
    wait(put.send()).expect("an item");
}

/// A report like it that is no test.
fn real() -> Report {
    life::submit(&body()).0
}

/// Every ticket on a desk, as an officer sees it.
fn desk(officer: &str, desk: &str) -> BTreeSet<String> {
    let mut tickets = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page =
            by(officer, "GET", &format!("/v1/desk?limit=100&desk={desk}&cursor={cursor}")).send().expect(200);
        let page = page.json();
        let items = page["items"].as_array().expect("lines").iter();
        tickets.extend(items.map(|line| line["ticket"].as_str().expect("a ticket").to_owned()));
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return tickets,
        }
    }
}

#[test]
fn a_test_report_lies_on_no_desk() {
    let sent = Sent::with_photo();
    let real = real();
    let desks = ["tiket", "validasi", "verifikasi"].map(str::to_owned).into_iter();
    let units = stack().units.iter().map(|unit| format!("unit:{}", unit.code));
    for name in desks.chain(units) {
        let tickets = desk(officers::ADMINISTRATOR, &name);
        assert!(!tickets.contains(&sent.report.ticket), "it lies on {name}");
        assert_eq!(tickets.contains(&real.ticket), name == "tiket", "{name}");
    }
    let snapshot = items_of_kind(&sent.report.ticket, "report").remove(0);
    for index in ["desk", "desk_order", "pending", "pending_at"] {
        assert!(!snapshot.contains_key(index), "{index}: it would be listed, or be due");
    }
    assert_eq!(snapshot["open"], AttributeValue::Bool(false));
}

#[test]
fn a_test_report_exists_for_no_officer_on_any_route() {
    let sent = Sent::with_photo();
    let photo = format!("photos/{}", sent.photo());
    let unknown = Report { ticket: unknown_ticket(), secret: String::new() };
    let picture = json!([{"kind": "before", "content_type": "image/jpeg", "size": 5, "sha256": store::digest::checksum(b"x")}]);
    let mut posts = vec![
        ("photos", json!({"photos": picture})),
        ("tl", json!({"narrative": "Sudah ditambal", "photos": [sent.photo()]})),
        ("validation", json!({"verdict": "accept"})),
        (
            "verification",
            json!({"conforms": true, "finding": "Sudah rata", "photos": [sent.photo()], "location": {"lat": -6.05, "lon": 106.8}}),
        ),
    ];
    posts.extend(
        [
            json!({"action": "assign", "unit": officers::UNIT_CODE}),
            json!({"action": "accept"}),
            json!({"action": "forward", "unit": officers::OTHER_UNIT_CODE, "reason": "Bukan kami"}),
            json!({"action": "delegate", "unit": officers::UNIT_CODE}),
            json!({"action": "return", "reason": "Bukan kami"}),
            json!({"action": "reject", "reason": "Bukan laporan"}),
            json!({"action": "merge", "into": unknown.ticket}),
        ]
        .map(|body| ("assignment", body)),
    );
    let before = items_of(&sent.report.ticket);
    for officer in ONLOOKERS {
        for route in ["", &photo, "accesses"] {
            let ask = |report: &Report| by(officer, "GET", &report.path(route)).send().expect(404).bytes;
            assert_eq!(ask(&sent.report), ask(&unknown), "{officer} {route}");
        }
        for (route, body) in &posts {
            let ask = |report: &Report| report.command(officer, route, body).expect(404).bytes;
            assert_eq!(ask(&sent.report), ask(&unknown), "{officer} {route}");
        }
    }
    assert_eq!(items_of(&sent.report.ticket), before);
    // No look was recorded, because there was nothing to look at.
    assert_eq!(sent.report.tracked().expect(200).json()["looks"], json!([]));
}

#[test]
fn no_report_is_merged_into_a_test_report() {
    let sent = Sent::of(body());
    let real = real();
    let merge =
        |into: &str| real.command(officers::TIKET, "assignment", &json!({"action": "merge", "into": into}));
    assert_eq!(merge(&sent.report.ticket).expect(422).bytes, merge(&unknown_ticket()).expect(422).bytes);
    assert_eq!(real.status(), "menunggu");
}

#[test]
fn of_a_test_report_its_own_channel_alone_hears() {
    let units: Vec<String> = stack().units.iter().map(|unit| format!("unit-{}", unit.code)).collect();
    let channels = stack().channels.iter().map(|channel| format!("channel-{}", channel.code));
    let desks = ["desk-tiket", "desk-validasi", "desk-verifikasi", "desk-administrator", "reporter"]
        .map(str::to_owned);
    let topics: Vec<String> = units.into_iter().chain(channels).chain(desks).collect();
    let inbox = Inbox::on(&topics.iter().map(String::as_str).collect::<Vec<_>>());
    let sent = Sent::with_photo();
    let own = format!("channel-{CHANNEL}");
    eventually("its channel is told", || {
        inbox.about(&sent.report).iter().any(|message| message.topic == own).then_some(())
    });
    sent.report.track("PUT", "privacy", &json!({"privacy": "private"})).expect(200);
    sent.report.withdraw();
    inbox.catch_up();
    let heard: Vec<_> = inbox.about(&sent.report).into_iter().map(|message| message.topic).collect();
    let heard: BTreeSet<_> = heard.into_iter().collect();
    // `deliver` takes from the topic `reporter` what it hands to the channel.
    assert_eq!(heard, BTreeSet::from([own, "reporter".to_owned()]));
}

#[test]
fn a_reporter_follows_a_test_report_adds_photos_changes_the_privacy_and_withdraws() {
    let sent = Sent::with_photo();
    let report = &sent.report;
    let seen = report.tracked().expect(200).json();
    assert_eq!((&seen["status"], &seen["channel"]), (&json!("menunggu"), &json!(CHANNEL)));
    // It says itself that it is a test, to the channel and to the reporter; others say nothing of the kind.
    assert!(seen["test_until"].is_string() && seen["test_until"] == sent.answer["test_until"]);
    let (other, answer) = life::submit(&body());
    assert_eq!(answer.json().get("test_until"), None);
    assert_eq!(other.tracked().expect(200).json().get("test_until"), None);

    let bytes = photo(12);
    let added = report.track("POST", "photos", &json!({"photos": [declared(&bytes)]})).expect(201).json();
    upload(&added["uploads"][0], &bytes).expect(200);
    report.track("PUT", "privacy", &json!({"privacy": "private"})).expect(200);
    eventually("the photos are ready", || {
        let seen = report.tracked().expect(200).json();
        let ready = seen["photos"].as_array().expect("photos").iter().filter(|one| one["state"] == "ready");
        (ready.count() == 2).then_some(())
    });
    let events = |report: &Report| items_of_kind(&report.ticket, "event").len();
    assert_eq!(events(report), 2, "the change of privacy waits for no slot");
    report.track("POST", "dispute", &json!({"reason": "Belum selesai"})).expect(409);
    report.track("PUT", "rating", &json!({"stars": 5})).expect(409);
    report.withdraw();
    assert_eq!(report.status(), "dibatalkan");
    assert_eq!(sent.vault_row(), None);
    assert_eq!(events(report), 3);
    assert_eq!(operator::items_of_kind(&report.ticket, "photo").len(), 2);
}

#[test]
fn a_test_channel_is_answered_as_an_active_one_is() {
    let sent = Sent::with_photo();
    let again = sent.again().expect(200);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let again = again.json();
    for same in ["ticket", "secret", "status", "label", "test_until"] {
        assert_eq!(again[same], sent.answer[same], "{same}");
    }
    let mut other = sent.body.clone();
    other["description"] = json!("Pohon tumbang di jalan");
    let reused = submission(CHANNEL, &sent.key, &other).send().expect(422).json();
    assert_eq!(reused["errors"][0]["code"], "key_reused");
    let wrong = json!({"category": "tidak-ada", "description": "x", "location": {}});
    submission(CHANNEL, &fresh_key(), &wrong).send().expect(422);

    let channel = Channel::register("kuota-uji", "test", 2, &["a"]);
    submit_with(&channel.bearer("b")).expect(401);
    eventually("the quota is used up", || (submit_with(&channel.bearer("a")).status == 429).then_some(()));
}

#[test]
fn everything_of_a_test_report_expires_with_it_and_nothing_of_another_does() {
    let sent = Sent::with_photo();
    let report = &sent.report;
    let bytes = photo(13);
    let added = report.track("POST", "photos", &json!({"photos": [declared(&bytes)]})).expect(201).json();
    upload(&added["uploads"][0], &bytes).expect(200);
    // Asked for once more, which puts its item anew.
    sent.again().expect(200);
    report.track("PUT", "privacy", &json!({"privacy": "private"})).expect(200);
    // The update is one of an open report, at which the row of any other would be kept.
    eventually("the reporter is told", || sent.vault_row()?.contains_key("delivered").then_some(()));

    let until = sent.until();
    let expires = AttributeValue::N(until.to_string());
    let at = wait_for_kinds(report, &[("report", 1), ("event", 2), ("photo", 2), ("announcement", 1)]);
    for item in at {
        assert_eq!(item.get("expires_at"), Some(&expires), "{:?}", item["sk"]);
    }
    assert_eq!(sent.vault_row().expect("a row").get("expires_at"), Some(&expires));
    let day = Timestamp::from_second(until).expect("a moment").duration_since(submitted_at(report));
    assert!((SignedDuration::from_hours(24) - day).as_secs().abs() <= 1, "{day}");

    let real = real();
    assert!(items_of(&real.ticket).iter().all(|item| !item.contains_key("expires_at")));
}

fn wait_for_kinds(report: &Report, kinds: &[(&str, usize)]) -> Vec<Item> {
    eventually("all of it is stored", || {
        let whole = kinds.iter().all(|(kind, count)| items_of_kind(&report.ticket, kind).len() == *count);
        whole.then(|| items_of(&report.ticket))
    })
}

fn submitted_at(report: &Report) -> Timestamp {
    let snapshot = items_of_kind(&report.ticket, "report").remove(0);
    let at = snapshot["submitted"].as_m().expect("a group")["at"].as_s().expect("a moment");
    at.parse().expect("a moment")
}

#[test]
fn a_test_report_past_its_moment_is_as_one_that_never_was() {
    let sent = Sent::with_photo();
    let real = real();
    sent.age();
    let photos = json!({"photos": [declared(&photo(14))]});
    let requests = [
        ("GET", "", Value::Null),
        ("POST", "photos", photos),
        ("POST", "dispute", json!({"reason": "Belum"})),
        ("PUT", "rating", json!({"stars": 5})),
        ("PUT", "privacy", json!({"privacy": "private"})),
        ("DELETE", "", Value::Null),
    ];
    let unknown = Report { ticket: unknown_ticket(), secret: sent.report.secret.clone() };
    let before = items_of(&sent.report.ticket);
    for (method, route, body) in requests {
        let ask = |report: &Report| report.track(method, route, &body).expect(404).bytes;
        assert_eq!(ask(&sent.report), ask(&unknown), "{method} {route}");
    }
    assert_eq!(items_of(&sent.report.ticket), before);
    real.tracked().expect(200);
}

#[test]
fn the_key_of_a_test_report_that_is_gone_gives_nothing_back_and_is_free_once_all_is_deleted() {
    let sent = Sent::with_photo();
    sent.again().expect(200);
    sent.age();
    // The snapshot first: what is left must not be taken for a bug.
    let mut left = items_of(&sent.report.ticket);
    left.sort_by_key(|item| item["sk"] != AttributeValue::S("report".to_owned()));
    for item in left.iter().filter(|item| item["kind"] != AttributeValue::S("announcement".to_owned())) {
        let refused = sent.again().expect(422);
        let told = refused.json();
        assert_eq!(
            told["errors"],
            json!([{
                "field": "Idempotency-Key", "code": "key_reused", "detail": told["errors"][0]["detail"],
            }])
        );
        let said = String::from_utf8_lossy(&refused.bytes).into_owned();
        assert!(!said.contains(&sent.report.ticket) && !said.contains(&sent.report.secret));
        sent.delete(item);
    }
    // The vault's row, of another table, is what DynamoDB has left.
    assert!(sent.vault_row().is_some());
    let anew = sent.again().expect(201).json();
    assert_eq!(anew["ticket"], sent.answer["ticket"]);
    let expires = AttributeValue::N(sent.until().to_string());
    assert_eq!(sent.vault_row().expect("a row").get("expires_at"), Some(&expires));
}

#[test]
fn no_picture_of_a_test_report_is_kept() {
    let sent = Sent::with_photo();
    sent.report.track("PUT", "privacy", &json!({"privacy": "private"})).expect(200);
    sent.report.track("PUT", "privacy", &json!({"privacy": "public"})).expect(200);
    let s3 = aws_sdk_s3::Client::new(&config());
    let bucket = stack().output("PhotosBucket");
    let keys = |ticket: &str| -> Vec<String> {
        let listed =
            wait(s3.list_objects_v2().bucket(bucket).into_paginator().send().collect::<Result<Vec<_>, _>>());
        let listed = listed.expect("a listing");
        let keys = listed.iter().flat_map(|page| page.contents()).filter_map(|object| object.key());
        keys.filter(|key| key.contains(ticket)).map(str::to_owned).collect()
    };
    eventually("the upload is gone", || keys(&sent.ticket()).is_empty().then_some(()));
}

#[test]
fn an_operator_is_told_that_a_report_is_a_test() {
    let sent = Sent::of(body());
    let tool = Tool::of("report explain");
    let explained = tool.run(&["--json", "report", "explain", &sent.report.ticket]).json();
    assert_eq!(explained["test_until"], sent.answer["test_until"]);
    assert_eq!((&explained["desk"], &explained["reached"]), (&Value::Null, &json!([])));
    assert!(explained["viewers"].as_array().expect("viewers").iter().all(|one| one["sees_it_as"].is_null()));
    let said = tool.run(&["report", "explain", &sent.report.ticket]).expect(0).stdout;
    assert!(said.contains("desk      none: a test report since "), "{said}");
}
