//! A function's own binary under Lambda's Runtime API, looked at from outside.

use crate::http::{Message, now};
use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const PATIENCE: Duration = Duration::from_secs(120);

/// A binary and how to run it.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) binary: PathBuf,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) timeout: Duration,
}

/// A running function; ended when dropped.
pub(crate) struct Function {
    program: Program,
    child: Child,
    said: PathBuf,
    started: Instant,
    ready: mpsc::Receiver<Instant>,
    events: mpsc::Sender<String>,
    answers: mpsc::Receiver<Reply>,
}

/// What the function gave back.
pub(crate) struct Reply {
    /// The reply that Lambda would get.
    pub(crate) value: Value,
    /// From handing out the event to having read all of the reply.
    pub(crate) took: Duration,
    at: Instant,
    way: String,
}

/// What all connections of one function share.
struct Desk {
    timeout: Duration,
    ready: Mutex<Option<mpsc::Sender<Instant>>>,
    events: Mutex<mpsc::Receiver<String>>,
    handed_out: Mutex<Option<Instant>>,
}

impl Function {
    pub(crate) fn start(program: &Program) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port")?;
        let address = listener.local_addr()?.to_string();
        let (events, event_receiver) = mpsc::channel();
        let (answer_sender, answers) = mpsc::channel();
        let (ready_sender, ready) = mpsc::channel();
        let desk = Arc::new(Desk {
            timeout: program.timeout,
            ready: Mutex::new(Some(ready_sender)),
            events: Mutex::new(event_receiver),
            handed_out: Mutex::new(None),
        });
        thread::spawn(move || {
            // The runtime keeps one connection or two.
            for stream in listener.incoming().flatten() {
                let (desk, answers) = (Arc::clone(&desk), answer_sender.clone());
                thread::spawn(move || serve(&stream, &desk, &answers));
            }
        });
        let said = std::env::temp_dir().join(format!("tuntas-bench-{}-{address}", program.name));
        let out = File::create(&said).context("no file for what it says")?;
        let mut command = Command::new(&program.binary);
        command
            .env_clear()
            .envs(program.environment.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", format!("tuntas-{}", program.name))
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_LEVEL", "INFO")
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out);
        let started = now();
        let child = command.spawn().with_context(|| format!("cannot start {}", program.binary.display()))?;
        Ok(Self { program: program.clone(), child, said, started, ready, events, answers })
    }

    /// How long it took until it asked for its first event.
    pub(crate) fn ready(&self) -> Result<Duration> {
        let ready = self.ready.recv_timeout(PATIENCE);
        ready.map(|at| at - self.started).map_err(|_| self.silent())
    }

    /// Hands out an event and waits for what comes back.
    pub(crate) fn invoke(&self, event: &str) -> Result<Reply> {
        self.events.send(event.to_owned()).map_err(|_| self.silent())?;
        let reply = self.answers.recv_timeout(PATIENCE).map_err(|_| self.silent())?;
        if reply.way != "response" {
            bail!("{} failed: {}", self.program.name, self.said());
        }
        Ok(reply)
    }

    /// From its start until a reply was read.
    pub(crate) fn since_start(&self, reply: &Reply) -> Duration {
        reply.at - self.started
    }

    /// The most memory that it ever had, in KiB.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }

    /// The processor time that it has taken so far; the kernel counts in hundredths of a second (`USER_HZ`, proc(5)).
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // Behind the name, which ends with the last parenthesis: `utime` and `stime` are the 12th and 13th.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|ticks| ticks.parse::<u64>().ok());
        let (user, system) = (ticks(11).context("no utime")?, ticks(12).context("no stime")?);
        Ok(Duration::from_millis((user + system) * 10))
    }

    /// Everything that it has written so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.said).unwrap_or_default()).into_owned()
    }

    fn silent(&self) -> anyhow::Error {
        anyhow!("{} is silent; it said: {}", self.program.name, self.said())
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.said);
    }
}

/// One connection of the function: it asks for an event, and says what came of it.
fn serve(stream: &TcpStream, desk: &Desk, answers: &mpsc::Sender<Reply>) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = Message::read(&mut reader, || {}) {
        let reply = if request.line.contains("/invocation/next") {
            let at = now();
            if let Some(ready) = desk.ready.lock().unwrap_or_else(PoisonError::into_inner).take() {
                let _ = ready.send(at);
            }
            let Ok(event) = desk.events.lock().unwrap_or_else(PoisonError::into_inner).recv() else { return };
            let head = format!(
                "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
                 lambda-runtime-deadline-ms: {}\r\nlambda-runtime-invoked-function-arn: arn:aws:lambda:x:1:function:f\r\n\
                 lambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n",
                deadline(desk.timeout),
                event.len(),
            );
            *desk.handed_out.lock().unwrap_or_else(PoisonError::into_inner) = Some(now());
            head + &event
        } else {
            let at = now();
            let started = desk.handed_out.lock().unwrap_or_else(PoisonError::into_inner).take();
            let path = request.line.split(' ').nth(1).unwrap_or_default();
            let _ = answers.send(Reply {
                value: serde_json::from_slice(&request.body).unwrap_or_default(),
                took: started.map_or(Duration::ZERO, |started| at - started),
                at,
                way: path.rsplit('/').next().unwrap_or_default().to_owned(),
            });
            "HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
                .to_owned()
        };
        if writer.write_all(reply.as_bytes()).is_err() {
            return;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "Lambda names a deadline in real time")]
fn deadline(later: Duration) -> u128 {
    (SystemTime::now() + later).duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// The SDK alone, making the calls that a function made.
pub(crate) struct SdkBaseline {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl SdkBaseline {
    pub(crate) fn start(binary: &Path, environment: &[(&str, String)]) -> Result<Self> {
        let mut child = Command::new(binary)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        Ok(Self { child, input, output })
    }

    /// Makes the calls of these stages; how long they took.
    pub(crate) fn make(&mut self, stages: &str) -> Result<Duration> {
        writeln!(self.input, "{stages}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let nanoseconds = line.trim().parse().map_err(|_| anyhow!("sdk_baseline: {}", line.trim()))?;
        Ok(Duration::from_nanos(nanoseconds))
    }
}

impl Drop for SdkBaseline {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
