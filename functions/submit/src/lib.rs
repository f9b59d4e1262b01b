//! `POST /v1/reports`: a channel sends a report. `POST /v1/counter/reports`: a clerk enters one for their channel.

mod channel;
mod keys;
mod response;

use channel::Channels;
use city_clock::CityClock;
use domain::{
    decision::Stamp,
    ids::Version,
    location::CityBox,
    new_report::{self, Digests, Received},
    photo::Photo,
    report::Report,
    reporter_actions,
    response::{CounterResponse, SubmitResponse},
    routing::{self, Cell, Routed, TicketDesk},
    secret,
    submission::{self, Contact, Submission},
    validation_errors::{ValidationError, ValidationErrorCode, ValidationErrors},
};
use jiff::Timestamp;
use keys::Keys;
use lambda_http::{Body, Request, Response, http::StatusCode};
use photos::bucket::PhotosBucket;
use runtime::{
    aws::{self, client},
    caller, clock, entropy,
    problem::Problem,
    request::{self, IDEMPOTENCY_KEY},
    response::JsonResponse,
    serve::{self, StartError},
    settings,
};
use serde_json::Value;
use store::{
    Failure,
    city_map::CityMap,
    digest,
    intake_keys::Derived,
    quotas::Quotas,
    registry::{Category, ChannelState},
    reports::{Earlier, Reports, Submitted},
    vault::EncryptionEntropy,
};
use zeroize::Zeroizing;

struct App {
    channels: Channels,
    reports: Reports,
    vault_table: String,
    city: CityClock,
    map: CityMap,
    keys: Keys,
    bucket: PhotosBucket,
    city_box: CityBox,
}

/// A request that has been read and validated.
struct Parsed {
    idempotency_key: String,
    submission: Submission,
    contact: Contact,
    /// The fields of the contact to which nothing can be sent.
    unreachable: Vec<&'static str>,
    category: Category,
    /// The cell of the city's map in which it lies.
    cell: Option<Cell>,
}

/// Sets up the function and serves its routes.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let dynamodb = client!(aws_sdk_dynamodb, &config);
    let secrets = client!(aws_sdk_secretsmanager, &config);
    let kms = client!(aws_sdk_kms, &config);
    let city = CityClock::from_settings(dynamodb.clone())?;
    let app = App {
        channels: Channels::new(Quotas::new(dynamodb.clone(), settings::var("QUOTAS_TABLE")?)),
        reports: Reports::new(dynamodb.clone(), settings::var("REPORTS_TABLE")?, city.slots.zone.clone()),
        vault_table: settings::var("VAULT_TABLE")?,
        map: CityMap::new(dynamodb, settings::var("MAP_TABLE")?),
        keys: Keys::from_settings(secrets, kms)?,
        bucket: PhotosBucket::new(client!(aws_sdk_s3, &config), settings::var("PHOTOS_BUCKET")?),
        city,
        city_box: settings::city_box()?,
    };
    serve::http("submit", async |request| app.handle(&request).await).await
}

