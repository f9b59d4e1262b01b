//! Carrying out an officer's command over HTTP, in one way for all of them.
//!
//! Every function for officers' commands takes the same steps, and differs in the request body that it parses and in what it fetches
//! before the decision: read, check in the contract's order, decide, store, answer. The order is 401, 404, 403, 413, 415, 400, 422, replay, 412, 409.
//!
//! A bulk command ([`bulk`]) is read once and takes these steps for each of its reports.

pub mod bulk;

use aws_config::SdkConfig;
use city_clock::{CityClock, Current};
use domain::{
    act::Act,
    command::Command,
    command_rules, decide,
    decision::{Decision, Refusal, Stamp},
    event::Event,
    ids::{EventId, PhotoId, Version},
    language::Language,
    officer::Officer,
    photo::Photo,
    photo_evidence::{self, NoEvidence},
    report::Report,
    response::CommandResponse,
    ticket::Ticket,
    validation_errors::{ValidationError, ValidationErrorCode, ValidationErrors},
    view,
    warnings::Warning,
};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{
    aws::client,
    caller, clock, entropy,
    problem::Problem,
    request::{self, IDEMPOTENCY_KEY},
    response::JsonResponse,
    settings::{self, SettingError},
};
use serde_json::Value;
use store::{
    derived_ids, digest,
    reports::{Committed, Reports},
    transaction::ATTEMPTS,
};

/// What every command function needs.
pub struct Commands {
    /// The reports table.
    pub reports: Reports,
    /// The city's slots, calendar and units, which say when changes are released and how long each step may take.
    pub city: CityClock,
}

impl Commands {
    /// Makes it from the settings.
    ///
    /// # Errors
    /// When a setting is missing.
    pub fn from_settings(client: aws_sdk_dynamodb::Client) -> Result<Self, SettingError> {
        let city = CityClock::from_settings(client.clone())?;
        let reports = Reports::new(client, settings::var("REPORTS_TABLE")?, city.slots.zone.clone());
        Ok(Self { reports, city })
    }
}

/// A client of DynamoDB whose calls are counted.
#[must_use]
pub fn dynamodb(config: &SdkConfig) -> aws_sdk_dynamodb::Client {
    client!(aws_sdk_dynamodb, config)
}

/// What a command is prepared from.
pub struct Context<'a> {
    /// The report as it was just read.
    pub report: &'a Report,
    /// The officer who sent the command.
    pub officer: &'a Officer,
    /// The id that the event will have; the same each time for the same idempotency key.
    pub event: &'a EventId,
    /// The moment at which the command is decided.
    pub now: Timestamp,
}

/// The id of the photo at position `place` (from 0) in the list of photos that a command declared; `event` is that command's.
#[must_use]
pub fn photo_id(event: &EventId, place: usize) -> PhotoId {
    derived_ids::photo(&[&format!("{event} {place}")])
}

/// A command with everything that its decision needs from outside.
pub struct Prepared {
    /// The command to decide.
    pub command: Command,
    /// The photos that the command declares.
    pub new_photos: Vec<Photo>,
    /// Whether this is a dry run (`check` in the body): the answer is computed, nothing is stored.
    pub check: bool,
}

impl From<Command> for Prepared {
    fn from(command: Command) -> Self {
        Self { command, new_photos: Vec::new(), check: false }
    }
}

/// A command that has been carried out, now or by an earlier request, or only in a dry run.
pub struct CarriedOut {
    /// The report after the command; after a replay, as it is now.
    pub report: Report,
    /// The event that the command left. After a dry run: one that is not stored, with the status and version that the officer had been
    /// shown before.
    pub event: Event,
    /// The photos that it declared; after a replay none.
    pub new_photos: Vec<Photo>,
    /// Whether an earlier request carried it out.
    pub replayed: bool,
}

impl CarriedOut {
    /// 200 with the status that the command led to, and what its author may want to write anew.
    ///
    /// # Errors
    /// When the answer cannot be written, which is a bug.
    pub fn answer(&self, language: Language, warnings: Vec<Warning>) -> Result<Response<Body>, Problem> {
        JsonResponse::new(StatusCode::OK)
            .etag(self.event.version.as_str())
            .replayed(self.replayed)
            .json(&self.body(language, warnings))
    }

    /// The body of the answer.
    fn body(&self, language: Language, warnings: Vec<Warning>) -> CommandResponse {
        CommandResponse {
            ticket: self.event.ticket.to_string(),
            status: self.event.status,
            status_text: self.event.status.text(language),
            version: self.event.version.clone(),
            label: self.report.privacy.label(),
            warnings,
        }
    }
}

