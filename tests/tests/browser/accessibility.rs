//! What a page is looked at for: the rules of axe, and that nothing has to be scrolled sideways on the narrowest screen or is cut off in large text.

use crate::{browser::Browser, help_pictures};
use serde_json::{Value, json};
use std::{fs, path::PathBuf, sync::LazyLock};

/// The rules, by their tags. `best-practice` holds what no criterion of WCAG asks for, such as landmarks.
const TAGS: &[&str] = &["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

static AXE: LazyLock<String> = LazyLock::new(|| {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../functions/web/assets/node_modules/axe-core/axe.min.js");
    fs::read_to_string(file).expect("axe, which building the portal installs")
});

const RUN: &str = "const done = arguments[1];
    axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}, resultTypes: ['violations']}).then(
        ({violations}) => done(violations.flatMap(({id, nodes}) =>
            nodes.map(({target, failureSummary}) => `${id}: ${target.join(' ')}: ${failureSummary}`))),
        (error) => done([String(error)]))";

/// What of a page reaches beyond its right edge, if the page can be scrolled there.
const TOO_WIDE: &str = "const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > width + 1);
    return wide.slice(-3).map((element) => `too wide: ${element.outerHTML.slice(0, 120)}`)";

/// Text that does not become as large as somebody has chosen: WCAG 2.2, 1.4.4.
const LARGE_TEXT: &str = "const size = parseFloat(getComputedStyle(document.querySelector('main')).fontSize);
    return size >= 32 ? [] : [`text of ${size} pixels stays small`]";
/// Words that do not fit into what they stand in, and cannot be scrolled to.
const CUT_OFF: &str = "const is_cut = (overflow, inner, outer) => ['hidden', 'clip'].includes(overflow) && outer > 1 && inner > outer + 1;
    return [...document.body.querySelectorAll('*')]
    .filter((element) => element.innerText && !element.closest('.leaflet-container, .visually-hidden'))
    .filter((element) => {
        const style = getComputedStyle(element);
        return is_cut(style.overflowY, element.scrollHeight, element.clientHeight)
            || is_cut(style.overflowX, element.scrollWidth, element.clientWidth);
    })
    .map((element) => `cut off: ${element.outerHTML.slice(0, 120)}`)";

/// Controls that are smaller than a finger needs (WCAG 2.2, 2.5.5). A radio button or a check box is as large as it is with its label; a link
/// among words is left out.
const SMALL: &str = "const shown = (element) => element.checkVisibility({visibilityProperty: true}) && !element.closest('.visually-hidden, .skip');
    const box = (element) => {
        const all = [element, ...(['radio', 'checkbox'].includes(element.type) ? element.labels : [])].map((part) => part.getBoundingClientRect());
        const left = Math.min(...all.map((one) => one.left)), right = Math.max(...all.map((one) => one.right));
        const top = Math.min(...all.map((one) => one.top)), bottom = Math.max(...all.map((one) => one.bottom));
        return [right - left, bottom - top];
    };
    const among_words = (element) => element.matches('a') && getComputedStyle(element).display === 'inline'
        && [...element.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && /\\p{L}/u.test(node.data));
    return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
        .filter((element) => shown(element) && !among_words(element))
        .map((element) => [...box(element), element])
        .filter(([width, height]) => width < 43.9 || height < 43.9)
        .map(([width, height, element]) => `small: ${width} x ${height}: ${element.outerHTML.slice(0, 120)}`)";

/// Text that is hard to read in the sun: WCAG 2.2, 1.4.6.
const PALE: &str = "const done = arguments[0];
    axe.run(document, {runOnly: {type: 'rule', values: ['color-contrast-enhanced']}, resultTypes: ['violations']}).then(
        ({violations}) => done(violations.flatMap(({id, nodes}) =>
            nodes.map(({target, failureSummary}) => `${id}: ${target.join(' ')}: ${failureSummary}`))),
        (error) => done([String(error)]))";

/// The telephone of an officer in the street.
pub(crate) const TELEPHONE: (u32, u32) = (360, 640);

