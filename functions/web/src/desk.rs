//! A desk: one page of its list, with filters that the address holds, so that a list can be kept as a bookmark.

use crate::{
    App,
    api::{
        FieldError, Problem,
        areas::{Area, AreaNames},
        city::City,
        desk::{DeskPage, Line},
    },
    context::{Context, SignedIn},
    counter,
    map::{MapOfLines, Tiles},
    page::{self, Frame},
};
use askama::Template;
use domain::{act::Act, officer::Tag, status::Status, ticket::Ticket, urgency::Urgency};
use http::{Response, StatusCode};
use lambda_http::{Body, Request, RequestExt, aws_lambda_events::query_map::QueryMap};

/// How many lines a page has.
const LINES: &str = "50";
/// The parameters of a list, in the order in which its address has them. All but the last are the API's own filters.
const PARAMETERS: &[&str] =
    &["desk", "below", "kind", "category", "urgency", "area", "status", "mine", "cursor"];

/// What an officer can choose on the page.
const FILTERS: &[&str] = &["category", "urgency", "area", "status", "mine"];

/// A link to a desk.
pub(crate) struct DeskLink {
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) is_here: bool,
}

/// The lists that this officer works on, by their tags.
fn lists_of(who: &SignedIn<'_>) -> Vec<(&'static str, String)> {
    let claims = &who.session.claims;
    let mut lists = Vec::new();
    if claims.has(Tag::PetugasOpd)
        && let Some(unit) = &claims.unit
    {
        lists.push(("unit", format!("desk=unit%3A{unit}")));
        lists.push(("mine", format!("desk=unit%3A{unit}&mine=true")));
        lists.push(("refused", format!("desk=unit%3A{unit}&status=tl_ditolak")));
        lists.push(("below", format!("desk=unit%3A{unit}&below=true")));
    }
    if claims.has(Tag::AdminTiket) || claims.has(Tag::Administrator) {
        lists.push(("tiket", "desk=tiket".to_owned()));
        lists.push(("questions", "desk=tiket&kind=questions".to_owned()));
    }
    if claims.has(Tag::PetugasValidasi) || claims.has(Tag::Administrator) {
        lists.push(("validasi", "desk=validasi".to_owned()));
    }
    if claims.has(Tag::PetugasVerifikasi) || claims.has(Tag::Administrator) {
        lists.push(("verifikasi", "desk=verifikasi".to_owned()));
    }
    lists
}

/// The links to those lists.
pub(crate) fn links(context: &Context, who: &SignedIn<'_>) -> Vec<DeskLink> {
    let t = context.t;
    let counter = counter::is_clerk(who).then(|| DeskLink {
        href: counter::PATH.to_owned(),
        text: t.counter_title().to_owned(),
        is_here: context.here == counter::PATH,
    });
    let name = |list: &str| match list {
        "unit" => t.desk_unit(),
        "mine" => t.desk_mine(),
        "refused" => t.desk_refused(),
        "below" => t.desk_below(),
        "tiket" => t.desk_tiket(),
        "questions" => t.desk_questions(),
        "validasi" => t.desk_validasi(),
        _ => t.desk_verifikasi(),
    };
    lists_of(who)
        .into_iter()
        .map(|(list, query)| {
            let href = format!("/petugas/meja?{query}");
            DeskLink { is_here: context.here == href, text: name(list).to_owned(), href }
        })
        .chain(counter)
        .collect()
}

/// Where an officer begins.
pub(crate) fn first_of(who: &SignedIn<'_>) -> String {
    if counter::is_clerk(who) {
        return counter::PATH.to_owned();
    }
    lists_of(who).first().map_or("/petugas/akun".to_owned(), |(_, query)| format!("/petugas/meja?{query}"))
}

