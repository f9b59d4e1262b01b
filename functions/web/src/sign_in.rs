//! Signing in, one question a page: name and password, a password of one's own, the code of the second factor, its enrolment.
//!
//! Between the steps a sealed cookie holds what Cognito gave; it lasts some minutes.

use crate::{
    App,
    cognito::{Next, Refused},
    context::{Context, SignedIn},
    cookie,
    cookie_key::Keys,
    form::{self, Form},
    page::{self, Frame},
    qr,
    session::Session,
};
use askama::Template;
use domain::secret_text::SecretText;
use http::{HeaderMap, Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use lambda_http::{Body, Request, RequestExt};
use runtime::entropy;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// How long a step may take; Cognito's own sessions last three minutes.
const LASTS: SignedDuration = SignedDuration::from_mins(15);
/// The longest address that is gone to after signing in.
const LONGEST_TARGET: usize = 2000;

/// What the cookie holds between two steps.
#[derive(Clone, Serialize, Deserialize)]
struct State {
    /// What the form's token is bound to.
    id: [u8; 16],
    began_s: i64,
    /// Where to go once signed in.
    to: String,
    username: String,
    step: Step,
}

#[derive(Clone, Serialize, Deserialize)]
enum Step {
    Password,
    NewPassword { session: String },
    Code { session: String },
    Enrol { session: String, key: String },
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    f: Frame,
    step: &'static str,
    token: String,
    to: String,
    username: String,
    error: Option<&'static str>,
    /// The key of a factor that is being enrolled, in groups of four, and as a code to scan.
    key: String,
    qr: String,
}

/// The first page: name and password.
pub(crate) fn first_page(keys: &Keys, request: &Request, context: &Context) -> Response<Body> {
    let query = request.query_string_parameters_ref();
    let to = query.and_then(|query| query.first("tujuan")).unwrap_or_default();
    let state = State {
        id: entropy::bytes(),
        began_s: context.now.as_second(),
        to: target(to).unwrap_or_default().to_owned(),
        username: String::new(),
        step: Step::Password,
    };
    show(keys, context, state, None, StatusCode::OK)
}

/// One step.
pub(crate) async fn step(app: &App, keys: &Keys, request: &Request, context: &Context) -> Response<Body> {
    let state = State::read(request.headers(), keys, context.now);
    let form = form::read(request).unwrap_or_default();
    let Some(mut state) = state
        .filter(|state| form::is_same_origin(request) && keys.is_form_token(&state.id, form.text("token")))
    else {
        // A page that was left open for long, or a form of somebody else's: begin again, with a fresh token.
        let mut fresh = State::new(context.now);
        form.text("username").clone_into(&mut fresh.username);
        target(form.text("tujuan")).unwrap_or_default().clone_into(&mut fresh.to);
        return show(keys, context, fresh, Some(context.t.sign_in_expired()), StatusCode::FORBIDDEN);
    };
    // The cookie is one for all tabs, and each may be on its way to somewhere else.
    if let Some(to) = form.filled("tujuan").and_then(target) {
        to.clone_into(&mut state.to);
    }
    let answered = answer(app, &mut state, &form).await;
    let next = match answered {
        Ok(Next::SignedIn(tokens)) => {
            let Some(session) = Session::begin(tokens, context.now) else {
                return page::unavailable(context, None);
            };
            return signed_in(keys, context, session, &state.to);
        }
        Ok(Next::NewPassword(session)) => Ok(Step::NewPassword { session: session.expose().to_owned() }),
        Ok(Next::Code(session)) => Ok(Step::Code { session: session.expose().to_owned() }),
        Ok(Next::Enrol(session)) => app.cognito.new_factor(&session).await.map(|(key, session)| {
            Step::Enrol { session: session.expose().to_owned(), key: key.expose().to_owned() }
        }),
        Err(refused) => Err(refused),
    };
    match next {
        Ok(next) => {
            state.step = next;
            state.began_s = context.now.as_second();
            show(keys, context, state, None, StatusCode::OK)
        }
        Err(Refused::Failed(_)) => page::unavailable(context, None),
        Err(refused) => {
            let t = context.t;
            let (text, status) = match refused {
                Refused::WrongPassword => (t.sign_in_wrong_password(), StatusCode::UNAUTHORIZED),
                Refused::LockedOut => (t.sign_in_locked_out(), StatusCode::UNAUTHORIZED),
                Refused::WrongCode => (t.sign_in_wrong_code(), StatusCode::UNAUTHORIZED),
                Refused::WeakPassword => (t.sign_in_weak_password(), StatusCode::UNPROCESSABLE_ENTITY),
                Refused::ResetNeeded => (t.sign_in_reset_needed(), StatusCode::UNAUTHORIZED),
                Refused::TooMany => (t.sign_in_too_many(), StatusCode::TOO_MANY_REQUESTS),
                Refused::Over | Refused::Failed(_) => (t.sign_in_over(), StatusCode::UNAUTHORIZED),
            };
            if refused == Refused::Over {
                state.step = Step::Password;
            }
            show(keys, context, state, Some(text), status)
        }
    }
}

async fn answer(app: &App, state: &mut State, form: &Form) -> Result<Next, Refused> {
    let code: String = form.text("code").chars().filter(|symbol| !symbol.is_whitespace()).collect();
    match &state.step {
        Step::Password => {
            form.text("username").clone_into(&mut state.username);
            let password = SecretText::new(form.secret("password"));
            if state.username.is_empty() || password.expose().is_empty() {
                return Err(Refused::WrongPassword);
            }
            app.cognito.sign_in(&state.username, &password).await
        }
        Step::NewPassword { session } => {
            let (new, again) = (form.secret("new-password"), form.secret("again-password"));
            if new.is_empty() || new != again {
                return Err(Refused::WeakPassword);
            }
            let session = SecretText::new(session.as_str());
            app.cognito.new_password(&state.username, &session, &SecretText::new(new)).await
        }
        Step::Code { session } | Step::Enrol { session, .. }
            if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            let _ = session;
            Err(Refused::WrongCode)
        }
        Step::Code { session } => {
            app.cognito.code(&state.username, &SecretText::new(session.as_str()), &code).await
        }
        Step::Enrol { session, .. } => {
            app.cognito.enrol(&state.username, &SecretText::new(session.as_str()), &code).await
        }
    }
}

