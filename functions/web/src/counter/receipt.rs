//! What a clerk hands over: ticket and secret, once.

use crate::{
    context::{Context, SignedIn},
    page::{self, Frame},
    qr, sign_in,
    text::Texts,
};
use askama::Template;
use domain::{language::Language, secret_text::SecretText};
use http::{Response, StatusCode};
use lambda_http::Body;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `POST /v1/counter/reports`.
#[derive(Deserialize)]
pub(super) struct Received {
    pub(super) ticket: String,
    /// None where the first answer was given too long ago.
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    test_until: Option<String>,
    #[serde(default)]
    warnings: Vec<Warning>,
    #[serde(default)]
    uploads: Vec<Upload>,
    #[serde(default)]
    photos: Vec<Photo>,
}

impl Received {
    /// The secret, which is taken out.
    pub(super) fn take_secret(&mut self) -> Option<SecretText> {
        self.secret.take().map(SecretText::new)
    }
}

#[derive(Deserialize)]
struct Warning {
    code: String,
}

#[derive(Deserialize)]
struct Upload {
    photo: String,
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Photo {
    photo: String,
}

/// What a script needs to upload a photo.
struct UploadLine {
    /// Which of the chosen files it is, from 0.
    position: usize,
    method: String,
    url: String,
    /// As JSON.
    headers: String,
}

#[derive(Template)]
#[template(path = "counter_receipt.html")]
struct Page {
    f: Frame,
    /// The receipt itself is in the language of the messages.
    r: Texts,
    language: &'static str,
    ticket: String,
    secret: String,
    symbols: usize,
    groups: usize,
    qr: String,
    is_test: bool,
    remarks: Vec<&'static str>,
    uploads: Vec<UploadLine>,
    /// The form that is dead once a script has the whole page.
    given: Option<String>,
}

/// The receipt. It is sent as it is: people read the secret on it, so that it cannot be masked.
pub(super) fn page(
    context: &Context,
    who: &SignedIn<'_>,
    received: Received,
    secret: &SecretText,
    language: Language,
    given: Option<&str>,
) -> Response<Body> {
    let r = Texts(language);
    let secret = sign_in::in_groups(secret.expose());
    let groups = secret.split(' ').count();
    let page = Page {
        f: Frame::of(context, Some(who), context.t.counter_receipt()),
        r,
        language: language.as_str(),
        symbols: secret.chars().filter(|symbol| *symbol != ' ').count(),
        groups,
        qr: qr::svg(&format!("{}: {}\n{}: {secret}", r.frame_ticket(), received.ticket, r.counter_secret())),
        is_test: received.test_until.is_some(),
        remarks: remarks(context.t, &received.warnings),
        uploads: upload_lines(&received),
        ticket: received.ticket,
        secret,
        given: given.map(str::to_owned),
    };
    page::html_with_key(StatusCode::OK, &page, &page.secret)
}

/// What the API remarks of the place; what it remarks of texts and contacts was said before it was sent.
fn remarks(t: Texts, warnings: &[Warning]) -> Vec<&'static str> {
    let remark = |warning: &Warning| match warning.code.as_str() {
        "no_position" => Some(t.counter_no_position()),
        "outside_city" => Some(t.counter_outside_city()),
        _ => None,
    };
    warnings.iter().filter_map(remark).collect()
}

/// `uploads` has the photos that are still waited for, `photos` all in the order of the request.
fn upload_lines(received: &Received) -> Vec<UploadLine> {
    let line = |(position, photo): (usize, &Photo)| {
        let upload = received.uploads.iter().find(|upload| upload.photo == photo.photo)?;
        let headers = serde_json::to_string(&upload.headers).ok()?;
        Some(UploadLine { position, method: upload.method.clone(), url: upload.url.clone(), headers })
    };
    received.photos.iter().enumerate().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_photo_is_uploaded_from_the_file_that_was_declared_for_it() {
        let upload = |photo: &str| json!({"photo": photo, "method": "PUT", "url": format!("https://foto/{photo}"), "headers": {"a": "b"}});
        let received: Received = serde_json::from_value(json!({
            "ticket": "0M2G-A185-0M2GP",
            // The first was uploaded before the answer was lost.
            "uploads": [upload("c"), upload("b")], "photos": [{"photo": "a"}, {"photo": "b"}, {"photo": "c"}],
        }))
        .unwrap();
        let lines: Vec<(usize, String)> =
            upload_lines(&received).into_iter().map(|line| (line.position, line.url)).collect();
        assert_eq!(lines, [(1, "https://foto/b".to_owned()), (2, "https://foto/c".to_owned())]);
    }
}
