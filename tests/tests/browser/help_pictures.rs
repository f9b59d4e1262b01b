//! The pictures of the pages of help: what the officer of a role works with, as wide as a telephone.
//!
//! `UPDATE_HELP_PICTURES=1 cargo xtask test --keep _meet` takes them anew, into `functions/web/assets/help`.

use crate::browser::Browser;
use serde_json::json;
use std::{env, fs, path::PathBuf};
use tests::canary;

/// By the name of the page that is looked at: the page of help, and the part of the page that is shown there.
const SHOWN: [(&str, &str, &str); 7] = [
    ("nobody-sign-in-narrow", "masuk", "main"),
    ("unit-report-accepted-narrow", "unit", "#act-post_tl"),
    ("tiket-report-narrow", "tiket", "#act-assign"),
    ("validasi-report-narrow", "validasi", "#act-validate"),
    ("verifikasi-report-narrow", "verifikasi", "section[aria-labelledby=acts]"),
    ("administrator-accesses-narrow", "administrator", "main"),
    ("loket-form-narrow", "loket", "main"),
];
/// The most of a part that is shown, in pixels.
const HIGHEST: f64 = 640.0;
/// The words that tests plant are nobody's example.
const WITHOUT_CANARIES: &str = "const words = arguments[0];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) for (const word of words) walker.currentNode.data = walker.currentNode.data.replaceAll(` ${word}`, '')";
const PLACE: &str = "const {top, height} = document.querySelector(arguments[0]).getBoundingClientRect();
    return [top + scrollY, height, innerWidth]";

/// Keeps a picture of the present page for the page of help that shows it, where pictures are to be taken anew.
pub(crate) fn keep(browser: &Browser, page: &str) {
    let Some((_, help, part)) = SHOWN.iter().find(|(name, ..)| *name == page) else { return };
    let is_taken = env::var_os("UPDATE_HELP_PICTURES").is_some();
    if is_taken {
        browser.run_with(WITHOUT_CANARIES, &json!([canary::ALL]));
    }
    // A part that is not there fails in any run.
    let place = browser.run_with(PLACE, &json!([part]));
    if !is_taken {
        return;
    }
    let height = place[1].as_f64().expect("a height").min(HIGHEST);
    let clip = json!({"x": 0, "y": place[0], "width": place[2], "height": height, "scale": 1});
    let bytes = browser
        .capture(&json!({"format": "webp", "quality": 45, "captureBeyondViewport": true, "clip": clip}));
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../functions/web/assets/help");
    fs::create_dir_all(&folder).expect("a folder for pictures");
    let file = folder.join(format!("{help}-{}.webp", browser.language));
    fs::write(file, bytes.expect("a picture")).expect("a picture");
}
