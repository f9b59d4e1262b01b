//! Units that a city closes, or moves in the tree: their reports follow.
//!
//! The folder is applied to a registry of the test's own, and the functions' registry gets the same rows: other tests go by the rest of it.

use crate::{city::Kota, operator_rights::tried};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{desk::Desk, report::Report as Snapshot, status::Status, ticket::Ticket};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::{
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};
use store::reports::Reports;
use tests::{
    accounts::{Account, OwnUnit},
    http::eventually,
    life::{self, Report, by},
    officers,
    operator::{dynamodb, run_release, wait},
    stack::stack,
    threads::Ending,
    tool::{Right, Tool, rights_on},
};

/// A category whose only slot is half a day away.
const SENSITIVE: &str = "perilaku-petugas";

/// A dinas, a suku dinas below it, and another dinas.
struct Units {
    kota: Kota,
    dinas: OwnUnit,
    sudin: OwnUnit,
    other: OwnUnit,
}

impl Units {
    fn new() -> Self {
        let dinas = OwnUnit::new(None);
        let (sudin, other) = (OwnUnit::new(Some(&dinas)), OwnUnit::new(None));
        let kota = Kota::new();
        kota.write(
            "units.csv",
            &format!(
                "code,name,parent,email,state\n{0},Dinas,,,active\n{1},Suku Dinas,{0},,active\n{2},Dinas lain,,,active\n",
                dinas.code, sudin.code, other.code
            ),
        );
        kota.apply();
        Self { kota, dinas, sudin, other }
    }

    /// Changes the sudin in the folder and in the functions' registry.
    fn change(&self, parent: &str, state: &str) {
        let (sudin, dinas) = (&self.sudin.code, &self.dinas.code);
        let row = |parent: &str, state: &str| format!("{sudin},Suku Dinas,{parent},,{state}");
        self.kota.replace("units.csv", &row(dinas, "active"), &row(parent, state));
        let path = [sudin, parent].map(|code| AttributeValue::S(code.to_owned()));
        let change = dynamodb()
            .update_item()
            .table_name(stack().output("RegistryTable"))
            .key("pk", AttributeValue::S(format!("unit#{sudin}")))
            .update_expression("SET #state = :state, #path = :path")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#path", "path")
            .expression_attribute_values(":state", AttributeValue::S(state.to_owned()))
            .expression_attribute_values(":path", AttributeValue::L(path.into()));
        wait(change.send()).expect("the unit is changed");
    }

    /// When the sudin was changed, as long as reports have to follow.
    fn since(&self) -> Option<String> {
        let items = self.kota.state().items;
        let since = items[&format!("unit#{}", self.sudin.code)].get("reports_follow_since");
        since.and_then(|since| since.as_s().ok()).cloned()
    }

    /// Kills `tuntas city apply` once the sudin's row is written, and lets the change be an hour old.
    fn apply_killed(&self) {
        let arguments = ["apply", self.kota.folder.to_str().unwrap(), "--yes"];
        let mut child = self.kota.command(&arguments, &stack().endpoint);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("tuntas");
        eventually("the unit's row is written", || self.since());
        child.kill().expect("killed");
        child.wait().expect("ended");
        let backdate = dynamodb()
            .update_item()
            .table_name(&self.kota.table)
            .key("pk", AttributeValue::S(format!("unit#{}", self.sudin.code)))
            .update_expression("SET reports_follow_since = :then")
            .expression_attribute_values(":then", AttributeValue::S("2026-01-05T00:00:00Z".to_owned()));
        wait(backdate.send()).expect("the change is backdated");
    }

    /// Applies the folder while `release` runs.
    fn apply_while_released(&self) {
        while_released(|| self.kota.apply());
    }
}

/// Does something while `release` runs, more often than its schedule.
fn while_released<T>(work: impl FnOnce() -> T) -> T {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let _ending = Ending(&ended);
        scope.spawn(|| {
            while !ended.load(Ordering::SeqCst) {
                run_release();
                thread::sleep(Duration::from_secs(2));
            }
        });
        work()
    })
}

fn assign(report: &Report, unit: &OwnUnit) -> u16 {
    let body = json!({"action": "assign", "unit": unit.code, "summary": life::SUMMARY});
    report.command(officers::TIKET, "assignment", &body).status
}

fn assigned(category: Option<&str>, unit: &OwnUnit) -> Report {
    let mut body = life::body();
    if let Some(category) = category {
        body["category"] = json!(category);
    }
    let (report, _) = life::submit(&body);
    assert_eq!(assign(&report, unit), 200);
    report
}

