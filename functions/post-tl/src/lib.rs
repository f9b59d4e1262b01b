//! `POST /v1/reports/{ticket}/photos`, `…/camera`, `…/plan` and `…/tl`: photos of the work and of the field, the unit's plan, and its TL.

mod camera;

use domain::{
    act::Act,
    camera::that_serve,
    command::{Command, parse_tl, photos_act},
    command_rules,
    ids::{CameraNonce, PhotoId},
    photo::{Photo, PhotoStanding},
    photo_limits::PHOTOS_AT_HAND,
    photo_upload::{OfficerUpload, parse_officer_photos},
    photos_at_hand::Owner,
    plan::PlanRequest,
    warnings::Warning,
};
use lambda_http::{Body, Request, Response, http::StatusCode};
use officer_commands::{CarriedOut, Commands, Context, Prepared};
use photos::{bucket::PhotosBucket, upload_form::FormSigner};
use runtime::{
    aws::{self, client},
    caller, clock, gateway,
    problem::Problem,
    response::JsonResponse,
    serve::{self, StartError},
    settings,
};
use std::collections::BTreeSet;

/// The acts that declaring photos is.
const ADD_PHOTOS: &[Act] = &[Act::AddWorkPhotos, Act::AddFieldPhotos];

struct App {
    commands: Commands,
    bucket: PhotosBucket,
}

/// Sets up the function and serves its routes.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let bucket = PhotosBucket::new(client!(aws_sdk_s3, &config), settings::var("PHOTOS_BUCKET")?);
    let app = App {
        commands: Commands::from_settings(officer_commands::dynamodb(&config))?,
        bucket: bucket.with_forms(FormSigner::new(config.credentials_provider(), config.region())),
    };
    serve::http("post-tl", async |request| handle(&app, request).await).await
}

async fn handle(app: &App, request: Request) -> Result<Response<Body>, Problem> {
    if gateway::is_route(&request, "POST /v1/reports/{ticket}/photos") {
        app.photos(&request).await
    } else if gateway::is_route(&request, camera::ROUTE) {
        camera::give(app, &request).await
    } else if gateway::is_route(&request, "POST /v1/reports/{ticket}/plan") {
        app.plan(&request).await
    } else {
        app.tl(&request).await
    }
}

impl App {
    async fn plan(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let done = officer_commands::execute(
            &self.commands,
            request,
            &[Act::Plan],
            |body| PlanRequest::parse(body).map(|plan| (Act::Plan, plan)),
            async |plan, _| {
                let PlanRequest { on, reason } = plan.clone();
                Ok(Command::Plan { on, reason }.into())
            },
        )
        .await?;
        let warnings = Warning::of(&BTreeSet::new(), [("reason", done.event.reason.as_deref())]);
        done.answer(caller::language(request), warnings)
    }

    async fn tl(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let done = officer_commands::execute(
            &self.commands,
            request,
            &[Act::PostTl],
            |body| parse_tl(body).map(|tl| (Act::PostTl, tl)),
            async |(command, check), _| Ok(Prepared { check: *check, ..command.clone().into() }),
        )
        .await?;
        let location = done.event.location.as_ref();
        let texts = [
            ("narrative", done.event.narrative.as_deref()),
            ("location.address", location.and_then(|location| location.address.as_deref())),
            ("location.reason", location.and_then(|location| location.reason.as_deref())),
        ];
        let warnings = Warning::of(&BTreeSet::new(), texts);
        done.answer(caller::language(request), warnings)
    }

