//! What a validator and the ticket desk see, and with the names of all officers the administrator.

use super::{
    actions::officer_actions,
    consequences::{Consequence, SlotsView, consequences},
    heading::Heading,
    history::{TimedEntry, UntimedEntry, Who, worker},
    input::{Reader, Whole},
    photos::PhotoView,
    place::PlaceView,
    viewer::{Seen, Viewer, seen},
};
use crate::{
    act::Act, area::AreaCode, event::Event, ids::Version, minute::Minute, pending::Rating, status::Status,
    ticket::Ticket, unit::Code, urgency::Urgency,
};
use jiff::civil::Date;
use serde::Serialize;

/// For a validator and for the ticket desk.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BureauView {
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
    /// The end of the present step's deadline; absent while a release waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String, format = DateTime))]
    pub deadline: Option<Minute>,
    /// The day by which the unit says that its work will be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String, format = Date))]
    pub plan: Option<Date>,
    /// When the report was submitted.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub submitted_at: Minute,
    /// The code of the channel that sent it.
    pub channel: Code,
    /// While it waits to be assigned: the unit that the city's rules name for its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub suggested_unit: Option<Code>,
    /// Of a place without a position: the lowest area whose name stands in the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub suggested_area: Option<AreaCode>,
    /// The report that it was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub merged_into: Option<String>,
    /// What the viewer may do now.
    pub actions: Vec<Act>,
    /// What each of these would lead to, and a TL or a verification for which only photos are missing.
    pub consequences: Vec<Consequence>,
    /// When what waits for a slot comes.
    pub slots: SlotsView,
    /// The photos that the bureau may see.
    pub photos: Vec<PhotoView>,
    /// All of it; for the administrator with every officer's name.
    pub history: Vec<TimedEntry>,
}

impl BureauView {
    pub(super) fn of(whole: Whole<'_>, reader: Reader<'_>) -> Self {
        Self::with(whole, reader, Viewer::Bureau, |event| worker(event).map(Who::from))
    }

    fn with(
        whole: Whole<'_>,
        reader: Reader<'_>,
        viewer: Viewer,
        by: impl Fn(&Event) -> Option<Who>,
    ) -> Self {
        let report = whole.report;
        let Seen { status, version, .. } = seen(report, viewer);
        let actions = officer_actions(report, reader.officer, reader.now);
        Self {
            heading: Heading::of(report, status, reader.language),
            version: version.clone(),
            description: report.submitted.description.clone(),
            summary: report.triage.summary.clone(),
            place: report.place.clone().into(),
            area: report.area.clone(),
            urgency: report.urgency(reader.now, &reader.slots.zone),
            deadline: report.step.as_ref().map(|step| step.ends.into()),
            plan: report.work.plan,
            submitted_at: report.submitted.at.into(),
            channel: report.submitted.channel.clone(),
            suggested_unit: report.suggested_unit().cloned().filter(|_| report.status == Status::Menunggu),
            suggested_area: None,
            merged_into: report.merged_into.as_ref().map(Ticket::to_string),
            consequences: consequences(whole, viewer, reader, &actions.with_photos),
            slots: SlotsView::of(report, reader),
            actions: actions.now,
            photos: whole.photos_for(viewer, reader),
            history: history(whole, viewer, by),
        }
    }
}

/// All events, with whomever `by` names of each.
pub(super) fn history(
    whole: Whole<'_>,
    viewer: Viewer,
    by: impl Fn(&Event) -> Option<Who>,
) -> Vec<TimedEntry> {
    let entry = |event: &Event| TimedEntry {
        at: event.at.into(),
        entry: UntimedEntry { by: by(event), location: event.location.clone(), ..UntimedEntry::whole(event) },
        into: event.into.as_ref().map(Ticket::to_string),
    };
    whole.history(seen(whole.report, viewer).events).into_iter().map(entry).collect()
}

/// For the administrator: the bureau's view with the name of everybody who acted, and with the rating.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdministratorView {
    /// All that the bureau sees.
    #[serde(flatten)]
    pub bureau: BureauView,
    /// What the reporter thinks of the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub rating: Option<Rating>,
}

impl AdministratorView {
    pub(super) fn of(whole: Whole<'_>, reader: Reader<'_>) -> Self {
        Self {
            bureau: BureauView::with(whole, reader, Viewer::Administrator, |event| {
                event.by.as_ref().map(Who::from)
            }),
            rating: whole.report.reporter.rating.clone(),
        }
    }
}
