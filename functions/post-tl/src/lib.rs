//! `POST /v1/reports/{ticket}/photos` and `POST /v1/reports/{ticket}/tl`: photos of the work and of the field, and the TL.

use command::{Commands, Context, Done, Prepared};
use domain::{
    answer::{UploadsAnswer, Warning},
    command::{Command, parse_tl, photos_act},
    decide,
    event::Photo,
    report::Owner,
    submission::{PHOTOS_AT_HAND, UPLOAD_SECONDS, Upload, parse_officer_photos},
    symbols::PhotoId,
    words::{Act, PhotoKind, PhotoState},
};
use glue::{
    answer::Answer,
    aws, caller, gateway,
    problem::Problem,
    serve::{self, StartError},
    settings,
};
use lambda_http::{Body, Request, Response, http::StatusCode};
use std::collections::BTreeSet;
use uploads::Uploads;

struct App {
    commands: Commands,
    uploads: Uploads,
}

/// Serves both routes.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let app = App {
        commands: Commands::from_settings(command::dynamodb(&config))?,
        uploads: Uploads::new(aws_sdk_s3::Client::new(&config), settings::var("PHOTOS_BUCKET")?),
    };
    serve::http("post-tl", async |request| handle(&app, request).await).await
}

async fn handle(app: &App, request: Request) -> Result<Response<Body>, Problem> {
    if gateway::is_route(&request, "POST /v1/reports/{ticket}/photos") {
        app.photos(&request).await
    } else {
        app.tl(&request).await
    }
}

impl App {
    async fn tl(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let done = command::execute(
            &self.commands,
            request,
            &[Act::PostTl],
            |body| parse_tl(body).map(|tl| (Act::PostTl, tl)),
            async |(command, check), _| Ok(Prepared { check: *check, ..command.clone().into() }),
        )
        .await?;
        let warnings = Warning::of([("narrative", done.event.narrative.as_deref())]);
        done.answer(caller::language(request), warnings)
    }

    async fn photos(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let done = command::execute(
            &self.commands,
            request,
            &[Act::AddWorkPhotos, Act::AddFieldPhotos],
            |body| {
                let photos = parse_officer_photos(body)?;
                Ok((photos_act(photos.iter().map(|(kind, _)| *kind)), photos))
            },
            async |photos, context| self.prepare(photos, context).await,
        )
        .await?;
        let awaited = self.awaited(request, &done).await?;
        // The same body again, so the same photos in the same places.
        let announced = parse_officer_photos(&glue::request::json_body(request)?)?;
        let mut answer = UploadsAnswer { uploads: Vec::with_capacity(announced.len()) };
        for (place, (kind, upload)) in announced.iter().enumerate() {
            let photo = command::photo_id(&done.event.id, place);
            if !awaited.contains(&photo) {
                continue;
            }
            let signed =
                self.uploads.sign(&done.report.ticket, &photo, done.report.locks(*kind), upload).await;
            answer.uploads.push(signed.map_err(|_| Problem::Broken("presign"))?);
        }
        let status = if done.replayed { StatusCode::OK } else { StatusCode::CREATED };
        Answer::new(status).replayed(done.replayed).json(&answer)
    }

    /// The photos of this announcement whose upload may come: all of one that was just made; of a repeated one those that the
    /// officer could announce now, and that have not come yet.
    async fn awaited(&self, request: &Request, done: &Done) -> Result<BTreeSet<PhotoId>, Problem> {
        if !done.replayed {
            return Ok(done.event.photos.iter().cloned().collect());
        }
        let officer = caller::officer(request)?;
        if decide::may(&done.report, done.event.act, &officer).is_err() {
            return Ok(BTreeSet::new());
        }
        let owner = Owner::of(&officer);
        let own: BTreeSet<&PhotoId> = done.report.at_hand_of(&owner).map(|(photo, _)| photo).collect();
        let photos = self.commands.reports.photos(&done.report.ticket).await?;
        let pending = photos.into_iter().filter(|photo| photo.state == PhotoState::Pending);
        Ok(pending.map(|photo| photo.photo).filter(|photo| own.contains(photo)).collect())
    }

    async fn prepare(
        &self,
        announced: &[(PhotoKind, Upload)],
        context: &Context<'_>,
    ) -> Result<Prepared, Problem> {
        let report = context.report;
        let new_photos: Vec<Photo> = announced
            .iter()
            .enumerate()
            .map(|(place, (kind, upload))| Photo {
                photo: context.photo(place),
                ticket: report.ticket.clone(),
                kind: *kind,
                state: PhotoState::Pending,
                locked: report.locks(*kind),
                sha256: Some(upload.sha256.clone()),
                at: context.now,
                shown_from: None,
                slots: None,
                digests: Vec::new(),
                used_by: None,
            })
            .collect();
        let photos = new_photos.iter().map(|photo| (photo.photo.clone(), photo.kind)).collect();
        // Only when there might be no room is it worth asking which of those at hand came to nothing.
        let owner = Owner::of(context.officer);
        let gone = if report.at_hand_of(&owner).count() + new_photos.len() > PHOTOS_AT_HAND {
            self.gone(context).await?
        } else {
            Vec::new()
        };
        Ok(Prepared { command: Command::AddPhotos { photos, gone }, new_photos, check: false })
    }

    /// Photos at hand that were rejected, or whose upload can no longer come.
    async fn gone(&self, context: &Context<'_>) -> Result<Vec<PhotoId>, Problem> {
        let photos = self.commands.reports.photos(&context.report.ticket).await?;
        let too_late = |photo: &Photo| {
            let age = context.now.duration_since(photo.at).as_secs();
            u64::try_from(age).is_ok_and(|age| age > 2 * UPLOAD_SECONDS)
        };
        let gone = photos.into_iter().filter(|photo| match photo.state {
            PhotoState::Rejected => true,
            PhotoState::Pending => too_late(photo),
            PhotoState::Ready => false,
        });
        Ok(gone.map(|photo| photo.photo).collect())
    }
}
