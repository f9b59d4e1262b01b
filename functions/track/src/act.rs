//! What a reporter does: read, decide, store, and again when somebody was faster.
//!
//! Each of these may be repeated: whoever hears nothing sends the same again, and what was left half done is done.

use crate::App;
use domain::{
    answer::{TrackAnswer, UploadsAnswer},
    decide::Stamp,
    event::Photo,
    release::Happened,
    report::Report,
    reporter::{self, Chance},
    secret::ReportSecret,
    submission::{Upload, parse_reporter_photos},
    symbols::{EventId, PhotoId, Version},
    words::{PhotoKind, PhotoState, Privacy},
};
use failure::Failure;
use glue::{answer::Answer, caller, clock, entropy, problem::Problem, request};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response, http::StatusCode};
use store::{
    digest, intake,
    reports::{Done, Fate},
};

/// How often something is decided anew because the report changed under it.
const ATTEMPTS: usize = 4;

/// `POST /v1/track/{ticket}/dispute`.
pub(crate) async fn dispute(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    for _ in 0..ATTEMPTS {
        let report = app.report(request).await?;
        let reason = reporter::parse_dispute(&request::json_body(request)?)?;
        request::query(request, &[])?;
        if disputed_already(app, &report, &reason).await? {
            return answer(request, &report, true);
        }
        let mut chance = chance();
        chance.stamp.event = dispute_id(&report, reporter::disputes(&report), &reason);
        let now = chance.stamp.now;
        let (after, happened) = reporter::dispute(&report, reason, chance, &app.slots)?;
        if app.store(&report, &after, &happened, now).await? {
            return answer(request, &after, false);
        }
    }
    Err(Problem::from(Failure::Conflict))
}

/// Whether this very dispute is on record, and nothing has come of it yet.
async fn disputed_already(app: &App, report: &Report, reason: &str) -> Result<bool, Failure> {
    let disputes = reporter::disputes(report);
    let waiting = dispute_id(report, disputes, reason);
    if report.wishes.iter().any(|wish| wish.event == waiting) {
        return Ok(true);
    }
    match disputes.checked_sub(1) {
        Some(last) if report.status.is_open() => {
            Ok(app.reports.event(&report.ticket, &dispute_id(report, last, reason)).await?.is_some())
        }
        Some(_) | None => Ok(false),
    }
}

/// One id for one dispute, however often it is sent. The digest of the secret makes it nobody else's.
fn dispute_id(report: &Report, number: u8, reason: &str) -> EventId {
    let parts = [&report.secret_digest, "dispute", &number.to_string(), reason].join("\0");
    EventId::from_bytes(&intake::first(&digest::raw(parts.as_bytes())))
}

/// `DELETE /v1/track/{ticket}`: the identity and locked photos are erased at once, and the report is closed.
pub(crate) async fn withdraw(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    for _ in 0..ATTEMPTS {
        let report = app.report(request).await?;
        request::query(request, &[])?;
        let locked: Vec<PhotoId> = if report.locks(PhotoKind::Reporter) {
            app.reporter_photos(&report).await?.into_iter().map(|photo| photo.photo).collect()
        } else {
            Vec::new()
        };
        if !report.erased {
            let chance = chance();
            let now = chance.stamp.now;
            let (after, happened) = reporter::withdraw(&report, chance, &app.slots);
            let photos: Vec<(PhotoId, Fate)> =
                locked.iter().map(|photo| (photo.clone(), Fate::Gone)).collect();
            let done = Done {
                report: &after,
                happened: &happened,
                new_photos: &[],
                photos: &photos,
                erase_from: Some(&app.vault_table),
            };
            if !app.reports.by_reporter(&report, &done, now).await? {
                continue;
            }
            app.pictures.erase(&report.ticket, &locked).await?;
            return answer(request, &after, false);
        }
        app.pictures.erase(&report.ticket, &locked).await?;
        return answer(request, &report, true);
    }
    Err(Problem::from(Failure::Conflict))
}

/// `PUT /v1/track/{ticket}/privacy`.
pub(crate) async fn change_privacy(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    for _ in 0..ATTEMPTS {
        let report = app.report(request).await?;
        let privacy = reporter::parse_privacy(&request::json_body(request)?)?;
        request::query(request, &[])?;
        let locked = privacy == Privacy::Private;
        let photos = app.reporter_photos(&report).await?;
        let ready: Vec<PhotoId> = photos
            .iter()
            .filter(|photo| photo.state == PhotoState::Ready)
            .map(|photo| photo.photo.clone())
            .collect();
        if report.wanted_privacy() == privacy {
            // Perhaps the request before this one was cut off before the pictures had moved.
            app.pictures.move_all(&report.ticket, &ready, locked).await?;
            return answer(request, &report, true);
        }
        let chance = chance();
        let now = chance.stamp.now;
        let (after, happened) = reporter::change_privacy(&report, privacy, chance, &app.slots);
        let fates: Vec<(PhotoId, Fate)> =
            photos.into_iter().map(|photo| (photo.photo, Fate::Moved { locked })).collect();
        let done =
            Done { report: &after, happened: &happened, new_photos: &[], photos: &fates, erase_from: None };
        if app.reports.by_reporter(&report, &done, now).await? {
            app.pictures.move_all(&report.ticket, &ready, locked).await?;
            return answer(request, &after, false);
        }
    }
    Err(Problem::from(Failure::Conflict))
}

