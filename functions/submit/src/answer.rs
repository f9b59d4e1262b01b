//! What a channel is told of the report that it sent.

use domain::{
    answer::{SubmitAnswer, UploadsAnswer, Warning},
    report::Report,
    secret::ReportSecret,
    submission::Submission,
    words::Language,
};

pub(crate) fn submitted(
    report: &Report,
    submission: &Submission,
    secret: &ReportSecret,
    uploads: UploadsAnswer,
    language: Language,
) -> SubmitAnswer {
    SubmitAnswer {
        ticket: report.ticket.to_string(),
        secret: secret.expose().to_owned(),
        status: report.first_status,
        status_text: report.first_status.text(language),
        label: report.privacy.label(),
        warnings: warnings(submission),
        uploads: uploads.uploads,
        photos: uploads.photos,
    }
}

fn warnings(submission: &Submission) -> Vec<Warning> {
    Warning::of([
        ("description", Some(submission.description.as_str())),
        ("location.address", submission.location.address.as_deref()),
    ])
}
