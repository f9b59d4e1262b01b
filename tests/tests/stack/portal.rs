//! The portal: who gets a page, which forms act, and what of the API's secrets a page could tell.

use serde_json::json;
use tests::{
    accounts::Account,
    canary,
    http::{Answer, Call, eventually, fresh_key},
    life::{self, Report, unknown_ticket},
    officers,
    pages::{Visitor, act_form, field, hidden_fields, token},
};

fn page_of(report: &Report) -> String {
    format!("/petugas/laporan/{}", report.ticket)
}

/// A report on the desk of the unit, and its officer before it.
fn at_the_unit() -> (Report, Visitor) {
    let (report, _) = life::submit(&life::body());
    report.assign();
    (report, Visitor::signed_in(officers::UNIT))
}

/// Sends the form of an act as the page made it, with what an officer types.
#[track_caller]
fn send(visitor: &mut Visitor, page: &Answer, report: &Report, act: &str, typed: &[(&str, &str)]) -> Answer {
    let hidden = hidden_fields(page, act);
    let mut fields: Vec<(&str, &str)> =
        hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.retain(|(name, _)| !typed.iter().any(|(other, _)| other == name));
    fields.extend_from_slice(typed);
    visitor.post(&format!("{}/{act}", page_of(report)), &fields)
}

#[test]
fn without_a_session_every_page_sends_to_the_sign_in_and_says_nothing() {
    let (report, _) = life::submit(&life::body());
    let mut nobody = Visitor::default();
    for path in ["/petugas", "/petugas/meja?desk=tiket", &page_of(&report), "/petugas/tidak-ada"] {
        let answer = nobody.get(path).expect(303);
        let to = form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>();
        assert_eq!(answer.headers["location"], format!("/masuk?tujuan={to}"));
        assert!(answer.bytes.is_empty());
    }
    // Whether there is such a report is no different.
    let unknown = nobody.get(&format!("/petugas/laporan/{}", unknown_ticket())).expect(303);
    assert!(unknown.bytes.is_empty());
}

#[test]
fn the_link_of_a_mail_survives_the_sign_in_and_leads_nowhere_else() {
    let officer = Account::new(&["petugas-opd"], Some(officers::UNIT_CODE));
    let target = |to: &str| {
        let mut visitor = Visitor::default();
        let to = form_urlencoded::byte_serialize(to.as_bytes()).collect::<String>();
        let page = visitor.get(&format!("/masuk?tujuan={to}")).expect(200);
        let fields = [("token", token(&page)), ("username", officer.username.clone())];
        let mut fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.push(("password", tests::accounts::PASSWORD));
        visitor.post("/masuk", &fields).expect(303).headers["location"].clone()
    };
    let desk = "/petugas/meja?desk=unit:sudin-bina-marga-jaksel";
    assert_eq!(target(desk), desk);
    for elsewhere in [
        "https://jahat.example/",
        "//jahat.example",
        "/\\jahat.example",
        "/petugas//jahat.example",
        "javascript:x",
    ] {
        assert_eq!(target(elsewhere), "/petugas", "{elsewhere}");
    }
}

#[test]
fn a_form_acts_only_with_its_own_sessions_token_and_what_was_typed_comes_back() {
    let (report, mut officer) = at_the_unit();
    let page = officer.get(&page_of(&report)).expect(200);
    let mut colleague = Visitor::signed_in(officers::UNIT_COLLEAGUE);
    let of_colleague = token(&colleague.get(&page_of(&report)).expect(200));
    let text = "Kami ke sana besok pagi";
    for forged in ["", "AAAA", of_colleague.as_str()] {
        let answer =
            send(&mut officer, &page, &report, "note", &[("text", text), ("token", forged)]).expect(403);
        assert!(answer.text().contains(text), "what was typed is gone");
    }
    // With its token, but from the page of another site.
    let hidden = hidden_fields(&page, "note");
    let mut fields: Vec<(&str, &str)> =
        hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("text", text));
    let path = format!("{}/note", page_of(&report));
    for (name, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "https://jahat.example"),
    ] {
        officer.send(Visitor::form(&path, &fields).header(name, value)).expect(403);
    }
    let history = report.seen_by(officers::UNIT).json()["history"].clone();
    assert!(!history.to_string().contains(text));
    // The same form, as the page sends it.
    send(&mut officer, &page, &report, "note", &[("text", text)]).expect(303);
    assert!(report.seen_by(officers::UNIT).json()["history"].to_string().contains(text));
}

