//! Personal data in what people write: warned of, masked for a unit, whole for the bureau.

use domain::{
    personal_data::{MASK, PersonalData},
    status::Status,
};
use serde_json::{Value, json};
use tests::{
    accounts::OwnUnit,
    http::{Answer, Call},
    life::{self, Report, by},
    officers,
};

const NIK: &str = "3174012301900001";
const PHONE: &str = "0812-7781-9034";
const EMAIL: &str = "saksi.malam@contoh.co.id";
const PLATE: &str = "B 7719 QZD";
const HANDLE: &str = "@saksi_malam";
const RT_RW: &str = "RT 013/RW 019";

/// What must not be found again, in the words of whoever looks for it: digits without what stands between them.
const PLANTED: &[&str] = &[NIK, "081277819034", "saksi.malam", "b7719qzd", "saksi_malam", "rt013", "rw019"];

fn with_personal_data() -> Value {
    let mut body = life::body();
    body["description"] = json!(format!(
        "Saya (NIK {NIK}) melihat mobil {PLATE} membuang puing. Hubungi {PHONE}, {EMAIL} atau {HANDLE}. Rumah di {RT_RW}."
    ));
    body["location"]["address"] = json!(format!("Jl. Contoh 12 {RT_RW}, telp {PHONE}"));
    body
}

fn warnings(answer: &Answer) -> Vec<String> {
    let told = answer.json();
    let warnings = told["warnings"].as_array().expect("warnings").clone();
    let text = |warning: &Value, name: &str| warning[name].as_str().expect("a text").to_owned();
    warnings.iter().map(|warning| format!("{} {}", text(warning, "field"), text(warning, "code"))).collect()
}

#[test]
fn a_submission_is_stored_whatever_its_position_and_contact_and_its_channel_is_warned() {
    for (location, contact, expected) in [
        (
            json!({"lat": 0, "lon": 0}),
            json!({"phone": "0812 345"}),
            "location no_position, reporter.phone unreachable",
        ),
        (
            json!({"lat": -7.25, "lon": 112.75}),
            json!({"phone": "(+62)\u{a0}812\u{2011}3456\u{2011}7890", "email": "siti@contoh.id;budi@contoh.id"}),
            "location outside_city, reporter.email unreachable",
        ),
    ] {
        let mut body = life::body();
        body["location"] = location;
        body["reporter"] = contact;
        let (_, answer) = life::submit(&body);
        assert_eq!(warnings(&answer).join(", "), expected);
    }
}

#[test]
fn a_ticket_is_read_as_it_was_pasted_from_a_message() {
    let (report, _) = life::submit(&life::body());
    for pasted in [report.ticket.replace('-', "%20"), report.ticket.replace('-', "%E2%80%93") + "%0D%0A"] {
        let call = Call::api("GET", &format!("/v1/track/{pasted}"));
        let call = call.header("Report-Secret", &report.secret);
        assert_eq!(call.send().expect(200).json()["ticket"], report.ticket.as_str());
    }
}

/// Everything of the planted pieces that an answer holds, its headers among it.
fn leaks(answer: &Answer) -> Vec<&'static str> {
    let all = format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.bytes)).to_lowercase();
    let tight: String = all.chars().filter(|c| !matches!(c, ' ' | '-' | '/')).collect();
    PLANTED.iter().copied().filter(|planted| all.contains(planted) || tight.contains(planted)).collect()
}

