//! The counter's pages: a clerk enters a report in a browser, and the receipt is to be had once.

use crate::{channels::Channel, counter::age};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tests::{
    accounts::{Account, claims},
    canary,
    http::{Answer, Call},
    life::{self, Report, declared, fresh_photo, upload},
    officers::{self, CLERK, CLERK_CHANNEL, sign_in},
    operator::{config, group, items_of_kind, wait},
    pages::{Visitor, field, token},
    proxy::{Answered, Outcome, pass_on, stand_between},
    runtime::{Event, Message, Runtime, Setup},
    stack::stack,
};

const PATH: &str = "/petugas/loket";
const SENDING: &str = "/petugas/loket/kirim";
const GIVEN: &str = "/petugas/loket/selesai";
const TEXT: &str = "Jalan berlubang di depan pasar";
const ADDRESS: &str = "Jl. Contoh Raya 12";

type Fields = Vec<(String, String)>;

/// A clerk's form in a browser, with what the page fills in.
fn opened(clerk: &mut Visitor) -> Fields {
    fields_of(&clerk.get(PATH).expect(200))
}

fn fields_of(page: &Answer) -> Fields {
    ["token", "form"].map(|name| (name.to_owned(), field(&page.text(), name))).into()
}

/// The form as somebody fills it in.
fn filled(fields: Fields, typed: &[(&str, &str)]) -> Fields {
    let usual = [
        ("category", "jalan-berlubang"),
        ("description", TEXT),
        ("address", ADDRESS),
        ("privacy", "private"),
        ("language", "id"),
    ];
    with(&with(&fields, &usual), typed)
}

/// The same with other values in some fields.
fn with(fields: &Fields, changes: &[(&str, &str)]) -> Fields {
    let mut fields = fields.clone();
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

fn post(clerk: &mut Visitor, path: &str, fields: &Fields) -> Answer {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    clerk.post(path, &fields)
}

/// Sends a form as a browser does, which goes where it is sent on to.
fn send(clerk: &mut Visitor, fields: &Fields) -> Answer {
    let answer = post(clerk, PATH, fields);
    if answer.status != 307 {
        return answer;
    }
    assert_eq!(answer.headers["location"], SENDING);
    post(clerk, SENDING, fields)
}

/// The report of a form whose answer gets lost: its cookies never come to the browser.
fn sent_in_vain(clerk: &mut Visitor, fields: &Fields) -> Report {
    post(clerk, PATH, fields).expect(307);
    on_receipt(&post(&mut clerk.clone(), SENDING, fields).expect(200))
}

/// What stands between two texts.
#[track_caller]
fn between(html: &str, start: &str, end: &str) -> String {
    let found = html.split(start).nth(1).and_then(|rest| rest.split(end).next());
    found.unwrap_or_else(|| panic!("no {start} in {html}")).to_owned()
}

/// The report of a receipt, as its reporter reads it.
#[track_caller]
fn on_receipt(page: &Answer) -> Report {
    let html = page.text();
    let ticket = between(&html, "<dd class=\"ticket\">", "<");
    let secret = between(&html, "<code class=\"secret\">", "<");
    assert!(secret.split(' ').count() == 7 && secret.split(' ').next().is_some_and(|group| group.len() == 4));
    Report::told(&json!({ "ticket": ticket, "secret": secret.replace(' ', "") }))
}

/// Fails if a page shows anything of a receipt, or of what was typed.
#[track_caller]
fn shows_nothing_of(page: &Answer, report: &Report) {
    let html = page.text();
    let start = &report.secret[..4];
    assert!(!html.contains("class=\"secret\"") && !html.contains(&report.secret), "{html}");
    for word in [report.ticket.as_str(), TEXT, ADDRESS, &format!("{start} ")] {
        assert!(!html.contains(word), "{word}: {html}");
    }
}

#[test]
fn a_clerk_lands_on_the_counter_and_hands_over_a_receipt_that_opens_the_report() {
    let mut clerk = Visitor::signed_in(CLERK);
    assert_eq!(clerk.get("/petugas").expect(303).headers["location"], PATH);
    let description = format!("{TEXT} {}", canary::DESCRIPTION);
    let typed = [
        ("description", description.as_str()),
        ("lat", "-6,0588"),
        ("lon", "106.8456"),
        ("reporter-name", canary::NAME),
        // Not the canary's: the engine tells what it has sent to them.
        ("reporter-phone", "0812-2222-0217"),
        ("reporter-email", "siti@contoh.test"),
        ("language", "en"),
    ];
    let fields = filled(opened(&mut clerk), &typed);
    let receipt = send(&mut clerk, &fields).expect(200);
    let report = on_receipt(&receipt);
    let seen = report.tracked().expect(200).json();
    assert_eq!((&seen["description"], &seen["privacy"]), (&json!(description), &json!("private")));
    let mut snapshot = items_of_kind(&report.ticket, "report").remove(0);
    let submitted = group(&mut snapshot, "submitted").clone();
    assert_eq!(submitted["channel"].as_s().unwrap(), CLERK_CHANNEL);
    // What is handed over is in the language of the messages, and has nothing of the report and nowhere to go.
    let html = receipt.text();
    let handed = between(&html, "<article class=\"receipt\" lang=\"en\">", "</article>");
    assert!(handed.contains("26 letters and digits in 7 groups") && handed.contains("<svg"), "{handed}");
    for word in
        [canary::DESCRIPTION, canary::NAME, "2222-0217", "siti@", TEXT, ADDRESS, "-6.0588", "jalan-berlubang"]
    {
        assert!(!html.contains(word), "{word}: {html}");
    }
    let words = handed.replace("http://www.w3.org/2000/svg", "");
    assert!(!words.contains("://") && !words.contains("href"), "{words}");
    assert_eq!(receipt.headers["cache-control"], "no-store");
}

#[test]
fn no_header_and_no_cookie_of_the_counter_holds_what_was_typed_or_the_secret() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[("description", &format!("{TEXT} {}", canary::DESCRIPTION))]);
    let marked = post(&mut clerk, PATH, &fields).expect(307);
    let receipt = post(&mut clerk, SENDING, &fields).expect(200);
    let report = on_receipt(&receipt);
    for answer in [&marked, &receipt] {
        let told = format!("{:?} {:?} {:?}", answer.headers, answer.cookies, clerk.cookies);
        for word in [canary::DESCRIPTION, TEXT, report.secret.as_str(), report.ticket.as_str(), "jalan"] {
            assert!(!told.contains(word), "{word}: {told}");
        }
    }
    assert!(marked.bytes.is_empty());
    assert!(!clerk.cookies.keys().any(|name| name.contains("loket")), "{:?}", clerk.cookies.keys());
    // The next person's form is empty.
    let next = clerk.get(PATH).expect(200);
    shows_nothing_of(&next, &report);
    assert!(next.text().contains("autocomplete=\"off\""));
}

