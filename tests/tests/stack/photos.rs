//! A photo from its declaration to a viewer: nothing of the original, nothing of a private report.

use aws_sdk_s3::{error::SdkError, presigning::PresigningConfig};
use domain::{ids::ViewCode, ticket::Ticket};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tests::{
    canary,
    http::{Answer, Call, eventually, fresh_key},
    life::{self, Report, body, by, declared, fresh_photo, photo, upload},
    officers,
    operator::{self, wait},
    seals,
    stack::stack,
    threads,
};

fn s3() -> aws_sdk_s3::Client {
    aws_sdk_s3::Client::new(&operator::config())
}

fn bucket() -> &'static str {
    stack().output("PhotosBucket")
}

/// A report with these declared photos, and the entries for uploading them.
fn with_photos(privacy: &str, photos: Value) -> (Report, Vec<Value>) {
    let mut body = body();
    body["privacy"] = json!(privacy);
    body["photos"] = photos;
    let (report, answer) = life::submit(&body);
    (report, answer.json()["uploads"].as_array().unwrap().clone())
}

/// A report with one photo of its reporter that has been uploaded and cleaned, or rejected.
fn with_cleaned_photo(privacy: &str, bytes: &[u8]) -> (Report, String, String) {
    let (report, uploads) = with_photos(privacy, json!([declared(bytes)]));
    upload(&uploads[0], bytes).expect(200);
    let photo = id(&uploads[0]);
    let state = eventually("the photo is cleaned or rejected", || {
        Some(state(&report, &photo)).filter(|state| state != "pending")
    });
    (report, photo, state)
}

fn id(entry: &Value) -> String {
    entry["photo"].as_str().unwrap().to_owned()
}

fn state(report: &Report, photo: &str) -> String {
    let items = operator::items_of_kind(&report.ticket, "photo");
    let text = |item: &operator::Item, name: &str| item[name].as_s().unwrap().clone();
    let found = items.iter().find(|item| text(item, "photo") == photo).expect("the photo's item");
    text(found, "state")
}

/// Every object of a report's photos.
pub(crate) fn objects(report: &Report) -> Vec<String> {
    let ticket = report.ticket.replace('-', "");
    let halves = ["incoming/locked", "incoming/shown", "clean/locked", "clean/shown"];
    halves.iter().flat_map(|half| keys(&format!("{half}/{ticket}/"))).collect()
}

fn keys(prefix: &str) -> Vec<String> {
    let listed = wait(s3().list_objects_v2().bucket(bucket()).prefix(prefix).send()).expect("a listing");
    listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
}

pub(crate) fn object(key: &str) -> Vec<u8> {
    let client = s3();
    wait(async {
        let found = client.get_object().bucket(bucket()).key(key).send().await.expect("the object");
        found.body.collect().await.expect("its bytes").to_vec()
    })
}

/// A JPEG with pixels and nothing else.
#[track_caller]
fn assert_clean(jpeg: &[u8]) {
    assert!(jpeg.starts_with(&[0xFF, 0xD8, 0xFF]) && jpeg.ends_with(&[0xFF, 0xD9]), "a JPEG from end to end");
    let read = exif::Reader::new().read_from_container(&mut std::io::Cursor::new(jpeg));
    assert!(matches!(read, Err(exif::Error::NotFound(_))), "it has EXIF");
    let planted = [
        canary::PHOTO,
        media::fixtures::MAKE,
        media::fixtures::MODEL,
        media::fixtures::TAKEN_AT,
        "Exif\0",
        "xpacket",
        "ns.adobe.com",
        "ICC_PROFILE",
        "Photoshop",
    ];
    for word in planted {
        assert!(!holds(jpeg, word.as_bytes()), "it holds {word}");
    }
    let (width, height) = size(jpeg);
    assert!(width.max(height) <= 1600, "{width}×{height}");
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// Width and height, as the frame header says (JPEG, B.2.2). Fails on a comment or an application segment but JFIF's.
#[track_caller]
fn size(jpeg: &[u8]) -> (u16, u16) {
    let short = |at: usize| u16::from_be_bytes([jpeg[at], jpeg[at + 1]]);
    let mut at = 2;
    let mut found = None;
    loop {
        let marker = jpeg[at + 1];
        match marker {
            0xDA => return found.expect("a frame"),
            0xE1..=0xEF | 0xFE => panic!("segment {marker:02X}"),
            0xC0..=0xC2 => found = Some((short(at + 7), short(at + 5))),
            _ => {}
        }
        at += 2 + usize::from(short(at + 2));
    }
}

/// The same upload entry with another URL.
fn at(entry: &Value, url: String) -> Value {
    let mut changed = entry.clone();
    changed["url"] = json!(url);
    changed
}

fn with_query(url: &str, name: &str, value: &str) -> String {
    let (path, query) = url.split_once('?').unwrap();
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((found, _)) if found == name => format!("{name}={value}"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn query<'a>(url: &'a str, name: &str) -> &'a str {
    let pairs = url.split_once('?').unwrap().1.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(found, _)| *found == name).map(|(_, value)| value).next().expect("the parameter")
}

