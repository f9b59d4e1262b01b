//! Photos that somebody is about to upload: read from a body, and made items that wait for the upload.

use crate::{
    ids::{CameraNonce, PhotoId},
    json_body::Form,
    photo::{Photo, PhotoKind, PhotoState},
    photo_limits::{MEDIA_TYPES, PHOTO_BYTES, PHOTOS_AT_HAND, REPORT_PHOTOS},
    presigned_urls::url_until,
    report::Report,
    validation_errors::{ValidationErrorCode, ValidationErrors},
};
use data_encoding::BASE64;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// A photo that somebody is about to upload.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Upload {
    /// The media type, one of [`MEDIA_TYPES`].
    pub content_type: String,
    /// The size in bytes, 1 to [`PHOTO_BYTES`].
    pub size: u64,
    /// SHA-256 of the bytes, base64 as S3 takes it.
    pub sha256: String,
}

/// A photo that an officer is about to upload.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OfficerUpload {
    /// What it shows.
    pub kind: PhotoKind,
    /// The file; `None` where a form sends it, so that nothing is known of it before.
    pub upload: Option<Upload>,
    /// The nonce that it comes with, whether or not that was ever given.
    pub camera: Option<CameraNonce>,
}

/// Reads the body of `POST /v1/track/{ticket}/photos`: as the photos of a report.
///
/// # Errors
/// All errors of the body.
pub fn parse_reporter_photos(body: &Value) -> Result<Vec<Upload>, ValidationErrors> {
    let form = Form::new(body);
    require_photos(&form, body);
    let photos = form.objects("photos", REPORT_PHOTOS, upload);
    form.finish(Some(photos))
}

/// Reads the body of `POST /v1/reports/{ticket}/photos`: kinds `before`, `after`, `field`. Of a photo that a form sends, with `method` `POST`,
/// nothing else is said. A text that can be no nonce is as good as one that was never given: no photo is refused for it.
///
/// # Errors
/// All errors of the body.
pub fn parse_officer_photos(body: &Value) -> Result<Vec<OfficerUpload>, ValidationErrors> {
    let form = Form::new(body);
    require_photos(&form, body);
    let photos = form.objects("photos", PHOTOS_AT_HAND, |form| {
        let kind = form.parsed("kind", ValidationErrorCode::NotListed, |text| {
            PhotoKind::parse(text).filter(|kind| *kind != PhotoKind::Reporter)
        });
        let by_form = form.optional_parsed("method", ValidationErrorCode::NotListed, |text| {
            ["PUT", "POST"].contains(&text).then_some(text == "POST")
        });
        if by_form == Some(true) {
            return Some(OfficerUpload { kind: kind?, upload: None, camera: None });
        }
        let camera = form
            .optional_parsed("camera", ValidationErrorCode::Format, |text| Some(CameraNonce::parse(text)));
        let (kind, upload) = kind.zip(upload(form))?;
        Some(OfficerUpload { kind, upload: Some(upload), camera: camera.flatten() })
    });
    form.finish(Some(photos))
}

/// Refuses a declaration without any photo.
fn require_photos(form: &Form<'_>, body: &Value) {
    let none = form.value("photos").is_none_or(|photos| photos.as_array().is_some_and(Vec::is_empty));
    if none && body.is_object() {
        form.error("photos", ValidationErrorCode::Required);
    }
}

/// Reads one entry of `photos`.
pub(crate) fn upload(form: &Form<'_>) -> Option<Upload> {
    let unknown = match form.value("content_type").and_then(Value::as_str) {
        Some(text) if is_heic(text) => ValidationErrorCode::Heic,
        _ => ValidationErrorCode::NotListed,
    };
    let content_type = form.parsed("content_type", unknown, |text| {
        // Some programs derive the type from the file's name and write `image/jpg`.
        let text = if text.eq_ignore_ascii_case("image/jpg") { "image/jpeg" } else { text };
        MEDIA_TYPES.into_iter().find(|known| text.eq_ignore_ascii_case(known)).map(str::to_owned)
    });
    let size = form.whole("size", 1, PHOTO_BYTES);
    let sha256 = form.parsed("sha256", ValidationErrorCode::Format, |text| {
        let bytes = BASE64.decode(text.as_bytes()).ok()?;
        (bytes.len() == 32).then(|| text.to_owned())
    });
    let ((content_type, size), sha256) = content_type.zip(size).zip(sha256)?;
    Some(Upload { content_type, size, sha256 })
}

/// Whether the media type is HEIF (ISO/IEC 23008-12), as some telephones store photos. No decoder here reads it.
fn is_heic(content_type: &str) -> bool {
    ["image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence", "image/avif"]
        .into_iter()
        .any(|heic| content_type.eq_ignore_ascii_case(heic))
}

impl Photo {
    /// The item of a photo that the reporter declares now, `place` among those declared with it. Officers see it from
    /// `shown_from` on, and not before the slot that follows its arrival.
    #[must_use]
    pub fn of_reporter(
        report: &Report,
        photo: (usize, PhotoId),
        upload: &Upload,
        shown_from: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let slots = Some(report.terms.slots);
        let sha256 = Some(upload.sha256.as_str());
        Self { shown_from, slots, ..Self::declared(report, PhotoKind::Reporter, photo, sha256, now) }
    }