fn act(report: &Report, officer: &Account, action: &str) -> u16 {
    let mut body = json!({"action": action});
    if action == "return" {
        body["reason"] = json!("Bukan wilayah kami");
    }
    report.command(&officer.username, "assignment", &body).status
}

fn post_tl(report: &Report, officer: &Account) {
    let photos = report.add_photos(&officer.username, &["before", "after"]);
    let body = json!({"narrative": "Lubang sudah ditambal", "photos": photos});
    report.command(&officer.username, "tl", &body).expect(200);
}

/// The report as it is stored.
pub(crate) fn snapshot(report: &Report) -> Snapshot {
    let reports = Reports::new(dynamodb().clone(), stack().output("ReportsTable").to_owned(), TimeZone::UTC);
    wait(reports.get(&Ticket::parse(&report.ticket).unwrap())).expect("read").expect("a report")
}

fn unit_desk(unit: &OwnUnit) -> Desk {
    Desk::parse(&format!("unit:{}", unit.code)).unwrap()
}

fn follows(change: &Value) -> bool {
    change["change"] == "follow"
}

#[test]
fn reports_of_a_unit_that_is_closed_under_traffic_come_to_desks_that_somebody_works_on() {
    let units = Units::new();
    let (officer, above) = (units.sudin.officer(), units.dinas.officer());
    let many = |count: usize, make: &(dyn Fn() -> Report + Sync)| -> Vec<Report> {
        thread::scope(|scope| {
            let halves = [count / 2, count - count / 2]
                .map(|count| scope.spawn(move || (0..count).map(|_| make()).collect::<Vec<_>>()));
            halves.into_iter().flat_map(|half| half.join().expect("reports")).collect()
        })
    };
    let waiting = many(40, &|| assigned(Some(SENSITIVE), &units.sudin));
    let coordinated = many(80, &|| assigned(None, &units.sudin));
    let in_work = many(60, &|| {
        let report = assigned(None, &units.sudin);
        assert_eq!(act(&report, &officer, "accept"), 200);
        report
    });
    let done = many(8, &|| {
        let report = assigned(None, &units.sudin);
        assert_eq!(act(&report, &officer, "accept"), 200);
        post_tl(&report, &officer);
        report
    });
    done[0].validate("reject");
    done[1].validate("field_check");
    let new = many(12, &|| life::submit(&life::body()).0);
    let (left_alone, worked_on) = coordinated.split_at(40);

    let ended = AtomicBool::new(false);
    let until_ended = |work: &(dyn Fn(usize) + Sync)| {
        let mut round = 0;
        while !ended.load(Ordering::SeqCst) {
            work(round);
            round += 1;
            thread::sleep(Duration::from_millis(300));
        }
    };
    thread::scope(|scope| {
        let _ending = Ending(&ended);
        // The ticket desk assigns new reports and those that come back to it: to the sudin as long as it can, then not at all.
        scope.spawn(|| {
            until_ended(&|round| {
                let report = new.iter().chain(worked_on).cycle().nth(round).expect("a report");
                assert!([200, 409, 422, 503].contains(&assign(report, &units.sudin)));
            });
        });
        scope.spawn(|| {
            until_ended(&|round| {
                let action = ["accept", "return"][round % 2];
                let report = &worked_on[round % worked_on.len()];
                let status = act(report, &officer, action);
                assert!([200, 403, 404, 409, 503].contains(&status), "{status}");
            });
        });
        scope.spawn(|| {
            until_ended(&|round| {
                let body = json!({"decision": "reject", "reason": "Belum rata"});
                let report = &done[2 + round % 3];
                let status = report.command(officers::VALIDASI, "validation", &body).status;
                assert!([200, 404, 409, 503].contains(&status), "{status}");
            });
        });
        // Meanwhile the city closes it.
        units.change(&units.dinas.code, "closed");
        let plan = units.kota.changes();
        let planned = plan.iter().find(|change| follows(change)).expect("reports follow");
        assert_eq!(planned["units"][&units.sudin.code]["closed"]["heir"]["code"], json!(units.dinas.code));
        assert!(planned["reports"].as_u64().unwrap() >= 100, "{planned}");
        units.apply_while_released();
    });
    assert_eq!(units.since(), None);
    assert_eq!(units.kota.changes(), Vec::<Value>::new());

    let all = [&waiting, &coordinated, &in_work, &done, &new];
    let all: Vec<_> = all.into_iter().flatten().collect();
    assert_eq!(all.len(), 200);
    for report in &all {
        let stored = snapshot(report);
        let desk = stored.desk().expect("an open report lies on a desk");
        let works = [Desk::Tiket, Desk::Validasi, Desk::Verifikasi, unit_desk(&units.dinas)];
        assert!(works.contains(&desk), "{desk} {:?}", stored.status);
        let waits = stored.visible.release.is_some();
        assert_eq!(stored.listed_on().is_none(), waits);
        assert_eq!(
            waits,
            stored.category.as_str() == SENSITIVE,
            "only its slot keeps a report from its desk"
        );
    }
    // Those that lay there and waited for it went to the unit above.
    for report in waiting.iter().chain(left_alone).chain(&in_work).chain([&done[0]]) {
        let stored = snapshot(report);
        assert_eq!((stored.status, stored.desk()), (Status::Koordinasi, Some(unit_desk(&units.dinas))));
    }
    assert_eq!(by(&officer.username, "GET", "/v1/desk").send().expect(200).json()["items"], json!([]));
    // Nobody did it, and the unit above works on it.
    let seen = in_work[0].seen_by(&above.username).expect(200).json();
    let last = seen["history"].as_array().unwrap().last().unwrap();
    assert_eq!(*last, json!({"event": "close_unit", "status": "koordinasi", "to": units.dinas.code}));
    assert_eq!(act(&in_work[0], &above, "accept"), 200);
    // What the bureau had fell back, or falls back, to the unit above.
    for report in &done[5..] {
        report.validate("reject");
    }
    done[1].verify(false);
    for report in &done {
        let stored = snapshot(report);
        assert_eq!((stored.status, stored.desk()), (Status::Koordinasi, Some(unit_desk(&units.dinas))));
    }
}

