//! Rows of JSON Lines: a body of `POST /v1/reports` in each line, without photos, and with an `id` where there is one.

use super::{RowError, Unnamed, Written, canonical};
use domain::json;
use serde_json::{Map, Value};
use std::{
    fs::File,
    io::{self, BufRead, BufReader},
};
use store::digest;

pub(super) struct JsonLines {
    file: BufReader<File>,
    line: u64,
}

impl JsonLines {
    pub(super) fn new(file: BufReader<File>) -> Self {
        Self { file, line: 0 }
    }

    /// The next line that is not empty.
    pub(super) fn next(&mut self) -> io::Result<Option<Unnamed>> {
        loop {
            let mut text = Vec::new();
            if self.file.read_until(b'\n', &mut text)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            let trimmed = text.trim_ascii();
            if !trimmed.is_empty() {
                return Ok(Some(row(self.line, trimmed)));
            }
        }
    }
}

fn row(line: u64, text: &[u8]) -> Unnamed {
    let bad = |what| Unnamed {
        line,
        id: None,
        body: Value::Null,
        errors: vec![RowError::new("", what)],
        written: Written::Other(text.to_vec()),
        says: digest::raw(text),
    };
    if std::str::from_utf8(text).is_err() {
        return bad("It is not UTF-8.");
    }
    let mut fields = match json::read(text) {
        Some(Value::Object(fields)) => fields,
        Some(_) => return bad("It is no JSON object."),
        // JSON has no CR within a text, so it is the end of a line.
        None if text.contains(&b'\r') => {
            return bad("There is a line end of CR alone: line ends must be LF or CRLF.");
        }
        None => return bad("It is not JSON, or it repeats a name."),
    };
    fields.remove(super::csv_rows::ERROR);
    let written = Written::Object(fields.clone());
    let mut errors = Vec::new();
    let id = id(&mut fields, &mut errors);
    match fields.remove("photos") {
        None | Some(Value::Null) => {}
        Some(Value::Array(photos)) if photos.is_empty() => {}
        Some(_) => errors.push(RowError::new("photos", "Photos cannot be imported.")),
    }
    let body = Value::Object(fields);
    let says = digest::raw(canonical(&body).as_bytes());
    Unnamed { line, id, body, errors, written, says }
}

/// Takes the row's own id out of its fields.
fn id(fields: &mut Map<String, Value>, errors: &mut Vec<RowError>) -> Option<String> {
    match fields.remove(super::csv_rows::ID)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|id| !id.is_empty()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        Value::Null => None,
        Value::Number(_) | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            errors.push(RowError::new("id", "It is neither a text nor a whole number."));
            None
        }
    }
}
