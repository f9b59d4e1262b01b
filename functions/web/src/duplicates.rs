//! Duplicates at the ticket desk: reports that may be about the same thing, side by side, and several merged in one form.

use crate::{
    App,
    api::{
        Conditions, Problem,
        report::{Report, Similar, SimilarItem},
    },
    context::{Context, SignedIn},
    form::Form,
    map::{MapView, Point},
    page::{self, Frame},
    report::{self, Fact},
};
use askama::Template;
use domain::{status::Status, ticket::Ticket};
use http::{Response, StatusCode};
use lambda_http::{Body, Request, RequestExt};
use serde::Deserialize;
use serde_json::json;

/// One that may be about the same thing.
struct Candidate {
    ticket: String,
    category: String,
    status: Status,
    status_text: String,
    why: Vec<&'static str>,
    is_likely: bool,
    /// It waits at the ticket desk, so it can be merged into this one.
    can_be_merged: bool,
    is_compared: bool,
}

/// One of two reports side by side.
struct Side {
    ticket: String,
    status: Status,
    status_text: String,
    label: String,
    category: String,
    description: String,
    place: Vec<Fact>,
    /// Nothing of it may be seen here, or it is gone.
    is_hidden: bool,
}

/// What became of one of several that were to be merged.
struct Merged {
    ticket: String,
    is_done: bool,
    text: String,
}

#[derive(Template)]
#[template(path = "duplicates.html")]
struct Page {
    f: Frame,
    token: String,
    key: String,
    ticket: String,
    here: Side,
    version: String,
    other: Option<Side>,
    /// Both, as far as they have a position that may be seen here.
    map: Option<MapView>,
    candidates: Vec<Candidate>,
    merged: Vec<Merged>,
    can_merge_here: bool,
}

async fn similar(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &Ticket,
) -> Result<Similar, Problem> {
    app.api.get("api.similar", &format!("/v1/reports/{ticket}/similar"), Some(who.caller(context))).await
}

/// The page.
pub(crate) async fn page(
    app: &App,
    who: &SignedIn<'_>,
    request: &Request,
    context: &Context,
    ticket: &str,
) -> Response<Body> {
    let Some(ticket) = Ticket::parse(ticket) else { return page::not_found(context, Some(who)) };
    let query = request.query_string_parameters();
    let other = query.first("dengan").and_then(Ticket::parse);
    show(app, who, context, &ticket, other, Vec::new()).await
}

async fn show(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &Ticket,
    other: Option<Ticket>,
    merged: Vec<Merged>,
) -> Response<Body> {
    let here_ticket = ticket.to_string();
    let compared = async {
        match &other {
            Some(other) => Some(report::fetch(app, who, context, &other.to_string()).await),
            None => None,
        }
    };
    let (city, here, found, compared) = tokio::join!(
        app.city.get(&app.api, context.now),
        report::fetch(app, who, context, &here_ticket),
        similar(app, who, context, ticket),
        compared
    );
    let (city, here) = match (city, here) {
        (Ok(city), Ok(here)) => (city, here),
        (Err(problem), _) | (_, Err(problem)) => return page::refused(context, who, &problem),
    };
    let found = match found {
        Ok(found) => found.items,
        // Once it is merged itself, nothing is similar to it.
        Err(problem) if problem.status == StatusCode::CONFLICT => Vec::new(),
        Err(problem) => return page::refused(context, who, &problem),
    };
    let both: Vec<&Report> = [Some(&here), compared.as_ref().and_then(|other| other.as_ref().ok())]
        .into_iter()
        .flatten()
        .collect();
    let codes = both.iter().filter_map(|report| report.area.as_deref());
    let areas = app.areas.names(&app.api, codes, context.now).await;
    let map = map(app, &both);
    let side = |report: &Report| Side {
        ticket: report.heading.ticket.clone(),
        status: report.heading.status,
        status_text: report.heading.status_text.clone(),
        label: report.heading.label.clone(),
        category: city.category(&report.heading.category, context.language).to_owned(),
        description: report.description.clone().unwrap_or_default(),
        place: report::place_facts(context, report, &areas),
        is_hidden: false,
    };
    let compared = compared.map(|compared| match compared {
        Ok(report) => side(&report),
        Err(_) => hidden(&found, other.as_ref(), |code| city.category(code, context.language).to_owned()),
    });
    let candidate = |item: &SimilarItem| Candidate {
        category: city.category(&item.heading.category, context.language).to_owned(),
        status: item.heading.status,
        status_text: item.heading.status_text.clone(),
        why: why(context, item),
        is_likely: item.score == "high",
        can_be_merged: item.heading.status == Status::Menunggu,
        is_compared: other.as_ref().is_some_and(|other| other.to_string() == item.heading.ticket),
        ticket: item.heading.ticket.clone(),
    };
    let mut f = Frame::of(context, Some(who), context.t.duplicates_title());
    f.has_map = map.is_some();
    let page = Page {
        f,
        map,
        token: who.form_token(),
        key: SignedIn::new_key(),
        ticket: ticket.to_string(),
        version: here.version.clone().unwrap_or_default(),
        can_merge_here: here.actions.contains(&domain::act::Act::Merge),
        here: side(&here),
        other: compared,
        candidates: found.iter().map(candidate).collect(),
        merged,
    };
    page::html(StatusCode::OK, &page)
}