#[test]
fn after_signing_out_nothing_that_was_typed_is_shown_to_whoever_sends_the_form_again() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[]);
    let token = fields.iter().find(|(name, _)| name == "token").expect("a token").1.clone();
    clerk.post("/keluar", &[("token", &token)]).expect(200);
    let answer = post(&mut clerk, PATH, &fields);
    assert!(!answer.text().contains(TEXT), "{}", answer.text());
}

#[test]
fn what_is_sent_again_after_the_receipt_brings_neither_the_secret_nor_the_text() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[]);
    let report = on_receipt(&send(&mut clerk, &fields).expect(200));
    for path in [PATH, SENDING] {
        let again = post(&mut clerk, path, &fields).expect(409);
        assert!(again.text().contains("Formulir ini sudah selesai"), "{}", again.text());
        shows_nothing_of(&again, &report);
    }
    assert_eq!(clerk.get(SENDING).expect(303).headers["location"], PATH);
    // Nor once the session has ended, or another form is open.
    opened(&mut clerk);
    shows_nothing_of(&post(&mut clerk, SENDING, &fields).expect(409), &report);
    assert!(post(&mut Visitor::default(), SENDING, &fields).expect(303).bytes.is_empty());
}

#[test]
fn after_an_answer_that_was_lost_the_same_form_brings_the_same_receipt_once() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[]);
    let lost = sent_in_vain(&mut clerk, &fields);
    let again = on_receipt(&post(&mut clerk, SENDING, &fields).expect(200));
    assert_eq!((&again.ticket, &again.secret), (&lost.ticket, &lost.secret));
    shows_nothing_of(&post(&mut clerk, SENDING, &fields).expect(409), &lost);
}

