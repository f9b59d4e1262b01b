//! What all pages have in common: their frame, their headers, and the pages that say what went wrong.

use crate::{
    api::Problem,
    compression,
    context::{Context, SignedIn},
    cookie, counter, desk,
    map::Tiles,
    session, static_files,
    text::Texts,
};
use askama::Template;
use http::{HeaderValue, Response, StatusCode, header};
use lambda_http::{Body, Request};
use runtime::{
    caller,
    settings::{self, SettingError},
};
use serde_json::{Value, json};

/// Origins, other than our own, that pages load something from.
pub(crate) struct Origins {
    /// Of the bucket that photos are uploaded to and shown from.
    photos: String,
    /// Of the tiles of maps, with a blank before it; empty where there are none.
    tiles: String,
    is_tls: bool,
}

impl Origins {
    /// Of the settings `PHOTOS_ORIGIN` and `API`, and of tiles; where AWS is elsewhere (`AWS_ENDPOINT_URL`), so are the photos.
    pub(crate) fn from_settings(tiles: Option<&Tiles>) -> Result<Self, SettingError> {
        let photos = settings::var("AWS_ENDPOINT_URL").or_else(|_| settings::var("PHOTOS_ORIGIN"))?;
        let tiles = tiles.and_then(Tiles::origin).map(|origin| format!(" {origin}")).unwrap_or_default();
        Ok(Self { photos, tiles, is_tls: settings::var("API")?.starts_with("https://") })
    }
}

impl Origins {
    /// Our own, as the browser knows it.
    pub(crate) fn own(&self, request: &Request) -> String {
        let host = caller::header(request, header::HOST.as_str()).unwrap_or_default();
        format!("{}://{host}", if self.is_tls { "https" } else { "http" })
    }

    /// The policy of content: what a page may load, and from where; and whether its form may go to the bucket.
    fn policy(&self, form_to_photos: bool) -> String {
        let Self { photos, tiles, .. } = self;
        let forms = if form_to_photos { format!(" {photos}") } else { String::new() };
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' {photos}{tiles}; connect-src 'self' {photos}; \
             form-action 'self'{forms}; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'"
        )
    }
}

/// The frame of a page.
pub(crate) struct Frame {
    pub(crate) t: Texts,
    pub(crate) lang: &'static str,
    pub(crate) title: String,
    pub(crate) style: String,
    pub(crate) map_style: String,
    pub(crate) script: String,
    pub(crate) here: String,
    pub(crate) icon: String,
    pub(crate) here_id: String,
    pub(crate) here_en: String,
    pub(crate) has_map: bool,
    pub(crate) who: Option<FrameOfOfficer>,
}

/// What a page has only for somebody who is signed in.
pub(crate) struct FrameOfOfficer {
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) idle_s: i64,
    pub(crate) left_s: i64,
    pub(crate) draft_key: String,
    pub(crate) desks: Vec<desk::DeskLink>,
    pub(crate) help: &'static str,
    /// Whether there are reports that this officer may open.
    pub(crate) opens_reports: bool,
}

impl Frame {
    pub(crate) fn of(context: &Context, who: Option<&SignedIn<'_>>, title: impl Into<String>) -> Self {
        Self {
            t: context.t,
            lang: context.language.as_str(),
            title: title.into(),
            style: static_files::path("style.css"),
            map_style: static_files::path("map.css"),
            script: static_files::path("portal.js"),
            here: context.here.clone(),
            icon: static_files::path("icon.svg"),
            here_id: context.in_language("id"),
            here_en: context.in_language("en"),
            has_map: false,
            who: who.map(|who| FrameOfOfficer {
                name: who.session.claims.name.clone().unwrap_or_default(),
                token: who.form_token(),
                idle_s: session::IDLE.as_secs(),
                left_s: who.session.left_s(context.now),
                draft_key: who.keys.draft_key(&who.session.claims.sub),
                desks: desk::links(context, who),
                help: crate::help::role_of(who),
                opens_reports: !counter::is_clerk(who),
            }),
        }
    }
}

