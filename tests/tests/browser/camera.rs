//! The camera in the page: its pictures are marked for whoever judges, nothing that breaks costs one, and it is off once nobody looks.

use crate::{
    accessibility::Inspection,
    browser::Browser,
    field::{in_hand, see_ready},
    keyboard::tab_to,
    line::{Cut, Line, Sent},
    officer::page_of,
    webdriver::{Camera, ENTER},
};
use aws_sdk_dynamodb::types::AttributeValue;
use rstest::rstest;
use serde_json::{Value, json};
use std::{env, fs, path::PathBuf};
use tests::{
    http::fresh_key,
    life::{self, Report},
    officers,
    operator::{dynamodb, items_of_kind, wait},
    stack::stack,
};

const PANEL: &str = "#act-post_tl [data-camera=before]";

/// What a camera sees that no other test has seen: a picture proves once only.
struct View(PathBuf);

impl View {
    fn new() -> Self {
        let picture = media::reading::picture_of(&life::fresh_photo()).expect("a photograph");
        let (width, height) = picture.dimensions();
        let mut file = format!("YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n").into_bytes();
        for frame in 0..16 {
            file.extend(b"FRAME\n");
            // The green of each is a little brighter than of the one before, and nothing has a colour.
            file.extend(picture.pixels().map(|pixel| pixel[1].saturating_add(frame * 3)));
            file.extend(vec![128; (width * height / 2) as usize]);
        }
        let path = env::temp_dir().join(format!("tuntas-{}.y4m", fresh_key()));
        fs::write(&path, file).expect("a file");
        Self(path)
    }
}

impl Drop for View {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// An officer of a unit before the form of a TL, with a camera.
struct Scene {
    line: Line,
    browser: Browser,
    report: Report,
    officer: String,
    _view: View,
}

impl Scene {
    fn new(language: &'static str) -> Self {
        let (officer, mut reports) = in_hand(1);
        let (line, view) = (Line::lay(), View::new());
        let browser = Browser::with_camera(language, &line, Camera::Sees(view.0.clone()));
        browser.go("/petugas");
        browser.sign_in(&officer.username);
        let scene = Self { line, browser, report: reports.remove(0), officer: officer.username, _view: view };
        scene.browser.go(&page_of(&scene.report));
        scene.unfold();
        scene
    }

    /// Opens the form and waits for its camera.
    #[track_caller]
    fn unfold(&self) {
        self.browser.run("document.querySelector('#act-post_tl').open = true");
        self.browser.find(&format!("{PANEL}:not([hidden])"));
    }

    /// Has the page hear that there is a connection, until so many photos are ready.
    #[track_caller]
    fn go_on(&self, ready: usize) {
        let count = "window.dispatchEvent(new Event('online'));
            return document.querySelectorAll('#act-post_tl .photo-card[data-photo-state=ready]').length";
        self.browser
            .await_it("photos that are ready", || (self.browser.run(count) == json!(ready)).then_some(()));
    }

    /// Opens the camera of this kind, and waits until it says what its pictures will be.
    #[track_caller]
    fn open(&self, kind: &str, says: &str) {
        self.browser.click(&format!("#act-post_tl [data-camera={kind}] [data-camera-open]"));
        self.see_said(kind, says);
    }

    #[track_caller]
    fn see_said(&self, kind: &str, says: &str) {
        let said = format!("#act-post_tl [data-camera={kind}] [data-camera-said]");
        let says = self.browser.t(says);
        self.browser.await_it(says, || self.browser.words_of(&said).filter(|words| words == says));
    }