#[track_caller]
fn assert_refused(what: &str, answer: &Answer) {
    assert!(matches!(answer.status, 400 | 403), "{what}: {}", answer.status);
}

fn viewed(answer: Answer) -> String {
    let body = answer.expect(200).json();
    assert_eq!(body["expires_in"], 60);
    body["url"].as_str().unwrap().to_owned()
}

#[test]
fn an_upload_takes_the_declared_type_length_and_content_and_nothing_else() {
    let bytes = photo(1);
    let (report, uploads) = with_photos("private", json!([declared(&bytes), declared(&photo(2))]));
    let entry = &uploads[0];
    let url = entry["url"].as_str().unwrap();
    let signed: BTreeSet<&str> = query(url, "X-Amz-SignedHeaders").split("%3B").collect();
    for header in ["content-length", "content-type", "host"] {
        assert!(signed.contains(header), "{header} is not signed: {signed:?}");
    }
    // The checksum is a signed header or, as newer SDKs have it, a signed parameter.
    assert!(signed.contains("x-amz-checksum-sha256") || url.contains("x-amz-checksum-sha256="), "{signed:?}");
    assert_eq!(
        (&entry["method"], &entry["expires_in"], query(url, "X-Amz-Expires")),
        (&json!("PUT"), &json!(900), "900")
    );

    let headers = entry["headers"].as_object().unwrap();
    let altered = |name: &str, value: &str| {
        let mut changed = entry.clone();
        changed["headers"][name] = json!(value);
        changed
    };
    assert!(headers.contains_key("content-type"), "{headers:?}");
    assert_refused("another type", &upload(&altered("content-type", "text/html"), &bytes));
    let longer = [&bytes[..], b"more"].concat();
    let mut unmeasured = entry.clone();
    unmeasured["headers"].as_object_mut().unwrap().remove("content-length");
    assert_refused("another length", &upload(&unmeasured, &longer));
    assert_refused("a shorter one", &upload(&unmeasured, &bytes[..bytes.len() - 1]));
    let mut other = bytes.clone();
    let last = other.len() - 1;
    other[last] ^= 1;
    assert_refused("other content", &upload(entry, &other));
    let checksum = store::digest::checksum(&other);
    assert_refused(
        "other content, rightly summed",
        &upload(&altered("x-amz-checksum-sha256", &checksum), &other),
    );

    for (what, url) in [
        ("more time", with_query(url, "X-Amz-Expires", "604800")),
        ("another day", with_query(url, "X-Amz-Date", "20300101T000000Z")),
        ("another key", url.replace(&id(entry), &id(&uploads[1]))),
        ("the other half", url.replace("incoming/locked", "incoming/shown")),
        ("straight to clean", url.replace("incoming/locked", "clean/shown")),
        ("no signature", url.split_once('?').unwrap().0.to_owned()),
    ] {
        assert_refused(what, &upload(&at(entry, url), &bytes));
    }
    assert_refused("reading", &Call::url("GET", url).send());
    assert_refused("deleting", &Call::url("DELETE", url).send());
    assert_refused("posting", &Call::url("POST", url).bytes(bytes.clone()).send());
    assert_eq!(objects(&report), [""; 0]);
    assert_eq!(state(&report, &id(entry)), "pending");

    upload(entry, &bytes).expect(200);
    eventually("it is ready", || (state(&report, &id(entry)) == "ready").then_some(()));
}

