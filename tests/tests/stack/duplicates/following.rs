//! A merged report follows the other one, its root, to its end; and neither can tell the other anything.

use super::{Place, body, merge};
use crate::slots::{let_slot_come, snapshot};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    http::{eventually, fresh_key},
    inbox::Inbox,
    life::{self, Report},
    officers,
    operator::{Item, dynamodb, items_of_kind, run_release, wait},
    stack::stack,
    threads::in_parallel,
};

/// A report of a road at a place, on the ticket desk.
fn sent(place: &Place) -> Report {
    life::submit(&body(place.at(0.0, 0.0), "Jalan berlubang di depan pasar")).0
}

/// So many reports that were merged into one other, and that one.
fn merged<const N: usize>() -> (Report, [Report; N]) {
    let place = Place::new();
    let root = sent(&place);
    let followers = [(); N].map(|()| {
        let report = sent(&place);
        merge(&report, &root);
        report
    });
    (root, followers)
}

/// What a follower's reporter sees of the report that theirs follows.
#[track_caller]
fn follows(report: &Report) -> Value {
    report.tracked().expect(200).json()["follows"]["status"].clone()
}

/// The changes of a root have come to its followers.
#[track_caller]
fn pass_on(root: &Report) {
    run_release();
    // The schedule runs it too, and may have been at it.
    eventually("the root has no followers left to tell", || {
        let left = items_of_kind(&root.ticket, "fan_out").iter().any(|item| item.contains_key("pending"));
        (!left).then_some(())
    });
}

/// The updates of a follower's reporter, as `own status: status of the root`, in their order.
fn updates(inbox: &Inbox, report: &Report) -> Vec<String> {
    let about = inbox.about(report).into_iter().filter(|message| message.topic == "reporter");
    let said = |name: &str, attributes: &std::collections::BTreeMap<String, String>| {
        attributes.get(name).cloned().unwrap_or_default()
    };
    about
        .map(|message| {
            format!("{}:{}", said("status", &message.attributes), said("follows", &message.attributes))
        })
        .collect()
}

/// The row of a reporter's identity.
fn identity(report: &Report) -> Item {
    let get = dynamodb().get_item().table_name(stack().output("VaultTable"));
    let key = aws_sdk_dynamodb::types::AttributeValue::S(report.ticket.replace('-', ""));
    wait(get.key("pk", key).consistent_read(true).send()).unwrap().item.expect("an identity")
}

fn expires_at(report: &Report) -> Option<i64> {
    identity(report).get("expires_at").map(|at| at.as_n().unwrap().parse().unwrap())
}

/// Waits until the newest update of a report has been delivered.
#[track_caller]
fn await_delivery(inbox: &Inbox, report: &Report) {
    inbox.catch_up();
    let newest = inbox.about(report).pop().expect("an update").body["event_id"].clone();
    eventually("the reporter is told", || {
        (identity(report).get("delivered")?.as_s().unwrap() == newest.as_str().unwrap()).then_some(())
    });
}

#[test]
fn a_followers_reporter_is_told_what_the_roots_reporter_is_told_and_their_identity_stays_as_long() {
    let inbox = Inbox::on(&["reporter"]);
    let (root, [follower]) = merged();
    assert_eq!(follows(&follower), "menunggu");
    let mut expected = vec!["duplikat:menunggu".to_owned()];
    let steps: [(&str, &dyn Fn()); 4] = [
        ("koordinasi", &|| root.assign()),
        ("proses", &|| root.accept()),
        ("menunggu_validasi", &|| root.post_tl()),
        ("selesai", &|| root.validate("accept")),
    ];
    for (status, step) in steps {
        step();
        pass_on(&root);
        await_delivery(&inbox, &follower);
        assert_eq!(expires_at(&follower).is_some(), status == "selesai", "{status}");
        assert_eq!(follows(&follower), status);
        expected.push(format!("duplikat:{status}"));
    }
    inbox.catch_up();
    // The first is the answer to its own submission's slot.
    let told = updates(&inbox, &follower);
    assert_eq!(told[told.len() - expected.len()..], expected);
    let seen = follower.tracked().expect(200);
    assert!(!String::from_utf8_lossy(&seen.bytes).contains(&root.ticket), "whose it is stays hidden");
}

#[test]
fn a_follower_that_is_not_content_comes_back_by_itself_and_the_root_stays_solved() {
    let (root, [follower, content]) = merged();
    follower.track("POST", "dispute", &json!({"reason": "Belum selesai"})).expect(409);
    root.assign();
    root.accept();
    root.post_tl();
    root.validate("accept");
    pass_on(&root);
    assert!(follower.tracked().json()["actions"].as_array().unwrap().contains(&json!("dispute")));
    follower.track("POST", "dispute", &json!({"reason": "Di depan rumah saya masih berlubang"})).expect(200);
    run_release();
    assert_eq!([&follower, &content, &root].map(Report::status), ["menunggu", "duplikat", "selesai"]);
    assert_eq!(follower.seen_by(officers::TIKET).expect(200).json()["status"], "menunggu");
    assert_eq!(follower.tracked().json().get("follows"), None);
    // What becomes of the root is nothing to it any more.
    root.track("POST", "dispute", &json!({"reason": "Belum selesai"})).expect(200);
    run_release();
    pass_on(&root);
    assert_eq!(
        [follower.status(), follows(&content).as_str().unwrap().to_owned()],
        ["menunggu", "menunggu_verifikasi"]
    );
}