/// The narrowest screen: WCAG 2.2, 1.4.10.
const NARROW: u32 = 320;
const WIDE: u32 = 1100;

/// Pages that were looked at in one language, and what was found on them.
pub(crate) struct Inspection {
    found: Vec<String>,
}

impl Inspection {
    pub(crate) fn new() -> Self {
        Self { found: Vec::new() }
    }

    /// Looks at the present page on both screens, and keeps a picture of each.
    #[track_caller]
    pub(crate) fn look_at(&mut self, browser: &Browser, page: &str) {
        for (width, name) in [(NARROW, format!("{page}-narrow")), (WIDE, page.to_owned())] {
            browser.set_width(width);
            browser.picture(&name);
            help_pictures::keep(browser, &name);
            let mut found = texts(&browser.run(TOO_WIDE));
            browser.run(&AXE);
            found.extend(texts(&browser.run_until_called(RUN, &json!([TAGS]))));
            found.extend(browser.complaints());
            self.keep(browser, &name, found);
        }
    }

    /// Looks at the present page as it is used in the street: by fingers, in the sun and in the night.
    #[track_caller]
    pub(crate) fn look_at_outside(&mut self, browser: &Browser, page: &str) {
        browser.set_screen(TELEPHONE.0, TELEPHONE.1);
        browser.picture(&format!("{page}-outside"));
        let mut found = [TOO_WIDE, SMALL].map(|look| texts(&browser.run(look))).concat();
        browser.run(&AXE);
        for colours in ["light", "dark"] {
            let features = json!([{"name": "prefers-color-scheme", "value": colours}]);
            browser.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }));
            found.extend(texts(&browser.run_until_called(PALE, &json!([]))));
        }
        browser.devtools("Emulation.setEmulatedMedia", &json!({"features": []}));
        // Outside a line may be down.
        let complaints = browser.complaints().into_iter();
        found.extend(complaints.filter(|said| !said.contains("net::ERR_EMPTY_RESPONSE")));
        self.keep(browser, &format!("{page}-outside"), found);
    }

    /// Looks whether all of the present page's text fits, where somebody has chosen letters of twice the size.
    #[track_caller]
    pub(crate) fn look_at_large_text(&mut self, browser: &Browser, page: &str) {
        browser.set_width(WIDE);
        browser.picture(&format!("{page}-large-text"));
        let looks = [LARGE_TEXT, TOO_WIDE, CUT_OFF].map(|look| texts(&browser.run(look)));
        self.keep(browser, &format!("{page}-large-text"), looks.concat());
    }

    fn keep(&mut self, browser: &Browser, page: &str, found: Vec<String>) {
        self.found.extend(found.into_iter().map(|text| format!("{} {page}: {text}", browser.language)));
    }

    /// Fails if anything was found.
    #[track_caller]
    pub(crate) fn end(self) {
        assert!(self.found.is_empty(), "{}", self.found.join("\n"));
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn a_barrier_is_found() {
    let browser = Browser::open("en");
    browser.go("/masuk");
    browser.run(
        "const image = document.createElement('img');
         image.style.minWidth = '900px';
         const box = document.createElement('p');
         box.textContent = 'Words';
         box.style.cssText = 'height: 20px; overflow: hidden';
         document.querySelector('main').append(image, box)",
    );
    let mut pages = Inspection::new();
    pages.look_at(&browser, "nobody-with-barriers");
    pages.look_at_large_text(&browser, "nobody-with-barriers");
    browser.run(
        "const button = document.createElement('button');
         button.textContent = 'Words';
         button.style.minHeight = '40px';
         const pale = document.createElement('p');
         pale.textContent = 'Pale words';
         pale.style.cssText = 'color: #767676; background: #fff';
         document.querySelector('h1').before(button, pale)",
    );
    pages.look_at_outside(&browser, "nobody-with-barriers");
    let barriers = ["too wide", "image-alt", "cut off", "stays small", "small: ", "color-contrast-enhanced"];
    for barrier in barriers {
        assert!(pages.found.iter().any(|found| found.contains(barrier)), "{barrier}: {:?}", pages.found);
    }
}
