//! What a reporter does: read, decide, store, and again when somebody was faster.
//!
//! Each of these may be repeated: whoever hears nothing sends the same again, and what was left half done is done.

use crate::App;
use aws_failure::Failure;
use domain::{
    decide::Stamp,
    ids::{EventId, PhotoId, Version},
    photo::{Photo, PhotoKind, PhotoState, Upload, parse_reporter_photos},
    privacy::Privacy,
    release::Happened,
    report::Report,
    reporter::{self, Chance, as_wanted},
    response::TrackResponse,
    secret::ReportSecret,
    ticket::Ticket,
};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{caller, clock, entropy, problem::Problem, request, response::JsonResponse};
use std::{collections::BTreeSet, time::Duration};
use store::{
    digest, intake,
    reports::{Done, Fate},
};

/// How often something is decided anew because the report changed under it.
const ATTEMPTS: usize = 4;

/// By then S3 has deleted a viewer's copy: it does so once a day, to what is a day old.
const COPIES_LAST: Duration = Duration::from_secs(3 * 24 * 3600);

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

/// `DELETE /v1/track/{ticket}`: the identity and photos that officers have not before them are erased at once, and the report is closed.
pub(crate) async fn withdraw(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    for _ in 0..ATTEMPTS {
        let report = app.report(request).await?;
        request::query(request, &[])?;
        let photos = app.reporter_photos(&report).await?;
        let chance = chance();
        let now = chance.stamp.now;
        let taken: Vec<(PhotoId, Fate)> =
            reporter::taken_back(&report, &photos, now).map(|photo| (photo.clone(), Fate::Gone)).collect();
        if report.erased && taken.is_empty() {
            app.settle_pictures(&report).await?;
            return answer(request, &report, true);
        }
        let (after, happened) = if report.erased {
            (report.clone(), Happened::default())
        } else {
            reporter::withdraw(&report, chance, &app.slots)
        };
        let done = Done {
            report: &after,
            happened: &happened,
            new_photos: &[],
            photos: &taken,
            erase_from: Some(&app.vault_table),
        };
        if app.reports.by_reporter(&report, &done, now).await? {
            app.settle_pictures(&report).await?;
            return answer(request, &after, report.erased);
        }
    }
    Err(Problem::from(Failure::Conflict))
}

/// `PUT /v1/track/{ticket}/privacy`.
pub(crate) async fn change_privacy(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    for _ in 0..ATTEMPTS {
        let report = app.report(request).await?;
        let privacy = reporter::parse_privacy(&request::json_body(request)?)?;
        request::query(request, &[])?;
        if report.wanted_privacy() == privacy {
            // Perhaps the request before this one was cut off before the pictures were as they should be.
            app.settle_pictures(&report).await?;
            return answer(request, &report, true);
        }
        let locked = privacy == Privacy::Private;
        let photos = app.reporter_photos(&report).await?;
        let fates: Vec<(PhotoId, Fate)> =
            photos.into_iter().map(|photo| (photo.photo, Fate::Moved { locked })).collect();
        let chance = chance();
        let now = chance.stamp.now;
        let (after, happened) = reporter::change_privacy(&report, privacy, chance, &app.slots);
        let done =
            Done { report: &after, happened: &happened, new_photos: &[], photos: &fates, erase_from: None };
        if app.reports.by_reporter(&report, &done, now).await? {
            app.settle_pictures(&report).await?;
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
        if as_wanted(&report).0.rating.as_ref() == Some(&rating) {
            return answer(request, &report, true);
        }
        let chance = chance();
        let now = chance.stamp.now;
        let (after, happened) = reporter::rate(&report, rating, chance, &app.slots)?;
        if app.store(&report, &after, &happened, now).await? {
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
                new.push(app.photo(&report, (new.len(), photo), upload, now));
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
        let slots = announced.iter().filter_map(|upload| {
            let id = photo_id(&secret, upload);
            Some((known.iter().chain(&new).find(|photo| photo.photo == id)?.clone(), upload))
        });
        // A repeated announcement grants nothing for what has come, or is not waited for any more.
        let awaits = |photo: &Photo| reporter::awaits(&report, photo);
        let language = caller::language(request);
        let uploads = app.uploads.answer(&app.reports, slots, awaits, now, language).await?;
        let replayed = new.is_empty();
        let status = if replayed { StatusCode::OK } else { StatusCode::CREATED };
        return JsonResponse::new(status).replayed(replayed).json(&uploads);
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
    let body = TrackResponse::of(report, caller::language(request));
    JsonResponse::new(StatusCode::OK).replayed(replayed).json(&body)
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

    /// Makes the pictures as the photos' items say, and again when these have changed meanwhile: whoever changes them last, and
    /// whoever is late, leaves the pictures as the last one wants them.
    async fn settle_pictures(&self, report: &Report) -> Result<(), Failure> {
        let mut photos = self.reporter_photos(report).await?;
        for _ in 0..ATTEMPTS {
            self.pictures.settle(&photos).await?;
            self.take_copies_back(&report.ticket, &photos).await?;
            let now = self.reporter_photos(report).await?;
            if now == photos {
                return Ok(());
            }
            photos = now;
        }
        Err(Failure::Conflict)
    }

    /// Deletes the copies of what is not to be seen any more, the newest of each unit. Their URLs end within a minute anyway, and they
    /// within days: so whoever looks without end delays nobody.
    async fn take_copies_back(&self, ticket: &Ticket, photos: &[Photo]) -> Result<(), Failure> {
        let hidden: BTreeSet<&PhotoId> = photos
            .iter()
            .filter(|photo| photo.locked || photo.state == PhotoState::Rejected)
            .map(|photo| &photo.photo)
            .collect();
        if hidden.is_empty() {
            return Ok(());
        }
        let since = clock::now() - COPIES_LAST;
        let looks = self.accesses.newest_of_report(ticket).await?;
        let copies = looks.iter().filter(|look| {
            look.at > since && look.photo.as_ref().is_some_and(|photo| hidden.contains(photo))
        });
        self.pictures.take_back(copies.map(|look| &look.id)).await
    }

    async fn reporter_photos(&self, report: &Report) -> Result<Vec<Photo>, Failure> {
        let photos = self.reports.photos(&report.ticket).await?;
        Ok(photos.into_iter().filter(|photo| photo.kind == PhotoKind::Reporter).collect())
    }

    fn photo(&self, report: &Report, photo: (usize, PhotoId), upload: &Upload, now: Timestamp) -> Photo {
        let draw = entropy::bytes::<1>()[0];
        let slot = self.slots.one_of_four(report.slots, draw, now);
        Photo {
            // When it was announced may not show; `photo` sees to it that neither does when it came.
            shown_from: Some(slot.max(self.slots.after_upload(report.slots, report.is_late(), now))),
            slots: Some(report.slots),
            ..Photo::announced(report, PhotoKind::Reporter, photo, upload, now)
        }
    }
}
