//! `POST /v1/reports/{ticket}/camera`: a nonce for one picture that is about to be taken in a page.

use crate::{ADD_PHOTOS, App};
use domain::{
    camera::{GivenNonce, NONCE_SECONDS},
    command_rules,
    ids::CameraNonce,
    json_body::Form,
    response::CameraResponse,
    view,
};
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{caller, clock, entropy, problem::Problem, request, response::JsonResponse};

pub(crate) const ROUTE: &str = "POST /v1/reports/{ticket}/camera";

/// Gives a nonce to whoever may declare photos of this report now. It changes nothing of the report and leaves no event: whoever asks again,
/// with whatever `Idempotency-Key`, gets another one.
pub(crate) async fn give(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let officer = caller::officer(request)?;
    let ticket = request::ticket(request)?;
    let reports = &app.commands.reports;
    let report = reports.get(&ticket).await?.ok_or(Problem::NotFound)?;
    view::viewer(&report, &officer).ok_or(Problem::NotFound)?;
    let act = officer_commands::may_do_one_of(ADD_PHOTOS, &report, &officer)?;
    let read = Form::new(&request::json_body(request)?).finish(Some(()));
    request::query(request, &[])?;
    let mut errors = read.err().unwrap_or_default();
    errors.extend(request::idempotency_key(request).err());
    if !errors.is_empty() {
        return Err(Problem::ValidationFailed(errors));
    }
    command_rules::may(&report, act, &officer)?;
    let nonce = CameraNonce::from_bytes(&entropy::bytes());
    reports.give_nonce(&ticket, &GivenNonce::new(nonce.clone(), &officer, clock::now())).await?;
    JsonResponse::new(StatusCode::CREATED).json(&CameraResponse { nonce, expires_in: NONCE_SECONDS })
}
