//! Who sees what: one type of view per kind of viewer.
//!
//! A field that a viewer may not see does not exist in their type, so it cannot be sent by mistake. Times are [`Minute`]s: no view can
//! hold a moment more precisely.

use crate::{
    act::Act,
    desk::Desk,
    event::Event,
    ids::{PhotoId, Version},
    language::Language,
    location::{Place, Point},
    minute::Minute,
    officer::{Named, Officer, Role, Tag},
    personal_data::{PersonalData, masked},
    photo::{self, Photo, PhotoKind, PhotoState, PhotoView},
    privacy::Privacy,
    report::{Rating, Report},
    reporter_acts::as_wanted,
    status::Status,
    ticket::Ticket,
    unit::Code,
    urgency::Urgency,
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The kind of viewer that an officer is for one report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Viewer {
    /// An officer of a unit on whose desk, or a child's, the report lies.
    Unit,
    /// An officer of a unit that the report has left.
    FormerUnit,
    /// A field verifier.
    Field,
    /// A validator, or the ticket desk.
    Bureau,
    /// The administrator.
    Administrator,
}

/// What the officer is to this report; `None` when it does not exist for them.
///
/// An officer with several tags of the bureau gets the widest view that one of them gives.
#[must_use]
pub fn viewer(report: &Report, officer: &Officer) -> Option<Viewer> {
    match &officer.role {
        Role::Unit(code) => {
            let lies_here = matches!(report.listed_on(), Some(Desk::Unit(_)))
                && report.unit.as_ref().is_some_and(|unit| unit.path.contains(code));
            let was_here = report.reached.contains(&Desk::Unit(code.clone()));
            if lies_here { Some(Viewer::Unit) } else { was_here.then_some(Viewer::FormerUnit) }
        }
        Role::Bureau(tags) => tags
            .iter()
            .filter_map(|tag| match tag {
                Tag::Administrator => Some(Viewer::Administrator),
                Tag::AdminTiket => report.reached.contains(&Desk::Tiket).then_some(Viewer::Bureau),
                Tag::PetugasValidasi => report.reached.contains(&Desk::Validasi).then_some(Viewer::Bureau),
                Tag::PetugasVerifikasi => report.reached.contains(&Desk::Verifikasi).then_some(Viewer::Field),
                Tag::PetugasOpd => None,
            })
            .max(),
    }
}

/// Whether this viewer may look at a photo.
///
/// One of the reporter's only while the report is public and no change of that waits: locking counts at once, opening at its
/// slot. And not before the photo's own slot, where its coming would tell when it was sent: until the upload has come it has none.
#[must_use]
pub fn may_see_photo(viewer: Viewer, report: &Report, photo: &Photo, now: Timestamp) -> bool {
    if viewer == Viewer::FormerUnit || photo.kind != PhotoKind::Reporter {
        return viewer != Viewer::FormerUnit;
    }
    // Those who may know the hour of the report see what came with it at once; what was uploaded later waits for a slot of its own.
    let came_with_it = photo.at == report.submitted_at && photo.shown_from == report.photos_from;
    let knows_when = matches!(viewer, Viewer::Bureau | Viewer::Administrator) && came_with_it;
    is_shown(report, photo, now) || (knows_when && is_open(report))
}

/// Whether everybody to whom the report is whole may look at this photo of its reporter's.
pub(crate) fn is_shown(report: &Report, photo: &Photo, now: Timestamp) -> bool {
    let at_its_slot = photo.state == PhotoState::Ready && photo.shown_from.is_none_or(|from| from <= now);
    is_open(report) && at_its_slot
}

/// Whether the reporter's photos are open to officers, and no change of that waits.
fn is_open(report: &Report) -> bool {
    report.privacy == Privacy::Public && !report.privacy_is_changing()
}

/// What every answer about a report has.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Summary {
    /// As people see it: `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// What it is about.
    pub category: Code,
    /// Where it stands, as far as the viewer may know.
    pub status: Status,
    /// The same in the viewer's language.
    pub status_text: &'static str,
    /// What the viewer must not do with it; always Indonesian.
    pub label: &'static str,
}

