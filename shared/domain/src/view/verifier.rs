//! What a field verifier sees.

use super::{
    actions::officer_actions,
    consequences::{Consequence, SlotsView, consequences},
    heading::Heading,
    history::{UntimedEntry, is_for_verifier},
    input::{Reader, Whole},
    photos::PhotoView,
    place::PlaceView,
    viewer::{Seen, Viewer, seen},
};
use crate::{
    act::Act, area::AreaCode, deadlines::StepKind, event::Event, ids::Version, minute::Minute,
    urgency::Urgency,
};
use jiff::civil::Date;
use serde::Serialize;

/// What a verifier sees of a report.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldView {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub heading: Heading,
    /// The version, for `If-Match`.
    pub version: Version,
    /// The description as the reporter wrote it.
    pub description: String,
    /// What units read in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub summary: Option<String>,
    /// The exact place.
    pub place: PlaceView,
    /// The lowest area of the city's map that the place lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub area: Option<AreaCode>,
    /// How near the due day is, in whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub urgency: Option<Urgency>,
    /// The end of the deadline while the report lies with the verifiers: that of another step would tell when it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String, format = DateTime))]
    pub deadline: Option<Minute>,
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
    /// The photos that the verifier may see.
    pub photos: Vec<PhotoView>,
    /// The events that are released.
    pub history: Vec<UntimedEntry>,
}

impl FieldView {
    pub(super) fn of(whole: Whole<'_>, reader: Reader<'_>) -> Self {
        let report = whole.report;
        let Seen { status, version, .. } = seen(report, Viewer::Field);
        let step = report.step.as_ref();
        let actions = officer_actions(report, reader.officer, reader.now);
        Self {
            heading: Heading::of(report, status, reader.language),
            version: version.clone(),
            description: report.submitted.description.clone(),
            summary: report.triage.summary.clone(),
            place: report.place.clone().into(),
            area: report.area.clone(),
            urgency: report.urgency(reader.now, &reader.slots.zone),
            deadline: step.filter(|step| step.kind == StepKind::Verify).map(|step| step.ends.into()),
            plan: report.work.plan,
            consequences: consequences(whole, Viewer::Field, reader, &actions.with_photos),
            slots: SlotsView::of(report, reader),
            actions: actions.now,
            photos: whole.photos_for(Viewer::Field, reader),
            history: history(whole),
        }
    }
}

/// The events that verifiers may know of.
pub(super) fn events(whole: Whole<'_>) -> Vec<&Event> {
    let mut events = whole.history(seen(whole.report, Viewer::Field).events);
    events.retain(|event| is_for_verifier(event));
    events
}

/// The same as verifiers read them.
pub(super) fn history(whole: Whole<'_>) -> Vec<UntimedEntry> {
    events(whole).into_iter().map(UntimedEntry::whole).collect()
}
