//! `GET /v1/reports/{ticket}/photos/{photo}`: a copy of a photo, made for one viewer, whose code stands in the picture.
//!
//! The copy is drawn for this look and lies under a random key, so nothing that S3 says of it (its date, its ETag, its
//! length) tells anything of the stored photo.

use aws_failure::Failure;
use domain::{
    access_log::Looked,
    ids::{EventId, ViewCode},
    officer::Named,
    photo::PhotoState,
    presigned_urls::VIEW_SECONDS,
    response::ViewResponse,
    view::{may_see_photo, viewer},
};
use lambda_http::{Body, Request, Response, http::StatusCode};
use photos::{bucket::PhotosBucket, keys};
use runtime::{
    aws::{self, client},
    caller, clock, entropy,
    problem::Problem,
    request, response,
    serve::{self, StartError},
    settings,
};
use store::{
    access_log::{Access, Accesses},
    reports::Reports,
};

struct App {
    reports: Reports,
    accesses: Accesses,
    bucket: PhotosBucket,
}

/// Sets up the function and serves its route.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let dynamodb = client!(aws_sdk_dynamodb, &config);
    let s3 = client!(aws_sdk_s3, &config);
    let app = App {
        reports: Reports::new(dynamodb.clone(), settings::var("REPORTS_TABLE")?, settings::zone()?),
        accesses: Accesses::new(dynamodb, settings::var("ACCESSES_TABLE")?),
        bucket: PhotosBucket::new(s3, settings::var("PHOTOS_BUCKET")?),
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
    let found = found
        .filter(|found| may_see_photo(seen_by, &officer, &report, found, clock::now()))
        .ok_or(Problem::NotFound)?;
    match found.state {
        PhotoState::Ready => {}
        PhotoState::Pending => return Err(Problem::PhotoNotReady),
        PhotoState::Rejected => return Err(Problem::NotFound),
    }
    let code = ViewCode::from_bytes(&entropy::bytes());
    let access = Access {
        id: EventId::from_bytes(&entropy::bytes()),
        at: clock::now(),
        officer: Named::from(&officer),
        looked_at: Looked::Photo,
        photo: Some(photo.clone()),
        code: Some(code.clone()),
        tickets: Vec::new(),
    };
    let record = async { Ok(app.accesses.record(&ticket, &access).await?) };
    let stored = app.stored(keys::clean(false, &ticket, &photo));
    let ((), stored) = tokio::try_join!(record, stored)?;
    let copy = drawn(stored, code, report.privacy.label()).await?;
    // The copy lies under the entry's id, so that locking the photo can find its copies by the access log.
    let key = keys::view(&access.id);
    app.bucket.put(&key, copy).await?;
    // If the photo was locked, or the report has left the unit, while the copy was drawn, nobody gets a copy any more.
    let report = app.reports.get(&ticket).await?.ok_or(Problem::NotFound)?;
    let seen_by = viewer(&report, &officer).ok_or(Problem::NotFound)?;
    if !may_see_photo(seen_by, &officer, &report, &found, clock::now()) {
        return Err(Problem::NotFound);
    }
    response::json(
        StatusCode::OK,
        &ViewResponse { url: app.bucket.sign_view(&key).await?, expires_in: VIEW_SECONDS },
    )
}

/// Draws the copy on a thread of its own, because the time limit must be watched while the pixels are processed.
async fn drawn(stored: Vec<u8>, code: ViewCode, label: &'static str) -> Result<Vec<u8>, Problem> {
    let work = move || media::copy_for_viewer(&stored, code.as_str(), label);
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(copy)) => Ok(copy),
        // The stored photo was drawn by this system, so this is not the caller's error.
        Ok(Err(_)) | Err(_) => Err(Problem::InternalError("copy not drawn")),
    }
}

impl App {
    /// The redrawn photo. One that is gone, because its report has just become private or its reporter has taken it back, is as
    /// one that never was; without the right to list the bucket, S3 says of it only that access is denied.
    async fn stored(&self, key: String) -> Result<Vec<u8>, Problem> {
        match self.bucket.get(&key).await {
            // An object that was overwritten with nothing was locked while it was cleaned.
            Ok(Some(bytes)) if !bytes.is_empty() => Ok(bytes),
            Ok(_) | Err(Failure::Denied) => Err(Problem::NotFound),
            Err(failure) => Err(failure.into()),
        }
    }
}
