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
    for barrier in ["too wide", "image-alt", "cut off", "stays small"] {
        assert!(pages.found.iter().any(|found| found.contains(barrier)), "{barrier}: {:?}", pages.found);
    }
}
