//! Old reports, sent in from a file as any channel would.

mod channel_key;
mod checks;
mod left_out;
mod private_file;
mod record;
mod rows;
mod secrets_out;
mod sending;
mod summary;

use anyhow::{Context, Result};
use channel_key::ChannelKey;
use checks::{Checked, Checks};
use cli::{
    exit::{self, Refusal},
    target::{Target, Which, now},
    terminal::Terminal,
};
use domain::{secret::ReportSecret, ticket::Ticket, unit::Code};
use futures_util::{StreamExt, stream};
use left_out::LeftOut;
use record::{Chain, Progress, Record, RowKeys};
use rows::{Form, Row, RowError, Rows};
use secrets_out::SecretsOut;
use sending::{Api, Sent};
use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    process::ExitCode,
};
use store::registry::{ChannelState, Registry};
use summary::{Findings, Imported, counted_as};

/// How many rows are stored between two writes of how far the import came.
const REMEMBER_EVERY: u64 = 200;

/// What is imported, and how.
#[derive(clap::Args)]
pub(crate) struct Import {
    /// `.csv` with the columns id, category, description, lat, lon, accuracy_m, address, privacy, language, name, phone, email and
    /// channel_ref, or `.jsonl` with a body of POST /v1/reports in each line, without photos, and an id where there is one.
    #[arg(value_name = "FILE")]
    reports: PathBuf,
    /// The channel that the reports came in by.
    #[arg(long, value_name = "CODE")]
    channel: String,
    /// A file of mode 0600 with the channel's key; without it, the environment variable TUNTAS_CHANNEL_KEY has the key.
    #[arg(long, value_name = "PATH")]
    key_file: Option<PathBuf>,
    /// The import that this file belongs to, such as one of mended rows; by itself FILE.import, beside the file.
    #[arg(long = "import", value_name = "FILE.import")]
    record: Option<PathBuf>,
    /// Write tickets and reporters' secrets into this file, mode 0600; without it they are dropped.
    #[arg(long, value_name = "PATH")]
    secrets_out: Option<PathBuf>,
    /// How many reports are on their way at once.
    #[arg(long, value_name = "NUMBER", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    at_once: u8,
    /// Look through the file. Sends nothing, and writes no file.
    #[arg(long)]
    dry_run: bool,
}

/// What the look through a file found.
struct Look {
    findings: Findings,
    /// A digest of all rows, to see that the file stays as it is.
    chain: Chain,
    /// How far earlier runs came.
    progress: Progress,
}

/// An import under way.
struct Run<'a> {
    import: &'a Import,
    target: &'a Target,
    channel: Code,
    /// Whether what it sends is gone after a day.
    is_test: bool,
    form: Form,
    checks: Checks,
    terminal: Terminal,
}

/// Looks through the file, asks, and sends.
pub(crate) async fn import(import: &Import, which: &Which, terminal: Terminal) -> Result<ExitCode> {
    let channel = Code::parse(&import.channel)
        .ok_or_else(|| Refusal::Invalid(format!("{} is no code of a channel", import.channel)))?;
    let form = Form::of(&import.reports)?;
    let key = ChannelKey::find(&channel, import.key_file.as_deref())?;
    let target = which.target().await?;
    let dynamodb = aws_sdk_dynamodb::Client::new(&target.config);
    let registry = Registry::new(dynamodb, target.output("RegistryTable")?.to_owned());
    let checks = Checks { registry, began: now(), form };
    let is_test = check_channel(&checks, &channel, key.as_ref()).await? == ChannelState::Test;
    // A name that was mistyped would begin another import, and have rows come in a second time.
    if let Some(missing) = import.record.as_ref().filter(|record| !record.is_file()) {
        return Err(Refusal::Invalid(format!("there is no import {}", missing.display())).into());
    }
    let run = Run { import, target: &target, channel, is_test, form, checks, terminal };
    if import.dry_run {
        let look = run.look(None).await?;
        terminal.print(&look.findings)?;
        return Ok(code(&look.findings));
    }
    let _lock = lock(&import.reports)?;
    let record_path = import.record.clone().unwrap_or_else(|| record::usual(&import.reports));
    let mut record = Record::open(&record_path)?;
    left_out::refuse_mended(&left_out::path(&import.reports, form), &record)?;

    let look = run.look(Some(&mut record)).await?;
    let key = key.ok_or_else(channel_key::missing)?;
    if !terminal.yes && !terminal.json {
        terminal.print(&look.findings)?;
    }
    let reports = counted_as(look.findings.rows - look.findings.with_errors, "report");
    let tests =
        if is_test { ", which are for tests: no desk gets them, and they are gone after a day" } else { "" };
    terminal.confirm(&format!("Send {reports} as the channel {}{tests}?", run.channel))?;
    let imported = run.send(&key, look, &mut record).await?;
    terminal.print(&imported)?;
    // Others came in: that is no refusal, and somebody has to mend what is left.
    Ok(if imported.findings.with_errors == 0 { exit::DONE.into() } else { exit::FOUND.into() })
}