#[test]
fn a_unit_is_closed_with_the_rights_for_it_and_not_without_one_of_them() {
    let command = "city apply that closes or moves a unit";
    // Of the rights of every apply those that this one needs: it makes no topic and writes no map.
    let needed = |right: &Right| {
        let on_map = right.resource.ends_with("-map");
        let reads = ["GetItem", "Scan"].iter().any(|end| right.action.ends_with(end));
        let of_topics =
            ["sns:CreateTopic", "sns:Subscribe", "sns:Unsubscribe"].contains(&right.action.as_str());
        !of_topics && (!on_map || reads)
    };
    let wrong = tried(
        command,
        &[0],
        || {
            let units = Units::new();
            assigned(None, &units.sudin);
            units.change(&units.dinas.code, "closed");
            let row = format!("Suku Dinas,{},", units.dinas.code);
            units.kota.replace(
                "units.csv",
                &format!("{},{row},closed", units.sudin.code),
                &format!("{},{row},active", units.sudin.code),
            );
            units.kota.close_and_cut_off(&units.sudin.code, &row);
            units
        },
        |units| {
            let (name, outputs) = (units.kota.name(), units.kota.outputs());
            let mut rights = rights_on("city apply", name, &outputs);
            rights.retain(needed);
            for right in rights_on(command, name, &outputs) {
                if !rights.contains(&right) {
                    rights.push(right);
                }
            }
            rights
        },
        |units, rights| {
            let tool = Tool::with(rights).on_outputs(units.kota.name(), units.kota.outputs());
            while_released(|| tool.run(&["city", "apply", &units.kota.folder(), "--yes"]))
        },
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_unit_is_not_left_out_of_the_folder_not_even_a_closed_one() {
    let units = Units::new();
    let row = format!("Suku Dinas,{},", units.dinas.code);
    units.kota.close_and_cut_off(&units.sudin.code, &row);
    units.kota.replace("units.csv", &format!("{},{row},closed\n", units.sudin.code), "");
    let said = units.kota.command(&["plan", &units.kota.folder()], &stack().endpoint).output().unwrap();
    assert_eq!(said.status.code(), Some(3));
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains(&format!("units.csv leaves out {}", units.sudin.code)), "{said}");
}

#[test]
fn an_apply_that_is_killed_before_reports_have_followed_goes_on_when_it_is_run_again() {
    let units = Units::new();
    let officer = units.other.officer();
    let report = assigned(None, &units.sudin);
    assert_eq!(report.seen_by(&officer.username).status, 404);
    units.change(&units.other.code, "active");
    units.apply_killed();
    let plan = units.kota.changes();
    let planned: Vec<_> = plan.iter().filter(|change| follows(change)).collect();
    assert_eq!((planned.len(), &planned[0]["reports"]), (1, &json!(1)));
    units.apply_while_released();
    assert_eq!((units.since(), units.kota.changes()), (None, Vec::new()));
    // The sudin moved below the other dinas, whose officers see what lies on its desk now.
    let seen = report.seen_by(&officer.username).expect(200).json();
    assert_eq!((&seen["status"], &seen["description"].is_string()), (&json!("koordinasi"), &true));
    let former = report.seen_by(&units.dinas.officer().username).expect(200).json();
    assert!(former.get("description").is_none(), "{former}");
}
