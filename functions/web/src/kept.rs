//! What a form sent, shown again to be sent again, where the page that it came from cannot be made: nothing typed is lost.

use crate::{
    api::Problem,
    context::{self, Context, SignedIn},
    counter,
    form::{self, Form},
    page::{self, Frame},
};
use askama::Template;
use http::{Method, Response, StatusCode};
use lambda_http::{Body, Request};

#[derive(Template)]
#[template(path = "kept.html")]
struct Page {
    f: Frame,
    why: &'static str,
    sign_in: Option<String>,
    action: String,
    typed: form::Fields,
    other: form::Fields,
}

/// Nobody is signed in any more. A page sends to the sign-in, which comes back to it; what a form about a report sent is shown.
pub(crate) fn session_ended(request: &Request, context: &Context) -> Response<Body> {
    let mut to = form_urlencoded::Serializer::for_suffix("/masuk?".to_owned(), "/masuk?".len());
    to.append_pair("tujuan", &context.here);
    let sign_in = to.finish();
    if let Some(page) = counter::session_ended(request, context, &sign_in) {
        return page;
    }
    let Some(form) = of_report(request) else { return page::redirect(&sign_in) };
    let t = context.t;
    let title = t.ended_title();
    show(
        context,
        None,
        (title, t.ended_text()),
        Some(sign_in),
        &context::action(request),
        &form,
        StatusCode::UNAUTHORIZED,
    )
}

/// Somebody that is needed does not answer.
pub(crate) fn unavailable(request: &Request, context: &Context) -> Response<Body> {
    if let Some(page) = counter::unavailable(request, context) {
        return page;
    }
    let Some(form) = of_report(request) else { return page::unavailable(context, None) };
    no_answer(context, None, &context::action(request), &form)
}

/// The page of a report cannot be made after its form was sent.
pub(crate) fn without_report(
    context: &Context,
    who: &SignedIn<'_>,
    action: &str,
    form: &Form,
    problem: &Problem,
) -> Response<Body> {
    match problem.status {
        StatusCode::NOT_FOUND => not_found(context, who, action, form),
        _ => no_answer(context, Some(who), action, form),
    }
}

/// There was no answer to a command: perhaps it is stored, perhaps not. The same form with the same key settles it.
fn no_answer(context: &Context, who: Option<&SignedIn<'_>>, action: &str, form: &Form) -> Response<Body> {
    let t = context.t;
    let words = (t.message_unavailable_title(), t.act_no_answer());
    show(context, who, words, None, action, form, StatusCode::SERVICE_UNAVAILABLE)
}

/// The report is not there any more for this officer.
fn not_found(context: &Context, who: &SignedIn<'_>, action: &str, form: &Form) -> Response<Body> {
    let t = context.t;
    let words = (t.message_not_found_title(), t.message_not_found());
    show(context, Some(who), words, None, action, form, StatusCode::NOT_FOUND)
}

/// The form of a request about a report that a page of ours sent: what another site sends is not shown as the officer's own words.
fn of_report(request: &Request) -> Option<Form> {
    let is_about_report = context::action(request).starts_with("/petugas/laporan/");
    let is_ours = request.method() == Method::POST && is_about_report && form::is_same_origin(request);
    is_ours.then(|| form::read(request).ok()).flatten()
}

fn show(
    context: &Context,
    who: Option<&SignedIn<'_>>,
    (title, why): (&'static str, &'static str),
    sign_in: Option<String>,
    action: &str,
    form: &Form,
    status: StatusCode,
) -> Response<Body> {
    let (typed, other) = form.typed_and_other();
    let f = Frame::of(context, who, title);
    page::html(status, &Page { f, why, sign_in, action: action.to_owned(), typed, other })
}
