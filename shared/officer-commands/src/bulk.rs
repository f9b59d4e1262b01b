//! Bulk commands: one command for several reports in one request, an answer for each.
//!
//! What concerns the request as a whole is checked first, in the order 401, 403, 413, 415, 400, 422; then each report for itself, in
//! the order 404, 403, 422, replay, 409. Each report's event has the id and the digest that the command on it alone would give it. So a
//! bulk command that was cut off and is sent again, whole or in parts, replays what was done and does the rest.

use crate::{Asked, Call, CarriedOut, Commands, Context, Prepared, body_digest, carry_out, parsed};
use aws_failure::Failure;
use domain::{
    act::Act,
    command::TICKETS,
    command_rules,
    language::Language,
    officer::Officer,
    response::{BulkItem, BulkResponse},
    ticket::Ticket,
    validation_errors::{ValidationError, ValidationErrorCode, ValidationErrors},
    warnings::Warning,
};
use futures_util::{StreamExt, stream};
use lambda_http::{
    Body, Request, Response,
    http::{StatusCode, header},
};
use runtime::{
    caller,
    clock::Stopwatch,
    problem::{Problem, Reason},
    request::{self, IDEMPOTENCY_KEY},
    response::JsonResponse,
    serve::{self, NOT_FOUND_AFTER},
    telemetry,
};
use serde_json::Value;
use std::time::Duration;

/// How many reports are worked on at the same time: at 50 ms each, fifty take half a second.
const AT_ONCE: usize = 5;
/// With less time left than this, no further report is begun. It is enough for a command that has to be decided anew.
const ENOUGH: Duration = Duration::from_secs(2);
/// What is kept of the time that is left, for writing the answer.
const FOR_THE_ANSWER: Duration = Duration::from_millis(250);

/// Carries out the command of `request`, one of `acts`, on each of the reports that its body names, and returns the response.
///
/// `parse` reads the body; `prepare` is as for a command on one report, and `warnings` gives what its author may want to write anew.
///
/// # Errors
/// The problem document to answer with, where the request as a whole is refused: nothing has been stored then. What goes wrong with one
/// of the reports, a failure of AWS among it, is in that report's part of the answer.
pub async fn answer<T: Clone>(
    commands: &Commands,
    request: &Request,
    acts: &[Act],
    parse: impl Fn(&Value) -> Result<(Vec<Ticket>, Act, T), ValidationErrors>,
    prepare: impl AsyncFn(&T, &Context<'_>) -> Result<Prepared, Problem>,
    warnings: impl Fn(&CarriedOut) -> Vec<Warning>,
) -> Result<Response<Body>, Problem> {
    let (bulk, tickets) = Bulk::read(request, acts, parse)?;
    // Each merge checks that the one other report is open: at once they would be in each other's way.
    let at_once = if bulk.asked.act == Act::Merge { 1 } else { AT_ONCE };
    // In whatever order they end: one that has to wait holds up none of the others.
    let ended: Vec<(usize, Result<CarriedOut, Problem>)> = stream::iter(tickets.iter().enumerate())
        .map(async |(place, ticket)| (place, bulk.one(commands, request, ticket, &prepare).await))
        .buffer_unordered(at_once)
        .collect()
        .await;
    respond(&tickets, ended, caller::language(request), warnings)
}

/// A command as it was read, without the reports that it is for.
struct Bulk<'a, T> {
    acts: &'a [Act],
    officer: Officer,
    key: String,
    asked: Asked<T>,
}

