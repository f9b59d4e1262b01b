//! The steps of a report's life, as channels and officers take them.

use crate::{
    canary,
    http::{Answer, Call, eventually, fresh_key},
    officers::{self, sign_in},
    operator::{Item, items_of_kind},
    restart_notes,
    stack::stack,
};
use domain::status::Status;
use media::fixtures::photograph;
use serde_json::{Value, json};

/// What the ticket desk writes for units in the place of the reporter's words.
pub const SUMMARY: &str = "Petugas loket meminta uang";

/// Today in the city.
#[expect(clippy::disallowed_methods, reason = "the tests live in real time; runtime::clock is for functions")]
pub fn today() -> String {
    jiff::Timestamp::now().in_tz("Asia/Jakarta").expect("a zone").date().to_string()
}

/// A report as a channel knows it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The report's number, `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// The reporter's secret.
    pub secret: String,
}

/// A photograph with metadata that must never come out again.
pub fn photo(seed: u64) -> Vec<u8> {
    photograph(640, 480, seed, true, canary::PHOTO)
}

/// A photograph that nobody has uploaded before: a picture proves once only.
pub fn fresh_photo() -> Vec<u8> {
    let digest = store::digest::raw(fresh_key().as_bytes());
    photo(u64::from_be_bytes(store::digest::first(&digest)))
}

/// The entry of `photos` for these bytes.
pub fn declared(bytes: &[u8]) -> Value {
    json!({"content_type": "image/jpeg", "size": bytes.len(), "sha256": store::digest::checksum(bytes)})
}

/// A body that a channel may send, private and without photos.
pub fn body() -> Value {
    json!({
        "category": "jalan-berlubang",
        "description": format!("Jalan berlubang {} di depan pasar", canary::DESCRIPTION),
        "location": {"lat": -6.058_812_3, "lon": 106.845_612_3, "accuracy_m": 8.5, "address": "Jl. Contoh Raya 12"},
        "reporter": {
            "name": canary::NAME, "phone": canary::PHONE, "email": canary::EMAIL, "channel_ref": canary::CHANNEL_REF,
        },
    })
}

/// A channel's submission about to be made.
pub fn submission(channel: &str, key: &str, body: &Value) -> Call {
    Call::api("POST", "/v1/reports").bearer(stack().channel_key(channel)).key(key).json(body)
}

/// A clerk's submission about to be made.
pub fn entry(clerk: &str, key: &str, body: &Value) -> Call {
    by(clerk, "POST", "/v1/counter/reports").key(key).json(body)
}

/// Submits through JAKI; fails unless it is stored.
#[track_caller]
pub fn submit(body: &Value) -> (Report, Answer) {
    let answer = submission("jaki", &fresh_key(), body).send().expect(201);
    (Report::told(&answer.json()), answer)
}

/// A ticket that could be one, and that no report has.
pub fn unknown_ticket() -> String {
    domain::ticket::Ticket::from_mac(&[7; 32]).to_string()
}

/// Uploads bytes as an entry of `uploads` says.
pub fn upload(entry: &Value, bytes: &[u8]) -> Answer {
    let url = entry["url"].as_str().expect("a URL");
    restart_notes::url(url);
    let mut call = Call::url(entry["method"].as_str().expect("a method"), url);
    for (name, value) in entry["headers"].as_object().expect("headers") {
        call = call.header(name, value.as_str().expect("a header"));
    }
    call.bytes(bytes.to_vec()).send()
}

/// A request by an officer.
pub fn by(officer: &str, method: &str, path: &str) -> Call {
    Call::api(method, path).bearer(&sign_in(officer).id)
}

impl Report {
    /// The report of which a channel was told this.
    pub fn told(told: &Value) -> Self {
        let text = |name: &str| told[name].as_str().expect("a text").to_owned();
        restart_notes::ticket(&text("ticket"));
        restart_notes::unspeakable(&text("secret"));
        Self { ticket: text("ticket"), secret: text("secret") }
    }