fn code(findings: &Findings) -> ExitCode {
    if findings.with_errors == 0 { exit::DONE.into() } else { exit::INVALID.into() }
}

/// Keeps other processes from the file: two imports of it at once would write over each other's rows with errors. The lock ends with
/// the process.
fn lock(reports: &Path) -> Result<File> {
    let lock = File::open(reports)
        .map_err(|error| Refusal::Invalid(format!("cannot read {}: {error}", reports.display())))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let what = "is being imported by another process";
            Err(Refusal::Invalid(format!("{} {what}", reports.display())).into())
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", reports.display()))
        }
    }
}

/// Refuses what the API would refuse at every row, and gives the channel's state.
async fn check_channel(checks: &Checks, code: &Code, key: Option<&ChannelKey>) -> Result<ChannelState> {
    let channel = checks.registry.channel(code, checks.began).await.context("cannot read the registry")?;
    let channel =
        channel.ok_or_else(|| Refusal::Invalid(format!("there is no channel {code}, or it is closed")))?;
    if channel.state == ChannelState::Suspended {
        return Err(Refusal::Invalid(format!("the channel {code} is suspended")).into());
    }
    if key.is_some_and(|key| !channel.has_key(key.expose())) {
        return Err(Refusal::Invalid(format!("the key is none of the channel {code}'s on this stack")).into());
    }
    Ok(channel.state)
}

