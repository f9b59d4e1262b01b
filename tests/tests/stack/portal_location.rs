//! Where an officer was, from the form to whoever may know it; and which pages may ask a device where it is.

use domain::status::Status;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{
    http::Answer,
    life::{self, Report},
    officers,
    pages::{Visitor, hidden_fields},
};

fn page_of(report: &Report) -> String {
    format!("/petugas/laporan/{}", report.ticket)
}

/// Sends the form of an act as the page made it, with what an officer types.
#[track_caller]
fn send(visitor: &mut Visitor, report: &Report, act: &str, typed: &[(&str, &str)]) -> Answer {
    let page = visitor.get(&page_of(report)).expect(200);
    let hidden = hidden_fields(&page, act);
    let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = hidden.chain(typed.iter().copied()).collect();
    visitor.post(&format!("{}/{act}", page_of(report)), &fields)
}

/// Where the officer was at the last act of this name, as somebody is told; null where they are not.
fn location(report: &Report, viewer: &str, event: &str) -> Value {
    let seen = report.seen_by(viewer).expect(200).json();
    let history = seen["history"].as_array().expect("a history");
    let entry = history.iter().rfind(|entry| entry["event"] == event).expect("the act");
    entry["location"].clone()
}

const WORDS: [(&str, &str); 3] = [
    ("location-by", "words"),
    ("location-words", "Depan kios, tanya 0812-9000-4711"),
    ("location-reason", "Telepon 0812-9000-4712 tidak memberi posisi"),
];

#[rstest]
#[case(
    &[("location-by", "device"), ("measured", "-6.0588123, 106.8456123 ± 8 m")],
    json!({"lat": -6.058_812_3, "lon": 106.845_612_3, "accuracy_m": 8.0, "by": "device"}),
    json!({"lat": -6.0588, "lon": 106.8456, "by": "device"}),
    "-6.0588123, 106.8456123, ketepatan 8 m"
)]
#[case(
    &[("location-by", "hand"), ("lat", "-6,0588123"), ("lon", "106,8456123"), ("location-reason", "Di bawah jembatan"),
      ("measured", "-6.1, 106.9 ± 8 m")],
    json!({"lat": -6.058_812_3, "lon": 106.845_612_3, "by": "hand", "reason": "Di bawah jembatan"}),
    json!({"lat": -6.0588, "lon": 106.8456, "by": "hand", "reason": "Di bawah jembatan"}),
    "Di bawah jembatan"
)]
#[case(
    &WORDS,
    json!({"address": WORDS[1].1, "by": "words", "reason": WORDS[2].1}),
    json!({"address": "Depan kios, tanya [•••]", "by": "words", "reason": "Telepon [•••] tidak memberi posisi"}),
    "Depan kios"
)]
#[case(&[("location-by", "")], Value::Null, Value::Null, "")]
fn where_a_crew_was_is_told_to_each_as_they_may_know(
    #[case] typed: &[(&str, &str)],
    #[case] whole: Value,
    #[case] of_unit: Value,
    #[case] words: &str,
) {
    let report = life::in_status(Status::Proses, &life::body());
    let photos = report.add_photos(officers::UNIT, &["before", "after"]);
    let mut crew = Visitor::signed_in(officers::UNIT);
    let mut fields = vec![("narrative", "Lubang ditambal dengan aspal"), ("send-anyway", "1")];
    fields.extend(photos.iter().map(|photo| ("photos", photo.as_str())));
    fields.extend_from_slice(typed);
    send(&mut crew, &report, "post_tl", &fields).expect(303);
    for viewer in [officers::VALIDASI, officers::ADMINISTRATOR] {
        assert_eq!(location(&report, viewer, "post_tl"), whole, "{viewer}");
    }
    let page = Visitor::signed_in(officers::VALIDASI).get(&page_of(&report)).expect(200);
    assert!(page.text().contains(words));
    assert!(!report.tracked().text().contains("location"));
    report.validate("reject");
    assert_eq!(location(&report, officers::UNIT, "post_tl"), of_unit);
    let page = crew.get(&page_of(&report)).expect(200).text();
    assert!(!page.contains("0812-9000"), "personal data on the unit's page");
}

