//! Photos of a report: shown on demand, because each look is recorded, and declared before they are uploaded.

use crate::{
    App,
    api::{
        Conditions, Done,
        report::{CameraNonce, Declared, PhotoUrl, Report},
    },
    context::{Context, SignedIn},
    form::Form,
    page,
};
use domain::{ids::PhotoId, photo::PhotoKind, ticket::Ticket};
use http::{Response, StatusCode};
use lambda_http::Body;
use serde_json::{Value, json};

/// The photos of a kind.
pub(crate) struct PhotoGroup {
    pub(crate) kind: &'static str,
    pub(crate) name: &'static str,
    pub(crate) photos: Vec<PhotoLink>,
}

/// A photo that may be asked for, or what has become of it.
pub(crate) struct PhotoLink {
    pub(crate) photo: String,
    pub(crate) number: usize,
    pub(crate) is_ready: bool,
    pub(crate) state: String,
    /// Whether it was taken in a page or is a file, of officers' photos.
    pub(crate) origin: Option<&'static str>,
}

/// The photos that this officer may know of, by kind.
pub(crate) fn groups(context: &Context, report: &Report) -> Vec<PhotoGroup> {
    let t = context.t;
    let group = |kind: &PhotoKind| {
        let photos = report.photos.iter().filter(|photo| photo.kind == *kind).enumerate();
        let photos: Vec<PhotoLink> = photos
            .map(|(n, photo)| PhotoLink {
                photo: photo.photo.clone(),
                number: n + 1,
                is_ready: photo.state == "ready",
                origin: photo.origin(t),
                state: photo.reason_text.clone().unwrap_or_else(|| t.photo_state(&photo.state).to_owned()),
            })
            .collect();
        (!photos.is_empty()).then(|| PhotoGroup { kind: kind.as_str(), name: t.photo_kind(*kind), photos })
    };
    PhotoKind::ALL.iter().filter_map(group).collect()
}

/// Sends the browser to a copy of a photo that was made for this officer; it is good for a minute.
pub(crate) async fn show(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &str,
    photo: &str,
) -> Response<Body> {
    let (Some(ticket), Some(photo)) = (Ticket::parse(ticket), PhotoId::parse(photo)) else {
        return page::not_found(context, Some(who));
    };
    let path = format!("/v1/reports/{ticket}/photos/{}", photo.as_str());
    match app.api.get::<PhotoUrl>("api.photo", &path, Some(who.caller(context))).await {
        Ok(found) => page::redirect(&found.url),
        Err(problem) => page::refused(context, who, &problem),
    }
}

/// Declares photos for a script, which uploads them to the addresses that it gets. The same again, under the same key, says what has become
/// of them: that is no look at the report.
pub(crate) async fn declare(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &str,
    form: &Form,
    is_ours: bool,
) -> Response<Body> {
    let Some(ticket) = Ticket::parse(ticket) else { return page::not_found(context, Some(who)) };
    if !is_ours {
        return page::signed_out_for_script();
    }
    // Of a file none is sent.
    let nonces = form.all("camera").map(Some).chain(std::iter::repeat(None));
    let columns = ["kind", "content_type", "size", "sha256"].map(|name| form.all(name).collect::<Vec<_>>());
    let [kinds, types, sizes, digests] = &columns;
    let photos: Vec<Value> = kinds
        .iter()
        .zip(types)
        .zip(sizes)
        .zip(digests)
        .zip(nonces)
        .map(|((((kind, content_type), size), sha256), camera)| {
            let size = size.parse::<u64>().map_or_else(|_| Value::from(*size), Value::from);
            json!({ "kind": kind, "content_type": content_type, "size": size, "sha256": sha256, "camera": camera })
        })
        .collect();
    let path = format!("/v1/reports/{ticket}/photos");
    let conditions = Conditions { key: form.filled("key"), version: form.filled("version") };
    let body = json!({ "photos": photos });
    match app.api.post::<Declared>("api.photos", &path, who.caller(context), &body, conditions).await {
        Ok(Done { answer: Declared { uploads, photos }, version, .. }) => page::json(
            StatusCode::CREATED,
            &json!({ "uploads": uploads, "photos": photos, "version": version, "gone": context.t.photo_gone() }),
        ),
        Err(problem) => {
            page::json(problem.status, &json!({ "detail": problem.words(context.t.act_no_answer()) }))
        }
    }
}

/// Gets a nonce for a picture that a script is about to take.
pub(crate) async fn camera_nonce(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &str,
    is_ours: bool,
) -> Response<Body> {
    let Some(ticket) = Ticket::parse(ticket) else { return page::not_found(context, Some(who)) };
    if !is_ours {
        return page::signed_out_for_script();
    }
    let path = format!("/v1/reports/{ticket}/camera");
    let nothing = Conditions { key: None, version: None };
    match app.api.post::<CameraNonce>("api.camera", &path, who.caller(context), &json!({}), nothing).await {
        Ok(Done { answer: CameraNonce { nonce, expires_in }, .. }) => {
            page::json(StatusCode::CREATED, &json!({ "nonce": nonce, "expires_in": expires_in }))
        }
        Err(problem) => {
            page::json(problem.status, &json!({ "detail": problem.words(context.t.act_no_answer()) }))
        }
    }
}
