//! `POST /v1/reports/{ticket}/claim`: an officer of the ticket desk says for ten minutes that they are at work on a report.

use crate::App;
use domain::{act::Act, command_rules, decide, json_body::Form, response::ClaimResponse, view};
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{caller, clock, problem::Problem, request, response::JsonResponse};
use store::{Failure, transaction::ATTEMPTS};

pub(crate) const ROUTE: &str = "POST /v1/reports/{ticket}/claim";

/// Claims the report. It leaves no event, so that a repetition is known by the claim that lasts, and not by its `Idempotency-Key`: it
/// prolongs the claim.
pub(crate) async fn claim(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let officer = caller::officer(request)?;
    let ticket = request::ticket(request)?;
    let reports = &app.commands.reports;
    for _ in 0..ATTEMPTS {
        let report = reports.get(&ticket).await?.ok_or(Problem::NotFound)?;
        view::viewer(&report, &officer).ok_or(Problem::NotFound)?;
        command_rules::authorize(&report, Act::Claim, &officer)?;
        let read = Form::new(&request::json_body(request)?).finish(Some(()));
        request::query(request, &[])?;
        let mut errors = read.err().unwrap_or_default();
        errors.extend(request::idempotency_key(request).err());
        if !errors.is_empty() {
            return Err(Problem::ValidationFailed(errors));
        }
        let now = clock::now();
        let claimed = decide::claim(&report, &officer, now)?;
        if reports.claim(&report, &claimed, now).await? {
            let until = claimed.claim.map(|claim| claim.until.into());
            let until = until.ok_or(Problem::InternalError("claim without an end"))?;
            let ticket = ticket.to_string();
            let body = ClaimResponse { ticket, label: report.privacy.label(), until };
            let lasts = report.claim.is_some_and(|claim| claim.until > now && claim.officer.id == officer.id);
            return JsonResponse::new(StatusCode::OK).replayed(lasts).json(&body);
        }
    }
    Err(Problem::from(Failure::RetriesExhausted))
}
