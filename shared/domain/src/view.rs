//! Who sees what: each kind of viewer has a view of its own, a type in a file of its own.
//!
//! A field that a viewer may not see is absent from their type, so it cannot be sent by mistake. Times are
//! [`Minute`](crate::minute::Minute)s, so no view can tell a more precise time.

mod actions;
mod bureau;
mod consequences;
mod desk;
mod former_unit;
mod heading;
mod history;
mod input;
mod officer;
mod photos;
mod place;
mod reporter;
mod similar;
mod unit;
mod verifier;
mod viewer;

pub use actions::ReporterAct;
pub use bureau::{AdministratorView, BureauView};
pub use consequences::{Choice, Consequence, ReadBy, ReadsText, SlotsView, ToldReporter, When};
pub use desk::{Claimed, DeskItem, Line};
pub use former_unit::FormerUnitView;
pub use heading::Heading;
pub use history::{BeforeView, Entry, NoteEntry, TimedEntry, UntimedEntry, Who};
pub use input::{Reader, Whole};
pub use officer::{OfficerView, officer_view};
pub(crate) use photos::is_shown;
pub use photos::{PhotoView, may_see_photo};
pub use place::{CoarsePlace, PlaceView};
pub use reporter::{Beside, Followed, Looks, ReporterEntry, ReporterView, reporter_view};
pub use similar::{SimilarItem, SimilarResponse, likeness_named, may_compare, similar_items};
pub use unit::UnitView;
pub use verifier::FieldView;
pub(crate) use viewer::knows_what_waits;
pub use viewer::{Viewer, shown_status, shown_version, viewer};