    async fn photos(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let done = officer_commands::execute(
            &self.commands,
            request,
            ADD_PHOTOS,
            |body| {
                let photos = parse_officer_photos(body)?;
                Ok((photos_act(photos.iter().map(|photo| photo.kind)), photos))
            },
            async |photos, context| self.prepare(photos, context).await,
        )
        .await?;
        // The same body again, so the same photos in the same places.
        let declared = parse_officer_photos(&runtime::request::json_body(request)?)?;
        let (slots, own) = self.slots(request, &done, &declared).await?;
        let slots = slots.into_iter().zip(declared.iter().map(|photo| photo.upload.as_ref()));
        let slots = slots.filter_map(|(photo, upload)| Some((photo?, upload)));
        let is_own = |photo: &Photo| own.contains(&photo.photo);
        // New ones have been stored with the end of the URLs that they get now.
        let now = if done.replayed { clock::now() } else { done.event.at };
        let language = caller::language(request);
        let answer = self.bucket.uploads(&self.commands.reports, slots, is_own, now, language).await?;
        let status = if done.replayed { StatusCode::OK } else { StatusCode::CREATED };
        JsonResponse::new(status).etag(done.event.version.as_str()).replayed(done.replayed).json(&answer)
    }

    /// The photos of this declaration, in its order, and which of them are the officer's to send: all of one that was just made; of a
    /// repeated one those that are still at hand. Whoever could not declare them now learns nothing of them.
    async fn slots(
        &self,
        request: &Request,
        done: &CarriedOut,
        declared: &[OfficerUpload],
    ) -> Result<(Vec<Option<Photo>>, BTreeSet<PhotoId>), Problem> {
        if !done.replayed {
            let new = done.new_photos.iter().cloned().map(Some);
            return Ok((new.collect(), done.event.photos.iter().cloned().collect()));
        }
        let officer = caller::officer(request)?;
        if command_rules::may(&done.report, done.event.act, &officer).is_err() {
            return Ok(Default::default());
        }
        let own = done.report.work.at_hand.of(&Owner::of(&officer)).map(|(photo, _)| photo.clone()).collect();
        let photos = self.commands.reports.photos(&done.report.ticket).await?;
        let ids = (0..declared.len()).map(|place| officer_commands::photo_id(&done.event.id, place));
        let found = ids.map(|id| photos.iter().find(|photo| photo.photo == id).cloned());
        Ok((found.collect(), own))
    }

    async fn prepare(&self, declared: &[OfficerUpload], context: &Context<'_>) -> Result<Prepared, Problem> {
        let report = context.report;
        let new_photos = self.new_photos(declared, context).await?;
        let photos = new_photos.iter().map(|photo| (photo.photo.clone(), photo.kind)).collect();
        // Whether photos at hand came to nothing matters only when there might be no room.
        let owner = Owner::of(context.officer);
        let never_ready = if report.work.at_hand.of(&owner).count() + new_photos.len() > PHOTOS_AT_HAND {
            self.never_ready(context).await?
        } else {
            Vec::new()
        };
        Ok(Prepared { command: Command::AddPhotos { photos, never_ready }, new_photos, check: false })
    }

    /// The photos of a declaration, whose ids follow from its event's: live are those whose nonce serves.
    async fn new_photos(
        &self,
        declared: &[OfficerUpload],
        context: &Context<'_>,
    ) -> Result<Vec<Photo>, Problem> {
        let Context { report, officer, event, now } = *context;
        let named: Vec<Option<CameraNonce>> = declared.iter().map(|photo| photo.camera.clone()).collect();
        let different: BTreeSet<&CameraNonce> = named.iter().flatten().collect();
        let given = self.commands.reports.given_nonces(&report.ticket, different).await?;
        let live = that_serve(&named, &given, officer, now);
        let photos = declared.iter().zip(live).enumerate().map(|(place, (photo, camera))| {
            let id = officer_commands::photo_id(event, place);
            let of_officer = Photo::of_officer(report, photo.kind, (place, id), photo.upload.as_ref(), now);
            Photo { camera, ..of_officer }
        });
        Ok(photos.collect())
    }

    /// Photos at hand that were rejected or never came.
    async fn never_ready(&self, context: &Context<'_>) -> Result<Vec<PhotoId>, Problem> {
        let photos = self.commands.reports.photos(&context.report.ticket).await?;
        let never_ready = photos.into_iter().filter(|photo| match photo.standing(context.now) {
            PhotoStanding::Rejected | PhotoStanding::Missing => true,
            PhotoStanding::Pending | PhotoStanding::Ready => false,
        });
        Ok(never_ready.map(|photo| photo.photo).collect())
    }
}
