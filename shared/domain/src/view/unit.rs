//! What an officer of a unit sees of a report that their unit holds.

use super::{
    actions::officer_actions,
    consequences::{Consequence, SlotsView, consequences},
    heading::Heading,
    history::{UntimedEntry, is_for_unit},
    input::{Reader, Whole},
    photos::PhotoView,
    place::PlaceView,
    viewer::{Seen, Viewer, seen},
};
use crate::{
    act::Act, area::AreaCode, event::Event, ids::Version, officer::Officer, personal_data::masked,
    report::Report, urgency::Urgency,
};
use jiff::civil::Date;
use serde::Serialize;
use std::borrow::Cow;

/// For an officer of a unit that holds the report.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnitView {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub heading: Heading,
    /// The version, for `If-Match`.
    pub version: Version,
    /// The summary where there is one. Else the description with personal data masked, but for the kinds that the category is about; absent
    /// where units get nothing that the reporter wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub description: Option<String>,
    /// What the ticket desk wrote for the unit in the place of the reporter's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub summary: Option<String>,
    /// The place, to 4 decimals.
    pub place: PlaceView,
    /// The lowest area of the city's map that the place lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub area: Option<AreaCode>,
    /// How near the due day is, in whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub urgency: Option<Urgency>,
    /// The day by which the unit says that its work will be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String, format = Date))]
    pub plan: Option<Date>,
    /// What the viewer may do now.
    pub actions: Vec<Act>,
    /// What each of these would lead to, and a TL or a verification for which only photos are missing.
    pub consequences: Vec<Consequence>,
    /// When what waits for a slot comes.
    pub slots: SlotsView,
    /// The photos that the unit may see.
    pub photos: Vec<PhotoView>,
    /// The events that are released.
    pub history: Vec<UntimedEntry>,
}

impl UnitView {
    pub(super) fn of(whole: Whole<'_>, reader: Reader<'_>) -> Self {
        let report = whole.report;
        let Seen { status, version, .. } = seen(report, Viewer::Unit);
        let summary = summary(report);
        let description = || masked(&report.terms.keeps, &report.submitted.description);
        let actions = officer_actions(report, reader.officer, reader.now);
        Self {
            heading: Heading::of(report, status, reader.language),
            version: version.clone(),
            description: summary.clone().or_else(|| (!report.withholds()).then(description)),
            summary,
            place: PlaceView::for_unit(report),
            area: report.area.clone(),
            urgency: report.urgency(reader.now, &reader.slots.zone),
            plan: report.work.plan,
            consequences: consequences(whole, Viewer::Unit, reader, &actions.with_photos),
            slots: SlotsView::of(report, reader),
            actions: actions.now,
            photos: whole.photos_for(Viewer::Unit, reader),
            history: history(whole, reader.officer),
        }
    }
}

/// The events that are released, as far as they are for this officer.
pub(super) fn events<'a>(whole: Whole<'a>, officer: &Officer) -> Vec<Cow<'a, Event>> {
    let mut events = whole.history_without_recalled(seen(whole.report, Viewer::Unit).events);
    events.retain(|event| is_for_unit(event, officer.role.unit()));
    events
}

/// The same as the unit reads them.
pub(super) fn history(whole: Whole<'_>, officer: &Officer) -> Vec<UntimedEntry> {
    events(whole, officer).iter().map(|event| UntimedEntry::for_unit(event, whole.report)).collect()
}

/// The summary as units read it: masked like all that they read.
pub(super) fn summary(report: &Report) -> Option<String> {
    report.triage.summary.as_deref().map(|text| masked(&report.terms.keeps, text))
}
