//! What somebody typed is not lost, whatever comes between, and is not stored twice.

use crate::{
    browser::Browser,
    officer::{page_of, times},
};
use serde_json::json;
use std::{env, fs};
use tests::{
    accounts::{Account, OwnUnit},
    http::fresh_key,
    life::{self, Report},
    officers,
};

const TEXT: &str = "Sudah dilihat di tempat, besok dikerjakan";

/// An officer of the ticket desk with the page of a new report.
fn at_ticket_desk() -> (Browser, Report) {
    let (report, _) = life::submit(&life::body());
    let account = Account::new(&["admin-tiket"], None);
    let browser = Browser::of("id", &account.username);
    browser.go(&page_of(&report));
    (browser, report)
}

#[test]
fn a_form_that_comes_back_keeps_its_text_and_says_what_is_wrong() {
    let (browser, report) = at_ticket_desk();
    browser.unfold("reject");
    browser.fill("#reject-reason", "[nama jalan] bukan jalan kota");
    browser.send("reject");
    browser.see(browser.t("field.blank_left"));
    assert_eq!(browser.value("#reject-reason"), "[nama jalan] bukan jalan kota");
    assert_eq!(report.status(), "menunggu");

    browser.clear("#reject-reason");
    browser.fill("#reject-reason", "Tanyakan ke 081234567890, ini jalan provinsi");
    browser.send("reject");
    browser.see(browser.t("act.send_anyway"));
    browser.see("081234567890");
    assert_eq!(report.status(), "menunggu");
    browser.click("#reject-send-anyway");
    browser.send("reject");
    browser.see_done("event.reject");
}

#[test]
fn after_a_conflict_one_reads_what_changed_and_sends_once_more() {
    let (browser, report) = at_ticket_desk();
    browser.unfold("assign");
    browser.choose_unit("assign", officers::UNIT_CODE);
    browser.fill("#assign-summary", TEXT);
    let correct = json!({"category": "trotoar-rusak", "reason": "Yang rusak trotoarnya"});
    report.command(officers::TIKET, "correction", &correct).expect(200);
    browser.send("assign");
    browser.see(browser.t("act.changed"));
    browser.see(browser.t("act.changed_since"));
    browser.see("Yang rusak trotoarnya");
    assert_eq!(browser.value("#assign-summary"), TEXT);
    assert_eq!(browser.value("#assign-unit"), officers::UNIT_CODE);
    assert_eq!(report.status(), "menunggu");
    browser.send("assign");
    browser.see_done("event.assign");
    assert_eq!(report.status(), "koordinasi");
}

#[test]
fn a_form_that_is_sent_twice_is_done_once() {
    let (browser, report) = at_ticket_desk();
    browser.unfold("note");
    browser.fill("#note-text", TEXT);
    // As with Ctrl: the answer is shown in another tab, and the form stays where it is.
    browser.run("document.querySelector('#act-note form').target = '_blank'; document.querySelector('#act-note form').removeAttribute('data-once'); \
         document.querySelector('#act-note form').removeAttribute('data-outbox')");
    let here = browser.tab();
    let is_replay = [false, true].map(|_| {
        let before = browser.tabs();
        browser.click("#act-note form > .actions button");
        let tab =
            browser.await_it("another tab", || browser.tabs().into_iter().find(|tab| !before.contains(tab)));
        browser.to_tab(&tab);
        browser.see_done("event.note");
        let is_replay = browser.words().contains(browser.t("already.done"));
        browser.to_tab(&here);
        is_replay
    });
    assert_eq!(is_replay, [false, true]);
    assert_eq!(times(&report.seen_by(officers::TIKET), "note"), 1);
}

#[test]
fn back_after_an_act_shows_an_empty_form_of_the_report_as_it_is_now() {
    let (browser, report) = at_ticket_desk();
    browser.unfold("note");
    browser.fill("#note-text", TEXT);
    browser.send("note");
    browser.see_done("event.note");
    browser.back();
    browser.see(browser.t("event.note"));
    assert_eq!(browser.value("#note-text"), "");
    assert_eq!(times(&report.seen_by(officers::TIKET), "note"), 1);
}

