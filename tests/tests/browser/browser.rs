//! A browser in the hands of one officer: what can be pressed, typed and read in it. Whatever is looked for is waited for.

use crate::{
    line::Line,
    texts::text,
    webdriver::{Camera, ELEMENT, Element, Session, Setup},
};
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};
use tests::stack::stack;

/// How long something is looked for before it is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser with a profile of its own.
pub(crate) struct Browser {
    session: Session,
    pub(crate) language: &'static str,
}

impl Browser {
    /// On a desk: scripts, and a wide window.
    pub(crate) fn open(language: &'static str) -> Self {
        Self::with(language, 1100, true)
    }

    pub(crate) fn with(language: &'static str, width: u32, scripts: bool) -> Self {
        Self::start(language, Setup { width, scripts, ..Setup::default() })
    }

    /// On a line that can be cut.
    pub(crate) fn on_line(language: &'static str, line: &Line) -> Self {
        Self::start(language, Setup { line: Some(line.port), ..Setup::default() })
    }

    /// On a line that can be cut, with a camera or without one.
    pub(crate) fn with_camera(language: &'static str, line: &Line, camera: Camera) -> Self {
        Self::start(language, Setup { line: Some(line.port), camera, ..Setup::default() })
    }

    /// Of somebody who has chosen letters of twice the size.
    pub(crate) fn with_large_text(language: &'static str) -> Self {
        Self::start(language, Setup { text: 32, ..Setup::default() })
    }

    fn start(language: &'static str, setup: Setup) -> Self {
        let setup = Setup { languages: language.to_owned(), ..setup };
        Self { session: Session::start(&setup), language }
    }