#[test]
fn whoever_withdraws_or_is_refused_takes_nobody_along() {
    for status in ["ditolak", "dibatalkan"] {
        let (root, [one, gone, other]) = merged();
        gone.withdraw();
        if status == "ditolak" {
            let reject = json!({"action": "reject", "reason": "Bukan wewenang kota"});
            root.command(officers::TIKET, "assignment", &reject).expect(200);
        } else {
            root.withdraw();
        }
        run_release();
        pass_on(&root);
        assert_eq!(root.status(), status);
        assert_eq!(
            [&one, &gone, &other].map(Report::status),
            ["menunggu", "dibatalkan", "menunggu"],
            "{status}"
        );
        let seen = one.seen_by(officers::TIKET).expect(200).json();
        let acts: Vec<&str> = seen["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["event"].as_str().unwrap())
            .collect();
        assert_eq!((seen["merged_into"].clone(), acts), (Value::Null, vec!["submit", "merge", "unmerge"]));
        one.assign();
    }
}

#[test]
fn a_root_that_is_merged_itself_gives_its_followers_on() {
    let (root, [one, other]) = merged();
    let last = life::in_status(domain::status::Status::Proses, &life::body());
    merge(&root, &last);
    pass_on(&root);
    for follower in [&one, &other] {
        assert_eq!(follower.seen_by(officers::TIKET).expect(200).json()["merged_into"], last.ticket.as_str());
        assert_eq!(follows(follower), "proses");
    }
    last.post_tl();
    last.validate("accept");
    pass_on(&last);
    assert_eq!([&one, &other, &root].map(follows), ["selesai"; 3]);
}

#[test]
fn nobody_sees_at_a_root_that_others_follow_it() {
    let place = Place::new();
    let root = life::in_status(
        domain::status::Status::MenungguValidasi,
        &body(place.at(0.0, 0.0), "Jalan berlubang"),
    );
    let inbox = Inbox::on(&["reporter", "desk-tiket", "desk-validasi"]);
    inbox.catch_up();
    let said = inbox.about(&root).len();
    let viewers = [officers::UNIT, officers::TIKET, officers::VALIDASI, officers::ADMINISTRATOR];
    let seen = || {
        let tracked = root.tracked().expect(200).json();
        let Value::Object(mut tracked) = tracked else { panic!("no object") };
        tracked.remove("looks");
        (tracked, viewers.map(|officer| root.seen_by(officer).expect(200).bytes))
    };
    let before = seen();
    for _ in 0..3 {
        merge(&sent(&place), &root);
    }
    run_release();
    assert!(seen() == before, "something tells of the followers");
    inbox.catch_up();
    assert_eq!(inbox.about(&root).len(), said);
}

#[test]
fn a_follower_of_a_sensitive_category_is_told_at_its_own_slot_and_not_at_the_roots() {
    let inbox = Inbox::on(&["reporter"]);
    let place = Place::new();
    let root = sent(&place);
    let mut sensitive = body(place.at(0.0, 0.0), "Petugas meminta uang untuk menambal jalan");
    sensitive["category"] = json!("pungutan-liar");
    let (follower, _) = life::submit(&sensitive);
    merge(&follower, &root);
    let_slot_come(std::slice::from_ref(&follower));
    run_release();
    root.assign();
    pass_on(&root);
    inbox.catch_up();
    assert_eq!(updates(&inbox, &follower), ["duplikat:menunggu"]);
    assert_eq!(follows(&follower), "koordinasi", "whoever asks is told what the root's reporter was told");
    let waits = snapshot(&follower)["reporter"].as_m().unwrap()["update"].as_m().unwrap()["act"].clone();
    assert_eq!(waits.as_s().unwrap(), "follow");
    let_slot_come(std::slice::from_ref(&follower));
    run_release();
    inbox.catch_up();
    assert_eq!(updates(&inbox, &follower), ["duplikat:menunggu", "duplikat:koordinasi"]);
}

#[test]
fn of_sixty_followers_each_is_told_once_of_each_change() {
    let inbox = Inbox::on(&["reporter"]);
    let place = Place::new();
    let root = sent(&place);
    let followers = in_parallel(vec![(); 60], |()| sent(&place));
    for some in followers.chunks(20) {
        let tickets: Vec<&str> = some.iter().map(|report| report.ticket.as_str()).collect();
        let bulk = json!({"action": "merge", "into": root.ticket, "tickets": tickets});
        let answer = life::by(officers::TIKET, "POST", "/v1/assignments")
            .key(&fresh_key())
            .json(&bulk)
            .send()
            .expect(200)
            .json();
        let codes: BTreeSet<u64> = answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["status_code"].as_u64().unwrap())
            .collect();
        assert_eq!(codes, BTreeSet::from([200]));
    }
    root.assign();
    // Two runs side by side, as after one that was cut off.
    in_parallel(vec![(); 2], |()| run_release());
    pass_on(&root);
    inbox.catch_up();
    for follower in &followers {
        let told = updates(&inbox, follower);
        assert_eq!(told.iter().filter(|update| *update == "duplikat:koordinasi").count(), 1, "{told:?}");
        assert_eq!(follows(follower), "koordinasi");
    }
}
