//! The counter in a browser: a clerk serves one person after the other, and nothing of the one is left for the other.

use crate::{accessibility::Inspection, browser::Browser, keyboard::tab_to, webdriver::ENTER};
use rstest::rstest;
use serde_json::json;
use std::{env, fs, path::PathBuf};
use tests::{
    http::{eventually, fresh_key},
    life::{self, Report},
    officers::{self, CLERK},
};

const TEXT: &str = "Jalan berlubang di depan pasar kembang";
const ADDRESS: &str = "Jl. Kenanga 41";
const NAME: &str = "Ibu Sari Dewantari";
const PHONE: &str = "0812-9911-2233";

/// A photo as a file.
struct Picture(PathBuf);

impl Picture {
    fn new() -> Self {
        let file = env::temp_dir().join(format!("tuntas-{}.jpg", fresh_key()));
        fs::write(&file, life::fresh_photo()).expect("a file");
        Self(file)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path")
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Fills in the form as for somebody who stands there.
fn fill_in(browser: &Browser, text: &str) {
    browser.choose("#category", "jalan-berlubang");
    browser.fill("#description", text);
    browser.fill("#address", ADDRESS);
    browser.fill("#reporter-name", NAME);
    browser.fill("#reporter-phone", PHONE);
}

/// Sends the form by its script, and waits for the receipt.
fn receipt(browser: &Browser, send: &str) -> Report {
    browser.click_named(browser.t(send));
    on_receipt(browser)
}

fn on_receipt(browser: &Browser) -> Report {
    browser.await_it("a receipt", || browser.has("code.secret").then_some(()));
    let words = |selector: &str| browser.words_of(selector).expect("a word of the receipt");
    Report::told(
        &json!({"ticket": words(".receipt .ticket"), "secret": words("code.secret").replace(' ', "")}),
    )
}

/// A form that is filled in, with a photo; the file is there as long as what comes with it.
fn filled_in_with_a_photo() -> (Picture, Browser) {
    let picture = Picture::new();
    let browser = Browser::of("id", CLERK);
    fill_in(&browser, TEXT);
    browser.fill("#photos", picture.path());
    (picture, browser)
}

/// Fails if the page shows anything of a person who was served before.
#[track_caller]
fn shows_nothing_of(browser: &Browser, report: &Report) {
    let page = browser.run("return document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map((field) => field.value).join(' ')");
    let page = page.as_str().expect("a page");
    for word in [TEXT, ADDRESS, NAME, PHONE, &report.ticket, &report.secret, &report.secret[..4]] {
        assert!(!page.contains(word), "{word} is on {}", browser.here());
    }
}

/// Fails if the browser keeps anything of them.
#[track_caller]
fn keeps_nothing_of(browser: &Browser, report: &Report) {
    let kept = browser.kept();
    let told = browser.run("return [document.title, location.href, document.referrer].join(' ')");
    let told = format!("{kept} {}", told.as_str().expect("a title"));
    for word in [TEXT, ADDRESS, NAME, PHONE, &report.ticket, &report.secret, &report.secret[..4]] {
        assert!(!told.contains(word), "{word} is kept: {told}");
    }
    assert_eq!(browser.run("return localStorage.length + sessionStorage.length"), json!(0));
}

#[track_caller]
fn is_empty(browser: &Browser) {
    for field in
        ["#description", "#address", "#lat", "#lon", "#reporter-name", "#reporter-phone", "#reporter-email"]
    {
        assert_eq!(browser.value(field), "", "{field}");
    }
    assert_eq!(browser.run("return document.querySelector('#photos').files.length"), json!(0));
    assert_eq!(browser.property("#category", "selectedIndex"), json!(-1));
    assert_eq!(browser.property("#privacy", "checked"), json!(true));
}

/// Waits until this many photos of a report were taken.
fn await_photos(report: &Report, count: usize) {
    eventually("the photos are ready", || {
        let seen = report.tracked().expect(200).json();
        let photos = seen["photos"].as_array().cloned().unwrap_or_default();
        (photos.iter().filter(|photo| photo["state"] == "ready").count() == count).then_some(())
    });
}

#[test]
fn a_report_with_a_photo_is_entered_and_the_next_person_finds_nothing_of_it() {
    let picture = Picture::new();
    let browser = Browser::of("id", CLERK);
    browser.see(browser.t("counter.title"));
    browser.fill("#category-search", "berlubang");
    fill_in(&browser, TEXT);
    browser.fill("#photos", picture.path());
    keeps_nothing_of(&browser, &Report { ticket: "?".repeat(5), secret: "?".repeat(5) });
    let report = receipt(&browser, "counter.send");
    let seen = report.tracked().expect(200).json();
    assert_eq!(seen["description"], TEXT);
    browser.see(browser.t("counter.photo_sent"));
    await_photos(&report, 1);
    for word in [TEXT, ADDRESS, NAME, PHONE] {
        browser.see_not(word);
    }
    keeps_nothing_of(&browser, &report);

    browser.run("window.print = () => { window.printed = (window.printed ?? 0) + 1; }");
    assert_eq!(browser.property("[data-counter-printed]", "hidden"), json!(true));
    browser.click_named(browser.t("counter.print"));
    browser.see(browser.t("counter.printed"));
    browser.click_named(browser.t("counter.print_again"));
    assert_eq!(browser.run("return window.printed"), json!(2));

    browser.press_named(browser.t("counter.next"));
    browser.see(browser.t("counter.send"));
    is_empty(&browser);
    shows_nothing_of(&browser, &report);
    browser.back();
    shows_nothing_of(&browser, &report);
    browser.go("/petugas/loket");
    is_empty(&browser);
    keeps_nothing_of(&browser, &report);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_form_is_dead_as_soon_as_its_receipt_is_shown() {
    let browser = Browser::of("id", CLERK);
    fill_in(&browser, TEXT);
    let form = browser.value("input[name=form]");
    let report = receipt(&browser, "counter.send");
    // All that was sent, once more, by somebody who knows it.
    let again = "const [text, address, name, phone, form, done] = arguments;
        const body = new URLSearchParams({form, category: 'jalan-berlubang', description: text, address, privacy: 'private',
            language: 'id', script: '1', 'reporter-name': name, 'reporter-phone': phone});
        body.set('token', document.querySelector('header input[name=token]').value);
        fetch('/petugas/loket', {method: 'POST', body}).then(async (answer) => done([answer.status, await answer.text()]))";
    let (status, page) = browser.await_it("the end of the form", || {
        let told = browser.run_until_called(again, &json!([TEXT, ADDRESS, NAME, PHONE, form]));
        let status = told[0].as_u64()?;
        (status == 409).then(|| (status, told[1].as_str().unwrap_or_default().to_owned()))
    });
    assert!(!page.contains(&report.secret[..4]) && !page.contains(TEXT), "{status}: {page}");
}

#[test]
fn loading_a_receipt_again_or_coming_back_to_it_shows_an_empty_form() {
    let browser = Browser::of("id", CLERK);
    fill_in(&browser, TEXT);
    let report = receipt(&browser, "counter.send");
    browser.reload();
    browser.see(browser.t("counter.send"));
    is_empty(&browser);
    shows_nothing_of(&browser, &report);

    fill_in(&browser, TEXT);
    let report = receipt(&browser, "counter.send");
    browser.press("a.who");
    browser.back();
    browser.see(browser.t("counter.send"));
    is_empty(&browser);
    shows_nothing_of(&browser, &report);

    // What was typed and not sent is gone as well.
    fill_in(&browser, TEXT);
    browser.press("a.who");
    browser.back();
    browser.see(browser.t("counter.send"));
    is_empty(&browser);
}

#[test]
fn what_is_marked_is_sent_by_one_press_with_the_photo_that_was_chosen_before() {
    let picture = Picture::new();
    let browser = Browser::of("id", CLERK);
    let text = "Lubang besar, telepon saya 0813-4455-6677";
    fill_in(&browser, text);
    browser.fill("#photos", picture.path());
    browser.click_named(browser.t("counter.send"));
    browser
        .await_it("a mark", || (browser.words_of("mark").as_deref() == Some("0813-4455-6677")).then_some(()));
    assert_eq!(browser.value("#description"), text);
    assert_eq!(browser.run("return document.querySelector('#photos').files.length"), json!(1));
    // Enter in a field sends the form as its own button does.
    browser.run("document.querySelector('main').dataset.before = ''");
    browser.fill("#address", ENTER);
    browser.await_it("another answer", || (!browser.has("main[data-before]")).then_some(()));
    browser.find("mark");
    assert!(!browser.has("code.secret"));
    // What had the focus is gone: it is on what is to be read.
    assert_eq!(browser.run("return document.activeElement.hasAttribute('data-counter-focus')"), json!(true));
    let report = receipt(&browser, "act.send_anyway");
    assert_eq!(report.tracked().expect(200).json()["description"], text);
    await_photos(&report, 1);
}

#[test]
fn without_a_network_nothing_typed_is_lost_and_the_same_is_sent_by_one_press() {
    let (_picture, browser) = filled_in_with_a_photo();
    browser.set_offline(true);
    browser.click_named(browser.t("counter.send"));
    browser.see(browser.t("counter.no_answer"));
    assert_eq!(browser.value("#description"), TEXT);
    // Perhaps it was received: no other text may take its place.
    assert_eq!(browser.property("[data-counter-fields]", "inert"), json!(true));
    browser.set_offline(false);
    let report = receipt(&browser, "counter.send");
    assert_eq!(report.tracked().expect(200).json()["description"], TEXT);
    await_photos(&report, 1);
}

#[test]
fn a_form_that_is_refused_as_a_whole_can_be_changed_and_sent() {
    let browser = Browser::of("id", CLERK);
    fill_in(&browser, TEXT);
    // Larger than any form may be.
    browser.run("document.querySelector('#address').value = 'x'.repeat(70000)");
    browser.click_named(browser.t("counter.send"));
    browser.see(browser.t("message.refused"));
    assert_eq!(browser.value("#description"), TEXT);
    assert_eq!(browser.property("[data-counter-fields]", "inert"), json!(false));
    browser.clear("#address");
    browser.fill("#address", ADDRESS);
    receipt(&browser, "counter.send");
}

#[test]
fn a_photo_whose_upload_fails_is_sent_again_by_one_press_before_the_next_person() {
    let (_picture, browser) = filled_in_with_a_photo();
    // The form has come in, and the network goes.
    browser.run(
        "window.sent = XMLHttpRequest.prototype.open;
        XMLHttpRequest.prototype.open = function (method, url) {
            return window.sent.call(this, method, method === 'PUT' ? 'http://127.0.0.1:1/' : url);
        }",
    );
    let report = receipt(&browser, "counter.send");
    browser.see(browser.t("counter.photo_failed"));
    browser.run("XMLHttpRequest.prototype.open = window.sent");
    browser.click_named(browser.t("message.again"));
    browser.see(browser.t("counter.photo_sent"));
    await_photos(&report, 1);
}

#[test]
fn what_was_typed_outlives_the_session_and_is_not_kept_on_the_device() {
    let (_picture, browser) = filled_in_with_a_photo();
    let cookies = "__Host-sesi __Host-segar";
    for name in cookies.split(' ') {
        browser.forget_cookie(name);
    }
    browser.click_named(browser.t("counter.send"));
    browser.see(browser.t("ended.text"));
    browser.see(TEXT);
    browser.see(NAME);
    keeps_nothing_of(&browser, &Report { ticket: "?".repeat(5), secret: "?".repeat(5) });
    let here = browser.tab();
    browser.click_named(browser.t("ended.sign_in_new_tab"));
    let other = browser.await_it("another tab", || browser.tabs().into_iter().find(|tab| *tab != here));
    browser.to_tab(&other);
    browser.sign_in(CLERK);
    browser.to_tab(&here);
    browser.click_named(browser.t("act.send_again"));
    browser.see(browser.t("act.forged"));
    assert_eq!(browser.value("#description"), TEXT);
    let report = receipt(&browser, "counter.send");
    assert_eq!(report.tracked().expect(200).json()["description"], TEXT);
    await_photos(&report, 1);
    // The forms around it are of the new session.
    browser.sign_out();
}

#[test]
fn without_scripts_a_report_without_photos_is_entered_and_the_page_says_so() {
    let browser = Browser::with("id", 1100, false);
    browser.go("/petugas");
    browser.sign_in(CLERK);
    browser.see(browser.t("counter.no_script"));
    assert!(!browser.words().contains(browser.t("counter.photos_hint")));
    fill_in(&browser, TEXT);
    browser.press_named(browser.t("counter.send"));
    let report = on_receipt(&browser);
    assert_eq!(report.tracked().expect(200).json()["description"], TEXT);
    browser.press_named(browser.t("counter.next"));
    browser.see(browser.t("counter.send"));
    assert_eq!(browser.value("#description"), "");
    browser.back();
    for word in [TEXT, &report.ticket, &report.secret[..4]] {
        browser.see_not(word);
    }
}

#[test]
fn a_place_is_chosen_on_the_map_which_shows_the_outlines_around_it() {
    let browser = Browser::of("id", CLERK);
    fill_in(&browser, TEXT);
    browser.clear("#address");
    browser.click("[data-counter-position] > summary");
    browser.run("document.querySelector('[data-map]').scrollIntoView()");
    browser.await_it("an outline", || browser.has("path.map-outline").then_some(()));
    browser.run("document.querySelector('.map-canvas').focus()");
    browser.type_keys(ENTER);
    browser.await_it("a place", || (browser.value("#lat") == "-6.17540").then_some(()));
    let report = receipt(&browser, "counter.send");
    assert_eq!(report.tracked().expect(200).json()["description"], TEXT);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_report_is_entered_and_handed_over_by_keyboard_alone() {
    let browser = Browser::of("id", CLERK);
    tab_to(&browser, browser.t("field.search"));
    browser.type_keys("berlubang");
    browser.type_keys(ENTER);
    tab_to(&browser, browser.t("counter.description"));
    browser.type_keys(TEXT);
    tab_to(&browser, browser.t("field.address"));
    browser.type_keys(ADDRESS);
    tab_to(&browser, browser.t("counter.send"));
    browser.type_keys(ENTER);
    let report = on_receipt(&browser);
    assert_eq!(report.tracked().expect(200).json()["description"], TEXT);
    tab_to(&browser, browser.t("counter.next"));
    browser.leave(|| browser.type_keys(ENTER));
    is_empty(&browser);
}

#[rstest]
fn a_clerk_meets_no_barrier(#[values("id", "en")] language: &'static str) {
    let mut pages = Inspection::new();
    let browser = Browser::of(language, CLERK);
    browser.click("[data-counter-position] > summary");
    pages.look_at(&browser, "loket-form");
    browser.click_named(browser.t("counter.send"));
    browser.see(browser.t("act.not_sent"));
    pages.look_at(&browser, "loket-form-errors");
    fill_in(&browser, "Lubang besar, telepon saya 0813-4455-6677");
    browser.click_named(browser.t("counter.send"));
    browser.see(browser.t("counter.personal_data_title"));
    pages.look_at(&browser, "loket-form-personal-data");
    let picture = Picture::new();
    browser.fill("#photos", picture.path());
    receipt(&browser, "act.send_anyway");
    browser.see(browser.t("counter.photo_sent"));
    browser.run("window.print = () => {}");
    browser.click_named(browser.t("counter.print"));
    pages.look_at(&browser, "loket-receipt");
    browser.press_named(browser.t("counter.next"));
    fill_in(&browser, TEXT);
    browser.run("document.querySelector('input[name=form]').value = '0000000000000000'");
    browser.click_named(browser.t("counter.send"));
    browser.see(browser.t("counter.over_title"));
    pages.look_at(&browser, "loket-form-over");
    browser.press_named(browser.t("counter.next"));
    fill_in(&browser, TEXT);
    for name in ["__Host-sesi", "__Host-segar"] {
        browser.forget_cookie(name);
    }
    browser.click_named(browser.t("counter.send"));
    browser.see(browser.t("ended.title"));
    pages.look_at(&browser, "loket-session-ended");
    browser.go("/petugas/bantuan/loket");
    pages.look_at(&browser, "nobody-help-loket");
    pages.end();
}

#[rstest]
fn a_clerks_text_of_twice_the_size_fits(#[values("id", "en")] language: &'static str) {
    let mut pages = Inspection::new();
    let browser = Browser::with_large_text(language);
    browser.go("/petugas");
    browser.sign_in(CLERK);
    browser.click("[data-counter-position] > summary");
    pages.look_at_large_text(&browser, "loket-form");
    fill_in(&browser, TEXT);
    receipt(&browser, "counter.send");
    pages.look_at_large_text(&browser, "loket-receipt");
    pages.end();
}

#[test]
fn a_receipt_is_printed_on_a_roll_of_80_millimetres_without_anything_around_it() {
    let browser = Browser::of("id", CLERK);
    fill_in(&browser, TEXT);
    let report = receipt(&browser, "counter.send");
    browser.print_on_screen(true);
    let words = browser.words();
    assert!(words.contains(&report.ticket) && words.contains(&report.secret[..4]), "{words}");
    for name in ["frame.sign_out", "counter.next", "counter.print", "counter.hand_over"] {
        assert!(!words.contains(browser.t(name)), "{name}: {words}");
    }
    // A roll of 80 mm prints 72 mm, which is 272 pixels of CSS.
    let width = browser.run("return document.querySelector('.receipt').scrollWidth");
    assert!(width.as_f64().is_some_and(|width| width <= 273.0), "{width}");
    browser.print_on_screen(false);
}

#[test]
fn nobody_else_is_shown_the_counter() {
    let browser = Browser::of("id", officers::TIKET);
    browser.see_not(browser.t("counter.title"));
    browser.go("/petugas/loket");
    browser.see(browser.t("message.no_right"));
}