impl<'a, T: Clone> Bulk<'a, T> {
    fn read(
        request: &Request,
        acts: &'a [Act],
        parse: impl Fn(&Value) -> Result<(Vec<Ticket>, Act, T), ValidationErrors>,
    ) -> Result<(Self, Vec<Ticket>), Problem> {
        let officer = caller::officer(request)?;
        if !acts.iter().any(|act| command_rules::is_by_tags(*act, &officer)) {
            return Err(Problem::Forbidden(Reason::NotYours));
        }
        let mut body = request::json_body(request)?;
        request::query(request, &[])?;
        let (key, mut wrong) = match request::idempotency_key(request) {
            Ok(Some(key)) => (key, Vec::new()),
            Ok(None) => {
                (String::new(), vec![ValidationError::new(IDEMPOTENCY_KEY, ValidationErrorCode::Required)])
            }
            Err(error) => (String::new(), vec![error]),
        };
        // Each report has a version of its own, so no one version can be the condition.
        if request.headers().contains_key(header::IF_MATCH) {
            wrong.push(ValidationError::new("If-Match", ValidationErrorCode::Unknown));
        }
        let (tickets, act, fields) = parsed(parse(&body), wrong)?;
        if let Some(fields) = body.as_object_mut() {
            fields.remove(TICKETS);
        }
        let asked = Asked { act, fields, body_digest: body_digest(act, &body) };
        Ok((Self { acts, officer, key, asked }, tickets))
    }

    /// The command on one report, within the time that the whole request has.
    async fn one(
        &self,
        commands: &Commands,
        request: &Request,
        ticket: &Ticket,
        prepare: impl AsyncFn(&T, &Context<'_>) -> Result<Prepared, Problem>,
    ) -> Result<CarriedOut, Problem> {
        let watch = Stopwatch::start();
        let time_left = serve::time_left(request);
        if time_left < ENOUGH {
            return Err(Failure::Timeout.into());
        }
        let call =
            Call { acts: self.acts, officer: &self.officer, ticket, key: Some(&self.key), if_match: None };
        // Boxed, because the SDK's futures are large.
        let work = Box::pin(carry_out(commands, &call, || Ok(self.asked.clone()), prepare));
        let ended = tokio::time::timeout(time_left.saturating_sub(FOR_THE_ANSWER), work).await;
        let ended = ended.unwrap_or(Err(Failure::Timeout.into()));
        if matches!(ended, Err(Problem::NotFound)) {
            // As in an answer of its own, the time must not tell what was found; the others go on meanwhile.
            watch.wait_until(NOT_FOUND_AFTER).await;
        }
        ended
    }
}

/// 200 with what became of each, in the order of the request.
fn respond(
    tickets: &[Ticket],
    mut ended: Vec<(usize, Result<CarriedOut, Problem>)>,
    language: Language,
    warnings: impl Fn(&CarriedOut) -> Vec<Warning>,
) -> Result<Response<Body>, Problem> {
    ended.sort_unstable_by_key(|(place, _)| *place);
    let ended: Vec<Result<CarriedOut, Problem>> = ended.into_iter().map(|(_, ended)| ended).collect();
    let problems = || ended.iter().filter_map(|ended| ended.as_ref().err());
    for ended in &ended {
        telemetry::count_result(match ended {
            Ok(done) if done.replayed => "replayed",
            Ok(_) => "ok",
            Err(problem) => problem.word(),
        });
    }
    // A bug is worse than a failure of AWS that may pass.
    let worst = problems().max_by_key(|problem| match problem.status() {
        StatusCode::INTERNAL_SERVER_ERROR => 2,
        status => u8::from(status.is_server_error()),
    });
    let items =
        tickets.iter().zip(&ended).map(|(ticket, ended)| item(ticket, ended, language, &warnings)).collect();
    JsonResponse::new(StatusCode::OK)
        .held_back(problems().any(|problem| *problem == Problem::NotFound))
        .retry_after(problems().filter_map(Problem::retry_after_s).max())
        .worst_part(worst)
        .json(&BulkResponse { items })
}

fn item(
    ticket: &Ticket,
    ended: &Result<CarriedOut, Problem>,
    language: Language,
    warnings: impl Fn(&CarriedOut) -> Vec<Warning>,
) -> BulkItem {
    let ticket = ticket.to_string();
    match ended {
        Ok(done) => BulkItem::Done {
            ticket,
            status_code: StatusCode::OK.as_u16(),
            replayed: done.replayed,
            done: done.body(language, warnings(done)),
        },
        Err(problem) => BulkItem::Refused {
            ticket,
            status_code: problem.status().as_u16(),
            problem: problem.document(language),
        },
    }
}
