//! Who sees what: each kind of viewer has a view of its own, a type in a file of its own.
//!
//! A field that a viewer may not see is absent from their type, so it cannot be sent by mistake. Times are
//! [`Minute`](crate::minute::Minute)s, so no view can tell a more precise time.

mod bureau;
mod desk;
mod former_unit;
mod history;
mod input;
mod officer;
mod photos;
mod place;
mod reporter;
mod summary;
mod unit;
mod verifier;
mod viewer;

pub use bureau::{AdministratorView, BureauView};
pub use desk::DeskItem;
pub use former_unit::FormerUnitView;
pub use history::{Entry, TimedEntry, UntimedEntry, Who};
pub use input::{Reader, Whole};
pub use officer::{OfficerView, officer_view};
pub(crate) use photos::is_shown;
pub use photos::{PhotoView, may_see_photo};
pub use place::{CoarsePlace, PlaceView};
pub use reporter::{Beside, Followed, Looks, ReporterEntry, ReporterView, reporter_view};
pub use summary::Summary;
pub use unit::UnitView;
pub use verifier::FieldView;
pub use viewer::{Viewer, shown_status, shown_version, viewer};
