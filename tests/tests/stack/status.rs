//! The operator's look at a stack and at one report: it says what is wrong and what is waited for, and nothing of what reports say.

use aws_sdk_cloudwatch::types::StateValue;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::MessageAttributeValue;
use serde_json::{Value, json};
use std::{
    env,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};
use tests::{
    canary,
    http::fresh_key,
    life::{self, Report, body},
    officers,
    operator::{self, config, wait},
    proxy::{Outcome, operation, pass_on, stand_between},
    stack::stack,
    tool::Tool,
};

/// What the tool answers: its exit code, standard output, standard error.
fn tuntas(arguments: &[&str]) -> (i32, String, String) {
    let here = env::current_exe().expect("a path");
    let tool = here.ancestors().nth(2).expect("a target directory").join("tuntas");
    let file = env::var_os("TUNTAS_STACK").expect("TUNTAS_STACK");
    let ran = Command::new(tool).args(arguments).arg("--file").arg(file).stdin(Stdio::null()).output();
    let ran = ran.expect("tuntas");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (ran.status.code().expect("an exit code"), text(ran.stdout), text(ran.stderr))
}

pub(crate) fn json_of(arguments: &[&str]) -> (i32, Value) {
    let (code, said, complained) = tuntas(&[arguments, &["--json"]].concat());
    (code, serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}{complained}")))
}

pub(crate) fn explain(report: &Report) -> Value {
    let (code, explained) = json_of(&["report", "explain", &report.ticket]);
    assert_eq!(code, 0);
    explained
}

/// Kind of viewer by who it is, of those who may see the report.
fn viewers(explained: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let viewers = explained["viewers"].as_array().expect("viewers").iter();
    viewers.filter_map(|one| Some((text(&one["who"])?, text(&one["sees_it_as"])?))).collect()
}

#[test]
fn a_report_is_explained_by_times_and_desks_and_nothing_of_what_it_says() {
    let mut sensitive = body();
    sensitive["category"] = json!("perilaku-petugas");
    let report = life::submit(&sensitive).0;
    let explained = explain(&report);
    assert_eq!((&explained["status"], &explained["desk"]), (&json!("menunggu"), &json!("tiket")));
    assert_eq!(explained["listed"], true);

    let assign = json!({"action": "assign", "unit": officers::UNIT_CODE, "summary": life::SUMMARY});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    let explained = explain(&report);
    let desk = format!("unit:{}", officers::UNIT_CODE);
    assert_eq!((&explained["status"], &explained["desk"]), (&json!("koordinasi"), &json!(desk)));
    assert_eq!((&explained["listed"], &explained["release"]["act"]), (&json!(false), &json!("assign")));
    let unit = (format!("officers of {}", officers::UNIT_CODE), "unit".to_owned());
    assert!(!viewers(&explained).contains(&unit), "its release waits");
    report.seen_by(officers::UNIT).expect(404);
    assert!(viewers(&explained).contains(&("the ticket desk".to_owned(), "bureau".to_owned())));

    report.withdraw();
    let explained = explain(&report);
    assert_eq!(explained["pending"][0]["action"], "withdraw");
    assert_eq!(explained["erased"], true);

    // One that went all the way: officers' texts, photos and names are in its history.
    let whole = life::in_status(domain::status::Status::TlDitolak, &body());
    let explained = explain(&whole);
    assert!(viewers(&explained).contains(&unit), "{explained}");
    whole.seen_by(officers::UNIT).expect(200);
    let names = stack().officers.iter().map(|officer| officer.name.as_str());
    let words: Vec<_> =
        canary::ALL.iter().copied().chain(names).chain(["jaki", "Jl. Contoh", "-6.05", "106.8"]).collect();
    for report in [&report, &whole] {
        for json in [&["--json"][..], &[]] {
            let (code, said, complained) = tuntas(&[&["report", "explain", &report.ticket], json].concat());
            assert_eq!(code, 0, "{complained}");
            for word in &words {
                assert!(!said.contains(word) && !complained.contains(word), "it says {word}");
            }
        }
    }
    // Nor does AWS tell it to the tool.
    let told = Arc::<Mutex<Vec<String>>>::default();
    let heard = Arc::clone(&told);
    let endpoint = stand_between("uji-explain", move |request| {
        let answered = pass_on(request);
        if ["GetItem", "Query"].contains(&operation(request)) {
            heard.lock().unwrap().push(String::from_utf8_lossy(&answered.body).into_owned());
        }
        Outcome::Answer(answered)
    });
    let tool = Tool::of("report explain").through(&endpoint);
    for report in [&report, &whole] {
        tool.run(&["report", "explain", &report.ticket]).expect(0);
    }
    let told = told.lock().unwrap().join("\n");
    assert!(told.contains("visible") && told.contains("withdraw"), "it is told the rest");
    for word in &words {
        assert!(!told.contains(word), "it is told {word}");
    }
    assert!(!told.contains("description") && !told.contains("narrative"));
    assert_eq!(tuntas(&["report", "explain", &life::unknown_ticket()]).0, 3);
    assert_eq!(tuntas(&["report", "explain", "bukan-tiket"]).0, 3);
}