/// A page of a template.
pub(crate) fn html(status: StatusCode, template: &impl Template) -> Response<Body> {
    // Nothing in a template can fail but writing to a string.
    let text = template.render().unwrap_or_default();
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// A page of a template with the key of a second factor on it, or with none.
pub(crate) fn html_with_key(status: StatusCode, template: &impl Template, key: &str) -> Response<Body> {
    let mut response = html(status, template);
    if !key.is_empty() {
        // It is read by people, so that it cannot be masked.
        response.extensions_mut().insert(compression::Plain);
    }
    response
}

/// Sends the browser on, with GET.
pub(crate) fn redirect(to: &str) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(to) = HeaderValue::try_from(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

/// Has the browser send the same form on to another address.
pub(crate) fn repeat(to: &'static str) -> Response<Body> {
    let mut response = redirect(to);
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response
}

/// What a page needs that its headers allow to no other.
#[derive(Clone, Copy, Default)]
pub(crate) struct Needs {
    /// Its form sends a photo to the bucket.
    pub(crate) form_to_photos: bool,
    /// It may ask the device where it is, once its officer presses a button for that.
    pub(crate) location: bool,
    /// It has a camera in it.
    pub(crate) camera: bool,
}

/// The headers of every page.
pub(crate) fn set_headers(response: &mut Response<Body>, origins: &Origins, context: &Context) {
    let language = context
        .chose_language
        .then(|| cookie::set(cookie::LANGUAGE, context.language.as_str(), Some(31_536_000)));
    let needs = response.extensions().get::<Needs>().copied().unwrap_or_default();
    let own = |is_needed: bool| if is_needed { "(self)" } else { "()" };
    let permissions = format!(
        "camera={}, geolocation={}, microphone=(), payment=(), usb=(), browsing-topics=()",
        own(needs.camera),
        own(needs.location)
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(origins.policy(needs.form_to_photos)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(permissions) = HeaderValue::try_from(permissions) {
        headers.insert("permissions-policy", permissions);
    }
    if origins.is_tls {
        let value = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if let Some(Some(language)) = language {
        headers.append(header::SET_COOKIE, language);
    }
}

/// Sets the session's cookies anew: it was seen now, and its tokens may be new. Where they are longer than browsers keep, the answer
/// says that something is wrong with us rather than ask for the password again and again.
pub(crate) fn with_session(
    mut response: Response<Body>,
    context: &Context,
    who: &SignedIn<'_>,
) -> Response<Body> {
    let Some(cookies) = who.session.cookies(who.keys) else { return unavailable(context, None) };
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    f: Frame,
    kind: &'a str,
    text: &'a str,
    link: Option<(&'a str, &'a str)>,
}

fn message(
    context: &Context,
    who: Option<&SignedIn<'_>>,
    status: StatusCode,
    (kind, title, text): (&str, &str, &str),
) -> Response<Body> {
    let again = (context.here.as_str(), context.t.message_again());
    let link = status.is_server_error().then_some(again);
    html(status, &Message { f: Frame::of(context, who, title), kind, text, link })
}

/// There is no such page, or not for this officer: the same bytes.
pub(crate) fn not_found(context: &Context, who: Option<&SignedIn<'_>>) -> Response<Body> {
    let t = context.t;
    message(
        context,
        who,
        StatusCode::NOT_FOUND,
        ("empty", t.message_not_found_title(), t.message_not_found()),
    )
}

/// Somebody that the page needs does not answer.
pub(crate) fn unavailable(context: &Context, who: Option<&SignedIn<'_>>) -> Response<Body> {
    let t = context.t;
    let words = ("failed", t.message_unavailable_title(), t.message_unavailable());
    message(context, who, StatusCode::SERVICE_UNAVAILABLE, words)
}

/// What the API refused, where there is no form to say it in.
pub(crate) fn refused(context: &Context, who: &SignedIn<'_>, problem: &Problem) -> Response<Body> {
    let t = context.t;
    match problem.status {
        StatusCode::NOT_FOUND => not_found(context, Some(who)),
        status if status.is_client_error() => {
            let text = if problem.detail.is_empty() { t.message_refused() } else { &problem.detail };
            message(context, Some(who), status, ("failed", t.message_refused_title(), text))
        }
        _ => unavailable(context, Some(who)),
    }
}

/// A page of another role.
pub(crate) fn no_right(context: &Context, who: &SignedIn<'_>) -> Response<Body> {
    let t = context.t;
    let words = ("failed", t.message_refused_title(), t.message_no_right());
    message(context, Some(who), StatusCode::FORBIDDEN, words)
}

/// A body that is no form of ours.
pub(crate) fn bad_form(context: &Context, who: &SignedIn<'_>, status: StatusCode) -> Response<Body> {
    let t = context.t;
    message(context, Some(who), status, ("failed", t.message_refused_title(), t.message_bad_form()))
}

/// A form without this session's token: sent by another page, or shown before signing in anew.
pub(crate) fn forged(context: &Context, who: &SignedIn<'_>) -> Response<Body> {
    let t = context.t;
    message(
        context,
        Some(who),
        StatusCode::FORBIDDEN,
        ("failed", t.message_refused_title(), t.message_forged()),
    )
}

/// The answer to a script that asks for a longer session.
pub(crate) fn session_extended(context: &Context, who: &SignedIn<'_>) -> Response<Body> {
    let times = json!({ "idle_s": session::IDLE.as_secs(), "left_s": who.session.left_s(context.now) });
    json(StatusCode::OK, &times)
}

/// The answer to a script whose page is of another session: what it has to send waits for a page of this one.
pub(crate) fn signed_out_for_script() -> Response<Body> {
    json(StatusCode::FORBIDDEN, &json!({ "state": "signed-out" }))
}

/// An answer to a script.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::Text(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// What was typed cannot be a ticket.
pub(crate) fn no_ticket(context: &Context, who: &SignedIn<'_>) -> Response<Body> {
    let t = context.t;
    let words = ("failed", t.message_no_ticket_title(), t.message_no_ticket());
    message(context, Some(who), StatusCode::UNPROCESSABLE_ENTITY, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_the_only_thing_that_a_page_may_load_from_somebody_else() {
        let policy = |tiles: &str| {
            Origins { photos: "https://foto".into(), tiles: tiles.into(), is_tls: true }.policy(false)
        };
        assert!(policy("").contains("; img-src 'self' https://foto; "));
        let with = policy(" https://peta.contoh.go.id");
        assert!(with.contains("; img-src 'self' https://foto https://peta.contoh.go.id; "));
        assert_eq!(with.matches("peta.contoh").count(), 1, "{with}");
    }

    #[test]
    fn a_form_goes_to_the_bucket_only_from_the_page_that_sends_a_photo() {
        let origins = Origins { photos: "https://foto".into(), tiles: String::new(), is_tls: true };
        assert!(origins.policy(false).contains("; form-action 'self'; "));
        assert!(origins.policy(true).contains("; form-action 'self' https://foto; "));
    }
}
