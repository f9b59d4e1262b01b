//! The view of an officer: one of those of its kind.

use super::{
    bureau::{AdministratorView, BureauView},
    former_unit::FormerUnitView,
    input::{Reader, Whole},
    unit::UnitView,
    verifier::FieldView,
    viewer::Viewer,
};
use crate::{area::AreaCode, ids::Version};
use serde::Serialize;

/// What an officer sees of a report, by the kind of viewer.
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
    /// Names the area that the address says, to the bureau, which has to find one.
    pub fn suggest_area(&mut self, area: Option<AreaCode>) {
        if let Self::Bureau(view) = self {
            view.suggested_area = area;
        }
    }

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

/// What the officer sees of the report.
#[must_use]
pub fn officer_view(whole: Whole<'_>, viewer: Viewer, reader: Reader<'_>) -> OfficerView {
    match viewer {
        Viewer::Unit => OfficerView::Unit(Box::new(UnitView::of(whole, reader))),
        Viewer::FormerUnit => OfficerView::FormerUnit(Box::new(FormerUnitView::of(whole, reader))),
        Viewer::Field => OfficerView::Field(Box::new(FieldView::of(whole, reader))),
        Viewer::Bureau => OfficerView::Bureau(Box::new(BureauView::of(whole, reader))),
        Viewer::Administrator => OfficerView::Administrator(Box::new(AdministratorView::of(whole, reader))),
    }
}
