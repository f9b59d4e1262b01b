//! `load`: whole lives in a closed and in an open loop, on an engine and a stack of its own, gone afterwards.
//!
//! What gives the load and looks at what came of it is in `tests/src/bin/load`.

use crate::{
    cargo,
    engine::Home,
    isolated_stack,
    lock::{self, Lock},
    project::Project,
};
use anyhow::{Context, Result};
use serde_json::json;
use std::process::{ExitCode, Stdio};
use tokio::process::Command;

const NAME: &str = "tuntas-load";

/// The options of the command line.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A few lives, to see that it works: its figures say nothing.
    #[arg(long)]
    smoke: bool,
    /// How long each loop gives load.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=300), conflicts_with = "smoke")]
    seconds: u64,
    /// The rates of the open loop, as parts of what the closed loop reached.
    #[arg(long, value_delimiter = ',', default_value = "0.5,0.8,1.0,1.3", conflicts_with = "smoke")]
    rates: Vec<f64>,
}

/// Prepares an engine, loads it, and forgets it. The figures lie in `target/bench`.
pub(crate) async fn load(project: &Project, options: &Options) -> Result<ExitCode> {
    let _turn = lock::acquire(project, Lock::Load).await?;
    let preparing = lock::acquire(project, Lock::Stack).await?;
    cargo::build_functions(project).await?;
    cargo::build_packages(project, ["cli", "tests"]).await?;
    let home = Home::isolated(project, "load")?;
    // Everything is released at once: what waited for a slot would tell of the slot.
    let parameters = ["Stage=local", "SlotsSegera=0", "SlotsBiasa=0", "SlotsPeka=0"].map(ToOwned::to_owned);
    let engine = isolated_stack::start(project, &home, NAME, &parameters, false).await?;
    drop(preparing);

    let plan = json!({
        "seconds": if options.smoke { 4 } else { options.seconds },
        "clients": if options.smoke { vec![2] } else { vec![1, 2, 4, 8] },
        "rates": if options.smoke { vec![1.0] } else { options.rates.clone() },
        "out": project.root.join("target/bench"),
    });
    let status = Command::new(cargo::built("load")?)
        .arg(plan.to_string())
        .env("TUNTAS_STACK", home.stack_file())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .context("cannot start what gives the load")?;
    engine.stop()?;
    if !status.success() {
        println!("What the engine said and kept lies in .local/load until the next run.");
        return Ok(ExitCode::FAILURE);
    }
    home.wipe()?;
    Ok(ExitCode::SUCCESS)
}
