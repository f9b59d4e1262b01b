//! Each page that a role has, in both languages: without barriers that can be found by a program, and with nothing beyond the right edge
//! of a telephone's screen. Pictures of them are kept.

use crate::{accessibility::Inspection, browser::Browser, officer::page_of};
use domain::status::Status;
use rstest::rstest;
use serde_json::json;
use tests::{
    accounts::{Account, OwnUnit, cognito_of_operator},
    http::fresh_key,
    life::{self, Report},
    officers,
    operator::wait,
    stack::stack,
};

/// Opens all forms of a report's page.
fn unfold_all(browser: &Browser) {
    browser.run("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
}

/// A report on the desk of a unit that no other test has.
fn on_desk_of(unit: &OwnUnit) -> Report {
    let (report, _) = life::submit(&life::body());
    let assign = json!({"action": "assign", "unit": unit.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    report
}

#[rstest]
fn nobody_meets_a_barrier_before_signing_in(#[values("id", "en")] language: &'static str) {
    let mut pages = Inspection::new();
    let browser = Browser::open(language);
    browser.go("/petugas/meja");
    pages.look_at(&browser, "nobody-sign-in");
    browser.fill("#username", officers::UNIT);
    browser.fill("#password", "Salah-Sama-Sekali-0");
    browser.press_named(browser.t("sign_in.go_on"));
    browser.see(browser.t("sign_in.wrong_password"));
    pages.look_at(&browser, "nobody-wrong-password");
    for page in ["unit", "tiket", "validasi", "verifikasi", "administrator", "masuk", "aksesibilitas"] {
        browser.go(&format!("/petugas/bantuan/{page}"));
        pages.look_at(&browser, &format!("nobody-help-{page}"));
    }
    browser.go("/petugas/bantuan/tidak-ada");
    browser.see(browser.t("message.not_found"));
    pages.look_at(&browser, "nobody-not-found");
    pages.end();
}

#[rstest]
fn nobody_meets_a_barrier_in_the_steps_of_signing_in(#[values("id", "en")] language: &'static str) {
    let mut pages = Inspection::new();
    let account = first_time_account();
    let browser = Browser::open(language);
    browser.go("/masuk");
    browser.sign_in(&account);
    browser.see(browser.t("sign_in.new_password_title"));
    pages.look_at(&browser, "nobody-new-password");
    let password = "Kata-Sandi-Sendiri-02";
    browser.fill("#new-password", password);
    browser.fill("#again-password", "lain");
    browser.press_named(browser.t("sign_in.go_on"));
    browser.see(browser.t("sign_in.weak_password"));
    pages.look_at(&browser, "nobody-weak-password");
    browser.fill("#new-password", password);
    browser.fill("#again-password", password);
    browser.press_named(browser.t("sign_in.go_on"));
    browser.go("/petugas/akun");
    pages.look_at(&browser, "unit-account");
    browser.fill("#password", password);
    browser.press_named(browser.t("account.new_factor"));
    pages.look_at(&browser, "unit-account-factor");
    let key = browser.words_of("code.key").expect("a key");
    browser.fill("#code", &crate::one_time_code::now(&key));
    browser.press_named(browser.t("sign_in.go_on"));
    browser.see(browser.t("account.enrolled"));
    pages.look_at(&browser, "unit-account-enrolled");
    browser.sign_out();
    pages.look_at(&browser, "unit-signed-out");
    browser.press_named(browser.t("ended.sign_in"));
    browser.fill("#username", &account);
    browser.fill("#password", password);
    browser.press_named(browser.t("sign_in.go_on"));
    browser.see(browser.t("sign_in.code_title"));
    pages.look_at(&browser, "nobody-code");
    pages.end();
}

/// The username of an account whose password is another's until the first sign-in.
fn first_time_account() -> String {
    let account = Account::new(&["petugas-opd"], Some(officers::UNIT_CODE));
    let password = cognito_of_operator()
        .admin_set_user_password()
        .user_pool_id(&stack().user_pool)
        .username(&account.username)
        .password(tests::accounts::PASSWORD)
        .permanent(false);
    wait(password.send()).expect("a password");
    account.username
}

#[rstest]
fn a_unit_meets_no_barrier(#[values("id", "en")] language: &'static str) {
    let mut pages = Inspection::new();
    let unit = OwnUnit::new(None);
    let officer = unit.officer();
    let browser = Browser::of(language, &officer.username);
    browser.see(browser.t("desk.empty"));
    pages.look_at(&browser, "unit-desk-empty");
    let report = on_desk_of(&unit);
    let ticket = &report.ticket;
    on_desk_of(&unit);
    browser.press_named(browser.t("desk.below"));
    browser.find_named(ticket);
    pages.look_at(&browser, "unit-desk");
    browser.choose("#category", "banjir");
    browser.press_named(browser.t("filter.apply"));
    browser.see(browser.t("desk.empty_filtered"));
    pages.look_at(&browser, "unit-desk-filtered");
    browser.go(&page_of(&report));
    unfold_all(&browser);
    pages.look_at(&browser, "unit-report");
    browser.run("document.querySelectorAll('details').forEach((details) => { details.open = false; })");
    browser.unfold("return");
    browser.fill("#return-reason", "[nama jalan] bukan wilayah kami");
    browser.send("return");
    browser.see(browser.t("field.blank_left"));
    pages.look_at(&browser, "unit-report-errors");
    browser.go(&page_of(&report));
    browser.unfold("accept");
    browser.send("accept");
    browser.see_done("event.accept");
    report.add_photos(&officer.username, &["before", "after"]);
    browser.go(&page_of(&report));
    unfold_all(&browser);
    pages.look_at(&browser, "unit-report-accepted");
    browser.choose_photo("post_tl", "before", &life::fresh_photo());
    browser.choose_file("post_tl", "after", "jpg", b"no photo");
    browser.await_it("a photo that is ready", || {
        browser.has("#act-post_tl .photo-card[data-photo-state=ready]").then_some(())
    });
    pages.look_at(&browser, "unit-report-photos");
    browser.click("#act-post_tl .photo-card[data-photo-state=refused] [data-photo-remove]");
    browser.unfold("post_tl");
    browser.fill("#post_tl-narrative", "Sudah ditelepon ke 081299887766, beres");
    browser.send("post_tl");
    browser.see(browser.t("act.send_anyway"));
    pages.look_at(&browser, "unit-report-personal-data");
    browser.forget_cookies();
    browser.send("post_tl");
    browser.see(browser.t("ended.title"));
    pages.look_at(&browser, "unit-session-ended");
    // What could not be sent waits for the next session, and is listed where it is refused.
    browser.go("/petugas");
    browser.sign_in(&officer.username);
    browser.see(browser.t("not_sent.discard"));
    pages.look_at(&browser, "unit-desk-not-sent");
    pages.end();
}

#[rstest]
fn the_ticket_desk_meets_no_barrier(#[values("id", "en")] language: &'static str) {
    let mut pages = Inspection::new();
    let place = fresh_key();
    let mut body = life::body();
    body["location"]["address"] = json!(format!("Jl. {place}"));
    let (other, _) = life::submit(&body);
    let (report, _) = life::submit(&body);
    let browser = Browser::of(language, officers::TIKET);
    pages.look_at(&browser, "tiket-desk");
    browser.press_named(browser.t("desk.questions"));
    pages.look_at(&browser, "tiket-desk-questions");
    browser.go(&page_of(&report));
    unfold_all(&browser);
    pages.look_at(&browser, "tiket-report");
    browser.fill("#assign-summary", "Lubang di depan pasar");
    let correct = json!({"category": "trotoar-rusak", "reason": "Yang rusak trotoarnya"});
    report.command(officers::ADMINISTRATOR, "correction", &correct);
    report.command(officers::TIKET, "correction", &correct);
    browser.send("assign");
    browser.see(browser.t("act.changed_since"));
    pages.look_at(&browser, "tiket-report-changed");
    browser.go(&format!("{}/duplikat", page_of(&report)));
    pages.look_at(&browser, "tiket-duplicates");
    browser.go(&format!("{}/duplikat?dengan={}", page_of(&report), other.ticket));
    pages.look_at(&browser, "tiket-duplicates-compared");
    browser.go(&format!("{}/lembar", page_of(&report)));
    pages.look_at(&browser, "tiket-sheet");
    browser.fill("#look-up", "bukan tiket");
    browser.press_named(browser.t("frame.open"));
    browser.see(browser.t("message.no_ticket_title"));
    pages.look_at(&browser, "tiket-no-ticket");
    browser.go(&format!("/petugas/laporan/{}", life::unknown_ticket()));
    browser.see(browser.t("message.not_found"));
    pages.look_at(&browser, "tiket-not-found");
    pages.end();
}

/// The ground of a map is the city's own outlines, and nobody else is asked for anything.
#[test]
fn a_reports_map_shows_the_outlines_around_it_and_asks_nobody_else() {
    let mut body = life::body();
    body["location"] = json!({"lat": -6.2201, "lon": 106.8562, "accuracy_m": 12});
    let (report, _) = life::submit(&body);
    let browser = Browser::of("id", officers::ADMINISTRATOR);
    browser.go(&page_of(&report));
    let facts = browser.words_of("dl.pairs").unwrap();
    for told in ["-6.2201, 106.8562", "12 m", "Kelurahan Bukit Duri"] {
        assert!(facts.contains(told), "{told} is not in {facts}");
    }
    browser.run("document.querySelector('[data-map]').scrollIntoView()");
    // Where the nearest border is 300 metres away, it is in sight.
    let in_sight = "const map = document.querySelector('[data-map]').getBoundingClientRect();
        return [...document.querySelectorAll('path.map-outline')].some((path) => {
            const {left, right, top, bottom, width, height} = path.getBoundingClientRect();
            return width + height > 0 && left < map.right && right > map.left && top < map.bottom && bottom > map.top;
        })";
    browser.await_it("an outline", || (browser.run(in_sight) == true).then_some(()));
    // A border is named by its area when one points at it.
    let point = "document.querySelectorAll('path.map-outline').forEach((path) => { \
         path.dispatchEvent(new MouseEvent('mouseover', {bubbles: true, clientX: 1, clientY: 1})); })";
    browser.await_it("its area's name", || {
        browser.run(point);
        let tooltips = browser.run("return [...document.querySelectorAll('.leaflet-tooltip')].map((tip) => tip.textContent).join('\\n')");
        tooltips.as_str().is_some_and(|names| names.contains("Kelurahan Bukit Duri")).then_some(())
    });
    let asked = browser.run("return performance.getEntriesByType('resource').map((entry) => entry.name)");
    let own = browser.run("return location.origin").as_str().unwrap().to_owned();
    for address in asked.as_array().unwrap().iter().map(|address| address.as_str().unwrap()) {
        assert!(address.starts_with(&own), "{address}");
        assert!(!address.contains("6.2201") && !address.contains("106.8562"), "{address}");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[rstest]
fn the_bureau_meets_no_barrier(#[values("id", "en")] language: &'static str) {
    let mut pages = Inspection::new();
    let report = life::in_status(Status::MenungguValidasi, &life::body());
    let browser = Browser::of(language, officers::VALIDASI);
    pages.look_at(&browser, "validasi-desk");
    browser.go(&page_of(&report));
    unfold_all(&browser);
    browser.click("[data-photos-show]");
    browser.await_it("a photo", || browser.has(".before-after img").then_some(()));
    pages.look_at(&browser, "validasi-report");
    browser.sign_out();

    report.validate("field_check");
    browser.press_named(browser.t("ended.sign_in"));
    browser.sign_in(officers::VERIFIKASI);
    pages.look_at(&browser, "verifikasi-desk");
    browser.go(&page_of(&report));
    unfold_all(&browser);
    pages.look_at(&browser, "verifikasi-report");
    browser.sign_out();

    browser.press_named(browser.t("ended.sign_in"));
    browser.sign_in(officers::ADMINISTRATOR);
    pages.look_at(&browser, "administrator-desk");
    browser.go(&page_of(&report));
    unfold_all(&browser);
    pages.look_at(&browser, "administrator-report");
    browser.press_named(browser.t("accesses.title"));
    pages.look_at(&browser, "administrator-accesses");
    pages.end();
}

#[rstest]
fn text_of_twice_the_size_fits(#[values("id", "en")] language: &'static str) {
    let mut pages = Inspection::new();
    let report = life::in_status(Status::MenungguVerifikasi, &life::body());
    let browser = Browser::with_large_text(language);
    browser.go("/masuk");
    pages.look_at_large_text(&browser, "nobody-sign-in");
    for (officer, role) in [
        (officers::UNIT, "unit"),
        (officers::TIKET, "tiket"),
        (officers::VALIDASI, "validasi"),
        (officers::VERIFIKASI, "verifikasi"),
        (officers::ADMINISTRATOR, "administrator"),
    ] {
        browser.sign_in(officer);
        pages.look_at_large_text(&browser, &format!("{role}-desk"));
        browser.go(&page_of(&report));
        unfold_all(&browser);
        pages.look_at_large_text(&browser, &format!("{role}-report"));
        browser.sign_out();
        browser.press_named(browser.t("ended.sign_in"));
    }
    browser.sign_in(officers::TIKET);
    let (report, _) = life::submit(&life::body());
    browser.go(&page_of(&report));
    unfold_all(&browser);
    pages.look_at_large_text(&browser, "tiket-report-new");
    browser.go(&format!("{}/duplikat", page_of(&report)));
    pages.look_at_large_text(&browser, "tiket-duplicates");
    browser.go(&format!("{}/lembar", page_of(&report)));
    pages.look_at_large_text(&browser, "tiket-sheet");
    browser.go("/petugas/bantuan/tiket");
    pages.look_at_large_text(&browser, "tiket-help");
    browser.go("/petugas/akun");
    pages.look_at_large_text(&browser, "tiket-account");
    pages.end();
}
