//! `load`: whole lives in a closed and in an open loop, on an engine and a stack of its own, gone afterwards.
//!
//! What gives the load and looks at what came of it is in `tests/src/bin/load`.

use crate::{
    build, own,
    project::{Project, Turn},
};
use anyhow::{Context, Result};
use serde_json::json;
use std::process::{ExitCode, Stdio};
use tokio::process::Command;

const NAME: &str = "tuntas-load";

/// How to run it.
#[derive(clap::Args)]
pub(crate) struct How {
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
pub(crate) async fn load(project: &Project, how: &How) -> Result<ExitCode> {
    let _turn = project.turn(Turn::Loading).await?;
    let preparing = project.turn(Turn::Preparing).await?;
    build::functions(project).await?;
    build::packages(project, ["cli", "tests"]).await?;
    let home = own::home(project, "load")?;
    // Everything is released at once: what waited for a slot would tell of the slot.
    let parameters = ["Stage=local", "SlotsSegera=0", "SlotsBiasa=0", "SlotsPeka=0"].map(ToOwned::to_owned);
    let engine = own::engine(project, &home, NAME, &parameters, false).await?;
    drop(preparing);

    let plan = json!({
        "seconds": if how.smoke { 4 } else { how.seconds },
        "clients": if how.smoke { vec![2] } else { vec![1, 2, 4, 8] },
        "rates": if how.smoke { vec![1.0] } else { how.rates.clone() },
        "out": project.root.join("target/bench"),
    });
    let status = Command::new(build::built("load")?)
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
