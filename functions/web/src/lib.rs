//! `/masuk`, `/keluar` and `/petugas/…`: the portal, in which officers work in a browser.
//!
//! Pages are made here of what the API answers to the officer's own token: this function has no right on data (docs/adr/0024). No
//! token reaches a page; what a browser keeps is sealed.

mod accesses;
mod account;
mod acts;
mod api;
mod cognito;
mod compression;
mod context;
mod cookie;
mod cookie_key;
mod counter;
mod desk;
mod duplicates;
mod form;
mod help;
mod history;
mod kept;
mod map;
mod page;
mod photo_form;
mod photos;
mod qr;
mod report;
mod session;
mod sign_in;
mod sign_out;
#[cfg(test)]
mod slow_lines;
mod static_files;
mod text;

use acts::Sent;
use api::{
    Api,
    areas::AreaCache,
    city::{City, CityCache},
};
use cognito::Cognito;
use context::{Context, SignedIn};
use cookie_key::CookieKey;
use domain::location::Point;
use http::Method;
use lambda_http::{Body, Request, RequestExt, Response};
use map::Tiles;
use page::Origins;
use runtime::{
    aws::{self, client},
    clock, gateway,
    serve::{self, StartError},
    settings,
};
use session::{Found, Session};

struct App {
    api: Api,
    city: CityCache,
    areas: AreaCache,
    /// Where a map begins that knows no place yet.
    middle: Point,
    tiles: Option<Tiles>,
    cognito: Cognito,
    key: CookieKey,
    origins: Origins,
    zone: jiff::tz::TimeZone,
}

/// Sets up the function and serves its pages.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let tiles = Tiles::from_settings()?;
    let app = App {
        api: Api::from_settings()?,
        city: CityCache::default(),
        areas: AreaCache::default(),
        middle: settings::city_middle()?,
        cognito: Cognito::new(
            client!(aws_sdk_cognitoidentityprovider, &config),
            settings::var("PORTAL_CLIENT")?,
        ),
        key: CookieKey::from_settings(client!(aws_sdk_secretsmanager, &config))?,
        origins: Origins::from_settings(tiles.as_ref())?,
        tiles,
        zone: settings::zone()?,
    };
    serve::http("web", async |request| Ok(handle(&app, &request).await)).await
}

impl App {
    /// What a form of the counter is drawn of.
    fn around<'a>(&'a self, city: &'a City) -> counter::Around<'a> {
        counter::Around { city, middle: self.middle, tiles: self.tiles.as_ref() }
    }
}

async fn handle(app: &App, request: &Request) -> Response<Body> {
    let mut context = Context::of(request, clock::now());
    let mut response = answer(app, request, &mut context).await;
    page::set_headers(&mut response, &app.origins, &context);
    compression::compress(request, &mut response);
    response
}

async fn answer(app: &App, request: &Request, context: &mut Context) -> Response<Body> {
    let path =
        request.path_parameters_ref().and_then(|parameters| parameters.first("halaman")).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    if let ["aset", file] = *parts {
        let accepted = runtime::caller::header(request, "accept-encoding").unwrap_or_default();
        return static_files::serve(file, accepted).unwrap_or_else(|| page::not_found(context, None));
    }
    let Ok(keys) = app.key.get().await else { return kept::unavailable(request, context) };
    if gateway::is_route(request, "GET /masuk") {
        return sign_in::first_page(keys, request, context);
    }
    if gateway::is_route(request, "POST /masuk") {
        return sign_in::step(app, keys, request, context).await;
    }
    if gateway::is_route(request, "POST /keluar") {
        return sign_out::sign_out(app, keys, request, context).await;
    }
    match Session::find(request.headers(), keys, &app.cognito, context.now).await {
        Ok(Found::Session(session)) => {
            let who = SignedIn { session, keys };
            let response = match *parts {
                ["bantuan", role] => help::page(context, Some(&who), role),
                _ => signed_in(app, &who, request, context, &parts).await,
            };
            // Scripts ask by themselves, whether somebody is there or not: that prolongs no session.
            if form::is_by_script(request) && parts != ["sesi"] {
                return response;
            }
            page::with_session(response, context, &who)
        }
        // Help is for everybody.
        Ok(Found::Ended) | Err(_) if matches!(*parts, ["bantuan", _]) => {
            help::page(context, None, parts.get(1).copied().unwrap_or_default())
        }
        Ok(Found::Ended) => kept::session_ended(request, context),
        Err(_) => kept::unavailable(request, context),
    }
}

/// A page of somebody who is signed in. Whatever changes something is a POST with the form's token.
async fn signed_in(
    app: &App,
    who: &SignedIn<'_>,
    request: &Request,
    context: &mut Context,
    parts: &[&str],
) -> Response<Body> {
    if request.method() == Method::POST {
        let form = match form::read(request) {
            Ok(form) => form,
            Err(status) => return page::bad_form(context, who, status),
        };
        if !form::is_same_origin(request) {
            return page::forged(context, who);
        }
        let is_ours = who.keys.is_form_token(&who.session.id, form.text("token"));
        return match *parts {
            ["loket"] => {
                counter::post(app, who, request, context, (&form, is_ours), counter::Step::Begin).await
            }
            ["loket", "kirim"] => {
                counter::post(app, who, request, context, (&form, is_ours), counter::Step::Send).await
            }
            ["laporan", ticket, "duplikat"] => {
                duplicates::merge(app, who, context, ticket, &form, is_ours).await
            }
            ["laporan", ticket, "unggah"] => photos::declare(app, who, context, ticket, &form, is_ours).await,
            ["laporan", ticket, "foto-baru"] => {
                photo_form::declare(app, who, request, context, ticket, &form, is_ours).await
            }
            ["laporan", ticket, "kamera"] => photos::camera_nonce(app, who, context, ticket, is_ours).await,
            ["laporan", ticket, act] => {
                let sent = Sent { form: &form, is_ours, by_script: form::is_by_script(request) };
                acts::post(app, who, context, ticket, act, &sent).await
            }
            _ if !is_ours => page::forged(context, who),
            ["sesi"] => page::session_extended(context, who),
            ["loket", "selesai"] => counter::given(who, request, &form),
            ["cari"] => report::look_up(context, who, &form),
            ["akun", "faktor"] => account::enrol(app, who, context, &form).await,
            _ => page::not_found(context, Some(who)),
        };
    }
    match *parts {
        [""] => page::redirect(&desk::first_of(who)),
        ["meja"] => desk::page(app, who, request, context).await,
        ["akun"] => account::page(app, who, context).await,
        ["loket"] => counter::page(app, who, request, context).await,
        // The address of a receipt, which is shown once.
        ["loket", "kirim"] => page::redirect(counter::PATH),
        ["laporan", ticket] => report::page(app, who, request, context, ticket).await,
        ["laporan", ticket, "lembar"] => report::sheet(app, who, context, ticket).await,
        ["laporan", ticket, "akses"] => accesses::page(app, who, context, ticket).await,
        ["laporan", ticket, "duplikat"] => duplicates::page(app, who, request, context, ticket).await,
        ["laporan", ticket, "foto-baru"] => photo_form::page(who, context, ticket),
        ["laporan", ticket, "foto-terkirim"] => photo_form::sent(who, context, ticket),
        ["laporan", ticket, "foto", photo] => photos::show(app, who, context, ticket, photo).await,
        _ => page::not_found(context, Some(who)),
    }
}
