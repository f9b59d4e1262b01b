//! Signing out: here, or everywhere. The tokens are revoked, and the browser forgets all it has of this site.

use crate::{
    App,
    cognito::Refused,
    context::Context,
    cookie,
    cookie_key::Keys,
    counter, form,
    page::{self, Frame},
    session::Session,
};
use askama::Template;
use http::{HeaderValue, Response, StatusCode, header};
use lambda_http::{Body, Request};

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOut {
    f: Frame,
    is_revoked: bool,
}

/// Ends the session, also one that has ended already, and also where Cognito does not answer: then the page says that the tokens live on
/// for a quarter of an hour.
pub(crate) async fn sign_out(app: &App, keys: &Keys, request: &Request, context: &Context) -> Response<Body> {
    let form = form::read(request).unwrap_or_default();
    if !form::is_same_origin(request) {
        return page::redirect("/petugas");
    }
    let session = Session::read(request.headers(), keys, context.now);
    // Without the form's token nobody's tokens are revoked; that this browser forgets its session harms nobody.
    let revoked = match session.filter(|session| keys.is_form_token(&session.id, form.text("token"))) {
        Some(session) if form.text("where") == "everywhere" => {
            app.cognito.sign_out_everywhere(session.access_token()).await
        }
        Some(session) => app.cognito.sign_out(session.refresh_token()).await,
        None => Ok(()),
    };
    let is_revoked = !matches!(revoked, Err(Refused::Failed(_) | Refused::TooMany));
    let page = SignedOut { f: Frame::of(context, None, context.t.signed_out_title()), is_revoked };
    let mut response = page::html(StatusCode::OK, &page);
    let headers = response.headers_mut();
    for cookie in [cookie::SESSION, cookie::REFRESH, cookie::SIGN_IN].into_iter().filter_map(cookie::removed)
    {
        headers.append(header::SET_COOKIE, cookie);
    }
    for cookie in counter::removed_forms(request.headers()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    // Not the cookies: the language's stays.
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    response
}