#[test]
fn a_url_is_good_for_nothing_once_expired() {
    let key = "incoming/expired-probe";
    let expires = PresigningConfig::expires_in(Duration::from_secs(1)).unwrap();
    let put = s3().put_object().bucket(bucket()).key(key).presigned(expires);
    let put = wait(put).unwrap();
    let refused = eventually("the URL expires", || {
        let answer = Call::url("PUT", put.uri()).bytes(b"late".to_vec()).send();
        (answer.status != 200).then_some(answer)
    });
    assert_refused("late", &refused);
    wait(s3().delete_object().bucket(bucket()).key(key).send()).unwrap();
    assert_refused("late again", &Call::url("PUT", put.uri()).bytes(b"late".to_vec()).send());
    assert_eq!(keys(key), [""; 0]);
}

#[test]
fn a_cleaned_photo_keeps_its_pixels_and_nothing_else_and_the_original_is_gone() {
    let original = media::fixtures::photograph(2400, 1800, 7, true, canary::PHOTO);
    assert!(holds(&original, canary::PHOTO.as_bytes()), "the fixture has what is looked for");
    for (privacy, halves) in [("private", &["locked"][..]), ("public", &["locked", "shown"])] {
        let (report, photo, state) = with_cleaned_photo(privacy, &original);
        assert_eq!(state, "ready");
        let ticket = report.ticket.replace('-', "");
        let clean: Vec<String> =
            halves.iter().map(|half| format!("clean/{half}/{ticket}/{photo}.jpg")).collect();
        eventually("the original is gone", || (objects(&report) == clean).then_some(()));
        for cleaned in clean.iter().map(|key| object(key)) {
            assert_clean(&cleaned);
            assert_eq!(size(&cleaned), (1600, 1200));
        }
    }
}

#[test]
fn what_is_no_photo_is_rejected_and_nothing_of_it_remains() {
    let text = format!("{} is not a picture", canary::PHOTO).into_bytes();
    for privacy in ["private", "public"] {
        let (report, photo, state) = with_cleaned_photo(privacy, &text);
        assert_eq!(state, "rejected");
        eventually("nothing of it remains", || objects(&report).is_empty().then_some(()));
        report.assign();
        let unknown = report.view(officers::UNIT, "0123456789ABCDEF").expect(404);
        assert_eq!(report.view(officers::UNIT, &photo).expect(404).bytes, unknown.bytes);
    }
}

/// The reporter's photos in their own view, those of their report.
fn told(view: &Value) -> Vec<Value> {
    let photos = view["photos"].as_array().expect("photos").iter();
    photos.filter(|photo| photo["kind"] == "reporter").cloned().collect()
}

