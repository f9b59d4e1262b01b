//! `POST /v1/reports/{ticket}/notes`: officers write to each other about a report.

use crate::App;
use domain::{act::Act, command::Command, ids::Version, note::Note};
use lambda_http::{Body, Request, Response};
use runtime::{entropy, problem::Problem};

pub(crate) const ROUTE: &str = "POST /v1/reports/{ticket}/notes";

/// Stores the note.
pub(crate) async fn write(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    officer_commands::answer(&app.commands, request, &[Act::Note], |body| {
        let note = Note::parse(body)?;
        Ok(Command::Note { note, shown_version: Version::from_bytes(&entropy::bytes()) })
    })
    .await
}
