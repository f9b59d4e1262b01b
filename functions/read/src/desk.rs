//! `GET /v1/desk`: a page of a desk.

use crate::App;
use domain::{
    access_log::Looked,
    desk::Desk,
    officer::{Officer, Role, Tag},
    response::DeskResponse,
    ticket::Ticket,
    validation_errors::{ValidationError, ValidationErrorCode},
    view::{DeskItem, Reader, Summary},
};
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{
    caller, clock, entropy,
    problem::{Problem, Reason},
    request,
    response::JsonResponse,
};
use store::reports::DeskLine;

const DEFAULT_LIMIT: u8 = 25;
const MAX_LIMIT: u8 = 100;

/// Answers with a page of a desk, after every ticket on it has been recorded as looked at.
pub(crate) async fn page(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let officer = caller::officer(request)?;
    let query = request::query(request, &["limit", "cursor", "desk"])?;
    let mut errors = Vec::new();
    let desk = match query.get("desk") {
        None => Some(own_desk(&officer)),
        Some(text) => Desk::parse(text),
    };
    if desk.is_none() {
        errors.push(ValidationError::new("desk", ValidationErrorCode::Format));
    }
    let limit = query.get("limit").map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
    let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
    if limit.is_none() {
        errors.push(ValidationError::new("limit", ValidationErrorCode::Range));
    }
    // An empty cursor is that of the first page.
    let after = match (query.get("cursor").filter(|cursor| !cursor.is_empty()), &desk) {
        (Some(cursor), Some(desk)) => {
            let place = app.cursor_key.get().await?.decrypt(cursor, desk, &officer);
            if place.is_none() {
                errors.push(ValidationError::new("cursor", ValidationErrorCode::Format));
            }
            place
        }
        _ => None,
    };
    if desk.as_ref().is_some_and(|desk| !may_ask_for(&officer, desk)) {
        return Err(Problem::Forbidden(Reason::NotYours));
    }
    let (Some(desk), Some(limit), true) = (desk, limit, errors.is_empty()) else {
        return Err(Problem::ValidationFailed(errors));
    };

    // Every page but the last needs the key, and which page is the last is not known beforehand: so it is fetched at the same
    // time, once per process.
    let page = async { app.reports.desk(&desk, limit, after.as_deref()).await.map_err(Problem::from) };
    let (page, cursors) = tokio::try_join!(page, app.cursor_key.get())?;
    let lines: Vec<DeskLine> = page.lines.into_iter().filter(|line| is_visible(line, &officer)).collect();
    // A desk of another unit looks like an empty one, to its last page.
    let next = page.next.filter(|_| !lines.is_empty());
    let next = match next {
        None => None,
        Some(place) => {
            let cursor = cursors.encrypt(&place, &desk, &officer, entropy::bytes());
            Some(cursor.ok_or(Problem::InternalError("cursor not encrypted"))?)
        }
    };
    let tickets: Vec<Ticket> = lines.iter().map(|line| line.ticket.clone()).collect();
    let access = crate::access(&officer, Looked::Desk, tickets);
    app.accesses.record_page(&desk, &access).await?;
    let reader = Reader { language: caller::language(request), now: clock::now(), zone: &app.zone };
    // The time that it takes to find nothing must not tell how many reports lie on another unit's desk.
    let hides =
        lines.is_empty() && matches!(&officer.role, Role::Unit(code) if desk != Desk::Unit(code.clone()));
    let items: Vec<DeskItem> = lines.iter().map(|line| item(line, reader)).collect();
    JsonResponse::new(StatusCode::OK).held_back(hides).json(&DeskResponse { items, next })
}

/// The desk that an officer works at unless they ask for another.
fn own_desk(officer: &Officer) -> Desk {
    match &officer.role {
        Role::Unit(code) => Desk::Unit(code.clone()),
        Role::Bureau(tags) if tags.contains(&Tag::PetugasValidasi) => Desk::Validasi,
        Role::Bureau(tags) if tags.contains(&Tag::PetugasVerifikasi) => Desk::Verifikasi,
        Role::Bureau(_) => Desk::Tiket,
    }
}

/// Whether the officer's tags go with this kind of desk. Which units are theirs shows in the lines.
fn may_ask_for(officer: &Officer, desk: &Desk) -> bool {
    if officer.role.has(Tag::Administrator) {
        return true;
    }
    officer.role.has(match desk {
        Desk::Tiket => Tag::AdminTiket,
        Desk::Unit(_) => Tag::PetugasOpd,
        Desk::Validasi => Tag::PetugasValidasi,
        Desk::Verifikasi => Tag::PetugasVerifikasi,
    })
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