#[test]
fn a_reporter_and_the_channel_learn_what_became_of_each_photo_in_the_order_sent() {
    let whole = photo(20);
    let cut = &whole[..whole.len() / 2];
    let text = b"no picture".as_slice();
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice();
    let files = [cut, &whole, text, heic, &photo(21)];
    let mut body = body();
    body["photos"] = files.map(declared).into_iter().collect();
    let key = fresh_key();
    let first = life::submission("jaki", &key, &body).send().expect(201).json();
    let report = Report {
        ticket: first["ticket"].as_str().unwrap().to_owned(),
        secret: first["secret"].as_str().unwrap().to_owned(),
    };
    let uploads = first["uploads"].as_array().unwrap();
    let ids: Vec<&Value> = uploads.iter().map(|entry| &entry["photo"]).collect();
    assert_eq!(first["photos"].as_array().unwrap().iter().map(|p| &p["photo"]).collect::<Vec<_>>(), ids);
    // The last one is never sent.
    for (entry, bytes) in uploads.iter().zip(files).take(4) {
        upload(entry, bytes).expect(200);
    }
    let seen = eventually("all that was sent is cleaned or rejected", || {
        let seen = told(&report.tracked().expect(200).json());
        let done = seen.iter().filter(|photo| photo["state"] != "pending").count();
        (done == 4).then_some(seen)
    });
    assert_eq!(seen.iter().map(|photo| &photo["photo"]).collect::<Vec<_>>(), ids);
    let reasons: Vec<(&str, Option<&str>)> =
        seen.iter().map(|photo| (photo["state"].as_str().unwrap(), photo["reason"].as_str())).collect();
    assert_eq!(
        reasons,
        [
            ("rejected", Some("damaged")),
            ("ready", None),
            ("rejected", Some("not_an_image")),
            ("rejected", Some("heic")),
            ("pending", None),
        ]
    );
    assert!(seen[3]["reason_text"].as_str().unwrap().contains("Kirim foto sebagai JPEG"));
    let again = life::submission("jaki", &key, &body).send().expect(200).json();
    assert_eq!(again["photos"].as_array().unwrap(), &seen);
    let signed = again["uploads"].as_array().unwrap();
    assert_eq!(signed.iter().map(|entry| &entry["photo"]).collect::<Vec<_>>(), [ids[4]]);
    let english = life::submission("jaki", &key, &body).header("Accept-Language", "en");
    let english = english.send().expect(200).json();
    assert!(english["photos"][0]["reason_text"].as_str().unwrap().contains("Send it again"));
    upload(&signed[0], files[4]).expect(200);
    eventually("the last one is ready", || {
        (told(&report.tracked().expect(200).json())[4]["state"] == "ready").then_some(())
    });
}

#[test]
fn an_officer_learns_why_a_photo_of_theirs_was_rejected_and_never_why_a_reporters_was() {
    let text = b"no picture".as_slice();
    let (report, reporters, state) = with_cleaned_photo("public", text);
    assert_eq!(state, "rejected");
    report.assign();
    report.accept();
    let mut entry = declared(text);
    entry["kind"] = json!("before");
    let path = report.path("photos");
    let key = fresh_key();
    let declare = || {
        let call = by(officers::UNIT, "POST", &path).key(&key).json(&json!({"photos": [entry.clone()]}));
        call.send()
    };
    let answer = declare().expect(201).json();
    upload(&answer["uploads"][0], text).expect(200);
    let photo = answer["photos"][0]["photo"].as_str().unwrap();
    assert_eq!(report.await_cleaning(officers::UNIT, photo), "rejected");
    let seen = report.seen_by(officers::UNIT).expect(200).json();
    let listed = seen["photos"].as_array().unwrap();
    let own = listed.iter().find(|entry| entry["photo"] == photo).unwrap();
    assert_eq!(own["reason"], "not_an_image");
    let again = declare().expect(200).json();
    assert_eq!((&again["uploads"], &again["photos"][0]["reason"]), (&json!([]), &json!("not_an_image")));
    // The ticket desk has seen the report from its first moment, the photo with it.
    let seen = report.seen_by(officers::TIKET).expect(200).json();
    let listed = seen["photos"].as_array().unwrap();
    let theirs = listed.iter().find(|entry| entry["photo"] == reporters.as_str()).expect("it is listed");
    assert_eq!((&theirs["state"], theirs.get("reason")), (&json!("rejected"), None));
}

#[test]
fn replays_beside_an_upload_leave_it_ready_and_ask_for_nothing_that_has_come() {
    let bytes = photo(23);
    let mut body = body();
    body["photos"] = json!([declared(&bytes)]);
    let key = fresh_key();
    let replay = || life::submission("jaki", &key, &body).send();
    let first = replay().expect(201).json();
    upload(&first["uploads"][0], &bytes).expect(200);
    let answers = threads::at_once((0..16).collect(), |_| replay().expect(200).json());
    for answer in answers {
        let (state, signed) = (&answer["photos"][0]["state"], answer["uploads"].as_array().unwrap().len());
        assert_eq!(signed, usize::from(state == "pending"), "{answer}");
    }
    eventually("it is ready", || {
        (replay().expect(200).json()["photos"][0]["state"] == "ready").then_some(())
    });
}