/// Which list it is, as its address says.
pub(crate) struct List(Vec<(&'static str, String)>);

impl List {
    /// Of the parameters of an address.
    pub(crate) fn of<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Self {
        let given = |name: &&'static str| {
            let value = value(name).filter(|value| !value.is_empty() && value.len() <= 400)?;
            Some((*name, value.to_owned()))
        };
        Self(PARAMETERS.iter().filter_map(given).collect())
    }

    /// Of the query in which a report's page keeps the list that it was opened from.
    pub(crate) fn of_query(query: &str) -> Self {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self::of(|name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// As the query of an address.
    pub(crate) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            query.append_pair(name, value);
        }
        query.finish()
    }

    /// Whether it is a list at all.
    pub(crate) fn is_known(&self) -> bool {
        self.get("desk").is_some()
    }

    async fn fetch(&self, app: &App, who: &SignedIn<'_>, context: &Context) -> Result<DeskPage, Problem> {
        let path = format!("/v1/desk?limit={LINES}&{}", self.query());
        app.api.get("api.desk", &path, Some(who.caller(context))).await
    }
}

/// One choice of a filter.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) is_chosen: bool,
    /// What it leads to, in sentences.
    pub(crate) leads_to: Vec<String>,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, text: impl Into<String>, is_chosen: bool) -> Self {
        Self { value: value.into(), text: text.into(), is_chosen, leads_to: Vec::new() }
    }
}

struct Row {
    /// On this page, from 1: by it a point of the map leads to its line.
    number: usize,
    position: Option<(f64, f64)>,
    ticket: String,
    href: String,
    category: String,
    status: Status,
    status_text: String,
    urgency: String,
    urgency_text: &'static str,
    is_private: bool,
    area: String,
    officer: Option<String>,
    claimed: Option<String>,
    is_left: bool,
    is_next: bool,
}