/// A report on the desk of a unit of its own, with a TL that was refused, and personal data in each text.
fn refused_report() -> (Report, String) {
    let unit = OwnUnit::new(None);
    let officer = unit.officer().username;
    let (report, _) = life::submit(&with_personal_data());
    let assign = json!({"action": "assign", "unit": unit.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    report.command(&officer, "assignment", &json!({"action": "accept"})).expect(200);
    let photos = report.add_photos(&officer, &["before", "after"]);
    let tl = json!({"narrative": "Puing sudah diangkut seluruhnya", "photos": photos});
    report.command(&officer, "tl", &tl).expect(200);
    let reason = format!("Pelapor ({PHONE}, {RT_RW}) bilang belum diangkut");
    report
        .command(officers::VALIDASI, "validation", &json!({"decision": "reject", "reason": reason}))
        .expect(200);
    (report, officer)
}

/// The last reason in a history.
fn reason(seen: &Answer) -> String {
    let seen = seen.json();
    let history = seen["history"].as_array().expect("a history");
    let mut reasons = history.iter().filter_map(|entry| entry["reason"].as_str());
    reasons.next_back().expect("a reason").to_owned()
}

#[test]
fn a_channel_is_warned_of_each_kind_in_each_field() {
    let (_, answer) = life::submit(&with_personal_data());
    let of_description = PersonalData::ALL.iter().map(|kind| format!("description {}", kind.as_str()));
    let expected: Vec<String> = of_description
        .chain(["location.address phone", "location.address rt_rw"].map(ToOwned::to_owned))
        .collect();
    assert_eq!(warnings(&answer), expected);

    let mut plain = life::body();
    plain["description"] =
        json!("Lubang sedalam 30 cm di depan nomor 12, biaya Rp 1.500.000 menurut UU No. 27 Tahun 2022");
    let (_, answer) = life::submit(&plain);
    assert_eq!(warnings(&answer), [""; 0]);
}

#[test]
fn a_unit_reads_a_masked_text_and_a_validator_the_whole_one() {
    let (report, officer) = refused_report();
    let seen = report.seen_by(&officer).expect(200);
    assert_eq!(
        seen.json()["description"],
        json!(format!(
            "Saya (NIK {MASK}) melihat mobil {MASK} membuang puing. Hubungi {MASK}, {MASK} atau {MASK}. Rumah di {MASK}."
        ))
    );
    assert_eq!(seen.json()["place"]["address"], json!(format!("Jl. Contoh 12 {MASK}, telp {MASK}")));
    let masked = format!("Pelapor ({MASK}, {MASK}) bilang belum diangkut");
    assert_eq!(reason(&seen), masked);
    assert_eq!(reason(&report.tracked().expect(200)), masked);

    for whole in [officers::VALIDASI, officers::TIKET, officers::ADMINISTRATOR] {
        let seen = report.seen_by(whole).expect(200);
        assert_eq!(seen.json()["description"], with_personal_data()["description"]);
        assert_eq!(seen.json()["place"]["address"], with_personal_data()["location"]["address"]);
        assert!(reason(&seen).contains(PHONE) && reason(&seen).contains(RT_RW));
    }
}

#[test]
fn an_officer_is_warned_of_personal_data_in_a_narrative_before_and_when_it_is_posted() {
    let report = life::in_status(Status::Proses, &life::body());
    let narrative = format!("Sudah ditambal, dicek bersama {PHONE}");
    let declared = ["before", "after"].map(|kind| {
        let mut entry = life::declared(&life::photo(if kind == "before" { 310 } else { 311 }));
        entry["kind"] = json!(kind);
        entry
    });
    let awaited = report.command(officers::UNIT, "photos", &json!({"photos": declared})).expect(201).json();
    let awaited =
        awaited["uploads"].as_array().expect("uploads").iter().map(|upload| upload["photo"].clone());
    let early = json!({"narrative": narrative, "photos": awaited.collect::<Vec<_>>(), "check": true});
    let early = report.command(officers::UNIT, "tl", &early).expect(409).json();
    assert_eq!(early["type"], "/problems/photo-not-ready");
    let photos = report.add_photos(officers::UNIT, &["before", "after"]);
    let tl = |check: bool| {
        let body = json!({"narrative": narrative, "photos": photos, "check": check});
        report.command(officers::UNIT, "tl", &body)
    };
    let warned = json!([{"field": "narrative", "code": "phone"}]);
    let before = report.seen_by(officers::UNIT).expect(200).json();
    let checked = tl(true).expect(200).json();
    assert_eq!((&checked["warnings"], &checked["status"]), (&warned, &json!("proses")));
    assert_eq!(checked["version"], before["version"]);
    assert_eq!(report.seen_by(officers::UNIT).expect(200).json(), before, "a check stores nothing");

    let posted = tl(false).expect(200).json();
    assert_eq!((&posted["warnings"], &posted["status"]), (&warned, &json!("menunggu_validasi")));
    let told = report.tracked().expect(200);
    assert!(!String::from_utf8_lossy(&told.bytes).contains(PHONE));
    assert!(String::from_utf8_lossy(&report.seen_by(officers::VALIDASI).expect(200).bytes).contains(PHONE));
    // A check is refused as the act itself would be.
    assert_eq!(tl(true).expect(409).json()["type"], "/problems/wrong-status");
}

/// All that an officer of the unit can get an answer of, and what they could ask for instead.
#[test]
fn no_response_to_a_unit_holds_personal_data_of_the_texts() {
    let (report, officer) = refused_report();
    let get = |path: &str| by(&officer, "GET", path).send();
    let report_itself = get(&report.path("")).expect(200);
    let photos = report_itself.json()["photos"].as_array().expect("photos").clone();
    let photos = photos.iter().map(|photo| report.view(&officer, photo["photo"].as_str().expect("an id")));
    let photos: Vec<Answer> = photos.collect();
    let accept = json!({"action": "accept"});
    let mut answers = vec![
        report_itself,
        get("/v1/desk?limit=100").expect(200),
        get(&format!("/v1/desk?q={PHONE}")).expect(400),
        get(&format!("/v1/desk?description={NIK}")).expect(400),
        get(&report.path("accesses")).expect(403),
        report.command(&officer, "assignment", &accept).expect(409),
        report.command(&officer, "tl", &json!({})).expect(422),
        report
            .command(&officer, "assignment", &json!({"action": "return", "reason": "Bukan kami"}))
            .expect(200),
        get(&report.path("")).expect(200),
    ];
    answers.extend(photos);
    for answer in &answers {
        assert_eq!(leaks(answer), [""; 0], "{}", String::from_utf8_lossy(&answer.bytes));
    }
    // The search does find what is there.
    assert_eq!(leaks(&report.seen_by(officers::VALIDASI).expect(200)), PLANTED);
}
