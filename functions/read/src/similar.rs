//! `GET /v1/reports/{ticket}/similar`: open reports that may be about the same thing, for the ticket desk.

use crate::{App, report::suggested_area};
use domain::{
    access_log::Looked,
    view::{SimilarResponse, may_compare, similar_items, viewer},
};
use futures_util::future::try_join_all;
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{
    caller,
    problem::{Problem, Reason},
    request, response,
};

/// The route.
pub(crate) const ROUTE: &str = "GET /v1/reports/{ticket}/similar";

/// Returns which open reports are similar. A look is recorded at the report and at each that is named.
pub(crate) async fn similar(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let officer = caller::officer(request)?;
    let ticket = request::ticket(request)?;
    let report = app.reports.get(&ticket).await?.ok_or(Problem::NotFound)?;
    viewer(&report, &officer).ok_or(Problem::NotFound)?;
    if !may_compare(&officer) {
        return Err(Problem::Forbidden(Reason::NotYours));
    }
    request::query(request, &[])?;
    let area = match &report.area {
        Some(area) => Some(area.clone()),
        None => suggested_area(app, &report, &officer).await?,
    };
    let others = app.reports.near(&report, area.as_ref()).await?;
    let named = similar_items(&report, &others, caller::language(request));
    let looked_at = std::iter::once(&ticket).chain(named.iter().map(|(ticket, _)| ticket));
    let looks = looked_at.map(async |ticket| {
        let access = crate::access(&officer, Looked::Similar, Vec::new());
        app.accesses.record(ticket, &access).await
    });
    try_join_all(looks).await?;
    let items = named.into_iter().map(|(_, item)| item).collect();
    response::json(StatusCode::OK, &SimilarResponse { items })
}
