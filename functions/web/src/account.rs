//! The officer's own account: a second factor, and signing out everywhere.

use crate::{
    App,
    cognito::Refused,
    context::{Context, SignedIn},
    form::Form,
    page::{self, Frame},
    sign_in,
};
use askama::Template;
use domain::secret_text::SecretText;
use http::{Response, StatusCode};
use lambda_http::Body;

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    f: Frame,
    token: String,
    tags: Vec<String>,
    unit: Option<String>,
    /// The key of a factor that is being enrolled, and as a code to scan.
    key: String,
    qr: String,
    error: Option<&'static str>,
    is_enrolled: bool,
}

/// What the account is, and may do.
pub(crate) async fn page(_: &App, who: &SignedIn<'_>, context: &Context) -> Response<Body> {
    show(who, context, "", None, false, StatusCode::OK)
}

/// Enrols a second factor: without a code it gives a key, with one it ends the enrolment.
pub(crate) async fn enrol(app: &App, who: &SignedIn<'_>, context: &Context, form: &Form) -> Response<Body> {
    let access = who.session.access_token();
    let t = context.t;
    let Some(code) = form.filled("code") else {
        // Whoever found a session open must not take the account over (ASVS 5, 7.5.1).
        let password = SecretText::new(form.secret("password"));
        match app.cognito.sign_in(&who.session.claims.username, &password).await {
            Ok(_) => {}
            Err(Refused::WrongPassword) => {
                let text = t.account_wrong_password();
                return show(who, context, "", Some(text), false, StatusCode::UNPROCESSABLE_ENTITY);
            }
            Err(Refused::LockedOut) => {
                let text = t.sign_in_locked_out();
                return show(who, context, "", Some(text), false, StatusCode::UNPROCESSABLE_ENTITY);
            }
            Err(_) => return page::unavailable(context, Some(who)),
        }
        return match app.cognito.new_factor_of(access).await {
            Ok(key) => show(who, context, key.expose(), None, false, StatusCode::OK),
            Err(Refused::TooMany) => {
                show(who, context, "", Some(t.sign_in_too_many()), false, StatusCode::TOO_MANY_REQUESTS)
            }
            Err(_) => page::unavailable(context, Some(who)),
        };
    };
    let code: String = code.chars().filter(|symbol| !symbol.is_whitespace()).collect();
    match app.cognito.enrol_of(access, &code).await {
        Ok(()) => show(who, context, "", None, true, StatusCode::OK),
        Err(Refused::Failed(_)) => page::unavailable(context, Some(who)),
        Err(Refused::TooMany) => {
            show(who, context, "", Some(t.sign_in_too_many()), false, StatusCode::TOO_MANY_REQUESTS)
        }
        Err(_) => {
            let key = form.text("key").replace(' ', "");
            show(who, context, &key, Some(t.sign_in_wrong_code()), false, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

fn show(
    who: &SignedIn<'_>,
    context: &Context,
    key: &str,
    error: Option<&'static str>,
    is_enrolled: bool,
    status: StatusCode,
) -> Response<Body> {
    let claims = &who.session.claims;
    let name = claims.name.clone().unwrap_or_default();
    let page = Page {
        f: Frame::of(context, Some(who), context.t.account_title()),
        token: who.form_token(),
        tags: claims.tags.clone(),
        unit: claims.unit.clone(),
        key: sign_in::in_groups(key),
        qr: sign_in::key_qr(key, &name),
        error,
        is_enrolled,
    };
    page::html_with_key(status, &page, key)
}
