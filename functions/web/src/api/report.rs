//! A report as the API shows it to this officer. What section 3 of the contract withholds is absent, and so is `None` here.

use crate::text::Texts;
use domain::{act::Act, officer_location::LocatedBy, photo::PhotoKind, status::Status};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What stands above every report.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Heading {
    pub(crate) ticket: String,
    pub(crate) category: String,
    pub(crate) status: Status,
    pub(crate) status_text: String,
    pub(crate) label: String,
}

/// `GET /v1/reports/{ticket}`, for whatever viewer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    pub(crate) heading: Heading,
    pub(crate) version: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) place: Option<Place>,
    pub(crate) area: Option<String>,
    pub(crate) urgency: Option<String>,
    pub(crate) plan: Option<String>,
    pub(crate) deadline: Option<String>,
    pub(crate) submitted_at: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) suggested_unit: Option<String>,
    pub(crate) suggested_area: Option<String>,
    pub(crate) merged_into: Option<String>,
    pub(crate) rating: Option<Rating>,
    #[serde(default)]
    pub(crate) actions: Vec<Act>,
    #[serde(default)]
    pub(crate) consequences: Vec<Consequence>,
    pub(crate) slots: Option<Slots>,
    #[serde(default)]
    pub(crate) photos: Vec<Photo>,
    #[serde(default)]
    pub(crate) history: Vec<Entry>,
}

/// What an act would lead to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Consequence {
    pub(crate) act: Act,
    pub(crate) choice: Option<String>,
    pub(crate) status_text: String,
    pub(crate) desk: Option<String>,
    pub(crate) read_by: Vec<ReadBy>,
    pub(crate) reporter: Option<ToldReporter>,
}

/// Who reads what is typed with it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ReadBy {
    pub(crate) who: String,
    pub(crate) masked: bool,
    pub(crate) when: String,
}

/// What the reporter is told of it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ToldReporter {
    pub(crate) text: String,
    pub(crate) when: String,
}

/// When what waits for a slot comes.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Slots {
    pub(crate) schedule: String,
    pub(crate) one_of_next: u8,
}

/// Where it is.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Place {
    pub(crate) lat: Option<f64>,
    pub(crate) lon: Option<f64>,
    pub(crate) accuracy_m: Option<f64>,
    pub(crate) address: Option<String>,
}

/// A photo and what has become of it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Photo {
    pub(crate) photo: String,
    pub(crate) kind: PhotoKind,
    pub(crate) state: String,
    pub(crate) reason_text: Option<String>,
    /// Of officers' photos: whether it was taken in a page, and is no file.
    pub(crate) live: Option<bool>,
}

impl Photo {
    /// Whether it was taken in a page or is a file, in words; of officers' photos.
    pub(crate) fn origin(&self, t: Texts) -> Option<&'static str> {
        self.live.map(|live| if live { t.photo_live() } else { t.photo_file() })
    }
}

/// What the reporter thinks of the result.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Rating {
    pub(crate) stars: u8,
    pub(crate) comment: Option<String>,
}

/// An event.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) event: Act,
    pub(crate) status: Status,
    pub(crate) at: Option<String>,
    pub(crate) by: Option<Who>,
    pub(crate) to: Option<String>,
    pub(crate) on: Option<String>,
    pub(crate) into: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) narrative: Option<String>,
    pub(crate) finding: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) note: Option<Note>,
    pub(crate) location: Option<OfficerLocation>,
    #[serde(default)]
    pub(crate) photos: Vec<String>,
}

/// Where an officer was.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OfficerLocation {
    pub(crate) lat: Option<f64>,
    pub(crate) lon: Option<f64>,
    pub(crate) accuracy_m: Option<f64>,
    pub(crate) address: Option<String>,
    pub(crate) by: Option<LocatedBy>,
    pub(crate) reason: Option<String>,
}

/// An officer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Who {
    pub(crate) name: String,
    pub(crate) unit: Option<String>,
}

/// A note between officers.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Note {
    pub(crate) text: String,
    pub(crate) audience: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
}

/// `GET …/similar`.
#[derive(Debug, Deserialize)]
pub(crate) struct Similar {
    pub(crate) items: Vec<SimilarItem>,
}

/// An open report that may be about the same thing.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SimilarItem {
    #[serde(flatten)]
    pub(crate) heading: Heading,
    pub(crate) score: String,
    pub(crate) distance: Option<String>,
    #[serde(default)]
    pub(crate) reasons: Vec<String>,
}

/// `GET …/accesses`.
#[derive(Debug, Deserialize)]
pub(crate) struct Accesses {
    pub(crate) items: Vec<Access>,
}

/// A look.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Access {
    pub(crate) at: String,
    pub(crate) officer: Who,
    pub(crate) looked_at: String,
}

/// `POST …/photos`: where each that is waited for goes, and what has become of each.
#[derive(Deserialize)]
pub(crate) struct Declared {
    pub(crate) uploads: Vec<Value>,
    pub(crate) photos: Vec<Value>,
}

/// `POST …/photos` of photos that forms send.
#[derive(Deserialize)]
pub(crate) struct DeclaredForms {
    pub(crate) uploads: Vec<FormUpload>,
}

/// Where a form goes that sends a photo, and the fields that it must have.
#[derive(Deserialize)]
pub(crate) struct FormUpload {
    pub(crate) url: String,
    pub(crate) fields: BTreeMap<String, String>,
}

/// `POST …/camera`.
#[derive(Deserialize)]
pub(crate) struct CameraNonce {
    pub(crate) nonce: String,
    pub(crate) expires_in: u64,
}

/// `GET …/photos/{photo}`.
#[derive(Deserialize)]
pub(crate) struct PhotoUrl {
    pub(crate) url: String,
}

impl Heading {
    /// Whether the label is that of a private report; the wire has no field for it.
    pub(crate) fn is_private(&self) -> bool {
        self.label == domain::privacy::Privacy::Private.label()
    }
}
