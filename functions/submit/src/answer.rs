//! What a channel is told of the report that it sent.

use domain::{
    personal_data::{self, PersonalData},
    report::Report,
    secret::ReportSecret,
    submission::Submission,
    words::{Language, Status},
};
use serde::Serialize;
use uploads::SignedUpload;

/// The answer to a submission; the same for a replay, but for fresh upload URLs.
#[derive(Serialize)]
pub(crate) struct SubmitAnswer {
    ticket: String,
    secret: String,
    status: Status,
    status_text: &'static str,
    label: &'static str,
    warnings: Vec<Warning>,
    uploads: Vec<SignedUpload>,
}

/// Something that the channel may want to ask the reporter about.
#[derive(Serialize)]
struct Warning {
    field: &'static str,
    /// The kind of personal data that the field seems to hold.
    code: PersonalData,
}

impl SubmitAnswer {
    pub(crate) fn new(
        report: &Report,
        submission: &Submission,
        secret: &ReportSecret,
        uploads: Vec<SignedUpload>,
        language: Language,
    ) -> Self {
        Self {
            ticket: report.ticket.to_string(),
            secret: secret.expose().to_owned(),
            status: report.first_status,
            status_text: report.first_status.text(language),
            label: report.privacy.label(),
            warnings: warnings(submission),
            uploads,
        }
    }
}

fn warnings(submission: &Submission) -> Vec<Warning> {
    let texts = [
        ("description", Some(&submission.description)),
        ("location.address", submission.location.address.as_ref()),
    ];
    let found = texts.into_iter().filter_map(|(field, text)| Some((field, text?)));
    found
        .flat_map(|(field, text)| {
            personal_data::found(text).into_iter().map(move |code| Warning { field, code })
        })
        .collect()
}
