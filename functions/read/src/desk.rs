//! `GET /v1/desk`: a page of a desk.

use crate::{
    App,
    desk_request::{DeskRequest, Listing},
};
use domain::{
    access_log::Looked,
    area::AreaCode,
    desk::Desk,
    officer::{Officer, Role},
    response::DeskResponse,
    ticket::Ticket,
    validation_errors::{ValidationError, ValidationErrorCode},
    view::{DeskItem, Reader, Summary},
};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{caller, clock, entropy, problem::Problem, response::JsonResponse};
use std::collections::BTreeSet;
use store::{
    city_map::Below,
    reports::{DeskLine, DeskQuery, LISTS},
};

/// Answers with a page of a desk, after every ticket on it has been recorded as looked at.
pub(crate) async fn page(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let officer = caller::officer(request)?;
    let DeskRequest { listing, limit, cursor } = DeskRequest::parse(request, &officer)?;
    let now = clock::now();
    let after = match cursor {
        Some(cursor) => {
            let after = app.cursor_key.get().await?.decrypt(&cursor, &listing, &officer);
            Some(after.ok_or_else(|| invalid("cursor", ValidationErrorCode::Format))?)
        }
        None => None,
    };
    let query = query(app, &listing, now).await?;

    // Every page but the last needs the key, and which page is the last is not known beforehand: so it is fetched at the same
    // time, once per process.
    let page = app.reports.desk(&query, limit, after.as_deref(), |line| is_visible(line, &officer));
    let (page, cursors) =
        tokio::try_join!(async { page.await.map_err(Problem::from) }, app.cursor_key.get())?;
    let next = match page.next {
        None => None,
        Some(place) => {
            let cursor = cursors.encrypt(&place, &listing, &officer, entropy::bytes());
            Some(cursor.ok_or(Problem::InternalError("cursor not encrypted"))?)
        }
    };
    let lines = page.lines;
    let tickets: Vec<Ticket> = lines.iter().map(|line| line.ticket.clone()).collect();
    let access = crate::access(&officer, Looked::Desk, tickets);
    app.accesses.record_page(&listing.desk, &access).await?;
    let reader = Reader { language: caller::language(request), now: clock::now(), zone: &app.zone };
    // The time that it takes to find nothing must not tell how many reports lie on another unit's desk.
    let hides = lines.is_empty()
        && matches!(&officer.role, Role::Unit(code) if listing.desk != Desk::Unit(code.clone()));
    let items: Vec<DeskItem> = lines.iter().map(|line| item(line, reader)).collect();
    JsonResponse::new(StatusCode::OK).held_back(hides).json(&DeskResponse { items, next })
}

/// The desks and areas of a list, those below included.
async fn query(app: &App, listing: &Listing, now: Timestamp) -> Result<DeskQuery, Problem> {
    let Listing { desk, below, category, urgency, area } = listing.clone();
    let mut desks = BTreeSet::new();
    if let (Desk::Unit(unit), true) = (&desk, below) {
        desks.extend(app.city.units_below(unit, now).await?.into_iter().map(Desk::Unit));
    }
    desks.insert(desk);
    if desks.len() > LISTS {
        return Err(invalid("below", ValidationErrorCode::TooWide));
    }
    let areas = match area {
        Some(area) => Some(in_area(app, area, now).await?),
        None => None,
    };
    if areas.as_ref().is_some_and(|areas| areas.len() * desks.len() > LISTS) {
        return Err(invalid("area", ValidationErrorCode::TooWide));
    }
    Ok(DeskQuery { desks: desks.into_iter().collect(), category, urgency, areas })
}

/// The area and all areas below it: a report carries the lowest that its place lies in.
async fn in_area(app: &App, area: AreaCode, now: Timestamp) -> Result<Vec<AreaCode>, Problem> {
    let mut areas = match app.map.codes_below(&area, now).await? {
        Below::None => Vec::new(),
        Below::Codes(codes) => codes,
        Below::TooMany => return Err(invalid("area", ValidationErrorCode::TooWide)),
    };
    areas.push(area);
    Ok(areas)
}

fn invalid(field: &str, code: ValidationErrorCode) -> Problem {
    Problem::ValidationFailed(vec![ValidationError::new(field, code)])
}

fn item(line: &DeskLine, reader: Reader<'_>) -> DeskItem {
    let DeskLine { ticket, category, status, privacy, .. } = line;
    let summary = Summary::new(ticket, category, *status, *privacy, reader.language);
    DeskItem::new(summary, (&line.place, line.area.as_ref()), line.due_on, reader)
}

fn is_visible(line: &DeskLine, officer: &Officer) -> bool {
    match &officer.role {
        Role::Bureau(_) => true,
        Role::Unit(code) => line.unit.as_ref().is_some_and(|unit| unit.path.contains(code)),
    }
}
