//! The access log, for operators: is it as it was sealed, and who saw the picture that got about?

use access_log_seals::{
    bucket::Bucket,
    findings::{Finding, Report},
    merkle_tree::Hash,
    verify::{Proof, prove, verify},
};
use anyhow::{Context, Result};
use clap::Subcommand;
use cli::{
    exit::{self, Refusal},
    target::{Which, now},
    terminal::Terminal,
};
use domain::ids::ViewCode;
use media::reading::code_of;
use serde::{Serialize, Serializer};
use std::{fmt, fs, path::PathBuf, process::ExitCode};
use store::access_log::{Accesses, Trace};

/// How many findings are printed; all of them are counted.
const SHOWN: usize = 50;
/// Where the likeness of a symbol to the next best is so small, a person must look.
const UNSURE: f32 = 0.05;
const UNREADABLE: &str = "the access log or its seals cannot be read";

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Prove that the sealed hours of the access log are untouched, or name what is broken.
    Verify {
        /// The hash of a sealed object, as an earlier run printed it: nothing up to there may have been replaced.
        #[arg(long)]
        noted: Option<String>,
    },
    /// Say who looked at the photo whose copy carries this code, and when.
    Trace {
        /// As it stands in the picture: case, hyphens, O for 0 and I or L for 1 are forgiven.
        code: String,
    },
    /// Read the code out of a picture, and trace it. A person reads more: turned pictures, and photographs of a screen.
    Read {
        /// A JPEG, PNG or WebP that may be safely opened.
        picture: PathBuf,
    },
}

/// The access log and its seals.
struct Log {
    accesses: Accesses,
    bucket: Bucket,
}

impl Log {
    async fn open(which: &Which) -> Result<Self> {
        let target = which.target().await?;
        let dynamodb = aws_sdk_dynamodb::Client::new(&target.config);
        let s3 = aws_sdk_s3::Client::new(&target.config);
        Ok(Self {
            accesses: Accesses::new(dynamodb, target.output("AccessesTable")?.to_owned()),
            bucket: Bucket::new(s3, target.output("SealsBucket")?.to_owned()),
        })
    }
}

/// Carries the command out; fails also when something is broken.
pub(crate) async fn audit(command: AuditCommand, which: &Which, terminal: Terminal) -> Result<ExitCode> {
    match command {
        AuditCommand::Verify { noted } => {
            let noted = match noted.as_deref().map(Hash::parse) {
                Some(None) => {
                    return Err(Refusal::Invalid("a noted hash has 64 hexadecimal digits".into()).into());
                }
                noted => noted.flatten(),
            };
            let log = Log::open(which).await?;
            let now = now();
            let report = verify(&log.accesses, &log.bucket, noted, now).await.context(UNREADABLE)?;
            let verified = Verified::of(&report);
            terminal.print(&verified)?;
            Ok(if verified.findings.is_empty() { ExitCode::SUCCESS } else { exit::FOUND.into() })
        }
        AuditCommand::Trace { code } => {
            let code = ViewCode::parse(&code).ok_or_else(|| {
                let symbols = ViewCode::SYMBOLS;
                Refusal::Invalid(format!("a code has {symbols} symbols: digits, and letters without U"))
            })?;
            let log = Log::open(which).await?;
            tell(&trace(&log, &code, None).await?, terminal)
        }
        AuditCommand::Read { picture } => {
            let bytes = fs::read(&picture).with_context(|| format!("cannot read {}", picture.display()))?;
            let reading = code_of(&bytes).context("read the code by eye, and trace it")?;
            let code = ViewCode::parse(&reading.code).context("what was read is no code")?;
            let traced = async {
                let log = Log::open(which).await?;
                trace(&log, &code, Some(reading.margin >= UNSURE)).await
            };
            let traced = traced.await.with_context(|| format!("the code is {code}, and cannot be traced"))?;
            tell(&traced, terminal)
        }
    }
}

/// What an audit found.
#[derive(Serialize)]
struct Verified {
    hours: usize,
    sealed: usize,
    waiting: usize,
    newest: Option<Newest>,
    findings: Vec<Difference>,
    first_broken_entry: Option<String>,
}

#[derive(Serialize)]
struct Newest {
    hour: String,
    seal: String,
}

#[derive(Serialize)]
struct Difference {
    hour: Option<String>,
    what: String,
    #[serde(skip)]
    line: String,
}

impl Verified {
    fn of(report: &Report) -> Self {
        let newest = |(hour, hash): &(_, _)| Newest { hour: as_text(hour), seal: as_text(hash) };
        let difference = |finding: &Finding| Difference {
            hour: finding.hour.as_ref().map(as_text),
            what: finding.what.to_string(),
            line: finding.to_string(),
        };
        Self {
            hours: report.hours,
            sealed: report.sealed,
            waiting: report.waiting,
            newest: report.newest.as_ref().map(newest),
            findings: report.findings.iter().map(difference).collect(),
            first_broken_entry: report.first_broken_entry().map(as_text),
        }
    }
}