#[test]
fn what_is_wrong_with_a_location_is_said_at_once_and_what_was_typed_comes_back() {
    let report = life::in_status(Status::MenungguVerifikasi, &life::body());
    let mut verifier = Visitor::signed_in(officers::VERIFIKASI);
    let mut say = |typed: &[(&str, &str)]| {
        let mut fields = vec![("conforms", "yes"), ("finding", "Sudah rata")];
        fields.extend_from_slice(typed);
        send(&mut verifier, &report, "verify", &fields).expect(422).text()
    };
    let without = say(&[]);
    assert!(without.contains("Posisinya belum ada"));
    let unmeasured = say(&[("location-by", "device"), ("measured", "di sini")]);
    assert!(unmeasured.contains("Belum ada yang terukur"));
    let by_hand = say(&[("location-by", "hand"), ("lat", "sini"), ("lon", "106,8")]);
    assert!(
        by_hand.contains("Isi lintang dan bujur")
            && by_hand.contains("Sebutkan mengapa posisinya tidak diukur")
    );
    assert!(by_hand.contains("value=\"sini\"") && by_hand.contains("Sudah rata"));
    let words = say(&[("location-by", "words"), ("location-reason", "ya")]);
    assert!(words.contains("Tuliskan tempatnya"));
    // How long a reason is the API knows.
    let short = say(&[("location-by", "words"), ("location-words", "Depan kios"), ("location-reason", "ya")]);
    assert!(short.contains(">Depan kios</textarea>") || short.contains("\nDepan kios</textarea>"));
    // Personal data is marked before anybody reads it.
    let marked = say(&WORDS);
    assert!(
        marked.contains("href=\"#verify-location-words\"")
            && marked.contains("href=\"#verify-location-reason\"")
    );
    assert_eq!(report.status(), "menunggu_verifikasi");
}

#[test]
fn the_api_takes_a_location_as_before_and_names_all_that_is_wrong_with_one() {
    let report = life::in_status(Status::MenungguVerifikasi, &life::body());
    let photos = report.add_photos(officers::VERIFIKASI, &["field"]);
    let body = |location: Value| json!({"conforms": true, "finding": "Sesuai", "photos": photos, "location": location});
    let wrong = body(json!({"by": "hand", "lat": 91, "lon": 1, "accuracy_m": 3}));
    let answer = report.command(officers::VERIFIKASI, "verification", &wrong).expect(422).json();
    let errors: Vec<String> = answer["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| {
            format!("{} {}", error["field"].as_str().unwrap_or(""), error["code"].as_str().unwrap_or(""))
        })
        .collect();
    assert_eq!(
        errors,
        ["location.lat out_of_range", "location.reason required", "location.accuracy_m unknown_field"]
    );
    let plain = json!({"lat": -6.0588, "lon": 106.8456});
    report.command(officers::VERIFIKASI, "verification", &body(plain.clone())).expect(200);
    assert_eq!(location(&report, officers::VALIDASI, "verify"), plain);
}

#[test]
fn only_pages_that_need_it_may_ask_the_device_where_it_is() {
    let at_work = life::in_status(Status::Proses, &life::body());
    let to_look_at = life::in_status(Status::MenungguVerifikasi, &life::body());
    let may_ask = |who: &str, path: &str| {
        let answer = Visitor::signed_in(who).get(path).expect(200);
        let policy = answer.headers["permissions-policy"].clone();
        assert!(policy.contains("geolocation=()") != policy.contains("geolocation=(self)"), "{policy}");
        policy.contains("geolocation=(self)")
    };
    let unit_desk = format!("/petugas/meja?desk=unit%3A{}", officers::UNIT_CODE);
    for (who, path) in [
        (officers::UNIT, page_of(&at_work)),
        (officers::VERIFIKASI, page_of(&to_look_at)),
        (officers::UNIT, unit_desk),
        (officers::VERIFIKASI, "/petugas/meja?desk=verifikasi".to_owned()),
    ] {
        assert!(may_ask(who, &path), "{path}");
    }
    for (who, path) in [
        (officers::VALIDASI, page_of(&to_look_at)),
        (officers::TIKET, page_of(&at_work)),
        (officers::TIKET, "/petugas/meja?desk=tiket".to_owned()),
        (officers::UNIT, "/petugas/akun".to_owned()),
        (officers::VERIFIKASI, format!("{}/lembar", page_of(&to_look_at))),
    ] {
        assert!(!may_ask(who, &path), "{path}");
    }
}
