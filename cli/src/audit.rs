//! The access log, for operators: is it as it was sealed, and who saw the picture that got about?

use access_log_seals::{
    bucket::Bucket,
    findings::Report,
    merkle_tree::Hash,
    verify::{Proof, prove, verify},
};
use anyhow::{Context, Result};
use aws_failure::Failure;
use clap::Subcommand;
use cli::{
    exit::{self, Refusal},
    target::Which,
};
use domain::ids::ViewCode;
use jiff::Timestamp;
use media::reading::code_of;
use std::{fs, path::PathBuf, process::ExitCode};
use store::access_log::{Accesses, Trace};

/// How many findings are printed; all of them are counted.
const SHOWN: usize = 50;
/// Where the likeness of a symbol to the next best is so small, a person must look.
const UNSURE: f32 = 0.05;

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
pub(crate) async fn audit(command: AuditCommand, which: &Which) -> Result<ExitCode> {
    match command {
        AuditCommand::Verify { noted } => {
            let noted = match noted.as_deref().map(Hash::parse) {
                Some(None) => {
                    return Err(Refusal::Invalid("a noted hash has 64 hexadecimal digits".into()).into());
                }
                noted => noted.flatten(),
            };
            let log = Log::open(which).await?;
            #[expect(
                clippy::disallowed_methods,
                reason = "the tool lives in real time; runtime::clock is for functions"
            )]
            let now = Timestamp::now();
            let report = verify(&log.accesses, &log.bucket, noted, now).await.map_err(plainly)?;
            Ok(tell(&report))
        }
        AuditCommand::Trace { code } => {
            let code = ViewCode::parse(&code).ok_or_else(|| {
                let symbols = ViewCode::SYMBOLS;
                Refusal::Invalid(format!("a code has {symbols} symbols: digits, and letters without U"))
            })?;
            let log = Log::open(which).await?;
            trace(&log, &code).await
        }
        AuditCommand::Read { picture } => {
            let bytes = fs::read(&picture).with_context(|| format!("cannot read {}", picture.display()))?;
            let reading = code_of(&bytes).context("read the code by eye, and trace it")?;
            let code = ViewCode::parse(&reading.code).context("what was read is no code")?;
            println!("The code is {code}");
            if reading.margin < UNSURE {
                println!("Not every symbol of it is sure: compare it with the picture");
            }
            let log = Log::open(which).await?;
            trace(&log, &code).await
        }
    }
}

/// Prints the findings of an audit; fails if there are any.
fn tell(report: &Report) -> ExitCode {
    match report.newest {
        None => println!("Nothing is sealed yet; {} entries wait for it", report.waiting),
        Some((hour, hash)) => {
            println!(
                "{} hours with {} entries are sealed, up to {hour}; {} entries wait for it",
                report.hours, report.sealed, report.waiting
            );
            println!("The newest seal is {hash}");
        }
    }
    if report.findings.is_empty() {
        println!("Everything that was sealed is untouched");
        return ExitCode::SUCCESS;
    }
    println!("\n{} findings:", report.findings.len());
    for finding in report.findings.iter().take(SHOWN) {
        println!("  {finding}");
    }
    if report.findings.len() > SHOWN {
        println!("  … and {} more", report.findings.len() - SHOWN);
    }
    match report.first_broken_entry() {
        Some(first) => println!("\nThe first broken entry: {first}"),
        None => println!("\nNo entry that can be held against a seal is broken"),
    }
    println!("What to do: infra/runbooks/audit.md");
    exit::FOUND.into()
}

async fn trace(log: &Log, code: &ViewCode) -> Result<ExitCode> {
    let traces = log.accesses.of_code(code).await.map_err(plainly)?;
    if traces.is_empty() {
        println!("Nobody was shown a copy with the code {code}, as the log stands");
        println!(
            "An entry that was deleted or changed is not found by its code: tuntas audit verify finds it"
        );
        return Ok(exit::FOUND.into());
    }
    println!("{} with the code {code}:", if traces.len() == 1 { "One copy" } else { "Copies" });
    for Trace { ticket, access, entry } in traces {
        let id = entry.id.clone();
        let proof = match prove(&log.bucket, entry).await.map_err(plainly)? {
            Proof::Untouched => "as it was sealed",
            Proof::NotSealed => "not sealed yet",
            Proof::Broken => "NOT as it was sealed: see tuntas audit verify",
        };
        println!("\n  entry   {id}, {proof}");
        println!("  report  {}", ticket.map_or_else(|| "none".to_owned(), |ticket| ticket.to_string()));
        let Some(access) = access else {
            println!("  the rest cannot be read");
            continue;
        };
        let unit = access.officer.unit.as_ref().map_or("the bureau", |unit| unit.as_str());
        println!("  when    {}", access.at);
        println!("  who     {}, {unit}, account {}", access.officer.name, access.officer.id);
        println!("  photo   {}", access.photo.as_ref().map_or("none", |photo| photo.as_str()));
    }
    Ok(ExitCode::SUCCESS)
}

fn plainly(failure: Failure) -> anyhow::Error {
    anyhow::anyhow!("the access log or its seals cannot be read: {failure}")
}
