//! `GET /v1/reports/{ticket}` and `GET /v1/reports/{ticket}/accesses`.

use crate::App;
use domain::{
    access_log::{AccessItem, AccessesResponse, Looked},
    area::AreaCode,
    location::Place,
    officer::{Officer, Tag},
    report::Report,
    status::Status,
    view::{Reader, Viewer, Whole, officer_view, viewer},
};
use store::Failure;

use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{
    caller, clock,
    problem::{Problem, Reason},
    request,
    response::{self, JsonResponse},
};

/// Returns what this officer sees of the report.
pub(crate) async fn view(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let officer = caller::officer(request)?;
    let ticket = request::ticket(request)?;
    let report = app.reports.get(&ticket).await?.ok_or(Problem::NotFound)?;
    let seen_by = viewer(&report, &officer).ok_or(Problem::NotFound)?;
    request::query(request, &[])?;
    let access = crate::access(&officer, Looked::Report, Vec::new());
    let (events, photos, suggested_area, ()) = tokio::try_join!(
        app.reports.events(&ticket),
        app.reports.photos(&ticket),
        suggested_area(app, &report, &officer),
        app.accesses.record(&ticket, &access)
    )?;
    let whole = Whole { report: &report, events: &events, photos: &photos };
    let reader = Reader {
        language: caller::language(request),
        now: clock::now(),
        slots: &app.slots,
        officer: &officer,
    };
    let mut view = officer_view(whole, seen_by, reader);
    view.suggest_area(suggested_area);
    let answer = JsonResponse::new(StatusCode::OK);
    match view.version() {
        Some(version) => answer.etag(version.as_str()).json(&view),
        None => answer.json(&view),
    }
}

/// The area that the address names, for the ticket desk where it has to find one.
pub(crate) async fn suggested_area(
    app: &App,
    report: &Report,
    officer: &Officer,
) -> Result<Option<AreaCode>, Failure> {
    let Report { area: None, place: Place { point: None, address: Some(address) }, .. } = report else {
        return Ok(None);
    };
    let is_wanted = report.status == Status::Menunggu && officer.role.has(Tag::AdminTiket);
    if is_wanted { app.map.area_named_in(address, clock::now()).await } else { Ok(None) }
}

/// Returns everybody who looked at the report, to the administrator alone.
pub(crate) async fn accesses(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let officer = caller::officer(request)?;
    let ticket = request::ticket(request)?;
    let report = app.reports.get(&ticket).await?.ok_or(Problem::NotFound)?;
    if viewer(&report, &officer).ok_or(Problem::NotFound)? != Viewer::Administrator {
        return Err(Problem::Forbidden(Reason::NotYours));
    }
    request::query(request, &[])?;
    // Recorded before the list is read, so that the list shows this look too.
    let access = crate::access(&officer, Looked::Accesses, Vec::new());
    app.accesses.record(&ticket, &access).await?;
    let accesses = app.accesses.of_report(&ticket).await?;
    let items = accesses
        .into_iter()
        .map(|look| AccessItem::new(look.at, &look.officer, look.looked_at, look.photo))
        .collect();
    response::json(StatusCode::OK, &AccessesResponse { items })
}