    /// Takes a picture, and another one where the camera sees the same as before.
    #[track_caller]
    fn shoot(&self, kind: &str) {
        let browser = &self.browser;
        let cards = |state: &str| {
            let count = format!("return document.querySelectorAll('#act-post_tl .photo-card{state}').length");
            browser.run(&count).as_u64().expect("a number")
        };
        loop {
            let before = cards("");
            browser.click(&format!("#act-post_tl [data-camera={kind}] [data-camera-shutter]"));
            browser.await_it("a card", || (cards("") > before).then_some(()));
            if !browser.has("#act-post_tl .photo-card[data-photo-state=refused]") {
                return;
            }
            browser.see(browser.t("card.repeated"));
            browser.click("#act-post_tl .photo-card[data-photo-state=refused] [data-photo-remove]");
        }
    }

    /// Waits until the cards say this of where their photos are from, in their order.
    #[track_caller]
    fn see_origins(&self, origins: &[&str]) {
        let all = "return [...document.querySelectorAll('#act-post_tl .photo-card [data-photo-origin]')].map((origin) => origin.textContent)";
        let expected: Vec<&str> = origins.iter().map(|origin| self.browser.t(origin)).collect();
        self.browser
            .await_it(&format!("{expected:?}"), || (self.browser.run(all) == json!(expected)).then_some(()));
    }

    /// Whether each photo that the report has is live, in the order in which they were sent.
    fn live(&self) -> Vec<Value> {
        let seen = self.report.seen_by(&self.officer).expect(200).json();
        seen["photos"].as_array().expect("photos").iter().map(|photo| photo["live"].clone()).collect()
    }

    /// Sets all nonces of the report back, as five minutes would.
    fn let_nonces_end(&self) {
        let nonces = items_of_kind(&self.report.ticket, "camera");
        assert!(!nonces.is_empty());
        for nonce in nonces {
            let update = dynamodb()
                .update_item()
                .table_name(stack().output("ReportsTable"))
                .key("pk", nonce["pk"].clone())
                .key("sk", nonce["sk"].clone())
                .update_expression("SET #until = :until")
                .expression_attribute_names("#until", "until")
                .expression_attribute_values(":until", AttributeValue::S("2026-01-10T01:23:45Z".to_owned()));
            wait(update.send()).expect("a nonce");
        }
    }

    /// Has the page note the tracks of each camera that it is given.
    fn note_tracks(&self) {
        self.browser.run(
            "const devices = navigator.mediaDevices, get = devices.getUserMedia.bind(devices);
             window.tracks = [];
             devices.getUserMedia = async (what) => { const stream = await get(what); tracks.push(...stream.getTracks()); return stream; }",
        );
    }

