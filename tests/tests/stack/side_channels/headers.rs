//! Conditional requests cannot bisect when something was stored: no answer of the API depends on them, and a copy of a photo
//! is as old as the look at it.

use super::OF_THE_MOMENT;
use jiff::{Timestamp, ToSpan, fmt::rfc2822};
use serde_json::json;
use std::collections::BTreeSet;
use tests::{
    accounts::Account,
    http::{Answer, Call, eventually},
    life::{self, Report, by, declared, photo, upload},
    officers,
    operator::{config, wait},
    stack::stack,
    threads::in_parallel,
};

#[expect(clippy::disallowed_methods, reason = "what is told apart is real time")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn http_date(at: Timestamp) -> String {
    rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).expect("a date")
}

/// Dates from long ago to long after, closely around now.
fn sweep() -> Vec<String> {
    let now = now();
    let around = [-900_i64, -300, -60, -30, -10, -5, -3, -2, -1, 0, 1, 2, 3, 5, 10, 60, 300, 900];
    let far =
        [-10 * 365 * 86_400, -365 * 86_400, -30 * 86_400, -86_400, -3600, 3600, 86_400, 365 * 86_400_i64];
    let seconds = around.into_iter().chain(far);
    let dates = seconds.map(|seconds| http_date(now + seconds.seconds()));
    dates.chain(["0".to_owned(), "kemarin".to_owned(), String::new()]).collect()
}

/// A public report with one clean photo, at [`officers::UNIT`]'s unit.
fn with_photo(seed: u64) -> (Report, String) {
    let mut body = life::body();
    body["privacy"] = json!("public");
    body["photos"] = json!([declared(&photo(seed))]);
    let (report, told) = life::submit(&body);
    let entry = told.json()["uploads"][0].clone();
    upload(&entry, &photo(seed)).expect(200);
    report.assign();
    let picture = entry["photo"].as_str().expect("an id").to_owned();
    assert_eq!(report.await_cleaning(officers::UNIT, &picture), "ready");
    (report, picture)
}

/// What an answer says apart from its own moment.
fn says(answer: &Answer) -> (u16, BTreeSet<(String, String)>, Vec<u8>) {
    let headers = answer.headers.iter().filter(|(name, _)| !OF_THE_MOMENT.contains(&name.as_str()));
    (
        answer.status,
        headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
        answer.bytes.clone(),
    )
}

/// Header and value, for every condition that HTTP knows and some dates.
fn conditions(etag: &str) -> Vec<(&'static str, String)> {
    let dated = ["If-Modified-Since", "If-Unmodified-Since", "If-Range"];
    let mut all: Vec<(&str, String)> =
        dated.iter().flat_map(|name| sweep().into_iter().map(move |date| (*name, date))).collect();
    for value in [etag, "*", "\"x\"", "W/\"x\"", "\"00000000000000000000\""] {
        all.push(("If-None-Match", value.to_owned()));
    }
    all.extend(["bytes=0-0", "bytes=0-", "bytes=-1", "bytes=9-3"].map(|range| ("Range", range.to_owned())));
    all
}

#[test]
fn conditional_and_range_headers_change_no_answer_of_the_api() {
    let (report, _) = with_photo(70);
    let verifier = Account::new(&["petugas-verifikasi"], None).username;
    let hidden = life::submit(&life::body()).0;
    let etag = report.seen_by(officers::UNIT).headers["etag"].clone();
    let track = format!("/v1/track/{}", report.ticket);
    let calls = [
        by(officers::UNIT, "GET", &report.path("")),
        by(officers::UNIT, "GET", &hidden.path("")),
        by(officers::UNIT, "GET", &report.path("photos/0123456789ABCDEF")),
        by(&verifier, "GET", &report.path("")),
        by(officers::OTHER_UNIT, "GET", &format!("/v1/desk?desk=unit:{}", officers::UNIT_CODE)),
        Call::api("GET", &track).header("Report-Secret", &report.secret),
        Call::api("GET", &track).header("Report-Secret", &hidden.secret),
    ];
    for (place, call) in calls.iter().enumerate() {
        let plain = says(&call.send());
        assert!(plain.0 == 200 || plain.0 == 404);
        assert!(
            plain.1.iter().all(|(name, _)| !matches!(name.as_str(), "last-modified" | "expires" | "age"))
        );
        in_parallel(conditions(&etag), |(name, value)| {
            let answer = says(&call.clone().header(name, &value).send());
            assert_eq!(answer, plain, "call {place} with {name}: {value}");
        });
    }
}

