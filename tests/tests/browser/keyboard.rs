//! The portal by keyboard alone.

use crate::{
    browser::Browser,
    officer::password_of,
    webdriver::{ENTER, TAB},
};
use serde_json::{Value, json};
use tests::{accounts::OwnUnit, life, officers};

/// What has the focus: its text or label, and whether that is to be seen.
fn focused(browser: &Browser) -> (String, bool) {
    let found = browser.run(
        "const element = document.activeElement, style = getComputedStyle(element);
         const name = element.labels?.[0]?.textContent ?? element.textContent;
         return [name.trim(), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2]",
    );
    (found[0].as_str().unwrap_or_default().to_owned(), found[1] == true)
}

/// Presses Tab until this has the focus, of which each is to be seen; says how often.
#[track_caller]
pub(crate) fn tab_to(browser: &Browser, name: &str) -> u32 {
    for pressed in 1..=40 {
        browser.type_keys(TAB);
        let (found, is_seen) = focused(browser);
        assert!(is_seen, "the focus on {found} is not to be seen");
        if found == name {
            return pressed;
        }
    }
    panic!("{name} cannot be come to by Tab on {}", browser.here());
}

#[test]
fn a_report_is_accepted_by_keyboard_alone_in_ten_keys() {
    let unit = OwnUnit::new(None);
    let officer = unit.officer();
    let tickets: Vec<String> = (0..2)
        .map(|_| {
            let (report, _) = life::submit(&life::body());
            let assign = json!({"action": "assign", "unit": unit.code});
            report.command(officers::TIKET, "assignment", &assign).expect(200);
            report.ticket
        })
        .collect();

    let browser = Browser::open("id");
    browser.go("/masuk");
    tab_to(&browser, browser.t("sign_in.username"));
    browser.type_keys(&officer.username);
    tab_to(&browser, browser.t("sign_in.password"));
    browser.type_keys(password_of(&officer.username));
    browser.leave(|| browser.type_keys(ENTER));

    browser.find_named(&tickets[0]);
    let first = browser.words_of("table.desk tbody tr:first-child .ticket").expect("a first line");
    let second = tickets.iter().find(|ticket| **ticket != first).expect("a second line");
    let mut keys = 0;
    if focused(&browser).0 != first {
        keys += tab_to(&browser, &first);
    }
    browser.leave(|| browser.type_keys(ENTER));
    browser.see(&first);
    keys += 1;
    keys += tab_to(&browser, browser.t("frame.skip_to_acts"));
    browser.type_keys(ENTER);
    keys += 1;
    keys += tab_to(&browser, browser.t("act.accept"));
    browser.type_keys(ENTER);
    browser.await_it("an open form", || {
        (browser.property("#act-accept", "open") == Value::Bool(true)).then_some(())
    });
    keys += 1;
    keys += tab_to(&browser, browser.t("act.accept"));
    browser.leave(|| browser.type_keys(ENTER));
    keys += 1;
    browser.see_done("event.accept");
    assert!(keys <= 10, "{keys} keys from the desk to the act");
    browser.await_it("the focus on the next line", || (focused(&browser).0 == *second).then_some(()));
}