#[derive(Template)]
#[template(path = "desk.html")]
struct Page {
    f: Frame,
    hidden: Vec<(&'static str, String)>,
    categories: Vec<Choice>,
    urgencies: Vec<Choice>,
    statuses: Vec<Choice>,
    areas: Vec<Choice>,
    is_mine: Option<bool>,
    is_filtered: bool,
    plain: String,
    /// What is wrong with filters, each with the label of the field that it can be changed in, if there is one.
    errors: Vec<(Option<&'static str>, FieldError)>,
    rows: Vec<Row>,
    map: Option<MapOfLines>,
    has_line_without_place: bool,
    /// Whether it is worked on outside, so that one wants to know what is near.
    is_of_the_field: bool,
    next: Option<String>,
    is_first: bool,
    first: String,
    left: Option<Left>,
}

/// The report that was just worked on.
struct Left {
    ticket: String,
    href: String,
    text: &'static str,
    is_replay: bool,
    draft: String,
}

/// One page of a list.
pub(crate) async fn page(
    app: &App,
    who: &SignedIn<'_>,
    request: &Request,
    context: &Context,
) -> Response<Body> {
    let query = request.query_string_parameters();
    let list = List::of(|name| query.first(name));
    let above = list.get("area").unwrap_or_default();
    let (city, found, below) = tokio::join!(
        app.city.get(&app.api, context.now),
        list.fetch(app, who, context),
        app.areas.below(&app.api, above, context.now)
    );
    let city = match city {
        Ok(city) => city,
        Err(problem) => return page::refused(context, who, &problem),
    };
    // What a filter asks too much of is said beside the filters, and they stay.
    let (found, errors) = match found {
        Ok(found) => (found, Vec::new()),
        Err(problem) if is_of_filters(&problem) => {
            (DeskPage { items: Vec::new(), next: None }, problem.errors)
        }
        Err(problem) => return page::refused(context, who, &problem),
    };
    let named = found.items.iter().filter_map(|line| line.area.as_deref()).chain([above]);
    let names = app.areas.names(&app.api, named, context.now).await;
    // A list without this filter is better than none.
    let below = below.unwrap_or_default();
    let tiles = app.tiles.as_ref();
    show(who, context, &query, Answered { city: &city, found, errors, below, names: &names, tiles })
}

/// What the API answered.
pub(crate) struct Answered<'a> {
    pub(crate) city: &'a City,
    pub(crate) found: DeskPage,
    /// What it refuses of the filters.
    pub(crate) errors: Vec<FieldError>,
    /// The areas below the one that is looked at.
    pub(crate) below: Vec<Area>,
    pub(crate) names: &'a AreaNames,
    /// What maps show beside outlines.
    pub(crate) tiles: Option<&'a Tiles>,
}

/// The page of what the API answered.
pub(crate) fn show(
    who: &SignedIn<'_>,
    context: &Context,
    query: &QueryMap,
    answered: Answered<'_>,
) -> Response<Body> {
    let Answered { city, found, errors, below, names, tiles } = answered;
    let list = List::of(|name| query.first(name));
    let above = list.get("area").unwrap_or_default();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let left_ticket = query.first("done").and_then(Ticket::parse).map(|ticket| ticket.to_string());
    let next_ticket = query.first("next").and_then(Ticket::parse).map(|ticket| ticket.to_string());
    let named = Named { city, areas: names };
    let rows = rows(context, &list, &found, &named, left_ticket.as_deref(), next_ticket.as_deref());
    let act = query.first("act").and_then(Act::parse);
    let left = left_ticket.zip(act).map(|(ticket, act)| Left {
        href: report_href(&ticket, &list, None),
        text: context.t.act_done(act),
        is_replay: query.first("replay") == Some("1"),
        draft: who.draft(&ticket, act.as_str()),
        ticket,
    });
    let plain =
        List(list.0.iter().filter(|(name, _)| matches!(*name, "desk" | "below" | "kind")).cloned().collect());
    let with_cursor = |cursor: &str| {
        let mut other = List(list.0.iter().filter(|(name, _)| *name != "cursor").cloned().collect());
        other.0.push(("cursor", cursor.to_owned()));
        format!("/petugas/meja?{}", other.query())
    };
    let without_cursor = List(list.0.iter().filter(|(name, _)| *name != "cursor").cloned().collect());
    let is_unit = list.get("desk").is_some_and(|desk| desk.starts_with("unit:"));
    let positions: Vec<(f64, f64)> = rows.iter().filter_map(|row| row.position).collect();
    let map = MapOfLines::of(&positions, tiles);
    let is_of_the_field = is_unit || list.get("desk") == Some("verifikasi");
    let may_locate = is_of_the_field && map.is_some();
    let page = Page {
        f: Frame::of(context, Some(who), title(context, &list, city)),
        hidden: plain.0.clone(),
        categories: category_choices(context, &list, city),
        urgencies: Urgency::ALL
            .iter()
            .map(|urgency| {
                Choice::new(
                    urgency.as_str(),
                    context.t.urgency(urgency.as_str()),
                    list.get("urgency") == Some(urgency.as_str()),
                )
            })
            .collect(),
        statuses: Status::ALL
            .iter()
            .filter(|status| status.is_open())
            .map(|status| {
                Choice::new(
                    status.as_str(),
                    status.text(context.language),
                    list.get("status") == Some(status.as_str()),
                )
            })
            .collect(),
        areas: area_choices(above, below, names),
        is_mine: is_unit.then(|| list.get("mine") == Some("true")),
        is_filtered: FILTERS.iter().any(|name| list.get(name).is_some()),
        plain: format!("/petugas/meja?{}", plain.query()),
        next: found.next.as_deref().map(with_cursor),
        is_first: list.get("cursor").is_none(),
        first: format!("/petugas/meja?{}", without_cursor.query()),
        errors: errors.into_iter().map(|error| (label(context, &error.field), error)).collect(),
        has_line_without_place: positions.len() < rows.len(),
        rows,
        map,
        is_of_the_field,
        left,
    };
    let mut response = page::html(status, &page);
    if may_locate {
        response.extensions_mut().insert(page::Needs { location: true, ..page::Needs::default() });
    }
    response
}

/// Whether all that the API refuses are values of filters.
fn is_of_filters(problem: &Problem) -> bool {
    let is_of_filter = |error: &FieldError| FILTERS.contains(&error.field.as_str()) || error.field == "below";
    problem.status == StatusCode::UNPROCESSABLE_ENTITY
        && !problem.errors.is_empty()
        && problem.errors.iter().all(is_of_filter)
}

/// The label of a filter that the page has a field for.
fn label(context: &Context, filter: &str) -> Option<&'static str> {
    let t = context.t;
    match filter {
        "category" => Some(t.field_category()),
        "urgency" => Some(t.filter_urgency()),
        "area" => Some(t.fact_area()),
        "status" => Some(t.filter_status()),
        "mine" => Some(t.filter_mine()),
        _ => None,
    }
}

