//! As much of HTTP/1.1 as the functions and their SDK speak on loopback.

use std::{
    io::{BufRead, Read},
    time::Instant,
};

/// One message as it came over a connection.
pub(crate) struct Message {
    /// The request or status line.
    pub(crate) line: String,
    /// The headers, their names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The whole body.
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// The next message of a connection; `None` when there are no more.
    ///
    /// `ready` is called when a request waits to be told to go on (`expect: 100-continue`).
    pub(crate) fn read(reader: &mut impl BufRead, ready: impl Fn()) -> Option<Self> {
        let line = line_of(reader)?;
        let mut headers = Vec::new();
        while let Some((name, value)) = line_of(reader)?.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut message = Self { line, headers, body: Vec::new() };
        if message.header("expect").is_some() {
            ready();
        }
        if message.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            loop {
                let size = usize::from_str_radix(line_of(reader)?.trim(), 16).ok()?;
                let mut chunk = vec![0; size + 2];
                reader.read_exact(&mut chunk).ok()?;
                message.body.extend_from_slice(chunk.get(..size)?);
                if size == 0 {
                    return Some(message);
                }
            }
        }
        let length = message.header("content-length").map_or(Some(0), |length| length.parse().ok())?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        message.body = body;
        Some(message)
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

fn line_of(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.by_ref().take(65536).read_line(&mut line).ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}

/// The fields of an `application/x-www-form-urlencoded` text.
pub(crate) fn form(text: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            let hex: Vec<u8> = if byte == b'%' { rest.by_ref().take(2).collect() } else { Vec::new() };
            let escaped = std::str::from_utf8(&hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.push(escaped.unwrap_or(if byte == b'+' { b' ' } else { byte }));
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let fields = text.split('&').filter_map(|field| field.split_once('='));
    fields.map(|(name, value)| (plain(name), plain(value))).collect()
}

#[expect(clippy::disallowed_methods, reason = "this is what measures")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