/// For commands whose decision needs nothing but the report and the body: carries out the command and returns the response.
///
/// # Errors
/// The problem document to answer with.
pub async fn answer(
    commands: &Commands,
    request: &Request,
    acts: &[Act],
    parse: impl Fn(&Value) -> Result<Command, ValidationErrors>,
) -> Result<Response<Body>, Problem> {
    let parse = |body: &Value| parse(body).map(|command| (command.act(), command));
    let done = execute(commands, request, acts, parse, async |command, _| Ok(command.clone().into())).await?;
    done.answer(caller::language(request), Vec::new())
}

/// Carries out the command of `request`, one of `acts`.
///
/// `parse` reads the body; `prepare` fetches what the decision needs from outside, and is called again when the report has
/// changed in between.
///
/// # Errors
/// The problem document to answer with. Nothing has been stored then.
pub async fn execute<T>(
    commands: &Commands,
    request: &Request,
    acts: &[Act],
    parse: impl Fn(&Value) -> Result<(Act, T), ValidationErrors>,
    prepare: impl AsyncFn(&T, &Context<'_>) -> Result<Prepared, Problem>,
) -> Result<CarriedOut, Problem> {
    let officer = caller::officer(request)?;
    let ticket = request::ticket(request)?;
    let key = request::idempotency_key(request);
    let if_match = request::if_match(request);
    let call = Call {
        acts,
        officer: &officer,
        ticket: &ticket,
        key: key.as_ref().ok().and_then(Option::as_deref),
        if_match: if_match.as_deref(),
    };
    let read = || {
        let body = request::json_body(request)?;
        request::query(request, &[])?;
        let (act, fields) = parsed(parse(&body), key.as_ref().err().cloned())?;
        Ok(Asked { act, body_digest: body_digest(act, &body), fields })
    };
    carry_out(commands, &call, read, prepare).await
}

/// What is known of a command on one report before its body is looked at.
struct Call<'a> {
    acts: &'a [Act],
    officer: &'a Officer,
    ticket: &'a Ticket,
    key: Option<&'a str>,
    if_match: Option<&'a str>,
}

/// What a body asks for.
#[derive(Clone)]
struct Asked<T> {
    act: Act,
    fields: T,
    body_digest: String,
}

/// The digest of what a command asks for, kept with its event: by it a repeated request with the same idempotency key is told from
/// another one.
///
/// `body` is the body of the command on one report: an object of the action and its fields, without what names the reports. So the
/// digest is the same whether the command came alone or as one of a bulk command, of however many.
fn body_digest(act: Act, body: &Value) -> String {
    digest::hex(format!("{} {body}", act.as_str()).as_bytes())
}

