//! Photos of a report: shown on demand, because each look is recorded, and declared before they are uploaded.

use crate::{
    App,
    api::{
        Conditions,
        report::{PhotoUrl, Report},
    },
    context::{Context, SignedIn},
    form::Form,
    page,
};
use domain::{act::Act, ids::PhotoId, photo::PhotoKind, ticket::Ticket};
use http::{HeaderValue, Response, StatusCode, header};
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
}

/// The form that declares and uploads photos; it needs a script.
pub(crate) struct UploadForm {
    pub(crate) title: &'static str,
    pub(crate) kinds: Vec<(&'static str, &'static str)>,
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
                state: photo.reason_text.clone().unwrap_or_else(|| t.photo_state(&photo.state).to_owned()),
            })
            .collect();
        (!photos.is_empty()).then(|| PhotoGroup { kind: kind.as_str(), name: t.photo_kind(*kind), photos })
    };
    PhotoKind::ALL.iter().filter_map(group).collect()
}

/// The form for more photos, where this officer may add some.
pub(crate) fn upload_form(context: &Context, report: &Report) -> Option<UploadForm> {
    let t = context.t;
    let kind = |kind: PhotoKind| (kind.as_str(), t.photo_kind(kind));
    if report.actions.contains(&Act::AddWorkPhotos) {
        let kinds = vec![kind(PhotoKind::Before), kind(PhotoKind::After)];
        return Some(UploadForm { title: t.act_add_work_photos(), kinds });
    }
    report
        .actions
        .contains(&Act::AddFieldPhotos)
        .then(|| UploadForm { title: t.act_add_field_photos(), kinds: vec![kind(PhotoKind::Field)] })
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

/// Declares photos for a script, which uploads them to the addresses that it gets.
pub(crate) async fn declare(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    ticket: &str,
    form: &Form,
) -> Response<Body> {
    let Some(ticket) = Ticket::parse(ticket) else { return page::not_found(context, Some(who)) };
    let columns = ["kind", "content_type", "size", "sha256"].map(|name| form.all(name).collect::<Vec<_>>());
    let [kinds, types, sizes, digests] = &columns;
    let photos: Vec<Value> = kinds
        .iter()
        .zip(types)
        .zip(sizes)
        .zip(digests)
        .map(|(((kind, content_type), size), sha256)| {
            let size = size.parse::<u64>().map_or_else(|_| Value::from(*size), Value::from);
            json!({ "kind": kind, "content_type": content_type, "size": size, "sha256": sha256 })
        })
        .collect();
    let path = format!("/v1/reports/{ticket}/photos");
    let conditions = Conditions { key: form.filled("key"), version: None };
    let body = json!({ "photos": photos });
    match app.api.post::<Value>("api.photos", &path, who.caller(context), &body, conditions).await {
        Ok(done) => answer(StatusCode::CREATED, &done.answer),
        Err(problem) => {
            let details: Vec<&str> = problem.errors.iter().map(|error| error.detail.as_str()).collect();
            let detail = match details.as_slice() {
                [] if problem.detail.is_empty() => context.t.act_no_answer().to_owned(),
                [] => problem.detail.clone(),
                details => details.join(" "),
            };
            answer(problem.status, &json!({ "detail": detail }))
        }
    }
}

fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::Text(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