#[test]
fn a_script_ends_its_form_once_it_has_the_whole_receipt() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = with(&filled(opened(&mut clerk), &[]), &[("script", "1")]);
    let report = on_receipt(&send(&mut clerk, &fields).expect(200));
    // Half of the page came: the same request brings it whole.
    let again = post(&mut clerk, SENDING, &fields).expect(200);
    assert_eq!(on_receipt(&again).secret, report.secret);
    let form = field_of(&fields, "form");
    assert!(again.text().contains(&format!("data-counter-given=\"{form}\"")), "{}", again.text());
    let given = vec![("form".to_owned(), form)];
    post(&mut clerk, GIVEN, &with(&given, &[("token", "AAAA")])).expect(403);
    let told = post(&mut clerk, GIVEN, &with(&given, &[("token", &field_of(&fields, "token"))]));
    assert!(told.expect(204).bytes.is_empty());
    for path in [PATH, SENDING] {
        shows_nothing_of(&post(&mut clerk, path, &fields).expect(409), &report);
    }
}

#[test]
fn a_form_whose_answer_was_lost_is_told_late_that_it_was_received_and_no_secret() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[]);
    let lost = sent_in_vain(&mut clerk, &fields);
    age(&lost, SignedDuration::from_mins(16));
    make_older(&mut clerk, CLERK, &field_of(&fields, "form"), SignedDuration::from_mins(16));
    let told = send(&mut clerk, &fields).expect(200).text();
    assert!(told.contains(&lost.ticket) && told.contains("sudah diterima sebelumnya"), "{told}");
    assert!(!told.contains("class=\"secret\"") && !told.contains(TEXT), "{told}");
    shows_nothing_of(&post(&mut clerk, PATH, &fields).expect(409), &lost);
}

#[test]
fn a_form_that_was_open_for_fifteen_minutes_comes_back_as_another_with_all_that_was_typed() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[("reporter-name", "Ibu Sari")]);
    make_older(&mut clerk, CLERK, &field_of(&fields, "form"), SignedDuration::from_mins(15));
    let back = send(&mut clerk, &fields).expect(409);
    let html = back.text();
    assert!(html.contains(TEXT) && html.contains(ADDRESS) && html.contains("Ibu Sari"), "{html}");
    assert!(html.contains("belum terkirim"), "{html}");
    let another = filled(fields_of(&back), &[("reporter-name", "Ibu Sari")]);
    assert!(field_of(&another, "form") != field_of(&fields, "form"));
    let report = on_receipt(&send(&mut clerk, &another).expect(200));
    assert_eq!(report.tracked().expect(200).json()["description"], TEXT);
    post(&mut clerk, PATH, &fields).expect(409);
}

#[test]
fn another_text_under_a_key_that_was_used_is_no_second_report_unless_it_is_sent_again() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[]);
    post(&mut clerk, PATH, &fields).expect(307);
    post(&mut clerk.clone(), SENDING, &fields).expect(200);
    let other = "Lampu jalan padam di depan sekolah";
    let back = send(&mut clerk, &filled(fields.clone(), &[("description", other)])).expect(409);
    let html = back.text();
    assert!(html.contains(other) && html.contains("sudah diterima"), "{html}");
    let again = filled(fields_of(&back), &[("description", other)]);
    let report = on_receipt(&send(&mut clerk, &again).expect(200));
    assert_eq!(report.tracked().expect(200).json()["description"], other);
}

#[test]
fn two_tabs_of_a_clerk_do_not_mix() {
    let mut clerk = Visitor::signed_in(CLERK);
    let texts = ["Pohon tumbang di depan kantor", "Got mampet di belakang pasar"];
    let forms = texts.map(|text| filled(opened(&mut clerk), &[("description", text)]));
    // Each is on its way while the other is.
    for form in &forms {
        post(&mut clerk, PATH, form).expect(307);
    }
    for (form, text) in forms.iter().zip(texts).rev() {
        let report = on_receipt(&post(&mut clerk, SENDING, form).expect(200));
        assert_eq!(report.tracked().expect(200).json()["description"], text);
    }
    for form in &forms {
        post(&mut clerk, SENDING, form).expect(409);
    }
}

