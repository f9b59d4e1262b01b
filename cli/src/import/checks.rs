//! Whether a row can be a report: the validation of `submit`, and the registry's categories.

use super::rows::{Form, Row, RowError};
use anyhow::Context;
use domain::{
    language::Language,
    submission,
    unit::Code,
    validation_errors::{ValidationError, ValidationErrorCode},
};
use jiff::Timestamp;
use store::registry::Registry;

/// The largest body that the API takes, in bytes.
const BODY_MAX: usize = 64 * 1024;

/// Checks rows against one stack.
pub(crate) struct Checks {
    pub(crate) registry: Registry,
    /// When the import began: what the registry said then holds for all of it.
    pub(crate) began: Timestamp,
    pub(crate) form: Form,
}

/// What became of a row's check.
pub(crate) struct Checked {
    /// None where it can be imported.
    pub(crate) errors: Vec<RowError>,
    /// Something of its reporter's contact cannot be used and would be left away.
    pub(crate) loses_contact: bool,
}

impl Checks {
    /// Every error of a row.
    pub(crate) async fn check(&self, row: &Row) -> anyhow::Result<Checked> {
        let mut errors = row.errors.clone();
        let mut loses_contact = false;
        // What could not be read as fields has no fields to look at.
        if row.body.is_object() {
            match submission::parse(&row.body) {
                Ok((submission, _, unreachable)) => {
                    loses_contact = !unreachable.is_empty();
                    if !self.has_category(&submission.category).await? {
                        errors.push(
                            self.error(&ValidationError::new("category", ValidationErrorCode::NoSuchCode)),
                        );
                    }
                }
                Err(more) => errors.extend(more.iter().map(|error| self.error(error))),
            }
            if row.body.to_string().len() > BODY_MAX {
                errors.push(RowError::new("", "It is longer than 64 KiB."));
            }
        }
        Ok(Checked { errors, loses_contact })
    }

    async fn has_category(&self, code: &Code) -> anyhow::Result<bool> {
        let found = self.registry.category(code, self.began).await;
        Ok(found.context("cannot read the registry")?.is_some())
    }

    /// An error of the contract, with the field as the file names it.
    pub(crate) fn error(&self, error: &ValidationError) -> RowError {
        RowError::new(field(self.form, &error.field), error.code.detail(Language::En))
    }
}

/// A path of the contract as a column of a CSV: `location.lat` is `lat`.
pub(crate) fn field(form: Form, path: &str) -> &str {
    let column = path.strip_prefix("location.").or_else(|| path.strip_prefix("reporter."));
    match form {
        Form::Csv => column.unwrap_or(path),
        Form::JsonLines => path,
    }
}