    /// The item of a photo that an officer declares now, `place` among those declared with it.
    #[must_use]
    pub fn of_officer(
        report: &Report,
        kind: PhotoKind,
        photo: (usize, PhotoId),
        upload: Option<&Upload>,
        now: Timestamp,
    ) -> Self {
        let sha256 = upload.map(|upload| upload.sha256.as_str());
        let is_of_work = matches!(kind, PhotoKind::Before | PhotoKind::After);
        let unit = report.unit.as_ref().filter(|_| is_of_work).map(|unit| unit.code.clone());
        Self { unit, ..Self::declared(report, kind, photo, sha256, now) }
    }

    fn declared(
        report: &Report,
        kind: PhotoKind,
        (place, photo): (usize, PhotoId),
        sha256: Option<&str>,
        now: Timestamp,
    ) -> Self {
        Self {
            photo,
            ticket: report.ticket.clone(),
            kind,
            state: PhotoState::Pending,
            reason: None,
            damaged: false,
            locked: report.locks(kind),
            sha256: sha256.map(str::to_owned),
            at: now,
            place: u32::try_from(place).unwrap_or(u32::MAX),
            url_until: Some(url_until(now)),
            shown_from: None,
            slots: None,
            digests: Vec::new(),
            unit: None,
            camera: None,
            used_by: None,
            test_until: report.submitted.test_until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{language::Language, validation_errors::ValidationError};
    use serde_json::json;

    #[test]
    fn officer_photos_that_are_no_object_have_that_error_alone() {
        let errors = |body| parse_officer_photos(&body).unwrap_err();
        assert_eq!(errors(json!([])), [ValidationError::new("", ValidationErrorCode::Type)]);
        for body in [json!({}), json!({"photos": null}), json!({"photos": []})] {
            assert_eq!(errors(body), [ValidationError::new("photos", ValidationErrorCode::Required)]);
        }
    }

    #[test]
    fn of_a_photo_that_a_form_sends_nothing_else_is_said() {
        let read = |entry: Value| parse_officer_photos(&json!({"photos": [entry]}));
        assert_eq!(
            read(json!({"kind": "after", "method": "POST"})).unwrap(),
            [OfficerUpload { kind: PhotoKind::After, upload: None, camera: None }]
        );
        let sha256 = BASE64.encode(&[1; 32]);
        let known = json!({"kind": "after", "content_type": "image/png", "size": 9, "sha256": sha256});
        let put = read(known.clone()).unwrap();
        assert_eq!(put[0].upload.as_ref().map(|upload| upload.size), Some(9));
        let with_method = |method: &str| {
            let mut entry = known.clone();
            entry["method"] = json!(method);
            read(entry)
        };
        assert_eq!(with_method("PUT").unwrap(), put);
        let unknown =
            |field: &str| ValidationError::new(format!("photos[0].{field}"), ValidationErrorCode::Unknown);
        assert_eq!(with_method("POST").unwrap_err(), ["content_type", "sha256", "size"].map(unknown));
        let errors = with_method("post").unwrap_err();
        assert_eq!(errors, [ValidationError::new("photos[0].method", ValidationErrorCode::NotListed)]);
    }

    #[test]
    fn no_photo_is_refused_for_the_nonce_that_it_comes_with() {
        let camera = |camera: Value| {
            let sha256 = BASE64.encode(&[1; 32]);
            let photo = json!({"kind": "after", "content_type": "image/jpeg", "size": 9, "sha256": sha256, "camera": camera});
            parse_officer_photos(&json!({"photos": [photo]})).map(|photos| photos[0].camera.clone())
        };
        let nonce = CameraNonce::from_bytes(&[7; CameraNonce::BYTES]);
        assert_eq!(camera(json!(nonce.as_str())), Ok(Some(nonce)));
        for none in [json!(null), json!(""), json!("0"), json!("🙂".repeat(900))] {
            assert_eq!(camera(none), Ok(None));
        }
        let type_error = ValidationError::new("photos[0].camera", ValidationErrorCode::Type);
        assert_eq!(camera(json!(1)), Err(vec![type_error]));
    }

    #[test]
    fn heic_is_refused_where_it_is_declared_with_a_sentence_that_helps() {
        let declared = |content_type: &str| {
            let sha256 = BASE64.encode(&[1; 32]);
            let photos = json!([{"content_type": content_type, "size": 9, "sha256": sha256}]);
            parse_reporter_photos(&json!({"photos": photos}))
        };
        for content_type in ["image/heic", "image/HEIF", "image/heic-sequence", "image/avif"] {
            let errors = declared(content_type).unwrap_err();
            assert_eq!(
                errors,
                [ValidationError::new("photos[0].content_type", ValidationErrorCode::Heic)],
                "{content_type}"
            );
        }
        assert!(
            Language::ALL.iter().all(|language| ValidationErrorCode::Heic.detail(*language).contains("JPEG"))
        );
        for jpeg in ["image/jpeg", "image/JPEG", "image/jpg"] {
            assert_eq!(declared(jpeg).unwrap()[0].content_type, "image/jpeg");
        }
        assert_eq!(declared("image/gif").unwrap_err()[0].code, ValidationErrorCode::NotListed);
    }
}