#[test]
fn a_form_of_a_colleague_is_of_no_use_at_the_same_computer() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[]);
    post(&mut clerk, PATH, &fields).expect(307);
    let report = on_receipt(&post(&mut clerk.clone(), SENDING, &fields).expect(200));
    let mut colleague = Visitor::signed_in(&Account::clerk(CLERK_CHANNEL).username);
    let own = opened(&mut colleague);
    for (name, value) in &clerk.cookies {
        colleague.cookies.entry(name.clone()).or_insert(value.clone());
    }
    let with_own_token = filled(fields, &[("token", &field_of(&own, "token"))]);
    for path in [PATH, SENDING] {
        shows_nothing_of(&post(&mut colleague, path, &with_own_token).expect(409), &report);
    }
    // Their next form clears it away.
    opened(&mut colleague);
    assert!(!colleague.cookies.contains_key(&format!("__Host-loket-{}", field_of(&with_own_token, "form"))));
}

#[test]
fn a_form_without_its_sessions_token_comes_back_and_one_of_another_site_is_refused() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[]);
    let foreign = token(&Visitor::signed_in(CLERK).get(PATH).expect(200));
    for forged in ["", "AAAA", &foreign] {
        let forged = filled(fields.clone(), &[("token", forged)]);
        for path in [PATH, SENDING] {
            let back = post(&mut clerk, path, &forged).expect(403).text();
            assert!(back.contains(TEXT) && !back.contains("class=\"secret\""), "{back}");
        }
    }
    let pairs: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for path in [PATH, SENDING] {
        let call = Visitor::form(path, &pairs).header("Sec-Fetch-Site", "cross-site");
        assert!(!clerk.send(call).expect(403).text().contains(TEXT));
    }
    on_receipt(&send(&mut clerk, &fields).expect(200));
}

#[test]
fn what_is_sent_after_the_session_has_ended_comes_back_and_is_sent_after_signing_in() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[("reporter-name", "Ibu Sari")]);
    let is_session = |name: &str| name.contains("sesi") || name.contains("segar");
    let mut ended = clerk.clone();
    ended.cookies.retain(|name, _| !is_session(name));
    let kept = post(&mut ended, PATH, &fields).expect(401);
    let html = kept.text();
    assert!(html.contains(TEXT) && html.contains("Ibu Sari") && html.contains("target=\"_blank\""), "{html}");
    assert!(kept.cookies.is_empty() && kept.headers["cache-control"] == "no-store");
    // Signed in anew in another tab, the same form needs one press more.
    let mut again = Visitor::signed_in(CLERK);
    again.cookies.extend(ended.cookies);
    let without_token: Fields = fields.iter().filter(|(name, _)| name != "token").cloned().collect();
    let back = post(&mut again, PATH, &without_token).expect(403);
    let resent = filled(fields_of(&back), &[("reporter-name", "Ibu Sari")]);
    let report = on_receipt(&send(&mut again, &resent).expect(200));
    assert_eq!(report.tracked().expect(200).json()["description"], TEXT);
}

#[test]
fn personal_data_is_marked_before_it_is_sent_and_one_press_sends_it_all_the_same() {
    let mut clerk = Visitor::signed_in(CLERK);
    let text = "Hubungi 0812-3456-7890, jalan berlubang";
    let fields = filled(opened(&mut clerk), &[("description", text), ("reporter-phone", "0812 3456 7890")]);
    let marked = post(&mut clerk, PATH, &fields).expect(422);
    assert!(marked.text().contains("<mark>0812-3456-7890</mark>"), "{}", marked.text());
    // The same form goes on, and the button has a value.
    assert_eq!(field(&marked.text(), "form"), field_of(&fields, "form"));
    assert!(marked.text().contains("<button name=\"send-anyway\" value=\"1\">"));
    let report = on_receipt(&send(&mut clerk, &with(&fields, &[("send-anyway", "1")])).expect(200));
    assert_eq!(report.tracked().expect(200).json()["description"], text);
}

#[test]
fn what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = opened(&mut clerk);
    for (typed, link) in [
        (("category", ""), "#category"),
        (("category", "tidak-ada"), "#category"),
        (("description", "pendek"), "#description"),
        (("lat", "-6.2"), "#lat"),
        (("lon", "di sana"), "#lat"),
        (("reporter-phone", "0812 345"), "#reporter-phone"),
        (("reporter-email", "a@contoh.id;b@contoh.id"), "#reporter-email"),
    ] {
        let back = send(&mut clerk, &filled(fields.clone(), &[typed, ("reporter-name", "Ibu Sari")]));
        let html = back.expect(422).text();
        assert!(html.contains(&format!("<a href=\"{link}\">")), "{typed:?}: {html}");
        assert!(html.contains(ADDRESS) && html.contains("Ibu Sari"), "{typed:?}: {html}");
    }
    let nowhere = send(&mut clerk, &filled(fields.clone(), &[("address", "")])).expect(422).text();
    assert!(nowhere.contains("<a href=\"#address\">") && nowhere.contains(TEXT), "{nowhere}");
    // All that was refused is not recorded under the form's key.
    on_receipt(&send(&mut clerk, &filled(fields, &[])).expect(200));
}

