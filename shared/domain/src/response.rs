//! What the routes answer beside the views: one type for each body of the contract.
//!
//! They stand here and not in the functions so that `docs/openapi.json` is made of the very types that are sent.

use crate::{
    ids::{PhotoId, Version},
    language::Language,
    pending_applied::with_pending_applied,
    privacy::Privacy,
    report::Report,
    status::Status,
    validation_errors::ValidationErrorCode,
    view::{DeskItem, PhotoView},
    warnings::Warning,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a channel is told of the report that it sent; the same for a replay, but for fresh upload URLs.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubmitResponse {
    /// As people see it: `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// For the reporter alone, who follows the report with it: 26 symbols.
    pub secret: String,
    /// Where the report began.
    pub status: Status,
    /// The same in the language asked for.
    pub status_text: &'static str,
    /// What nobody may do with the report; always Indonesian.
    pub label: &'static str,
    /// What the channel may want to ask the reporter about.
    pub warnings: Vec<Warning>,
    /// Of the photos that are awaited, in the order of the request.
    pub uploads: Vec<SignedUpload>,
    /// One for each photo in the order of the request: after a replay it tells what has become of it.
    pub photos: Vec<PhotoView>,
}

/// What an uploader needs for one photo.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedUpload {
    /// Which.
    pub photo: PhotoId,
    /// `PUT`.
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// To be sent as they are: the signature covers them.
    pub headers: BTreeMap<String, String>,
    /// In seconds.
    pub expires_in: u64,
}

/// The answer to announced photos.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadsResponse {
    /// Of the photos that are awaited, in the order of the request.
    pub uploads: Vec<SignedUpload>,
    /// One for each photo in the order of the request: after a replay it tells what has become of it.
    pub photos: Vec<PhotoView>,
}

/// The answer to a command.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommandResponse {
    /// As people see it: `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// The status that the command led to; with `check`, the one that the report has.
    pub status: Status,
    /// The same in the language asked for.
    pub status_text: &'static str,
    /// For `If-Match`.
    pub version: Version,
    /// What nobody may do with the report; always Indonesian.
    pub label: &'static str,
    /// What of its narrative units and the reporter will not be shown; only for a TL.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// The answer to what a reporter does with their report.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackResponse {
    /// As people see it: `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// Where it stands for its reporter.
    pub status: Status,
    /// The same in the language asked for.
    pub status_text: &'static str,
    /// Whether their photos are locked.
    pub privacy: Privacy,
    /// What nobody may do with the report; always Indonesian.
    pub label: &'static str,
}

impl TrackResponse {
    /// Of a report, as its reporter sees it.
    #[must_use]
    pub fn of(report: &Report, language: Language) -> Self {
        let (report, _) = with_pending_applied(report);
        Self {
            ticket: report.ticket.to_string(),
            status: report.status,
            status_text: report.status.text(language),
            privacy: report.privacy,
            label: report.privacy.label(),
        }
    }
}

/// A page of a desk.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskResponse {
    /// By urgency, then by ticket.
    pub items: Vec<DeskItem>,
    /// The `cursor` of the next page; null on the last.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next: Option<String>,
}

/// Where a copy of a photo is, made for one viewer.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewResponse {
    /// To be fetched with GET.
    pub url: String,
    /// In seconds.
    pub expires_in: u64,
}

/// A problem document of RFC 9457.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemDocument {
    /// `/problems/` and a word: what to decide by.
    pub r#type: String,
    /// A few words.
    pub title: &'static str,
    /// The status code again.
    pub status: u16,
    /// One or two sentences.
    pub detail: &'static str,
    /// All errors at once; with 422 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub errors: Option<Vec<FieldError>>,
}

/// What is wrong with one field.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// A path such as `location.lat` or `photos[2].size`, the name of a header or parameter; empty for the body as a whole.
    pub field: String,
    /// What to decide by.
    pub code: ValidationErrorCode,
    /// One sentence.
    pub detail: &'static str,
}
