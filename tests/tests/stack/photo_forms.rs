//! Photos that forms send: a browser without scripts posts a file to the bucket, with a policy that lets it put this object and no other.

use crate::photos::{object, objects};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::{
    http::{Answer, Call, fresh_key},
    life::{self, Report, by},
    officers,
    pages::{Visitor, act_form, field, hidden_fields, token},
    stack::stack,
};

const THEN: &str = "https://petugas.contoh.go.id/kembali";

/// A form to the bucket: its address and its fields.
#[derive(Clone)]
struct Form {
    photo: String,
    url: String,
    fields: BTreeMap<String, String>,
}

impl Form {
    fn of(upload: &Value) -> Self {
        let text = |name: &str| upload[name].as_str().unwrap().to_owned();
        assert_eq!((text("method"), upload["expires_in"].as_u64()), ("POST".to_owned(), Some(900)));
        assert!(upload.get("headers").is_none(), "{upload}");
        let fields = serde_json::from_value(upload["fields"].clone()).unwrap();
        Self { photo: text("photo"), url: text("url"), fields }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sends it as a browser does: the fields, and the file at last.
    fn send(&self, file: &[u8]) -> Answer {
        let boundary = "----tuntas";
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let part =
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"IMG_1.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(file);
        body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        Call::url("POST", &self.url).header("Content-Type", &kind).bytes(body).send()
    }
}

fn in_work() -> Report {
    let (report, _) = life::submit(&life::body());
    report.assign();
    report.accept();
    report
}

fn declaration(kind: &str) -> Value {
    json!({"photos": [{"kind": kind, "method": "POST"}]})
}

fn declare(report: &Report, kind: &str) -> Form {
    let declared = report.command(officers::UNIT, "photos", &declaration(kind)).expect(201).json();
    Form::of(&declared["uploads"][0])
}

#[test]
fn a_tl_has_the_photos_that_forms_sent() {
    let report = in_work();
    let photos = ["before", "after"].map(|kind| {
        let form = declare(&report, kind);
        form.send(&life::fresh_photo()).expect(204);
        assert_eq!(report.await_cleaning(officers::UNIT, &form.photo), "ready");
        form.photo
    });
    let tl = json!({"narrative": "Lubang sudah ditambal", "photos": photos});
    report.command(officers::UNIT, "tl", &tl).expect(200);
    assert_eq!(report.status(), "menunggu_validasi");
}

#[test]
fn the_bucket_sends_the_browser_where_the_page_said() {
    let report = in_work();
    let form = declare(&report, "before").with("success_action_redirect", THEN);
    let location = form.send(&life::fresh_photo()).expect(303).headers["location"].clone();
    assert!(location.starts_with(THEN), "{location}");
    assert_eq!(report.await_cleaning(officers::UNIT, &form.photo), "ready");
}

#[test]
fn a_form_puts_its_one_object_of_at_most_40_mib_and_nothing_else() {
    let report = in_work();
    let form = declare(&report, "after");
    let picture = life::fresh_photo();
    let key = form.fields["key"].clone();
    let other = key.replace(&form.photo, "0123456789ABCDEF");
    assert_ne!(other, key);
    for (what, changed) in [
        ("another key", form.clone().with("key", &other)),
        ("a served key", form.clone().with("key", &key.replace("incoming/", "clean/"))),
        ("an access list", form.clone().with("acl", "public-read")),
        ("metadata", form.clone().with("x-amz-meta-a", "b")),
        ("another policy", form.clone().with("policy", "e30=")),
        ("another signature", form.clone().with("x-amz-signature", &"0".repeat(64))),
        ("another day", form.clone().with("x-amz-date", "20260101T000000Z")),
    ] {
        let refused = changed.send(&picture);
        assert!((400..500).contains(&refused.status), "{what}: {}", refused.status);
    }
    form.send(&[]).expect(400);
    form.send(&vec![0; 40 * 1024 * 1024 + 1]).expect(400);
    // Nothing came: it is still waited for, and can be sent.
    form.send(&picture).expect(204);
    assert_eq!(report.await_cleaning(officers::UNIT, &form.photo), "ready");
    // A second picture under the same form replaces nothing.
    let kept = || {
        objects(&report)
            .into_iter()
            .find(|key| key.starts_with("clean/") && key.contains(&form.photo))
            .map(|key| object(&key))
    };
    let before = kept().expect("the picture");
    form.send(&life::fresh_photo()).expect(204);
    let next = declare(&report, "after");
    next.send(&life::fresh_photo()).expect(204);
    assert_eq!(
        report.await_cleaning(officers::UNIT, &next.photo),
        "ready",
        "what came later has been looked at"
    );
    assert!(kept() == Some(before), "another picture");
}

#[test]
fn what_a_form_sends_that_is_no_photo_is_rejected_with_its_reason() {
    let report = in_work();
    let form = declare(&report, "before");
    form.send(b"%PDF-1.4 bukan foto").expect(204);
    assert_eq!(report.await_cleaning(officers::UNIT, &form.photo), "rejected");
    let seen = report.seen_by(officers::UNIT).expect(200).json();
    let photo = seen["photos"].as_array().unwrap().iter().find(|photo| photo["photo"] == form.photo).unwrap();
    assert_eq!(photo["reason"], "not_an_image");
}

#[test]
fn a_declaration_of_a_form_that_is_repeated_is_the_same_photo_until_it_has_come() {
    let report = in_work();
    let key = fresh_key();
    let declare =
        || by(officers::UNIT, "POST", &report.path("photos")).key(&key).json(&declaration("before")).send();
    let form = Form::of(&declare().expect(201).json()["uploads"][0]);
    let again = declare().expect(200);
    assert!(again.replayed());
    let again = Form::of(&again.json()["uploads"][0]);
    assert_eq!((&again.photo, &again.fields["key"]), (&form.photo, &form.fields["key"]));
    again.send(&life::fresh_photo()).expect(204);
    assert_eq!(report.await_cleaning(officers::UNIT, &form.photo), "ready");
    assert_eq!(declare().expect(200).json()["uploads"], json!([]));
}

/// The form of the page that sends a photo.
fn form_of(html: &str) -> Form {
    let form = html.split("enctype=\"multipart/form-data\"").nth(1).unwrap().split("</form>").next().unwrap();
    let url = html.split("<form method=\"post\" action=\"").find(|form| form.contains("multipart")).unwrap();
    let names = form.split("name=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(name, _)| name);
    let fields: BTreeMap<String, String> = names
        .filter(|name| *name != "file")
        .map(|name| (name.to_owned(), field(form, name).replace("&#38;", "&").replace("&#x3d;", "=")))
        .collect();
    Form { photo: String::new(), url: url.split('"').next().unwrap().to_owned(), fields }
}

#[test]
fn pages_without_scripts_take_new_photos_for_a_tl() {
    let report = in_work();
    let mut visitor = Visitor::signed_in(officers::UNIT);
    let path = format!("/petugas/laporan/{}", report.ticket);
    let new = format!("{path}/foto-baru");
    let tl = act_form(&visitor.get(&path).expect(200), "post_tl");
    assert!(tl.contains("<noscript><p class=\"hint\">") && tl.contains(&format!("href=\"{new}\"")), "{tl}");

    for kind in ["before", "after"] {
        let page = visitor.get(&new).expect(200);
        assert!(page.headers["content-security-policy"].contains("form-action 'self';"));
        let fields =
            [("token", token(&page)), ("key", field(&page.text(), "key")), ("kind", kind.to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let page = visitor.post(&new, &fields).expect(200);
        let policy = &page.headers["content-security-policy"];
        assert!(policy.contains(&format!("form-action 'self' {};", stack().endpoint)), "{policy}");
        let form = form_of(&page.text());
        let then = form.send(&life::fresh_photo()).expect(303).headers["location"].clone();
        let (origin, rest) = then.split_once("/petugas").unwrap();
        assert_eq!(origin, stack().api);
        let back = visitor.get(&format!("/petugas{rest}")).expect(303);
        assert_eq!(back.headers["location"], path);
        // Sent once more by Back and the button: nothing is declared a second time.
        visitor.post(&new, &fields);
    }
    let seen = report.seen_by(officers::UNIT).expect(200).json();
    let photos: Vec<String> = seen["photos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|photo| photo["photo"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(photos.len(), 2, "{seen}");
    for photo in &photos {
        assert_eq!(report.await_cleaning(officers::UNIT, photo), "ready");
    }
    let page = visitor.get(&path).expect(200);
    let mut fields = hidden_fields(&page, "post_tl");
    fields.push(("narrative".to_owned(), "Lubang sudah ditambal".to_owned()));
    fields.extend(photos.iter().map(|photo| ("photos".to_owned(), photo.clone())));
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    visitor.post(&format!("{path}/post_tl"), &fields).expect(303);
    assert_eq!(report.status(), "menunggu_validasi");
}

#[test]
fn the_page_of_a_new_photo_says_why_it_does_not_go_on() {
    let report = in_work();
    let mut visitor = Visitor::signed_in(officers::UNIT);
    let new = format!("/petugas/laporan/{}/foto-baru", report.ticket);
    let page = visitor.get(&new).expect(200);
    let (token, key) = (token(&page), field(&page.text(), "key"));
    visitor.post(&new, &[("token", &token), ("key", &key)]).expect(422);
    visitor.post(&new, &[("token", &token), ("key", &key), ("kind", "field")]).expect(422);
    visitor.post(&new, &[("token", "another"), ("key", &key), ("kind", "before")]).expect(403);
    // Of a report that is not there, or not in work, nothing more is told than elsewhere.
    let unknown = format!("/petugas/laporan/{}/foto-baru", life::unknown_ticket());
    visitor.post(&unknown, &[("token", &token), ("key", &key), ("kind", "before")]).expect(404);
    report.post_tl();
    let refused = visitor.post(&new, &[("token", &token), ("key", &key), ("kind", "before")]).expect(409);
    assert!(refused.text().contains("role=\"alert\""));
    Visitor::signed_in(officers::TIKET).get(&new).expect(403);
}
