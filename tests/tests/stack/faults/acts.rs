//! Scenarios of channels, officers and reporters.

use super::{
    checks::{ensure, history, photos, pictures, text, wrong},
    scenario::{Row, Scenario, by_reporter, command},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{act::Act, status::Status};
use serde_json::{Value, json};
use tests::{
    http::{Call, eventually, fresh_key},
    life::{self, Report, body, by, declared, entry, photo, submission, upload},
    officers,
    operator::{group, items_of_kind},
    runtime::Event,
    stack::stack,
};

const ASSIGNMENT: &str = "POST /v1/reports/{ticket}/assignment";
const PHOTOS: &str = "POST /v1/reports/{ticket}/photos";
const PRIVACY: &str = "PUT /v1/track/{ticket}/privacy";
const DISPUTE: &str = "POST /v1/track/{ticket}/dispute";

pub(super) const ROWS: &[Row] = &[
    Row::asked("submit", "submit", "POST /v1/reports", submit).leaving(Act::Submit),
    Row::asked("enter at a counter", "submit", "POST /v1/counter/reports", enter).leaving(Act::Submit),
    Row::asked("assign", "assign", ASSIGNMENT, assign).leaving(Act::Assign),
    Row::asked("assign with a summary, and recall", "assign", ASSIGNMENT, recall).leaving(Act::Recall),
    Row::asked("correct", "assign", "POST /v1/reports/{ticket}/correction", correct).leaving(Act::Correct),
    Row::asked("ask the ticket desk", "assign", "POST /v1/reports/{ticket}/notes", ask).leaving(Act::Note),
    Row::asked("claim", "assign", "POST /v1/reports/{ticket}/claim", claim),
    Row::asked("reject", "assign", ASSIGNMENT, reject).leaving(Act::Reject),
    Row::asked("merge", "assign", ASSIGNMENT, merge).leaving(Act::Merge),
    Row::asked("accept", "assign", ASSIGNMENT, accept).leaving(Act::Accept),
    Row::asked("forward", "assign", ASSIGNMENT, forward).leaving(Act::Forward),
    IN_BULK,
    Row::asked("delegate", "assign", ASSIGNMENT, delegate).leaving(Act::Delegate),
    Row::asked("return", "assign", ASSIGNMENT, give_back).leaving(Act::Return),
    Row::asked("declare photos of the work", "post-tl", PHOTOS, add_work_photos).leaving(Act::AddWorkPhotos),
    Row::asked("declare photos of the field", "post-tl", PHOTOS, add_field_photos)
        .leaving(Act::AddFieldPhotos),
    Row::asked("declare a live photo", "post-tl", PHOTOS, add_live_photo).leaving(Act::AddWorkPhotos),
    Row::asked("give a nonce", "post-tl", "POST /v1/reports/{ticket}/camera", give_nonce),
    Row::asked("plan", "post-tl", "POST /v1/reports/{ticket}/plan", plan).leaving(Act::Plan),
    Row::asked("post a TL", "post-tl", "POST /v1/reports/{ticket}/tl", post_tl).leaving(Act::PostTl),
    Row::asked("validate", "validate", "POST /v1/reports/{ticket}/validation", validate)
        .leaving(Act::Validate),
    Row::asked("verify", "verify", "POST /v1/reports/{ticket}/verification", verify).leaving(Act::Verify),
    Row::asked("could not look", "verify", "POST /v1/reports/{ticket}/verification", could_not_look)
        .leaving(Act::CouldNotLook),
    Row::asked("dispute what is done", "track", DISPUTE, dispute).leaving(Act::Dispute),
    Row::asked("dispute a refusal", "track", DISPUTE, dispute_refusal).leaving(Act::Dispute),
    Row::asked("withdraw", "track", "DELETE /v1/track/{ticket}", withdraw).leaving(Act::Withdraw),
    Row::asked("lock", "track", PRIVACY, lock).leaving(Act::ChangePrivacy),
    Row::asked("open", "track", PRIVACY, open).leaving(Act::ChangePrivacy),
    Row::asked("rate", "track", "PUT /v1/track/{ticket}/rating", rate),
    Row::asked("add photos", "track", "POST /v1/track/{ticket}/photos", add_photos),
];

const IN_BULK: Row =
    Row::asked("accept in bulk", "assign", "POST /v1/assignments", accept_in_bulk).leaving(Act::Accept);

fn submit() -> Scenario {
    let mut body = body();
    body["photos"] = json!([declared(&photo(71))]);
    let key = fresh_key();
    let event = Event::new("POST /v1/reports", &[])
        .header("authorization", &format!("Bearer {}", stack().channel_key("jaki")))
        .header("idempotency-key", &key)
        .json(&body);
    Scenario::asked(&event, move || submission("jaki", &key, &body).send()).seen(one_pending_photo)
}

fn enter() -> Scenario {
    let mut body = body();
    body["photos"] = json!([declared(&photo(71))]);
    let key = fresh_key();
    let event = Event::new("POST /v1/counter/reports", &[])
        .by(officers::CLERK)
        .header("idempotency-key", &key)
        .json(&body);
    Scenario::asked(&event, move || entry(officers::CLERK, &key, &body).send()).seen(one_pending_photo)
}

fn fresh() -> Report {
    life::submit(&body()).0
}

fn assignment(report: &Report, officer: &'static str, body: Value) -> Scenario {
    command(report, officer, "assignment", body)
}

fn assign() -> Scenario {
    assignment(&fresh(), officers::TIKET, json!({"action": "assign", "unit": officers::UNIT_CODE}))
        .seen(is(Status::Koordinasi))
}

/// Of an assignment that waits for its slot.
fn recall() -> Scenario {
    let mut body = body();
    body["category"] = json!(super::SENSITIVE);
    let (report, _) = life::submit(&body);
    let assign = json!({"action": "assign", "unit": officers::UNIT_CODE, "summary": life::SUMMARY});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    assignment(&report, officers::TIKET, json!({"action": "recall"})).seen(is(Status::Menunggu))
}

fn correct() -> Scenario {
    let body = json!({"category": super::SENSITIVE, "location": {"lat": -6.0588, "lon": 106.8456}, "reason": "Salah kategori"});
    command(&fresh(), officers::TIKET, "correction", body).seen(is(Status::Menunggu))
}

/// It is on the list of questions, once.
fn ask() -> Scenario {
    let report = life::in_status(Status::Proses, &body());
    let body = json!({"text": "Apakah ini jalan kota?", "audience": "all", "to": "tiket"});
    command(&report, officers::UNIT, "notes", body).seen(|report| {
        let listed = items_of_kind(&report.ticket, "question");
        let is_listed = listed.len() == 1 && text(&listed[0], "desk") == "tiket?";
        ensure(is_listed, "the question is not listed")
    })
}

fn claim() -> Scenario {
    command(&fresh(), officers::TIKET, "claim", json!({})).seen(|report| {
        let snapshot = items_of_kind(&report.ticket, "report").remove(0);
        ensure(snapshot.contains_key("claim"), "it is not claimed")
    })
}

fn plan() -> Scenario {
    let body = json!({"on": life::today(), "reason": "Menunggu bahan"});
    command(&life::in_status(Status::Proses, &self::body()), officers::UNIT, "plan", body)
        .seen(is(Status::Proses))
}

fn could_not_look() -> Scenario {
    let body = json!({"looked": false, "reason": "Gerbang terkunci"});
    let report = life::in_status(Status::MenungguVerifikasi, &self::body());
    command(&report, officers::VERIFIKASI, "verification", body).seen(is(Status::MenungguValidasi))
}

fn reject() -> Scenario {
    assignment(&fresh(), officers::TIKET, json!({"action": "reject", "reason": "Bukan wewenang kota"}))
        .seen(is(Status::Ditolak))
}

fn merge() -> Scenario {
    let other = fresh();
    let body = json!({"action": "merge", "into": other.ticket});
    assignment(&fresh(), officers::TIKET, body).with(other)
}

fn accept() -> Scenario {
    assignment(&life::in_status(Status::Koordinasi, &body()), officers::UNIT, json!({"action": "accept"}))
        .seen(is(Status::Proses))
}

fn accept_in_bulk() -> Scenario {
    let [one, other] = [(); 2].map(|()| life::in_status(Status::Koordinasi, &body()));
    let key = fresh_key();
    let body = json!({"action": "accept", "tickets": [one.ticket, other.ticket]});
    let event = Event::new("POST /v1/assignments", &[])
        .by(officers::UNIT)
        .header("idempotency-key", &key)
        .json(&body);
    let again = move || by(officers::UNIT, "POST", "/v1/assignments").key(&key).json(&body).send();
    let second = other.clone();
    Scenario::asked(&event, again).about(one).with(other).seen(move |one| {
        let accepted = [one, &second].map(|report| report.status() == Status::Proses.as_str());
        let mut wrongs = ensure(accepted == [true; 2], "one of them is not accepted");
        wrongs.extend(history(&IN_BULK, &second));
        wrongs
    })
}

fn forward() -> Scenario {
    let body =
        json!({"action": "forward", "unit": officers::OTHER_UNIT_CODE, "reason": "Saluran, bukan jalan"});
    assignment(&life::in_status(Status::Koordinasi, &life::body()), officers::UNIT, body).seen(|report| {
        let mut snapshot = items_of_kind(&report.ticket, "report").remove(0);
        // The third one would go to the ticket desk instead.
        ensure(
            group(&mut snapshot, "work")["forwards"] == AttributeValue::N("1".to_owned()),
            "it counts as another number of forwards",
        )
    })
}

fn delegate() -> Scenario {
    let report = fresh();
    let assign = json!({"action": "assign", "unit": officers::PARENT_UNIT_CODE});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    let body = json!({"action": "delegate", "unit": officers::UNIT_CODE});
    assignment(&report, officers::PARENT_UNIT, body).seen(is(Status::Disposisi))
}

fn give_back() -> Scenario {
    let body = json!({"action": "return", "reason": "Bukan wilayah kami"});
    assignment(&life::in_status(Status::Koordinasi, &life::body()), officers::UNIT, body)
        .seen(is(Status::Menunggu))
}

/// What the status is afterwards.
fn is(status: Status) -> impl Fn(&Report) -> Vec<String> + Send {
    move |report| ensure(report.status() == status.as_str(), "it has another status")
}

fn declaring(report: &Report, officer: &'static str, kind: &str) -> Scenario {
    let mut entry = declared(&photo(72));
    entry["kind"] = json!(kind);
    command(report, officer, "photos", json!({"photos": [entry]}))
}

fn add_work_photos() -> Scenario {
    declaring(&life::in_status(Status::Proses, &body()), officers::UNIT, "before").seen(one_pending_photo)
}

fn add_field_photos() -> Scenario {
    let report = life::in_status(Status::MenungguVerifikasi, &body());
    declaring(&report, officers::VERIFIKASI, "field").seen(|report| {
        // Two of the TL.
        ensure(photos(report).len() == 3, "another number of photos")
    })
}

/// It is live, once, and its nonce is used up by the very event that declared it.
fn add_live_photo() -> Scenario {
    let report = life::in_status(Status::Proses, &body());
    let given = report.command(officers::UNIT, "camera", &json!({})).expect(201).json();
    let mut entry = declared(&photo(72));
    entry["kind"] = json!("after");
    entry["camera"] = given["nonce"].clone();
    command(&report, officers::UNIT, "photos", json!({"photos": [entry]})).seen(|report| {
        let mut wrongs = one_pending_photo(report);
        let events = items_of_kind(&report.ticket, "event");
        let nonces = items_of_kind(&report.ticket, "camera");
        let photos = items_of_kind(&report.ticket, "photo");
        let is_live = photos.iter().all(|photo| text(photo, "camera") == text(&nonces[0], "nonce"));
        let user = events.iter().find(|event| text(event, "id") == text(&nonces[0], "used_by"));
        let declares = user.is_some_and(|event| text(event, "act") == Act::AddWorkPhotos.as_str());
        wrongs.extend(ensure(is_live && declares, "it is a file, or its nonce is not used up"));
        wrongs
    })
}

/// Whoever heard nothing asks for another one.
fn give_nonce() -> Scenario {
    let report = life::in_status(Status::Proses, &body());
    command(&report, officers::UNIT, "camera", json!({})).anew().seen(|report| {
        let nonces = items_of_kind(&report.ticket, "camera");
        ensure(matches!(nonces.len(), 1 | 2), "another number of nonces")
    })
}

fn one_pending_photo(report: &Report) -> Vec<String> {
    ensure(photos(report).iter().map(|(_, state)| state.as_str()).eq(["pending"]), "another number of photos")
}

fn post_tl() -> Scenario {
    let report = life::in_status(Status::Proses, &body());
    let photos = report.add_photos(officers::UNIT, &["before", "after"]);
    let body = json!({"narrative": "Lubang sudah ditambal", "photos": photos});
    command(&report, officers::UNIT, "tl", body).seen(|report| used(report, 1, Act::PostTl))
}

/// So many photos are used up, and by this act.
fn used(report: &Report, number: usize, act: Act) -> Vec<String> {
    let events = items_of_kind(&report.ticket, "event");
    let of_act: Vec<_> =
        events.iter().filter(|event| event["act"] == AttributeValue::S(act.as_str().to_owned())).collect();
    let photos = items_of_kind(&report.ticket, "photo");
    let used = photos
        .iter()
        .filter_map(|photo| photo.get("used_by"))
        .filter(|by| of_act.iter().any(|event| event["id"] == **by));
    ensure(used.count() == number, "its photos are not used up by it")
}

fn validate() -> Scenario {
    let report = life::in_status(Status::MenungguValidasi, &body());
    command(&report, officers::VALIDASI, "validation", json!({"decision": "accept"}))
        .seen(is(Status::Selesai))
}

fn verify() -> Scenario {
    let report = life::in_status(Status::MenungguVerifikasi, &body());
    let photos = report.add_photos(officers::VERIFIKASI, &["field"]);
    let place = json!({"lat": -6.0588, "lon": 106.8456});
    let body = json!({"conforms": true, "finding": "Sesuai", "photos": photos, "location": place});
    command(&report, officers::VERIFIKASI, "verification", body).seen(|report| used(report, 1, Act::Verify))
}

fn dispute() -> Scenario {
    let report = life::in_status(Status::Selesai, &body());
    by_reporter(&report, "POST", "dispute", json!({"reason": "Sudah berlubang lagi"}))
        .seen(is(Status::MenungguVerifikasi))
}

fn dispute_refusal() -> Scenario {
    let report = life::in_status(Status::Ditolak, &body());
    by_reporter(&report, "POST", "dispute", json!({"reason": "Ini wewenang kota"})).seen(is(Status::Menunggu))
}

/// A report with a photo that is ready.
pub(super) fn with_photo(privacy: &str) -> Report {
    let mut body = body();
    body["privacy"] = json!(privacy);
    body["photos"] = json!([declared(&photo(73))]);
    let (report, told) = life::submit(&body);
    upload(&told.json()["uploads"][0], &photo(73)).expect(200);
    eventually("the photo is ready", || {
        photos(&report).iter().all(|(_, state)| state == "ready").then_some(())
    });
    report
}

fn withdraw() -> Scenario {
    let report = with_photo("private");
    // So that there is somebody to be told.
    report.assign();
    by_reporter(&report, "DELETE", "", Value::Null).seen(|report| {
        let mut wrongs = ensure(pictures(report) == (0, 0), "a picture is left");
        wrongs.extend(ensure(photos(report).iter().all(|(_, state)| state == "rejected"), "a photo is left"));
        wrongs
    })
}

fn lock() -> Scenario {
    let report = with_photo("public");
    report.assign();
    let copy = report.view(officers::UNIT, &photos(&report)[0].0).expect(200).json();
    let copy = copy["url"].as_str().unwrap().to_owned();
    by_reporter(&report, "PUT", "privacy", json!({"privacy": "private"})).seen(move |report| {
        let mut wrongs = ensure(pictures(report) == (1, 0), "pictures are elsewhere");
        // Its URL is good for a minute.
        wrongs.extend(ensure(Call::url("GET", &copy).send().status != 200, "a viewer's copy is left"));
        wrongs
    })
}

fn open() -> Scenario {
    by_reporter(&with_photo("private"), "PUT", "privacy", json!({"privacy": "public"}))
        .seen(|report| ensure(pictures(report) == (1, 1), "pictures are elsewhere"))
}

fn rate() -> Scenario {
    let report = life::in_status(Status::Selesai, &body());
    by_reporter(&report, "PUT", "rating", json!({"stars": 4, "comment": "Lumayan"})).seen(|report| {
        let seen = report.tracked();
        if seen.status != 200 {
            return wrong("it cannot be followed");
        }
        ensure(seen.json()["rating"]["stars"] == 4, "the rating is lost")
    })
}

fn add_photos() -> Scenario {
    by_reporter(&fresh(), "POST", "photos", json!({"photos": [declared(&photo(74))]})).seen(one_pending_photo)
}