    /// Waits until so many tracks have ended, and none lives.
    #[track_caller]
    fn see_off(&self, ended: usize, panel: &str) {
        let states = "return window.tracks.map((track) => track.readyState)";
        let all = json!(vec!["ended"; ended]);
        self.browser.await_it("a camera that is off", || (self.browser.run(states) == all).then_some(()));
        let is_hidden =
            format!("return document.querySelector('{panel} [data-camera-panel]')?.hidden ?? true");
        assert_eq!(self.browser.run(&is_hidden), true, "the panel is still open");
    }
}

#[rstest]
fn a_picture_taken_in_the_page_is_marked_for_validators_and_a_file_as_one(
    #[values("id", "en")] language: &'static str,
) {
    let scene = Scene::new(language);
    let browser = &scene.browser;
    browser.fill("#post_tl-narrative", "Lubang sudah ditutup dengan aspal panas");
    scene.open("before", "camera.live");
    scene.shoot("before");
    scene.see_origins(&["photo.live"]);
    browser.choose_photo("post_tl", "after", &life::fresh_photo());
    scene.see_origins(&["photo.live", "photo.file"]);
    see_ready(browser, "post_tl", 2);
    assert_eq!(scene.live(), [true, false]);
    browser.send("post_tl");
    browser.see_done("event.post_tl");
    browser.see_nothing_kept();

    let validator = Browser::of(language, officers::VALIDASI);
    validator.go(&page_of(&scene.report));
    let items =
        "return [...document.querySelectorAll('.before-after .photos li')].map((item) => item.innerText)";
    let items = validator.run(items);
    for (item, (kind, origin)) in
        items.as_array().expect("photos").iter().zip([("before", "live"), ("after", "file")])
    {
        let words = item.as_str().expect("words");
        assert!(words.contains(validator.t(&format!("photo.{kind}"))), "{words}");
        assert!(words.contains(validator.t(&format!("photo.{origin}"))), "{words}");
    }
    assert_eq!(validator.complaints(), [""; 0]);
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn each_picture_is_declared_at_once_also_while_another_one_is_being_sent() {
    let scene = Scene::new("id");
    // Of each picture the upload takes longer than this test waits.
    scene.open("before", "camera.live");
    scene.browser.slow_down(400, 6250);
    scene.shoot("before");
    scene.shoot("before");
    scene.see_origins(&["photo.live", "photo.live"]);
    let is_sent = |sent: &&Sent| sent.is_upload();
    assert!(
        scene.line.sent().iter().filter(is_sent).count() < 2,
        "the second one is declared before it is its turn"
    );
    scene.browser.slow_down(0, -1);
    scene.see_said("before", "camera.live");
}

#[test]
fn without_a_connection_a_picture_is_taken_all_the_same_and_is_a_file() {
    let scene = Scene::new("id");
    scene.line.down();
    scene.open("before", "camera.file");
    scene.shoot("before");
    scene.browser.see_kept("pictures", 1);
    scene.see_origins(&["photo.file"]);
    scene.line.mend();
    scene.go_on(1);
    scene.see_said("before", "camera.live");
    scene.shoot("before");
    see_ready(&scene.browser, "post_tl", 2);
    scene.see_origins(&["photo.file", "photo.live"]);
    assert_eq!(scene.live(), [false, true]);
}

#[test]
fn a_line_that_breaks_between_nonce_and_declaration_costs_nothing_if_it_is_mended_in_time() {
    let scene = Scene::new("id");
    let mut expected = Vec::new();
    for cut in [Cut::Before("/unggah"), Cut::Answer("/unggah")] {
        scene.browser.go(&page_of(&scene.report));
        scene.unfold();
        scene.open("before", "camera.live");
        scene.line.cut(cut);
        scene.shoot("before");
        scene.browser.await_it("a broken line", || scene.line.is_down().then_some(()));
        scene.line.mend();
        expected.push("photo.live");
        scene.go_on(expected.len());
        scene.see_origins(&expected);
        assert_eq!(scene.live(), vec![true; expected.len()], "{cut:?}");
    }
}

#[test]
fn a_picture_outlives_its_page_and_after_five_minutes_it_goes_as_a_file() {
    let scene = Scene::new("id");
    let browser = &scene.browser;
    for (has_ended, expected) in [(false, vec![true]), (true, vec![true, false])] {
        browser.go(&page_of(&scene.report));
        scene.unfold();
        scene.open("before", "camera.live");
        scene.line.cut(Cut::Before("/unggah"));
        scene.shoot("before");
        browser.await_it("a broken line", || scene.line.is_down().then_some(()));
        browser.kill_tab();
        if has_ended {
            scene.let_nonces_end();
        }
        scene.line.mend();
        browser.go(&page_of(&scene.report));
        scene.unfold();
        see_ready(browser, "post_tl", expected.len());
        assert_eq!(scene.live(), expected);
    }
    scene.see_origins(&["photo.live", "photo.file"]);
}

#[test]
fn the_camera_is_off_once_it_is_closed_hidden_or_sent() {
    let scene = Scene::new("id");
    let browser = &scene.browser;
    scene.note_tracks();
    let hide = "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});
        document.dispatchEvent(new Event('visibilitychange')); delete document.visibilityState";
    let ways: [&dyn Fn(); 4] = [
        &|| browser.click(&format!("{PANEL} [data-camera-close]")),
        &|| browser.click(&format!("{PANEL} [data-camera-open]")),
        &|| drop(browser.run(hide)),
        &|| drop(browser.run("document.querySelector('#act-post_tl').open = false")),
    ];
    for (before, close) in ways.iter().enumerate() {
        scene.open("before", "camera.live");
        assert_eq!(browser.run("return window.tracks.at(-1).readyState"), "live");
        close();
        scene.see_off(before + 1, PANEL);
        scene.unfold();
    }
    // Another kind's takes its place.
    scene.open("before", "camera.live");
    scene.open("after", "camera.live");
    assert_eq!(
        browser.run("return window.tracks.map((track) => track.readyState).slice(-2)"),
        json!(["ended", "live"])
    );
    // Sent, or not sent yet.
    scene.line.down();
    browser.fill("#post_tl-narrative", "Lubang sudah ditutup dengan aspal panas");
    browser.click("#act-post_tl form > .actions button");
    scene.see_off(ways.len() + 2, PANEL);
}

#[test]
fn the_camera_is_off_once_its_officer_has_signed_out_in_another_tab() {
    let scene = Scene::new("id");
    let browser = &scene.browser;
    scene.note_tracks();
    scene.open("before", "camera.live");
    let first = browser.tab();
    browser.new_tab();
    browser.go("/petugas/meja");
    browser.sign_out();
    browser.to_tab(&first);
    browser.see(browser.t("signed_out.title"));
    scene.see_off(1, PANEL);
}

#[rstest]
#[case(Camera::None, "", "camera.none")]
#[case(Camera::Refused, "", "camera.not_allowed")]
#[case(Camera::None, "Object.defineProperty(navigator, 'mediaDevices', {value: undefined})", "camera.none")]
fn without_a_camera_the_panel_says_why_and_files_stay(
    #[case] camera: Camera,
    #[case] script: &str,
    #[case] says: &str,
) {
    let (officer, reports) = in_hand(1);
    let browser = Browser::with_camera("id", &Line::lay(), camera);
    browser.go("/petugas");
    browser.sign_in(&officer.username);
    browser.go(&page_of(&reports[0]));
    browser.run(script);
    browser.unfold("post_tl");
    browser.click(&format!("{PANEL} [data-camera-open]"));
    browser.see(browser.t(says));
    let is_there = format!("return document.querySelector('{PANEL} [data-camera-shutter]').hidden");
    assert_eq!(browser.run(&is_there), true, "a shutter without a camera");
    browser.choose_photo("post_tl", "before", &life::fresh_photo());
    see_ready(&browser, "post_tl", 1);
}

#[rstest]
fn an_open_camera_is_no_barrier(#[values("id", "en")] language: &'static str) {
    let scene = Scene::new(language);
    let browser = &scene.browser;
    scene.open("before", "camera.live");
    scene.shoot("before");
    see_ready(browser, "post_tl", 1);
    let mut pages = Inspection::new();
    pages.look_at(browser, "unit-report-camera");
    pages.end();
    let small = format!(
        "return [...document.querySelectorAll('{PANEL} button')].filter((button) => {{
            const {{width, height}} = button.getBoundingClientRect(); return width < 44 || height < 44; }}).length"
    );
    assert_eq!(browser.run(&small), 0, "a button is smaller than 44 pixels");
    browser.reload();
    scene.unfold();

    // By keyboard alone.
    let name = |text: &str| browser.t(text).replace("{kind}", browser.t("photo.before"));
    browser.run("document.querySelector('#act-post_tl > summary').focus()");
    tab_to(browser, &name("camera.open"));
    browser.type_keys(ENTER);
    scene.see_said("before", "camera.live");
    tab_to(browser, &name("camera.shutter"));
    browser.type_keys(ENTER);
    browser.await_it("a card", || {
        (browser.run("return document.querySelectorAll('#act-post_tl .photo-card').length") == 2)
            .then_some(())
    });
    tab_to(browser, browser.t("camera.close"));
    browser.type_keys(ENTER);
    let focused = "return document.activeElement.hasAttribute('data-camera-open')";
    assert_eq!(browser.run(focused), true, "the focus is lost with the camera");
}
