//! The counter: a clerk enters a report for somebody who stands there or calls, and hands over its receipt (docs/adr/0024).
//!
//! Sending takes two requests, of which the browser makes the second by itself: the first writes into the form's cookie that the form may
//! have been sent, the second sends it. So where an answer is lost, and the form comes again however late, it is known whether its key
//! may have been used.

mod entry;
mod live_form;
mod receipt;

use crate::{
    App,
    acts::SelectChoice,
    api::{Conditions, Problem, city::City},
    context::{self, Context, SignedIn},
    form::{self, Form},
    map::{Ground, Tiles},
    page::{self, Frame},
};
use askama::Template;
use domain::{language::Language, location::Point, officer::Tag};
use entry::{Entry, PersonalDataIn, Wrong};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use lambda_http::{Body, Request};
use live_form::LiveForm;
use receipt::Received;

/// Where the form is, and where it is sent to.
pub(crate) const PATH: &str = "/petugas/loket";
/// Where it is sent on to once that is written.
const SENDING: &str = "/petugas/loket/kirim";
/// How far a map shows that knows no place yet: some kilometres.
const ZOOM: u8 = 13;

/// Which of the two requests it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Begin,
    Send,
}

/// Why a form came back.
enum Why {
    /// It carried no token of this session.
    Forged,
    /// It was open for too long, and cannot have been sent.
    NotSent,
    /// Another text was received under its key.
    KeyReused,
    Wrong(Vec<Wrong>),
    PersonalData(Vec<PersonalDataIn>),
    /// The API says what is wrong.
    Refused(Problem),
}

/// What a form is drawn of.
pub(crate) struct Around<'a> {
    pub(crate) city: &'a City,
    pub(crate) middle: Point,
    pub(crate) tiles: Option<&'a Tiles>,
}

#[derive(Template)]
#[template(path = "counter.html")]
struct Page<'a> {
    f: Frame,
    token: String,
    id: &'a str,
    form: &'a Form,
    categories: Vec<SelectChoice>,
    is_public: bool,
    is_english: bool,
    /// Why it came back, where that is no matter of a field.
    why: Option<String>,
    wrong: Vec<Wrong>,
    found: Vec<PersonalDataIn>,
    middle: Point,
    zoom: u8,
    ground: Ground,
}

impl Page<'_> {
    fn error(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, text)| text.as_str())
    }

    fn label(&self, field: &str) -> &'static str {
        let t = self.f.t;
        match field {
            "category" => t.field_category(),
            "description" => t.counter_description(),
            "address" => t.field_address(),
            "lat" => t.field_position(),
            "reporter-name" => t.counter_name(),
            "reporter-phone" => t.counter_phone(),
            "reporter-email" => t.counter_email(),
            "photos" => t.photos_title(),
            "privacy" => t.counter_privacy(),
            _ => t.counter_language(),
        }
    }
}