#[test]
fn a_cookie_that_was_stolen_is_dead_once_its_owner_has_signed_out() {
    let officer = Account::new(&["petugas-validasi"], None);
    for everywhere in [false, true] {
        let mut owner = Visitor::signed_in(&officer.username);
        let other_device = Visitor::signed_in(&officer.username);
        let mut thief = owner.clone();
        thief.get("/petugas/akun").expect(200);
        let page = owner.get("/petugas/akun").expect(200);
        let form =
            [("token", token(&page)), ("where", if everywhere { "everywhere" } else { "" }.to_owned())];
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = owner.post("/keluar", &form).expect(200);
        assert_eq!(answer.headers["clear-site-data"], "\"cache\", \"storage\"");
        assert!(!owner.cookies.keys().any(|name| name.contains("sesi") || name.contains("segar")));
        thief.get("/petugas/akun").expect(303);
        let expected = if everywhere { 303 } else { 200 };
        other_device.clone().get("/petugas/akun").expect(expected);
    }
}

#[test]
fn the_cookies_of_two_sessions_do_not_mix_and_what_is_not_ours_is_no_session() {
    let (one, other) = (Visitor::signed_in(officers::UNIT), Visitor::signed_in(officers::TIKET));
    let mut mixed = one.clone();
    mixed.cookies.insert("__Host-segar".to_owned(), other.cookies["__Host-segar"].clone());
    mixed.get("/petugas/akun").expect(303);
    let mut swapped = one.clone();
    swapped.cookies.insert("__Host-sesi".to_owned(), one.cookies["__Host-segar"].clone());
    swapped.get("/petugas/akun").expect(303);
    for value in ["", "x", &"A".repeat(3000), &"A".repeat(20_000)] {
        let mut forged = one.clone();
        forged.cookies.insert("__Host-sesi".to_owned(), value.to_owned());
        forged.get("/petugas/akun").expect(303);
    }
    let mut loaded = one;
    loaded.cookies.insert("other".to_owned(), "x".repeat(20_000));
    loaded.get("/petugas/akun").expect(303);
}

#[test]
fn the_sign_in_takes_no_form_of_another_site_and_tells_no_account_from_another() {
    let mut visitor = Visitor::default();
    let page = visitor.get("/masuk").expect(200);
    let attempt = |visitor: &mut Visitor, token: &str, username: &str| {
        visitor
            .post("/masuk", &[("token", token), ("username", username), ("password", "Salah-Sama-Sekali-1")])
    };
    attempt(&mut visitor, "AAAA", officers::UNIT).expect(403);
    let page = if page.text().is_empty() { page } else { visitor.get("/masuk").expect(200) };
    let wrong = attempt(&mut visitor, &token(&page), officers::UNIT).expect(401);
    let unknown = attempt(&mut visitor, &token(&wrong), "tidak.ada").expect(401);
    let plain = |answer: &Answer, name: &str| answer.text().replace(&token(answer), "").replace(name, "");
    assert_eq!(plain(&wrong, officers::UNIT), plain(&unknown, "tidak.ada"));
}