    /// The path of one of the report's routes; empty for the report itself.
    pub fn path(&self, route: &str) -> String {
        format!("/v1/reports/{}{}{route}", self.ticket, if route.is_empty() { "" } else { "/" })
    }

    /// Sends an officer's command.
    pub fn command(&self, officer: &str, route: &str, body: &Value) -> Answer {
        by(officer, "POST", &self.path(route)).json(body).send()
    }

    /// The report as an officer sees it.
    pub fn seen_by(&self, officer: &str) -> Answer {
        by(officer, "GET", &self.path("")).send()
    }

    /// One of its photos as an officer sees it.
    pub fn view(&self, officer: &str, photo: &str) -> Answer {
        let answer = by(officer, "GET", &self.path(&format!("photos/{photo}"))).send();
        if answer.status == 200 {
            restart_notes::url(answer.json()["url"].as_str().expect("a URL"));
        }
        answer
    }

    /// The report as its reporter sees it.
    pub fn tracked(&self) -> Answer {
        let path = format!("/v1/track/{}", self.ticket);
        Call::api("GET", &path).header("Report-Secret", &self.secret).send()
    }

    /// Sends a reporter's request: a method and a route, empty for the report itself.
    pub fn track(&self, method: &str, route: &str, body: &Value) -> Answer {
        let path = format!("/v1/track/{}{}{route}", self.ticket, if route.is_empty() { "" } else { "/" });
        let call = Call::api(method, &path).header("Report-Secret", &self.secret);
        if body.is_null() { call.send() } else { call.json(body).send() }
    }

    /// The reporter withdraws the report.
    #[track_caller]
    pub fn withdraw(&self) -> Answer {
        self.track("DELETE", "", &Value::Null).expect(200)
    }

    /// The status that the reporter is told.
    #[track_caller]
    pub fn status(&self) -> String {
        self.tracked().expect(200).json()["status"].as_str().expect("a status").to_owned()
    }

    /// The ticket desk assigns it to [`officers::UNIT`]'s unit.
    #[track_caller]
    pub fn assign(&self) {
        self.command(
            officers::TIKET,
            "assignment",
            &json!({"action": "assign", "unit": officers::UNIT_CODE}),
        )
        .expect(200);
    }

    /// The same with a summary, without which no unit gets a report of a `peka` category.
    #[track_caller]
    pub fn assign_summarised(&self) {
        let body = json!({"action": "assign", "unit": officers::UNIT_CODE, "summary": SUMMARY});
        self.command(officers::TIKET, "assignment", &body).expect(200);
    }

    /// [`officers::UNIT`] accepts it.
    #[track_caller]
    pub fn accept(&self) {
        self.command(officers::UNIT, "assignment", &json!({"action": "accept"})).expect(200);
    }

    /// An officer declares and uploads one photo of each kind, and waits until they are cleaned. Their ids.
    #[track_caller]
    pub fn add_photos(&self, officer: &str, kinds: &[&str]) -> Vec<String> {
        let pictures: Vec<Vec<u8>> = kinds.iter().map(|_| fresh_photo()).collect();
        let entries: Vec<Value> = kinds
            .iter()
            .zip(&pictures)
            .map(|(kind, bytes)| {
                let mut entry = declared(bytes);
                entry["kind"] = json!(kind);
                entry
            })
            .collect();
        let answer = self.command(officer, "photos", &json!({"photos": entries})).expect(201).json();
        let uploads = answer["uploads"].as_array().expect("uploads");
        for (entry, bytes) in uploads.iter().zip(&pictures) {
            upload(entry, bytes).expect(200);
        }
        let ids: Vec<String> =
            uploads.iter().map(|entry| entry["photo"].as_str().expect("an id").to_owned()).collect();
        for id in &ids {
            assert_eq!(self.await_cleaning(officer, id), "ready");
        }
        ids
    }

