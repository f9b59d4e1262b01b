//! The file of rows with errors: in the form of the one they came from, so that it can be imported once it is mended.

use super::{
    private_file,
    record::Record,
    rows::{Form, Row, RowError, Rows, Written},
};
use anyhow::{Context, Result};
use cli::exit::Refusal;
use csv::ByteRecord;
use serde_json::{Map, Value};
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};
use store::digest;

/// Where the rows with errors go.
pub(crate) struct LeftOut {
    path: PathBuf,
    draft: PathBuf,
    rows: u64,
    writer: Writer,
}

enum Writer {
    Csv { writer: Box<csv::Writer<BufWriter<File>>>, columns: Columns },
    JsonLines(BufWriter<File>),
}

/// Where the columns `error` and `id` are in the file that is read.
struct Columns {
    error: Option<usize>,
    id: Option<usize>,
}

/// The name that the file of rows with errors has.
pub(crate) fn path(reports: &Path, form: Form) -> PathBuf {
    reports.with_extension(format!("errors.{}", form.end()))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Refuses to go on where somebody has mended rows in the file that would be written over.
pub(crate) fn refuse_mended(path: &Path, record: &Record) -> Result<()> {
    let Ok(content) = fs::read(path) else { return Ok(()) };
    if record.wrote(&name(path), &digest::hex(&content)) {
        return Ok(());
    }
    let what = "is not as an import left it: import it first, or move it away";
    Err(Refusal::Invalid(format!("{} {what}", path.display())).into())
}

impl LeftOut {
    /// Begins a new one; it takes the place of an earlier one only once it is whole.
    pub(crate) fn begin(path: PathBuf, rows: &Rows) -> Result<Self> {
        let (draft, file) = private_file::draft(&path)?;
        let file = BufWriter::new(file);
        let writer = match rows.header() {
            None => Writer::JsonLines(file),
            Some(header) => {
                let place = |column: &str| {
                    header.iter().position(|name| name.trim_ascii().eq_ignore_ascii_case(column.as_bytes()))
                };
                let columns = Columns { error: place("error"), id: place("id") };
                let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(file);
                writer.write_byte_record(&columns.arranged(header, b"error", b"id"))?;
                Writer::Csv { writer: Box::new(writer), columns }
            }
        };
        Ok(Self { path, draft, rows: 0, writer })
    }

    /// One more row, with what is wrong with it.
    pub(crate) fn add(&mut self, row: &Row, errors: &[RowError]) -> Result<()> {
        self.rows += 1;
        let what: Vec<_> = errors
            .iter()
            .map(
                |RowError { field, what }| {
                    if field.is_empty() { what.clone() } else { format!("{field}: {what}") }
                },
            )
            .collect();
        let what = what.join(" ");
        match (&mut self.writer, &row.written) {
            (Writer::Csv { writer, columns }, Written::Csv(record)) => {
                writer.write_byte_record(&columns.arranged(record, what.as_bytes(), row.id.as_bytes()))?;
            }
            (Writer::JsonLines(file), written) => {
                let mut fields = match written {
                    Written::Object(fields) => fields.clone(),
                    // It cannot have a field beside it: it becomes one, which the contract does not know.
                    Written::Other(text) => {
                        Map::from_iter([("line".to_owned(), String::from_utf8_lossy(text).into())])
                    }
                    Written::Csv(_) => Map::new(),
                };
                let id_is_bad = errors.iter().any(|error| error.field == "id");
                if !id_is_bad || !fields.contains_key("id") {
                    fields.insert("id".to_owned(), row.id.as_str().into());
                }
                fields.insert("error".to_owned(), what.into());
                writeln!(file, "{}", Value::Object(fields))?;
            }
            (Writer::Csv { .. }, Written::Object(_) | Written::Other(_)) => {}
        }
        Ok(())
    }

    /// Gives it up; an earlier one stays.
    pub(crate) fn discard(self) {
        let _ = fs::remove_file(self.draft);
    }

    /// Puts it in its place. Without any row there is none, and an earlier one is gone.
    pub(crate) fn finish(self, record: &mut Record) -> Result<Option<PathBuf>> {
        let Self { path, draft, rows, writer } = self;
        let cannot = || format!("cannot write {}", draft.display());
        let file = match writer {
            Writer::Csv { writer, .. } => {
                let file = writer.into_inner().map_err(|error| error.into_error()).with_context(cannot)?;
                file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(cannot)?
            }
            Writer::JsonLines(file) => {
                file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(cannot)?
            }
        };
        if rows == 0 {
            fs::remove_file(&draft).with_context(cannot)?;
            if path.exists() {
                refuse_mended(&path, record)?;
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
            return Ok(None);
        }
        refuse_mended(&path, record)?;
        let content = fs::read(&draft).with_context(cannot)?;
        record.is_writing(&name(&path), digest::hex(&content))?;
        private_file::publish(&draft, &file, &path)?;
        Ok(Some(path))
    }
}

impl Columns {
    /// A record with `error` as its first field, and `id` as its second where the file has no such column.
    fn arranged(&self, record: &ByteRecord, error: &[u8], id: &[u8]) -> ByteRecord {
        let mut arranged = ByteRecord::new();
        arranged.push_field(error);
        if self.id.is_none() {
            arranged.push_field(id);
        }
        for (place, field) in record.iter().enumerate() {
            if Some(place) == self.id && field.trim_ascii().is_empty() {
                arranged.push_field(id);
            } else if Some(place) != self.error {
                arranged.push_field(field);
            }
        }
        arranged
    }
}