impl Summary {
    fn of(report: &Report, status: Status, language: Language) -> Self {
        Self {
            ticket: report.ticket.to_string(),
            category: report.category.clone(),
            status,
            status_text: status.text(language),
            label: report.privacy.label(),
        }
    }
}

/// A place with the precision that the viewer may have.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceView {
    /// Degrees, WGS 84.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// As the reporter wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub address: Option<String>,
}

impl From<Place> for PlaceView {
    fn from(place: Place) -> Self {
        Self { point: place.point, address: place.address }
    }
}

/// An officer by name.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Who {
    /// The name at that time.
    pub name: String,
    /// The unit, for an officer of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub unit: Option<Code>,
}

impl From<&Named> for Who {
    fn from(named: &Named) -> Self {
        Self { name: named.name.clone(), unit: named.unit.clone() }
    }
}

/// What every viewer of the history sees of an event.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    /// What was done.
    pub event: Act,
    /// The status after it.
    pub status: Status,
    /// The unit that it went to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub to: Option<Code>,
    /// Why; masked where section "Who sees what" says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub reason: Option<String>,
    /// What the verifier noted; masked likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub note: Option<String>,
    /// The TL; masked likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub narrative: Option<String>,
    /// The photos that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<PhotoId>,
}

impl Entry {
    fn whole(event: &Event) -> Self {
        Self {
            event: event.act,
            status: event.status,
            to: event.unit.clone(),
            reason: event.reason.clone(),
            note: event.note.clone(),
            narrative: event.narrative.clone(),
            photos: event.photos.clone(),
        }
    }

    /// Without personal data, but for the kinds that the viewer needs.
    fn masked(event: &Event, keeps: &BTreeSet<PersonalData>) -> Self {
        let shown = |text: &Option<String>| text.as_deref().map(|text| masked(keeps, text));
        Self {
            reason: shown(&event.reason),
            note: shown(&event.note),
            narrative: shown(&event.narrative),
            ..Self::whole(event)
        }
    }
}

/// The officer who accepted the report or posted the TL; nobody else is named but to the administrator.
fn worker(event: &Event) -> Option<&Named> {
    event.by.as_ref().filter(|_| matches!(event.act, Act::Accept | Act::PostTl))
}

/// An event as units and verifiers see it: without its time.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UntimedEntry {
    /// What everybody sees.
    #[serde(flatten)]
    pub entry: Entry,
    /// Who accepted, or posted the TL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub by: Option<Who>,
    /// Where that officer was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub location: Option<Point>,
}

/// An event with its time.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimedEntry {
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Minute,
    /// The event.
    #[serde(flatten)]
    pub entry: UntimedEntry,
    /// The report that this one was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub into: Option<String>,
}

/// An event as the reporter sees it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReporterEntry {
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Minute,
    /// What everybody sees.
    #[serde(flatten)]
    pub entry: Entry,
    /// The unit that accepted, or posted the TL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub unit: Option<Code>,
}

/// For an officer of a unit that holds the report.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnitView {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub summary: Summary,
    /// For `If-Match`.
    pub version: Version,
    /// With personal data masked, but for the kinds that the category is about.
    pub description: String,
    /// To 4 decimals.
    pub place: PlaceView,
    /// In whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub urgency: Option<Urgency>,
    /// Those that may be seen.
    pub photos: Vec<PhotoView>,
    /// As far as released.
    pub history: Vec<UntimedEntry>,
}

/// For an officer of a unit that the report has left.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormerUnitView {
    /// Ticket, category, status, label: all there is.
    #[serde(flatten)]
    pub summary: Summary,
}

/// For a field verifier.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldView {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub summary: Summary,
    /// For `If-Match`.
    pub version: Version,
    /// As the reporter wrote it.
    pub description: String,
    /// Exact.
    pub place: PlaceView,
    /// In whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub urgency: Option<Urgency>,
    /// Those that may be seen.
    pub photos: Vec<PhotoView>,
    /// As far as released.
    pub history: Vec<UntimedEntry>,
}

