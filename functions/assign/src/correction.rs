//! `POST /v1/reports/{ticket}/correction`: the ticket desk mends a report's category or place.

use crate::App;
use domain::{
    act::Act,
    area::AreaCode,
    category::Terms,
    command::{Command, CorrectionRequest},
    location::Place,
    routing,
    triage::Correction,
    unit::Code,
    validation_errors::{ValidationError, ValidationErrorCode, ValidationErrors},
    warnings::Warning,
};
use lambda_http::{Body, Request, Response};
use officer_commands::{Context, Prepared};
use runtime::{caller, problem::Problem};

pub(crate) const ROUTE: &str = "POST /v1/reports/{ticket}/correction";

/// Corrects the report, and answers with what units may read masked, and with doubts about the position.
pub(crate) async fn correct(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let done = officer_commands::execute(
        &app.commands,
        request,
        &[Act::Correct],
        |body| CorrectionRequest::parse(body).map(|correction| (Act::Correct, correction)),
        async |correction, context| prepare(app, correction, context).await,
    )
    .await?;
    // Only a place that this correction wrote.
    let report = &done.report;
    let place = done.event.before.as_ref().and_then(|before| before.place.as_ref()).map(|_| &report.place);
    let address = place.and_then(|place| place.address.as_deref());
    let mut warnings = Warning::of(&report.terms.keeps, [("location.address", address)]);
    let point = place.and_then(|place| place.point);
    warnings.extend(point.and_then(|point| Warning::of_position("location", point, &app.city)));
    done.answer(caller::language(request), warnings)
}

/// Looks up the category, the area and the unit that the city's rules name for what the report will be.
async fn prepare(
    app: &App,
    correction: &CorrectionRequest,
    context: &Context<'_>,
) -> Result<Prepared, Problem> {
    let CorrectionRequest { category, location, area, reason } = correction.clone();
    let report = context.report;
    let place = location.as_ref().unwrap_or(&report.place);
    let mut errors: ValidationErrors = Vec::new();
    let category = match category {
        Some(code) => {
            let terms =
                app.commands.city.registry.category(&code, context.now).await?.map(|found| found.terms());
            if terms.is_none() {
                errors.push(ValidationError::new("category", ValidationErrorCode::NoSuchCode));
            }
            terms.map(|terms| (code, terms))
        }
        None => None,
    };
    let (code, terms) = match &category {
        Some((code, terms)) => (code, terms),
        None => (&report.category, &report.terms),
    };
    let (mapped, suggested_unit) = route(app, place, (code, terms), context).await?;
    let area = match area {
        Some(_) if place.point.is_some() => {
            errors.push(ValidationError::new("area", ValidationErrorCode::HasPosition));
            None
        }
        Some(area) => {
            if !app.map.has_area(&area, context.now).await? {
                errors.push(ValidationError::new("area", ValidationErrorCode::NoSuchCode));
            }
            Some(area)
        }
        // An area that was chosen for a place without a position stays while the place does.
        None if location.is_none() && place.point.is_none() => report.area.clone(),
        None => mapped,
    };
    if !errors.is_empty() {
        return Err(Problem::ValidationFailed(errors));
    }
    let correction = Correction { category, place: location, area, suggested_unit, reason };
    Ok(Command::Correct(correction).into())
}

/// The lowest area of a place, and the unit that the rules name there.
async fn route(
    app: &App,
    place: &Place,
    (category, terms): (&Code, &Terms),
    context: &Context<'_>,
) -> Result<(Option<AreaCode>, Option<Code>), Problem> {
    let cell = match place.point {
        Some(point) => app.map.cell(point, context.now).await?,
        None => None,
    };
    let route = routing::route(cell.as_ref(), place, category, terms.slots);
    let suggested = route.suggested.or(route.to.ok().map(|routed| routed.unit.code));
    Ok((route.area, suggested))
}
