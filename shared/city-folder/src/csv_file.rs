//! CSV files (RFC 4180) whose cells know where they stand.

use crate::{
    Files,
    csv_form::malformed,
    mistake::{Mistake, Mistakes},
    source::Source,
};
use csv_core::{ReadFieldResult, ReaderBuilder};
use domain::unit::Code;
use std::{fmt::Display, str::FromStr};

/// A file's rows, each with a cell for every column.
pub(crate) struct CsvFile<'a> {
    source: Source<'a>,
    /// The name of each column, in the order that the caller gave.
    columns: &'static [&'static str],
    /// The cells of each row, in the order of `columns`.
    rows: Vec<Vec<Cell>>,
}

/// The text of a cell, without white space around it, and the byte at which it begins.
#[derive(Clone, Debug)]
struct Cell {
    text: String,
    byte: usize,
}

impl<'a> CsvFile<'a> {
    /// Reads a file with a header that has exactly these columns, in any order. `None` when that cannot be done; `mistakes` then say why.
    pub(crate) fn read(
        files: &'a Files,
        name: &'static str,
        columns: &'static [&'static str],
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        Self::read_with_optional(files, name, columns, &[], mistakes)
    }

    /// The same with columns that may be missing, as in a folder that was written before there were such. Their cells are empty then.
    pub(crate) fn read_with_optional(
        files: &'a Files,
        name: &'static str,
        columns: &'static [&'static str],
        optional: &[&str],
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let Some(bytes) = files.get(name) else {
            let header = columns.join(",");
            let text = format!("the file is missing: it begins with the line {header}");
            mistakes.add(Mistake { file: name, line: 1, column: 1, text });
            return None;
        };
        let source = match Source::new(name, bytes) {
            Ok(source) => source,
            Err(mistake) => {
                mistakes.add(mistake);
                return None;
            }
        };
        let mut records = records(&source, mistakes)?.into_iter();
        let header = records.next().unwrap_or_default();
        let places = places(&source, &header, columns, optional, mistakes)?;
        let mut rows = Vec::new();
        for record in records {
            let first = record.first().map_or(0, |cell| cell.byte);
            if record.len() == header.len() {
                let missing = Cell { text: String::new(), byte: first };
                let cell = |place: &Option<usize>| place.and_then(|place| record.get(place).cloned());
                rows.push(places.iter().map(|place| cell(place).unwrap_or(missing.clone())).collect());
            } else {
                let text = format!("{} cells, and the header has {}", record.len(), header.len());
                mistakes.add(source.mistake(first, text));
            }
        }
        Some(Self { source, columns, rows })
    }

    /// Each row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { file: self, cells })
    }

    /// A mistake at the file's beginning.
    pub(crate) fn mistake(&self, text: String) -> Mistake {
        self.source.mistake(0, text)
    }
}

/// The records of a file; `None` when its form is broken.
fn records(source: &Source<'_>, mistakes: &mut Mistakes) -> Option<Vec<Vec<Cell>>> {
    let mut reader = ReaderBuilder::new().build();
    let bytes = source.text().as_bytes();
    if let Some(malformed) = malformed(bytes) {
        mistakes.add(source.mistake(malformed.byte(), malformed.text().to_owned()));
        return None;
    }
    let (mut records, mut record) = (Vec::new(), Vec::new());
    let (mut byte, mut begins) = (0, 0);
    let mut field = Vec::new();
    let mut buffer = [0; 512];
    loop {
        let rest = bytes.get(byte..).unwrap_or_default();
        let (result, read, written) = reader.read_field(rest, &mut buffer);
        byte += read;
        field.extend_from_slice(buffer.get(..written).unwrap_or_default());
        match result {
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::Field { record_end } => {
                let begin = begin_of(bytes, begins);
                let text = String::from_utf8_lossy(&field).trim().to_owned();
                record.push(Cell { text, byte: begin });
                field.clear();
                begins = byte;
                if record_end {
                    // A line with nothing on it is no row; a spreadsheet leaves its commas.
                    let blank = record.iter().all(|cell: &Cell| cell.text.is_empty());
                    let ended = std::mem::take(&mut record);
                    if !blank {
                        records.push(ended);
                    }
                }
            }
            ReadFieldResult::End => return Some(records),
        }
    }
}

/// Where a cell begins: behind the rest of a line's end, which the reader leaves to the next cell, and blank lines.
fn begin_of(bytes: &[u8], from: usize) -> usize {
    let line_ends = bytes.iter().skip(from).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    if from == 0 || matches!(bytes.get(from - 1), Some(b'\r' | b'\n')) { from + line_ends } else { from }
}