#[test]
fn what_needs_a_person_is_named_and_dead_letters_go_back_to_where_they_came_from() {
    // A dead letter of photo that names no photo of ours: once sent again, photo drops it.
    let sqs = aws_sdk_sqs::Client::new(&config());
    let mark = fresh_key();
    let letter = json!({"Records": [], "mark": mark}).to_string();
    let attribute = MessageAttributeValue::builder().data_type("String").string_value(&mark).build().unwrap();
    let sent = sqs.send_message().queue_url(stack().output("UploadsDeadQueue")).message_body(letter);
    wait(sent.message_attributes("mark", attribute).send()).expect("a dead letter");
    let dead = || json_of(&["status"]).1["dead_letters"]["uploads"].as_u64().expect("a count");
    assert!(dead() > 0);
    let (code, said, complained) = tuntas(&["status"]);
    assert_eq!(code, 4, "{said}{complained}");
    assert!(said.contains("dead letters of uploads: tuntas queue replay"), "{said}");

    let (code, _, complained) = tuntas(&["queue", "replay", "--queue", "uploads"]);
    assert_eq!(code, 3, "nobody is there to ask");
    assert!(
        complained.contains(&format!("Send the dead letters of {} again (", stack().name)),
        "{complained}"
    );
    assert!(dead() > 0);
    assert_eq!(tuntas(&["queue", "replay", "--queue", "tidak-ada", "--yes"]).0, 3);
    let (code, replayed) = json_of(&["queue", "replay", "--queue", "uploads", "--yes"]);
    assert_eq!((code, &replayed["queues"][0]["queue"]), (0, &json!("uploads")));
    assert!(replayed["queues"][0]["sent_again"].as_u64().unwrap() > 0, "{replayed}");
    // Other tests leave letters meanwhile: this one is gone.
    for _ in 0..5 {
        let received = sqs
            .receive_message()
            .queue_url(stack().output("UploadsDeadQueue"))
            .max_number_of_messages(10)
            .visibility_timeout(0)
            .message_attribute_names("All");
        let messages = wait(received.send()).expect("messages").messages.unwrap_or_default();
        let is_ours = |attributes: &std::collections::HashMap<String, MessageAttributeValue>| {
            attributes.get("mark").is_some_and(|value| value.string_value() == Some(mark.as_str()))
        };
        assert!(!messages.iter().any(|message| message.message_attributes().is_some_and(is_ours)));
    }
}

#[test]
fn an_alarm_that_rings_is_named() {
    let cloudwatch = aws_sdk_cloudwatch::Client::new(&config());
    let prefix = format!("{}-UploadsDead-", stack().name);
    let found = wait(cloudwatch.describe_alarms().alarm_name_prefix(prefix).send()).expect("the alarms");
    let name = found.metric_alarms()[0].alarm_name().expect("a name").to_owned();
    let set = |state: StateValue| {
        let set = cloudwatch.set_alarm_state().alarm_name(&name).state_value(state).state_reason("a test");
        wait(set.send()).expect("a state");
    };
    set(StateValue::Alarm);
    let (code, status) = json_of(&["status"]);
    set(StateValue::Ok);
    assert_eq!(code, 4);
    assert!(status["alarms"].get("UploadsDead").is_some(), "{status}");
}

#[test]
fn what_is_due_and_not_released_is_told_by_its_time_alone() {
    let report = life::submit(&body()).0;
    // `release` has nothing to do for it, and would set this right within the minute.
    let update = operator::dynamodb()
        .update_item()
        .table_name(stack().output("ReportsTable"))
        .key("pk", AttributeValue::S(report.ticket.replace('-', "")))
        .key("sk", AttributeValue::S("report".to_owned()))
        .update_expression("SET pending = :pending, pending_at = :at")
        .expression_attribute_values(":pending", AttributeValue::S(report.ticket[..1].to_owned()))
        .expression_attribute_values(
            ":at",
            AttributeValue::S(format!("2026-01-05T00:00:00Z#{}", report.ticket.replace('-', ""))),
        );
    wait(update.send()).expect("it is due");
    let (code, said, complained) = tuntas(&["status"]);
    assert_eq!(code, 4, "{said}{complained}");
    assert!(said.contains("due since 2026-"), "{said}");
    for ticket in [report.ticket.clone(), report.ticket.replace('-', "")] {
        assert!(!said.contains(&ticket) && !complained.contains(&ticket));
    }
}
