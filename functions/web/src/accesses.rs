//! Who looked at a report: the administrator's page.

use crate::{
    App,
    api::report::Accesses,
    context::{Context, SignedIn},
    history,
    page::{self, Frame},
};
use askama::Template;
use domain::ticket::Ticket;
use http::{Response, StatusCode};
use lambda_http::Body;

struct Look {
    at: String,
    officer: String,
    unit: String,
    looked_at: &'static str,
}

#[derive(Template)]
#[template(path = "accesses.html")]
struct Page {
    f: Frame,
    ticket: String,
    looks: Vec<Look>,
}

/// All looks at a report, oldest first.
pub(crate) async fn page(app: &App, who: &SignedIn<'_>, context: &Context, ticket: &str) -> Response<Body> {
    let Some(ticket) = Ticket::parse(ticket) else { return page::not_found(context, Some(who)) };
    let path = format!("/v1/reports/{ticket}/accesses");
    let asked = app.api.get::<Accesses>("api.accesses", &path, Some(who.caller(context)));
    let (city, found) = tokio::join!(app.city.get(&app.api, context.now), asked);
    let (city, found) = match (city, found) {
        (Ok(city), Ok(found)) => (city, found),
        (Err(problem), _) | (_, Err(problem)) => return page::refused(context, who, &problem),
    };
    let t = context.t;
    let looks = found.items.into_iter().map(|look| Look {
        at: history::moment(&look.at, &app.zone),
        officer: look.officer.name,
        unit: look.officer.unit.as_deref().map_or("", |unit| city.unit(unit)).to_owned(),
        looked_at: match look.looked_at.as_str() {
            "photo" => t.looked_photo(),
            "desk" => t.looked_desk(),
            "accesses" => t.looked_accesses(),
            "similar" => t.looked_similar(),
            _ => t.looked_report(),
        },
    });
    let page = Page {
        f: Frame::of(context, Some(who), t.accesses_title()),
        ticket: ticket.to_string(),
        looks: looks.collect(),
    };
    page::html(StatusCode::OK, &page)
}
