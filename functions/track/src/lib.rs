//! `/v1/track/{ticket}`: the reporter follows their report and acts on it, with its secret and without an account.
//!
//! A wrong secret, a missing one and an unknown ticket all give the same 404. `domain::reporter_actions` says what a reporter
//! may do; this function stores it, and moves the photos accordingly.

mod action;
mod dispute;
mod photos;
mod privacy;
mod rating;
mod reconcile;
mod view;
mod withdraw;

use ::photos::bucket::PhotosBucket;
use action::Opened;
use city_clock::CityClock;
use domain::secret::ReportSecret;
use lambda_http::{Body, Request, Response};
use runtime::{
    aws::{self, client},
    caller, clock, gateway,
    problem::Problem,
    request,
    serve::{self, StartError},
    settings,
};
use store::{access_log::Accesses, digest, reports::Reports};

struct App {
    reports: Reports,
    accesses: Accesses,
    vault_table: String,
    bucket: PhotosBucket,
    city: CityClock,
}

/// Sets up the function and serves its routes.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let dynamodb = client!(aws_sdk_dynamodb, &config);
    let s3 = client!(aws_sdk_s3, &config);
    let city = CityClock::from_settings(dynamodb.clone())?;
    let app = App {
        reports: Reports::new(dynamodb.clone(), settings::var("REPORTS_TABLE")?, city.slots.zone.clone()),
        accesses: Accesses::new(dynamodb, settings::var("ACCESSES_TABLE")?),
        vault_table: settings::var("VAULT_TABLE")?,
        bucket: PhotosBucket::new(s3, settings::var("PHOTOS_BUCKET")?),
        city,
    };
    serve::http("track", async |request| handle(&app, &request).await).await
}

async fn handle(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let is = |route| gateway::is_route(request, route);
    if is("POST /v1/track/{ticket}/photos") {
        photos::add_photos(app, request).await
    } else if is("POST /v1/track/{ticket}/dispute") {
        dispute::dispute(app, request).await
    } else if is("PUT /v1/track/{ticket}/rating") {
        rating::rate(app, request).await
    } else if is("PUT /v1/track/{ticket}/privacy") {
        privacy::change_privacy(app, request).await
    } else if is("DELETE /v1/track/{ticket}") {
        withdraw::withdraw(app, request).await
    } else if is("GET /v1/track/{ticket}") {
        view::view(app, request).await
    } else {
        Err(Problem::NotFound)
    }
}

impl App {
    /// The report whose secret the request carries.
    async fn open(&self, request: &Request) -> Result<Opened, Problem> {
        let ticket = request::ticket(request)?;
        let secret = caller::secret(request, "Report-Secret");
        let secret =
            secret.and_then(|secret| ReportSecret::parse(secret.expose())).ok_or(Problem::NotFound)?;
        let report = self.reports.get(&ticket).await?.ok_or(Problem::NotFound)?;
        if !digest::is_of(&report.reporter.secret_digest, secret.expose().as_bytes()) {
            return Err(Problem::NotFound);
        }
        if report.is_gone(clock::now()) {
            return Err(Problem::NotFound);
        }
        Ok(Opened { report, secret })
    }
}
