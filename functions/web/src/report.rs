//! A report: what this officer may see of it, what they may do, and a sheet of it to print.

use crate::{
    App,
    acts::{self, ActForm, Resent, Surroundings},
    api::{Problem, areas::AreaNames, city::City, report::Report},
    context::{Context, SignedIn},
    desk::List,
    form::Form,
    history::{self, Item, Round},
    kept,
    map::{MapView, Tiles},
    page::{self, Frame},
    photos::{self, PhotoGroup},
};
use askama::Template;
use domain::{act::Act, officer::Tag, ticket::Ticket};
use http::{Response, StatusCode};
use jiff::tz::TimeZone;
use lambda_http::{Body, Request, RequestExt};

/// A name and its value.
pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    f: Frame,
    token: String,
    ticket: String,
    status: &'static str,
    status_text: String,
    urgency: Option<(String, &'static str)>,
    label: String,
    is_private: bool,
    category: String,
    words: Option<(&'static str, String)>,
    summary: Option<String>,
    hidden: &'static str,
    facts: Vec<Fact>,
    map: Option<MapView>,
    groups: Vec<PhotoGroup>,
    rounds: Vec<Round>,
    history: Vec<Item>,
    forms: Vec<ActForm>,
    version: String,
    seen: usize,
    dari: String,
    next: String,
    back: Option<String>,
    done: Option<(&'static str, bool)>,
    draft_done: Option<String>,
    changed: Option<Vec<Item>>,
    orphan: Option<Orphan>,
    has_duplicates: bool,
    has_accesses: bool,
    status_code: StatusCode,
}

/// What was typed for an act that is not possible any more: it is shown, so that it can be kept.
struct Orphan {
    title: &'static str,
    error: String,
    texts: Vec<String>,
}

/// Asks the API for a report; the look is recorded.
pub(crate) async fn fetch(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &str,
) -> Result<Report, Problem> {
    app.api.get("api.report", &format!("/v1/reports/{ticket}"), Some(who.caller(context))).await
}

/// The page of a report.
pub(crate) async fn page(
    app: &App,
    who: &SignedIn<'_>,
    request: &Request,
    context: &Context,
    ticket: &str,
) -> Response<Body> {
    let Some(ticket) = Ticket::parse(ticket).map(|ticket| ticket.to_string()) else {
        return page::not_found(context, Some(who));
    };
    let query = request.query_string_parameters();
    let opened = Opened {
        dari: List::of_query(query.first("dari").unwrap_or_default()),
        next: query.first("next").and_then(Ticket::parse).map(|next| next.to_string()).unwrap_or_default(),
        done: query.first("act").and_then(Act::parse).map(|act| (act, query.first("replay") == Some("1"))),
    };
    show(app, who, context, &ticket, &opened, None).await
}

/// The page of a report with a form that came back.
pub(crate) async fn resent(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &str,
    resent: &Resent<'_>,
) -> Response<Body> {
    let form = resent.form;
    let opened = Opened {
        dari: List::of_query(form.text("dari")),
        next: Ticket::parse(form.text("next")).map(|next| next.to_string()).unwrap_or_default(),
        done: None,
    };
    show(app, who, context, ticket, &opened, Some(resent)).await
}

/// How the page was come to.
pub(crate) struct Opened {
    pub(crate) dari: List,
    pub(crate) next: String,
    pub(crate) done: Option<(Act, bool)>,
}

async fn show(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &str,
    opened: &Opened,
    resent: Option<&Resent<'_>>,
) -> Response<Body> {
    let (city, report) = tokio::join!(app.city.get(&app.api, context.now), fetch(app, who, context, ticket));
    let (city, report) = match (city, report) {
        (Ok(city), Ok(report)) => (city, report),
        (Err(problem), _) | (_, Err(problem)) => {
            return match resent {
                Some(resent) => {
                    let action = format!("/petugas/laporan/{ticket}/{}", resent.act.as_str());
                    kept::without_report(context, who, &action, resent.form, &problem)
                }
                None => page::refused(context, who, &problem),
            };
        }
    };
    let areas = area_names(app, context, &report).await;
    let beside = Beside { city: &city, zone: &app.zone, areas: &areas, tiles: app.tiles.as_ref() };
    render(who, context, &beside, &report, opened, resent)
}

/// What a page draws on beside the report.
pub(crate) struct Beside<'a> {
    pub(crate) city: &'a City,
    pub(crate) zone: &'a TimeZone,
    pub(crate) areas: &'a AreaNames,
    pub(crate) tiles: Option<&'a Tiles>,
}

/// The page of what the API answered.
pub(crate) fn render(
    who: &SignedIn<'_>,
    context: &Context,
    beside: &Beside<'_>,
    report: &Report,
    opened: &Opened,
    resent: Option<&Resent<'_>>,
) -> Response<Body> {
    let t = context.t;
    let Beside { city, zone, areas, tiles } = *beside;
    let around = Surroundings { city, unit: who.session.claims.unit.as_deref(), tiles };
    let forms = acts::forms(who, context, report, &around, resent);
    let entries = history::items(context, report, city, zone);
    let seen: Option<usize> = resent.and_then(|resent| resent.form.text("seen").parse().ok());
    let changed = seen.map(|seen| entries.iter().skip(seen).cloned().collect::<Vec<_>>());
    let orphan =
        resent.filter(|resent| !forms.iter().any(|form| form.act == resent.act.as_str())).map(|resent| {
            Orphan {
                title: t.act(resent.act),
                error: acts::words(resent, context),
                texts: resent.form.typed_and_other().0.into_iter().map(|(_, text)| text).collect(),
            }
        });
    let status_code = resent.map_or(StatusCode::OK, |resent| resent.status);
    let heading = &report.heading;
    let mut f = Frame::of(context, Some(who), format!("{} – {}", heading.ticket, heading.status_text));
    let map = MapView::of(report.place.as_ref(), tiles);
    f.has_map = map.is_some();
    let page = Page {
        token: who.form_token(),
        ticket: heading.ticket.clone(),
        status: heading.status.as_str(),
        status_text: heading.status_text.clone(),
        urgency: report.urgency.clone().map(|urgency| {
            let text = t.urgency(&urgency);
            (urgency, text)
        }),
        label: heading.label.clone(),
        is_private: heading.is_private(),
        category: city.category(&heading.category, context.language).to_owned(),
        words: words(context, report),
        summary: summary(report),
        hidden: hidden(context, who),
        facts: facts(context, report, city, areas, zone),
        map,
        groups: photos::groups(context, report),
        rounds: history::rounds(context, report, city, zone),
        history: entries,
        version: report.version.clone().unwrap_or_default(),
        seen: report.history.len(),
        dari: opened.dari.query(),
        next: opened.next.clone(),
        back: opened
            .dari
            .is_known()
            .then(|| format!("/petugas/meja?{}&done={}", opened.dari.query(), heading.ticket)),
        done: opened.done.map(|(act, is_replay)| (t.act_done(act), is_replay)),
        draft_done: opened.done.map(|(act, _)| who.draft(&heading.ticket, act.as_str())),
        changed: changed.filter(|changed| !changed.is_empty()),
        orphan,
        has_duplicates: who.session.claims.has(Tag::AdminTiket) && heading.status.is_open(),
        has_accesses: who.session.claims.has(Tag::Administrator),
        forms,
        f,
        status_code,
    };
    let needs = page::Needs {
        location: page.forms.iter().any(ActForm::asks_for_location),
        camera: page.forms.iter().any(ActForm::has_camera),
        ..page::Needs::default()
    };
    let mut response = page::html(page.status_code, &page);
    response.extensions_mut().insert(needs);
    response
}

/// The ticket desk's summary, where it does not stand in the place of the words.
pub(crate) fn summary(report: &Report) -> Option<String> {
    report.summary.clone().filter(|summary| report.description.as_ref() != Some(summary))
}

/// What the reporter, or the ticket desk in their place, wrote.
fn words(context: &Context, report: &Report) -> Option<(&'static str, String)> {
    let t = context.t;
    let name = if report.summary == report.description && report.summary.is_some() {
        t.report_summary()
    } else {
        t.report_description()
    };
    report.description.clone().map(|text| (name, text))
}

/// What is withheld from this officer and why: the same sentence on every report, whether there is such a thing or not.
fn hidden(context: &Context, who: &SignedIn<'_>) -> &'static str {
    let (t, claims) = (context.t, &who.session.claims);
    match () {
        () if claims.has(Tag::Administrator) => t.hidden_administrator(),
        () if claims.has(Tag::AdminTiket) => t.hidden_tiket(),
        () if claims.has(Tag::PetugasValidasi) => t.hidden_validasi(),
        () if claims.has(Tag::PetugasVerifikasi) => t.hidden_verifikasi(),
        () => t.hidden_unit(),
    }
}

/// The names of the areas that a report names.
pub(crate) async fn area_names(app: &App, context: &Context, report: &Report) -> AreaNames {
    let codes = report.area.iter().chain(&report.suggested_area).map(String::as_str);
    app.areas.names(&app.api, codes, context.now).await
}

/// What is known of a report beside its words.
pub(crate) fn facts(
    context: &Context,
    report: &Report,
    city: &City,
    areas: &AreaNames,
    zone: &TimeZone,
) -> Vec<Fact> {
    let t = context.t;
    let place = report.place.as_ref();
    let mut facts = Vec::new();
    let mut add = |name, value: Option<String>| facts.extend(value.map(|value| Fact { name, value }));
    add(t.fact_address(), place.and_then(|place| place.address.clone()));
    add(t.fact_position(), place.and_then(|place| Some(format!("{}, {}", place.lat?, place.lon?))));
    add(t.fact_accuracy(), place.and_then(|place| place.accuracy_m).map(|metres| format!("{metres} m")));
    add(t.fact_area(), report.area.as_deref().map(|area| areas.name(area).to_owned()));
    add(t.fact_plan(), report.plan.as_deref().map(history::day));
    add(t.fact_deadline(), report.deadline.as_deref().map(|at| history::moment(at, zone)));
    add(t.fact_submitted(), report.submitted_at.as_deref().map(|at| history::moment(at, zone)));
    add(t.fact_channel(), report.channel.clone());
    add(t.fact_suggested_unit(), report.suggested_unit.as_deref().map(|unit| city.unit(unit).to_owned()));
    add(t.fact_suggested_area(), report.suggested_area.as_deref().map(|area| areas.name(area).to_owned()));
    add(t.fact_merged_into(), report.merged_into.clone());
    let rating = report.rating.as_ref().map(|rating| {
        format!("{} / 5 {}", rating.stars, rating.comment.as_deref().unwrap_or_default())
            .trim_end()
            .to_owned()
    });
    add(t.fact_rating(), rating);
    facts
}

/// Looks a report up by its ticket, however it was typed.
pub(crate) fn look_up(context: &Context, who: &SignedIn<'_>, form: &Form) -> Response<Body> {
    match Ticket::parse(form.text("ticket")) {
        Some(ticket) => page::redirect(&format!("/petugas/laporan/{ticket}")),
        None => page::no_ticket(context, who),
    }
}

#[derive(Template)]
#[template(path = "sheet.html")]
struct Sheet {
    f: Frame,
    ticket: String,
    status_text: String,
    urgency: Option<&'static str>,
    label: String,
    category: String,
    words: Option<(&'static str, String)>,
    summary: Option<String>,
    facts: Vec<Fact>,
    history: Vec<Item>,
    printed_by: String,
    printed_at: String,
}

/// A sheet to take along: it counts as a look, and says who printed it.
pub(crate) async fn sheet(app: &App, who: &SignedIn<'_>, context: &Context, ticket: &str) -> Response<Body> {
    let Some(ticket) = Ticket::parse(ticket).map(|ticket| ticket.to_string()) else {
        return page::not_found(context, Some(who));
    };
    let (city, report) = tokio::join!(app.city.get(&app.api, context.now), fetch(app, who, context, &ticket));
    let (city, report) = match (city, report) {
        (Ok(city), Ok(report)) => (city, report),
        (Err(problem), _) | (_, Err(problem)) => return page::refused(context, who, &problem),
    };
    let areas = area_names(app, context, &report).await;
    let heading = &report.heading;
    let page = Sheet {
        f: Frame::of(context, Some(who), heading.ticket.clone()),
        ticket: heading.ticket.clone(),
        status_text: heading.status_text.clone(),
        urgency: report.urgency.as_deref().map(|urgency| context.t.urgency(urgency)),
        label: heading.label.clone(),
        category: city.category(&heading.category, context.language).to_owned(),
        words: words(context, &report),
        summary: summary(&report),
        facts: facts(context, &report, &city, &areas, &app.zone),
        history: history::items(context, &report, &city, &app.zone),
        printed_by: who.session.claims.name.clone().unwrap_or_default(),
        printed_at: history::now(context, &app.zone),
    };
    page::html(StatusCode::OK, &page)
}
