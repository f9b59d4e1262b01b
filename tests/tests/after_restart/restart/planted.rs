//! The words that the tests planted are in no log, no queue and no trace.

use aho_corasick::AhoCorasick;
use domain::ticket::Ticket;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use tests::{canary, restart_notes, stack::stack};

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_else(|_| panic!("{}", path.display()))).into_owned()
}

/// What a service of the engine kept when it was stopped.
fn service(name: &str) -> Value {
    serde_json::from_str(&text(&stack().state.join(format!("services/{name}.json")))).expect("JSON")
}

/// Every log group with its messages.
fn logs() -> BTreeMap<String, Vec<String>> {
    let kept = service("cloudwatch_logs");
    let groups = kept["payload"]["log_groups"]["data"].as_object().expect("log groups").clone();
    groups
        .into_iter()
        .map(|(name, group)| {
            let mut messages = Vec::new();
            collect("message", &group, &mut messages);
            (name, messages)
        })
        .collect()
}

/// The texts under a name, at any depth.
fn collect(name: &str, value: &Value, found: &mut Vec<String>) {
    if let Value::Object(fields) = value {
        found.extend(fields.get(name).and_then(Value::as_str).map(ToOwned::to_owned));
        fields.values().for_each(|value| collect(name, value, found));
    } else if let Value::Array(values) = value {
        values.iter().for_each(|value| collect(name, value, found));
    }
}

fn of_function<'a>(logs: &'a BTreeMap<String, Vec<String>>, function: &str) -> &'a [String] {
    let group = format!("/aws/lambda/{}-{function}'", stack().name);
    let found = logs.iter().find(|(name, _)| name.ends_with(&group));
    found.unwrap_or_else(|| panic!("no log of {function}")).1
}

/// A set of words and where they were found; a word is told by its place in the list, not by itself.
struct Search {
    words: Vec<String>,
    automaton: AhoCorasick,
}

impl Search {
    fn new(words: impl IntoIterator<Item = String>) -> Self {
        let words: Vec<String> = words.into_iter().collect();
        assert!(words.iter().all(|word| word.len() >= 10), "too short to be looked for");
        let automaton = AhoCorasick::new(&words).expect("words");
        Self { words, automaton }
    }

    #[track_caller]
    fn assert_absent(&self, place: &str, bytes: impl AsRef<[u8]>) {
        let found: BTreeSet<&str> = self
            .automaton
            .find_iter(&bytes)
            .map(|found| self.words[found.pattern().as_usize()].as_str())
            .collect();
        assert!(found.is_empty(), "{place} says {found:?}");
    }
}

/// Everything that no log may show.
fn unspeakable() -> Search {
    let noted = restart_notes::unspeakables();
    assert!(noted.len() > 20, "the tests before the restart noted their secrets");
    let planted = canary::ALL.iter().map(|word| (*word).to_owned());
    let passwords = stack().officers.iter().map(|officer| officer.password.clone());
    let keys = stack().channels.iter().map(|channel| channel.key.clone());
    Search::new(planted.chain(passwords).chain(keys).chain(noted))
}

#[test]
fn every_function_says_one_line_for_each_invocation_and_nothing_else() {
    let logs = logs();
    for function in &stack().functions() {
        let mut ids = BTreeSet::new();
        let mut started = BTreeSet::new();
        for line in of_function(&logs, function).iter().flat_map(|message| message.lines()) {
            if let Some(start) = line.strip_prefix("START RequestId: ") {
                started.insert(start.split(' ').next().unwrap_or_default().to_owned());
                continue;
            }
            if line.is_empty()
                || line.starts_with("END RequestId: ")
                || line.starts_with("REPORT RequestId: ")
            {
                continue;
            }
            let said: Value =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("{function} says: {line}"));
            assert_eq!(said["function"], function.as_str());
            if said["message"] != "invocation" {
                continue;
            }
            for field in ["timestamp", "level", "outcome", "latency_ms", "request_id", "_aws"] {
                assert!(!said[field].is_null(), "{function} says no {field}");
            }
            let id = said["request_id"].as_str().expect("an id").to_owned();
            assert!(ids.insert(id), "{function} says two lines for one invocation");
        }
        assert!(!ids.is_empty(), "{function} says nothing");
        // The engine loses a line that it has not read when it ends the function's process.
        let lost = started.len().div_ceil(100);
        let silent = started.difference(&ids).count();
        assert!(silent <= lost, "{function} was silent in {silent} of {}", started.len());
    }
}

