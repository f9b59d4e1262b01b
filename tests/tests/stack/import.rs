//! Old reports come in once each, however often the import is killed.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    env, fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::{Mutex, mpsc},
    thread,
    time::Duration,
};
use tests::{
    canary,
    http::{Call, fresh_key},
    operator::{self, wait},
    proxy::{Outcome, pass_on, stand_between},
    stack::stack,
};

/// How many rows the long import has; `TUNTAS_IMPORT_ROWS` says another number. Each is announced, and with thousands of them other
/// tests would wait too long for their announcements.
const ROWS: usize = 400;

/// A channel of this test's own, and a folder with its files.
struct Office {
    channel: String,
    key: String,
    folder: PathBuf,
}

impl Office {
    fn open() -> Self {
        Self::in_state("active")
    }

    fn in_state(state: &str) -> Self {
        let channel = format!("uji-impor-{}", &fresh_key()[..8]);
        let key = format!("tk_{channel}_{}", "i".repeat(43));
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let hash = store::digest::hex(key.as_bytes());
        let put = operator::dynamodb()
            .put_item()
            .table_name(stack().output("RegistryTable"))
            .item("pk", text(&format!("channel#{channel}")))
            .item("code", text(&channel))
            .item("names", AttributeValue::M(["id", "en"].map(|of| (of.to_owned(), text(&channel))).into()))
            .item("kind", text("counter"))
            .item("state", text(state))
            .item("quota_per_hour", AttributeValue::N("1000000".to_owned()))
            .item("key_hashes", AttributeValue::L(vec![text(&hash)]));
        wait(put.send()).expect("the registry takes it");
        let folder = env::temp_dir().join(&channel);
        fs::create_dir(&folder).expect("a folder");
        Self { channel, key, folder }
    }

    fn set_state(&self, state: &str) {
        let update = operator::dynamodb()
            .update_item()
            .table_name(stack().output("RegistryTable"))
            .key("pk", AttributeValue::S(format!("channel#{}", self.channel)))
            .update_expression("SET #state = :state")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", AttributeValue::S(state.to_owned()));
        wait(update.send()).expect("the registry takes it");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let file = self.file(name);
        fs::write(&file, content).expect("a file");
        file
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(tool());
        command
            .args(["import", "--channel", &self.channel, "--file"])
            .arg(env::var_os("TUNTAS_STACK").expect("TUNTAS_STACK"))
            .args(arguments)
            .current_dir(&self.folder)
            .env("TUNTAS_CHANNEL_KEY", &self.key)
            .stdin(Stdio::null());
        command
    }

    /// Runs an import to its end.
    fn import(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("tuntas"))
    }

    /// Every report of the channel, as its ticket is stored.
    fn stored(&self) -> BTreeSet<String> {
        let scan = operator::dynamodb()
            .scan()
            .table_name(stack().output("ReportsTable"))
            .consistent_read(true)
            .filter_expression("submitted.channel = :channel")
            .projection_expression("pk")
            .expression_attribute_values(":channel", AttributeValue::S(self.channel.clone()))
            .into_paginator()
            .items();
        let items = wait(scan.send().collect::<Result<Vec<_>, _>>()).expect("a scan");
        items.iter().map(|item| item["pk"].as_s().expect("a ticket").clone()).collect()
    }

    /// What stands in a file of secrets: id, ticket, secret.
    fn secrets(&self, name: &str) -> Vec<[String; 3]> {
        let text = fs::read_to_string(self.file(name)).expect("the secrets");
        let rows = text.lines().skip(1).map(|line| {
            let fields: Vec<_> = line.split(',').map(str::to_owned).collect();
            [fields[3].clone(), fields[4].clone(), fields[5].clone()]
        });
        rows.collect()
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// How a run of the tool ended.
struct Ran {
    code: Option<i32>,
    said: String,
    complained: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let ran =
            Self { code: output.status.code(), said: text(output.stdout), complained: text(output.stderr) };
        for word in canary::ALL {
            assert!(!ran.said.contains(word) && !ran.complained.contains(word), "it says {word}");
        }
        ran
    }

    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.said, self.complained);
        self
    }
}

