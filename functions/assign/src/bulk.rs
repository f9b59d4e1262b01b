//! `POST /v1/assignments`: the same as `POST /v1/reports/{ticket}/assignment`, for up to fifty reports.

use crate::{App, warnings};
use domain::command::Assignment;
use lambda_http::{Body, Request, Response};
use runtime::problem::Problem;

/// The route as the gateway knows it.
pub(crate) const ROUTE: &str = "POST /v1/assignments";

pub(crate) async fn handle(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    officer_commands::bulk::answer(
        &app.commands,
        request,
        Assignment::ACTS,
        |body| {
            Assignment::parse_bulk(body).map(|(tickets, assignment)| (tickets, assignment.act(), assignment))
        },
        async |assignment, context| app.prepare(assignment, context).await,
        warnings,
    )
    .await
}
