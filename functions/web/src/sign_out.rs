//! Signing out: here, or everywhere. The tokens are revoked, and the browser forgets all it has of this site.

use crate::{
    App,
    cognito::Refused,
    context::{Context, SignedIn},
    cookie,
    form::Form,
    page::{self, Frame},
};
use askama::Template;
use http::{HeaderValue, Response, StatusCode, header};
use lambda_http::Body;

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOut {
    f: Frame,
    is_revoked: bool,
}

/// Ends the session, also where Cognito does not answer: then the page says that the tokens live on for a quarter of an hour.
pub(crate) async fn sign_out(
    app: &App,
    who: &SignedIn<'_>,
    context: &Context,
    form: &Form,
) -> Response<Body> {
    let session = &who.session;
    let revoked = match form.text("where") {
        "everywhere" => app.cognito.sign_out_everywhere(session.access_token()).await,
        _ => app.cognito.sign_out(session.refresh_token()).await,
    };
    let is_revoked = !matches!(revoked, Err(Refused::Failed(_) | Refused::TooMany));
    let page = SignedOut { f: Frame::of(context, None, context.t.signed_out_title()), is_revoked };
    let mut response = page::html(StatusCode::OK, &page);
    let headers = response.headers_mut();
    for cookie in [cookie::SESSION, cookie::REFRESH, cookie::SIGN_IN].into_iter().filter_map(cookie::removed)
    {
        headers.append(header::SET_COOKIE, cookie);
    }
    // Not the cookies: the language's stays.
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    response
}
