//! The line between a browser and the portal, which can be cut at any step of a request, and on which bytes are counted.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};
use tests::stack::stack;

/// Where the line breaks: at the first request whose first line contains the text. From then on nothing goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the request.
    Before(&'static str),
    /// When so many bytes of its body have gone.
    During(&'static str, usize),
    /// When it was carried out, and before its answer.
    Answer(&'static str),
}

/// A request as the browser sent it.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// The first line and the headers.
    pub(crate) head: String,
    pub(crate) body_bytes: usize,
}

/// What goes through the line now, and what has gone.
#[derive(Debug, Default)]
struct State {
    cut: Option<Cut>,
    is_down: bool,
    sent: Vec<Sent>,
    /// All of it, heads and bodies, one sign for each byte.
    said: String,
}

impl Sent {
    pub(crate) fn is_upload(&self) -> bool {
        self.head.starts_with("PUT ")
    }

    /// What a header says, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A line of its own for one browser.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
}

impl Line {
    pub(crate) fn lay() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let line = Self { port, state: Arc::default() };
        let serving = line.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let line = serving.clone();
                // Whatever breaks is a broken line, which is what it is for.
                thread::spawn(move || drop(line.carry(&stream)));
            }
        });
        line
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().expect("the line"))
    }

    /// Breaks at the next such request.
    pub(crate) fn cut(&self, cut: Cut) {
        self.change(|state| state.cut = Some(cut));
    }

    /// Nothing goes through.
    pub(crate) fn down(&self) {
        self.change(|state| state.is_down = true);
    }

    /// Whether it has broken.
    pub(crate) fn is_down(&self) -> bool {
        self.change(|state| state.is_down)
    }

    /// Everything goes through.
    pub(crate) fn mend(&self) {
        self.change(|state| {
            state.cut = None;
            state.is_down = false;
        });
    }

    /// The requests that the browser has sent since it was asked last.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.change(|state| std::mem::take(&mut state.sent))
    }

    /// All that the browser has said since it was asked last.
    pub(crate) fn said(&self) -> String {
        self.change(|state| std::mem::take(&mut state.said))
    }

    /// Carries one request, and its answer.
    fn carry(&self, client: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(client);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let first = head.lines().next().unwrap_or_default().to_owned();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let length: usize = length.unwrap_or(0);
        let hit = self.change(|state| {
            if state.is_down {
                return Err(());
            }
            let cut = state.cut.filter(|cut| {
                let (Cut::Before(at) | Cut::During(at, _) | Cut::Answer(at)) = cut;
                first.contains(at)
            });
            state.is_down = cut.is_some();
            if !matches!(cut, Some(Cut::Before(_))) {
                state.sent.push(Sent { head: head.clone(), body_bytes: length });
            }
            Ok(cut)
        });
        let body = match hit {
            Err(()) | Ok(Some(Cut::Before(_))) => return Ok(()),
            Ok(Some(Cut::During(_, bytes))) => {
                let mut body = vec![0; bytes.min(length)];
                return reader.read_exact(&mut body);
            }
            Ok(None | Some(Cut::Answer(_))) => {
                let mut body = vec![0; length];
                reader.read_exact(&mut body)?;
                body
            }
        };
        let said = body.iter().map(|byte| char::from(*byte));
        self.change(|state| state.said.extend(head.chars().chain(said)));
        let engine = stack().endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let mut upstream = TcpStream::connect(engine)?;
        let lines =
            head.trim_end().lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        let head: String = lines.map(|line| format!("{line}\r\n")).collect();
        upstream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
        upstream.write_all(&body)?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer)?;
        if hit == Ok(None) { (&*client).write_all(&answer) } else { Ok(()) }
    }
}
