//! `POST /v1/track/{ticket}/dispute`: the reporter says that it is not done, or should not have been refused.

use crate::{
    App,
    action::{Change, Decided, carry_out},
};
use aws_failure::Failure;
use domain::{
    disputes,
    ids::EventId,
    report::Report,
    reporter_actions::{self, ActionStamp, parse_dispute},
};
use lambda_http::{Body, Request, Response};
use runtime::{problem::Problem, request::json_body};
use store::derived_ids;

pub(crate) async fn dispute(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let parse = |request: &Request| Ok(parse_dispute(&json_body(request)?)?);
    let done = carry_out(app, request, parse, async |reason, opened, action_stamp, clock| {
        let report = &opened.report;
        if disputed_already(app, report, reason).await? {
            return Ok(Decided::Repeated(()));
        }
        let ActionStamp { mut stamp, draw } = action_stamp;
        stamp.event = dispute_id(report, disputes::disputes(report), reason);
        let decided = reporter_actions::dispute(report, reason.clone(), ActionStamp { stamp, draw }, clock)?;
        Ok(Change::of(decided).into())
    });
    done.await?.response(request)
}

/// Whether this very dispute was made already, and nothing has come of it yet.
async fn disputed_already(app: &App, report: &Report, reason: &str) -> Result<bool, Failure> {
    let disputes = disputes::disputes(report);
    let waiting = dispute_id(report, disputes, reason);
    if report.reporter.pending.iter().any(|action| action.event == waiting) {
        return Ok(true);
    }
    match disputes.checked_sub(1) {
        Some(last) if report.status.is_open() => {
            Ok(app.reports.event(&report.ticket, &dispute_id(report, last, reason)).await?.is_some())
        }
        Some(_) | None => Ok(false),
    }
}

/// The id of a dispute's event, the same however often the dispute is sent. The digest of the secret makes it unguessable.
fn dispute_id(report: &Report, number: u8, reason: &str) -> EventId {
    derived_ids::event(&[&report.reporter.secret_digest, "dispute", &number.to_string(), reason])
}
