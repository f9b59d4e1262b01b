//! Notes: what officers write to each other about a report. Reporters and the public never see them.

use crate::{
    desk::Desk,
    json_body::Form,
    officer::{Officer, Role, Tag},
    report::Report,
    text_limits::NOTE,
    validation_errors::{ValidationErrorCode, ValidationErrors},
    view::{Viewer, viewer},
    wire_enum::wire_enum,
};
use serde_json::Value;

/// How many notes a report may have by officers of one desk.
pub const MOST_NOTES: u8 = 30;

wire_enum!(
    /// Which officers see a note.
    NoteAudience {
        /// Officers of the bureau, and those of the unit that wrote it.
        Bureau = "bureau",
        /// All officers to whom the report is whole.
        All = "all",
    }
);

/// A note, as an officer writes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What it says.
    pub text: String,
    /// Who sees it.
    pub audience: NoteAudience,
    /// Whether it is a question to the ticket desk.
    pub asks_ticket_desk: bool,
}

impl Note {
    /// Reads the body of `POST …/notes`.
    ///
    /// # Errors
    /// All errors.
    pub fn parse(body: &Value) -> Result<Self, ValidationErrors> {
        let form = Form::new(body);
        let text = form.text("text", NOTE);
        let audience = form.optional_parsed("audience", ValidationErrorCode::NotListed, NoteAudience::parse);
        let to = form.optional_parsed("to", ValidationErrorCode::NotListed, |text| {
            Desk::parse(text).filter(|desk| *desk == Desk::Tiket)
        });
        form.finish(text.map(|text| Self {
            text,
            audience: audience.unwrap_or(NoteAudience::Bureau),
            asks_ticket_desk: to.is_some(),
        }))
    }
}

/// The desk for which an officer writes; `None` for an administrator, who has no desk. An officer with several tags of the bureau writes for the
/// desk that reads the most of the report.
pub(crate) fn desk_of(report: &Report, officer: &Officer) -> Option<Desk> {
    match (&officer.role, viewer(report, officer)) {
        (Role::Unit(code), _) => Some(Desk::Unit(code.clone())),
        (Role::Bureau(_), Some(Viewer::Field)) => Some(Desk::Verifikasi),
        (Role::Bureau(tags), _) if tags.contains(&Tag::AdminTiket) => Some(Desk::Tiket),
        (Role::Bureau(tags), _) if tags.contains(&Tag::PetugasValidasi) => Some(Desk::Validasi),
        (Role::Bureau(_), _) => None,
    }
}

/// What notes for a desk are counted under.
pub(crate) fn counted_as(desk: Option<&Desk>) -> String {
    desk.map_or_else(|| Tag::Administrator.as_str().to_owned(), ToString::to_string)
}

/// How many notes officers of this officer's desk have written on the report.
pub(crate) fn notes_by(report: &Report, officer: &Officer) -> u8 {
    let desk = desk_of(report, officer);
    report.work.notes.get(&counted_as(desk.as_ref())).copied().unwrap_or_default()
}
