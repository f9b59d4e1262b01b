//! Duplicates at the ticket desk: reports that may be about the same thing, side by side, and several merged in one form.

use crate::{
    App,
    api::{
        Conditions, Problem,
        report::{Report, Similar, SimilarItem},
    },
    context::{Context, SignedIn},
    form::Form,
    kept,
    map::{MapView, Point},
    page::{self, Frame},
    photos::{self, PhotoGroup},
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
    is_ticked: bool,
}

/// One of two reports side by side.
struct Side {
    ticket: String,
    status: Status,
    status_text: String,
    label: String,
    category: String,
    description: String,
    summary: Option<String>,
    facts: Vec<Fact>,
    photos: Vec<PhotoGroup>,
    /// Nothing of it may be seen here, or it is not there.
    is_hidden: bool,
    /// Nobody answered: it can be asked for again at this address.
    again: Option<String>,
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
    is_nothing_ticked: bool,
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
    match show(app, who, context, &ticket, other, Sent::default()).await {
        Ok(shown) => shown,
        Err(problem) => page::refused(context, who, &problem),
    }
}

/// What was sent before the page is shown.
#[derive(Default)]
struct Sent {
    merged: Vec<Merged>,
    /// What may not be stored, and is to be sent again: with the key that it was sent with it is not done twice.
    again: Vec<String>,
    key: Option<String>,
    is_nothing_ticked: bool,
}

async fn show(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &Ticket,
    other: Option<Ticket>,
    sent: Sent,
) -> Result<Response<Body>, Problem> {
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
    let (city, here) = (city?, here?);
    let found = match found {
        Ok(found) => found.items,
        // Once it is merged itself, nothing is similar to it.
        Err(problem) if problem.status == StatusCode::CONFLICT => Vec::new(),
        Err(problem) => return Err(problem),
    };
    let both: Vec<&Report> = [Some(&here), compared.as_ref().and_then(|other| other.as_ref().ok())]
        .into_iter()
        .flatten()
        .collect();
    let codes =
        both.iter().flat_map(|report| report.area.iter().chain(&report.suggested_area)).map(String::as_str);
    let areas = app.areas.names(&app.api, codes, context.now).await;
    let map = map(app, &both);
    let side = |report: &Report| Side {
        ticket: report.heading.ticket.clone(),
        status: report.heading.status,
        status_text: report.heading.status_text.clone(),
        label: report.heading.label.clone(),
        category: city.category(&report.heading.category, context.language).to_owned(),
        description: report.description.clone().unwrap_or_default(),
        summary: report::summary(report),
        facts: report::facts(context, report, &city, &areas, &app.zone),
        photos: photos::groups(context, report),
        is_hidden: false,
        again: None,
    };
    let compared = compared.map(|compared| match compared {
        Ok(report) => side(&report),
        Err(problem) => {
            let name = |code: &str| city.category(code, context.language).to_owned();
            let side = of_likeness(&found, other.as_ref(), name);
            let again = format!("/petugas/laporan/{ticket}/duplikat?dengan={}", side.ticket);
            let is_hidden = problem.status == StatusCode::NOT_FOUND;
            Side { is_hidden, again: (!is_hidden).then_some(again), ..side }
        }
    });
    let candidate = |item: &SimilarItem| Candidate {
        category: city.category(&item.heading.category, context.language).to_owned(),
        status: item.heading.status,
        status_text: item.heading.status_text.clone(),
        why: why(context, item),
        is_likely: item.score == "high",
        can_be_merged: item.heading.status == Status::Menunggu,
        is_compared: other.as_ref().is_some_and(|other| other.to_string() == item.heading.ticket),
        is_ticked: sent.again.contains(&item.heading.ticket),
        ticket: item.heading.ticket.clone(),
    };
    let status = if sent.is_nothing_ticked { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut f = Frame::of(context, Some(who), context.t.duplicates_title());
    f.has_map = map.is_some();
    let page = Page {
        f,
        map,
        token: who.form_token(),
        key: sent.key.filter(|_| !sent.again.is_empty()).unwrap_or_else(SignedIn::new_key),
        ticket: ticket.to_string(),
        version: here.version.clone().unwrap_or_default(),
        can_merge_here: here.actions.contains(&domain::act::Act::Merge),
        here: side(&here),
        other: compared,
        candidates: found.iter().map(candidate).collect(),
        merged: sent.merged,
        is_nothing_ticked: sent.is_nothing_ticked,
    };
    Ok(page::html(status, &page))
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

/// Of one that cannot be seen whole: what the likeness says.
fn of_likeness(found: &[SimilarItem], other: Option<&Ticket>, name: impl Fn(&str) -> String) -> Side {
    let ticket = other.map(ToString::to_string).unwrap_or_default();
    let item = found.iter().find(|item| item.heading.ticket == ticket);
    Side {
        status: item.map_or(Status::Menunggu, |item| item.heading.status),
        status_text: item.map_or(String::new(), |item| item.heading.status_text.clone()),
        label: item.map_or(String::new(), |item| item.heading.label.clone()),
        category: item.map_or(String::new(), |item| name(&item.heading.category)),
        description: String::new(),
        summary: None,
        facts: Vec::new(),
        photos: Vec::new(),
        is_hidden: false,
        again: None,
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
    let key = form.filled("key");
    let mut sent =
        Sent { key: key.map(str::to_owned), is_nothing_ticked: tickets.is_empty(), ..Sent::default() };
    if !sent.is_nothing_ticked {
        let body = json!({ "action": "merge", "into": into.to_string(), "tickets": tickets });
        let conditions = Conditions { key, version: None };
        let caller = who.caller(context);
        let done =
            app.api.post::<Bulk>("api.assignments", "/v1/assignments", caller, &body, conditions).await;
        match done {
            Ok(done) => {
                let unanswered = done.answer.items.iter().filter(|item| item.status_code >= 500);
                sent.again = unanswered.map(|item| item.ticket.clone()).collect();
                sent.merged = done.answer.items.into_iter().map(|item| merged(context, item)).collect();
            }
            Err(problem) => {
                let is_answer = problem.status.is_client_error() && !problem.detail.is_empty();
                let text = if is_answer { &problem.detail } else { context.t.act_no_answer() };
                let not_done = |ticket: &String| Merged {
                    ticket: ticket.clone(),
                    is_done: false,
                    text: text.to_owned(),
                };
                sent.merged = tickets.iter().map(not_done).collect();
                sent.again = tickets;
            }
        }
    }
    match show(app, who, context, &into, None, sent).await {
        Ok(shown) => shown,
        // The form as it was sent, with its key: whoever sends it again learns what became of it.
        Err(problem) => {
            let action = format!("/petugas/laporan/{into}/duplikat");
            kept::without_report(context, who, &action, form, &problem)
        }
    }
}

fn merged(context: &Context, item: BulkItem) -> Merged {
    let t = context.t;
    let text = match (item.status_code, item.replayed, item.problem) {
        (200, true, _) => t.already_done().to_owned(),
        (200, false, _) => t.event_merge().to_owned(),
        (..500, _, Some(problem)) if !problem.detail.is_empty() => problem.detail,
        _ => t.act_no_answer().to_owned(),
    };
    Merged { is_done: item.status_code == 200, text, ticket: item.ticket }
}