fn as_text(what: &impl fmt::Display) -> String {
    what.to_string()
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hours, sealed, waiting, newest, findings, first_broken_entry } = self;
        match newest {
            None => writeln!(f, "Nothing is sealed yet; {waiting} entries wait for it")?,
            Some(Newest { hour, seal }) => {
                writeln!(
                    f,
                    "{hours} hours with {sealed} entries are sealed, up to {hour}; {waiting} entries wait for it"
                )?;
                writeln!(f, "The newest seal is {seal}")?;
            }
        }
        if findings.is_empty() {
            return write!(f, "Everything that was sealed is untouched");
        }
        writeln!(f, "\n{} findings:", findings.len())?;
        for Difference { line, .. } in findings.iter().take(SHOWN) {
            writeln!(f, "  {line}")?;
        }
        if findings.len() > SHOWN {
            writeln!(f, "  … and {} more", findings.len() - SHOWN)?;
        }
        match first_broken_entry {
            Some(first) => writeln!(f, "\nThe first broken entry: {first}")?,
            None => writeln!(f, "\nNo entry that can be held against a seal is broken")?,
        }
        write!(f, "What to do: infra/runbooks/audit.md")
    }
}

/// Who was shown the copies with a code.
#[derive(Serialize)]
struct Traced {
    code: String,
    /// Whether every symbol is sure, of a code that was read out of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    sure: Option<bool>,
    copies: Vec<Copy>,
}

#[derive(Serialize)]
struct Copy {
    entry: String,
    #[serde(serialize_with = "proof_as_word")]
    proof: Proof,
    report: Option<String>,
    /// `None` where the rest of the entry cannot be read.
    look: Option<Look>,
}

#[derive(Serialize)]
struct Look {
    at: String,
    officer: String,
    /// `None` for the bureau.
    unit: Option<String>,
    account: String,
    photo: Option<String>,
}

fn proof_as_word<S: Serializer>(proof: &Proof, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match proof {
        Proof::Untouched => "untouched",
        Proof::NotSealed => "not_sealed",
        Proof::Broken => "broken",
    })
}

impl fmt::Display for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, sure, copies } = self;
        if sure.is_some() {
            writeln!(f, "The code is {code}")?;
        }
        if *sure == Some(false) {
            writeln!(f, "Not every symbol of it is sure: compare it with the picture")?;
        }
        if copies.is_empty() {
            writeln!(f, "Nobody was shown a copy with the code {code}, as the log stands")?;
            return write!(
                f,
                "An entry that was deleted or changed is not found by its code: tuntas audit verify finds it"
            );
        }
        writeln!(f, "{} with the code {code}:", if copies.len() == 1 { "One copy" } else { "Copies" })?;
        for Copy { entry, proof, report, look } in copies {
            let proof = match proof {
                Proof::Untouched => "as it was sealed",
                Proof::NotSealed => "not sealed yet",
                Proof::Broken => "NOT as it was sealed: see tuntas audit verify",
            };
            writeln!(f, "\n  entry   {entry}, {proof}")?;
            writeln!(f, "  report  {}", report.as_deref().unwrap_or("none"))?;
            let Some(Look { at, officer, unit, account, photo }) = look else {
                writeln!(f, "  the rest cannot be read")?;
                continue;
            };
            writeln!(f, "  when    {at}")?;
            let unit = unit.as_deref().unwrap_or("the bureau");
            writeln!(f, "  who     {officer}, {unit}, account {account}")?;
            writeln!(f, "  photo   {}", photo.as_deref().unwrap_or("none"))?;
        }
        Ok(())
    }
}

fn tell(traced: &Traced, terminal: Terminal) -> Result<ExitCode> {
    terminal.print(traced)?;
    Ok(if traced.copies.is_empty() { exit::FOUND.into() } else { ExitCode::SUCCESS })
}

async fn trace(log: &Log, code: &ViewCode, sure: Option<bool>) -> Result<Traced> {
    let mut copies = Vec::new();
    for Trace { ticket, access, entry } in log.accesses.of_code(code).await.context(UNREADABLE)? {
        let id = entry.id.clone();
        let proof = prove(&log.bucket, entry).await.context(UNREADABLE)?;
        let look = access.map(|access| Look {
            at: access.at.to_string(),
            officer: access.officer.name,
            unit: access.officer.unit.map(|unit| unit.to_string()),
            account: access.officer.id,
            photo: access.photo.map(|photo| photo.as_str().to_owned()),
        });
        copies.push(Copy { entry: id, proof, report: ticket.map(|ticket| ticket.to_string()), look });
    }
    Ok(Traced { code: code.to_string(), sure, copies })
}
