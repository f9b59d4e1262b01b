//! The life of a report: words, states, decisions, views.
//!
//! Pure: no AWS, no tokio, no clock, no randomness. What is outside comes in as an argument.

pub mod access_log;
pub mod act;
pub mod announcement;
pub mod command;
pub mod contact;
pub mod crockford;
pub mod decide;
pub mod desk;
pub mod event;
pub mod field_errors;
pub mod ids;
mod invisible_characters;
pub mod json_body;
pub mod language;
pub mod location;
pub mod message_to_reporter;
pub mod minute;
pub mod officer;
pub mod personal_data;
pub mod photo;
pub mod photo_evidence;
pub mod photo_limits;
pub mod photo_upload;
pub mod photos_at_hand;
pub mod privacy;
pub mod release;
pub mod report;
pub mod reporter_acts;
pub mod response;
pub mod routing;
pub mod secret;
pub mod slots;
pub mod status;
pub mod submission;
pub mod ticket;
pub mod unit;
pub mod urgency;
pub mod view;
pub mod warnings;
mod wire_enum;
