//! Twenty reports sent in a known order, by two people in turn and through two channels: nothing that an officer sees of them
//! tells their order, their sender or their channel.

use super::statistics::{assert_no_mark, assert_no_order};
use crate::own_map::{RoutedUnit, release};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{
    accounts::OwnUnit,
    http::fresh_key,
    inbox::Inbox,
    life::{self, Report, by, declared, photo, submission, upload},
    officers,
    threads::in_parallel,
};

const REPORTS: usize = 20;
const CHANNELS: [&str; 2] = ["jaki", "lapor-1708"];

/// The sender of the report at a place in the order of sending, and its channel: they do not change together.
fn person(place: usize) -> usize {
    place % 2
}

fn channel(place: usize) -> usize {
    place / 2 % 2
}

fn body(place: usize) -> Value {
    let mut body = life::body();
    body["privacy"] = json!("public");
    let (phone, channel_ref) =
        [("+6281234500011", "rina-0011"), ("+6281234500022", "tono-0022")][person(place)];
    body["reporter"] = json!({"phone": phone, "channel_ref": channel_ref});
    body["photos"] = json!([declared(&photo(u64::try_from(place).unwrap()))]);
    body
}

/// Sends one after the other, as time has it, by `send`; then all photos come and are cleaned.
fn send_all(send: impl Fn(usize) -> (Report, Value)) -> Vec<Report> {
    let sent: Vec<_> = (0..REPORTS).map(|place| (place, send(place))).collect();
    in_parallel(sent, |(place, (report, told))| {
        let entry = &told["uploads"][0];
        upload(entry, &photo(u64::try_from(place).unwrap())).expect(200);
        report.await_ready(entry["photo"].as_str().expect("an id"));
        report
    })
}

/// The bytes that an id stands for, without hyphens.
fn symbols(id: &str) -> Vec<u8> {
    id.bytes().filter(|byte| *byte != b'-').collect()
}

#[test]
fn of_twenty_reports_sent_in_a_known_order_no_id_no_cursor_and_no_desk_tells_the_order_or_the_sender() {
    let unit = OwnUnit::new(None);
    let inbox = Inbox::on(&[&topic_of(&unit)]);
    // What is sent first is also assigned first.
    let reports = send_all(|place| {
        let told = submission(CHANNELS[channel(place)], &fresh_key(), &body(place)).send().expect(201).json();
        let report = Report::told(&told);
        let assign = json!({"action": "assign", "unit": unit.code});
        report.command(officers::TIKET, "assignment", &assign).expect(200);
        (report, told)
    });
    assert_nothing_tells(&unit, &inbox, &reports);
}

/// Sent from one place, each with an accuracy of its own, they lie in one area.
#[test]
fn of_twenty_reports_that_the_map_sends_to_a_unit_nothing_not_even_a_message_tells_the_order_or_the_sender() {
    let routed = RoutedUnit::new();
    let topic = topic_of(&routed.unit);
    let inbox = Inbox::on(&[&topic]);
    let reports = send_all(|place| {
        let mut body = body(place);
        body["location"] = RoutedUnit::body()["location"].clone();
        body["location"]["accuracy_m"] = json!(1 + place * 10);
        routed.send(CHANNELS[channel(place)], &body)
    });
    release(&reports);
    assert_nothing_tells(&routed.unit, &inbox, &reports);
    let to_unit: Vec<_> = inbox.all().into_iter().filter(|message| message.topic == topic).collect();
    let place_of_message = |report: &Report| {
        let ticket = report.ticket.as_str();
        let place = to_unit.iter().position(|message| message.body["ticket"] == ticket).expect("a message");
        vec![u8::try_from(place).unwrap()]
    };
    let places: Vec<_> = reports.iter().map(place_of_message).collect();
    assert_eq!(to_unit.len(), REPORTS);
    assert_no_order("messages at the release", &places);
}

/// The topic of a unit.
fn topic_of(unit: &OwnUnit) -> String {
    format!("unit-{}", unit.code)
}

