//! Each command of `tuntas` with exactly the rights that `infra/operator-rights.yaml` gives it, and without each of them.

use crate::{
    audit::{sealed, with_code},
    channels::Channel,
    city::Kota,
    operators::{add, fresh_username, rows},
};
use aws_sdk_sqs::types::QueueAttributeName;
use domain::status::Status;
use serde_json::json;
use std::collections::BTreeMap;
use tests::{
    accounts::Account,
    accounts::OwnUnit,
    http::fresh_key,
    life::{self, Report},
    officers,
    officers::UNIT_CODE,
    operator::{config, wait},
    seals::{alone, clear, findings},
    stack::stack,
    threads::in_parallel,
    tool::{Right, Said, Tool, commands, rights_of, rights_on},
};

/// What only a stack of a test's own can be tried on, or only while nobody else has the seals: a test for each below.
const ELSEWHERE: [&str; 6] = [
    "city apply",
    "city apply that closes or moves a unit",
    "queue replay",
    "audit verify",
    "audit trace",
    "audit read",
];

/// Tries a command with its rights and without each of them, and says what did not go as it should: `may_end` are the exit codes where all
/// goes well. What is given to `exercise` has a stack's name and outputs, of which there may be one for each try.
pub(crate) fn tried<S: Send + Sync>(
    command: &str,
    may_end: &[i32],
    on: impl Fn() -> S + Sync,
    rights_for: impl Fn(&S) -> Vec<Right> + Sync,
    exercise: impl Fn(&S, &[Right]) -> Said + Sync,
) -> Vec<String> {
    let count = rights_for(&on()).iter().filter(|right| !right.is_optional).count();
    let wrong = in_parallel((0..=count).collect(), |place: usize| {
        let on = on();
        let needed: Vec<_> = rights_for(&on).into_iter().filter(|right| !right.is_optional).collect();
        let missing = needed.get(place).map(|right| right.action.clone());
        let rest = needed.into_iter().enumerate().filter(|(at, _)| *at != place).map(|(_, right)| right);
        let said = exercise(&on, &rest.collect::<Vec<_>>());
        let Some(missing) = missing else {
            let fits = may_end.contains(&said.code) && !is_denied(&said.stdout);
            return (!fits).then(|| format!("{command} with its rights: {} {}", said.stdout, said.stderr));
        };
        let code = if missing == "cloudformation:DescribeStacks" { 5 } else { 1 };
        let told = says_what_is_missing(&said, &missing);
        let fits = said.code == code && told && !said.stderr.contains("SdkError");
        (!fits).then(|| format!("{command} without {missing}: {} {} {}", said.code, said.stdout, said.stderr))
    });
    wrong.into_iter().flatten().collect()
}

fn is_denied(said: &str) -> bool {
    ["denied", "not authorized", "AccessDenied"].iter().any(|word| said.contains(word))
}

/// Whether an error names the right, or else where the rights of a command are.
fn says_what_is_missing(said: &Said, right: &str) -> bool {
    let names = [right, "infra/operator-rights.yaml"].iter().any(|word| said.stderr.contains(word));
    said.stderr.starts_with("error: ") && is_denied(&said.stderr) && names
}

