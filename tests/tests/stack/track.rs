//! What reporters do with their own report, and what officers learn of it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::status::Status;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{
    http::{Answer, Call, eventually},
    life::{self, Report, body, by, declared, photo, upload},
    officers,
    operator::{self, Item, run_release, wait},
    stack::stack,
    threads::in_parallel,
};

const PAST: &str = "2026-01-05T00:00:00Z";

fn public() -> Value {
    let mut body = body();
    body["privacy"] = json!("public");
    body
}

/// A public report of a category whose slot is half a day away, released to the unit, with a photo that is ready: the bureau sees it, and the
/// unit does not.
fn sensitive_at_the_unit() -> (Report, String) {
    let mut body = public();
    body["category"] = json!("perilaku-petugas");
    let (report, photo) = with_photo(&body);
    report.assign_summarised();
    let_slot_come(&report);
    (report, photo)
}

/// A report with one photo of its reporter that is ready.
fn with_photo(body: &Value) -> (Report, String) {
    let bytes = photo(7);
    let mut body = body.clone();
    body["photos"] = json!([declared(&bytes)]);
    let (report, answer) = life::submit(&body);
    let entry = &answer.json()["uploads"][0];
    upload(entry, &bytes).expect(200);
    let photo = entry["photo"].as_str().unwrap().to_owned();
    eventually("the photo is ready", || (state(&report, &photo) == "ready").then_some(()));
    (report, photo)
}

fn item(report: &Report, kind: &str) -> Item {
    operator::items_of_kind(&report.ticket, kind).remove(0)
}

fn state(report: &Report, photo: &str) -> String {
    let items = operator::items_of_kind(&report.ticket, "photo");
    let found = items.iter().find(|item| item["photo"] == AttributeValue::S(photo.to_owned()));
    found.expect("the photo's item")["state"].as_s().unwrap().clone()
}

/// The slot of everything that waits has come, and release has run.
pub(crate) fn let_slot_come(report: &Report) {
    let mut snapshot = item(report, "report");
    let past = AttributeValue::S(PAST.to_owned());
    for (name, within) in [("visible", "release"), ("reporter", "update")] {
        if let Some(AttributeValue::M(due)) = operator::group(&mut snapshot, name).get_mut(within) {
            due.insert("at".to_owned(), past.clone());
        }
    }
    if let Some(AttributeValue::L(pending)) = operator::group(&mut snapshot, "reporter").get_mut("pending") {
        for action in pending {
            let AttributeValue::M(action) = action else { panic!("an action") };
            action.insert("at".to_owned(), past.clone());
        }
    }
    let order = format!("{PAST}#{}", report.ticket.replace('-', ""));
    snapshot.insert("pending".to_owned(), AttributeValue::S(report.ticket[..1].to_owned()));
    snapshot.insert("pending_at".to_owned(), AttributeValue::S(order));
    let mut photos = operator::items_of_kind(&report.ticket, "photo");
    for photo in &mut photos {
        photo.insert("shown_from".to_owned(), past.clone());
    }
    let dynamodb = aws_sdk_dynamodb::Client::new(&operator::config());
    for item in photos.into_iter().chain([snapshot]) {
        let put = dynamodb.put_item().table_name(stack().output("ReportsTable")).set_item(Some(item));
        wait(put.send()).expect("the item is changed");
    }
    run_release();
}

fn identity(report: &Report) -> Option<Item> {
    let dynamodb = aws_sdk_dynamodb::Client::new(&operator::config());
    let get = dynamodb
        .get_item()
        .table_name(stack().output("VaultTable"))
        .key("pk", AttributeValue::S(report.ticket.replace('-', "")))
        .consistent_read(true);
    wait(get.send()).expect("an answer").item
}

