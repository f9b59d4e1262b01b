//! `GET /v1/track/{ticket}`: the reporter follows their report, with its secret and without an account.

use domain::{
    secret::ReportSecret,
    view::{Whole, reporter_view},
};
use glue::{
    answer,
    aws::{self, AwsCalls},
    caller,
    problem::Problem,
    request,
    serve::{self, StartError},
    settings,
};
use lambda_http::{Body, Request, Response, http::StatusCode};
use store::{digest, reports::Reports};

/// Serves the route.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config().await;
    let client = aws_sdk_dynamodb::Client::from_conf(
        aws_sdk_dynamodb::config::Builder::from(&config).interceptor(AwsCalls).build(),
    );
    let reports = Reports::new(client, settings::var("REPORTS_TABLE")?, settings::zone()?);
    serve::http("track", async |request| handle(&reports, request).await).await
}

async fn handle(reports: &Reports, request: Request) -> Result<Response<Body>, Problem> {
    let ticket = request::ticket(&request)?;
    let secret = caller::secret(&request, "Report-Secret");
    let secret = secret.and_then(|secret| ReportSecret::parse(secret.expose())).ok_or(Problem::NotFound)?;
    let report = reports.get(&ticket).await?.ok_or(Problem::NotFound)?;
    if !digest::is_of(&report.secret_digest, secret.expose().as_bytes()) {
        return Err(Problem::NotFound);
    }
    request::query(&request, &[])?;
    let (events, photos) = tokio::try_join!(reports.events(&ticket), reports.photos(&ticket))?;
    let whole = Whole { report: &report, events: &events, photos: &photos };
    answer::json(StatusCode::OK, &reporter_view(whole, caller::language(&request)))
}
