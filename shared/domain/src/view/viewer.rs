//! What an officer is to a report, and how far they may know its state.

use crate::{
    act::Act,
    desk::Desk,
    ids::Version,
    officer::{Officer, Role, Tag},
    report::Report,
    status::Status,
};

/// The kind of viewer that an officer is for one report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Viewer {
    /// An officer of a unit on whose desk, or a child's, the report lies.
    Unit,
    /// An officer of a unit that the report has left.
    FormerUnit,
    /// A verifier, who looks in the field.
    Field,
    /// A validator, or the ticket desk.
    Bureau,
    /// The administrator, who sees all but who reported.
    Administrator,
}

/// What the officer is to this report; `None` when it does not exist for them.
///
/// An officer with several tags of the bureau gets the widest view that one of them gives. A test report exists for nobody, the
/// administrator included.
#[must_use]
pub fn viewer(report: &Report, officer: &Officer) -> Option<Viewer> {
    if report.is_test() {
        return None;
    }
    match &officer.role {
        Role::Unit(code) => {
            let lies_here = matches!(report.listed_on(), Some(Desk::Unit(_)))
                && report.unit.as_ref().is_some_and(|unit| unit.path.contains(code));
            let was_here = report.visible.reached.contains(&Desk::Unit(code.clone()));
            if lies_here { Some(Viewer::Unit) } else { was_here.then_some(Viewer::FormerUnit) }
        }
        Role::Bureau(tags) => tags
            .iter()
            .filter_map(|tag| match tag {
                Tag::Administrator => Some(Viewer::Administrator),
                Tag::AdminTiket => report.visible.reached.contains(&Desk::Tiket).then_some(Viewer::Bureau),
                Tag::PetugasValidasi => {
                    report.visible.reached.contains(&Desk::Validasi).then_some(Viewer::Bureau)
                }
                Tag::PetugasVerifikasi => {
                    report.visible.reached.contains(&Desk::Verifikasi).then_some(Viewer::Field)
                }
                Tag::PetugasOpd | Tag::PetugasKanal => None,
            })
            .max(),
    }
}

/// The state of the report that this viewer may know of.
pub(super) struct Seen<'a> {
    pub(super) status: Status,
    /// How many events of the report the viewer sees.
    pub(super) events: u32,
    pub(super) version: &'a Version,
}

/// Whether this viewer knows of a change that waits for its slot.
pub(crate) fn knows_what_waits(report: &Report, viewer: Viewer) -> bool {
    match viewer {
        Viewer::Unit | Viewer::FormerUnit => false,
        // A verifier learns of an arrival on their own desk, and of a return from a merge, at its slot; of all else at once.
        Viewer::Field => report
            .visible
            .release
            .as_ref()
            .is_none_or(|due| report.status != Status::MenungguVerifikasi && due.act != Act::Unmerge),
        Viewer::Bureau | Viewer::Administrator => true,
    }
}

pub(super) fn seen(report: &Report, viewer: Viewer) -> Seen<'_> {
    let shown = &report.visible.shown;
    if knows_what_waits(report, viewer) {
        return Seen { status: report.status, events: report.events, version: &report.version };
    }
    let of_unit = shown.unit_version.as_ref().filter(|_| viewer == Viewer::Unit);
    Seen { status: shown.status, events: shown.events, version: of_unit.unwrap_or(&shown.version) }
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