fn title(context: &Context, list: &List, city: &City) -> String {
    let t = context.t;
    match list.get("desk") {
        Some("tiket") if list.get("kind").is_some() => t.desk_questions().to_owned(),
        Some("tiket") => t.desk_tiket().to_owned(),
        Some("validasi") => t.desk_validasi().to_owned(),
        Some("verifikasi") => t.desk_verifikasi().to_owned(),
        Some(desk) => city.unit(desk.strip_prefix("unit:").unwrap_or(desk)).to_owned(),
        None => t.desk_unit().to_owned(),
    }
}

/// The address of a report's page, which knows from which list it was opened, and which line comes next there.
fn report_href(ticket: &str, list: &List, next: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("dari", &list.query());
    if let Some(next) = next {
        query.append_pair("next", next);
    }
    format!("/petugas/laporan/{ticket}?{}", query.finish())
}

/// What codes are called.
struct Named<'a> {
    city: &'a City,
    areas: &'a AreaNames,
}

fn rows(
    context: &Context,
    list: &List,
    found: &DeskPage,
    named: &Named<'_>,
    left: Option<&str>,
    next: Option<&str>,
) -> Vec<Row> {
    let tickets: Vec<&str> = found.items.iter().map(|line| line.heading.ticket.as_str()).collect();
    // The line after the one that was left; the first, where that one is not on the page any more, or none was left: a desk is there to
    // be worked on from the top, and the filters stand before it.
    let next = next.filter(|next| tickets.contains(next)).or(tickets.first().copied());
    let row = |(n, line): (usize, &Line)| {
        let heading = &line.heading;
        let urgency = line.urgency.clone().unwrap_or_default();
        Row {
            number: n + 1,
            position: line.place.as_ref().and_then(|place| place.lat.zip(place.lon)),
            href: report_href(&heading.ticket, list, tickets.get(n + 1).copied()),
            category: named.city.category(&heading.category, context.language).to_owned(),
            status: heading.status,
            status_text: heading.status_text.clone(),
            urgency_text: context.t.urgency(&urgency),
            urgency,
            is_private: heading.is_private(),
            area: line.area.as_deref().map(|area| named.areas.name(area).to_owned()).unwrap_or_default(),
            officer: line.officer.as_ref().map(|officer| officer.name.clone()),
            claimed: line.claimed.as_ref().map(|claimed| claimed.name.clone()),
            is_left: left == Some(heading.ticket.as_str()),
            is_next: next == Some(heading.ticket.as_str()),
            ticket: heading.ticket.clone(),
        }
    };
    found.items.iter().enumerate().map(row).collect()
}

fn category_choices(context: &Context, list: &List, city: &City) -> Vec<Choice> {
    let mut choices: Vec<Choice> = city
        .categories
        .iter()
        .map(|category| {
            Choice::new(
                category.code.as_str(),
                category.name(context.language),
                list.get("category") == Some(category.code.as_str()),
            )
        })
        .collect();
    choices.sort_by(|one, other| one.text.cmp(&other.text));
    choices
}

/// The areas at the top, or those below the one that is chosen, so that one walks down to the lowest.
fn area_choices(chosen: &str, below: Vec<Area>, names: &AreaNames) -> Vec<Choice> {
    let here = (!chosen.is_empty()).then(|| Choice::new(chosen, names.name(chosen), true));
    here.into_iter().chain(below.into_iter().map(|area| Choice::new(area.code, area.name, false))).collect()
}

/// Where one goes from a report once an act is done: to the list that it was opened from, at the line after it.
pub(crate) fn after(list: &List, ticket: &str, act: Act, next: &str, is_replay: bool) -> String {
    if !list.is_known() {
        let address = format!("/petugas/laporan/{ticket}?");
        let start = address.len();
        let mut query = form_urlencoded::Serializer::for_suffix(address, start);
        query.append_pair("act", act.as_str());
        if is_replay {
            query.append_pair("replay", "1");
        }
        return query.finish();
    }
    let address = format!("/petugas/meja?{}", list.query());
    let start = "/petugas/meja?".len();
    let mut query = form_urlencoded::Serializer::for_suffix(address, start);
    query.append_pair("done", ticket).append_pair("act", act.as_str());
    if !next.is_empty() {
        query.append_pair("next", next);
    }
    if is_replay {
        query.append_pair("replay", "1");
    }
    query.finish()
}