#[test]
fn other_bytes_than_were_declared_are_rejected_as_another_file() {
    let (report, uploads) = with_photos("private", json!([declared(&photo(24))]));
    let ticket = report.ticket.replace('-', "");
    let key = format!("incoming/locked/{ticket}/{}", id(&uploads[0]));
    wait(s3().put_object().bucket(bucket()).key(key).body(photo(25).into()).send()).unwrap();
    let seen = eventually("it is cleaned or rejected", || {
        let seen = told(&report.tracked().expect(200).json());
        (seen[0]["state"] != "pending").then_some(seen)
    });
    assert_eq!((&seen[0]["state"], &seen[0]["reason"]), (&json!("rejected"), &json!("other_file")));
}

#[test]
fn a_photo_that_its_reporter_took_back_says_so() {
    let (report, _, state) = with_cleaned_photo("private", &photo(26));
    assert_eq!(state, "ready");
    report.withdraw().expect(200);
    let seen = told(&report.tracked().expect(200).json());
    assert_eq!((&seen[0]["state"], &seen[0]["reason"]), (&json!("rejected"), &json!("withdrawn")));
}

#[test]
fn a_page_uploads_from_the_origins_of_the_stack_alone_and_with_the_signed_headers_alone() {
    let bytes = photo(22);
    let (report, uploads) = with_photos("private", json!([declared(&bytes)]));
    let url = uploads[0]["url"].as_str().unwrap();
    let preflight = |origin: &str, method: &str, headers: &str| {
        Call::url("OPTIONS", url)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", headers)
            .send()
    };
    let signed = "content-type,x-amz-checksum-sha256";
    let page = "https://lapor.contoh.go.id";
    let allowed = preflight(page, "PUT", signed).expect(200);
    assert_eq!(allowed.headers["access-control-allow-origin"], page);
    preflight("https://petugas.contoh.go.id", "PUT", signed).expect(200);
    preflight("https://contoh.go.id", "PUT", signed).expect(403);
    preflight(page, "GET", "").expect(403);
    preflight(page, "PUT", "content-type,x-amz-acl").expect(403);
    let mut call = Call::url("PUT", url).header("Origin", page);
    for (name, value) in uploads[0]["headers"].as_object().unwrap() {
        call = call.header(name, value.as_str().unwrap());
    }
    let stored = call.bytes(bytes).send().expect(200);
    assert_eq!(stored.headers["access-control-allow-origin"], page);
    eventually("it is ready", || (state(&report, &id(&uploads[0])) == "ready").then_some(()));
}

#[test]
fn a_private_reports_photo_does_not_exist_for_any_officer() {
    let (report, photo, _) = with_cleaned_photo("private", &photo(3));
    report.assign();
    report.accept();
    report.post_tl();
    report.validate("field_check");
    report.verify(false);
    let officers = [
        officers::UNIT,
        officers::PARENT_UNIT,
        officers::TIKET,
        officers::VALIDASI,
        officers::VERIFIKASI,
        officers::ADMINISTRATOR,
    ];
    for officer in officers {
        let seen = report.seen_by(officer).expect(200).json();
        let listed = seen["photos"].as_array().unwrap();
        assert!(
            !listed.is_empty() && listed.iter().all(|entry| entry["photo"] != photo.as_str()),
            "{officer}"
        );
        let hidden = report.view(officer, &photo).expect(404);
        let unknown = report.view(officer, "0123456789ABCDEF").expect(404);
        let elsewhere = by(officer, "GET", &format!("/v1/reports/0000-0000-00000/photos/{photo}")).send();
        assert_eq!(hidden.bytes, unknown.bytes, "{officer}");
        assert_eq!(hidden.bytes, elsewhere.expect(404).bytes, "{officer}");
        let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&hidden), names(&unknown), "{officer}");
        let tl = listed.iter().find(|entry| entry["kind"] == "after" && entry["state"] == "ready");
        report.view(officer, tl.expect("a photo of the TL")["photo"].as_str().unwrap()).expect(200);
    }
    report.view(officers::OTHER_UNIT, &photo).expect(404);
}