impl State {
    fn new(now: Timestamp) -> Self {
        Self {
            id: entropy::bytes(),
            began_s: now.as_second(),
            to: String::new(),
            username: String::new(),
            step: Step::Password,
        }
    }

    fn read(headers: &HeaderMap, keys: &Keys, now: Timestamp) -> Option<Self> {
        let opened = keys.open(cookie::SIGN_IN, cookie::read(headers, cookie::SIGN_IN)?)?;
        let state: Self = postcard::from_bytes(&opened).ok()?;
        let began = Timestamp::from_second(state.began_s).ok()?;
        (now.duration_since(began) < LASTS).then_some(state)
    }
}

fn show(
    keys: &Keys,
    context: &Context,
    state: State,
    error: Option<&'static str>,
    status: StatusCode,
) -> Response<Body> {
    let t = context.t;
    let (step, title) = match &state.step {
        Step::Password => ("password", t.sign_in_title()),
        Step::NewPassword { .. } => ("new_password", t.sign_in_new_password_title()),
        Step::Code { .. } => ("code", t.sign_in_code_title()),
        Step::Enrol { .. } => ("enrol", t.sign_in_enrol_title()),
    };
    let key = match &state.step {
        Step::Enrol { key, .. } => key.as_str(),
        Step::Password | Step::NewPassword { .. } | Step::Code { .. } => "",
    };
    let mut f = Frame::of(context, None, title);
    if !state.to.is_empty() {
        let to = |language: &str| {
            let mut address = form_urlencoded::Serializer::for_suffix("/masuk?".to_owned(), "/masuk?".len());
            address.append_pair("tujuan", &state.to).append_pair("bahasa", language).finish()
        };
        (f.here_id, f.here_en) = (to("id"), to("en"));
    }
    let page = Page {
        f,
        step,
        token: keys.form_token(&state.id),
        to: state.to.clone(),
        error,
        key: in_groups(key),
        qr: key_qr(key, &state.username),
        username: state.username.clone(),
    };
    let mut response = page::html_with_key(status, &page, key);
    let sealed = postcard::to_allocvec(&state).ok().map(Zeroizing::new);
    let sealed = sealed.and_then(|plain| keys.seal(cookie::SIGN_IN, &plain));
    let cookie =
        sealed.and_then(|sealed| cookie::set(cookie::SIGN_IN, &sealed, u32::try_from(LASTS.as_secs()).ok()));
    let Some(cookie) = cookie else { return page::unavailable(context, None) };
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

fn signed_in(keys: &Keys, context: &Context, session: Session, to: &str) -> Response<Body> {
    let response = page::redirect(if to.is_empty() { "/petugas" } else { to });
    let mut response = page::with_session(response, context, &SignedIn { session: Box::new(session), keys });
    if let Some(removed) = cookie::removed(cookie::SIGN_IN) {
        response.headers_mut().append(header::SET_COOKIE, removed);
    }
    response
}

/// Where to go after signing in: a page of the portal, and nothing that a browser could read as another site.
fn target(to: &str) -> Option<&str> {
    let is_plain = to.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/?&=%:+,".contains(&byte));
    let is_ours = to == "/petugas" || to.starts_with("/petugas/") || to.starts_with("/petugas?");
    let path = to.split('?').next().unwrap_or_default();
    (to.len() <= LONGEST_TARGET && is_plain && is_ours && !path.contains("//") && !path.contains(".."))
        .then_some(to)
}

/// A key in groups of four, to be typed.
pub(crate) fn in_groups(key: &str) -> String {
    let symbols: Vec<char> = key.chars().collect();
    symbols.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The code that authenticator apps scan (Key Uri Format), as an image in SVG; empty without a key.
pub(crate) fn key_qr(key: &str, username: &str) -> String {
    if key.is_empty() {
        return String::new();
    }
    let account = percent_encoding::utf8_percent_encode(username, percent_encoding::NON_ALPHANUMERIC);
    let uri = format!("otpauth://totp/Tuntas:{account}?secret={key}&issuer=Tuntas");
    qr::svg(&uri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("/petugas")]
    #[case("/petugas/meja?desk=unit:sudin-a&category=jalan")]
    #[case("/petugas/laporan/0M2G-A185-0M2GP")]
    fn a_page_of_the_portal_is_gone_to_after_signing_in(#[case] to: &str) {
        assert_eq!(target(to), Some(to));
    }

    #[rstest]
    #[case("")]
    #[case("https://jahat.example/petugas/")]
    #[case("//jahat.example/petugas")]
    #[case("/\\jahat.example")]
    #[case("/petugas/..//jahat.example")]
    #[case("/petugas//jahat.example")]
    #[case("/petugas\n/x")]
    #[case("/petugasx")]
    #[case("javascript:alert(1)")]
    #[case("/petugas/x#@jahat.example")]
    fn nothing_else_is_gone_to(#[case] to: &str) {
        assert_eq!(target(to), None);
    }

    proptest! {
        #[test]
        fn what_is_gone_to_stays_on_this_host(to in ".{0,40}") {
            for to in [to.clone(), format!("/petugas{to}"), format!("/petugas/{to}")] {
                if let Some(target) = target(&to) {
                    let base: http::Uri = target.parse().unwrap();
                    prop_assert!(base.host().is_none() && base.path().starts_with("/petugas"));
                }
            }
        }
    }

    #[test]
    fn a_factors_key_can_be_scanned_and_typed() {
        assert_eq!(in_groups("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert!(key_qr("ABCDEFGH", "marga.budi").starts_with("<svg"));
        assert_eq!(key_qr("", "marga.budi"), "");
    }
}