#[test]
fn what_is_odd_about_a_place_is_said_beside_the_receipt_and_not_on_it() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[("lat", "-7.79"), ("lon", "110.36")]);
    let receipt = send(&mut clerk, &fields).expect(200);
    on_receipt(&receipt);
    let html = receipt.text();
    assert!(html.contains("ada di luar kota"), "{html}");
    assert!(!between(&html, "<article class=\"receipt\"", "</article>").contains("luar kota"));
}

#[test]
fn a_suspended_channel_and_one_whose_quota_is_used_up_say_so_and_nothing_typed_is_lost() {
    let suspended = Channel::register("henti", "suspended", 1000, &[]);
    let busy = Channel::register("ramai", "active", 0, &[]);
    for (channel, status) in [(&suspended, 403), (&busy, 429)] {
        let mut clerk = Visitor::signed_in(&Account::clerk(&channel.code).username);
        let refused = tests::http::eventually("it is refused", || {
            let fields = filled(opened(&mut clerk), &[]);
            let answer = send(&mut clerk, &fields);
            (answer.status != 200).then_some(answer)
        });
        let html = refused.expect(status).text();
        assert!(html.contains(TEXT) && html.contains("class=\"error-summary\""), "{html}");
    }
}

#[test]
fn what_anybody_says_at_the_counter_is_text_on_its_pages() {
    let attack = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    let mut clerk = Visitor::signed_in(CLERK);
    let description = format!("{attack} telepon 0812-3456-7890");
    let typed = [
        ("description", description.as_str()),
        ("address", attack),
        ("reporter-name", attack),
        ("lat", attack),
    ];
    let fields = filled(opened(&mut clerk), &typed);
    let wrong = send(&mut clerk, &fields).expect(422);
    let marked = send(&mut clerk, &with(&fields, &[("lat", "")])).expect(422);
    assert!(marked.text().contains("<mark>"));
    let mut ended = clerk.clone();
    ended.cookies.retain(|name, _| name.contains("loket"));
    let kept = post(&mut ended, PATH, &fields).expect(401);
    for page in [wrong, marked, kept] {
        let html = page.text();
        assert!(!html.contains("<script>alert") && !html.contains("<img"), "{html}");
        assert!(html.contains("alert(1)"), "the text is not there");
    }
}

#[test]
fn photos_are_declared_with_the_report_and_uploaded_to_the_addresses_on_the_receipt() {
    let mut clerk = Visitor::signed_in(CLERK);
    let pictures = [fresh_photo(), fresh_photo()];
    let mut fields = filled(opened(&mut clerk), &[("description", "pju")]);
    for picture in &pictures {
        let entry = declared(picture);
        for name in ["content_type", "size", "sha256"] {
            let value = entry[name].as_str().map_or_else(|| entry[name].to_string(), str::to_owned);
            fields.push((name.to_owned(), value));
        }
    }
    let receipt = send(&mut clerk, &fields).expect(200);
    let html = receipt.text();
    let unescaped = |text: String| {
        text.replace("&#34;", "\"").replace("&#38;", "&").replace("&amp;", "&").replace("&quot;", "\"")
    };
    for (position, picture) in pictures.iter().enumerate() {
        let line = between(&html, &format!("data-counter-upload=\"{position}\""), ">");
        let attribute = |name: &str| unescaped(between(&line, &format!("{name}=\""), "\""));
        let headers: Value = serde_json::from_str(&attribute("data-headers")).expect("headers");
        let entry =
            json!({"method": attribute("data-method"), "url": attribute("data-url"), "headers": headers});
        upload(&entry, picture).expect(200);
    }
    let report = on_receipt(&receipt);
    tests::http::eventually("both photos are ready", || {
        let seen = report.tracked().expect(200).json();
        let photos = seen["photos"].as_array().cloned().unwrap_or_default();
        (photos.iter().filter(|photo| photo["state"] == "ready").count() == 2).then_some(())
    });
}

