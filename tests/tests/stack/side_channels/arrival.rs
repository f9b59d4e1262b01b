//! An officer who polls all the time: before the slot, a report that has changed looks like one that has not.

use super::{
    OF_THE_MOMENT,
    world::{Seen, looks, served},
};
use crate::own_map::{RoutedUnit, release};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::{
    accounts::{Account, OwnUnit},
    http::{Answer, Call},
    inbox::Inbox,
    life::{self, Report, by, declared, photo},
    officers,
    operator::{config, run_release, wait},
    stack::stack,
    threads::in_parallel,
};

/// An answer without its own moment; a cursor and a nonce are drawn anew each time and are told by their length alone.
fn lasting(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let kept = answer.headers.iter().filter(|(name, _)| !OF_THE_MOMENT.contains(&name.as_str()));
    let mut body = answer.bytes.clone();
    if let Ok(mut json) = serde_json::from_slice::<Value>(&body) {
        for drawn in ["next", "nonce"] {
            if let Some(length) = json[drawn].as_str().map(str::len) {
                json[drawn] = json!(length);
                body = json.to_string().into_bytes();
            }
        }
    }
    (answer.status, kept.map(|(name, value)| (name.clone(), value.clone())).collect(), body)
}

/// Every command that an officer can send, right or not, about a report and one of its photos.
fn commands(officer: &str, report: &Report, picture: &str) -> Vec<(String, Call)> {
    let point = json!({"lat": -6.05, "lon": 106.8});
    let ids = json!([picture, "0000000000000000"]);
    let entry = |kind: &str| {
        let mut entry = declared(&photo(1));
        entry["kind"] = json!(kind);
        json!({"photos": [entry]})
    };
    let reason = "Bukan wewenang kami";
    [
        ("assignment", json!({"action": "accept"})),
        ("assignment", json!({"action": "return", "reason": reason})),
        ("assignment", json!({"action": "forward", "unit": officers::OTHER_UNIT_CODE, "reason": reason})),
        ("assignment", json!({"action": "delegate", "unit": officers::UNIT_CODE})),
        ("assignment", json!({})),
        ("photos", entry("before")),
        ("photos", entry("field")),
        ("camera", json!({})),
        ("tl", json!({"narrative": "Lubang sudah ditambal", "photos": ids})),
        ("validation", json!({"decision": "accept"})),
        ("verification", json!({"conforms": true, "finding": "Sesuai", "photos": ids, "location": point})),
    ]
    .into_iter()
    .map(|(route, body)| {
        (format!("POST {route} {body}"), by(officer, "POST", &report.path(route)).json(&body))
    })
    .collect()
}

/// The answers to them all, each with a version that the report does not have: nothing is done.
pub(crate) fn commands_too_late(officer: &str, report: &Report, picture: &str) -> Vec<Seen> {
    let commands = commands(officer, report, picture).into_iter();
    let too_late = |call: Call| served(&call.header("If-Match", "\"00000000000000000000\""));
    commands.map(|(what, call)| (format!("{what} if"), too_late(call))).collect()
}

/// All of it: looks, commands, and one photo.
fn everything(officer: &str, report: &Report, picture: &str, unit: &str) -> Vec<Seen> {
    let mut seen = looks(officer, report, unit);
    let view = by(officer, "GET", &report.path(&format!("photos/{picture}"))).send();
    seen.push(("GET a photo".to_owned(), view));
    seen.extend(commands_too_late(officer, report, picture));
    seen.extend(commands(officer, report, picture).into_iter().map(|(what, call)| (what, call.send())));
    seen
}

/// Fails at the first call whose answers differ. The calls are told by their number: their paths hold different tickets.
#[track_caller]
pub(crate) fn assert_alike(before: &[Seen], after: &[Seen]) {
    assert_eq!(before.len(), after.len(), "another number of calls was possible");
    for ((what, one), (_, other)) in before.iter().zip(after) {
        let (one, other) = (lasting(one), lasting(other));
        assert_eq!(one.0, other.0, "{what}");
        assert_eq!(one.1, other.1, "{what}");
        assert_eq!(String::from_utf8_lossy(&one.2), String::from_utf8_lossy(&other.2), "{what}");
    }
}

