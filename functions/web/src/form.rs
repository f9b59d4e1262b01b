//! What a form sends.

use http::{StatusCode, header};
use lambda_http::Request;
use runtime::{caller, request::BODY_MAX};

/// Fields in the order of the form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Fields);

/// Names and values.
pub(crate) type Fields = Vec<(String, String)>;

impl Form {
    /// A field's text, trimmed, with line breaks as the API knows them; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// A field's text; `None` where there is none or it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// All values of a field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a form.
///
/// # Errors
/// 413 over 64 KiB, 415 where it is no form.
pub(crate) fn read(request: &Request) -> Result<Form, StatusCode> {
    let bytes: &[u8] = request.body();
    if bytes.len() > BODY_MAX {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let kind = caller::header(request, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let clean = |value: &str| value.replace("\r\n", "\n");
    Ok(Form(form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), clean(&value))).collect()))
}

/// Whether the browser says that the form stood on a page of ours. One that says nothing is old: the form's token decides.
pub(crate) fn is_same_origin(request: &Request) -> bool {
    if let Some(site) = caller::header(request, "sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let host = caller::header(request, header::HOST.as_str());
    match caller::header(request, header::ORIGIN.as_str()) {
        // What a page with `no-referrer` sends in an old browser says nothing either.
        None | Some("null") => true,
        Some(origin) => origin.split_once("://").map(|(_, authority)| authority) == host,
    }
}

/// Whether a script sent the form, which wants to know what became of it and not to show a page.
pub(crate) fn is_by_script(request: &Request) -> bool {
    caller::header(request, header::ACCEPT.as_str()) == Some("application/json")
}

/// The fields that hold what somebody typed; all others are numbers, choices and what the page itself put in.
const TYPED: &[&str] =
    &["reason", "narrative", "finding", "summary", "text", "address", "location-words", "location-reason"];

impl Form {
    /// All fields but the token, for a form that is to be sent again as it is.
    pub(crate) fn all_but_the_token(&self) -> Fields {
        self.0.iter().filter(|(name, _)| name != "token").cloned().collect()
    }

    /// What was typed, and all else but the token, for a form that is to be sent again.
    pub(crate) fn typed_and_other(&self) -> (Fields, Fields) {
        let fields = self.0.iter().filter(|(name, _)| name != "token" && !name.contains("password")).cloned();
        fields.partition(|(name, _)| TYPED.contains(&name.as_str()))
    }
}

#[cfg(test)]
impl Form {
    pub(crate) fn of(fields: Fields) -> Self {
        Self(fields)
    }
}

impl Form {
    /// A password: as it was typed.
    pub(crate) fn secret(&self, name: &str) -> String {
        self.0.iter().find(|(field, _)| field == name).map_or_else(String::new, |(_, value)| value.clone())
    }
}