/// `PUT /v1/track/{ticket}/rating`.
pub(crate) async fn rate(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    for _ in 0..ATTEMPTS {
        let report = app.report(request).await?;
        let rating = reporter::parse_rating(&request::json_body(request)?)?;
        request::query(request, &[])?;
        if report.rating.as_ref() == Some(&rating) {
            return answer(request, &report, true);
        }
        let after = reporter::rate(&report, rating)?;
        if app.store(&report, &after, &Happened::default(), clock::now()).await? {
            return answer(request, &after, false);
        }
    }
    Err(Problem::from(Failure::Conflict))
}

/// `POST /v1/track/{ticket}/photos`: slots for more photos of the reporter's.
pub(crate) async fn add_photos(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    for _ in 0..ATTEMPTS {
        let (report, secret) = app.report_and_secret(request).await?;
        let announced = parse_reporter_photos(&request::json_body(request)?)?;
        request::query(request, &[])?;
        let known = app.reporter_photos(&report).await?;
        let now = clock::now();
        let mut new: Vec<Photo> = Vec::new();
        for upload in &announced {
            let photo = photo_id(&secret, upload);
            if known.iter().chain(&new).all(|known| known.photo != photo) {
                new.push(app.photo(&report, photo, upload, now));
            }
        }
        if !new.is_empty() {
            let after = reporter::add_photos(&report, new.len())?;
            let done = Done {
                report: &after,
                happened: &Happened::default(),
                new_photos: &new,
                photos: &[],
                erase_from: None,
            };
            if !app.reports.by_reporter(&report, &done, now).await? {
                continue;
            }
        }
        let mut uploads = Vec::with_capacity(announced.len());
        for upload in &announced {
            let photo = photo_id(&secret, upload);
            let locked = report.locks(PhotoKind::Reporter);
            let signed = app.uploads.sign(&report.ticket, &photo, locked, upload).await;
            uploads.push(signed.map_err(|_| Problem::Broken("presign"))?);
        }
        let replayed = new.is_empty();
        let status = if replayed { StatusCode::OK } else { StatusCode::CREATED };
        return Answer::new(status).replayed(replayed).json(&UploadsAnswer { uploads });
    }
    Err(Problem::from(Failure::Conflict))
}

/// One slot for one picture, however often it is announced. Made of the secret and not of its stored digest: whoever has the
/// picture and the tables must not be able to find the report.
fn photo_id(secret: &ReportSecret, upload: &Upload) -> PhotoId {
    let parts = [secret.expose(), "photo", &upload.sha256].join("\0");
    PhotoId::from_bytes(&intake::first(&digest::raw(parts.as_bytes())))
}

fn chance() -> Chance {
    let [draw] = entropy::bytes();
    Chance {
        stamp: Stamp {
            now: clock::now(),
            version: Version::from_bytes(&entropy::bytes()),
            event: EventId::from_bytes(&entropy::bytes()),
            body_digest: None,
        },
        draw,
    }
}

fn answer(request: &Request, report: &Report, replayed: bool) -> Result<Response<Body>, Problem> {
    let body = TrackAnswer::of(report, caller::language(request));
    Answer::new(StatusCode::OK).replayed(replayed).json(&body)
}

impl App {
    async fn store(
        &self,
        before: &Report,
        after: &Report,
        happened: &Happened,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let done = Done { report: after, happened, new_photos: &[], photos: &[], erase_from: None };
        self.reports.by_reporter(before, &done, now).await
    }

    async fn reporter_photos(&self, report: &Report) -> Result<Vec<Photo>, Failure> {
        let photos = self.reports.photos(&report.ticket).await?;
        Ok(photos.into_iter().filter(|photo| photo.kind == PhotoKind::Reporter).collect())
    }

    fn photo(&self, report: &Report, photo: PhotoId, upload: &Upload, now: Timestamp) -> Photo {
        let draw = entropy::bytes::<1>()[0];
        let slot = self.slots.one_of_four(report.slots, draw, now);
        Photo {
            photo,
            ticket: report.ticket.clone(),
            kind: PhotoKind::Reporter,
            state: PhotoState::Pending,
            locked: report.locks(PhotoKind::Reporter),
            sha256: Some(upload.sha256.clone()),
            at: now,
            // Neither when it was announced nor when it came may show.
            shown_from: Some(slot.max(self.slots.after_upload(report.slots, report.is_late(), now))),
            used_by: None,
        }
    }
}