impl App {
    async fn handle(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let now = clock::now();
        // A channel that may not send, and a body that cannot be read, are refused also when the intake and the vault key cannot be
        // fetched: that failure is looked at only where they are needed.
        let (sender, keys) =
            tokio::try_join!(self.channels.authenticate(request, &self.city.registry, now), async {
                Ok(self.keys.get().await)
            })?;
        let channel = &sender.channel;
        let body = request::json_body(request)?;
        // No parameter is allowed.
        request::query(request, &[])?;
        let Parsed { idempotency_key, submission, contact, unreachable, category, cell } =
            self.parse(request, &body, now).await?;

        let (intake, encryptor) = keys?;
        let derived = intake
            .current(sender.key_owner(), &idempotency_key)
            .ok_or(Problem::InternalError("no current intake key"))?;
        let ticket = derived.ticket();
        let canonical = serde_json::to_vec(&submission)
            .map_err(|_| Problem::InternalError("submission has no canonical form"))?;
        let body_digest = derived.body_digest(&canonical);
        let mut route =
            routing::route(cell.as_ref(), &submission.location, &submission.category, category.slots);
        let calendar = self.city.calendar(now).await?;
        if let Ok(routed) = route.to {
            let unit = self.city.active(routed.unit.clone(), now).await?;
            // As if the rules named none: the map is written anew soon after a unit is closed.
            if unit.is_none() {
                route.suggested = None;
            }
            route.to = unit.map(|unit| Routed { unit, ..routed }).ok_or(TicketDesk::NoRule);
        }
        // The report's own may be another category's by the time of a replay.
        let terms = category.terms();
        let keeps = terms.keeps.clone();
        let received = Received {
            route,
            submission: submission.clone(),
            ticket: ticket.clone(),
            channel: channel.code.clone(),
            terms,
            digests: Digests { body: body_digest, secret: digest::hex(derived.secret().expose().as_bytes()) },
            is_test: channel.state == ChannelState::Test,
        };
        let stamp = Stamp {
            now,
            version: Version::from_bytes(&entropy::bytes()),
            event: derived.event(),
            // The report itself holds it.
            body_digest: None,
        };
        let decision = new_report::submit(received, stamp, self.city.by(&calendar));
        let photos = photos(&submission, &decision.report, &derived, now);
        let encryption_entropy =
            EncryptionEntropy { key: Zeroizing::new(entropy::bytes()), nonce: entropy::bytes() };
        let encrypted = encryptor
            .encrypt(&ticket, &channel.code, &contact, encryption_entropy)
            .map_err(|_| Problem::InternalError("identity not encrypted"))?;
        let by_older_keys: Vec<Derived<'_>> = intake.earlier(sender.key_owner(), &idempotency_key).collect();
        let positions = 0..submission.photos.len();
        let tickets_by_older_keys: Vec<Earlier> = by_older_keys
            .iter()
            .map(|derived| Earlier {
                ticket: derived.ticket(),
                photos: positions.clone().map(|position| derived.photo(position)).collect(),
            })
            .collect();

        let store = async {
            let stored = self
                .reports
                .submit(&decision, &photos, &self.vault_table, &encrypted, &tickets_by_older_keys)
                .await;
            stored.map_err(Problem::from)
        };
        // If the counter fails, only the count is lost.
        let (stored, ()) = tokio::join!(store, self.channels.count(channel, now));
        let (report, derived, photos, replayed) = match stored? {
            Submitted::Done => (decision.report, derived, photos, false),
            Submitted::Exists(report, photos) => {
                let older = by_older_keys.into_iter().find(|derived| derived.ticket() == report.ticket);
                let derived = older.unwrap_or(derived);
                if report.submitted.body_digest != derived.body_digest(&canonical) {
                    return Err(key_reused());
                }
                (*report, derived, photos, true)
            }
            // The key is that report's, and it cannot be given back: nothing of what is gone is told.
            Submitted::Gone => return Err(key_reused()),
        };
        let language = caller::language(request);
        // A clerk sees no report: once the answer can no longer have been lost on its way, it says nothing of how the report goes.
        let is_whole =
            sender.clerk.is_none() || !replayed || secret::is_told_to_clerk_again(report.submitted.at, now);
        let told = if is_whole { submission.photos.as_slice() } else { &[] };
        let declared = told.iter().enumerate().filter_map(|(position, declared)| {
            let id = derived.photo(position);
            Some((photos.iter().find(|photo| photo.photo == id)?.clone(), Some(declared)))
        });
        let awaits = |photo: &Photo| reporter_actions::awaits(&report, photo);
        let uploads = self.bucket.uploads(&self.reports, declared, awaits, now, language).await?;
        let warnings = response::warnings(&keeps, &submission, &unreachable, &self.city_box);
        let privacy = submission.privacy;
        let taken = response::submitted(&report, privacy, warnings, uploads, language);
        let status = if replayed { StatusCode::OK } else { StatusCode::CREATED };
        let response = JsonResponse::new(status).replayed(replayed);
        let secret = derived.secret().expose().to_owned();
        if sender.clerk.is_none() {
            return response.json(&SubmitResponse { taken, secret });
        }
        response.json(&CounterResponse { taken, secret: is_whole.then_some(secret) })
    }

    async fn cell(&self, submission: &Submission, now: Timestamp) -> Result<Option<Cell>, Failure> {
        match submission.location.point {
            Some(point) => self.map.cell(point, now).await,
            None => Ok(None),
        }
    }

    /// Reads the request, or returns every validation error, those of the registry included.
    async fn parse(&self, request: &Request, body: &Value, now: Timestamp) -> Result<Parsed, Problem> {
        let mut errors: ValidationErrors = Vec::new();
        let key = request::idempotency_key(request)
            .and_then(|key| {
                key.ok_or_else(|| ValidationError::new(IDEMPOTENCY_KEY, ValidationErrorCode::Required))
            })
            .map_err(|error| errors.push(error))
            .ok();
        let parsed = submission::parse(body).map_err(|more| errors.extend(more)).ok();
        let (category, cell) = match &parsed {
            None => (None, None),
            Some((submission, ..)) => {
                let (category, cell) = tokio::try_join!(
                    self.city.registry.category(&submission.category, now),
                    self.cell(submission, now)
                )?;
                if category.is_none() {
                    errors.push(ValidationError::new("category", ValidationErrorCode::NoSuchCode));
                }
                (category, cell)
            }
        };
        match (key, parsed, category) {
            (Some(idempotency_key), Some((submission, contact, unreachable)), Some(category)) => {
                Ok(Parsed { idempotency_key, submission, contact, unreachable, category, cell })
            }
            _ => Err(Problem::ValidationFailed(errors)),
        }
    }
}

fn key_reused() -> Problem {
    Problem::ValidationFailed(vec![ValidationError::new(IDEMPOTENCY_KEY, ValidationErrorCode::KeyReused)])
}

fn photos(submission: &Submission, report: &Report, derived: &Derived<'_>, now: Timestamp) -> Vec<Photo> {
    let declared = submission.photos.iter().enumerate();
    declared
        .map(|(position, photo)| {
            Photo::of_reporter(
                report,
                (position, derived.photo(position)),
                photo,
                report.visible.photos_from,
                now,
            )
        })
        .collect()
}