#[test]
fn every_page_forbids_frames_other_sites_scripts_and_caches() {
    let (report, mut officer) = at_the_unit();
    let unknown = format!("/petugas/laporan/{}", unknown_ticket());
    for path in ["/masuk", "/petugas/akun", &page_of(&report), &unknown, "/petugas/bantuan/unit"] {
        let answer = officer.get(path);
        let policy = &answer.headers["content-security-policy"];
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "script-src 'self'",
            "style-src 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        // The bucket of photos, and nobody else.
        let images = policy.split("; ").find(|part| part.starts_with("img-src ")).unwrap();
        assert!(images.starts_with("img-src 'self' ") && images.split(' ').count() == 3, "{images}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        assert!(
            answer.cookies.iter().all(|cookie| {
                cookie.starts_with("__Host-")
                    && ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"]
                        .iter()
                        .all(|part| cookie.contains(part))
            }),
            "{:?}",
            answer.cookies
        );
        // No script or style stands in a page, and nothing comes from elsewhere.
        let html = answer.text();
        assert!(
            !html.contains("<style")
                && !html.contains(" style=")
                && !html.contains(" onclick")
                && !html.contains("http://")
                && !html.contains("https://"),
            "{html}"
        );
    }
}

#[test]
fn areas_are_shown_by_name_and_a_maps_ground_is_asked_for_by_the_kilometre() {
    let mut body = life::body();
    // The map sends it to the unit.
    body["location"] = json!({"lat": -6.2201, "lon": 106.8562, "accuracy_m": 12});
    let (report, _) = life::submit(&body);
    let mut officer = Visitor::signed_in(officers::UNIT);
    for path in [page_of(&report), format!("{}/lembar", page_of(&report))] {
        let page = officer.get(&path).expect(200).text();
        assert!(page.contains("Kelurahan Bukit Duri") && !page.contains("31.74.01.1005"), "{page}");
    }
    let page = officer.get(&page_of(&report)).expect(200).text();
    assert!(page.contains("data-outlines=\"/v1/city?outlines_at=-6.22,106.86\""), "{page}");
    assert!(!page.contains("data-tiles"), "{page}");
    let desk = format!("/petugas/meja?desk=unit%3A{}&area=31.74.01", officers::UNIT_CODE);
    let page = officer.get(&desk).expect(200).text();
    assert!(page.contains("selected>Kecamatan Tebet</option>"), "{page}");
    assert!(page.contains(">Kelurahan Bukit Duri</option>"), "{page}");
    assert!(page.contains("<span>Kelurahan Bukit Duri</span>"), "{page}");
}

#[test]
fn a_filter_that_the_api_refuses_is_named_beside_the_filters_which_stay() {
    let mut officer = Visitor::signed_in(officers::TIKET);
    let page = officer.get("/petugas/meja?desk=tiket&category=sampah&area=Kota").expect(422).text();
    for part in ["<a href=\"#area\">", "<option value=\"sampah\" selected>", "name=\"desk\" value=\"tiket\""]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("class=\"empty\""), "{page}");
}

#[test]
fn what_is_wrong_with_a_form_is_listed_with_links_to_its_fields() {
    let (report, _) = life::submit(&life::body());
    let mut officer = Visitor::signed_in(officers::TIKET);
    let page = officer.get(&page_of(&report)).expect(200);
    let answer = send(&mut officer, &page, &report, "assign", &[("summary", "Lubang")]).expect(422);
    assert!(answer.text().contains("<a href=\"#assign-unit\">"), "{}", answer.text());
    let personal = [("unit", officers::UNIT_CODE), ("summary", "Hubungi 0812-3456-7890 di depan pasar")];
    let answer = send(&mut officer, &page, &report, "assign", &personal).expect(422);
    assert!(answer.text().contains("<a href=\"#assign-summary\"><mark"), "{}", answer.text());
}

#[test]
fn a_unit_is_found_by_the_categories_and_areas_that_the_map_sends_to_it() {
    let (report, _) = life::submit(&life::body());
    let page = Visitor::signed_in(officers::TIKET).get(&page_of(&report)).expect(200).text();
    let unit = page.split("<option value=\"sudin-sumber-daya-air-jaksel\"").nth(1).unwrap();
    let words = unit.split("</option>").next().unwrap();
    for word in ["Banjir dan genangan", "Jakarta Selatan", "Dinas Sumber Daya Air", "sdsdajs"] {
        assert!(words.contains(word), "{word}: {words}");
    }
}

