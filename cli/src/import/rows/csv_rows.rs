//! Rows of a CSV: a header, then a report in each record.

use super::{RowError, Unnamed, Written, canonical};
use city_folder::csv_form::{Malformed, malformed};
use csv::ByteRecord;
use serde_json::{Map, Number, Value};
use std::{
    cell::RefCell,
    collections::VecDeque,
    fs::File,
    io::{self, BufReader, Chain, Read},
    rc::Rc,
};
use store::digest;

/// What is wrong with a row is written into this column, and read from none.
pub(crate) const ERROR: &str = "error";
/// What the row is known by.
pub(crate) const ID: &str = "id";
/// Fields of the body itself.
const OF_BODY: &[&str] = &["category", "description", "privacy", "language"];
/// Fields of its place that are numbers.
const OF_POINT: &[&str] = &["lat", "lon", "accuracy_m"];
const ADDRESS: &str = "address";
/// Fields of its reporter.
const OF_REPORTER: &[&str] = &["name", "phone", "email", "channel_ref"];

pub(super) struct CsvRows {
    /// With a line break after the last line, so that each record has one by which its line is known.
    reader: csv::Reader<Noted<Chain<BufReader<File>, &'static [u8]>>>,
    /// The bytes that the reader was given, from its last record on.
    noted: Rc<RefCell<VecDeque<u8>>>,
    header: ByteRecord,
    /// What each column is.
    columns: Vec<&'static str>,
}

impl CsvRows {
    /// Reads the header; the error is what is wrong with it.
    pub(super) fn new(file: BufReader<File>) -> Result<Self, String> {
        // Where lines end with CR LF, the reader takes the LF for a part of the next record, and counts lines by that.
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.flexible(true).terminator(csv::Terminator::Any(b'\n'));
        let noted = Rc::<RefCell<VecDeque<u8>>>::default();
        let file = Noted { inner: file.chain(&b"\n"[..]), noted: Rc::clone(&noted) };
        let mut reader = reader.from_reader(file);
        let header = reader.byte_headers().map_err(|error| error.to_string())?.clone();
        let mut rows = Self { reader, noted, header: without_cr(header), columns: Vec::new() };
        if let Some(wrong @ Malformed::LineEnd(_)) = malformed(&rows.raw(0)) {
            return Err(format!("there is {}", wrong.text()));
        }
        rows.columns = columns(&rows.header)?;
        Ok(rows)
    }

    pub(super) fn header(&self) -> &ByteRecord {
        &self.header
    }

    /// What was read since the byte `from` of the file, as it stands there.
    fn raw(&mut self, from: u64) -> Vec<u8> {
        let length = usize::try_from(self.reader.position().byte() - from).unwrap_or(usize::MAX);
        let mut noted = self.noted.borrow_mut();
        let length = length.min(noted.len());
        noted.drain(..length).collect()
    }

    pub(super) fn next(&mut self) -> Result<Option<Unnamed>, csv::Error> {
        let mut record = ByteRecord::new();
        let mut raw;
        loop {
            let from = self.reader.position().byte();
            let more = self.reader.read_byte_record(&mut record)?;
            raw = self.raw(from);
            if !more {
                return Ok(None);
            }
            record = without_cr(record);
            // A line with nothing on it.
            if record.len() > 1 || !record.as_slice().is_empty() {
                break;
            }
        }
        let breaks_within = record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        let breaks = u64::try_from(breaks_within).unwrap_or(u64::MAX);
        let line = self.reader.position().line().saturating_sub(1).saturating_sub(breaks);
        let mut errors = Vec::new();
        // The reader forgives it, and a citizen's row may have become a part of another's.
        if let Some(malformed) = malformed(&raw) {
            errors.push(RowError::new("", format!("There is {}.", malformed.text())));
        }
        if record.len() != self.columns.len() {
            let what = format!("It has {} fields, and the header {}.", record.len(), self.columns.len());
            errors.push(RowError::new("", what));
        }
        let (mut body, mut location, mut reporter) = (Map::new(), Map::new(), Map::new());
        let mut id = None;
        for (field, &column) in record.iter().zip(&self.columns) {
            if column == ERROR || field.is_empty() {
                continue;
            }
            let Ok(text) = std::str::from_utf8(field) else {
                errors.push(RowError::new(column, "It is not UTF-8."));
                continue;
            };
            if column == ID {
                id = Some(text.trim().to_owned()).filter(|id| !id.is_empty());
            } else if OF_BODY.contains(&column) {
                body.insert(column.to_owned(), text.into());
            } else if OF_REPORTER.contains(&column) {
                reporter.insert(column.to_owned(), text.into());
            } else if OF_POINT.contains(&column) {
                location.insert(column.to_owned(), number(text));
            } else {
                location.insert(ADDRESS.to_owned(), text.into());
            }
        }
        for (name, fields) in [("location", location), ("reporter", reporter)] {
            if !fields.is_empty() {
                body.insert(name.to_owned(), Value::Object(fields));
            }
        }
        let body = Value::Object(body);
        let says = if errors.is_empty() {
            digest::raw(canonical(&body).as_bytes())
        } else {
            digest::raw(record.as_slice())
        };
        Ok(Some(Unnamed { line, id, body, errors, written: Written::Csv(record), says }))
    }
}

/// Notes what is read.
struct Noted<R> {
    inner: R,
    noted: Rc<RefCell<VecDeque<u8>>>,
}

impl<R: Read> Read for Noted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.noted.borrow_mut().extend(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// The record without the CR before its line break.
fn without_cr(record: ByteRecord) -> ByteRecord {
    let Some(last) = record.len().checked_sub(1).filter(|last| record[*last].ends_with(b"\r")) else {
        return record;
    };
    let field = |(place, field): (usize, &[u8])| {
        let length = if place == last { field.len() - 1 } else { field.len() };
        field[..length].to_vec()
    };
    record.iter().enumerate().map(field).collect()
}

/// A number, as JSON has it; what is none stays a text, so that the contract refuses it.
fn number(text: &str) -> Value {
    let number = text.trim().parse().ok().and_then(Number::from_f64);
    number.map_or_else(|| text.into(), Value::Number)
}

/// What each column of the header is.
fn columns(header: &ByteRecord) -> Result<Vec<&'static str>, String> {
    if header.is_empty() {
        return Err("it has no header".to_owned());
    }
    if header.len() == 1 && header.as_slice().contains(&b';') {
        return Err("its columns are separated by semicolons; save it with commas".to_owned());
    }
    let known = || [ERROR, ID, ADDRESS].iter().chain(OF_BODY).chain(OF_POINT).chain(OF_REPORTER);
    let mut columns = Vec::new();
    for (place, name) in header.iter().enumerate() {
        let column = known().find(|column| name.trim_ascii().eq_ignore_ascii_case(column.as_bytes()));
        let &column = column.ok_or_else(|| format!("column {} has no name of ours", place + 1))?;
        if columns.contains(&column) {
            return Err(format!("the column {column} is there twice"));
        }
        columns.push(column);
    }
    let missing = ["category", "description"].into_iter().find(|column| !columns.contains(column));
    if let Some(missing) = missing {
        return Err(format!("the column {missing} is missing"));
    }
    let has = |column| columns.contains(&column);
    if !(has(ADDRESS) || has("lat") && has("lon")) {
        return Err("lat and lon are missing, and address too".to_owned());
    }
    Ok(columns)
}
