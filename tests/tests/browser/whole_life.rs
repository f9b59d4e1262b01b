//! A report's life, by all roles, through pages alone.

use crate::browser::Browser;
use crate::officer::{page_of, password_of};
use serde_json::json;
use tests::{
    accounts::Account,
    life::{self, SUMMARY},
    officers,
};

/// A category of which no other test makes reports: its lines on the common desks are this test's.
const CATEGORY: &str = "reklame-liar";

/// Enrols a second factor on the officer's own page, and signs out. Its key.
fn enrol(browser: &Browser, username: &str) -> String {
    browser.press("a.who");
    browser.fill("#password", password_of(username));
    browser.press_named(browser.t("account.new_factor"));
    let key = browser.words_of("code.key").expect("a key");
    browser.fill("#code", &crate::one_time_code::now(&key));
    browser.press_named(browser.t("sign_in.go_on"));
    browser.see(browser.t("account.enrolled"));
    browser.sign_out();
    key
}

#[test]
fn a_report_goes_from_the_ticket_desk_to_selesai_by_pages_alone() {
    let mut body = life::body();
    body["category"] = json!(CATEGORY);
    let (report, _) = life::submit(&body);
    let ticket = report.ticket.as_str();

    let account = Account::new(&["admin-tiket"], None);
    let desk = Browser::of("id", &account.username);
    let key = enrol(&desk, &account.username);
    desk.press_named(desk.t("ended.sign_in"));
    desk.sign_in_with_code(&account.username, &key);
    desk.open_from_desk("desk.tiket", CATEGORY, ticket);
    desk.see("Menunggu");
    desk.see("Jl. Contoh Raya 12");
    desk.unfold("assign");
    desk.choose_unit("assign", officers::UNIT_CODE);
    desk.fill("#assign-summary", SUMMARY);
    desk.send("assign");
    desk.see_done("event.assign");
    desk.see(ticket);

    let unit = Browser::of("id", officers::UNIT);
    unit.open_from_desk("desk.unit", CATEGORY, ticket);
    unit.see(SUMMARY);
    unit.unfold("accept");
    unit.send("accept");
    unit.see_done("event.accept");
    post_tl(&unit, &report, "Papan reklame sudah diturunkan");

    let validator = Browser::of("id", officers::VALIDASI);
    validator.open_from_desk("desk.validasi", CATEGORY, ticket);
    validator.see("Papan reklame sudah diturunkan");
    validator.unfold("validate");
    validator.click("#validate-decision-field_check");
    validator.fill("#validate-reason", "Fotonya terlalu dekat");
    validator.send("validate");
    validator.see_done("event.validate");

    let verifier = Browser::of("id", officers::VERIFIKASI);
    verifier.open_from_desk("desk.verifikasi", CATEGORY, ticket);
    verifier.see("Fotonya terlalu dekat");
    verifier.unfold("verify");
    verifier.choose_photo("verify", "field", &life::fresh_photo());
    verifier.click("#verify-conforms-no");
    verifier.fill("#verify-finding", "Tiangnya masih berdiri");
    verifier.locate_by_hand("verify");
    verifier.send("verify");
    verifier.see_done("event.verify");

    unit.press_named(unit.t("desk.refused"));
    unit.press_named(ticket);
    unit.see("Tiangnya masih berdiri");
    post_tl(&unit, &report, "Tiangnya juga sudah dibongkar");

    validator.open_from_desk("desk.validasi", CATEGORY, ticket);
    validator.see("Tiangnya juga sudah dibongkar");
    validator.unfold("validate");
    validator.click("#validate-decision-accept");
    validator.send("validate");
    validator.see_done("event.validate");
    validator.go(&page_of(&report));
    validator.see("Selesai");
    validator.see(validator.t("acts.none"));
    assert_eq!(report.status(), "selesai");

    let administrator = Browser::of("id", officers::ADMINISTRATOR);
    administrator.fill("#look-up", ticket);
    administrator.press_named(administrator.t("frame.open"));
    administrator.press_named(administrator.t("accesses.title"));
    for who in ["Petugas Uji", "Budi", "Indah", "Kartika"] {
        administrator.see(who);
    }
    for browser in [desk, unit, validator, verifier, administrator] {
        browser.sign_out();
        assert_eq!(browser.complaints(), Vec::<String>::new());
    }
}

/// Posts a TL with photos from before and after; the report's page is shown, or the desk that it lies on.
fn post_tl(unit: &Browser, report: &life::Report, narrative: &str) {
    unit.go(&page_of(report));
    unit.unfold("post_tl");
    for kind in ["before", "after"] {
        unit.choose_photo("post_tl", kind, &life::fresh_photo());
    }
    unit.fill("#post_tl-narrative", narrative);
    unit.send("post_tl");
    unit.see_done("event.post_tl");
}
