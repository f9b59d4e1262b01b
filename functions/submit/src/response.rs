//! The parts of the response to a submission.

use domain::{
    language::Language,
    location::CityBox,
    minute::Minute,
    personal_data::PersonalData,
    privacy::Privacy,
    report::Report,
    response::{Taken, UploadsResponse},
    submission::Submission,
    warnings::Warning,
};
use std::collections::BTreeSet;

/// What the sender is told. A replay gets what the first was told: what the report has become meanwhile is not in it.
pub(crate) fn submitted(
    report: &Report,
    privacy: Privacy,
    warnings: Vec<Warning>,
    uploads: UploadsResponse,
    language: Language,
) -> Taken {
    Taken {
        ticket: report.ticket.to_string(),
        status: report.submitted.status,
        status_text: report.submitted.status.text(language),
        label: privacy.label(),
        test_until: report.submitted.test_until.map(Minute::from),
        uploads: uploads.uploads,
        photos: uploads.photos,
        warnings,
    }
}

/// What the channel may want to ask the reporter about.
pub(crate) fn warnings(
    keeps: &BTreeSet<PersonalData>,
    submission: &Submission,
    unreachable: &[&'static str],
    city: &CityBox,
) -> Vec<Warning> {
    let texts = [
        ("description", Some(submission.description.as_str())),
        ("location.address", submission.location.address.as_deref()),
    ];
    let mut warnings = Warning::of(keeps, texts);
    warnings
        .extend(submission.location.point.and_then(|point| Warning::of_position("location", point, city)));
    warnings.extend(unreachable.iter().copied().map(Warning::unreachable));
    warnings
}
