//! Somebody who watches a report all the time does not see when its reporter sat at the telephone: what a reporter does changes
//! nothing for officers before its slot, but that locked photos are gone at once.

use super::arrival::{assert_alike, commands_too_late, let_it_wait, without_copies};
use super::world::{Seen, looks};
use crate::duplicates::Place;
use domain::status::Status;
use serde_json::{Value, json};
use tests::{
    accounts::{Account, OwnUnit},
    http::Answer,
    life::{self, Report, declared, photo, upload},
    officers,
    operator::run_release,
    threads::in_parallel,
};

/// A report that lies at a unit of its own, and everybody who keeps an eye on it.
struct Watched {
    unit: OwnUnit,
    officer: String,
    /// The unit above, a verifier, a validator, the ticket desk, the administrator.
    others: Vec<String>,
    report: Report,
    picture: String,
}

impl Watched {
    /// With a photo, in `proses` or, by way of the field, in `selesai`. From now on it waits for slots that do not come.
    fn new(privacy: &str, status: Status) -> Self {
        let above = OwnUnit::new(None);
        let unit = OwnUnit::new(Some(&above));
        let officer = unit.officer().username;
        let tags = ["petugas-verifikasi", "petugas-validasi", "admin-tiket", "administrator"];
        let others = tags.map(|tag| Account::new(&[tag], None).username);
        let others = [above.officer().username].into_iter().chain(others).collect();
        let mut body = life::body();
        body["privacy"] = json!(privacy);
        // Where no other test has reports that would be named as similar.
        body["location"] = Place::new().at(0.0, 0.0);
        body["photos"] = json!([declared(&photo(61))]);
        let (report, told) = life::submit(&body);
        let entry = told.json()["uploads"][0].clone();
        upload(&entry, &photo(61)).expect(200);
        let picture = entry["photo"].as_str().expect("an id").to_owned();
        let assign = json!({"action": "assign", "unit": unit.code});
        report.command(officers::TIKET, "assignment", &assign).expect(200);
        report.command(&officer, "assignment", &json!({"action": "accept"})).expect(200);
        if status == Status::Selesai {
            let photos = report.add_photos(&officer, &["before", "after"]);
            let tl = json!({"narrative": "Lubang sudah ditambal", "photos": photos});
            report.command(&officer, "tl", &tl).expect(200);
            report.validate("field_check");
            report.verify(true);
        }
        let watched = Self { unit, officer, others, report, picture };
        watched.report.await_ready(&watched.picture);
        assert_eq!(watched.report.status(), status.as_str());
        let_it_wait(&watched.report);
        watched
    }

    /// The ticket desk, which sees the photos: units see none of a report that waits for the slots of sensitive categories.
    fn ticket_desk(&self) -> &str {
        &self.others[3]
    }

    /// Everything that each of them can get without changing anything: every command carries a version that is out of date.
    fn seen(&self) -> Vec<Vec<Seen>> {
        let all: Vec<&String> = [&self.officer].into_iter().chain(&self.others).collect();
        in_parallel(all, |watcher| {
            let mut seen = looks(watcher, &self.report, &self.unit.code);
            // Others work on the desks of the bureau meanwhile, and these looks are on record themselves.
            seen.retain(|(what, _)| *watcher == self.officer || !what.starts_with("GET /v1/desk"));
            seen.retain(|(what, _)| !what.contains("/accesses"));
            let picture = self.report.view(watcher, &self.picture);
            seen.push(("GET the photo".to_owned(), picture));
            let commands = commands_too_late(watcher, &self.report, &self.picture);
            // A nonce is of no version, and changes nothing of the report.
            let is_nonce = |what: &str| what.starts_with("POST camera");
            assert!(
                commands.iter().all(|(what, answer)| answer.status >= 400 || is_nonce(what)),
                "nothing is done"
            );
            seen.extend(commands);
            without_copies(seen)
        })
    }

    #[track_caller]
    fn assert_nobody_notices(&self, before: &[Vec<Seen>]) {
        for (before, after) in before.iter().zip(self.seen()) {
            assert_alike(before, &after);
        }
    }
}

/// An action of the reporter: its name, method and route, status before it, and how it is done.
type Action = (&'static str, &'static str, Status, fn(&Watched));

fn do_it(watched: &Watched, method: &str, route: &str, body: &Value) -> Answer {
    let answer = watched.report.track(method, route, body);
    assert!(answer.status < 300, "{method} {route}: {}", answer.status);
    answer
}