    /// What the portal's text of this name says in this browser's language.
    pub(crate) fn t(&self, name: &str) -> &'static str {
        text(self.language, name)
    }

    /// Goes to a path of the portal.
    #[track_caller]
    pub(crate) fn go(&self, path: &str) {
        let url = format!("{}{path}", stack().api);
        self.session.post("url", &json!({ "url": url })).expect("a page");
    }

    /// Path and query of the present page.
    #[track_caller]
    pub(crate) fn here(&self) -> String {
        let url = self.session.get("url").expect("an address");
        url.as_str().and_then(|url| url.strip_prefix(&stack().api)).unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub(crate) fn reload(&self) {
        self.leave(|| drop(self.session.post("refresh", &json!({}))));
    }

    /// The browser's own Back.
    #[track_caller]
    pub(crate) fn back(&self) {
        self.leave(|| drop(self.session.post("back", &json!({}))));
    }

    /// Runs a script in the page, which is not bound by the page's policy of content.
    #[track_caller]
    pub(crate) fn run(&self, script: &str) -> Value {
        self.run_with(script, &json!([]))
    }

    #[track_caller]
    pub(crate) fn run_with(&self, script: &str, arguments: &Value) -> Value {
        let body = json!({"script": script, "args": arguments});
        self.session.post("execute/sync", &body).unwrap_or_else(|refused| panic!("{}", refused.0))
    }

    /// As [`Browser::run_with`], for a script that calls its last argument with what it found.
    #[track_caller]
    pub(crate) fn run_until_called(&self, script: &str, arguments: &Value) -> Value {
        let body = json!({"script": script, "args": arguments});
        self.session.post("execute/async", &body).unwrap_or_else(|refused| panic!("{}", refused.0))
    }

    /// Looks until there is what is looked for; fails with what is to be read instead.
    #[track_caller]
    pub(crate) fn await_it<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let end = now() + PATIENCE;
        loop {
            if let Some(found) = look() {
                return found;
            }
            if now() > end {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.picture("failed");
        panic!("{what}: not on {}, which says:\n{}", self.here(), self.words());
    }

    fn look(&self, using: &str, value: &str) -> Option<Element> {
        let found = self.session.post("element", &json!({"using": using, "value": value})).ok()?;
        found[ELEMENT].as_str().map(|id| Element(id.to_owned()))
    }

    /// An element by its selector.
    #[track_caller]
    pub(crate) fn find(&self, selector: &str) -> Element {
        self.await_it(selector, || self.look("css selector", selector))
    }

    pub(crate) fn has(&self, selector: &str) -> bool {
        self.look("css selector", selector).is_some()
    }

    /// A link, a button or the summary of a form, by what stands on it.
    #[track_caller]
    pub(crate) fn find_named(&self, name: &str) -> Element {
        let path = format!(
            "//*[self::a or self::button or self::summary or self::label][not(ancestor::template)][normalize-space()=\"{name}\"]"
        );
        self.await_it(name, || self.look("xpath", &path))
    }

    #[track_caller]
    fn on(&self, element: &Element, command: &str, body: &Value) {
        // Out from under the label, which stays in sight: as WebDriver sees it, what lies there needs no scrolling. What fails here fails below.
        let from_under = json!({"script": "arguments[0].scrollIntoView({block: 'nearest'})", "args": [{ELEMENT: element.0}]});
        drop(self.session.post("execute/sync", &from_under));
        let done = self.session.post(&format!("element/{}/{command}", element.0), body);
        done.unwrap_or_else(|refused| panic!("{command} on {}: {}", self.here(), refused.0));
    }

    /// Clicks an element, and stays on the page.
    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        self.on(&self.find(selector), "click", &json!({}));
    }

    /// Clicks what has this name, and stays on the page.
    #[track_caller]
    pub(crate) fn click_named(&self, name: &str) {
        self.on(&self.find_named(name), "click", &json!({}));
    }

    /// Does what leads to another page, and waits for that.
    #[track_caller]
    pub(crate) fn leave(&self, act: impl FnOnce()) {
        let before = self.find("html");
        act();
        self.await_it("another page", || {
            self.session.get(&format!("element/{}/name", before.0)).is_err().then_some(())
        });
        self.find("body");
    }

    /// Clicks a link or a button by its selector, and waits for the page that it leads to.
    #[track_caller]
    pub(crate) fn press(&self, selector: &str) {
        let element = self.find(selector);
        self.leave(|| self.on(&element, "click", &json!({})));
    }

    /// The same by what stands on it.
    #[track_caller]
    pub(crate) fn press_named(&self, name: &str) {
        let element = self.find_named(name);
        self.leave(|| self.on(&element, "click", &json!({})));
    }

    /// Types into a field, after what is there.
    #[track_caller]
    pub(crate) fn fill(&self, selector: &str, text: &str) {
        self.on(&self.find(selector), "value", &json!({ "text": text }));
    }

    /// Takes away what stands in a field.
    #[track_caller]
    pub(crate) fn clear(&self, selector: &str) {
        self.on(&self.find(selector), "clear", &json!({}));
    }

    /// Chooses an option by its value.
    #[track_caller]
    pub(crate) fn choose(&self, select: &str, value: &str) {
        self.click(&format!("{select} option[value=\"{value}\"]"));
    }

    /// Types keys to whatever has the focus, one after the other.
    #[track_caller]
    pub(crate) fn type_keys(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key.to_string()})))
            .collect();
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]});
        self.session.post("actions", &actions).unwrap_or_else(|refused| panic!("{}", refused.0));
    }

    /// A value that an element has now, such as a field's `value`.
    #[track_caller]
    pub(crate) fn property(&self, selector: &str, name: &str) -> Value {
        let element = self.find(selector);
        self.session.get(&format!("element/{}/property/{name}", element.0)).expect("a property")
    }

    /// What stands in a field.
    #[track_caller]
    pub(crate) fn value(&self, selector: &str) -> String {
        self.property(selector, "value").as_str().unwrap_or_default().to_owned()
    }

    /// What the page says to somebody who looks at it.
    pub(crate) fn words(&self) -> String {
        self.words_of("body").unwrap_or_default()
    }

    /// What a part of it says; `None` where there is no such part.
    pub(crate) fn words_of(&self, selector: &str) -> Option<String> {
        let element = self.look("css selector", selector)?;
        let text = self.session.get(&format!("element/{}/text", element.0)).ok()?;
        text.as_str().map(str::to_owned)
    }

    /// Waits until the page says this.
    #[track_caller]
    pub(crate) fn see(&self, text: &str) {
        self.await_it(text, || self.words().contains(text).then_some(()));
    }

    #[track_caller]
    pub(crate) fn see_not(&self, text: &str) {
        let words = self.words();
        assert!(!words.contains(text), "{text} is said on {}:\n{words}", self.here());
    }

    /// The tab that is looked at.
    #[track_caller]
    pub(crate) fn tab(&self) -> String {
        self.session.get("window").expect("a tab").as_str().expect("a tab").to_owned()
    }

    #[track_caller]
    pub(crate) fn tabs(&self) -> Vec<String> {
        let tabs = self.session.get("window/handles").expect("tabs");
        tabs.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Opens another tab and looks at it.
    #[track_caller]
    pub(crate) fn new_tab(&self) {
        let made = self.session.post("window/new", &json!({"type": "tab"})).expect("a tab");
        self.to_tab(made["handle"].as_str().expect("a tab"));
    }

    #[track_caller]
    pub(crate) fn to_tab(&self, tab: &str) {
        self.session.post("window", &json!({ "handle": tab })).expect("a tab");
    }

    /// Takes the session away, as time would.
    #[track_caller]
    pub(crate) fn forget_cookies(&self) {
        self.session.delete("cookie").expect("no cookies");
    }

    /// Takes one cookie away, such as the session's.
    #[track_caller]
    pub(crate) fn forget_cookie(&self, name: &str) {
        self.session.delete(&format!("cookie/{name}")).expect("no cookie");
    }

    /// Takes the network away, or gives it back.
    #[track_caller]
    pub(crate) fn set_offline(&self, is_offline: bool) {
        self.set_network(is_offline, 0, -1);
    }

    /// Slows the line of this tab down: milliseconds a round trip, bytes a second.
    #[track_caller]
    pub(crate) fn slow_down(&self, latency_ms: u32, bytes_s: i32) {
        self.set_network(false, latency_ms, bytes_s);
    }

    #[track_caller]
    fn set_network(&self, is_offline: bool, latency_ms: u32, bytes_s: i32) {
        let conditions = json!({"offline": is_offline, "latency": latency_ms, "download_throughput": bytes_s, "upload_throughput": bytes_s});
        let body = json!({ "network_conditions": conditions });
        self.session.post("chromium/network_conditions", &body).expect("another network");
    }

    /// Shows the page as it is printed.
    #[track_caller]
    pub(crate) fn print_on_screen(&self, is_printed: bool) {
        let media = if is_printed { "print" } else { "" };
        self.devtools("Emulation.setEmulatedMedia", &json!({ "media": media }));
    }

    /// How wide the page is laid out. A window cannot be as narrow as a telephone; what is shown in it can.
    #[track_caller]
    pub(crate) fn set_width(&self, width: u32) {
        self.set_screen(width, 900);
    }

    /// The same, and how high.
    #[track_caller]
    pub(crate) fn set_screen(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// A command of the browser's own protocol.
    #[track_caller]
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) {
        let body = json!({"cmd": command, "params": parameters});
        self.session.post("goog/cdp/execute", &body).unwrap_or_else(|refused| panic!("{}", refused.0));
    }

    /// Closes the tab that is looked at, as an operating system kills one: the page hears nothing of it. Another tab is looked at then.
    #[track_caller]
    pub(crate) fn kill_tab(&self) {
        let killed = self.tab();
        self.new_tab();
        let left = self.tab();
        self.to_tab(&killed);
        // The answer is that the tab is gone.
        drop(self.session.post("goog/cdp/execute", &json!({"cmd": "Page.crash", "params": {}})));
        self.to_tab(&left);
    }

    /// What the browser complained of since it was asked last, such as what the policy of content forbade. That an answer was an error is
    /// what some tests are about.
    #[track_caller]
    pub(crate) fn complaints(&self) -> Vec<String> {
        let said = self.session.post("se/log", &json!({"type": "browser"})).expect("a log");
        let said = said.as_array().into_iter().flatten().filter(|entry| entry["level"] == "SEVERE");
        let said = said.filter_map(|entry| entry["message"].as_str()).map(str::to_owned);
        said.filter(|message| {
            !message.contains("Failed to load resource: the server responded with a status of")
        })
        .collect()
    }

    /// A picture of the page, by the parameters of `Page.captureScreenshot`.
    pub(crate) fn capture(&self, parameters: &Value) -> Option<Vec<u8>> {
        let body = json!({"cmd": "Page.captureScreenshot", "params": parameters});
        let taken = self.session.post("goog/cdp/execute", &body).ok()?;
        BASE64.decode(taken["data"].as_str()?.as_bytes()).ok()
    }

    /// Keeps a picture of the whole page as `target/portal-pictures/<language>/<name>.png`.
    pub(crate) fn picture(&self, name: &str) {
        let Some(bytes) = self.capture(&json!({"captureBeyondViewport": true})) else { return };
        let folder =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/portal-pictures").join(self.language);
        fs::create_dir_all(&folder).expect("a folder for pictures");
        fs::write(folder.join(format!("{name}.png")), bytes).expect("a picture");
    }
}

#[expect(clippy::disallowed_methods, reason = "a browser lives in real time")]
fn now() -> Instant {
    Instant::now()
}
