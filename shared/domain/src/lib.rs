//! The life of a report: words, states, decisions, views.
//!
//! Pure: no AWS, no tokio, no clock, no randomness. What is outside comes in as an argument.

pub mod act;
pub mod command;
pub mod contact;
pub mod crockford;
pub mod decide;
pub mod event;
pub mod evidence;
pub mod fault;
pub mod form;
pub mod ids;
pub mod language;
pub mod minute;
pub mod officer;
pub mod personal_data;
pub mod photo;
pub mod place;
pub mod privacy;
pub mod release;
pub mod report;
pub mod reporter;
pub mod response;
pub mod routing;
pub mod secret;
pub mod slots;
pub mod status;
pub mod submission;
pub mod texts;
pub mod ticket;
pub mod unit;
pub mod urgency;
pub mod view;
mod visible;
mod wire_enum;
