//! `GET /v1/track/{ticket}`: the report as its reporter sees it.

use crate::App;
use aws_failure::Failure;
use domain::{
    followers::LastUpdate,
    pending_applied::with_pending_applied,
    report::Report,
    view::{Beside, Whole, reporter_view},
};
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{caller, clock, problem::Problem, request, response};

/// How many mergers are followed: a report that was merged may be merged again.
const MERGERS: usize = 5;

pub(crate) async fn view(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let report = app.open(request).await?.report;
    request::query(request, &[])?;
    let ticket = &report.ticket;
    let (seen, _) = with_pending_applied(&report);
    let (events, photos, looks, followed) = tokio::try_join!(
        app.reports.events(ticket),
        app.reports.photos(ticket),
        app.accesses.counts_of_report(ticket),
        followed(app, &seen)
    )?;
    let whole = Whole { report: &report, events: &events, photos: &photos };
    let beside = Beside { followed, looks };
    response::json(StatusCode::OK, &reporter_view(whole, beside, clock::now(), caller::language(request)))
}

/// What the reporter of the report that took this one in was told, where it was merged before merged reports followed.
async fn followed(app: &App, report: &Report) -> Result<Option<LastUpdate>, Failure> {
    let mut last: Option<Report> = None;
    for _ in 0..MERGERS {
        let report = last.as_ref().unwrap_or(report);
        // What the ticket desk can still recall nobody has heard of.
        let is_followed_on = report.follows.is_none() && (last.is_none() || report.triage.recall.is_none());
        let Some(into) = report.merged_into.as_ref().filter(|_| is_followed_on) else { break };
        let Some(next) = app.reports.get(into).await? else { break };
        last = Some(next);
    }
    Ok(last.map(|last| last.follows.filter(|_| last.triage.recall.is_none()).unwrap_or_else(|| last.told())))
}