/// For a validator and for the ticket desk.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BureauView {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub summary: Summary,
    /// For `If-Match`.
    pub version: Version,
    /// As the reporter wrote it.
    pub description: String,
    /// Exact.
    pub place: PlaceView,
    /// In whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub urgency: Option<Urgency>,
    /// When it came in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub submitted_at: Minute,
    /// Through which channel.
    pub channel: Code,
    /// The report that it was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub merged_into: Option<String>,
    /// Those that may be seen.
    pub photos: Vec<PhotoView>,
    /// All of it; for the administrator with every officer's name.
    pub history: Vec<TimedEntry>,
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

/// For the reporter, who proved it with the secret.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReporterView {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub summary: Summary,
    /// As they wrote it.
    pub description: String,
    /// As they gave it.
    pub place: PlaceView,
    /// When they sent it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub submitted_at: Minute,
    /// Through which channel.
    pub channel: Code,
    /// Whether their photos are locked.
    pub privacy: Privacy,
    /// Their own, with what has become of each upload; those of the work and of the field.
    pub photos: Vec<PhotoView>,
    /// All of it.
    pub history: Vec<ReporterEntry>,
    /// Until when they may dispute the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, value_type = String, format = DateTime))]
    pub disputable_until: Option<Minute>,
    /// What they think of the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub rating: Option<Rating>,
    /// Where the report stands that theirs was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub follows: Option<Followed>,
    /// Who looked at it and at its photos, by unit.
    pub looks: Vec<Looks>,
}

/// Somebody else's report, of which a reporter may know only how it goes.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Followed {
    /// Where it stands.
    pub status: Status,
    /// The same in the reporter's language.
    pub status_text: &'static str,
}

/// How often officers of one unit looked.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Looks {
    /// Which; absent for the bureau.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub unit: Option<Code>,
    /// How often; 200 means that often or more.
    #[cfg_attr(feature = "openapi", schema(maximum = 200))]
    pub count: u32,
}

/// What the reporter sees beside their own report.
#[derive(Clone, Default, Debug)]
pub struct Beside<'a> {
    /// The report that theirs was merged into.
    pub followed: Option<&'a Report>,
    /// Looks by unit; `None` is the bureau.
    pub looks: BTreeMap<Option<Code>, u32>,
}

/// The view of an officer.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum OfficerView {
    /// See [`UnitView`].
    Unit(Box<UnitView>),
    /// See [`FormerUnitView`].
    FormerUnit(Box<FormerUnitView>),
    /// See [`FieldView`].
    Field(Box<FieldView>),
    /// See [`BureauView`].
    Bureau(Box<BureauView>),
    /// See [`AdministratorView`].
    Administrator(Box<AdministratorView>),
}

impl OfficerView {
    /// The version, for those who may act on the report.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::Unit(view) => Some(&view.version),
            Self::FormerUnit(_) => None,
            Self::Field(view) => Some(&view.version),
            Self::Bureau(view) => Some(&view.version),
            Self::Administrator(view) => Some(&view.bureau.version),
        }
    }
}

/// A report with its history and photos, in any order.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a> {
    /// The snapshot.
    pub report: &'a Report,
    /// Every event.
    pub events: &'a [Event],
    /// Every photo.
    pub photos: &'a [Photo],
}

/// For whom, when, in which language.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The language of `status_text`.
    pub language: Language,
    /// The moment, for the urgency.
    pub now: Timestamp,
    /// The city's zone.
    pub zone: &'a TimeZone,
}

impl<'a> Whole<'a> {
    fn history(&self, most: u32) -> Vec<&'a Event> {
        let mut events: Vec<&Event> = self.events.iter().filter(|event| event.number <= most).collect();
        events.sort_unstable_by_key(|event| event.number);
        events
    }

    /// Those of the photos that `sees` lets through, in the order in which they were sent.
    fn photos(&self, sees: impl Fn(&Photo) -> bool, view: impl Fn(&Photo) -> PhotoView) -> Vec<PhotoView> {
        let mut photos: Vec<&Photo> = self.photos.iter().filter(|photo| sees(photo)).collect();
        photo::sort(&mut photos);
        photos.into_iter().map(view).collect()
    }
}

