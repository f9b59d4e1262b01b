//! Whoever comes to the computer after an officer has signed out finds nothing of what the officer saw.

use crate::{browser::Browser, officer::page_of};
use serde_json::json;
use tests::{life, officers};

#[test]
fn nothing_is_left_after_signing_out() {
    let (report, _) = life::submit(&life::body());
    let address = "Jl. Contoh Raya 12";
    let browser = Browser::of("id", officers::TIKET);
    browser.go(&page_of(&report));
    browser.see(address);
    browser.unfold("note");
    browser.fill("#note-text", "Catatan yang tidak dikirim");
    browser.await_it("a draft", || (browser.run("return localStorage.length") == 1).then_some(()));
    let other = browser.tab();

    browser.new_tab();
    browser.go(&page_of(&report));
    browser.see(address);
    browser.sign_out();
    browser.await_it("an empty storage", || {
        (browser.run("return localStorage.length") == json!(0)).then_some(())
    });
    browser.back();
    browser.see(browser.t("sign_in.username"));
    browser.see_not(address);
    browser.see_not(&report.ticket);

    browser.to_tab(&other);
    browser.see(browser.t("signed_out.title"));
    browser.see_not(address);
    browser.see_not(&report.ticket);
    assert_eq!(browser.run("return localStorage.length + sessionStorage.length"), json!(0));
    browser.reload();
    browser.see(browser.t("sign_in.username"));
}