#[test]
fn a_photo_is_shown_as_a_copy_of_ones_own_and_the_look_is_recorded() {
    let (report, photo, state) = with_cleaned_photo("public", &photo(4));
    assert_eq!(state, "ready");
    report.assign();
    let unit = viewed(report.view(officers::UNIT, &photo));
    let again = viewed(report.view(officers::UNIT, &photo));
    let bureau = viewed(report.view(officers::TIKET, &photo));
    let key = |url: &str| {
        let path = url.split_once('?').unwrap().0;
        path.split_once("views/").expect("a key under views/").1.to_owned()
    };
    let fresh: BTreeSet<String> = [&unit, &again, &bureau].iter().map(|url| key(url)).collect();
    assert_eq!(fresh.len(), 3, "every look has a key of its own");
    for url in [&unit, &again, &bureau] {
        assert_eq!(query(url, "X-Amz-Expires"), "60");
        for said in [&photo, &report.ticket, &report.ticket.replace('-', "")] {
            assert!(!url.contains(said.as_str()), "the URL says {said}");
        }
        let shown = Call::url("GET", url).send().expect(200);
        assert_clean(&shown.bytes);
        assert_eq!(shown.headers["content-type"], "image/jpeg");
        assert_eq!(shown.headers["cache-control"], "no-store");
        let told: Vec<&String> = shown.headers.keys().filter(|name| name.starts_with("x-amz-meta")).collect();
        assert!(told.is_empty(), "{told:?}");
        assert_refused("writing", &Call::url("PUT", url).bytes(b"x".to_vec()).send());
        assert_refused("deleting", &Call::url("DELETE", url).send());
        assert_refused("unsigned", &Call::url("GET", url.split_once('?').unwrap().0).send());
        let ticket = report.ticket.replace('-', "");
        let stored =
            url.replace(&format!("views/{}", key(url)), &format!("clean/shown/{ticket}/{photo}.jpg"));
        assert_refused("the stored object", &Call::url("GET", &stored).send());
        let other = [&unit, &again, &bureau].into_iter().find(|other| *other != url).unwrap();
        assert_refused("another's copy", &Call::url("GET", &url.replace(&key(url), &key(other))).send());
    }

    let accesses = by(officers::ADMINISTRATOR, "GET", &report.path("accesses")).send().expect(200).json();
    let looks: Vec<(String, String)> = accesses["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["looked_at"] == "photo")
        .map(|entry| (entry["officer"]["name"].as_str().unwrap().to_owned(), id(entry)))
        .collect();
    let name =
        |officer: &str| stack().officers.iter().find(|who| who.username == officer).unwrap().name.clone();
    let mut expected = [officers::UNIT, officers::UNIT, officers::TIKET]
        .map(|officer| (name(officer), photo.clone()))
        .to_vec();
    let mut found = looks;
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

/// The looks at a report's photos, as the access log has them.
fn looks(report: &Report) -> Vec<store::access_log::Access> {
    let client = aws_sdk_dynamodb::Client::new(&operator::config());
    let log = store::access_log::Accesses::new(client, stack().output("AccessesTable").to_owned());
    let mut looks = wait(log.of_report(&Ticket::parse(&report.ticket).unwrap())).expect("the access log");
    looks.retain(|look| look.photo.is_some());
    looks
}

/// The upper left quarter of a picture, as a JPEG of quality 30 and half the size.
fn degraded(jpeg: &[u8]) -> Vec<u8> {
    let picture = media::reading::picture_of(jpeg).expect("a picture");
    let (width, height) = (picture.width() / 2, picture.height() / 2);
    let quarter = image::imageops::crop_imm(&picture, 31, 17, width, height).to_image();
    let triangle = image::imageops::FilterType::Triangle;
    let small = image::imageops::resize(&quarter, width / 2, height / 2, triangle);
    let mut out = Vec::new();
    let side = |length: u32| u16::try_from(length).unwrap();
    jpeg_encoder::Encoder::new(&mut out, 30)
        .encode(&small, side(width / 2), side(height / 2), jpeg_encoder::ColorType::Rgb)
        .unwrap();
    out
}

#[expect(clippy::disallowed_methods, reason = "held against the engine's clock, which is this machine's")]
fn now() -> Timestamp {
    Timestamp::now()
}

#[test]
fn the_code_in_a_viewers_copy_says_who_looked_and_when() {
    let original = media::fixtures::photograph(1600, 1200, 11, true, canary::PHOTO);
    let (report, photo, state) = with_cleaned_photo("public", &original);
    assert_eq!(state, "ready");
    report.assign();
    let stored = object(&format!("clean/shown/{}/{photo}.jpg", report.ticket.replace('-', "")));
    let viewers = [officers::UNIT, officers::TIKET];
    let mut codes = BTreeSet::new();
    let mut copies = BTreeSet::new();
    for officer in viewers {
        let seen = looks(&report).len();
        let asked = now();
        let shown = Call::url("GET", &viewed(report.view(officer, &photo))).send().expect(200);
        assert_ne!(shown.bytes, stored, "the copy is drawn");
        // The date and the ETag are those of the copy: it was made for this look, and no other has its bytes.
        let made = jiff::fmt::rfc2822::parse(&shown.headers["last-modified"]).unwrap().timestamp();
        assert!(
            (asked.as_second()..=now().as_second()).contains(&made.as_second()),
            "{made} is not since {asked}"
        );
        assert!(copies.insert(shown.headers["etag"].clone()));
        let name = &stack().officers.iter().find(|who| who.username == officer).unwrap().name;
        let all = looks(&report);
        assert_eq!(all.len(), seen + 1);
        let look = all.iter().max_by_key(|look| look.at).unwrap();
        assert_eq!((look.officer.name.as_str(), look.photo.as_ref().unwrap().as_str()), (&**name, &*photo));

        let recorded = look.code.as_ref().expect("a code").as_str().to_owned();
        for (what, picture) in [("whole", shown.bytes.clone()), ("a poor quarter", degraded(&shown.bytes))] {
            let read = media::reading::code_of(&picture).unwrap_or_else(|why| panic!("{what}: {why}"));
            assert_eq!(ViewCode::parse(&read.code).unwrap().as_str(), recorded, "{what}");
        }
        let (traced, text) = seals::audit(&["trace", &recorded]);
        assert!(traced && text.contains(name.as_str()), "{text}");
        assert!(codes.insert(recorded), "every look has a code of its own");
    }
    assert_eq!(codes.len(), viewers.len());
}

#[test]
fn a_photo_whose_object_is_gone_is_as_one_that_never_was() {
    let (report, photo, state) = with_cleaned_photo("public", &photo(12));
    assert_eq!(state, "ready");
    report.assign();
    let key = format!("clean/shown/{}/{photo}.jpg", report.ticket.replace('-', ""));
    wait(s3().delete_object().bucket(bucket()).key(key).send()).unwrap();
    let unknown = report.view(officers::UNIT, "0123456789ABCDEF").expect(404);
    assert_eq!(report.view(officers::UNIT, &photo).expect(404).bytes, unknown.bytes);
}

#[test]
fn a_notification_that_comes_again_changes_nothing() {
    let (report, photo, state) = with_cleaned_photo("private", &photo(5));
    assert_eq!(state, "ready");
    let ticket = report.ticket.replace('-', "");
    let clean = format!("clean/locked/{ticket}/{photo}.jpg");
    eventually("the original is gone", || (objects(&report) == [clean.as_str()]).then_some(()));
    let before = (operator::items_of(&report.ticket), object(&clean));

    let sqs = aws_sdk_sqs::Client::new(&operator::config());
    let key = format!("incoming/locked/{ticket}/{photo}");
    let notification = json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": bucket()}, "object": {"key": key}},
    }]});
    let again =
        sqs.send_message().queue_url(stack().output("UploadsQueue")).message_body(notification.to_string());
    let message = wait(again.send()).unwrap().message_id.unwrap();
    // One more upload behind it: once that is cleaned, the message has been worked on or is being so.
    let (_, _, next) = with_cleaned_photo("private", &self::photo(6));
    assert_eq!(next, "ready");
    assert_eq!((operator::items_of(&report.ticket), object(&clean)), before);
    assert_eq!(objects(&report), [clean]);
    let dead = stack().output("UploadsDeadQueue");
    let dead =
        wait(sqs.receive_message().queue_url(dead).max_number_of_messages(10).visibility_timeout(0).send());
    let dead = dead.unwrap().messages.unwrap_or_default();
    assert!(dead.iter().all(|left| left.message_id.as_deref() != Some(message.as_str())));
}