#[test]
fn nothing_planted_is_in_any_log() {
    let search = unspeakable();
    let logs = logs();
    assert!(logs.len() >= stack().functions().len());
    for (group, messages) in &logs {
        search.assert_absent(group, messages.join("\n"));
    }
    let engine = text(&stack().engine_log);
    assert!(engine.lines().count() > 100, "the engine's log begins before the restart");
    search.assert_absent("the engine's log", &engine);
    for traces in ["xray", "cloudwatch", "cloudwatch_logs"] {
        let file = stack().state.join(format!("services/{traces}.json"));
        if file.exists() {
            search.assert_absent(traces, text(&file));
        }
    }
}

#[test]
fn nothing_planted_is_in_any_queue_or_topic() {
    let search = unspeakable();
    for service in ["sqs", "sns"] {
        search.assert_absent(service, text(&stack().state.join(format!("services/{service}.json"))));
    }
}

#[test]
fn no_function_logs_a_ticket_and_no_log_a_path() {
    let noted = restart_notes::tickets();
    assert!(noted.len() >= restart_notes::left().len(), "the tests before the restart noted their tickets");
    let forms =
        noted.iter().flat_map(|ticket| [ticket.clone(), ticket.replace('-', ""), ticket.to_lowercase()]);
    let search = Search::new(forms);
    for (group, messages) in logs() {
        search.assert_absent(&group, messages.join("\n"));
        for message in &messages {
            assert_no_path(&group, message);
        }
    }
    assert_no_path("the engine's log", &text(&stack().engine_log));
}

/// Fails on the path of a report: the route has a placeholder where the path has a ticket.
#[track_caller]
fn assert_no_path(place: &str, said: &str) {
    for before in ["/v1/reports/", "/v1/track/"] {
        for (_, rest) in said.match_indices(before).map(|(at, found)| said.split_at(at + found.len())) {
            let segment =
                rest.split(|end: char| !end.is_ascii_alphanumeric() && end != '-').next().unwrap_or_default();
            assert!(Ticket::parse(segment).is_none(), "{place} has a path with a ticket");
        }
    }
}

#[test]
fn who_reported_lies_open_nowhere_in_all_that_is_kept() {
    let identities = Search::new(canary::NOWHERE.iter().map(|word| (*word).to_owned()));
    let secrets = unspeakable_secrets();
    let files = files(&stack().state);
    assert!(files.len() > 50, "there is something to look through");
    for file in files {
        // Functions' own code, which holds no data.
        if file.components().any(|part| part.as_os_str() == "lambda-blobs") {
            continue;
        }
        let bytes = fs::read(&file).unwrap_or_default();
        identities.assert_absent(&file.display().to_string(), &bytes);
        secrets.assert_absent(&file.display().to_string(), &bytes);
    }
    // So that it can fail: what may be kept is found by the same search.
    let description = Search::new([canary::DESCRIPTION.to_owned()]);
    let reports = text(&stack().state.join("services/dynamodb.json"));
    assert!(description.automaton.is_match(&reports), "the search finds what there is");
}

/// Reporters' secrets: 26 symbols. Nothing keeps them but their reporters.
fn unspeakable_secrets() -> Search {
    Search::new(restart_notes::unspeakables().into_iter().filter(|word| word.len() == 26))
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
