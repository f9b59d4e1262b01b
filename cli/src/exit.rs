//! Exit codes, by which scripts tell outcomes apart.

use std::process::ExitCode;

/// The command did what it was told.
pub const DONE: u8 = 0;
/// It failed on the way: an AWS call, a file. Running it again is safe.
pub const FAILED: u8 = 1;
// 2 is clap's: the command line is wrong, nothing was done.
/// What was handed in (a folder, a file, a code) has errors; nothing was changed.
pub const INVALID: u8 = 3;
/// It found something that somebody must look at: a broken seal, an alarm, messages that could not be sent, rows that were left out.
pub const FOUND: u8 = 4;
/// There is no such stack, or it cannot be reached with these credentials.
pub const UNREACHABLE: u8 = 5;

/// An error whose exit code is not [`FAILED`]. Attach it with [`anyhow::Error::context`], or return it.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Exits with [`INVALID`].
    #[error("{0}")]
    Invalid(String),
    /// Exits with [`UNREACHABLE`].
    #[error("{0}")]
    Unreachable(String),
}

/// The exit code of an error, by the first [`Refusal`] in it.
#[must_use]
pub fn code_of(error: &anyhow::Error) -> ExitCode {
    match error.downcast_ref::<Refusal>() {
        Some(Refusal::Invalid(_)) => INVALID.into(),
        Some(Refusal::Unreachable(_)) => UNREACHABLE.into(),
        None => FAILED.into(),
    }
}
