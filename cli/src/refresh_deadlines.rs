//! Has `release` look anew at the deadlines of open reports: by a calendar that changed, and of reports that were stored before there were any.

use anyhow::{Context, Result};
use clap::Args;
use cli::{
    exit::Refusal,
    target::{Which, now},
    terminal::Terminal,
};
use domain::{desk::Desk, ticket::Ticket};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use std::{fmt, process::ExitCode};

/// How many calls are under way at once.
const AT_ONCE: usize = 16;

#[derive(Args)]
pub(crate) struct RefreshDeadlines {
    /// Only what lies on this desk: `tiket`, `validasi`, `verifikasi` or `unit:<code>`.
    #[arg(long)]
    desk: Option<String>,
}

/// What was done.
#[derive(Serialize)]
struct Refreshed {
    reports: usize,
}

/// Carries the command out. Reports whose release waits have no deadline yet, and are left alone.
pub(crate) async fn refresh(
    command: &RefreshDeadlines,
    which: &Which,
    terminal: Terminal,
) -> Result<ExitCode> {
    let target = which.target().await?;
    let desks = match &command.desk {
        Some(desk) => {
            vec![Desk::parse(desk).ok_or_else(|| Refusal::Invalid(format!("there is no desk {desk}")))?]
        }
        None => target.desks().await?,
    };
    let reports = target.reports()?;
    let listed = stream::iter(&desks).map(|desk| reports.listed_on(desk)).buffered(AT_ONCE);
    let listed: Vec<Vec<Ticket>> = listed.try_collect().await.context("cannot read the desks")?;
    let tickets = listed.concat();
    let question = format!("Look anew at the deadlines of {} reports of {}?", tickets.len(), target.name);
    terminal.confirm(&question)?;
    let bar = terminal.progress(tickets.len() as u64, "Making reports due");
    stream::iter(&tickets)
        .map(async |ticket| {
            let made = reports.make_due(ticket, now()).await;
            bar.inc(1);
            made
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await
        .context("cannot make a report due; run it again")?;
    bar.finish_and_clear();
    terminal.print(&Refreshed { reports: tickets.len() })?;
    Ok(ExitCode::SUCCESS)
}

impl fmt::Display for Refreshed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} reports are due: release looks at them in its next runs", self.reports)
    }
}
