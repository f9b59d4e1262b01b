//! A day outside on a telephone of 360 × 640 pixels: a crew's and a verifier's, from the desk to what they send. Where the work is, where the
//! officer is, and what of that leaves the device.

use crate::{
    accessibility::{Inspection, TELEPHONE},
    browser::Browser,
    line::Line,
    officer::{page_of, times},
    webdriver::{ENTER, TAB},
};
use domain::status::Status;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{
    accounts::{Account, OwnUnit},
    life::{self, Report},
    officers,
};

/// Where officers stand; nothing else is there.
const HERE: (f64, f64) = (-6.131_345_6, 106.929_876_5);

/// A browser on a telephone, with an officer signed in.
fn telephone(language: &'static str, officer: &str) -> (Line, Browser) {
    let line = Line::lay();
    let browser = Browser::on_line(language, &line);
    browser.set_screen(TELEPHONE.0, TELEPHONE.1);
    browser.go("/petugas");
    browser.sign_in(officer);
    (line, browser)
}

/// A report at this place on the desk of a unit.
fn on_desk_of(unit: &OwnUnit, location: &Value) -> Report {
    let mut body = life::body();
    body["location"] = location.clone();
    let (report, _) = life::submit(&body);
    let assign = json!({"action": "assign", "unit": unit.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    report
}

/// A report that waits for a look, and a verifier before its page.
fn at_the_place(language: &'static str) -> (Report, Line, Browser) {
    let report = life::in_status(Status::MenungguVerifikasi, &life::body());
    let verifier = Account::new(&["petugas-verifikasi"], None);
    let (line, browser) = telephone(language, &verifier.username);
    browser.go(&page_of(&report));
    browser.unfold("verify");
    (report, line, browser)
}

/// Fills in a finding but for the position.
fn find(browser: &Browser) {
    browser.run("document.querySelector('#verify-conforms-yes').click()");
    browser.fill("#verify-finding", "Sudah rata dengan jalan");
    browser.choose_photo("verify", "field", &life::fresh_photo());
}

/// Where the officer was at the last act of this name, as a validator is told.
fn location_of(report: &Report, event: &str) -> Value {
    let seen = report.seen_by(officers::VALIDASI).expect(200).json();
    let history = seen["history"].as_array().expect("a history");
    let entry = history.iter().rfind(|entry| entry["event"] == event).expect("the act");
    entry["location"].clone()
}

/// Comes to the map of the form, which is drawn once it is near.
fn see_map(browser: &Browser) {
    browser.run("document.querySelector('#act-verify .map').scrollIntoView()");
    browser.await_it("the map", || browser.has("#act-verify .map-canvas").then_some(()));
}

fn press_send(browser: &Browser, act: &str) {
    browser.click(&format!("#act-{act} form > .actions button"));
}

#[rstest]
fn a_crews_day_goes_by_fingers_on_a_small_screen(#[values("id", "en")] language: &'static str) {
    let unit = OwnUnit::new(None);
    let report = on_desk_of(&unit, &life::body()["location"]);
    let (line, browser) = telephone(language, &unit.officer().username);
    let mut pages = Inspection::new();
    browser.press_named(browser.t("desk.unit"));
    pages.look_at_outside(&browser, "crew-desk");
    browser.press_named(&report.ticket);
    browser.unfold("accept");
    pages.look_at_outside(&browser, "crew-report");
    browser.send("accept");
    browser.see_done("event.accept");
    pages.look_at_outside(&browser, "crew-accepted");

    browser.press_named(&report.ticket);
    browser.unfold("post_tl");
    browser.fill("#post_tl-narrative", "Lubang ditutup dengan aspal panas");
    for kind in ["before", "after"] {
        browser.choose_photo("post_tl", kind, &life::fresh_photo());
    }
    browser.stand_at(HERE, 8.0);
    browser.measure("post_tl", 20.0);
    browser.see_measured("post_tl", "location.measured_text", 8);
    pages.look_at_outside(&browser, "crew-tl");
    // The page is killed before it is sent: the position is not lost either.
    browser.see_kept("pictures", 2);
    let measured = browser.value("#post_tl-location-measured");
    browser.kill_tab();
    browser.set_screen(TELEPHONE.0, TELEPHONE.1);
    browser.go(&page_of(&report));
    browser.see(browser.t("draft.restored"));
    assert_eq!(browser.value("#post_tl-location-measured"), measured);
    line.down();
    press_send(&browser, "post_tl");
    browser.see(browser.t("not_sent.title"));
    browser.see(browser.t("not_sent.kept"));
    pages.look_at_outside(&browser, "crew-not-sent");
    line.mend();
    browser.click("[data-not-sent] [data-send-now]");
    browser.see_kept("outbox", 0);
    let expected = json!({"lat": -6.131_345_6, "lon": 106.929_876_5, "accuracy_m": 8.0, "by": "device"});
    assert_eq!(location_of(&report, "post_tl"), expected);
    pages.end();
}

#[rstest]
fn a_verifiers_day_goes_by_fingers_on_a_small_screen(#[values("id", "en")] language: &'static str) {
    let report = life::in_status(Status::MenungguVerifikasi, &life::body());
    let verifier = Account::new(&["petugas-verifikasi"], None);
    let (_line, browser) = telephone(language, &verifier.username);
    let mut pages = Inspection::new();
    browser.press_named(browser.t("desk.verifikasi"));
    pages.look_at_outside(&browser, "verifier-desk");
    browser.go(&page_of(&report));
    browser.run("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
    pages.look_at_outside(&browser, "verifier-report");
    for way in ["device", "hand", "words"] {
        browser.run(&format!("document.querySelector('#verify-location-by-{way}').click()"));
        if way == "hand" {
            see_map(&browser);
        }
        pages.look_at_outside(&browser, &format!("verifier-{way}"));
    }
    // What is wrong is said above the form, with a way to it.
    find(&browser);
    browser.fill("#verify-location-words", "Di seberang gerbang pasar");
    browser.send("verify");
    browser.see(browser.t("location.no_reason"));
    pages.look_at_outside(&browser, "verifier-wrong");
    browser.fill("#verify-location-reason", "Tidak ada sinyal di bawah atap");
    browser.send("verify");
    browser.see_done("event.verify");
    pages.look_at_outside(&browser, "verifier-done");
    pages.end();
    let expected = json!({"address": "Di seberang gerbang pasar", "by": "words", "reason": "Tidak ada sinyal di bawah atap"});
    assert_eq!(location_of(&report, "verify"), expected);
    assert_eq!(report.status(), "selesai");
}

#[rstest]
fn whoever_could_not_look_chooses_that_with_a_sentence_of_the_citys_and_it_waits_for_a_line(
    #[values("id", "en")] language: &'static str,
) {
    let (report, line, browser) = at_the_place(language);
    browser.find_named(browser.t("act.could_not_look"));
    browser.unfold("could_not_look");
    browser.click("#act-could_not_look .inserts button");
    let sentence = browser.value("#could_not_look-reason");
    let (before, rest) = sentence.split_once('[').expect("a blank");
    let (blank, after) = rest.split_once(']').expect("a blank");
    // The blank is selected, so that one types over it.
    browser.type_keys("gerbang terkunci");
    let expected = format!("{before}gerbang terkunci{after}");
    assert_ne!(blank, "");
    assert_eq!(browser.value("#could_not_look-reason"), expected);
    let mut page = Inspection::new();
    page.look_at_outside(&browser, "verifier-could-not-look");
    page.end();
    line.down();
    press_send(&browser, "could_not_look");
    browser.see(browser.t("not_sent.kept"));
    browser.see_kept("outbox", 1);
    assert_eq!(report.status(), "menunggu_verifikasi");
    line.mend();
    browser.click("[data-not-sent] [data-send-now]");
    browser.see_kept("outbox", 0);
    let seen = report.seen_by(officers::VALIDASI);
    assert_eq!((report.status().as_str(), times(&seen, "could_not_look")), ("menunggu_validasi", 1));
    let history = seen.json()["history"].clone();
    assert!(history.to_string().contains(&expected), "{history}");
}

#[rstest]
fn a_position_that_is_too_rough_is_not_taken_and_one_by_hand_says_why(
    #[values("id", "en")] language: &'static str,
) {
    let (report, line, browser) = at_the_place(language);
    line.said();
    browser.stand_at(HERE, 120.0);
    browser.measure("verify", 0.5);
    browser.see_measured("verify", "location.rough", 120);
    assert_eq!(browser.value("#verify-location-measured"), "");
    find(&browser);
    // It is not kept for a place where the officer is not any more.
    press_send(&browser, "verify");
    browser.see(browser.t("location.missing"));
    browser.see_kept("outbox", 0);

    // On the map, by the keys: the middle is the report's place.
    browser.run("document.querySelector('#verify-location-by-hand').click()");
    see_map(&browser);
    browser.run("document.querySelector('#act-verify .map-canvas').focus()");
    browser.type_keys(ENTER);
    browser.await_it("a place", || (!browser.value("#verify-location-lat").is_empty()).then_some(()));
    browser.send("verify");
    browser.see(browser.t("location.no_reason"));
    browser.fill("#verify-location-reason", "Perangkat hanya memberi 120 m");
    browser.send("verify");
    browser.see_done("event.verify");
    let expected =
        json!({"lat": -6.058_81, "lon": 106.845_61, "by": "hand", "reason": "Perangkat hanya memberi 120 m"});
    assert_eq!(location_of(&report, "verify"), expected);
    assert!(!line.said().contains("6.13"), "what was not taken left the device");
    let validator = Browser::of(language, officers::VALIDASI);
    validator.go(&page_of(&report));
    validator.see(validator.t("history.location_reason"));
    validator.see("Perangkat hanya memberi 120 m");
}

#[test]
fn a_second_press_takes_the_best_so_far_and_nothing_is_measured_before_the_first() {
    let (report, line, browser) = at_the_place("id");
    browser.stand_at(HERE, 34.2);
    line.said();
    find(&browser);
    assert_eq!(browser.value("#verify-location-measured"), "");
    browser.measure("verify", 600.0);
    browser.see_measured("verify", "location.measuring", 35);
    browser.click("#act-verify [data-measure-button]");
    browser.see_measured("verify", "location.measured_text", 35);
    assert!(!line.said().contains("6.13"), "the position left the device before the form");
    browser.send("verify");
    browser.see_done("event.verify");
    assert_eq!(location_of(&report, "verify")["accuracy_m"], 35.0);
}

#[test]
fn a_browser_that_may_not_ask_says_so_and_the_words_remain() {
    let (report, _line, browser) = at_the_place("id");
    browser.refuse_position();
    browser.measure("verify", 600.0);
    browser.see_measured("verify", "location.forbidden", 0);
    find(&browser);
    browser.run("document.querySelector('#verify-location-by-words').click()");
    browser.fill("#verify-location-words", "Depan kios nomor 4");
    browser.fill("#verify-location-reason", "Izin posisi ditolak");
    browser.send("verify");
    browser.see_done("event.verify");
    assert_eq!(location_of(&report, "verify")["by"], "words");
}

#[test]
fn without_scripts_a_finding_has_its_position_by_hand_or_in_words() {
    let report = life::in_status(Status::MenungguVerifikasi, &life::body());
    let verifier = Account::new(&["petugas-verifikasi"], None);
    report.add_photos(&verifier.username, &["field"]);
    let browser = Browser::with("id", 1100, false);
    browser.go("/petugas");
    browser.sign_in(&verifier.username);
    browser.go(&page_of(&report));
    browser.unfold("verify");
    browser.see_not(browser.t("location.measure"));
    browser.click("#verify-conforms-yes");
    browser.fill("#verify-finding", "Sudah rata dengan jalan");
    browser.send("verify");
    browser.see(browser.t("location.no_measurement"));
    browser.click("#verify-location-by-hand");
    browser.fill("#verify-location-lat", "-6,0588");
    browser.fill("#verify-location-lon", "106,8456");
    browser.fill("#verify-location-reason", "Peramban tanpa skrip");
    browser.send("verify");
    browser.see_done("event.verify");
    let expected = json!({"lat": -6.0588, "lon": 106.8456, "by": "hand", "reason": "Peramban tanpa skrip"});
    assert_eq!(location_of(&report, "verify"), expected);
}

/// The tickets of the desk, as they stand on the page.
fn order(browser: &Browser) -> Vec<String> {
    let tickets = browser.run(
        "return [...document.querySelectorAll('table.desk tbody .ticket')].map((link) => link.textContent)",
    );
    tickets.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[rstest]
fn the_lines_of_a_desk_are_on_a_map_and_nearest_first_and_nobody_is_told_where_the_officer_is(
    #[values("id", "en")] language: &'static str,
) {
    let unit = OwnUnit::new(None);
    let at = |lat: f64, lon: f64| json!({"lat": lat, "lon": lon, "accuracy_m": 5000});
    // 1.1 km, 350 m and 7.8 km away, the last two at one place; and one without a position. So rough that no unit gets them by itself.
    let places = [at(-6.1412, 106.9299), at(-6.1345, 106.9299), at(-6.0612, 106.9299), at(-6.0612, 106.9299)];
    let [near, nearest, ..] = places.each_ref().map(|place| on_desk_of(&unit, place).ticket);
    let without = on_desk_of(&unit, &json!({"address": "Gang Mangga 3"})).ticket;
    let (line, browser) = telephone(language, &unit.officer().username);
    browser.press_named(browser.t("desk.unit"));
    let at_first = order(&browser);
    assert_eq!(at_first.len(), 5);
    browser.see(browser.t("lines.nearest"));
    assert!(!line.said().contains("outlines_at"), "the map costs nothing before it is opened");

    browser.click_named(browser.t("lines.map"));
    let links = "return [...document.querySelectorAll('a.map-line')].map((link) => link.textContent)";
    let numbers = browser.await_it("numbers", || {
        let found = browser.run(links);
        found.as_array().filter(|found| found.len() == 4).cloned()
    });
    let is_placed = |number: usize| at_first[number - 1] != without;
    let expected: Vec<Value> =
        (1..=5).filter(|number| is_placed(*number)).map(|number| json!(number.to_string())).collect();
    assert_eq!(numbers, expected);
    browser.await_it("outlines", || line.said().contains("outlines_at").then_some(()));
    // The one without a place is listed as such.
    browser.see(browser.t("lines.without_place"));
    let listed = browser.words_of(".lines .links").expect("a list");
    assert!(listed.contains(&without), "{listed}");
    let mut page = Inspection::new();
    page.look_at_outside(&browser, "desk-map");
    // A number leads to its line, by a finger and by the keys.
    let leads_to = |number: &Value| {
        let place: usize = number.as_str().and_then(|number| number.parse().ok()).expect("a number");
        browser.await_it("the line", || {
            let focused = browser.run("return document.activeElement.textContent");
            (focused == json!(at_first[place - 1])).then_some(())
        });
    };
    browser.run("document.querySelector('a.map-line').click()");
    leads_to(&numbers[0]);
    browser.run("document.querySelector('.map-buttons button:last-child').focus()");
    let second = "return document.activeElement === document.querySelectorAll('a.map-line')[1]";
    browser.await_it("the second number", || {
        browser.type_keys(TAB);
        (browser.run(second) == true).then_some(())
    });
    browser.type_keys(ENTER);
    leads_to(&numbers[1]);

    line.said();
    browser.stand_at(HERE, 20.0);
    browser.click_named(browser.t("lines.nearest"));
    let (before, after) = browser.t("lines.sorted").split_once("{metres}").expect("the accuracy");
    browser.see(&format!("{before}20{after}"));
    let sorted = order(&browser);
    assert_eq!(sorted[..2], [nearest.clone(), near.clone()]);
    assert_eq!(sorted[4], without);
    let shown = browser.run(
        "return [...document.querySelectorAll('[data-distance]')].map((shown) => shown.textContent.trim())",
    );
    let far = if language == "id" { ["1,1 km", "7,8 km"] } else { ["1.1 km", "7.8 km"] };
    assert_eq!(shown, json!(["350 m", far[0], far[1], far[1]]));
    page.look_at_outside(&browser, "desk-nearest");
    page.end();
    browser.press_named(&nearest);
    browser.see(&nearest);
    let said = line.said();
    for digits in ["6.13", "106.92", "106.93"] {
        let at =
            said.find(digits).map(|at| said[at.saturating_sub(60)..].chars().take(120).collect::<String>());
        assert_eq!(at, None, "the position left the device");
    }
    for digits in ["6.1313", "106.9298"] {
        assert!(!browser.kept().contains(digits), "the position is kept");
    }
    // Whoever comes back finds the desk's order.
    browser.press_named(browser.t("desk.unit"));
    assert_eq!(order(&browser), at_first);
    // And one press puts it back on the same page.
    browser.click_named(browser.t("lines.nearest"));
    browser.see(browser.t("lines.back"));
    assert_ne!(order(&browser), at_first);
    browser.click_named(browser.t("lines.back"));
    browser.see(browser.t("lines.sorted_back"));
    assert_eq!(order(&browser), at_first);
    assert!(!browser.has("[data-distance]"));
}

#[test]
fn without_scripts_a_desk_stays_as_it_is() {
    let unit = OwnUnit::new(None);
    let report = on_desk_of(&unit, &life::body()["location"]);
    let browser = Browser::with("id", 1100, false);
    browser.go("/petugas");
    browser.sign_in(&unit.officer().username);
    browser.press_named(browser.t("desk.unit"));
    browser.see(&report.ticket);
    for name in ["lines.map", "lines.nearest"] {
        browser.see_not(browser.t(name));
    }
}
