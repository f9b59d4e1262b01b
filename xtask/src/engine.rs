//! The local engine: started, watched and stopped in an orderly way, so that it keeps its data.

use crate::{
    process::{REGION, only_local_account},
    project::{Project, make_private_directory},
};
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::{
    fs,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

const TICK: Duration = Duration::from_millis(100);
/// How long the engine may take to answer after it was started.
const START_TICKS: u32 = 600;
/// How much of its log is shown when it ends at once.
const SHOWN_LINES: usize = 5;
/// How long it may take to write its state down; a stack with many reports takes a while.
const STOP_TICKS: u32 = 1200;

/// Starts MiniStack with two of its waits taken away. A process whose command line names it is an engine.
const STARTER: &str = "infra/engine/start.py";

/// Where one engine keeps what it needs.
#[derive(Clone)]
pub(crate) struct Home {
    directory: PathBuf,
}

impl Home {
    /// Of the engine that `cargo xtask up` brings up.
    pub(crate) fn local(project: &Project) -> Self {
        Self { directory: project.local() }
    }

    /// Of an engine that runs beside it for one purpose, such as `test`: a directory of its own within `.local`.
    pub(crate) fn isolated(project: &Project, purpose: &str) -> Result<Self> {
        let directory = project.local().join(purpose);
        make_private_directory(&directory)?;
        Ok(Self { directory })
    }

    /// Addresses, sign-ins and keys, for scripts.
    pub(crate) fn stack_file(&self) -> PathBuf {
        self.directory.join("stack.json")
    }

    /// What the engine says. Functions' logs are in its CloudWatch Logs.
    pub(crate) fn log(&self) -> PathBuf {
        self.directory.join("engine.log")
    }

    /// Tables, objects, keys, officers: everything that outlives a restart.
    pub(crate) fn state(&self) -> PathBuf {
        self.directory.join("state")
    }

    fn services(&self) -> PathBuf {
        self.state().join("services")
    }

    /// What the tests leave for those after a restart.
    fn notes(&self) -> PathBuf {
        self.directory.join("notes")
    }

    fn scratch(&self) -> PathBuf {
        self.directory.join("scratch")
    }

    fn note(&self) -> PathBuf {
        self.directory.join("engine.pid")
    }

    /// Forgets everything that is kept here.
    pub(crate) fn wipe(&self) -> Result<()> {
        for directory in [self.state(), self.scratch(), self.notes()] {
            if directory.exists() {
                fs::remove_dir_all(&directory)
                    .with_context(|| format!("cannot remove {}", directory.display()))?;
            }
        }
        for file in [self.stack_file(), self.log(), self.note()] {
            if file.exists() {
                fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
            }
        }
        Ok(())
    }
}

/// A running engine. Dropping it stops it in an orderly way, also after an error, a panic or Ctrl-C; [`Engine::leave`]
/// lets it live on.
pub(crate) struct Engine {
    home: Home,
    pid: Pid,
    port: u16,
    child: Option<Child>,
    left: bool,
}

impl Engine {
    /// The engine of this home, if it runs.
    pub(crate) fn running(home: &Home) -> Option<Self> {
        let note = fs::read_to_string(home.note()).ok()?;
        let (pid, port) = note.trim().split_once(' ')?;
        let (pid, port) = (Pid::from_raw(pid.parse().ok()?)?, port.parse().ok()?);
        is_engine(pid).then(|| Self { home: home.clone(), pid, port, child: None, left: false })
    }

    /// Starts the engine on the state that this home keeps.
    pub(crate) fn start(project: &Project, home: &Home, interpreter: &Path, port: u16) -> Result<Self> {
        if TcpListener::bind(("127.0.0.1", port)).is_err() {
            bail!("port {port} is taken; choose another with --port");
        }
        // Functions are unpacked here; after a restart nothing of it is used.
        if home.scratch().exists() {
            fs::remove_dir_all(home.scratch())?;
        }
        for directory in [home.state(), home.scratch()] {
            make_private_directory(&directory)?;
        }
        forget_stream_positions(home)?;
        // Behind what an earlier run said: the tests look for planted words in all of it.
        let log = fs::OpenOptions::new().create(true).append(true).open(home.log());
        let log = log.with_context(|| format!("cannot write {}", home.log().display()))?;

        let mut settings = tokio::process::Command::new(interpreter);
        only_local_account(&mut settings, &endpoint(port));
        let mut command = settings.into_std();
        let child = command
            .arg(project.root.join(STARTER))
            .current_dir(home.scratch())
            // Every role's policy is enforced.
            .env("AUTH", "true")
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", REGION)
            .env("PERSIST_STATE", "1")
            .env("STATE_DIR", home.services())
            .env("S3_PERSIST", "1")
            .env("S3_DATA_DIR", home.state().join("objects"))
            .env("TMPDIR", home.scratch())
            // Listeners that nothing here uses.
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C in the terminal is for this tool, which then stops the engine and waits for its state.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", interpreter.display()))?;
        let pid = Pid::from_child(&child);
        let mut engine = Self { home: home.clone(), pid, port, child: Some(child), left: false };
        fs::write(home.note(), engine.written())?;
        engine.wait_until_healthy()?;
        Ok(engine)
    }

    /// The address of every service.
    pub(crate) fn endpoint(&self) -> String {
        endpoint(self.port)
    }

    /// The port that the engine listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Leaves the engine running when this program ends.
    pub(crate) fn leave(mut self) {
        self.left = true;
    }

    /// Stops the engine and waits until it has written its state down.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.end()
    }

    fn wait_until_healthy(&mut self) -> Result<()> {
        let health = format!("{}/_ministack/health", self.endpoint());
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(5)))
            .proxy(None)
            .build()
            .into();
        for _ in 0..START_TICKS {
            if !self.lives() {
                let said = fs::read_to_string(self.home.log()).unwrap_or_default();
                let last: Vec<&str> = said.lines().rev().take(SHOWN_LINES).collect();
                let last: Vec<&str> = last.into_iter().rev().collect();
                bail!(
                    "the engine ended at once; {} ends with\n{}",
                    self.home.log().display(),
                    last.join("\n")
                );
            }
            if agent.get(&health).call().is_ok() {
                return Ok(());
            }
            thread::sleep(TICK);
        }
        bail!("the engine does not answer; {} may say why", self.home.log().display())
    }

    /// What the note says of this engine.
    fn written(&self) -> String {
        format!("{} {}\n", self.pid.as_raw_nonzero(), self.port)
    }

    fn lives(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => is_engine(self.pid),
        }
    }

    fn end(&mut self) -> Result<()> {
        self.left = true;
        if self.lives() {
            kill_process(self.pid, Signal::TERM).context("cannot stop the engine")?;
        }
        let mut ticks = 0;
        while self.lives() {
            thread::sleep(TICK);
            ticks += 1;
            if ticks == STOP_TICKS {
                kill_process(self.pid, Signal::KILL).context("cannot kill the engine")?;
                bail!("the engine did not stop and was killed: what changed since its start is lost");
            }
        }
        // Functions that it left behind; usually there are none.
        let _ = kill_process_group(self.pid, Signal::KILL);
        // Only its own note: another engine may have come meanwhile.
        if fs::read_to_string(self.home.note()).is_ok_and(|note| note == self.written()) {
            let _ = fs::remove_file(self.home.note());
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if !self.left
            && let Err(error) = self.end()
        {
            eprintln!("error: {error:#}");
        }
    }
}

