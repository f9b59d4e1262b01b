//! The rows of a file of old reports, read one by one: a file of a million takes no more memory than the digests of its ids.

mod csv_rows;
mod json_lines;

use cli::exit::Refusal;
use csv_rows::CsvRows;
use json_lines::JsonLines;
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    fmt::Write,
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};
use store::digest;

/// How a file writes its rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Csv,
    JsonLines,
}

impl Form {
    /// By the end of the file's name.
    pub(crate) fn of(path: &Path) -> Result<Self, Refusal> {
        match path.extension().and_then(|end| end.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("jsonl") => Ok(Self::JsonLines),
            _ => Err(Refusal::Invalid(format!("{} is named neither .csv nor .jsonl", path.display()))),
        }
    }

    /// The end of a file's name.
    pub(crate) fn end(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

/// What is wrong with one field of a row. It quotes nothing of the row.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub(crate) struct RowError {
    /// As the file names it; empty for the row as a whole.
    pub(crate) field: String,
    pub(crate) what: String,
}

impl RowError {
    pub(crate) fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: field.into(), what: what.into() }
    }
}

/// One row. No Debug: it says who reported.
pub(crate) struct Row {
    /// Where it begins in the file, from 1.
    pub(crate) line: u64,
    /// Its own id, or else one made of what it says and of how many rows before it say the same.
    pub(crate) id: String,
    /// The body of its request.
    pub(crate) body: Value,
    /// What was wrong before its fields could be looked at.
    pub(crate) errors: Vec<RowError>,
    /// As it stands in the file, for the file of rows with errors.
    pub(crate) written: Written,
}

/// A row as it stands in the file.
pub(crate) enum Written {
    Csv(csv::ByteRecord),
    /// What of a line is JSON, without `error`, `id` included.
    Object(Map<String, Value>),
    /// A line that is no object.
    Other(Vec<u8>),
}

impl Row {
    /// SHA-256 of the row's id and body: two rows that have the same are the same request.
    pub(crate) fn digest(&self) -> [u8; 32] {
        digest::raw(format!("{}\n{}", self.id, canonical(&self.body)).as_bytes())
    }
}

/// A row as one of the two forms gives it.
struct Unnamed {
    line: u64,
    id: Option<String>,
    body: Value,
    errors: Vec<RowError>,
    written: Written,
    /// What a row without an id is known by.
    says: [u8; 32],
}

/// The rows of a file.
pub(crate) struct Rows {
    path: PathBuf,
    source: Source,
    /// First half of the digest of an id, and the line that has it.
    ids: HashMap<[u8; 16], u64>,
    /// First half of what a row without an id says, and how many rows have said it.
    without_id: HashMap<[u8; 16], u32>,
}

enum Source {
    Csv(CsvRows),
    JsonLines(JsonLines),
}

impl Rows {
    /// Opens a file; refuses one that cannot be what its name says, with the line.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let form = Form::of(path)?;
        let file = File::open(path)
            .map_err(|error| Refusal::Invalid(format!("cannot read {}: {error}", path.display())))?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        let begin = file
            .fill_buf()
            .map_err(|error| Refusal::Invalid(format!("cannot read {}: {error}", path.display())))?;
        if begin.starts_with(b"\xFF\xFE") || begin.starts_with(b"\xFE\xFF") {
            let what = "this is UTF-16; save it as UTF-8";
            return Err(Refusal::Invalid(format!("{}:1: {what}", path.display())).into());
        }
        if begin.starts_with(b"\xEF\xBB\xBF") {
            file.consume(3);
        }
        let source = match form {
            Form::Csv => Source::Csv(
                CsvRows::new(file)
                    .map_err(|what| Refusal::Invalid(format!("{}:1: {what}", path.display())))?,
            ),
            Form::JsonLines => Source::JsonLines(JsonLines::new(file)),
        };
        Ok(Self { path: path.to_owned(), source, ids: HashMap::new(), without_id: HashMap::new() })
    }

    /// The next row; `None` at the end.
    pub(crate) fn next(&mut self) -> anyhow::Result<Option<Row>> {
        let next = match &mut self.source {
            Source::Csv(rows) => rows.next().map_err(io::Error::from),
            Source::JsonLines(rows) => rows.next(),
        };
        let next = next.map_err(|error| anyhow::anyhow!("cannot read {}: {error}", self.path.display()))?;
        let Some(Unnamed { line, id, body, mut errors, written, says }) = next else { return Ok(None) };
        let id = if let Some(id) = id {
            let of_id = digest::first(&digest::raw(id.as_bytes()));
            if let Some(first) = self.ids.get(&of_id) {
                errors.push(RowError::new("id", format!("Line {first} has the same id.")));
            } else {
                self.ids.insert(of_id, line);
            }
            id
        } else {
            let before = self.without_id.entry(digest::first(&says)).or_default();
            let id = named_by(&says, *before);
            *before += 1;
            id
        };
        Ok(Some(Row { line, id, body, errors, written }))
    }

    /// The names of the columns, of a CSV.
    pub(crate) fn header(&self) -> Option<&csv::ByteRecord> {
        match &self.source {
            Source::Csv(rows) => Some(rows.header()),
            Source::JsonLines(_) => None,
        }
    }
}