/// Carries out one command on one report. `read` gives what its body asks for, and is called where the order of checks has come to
/// the body, at each attempt.
async fn carry_out<T>(
    commands: &Commands,
    call: &Call<'_>,
    read: impl Fn() -> Result<Asked<T>, Problem>,
    prepare: impl AsyncFn(&T, &Context<'_>) -> Result<Prepared, Problem>,
) -> Result<CarriedOut, Problem> {
    let event_id = match call.key {
        Some(key) => event_id(call.ticket, call.officer, key),
        None => EventId::from_bytes(&entropy::bytes()),
    };
    let may_be_repeated = call.key.is_some();
    let uses_photos = call.acts.iter().any(|act| act.uses_photos());

    for attempt in 0..ATTEMPTS {
        let recorded = async {
            if may_be_repeated { commands.reports.event(call.ticket, &event_id).await } else { Ok(None) }
        };
        let photos =
            async { if uses_photos { commands.reports.photos(call.ticket).await } else { Ok(Vec::new()) } };
        let (report, recorded, photos) =
            tokio::try_join!(commands.reports.get(call.ticket), recorded, photos)?;
        let is_recorded = recorded.is_some();
        match once(commands, call, &event_id, &read, &prepare, (report, recorded, photos), attempt).await {
            Ok(Some(done)) => return Ok(done),
            // Somebody wrote first: the command is decided again on what they left.
            Ok(None) => {}
            // The report and the recorded event are read in parallel. An earlier request with the same idempotency key may be
            // stored between these two reads: the report then already has its change, but its event was not found, and the
            // command looks refused. So the event is read again; if it is there now, the next attempt answers as a replay.
            Err(refused) if may_be_repeated && !is_recorded => {
                if commands.reports.event(call.ticket, &event_id).await?.is_none() {
                    return Err(refused);
                }
            }
            Err(refused) => return Err(refused),
        }
    }
    Err(Problem::from(aws_failure::Failure::RetriesExhausted))
}

/// One attempt on the report as read now; `None` when the report changed before the decision was stored.
async fn once<T>(
    commands: &Commands,
    call: &Call<'_>,
    event_id: &EventId,
    read: impl Fn() -> Result<Asked<T>, Problem>,
    prepare: impl AsyncFn(&T, &Context<'_>) -> Result<Prepared, Problem>,
    (report, recorded, photos): (Option<Report>, Option<Event>, Vec<Photo>),
    attempt: usize,
) -> Result<Option<CarriedOut>, Problem> {
    let Call { acts, officer, key, if_match, .. } = call;
    let report = report.ok_or(Problem::NotFound)?;
    let seen_by = view::viewer(&report, officer).ok_or(Problem::NotFound)?;
    if recorded.is_none() {
        may_do_one_of(acts, &report, officer).map_err(|refusal| lost_race(attempt, refusal))?;
    }
    let Asked { act, fields, body_digest } = read()?;
    let body_digest = key.map(|_| body_digest);
    if let Some(event) = recorded {
        if event.body_digest != body_digest {
            return Err(Problem::ValidationFailed(vec![ValidationError::new(
                IDEMPOTENCY_KEY,
                ValidationErrorCode::KeyReused,
            )]));
        }
        return Ok(Some(CarriedOut { report, event, new_photos: Vec::new(), replayed: true }));
    }
    command_rules::authorize(&report, act, officer).map_err(|refusal| lost_race(attempt, refusal))?;
    let now = clock::now();
    let Current { report: current, calendar, unit_change } = commands.city.look_up(&report, now).await?;
    if unit_change.is_some() {
        // Its unit was closed or moved, and what the command leads to may be released at once: the report follows first, and the command is
        // decided on that.
        commands.city.do_due(&commands.reports, &report, now).await?;
        return Ok(None);
    }
    let report = current;
    let context = Context { report: &report, event: event_id, now, officer };
    let Prepared { command, new_photos, check } = prepare(&fields, &context).await?;
    let version = view::shown_version(&report, seen_by).as_str();
    // A note decides nothing, so it is never out of date.
    if act != Act::Note && if_match.is_some_and(|asked| asked != version) {
        return Err(Problem::Stale);
    }
    let stamp =
        Stamp { now, version: Version::from_bytes(&entropy::bytes()), event: event_id.clone(), body_digest };
    let decision = decide::decide(&report, command, officer, stamp, commands.city.by(&calendar))?;
    let proves = photo_evidence::evidence(&decision.photos, &photos).map_err(|none| match none {
        NoEvidence::NotReady => Problem::PhotoNotReady,
        NoEvidence::Invalid(errors) => Problem::ValidationFailed(errors),
    })?;
    // A dry run stores nothing, so its answer has the present status and version, not those that the command would lead to.
    if check {
        let status = view::shown_status(&report, seen_by);
        let version = view::shown_version(&report, seen_by).clone();
        let event = Event { status, version, ..decision.event };
        return Ok(Some(CarriedOut { report, event, new_photos: Vec::new(), replayed: false }));
    }
    match commands.reports.commit(&report, &decision, &new_photos, &proves).await? {
        Committed::Done => {
            let Decision { report, event, .. } = decision;
            Ok(Some(CarriedOut { report, event, new_photos, replayed: false }))
        }
        Committed::PhotoNotReady => Err(Problem::PhotoNotReady),
        Committed::AlreadyUsed(places) => {
            Err(Problem::ValidationFailed(places.into_iter().map(photo_evidence::used_already).collect()))
        }
        Committed::Changed => Ok(None),
    }
}

/// The id of the event: the same for the same caller, report and key, so that one read finds a repeated command.
fn event_id(ticket: &Ticket, officer: &Officer, key: &str) -> EventId {
    derived_ids::event(&[ticket.as_str(), &officer.id, key])
}

/// An act that was possible at the first attempt and is refused at a later one lost a race: a conflict, not a lack of rights.
fn lost_race(attempt: usize, refusal: Refusal) -> Refusal {
    if attempt > 0 && refusal == Refusal::NotYours { Refusal::WrongStatus } else { refusal }
}

/// The first of the acts that this officer may do on this report in some status.
///
/// # Errors
/// Why none.
pub fn may_do_one_of(acts: &[Act], report: &Report, officer: &Officer) -> Result<Act, Refusal> {
    let mut why = Refusal::NotYours;
    for act in acts {
        match command_rules::authorize(report, *act, officer) {
            Ok(()) => return Ok(*act),
            Err(refusal) => why = refusal,
        }
    }
    Err(why)
}

/// What was parsed, or all errors: those of the body, then those of the headers.
fn parsed<T>(
    parsed: Result<T, ValidationErrors>,
    of_headers: impl IntoIterator<Item = ValidationError>,
) -> Result<T, Problem> {
    let of_headers: ValidationErrors = of_headers.into_iter().collect();
    match parsed {
        Ok(parsed) if of_headers.is_empty() => Ok(parsed),
        Ok(_) => Err(Problem::ValidationFailed(of_headers)),
        Err(mut errors) => {
            errors.extend(of_headers);
            Err(Problem::ValidationFailed(errors))
        }
    }
}