#[test]
fn nobody_but_a_clerk_comes_to_the_counter_and_a_clerk_to_no_other_page() {
    for other in
        [officers::TIKET, officers::UNIT, officers::VALIDASI, officers::ADMINISTRATOR, officers::CONFLICTED]
    {
        let mut officer = Visitor::signed_in(other);
        let page = officer.get(PATH).expect(403).text();
        assert!(!page.contains("data-counter-form"), "{page}");
        let fields = filled(vec![("token".to_owned(), field(&page, "token"))], &[]);
        for path in [PATH, SENDING] {
            post(&mut officer, path, &fields).expect(403);
        }
    }
    let (report, _) = life::submit(&life::body());
    let mut clerk = Visitor::signed_in(CLERK);
    for path in [
        "/petugas/meja?desk=tiket".to_owned(),
        format!("/petugas/laporan/{}", report.ticket),
        format!("/petugas/laporan/{}/lembar", report.ticket),
        format!("/petugas/laporan/{}/akses", report.ticket),
    ] {
        clerk.get(&path).expect(403);
    }
    let mut nobody = Visitor::default();
    assert_eq!(nobody.get(PATH).expect(303).headers["location"], "/masuk?tujuan=%2Fpetugas%2Floket");
    clerk.send(Call::api("GET", PATH)).expect(200);
}

#[test]
fn a_receipt_is_sent_as_it_is_so_that_its_length_tells_nothing() {
    let mut clerk = Visitor::signed_in(CLERK);
    let fields = filled(opened(&mut clerk), &[]);
    post(&mut clerk, PATH, &fields).expect(307);
    let pairs: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let call = Visitor::form(SENDING, &pairs).header("Sec-Fetch-Site", "same-origin");
    let receipt = clerk.send(call.header("Accept-Encoding", "gzip")).expect(200);
    assert!(!receipt.headers.contains_key("content-encoding"));
    on_receipt(&receipt);
}

fn field_of(fields: &Fields, name: &str) -> String {
    fields.iter().find(|(known, _)| known == name).expect("a field").1.clone()
}

/// Makes a form older than it is, as the stack itself could: its cookie is opened with the cookie key, and sealed again.
fn make_older(clerk: &mut Visitor, officer: &str, form: &str, by: SignedDuration) {
    let name = format!("__Host-loket-{form}");
    let sub = claims(&sign_in(officer).id)["sub"].as_str().expect("an id").to_owned();
    let bound = format!("{name} {sub}");
    let secrets = aws_sdk_secretsmanager::Client::new(&config());
    let secret = wait(secrets.get_secret_value().secret_id(stack().output("CookieKeyArn")).send());
    let secret = secret.expect("the cookie key").secret_string.expect("a text");
    let root = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let key = hmac::sign(&root, b"cookies");
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).expect("a key"));
    let mut sealed = BASE64URL_NOPAD.decode(clerk.cookies[&name].as_bytes()).expect("base64");
    let mut plain = sealed.split_off(NONCE_LEN);
    let nonce: [u8; NONCE_LEN] = sealed.try_into().expect("a nonce");
    let of = |nonce| Nonce::assume_unique_for_key(nonce);
    let length =
        key.open_in_place(of(nonce), Aad::from(bound.as_bytes()), &mut plain).expect("our cookie").len();
    plain.truncate(length);
    // The key, the moment as postcard writes it (zigzag, seven bits a byte), and whether it was sent.
    let (idempotency_key, rest) = plain.split_at(24);
    let (moment, is_sent) = rest.split_at(rest.len() - 1);
    let zigzag = moment.iter().rev().fold(0_u64, |number, byte| number << 7 | u64::from(byte & 0x7f));
    let opened = Timestamp::from_second(i64::try_from(zigzag / 2).expect("a moment")).expect("a moment");
    let mut zigzag = u64::try_from((opened - by).as_second()).expect("after 1970") * 2;
    let mut older = idempotency_key.to_vec();
    while zigzag >= 0x80 {
        older.push((zigzag & 0x7f) as u8 | 0x80);
        zigzag >>= 7;
    }
    older.push(zigzag as u8);
    older.extend_from_slice(is_sent);
    let mut nonce = nonce;
    nonce[0] ^= 1;
    key.seal_in_place_append_tag(of(nonce), Aad::from(bound.as_bytes()), &mut older).expect("sealed");
    clerk.cookies.insert(name, BASE64URL_NOPAD.encode(&[nonce.as_slice(), &older].concat()));
}