#[test]
fn what_was_typed_outlives_the_session() {
    let (report, _) = life::submit(&life::body());
    let account = Account::new(&["admin-tiket"], None);
    let browser = Browser::of("id", &account.username);
    browser.go(&page_of(&report));
    browser.unfold("note");
    browser.fill("#note-text", TEXT);
    browser.forget_cookies();
    browser.send("note");
    browser.see(browser.t("ended.text"));
    assert_eq!(browser.value("#typed-text"), TEXT);
    let here = browser.tab();
    browser.click_named(browser.t("ended.sign_in_new_tab"));
    let other = browser.await_it("another tab", || browser.tabs().into_iter().find(|tab| *tab != here));
    browser.to_tab(&other);
    browser.sign_in(&account.username);
    browser.see(&report.ticket);
    browser.to_tab(&here);
    browser.press_named(browser.t("act.send_again"));
    browser.see(browser.t("act.forged"));
    assert_eq!(browser.value("#note-text"), TEXT);
    browser.send("note");
    browser.see_done("event.note");
    assert_eq!(times(&report.seen_by(officers::TIKET), "note"), 1);
}

#[test]
fn a_draft_comes_back_after_a_reload_and_in_the_other_language() {
    let (browser, _) = at_ticket_desk();
    browser.unfold("note");
    browser.fill("#note-text", TEXT);
    let restored = |browser: &Browser, text: &str| {
        browser.see(text);
        browser.await_it("the draft", || (browser.value("#note-text") == TEXT).then_some(()));
    };
    browser.see_kept("drafts", 1);
    browser.reload();
    restored(&browser, browser.t("draft.restored"));
    browser.press_named("English");
    restored(&browser, crate::texts::text("en", "draft.restored"));
}

#[test]
fn without_scripts_an_officer_signs_in_reads_a_report_and_writes_a_note() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer();
    let (report, _) = life::submit(&life::body());
    let assign = json!({"action": "assign", "unit": unit.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    let browser = Browser::with("id", 1100, false);
    browser.go("/petugas");
    browser.sign_in(&officer.username);
    browser.press_named(&report.ticket);
    browser.see("Jl. Contoh Raya 12");
    browser.see(browser.t("acts.title"));
    browser.unfold("note");
    browser.fill("#note-text", TEXT);
    browser.send("note");
    browser.see_done("event.note");
    browser.press_named(&report.ticket);
    browser.see(TEXT);
    browser.sign_out();
}

#[test]
fn without_scripts_a_unit_sends_photos_and_then_its_tl() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer();
    let (report, _) = life::submit(&life::body());
    let assign = json!({"action": "assign", "unit": unit.code});
    report.command(officers::TIKET, "assignment", &assign).expect(200);
    report.command(&officer.username, "assignment", &json!({"action": "accept"})).expect(200);
    let browser = Browser::with("id", 360, false);
    browser.go("/petugas");
    browser.sign_in(&officer.username);
    for kind in ["before", "after"] {
        browser.go(&page_of(&report));
        browser.unfold("post_tl");
        browser.press_named(browser.t("photo_form.title"));
        browser.click(&format!("#kind-{kind}"));
        browser.press_named(browser.t("photo_form.next"));
        let file = env::temp_dir().join(format!("tuntas-{}.jpg", fresh_key()));
        fs::write(&file, life::fresh_photo()).expect("a file");
        browser.fill("#file", file.to_str().expect("a path"));
        browser.press_named(browser.t("photo_form.send"));
        fs::remove_file(file).expect("no file");
        // The bucket sent the browser back, still signed in, and no key of an object stands in the address.
        browser.await_it("the report", || browser.here().ends_with(&page_of(&report)).then_some(()));
    }
    let seen = report.seen_by(&officer.username).expect(200).json();
    for photo in seen["photos"].as_array().expect("photos") {
        let photo = photo["photo"].as_str().expect("an id");
        assert_eq!(report.await_cleaning(&officer.username, photo), "ready");
    }
    browser.go(&page_of(&report));
    browser.unfold("post_tl");
    browser.fill("#post_tl-narrative", TEXT);
    browser.send("post_tl");
    browser.see_done("event.post_tl");
    assert_eq!(report.status(), "menunggu_validasi");
}
