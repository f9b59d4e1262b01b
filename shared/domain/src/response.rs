//! Bodies of responses other than the views: one type for each body of the contract.
//!
//! They are here and not in the functions so that `docs/openapi.json` is made of the very types that are sent.

use crate::{
    area::AreaCode,
    area_lines::AreaLines,
    ids::{CameraNonce, PhotoId, Version},
    language::Language,
    minute::Minute,
    outline::Spot,
    pending_applied::with_pending_applied,
    privacy::Privacy,
    report::Report,
    status::Status,
    unit::Code,
    validation_errors::ValidationErrorCode,
    view::{DeskItem, PhotoView},
    warnings::Warning,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What whoever sends a report is told of it, but for the secret. A replay gets the same, with fresh upload URLs.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Taken {
    /// The ticket with its hyphens: `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// The status that the report began with.
    pub status: Status,
    /// The status in the language asked for.
    pub status_text: &'static str,
    /// The label, a warning not to pass the report on; always Indonesian.
    pub label: &'static str,
    /// Only of a test report, which nobody works on: when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime, nullable = false))]
    pub test_until: Option<Minute>,
    /// Fields that were accepted and that the sender may want to ask the reporter about.
    pub warnings: Vec<Warning>,
    /// One upload for each photo that is awaited, in the order of the request.
    pub uploads: Vec<SignedUpload>,
    /// One for each photo in the order of the request: a replay tells what has become of each.
    pub photos: Vec<PhotoView>,
}

/// The answer to a channel's submission.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubmitResponse {
    /// All but the secret.
    #[serde(flatten)]
    pub taken: Taken,
    /// The reporter's secret, 26 symbols: with it they follow the report. It is for the reporter alone.
    pub secret: String,
}

/// The answer to a clerk's submission. A replay from 15 minutes after the submission on has neither the secret nor uploads and photos.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CounterResponse {
    /// All but the secret.
    #[serde(flatten)]
    pub taken: Taken,
    /// The reporter's secret, 26 symbols: with it they follow the report. It is for the reporter alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub secret: Option<String>,
}

/// The request that uploads one photo.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedUpload {
    /// The photo's id.
    pub photo: PhotoId,
    /// The HTTP method: `PUT`; `POST` where a form sends the photo.
    pub method: &'static str,
    /// The URL to send the bytes to: presigned, with PUT.
    pub url: String,
    /// With PUT, headers that must be sent unchanged: the signature covers them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// With POST, fields of the form (`multipart/form-data`) that must be sent unchanged before the file, whose own is the last and is named
    /// `file`. Only `success_action_redirect` may be filled in: where the browser goes when S3 has taken it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Seconds until the URL expires.
    pub expires_in: u64,
}

/// The answer to a declaration of photos.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadsResponse {
    /// One upload for each photo that is awaited, in the order of the request.
    pub uploads: Vec<SignedUpload>,
    /// One for each photo in the order of the request: a replay tells what has become of each.
    pub photos: Vec<PhotoView>,
}

/// A nonce for the camera of a page.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CameraResponse {
    /// The nonce, for one picture of this report by this officer.
    pub nonce: CameraNonce,
    /// Seconds in which the picture has to be declared: 300.
    pub expires_in: u64,
}

/// The answer to an officer's command.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommandResponse {
    /// The ticket with its hyphens: `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// The status after the command; with `check`, the present one.
    pub status: Status,
    /// The status in the language asked for.
    pub status_text: &'static str,
    /// The new version, for `If-Match`.
    pub version: Version,
    /// The label, a warning not to pass the report on; always Indonesian.
    pub label: &'static str,
    /// Parts of the narrative, the summary, a plan's reason or the address that others will see masked, and doubts about a corrected position.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// The answer to a claim.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimResponse {
    /// The ticket with its hyphens: `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// The label, a warning not to pass the report on; always Indonesian.
    pub label: &'static str,
    /// The minute in which the claim ends, in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub until: Minute,
}