impl Run<'_> {
    /// What the record knows this file by. Secrets that were kept are remembered apart from reports that were sent. What a test channel
    /// sends is gone tomorrow, so nothing of it is remembered.
    fn progress_name(&self) -> Result<Option<String>> {
        if self.is_test {
            return Ok(None);
        }
        let file = file_name(&self.import.reports);
        let secrets = if self.import.secrets_out.is_some() { " with secrets" } else { "" };
        Ok(Some(format!("{} {} {file}{secrets}", self.target.output("Api")?, self.channel)))
    }

    /// Checks every row, and writes those with errors into a file of their own, if the import has a record.
    async fn look(&self, record: Option<&mut Record>) -> Result<Look> {
        let path = &self.import.reports;
        let mut rows = Rows::open(path)?;
        let mut left_out =
            record.is_some().then(|| LeftOut::begin(left_out::path(path, self.form), &rows)).transpose()?;
        let mut findings = Findings::new(path, self.is_test);
        let mut chain = Chain::default();
        let name = self.progress_name()?;
        let known = name.as_ref().zip(record.as_ref()).map(|(name, record)| record.progress(name));
        let mut progress = known.unwrap_or_default();
        let mut is_as_it_was = false;
        while let Some(row) = rows.next()? {
            findings.rows += 1;
            chain.add(row.digest());
            is_as_it_was |= findings.rows == progress.rows && chain.hex() == progress.digest;
            let Checked { errors, loses_contact } = self.checks.check(&row).await?;
            findings.without_contact += u64::from(loses_contact && errors.is_empty());
            if !errors.is_empty() {
                if let Some(left_out) = &mut left_out {
                    left_out.add(&row, &errors)?;
                }
                findings.add(row.line, errors);
            }
        }
        if let (Some(left_out), Some(record)) = (left_out, record) {
            findings.errors_file = left_out.finish(record)?;
        }
        if !is_as_it_was {
            progress = Progress::default();
        }
        Ok(Look { findings, chain, progress })
    }

    /// Opens the file of secrets. How far an earlier run came counts only for the file that it wrote.
    fn secrets_out(&self, progress: &mut Progress, record: &mut Record) -> Result<Option<SecretsOut>> {
        let Some(path) = &self.import.secrets_out else { return Ok(None) };
        let mark = record.mark();
        if !secrets_out::is_there(path, &mark)? {
            *progress = Progress::default();
            if let Some(name) = self.progress_name()? {
                record.set_progress(&name, progress)?;
            }
        }
        SecretsOut::open(path, mark).map(Some)
    }

    /// Sends every row that was not stored already, several at once, and takes their answers in the order of the file.
    async fn send(&self, key: &ChannelKey, look: Look, record: &mut Record) -> Result<Imported> {
        let Look { findings: looked, chain: whole, progress: mut before } = look;
        let secrets_out = self.secrets_out(&mut before, record)?;
        let path = self.import.reports.clone();
        let bar = self.terminal.progress(looked.rows, "sending");
        let api = Api::new(self.target, (key, self.is_test), self.form, &bar)?;
        let row_keys = match self.is_test {
            true => RowKeys::of_a_trial(&self.channel)?,
            false => record.row_keys(&self.channel),
        };
        let rows = Rows::open(&path)?;
        let mut taking = Taking {
            file: file_name(&path),
            name: self.progress_name()?,
            before: before.rows,
            progress: Progress::default(),
            remembered: 0,
            chain: Chain::default(),
            left_out: LeftOut::begin(left_out::path(&path, self.form), &rows)?,
            secrets_out,
            imported: Imported::new(Findings::new(&path, self.is_test)),
        };
        let numbered = stream::unfold((rows, 1_u64), |(mut rows, number)| async move {
            let row = rows.next().transpose()?;
            Some((row.map(|row| (number, row)), (rows, number + 1)))
        });
        let (checks, before, api, row_keys) = (&self.checks, &before, &api, &row_keys);
        let fates = numbered.map(|numbered| async move {
            let (number, row) = numbered?;
            let Checked { errors, .. } = checks.check(&row).await?;
            let fate = if !errors.is_empty() {
                Fate::Errors(errors)
            } else if before.has(number) {
                Fate::StoredBefore
            } else {
                match api.send(&row_keys.key(&row.id), &row.body).await? {
                    Sent::Refused(errors) => Fate::Errors(errors),
                    Sent::Stored { ticket, secret, replayed } => Fate::Stored { ticket, secret, replayed },
                }
            };
            anyhow::Ok((number, row, fate))
        });
        let mut fates = std::pin::pin!(fates.buffered(usize::from(self.import.at_once)));
        let mut ended = Ok(());
        while let Some(fate) = fates.next().await {
            ended = match fate {
                Ok((number, row, fate)) => taking.take(number, &row, fate, record),
                Err(error) => Err(error),
            };
            if ended.is_err() {
                break;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        if ended.is_ok() && taking.chain.hex() != whole.hex() {
            ended = Err(anyhow::anyhow!("{} was changed while it was read: run it again", path.display()));
        }
        taking.finish(ended, record, looked.without_contact)
    }
}

/// What became of a row.
enum Fate {
    Stored {
        ticket: Ticket,
        secret: ReportSecret,
        replayed: bool,
    },
    /// An earlier run remembers it.
    StoredBefore,
    Errors(Vec<RowError>),
}

/// What is written down of the rows, one after the other.
struct Taking {
    /// The file that they come from.
    file: String,
    /// What the record knows it by, if it is to know it.
    name: Option<String>,
    /// How many rows the record has already.
    before: u64,
    progress: Progress,
    /// How many rows had come when that was written last.
    remembered: u64,
    chain: Chain,
    left_out: LeftOut,
    secrets_out: Option<SecretsOut>,
    imported: Imported,
}

impl Taking {
    fn take(&mut self, number: u64, row: &Row, fate: Fate, record: &mut Record) -> Result<()> {
        self.imported.findings.rows += 1;
        self.chain.add(row.digest());
        self.progress.add(number, self.chain, !matches!(fate, Fate::Errors(_)));
        match fate {
            Fate::Stored { ticket, secret, replayed } => {
                let count =
                    if replayed { &mut self.imported.there_already } else { &mut self.imported.imported };
                *count += 1;
                if let Some(secrets_out) = &mut self.secrets_out {
                    secrets_out.add((&self.file, row.line, &row.id), &ticket, &secret)?;
                }
            }
            Fate::StoredBefore => self.imported.there_already += 1,
            Fate::Errors(errors) => {
                self.left_out.add(row, &errors)?;
                self.imported.findings.add(row.line, errors);
            }
        }
        if number >= self.remembered + REMEMBER_EVERY {
            self.remember(record)?;
            self.remembered = number;
        }
        Ok(())
    }

    /// Writes down how far it came, once the secrets up to there are on the disk.
    fn remember(&mut self, record: &mut Record) -> Result<()> {
        if let Some(secrets_out) = &mut self.secrets_out {
            secrets_out.sync()?;
        }
        if let Some(name) = self.name.as_ref().filter(|_| self.progress.rows >= self.before) {
            record.set_progress(name, &self.progress)?;
        }
        Ok(())
    }

    fn finish(mut self, ended: Result<()>, record: &mut Record, without_contact: u64) -> Result<Imported> {
        let remembered = self.remember(record);
        if let Err(error) = ended {
            self.left_out.discard();
            let stored = counted_as(self.imported.imported, "report");
            return Err(error.context(format!("{stored} imported, then it stopped")));
        }
        remembered?;
        self.imported.findings.without_contact = without_contact;
        self.imported.findings.errors_file = self.left_out.finish(record)?;
        if let Some(secrets_out) = self.secrets_out.take() {
            self.imported.secrets_out = Some(secrets_out.finish()?);
        }
        Ok(self.imported)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
