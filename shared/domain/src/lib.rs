//! The life of a report: words, states, decisions, views.
//!
//! Pure: no AWS, no tokio, no clock, no randomness. What is outside comes in as an argument.

pub mod answer;
pub mod command;
pub mod contact;
pub mod decide;
pub mod event;
pub mod evidence;
pub mod fault;
pub mod form;
pub mod minute;
pub mod officer;
pub mod personal_data;
pub mod photo;
pub mod place;
pub mod release;
pub mod report;
pub mod reporter;
pub mod routing;
pub mod secret;
pub mod slots;
pub mod submission;
pub mod symbols;
pub mod texts;
pub mod ticket;
pub mod unit;
pub mod urgency;
pub mod view;
mod visible;
pub mod words;