/// Makes stream readers begin at the beginning after a restart. The engine keeps how far they had read, but not the
/// streams: without this, `notify` would sleep until as much has happened again as had happened before.
fn forget_stream_positions(home: &Home) -> Result<()> {
    let file = home.services().join("lambda.json");
    let Ok(kept) = fs::read(&file) else { return Ok(()) };
    let mut kept: serde_json::Value =
        serde_json::from_slice(&kept).context("the engine's state has another form")?;
    if let Some(positions) = kept.pointer_mut("/payload/dynamodb_stream_positions/data") {
        *positions = serde_json::json!({});
        fs::write(&file, serde_json::to_vec(&kept)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Finds a port that is free now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("no free port")?.local_addr()?.port())
}

fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Whether this process is an engine: after a restart of the machine its number may be another program's.
fn is_engine(pid: Pid) -> bool {
    let number = pid.as_raw_nonzero();
    let command_line = match fs::read(format!("/proc/{number}/cmdline")) {
        Ok(line) => line,
        Err(_) if Path::new("/proc/self").exists() => return false,
        Err(_) => Command::new("ps")
            .args(["-o", "command=", "-p", &number.to_string()])
            .output()
            .map(|output| output.stdout)
            .unwrap_or_default(),
    };
    String::from_utf8_lossy(&command_line).contains(STARTER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Output;

    /// How MiniStack asks for its server.
    const SERVES: &str = "from hypercorn.asyncio import serve";

    /// Starts the engine's file with a module that says it is MiniStack, and that is served so.
    fn start_with(version: &str, lambda_runtime: &str, serves: &str) -> Output {
        let root = Project::find().unwrap().root;
        let folder = std::env::temp_dir().join(format!("tuntas-start-{}-{version}", std::process::id()));
        let core = folder.join("ministack/core");
        let information = folder.join(format!("ministack-{version}.dist-info"));
        for directory in [&core, &information, &folder.join("hypercorn"), &folder.join("ministack/services")]
        {
            fs::create_dir_all(directory).unwrap();
        }
        fs::write(information.join("METADATA"), format!("Name: ministack\nVersion: {version}\n")).unwrap();
        let app = format!(
            "import socketserver\nfrom ministack.core.lambda_runtime import Worker\n\
             def main():\n    {serves}\n    print('started', Worker._drain_stderr_bounded.__defaults__, \
             socketserver.StreamRequestHandler.disable_nagle_algorithm, serve.__module__)\n"
        );
        for (module, text) in [
            ("ministack/__init__.py", ""),
            ("ministack/core/__init__.py", ""),
            ("ministack/services/__init__.py", ""),
            ("ministack/services/dynamodb.py", "def _condition_syntax_error(expr, slot): pass\n"),
            ("ministack/app.py", &app),
            ("hypercorn/__init__.py", ""),
            ("hypercorn/asyncio.py", "def serve(): pass\n"),
            ("uvicorn.py", ""),
            ("uvloop.py", "def install(): pass\n"),
        ] {
            fs::write(folder.join(module), text).unwrap();
        }
        fs::write(core.join("lambda_runtime.py"), lambda_runtime).unwrap();
        let mut python = Command::new("python3");
        let output = python.arg(root.join(STARTER)).env("PYTHONPATH", &folder).output().unwrap();
        fs::remove_dir_all(&folder).unwrap();
        output
    }

    fn runtime(first_line_wait: &str) -> String {
        format!(
            "import http.server\n\
             class Worker:\n    \
                 def _drain_stderr_bounded(self, first_line_wait={first_line_wait}, idle_confirm=0.005, hard_cap=0.25): pass\n\
             class ProvidedWorker(Worker):\n    \
                 def _build_handler_class(self): return http.server.BaseHTTPRequestHandler\n"
        )
    }

    #[test]
    fn the_engine_starts_only_where_its_waits_are_as_they_were_tried() {
        let said = |output: &Output| {
            String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
        };
        let wanted = fs::read_to_string(Project::find().unwrap().root.join("infra/engine/requirements.txt"));
        let wanted = wanted.unwrap();
        let version = wanted.lines().find_map(|line| line.strip_prefix("ministack==")).unwrap();

        let fits = start_with(version, &runtime("0.05"), SERVES);
        assert!(
            fits.status.success() && said(&fits).contains("started (0.05, 0.001, 0.25) True __main__"),
            "{}",
            said(&fits)
        );
        let newer = start_with("9.9.9", &runtime("0.05"), SERVES);
        assert!(!newer.status.success() && said(&newer).contains("it is 9.9.9"), "{}", said(&newer));
        let slower = start_with(version, &runtime("0.5"), SERVES);
        assert!(!slower.status.success() && said(&slower).contains("0.5"), "{}", said(&slower));
        let moved = start_with(version, "class Worker: pass\nclass ProvidedWorker(Worker): pass\n", SERVES);
        assert!(!moved.status.success() && said(&moved).contains("is gone"), "{}", said(&moved));
        let elsewhere = start_with(version, &runtime("0.05"), "from other.asyncio import serve");
        assert!(
            !elsewhere.status.success() && said(&elsewhere).contains("does not serve by"),
            "{}",
            said(&elsewhere)
        );
    }
}
