//! How commands talk: results on standard output, as text or JSON; questions and progress on standard error.

use crate::exit::Refusal;
use anyhow::{Context, Result};
use domain::secret_text::SecretText;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Serialize, Serializer};
use std::{
    fmt::Display,
    io::{self, BufRead, IsTerminal, Write},
    time::Duration,
};

/// Writes a secret into the JSON form of a result: for `serialize_with`, where it is shown this once.
///
/// # Errors
/// As the serializer has them.
pub fn shown_once<S: Serializer>(secret: &Option<SecretText>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(SecretText::expose).serialize(serializer)
}

/// What the caller wants of the dialogue.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Terminal {
    /// Print the result as one JSON document.
    #[arg(long, global = true)]
    pub json: bool,
    /// Do it without asking.
    #[arg(long, global = true)]
    pub yes: bool,
}

impl Terminal {
    /// Prints a result: its JSON form with `--json`, else its text.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn print<T: Serialize + Display>(self, result: &T) -> Result<()> {
        let text = if self.json { serde_json::to_string_pretty(result)? } else { result.to_string() };
        match writeln!(io::stdout().lock(), "{}", text.trim_end()) {
            // Whoever reads has had enough, as `head` does.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.context("cannot write to standard output"),
        }
    }

    /// Asks whether to go on; `--yes` answers in advance. Only `y` and `yes` mean yes.
    ///
    /// # Errors
    /// When the answer is no, or nobody is there to ask.
    pub fn confirm(self, question: &str) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return Err(Refusal::Invalid(format!("{question} Nobody is there to ask: add --yes")).into());
        }
        let mut stderr = io::stderr().lock();
        write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush()).context("cannot ask")?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).context("cannot read the answer")?;
        if matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
        Err(Refusal::Invalid("not confirmed; nothing was changed".to_owned()).into())
    }

    /// A bar for work of `steps` steps. It shows itself only where standard error is a terminal, and only once a second has passed.
    #[must_use]
    pub fn progress(self, steps: u64, what: &'static str) -> ProgressBar {
        let bar = if self.json { ProgressBar::hidden() } else { ProgressBar::new(steps) };
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_secs(1));
        bar
    }
}
