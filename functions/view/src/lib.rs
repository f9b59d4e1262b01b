//! `GET /v1/reports/{ticket}/photos/{photo}`: a copy of a photo, made for one viewer.

use aws_sdk_s3::{presigning::PresigningConfig, types::MetadataDirective};
use domain::{
    answer::{Looked, ViewAnswer},
    officer::Named,
    symbols::EventId,
    view::{may_see_photo, viewer},
    words::PhotoState,
};
use failure::Failure;
use glue::{
    answer,
    aws::{self, AwsCalls},
    caller, clock, entropy,
    problem::Problem,
    request,
    serve::{self, StartError},
    settings,
};
use lambda_http::{Body, Request, Response, http::StatusCode};
use media::keys;
use std::time::Duration;
use store::{
    accesses::{Access, Accesses},
    reports::Reports,
};

/// How long the URL is good for, in seconds.
const EXPIRES_IN: u64 = 60;

struct App {
    reports: Reports,
    accesses: Accesses,
    s3: aws_sdk_s3::Client,
    bucket: String,
}

/// Serves the route.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config().await;
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(
        aws_sdk_dynamodb::config::Builder::from(&config).interceptor(AwsCalls).build(),
    );
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&config).interceptor(AwsCalls).build(),
    );
    let app = App {
        reports: Reports::new(dynamodb.clone(), settings::var("REPORTS_TABLE")?, settings::zone()?),
        accesses: Accesses::new(dynamodb, settings::var("ACCESSES_TABLE")?),
        s3,
        bucket: settings::var("PHOTOS_BUCKET")?,
    };
    serve::http("view", async |request| handle(&app, request).await).await
}

async fn handle(app: &App, request: Request) -> Result<Response<Body>, Problem> {
    let officer = caller::officer(&request)?;
    let ticket = request::ticket(&request)?;
    let photo = request::photo(&request)?;
    let (report, found) = tokio::try_join!(app.reports.get(&ticket), app.reports.photo(&ticket, &photo))?;
    let report = report.ok_or(Problem::NotFound)?;
    let seen_by = viewer(&report, &officer).ok_or(Problem::NotFound)?;
    request::query(&request, &[])?;
    let found =
        found.filter(|found| may_see_photo(seen_by, report.privacy, found.kind)).ok_or(Problem::NotFound)?;
    match found.state {
        PhotoState::Ready => {}
        PhotoState::Pending => return Err(Problem::PhotoNotReady),
        PhotoState::Rejected => return Err(Problem::NotFound),
    }
    let access = Access {
        id: EventId::from_bytes(&entropy::bytes()),
        at: clock::now(),
        officer: Named::from(&officer),
        looked_at: Looked::Photo,
        photo: Some(photo.clone()),
        code: None,
        tickets: Vec::new(),
    };
    let source = keys::clean(false, ticket.as_str(), photo.as_str());
    let copy = keys::view(EventId::from_bytes(&entropy::bytes()).as_str());
    tokio::try_join!(app.accesses.record(&ticket, &access), app.copy(&source, &copy))?;
    answer::json(StatusCode::OK, &ViewAnswer { url: app.sign(&copy).await?, expires_in: EXPIRES_IN })
}

impl App {
    /// Copies the picture without anything that the stored object carries beside it.
    async fn copy(&self, source: &str, copy: &str) -> Result<(), Failure> {
        self.s3
            .copy_object()
            .bucket(&self.bucket)
            .copy_source(format!("{}/{source}", self.bucket))
            .key(copy)
            .metadata_directive(MetadataDirective::Replace)
            .content_type("image/jpeg")
            .cache_control("no-store")
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        Ok(())
    }

    async fn sign(&self, key: &str) -> Result<String, Problem> {
        let expires = PresigningConfig::expires_in(Duration::from_secs(EXPIRES_IN));
        let expires = expires.map_err(|_| Problem::Broken("presign"))?;
        let signed = self.s3.get_object().bucket(&self.bucket).key(key).presigned(expires).await;
        Ok(signed.map_err(|_| Problem::Broken("presign"))?.uri().to_owned())
    }
}
