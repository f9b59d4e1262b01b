//! Uploads that come: their messages come again until they are acknowledged.
//!
//! The deployed function does not see them: what becomes of them is the work of the one that failed.

use super::{
    checks::{bare, ensure, objects, photos, pictures},
    scenario::{Row, Scenario, queued},
};
use domain::status::Status;
use serde_json::json;
use std::sync::Arc;
use tests::{
    life::{self, Report},
    officers,
    operator::{config, wait},
    proxy::{Answered, pass_on},
    runtime::Message,
    stack::stack,
};

pub(super) const ROWS: &[Row] = &[
    Row::woken("clean a photo that is locked", "photo", locked_photo),
    Row::woken("clean a photo that is shown", "photo", shown_photo),
    Row::woken("clean a photo of the work", "photo", work_photo),
    Row::woken("reject what is no photo", "photo", no_photo),
];

fn locked_photo() -> Scenario {
    upload("private", &life::photo(81), "ready", (1, 0))
}

fn shown_photo() -> Scenario {
    upload("public", &life::photo(82), "ready", (1, 1))
}

fn no_photo() -> Scenario {
    upload("public", b"bukan gambar", "rejected", (0, 0))
}

/// An officer's, which has a digest of its own.
fn work_photo() -> Scenario {
    let bytes = life::fresh_photo();
    let report = life::in_status(Status::Proses, &life::body());
    let mut entry = life::declared(&bytes);
    entry["kind"] = json!("after");
    report.command(officers::UNIT, "photos", &json!({"photos": [entry]})).expect(201);
    come(report, "shown", &bytes, "ready", (0, 1))
}

/// An upload of a reporter's that has come.
fn upload(privacy: &str, bytes: &[u8], state: &'static str, left: (usize, usize)) -> Scenario {
    let mut body = life::body();
    body["privacy"] = json!(privacy);
    body["photos"] = json!([life::declared(bytes)]);
    let (report, _) = life::submit(&body);
    come(report, if privacy == "private" { "locked" } else { "shown" }, bytes, state, left)
}

/// The upload of a report's only photo has come.
///
/// It lies under `waiting/`, which wakes nobody, and whoever stands between has it from there as if it lay under `incoming/`.
fn come(
    report: Report,
    half: &'static str,
    bytes: &[u8],
    state: &'static str,
    left: (usize, usize),
) -> Scenario {
    let key = format!("{half}/{}/{}", bare(&report), photos(&report)[0].0);
    let s3 = aws_sdk_s3::Client::new(&config());
    let put = s3.put_object().bucket(stack().output("PhotosBucket")).key(format!("waiting/{key}"));
    wait(put.body(bytes.to_vec().into()).send()).expect("an upload");
    let notification = json!({"Records": [{
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": stack().output("PhotosBucket")}, "object": {"key": format!("incoming/{key}")}},
    }]});
    Scenario::brought(queued(&[notification])).through(Arc::new(uploads)).about(report).seen(move |report| {
        let mut wrongs = ensure(
            photos(report).iter().map(|(_, has)| has.as_str()).eq([state]),
            "the photo is still pending",
        );
        wrongs.extend(ensure(pictures(report) == left, "pictures are elsewhere"));
        let waiting = objects(&format!("waiting/{half}/{}/", bare(report)));
        wrongs.extend(ensure(waiting.is_empty(), "the upload is left"));
        wrongs
    })
}

/// The engine, with what lies under `waiting/` as `incoming/`.
fn uploads(request: &Message) -> Answered {
    let mut words = request.line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let Some((_, key)) = path.split_once("/incoming/") else { return pass_on(request) };
    let key = format!("waiting/{}", key.split('?').next().unwrap_or_default());
    let (s3, bucket) = (aws_sdk_s3::Client::new(&config()), stack().output("PhotosBucket"));
    let xml = |status: u16, body: &str| Answered {
        status,
        kind: "text/xml".to_owned(),
        body: body.as_bytes().to_vec(),
    };
    if method == "DELETE" {
        wait(s3.delete_object().bucket(bucket).key(key).send()).expect("deleted");
        return xml(204, "");
    }
    assert_eq!(method, "GET", "nobody else may do more");
    match wait(s3.get_object().bucket(bucket).key(key).send()) {
        Ok(found) => {
            let body = wait(found.body.collect()).expect("an upload").to_vec();
            Answered { status: 200, kind: "image/jpeg".to_owned(), body }
        }
        // As S3 says to somebody who may not list.
        Err(_) => xml(403, "<Error><Code>AccessDenied</Code><Message>x</Message></Error>"),
    }
}
