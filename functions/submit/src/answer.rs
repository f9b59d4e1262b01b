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
        uploads: uploads.uploads,
        photos: uploads.photos,
        warnings: warnings(report, submission),
    }
}

fn warnings(report: &Report, submission: &Submission) -> Vec<Warning> {
    let texts = [
        ("description", Some(submission.description.as_str())),
        ("location.address", submission.location.address.as_deref()),
    ];
    Warning::of(&report.keeps, texts)
}