/// The keys of a report's pictures that hold anything.
fn pictures(report: &Report) -> BTreeSet<String> {
    let s3 = aws_sdk_s3::Client::new(&operator::config());
    let ticket = report.ticket.replace('-', "");
    let mut found = BTreeSet::new();
    for half in ["incoming/locked", "incoming/shown", "clean/locked", "clean/shown"] {
        let list =
            s3.list_objects_v2().bucket(stack().output("PhotosBucket")).prefix(format!("{half}/{ticket}/"));
        let listed = wait(list.send()).expect("a listing");
        let whole = listed.contents().iter().filter(|object| object.size().unwrap_or(0) > 0);
        found.extend(whole.map(|object| object.key().unwrap().to_owned()));
    }
    found
}

fn key(half: &str, report: &Report, photo: &str) -> String {
    format!("clean/{half}/{}/{photo}.jpg", report.ticket.replace('-', ""))
}

/// The picture of a photo that nobody is to see.
fn behind_the_lock(report: &Report, photo: &str) -> BTreeSet<String> {
    [key("locked", report, photo)].into()
}

/// The pictures of a photo that may be seen.
fn to_be_seen(report: &Report, photo: &str) -> BTreeSet<String> {
    ["locked", "shown"].map(|half| key(half, report, photo)).into()
}

fn set_privacy(report: &Report, privacy: &str) -> Answer {
    report.track("PUT", "privacy", &json!({"privacy": privacy})).expect(200)
}

fn is_listed(report: &Report, officer: &str, photo: &str) -> bool {
    let seen = report.seen_by(officer).expect(200).json();
    seen["photos"].as_array().unwrap().iter().any(|entry| entry["photo"] == photo)
}

fn dispute(report: &Report, reason: &str) -> Answer {
    report.track("POST", "dispute", &json!({"reason": reason}))
}

