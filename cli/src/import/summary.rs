//! What is said of an import: counts, and what is wrong with which line. Nothing of what a row says.

use super::rows::RowError;
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// How many errors are listed; all of them are counted, and stand in the file of rows with errors.
const LISTED: usize = 1000;

/// What was found in a file.
#[derive(Serialize)]
pub(crate) struct Findings {
    file: PathBuf,
    /// Whether the channel is one for tests, whose reports are gone after a day.
    for_tests: bool,
    pub(crate) rows: u64,
    pub(crate) with_errors: u64,
    /// Rows that can be imported, but for something of the contact that nothing can be sent to.
    pub(crate) without_contact: u64,
    /// Where the rows with errors are.
    pub(crate) errors_file: Option<PathBuf>,
    errors: Vec<LineError>,
    /// Errors that are not listed.
    more_errors: u64,
}

#[derive(Serialize)]
struct LineError {
    line: u64,
    #[serde(flatten)]
    error: RowError,
}

/// How an import ended.
#[derive(Serialize)]
pub(crate) struct Imported {
    pub(crate) imported: u64,
    /// Stored by an earlier run.
    pub(crate) there_already: u64,
    /// Where tickets and secrets are.
    pub(crate) secrets_out: Option<PathBuf>,
    #[serde(flatten)]
    pub(crate) findings: Findings,
}

impl Imported {
    pub(crate) fn new(findings: Findings) -> Self {
        Self { imported: 0, there_already: 0, secrets_out: None, findings }
    }
}

impl Findings {
    pub(crate) fn new(file: &Path, for_tests: bool) -> Self {
        Self {
            file: file.to_owned(),
            for_tests,
            rows: 0,
            with_errors: 0,
            without_contact: 0,
            errors_file: None,
            errors: Vec::new(),
            more_errors: 0,
        }
    }

    /// One more row with errors.
    pub(crate) fn add(&mut self, line: u64, errors: Vec<RowError>) {
        self.with_errors += 1;
        for error in errors {
            if self.errors.len() < LISTED {
                self.errors.push(LineError { line, error });
            } else {
                self.more_errors += 1;
            }
        }
    }

    fn list(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for LineError { line, error: RowError { field, what } } in &self.errors {
            let colon = if field.is_empty() { "" } else { ": " };
            writeln!(f, "{}:{line}: {field}{colon}{what}", self.file.display())?;
        }
        if self.more_errors > 0 {
            writeln!(f, "… and {} more errors", counted(self.more_errors))?;
        }
        Ok(())
    }

    fn say_what_to_do(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.for_tests {
            write!(
                f,
                "\nThe channel is one for tests: these reports reach no desk, and are gone after a day"
            )?;
        }
        if self.without_contact > 0 {
            let rows = counted(self.without_contact);
            write!(f, "\nOf {rows} of them something of the contact cannot be used and is left away")?;
        }
        if let Some(file) = &self.errors_file {
            let file = file.display();
            write!(f, "\nThe rows with errors are in {file}: mend them there, and import that file")?;
        }
        Ok(())
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list(f)?;
        let good = counted_as(self.rows - self.with_errors, "row");
        let have = if self.with_errors == 1 { "has" } else { "have" };
        write!(f, "{good} can be imported, {} {have} errors", counted(self.with_errors))?;
        self.say_what_to_do(f)
    }
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.list(f)?;
        let (imported, already) = (counted_as(self.imported, "report"), counted(self.there_already));
        let errors = counted_as(self.findings.with_errors, "row");
        write!(f, "{imported} imported, {already} there already, {errors} with errors")?;
        self.findings.say_what_to_do(f)?;
        if let Some(file) = &self.secrets_out {
            write!(f, "\nTickets and secrets are in {}", file.display())?;
        }
        Ok(())
    }
}

/// A number with a comma before each three digits.
pub(crate) fn counted(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things.
pub(crate) fn counted_as(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", counted(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_threes() {
        assert_eq!([0, 999, 1000, 1_234_567].map(counted), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn errors_are_listed_by_line_and_field() {
        let mut findings = Findings::new(Path::new("a.csv"), false);
        findings.rows = 10_000;
        findings.add(7, vec![RowError::new("lat", "This is out of range."), RowError::new("", "It is bad.")]);
        assert_eq!(
            findings.to_string(),
            "a.csv:7: lat: This is out of range.\na.csv:7: It is bad.\n9,999 rows can be imported, 1 has errors"
        );
    }
}
