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
    unreachable: &[&'static str],
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
        warnings: warnings(report, submission, unreachable),
    }
}

fn warnings(report: &Report, submission: &Submission, unreachable: &[&'static str]) -> Vec<Warning> {
    let texts = [
        ("description", Some(submission.description.as_str())),
        ("location.address", submission.location.address.as_deref()),
    ];
    let mut warnings = Warning::of(&report.keeps, texts);
    warnings.extend(unreachable.iter().copied().map(Warning::unreachable));
    warnings
}
