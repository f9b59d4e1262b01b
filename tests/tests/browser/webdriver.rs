//! WebDriver (W3C), as far as a person's hands and eyes go: one chromedriver for all tests, a Chromium for each session.
//!
//! The protocol is JSON over HTTP. The crates that speak it bring licences and doubles that `deny.toml` refuses.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{LazyLock, Mutex},
    time::Duration,
};

/// Starts chromedriver on a free port, and ends it with whatever it started when the pipe to here closes, in whatever way that happens.
const GUARD: &str = r#"trap : INT TERM
TMPDIR=$(mktemp -d) || exit; export TMPDIR
chromedriver --port=0 & driver=$!
cat >/dev/null
kill $driver; wait $driver 2>/dev/null; rm -rf "$TMPDIR""#;

struct Driver {
    address: String,
    /// Its ends of the pipes: they close with this program.
    _guard: Mutex<(Child, BufReader<ChildStdout>)>,
}

static DRIVER: LazyLock<Driver> = LazyLock::new(start_driver);

#[expect(clippy::zombie_processes, reason = "it ends after this program, when the pipe to it closes")]
fn start_driver() -> Driver {
    let mut guard = Command::new("sh");
    guard.args(["-c", GUARD]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut guard = guard.spawn().expect("a shell");
    let mut said = BufReader::new(guard.stdout.take().expect("its output"));
    let mut line = String::new();
    loop {
        line.clear();
        let read = said.read_line(&mut line).expect("its output");
        assert!(
            read > 0,
            "chromedriver does not start: install Debian's packages chromium and chromium-driver"
        );
        if let Some((_, port)) = line.trim_end().split_once("started successfully on port ") {
            let address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
            return Driver { address, _guard: Mutex::new((guard, said)) };
        }
    }
}

static AGENT: LazyLock<ureq::Agent> = LazyLock::new(|| {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(40)))
        .proxy(None)
        .build()
        .into()
});

/// How a Chromium is started.
pub(crate) struct Setup {
    /// The languages that it asks for, such as `id`.
    pub(crate) languages: String,
    /// The width of its window, in pixels of CSS.
    pub(crate) width: u32,
    /// Whether pages may run scripts.
    pub(crate) scripts: bool,
    /// The size of text that somebody has chosen, in pixels; 16 is what browsers come with.
    pub(crate) text: u32,
    /// The port of a line that everything goes through.
    pub(crate) line: Option<u16>,
    pub(crate) camera: Camera,
}

/// On a desk, without a camera.
impl Default for Setup {
    fn default() -> Self {
        Self {
            languages: "id".to_owned(),
            width: 1100,
            scripts: true,
            text: 16,
            line: None,
            camera: Camera::None,
        }
    }
}

/// The camera of a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Camera {
    /// There is none.
    None,
    /// There is one, and pages may not use it.
    Refused,
    /// Pages may use it, and it sees the pictures of this file (Y4M), one after the other.
    Sees(PathBuf),
}

/// What WebDriver refuses: its kind of error, and the words.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) String);

/// A Chromium with a profile of its own; ended when dropped.
pub(crate) struct Session {
    address: String,
}

/// An element of the present page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element(pub(crate) String);

/// The name by which JSON says that something is an element.
pub(crate) const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Enter, as WebDriver types it.
pub(crate) const ENTER: &str = "\u{e007}";
/// Tab, as WebDriver types it.
pub(crate) const TAB: &str = "\u{e004}";

impl Session {
    pub(crate) fn start(setup: &Setup) -> Self {
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            // Chromium ends with the pipe: nothing is left of it however chromedriver ends.
            "--remote-debugging-pipe".to_owned(),
            "--no-proxy-server".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--window-size={},900", setup.width),
            // The gateway's names are the engine's; not every resolver knows names below `localhost`.
            match setup.line {
                Some(port) => format!(
                    "--host-resolver-rules=MAP *.localhost 127.0.0.1:{port},MAP localhost 127.0.0.1:{port},MAP 127.0.0.1 127.0.0.1:{port}"
                ),
                None => "--host-resolver-rules=MAP *.localhost 127.0.0.1".to_owned(),
            },
        ];
        arguments.push(format!("--accept-lang={}", setup.languages));
        if setup.camera != Camera::None {
            arguments.push("--use-fake-device-for-media-stream".to_owned());
        }
        if let Camera::Sees(file) = &setup.camera {
            arguments.push("--use-fake-ui-for-media-stream".to_owned());
            arguments.push(format!("--use-file-for-fake-video-capture={}", file.display()));
        }
        let mut preferences = json!({
            "intl.accept_languages": setup.languages, "webkit.webprefs.default_font_size": setup.text,
        });
        if !setup.scripts {
            preferences["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        if setup.camera == Camera::Refused {
            preferences["profile.managed_default_content_settings.media_stream"] = json!(2);
        }
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "timeouts": {"script": 30_000, "pageLoad": 30_000, "implicit": 0},
            "unhandledPromptBehavior": "accept",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": arguments, "prefs": preferences},
        }}});
        let made = call("POST", &format!("{}/session", DRIVER.address), Some(&capabilities));
        let made = made.unwrap_or_else(|refused| panic!("no Chromium: {}", refused.0));
        let id = made["sessionId"].as_str().expect("a session");
        Self { address: format!("{}/session/{id}", DRIVER.address) }
    }

    /// One of the session's commands, such as `url`.
    pub(crate) fn get(&self, command: &str) -> Result<Value, Refused> {
        call("GET", &format!("{}/{command}", self.address), None)
    }

    pub(crate) fn post(&self, command: &str, body: &Value) -> Result<Value, Refused> {
        call("POST", &format!("{}/{command}", self.address), Some(body))
    }

    pub(crate) fn delete(&self, command: &str) -> Result<Value, Refused> {
        call("DELETE", &format!("{}/{command}", self.address), None)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = call("DELETE", &self.address, None);
    }
}

fn call(method: &str, address: &str, body: Option<&Value>) -> Result<Value, Refused> {
    let request = ureq::http::Request::builder().method(method).uri(address);
    let sent = match body {
        Some(body) => AGENT.run(request.body(body.to_string()).expect("a request")),
        None => AGENT.run(request.body(()).expect("a request")),
    };
    let mut response = sent.map_err(|error| Refused(error.to_string()))?;
    let read = response.body_mut().with_config().limit(64 << 20).read_to_vec();
    let bytes = read.map_err(|error| Refused(error.to_string()))?;
    let mut answer: Value = serde_json::from_slice(&bytes).map_err(|error| Refused(error.to_string()))?;
    let value = answer["value"].take();
    match value["error"].as_str() {
        Some(error) => {
            let message = value["message"].as_str().unwrap_or_default().lines().next().unwrap_or_default();
            Err(Refused(format!("{error}: {message}")))
        }
        None => Ok(value),
    }
}