const ACTIONS: &[Action] = &[
    ("withdraws", "private", Status::Proses, |watched| drop(do_it(watched, "DELETE", "", &Value::Null))),
    ("withdraws what has photos", "public", Status::Proses, |watched| {
        do_it(watched, "DELETE", "", &Value::Null);
    }),
    ("disputes", "private", Status::Selesai, |watched| {
        do_it(watched, "POST", "dispute", &json!({"reason": "Lubangnya sudah ada lagi"}));
    }),
    ("unlocks the photos", "private", Status::Proses, |watched| {
        do_it(watched, "PUT", "privacy", &json!({"privacy": "public"}));
    }),
    ("rates", "public", Status::Selesai, |watched| {
        do_it(watched, "PUT", "rating", &json!({"stars": 1, "comment": "Belum rata"}));
    }),
    ("sends another photo", "public", Status::Proses, |watched| {
        let more = do_it(watched, "POST", "photos", &json!({"photos": [declared(&photo(62))]})).json();
        upload(&more["uploads"][0], &photo(62)).expect(200);
        watched.report.await_ready(more["uploads"][0]["photo"].as_str().expect("an id"));
    }),
];

#[test]
fn before_its_slot_nothing_that_a_reporter_does_changes_a_byte_for_any_officer() {
    in_parallel(ACTIONS.to_vec(), |(what, privacy, status, action)| {
        let watched = Watched::new(privacy, status);
        let own = || {
            let told = watched.report.tracked().expect(200).json();
            ["status", "privacy", "rating", "history"].map(|field| told[field].clone())
        };
        let (before, known) = (watched.seen(), own());
        let visible = before.iter().flatten().filter(|(_, answer)| answer.status == 200).count();
        assert!(visible > 10, "{what}: there is something to watch: {visible}");
        action(&watched);
        watched.assert_nobody_notices(&before);
        run_release();
        watched.assert_nobody_notices(&before);
        // The reporter sees it at once, so something has been done.
        if what != "sends another photo" {
            assert_ne!(own(), known, "{what}");
        }
    });
}

#[test]
fn locking_takes_the_photos_away_at_once_and_tells_nothing_else() {
    let watched = Watched::new("public", Status::Proses);
    let before = watched.seen();
    let shown = watched.report.view(watched.ticket_desk(), &watched.picture).expect(200).json();
    do_it(&watched, "PUT", "privacy", &json!({"privacy": "private"}));
    let unknown = watched.report.view(&watched.officer, "0123456789ABCDEF").expect(404);
    for watcher in [&watched.officer].into_iter().chain(&watched.others) {
        let gone = watched.report.view(watcher, &watched.picture).expect(404);
        assert_eq!(gone.bytes, unknown.bytes);
    }
    // Copies that were made before are good for a minute at most, as their URL says.
    assert_eq!(shown["expires_in"], 60);

    let without_photos = |seen: Vec<Seen>| -> Vec<Seen> {
        let photo_calls = |(what, _): &Seen| what.contains("/photos/") || what == "GET the photo";
        let rest = seen.into_iter().filter(|seen| !photo_calls(seen));
        rest.map(|(what, mut answer)| {
            if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.bytes)
                && let Some(photos) = body["photos"].as_array_mut()
            {
                photos.retain(|entry| entry["kind"] != "reporter");
                answer.bytes = body.to_string().into_bytes();
                answer.headers.remove("content-length");
            }
            (what, answer)
        })
        .collect()
    };
    for (before, after) in before.into_iter().zip(watched.seen()) {
        let listed =
            after.iter().any(|(_, answer)| String::from_utf8_lossy(&answer.bytes).contains(&watched.picture));
        assert!(!listed, "the photo is still on a list");
        assert_alike(&without_photos(before), &without_photos(after));
    }
}

#[test]
fn photos_that_were_locked_come_back_at_a_slot_and_not_when_the_reporter_says_so() {
    let watched = Watched::new("public", Status::Proses);
    watched.report.view(watched.ticket_desk(), &watched.picture).expect(200);
    do_it(&watched, "PUT", "privacy", &json!({"privacy": "private"}));
    let locked = watched.seen();
    do_it(&watched, "PUT", "privacy", &json!({"privacy": "public"}));
    watched.assert_nobody_notices(&locked);
    watched.report.view(watched.ticket_desk(), &watched.picture).expect(404);
}