/// What the officer sees of the report.
#[must_use]
pub fn officer_view(whole: Whole<'_>, viewer: Viewer, reader: Reader<'_>) -> OfficerView {
    let report = whole.report;
    let Seen { status: shown_status, events: shown_events, version } = seen(report, viewer);
    let version = version.clone();
    let summary = Summary::of(report, shown_status, reader.language);
    let urgency = report.urgency(reader.now, reader.zone);
    let photo_view = |photo: &Photo| match photo.kind {
        PhotoKind::Reporter => photo.view(),
        PhotoKind::Before | PhotoKind::After | PhotoKind::Field => {
            photo.own_view(reader.now, reader.language)
        }
    };
    let photos = || whole.photos(|photo| may_see_photo(viewer, report, photo, reader.now), photo_view);
    let untimed = |event: &Event, entry: Entry| UntimedEntry {
        entry,
        by: worker(event).map(Who::from),
        location: worker(event).and(event.location),
    };
    match viewer {
        Viewer::Unit => OfficerView::Unit(Box::new(UnitView {
            summary,
            version,
            description: masked(&report.keeps, &report.description),
            place: masked_place(report.place.coarse(), &report.keeps),
            urgency,
            photos: photos(),
            history: whole
                .history(shown_events)
                .into_iter()
                .map(|event| {
                    let entry = untimed(event, Entry::masked(event, &report.keeps));
                    UntimedEntry { location: entry.location.map(Point::coarse), ..entry }
                })
                .collect(),
        })),
        Viewer::FormerUnit => OfficerView::FormerUnit(Box::new(FormerUnitView { summary })),
        Viewer::Field => OfficerView::Field(Box::new(FieldView {
            summary,
            version,
            description: report.description.clone(),
            place: report.place.clone().into(),
            urgency,
            photos: photos(),
            history: whole
                .history(shown_events)
                .into_iter()
                .map(|event| untimed(event, Entry::whole(event)))
                .collect(),
        })),
        Viewer::Bureau | Viewer::Administrator => {
            let all_names = viewer == Viewer::Administrator;
            let view = BureauView {
                summary,
                version,
                description: report.description.clone(),
                place: report.place.clone().into(),
                urgency,
                submitted_at: report.submitted_at.into(),
                channel: report.channel.clone(),
                merged_into: report.merged_into.as_ref().map(Ticket::to_string),
                photos: photos(),
                history: whole
                    .history(shown_events)
                    .into_iter()
                    .map(|event| {
                        let mut entry = untimed(event, Entry::whole(event));
                        entry.location = event.location;
                        if all_names {
                            entry.by = event.by.as_ref().map(Who::from);
                        }
                        let into = event.into.as_ref().map(Ticket::to_string);
                        TimedEntry { at: event.at.into(), entry, into }
                    })
                    .collect(),
            };
            match viewer {
                Viewer::Administrator => OfficerView::Administrator(Box::new(AdministratorView {
                    bureau: view,
                    rating: report.rating.clone(),
                })),
                Viewer::Bureau | Viewer::Unit | Viewer::FormerUnit | Viewer::Field => {
                    OfficerView::Bureau(Box::new(view))
                }
            }
        }
    }
}

/// The address may hold what the description may.
fn masked_place(place: Place, keeps: &BTreeSet<PersonalData>) -> PlaceView {
    let address = place.address.as_deref().map(|text| masked(keeps, text));
    PlaceView { point: place.point, address }
}

/// The state of the report that this viewer may know of.
struct Seen<'a> {
    status: Status,
    events: u32,
    version: &'a Version,
}

