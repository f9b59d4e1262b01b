//! `GET /v1/desk`, `GET /v1/reports/{ticket}`, `…/accesses`, `…/similar`: what officers see.
//!
//! Every look is recorded before the answer is given: no record, no answer.

mod cursor;
mod cursor_key;
mod desk;
mod desk_request;
mod report;
mod similar;

use cursor_key::CursorKey;
use domain::{
    access_log::Looked,
    ids::EventId,
    officer::{Named, Officer},
    slots::Slots,
    ticket::Ticket,
};
use lambda_http::{Body, Request, Response};
use runtime::{
    aws::{self, client},
    clock, entropy, gateway,
    problem::Problem,
    serve::{self, StartError},
    settings,
};
use store::{
    access_log::{Access, Accesses},
    city_map::CityMap,
    public_city::PublicCity,
    reports::Reports,
};

struct App {
    reports: Reports,
    accesses: Accesses,
    city: PublicCity,
    map: CityMap,
    cursor_key: CursorKey,
    slots: Slots,
}

/// Sets up the function and serves its routes.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let slots = settings::slots()?;
    let config = aws::config();
    let client = client!(aws_sdk_dynamodb, &config);
    let secrets = client!(aws_sdk_secretsmanager, &config);
    let app = App {
        reports: Reports::new(client.clone(), settings::var("REPORTS_TABLE")?, slots.zone.clone()),
        accesses: Accesses::new(client.clone(), settings::var("ACCESSES_TABLE")?),
        city: PublicCity::new(client.clone(), settings::var("CITY_TABLE")?),
        map: CityMap::new(client, settings::var("MAP_TABLE")?),
        cursor_key: CursorKey::from_settings(secrets)?,
        slots,
    };
    serve::http("read", async |request| handle(&app, request).await).await
}

async fn handle(app: &App, request: Request) -> Result<Response<Body>, Problem> {
    if gateway::is_route(&request, "GET /v1/desk") {
        desk::page(app, &request).await
    } else if gateway::is_route(&request, "GET /v1/reports/{ticket}/accesses") {
        report::accesses(app, &request).await
    } else if gateway::is_route(&request, similar::ROUTE) {
        similar::similar(app, &request).await
    } else {
        report::view(app, &request).await
    }
}

fn access(officer: &Officer, looked_at: Looked, tickets: Vec<Ticket>) -> Access {
    Access {
        id: EventId::from_bytes(&entropy::bytes()),
        at: clock::now(),
        officer: Named::from(officer),
        looked_at,
        photo: None,
        code: None,
        tickets,
    }
}
