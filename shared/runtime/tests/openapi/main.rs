//! `docs/openapi.json` is what the code says: made of its types, its problems and its limits, and compared here.
//!
//! `UPDATE_OPENAPI=1 cargo test -p runtime --test openapi` writes it. It stands beside `runtime` because that is where requests are
//! read and problems are written; no function's binary knows of it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod document;
mod requests;
mod schema;

use domain::{
    command::{Assignment, CorrectionRequest, parse_tl, parse_validation, parse_verification},
    note::Note,
    photo_upload,
    plan::PlanRequest,
    reporter_actions, submission,
    validation_errors::{ValidationErrorCode, ValidationErrors},
};
use rstest::rstest;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::PathBuf};

fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

#[test]
fn the_committed_document_matches_the_code() {
    let file = root("docs/openapi.json");
    let said = serde_json::to_string_pretty(&document::document()).unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        fs::write(&file, &said).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == said, "docs/openapi.json is not what the code says: run this test with UPDATE_OPENAPI=1");
}

#[test]
fn the_document_is_valid_openapi() {
    let document = document::document();
    let read: utoipa::openapi::OpenApi = serde_json::from_value(document.clone()).unwrap();
    let again = serde_json::to_value(read).unwrap();
    assert_eq!(again["paths"].as_object().unwrap().len(), document["paths"].as_object().unwrap().len());
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference).is_some(), "{reference} is nowhere");
    }
}

/// Each route of the template with the way in which it is authorized there.
fn routes_of_the_template() -> BTreeMap<String, String> {
    let template = fs::read_to_string(root("infra/template.yaml")).unwrap();
    let mut routes = BTreeMap::new();
    let mut route = None;
    for line in template.lines().map(str::trim) {
        if let Some(key) = line.strip_prefix("RouteKey: ") {
            // Pages for people are no part of the contract.
            route = Some(key.to_owned()).filter(|key| key.contains(" /v1/"));
        }
        if let (Some(how), Some(key)) = (line.strip_prefix("AuthorizationType: "), route.clone()) {
            routes.insert(key, how.to_owned());
            route = None;
        }
    }
    routes
}

#[test]
fn the_document_has_the_routes_of_the_template_and_no_others() {
    let document = document::document();
    let mut routes = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let officer = operation["security"][0].get("officer").is_some();
            let how = if officer { "JWT" } else { "NONE" };
            routes.insert(format!("{} {path}", method.to_uppercase()), how.to_owned());
        }
    }
    assert_eq!(routes, routes_of_the_template());
}

#[test]
fn every_example_fits_its_schema() {
    let document = document::document();
    let mut seen = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            let bodies =
                operation["responses"].as_object().unwrap().values().chain(operation.get("requestBody"));
            for content in
                bodies.filter_map(|body| body["content"].as_object()).flat_map(|types| types.values())
            {
                for example in content["examples"].as_object().unwrap().values() {
                    let example = schema::resolved(&document, example);
                    let fits = schema::fits(&document, &content["schema"], &example["value"]);
                    assert_eq!(fits, Ok(()), "{path}: {example:#}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 100, "{seen} examples");
}

#[test]
fn the_page_names_every_problem_and_every_error() {
    let page = fs::read_to_string(root("docs/API.md")).unwrap();
    let document = document::document();
    let problems = document["components"]["examples"].as_object().unwrap().keys().map(String::as_str);
    let errors = ValidationErrorCode::ALL.iter().map(|code| code.as_str());
    for word in problems.chain(errors) {
        assert!(page.contains(&format!("`{word}`")), "{word} is not in docs/API.md");
    }
}

type Parse = fn(&Value) -> Result<(), ValidationErrors>;

fn submit(body: &Value) -> Result<(), ValidationErrors> {
    submission::parse(body).map(|_| ())
}
fn photos(body: &Value) -> Result<(), ValidationErrors> {
    photo_upload::parse_officer_photos(body).map(|_| ())
}
fn assignment(body: &Value) -> Result<(), ValidationErrors> {
    Assignment::parse(body).map(|_| ())
}
fn bulk_assignment(body: &Value) -> Result<(), ValidationErrors> {
    Assignment::parse_bulk(body).map(|_| ())
}
fn tl(body: &Value) -> Result<(), ValidationErrors> {
    parse_tl(body).map(|_| ())
}
fn validation(body: &Value) -> Result<(), ValidationErrors> {
    parse_validation(body).map(|_| ())
}
fn verification(body: &Value) -> Result<(), ValidationErrors> {
    parse_verification(body).map(|_| ())
}
fn correction(body: &Value) -> Result<(), ValidationErrors> {
    CorrectionRequest::parse(body).map(|_| ())
}
fn note(body: &Value) -> Result<(), ValidationErrors> {
    Note::parse(body).map(|_| ())
}
fn plan(body: &Value) -> Result<(), ValidationErrors> {
    PlanRequest::parse(body).map(|_| ())
}
fn reporter_photos(body: &Value) -> Result<(), ValidationErrors> {
    photo_upload::parse_reporter_photos(body).map(|_| ())
}
fn dispute(body: &Value) -> Result<(), ValidationErrors> {
    reporter_actions::parse_dispute(body).map(|_| ())
}
fn rating(body: &Value) -> Result<(), ValidationErrors> {
    reporter_actions::parse_rating(body).map(|_| ())
}
fn privacy(body: &Value) -> Result<(), ValidationErrors> {
    reporter_actions::parse_privacy(body).map(|_| ())
}

/// What the schemas of requests say is what the code that reads them does: it takes the example, and refuses each body that
/// leaves the schema at one place, there and for that reason.
#[rstest]
#[case("SubmitRequest", submit)]
#[case("PhotosRequest", photos)]
#[case("AssignmentRequest", assignment)]
#[case("BulkAssignmentRequest", bulk_assignment)]
#[case("TlRequest", tl)]
#[case("ValidationRequest", validation)]
#[case("VerificationRequest", verification)]
#[case("CorrectionRequest", correction)]
#[case("NoteRequest", note)]
#[case("PlanRequest", plan)]
#[case("TrackPhotosRequest", reporter_photos)]
#[case("DisputeRequest", dispute)]
#[case("RatingRequest", rating)]
#[case("PrivacyRequest", privacy)]
fn a_request_is_read_as_its_schema_says(#[case] name: &str, #[case] parse: Parse) {
    let document = document::document();
    let whole = &document["components"]["schemas"][name];
    let variants = whole.get("oneOf").and_then(Value::as_array).cloned().unwrap_or(vec![whole.clone()]);
    for variant in variants {
        let variant = schema::resolved(&document, &variant);
        let example = &variant["example"];
        assert_eq!(schema::fits(&document, variant, example), Ok(()));
        assert_eq!(parse(example), Ok(()), "{example}");
        let departures = requests::departures(&document, variant, example);
        assert!(departures.len() > 4, "{departures:?}");
        for (body, field, code) in departures {
            let errors = parse(&body).err().unwrap_or_default();
            let found: Vec<(&str, &str)> =
                errors.iter().map(|error| (error.field.as_str(), error.code.as_str())).collect();
            let agrees = match code {
                Some(code) => found.contains(&(field.as_str(), code)),
                None => found.iter().all(|(of, _)| *of != field),
            };
            assert!(agrees, "{name} {field} {code:?}: {found:?} of {body}");
        }
    }
}