/// The first of the reports that has a position in the middle, and the others.
fn map(app: &App, reports: &[&Report]) -> Option<MapView> {
    let mut placed = reports.iter().filter_map(|report| {
        Some((MapView::of(report.place.as_ref(), app.tiles.as_ref())?, report.heading.ticket.clone()))
    });
    let (mut map, _) = placed.next()?;
    map.points = placed.map(|(MapView { lat, lon, .. }, name)| Point { lat, lon, name }).collect();
    Some(map)
}

/// Of one that this desk may not see whole: what the likeness says.
fn hidden(found: &[SimilarItem], other: Option<&Ticket>, name: impl Fn(&str) -> String) -> Side {
    let ticket = other.map(ToString::to_string).unwrap_or_default();
    let item = found.iter().find(|item| item.heading.ticket == ticket);
    Side {
        status: item.map_or(Status::Menunggu, |item| item.heading.status),
        status_text: item.map_or(String::new(), |item| item.heading.status_text.clone()),
        label: item.map_or(String::new(), |item| item.heading.label.clone()),
        category: item.map_or(String::new(), |item| name(&item.heading.category)),
        description: String::new(),
        place: Vec::new(),
        is_hidden: true,
        ticket,
    }
}

fn why(context: &Context, item: &SimilarItem) -> Vec<&'static str> {
    let t = context.t;
    let distance = item.distance.as_deref().map(|distance| match distance {
        "25m" => t.similar_25m(),
        "100m" => t.similar_100m(),
        _ => t.similar_250m(),
    });
    let reason = |reason: &String| match reason.as_str() {
        "same_category" => Some(t.similar_same_category()),
        "same_group" => Some(t.similar_same_group()),
        "same_words" => Some(t.similar_same_words()),
        "same_address" => Some(t.similar_same_address()),
        "same_area" => Some(t.similar_same_area()),
        // The distance says it.
        _ => None,
    };
    distance.into_iter().chain(item.reasons.iter().filter_map(reason)).collect()
}

#[derive(Deserialize)]
struct Bulk {
    items: Vec<BulkItem>,
}

#[derive(Deserialize)]
struct BulkItem {
    ticket: String,
    status_code: u16,
    #[serde(default)]
    replayed: bool,
    problem: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    detail: String,
}

/// Merges the reports that were ticked into this one; each has a result of its own.
pub(crate) async fn merge(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &str,
    form: &Form,
    is_ours: bool,
) -> Response<Body> {
    let Some(into) = Ticket::parse(ticket) else { return page::not_found(context, Some(who)) };
    if !is_ours {
        return page::forged(context, who);
    }
    let tickets: Vec<String> =
        form.all("tickets").filter_map(Ticket::parse).map(|ticket| ticket.to_string()).collect();
    let t = context.t;
    if tickets.is_empty() {
        return page::redirect(&format!("/petugas/laporan/{into}/duplikat"));
    }
    let body = json!({ "action": "merge", "into": into.to_string(), "tickets": tickets });
    let conditions = Conditions { key: form.filled("key"), version: None };
    let done = app
        .api
        .post::<Bulk>("api.assignments", "/v1/assignments", who.caller(context), &body, conditions)
        .await;
    let merged = match done {
        Ok(done) => done
            .answer
            .items
            .into_iter()
            .map(|item| Merged {
                is_done: item.status_code == 200,
                text: match (item.status_code, item.replayed, item.problem) {
                    (200, true, _) => t.already_done().to_owned(),
                    (200, false, _) => t.event_merge().to_owned(),
                    (_, _, Some(problem)) if !problem.detail.is_empty() => problem.detail,
                    _ => t.act_no_answer().to_owned(),
                },
                ticket: item.ticket,
            })
            .collect(),
        Err(problem) => {
            let text = if problem.detail.is_empty() { t.act_no_answer().to_owned() } else { problem.detail };
            tickets.into_iter().map(|ticket| Merged { ticket, is_done: false, text: text.clone() }).collect()
        }
    };
    show(app, who, context, &into, None, merged).await
}
