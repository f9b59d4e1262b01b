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
    unit::Code,
    validation_errors::{ValidationError, ValidationErrorCode},
    view::{DeskItem, Heading, Line, Reader},
};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{caller, clock, entropy, problem::Problem, response::JsonResponse};
use std::collections::BTreeSet;
use store::{
    city_map::Below,
    reports::{DESKS, DeskLine, DeskQuery},
};

/// Answers with a page of a desk, after every ticket on it has been recorded as looked at.
pub(crate) async fn page(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let officer = caller::officer(request)?;
    let DeskRequest { listing, limit, cursor, mut errors } = DeskRequest::parse(request, &officer)?;
    let now = clock::now();
    let after = match (&listing, cursor) {
        (Some(listing), Some(cursor)) => {
            let after = app.cursor_key.get().await?.decrypt(&cursor, listing, &officer);
            if after.is_none() {
                errors.push(ValidationError::new("cursor", ValidationErrorCode::Format));
            }
            after
        }
        _ => None,
    };
    let (Some(listing), Some(limit), true) = (listing, limit, errors.is_empty()) else {
        return Err(Problem::ValidationFailed(errors));
    };
    let own = own_units(app, &officer, &listing, now).await?;
    let query = query(app, &listing, own.as_ref(), now).await?;

    // Every page but the last needs the key, and which page is the last is not known beforehand: so it is fetched at the same
    // time, once per process.
    let page = app.reports.desk(&query, limit, after.as_deref(), |line| is_visible(line, &officer));
    let (page, cursors) =
        tokio::try_join!(async { page.await.map_err(Problem::from) }, app.cursor_key.get())?;
    // A desk of another unit looks like an empty one, to its last page. What the tree of units says is the officer's own is no other's, also
    // where its reports have yet to follow a unit that was moved.
    let is_own = own.is_none_or(|own| query.desks.iter().all(|desk| own.contains(desk)));
    let next = match page.next.filter(|_| is_own || !page.is_hidden) {
        None => None,
        Some(place) => {
            let cursor = cursors.encrypt(&place, &listing, &officer, entropy::bytes());
            Some(cursor.ok_or(Problem::InternalError("cursor not encrypted"))?)
        }
    };
    let mut lines = page.lines;
    // What a colleague is at work on stands behind the rest of the page.
    let is_claimed =
        |line: &DeskLine| line.claim.as_ref().is_some_and(|claim| claim.is_of_another(&officer.id, now));
    lines.sort_by_key(is_claimed);
    let tickets: Vec<Ticket> = lines.iter().map(|line| line.ticket.clone()).collect();
    let access = crate::access(&officer, Looked::Desk, tickets);
    app.accesses.record_page(&listing.desk, &access).await?;
    let reader = Reader {
        language: caller::language(request),
        now: clock::now(),
        slots: &app.slots,
        officer: &officer,
    };
    // The time that it takes to find nothing must not tell how many reports lie on another unit's desk.
    let hides = lines.is_empty()
        && matches!(&officer.role, Role::Unit(code) if listing.desk != Desk::Unit(code.clone()));
    let items: Vec<DeskItem> = lines.iter().map(|line| item(line, &listing.desk, reader)).collect();
    JsonResponse::new(StatusCode::OK).held_back(hides).json(&DeskResponse { items, next })
}

/// The desks of a unit officer's own unit and those below it, as the tree of units stands now; `None` for the bureau.
async fn own_units(
    app: &App,
    officer: &Officer,
    listing: &Listing,
    now: Timestamp,
) -> Result<Option<BTreeSet<Desk>>, Problem> {
    let Role::Unit(unit) = &officer.role else { return Ok(None) };
    let own = Desk::Unit(unit.clone());
    if listing.desk == own && !listing.below {
        return Ok(Some(BTreeSet::from([own])));
    }
    Ok(Some(with_those_below(app, unit, now).await?))
}

async fn with_those_below(app: &App, unit: &Code, now: Timestamp) -> Result<BTreeSet<Desk>, Problem> {
    let below = app.city.units_below(unit, now).await?;
    Ok(below.into_iter().chain([unit.clone()]).map(Desk::Unit).collect())
}

