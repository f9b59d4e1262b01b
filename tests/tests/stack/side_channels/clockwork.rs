//! How long a 404 takes does not tell why: measured at the function's own binary, with the calls of three runs alternating.
//!
//! The first two runs are alike and show the noise of the place; the third asks for what is there and hidden.

use super::{random::Random, statistics::Interleaved};
use domain::status::Status;
use serde_json::{Value, json};
use std::{thread, time::Duration};
use tests::{
    accounts::OwnUnit,
    life::{self, Report, declared, photo, upload},
    officers,
    runtime::{Event, Runtime, Setup},
    threads::in_parallel,
};

/// Calls of each of the three runs: some five hundred in all.
const CALLS: usize = 168;

/// What is asked for, of which function, and with which answer.
struct Case {
    what: &'static str,
    function: &'static str,
    status: u64,
    nothing: Value,
    hidden: Value,
}

impl Case {
    fn measure(&self, calls: usize) -> Interleaved {
        let runtime = Setup::of(self.function).start();
        let mut chance = Random::from_seed(404);
        // The first calls find no connection to the tables yet.
        for event in [&self.nothing, &self.hidden].iter().cycle().take(10) {
            self.call(&runtime, event);
        }
        let mut times: [Vec<f64>; 3] = Default::default();
        for _ in 0..calls {
            let mut turns = [0, 1, 2];
            chance.shuffle(&mut turns);
            for run in turns {
                let event = if run == 2 { &self.hidden } else { &self.nothing };
                times[run].push(self.call(&runtime, event).as_secs_f64() * 1000.0);
            }
        }
        let [one, same, other] = times;
        Interleaved { one, same, other }
    }

    fn call(&self, runtime: &Runtime, event: &Value) -> Duration {
        let reply = runtime.invoke(event);
        assert_eq!(reply.value["statusCode"], self.status, "{}: {}", self.what, reply.value);
        reply.took
    }
}

fn with_locked_photo() -> (Report, String) {
    let mut body = life::body();
    body["photos"] = json!([declared(&photo(90))]);
    let (report, told) = life::submit(&body);
    let entry = told.json()["uploads"][0].clone();
    upload(&entry, &photo(90)).expect(200);
    report.assign();
    (report, entry["photo"].as_str().expect("an id").to_owned())
}

fn cases() -> Vec<Case> {
    let unknown = life::unknown_ticket();
    let hidden = life::in_status(Status::Proses, &life::body());
    let (locked, picture) = with_locked_photo();
    let other_secret = life::submit(&life::body()).0.secret;
    let report_of = |ticket: &str| {
        Event::new("GET /v1/reports/{ticket}", &[("ticket", ticket)]).by(officers::OTHER_UNIT).value().clone()
    };
    let photo_of = |officer: &str, ticket: &str, photo: &str| {
        let route = "GET /v1/reports/{ticket}/photos/{photo}";
        Event::new(route, &[("ticket", ticket), ("photo", photo)]).by(officer).value().clone()
    };
    let track = |ticket: &str| {
        let event = Event::new("GET /v1/track/{ticket}", &[("ticket", ticket)]);
        event.header("report-secret", &other_secret).value().clone()
    };
    let validation = |ticket: &str| {
        let event = Event::new("POST /v1/reports/{ticket}/validation", &[("ticket", ticket)]);
        event.by(officers::VALIDASI).json(&json!({"decision": "accept"})).value().clone()
    };
    vec![
        Case {
            what: "a hidden report",
            function: "read",
            status: 404,
            nothing: report_of(&unknown),
            hidden: report_of(&hidden.ticket),
        },
        Case {
            what: "the locked photo of a report that may be seen",
            function: "view",
            status: 404,
            nothing: photo_of(officers::UNIT, &locked.ticket, "0123456789ABCDEF"),
            hidden: photo_of(officers::UNIT, &locked.ticket, &picture),
        },
        Case {
            what: "a wrong secret",
            function: "track",
            status: 404,
            nothing: track(&unknown),
            hidden: track(&hidden.ticket),
        },
        Case {
            what: "a command on a hidden report",
            function: "validate",
            status: 404,
            nothing: validation(&unknown),
            hidden: validation(&hidden.ticket),
        },
    ]
}

#[test]
fn the_time_of_a_404_is_the_same_for_what_is_hidden_and_what_is_not_there() {
    let cases = cases();
    let measured: Vec<Interleaved> = thread::scope(|scope| {
        let all: Vec<_> = cases.iter().map(|case| scope.spawn(|| case.measure(CALLS))).collect();
        all.into_iter().map(|one| one.join().expect("measured")).collect()
    });
    for (case, measured) in cases.iter().zip(&measured) {
        let compared = measured.compare();
        for time in [&measured.one, &measured.same, &measured.other].into_iter().flatten() {
            assert!(*time >= 100.0, "{}: a 404 after {time} ms", case.what);
        }
        assert!(!compared.is_told_apart(), "{}: {compared:?}", case.what);
    }
}

/// Without this, the test above could be blind: the same measurement, of two refusals that nothing holds back.
#[test]
fn what_is_not_held_back_is_told_apart_by_the_same_measurement() {
    let report = life::in_status(Status::Koordinasi, &life::body());
    let nothing = Event::new("GET /v1/desk", &[]).query("x=1").by(officers::UNIT);
    let there = Event::new("GET /v1/reports/{ticket}", &[("ticket", &report.ticket)]);
    let there = there.query("x=1").by(officers::UNIT);
    let case = Case {
        what: "a refusal after a look, and one without",
        function: "read",
        status: 400,
        nothing: nothing.value().clone(),
        hidden: there.value().clone(),
    };
    let compared = case.measure(60).compare();
    assert!(compared.is_told_apart(), "{compared:?}");
}

/// A desk of a unit that is not the officer's looks empty, to the clock too: how much lies on it is nobody else's business.
#[test]
fn a_foreign_desk_that_is_full_takes_as_long_as_one_that_is_empty() {
    let (full, empty) = (OwnUnit::new(None), OwnUnit::new(None));
    in_parallel((0..25).collect(), |_: u8| {
        let (report, _) = life::submit(&life::body());
        let assign = json!({"action": "assign", "unit": full.code});
        report.command(officers::TIKET, "assignment", &assign).expect(200);
    });
    for filters in ["", "&area=31.71&category=jalan-berlubang", "&below=true"] {
        let desk = |unit: &OwnUnit| {
            let query = format!("desk=unit:{}&limit=100{filters}", unit.code);
            Event::new("GET /v1/desk", &[]).query(&query).by(officers::OTHER_UNIT).value().clone()
        };
        let (nothing, hidden) = (desk(&empty), desk(&full));
        let case =
            Case { what: "a full desk of another unit", function: "read", status: 200, nothing, hidden };
        let compared = case.measure(CALLS).compare();
        assert!(!compared.is_told_apart(), "{filters}: {compared:?}");
    }
}