#[test]
fn an_upload_that_nobody_declared_is_deleted_and_never_cleaned() {
    let unknown = domain::ticket::Ticket::from_mac(&[8; 32]);
    for ticket in ["0123456789ABC", unknown.as_str()] {
        let key = format!("incoming/shown/{ticket}/0123456789ABCDEF");
        let put = s3().put_object().bucket(bucket()).key(&key).body(photo(8).into());
        wait(put.send()).unwrap();
        eventually("it is deleted", || keys(&key).is_empty().then_some(()));
        assert_eq!(keys(&format!("clean/shown/{ticket}/")), [""; 0]);
        assert!(operator::items_of(ticket).is_empty());
    }
}

#[test]
fn a_tl_is_refused_with_a_pending_photo_or_an_after_photo_that_was_evidence_already() {
    let (report, _) = life::submit(&body());
    report.assign();
    report.accept();
    let tl = |photos: &[&str]| {
        let body = json!({"narrative": format!("Sudah selesai {}", canary::OFFICER_TEXT), "photos": photos});
        report.command(officers::UNIT, "tl", &body)
    };
    let bytes = fresh_photo();
    let mut late = declared(&bytes);
    late["kind"] = json!("after");
    let pending = report.command(officers::UNIT, "photos", &json!({"photos": [late]})).expect(201).json();
    let pending = &pending["uploads"][0];
    let ready = report.add_photos(officers::UNIT, &["before", "after"]);
    let version = || report.seen_by(officers::UNIT).expect(200).json()["version"].clone();
    let before = version();
    let refused = tl(&[&ready[0], &id(pending)]).expect(409);
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    report.view(officers::UNIT, &id(pending)).expect(409);
    assert_eq!((report.status(), version()), ("proses".to_owned(), before));

    tl(&[&ready[0], &ready[1]]).expect(200);
    report.validate("reject");
    upload(pending, &bytes).expect(200);
    assert_eq!(report.await_cleaning(officers::UNIT, &id(pending)), "ready");
    let reused = tl(&[&ready[0], &ready[1]]);
    assert!(matches!(reused.status, 409 | 422), "{}", reused.status);
    assert_eq!(report.status(), "tl_ditolak");
    // The picture from before may serve again, the work must be shown anew.
    tl(&[&ready[0], &id(pending)]).expect(200);
}

#[test]
fn nobody_without_a_signature_reaches_the_bucket() {
    let base = format!("{}/{}", stack().endpoint, bucket());
    for path in ["", "/?list-type=2", "/clean/shown/x", "/views/x"] {
        assert_refused(path, &Call::url("GET", &format!("{base}{path}")).send());
    }
    let nobody = aws_credential_types::Credentials::new("AKIANOBODY0000000000", "x", None, None, "nobody");
    let client = aws_sdk_s3::Client::new(&operator::with_credentials(nobody));
    let listed = wait(client.list_objects_v2().bucket(bucket()).send());
    assert!(matches!(listed, Err(SdkError::ServiceError(_))));
}
