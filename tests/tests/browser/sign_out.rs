//! Whoever comes to the computer after an officer has signed out finds nothing of what the officer saw.

use crate::{browser::Browser, officer::page_of};
use serde_json::json;
use tests::{canary, life, officers};

/// All that a page can keep on a device: storage of every kind, the entry of the history, and cookies that scripts may read.
pub(crate) const KEPT: &str = "const done = arguments[0];
    (async () => {
        const read = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = no; });
        const kept = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie,
            JSON.stringify(history.state), window.name];
        for (const {name} of await indexedDB.databases()) {
            const database = await read(indexedDB.open(name));
            for (const store of database.objectStoreNames) {
                kept.push(JSON.stringify(await read(database.transaction(store).objectStore(store).getAll())));
            }
        }
        if ('caches' in window) kept.push(JSON.stringify(await caches.keys()));
        return kept;
    })().then((kept) => done(kept.join(' ')), (error) => done(String(error)))";

#[test]
fn nothing_that_a_report_says_is_kept_on_the_device_in_words_that_can_be_read() {
    let (report, _) = life::submit(&life::body());
    let draft = "Catatan yang tidak dikirim";
    let browser = Browser::of("id", officers::TIKET);
    browser.go(&page_of(&report));
    browser.unfold("note");
    browser.fill("#note-text", draft);
    browser.await_it("a draft", || (browser.run("return localStorage.length") == 1).then_some(()));
    browser.see(canary::DESCRIPTION);
    let kept = browser.run_until_called(KEPT, &json!([]));
    let kept = kept.as_str().expect("what is kept");
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
