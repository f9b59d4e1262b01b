//! What every page of a request needs to know: when it is, in which language, where on the site, and who asks.

use crate::{api::As, cookie, cookie_key::Keys, session::Session, text::Texts};
use domain::language::Language;
use jiff::Timestamp;
use lambda_http::{Request, RequestExt};
use runtime::{caller, entropy};

/// What is known of a request before anybody is asked who sent it.
pub(crate) struct Context {
    pub(crate) now: Timestamp,
    pub(crate) language: Language,
    pub(crate) t: Texts,
    /// The language's cookie is to be set: it was chosen just now.
    pub(crate) chose_language: bool,
    /// Path and query of a page that can be asked for again, without the choice of a language.
    pub(crate) here: String,
}

impl Context {
    pub(crate) fn of(request: &Request, now: Timestamp) -> Self {
        let query = request.query_string_parameters_ref();
        let chosen = query.and_then(|query| Language::parse(query.first("bahasa")?));
        let kept = || cookie::read(request.headers(), cookie::LANGUAGE).and_then(Language::parse);
        let language = chosen.or_else(kept).unwrap_or_else(|| caller::language(request));
        Self { now, language, t: Texts(language), chose_language: chosen.is_some(), here: here(request) }
    }

    /// This page in the other language.
    pub(crate) fn in_language(&self, language: &str) -> String {
        let mark = if self.here.contains('?') { '&' } else { '?' };
        format!("{}{mark}bahasa={language}", self.here)
    }
}

/// Where the page is: from the route's template and its parameter, since a request has no path (runtime::gateway).
fn here(request: &Request) -> String {
    let halaman = request.path_parameters_ref().and_then(|parameters| parameters.first("halaman"));
    let path = match halaman {
        Some(path) => format!("/petugas/{path}"),
        None if runtime::gateway::is_route(request, "GET /petugas") => "/petugas".to_owned(),
        None => "/masuk".to_owned(),
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in request.query_string_parameters_ref().into_iter().flat_map(|query| query.iter()) {
        // What was done is said once.
        if !matches!(name, "bahasa" | "act" | "replay") {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    let is_page = request.method() == http::Method::GET;
    match is_page {
        true if query.is_empty() => path,
        true => format!("{path}?{query}"),
        false if path == "/masuk" => path,
        // The address of a form's answer is no page: its report is.
        false => path
            .rsplit_once('/')
            .filter(|(above, _)| above.starts_with("/petugas/laporan/"))
            .map_or("/petugas".to_owned(), |(above, _)| above.to_owned()),
    }
}

/// Somebody who is signed in.
pub(crate) struct SignedIn<'a> {
    pub(crate) session: Box<Session>,
    pub(crate) keys: &'a Keys,
}

impl SignedIn<'_> {
    /// As whom the API is called.
    pub(crate) fn caller(&self, context: &Context) -> As<'_> {
        As { id_token: &self.session.id_token, language: context.language }
    }

    /// The token of this session's forms.
    pub(crate) fn form_token(&self) -> String {
        self.keys.form_token(&self.session.id)
    }

    /// A key for a form that is about to be shown: sent twice, it is one request.
    pub(crate) fn new_key() -> String {
        data_encoding::BASE64URL_NOPAD.encode(&entropy::bytes::<24>())
    }

    /// The name under which the browser keeps what is typed into a form.
    pub(crate) fn draft(&self, of: &str, act: &str) -> String {
        self.keys.draft_name(&self.session.claims.sub, of, act)
    }
}

/// Where a form was sent.
pub(crate) fn action(request: &Request) -> String {
    let halaman = request.path_parameters_ref().and_then(|parameters| parameters.first("halaman"));
    halaman.map_or_else(|| "/petugas".to_owned(), |path| format!("/petugas/{path}"))
}