#[test]
fn merging_nothing_says_so_and_a_report_that_is_not_there_is_no_failure() {
    let mut body = life::body();
    body["location"]["address"] = json!(format!("Jl. {}", tests::http::fresh_key()));
    let (report, _) = life::submit(&body);
    life::submit(&body);
    let mut officer = Visitor::signed_in(officers::TIKET);
    let duplicates = format!("{}/duplikat", page_of(&report));
    let page = officer.get(&duplicates).expect(200);
    assert!(!page.text().contains("Belum ada laporan yang dipilih"), "{}", page.text());
    let fields = [("token", &*token(&page)), ("key", "0123456789012345678901")];
    let answer = officer.post(&duplicates, &fields).expect(422).text();
    assert!(answer.contains("Belum ada laporan yang dipilih"), "{answer}");
    let compared = officer.get(&format!("{duplicates}?dengan={}", unknown_ticket())).expect(200).text();
    assert!(compared.contains("Laporan ini tidak ada, atau ada di meja lain"), "{compared}");
    assert!(!compared.contains("class=\"failed\""), "{compared}");
}

#[test]
fn reports_side_by_side_show_what_the_ticket_desk_may_see_of_each_photos_too() {
    let (report, _) = life::submit(&life::body());
    let mut body = life::body();
    let picture = life::fresh_photo();
    body["privacy"] = json!("public");
    body["photos"] = json!([life::declared(&picture)]);
    let (other, answer) = life::submit(&body);
    let entry = answer.json()["uploads"][0].clone();
    life::upload(&entry, &picture).expect(200);
    let photo = entry["photo"].as_str().expect("an id");
    other.await_ready(photo);
    let mut officer = Visitor::signed_in(officers::TIKET);
    let page =
        officer.get(&format!("{}/duplikat?dengan={}", page_of(&report), other.ticket)).expect(200).text();
    for shown in [canary::DESCRIPTION, "<dt>Masuk</dt>", "<dt>Alamat</dt>"] {
        assert_eq!(page.matches(shown).count(), 2, "{shown}: {page}");
    }
    assert!(page.contains(&format!("{}/foto/{photo}", page_of(&other))), "{page}");
}

#[test]
fn help_is_for_everybody_and_keeps_the_frame_of_whoever_is_signed_in() {
    let help = "/petugas/bantuan/unit";
    assert!(!Visitor::default().get(help).expect(200).text().contains("action=\"/keluar\""));
    let page = Visitor::signed_in(officers::UNIT).get(help).expect(200).text();
    assert!(page.contains("action=\"/keluar\"") && page.contains("class=\"desks\""), "{page}");
    Visitor::default().get("/petugas/bantuan/tidak-ada").expect(404);
}

#[test]
fn a_page_is_compressed_on_the_way_from_another_page_and_for_no_other_site() {
    let (report, mut officer) = at_the_unit();
    let plain = officer.get(&page_of(&report)).expect(200);
    let mut ask = |site: &str| {
        let call = Call::api("GET", &page_of(&report)).header("Accept-Encoding", "gzip");
        officer.send(call.header("Sec-Fetch-Site", site)).expect(200)
    };
    let compressed = ask("same-origin");
    assert_eq!(compressed.headers["content-encoding"], "gzip");
    assert_eq!(compressed.bytes[..2], [0x1f, 0x8b]);
    assert!(2 * compressed.bytes.len() < plain.bytes.len());
    let elsewhere = ask("cross-site");
    assert!(!elsewhere.headers.contains_key("content-encoding"));
    assert_eq!(elsewhere.bytes.len(), plain.bytes.len());
}