fn status_seen_by(report: &Report, officer: &str) -> String {
    report.seen_by(officer).expect(200).json()["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_result_is_disputed_twice_and_a_refusal_once() {
    let report = life::in_status(Status::Selesai, &body());
    for _ in 0..2 {
        let first = dispute(&report, "Sudah berlubang lagi").expect(200);
        assert_eq!(first.json()["status"], "menunggu_verifikasi");
        assert!(!first.replayed(), "the second dispute in the same words is another one");
        let again = dispute(&report, "Sudah berlubang lagi").expect(200);
        assert!(again.replayed() && again.bytes == first.bytes);
        dispute(&report, "Masih ada yang lain").expect(409);
        assert_eq!(status_seen_by(&report, officers::VERIFIKASI), "menunggu_verifikasi");
        report.verify(true);
        assert_eq!(report.status(), "selesai");
    }
    dispute(&report, "Sudah berlubang lagi").expect(409);
    let history = report.tracked().expect(200).json()["history"].clone();
    let disputes = history.as_array().unwrap().iter().filter(|entry| entry["event"] == "dispute").count();
    assert_eq!(disputes, 2);

    let report = life::in_status(Status::Ditolak, &body());
    assert_eq!(dispute(&report, "Ini wewenang kota").expect(200).json()["status"], "menunggu");
    let reject = json!({"action": "reject", "reason": "Tetap bukan wewenang kota"});
    report.command(officers::TIKET, "assignment", &reject).expect(200);
    dispute(&report, "Ini tetap wewenang kota").expect(409);
}

#[test]
fn only_what_is_done_can_be_disputed_or_rated() {
    for status in [Status::Menunggu, Status::Proses, Status::Duplikat] {
        let report = life::in_status(status, &body());
        dispute(&report, "Belum selesai").expect(409);
        report.track("PUT", "rating", &json!({"stars": 1})).expect(409);
        assert_eq!(report.status(), status.as_str());
    }
}

#[test]
fn a_result_cannot_be_disputed_after_ten_days() {
    let report = life::in_status(Status::Selesai, &body());
    let mut snapshot = item(&report, "report");
    operator::group(&mut snapshot, "reporter")
        .insert("disputable_until".to_owned(), AttributeValue::S(PAST.to_owned()));
    let dynamodb = aws_sdk_dynamodb::Client::new(&operator::config());
    let put = dynamodb.put_item().table_name(stack().output("ReportsTable")).set_item(Some(snapshot));
    wait(put.send()).expect("the snapshot is changed");
    dispute(&report, "Sudah berlubang lagi").expect(409);
}

#[test]
fn whoever_withdraws_is_forgotten_at_once() {
    let (report, photo) = with_photo(&body());
    report.assign();
    assert!(identity(&report).is_some() && pictures(&report) == behind_the_lock(&report, &photo));
    let answer = report.withdraw();
    assert_eq!(answer.json()["status"], "dibatalkan");
    assert_eq!((identity(&report), pictures(&report)), (None, BTreeSet::new()));
    assert_eq!(state(&report, &photo), "rejected");
    assert_eq!(report.status(), "dibatalkan");
    assert_eq!(status_seen_by(&report, officers::TIKET), "dibatalkan");
    let accept = json!({"action": "accept"});
    assert!([403, 409].contains(&report.command(officers::UNIT, "assignment", &accept).status));

    let again = report.withdraw();
    assert!(again.replayed() && again.bytes == answer.bytes);
    dispute(&report, "Berubah pikiran").expect(409);
    let more = json!({"photos": [declared(&life::photo(8))]});
    report.track("POST", "photos", &more).expect(409);
    let events = operator::items_of_kind(&report.ticket, "event");
    let withdrawals = events.iter().filter(|event| event["act"] == AttributeValue::S("withdraw".to_owned()));
    assert_eq!(withdrawals.count(), 1);
}

#[test]
fn whoever_withdraws_a_finished_report_is_forgotten_and_the_result_stays() {
    let report = life::in_status(Status::Selesai, &body());
    assert_eq!(report.withdraw().json()["status"], "selesai");
    assert_eq!(identity(&report), None);
    dispute(&report, "Berubah pikiran").expect(409);
    assert_eq!(status_seen_by(&report, officers::ADMINISTRATOR), "selesai");
}

#[test]
fn photos_of_a_public_report_that_a_unit_has_had_stay_when_its_reporter_withdraws() {
    let (on_tiket, _) = with_photo(&public());
    on_tiket.withdraw();
    assert_eq!(pictures(&on_tiket), BTreeSet::new(), "a unit would see it first when its reporter has gone");

    let (report, photo) = with_photo(&public());
    report.assign();
    report.view(officers::UNIT, &photo).expect(200);
    report.withdraw();
    assert_eq!(pictures(&report), to_be_seen(&report, &photo));
    // Unless it is made private first, which may be done afterwards too.
    set_privacy(&report, "private");
    assert_eq!(pictures(&report), behind_the_lock(&report, &photo));
    report.withdraw();
    assert_eq!((pictures(&report), state(&report, &photo)), (BTreeSet::new(), "rejected".to_owned()));
    set_privacy(&report, "public");
    assert_eq!(pictures(&report), BTreeSet::new());
}

#[test]
fn a_withdrawal_erases_photos_that_no_officer_has_seen_also_if_they_were_public() {
    let mut body = body();
    body["category"] = json!("perilaku-petugas");
    let (report, photo) = with_photo(&body);
    set_privacy(&report, "public");
    report.withdraw();
    assert_eq!((pictures(&report), state(&report, &photo)), (BTreeSet::new(), "rejected".to_owned()));
    let_slot_come(&report);
    assert_eq!(item(&report, "report")["privacy"], AttributeValue::S("private".to_owned()));
    assert!(!is_listed(&report, officers::ADMINISTRATOR, &photo));
}

#[test]
fn a_picture_that_comes_after_its_reporter_has_gone_leaves_nothing() {
    for privacy in ["private", "public"] {
        let bytes = photo(13);
        let mut body = body();
        body["privacy"] = json!(privacy);
        body["photos"] = json!([declared(&bytes)]);
        let (report, answer) = life::submit(&body);
        let entry = answer.json()["uploads"][0].clone();
        let photo = entry["photo"].as_str().unwrap();
        report.withdraw();
        // As if the picture had been stored while the reporter withdrew, and the function had ended then.
        let s3 = aws_sdk_s3::Client::new(&operator::config());
        for half in ["locked", "shown"] {
            let put = s3.put_object().bucket(stack().output("PhotosBucket")).key(key(half, &report, photo));
            wait(put.body(bytes.clone().into()).send()).expect("a picture");
        }
        upload(&entry, &bytes).expect(200);
        eventually("nothing is left", || pictures(&report).is_empty().then_some(()));
        assert_eq!(state(&report, photo), "rejected", "{privacy}");
        report.view(officers::ADMINISTRATOR, photo).expect(404);
    }
}

#[test]
fn what_waits_for_its_slot_goes_with_its_reporter_and_what_was_shown_stays() {
    let (report, shown) = sensitive_at_the_unit();
    let (bytes, late) = (photo(31), photo(32));
    let declare = json!({"photos": [declared(&bytes), declared(&late)]});
    let answer = report.track("POST", "photos", &declare).expect(201).json();
    let [waiting, pending] = [0, 1].map(|n| answer["uploads"][n].clone());
    let id = |entry: &Value| entry["photo"].as_str().unwrap().to_owned();
    upload(&waiting, &bytes).expect(200);
    eventually("the photo is ready", || (state(&report, &id(&waiting)) == "ready").then_some(()));

    report.withdraw();
    assert_eq!(pictures(&report), to_be_seen(&report, &shown));
    report.view(officers::TIKET, &shown).expect(200);
    let again = report.track("POST", "photos", &declare).expect(200).json();
    assert_eq!(again["uploads"], json!([]), "a replay grants no upload");
    upload(&pending, &late).expect(200);
    eventually("the upload is gone", || (pictures(&report) == to_be_seen(&report, &shown)).then_some(()));
    let_slot_come(&report);
    for entry in [&waiting, &pending] {
        assert_eq!(state(&report, &id(entry)), "rejected");
        report.view(officers::ADMINISTRATOR, &id(entry)).expect(404);
        assert!(!is_listed(&report, officers::ADMINISTRATOR, &id(entry)));
    }
    assert!(is_listed(&report, officers::ADMINISTRATOR, &shown));
}

#[test]
fn withdrawing_never_shows_hidden_photos_again() {
    let (report, photo) = sensitive_at_the_unit();
    report.view(officers::TIKET, &photo).expect(200);
    let hidden = |after: &str| {
        for officer in [officers::UNIT, officers::TIKET, officers::ADMINISTRATOR] {
            report.view(officer, &photo).expect(404);
            assert!(!is_listed(&report, officer, &photo), "{officer} {after}");
        }
    };
    for privacy in ["private", "public"] {
        set_privacy(&report, privacy);
        hidden(privacy);
    }
    report.withdraw();
    run_release();
    hidden("withdrawn");
    assert_eq!((pictures(&report), state(&report, &photo)), (BTreeSet::new(), "rejected".to_owned()));
    let_slot_come(&report);
    report.view(officers::ADMINISTRATOR, &photo).expect(404);
    assert!(!is_listed(&report, officers::ADMINISTRATOR, &photo));
}

#[test]
fn photos_that_are_declared_while_their_reporter_withdraws_leave_nothing() {
    for round in 0..3_u64 {
        let (report, _) = life::submit(&public());
        let images: Vec<Vec<u8>> = (0..4).map(|n| photo(40 + 4 * round + n)).collect();
        let acts: Vec<Option<&Vec<u8>>> = images.iter().map(Some).chain([None]).collect();
        let declarations = in_parallel(acts, |picture| match picture {
            Some(bytes) => {
                let answer = report.track("POST", "photos", &json!({"photos": [declared(bytes)]}));
                assert!([201, 409, 503].contains(&answer.status), "{}", answer.status);
                (answer.status == 201).then(|| (answer.json()["uploads"][0].clone(), bytes.clone()))
            }
            None => {
                let answer = report.track("DELETE", "", &Value::Null);
                assert!([200, 503].contains(&answer.status), "{}", answer.status);
                None
            }
        });
        report.withdraw();
        for (entry, bytes) in declarations.into_iter().flatten() {
            upload(&entry, &bytes).expect(200);
            eventually("it is refused", || {
                (state(&report, entry["photo"].as_str().unwrap()) == "rejected").then_some(())
            });
        }
        eventually("nothing is left", || pictures(&report).is_empty().then_some(()));
    }
}

#[test]
fn ten_withdrawals_at_once_are_one() {
    let report = life::in_status(Status::Koordinasi, &body());
    let answers = in_parallel((0..10).collect(), |_: i32| report.track("DELETE", "", &Value::Null));
    for answer in &answers {
        assert!([200, 503].contains(&answer.status), "{}", answer.status);
    }
    report.withdraw();
    assert_eq!(report.status(), "dibatalkan");
    let events = operator::items_of_kind(&report.ticket, "event");
    let withdrawals = events.iter().filter(|event| event["act"] == AttributeValue::S("withdraw".to_owned()));
    assert_eq!(withdrawals.count(), 1);
}

#[test]
fn pictures_are_locked_and_shown_as_their_reporter_chooses() {
    let (report, photo) = with_photo(&public());
    report.assign();
    report.view(officers::UNIT, &photo).expect(200);
    let set = |privacy: &str| set_privacy(&report, privacy);
    let listed = |officer: &str| is_listed(&report, officer, &photo);
    for _ in 0..2 {
        let shown = report.view(officers::UNIT, &photo).expect(200).json();
        let copy = Call::url("GET", shown["url"].as_str().unwrap());
        copy.clone().send().expect(200);
        assert_eq!(set("private").json()["privacy"], "private");
        assert_eq!(pictures(&report), behind_the_lock(&report, &photo));
        copy.send().expect(404);
        assert!(set("private").replayed());
        for officer in [officers::UNIT, officers::TIKET, officers::ADMINISTRATOR] {
            report.view(officer, &photo).expect(404);
            assert!(!listed(officer));
        }
        let label = report.seen_by(officers::UNIT).json()["label"].as_str().unwrap().to_owned();
        assert!(label.starts_with("Laporan bersifat privasi."));

        set("public");
        assert_eq!(pictures(&report), to_be_seen(&report, &photo));
        assert!(set("public").replayed());
        assert_eq!(pictures(&report), to_be_seen(&report, &photo));
        assert!(listed(officers::UNIT));
        report.view(officers::UNIT, &photo).expect(200);
    }
}

#[test]
fn what_was_cut_off_is_finished_by_the_next_request() {
    let (report, photo) = with_photo(&public());
    set_privacy(&report, "private");
    let [locked, shown] = ["locked", "shown"].map(|half| key(half, &report, &photo));
    // As if the function had ended before the deletion.
    let (s3, bucket) = (aws_sdk_s3::Client::new(&operator::config()), stack().output("PhotosBucket"));
    let copy = s3.copy_object().bucket(bucket).copy_source(format!("{bucket}/{locked}")).key(&shown);
    wait(copy.send()).expect("a copy");
    assert!(set_privacy(&report, "private").replayed());
    assert_eq!(pictures(&report), behind_the_lock(&report, &photo));
    // And before the copy.
    set_privacy(&report, "public");
    wait(s3.delete_object().bucket(bucket).key(&shown).send()).expect("a deletion");
    assert!(set_privacy(&report, "public").replayed());
    assert_eq!(pictures(&report), to_be_seen(&report, &photo));
}

#[test]
fn an_upload_goes_where_the_privacy_that_was_chosen_last_wants_it() {
    for [first, then] in [["public", "private"], ["private", "public"]] {
        let bytes = photo(9);
        let mut body = body();
        body["privacy"] = json!(first);
        body["photos"] = json!([declared(&bytes)]);
        let (report, answer) = life::submit(&body);
        let entry = answer.json()["uploads"][0].clone();
        let photo = entry["photo"].as_str().unwrap();
        set_privacy(&report, then);
        upload(&entry, &bytes).expect(200);
        eventually("the photo is ready", || (state(&report, photo) == "ready").then_some(()));
        let expected =
            if then == "private" { behind_the_lock(&report, photo) } else { to_be_seen(&report, photo) };
        eventually("the upload is gone", || (pictures(&report) == expected).then_some(()));
        assert!(set_privacy(&report, then).replayed());
        assert_eq!(pictures(&report), expected, "and a request that comes again takes nothing away");
        set_privacy(&report, "public");
        assert_eq!(pictures(&report), to_be_seen(&report, photo));
        report.view(officers::TIKET, photo).expect(200);
    }
}

#[test]
fn opposite_actions_at_once_end_as_the_last_one_wants_and_lose_no_picture() {
    for _ in 0..3 {
        let (report, photo) = with_photo(&public());
        in_parallel(vec!["private", "public", "private", "public"], |privacy| {
            let answer = report.track("PUT", "privacy", &json!({"privacy": privacy}));
            assert!([200, 503].contains(&answer.status), "{}", answer.status);
        });
        let wanted = report.tracked().json()["privacy"].as_str().unwrap().to_owned();
        let expected =
            if wanted == "private" { behind_the_lock(&report, &photo) } else { to_be_seen(&report, &photo) };
        assert_eq!(pictures(&report), expected, "{wanted}");
    }
}

/// From now on the report's changes are released at once, as those of a category that is not sensitive.
fn goes_by_slots_at_once(report: &Report) {
    let update = aws_sdk_dynamodb::Client::new(&operator::config())
        .update_item()
        .table_name(stack().output("ReportsTable"))
        .key("pk", AttributeValue::S(report.ticket.replace('-', "")))
        .key("sk", AttributeValue::S("report".to_owned()))
        .update_expression("SET terms.slots = :biasa")
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_values(":biasa", AttributeValue::S("biasa".to_owned()));
    wait(update.send()).expect("a report");
}

#[test]
fn a_picture_that_comes_late_is_shown_at_a_slot_and_not_when_it_came() {
    let bytes = photo(14);
    let mut body = public();
    body["category"] = json!("perilaku-petugas");
    body["photos"] = json!([declared(&bytes)]);
    let (report, answer) = life::submit(&body);
    let entry = answer.json()["uploads"][0].clone();
    let photo = entry["photo"].as_str().unwrap();
    // The photo waits for a slot that is half a day away. The report goes by others: units see no photo of a sensitive one.
    goes_by_slots_at_once(&report);
    report.assign();
    let_slot_come(&report);
    let seen =
        || (report.seen_by(officers::UNIT).expect(200).bytes, report.view(officers::UNIT, photo).bytes);
    let before = seen();
    upload(&entry, &bytes).expect(200);
    eventually("the photo is ready", || (state(&report, photo) == "ready").then_some(()));
    assert_eq!(seen(), before);
    assert!(!is_listed(&report, officers::UNIT, photo));
    let_slot_come(&report);
    assert!(is_listed(&report, officers::UNIT, photo));
    report.view(officers::UNIT, photo).expect(200);
}

#[test]
fn nobody_can_tell_that_a_reporter_did_something_before_its_slot() {
    let acts: [(&str, &str, Value); 2] =
        [("DELETE", "", Value::Null), ("PUT", "privacy", json!({"privacy": "private"}))];
    for (method, route, act) in acts {
        let (report, photo) = sensitive_at_the_unit();
        let watch = || {
            let desk = "/v1/desk?limit=100&category=perilaku-petugas";
            let desk = by(officers::UNIT, "GET", desk).send().expect(200).json();
            let line = desk["items"].as_array().unwrap().iter().find(|line| line["ticket"] == report.ticket);
            let seen = [officers::UNIT, officers::TIKET, officers::ADMINISTRATOR].map(|officer| {
                let mut seen = report.seen_by(officer).expect(200).json();
                // Locking counts at once: that the photo is gone may be seen.
                if let Some(photos) = seen["photos"].as_array_mut() {
                    photos.retain(|entry| entry["kind"] != "reporter");
                }
                seen
            });
            (line.cloned(), seen)
        };
        let before = watch();
        report.view(officers::TIKET, &photo).expect(200);
        report.track(method, route, &act).expect(200);
        run_release();
        assert_eq!(watch(), before, "{method} {route}");
        if method == "PUT" {
            report.view(officers::TIKET, &photo).expect(404);
        } else {
            assert_eq!(identity(&report), None);
            assert_eq!(report.status(), "dibatalkan");
            // And what the unit does in the meantime is not refused.
            report.command(officers::UNIT, "assignment", &json!({"action": "accept"})).expect(200);
        }
        let_slot_come(&report);
        let after = watch();
        assert_ne!(after, before);
        if method == "DELETE" {
            assert_eq!(after.0, None, "off the desk");
            assert_eq!(after.1[2]["status"], "dibatalkan");
            let last = after.1[2]["history"].as_array().unwrap().last().unwrap().clone();
            assert_eq!((last["event"].as_str(), last["at"].as_str()), (Some("withdraw"), Some(PAST)));
        }
    }
}

#[test]
fn a_dispute_reaches_the_verifier_at_its_slot_and_not_before() {
    let mut body = body();
    body["category"] = json!("perilaku-petugas");
    let (report, _) = life::submit(&body);
    report.assign_summarised();
    let_slot_come(&report);
    report.accept();
    report.post_tl();
    report.validate("accept");
    let_slot_come(&report);
    let before = [officers::VALIDASI, officers::ADMINISTRATOR, officers::UNIT]
        .map(|officer| report.seen_by(officer).expect(200).bytes);
    assert_eq!(dispute(&report, "Petugas tetap kasar").expect(200).json()["status"], "menunggu_verifikasi");
    run_release();
    let after = [officers::VALIDASI, officers::ADMINISTRATOR, officers::UNIT]
        .map(|officer| report.seen_by(officer).expect(200).bytes);
    assert_eq!(before, after);
    report.seen_by(officers::VERIFIKASI).expect(404);
    assert_eq!(report.status(), "menunggu_verifikasi");
    assert!(dispute(&report, "Petugas tetap kasar").expect(200).replayed());
    let_slot_come(&report);
    assert_eq!(status_seen_by(&report, officers::VERIFIKASI), "menunggu_verifikasi");
    assert!(dispute(&report, "Petugas tetap kasar").expect(200).replayed());
}

#[test]
fn a_rating_reaches_the_administrator_at_a_slot() {
    let mut body = body();
    body["category"] = json!("perilaku-petugas");
    let (report, _) = life::submit(&body);
    report.assign_summarised();
    let_slot_come(&report);
    report.accept();
    report.post_tl();
    report.validate("accept");
    let_slot_come(&report);
    let seen = || report.seen_by(officers::ADMINISTRATOR).expect(200);
    let before = seen();
    let rating = json!({"stars": 1, "comment": "Masih sama"});
    report.track("PUT", "rating", &rating).expect(200);
    assert_eq!(report.tracked().json()["rating"], rating);
    assert!(report.track("PUT", "rating", &rating).expect(200).replayed());
    run_release();
    assert_eq!((seen().bytes, &seen().headers["etag"]), (before.bytes, &before.headers["etag"]));
    let_slot_come(&report);
    assert_eq!(seen().json()["rating"], rating);
}

#[test]
fn only_the_administrator_sees_a_rating_and_the_reporter_may_change_it() {
    let report = life::in_status(Status::Selesai, &body());
    let version = report.seen_by(officers::VALIDASI).expect(200).headers["etag"].clone();
    for stars in [2, 4] {
        let rating = json!({"stars": stars, "comment": "Lama sekali"});
        report.track("PUT", "rating", &rating).expect(200);
        assert!(report.track("PUT", "rating", &rating).expect(200).replayed());
        assert_eq!(report.tracked().json()["rating"], rating);
        assert_eq!(report.seen_by(officers::ADMINISTRATOR).json()["rating"], rating);
    }
    for officer in [officers::VALIDASI, officers::UNIT, officers::TIKET] {
        let seen = report.seen_by(officer).expect(200);
        assert!(!String::from_utf8_lossy(&seen.bytes).contains("Lama sekali"), "{officer}");
        assert!(seen.json().get("rating").is_none());
    }
    assert_eq!(report.seen_by(officers::VALIDASI).headers["etag"], version, "nobody else can tell");
    let errors = report.track("PUT", "rating", &json!({"stars": 6, "comment": "a"})).expect(422).errors();
    assert_eq!(errors, ["stars out_of_range", "comment too_short"]);
}

#[test]
fn a_reporter_adds_photos_each_once_and_no_more_than_ten() {
    let (report, _) = life::submit(&public());
    report.assign();
    let pictures: Vec<Vec<u8>> = (20..31).map(photo).collect();
    let declare = |range: std::ops::Range<usize>| {
        let entries: Vec<Value> = pictures[range].iter().map(|bytes| declared(bytes)).collect();
        report.track("POST", "photos", &json!({ "photos": entries }))
    };
    let first = declare(0..5).expect(201).json();
    let again = declare(0..5).expect(200);
    assert!(again.replayed());
    let ids = |answer: &Value| -> Vec<String> {
        let uploads = answer["uploads"].as_array().unwrap();
        uploads.iter().map(|entry| entry["photo"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&first), ids(&again.json()), "the same pictures, the same slots");
    declare(3..8).expect(201);
    assert_eq!(declare(8..11).expect(422).errors(), ["photos too_many"]);
    declare(8..10).expect(201);
    upload(&first["uploads"][0], &pictures[0]).expect(200);
    let photo = &ids(&first)[0];
    assert_eq!(report.await_cleaning(officers::UNIT, photo), "ready");
    report.view(officers::UNIT, photo).expect(200);
    let errors = report.track("POST", "photos", &json!({"photos": []})).expect(422).errors();
    assert_eq!(errors, ["photos required"]);
}

#[test]
fn a_reporter_sees_how_often_each_unit_looked() {
    let (report, _) = life::submit(&body());
    report.assign();
    let looks = || report.tracked().expect(200).json()["looks"].clone();
    assert_eq!(looks(), json!([]));
    for officer in [officers::UNIT, officers::UNIT, officers::TIKET] {
        report.seen_by(officer).expect(200);
    }
    assert_eq!(looks(), json!([{"count": 1}, {"unit": officers::UNIT_CODE, "count": 2}]));
}

#[test]
fn the_reporter_of_a_merged_report_sees_the_status_of_the_other() {
    let report = life::in_status(Status::Duplikat, &body());
    let tracked = report.tracked().expect(200).json();
    assert_eq!(tracked["status"], "duplikat");
    assert_eq!(tracked["follows"], json!({"status": "menunggu", "status_text": "Menunggu"}));
    let into = item(&report, "report")["merged_into"].as_s().unwrap().clone();
    assert!(!tracked.to_string().contains(&into), "whose it is stays hidden");
    assert!(!tracked.to_string().contains(&domain::ticket::Ticket::parse(&into).unwrap().to_string()));
}

#[test]
fn neither_the_reporter_nor_an_officer_loses_when_they_act_at_once() {
    for _ in 0..5 {
        let (report, _) = life::submit(&body());
        let acts = in_parallel(vec![true, false], |reporter| {
            if reporter {
                report.track("PUT", "privacy", &json!({"privacy": "public"}))
            } else {
                let body = json!({"action": "assign", "unit": officers::UNIT_CODE});
                report.command(officers::TIKET, "assignment", &body)
            }
        });
        assert_eq!(acts.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 200]);
        let seen = report.seen_by(officers::UNIT).expect(200).json();
        assert_eq!(seen["status"], "koordinasi");
        assert!(seen["label"].as_str().unwrap().starts_with("Jangan"));
        assert_eq!(report.tracked().json()["privacy"], "public");
    }
}
