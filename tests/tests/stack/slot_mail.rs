//! Slot mail: one message for each desk and slot at which there is work, and nothing of any report in it.

use crate::{notifications::Topic, slots::let_slot_come};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{crockford::ALPHABET, unit::Code};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    accounts::OwnUnit,
    http::eventually,
    inbox::{Inbox, Message},
    life::{self, Report, body},
    officers,
    operator::{self, Item, dynamodb, run_release, wait},
    replay::{dead_letters, replay_until},
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

/// The keys of the slot mail of a unit that waits for its time.
fn mails_waiting(unit: &OwnUnit) -> Vec<Item> {
    let desk = format!("slot_mail#unit:{}#", unit.code);
    let in_part = |part: &u8| {
        let query = dynamodb().query().table_name(stack().output("ReportsTable")).index_name("pending");
        let query = query
            .key_condition_expression("pending = :part AND pending_at < :soon")
            .filter_expression("begins_with(pk, :desk)")
            .expression_attribute_values(":part", AttributeValue::S(char::from(*part).to_string()))
            .expression_attribute_values(":soon", AttributeValue::S((now() + 20.minutes()).to_string()))
            .expression_attribute_values(":desk", AttributeValue::S(desk.clone()));
        wait(query.into_paginator().items().send().collect::<Result<Vec<_>, _>>()).expect("a query")
    };
    ALPHABET.iter().flat_map(in_part).collect()
}

#[expect(clippy::disallowed_methods, reason = "the tests live in real time; runtime::clock is for functions")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// The time of these mails has come, and `release` runs.
fn let_mail_come(mails: &[Item]) {
    let table = stack().output("ReportsTable");
    for mail in mails {
        let delete = dynamodb().delete_item().table_name(table).return_values(ReturnValue::AllOld);
        let delete = delete.key("pk", mail["pk"].clone()).key("sk", mail["sk"].clone());
        let waits = delete.condition_expression("attribute_exists(pending)");
        // Unless it went out by itself meanwhile. Put anew, for a change of it is what lets it go out.
        if let Ok(deleted) = wait(waits.send()) {
            let mut mail = deleted.attributes.expect("the mail");
            mail.insert("pending_at".to_owned(), AttributeValue::S("2026-01-05T00:00:00Z#".to_owned()));
            wait(dynamodb().put_item().table_name(table).set_item(Some(mail)).send()).expect("it is due");
        }
    }
    run_release();
}

/// Lets mail come until the unit has more than `before`: all of it.
#[track_caller]
fn await_mail(inbox: &Inbox, unit: &OwnUnit, before: usize) -> Vec<Message> {
    eventually("the unit is told", || {
        let_mail_come(&mails_waiting(unit));
        Some(mails(inbox, unit)).filter(|came| came.len() > before)
    })
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

/// Fails unless each of them is of another slot. Some time goes by between releases here: what comes when a mail has gone out gets another.
#[track_caller]
fn assert_one_a_slot(came: &[Message], unit: &OwnUnit) {
    let slots: BTreeSet<Timestamp> = came.iter().map(|mail| assert_says_no_more(mail, unit)).collect();
    let ids: BTreeSet<String> = came.iter().map(|mail| mail.body["event_id"].to_string()).collect();
    assert_eq!((slots.len(), ids.len()), (came.len(), came.len()), "{came:?}");
}

#[test]
fn what_comes_to_a_desk_at_a_slot_is_told_by_mail_of_that_slot_and_where_nothing_comes_none_is_sent() {
    let (unit, idle) = (OwnUnit::new(None), OwnUnit::new(None));
    let inbox = Inbox::on(&[&topic(&unit), &topic(&idle)]);
    let reports: Vec<Report> = (0..3).map(|_| waiting_for(&unit)).collect();
    run_release();
    inbox.catch_up();
    assert_eq!((mails(&inbox, &unit), mails_waiting(&unit)), (vec![], vec![]), "nothing has come yet");

    let_slot_come(&reports);
    run_release();
    await_mail(&inbox, &unit, 0);
    // That of the slot, and at most one more, of the next quarter of an hour: not one a report.
    assert!(mails(&inbox, &unit).len() + mails_waiting(&unit).len() <= 2);
    inbox.catch_up();
    assert_one_a_slot(&mails(&inbox, &unit), &unit);
    assert_eq!(mails(&inbox, &idle), []);
}

#[test]
fn what_is_released_when_the_mail_of_its_slot_has_gone_out_is_told_all_the_same() {
    let unit = OwnUnit::new(None);
    let inbox = Inbox::on(&[&topic(&unit)]);
    for before in 0..2 {
        let report = waiting_for(&unit);
        let_slot_come(std::slice::from_ref(&report));
        run_release();
        await_mail(&inbox, &unit, before);
    }
    inbox.catch_up();
    let came = mails(&inbox, &unit);
    assert_eq!(came.len(), 2, "{came:?}");
    assert_one_a_slot(&came, &unit);
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
    await_mail(&inbox, &unit, 0);
    inbox.catch_up();
    assert_one_a_slot(&mails(&inbox, &unit), &unit);
}

#[test]
fn what_an_officer_does_on_their_own_desk_is_no_news_to_it() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer();
    let (report, _) = life::submit(&body());
    let assign = json!({"action": "assign", "unit": unit.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    let inbox = Inbox::on(&[&topic(&unit), &format!("unit-{}", unit.code)]);
    await_mail(&inbox, &unit, 0);
    report.command(&officer.username, "assignment", &json!({"action": "accept"})).expect(200);
    eventually("the unit hears of it", || {
        inbox.about(&report).iter().any(|message| message.attributes["event"] == "accept").then_some(())
    });
    assert_eq!(mails_waiting(&unit), []);
}

#[test]
fn slot_mail_that_could_not_be_sent_lies_among_the_dead_letters_and_is_sent_again() {
    let unit = OwnUnit::new(None);
    let away = Topic::delete(&topic(&unit));
    let report = waiting_for(&unit);
    let_slot_come(std::slice::from_ref(&report));
    run_release();
    let of_unit = format!("slot_mail#unit:{}#", unit.code);
    eventually("it lies among the dead letters", || {
        run_release();
        let key = |letter: &Value| letter["key"]["pk"].as_str().unwrap_or_default().to_owned();
        dead_letters().iter().any(|letter| key(letter).starts_with(&of_unit)).then_some(())
    });
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
