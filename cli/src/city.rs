//! `tuntas city`: a stack's city from a folder of plain files.

mod apply;
mod export;
mod follow;
mod map;
mod plan;
mod registered;
#[cfg(test)]
mod stored_forms_tests;
mod topics;

use anyhow::{Context, Result};
use city_folder::{
    City, files_of,
    mistake::{Mistake, Mistakes},
};
use clap::Subcommand;
use cli::{
    exit::{self, Refusal},
    target::{Target, Which},
    terminal::Terminal,
};
use plan::Plan;
use registered::Registered;
use serde::Serialize;
use std::{
    fmt,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Subcommand)]
pub(crate) enum CityCommand {
    /// Read a city's folder and name every mistake with file, line and column. Changes nothing, and needs no stack.
    Check {
        /// The folder.
        folder: PathBuf,
    },
    /// Say what `apply` would change in the stack. Changes nothing.
    Plan {
        /// The folder.
        folder: PathBuf,
    },
    /// Make the stack's city what the folder says, its topics and their e-mail subscriptions among it. Asks first; running it again, also after it was cut off, does what is still to do.
    Apply {
        /// The folder.
        folder: PathBuf,
    },
    /// Write the stack's city to a folder, which `plan` then finds unchanged. Changes nothing in the stack.
    ///
    /// The files are written whole beside the folder first. In a folder that is there, they take the place of the city's files, after
    /// a question; other files stay.
    Export {
        /// The folder; made where it is not there.
        folder: PathBuf,
    },
}

/// Carries a command out.
pub(crate) async fn city(command: CityCommand, which: &Which, terminal: Terminal) -> Result<ExitCode> {
    match command {
        CityCommand::Check { folder } => check(&folder, terminal),
        CityCommand::Plan { folder } => {
            let city = read(&folder)?;
            let target = which.target().await?;
            let plan = plan(&city, &Registered::read(&target).await?, &target).await?;
            terminal.print(&plan)?;
            Ok(ExitCode::SUCCESS)
        }
        CityCommand::Apply { folder } => {
            let plan = apply(&folder, &which.target().await?, terminal).await?;
            terminal.print(&plan)?;
            Ok(ExitCode::SUCCESS)
        }
        CityCommand::Export { folder } => {
            let target = which.target().await?;
            let registered = Registered::read(&target).await?;
            let map = registered.map.files(&target).await?;
            let city = registered.city(map)?;
            terminal.print(&export::write(&city, &folder, terminal)?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn plan(city: &City, registered: &Registered, target: &Target) -> Result<Plan> {
    let mut plan = Plan::new(city, registered, target)?;
    plan.count_reports(target).await?;
    Ok(plan)
}

/// Makes a stack's city what a folder says, and gives what was changed.
pub(crate) async fn apply(folder: &Path, target: &Target, terminal: Terminal) -> Result<Plan> {
    let city = read(folder)?;
    let registered = Registered::read(target).await?;
    let plan = plan(&city, &registered, target).await?;
    if !plan.is_empty() {
        if !terminal.yes {
            // On standard error: with --json standard output is for the result alone.
            write!(io::stderr().lock(), "{plan}").context("cannot show the plan")?;
        }
        terminal.confirm(&format!("Change the stack {} so?", target.name))?;
        apply::apply(&city, &plan, &registered, target, terminal).await?;
    }
    Ok(plan)
}

/// What `check` found.
#[derive(Serialize)]
struct Checked {
    errors: Vec<Mistake>,
    warnings: Vec<Mistake>,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in &self.errors {
            writeln!(f, "error: {error}")?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        writeln!(f, "{} errors, {} warnings", self.errors.len(), self.warnings.len())
    }
}

fn check(folder: &Path, terminal: Terminal) -> Result<ExitCode> {
    let all = |mistakes: &Mistakes| mistakes.iter().cloned().collect();
    let checked = match City::read(&files(folder)?) {
        Ok((_, warnings)) => Checked { errors: Vec::new(), warnings: all(&warnings) },
        Err(errors) => Checked { errors: all(&errors), warnings: Vec::new() },
    };
    terminal.print(&checked)?;
    Ok(if checked.errors.is_empty() { ExitCode::SUCCESS } else { exit::INVALID.into() })
}

/// The city of a folder without mistakes.
pub(crate) fn read(folder: &Path) -> Result<City> {
    let (city, _) = City::read(&files(folder)?)
        .map_err(|mistakes| Refusal::Invalid(format!("{} mistakes:\n{mistakes}", mistakes.len())))?;
    Ok(city)
}

fn files(folder: &Path) -> Result<city_folder::Files> {
    let read = files_of(folder);
    Ok(read
        .map_err(|error| Refusal::Invalid(format!("cannot read the folder {}: {error}", folder.display())))?)
}
