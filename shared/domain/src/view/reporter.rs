//! What reporters see of their own report.

use super::{
    actions::{ReporterAct, reporter_actions},
    heading::Heading,
    history::{Entry, is_for_reporter, worker},
    input::Whole,
    photos::PhotoView,
    place::PlaceView,
};
use crate::{
    area::AreaCode, event::Event, followers::LastUpdate, language::Language, minute::Minute, pending::Rating,
    pending_applied::with_pending_applied, personal_data::masked, photo::PhotoKind, privacy::Privacy,
    report::Report, status::Status, unit::Code,
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// For the reporter, who proved it with the secret.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReporterView {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub heading: Heading,
    /// The description as the reporter wrote it.
    pub description: String,
    /// What the ticket desk wrote for the unit in the place of the reporter's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub summary: Option<String>,
    /// The place as the reporter gave it, or as the ticket desk corrected it.
    pub place: PlaceView,
    /// The lowest area of the city's map that the place lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub area: Option<AreaCode>,
    /// When the reporter sent it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub submitted_at: Minute,
    /// The code of the channel that sent it.
    pub channel: Code,
    /// Only of a test report, which nobody works on: when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime, nullable = false))]
    pub test_until: Option<Minute>,
    /// Whether their photos are locked.
    pub privacy: Privacy,
    /// The day with which the present step's deadline ends, in the city's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String, format = Date))]
    pub deadline: Option<Date>,
    /// The day by which the unit says that its work will be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String, format = Date))]
    pub plan: Option<Date>,
    /// What the reporter may do now.
    pub actions: Vec<ReporterAct>,
    /// Their own, with what has become of each upload; those of the work and of the field.
    pub photos: Vec<PhotoView>,
    /// Every event but those that officers have among themselves, pending actions of the reporter included.
    pub history: Vec<ReporterEntry>,
    /// Until when they may dispute the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String, format = DateTime))]
    pub disputable_until: Option<Minute>,
    /// What they think of the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub rating: Option<Rating>,
    /// What the reporter of the report that theirs was merged into was told last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub follows: Option<Followed>,
    /// Who looked at it and at its photos, by unit.
    pub looks: Vec<Looks>,
}

/// What a reporter may know of somebody else's report: what its own reporter was told.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Followed {
    /// The other report's status.
    pub status: Status,
    /// The same in the reporter's language.
    pub status_text: &'static str,
    /// The day by which the unit says that its work will be done, where that was told last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String, format = Date))]
    pub plan: Option<Date>,
}

impl Followed {
    fn new(told: LastUpdate, language: Language) -> Self {
        let LastUpdate { status, plan } = told;
        Self { status, status_text: status.text(language), plan }
    }
}

/// How often officers of one unit looked.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Looks {
    /// The unit; absent for the bureau.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub unit: Option<Code>,
    /// The number of looks; 200 means 200 or more.
    #[cfg_attr(feature = "openapi", schema(maximum = 200))]
    pub count: u32,
}

/// What the reporter sees beside their own report.
#[derive(Clone, Default, Debug)]
pub struct Beside {
    /// What is to be told of the report that theirs was merged into, where that was before merged reports followed it.
    pub followed: Option<LastUpdate>,
    /// Looks by unit; `None` is the bureau.
    pub looks: BTreeMap<Option<Code>, u32>,
}

/// An event as the reporter sees it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReporterEntry {
    /// The minute of the event, in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Minute,
    /// The fields that every viewer sees.
    #[serde(flatten)]
    pub entry: Entry,
    /// The unit that accepted, or posted the TL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub unit: Option<Code>,
}

/// What the reporter sees of their report: with their pending actions applied.
#[must_use]
pub fn reporter_view(whole: Whole<'_>, beside: Beside, now: Timestamp, language: Language) -> ReporterView {
    let (report, wanted) = &with_pending_applied(whole.report);
    ReporterView {
        heading: Heading::of(report, report.status, language),
        description: report.submitted.description.clone(),
        summary: summary(report),
        place: report.place.clone().into(),
        area: report.area.clone(),
        submitted_at: report.submitted.at.into(),
        channel: report.submitted.channel.clone(),
        test_until: report.submitted.test_until.map(Minute::from),
        privacy: report.privacy,
        deadline: report.step.as_ref().map(|_| report.due_on),
        plan: report.work.plan,
        actions: reporter_actions(whole.report, now),
        photos: whole.photos(
            |_| true,
            |photo| match photo.kind {
                PhotoKind::Reporter => photo.own_view(now, language),
                PhotoKind::Before | PhotoKind::After | PhotoKind::Field => photo.view(),
            },
        ),
        history: history(whole, wanted),
        disputable_until: report.reporter.disputable_until.map(Minute::from),
        rating: report.reporter.rating.clone(),
        follows: report.follows.or(beside.followed).map(|told| Followed::new(told, language)),
        looks: beside.looks.into_iter().map(|(unit, count)| Looks { unit, count }).collect(),
    }
}

/// The summary of a report with pending actions applied. Whatever others wrote, a reporter reads without others' data.
pub(super) fn summary(report: &Report) -> Option<String> {
    report.triage.summary.as_deref().map(|text| masked(&BTreeSet::new(), text))
}

/// Every event but those that officers have among themselves, and what the reporter `wanted` and officers do not know of yet.
pub(super) fn history(whole: Whole<'_>, wanted: &[Event]) -> Vec<ReporterEntry> {
    let events = whole.history_without_recalled(u32::MAX).into_iter().filter(|event| is_for_reporter(event));
    let entry = |event: Cow<'_, Event>| ReporterEntry {
        at: event.at.into(),
        // What the report is about is the unit's business; of others' data a reporter reads nothing.
        entry: Entry::masked(&event, &BTreeSet::new()),
        unit: worker(&event).and_then(|by| by.unit.clone()),
    };
    events.chain(wanted.iter().map(Cow::Borrowed)).map(entry).collect()
}
