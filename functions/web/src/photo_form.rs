//! New photos without scripts: a photo is declared by one form, and sent straight to the bucket by the next, which comes back here.

use crate::{
    App,
    api::{
        Conditions, Done,
        report::{DeclaredForms, FormUpload},
    },
    context::{Context, SignedIn},
    form::Form,
    page::{self, Frame},
};
use askama::Template;
use domain::{officer::Tag, photo::PhotoKind, ticket::Ticket};
use http::{Response, StatusCode};
use lambda_http::{Body, Request};
use serde_json::json;
use std::collections::BTreeMap;

/// Where the photos of a report are declared one by one.
pub(crate) fn path(ticket: &str) -> String {
    format!("/petugas/laporan/{ticket}/foto-baru")
}

/// A kind to choose, with its name.
struct Kind {
    kind: &'static str,
    name: &'static str,
}

/// The form that the browser sends to the bucket.
struct Upload {
    name: &'static str,
    url: String,
    fields: BTreeMap<String, String>,
}

#[derive(Template)]
#[template(path = "photo_form.html")]
struct Page {
    f: Frame,
    ticket: String,
    action: String,
    token: String,
    key: String,
    kinds: Vec<Kind>,
    upload: Option<Upload>,
    error: Option<String>,
}

/// Which photos this officer's role sends. Whether the report takes them now the API says.
fn kinds(who: &SignedIn<'_>) -> &'static [PhotoKind] {
    let claims = &who.session.claims;
    if claims.has(Tag::PetugasOpd) {
        &[PhotoKind::Before, PhotoKind::After]
    } else if claims.has(Tag::PetugasVerifikasi) {
        &[PhotoKind::Field]
    } else {
        &[]
    }
}

fn draw(
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &Ticket,
    upload: Option<Upload>,
    refused: Option<(StatusCode, String)>,
) -> Response<Body> {
    let ticket = ticket.to_string();
    let (status, error) = refused.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
    let sends = upload.is_some();
    let page = Page {
        f: Frame::of(context, Some(who), context.t.photo_form_title()),
        action: path(&ticket),
        ticket,
        token: who.form_token(),
        key: SignedIn::new_key(),
        kinds: kinds(who)
            .iter()
            .map(|kind| Kind { kind: kind.as_str(), name: context.t.photo_kind(*kind) })
            .collect(),
        upload,
        error,
    };
    let mut response = page::html(status, &page);
    if sends {
        response.extensions_mut().insert(page::Needs { form_to_photos: true, ..page::Needs::default() });
    }
    response
}

/// The page on which somebody chooses what the next photo shows. Nothing of the report stands on it, so that it is no look.
pub(crate) fn page(who: &SignedIn<'_>, context: &Context, ticket: &str) -> Response<Body> {
    let Some(ticket) = Ticket::parse(ticket) else { return page::not_found(context, Some(who)) };
    if kinds(who).is_empty() {
        return page::no_right(context, who);
    }
    draw(who, context, &ticket, None, None)
}

/// Declares a photo, and shows the form that sends it. Sent again, it is the same photo.
pub(crate) async fn declare(
    app: &App,
    who: &SignedIn<'_>,
    request: &Request,
    context: &Context,
    ticket: &str,
    form: &Form,
    is_ours: bool,
) -> Response<Body> {
    let Some(ticket) = Ticket::parse(ticket) else { return page::not_found(context, Some(who)) };
    if !is_ours {
        return page::forged(context, who);
    }
    let Some(kind) = kinds(who).iter().find(|kind| kind.as_str() == form.text("kind")) else {
        let said = (StatusCode::UNPROCESSABLE_ENTITY, context.t.photo_form_choose().to_owned());
        return draw(who, context, &ticket, None, Some(said));
    };
    let body = json!({ "photos": [{ "kind": kind.as_str(), "method": "POST" }] });
    let conditions = Conditions { key: form.filled("key"), version: None };
    let path = format!("/v1/reports/{ticket}/photos");
    let declared = app.api.post::<DeclaredForms>("api.photos", &path, who.caller(context), &body, conditions);
    match declared.await {
        Ok(Done { answer: DeclaredForms { uploads }, .. }) => match uploads.into_iter().next() {
            Some(FormUpload { url, mut fields }) => {
                let then = format!("{}{}", app.origins.own(request), after(&ticket));
                fields.insert("success_action_redirect".to_owned(), then);
                let upload = Upload { name: context.t.photo_kind(*kind), url, fields };
                draw(who, context, &ticket, Some(upload), None)
            }
            // Declared before, and it has come meanwhile, or is not waited for any more.
            None => page::redirect(&report(&ticket)),
        },
        Err(problem) if problem.status.is_client_error() && problem.status != StatusCode::NOT_FOUND => {
            let text = problem.words(context.t.act_no_answer()).to_owned();
            draw(who, context, &ticket, None, Some((problem.status, text)))
        }
        Err(problem) => page::refused(context, who, &problem),
    }
}

fn report(ticket: &Ticket) -> String {
    format!("/petugas/laporan/{ticket}")
}

/// Where the bucket sends the browser. It adds the object's key and digest, so that this is no page but leads to one.
fn after(ticket: &Ticket) -> String {
    format!("/petugas/laporan/{ticket}/foto-terkirim")
}

/// The photo has come.
pub(crate) fn sent(who: &SignedIn<'_>, context: &Context, ticket: &str) -> Response<Body> {
    match Ticket::parse(ticket) {
        Some(ticket) => page::redirect(&report(&ticket)),
        None => page::not_found(context, Some(who)),
    }
}