#[test]
fn the_age_of_a_copy_is_that_of_the_look_and_tells_nothing_of_the_photo() {
    let (report, picture) = with_photo(71);
    // So that the photo is older than the look by more than HTTP's dates can resolve.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let looked_at = now();
    let url =
        report.view(officers::UNIT, &picture).expect(200).json()["url"].as_str().expect("a URL").to_owned();
    let (whole, shown) = (looked_at.as_second(), Call::url("GET", &url).send().expect(200));
    let modified = rfc2822::parse(&shown.headers["last-modified"]).expect("a date").timestamp();
    assert!(modified.as_second() >= whole, "{modified} is before the look at {looked_at}");

    // Bisecting: whatever is asked for, nothing older than the look is found.
    for since in sweep() {
        let answer = Call::url("GET", &url).header("If-Modified-Since", &since).send();
        let asked = rfc2822::parse(&since).ok().map(|date| date.timestamp().as_second());
        if asked.is_some_and(|asked| asked >= whole) {
            assert!(matches!(answer.status, 200 | 304), "{since}: {}", answer.status);
        } else {
            assert_eq!(answer.status, 200, "{since}");
            assert_eq!(answer.bytes, shown.bytes, "{since}");
        }
        if let Some(asked) = asked {
            let answer = Call::url("GET", &url).header("If-Unmodified-Since", &since).send();
            assert_eq!(answer.status == 412, asked < modified.as_second(), "{since}: {}", answer.status);
        }
    }

    // What is stored has an age and a name of its own; neither comes along.
    let stored = format!("clean/shown/{}/{picture}.jpg", report.ticket.replace('-', ""));
    let s3 = aws_sdk_s3::Client::new(&config());
    let stored =
        wait(s3.head_object().bucket(stack().output("PhotosBucket")).key(stored).send()).expect("the photo");
    let stored_at = stored.last_modified().expect("an age").secs();
    assert!(stored_at < whole, "else this says nothing");
    let stored_etag = stored.e_tag().expect("a name").trim_matches('"');
    for (name, value) in &shown.headers {
        assert_ne!(value.trim_matches('"'), stored_etag, "{name} is that of the stored object");
        let dated = rfc2822::parse(value).map(|date| date.timestamp().as_second());
        assert!(!dated.is_ok_and(|second| second < whole), "{name}: {value}");
    }
    assert!(!shown.headers.contains_key("x-amz-version-id"));
}

#[test]
fn two_looks_at_one_photo_give_copies_with_different_bytes_and_etags() {
    let (report, picture) = with_photo(72);
    let look = |officer: &str| {
        eventually("a copy", || {
            let answer = report.view(officer, &picture);
            (answer.status == 200).then_some(answer)
        })
    };
    let shown = |officer: &str| {
        let url = look(officer).json()["url"].as_str().expect("a URL").to_owned();
        Call::url("GET", &url).send().expect(200)
    };
    let (mine, again, theirs) = (shown(officers::UNIT), shown(officers::UNIT), shown(officers::TIKET));
    for (one, other) in [(&mine, &again), (&mine, &theirs), (&again, &theirs)] {
        assert_ne!(one.headers.get("etag"), other.headers.get("etag"));
        assert_ne!(one.bytes, other.bytes);
    }
}