#[test]
fn scripts_and_styles_are_kept_for_ever_and_named_by_their_content() {
    let mut nobody = Visitor::default();
    let html = nobody.get("/masuk").text();
    let file = html
        .split("href=\"")
        .find(|rest| rest.starts_with("/petugas/aset/"))
        .and_then(|rest| rest.split('"').next());
    let answer = nobody
        .send(Call::api("GET", file.expect("a style")).header("Accept-Encoding", "gzip, br"))
        .expect(200);
    assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(answer.headers["content-encoding"], "gzip");
    assert!(answer.cookies.is_empty());
    nobody.get("/petugas/aset/style.css").expect(404);
    nobody.get("/petugas/aset/..Cargo.toml").expect(404);
}

#[test]
fn a_hidden_report_and_one_that_never_was_are_the_same_page() {
    let (report, _) = life::submit(&life::body());
    let mut other = Visitor::signed_in(officers::OTHER_UNIT);
    let plain = |answer: Answer| {
        let html = answer.expect(404).text();
        let (token, key) = (
            field(&html, "token"),
            html.split("draft-key\" content=\"").nth(1).unwrap().split('"').next().unwrap().to_owned(),
        );
        let seconds =
            html.split("data-session-left-s=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        html.replace(&token, "").replace(&key, "").replace(&seconds, "")
    };
    let ticket = unknown_ticket();
    for part in ["", "/lembar", "/akses", "/duplikat", "/foto/0000000000000000"] {
        let hidden = plain(other.get(&format!("{}{part}", page_of(&report)))).replace(&report.ticket, "T");
        let unknown = plain(other.get(&format!("/petugas/laporan/{ticket}{part}"))).replace(&ticket, "T");
        assert_eq!(hidden, unknown, "{part}");
    }
}

#[test]
fn what_anybody_writes_is_text_on_every_page() {
    let attack = "\"><script>alert(1)</script><img src=x onerror=alert(1)> =HYPERLINK(\"x\") \u{202e}txet";
    let mut body = life::body();
    body["description"] = json!(format!("{attack} {}", canary::DESCRIPTION));
    body["location"] = json!({ "address": attack });
    body["privacy"] = json!("public");
    let (report, _) = life::submit(&body);
    let mut desk = Visitor::signed_in(officers::TIKET);
    let page = desk.get(&page_of(&report)).expect(200);
    let note = send(&mut desk, &page, &report, "note", &[("text", attack), ("audience", "all")]);
    note.expect(303);
    report.assign();
    let mut unit = Visitor::signed_in(officers::UNIT);
    let blank = unit.get(&page_of(&report)).expect(200);
    let resent =
        send(&mut unit, &blank, &report, "return", &[("reason", &format!("[{attack}]"))]).expect(422);
    for page in [
        desk.get(&page_of(&report)).expect(200),
        desk.get(&format!("{}/lembar", page_of(&report))).expect(200),
        blank,
        resent,
    ] {
        let html = page.text();
        assert!(!html.contains("<script>alert") && !html.contains("<img"), "{html}");
        assert!(html.contains("alert(1)"), "the text is not there");
    }
}

#[test]
fn a_page_has_nothing_that_the_api_withholds_from_its_viewer() {
    let (report, _) = life::submit(&life::body());
    report.assign();
    report.accept();
    let key = report.seen_by(officers::TIKET).json();
    let (submitted, channel) =
        (key["submitted_at"].as_str().unwrap()[..10].to_owned(), key["channel"].as_str().unwrap().to_owned());
    let day = format!("{}-{}-{}", &submitted[8..10], &submitted[5..7], &submitted[..4]);
    let mut unit = Visitor::signed_in(officers::UNIT);
    for path in [
        page_of(&report),
        format!("{}/lembar", page_of(&report)),
        "/petugas/meja?desk=unit:sudin-bina-marga-jaksel".to_owned(),
    ] {
        let html = unit.get(&path).expect(200).text();
        for secret in [canary::NAME, canary::PHONE, canary::EMAIL, canary::CHANNEL_REF] {
            assert!(!html.contains(secret), "{path} says {secret}");
        }
        // The sheet says when it was printed, which is today too.
        if !path.ends_with("lembar") {
            assert!(!html.contains(&day) && !html.contains(&submitted), "{path} says the day");
        }
        assert!(!html.contains(&format!(">{channel}<")), "{path} says the channel");
        assert!(!html.contains("eyJ"), "{path} has a token");
    }
}

#[test]
fn a_form_that_is_sent_twice_acts_once_and_says_so() {
    let (report, mut officer) = at_the_unit();
    let page = officer
        .get(&format!("{}?dari=desk%3Dunit%253Asudin-bina-marga-jaksel", page_of(&report)))
        .expect(200);
    let first = send(&mut officer, &page, &report, "accept", &[]).expect(303);
    let again = send(&mut officer, &page, &report, "accept", &[]).expect(303);
    assert!(!first.headers["location"].contains("replay"));
    let told = officer.get(&again.headers["location"]).expect(200).text();
    assert!(told.contains("Ini sudah dilakukan sebelumnya"), "{told}");
    let history = report.seen_by(officers::UNIT).json()["history"].clone();
    assert_eq!(history.as_array().unwrap().iter().filter(|entry| entry["event"] == "accept").count(), 1);
}

#[test]
fn a_change_meanwhile_is_shown_beside_what_was_typed_and_one_press_goes_on() {
    let (report, mut officer) = at_the_unit();
    let page = officer.get(&page_of(&report)).expect(200);
    let changed = json!({"text": "Catatan rekan sementara itu", "audience": "all"});
    report.command(officers::UNIT_COLLEAGUE, "notes", &changed).expect(200);
    let reason = "Bukan di wilayah unit kami";
    let conflict = send(&mut officer, &page, &report, "return", &[("reason", reason)]).expect(409);
    let html = conflict.text();
    assert!(html.contains("Yang berubah sejak Anda membuka laporan ini"), "{html}");
    assert!(html.contains("Catatan rekan sementara itu"));
    assert!(act_form(&conflict, "return").contains(reason));
    send(&mut officer, &conflict, &report, "return", &[("reason", reason)]).expect(303);
    assert_eq!(report.status(), "menunggu");
}

#[test]
fn what_is_sent_after_the_session_has_ended_is_shown_and_can_be_sent_again() {
    let (report, mut officer) = at_the_unit();
    let page = officer.get(&page_of(&report)).expect(200);
    let reason = "Bukan di wilayah unit kami";
    let mut ended = Visitor::default();
    let answer = send(&mut ended, &page, &report, "return", &[("reason", reason)]).expect(401);
    let html = answer.text();
    assert!(html.contains(reason) && html.contains("target=\"_blank\""), "{html}");
    // Signed in anew in another tab, the same page sends it again; its form has no token yet.
    let mut again = Visitor::signed_in(officers::UNIT);
    let fields =
        [("key", field(&html, "key")), ("version", field(&html, "version")), ("reason", reason.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let shown = again.post(&format!("{}/return", page_of(&report)), &fields).expect(403);
    assert!(act_form(&shown, "return").contains(reason));
    send(&mut again, &shown, &report, "return", &[("reason", reason)]).expect(303);
    assert_eq!(report.status(), "menunggu");
}

#[test]
fn a_sentence_with_a_blank_and_personal_data_come_back_before_anybody_reads_them() {
    let (report, mut officer) = at_the_unit();
    let page = officer.get(&page_of(&report)).expect(200);
    let blank =
        send(&mut officer, &page, &report, "return", &[("reason", "Lokasi di [nama jalan]")]).expect(422);
    assert!(act_form(&blank, "return").contains("kurung siku"));
    let typed = "Hubungi 0812-3456-7890 untuk penjelasan";
    let marked = send(&mut officer, &page, &report, "return", &[("reason", typed)]).expect(422);
    let form = act_form(&marked, "return");
    assert!(form.contains("<mark") && form.contains("0812-3456-7890"), "{form}");
    assert_eq!(report.status(), "koordinasi");
    send(&mut officer, &marked, &report, "return", &[("reason", typed), ("send-anyway", "1")]).expect(303);
    assert_eq!(report.status(), "menunggu");
}

/// Sends the form of an act as a script does that keeps it until it knows what became of it.
#[track_caller]
fn send_by_script(
    visitor: &mut Visitor,
    page: &Answer,
    report: &Report,
    act: &str,
    typed: &[(&str, &str)],
) -> Answer {
    let hidden = hidden_fields(page, act);
    let mut fields: Vec<(&str, &str)> =
        hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.retain(|(name, _)| !typed.iter().any(|(other, _)| other == name));
    fields.extend_from_slice(typed);
    let form = Visitor::form(&format!("{}/{act}", page_of(report)), &fields);
    visitor.send(form.header("Sec-Fetch-Site", "same-origin").header("Accept", "application/json"))
}

#[test]
fn a_script_is_told_what_became_of_a_form_and_where_to_go() {
    let (report, mut officer) = at_the_unit();
    let page = officer.get(&page_of(&report)).expect(200);
    let note = [("text", "Alat berat datang besok"), ("audience", "bureau")];
    let to = |answer: &Answer| answer.json()["to"].as_str().expect("an address").to_owned();
    let first = send_by_script(&mut officer, &page, &report, "note", &note).expect(200);
    assert_eq!(to(&first), format!("{}?act=note", page_of(&report)));
    // A script sends by itself, with nobody there: that prolongs no session.
    assert!(!first.headers.contains_key("set-cookie"));
    let again = send_by_script(&mut officer, &page, &report, "note", &note).expect(200);
    assert_eq!(to(&again), format!("{}?act=note&replay=1", page_of(&report)));

    let blank = [("reason", "Bukan wilayah kami: [nama jalan]")];
    let refused = send_by_script(&mut officer, &page, &report, "return", &blank).expect(422);
    assert!(refused.json()["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    let personal = [("reason", "Tanyakan ke 081234567890")];
    let refused = send_by_script(&mut officer, &page, &report, "return", &personal).expect(422);
    assert!(refused.json()["detail"].as_str().is_some_and(|detail| !detail.is_empty()));

    // Of another session's page it is kept for the next one.
    let foreign = [("token", "AAAA"), ("text", "x"), ("audience", "bureau")];
    let waits = send_by_script(&mut officer, &page, &report, "note", &foreign).expect(403);
    assert_eq!(waits.json(), json!({"state": "signed-out"}));
}

#[test]
fn a_photo_moves_its_form_to_the_new_version_and_asking_after_it_is_no_look() {
    let (report, mut officer) = at_the_unit();
    report.accept();
    let page = officer.get(&page_of(&report)).expect(200);
    // The form takes photos before there are any, and says what it leads to.
    assert!(act_form(&page, "post_tl").contains("class=\"outcome\""));
    let version = field(&act_form(&page, "post_tl"), "version");
    let looks = || {
        let path = report.path("accesses");
        life::by(officers::ADMINISTRATOR, "GET", &path).send().expect(200).json()["items"].clone()
    };
    let of_officer = |looks: &serde_json::Value| {
        let looks = looks.as_array().expect("looks");
        looks.iter().filter(|look| look["officer"]["name"] == "Budi Santoso").count()
    };
    let before = of_officer(&looks());
    let picture = life::fresh_photo();
    let declared = life::declared(&picture);
    let (key, token) = (fresh_key(), token(&page));
    let size = picture.len().to_string();
    let fields = [
        ("token", token.as_str()),
        ("key", key.as_str()),
        ("version", version.as_str()),
        ("kind", "before"),
        ("content_type", "image/jpeg"),
        ("size", size.as_str()),
        ("sha256", declared["sha256"].as_str().expect("a digest")),
    ];
    let address = format!("{}/unggah", page_of(&report));
    let answer = officer.post(&address, &fields).expect(201).json();
    assert_ne!(answer["version"], json!(version));
    life::upload(&answer["uploads"][0], &picture).expect(200);
    eventually("the photo is ready", || {
        let again = officer.post(&address, &fields).expect(201).json();
        (again["photos"][0]["state"] == "ready").then_some(())
    });
    assert_eq!(of_officer(&looks()), before);
    let page = officer.get(&page_of(&report)).expect(200);
    assert_eq!(json!(field(&act_form(&page, "post_tl"), "version")), answer["version"]);
    // A photo for a form of the version before is a conflict that its script hears of.
    let other = fresh_key();
    let fields =
        fields.map(|(name, value)| if name == "key" { (name, other.as_str()) } else { (name, value) });
    officer.post(&address, &fields).expect(412);
}

#[test]
fn a_script_is_given_a_nonce_and_what_it_declares_with_it_is_marked_for_whoever_judges() {
    let (report, mut officer) = at_the_unit();
    // The browser gives no page a camera but one that has a form for pictures.
    let has_camera = |answer: &Answer| {
        let policy = &answer.headers["permissions-policy"];
        assert!(policy.contains("camera=(self)") != policy.contains("camera=()"), "{policy}");
        policy.contains("camera=(self)")
    };
    assert!(!has_camera(&officer.get(&page_of(&report)).expect(200)));
    report.accept();
    let page = officer.get(&page_of(&report)).expect(200);
    assert!(has_camera(&page) && !has_camera(&officer.get("/petugas/meja")));

    let token = token(&page);
    let ask = |officer: &mut Visitor, token: &str| {
        let call = Visitor::form(&format!("{}/kamera", page_of(&report)), &[("token", token)]);
        officer.send(call.header("Accept", "application/json"))
    };
    let given = ask(&mut officer, &token).expect(201);
    assert!(given.cookies.is_empty(), "a script prolongs no session");
    let given = given.json();
    assert_eq!(given["expires_in"], 300);
    assert_eq!(ask(&mut officer, "forged").expect(403).json()["state"], "signed-out");
    assert_eq!(ask(&mut Visitor::signed_in(officers::OTHER_UNIT), &token).status, 403);
    let mut photos = Vec::new();
    for (kind, nonce) in [("before", None), ("after", given["nonce"].as_str())] {
        let (picture, key) = (life::fresh_photo(), fresh_key());
        let (declared, size) = (life::declared(&picture), picture.len().to_string());
        let mut fields = vec![
            ("token", token.as_str()),
            ("key", key.as_str()),
            ("version", ""),
            ("kind", kind),
            ("content_type", "image/jpeg"),
            ("size", size.as_str()),
            ("sha256", declared["sha256"].as_str().expect("a digest")),
        ];
        fields.extend(nonce.map(|nonce| ("camera", nonce)));
        let answer = officer.post(&format!("{}/unggah", page_of(&report)), &fields).expect(201).json();
        assert_eq!(answer["photos"][0]["live"], json!(nonce.is_some()));
        life::upload(&answer["uploads"][0], &picture).expect(200);
        photos.push(answer["photos"][0]["photo"].as_str().expect("an id").to_owned());
    }
    for photo in &photos {
        report.await_cleaning(officers::UNIT, photo);
    }
    let tl = json!({"narrative": "Lubang sudah ditambal", "photos": photos});
    report.command(officers::UNIT, "tl", &tl).expect(200);
    for (language, file, live) in
        [("id", "Berkas", "Diambil di halaman"), ("en", "A file", "Taken in the page")]
    {
        let page =
            Visitor::signed_in(officers::VALIDASI).get(&format!("{}?bahasa={language}", page_of(&report)));
        let html = page.expect(200).text();
        for (photo, mark) in photos.iter().zip([file, live]) {
            // Once in the round, and once in the list of all.
            let link = format!("/foto/{photo}\"");
            let marks = html.split(&link).skip(1);
            let marked =
                marks.filter(|rest| rest.split("</li>").next().is_some_and(|item| item.contains(mark)));
            assert_eq!(marked.count(), 2, "{mark}");
        }
    }
}