/// The id of a row that has none. The file of rows with errors gives it, so that a row is the same one after it was mended, and no
/// other row that says by then what it says.
fn named_by(says: &[u8; 32], before: u32) -> String {
    let mut id = "row-".to_owned();
    for byte in &says[..16] {
        let _ = write!(id, "{byte:02x}");
    }
    let _ = write!(id, "-{before}");
    id
}

/// JSON whose objects have their names in order: the same for all ways of writing the same.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_str());
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(canonical).collect();
            format!("[{}]", values.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    /// The rows of a file of this name and content.
    pub(super) fn rows(name: &str, content: &[u8]) -> anyhow::Result<Vec<Row>> {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("tuntas-rows-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        let read = || {
            let mut rows = Rows::open(&path)?;
            std::iter::from_fn(|| rows.next().transpose()).collect()
        };
        let found = read();
        fs::remove_dir_all(folder).unwrap();
        found
    }

    fn errors(rows: &[Row]) -> Vec<String> {
        rows.iter()
            .flat_map(|row| {
                row.errors.iter().map(move |error| format!("{}: {}: {}", row.line, error.field, error.what))
            })
            .collect()
    }

    #[test]
    fn a_row_of_csv_is_the_body_of_a_request() {
        let csv = "\u{feff}id,category,description,lat,lon,accuracy_m,address,privacy,language,name,phone,email,channel_ref\r\n\
                   A1,jalan,\"Lubang\nbesar, dalam\",-6.2,106.8,5,Jl. Contoh 1,public,en,Budi,0812,b@contoh.id,x9\r\n\
                   ,jalan,Lubang,,,,Jl. Contoh 2,,,,,,\r\n";
        let rows = rows("a.csv", csv.as_bytes()).unwrap();
        assert_eq!(rows[0].id, "A1");
        assert_eq!(
            rows[0].body,
            json!({
                "category": "jalan", "description": "Lubang\nbesar, dalam", "privacy": "public", "language": "en",
                "location": {"lat": -6.2, "lon": 106.8, "accuracy_m": 5.0, "address": "Jl. Contoh 1"},
                "reporter": {"name": "Budi", "phone": "0812", "email": "b@contoh.id", "channel_ref": "x9"},
            })
        );
        assert_eq!((rows[0].line, rows[1].line), (2, 4));
        assert_eq!(
            rows[1].body,
            json!({"category": "jalan", "description": "Lubang", "location": {"address": "Jl. Contoh 2"}})
        );
        assert!(errors(&rows).is_empty());
    }

    #[test]
    fn equal_rows_without_an_id_are_reports_of_their_own_in_either_form() {
        let csv = "category,description,address\na,b,c\na,b,c\na,b,d\n";
        let lines = "{\"category\":\"a\",\"description\":\"b\",\"location\":{\"address\":\"c\"}}\n\
                     {\"location\":{\"address\":\"c\"},\"error\":\"x\",\"description\":\"b\",\"category\":\"a\"}\n";
        let csv = rows("a.csv", csv.as_bytes()).unwrap();
        let lines = rows("a.jsonl", lines.as_bytes()).unwrap();
        assert!(csv[0].id.ends_with("-0") && csv[1].id.ends_with("-1") && csv[2].id.ends_with("-0"));
        assert_eq!((&lines[0].id, &lines[1].id), (&csv[0].id, &csv[1].id));
        assert_ne!(csv[0].id, csv[2].id);
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said_by_line_and_quotes_nothing() {
        let csv = b"id,category,description,address\n\n1,a,b\n2,a,b\xFF,1\n1,a,b,1\n3,a,b,1,2\n";
        let rows_of_csv = rows("a.csv", csv).unwrap();
        assert_eq!(
            errors(&rows_of_csv),
            [
                "3: : It has 3 fields, and the header 4.",
                "4: description: It is not UTF-8.",
                "5: id: Line 3 has the same id.",
                "6: : It has 5 fields, and the header 4.",
            ]
        );
        let lines =
            b"{\"a\":1,\"a\":2}\n\n7\n{\"id\":[]}\n{\"id\":7,\"photos\":[{}]}\n{\"id\":\"7\"}\n\xFF\n";
        assert_eq!(
            errors(&rows("a.jsonl", lines).unwrap()),
            [
                "1: : It is not JSON, or it repeats a name.",
                "3: : It is no JSON object.",
                "4: id: It is neither a text nor a whole number.",
                "5: photos: Photos cannot be imported.",
                "6: id: Line 5 has the same id.",
                "7: : It is not UTF-8.",
            ]
        );
    }

    #[test]
    fn a_line_that_ends_with_cr_alone_is_an_error() {
        let wrong = "There is a line end of CR alone: line ends must be LF or CRLF.";
        let csv = b"category,description,address\r\na,\"b\rb\",c\r\nd,e,f\rg,h,i\n";
        let wrong_of_csv = errors(&rows("a.csv", csv).unwrap());
        assert_eq!(wrong_of_csv.first(), Some(&format!("3: : {wrong}")));
        let lines = b"{\"category\":\"a\"}\r\n{\"category\":\"a\"}\r{\"category\":\"b\"}\n";
        assert_eq!(errors(&rows("a.jsonl", lines).unwrap()), [format!("2: : {wrong}")]);
    }

    #[test]
    fn a_file_that_cannot_be_one_is_refused_whole() {
        let refused = |name: &str, content: &[u8]| {
            let error = rows(name, content).err().expect("refused").to_string();
            error.split_once(name).map_or(error.clone(), |(_, what)| what.to_owned())
        };
        assert_eq!(refused("a.csv", b"\xFF\xFEi\0"), ":1: this is UTF-16; save it as UTF-8");
        assert_eq!(refused("a.csv", b""), ":1: it has no header");
        assert_eq!(refused("a.csv", b"description,address\n"), ":1: the column category is missing");
        assert_eq!(
            refused("a.csv", b"category,description\n"),
            ":1: lat and lon are missing, and address too"
        );
        assert_eq!(
            refused("a.csv", b"category,description,lat\n"),
            ":1: lat and lon are missing, and address too"
        );
        assert_eq!(
            refused("a.csv", b"category,description,address,foto\n"),
            ":1: column 4 has no name of ours"
        );
        assert_eq!(refused("a.csv", b"category,category\n"), ":1: the column category is there twice");
        assert_eq!(
            refused("a.csv", b"category;description;address\n"),
            ":1: its columns are separated by semicolons; save it with commas"
        );
        assert_eq!(
            refused("a.csv", b"category,description,address\ra,b,c\rd,e,f\r"),
            ":1: there is a line end of CR alone: line ends must be LF or CRLF"
        );
        assert!(refused("a.txt", b"").contains("neither .csv nor .jsonl"));
    }

    #[test]
    fn no_bytes_end_the_reading_of_a_file() {
        for content in [&b"\0"[..], b"\"", b"category,description,address\n\"a", b"{", b"[[[[", b"\r\r\n\n"] {
            for name in ["a.csv", "a.jsonl"] {
                let _ = rows(name, content);
            }
        }
        let deep = "[".repeat(100_000);
        assert_eq!(errors(&rows("a.jsonl", deep.as_bytes()).unwrap()).len(), 1);
    }
}
