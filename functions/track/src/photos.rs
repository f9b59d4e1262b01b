//! `POST /v1/track/{ticket}/photos`: the reporter declares more photos.

use crate::{
    App,
    action::{CarriedOut, Change, Decided, carry_out},
};
use aws_failure::Failure;
use domain::{
    ids::PhotoId,
    photo::{Photo, PhotoKind},
    photo_upload::{Upload, parse_reporter_photos},
    release::Effects,
    report::Report,
    reporter_actions,
    secret::ReportSecret,
};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{caller, entropy, problem::Problem, request::json_body, response::JsonResponse};
use store::derived_ids;

pub(crate) async fn add_photos(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let parse = |request: &Request| Ok(parse_reporter_photos(&json_body(request)?)?);
    let done = carry_out(app, request, parse, async |declared, opened, action_stamp, _| {
        let (report, now) = (&opened.report, action_stamp.stamp.now);
        let mut photos = app.reporter_photos(report).await?;
        let known = photos.len();
        for upload in declared {
            let id = photo_id(&opened.secret, upload);
            if photos.iter().all(|photo| photo.photo != id) {
                photos.push(app.photo(report, (photos.len() - known, id), upload, now));
            }
        }
        let new_photos = photos[known..].to_vec();
        if new_photos.is_empty() {
            return Ok(Decided::Repeated(photos));
        }
        let after = reporter_actions::add_photos(report, new_photos.len())?;
        let change = Change { new_photos, ..Change::of((after, Effects::default())) };
        Ok(Decided::Changed(Box::new(change), photos))
    });
    let CarriedOut { wanted: declared, rest: photos, opened, report, replayed, now } = done.await?;
    let declared_photos = declared.iter().filter_map(|upload| {
        let id = photo_id(&opened.secret, upload);
        Some((photos.iter().find(|photo| photo.photo == id)?.clone(), Some(upload)))
    });
    // A repeated declaration gives no upload URL for a photo that has come or is no longer awaited.
    let awaits = |photo: &Photo| reporter_actions::awaits(&report, photo);
    let uploads =
        app.bucket.uploads(&app.reports, declared_photos, awaits, now, caller::language(request)).await?;
    let status = if replayed { StatusCode::OK } else { StatusCode::CREATED };
    JsonResponse::new(status).replayed(replayed).json(&uploads)
}

/// One photo id for one file (its SHA-256), however often it is declared. Made of the secret and not of its stored digest: whoever has the
/// picture and the tables must not be able to find the report.
fn photo_id(secret: &ReportSecret, upload: &Upload) -> PhotoId {
    derived_ids::photo(&[secret.expose(), "photo", &upload.sha256])
}

impl App {
    fn photo(&self, report: &Report, photo: (usize, PhotoId), upload: &Upload, now: Timestamp) -> Photo {
        let draw = entropy::bytes::<1>()[0];
        let slots = report.slots(&self.city.slots);
        let slot = slots.one_of_four(report.terms.slots, draw, now);
        // Nobody may be able to tell when the photo was declared, so it is shown from a slot drawn at random. The
        // function `photo` hides in the same way when the upload came.
        let shown_from = slot.max(slots.after_upload(report.terms.slots, report.takes_second_slot(), now));
        Photo::of_reporter(report, photo, upload, Some(shown_from), now)
    }

    /// The photos of the report that its reporter sent.
    pub(crate) async fn reporter_photos(&self, report: &Report) -> Result<Vec<Photo>, Failure> {
        let photos = self.reports.photos(&report.ticket).await?;
        Ok(photos.into_iter().filter(|photo| photo.kind == PhotoKind::Reporter).collect())
    }
}