/// From here on the report's changes wait for the slots of sensitive categories, which are half a day away in the tests.
pub(super) fn let_it_wait(report: &Report) {
    let update = aws_sdk_dynamodb::Client::new(&config())
        .update_item()
        .table_name(stack().output("ReportsTable"))
        .key("pk", AttributeValue::S(report.ticket.replace('-', "")))
        .key("sk", AttributeValue::S("report".to_owned()))
        .update_expression("SET terms.slots = :peka")
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_values(":peka", AttributeValue::S("peka".to_owned()));
    wait(update.send()).expect("the report waits");
}

/// A ticket that never was, as if it were a report.
fn nothing() -> Report {
    Report { ticket: life::unknown_ticket(), secret: "0".repeat(26) }
}

const NO_PHOTO: &str = "0123456789ABCDEF";

/// A unit's report that waits for nothing, and those to whom one that waits must not exist.
struct Onlookers<'a> {
    unit: &'a OwnUnit,
    neighbour: Report,
    /// Whose desks are the test's own.
    of_units: Vec<String>,
    /// Whose desks others work on meanwhile.
    of_bureau: Vec<String>,
    /// What they saw when there was no report.
    before: Vec<Vec<Seen>>,
}

impl<'a> Onlookers<'a> {
    /// Officers of the unit, of the one above and of another, and officers with these tags.
    fn new(unit: &'a OwnUnit, above: &OwnUnit, tags: &[&str], neighbour: Report) -> Self {
        let of_units = [unit, above, &OwnUnit::new(None)].map(|unit| unit.officer().username).into();
        let of_bureau = tags.iter().map(|tag| Account::new(&[tag], None).username).collect();
        let mut onlookers = Self { unit, neighbour, of_units, of_bureau, before: Vec::new() };
        onlookers.before = onlookers.seen(&nothing(), NO_PHOTO);
        let lines = onlookers.before[0].iter().filter(|seen| holds(seen, &onlookers.neighbour));
        assert!(lines.count() > 4, "the unit's desk lists another report");
        onlookers
    }

    fn seen(&self, report: &Report, picture: &str) -> Vec<Vec<Seen>> {
        in_parallel(self.of_units.iter().chain(&self.of_bureau).collect(), |onlooker| {
            let mut all = everything(onlooker, report, picture, &self.unit.code);
            all.push(("GET the neighbour".to_owned(), self.neighbour.seen_by(onlooker)));
            // On a desk of the bureau only the ticket is looked for.
            let shared =
                |seen: &Seen| self.of_bureau.contains(onlooker) && seen.0.starts_with("GET /v1/desk");
            let (of_others, ours): (Vec<Seen>, Vec<Seen>) = all.into_iter().partition(shared);
            for seen in of_others {
                assert!(!holds(&seen, report), "{}", seen.0);
            }
            ours
        })
    }

    #[track_caller]
    fn assert_none_notices(&self, report: &Report, picture: &str) {
        for (before, after) in self.before.iter().zip(self.seen(report, picture)) {
            assert_alike(before, &after);
        }
    }

    /// So that it can fail: it is there, and somebody who may know sees another thing than nothing.
    fn assert_is_there(&self, officer: &str, report: &Report, picture: &str) {
        let seen = everything(officer, report, picture, &self.unit.code);
        let found = seen.iter().filter(|(_, answer)| answer.status != 404).count();
        assert!(found > 5, "{found}");
    }
}

/// Whether an answer names a report.
fn holds((_, answer): &Seen, report: &Report) -> bool {
    String::from_utf8_lossy(&answer.bytes).contains(&report.ticket)
}

/// A body with a photo, private or public.
fn with_photo(mut body: Value, privacy: &str) -> Value {
    body["privacy"] = json!(privacy);
    body["photos"] = json!([declared(&photo(60))]);
    body
}

#[test]
fn before_its_slot_an_assigned_report_looks_to_units_and_verifiers_as_if_it_did_not_exist() {
    let above = OwnUnit::new(None);
    let unit = OwnUnit::new(Some(&above));
    let assign = |report: &Report| {
        let assign = json!({"action": "assign", "unit": unit.code, "summary": life::SUMMARY});
        report.command(officers::TIKET, "assignment", &assign).expect(200);
    };
    let (neighbour, _) = life::submit(&life::body());
    assign(&neighbour);
    let onlookers = Onlookers::new(&unit, &above, &["petugas-verifikasi"], neighbour);
    in_parallel(vec!["private", "public"], |privacy| {
        let mut body = with_photo(life::body(), privacy);
        body["category"] = json!("pungutan-liar");
        let (report, told) = life::submit(&body);
        let told = told.json();
        let (entry, picture) = (&told["uploads"][0], told["uploads"][0]["photo"].as_str().expect("an id"));
        onlookers.assert_none_notices(&report, picture);
        life::upload(entry, &photo(60)).expect(200);
        assign(&report);
        onlookers.assert_none_notices(&report, picture);
        run_release();
        onlookers.assert_none_notices(&report, picture);
        onlookers.assert_is_there(officers::TIKET, &report, picture);
    });
}

