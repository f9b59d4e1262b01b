//! Slot mail: one message for each desk and slot at which there is work, and nothing of any report in it.

use crate::{notifications::Topic, slots::let_slot_come};
use domain::unit::Code;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    accounts::OwnUnit,
    http::eventually,
    inbox::{Inbox, Message},
    life::{self, Report, body},
    officers,
    operator::{self, run_release, wait},
    replay::{await_dead_letter_of, replay_until},
    stack::stack,
};

/// A report that waits for the slot at which this unit gets it.
fn waiting_for(unit: &OwnUnit) -> Report {
    let mut body = body();
    body["category"] = json!("perilaku-petugas");
    let (report, _) = life::submit(&body);
    let assign = json!({"action": "assign", "unit": unit.code, "summary": life::SUMMARY});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    report
}

fn topic(unit: &OwnUnit) -> String {
    format!("unit-{}-digest", unit.code)
}

fn mails(inbox: &Inbox, unit: &OwnUnit) -> Vec<Message> {
    inbox.all().into_iter().filter(|message| message.topic == topic(unit)).collect()
}

/// Fails unless the message has these fields and no others, and no report's ticket anywhere.
#[track_caller]
fn assert_says_no_more(message: &Message, unit: &OwnUnit) -> Timestamp {
    let desk = format!("unit:{}", unit.code);
    let text = |name: &str| message.body[name].as_str().unwrap_or_default().to_owned();
    let slot = text("slot");
    let expected = json!({"event_id": text("event_id"), "desk": desk, "slot": slot});
    assert_eq!(message.body, expected);
    assert_eq!(message.subject, format!("Tuntas {desk}"));
    assert!(message.attributes.is_empty(), "{message:?}");
    let slot: Timestamp = slot.parse().expect("a slot");
    assert_eq!(slot.as_second() % 60, 0, "{slot}");
    slot
}

#[test]
fn whatever_comes_to_a_desk_at_a_slot_it_gets_one_mail_and_where_nothing_comes_none() {
    let (unit, idle) = (OwnUnit::new(None), OwnUnit::new(None));
    let inbox = Inbox::on(&[&topic(&unit), &topic(&idle)]);
    let reports: Vec<Report> = (0..3).map(|_| waiting_for(&unit)).collect();
    run_release();
    inbox.catch_up();
    assert_eq!(mails(&inbox, &unit), [], "nothing has come yet");

    let_slot_come(&reports[..2]);
    run_release();
    eventually("the unit is told", || (!mails(&inbox, &unit).is_empty()).then_some(()));
    // Another run of the same slot has one more.
    let_slot_come(&reports[2..]);
    for _ in 0..2 {
        run_release();
    }
    inbox.catch_up();
    let came = mails(&inbox, &unit);
    assert_eq!(came.len(), 1, "{came:?}");
    assert_says_no_more(&came[0], &unit);
    assert_eq!(mails(&inbox, &idle), []);
    // And nothing of it is due any more.
    for report in &reports {
        let waiting = operator::items_of_kind(&report.ticket, "announcement").into_iter();
        let waiting = waiting.filter(|item| item.contains_key("pending")).count();
        assert_eq!(waiting, 0);
    }
}

#[test]
fn where_nothing_waits_for_slots_a_desk_gets_one_mail_a_minute_at_most() {
    let unit = OwnUnit::new(None);
    let inbox = Inbox::on(&[&topic(&unit)]);
    for _ in 0..4 {
        let (report, _) = life::submit(&body());
        let assign = json!({"action": "assign", "unit": unit.code});
        report.command(officers::TIKET, "assignment", &assign).expect(200);
    }
    run_release();
    eventually("the unit is told", || (!mails(&inbox, &unit).is_empty()).then_some(()));
    inbox.catch_up();
    let came = mails(&inbox, &unit);
    let minutes: BTreeSet<Timestamp> = came.iter().map(|mail| assert_says_no_more(mail, &unit)).collect();
    let ids: BTreeSet<String> = came.iter().map(|mail| mail.body["event_id"].to_string()).collect();
    assert_eq!((minutes.len(), ids.len()), (came.len(), came.len()), "{came:?}");
}

#[test]
fn what_an_officer_does_on_their_own_desk_is_no_news_to_it() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer();
    let (report, _) = life::submit(&body());
    let assign = json!({"action": "assign", "unit": unit.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    let accept = json!({"action": "accept"});
    let inbox = Inbox::on(&[&topic(&unit), &format!("unit-{}", unit.code)]);
    run_release();
    inbox.catch_up();
    let before = mails(&inbox, &unit).len();
    report.command(&officer.username, "assignment", &accept).expect(200);
    eventually("the unit hears of it", || {
        inbox.about(&report).iter().any(|message| message.attributes["event"] == "accept").then_some(())
    });
    run_release();
    inbox.catch_up();
    assert_eq!(mails(&inbox, &unit).len(), before);
}

#[test]
fn slot_mail_that_could_not_be_sent_lies_among_the_dead_letters_and_is_sent_again() {
    let unit = OwnUnit::new(None);
    let away = Topic::delete(&topic(&unit));
    let report = waiting_for(&unit);
    let_slot_come(std::slice::from_ref(&report));
    run_release();
    let of_unit = format!("slot_mail#unit:{}#", unit.code);
    await_dead_letter_of(|key| key.starts_with(&of_unit));
    away.restore();
    let inbox = Inbox::on(&[&topic(&unit)]);
    replay_until("the unit is told", || !mails(&inbox, &unit).is_empty());
    assert_says_no_more(&mails(&inbox, &unit)[0], &unit);
}

#[test]
fn mails_link_to_the_address_of_the_api_where_the_stack_names_no_portal() {
    let lambda = aws_sdk_lambda::Client::new(&operator::config());
    let name = format!("{}-notify", stack().name);
    let found = wait(lambda.get_function_configuration().function_name(name).send()).expect("notify");
    let settings = found.environment.and_then(|environment| environment.variables).unwrap_or_default();
    assert_eq!(settings["PORTAL_URL"], stack().output("Api"));
}

#[test]
fn every_active_unit_of_the_city_has_a_topic_for_its_slot_mail() {
    let told: Value = tests::http::Call::api("GET", "/v1/city").send().expect(200).json();
    let units = told["units"].as_array().expect("units").iter();
    let codes: Vec<Code> = units.map(|unit| Code::parse(unit["code"].as_str().unwrap()).unwrap()).collect();
    let sns = aws_sdk_sns::Client::new(&operator::config());
    let topics = wait(sns.list_topics().into_paginator().items().send().collect::<Result<Vec<_>, _>>());
    let topics: BTreeSet<String> = topics.unwrap().into_iter().filter_map(|topic| topic.topic_arn).collect();
    let prefix = stack().output("TopicPrefix");
    for code in codes {
        assert!(topics.contains(&format!("{prefix}unit-{code}-digest")), "{code}");
    }
}