    /// Waits until one of its reporter's photos is ready, of which officers may not be told before its slot.
    #[track_caller]
    pub fn await_ready(&self, photo: &str) {
        eventually("the photo is ready", || {
            let items = items_of_kind(&self.ticket, "photo");
            let is = |item: &Item, name: &str, text: &str| item[name].as_s().is_ok_and(|of| of == text);
            items.iter().any(|item| is(item, "photo", photo) && is(item, "state", "ready")).then_some(())
        });
    }

    /// The state of a photo once it is no longer pending. Not everybody is told before.
    pub fn await_cleaning(&self, officer: &str, photo: &str) -> String {
        eventually("the photo is cleaned or rejected", || {
            let seen = self.seen_by(officer).expect(200).json();
            let photos = seen["photos"].as_array().expect("photos");
            let found = photos.iter().find(|entry| entry["photo"] == photo)?;
            found["state"].as_str().filter(|state| *state != "pending").map(ToOwned::to_owned)
        })
    }

    /// [`officers::UNIT`] posts a TL with a photo from before and one from after.
    #[track_caller]
    pub fn post_tl(&self) {
        let photos = self.add_photos(officers::UNIT, &["before", "after"]);
        let narrative = format!("Lubang {} sudah ditambal", canary::OFFICER_TEXT);
        self.command(officers::UNIT, "tl", &json!({"narrative": narrative, "photos": photos})).expect(200);
    }

    /// [`officers::VALIDASI`] decides.
    #[track_caller]
    pub fn validate(&self, decision: &str) {
        let mut body = json!({"decision": decision});
        if decision != "accept" {
            body["reason"] = json!(format!("Perlu dilihat lagi {}", canary::OFFICER_TEXT));
        }
        self.command(officers::VALIDASI, "validation", &body).expect(200);
    }

    /// [`officers::VERIFIKASI`] decides in the field.
    #[track_caller]
    pub fn verify(&self, conforms: bool) {
        let photos = self.add_photos(officers::VERIFIKASI, &["field"]);
        let body = json!({
            "conforms": conforms,
            "finding": format!("Dilihat di lapangan {}", canary::OFFICER_TEXT),
            "photos": photos,
            "location": {"lat": -6.0588, "lon": 106.8456},
        });
        self.command(officers::VERIFIKASI, "verification", &body).expect(200);
    }
}

/// A report that has been brought to this status.
#[track_caller]
pub fn in_status(status: Status, body: &Value) -> Report {
    let (report, _) = submit(body);
    match status {
        Status::Menunggu => {}
        Status::Ditolak => {
            let body = json!({"action": "reject", "reason": "Bukan wewenang kota"});
            report.command(officers::TIKET, "assignment", &body).expect(200);
        }
        Status::Duplikat => {
            let (other, _) = submit(&self::body());
            let body = json!({"action": "merge", "into": other.ticket});
            report.command(officers::TIKET, "assignment", &body).expect(200);
        }
        Status::Disposisi => {
            let assign = json!({"action": "assign", "unit": officers::PARENT_UNIT_CODE});
            report.command(officers::TIKET, "assignment", &assign).expect(200);
            let delegate = json!({"action": "delegate", "unit": officers::UNIT_CODE});
            report.command(officers::PARENT_UNIT, "assignment", &delegate).expect(200);
        }
        Status::Koordinasi
        | Status::Proses
        | Status::MenungguValidasi
        | Status::MenungguVerifikasi
        | Status::TlDitolak
        | Status::Selesai => {
            report.assign();
            if status != Status::Koordinasi {
                report.accept();
            }
            if !matches!(status, Status::Koordinasi | Status::Proses) {
                report.post_tl();
            }
            if status == Status::MenungguVerifikasi {
                report.validate("field_check");
            } else if status == Status::TlDitolak {
                report.validate("reject");
            } else if status == Status::Selesai {
                report.validate("accept");
            }
        }
        Status::Dibatalkan => drop(report.withdraw()),
    }
    assert_eq!(report.status(), status.as_str());
    report
}