/// Fails if anything that the unit can get of the reports, which are in the order of sending, tells that order, the sender or the channel.
fn assert_nothing_tells(unit: &OwnUnit, inbox: &Inbox, reports: &[Report]) {
    let officer = unit.officer().username;
    let topic = topic_of(unit);
    let mut columns: BTreeMap<&str, Vec<Vec<u8>>> = BTreeMap::new();
    let seen = in_parallel(reports.iter().collect(), |report| {
        let seen = report.seen_by(&officer).expect(200);
        let picture = seen.json()["photos"][0]["photo"].as_str().expect("a photo").to_owned();
        let shown =
            report.view(&officer, &picture).expect(200).json()["url"].as_str().expect("a URL").to_owned();
        let copy =
            shown.split(['?', '/']).find_map(|part| part.strip_suffix(".jpg")).expect("a key").to_owned();
        (seen, picture, copy)
    });
    // What is left of each without its ids: of reports from one place, with one category and privacy, always the same.
    let mut rests: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (report, (seen, picture, copy)) in reports.iter().zip(&seen) {
        let body = seen.json();
        let version = body["version"].as_str().expect("a version");
        assert_eq!(seen.headers["etag"], format!("\"{version}\""));
        let told = inbox.await_about(report, 1);
        let event = told.iter().find(|message| message.topic == topic).expect("a message to the unit");
        let id = event.body["event_id"].as_str().expect("an event");
        let without_ids = |text: String| {
            [&report.ticket, picture, version, id].iter().fold(text, |text, id| text.replace(*id, ""))
        };
        rests.entry("reports").or_default().insert(without_ids(body.to_string()));
        rests.entry("messages").or_default().insert(without_ids(format!("{event:?}")));
        for (what, id) in [
            ("tickets", report.ticket.as_str()),
            ("photos", picture),
            ("copies of photos", copy),
            ("versions", version),
            ("events", id),
        ] {
            columns.entry(what).or_default().push(symbols(id));
        }
    }
    for (what, ids) in &columns {
        assert_no_order(what, ids);
        assert_no_mark(&format!("{what} by person"), ids, person);
        assert_no_mark(&format!("{what} by channel"), ids, channel);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), REPORTS, "{what}");
    }

    // The desk, walked a line at a time: where each report stands on it, and the cursor that was given behind it.
    let mut walked = Vec::new();
    let mut query = String::new();
    loop {
        let page = by(&officer, "GET", &format!("/v1/desk?limit=1{query}")).send().expect(200).json();
        assert_eq!(
            page.as_object().expect("an object").keys().collect::<Vec<_>>(),
            ["items", "next"],
            "no totals"
        );
        let Some(ticket) = page["items"][0]["ticket"].as_str() else { break };
        rests.entry("lines").or_default().insert(page["items"][0].to_string().replace(ticket, ""));
        let next = page["next"].as_str().map(ToOwned::to_owned);
        walked.push((ticket.to_owned(), next.clone()));
        let Some(next) = next else { break };
        query = format!("&cursor={next}");
    }
    assert_eq!(walked.len(), REPORTS);
    for (what, rests) in &rests {
        assert_eq!(rests.len(), 1, "{what}: {rests:#?}");
    }
    let place_on_desk = |report: &Report| {
        let place = walked.iter().position(|(ticket, _)| *ticket == report.ticket).expect("on the desk");
        vec![u8::try_from(place).unwrap()]
    };
    let places: Vec<Vec<u8>> = reports.iter().map(place_on_desk).collect();
    assert_no_order("places on the desk", &places);
    let cursor = |ticket: &str| {
        let found = walked.iter().find(|(walked, _)| walked == ticket).expect("on the desk");
        // Behind the last one there may be none; then its cursor on a page of its own kind would be the same kind.
        found.1.as_ref().map(|cursor| BASE64URL_NOPAD.decode(cursor.as_bytes()).expect("base64url"))
    };
    let of_sending: Vec<Vec<u8>> = reports.iter().filter_map(|report| cursor(&report.ticket)).collect();
    let of_desk: Vec<Vec<u8>> = walked.iter().filter_map(|(ticket, _)| cursor(ticket)).collect();
    assert_no_order("cursors in the order of sending", &of_sending);
    assert_no_order("cursors in the order of the desk", &of_desk);
}
