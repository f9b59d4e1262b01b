//! Why a report is where it is, and who may see it: times and desks, and nothing of what it says.

use crate::refresh_deadlines::{self, RefreshDeadlines};
use anyhow::{Context, Result};
use clap::Subcommand;
use cli::{exit::Refusal, target::Which, terminal::Terminal};
use domain::{
    act::Act,
    deadlines::StepKind,
    desk::Desk,
    minute::Minute,
    officer::{Officer, Role, Tag},
    report::{Due, Report},
    status::Status,
    ticket::Ticket,
    unit::{Code, Unit},
    view::{Viewer, shown_status, viewer},
};
use jiff::Timestamp;
use serde::Serialize;
use std::{collections::BTreeSet, fmt, process::ExitCode};
use store::reports::{OperatorView, PastEvent, PendingKind};

#[derive(Subcommand)]
pub(crate) enum ReportCommand {
    /// Say on which desk a report lies, what it waits for and who may see it. Changes nothing, and is no look at the report: it tells
    /// times and desks, and nothing of what the report says.
    Explain {
        /// The report's ticket.
        ticket: String,
    },
    /// Have the deadlines of all open reports looked at anew: after holidays or working time were taken back, and once after an update from
    /// a version without deadlines.
    RefreshDeadlines(RefreshDeadlines),
}

/// A report without its content.
#[derive(Serialize)]
struct Explained {
    ticket: Ticket,
    status: Status,
    /// Of a test report, when it is gone, or went.
    test_until: Option<Minute>,
    /// The desk that it lies on; none once it is closed, and for a test report.
    desk: Option<Desk>,
    /// When it came to that desk, or was closed; of a test report, when it came.
    since: Option<Minute>,
    /// Whether it stands on the desk's list: not while its release waits.
    listed: bool,
    /// The release that it waits for.
    release: Option<Waits>,
    /// The message to the reporter that waits for its slot.
    update: Option<Waits>,
    /// No release to a unit or a verifier before this: the reporter's photos may still come.
    photos_from: Option<Minute>,
    /// The deadline of the present step.
    deadline: Option<Deadline>,
    /// What the reporter did and officers do not know of yet.
    pending: Vec<Pending>,
    /// The reporter had their identity erased, and is told nothing more.
    erased: bool,
    /// The desks that it was released on.
    reached: BTreeSet<Desk>,
    /// Who may see it now.
    viewers: Vec<MaySee>,
}

#[derive(Serialize)]
struct Waits {
    act: Act,
    until: Minute,
}

#[derive(Serialize)]
struct Deadline {
    step: StepKind,
    ends: Minute,
    /// When the desk is reminded, or those above are told, the next time.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Minute>,
}

#[derive(Serialize)]
struct Pending {
    action: PendingKind,
    until: Minute,
}

#[derive(Serialize)]
struct MaySee {
    who: String,
    /// What kind of viewer they are; none where the report does not exist for them.
    sees_it_as: Option<&'static str>,
    /// The status that they are shown.
    status: Option<Status>,
}

/// Carries the command out.
pub(crate) async fn report(command: &ReportCommand, which: &Which, terminal: Terminal) -> Result<ExitCode> {
    let ticket = match command {
        ReportCommand::Explain { ticket } => ticket,
        ReportCommand::RefreshDeadlines(command) => {
            return refresh_deadlines::refresh(command, which, terminal).await;
        }
    };
    let ticket = Ticket::parse(ticket).ok_or_else(|| Refusal::Invalid("that is no ticket".to_owned()))?;
    let target = which.target().await?;
    let reports = target.reports()?;
    let view = reports.operator_view(&ticket).await.context("cannot read the reports table")?;
    let view = view.ok_or_else(|| Refusal::Invalid(format!("there is no report {ticket}")))?;
    terminal.print(&explain(&view))?;
    Ok(ExitCode::SUCCESS)
}

fn explain(OperatorView { report, pending, past }: &OperatorView) -> Explained {
    let waits = |due: &Due| Waits { act: due.act, until: due.at.into() };
    let pending = pending.iter().map(|waiting| Pending { action: waiting.kind, until: waiting.at.into() });
    Explained {
        ticket: report.ticket.clone(),
        status: report.status,
        test_until: report.submitted.test_until.map(Minute::from),
        desk: report.desk(),
        since: since(report, past).map(Minute::from),
        listed: report.listed_on().is_some(),
        release: report.visible.release.as_ref().map(waits),
        update: report.reporter.update.as_ref().map(waits),
        photos_from: report.visible.photos_from.map(Minute::from),
        deadline: report.step.as_ref().map(|step| Deadline {
            step: step.kind,
            ends: step.ends.into(),
            next: step.next.map(Minute::from),
        }),
        pending: pending.collect(),
        erased: report.reporter.erased,
        reached: report.visible.reached.clone(),
        viewers: viewers(report),
    }
}