#[test]
fn before_its_slot_a_report_that_the_map_sends_to_a_unit_looks_to_all_officers_as_if_it_did_not_exist() {
    let routed = RoutedUnit::new();
    let (neighbour, _) = routed.send("jaki", &RoutedUnit::body());
    release(std::slice::from_ref(&neighbour));
    let topics = [&routed.unit, &routed.above].map(|unit| format!("unit-{}", unit.code));
    let inbox = Inbox::on(&[&topics[0], &topics[1], "desk-validasi", "desk-verifikasi"]);
    let tags = ["petugas-verifikasi", "petugas-validasi", "admin-tiket"];
    let onlookers = Onlookers::new(&routed.unit, &routed.above, &tags, neighbour);
    let sent =
        ["private", "public"].map(|privacy| routed.send("jaki", &with_photo(RoutedUnit::body(), privacy)));
    in_parallel(sent.iter().collect(), |(report, told)| {
        let (entry, picture) = (&told["uploads"][0], told["uploads"][0]["photo"].as_str().expect("an id"));
        onlookers.assert_none_notices(report, picture);
        life::upload(entry, &photo(60)).expect(200);
        report.await_ready(picture);
        run_release();
        onlookers.assert_none_notices(report, picture);
        onlookers.assert_is_there(officers::ADMINISTRATOR, report, picture);
    });
    inbox.catch_up();
    let reports = sent.map(|(report, _)| report);
    for report in &reports {
        assert_eq!(inbox.about(report), []);
    }
    release(&reports);
    for report in &reports {
        let told = inbox.await_about(report, 1).into_iter().map(|message| message.topic);
        assert_eq!(told.collect::<Vec<_>>(), [topics[0].clone()]);
        report.seen_by(&onlookers.of_units[0]).expect(200);
    }
}

#[test]
fn before_its_slot_a_verdict_changes_no_byte_of_what_the_unit_can_get() {
    in_parallel(vec!["accept", "reject", "field_check"], |decision| {
        let unit = OwnUnit::new(None);
        let officer = unit.officer().username;
        let verifier = Account::new(&["petugas-verifikasi"], None).username;
        let (report, _) = life::submit(&life::body());
        let assign = json!({"action": "assign", "unit": unit.code});
        report.command(officers::TIKET, "assignment", &assign).expect(200);
        report.command(&officer, "assignment", &json!({"action": "accept"})).expect(200);
        let photos = report.add_photos(&officer, &["before", "after"]);
        let tl = json!({"narrative": "Lubang sudah ditambal", "photos": photos});
        report.command(&officer, "tl", &tl).expect(200);
        let_it_wait(&report);

        let of_unit = || everything(&officer, &report, NO_PHOTO, &unit.code);
        let of_verifier = || {
            let seen = everything(&verifier, &report, NO_PHOTO, &unit.code).into_iter();
            seen.filter(|(what, _)| !what.starts_with("GET /v1/desk")).collect::<Vec<_>>()
        };
        let (unit_before, verifier_before) = (without_copies(of_unit()), of_verifier());
        report.validate(decision);
        assert_alike(&unit_before, &without_copies(of_unit()));
        run_release();
        assert_alike(&unit_before, &without_copies(of_unit()));
        assert_alike(&verifier_before, &of_verifier());
        assert!(verifier_before.iter().all(|(_, answer)| matches!(answer.status, 403 | 404)));
        // The validator knows.
        assert_ne!(report.seen_by(officers::VALIDASI).expect(200).json()["status"], "menunggu_validasi");
    });
}

/// Copies of photos that may be seen have a new URL each time.
pub(crate) fn without_copies(seen: Vec<Seen>) -> Vec<Seen> {
    let is_copy = |answer: &Answer| answer.status == 200 && !answer.json()["url"].is_null();
    seen.into_iter()
        .map(|(what, mut answer)| {
            if is_copy(&answer) {
                answer.bytes = b"{\"url\":\"a copy\"}".to_vec();
                answer.headers.remove("content-length");
            }
            (what, answer)
        })
        .collect()
}