fn seen(report: &Report, viewer: Viewer) -> Seen<'_> {
    let waits = match viewer {
        Viewer::Unit | Viewer::FormerUnit => true,
        // A verifier learns of an arrival on their own desk at its slot, of all else at once.
        Viewer::Field => report.release.is_some() && report.status == Status::MenungguVerifikasi,
        Viewer::Bureau | Viewer::Administrator => false,
    };
    if waits {
        let shown = &report.shown;
        Seen { status: shown.status, events: shown.events, version: &shown.version }
    } else {
        Seen { status: report.status, events: report.events, version: &report.version }
    }
}

/// The status that this viewer may know.
#[must_use]
pub fn shown_status(report: &Report, viewer: Viewer) -> Status {
    seen(report, viewer).status
}

/// The version that this viewer may know, and so the one that their `If-Match` is held against.
///
/// Held against a newer one it would be stale from the moment of a change that is not released yet.
#[must_use]
pub fn shown_version(report: &Report, viewer: Viewer) -> &Version {
    seen(report, viewer).version
}

/// What the reporter sees of their report: what they want of it counts as done.
#[must_use]
pub fn reporter_view(
    whole: Whole<'_>,
    beside: Beside<'_>,
    now: Timestamp,
    language: Language,
) -> ReporterView {
    let (report, wanted) = &as_wanted(whole.report);
    ReporterView {
        summary: Summary::of(report, report.status, language),
        description: report.description.clone(),
        place: report.place.clone().into(),
        submitted_at: report.submitted_at.into(),
        channel: report.channel.clone(),
        privacy: report.privacy,
        photos: whole.photos(
            |_| true,
            |photo| match photo.kind {
                PhotoKind::Reporter => photo.own_view(now, language),
                PhotoKind::Before | PhotoKind::After | PhotoKind::Field => photo.view(),
            },
        ),
        history: whole
            .history(u32::MAX)
            .into_iter()
            .chain(wanted)
            .map(|event| ReporterEntry {
                at: event.at.into(),
                // What the report is about is the unit's business; of others' data a reporter reads nothing.
                entry: Entry::masked(event, &BTreeSet::new()),
                unit: worker(event).and_then(|by| by.unit.clone()),
            })
            .collect(),
        disputable_until: report.disputable_until.map(Minute::from),
        rating: report.rating.clone(),
        follows: beside
            .followed
            .map(|other| Followed { status: other.status, status_text: other.status.text(language) }),
        looks: beside.looks.into_iter().map(|(unit, count)| Looks { unit, count }).collect(),
    }
}

/// One line of a desk.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskItem {
    /// Ticket, category, status, label.
    #[serde(flatten)]
    pub summary: Summary,
    /// In whole days.
    pub urgency: Urgency,
    /// To 4 decimals; empty where only an address was given.
    pub place: CoarsePlace,
}

/// Where a report is, as a line of any desk says it: whoever wants to know more opens the report, and is on record there.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CoarsePlace {
    /// Degrees, WGS 84, to 4 decimals.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
}

impl DeskItem {
    /// The line of a report's index entry: the same on every desk.
    #[must_use]
    pub fn new(line: &DeskLine, reader: Reader<'_>) -> Self {
        Self {
            summary: Summary {
                ticket: line.ticket.to_string(),
                category: line.category.clone(),
                status: line.status,
                status_text: line.status.text(reader.language),
                label: line.privacy.label(),
            },
            urgency: crate::urgency::bucket(line.due_on, crate::urgency::day(reader.now, reader.zone)),
            place: CoarsePlace { point: line.place.point.map(Point::coarse) },
        }
    }
}

/// What the desk index carries of a report.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
pub struct DeskLine {
    /// Which.
    pub ticket: Ticket,
    /// What it is about.
    pub category: Code,
    /// Where it stands.
    pub status: Status,
    /// Decides the label.
    pub privacy: Privacy,
    /// Where it is, exact.
    pub place: Place,
    /// When it is due.
    pub due_on: jiff::civil::Date,
    /// The unit that holds it, or held it last.
    #[serde(default)]
    pub unit: Option<crate::unit::Unit>,
}