/// The moment of the event that brought the report to the desk on which it lies, or closed it.
fn since(report: &Report, past: &[PastEvent]) -> Option<Timestamp> {
    let mut then = Report { unit: None, ..report.clone() };
    let mut since = None;
    let mut lay_on = None;
    for event in past {
        if let Some(code) = &event.unit {
            then.unit = Some(Unit { code: code.clone(), path: vec![code.clone()] });
        }
        then.status = event.status;
        let lies_on = Some(then.desk());
        if lies_on != lay_on {
            since = Some(event.at);
            lay_on = lies_on;
        }
    }
    since
}

/// Everybody to whom the report may exist, by the rules of the views.
fn viewers(report: &Report) -> Vec<MaySee> {
    let bureau = [
        ("the ticket desk", Tag::AdminTiket),
        ("validators", Tag::PetugasValidasi),
        ("verifiers", Tag::PetugasVerifikasi),
        ("the administrator", Tag::Administrator),
    ];
    let bureau = bureau.into_iter().map(|(who, tag)| (who.to_owned(), Role::Bureau(BTreeSet::from([tag]))));
    let here = report.unit.iter().flat_map(|unit| &unit.path);
    let before = report.visible.reached.iter().filter_map(|desk| match desk {
        Desk::Unit(code) => Some(code),
        Desk::Tiket | Desk::Validasi | Desk::Verifikasi => None,
    });
    let units: BTreeSet<&Code> = here.chain(before).collect();
    let units = units.into_iter().map(|code| (format!("officers of {code}"), Role::Unit(code.clone())));
    let may_see = |(who, role)| {
        let officer = Officer { id: String::new(), name: String::new(), role };
        let kind = viewer(report, &officer);
        MaySee {
            who,
            sees_it_as: kind.map(|kind| match kind {
                Viewer::Unit => "unit",
                Viewer::FormerUnit => "former unit",
                Viewer::Field => "field",
                Viewer::Bureau => "bureau",
                Viewer::Administrator => "administrator",
            }),
            status: kind.map(|kind| shown_status(report, kind)),
        }
    };
    bureau.chain(units).map(may_see).collect()
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.since.map(|since| format!(" since {since}")).unwrap_or_default();
        writeln!(f, "report    {}", self.ticket)?;
        writeln!(f, "status    {}", self.status.as_str())?;
        match (&self.desk, self.test_until) {
            (Some(desk), _) => writeln!(f, "desk      {desk}{since}")?,
            (None, Some(until)) => {
                writeln!(
                    f,
                    "desk      none: a test report{since}, which no officer sees; it is gone at {until}, and deleted in the days after"
                )?;
            }
            (None, None) => writeln!(f, "desk      none, closed{since}")?,
        }
        if let Some(Waits { act, until }) = &self.release {
            writeln!(
                f,
                "waits     for its release at {until}, after {}: it stands on no desk's list",
                act.as_str()
            )?;
        } else if self.listed {
            writeln!(f, "waits     for nothing: it stands on the desk's list")?;
        }
        if let Some(from) = self.photos_from {
            writeln!(f, "photos    no release to a unit or a verifier before {from}")?;
        }
        if let Some(Deadline { step, ends, next }) = &self.deadline {
            let next =
                next.map(|next| format!(", and is told of at {next} the next time")).unwrap_or_default();
            writeln!(f, "deadline  of the step {} ends at {ends}{next}", step.as_str())?;
        }
        if let Some(Waits { act, until }) = &self.update {
            writeln!(f, "reporter  is told of {} at {until}", act.as_str())?;
        }
        for Pending { action, until } in &self.pending {
            let action = match action {
                PendingKind::Dispute => "dispute",
                PendingKind::Withdraw => "withdraw",
                PendingKind::ChangePrivacy => "change_privacy",
                PendingKind::Rate => "rate",
            };
            writeln!(f, "pending   {action} of the reporter's: officers learn of it at {until}")?;
        }
        if self.erased {
            writeln!(f, "reporter  had their identity erased, and is told nothing more")?;
        }
        let reached: Vec<_> = self.reached.iter().map(ToString::to_string).collect();
        writeln!(
            f,
            "released  on {}",
            if reached.is_empty() { "no desk".to_owned() } else { reached.join(", ") }
        )?;
        writeln!(f, "\nwho may see it now:")?;
        for MaySee { who, sees_it_as, status } in &self.viewers {
            match (sees_it_as, status) {
                (Some(kind), Some(status)) => writeln!(f, "  {who}: as {kind}, status {}", status.as_str())?,
                _ => writeln!(f, "  {who}: no")?,
            }
        }
        Ok(())
    }
}