/// What becomes of a clerk's submission on its way.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It comes in, and its answer with it.
    Whole,
    /// It comes in, and half of its answer comes back.
    HalfAnAnswer,
    /// It comes in, and its answer is lost.
    AnswerLost,
    /// It does not come in: the connection is closed.
    Closed,
    /// Nobody answers.
    Silence,
    /// It is refused.
    Refused(u16),
}

impl Fate {
    fn deal(self, request: &Message) -> Outcome {
        match self {
            Self::Whole => Outcome::Answer(pass_on(request)),
            Self::HalfAnAnswer => Outcome::Cut(pass_on(request)),
            Self::AnswerLost => {
                pass_on(request);
                Outcome::Closed
            }
            Self::Closed => Outcome::Closed,
            Self::Silence => Outcome::Silence,
            Self::Refused(status) => Outcome::Answer(Answered::json(status, r#"{"message":"No"}"#)),
        }
    }
}

#[test]
fn whatever_becomes_of_a_submission_on_its_way_nothing_typed_is_lost_and_one_report_comes_of_it() {
    let fate = Arc::new(Mutex::new((Fate::Whole, Vec::new())));
    let dealt = Arc::clone(&fate);
    let endpoint = stand_between("counter", move |request| {
        if !request.line.starts_with("POST /v1/counter/reports ") {
            return Outcome::Answer(pass_on(request));
        }
        let mut fate = dealt.lock().unwrap();
        fate.1.push(request.header("idempotency-key").unwrap_or_default().to_owned());
        fate.0.deal(request)
    });
    let web = Setup { endpoint, ..Setup::of("web") }.start();
    let mut clerk = Visitor::signed_in(CLERK);
    let refused =
        [400, 401, 403, 404, 409, 412, 413, 415, 422, 429].map(|status| (Fate::Refused(status), status));
    let failed = [500, 502, 503, 504].map(|status| (Fate::Refused(status), 503));
    let cut = [Fate::HalfAnAnswer, Fate::AnswerLost, Fate::Closed, Fate::Silence].map(|fate| (fate, 503));
    for (how, status) in refused.into_iter().chain(failed).chain(cut) {
        let text = format!("{TEXT}, {how:?}");
        let fields = filled(opened(&mut clerk), &[("description", &text), ("reporter-name", "Ibu Sari")]);
        post(&mut clerk, PATH, &fields).expect(307);
        *fate.lock().unwrap() = (how, Vec::new());
        let (told, page) = invoke(&web, &clerk, &fields);
        assert_eq!(told, status, "{how:?}: {page}");
        for part in [&text, ADDRESS, "Ibu Sari", &field_of(&fields, "form")] {
            assert!(page.contains(part), "{how:?}: {part}: {page}");
        }
        assert!(!page.contains("class=\"secret\""), "{page}");
        fate.lock().unwrap().0 = Fate::Whole;
        let (told, page) = invoke(&web, &clerk, &fields);
        assert_eq!(told, 200, "{how:?}: {page}");
        // Each time under the same key: whether the first came in or not, there is one report.
        let keys = fate.lock().unwrap().1.clone();
        assert!(keys.len() == 2 && keys[0] == keys[1], "{how:?}: {}", keys.len());
        let report = on_receipt(&Answer {
            status: told,
            headers: BTreeMap::new(),
            cookies: Vec::new(),
            bytes: page.into_bytes(),
        });
        assert_eq!(report.tracked().expect(200).json()["description"], text);
        for word in [TEXT, ADDRESS, "Ibu Sari", &report.secret, &report.ticket] {
            assert!(!web.said().contains(word), "{how:?}: {word} is logged");
        }
    }
    assert!(web.said().contains("api.counter"), "else this says nothing: {}", web.said());
}

/// Sends a form on to a function of one's own. Its status and its page; its cookies are lost.
fn invoke(web: &Runtime, clerk: &Visitor, fields: &Fields) -> (u16, String) {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let cookies: Vec<String> = clerk.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let event = Event::new("POST /petugas/{halaman+}", &[("halaman", "loket/kirim")])
        .header("cookie", &cookies.join("; "))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(&body.finish());
    let reply = web.invoke(event.value()).value;
    let status = reply["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    (status.expect("a status"), reply["body"].as_str().expect("a page").to_owned())
}