/// Where each of the columns stands in the header; nowhere where an optional one is missing.
fn places(
    source: &Source<'_>,
    header: &[Cell],
    columns: &'static [&'static str],
    optional: &[&str],
    mistakes: &mut Mistakes,
) -> Option<Vec<Option<usize>>> {
    let before = mistakes.len();
    let all = columns.join(",");
    if header.is_empty() {
        mistakes.add(source.mistake(0, format!("the file is empty: it begins with the line {all}")));
        return None;
    }
    if header.len() == 1 && header.iter().any(|cell| cell.text.contains(';')) {
        mistakes.add(
            source.mistake(0, "cells are separated by semicolons: save the file with commas".to_owned()),
        );
        return None;
    }
    for (index, cell) in header.iter().enumerate() {
        if !columns.contains(&cell.text.as_str()) {
            mistakes
                .add(source.mistake(cell.byte, format!("no column `{}`: the columns are {all}", cell.text)));
        } else if header.iter().take(index).any(|earlier| earlier.text == cell.text) {
            mistakes.add(source.mistake(cell.byte, format!("the column `{}` a second time", cell.text)));
        }
    }
    let place = |column: &&str| header.iter().position(|cell| cell.text == *column);
    let is_missing = |column: &&&str| place(column).is_none() && !optional.contains(*column);
    for column in columns.iter().filter(is_missing) {
        mistakes.add(source.mistake(0, format!("the column `{column}` is missing: the columns are {all}")));
    }
    (mistakes.len() == before).then(|| columns.iter().map(place).collect())
}

/// One row. What a cell should be is read from it; what it is not becomes a mistake.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    file: &'a CsvFile<'a>,
    cells: &'a [Cell],
}

impl Row<'_> {
    fn cell(&self, column: &str) -> Option<&Cell> {
        let place = self.file.columns.iter().position(|name| *name == column)?;
        self.cells.get(place)
    }

    /// The text of a cell.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.cell(column).map_or("", |cell| cell.text.as_str())
    }

    /// A mistake at a cell.
    pub(crate) fn mistake(&self, column: &str, text: String) -> Mistake {
        self.file.source.mistake(self.cell(column).map_or(0, |cell| cell.byte), text)
    }

    /// A text that must be there and fit on a screen.
    pub(crate) fn name(&self, column: &str, mistakes: &mut Mistakes) -> Option<String> {
        let text = self.text(column);
        let length = text.chars().count();
        if (1..=200).contains(&length) && !text.chars().any(char::is_control) {
            return Some(text.to_owned());
        }
        let what = if text.is_empty() { "nothing stands here" } else { "too long, or of several lines" };
        mistakes.add(self.mistake(column, format!("{what}: {column} has 1 to 200 characters on one line")));
        None
    }

    /// A code.
    pub(crate) fn code(&self, column: &str, mistakes: &mut Mistakes) -> Option<Code> {
        let text = self.text(column);
        let code = Code::parse(text);
        if code.is_none() {
            let right = "a code has 1 to 40 of a–z, 0–9 and -";
            mistakes.add(self.mistake(column, format!("`{text}` is no code: {right}")));
        }
        code
    }

    /// One of several values.
    pub(crate) fn one_of<T: Copy>(
        &self,
        column: &str,
        values: &[T],
        written: impl Fn(T) -> &'static str,
        mistakes: &mut Mistakes,
    ) -> Option<T> {
        let text = self.text(column);
        let found = values.iter().copied().find(|value| written(*value) == text);
        if found.is_none() {
            let all: Vec<_> = values.iter().map(|value| written(*value)).collect();
            mistakes.add(
                self.mistake(column, format!("`{text}` is no {column}: it is one of {}", all.join(", "))),
            );
        }
        found
    }

    /// A whole number from `least` to `most`; what an empty cell means is `empty`'s to say.
    pub(crate) fn number<T>(
        &self,
        column: &str,
        (least, most): (T, T),
        empty: Option<T>,
        mistakes: &mut Mistakes,
    ) -> Option<T>
    where
        T: FromStr + PartialOrd + Display + Copy,
    {
        let text = self.text(column);
        if text.is_empty() && empty.is_some() {
            return empty;
        }
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let what = if text.is_empty() { "nothing stands here".to_owned() } else { format!("`{text}`") };
            mistakes
                .add(self.mistake(column, format!("{what}: {column} is a number from {least} to {most}")));
        }
        number
    }
}