/// The answer to a bulk command.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkResponse {
    /// One for each ticket, in the order of the request.
    pub items: Vec<BulkItem>,
}

/// What became of one ticket of a bulk command: what the command for this report alone would have been answered.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum BulkItem {
    /// Stored, now or by an earlier request with the same key.
    Done {
        /// The ticket with its hyphens: `XXXX-XXXX-XXXXX`.
        ticket: String,
        /// Always 200.
        status_code: u16,
        /// Whether an earlier request with the same key did it. Absent where this one did.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        replayed: bool,
        /// The answer to the command for this report alone.
        done: CommandResponse,
    },
    /// Refused, or perhaps not carried out (503).
    Refused {
        /// The ticket with its hyphens: `XXXX-XXXX-XXXXX`.
        ticket: String,
        /// The HTTP status code that the command for this report alone would have had.
        status_code: u16,
        /// The problem document that the command for this report alone would have been answered with.
        problem: ProblemDocument,
    },
}

/// The answer to a reporter's action.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackResponse {
    /// The ticket with its hyphens: `XXXX-XXXX-XXXXX`.
    pub ticket: String,
    /// The status that the reporter sees.
    pub status: Status,
    /// The status in the language asked for.
    pub status_text: &'static str,
    /// Whether the reporter's photos are locked.
    pub privacy: Privacy,
    /// The label, a warning not to pass the report on; always Indonesian.
    pub label: &'static str,
}

impl TrackResponse {
    /// The answer about a report, as its reporter sees it.
    #[must_use]
    pub fn of(report: &Report, language: Language) -> Self {
        let (report, _) = with_pending_applied(report);
        Self {
            ticket: report.ticket.to_string(),
            status: report.status,
            status_text: report.status.text(language),
            privacy: report.privacy,
            label: report.privacy.label(),
        }
    }
}

/// A page of the reports on a desk.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskResponse {
    /// The reports, by urgency, then by ticket.
    pub items: Vec<DeskItem>,
    /// The `cursor` for the next page; null on the last one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next: Option<String>,
}

/// What everybody may know of the city: what a client needs to offer a choice. No channels, slots or officers.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CityResponse {
    /// The city's name.
    pub name: String,
    /// The IANA name of its zone.
    pub zone: String,
    /// The languages of its texts.
    pub languages: Vec<Language>,
    /// What reports can be about.
    pub categories: Vec<CityCategory>,
    /// The units that take reports.
    pub units: Vec<CityUnit>,
    /// What officers choose from when a command takes a reason, by command.
    pub reasons: BTreeMap<String, Vec<CityReason>>,
}

/// A name or a text in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Texts {
    /// In Indonesian.
    pub id: String,
    /// In English.
    pub en: String,
}

/// A category that new reports may have.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CityCategory {
    /// Its code, as a submission names it.
    pub code: Code,
    /// Its name.
    pub names: Texts,
    /// The group that it belongs to, for clients that ask in two steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub group: Option<Code>,
}

/// A unit that takes reports.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CityUnit {
    /// Its code, as a command names it.
    pub code: Code,
    /// Its name.
    pub name: String,
    /// The unit above; null at the top of a tree.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub parent: Option<Code>,
    /// The categories that rules of the city's map send to it; none where such a rule is for every category.
    pub categories: Vec<Code>,
    /// The names of the areas of these rules; none where such a rule is for the whole city.
    pub areas: Vec<String>,
}

/// A reason to choose.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CityReason {
    /// Its code within the command.
    pub code: Code,
    /// What becomes the command's reason.
    pub texts: Texts,
}

/// Areas of the city's map: those directly below one, or those that stand below none.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreasResponse {
    /// The areas, by code; none where there is no such area, or nothing below it.
    pub areas: Vec<CityArea>,
}

impl AreasResponse {
    /// The body that says that there is none.
    pub const NONE: &'static str = r#"{"areas":[]}"#;
}