fn tool() -> PathBuf {
    let here = env::current_exe().expect("a path");
    here.ancestors().nth(2).expect("a target directory").join("tuntas")
}

fn tickets(secrets: &[[String; 3]]) -> BTreeSet<String> {
    secrets.iter().map(|[_, ticket, _]| ticket.replace('-', "")).collect()
}

#[track_caller]
fn opens([_, ticket, secret]: &[String; 3]) {
    let call = Call::api("GET", &format!("/v1/track/{ticket}"));
    call.header("Report-Secret", secret).send().expect(200);
}

/// A file of so many rows of which every 200th has an error; half of them have an id. Nothing can be sent to anybody in it.
fn csv(rows: usize) -> String {
    let mut csv = "id,category,description,lat,lon,address,name\n".to_owned();
    for number in 1..=rows {
        let id = if number % 2 == 0 { format!("arsip-{number}") } else { String::new() };
        let category = if number % 200 == 0 { "tidak-ada" } else { "jalan-berlubang" };
        // A hundred rows in a row say the same.
        let place = number / 100;
        csv += &format!(
            "{id},{category},\"Jalan berlubang {}, di depan pasar\",-6.05,106.8,Jl. Contoh {place},{}\n",
            canary::DESCRIPTION,
            canary::NAME
        );
    }
    csv
}

