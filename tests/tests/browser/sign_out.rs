//! Whoever comes to the computer after an officer has signed out finds nothing of what the officer saw.

use crate::{browser::Browser, officer::page_of};
use serde_json::json;
use tests::{canary, life, officers};

#[test]
fn nothing_that_a_report_says_is_kept_on_the_device_in_words_that_can_be_read() {
    let (report, _) = life::submit(&life::body());
    let draft = "Catatan yang tidak dikirim";
    let browser = Browser::of("id", officers::TIKET);
    browser.go(&page_of(&report));
    browser.unfold("note");
    browser.fill("#note-text", draft);
    browser.see_kept("drafts", 1);
    browser.see(canary::DESCRIPTION);
    let kept = browser.kept();
    for word in canary::ALL.iter().copied().chain([draft, "Jl. Contoh Raya 12"]) {
        assert!(!kept.contains(word), "{word} is kept: {kept}");
    }
}

#[test]
fn nothing_is_left_after_signing_out() {
    let (report, _) = life::submit(&life::body());
    let address = "Jl. Contoh Raya 12";
    let browser = Browser::of("id", officers::TIKET);
    browser.go(&page_of(&report));
    browser.see(address);
    browser.unfold("note");
    browser.fill("#note-text", "Catatan yang tidak dikirim");
    browser.see_kept("drafts", 1);
    let other = browser.tab();

    browser.new_tab();
    browser.go(&page_of(&report));
    browser.see(address);
    browser.sign_out();
    browser.see_kept("drafts", 0);
    browser.back();
    browser.see(browser.t("sign_in.username"));
    browser.see_not(address);
    browser.see_not(&report.ticket);

    browser.to_tab(&other);
    browser.see(browser.t("signed_out.title"));
    browser.see_not(address);
    browser.see_not(&report.ticket);
    browser.see_kept("drafts", 0);
    assert_eq!(browser.run("return localStorage.length + sessionStorage.length"), json!(0));
    browser.reload();
    browser.see(browser.t("sign_in.username"));
}