/// A named part of the city's map.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CityArea {
    /// Its code, as `area` of a report names it.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// The area above; null at the top of a tree.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub parent: Option<AreaCode>,
}

/// Outlines of the areas around a place: a feature collection of `GeoJSON` (RFC 7946).
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutlinesResponse {
    /// What it is.
    pub r#type: FeatureCollection,
    /// The areas, by code; none where the city has no map there.
    pub features: Vec<AreaFeature>,
}

/// The type of a collection.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FeatureCollection {
    /// The only one.
    FeatureCollection,
}

/// An area, and what is drawn of its outline.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreaFeature {
    /// What it is.
    pub r#type: Feature,
    /// Whose outline it is.
    pub properties: OutlinedArea,
    /// The outline, as far as it lies around the place.
    pub geometry: Lines,
}

/// The type of a feature.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Feature {
    /// The only one.
    Feature,
}

/// The area of an outline.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutlinedArea {
    /// Its code.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
}

/// Lines on the map.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lines {
    /// What it is.
    pub r#type: MultiLineString,
    /// Each line, from corner to corner: longitude and latitude in degrees, to five decimals.
    pub coordinates: Vec<Vec<[f64; 2]>>,
}

/// The type of lines.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MultiLineString {
    /// The only one.
    MultiLineString,
}

impl OutlinesResponse {
    /// Of areas' lines, each with its area's name.
    #[must_use]
    pub fn new(areas: Vec<(AreaLines, String)>) -> Self {
        let feature = |(AreaLines { code, lines }, name)| AreaFeature {
            r#type: Feature::Feature,
            properties: OutlinedArea { code, name },
            geometry: Lines {
                r#type: MultiLineString::MultiLineString,
                coordinates: lines.iter().map(|line| line.iter().copied().map(degrees).collect()).collect(),
            },
        };
        let features = areas.into_iter().map(feature).collect();
        Self { r#type: FeatureCollection::FeatureCollection, features }
    }
}

/// A metre and no more, which is enough to draw.
fn degrees(spot: Spot) -> [f64; 2] {
    [spot.lon, spot.lat].map(|degrees| f64::from((degrees + 5).div_euclid(10)) / 1e5)
}

/// Where to fetch a copy of a photo that was made for one viewer.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewResponse {
    /// The presigned URL, to be fetched with GET.
    pub url: String,
    /// Seconds until the URL expires.
    pub expires_in: u64,
}

/// A problem document of RFC 9457.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemDocument {
    /// `/problems/` and a word that programs can decide by.
    pub r#type: String,
    /// The problem in a few words.
    pub title: &'static str,
    /// The HTTP status code of the response.
    pub status: u16,
    /// The problem in one or two sentences.
    pub detail: &'static str,
    /// Every validation error; with 422 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub errors: Option<Vec<FieldError>>,
}

/// What is wrong with one field.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// A path such as `location.lat` or `photos[2].size`, the name of a header or parameter; empty for the body as a whole.
    pub field: String,
    /// The code that programs can decide by.
    pub code: ValidationErrorCode,
    /// One sentence for people.
    pub detail: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_areas_are_said_as_an_empty_list_is() {
        let none = AreasResponse { areas: Vec::new() };
        assert_eq!(serde_json::to_string(&none).unwrap(), AreasResponse::NONE);
    }

    #[test]
    fn outlines_are_geojson_with_five_decimals() {
        let lines = vec![vec![
            Spot { lon: 106_827_154, lat: -6_175_396 },
            Spot { lon: 106_830_000, lat: -6_170_000 },
        ]];
        let area = AreaLines { code: AreaCode::parse("31.71").unwrap(), lines };
        let told = OutlinesResponse::new(vec![(area, "Jakarta Pusat".to_owned())]);
        assert_eq!(
            serde_json::to_string(&told).unwrap(),
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"31.71","name":"Jakarta Pusat"},"geometry":{"type":"MultiLineString","coordinates":[[[106.82715,-6.1754],[106.83,-6.17]]]}}]}"#
        );
    }
}