/// Does with a command what needs each of its rights; ends with the first run that does not go well.
fn exercise(command: &str, tool: &Tool) -> Said {
    let opd = || Account::new(&["petugas-opd"], Some(UNIT_CODE)).username;
    let run = |arguments: &[&str]| tool.run(arguments);
    match command {
        "officer add" => {
            let username = fresh_username();
            let made = run(&add(&username, &["--unit", UNIT_CODE]));
            if made.code == 0 { run(&add(&username, &["--unit", UNIT_CODE])) } else { made }
        }
        "officer import" => {
            let file = tool.file("akun.csv", rows(&[fresh_username()], UNIT_CODE));
            run(&["officer", "import", &file, "--print-password"])
        }
        "officer invite" => {
            let username = fresh_username();
            Tool::of("officer add").run(&add(&username, &["--unit", UNIT_CODE])).expect(0);
            run(&["officer", "invite", &username])
        }
        "officer invite --print-password" => {
            let username = fresh_username();
            Tool::of("officer add").run(&add(&username, &["--unit", UNIT_CODE])).expect(0);
            run(&["officer", "invite", &username, "--print-password"])
        }
        "officer move" => {
            let username = Account::new(&["administrator"], None).username;
            run(&["officer", "move", &username, "--unit", UNIT_CODE])
        }
        "officer disable" => run(&["officer", "disable", &opd()]),
        "officer enable" => run(&["officer", "enable", &opd()]),
        "officer reset-factor" => run(&["officer", "reset-factor", &opd()]),
        "officer list" => run(&["officer", "list"]),
        "channel rotate" => {
            run(&["channel", "rotate", &Channel::register("hak", "active", 1000, &["a"]).code])
        }
        "channel suspend" => {
            run(&["channel", "suspend", &Channel::register("hak", "active", 1000, &["a"]).code])
        }
        "channel resume" => {
            let code = Channel::register("hak", "active", 1000, &["a"]).code;
            Tool::of("channel suspend").run(&["channel", "suspend", &code]).expect(0);
            run(&["channel", "resume", &code])
        }
        "channel list" => run(&["channel", "list"]),
        "city plan" => run(&["city", "plan", concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/city")]),
        "city export" => run(&["city", "export", "kota"]),
        "import" => {
            let rows =
                "category,description,address\njalan-berlubang,Lubang besar di depan pasar,Jl. Contoh 1\n";
            run(&["import", &tool.file("lama.csv", rows), "--channel", "jaki", "--dry-run"])
        }
        "route" => run(&["route", "-6.19", "106.83", "jalan-berlubang"]),
        "report explain" => {
            let ticket = life::in_status(Status::Menunggu, &life::body()).ticket;
            run(&["report", "explain", &ticket])
        }
        "report refresh-deadlines" => {
            let (unit, report) = (OwnUnit::new(None), life::submit(&life::body()).0);
            let assign = json!({"action": "assign", "unit": unit.code});
            report.command(officers::TIKET, "assignment", &assign).expect(200);
            run(&["report", "refresh-deadlines", "--desk", &format!("unit:{}", unit.code), "--yes"])
        }
        "status" => run(&["status"]),
        other => panic!("nobody tries {other}"),
    }
}

#[test]
fn each_command_works_with_its_rights_and_fails_in_words_without_one_of_them() {
    let mut tries = Vec::new();
    for command in commands().into_iter().filter(|command| !ELSEWHERE.contains(command)) {
        let rights = rights_of(command);
        let needed: Vec<_> = rights.iter().filter(|right| !right.is_optional).cloned().collect();
        tries.push((command, needed.clone(), None));
        for missing in &needed {
            let rest: Vec<_> = rights.iter().filter(|right| *right != missing).cloned().collect();
            tries.push((command, rest, Some(missing.action.clone())));
        }
    }
    let wrong = in_parallel(tries, |(command, rights, missing)| {
        let said = exercise(command, &Tool::with(&rights));
        // Other tests may have left something that a person must look at.
        let looks = command == "status" && missing.as_deref() != Some("cloudformation:DescribeStacks");
        let Some(missing) = missing else {
            // Other tests' units and channels are in no folder, and some do not read: a city is refused after every look.
            let may_end = match command {
                "status" => &[0, 4][..],
                "city plan" | "city export" => &[0, 3],
                _ => &[0],
            };
            let fits = may_end.contains(&said.code) && !is_denied(&said.stdout);
            return (!fits).then(|| format!("{command} with its rights: {} {}", said.stdout, said.stderr));
        };
        let code = match missing.as_str() {
            "cloudformation:DescribeStacks" => 5,
            _ if looks => 4,
            _ => 1,
        };
        let told = if looks { is_denied(&said.stdout) } else { says_what_is_missing(&said, &missing) };
        let fits = said.code == code && told && !said.stderr.contains("SdkError");
        (!fits).then(|| format!("{command} without {missing}: {} {} {}", said.code, said.stdout, said.stderr))
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_city_is_applied_with_its_rights_and_not_without_one_of_them() {
    let wrong = tried(
        "city apply",
        &[0],
        || {
            let kota = Kota::new();
            kota.apply();
            kota.write_map("barat");
            kota.apply();
            // One change of each kind.
            kota.write_map("timur");
            kota.replace("units.csv", "sudin@contoh.go.id", "baru@contoh.go.id");
            kota.replace("units.csv", "Suku Dinas", "Sudin");
            kota.replace(
                "channels.csv",
                "surel,Surel,Mail,mail,9,active",
                "loket,Loket,Counter,counter,9,active",
            );
            kota
        },
        |kota| rights_on("city apply", kota.name(), &kota.outputs()),
        |kota, rights| {
            let tool = Tool::with(rights).on_outputs(kota.name(), kota.outputs());
            tool.run(&["city", "apply", &kota.folder(), "--yes"])
        },
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Queues of a test's own: one dead letter goes back, and one that names nothing stays.
struct Queues {
    name: String,
    outputs: BTreeMap<String, String>,
}

impl Queues {
    fn new(report: &Report) -> Self {
        let sqs = aws_sdk_sqs::Client::new(&config());
        let name = format!("uji-{}", &fresh_key()[..10]);
        let mut outputs = stack().outputs.clone();
        outputs.retain(|name, _| !name.ends_with("Queue"));
        for (output, end) in [("NotifyDeadQueue", "notify-dead"), ("NotifyRetryQueue", "notify-retry")] {
            let made = wait(sqs.create_queue().queue_name(format!("{name}-{end}")).send()).expect("a queue");
            outputs.insert(output.to_owned(), made.queue_url.expect("its URL"));
        }
        let letter = json!({"key": {"pk": report.ticket.replace('-', ""), "sk": "report"}}).to_string();
        for letter in [letter.as_str(), "{}"] {
            let sent = sqs.send_message().queue_url(&outputs["NotifyDeadQueue"]).message_body(letter);
            wait(sent.send()).expect("a dead letter");
        }
        Self { name, outputs }
    }

    /// How many messages lie on a queue.
    fn count(&self, output: &str) -> String {
        let sqs = aws_sdk_sqs::Client::new(&config());
        let asked = sqs.get_queue_attributes().queue_url(&self.outputs[output]);
        let asked = asked.attribute_names(QueueAttributeName::ApproximateNumberOfMessages);
        let found = wait(asked.send()).expect("a count").attributes.expect("attributes");
        found[&QueueAttributeName::ApproximateNumberOfMessages].clone()
    }
}

impl Drop for Queues {
    fn drop(&mut self) {
        let sqs = aws_sdk_sqs::Client::new(&config());
        for output in ["NotifyDeadQueue", "NotifyRetryQueue"] {
            let _ = wait(sqs.delete_queue().queue_url(&self.outputs[output]).send());
        }
    }
}

#[test]
fn dead_letters_are_sent_again_with_their_rights_and_not_without_one_of_them() {
    let report = life::submit(&life::body()).0;
    let wrong = tried(
        "queue replay",
        &[4],
        || Queues::new(&report),
        |queues| rights_on("queue replay", &queues.name, &queues.outputs),
        |queues, rights| {
            let tool = Tool::with(rights).on_outputs(&queues.name, queues.outputs.clone());
            let said = tool.run(&["queue", "replay", "--yes"]);
            if said.code == 4 {
                assert_eq!([queues.count("NotifyRetryQueue"), queues.count("NotifyDeadQueue")], ["1", "1"]);
            }
            said
        },
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_access_log_is_audited_with_the_rights_for_it_and_not_without_one_of_them() {
    let _alone = alone();
    let report = life::submit(&life::body()).0;
    let looks = sealed(&report);
    assert_eq!(findings(), []);
    let code = looks.iter().find_map(with_code).expect("a photo");
    let label = "Laporan bersifat privasi";
    let picture = media::fixtures::photograph(1600, 1200, 1, false, "");
    let copy = media::copy_for_viewer(&picture, &code, label).expect("a copy");
    let mut wrong = Vec::new();
    for command in ["audit verify", "audit trace", "audit read"] {
        wrong.extend(tried(
            command,
            &[0],
            || (),
            |()| rights_of(command),
            |(), rights| {
                let tool = Tool::with(rights);
                match command {
                    "audit verify" => tool.run(&["audit", "verify"]),
                    "audit trace" => tool.run(&["audit", "trace", &code]),
                    _ => tool.run(&["audit", "read", &tool.file("salinan.jpg", &copy)]),
                }
            },
        ));
    }
    clear("");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