#[derive(Template)]
#[template(path = "counter_kept.html")]
struct Kept {
    f: Frame,
    why: &'static str,
    sign_in: Option<String>,
    typed: Vec<(&'static str, String)>,
    fields: form::Fields,
}

#[derive(Template)]
#[template(path = "counter_end.html")]
struct End {
    f: Frame,
    kind: &'static str,
    text: &'static str,
    ticket: Option<String>,
}

/// Whether this officer is a clerk. The API alone decides what they may do.
pub(crate) fn is_clerk(who: &SignedIn<'_>) -> bool {
    who.session.claims.tags == [Tag::PetugasKanal.as_str()]
}

/// An empty form.
pub(crate) async fn page(
    app: &App,
    who: &SignedIn<'_>,
    request: &Request,
    context: &Context,
) -> Response<Body> {
    if !is_clerk(who) {
        return page::no_right(context, who);
    }
    let city = match app.city.get(&app.api, context.now).await {
        Ok(city) => city,
        Err(problem) => return page::refused(context, who, &problem),
    };
    let live = LiveForm::open(context.now);
    let mut response = show(who, context, &app.around(&city), &live, &Form::default(), None, StatusCode::OK);
    for removed in live_form::removed_for_another(request.headers(), who.keys, officer(who)) {
        response.headers_mut().append(header::SET_COOKIE, removed);
    }
    with_cookie(response, live.cookie(who.keys, officer(who)))
}

/// What becomes of a form that is sent.
pub(crate) async fn post(
    app: &App,
    who: &SignedIn<'_>,
    request: &Request,
    context: &Context,
    (form, is_ours): (&Form, bool),
    step: Step,
) -> Response<Body> {
    if !is_clerk(who) {
        return page::no_right(context, who);
    }
    // Its receipt was given. What was typed is not shown: it may be of a person served before.
    let Some(live) = LiveForm::find(request.headers(), who.keys, officer(who), form.text("form")) else {
        let t = context.t;
        let words = ("notice notice--warning", t.counter_over_title(), t.counter_over());
        return end(context, who, words, None, StatusCode::CONFLICT);
    };
    let counter = Counter { app, who, context, form };
    if !is_ours {
        return counter.back(&live, Why::Forged, StatusCode::FORBIDDEN).await;
    }
    if live.is_too_old(context.now) || (step == Step::Send && !live.is_sent()) {
        return counter.back_with_another(&live, Why::NotSent, StatusCode::CONFLICT).await;
    }
    let entry = match Entry::of(form, context.t) {
        Ok(entry) => entry,
        Err(wrong) => return counter.back(&live, Why::Wrong(wrong), StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let found = entry::personal_data_in(form);
    if !found.is_empty() && form.text("send-anyway") != "1" {
        return counter.back(&live, Why::PersonalData(found), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    match step {
        Step::Begin => {
            let response = page::repeat(SENDING);
            with_cookie(response, live.sent().cookie(who.keys, officer(who)))
        }
        Step::Send => counter.send(&live, &entry).await,
    }
}

/// The script has the whole receipt: the form is dead.
pub(crate) fn given(who: &SignedIn<'_>, request: &Request, form: &Form) -> Response<Body> {
    let live = LiveForm::find(request.headers(), who.keys, officer(who), form.text("form"));
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    with_cookie(response, live.and_then(|live| live.removed()))
}

/// A form, and all that is needed to answer it.
struct Counter<'a> {
    app: &'a App,
    who: &'a SignedIn<'a>,
    context: &'a Context,
    form: &'a Form,
}

impl Counter<'_> {
    async fn send(&self, live: &LiveForm, entry: &Entry) -> Response<Body> {
        let Self { app, who, context, form } = self;
        let t = context.t;
        let key = live.key();
        let conditions = Conditions { key: Some(&key), version: None };
        let answered = app.api.post::<Received>(
            "api.counter",
            "/v1/counter/reports",
            who.caller(context),
            &entry.body,
            conditions,
        );
        let problem = match answered.await {
            Ok(done) => {
                let mut received = done.answer;
                let response = match received.take_secret() {
                    // A script says when the whole receipt has come: half of one, on a line that was cut, is none. Its requests are in no
                    // history, so that nobody can send them again meanwhile.
                    Some(secret) if form.text("script") == "1" => {
                        return receipt::page(
                            context,
                            who,
                            received,
                            &secret,
                            language(form),
                            Some(live.id()),
                        );
                    }
                    Some(secret) => receipt::page(context, who, received, &secret, language(form), None),
                    // Received long ago, and the answer got lost then.
                    None => {
                        let words = ("notice", t.counter_received_title(), t.counter_received());
                        end(context, who, words, Some(received.ticket), StatusCode::OK)
                    }
                };
                return with_cookie(response, live.removed());
            }
            Err(problem) => problem,
        };
        if problem.errors.iter().any(|error| error.code == "key_reused") {
            return self.back_with_another(live, Why::KeyReused, StatusCode::CONFLICT).await;
        }
        if !problem.status.is_client_error() {
            return self.no_answer();
        }
        let status = problem.status;
        self.back(live, Why::Refused(problem), status).await
    }

    /// The form again, as it was sent, and why.
    async fn back(&self, live: &LiveForm, why: Why, status: StatusCode) -> Response<Body> {
        let Self { app, who, context, form } = self;
        match app.city.get(&app.api, context.now).await {
            Ok(city) => show(who, context, &app.around(&city), live, form, Some(why), status),
            Err(_) => self.no_answer(),
        }
    }

    /// The same, as another form with another key.
    async fn back_with_another(&self, old: &LiveForm, why: Why, status: StatusCode) -> Response<Body> {
        let live = LiveForm::open(self.context.now);
        let response = self.back(&live, why, status).await;
        if response.status() != status {
            // It was not shown: the old one stays as it is.
            return response;
        }
        let response = with_cookie(response, live.cookie(self.who.keys, officer(self.who)));
        with_cookie(response, old.removed())
    }

    fn no_answer(&self) -> Response<Body> {
        no_answer(self.context, Some(self.who), self.form)
    }
}

/// Perhaps it was received, perhaps not. What was typed cannot be changed before the same form, sent again, tells which.
fn no_answer(context: &Context, who: Option<&SignedIn<'_>>, form: &Form) -> Response<Body> {
    let t = context.t;
    let words = (t.message_unavailable_title(), t.counter_no_answer());
    kept(context, who, form, words, None, StatusCode::SERVICE_UNAVAILABLE)
}

/// What a form of the counter sent; `None` where it was none, or its receipt was given.
fn sent_here(request: &Request) -> Option<Form> {
    let is_ours = request.method() == Method::POST
        && [PATH, SENDING].contains(&context::action(request).as_str())
        && form::is_same_origin(request);
    let form = is_ours.then(|| form::read(request).ok()).flatten()?;
    live_form::is_kept(request.headers(), form.text("form")).then_some(form)
}

/// Nobody is signed in any more: what a form of the counter sent is shown, to be sent after signing in.
pub(crate) fn session_ended(request: &Request, context: &Context, sign_in: &str) -> Option<Response<Body>> {
    let form = sent_here(request)?;
    let t = context.t;
    let words = (t.ended_title(), t.ended_text());
    Some(kept(context, None, &form, words, Some(sign_in.to_owned()), StatusCode::UNAUTHORIZED))
}

/// Takes back the forms that are open in a browser: whoever signs in next has no use of them.
pub(crate) fn removed_forms(headers: &HeaderMap) -> Vec<HeaderValue> {
    live_form::all_removed(headers)
}

/// Somebody that is needed does not answer.
pub(crate) fn unavailable(request: &Request, context: &Context) -> Option<Response<Body>> {
    Some(no_answer(context, None, &sent_here(request)?))
}

fn kept(
    context: &Context,
    who: Option<&SignedIn<'_>>,
    form: &Form,
    (title, why): (&'static str, &'static str),
    sign_in: Option<String>,
    status: StatusCode,
) -> Response<Body> {
    let t = context.t;
    let typed = [
        (t.counter_description(), "description"),
        (t.field_address(), "address"),
        (t.counter_name(), "reporter-name"),
        (t.counter_phone(), "reporter-phone"),
        (t.counter_email(), "reporter-email"),
    ];
    let page = Kept {
        f: Frame::of(context, who, title),
        why,
        sign_in,
        typed: typed
            .into_iter()
            .filter_map(|(label, name)| Some((label, form.filled(name)?.to_owned())))
            .collect(),
        fields: form.all_but_the_token(),
    };
    page::html(status, &page)
}

fn end(
    context: &Context,
    who: &SignedIn<'_>,
    (kind, title, text): (&'static str, &'static str, &'static str),
    ticket: Option<String>,
    status: StatusCode,
) -> Response<Body> {
    page::html(status, &End { f: Frame::of(context, Some(who), title), kind, text, ticket })
}

/// The page of a form.
fn show(
    who: &SignedIn<'_>,
    context: &Context,
    around: &Around<'_>,
    live: &LiveForm,
    form: &Form,
    why: Option<Why>,
    status: StatusCode,
) -> Response<Body> {
    let t = context.t;
    let mut wrong = Vec::new();
    let mut found = Vec::new();
    let why = match why {
        None => None,
        Some(Why::Forged) => Some(t.act_forged().to_owned()),
        Some(Why::NotSent) => Some(t.counter_not_sent().to_owned()),
        Some(Why::KeyReused) => Some(t.counter_key_reused().to_owned()),
        Some(Why::Wrong(fields)) => {
            wrong = fields;
            None
        }
        Some(Why::PersonalData(texts)) => {
            found = texts;
            None
        }
        Some(Why::Refused(problem)) => refused(context, problem, &mut wrong),
    };
    let mut f = Frame::of(context, Some(who), t.counter_title());
    f.has_map = true;
    let page = Page {
        f,
        token: who.form_token(),
        id: live.id(),
        form,
        categories: categories(context, around.city, form.text("category")),
        is_public: form.text("privacy") == "public",
        is_english: language(form) == Language::En,
        why,
        wrong,
        found,
        middle: around.middle,
        zoom: ZOOM,
        ground: Ground::around(around.middle.lat, around.middle.lon, around.tiles),
    };
    page::html(status, &page)
}

/// Puts what the API refuses beside its fields; what belongs to none comes back as a sentence.
fn refused(context: &Context, problem: Problem, wrong: &mut Vec<Wrong>) -> Option<String> {
    let mut unplaced = Vec::new();
    for error in problem.errors {
        match entry::field_of(&error.field) {
            Some(field) => wrong.push((field, error.detail)),
            None => unplaced.push(error.detail),
        }
    }
    if !unplaced.is_empty() {
        return Some(unplaced.join(" "));
    }
    let detail =
        if problem.detail.is_empty() { context.t.message_refused().to_owned() } else { problem.detail };
    wrong.is_empty().then_some(detail)
}

fn categories(context: &Context, city: &City, chosen: &str) -> Vec<SelectChoice> {
    let mut choices: Vec<SelectChoice> = city
        .categories
        .iter()
        .map(|category| SelectChoice {
            value: category.code.clone(),
            text: category.name(context.language).to_owned(),
            words: category.code.replace('-', " "),
            is_chosen: category.code == chosen,
        })
        .collect();
    choices.sort_by(|one, other| one.text.cmp(&other.text));
    choices
}

/// The language of the reporter's messages.
fn language(form: &Form) -> Language {
    if form.text("language") == Language::En.as_str() { Language::En } else { Language::Id }
}

fn officer<'a>(who: &'a SignedIn<'_>) -> &'a str {
    &who.session.claims.sub
}

fn with_cookie(mut response: Response<Body>, cookie: Option<HeaderValue>) -> Response<Body> {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// An empty form, as it is sent.
#[cfg(test)]
pub(crate) fn empty(who: &SignedIn<'_>, context: &Context, around: &Around<'_>) -> Response<Body> {
    show(who, context, around, &LiveForm::open(context.now), &Form::default(), None, StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "0011223344556677";

    /// A form that is sent to a path below `/petugas/`, from a browser with this cookie.
    fn sent(path: &str, cookie: &str, site: &str) -> Request {
        let event = json!({
            "rawQueryString": "", "isBase64Encoded": false,
            "body": format!("token=t&form={ID}&description=Jalan+berlubang&reporter-name=Ibu+Sari&size=7"),
            "headers": {
                "content-type": "application/x-www-form-urlencoded", "cookie": cookie, "sec-fetch-site": site,
            },
            "pathParameters": { "halaman": path },
            "requestContext": {
                "routeKey": "POST /petugas/{halaman+}", "stage": "$default", "http": { "method": "POST" },
            },
        });
        runtime::gateway::request(event).unwrap()
    }

    fn context(request: &Request) -> Context {
        Context::of(request, "2026-01-12T02:00:00Z".parse().unwrap())
    }

    fn text(response: Option<Response<Body>>) -> String {
        response.map_or_else(String::new, |page| String::from_utf8_lossy(page.body()).into_owned())
    }

    #[test]
    fn what_was_typed_is_given_back_where_nobody_answers_as_long_as_no_receipt_was_given() {
        let live = format!("__Host-loket-{ID}=x");
        for path in ["loket", "loket/kirim"] {
            let request = sent(path, &live, "same-origin");
            let context = context(&request);
            for page in [
                text(unavailable(&request, &context)),
                text(session_ended(&request, &context, "/masuk?tujuan=%2Fpetugas")),
            ] {
                for part in [
                    "<dd class=\"words\" dir=\"auto\">Jalan berlubang</dd>",
                    "name=\"form\" value=\"0011223344556677\"",
                    "name=\"size\" value=\"7\"",
                    "Ibu Sari",
                ] {
                    assert!(page.contains(part), "{part}: {page}");
                }
                assert!(!page.contains("name=\"token\"") && !page.contains("<textarea"), "{page}");
            }
        }
        for (path, cookie, site) in [
            // Its receipt was given: what it holds may be of a person served before.
            ("loket/kirim", "", "same-origin"),
            ("loket/kirim", "__Host-loket-7766554433221100=x", "same-origin"),
            ("loket", live.as_str(), "cross-site"),
            ("meja", live.as_str(), "same-origin"),
        ] {
            let request = sent(path, cookie, site);
            let context = context(&request);
            assert!(unavailable(&request, &context).is_none(), "{path} {cookie} {site}");
            assert!(session_ended(&request, &context, "").is_none(), "{path} {cookie} {site}");
        }
    }

    #[test]
    fn what_the_api_refuses_stands_beside_its_field_or_above_the_form() {
        let request = sent("loket", "", "same-origin");
        let context = context(&request);
        let error = |field: &str| {
            serde_json::from_value(json!({"field": field, "code": "c", "detail": format!("d {field}")}))
                .unwrap()
        };
        let problem = |errors, detail: &str| Problem {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail: detail.to_owned(),
            errors,
        };
        let mut wrong = Vec::new();
        let errors = vec![error("photos[1].size"), error("reporter.phone"), error("location")];
        assert_eq!(refused(&context, problem(errors, "all"), &mut wrong), None);
        let fields: Vec<&str> = wrong.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["photos", "reporter-phone", "address"]);
        let above = refused(&context, problem(vec![error("Idempotency-Key")], "all"), &mut Vec::new());
        assert_eq!(above.as_deref(), Some("d Idempotency-Key"));
        let above = refused(&context, problem(Vec::new(), "Kuota habis"), &mut Vec::new());
        assert_eq!(above.as_deref(), Some("Kuota habis"));
        assert!(refused(&context, problem(Vec::new(), ""), &mut Vec::new()).is_some());
    }
}
