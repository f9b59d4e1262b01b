//! What a channel is told of the report that it sent.

use domain::{
    answer::{SignedUpload, SubmitAnswer, Warning},
    report::Report,
    secret::ReportSecret,
    submission::Submission,
    words::Language,
};

pub(crate) fn submitted(
    report: &Report,
    submission: &Submission,
    secret: &ReportSecret,
    uploads: Vec<SignedUpload>,
    language: Language,
) -> SubmitAnswer {
    SubmitAnswer {
        ticket: report.ticket.to_string(),
        secret: secret.expose().to_owned(),
        status: report.first_status,
        status_text: report.first_status.text(language),
        label: report.privacy.label(),
        warnings: warnings(submission),
        uploads,
    }
}

fn warnings(submission: &Submission) -> Vec<Warning> {
    Warning::of([
        ("description", Some(submission.description.as_str())),
        ("location.address", submission.location.address.as_deref()),
    ])
}
