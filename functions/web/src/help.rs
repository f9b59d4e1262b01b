//! Help: a page for each role, and the statement on accessibility. Nobody has to be signed in to read it.

use crate::{
    context::{Context, SignedIn},
    page::{self, Frame},
    static_files,
    text::Texts,
};
use askama::Template;
use domain::{language::Language, officer::Tag};
use http::{Response, StatusCode};
use lambda_http::Body;

/// The pages, by the last part of their address.
const PAGES: &[&str] =
    &["unit", "tiket", "validasi", "verifikasi", "administrator", "loket", "masuk", "aksesibilitas"];

#[derive(Template)]
#[template(path = "help.html")]
struct Page {
    f: Frame,
    paragraphs: Vec<&'static str>,
    /// Where there is a picture of what the page tells of: its address, and what it shows.
    picture: Option<(String, &'static str)>,
    others: Vec<(&'static str, &'static str)>,
}

/// Which page of help fits this officer.
pub(crate) fn role_of(who: &SignedIn<'_>) -> &'static str {
    let claims = &who.session.claims;
    match () {
        () if claims.has(Tag::PetugasOpd) => "unit",
        () if claims.has(Tag::AdminTiket) => "tiket",
        () if claims.has(Tag::PetugasValidasi) => "validasi",
        () if claims.has(Tag::PetugasVerifikasi) => "verifikasi",
        () if claims.has(Tag::Administrator) => "administrator",
        () if claims.has(Tag::PetugasKanal) => "loket",
        () => "masuk",
    }
}

fn title(t: Texts, page: &str) -> &'static str {
    match page {
        "unit" => t.help_unit_title(),
        "tiket" => t.help_tiket_title(),
        "validasi" => t.help_validasi_title(),
        "verifikasi" => t.help_verifikasi_title(),
        "administrator" => t.help_administrator_title(),
        "loket" => t.help_loket_title(),
        "masuk" => t.help_masuk_title(),
        _ => t.help_aksesibilitas_title(),
    }
}

/// The name of a page's picture, which the tests in a browser take.
fn picture(page: &str, language: Language) -> String {
    format!("{page}-{}.webp", language.as_str())
}

/// A statement has nothing to show.
fn has_picture(page: &str) -> bool {
    page != "aksesibilitas"
}

/// One page of help.
pub(crate) fn page(context: &Context, who: Option<&SignedIn<'_>>, page: &str) -> Response<Body> {
    let t = context.t;
    let Some(page) = PAGES.iter().find(|known| **known == page) else {
        return page::not_found(context, who);
    };
    let text = match *page {
        "unit" => t.help_unit(),
        "tiket" => t.help_tiket(),
        "validasi" => t.help_validasi(),
        "verifikasi" => t.help_verifikasi(),
        "administrator" => t.help_administrator(),
        "loket" => t.help_loket(),
        "masuk" => t.help_masuk(),
        _ => t.help_aksesibilitas(),
    };
    let shown = Page {
        f: Frame::of(context, who, title(t, page)),
        picture: has_picture(page)
            .then(|| (static_files::path(&picture(page, context.language)), t.help_picture())),
        paragraphs: text.split("\n\n").map(str::trim).collect(),
        others: PAGES.iter().filter(|other| *other != page).map(|other| (*other, title(t, other))).collect(),
    };
    page::html(StatusCode::OK, &shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_help_has_its_picture_in_both_languages() {
        for page in PAGES.iter().filter(|page| has_picture(page)) {
            for language in [Language::Id, Language::En] {
                let name = picture(page, language);
                assert!(static_files::is_there(&name), "{name}");
            }
        }
    }
}