#[test]
fn each_row_comes_in_once_though_the_import_is_killed_on_its_way() {
    let office = Office::open();
    let rows: usize = env::var("TUNTAS_IMPORT_ROWS").map_or(ROWS, |rows| rows.parse().expect("a number"));
    office.write("laporan.csv", &csv(rows));
    let arguments = ["laporan.csv", "--secrets-out", "rahasia.csv", "--yes", "--json"];
    for quarter in 1..=3 {
        let mut running = office.command(&arguments);
        let mut running = running.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("tuntas");
        let enough = rows * quarter / 4;
        loop {
            assert!(running.try_wait().expect("a state").is_none(), "it ended before it was killed");
            // What it has on the disk: rows of this run may come after those of the one before, and be the same.
            let text = fs::read_to_string(office.file("rahasia.csv")).unwrap_or_default();
            let tickets: BTreeSet<_> = text.lines().filter_map(|line| line.split(',').nth(4)).collect();
            if tickets.len() > enough {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        running.kill().expect("killed");
        running.wait().expect("gone");
    }
    let ran = office.import(&arguments).expect(4);
    let said: Value = serde_json::from_str(&ran.said).expect("JSON");
    let with_errors = rows / 200;
    let good = rows - with_errors;
    assert_eq!((&said["rows"], &said["with_errors"]), (&json!(rows), &json!(with_errors)));
    assert_eq!(said["imported"].as_u64().unwrap() + said["there_already"].as_u64().unwrap(), good as u64);
    assert_eq!(
        said["errors"][0],
        json!({"line": 201, "field": "category", "what": "There is no such code."})
    );

    let secrets = office.secrets("rahasia.csv");
    assert_eq!(secrets.len(), good, "each report stands there once");
    assert_eq!(tickets(&secrets).len(), good, "each row has a ticket of its own");
    assert_eq!(office.stored(), tickets(&secrets), "and nothing else came in");
    for row in secrets.iter().step_by(good / 20) {
        opens(row);
    }
    for file in ["rahasia.csv", "laporan.import", "laporan.errors.csv"] {
        let mode = fs::metadata(office.file(file)).expect(file).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }

    // Once more, with nothing left to do, and with secrets asked for anew.
    let ran = office.import(&["laporan.csv", "--yes", "--secrets-out", "lagi.csv", "--json"]).expect(4);
    let said: Value = serde_json::from_str(&ran.said).expect("JSON");
    assert_eq!((&said["imported"], &said["there_already"]), (&json!(0), &json!(good)));
    assert_eq!(tickets(&office.secrets("lagi.csv")), tickets(&secrets));

    // Mended rows come in beside the others.
    let mended = fs::read_to_string(office.file("laporan.errors.csv")).expect("the rows with errors");
    assert!(mended.starts_with("error,id,category,"), "{mended}");
    fs::write(office.file("laporan.errors.csv"), mended.replace("tidak-ada", "jalan-berlubang")).unwrap();
    let refused = office.import(&arguments).expect(3);
    assert!(refused.complained.contains("laporan.errors.csv is not as an import left it"));
    let arguments = ["laporan.errors.csv", "--secrets-out", "rahasia.csv", "--yes"];
    office.import(&arguments).expect(0);
    assert_eq!(office.stored().len(), rows);
    assert_eq!(tickets(&office.secrets("rahasia.csv")), office.stored());
    office.import(&arguments).expect(0);
    assert_eq!(office.stored().len(), rows);
}

#[test]
fn whoever_has_the_file_but_not_the_imports_secret_gets_nobodys_secret() {
    let office = Office::open();
    let row = json!({"id": "arsip-1", "category": "jalan-berlubang",
        "description": format!("Jalan berlubang {}", canary::DESCRIPTION), "location": {"address": "Jl. Contoh 1"}});
    let reports = format!("{row}\n{row}\n").replacen("arsip-1", "arsip-2", 1);
    office.write("laporan.jsonl", &reports);
    let ran = office.import(&["laporan.jsonl", "--yes", "--secrets-out", "rahasia.csv"]).expect(0);
    let first = office.secrets("rahasia.csv");
    assert_eq!(tickets(&first).len(), 2);
    for [_, ticket, secret] in &first {
        assert!(
            !ran.said.contains(secret) && !ran.said.contains(ticket),
            "secrets come out in their file alone"
        );
        let record = fs::read_to_string(office.file("laporan.import")).unwrap();
        assert!(!record.contains(secret) && !record.contains(ticket));
    }
    // The thief has the channel's key, too.
    fs::create_dir(office.file("curian")).unwrap();
    fs::copy(office.file("laporan.jsonl"), office.file("curian/laporan.jsonl")).unwrap();
    office.import(&["curian/laporan.jsonl", "--yes", "--secrets-out", "curian/rahasia.csv"]).expect(0);
    let stolen = office.secrets("curian/rahasia.csv");
    assert!(tickets(&first).is_disjoint(&tickets(&stolen)));
    assert_eq!(office.stored().len(), 4);
    // By the record of the import they are the same reports.
    let with_record = ["curian/laporan.jsonl", "--yes", "--import", "laporan.import"];
    office.import(&with_record).expect(0);
    assert_eq!(office.stored().len(), 4);
    office.import(&["laporan.jsonl", "--yes", "--import", "salah.import"]).expect(3);
    // Another import's file of secrets is not written to, and what others may read is not believed.
    let refused = office.import(&["curian/laporan.jsonl", "--yes", "--secrets-out", "rahasia.csv"]).expect(3);
    assert!(refused.complained.contains("is not this import's"), "{}", refused.complained);
    fs::set_permissions(office.file("laporan.import"), fs::Permissions::from_mode(0o644)).unwrap();
    let refused = office.import(&["laporan.jsonl", "--yes"]).expect(3);
    assert!(refused.complained.contains("chmod 600"), "{}", refused.complained);
}

/// The first process waits for an answer that does not come.
#[test]
fn one_import_is_under_way_only_once_whatever_its_record_is_called() {
    let office = Office::open();
    office.write("laporan.csv", &csv(3));
    let (asked, was_asked) = mpsc::channel();
    let asked = Mutex::new(asked);
    let endpoint = stand_between("uji-import", move |request| {
        if request.line.starts_with("POST /v1/reports") {
            let _ = asked.lock().unwrap().send(());
            return Outcome::Silence;
        }
        Outcome::Answer(pass_on(request))
    });
    let mut document = serde_json::to_value(&**stack()).unwrap();
    document["endpoint"] = json!(endpoint);
    let slow = office.write("stack.json", &document.to_string());
    let mut first = Command::new(tool());
    let first =
        first.args(["import", "--channel", &office.channel, "laporan.csv", "--yes", "--file"]).arg(slow);
    let first = first.current_dir(&office.folder).env("TUNTAS_CHANNEL_KEY", &office.key);
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("tuntas");
    was_asked.recv_timeout(Duration::from_mins(1)).expect("it sends");

    fs::create_dir(office.file("lain")).unwrap();
    for copy in ["lain/salinan.csv", "lain/tautan.csv"] {
        fs::copy(office.file("laporan.csv"), office.file(copy)).unwrap();
    }
    fs::copy(office.file("laporan.import"), office.file("lain/salinan.import")).unwrap();
    fs::hard_link(office.file("laporan.import"), office.file("lain/tautan.import")).unwrap();
    std::os::unix::fs::symlink(office.file("laporan.import"), office.file("lain/simbol.import")).unwrap();
    for arguments in [
        &["laporan.csv", "--yes"][..],
        &["lain/salinan.csv", "--yes"],
        &["lain/tautan.csv", "--yes"],
        &["lain/salinan.csv", "--yes", "--import", "laporan.import"],
        &["lain/salinan.csv", "--yes", "--import", "lain/simbol.import"],
    ] {
        let refused = office.import(arguments).expect(3);
        assert!(refused.complained.contains("another process"), "{}", refused.complained);
    }
    // Looking is no import.
    office.import(&["laporan.csv", "--dry-run"]).expect(0);
    assert!(first.try_wait().expect("a state").is_none(), "it ended before it was killed");
    first.kill().expect("killed");
    first.wait().expect("gone");
    assert!(office.stored().is_empty());
    office.import(&["laporan.csv", "--yes"]).expect(0);
    assert_eq!(office.stored().len(), 3);
    office.import(&["lain/salinan.csv", "--yes"]).expect(0);
    assert_eq!(office.stored().len(), 3);
}

#[test]
fn a_dry_run_lists_errors_by_line_and_sends_and_writes_nothing() {
    let office = Office::open();
    let long = "x".repeat(4001);
    let csv = format!(
        "id,category,description,lat,lon,privacy\n\
         1,jalan-berlubang,Jalan berlubang {word},-6.05,106.8,\n\
         2,tidak-ada,Jalan berlubang {word},-6.05,106.8,\n\
         1,jalan-berlubang,Jalan berlubang {word},-6.05,106.8,\n\
         3,jalan-berlubang,{long},\"-6,2\",190,{word}\n\
         4,jalan-berlubang,Jalan berlubang {word}\n",
        word = canary::DESCRIPTION
    );
    office.write("laporan.csv", &csv);
    let expected = "\
        laporan.csv:3: category: There is no such code.\n\
        laporan.csv:4: id: Line 2 has the same id.\n\
        laporan.csv:5: description: This is too long.\n\
        laporan.csv:5: lat: The value has the wrong type.\n\
        laporan.csv:5: lon: This is out of range.\n\
        laporan.csv:5: privacy: This is not one of the allowed values.\n\
        laporan.csv:6: It has 3 fields, and the header 6.\n\
        laporan.csv:6: location: This is required.\n\
        1 row can be imported, 4 have errors\n";
    assert_eq!(office.import(&["laporan.csv", "--dry-run"]).expect(3).said, expected);
    let files: Vec<_> = fs::read_dir(&office.folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["laporan.csv"]);
    let asked = office.import(&["laporan.csv"]).expect(3);
    let mend = "The rows with errors are in laporan.errors.csv: mend them there, and import that file\n";
    assert_eq!(asked.said, expected.to_owned() + mend);
    assert!(asked.complained.contains("add --yes"), "{}", asked.complained);
    assert!(office.stored().is_empty());
    office.import(&["laporan.csv", "--yes"]).expect(4);
    assert_eq!(office.stored().len(), 1);
}

#[test]
fn it_is_said_before_and_after_that_a_test_channels_reports_are_gone_after_a_day() {
    let office = Office::in_state("test");
    office.write(
        "laporan.csv",
        "id,category,description,lat,lon\n1,jalan-berlubang,Jalan berlubang di depan pasar,-6.05,106.8\n",
    );
    let word = "The channel is one for tests: these reports reach no desk, and are gone after a day\n";
    let dry = office.import(&["laporan.csv", "--dry-run"]).expect(0).said;
    assert_eq!(dry, format!("1 row can be imported, 0 have errors\n{word}"));
    let asked = office.import(&["laporan.csv"]).expect(3).complained;
    assert!(asked.contains("which are for tests"), "{asked}");
    let said = office.import(&["laporan.csv", "--yes"]).expect(0).said;
    assert!(said.starts_with("1 report imported") && said.ends_with(word), "{said}");
    assert_eq!(office.stored().len(), 1);
    // Nothing of it is remembered: in a week the same rows are to come in again, and for good once the channel is no longer for tests.
    office.import(&["laporan.csv", "--yes"]).expect(0);
    assert_eq!(office.stored().len(), 2);
    office.set_state("active");
    let said = office.import(&["laporan.csv", "--yes"]).expect(0).said;
    assert!(said.starts_with("1 report imported, 0 there already") && !said.contains("tests"), "{said}");
    let real = office.stored().into_iter().filter(|ticket| {
        let items = operator::items_of_kind(ticket, "report");
        items.iter().all(|item| !item.contains_key("expires_at"))
    });
    assert_eq!(real.count(), 1);
    office.set_state("test");
    office.write("lain.csv", &fs::read_to_string(office.file("laporan.csv")).unwrap());
    let json = office.import(&["--json", "lain.csv", "--dry-run"]).expect(0).said;
    assert!(json.contains("\"for_tests\":true") || json.contains("\"for_tests\": true"), "{json}");
}

#[test]
fn what_the_api_would_refuse_at_every_row_is_refused_before_the_first() {
    let office = Office::open();
    office.write("laporan.csv", &csv(3));
    let run = |change: &dyn Fn(&mut Command) -> &mut Command| {
        let mut command = office.command(&["laporan.csv", "--yes"]);
        change(&mut command);
        Ran::of(command.output().expect("tuntas")).expect(3).complained
    };
    let other = format!("tk_{}_{}", office.channel, "j".repeat(43));
    let no_key = run(&|command| command.env_remove("TUNTAS_CHANNEL_KEY"));
    assert!(no_key.contains("the channel's key is missing"), "{no_key}");
    let wrong = run(&|command| command.env("TUNTAS_CHANNEL_KEY", &other));
    assert!(wrong.contains("the key is none of the channel"), "{wrong}");
    let mut open = fs::OpenOptions::new();
    let mut file = open.write(true).create(true).mode(0o644).open(office.file("kunci")).unwrap();
    file.write_all(office.key.as_bytes()).unwrap();
    let readable = run(&|command| command.args(["--key-file", "kunci"]));
    assert!(readable.contains("chmod 600"), "{readable}");
    fs::set_permissions(office.file("kunci"), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(office.stored().is_empty());
    let mut command = office.command(&["laporan.csv", "--yes", "--key-file", "kunci"]);
    Ran::of(command.env_remove("TUNTAS_CHANNEL_KEY").output().expect("tuntas")).expect(0);
    assert_eq!(office.stored().len(), 3);
}