/// The desks and areas of a list, those below included. Of several desks only the officer's `own` are read: how many lines lie between
/// theirs would tell how many lie on others.
async fn query(
    app: &App,
    listing: &Listing,
    own: Option<&BTreeSet<Desk>>,
    now: Timestamp,
) -> Result<DeskQuery, Problem> {
    let Listing { desk, below, questions, category, urgency, area, status, officer } = listing.clone();
    let desks = match &desk {
        Desk::Unit(unit) if below => several(with_those_below(app, unit, now).await?, own)?,
        Desk::Tiket | Desk::Unit(_) | Desk::Validasi | Desk::Verifikasi => vec![desk],
    };
    let areas = match area {
        Some(area) => Some(in_area(app.map.codes_below(&area, now).await?, area)?),
        None => None,
    };
    Ok(DeskQuery { desks, questions, category, urgency, areas, status, officer })
}

/// Those of several desks that are the officer's own.
fn several(desks: BTreeSet<Desk>, own: Option<&BTreeSet<Desk>>) -> Result<Vec<Desk>, Problem> {
    let desks: Vec<Desk> =
        desks.into_iter().filter(|desk| own.is_none_or(|own| own.contains(desk))).collect();
    if desks.len() > DESKS { Err(invalid("below", ValidationErrorCode::TooWide)) } else { Ok(desks) }
}

/// The area and all areas below it: a report carries the lowest that its place lies in.
fn in_area(below: Below, area: AreaCode) -> Result<Vec<AreaCode>, Problem> {
    let mut areas = match below {
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

fn item(line: &DeskLine, desk: &Desk, reader: Reader<'_>) -> DeskItem {
    let DeskLine { ticket, category, status, privacy, .. } = line;
    let heading = Heading::new(ticket, category, *status, *privacy, reader.language);
    let line = Line {
        place: &line.place,
        area: line.area.as_ref(),
        due_on: line.due_on,
        officer: line.officer.as_ref(),
        claim: line.claim.as_ref(),
    };
    DeskItem::new(heading, line, *desk == Desk::Tiket, reader)
}

fn is_visible(line: &DeskLine, officer: &Officer) -> bool {
    match &officer.role {
        Role::Bureau(_) => true,
        Role::Unit(code) => line.unit.as_ref().is_some_and(|unit| unit.path.contains(code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desks(units: std::ops::Range<usize>) -> BTreeSet<Desk> {
        units.map(|number| Desk::Unit(Code::parse(&format!("unit-{number}")).unwrap())).collect()
    }

    fn is_too_wide<T>(result: Result<T, Problem>, field: &str) -> bool {
        let too_wide = vec![ValidationError::new(field, ValidationErrorCode::TooWide)];
        matches!(result, Err(Problem::ValidationFailed(errors)) if errors == too_wide)
    }

    #[test]
    fn of_several_desks_those_of_others_are_not_read() {
        let own = desks(3..5);
        assert_eq!(several(desks(0..9), Some(&own)).unwrap(), own.into_iter().collect::<Vec<_>>());
        assert_eq!(several(desks(0..9), Some(&desks(20..21))).unwrap(), []);
        assert_eq!(several(desks(0..9), None).unwrap().len(), 9);
    }

    #[test]
    fn more_desks_than_a_page_is_merged_of_are_too_wide() {
        assert_eq!(several(desks(0..DESKS), None).unwrap().len(), DESKS);
        assert!(is_too_wide(several(desks(0..DESKS + 1), None), "below"));
        assert_eq!(several(desks(0..DESKS + 1), Some(&desks(0..1))).unwrap().len(), 1);
    }

    #[test]
    fn an_area_stands_for_itself_and_those_below_unless_they_are_too_many() {
        let area = |text: &str| AreaCode::parse(text).unwrap();
        assert_eq!(in_area(Below::None, area("31")).unwrap(), [area("31")]);
        let below = Below::Codes(vec![area("31.71"), area("31.72")]);
        assert_eq!(in_area(below, area("31")).unwrap(), [area("31.71"), area("31.72"), area("31")]);
        assert!(is_too_wide(in_area(Below::TooMany, area("31")), "area"));
    }
}
