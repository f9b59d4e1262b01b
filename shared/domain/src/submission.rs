//! What a channel sends, read from its body.

use crate::{
    contact::{mailbox, phone_number},
    invisible_characters::seen,
    json_body::{Form, has_control, typed},
    language::Language,
    location::Place,
    photo_limits::REPORT_PHOTOS,
    photo_upload::{Upload, upload},
    privacy::Privacy,
    text_limits::{ADDRESS, DESCRIPTION, DESCRIPTION_WITH_PHOTO},
    unit::Code,
    validation_errors::{ValidationErrorCode, ValidationErrors},
};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// The most bytes that the reporter's fields may have together.
pub const CONTACT_BYTES: usize = 512;

/// A report as a channel sends it, without who sent it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Submission {
    /// The category's code, not yet looked up in the registry.
    pub category: Code,
    /// 10–4000 characters; at least 3 where photos come with it.
    pub description: String,
    /// A position, an address, or both.
    pub location: Place,
    /// Private unless the channel says otherwise.
    pub privacy: Privacy,
    /// Indonesian unless the channel says otherwise.
    pub language: Language,
    /// The photos that are declared, at most 5.
    pub photos: Vec<Upload>,
}

/// The contact of the reporter. It is stored in the vault and nowhere else; Debug shows none of it.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct Contact {
    /// The name that the reporter gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The telephone number in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The e-mail address, in a form that mail can be sent to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The channel's own reference to the reporter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_ref: Option<String>,
}

impl Contact {
    fn bytes(&self) -> usize {
        let parts = [&self.name, &self.phone, &self.email, &self.channel_ref];
        parts.into_iter().flatten().map(String::len).sum()
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(…)")
    }
}

/// Reads the body of `POST /v1/reports`, and names the fields of the contact that cannot be used. Those are left away: a
/// report is worth more than its reporter's telephone number, but whoever waits for messages should know that none will come.
///
/// # Errors
/// All errors of the body.
pub fn parse(body: &Value) -> Result<(Submission, Contact, Vec<&'static str>), ValidationErrors> {
    let form = Form::new(body);
    let category = form.code("category");
    let has_photos = form.value("photos").and_then(Value::as_array).is_some_and(|photos| !photos.is_empty());
    let description = form.text("description", if has_photos { DESCRIPTION_WITH_PHOTO } else { DESCRIPTION });
    let location = form.object("location", place);
    let privacy = form.optional_parsed("privacy", ValidationErrorCode::NotListed, Privacy::parse);
    let language = form.optional_parsed("language", ValidationErrorCode::NotListed, Language::of_tag);
    let (contact, unreachable) = form.optional_object("reporter", contact).unwrap_or_default();
    let photos = form.objects("photos", REPORT_PHOTOS, upload);
    let submission = category.zip(description).zip(location).map(|((category, description), location)| {
        let privacy = privacy.unwrap_or(Privacy::Private);
        let language = language.unwrap_or(Language::Id);
        Submission { category, description, location, privacy, language, photos }
    });
    form.finish(submission.map(|submission| (submission, contact, unreachable)))
}

pub(crate) fn place(form: &Form<'_>) -> Option<Place> {
    let point = form.optional_point();
    let address = form.optional_text("address", ADDRESS);
    let named = ["lat", "lon", "accuracy_m", "address"].into_iter().any(|field| form.value(field).is_some());
    if !named {
        form.error("address", ValidationErrorCode::Required);
        return None;
    }
    Some(Place { point, address })
}

/// A contact never costs the report: a field that cannot be used is left away and named. Together they may have
/// [`CONTACT_BYTES`]; the name goes first, then what the channel knows them by.
fn contact(form: &Form<'_>) -> Option<(Contact, Vec<&'static str>)> {
    let mut left_away = Vec::new();
    let mut read = |field, path, read: fn(&str) -> Option<String>| {
        let text = match form.value(field)? {
            Value::String(text) => Some(typed(text)),
            Value::Number(number) if !number.is_f64() => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        };
        if text.as_deref().is_some_and(|text| seen(text).is_empty()) {
            return None;
        }
        let usable = text.filter(|text| text.len() <= CONTACT_BYTES && !has_control(text));
        let kept = usable.and_then(|text| read(&text));
        if kept.is_none() {
            left_away.push(path);
        }
        kept
    };
    let as_it_is = |text: &str| Some(text.to_owned());
    let mut contact = Contact {
        name: read("name", "reporter.name", as_it_is),
        phone: read("phone", "reporter.phone", phone_number),
        email: read("email", "reporter.email", mailbox),
        channel_ref: read("channel_ref", "reporter.channel_ref", as_it_is),
    };
    if contact.bytes() > CONTACT_BYTES && contact.name.take().is_some() {
        left_away.push("reporter.name");
    }
    if contact.bytes() > CONTACT_BYTES && contact.channel_ref.take().is_some() {
        left_away.push("reporter.channel_ref");
    }
    Some((contact, left_away))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation_errors::ValidationError;
    use data_encoding::BASE64;
    use rstest::rstest;
    use serde_json::json;

    fn body() -> Value {
        json!({
            "category": "jalan-rusak",
            "description": "Jalan berlubang di depan pasar",
            "location": {"lat": -6.2, "lon": 106.8, "accuracy_m": 12.5, "address": "Jl. Contoh 1"},
            "reporter": {"name": "Budi", "phone": "+62 812-3456-7890", "email": "b@contoh.id", "channel_ref": "x"},
            "photos": [{"content_type": "image/jpeg", "size": 10, "sha256": BASE64.encode(&[1; 32])}],
        })
    }

    #[test]
    fn a_report_is_private_and_indonesian_by_default() {
        let (submission, contact, unreachable) = parse(&body()).unwrap();
        assert_eq!((submission.privacy, submission.language), (Privacy::Private, Language::Id));
        assert_eq!(contact.name.as_deref(), Some("Budi"));
        assert_eq!((contact.phone.as_deref(), unreachable), (Some("+6281234567890"), vec![]));
        assert_eq!(format!("{contact:?}"), "Contact(…)");
    }

    #[test]
    fn three_letters_are_enough_beside_a_photo() {
        let mut short = body();
        short["description"] = json!("pju");
        assert_eq!(parse(&short).unwrap().0.description, "pju");
        short["photos"] = json!([]);
        assert_eq!(parse(&short).unwrap_err()[0].code, ValidationErrorCode::TooShort);
    }

    #[test]
    fn a_language_is_read_from_the_tags_of_telephones() {
        for (tag, language) in [("id-ID", Language::Id), ("in", Language::Id), ("en_US", Language::En)] {
            let mut tagged = body();
            tagged["language"] = json!(tag);
            assert_eq!(parse(&tagged).unwrap().0.language, language, "{tag}");
        }
    }

    #[test]
    fn a_contact_that_nothing_can_be_sent_to_is_named_and_costs_no_report() {
        let mut bad = body();
        bad["reporter"] = json!({"name": "Budi", "phone": "0812 345", "email": "a@contoh.id;b@contoh.id"});
        let (_, contact, unreachable) = parse(&bad).unwrap();
        assert_eq!(unreachable, ["reporter.phone", "reporter.email"]);
        assert_eq!(contact, Contact { name: Some("Budi".into()), ..Contact::default() });
        bad["reporter"] = json!({"phone": " \u{200b}", "email": "<b@Contoh.ID>"});
        let (_, contact, unreachable) = parse(&bad).unwrap();
        assert_eq!((contact.phone, contact.email.as_deref()), (None, Some("b@contoh.id")));
        assert!(unreachable.is_empty());
    }

    #[rstest]
    #[case(json!({"phone": 81234567890_u64}), &[])]
    #[case(json!({"phone": 8.123_456_789e10}), &["phone"])]
    #[case(json!({"phone": 812, "email": [], "name": {}, "channel_ref": true}), &["name", "phone", "email", "channel_ref"])]
    #[case(json!({"name": "Bu\u{7}di", "phone": "0812 3456 7890\u{0}", "email": "b@contoh.id\u{1b}"}), &["name", "phone", "email"])]
    #[case(json!({"channel_ref": -100_123}), &[])]
    #[case(json!({"name": "x".repeat(512)}), &[])]
    #[case(json!({"name": "x".repeat(513), "phone": "081234567890"}), &["name"])]
    #[case(json!({"name": "x".repeat(300), "channel_ref": "y".repeat(300)}), &["name"])]
    #[case(json!({"name": "x", "channel_ref": "y".repeat(512)}), &["name"])]
    #[case(json!({"phone": "081234567890", "channel_ref": "y".repeat(500)}), &["channel_ref"])]
    fn a_contact_that_cannot_be_used_costs_no_report(#[case] reporter: Value, #[case] left_away: &[&str]) {
        let mut written = body();
        written["reporter"] = reporter.clone();
        let (_, contact, named) = parse(&written).unwrap();
        let left_away: Vec<String> = left_away.iter().map(|field| format!("reporter.{field}")).collect();
        assert_eq!(named, left_away);
        assert!(contact.bytes() <= CONTACT_BYTES);
        let kept = serde_json::to_value(&contact).unwrap();
        let fields = reporter.as_object().unwrap().keys();
        for field in fields.filter(|field| !left_away.contains(&format!("reporter.{field}"))) {
            assert!(kept[field].is_string(), "{field}");
        }
    }

    #[test]
    fn a_reporter_that_is_no_object_is_an_error() {
        let mut bad = body();
        bad["reporter"] = json!("Budi");
        assert_eq!(parse(&bad).unwrap_err(), [ValidationError::new("reporter", ValidationErrorCode::Type)]);
    }

    #[test]
    fn the_reporter_is_no_part_of_the_submission() {
        let with = parse(&body()).unwrap().0;
        let mut without = body();
        without.as_object_mut().unwrap().remove("reporter");
        assert_eq!(
            serde_json::to_string(&with).unwrap(),
            serde_json::to_string(&parse(&without).unwrap().0).unwrap()
        );
    }

    #[test]
    fn errors_are_named_by_their_path() {
        let mut bad = body();
        bad["location"] = json!({"lat": -91});
        bad["reporter"] = json!({"phone": 812, "age": 3});
        bad["photos"] = json!([{"content_type": "image/svg+xml", "size": 0, "sha256": "AAAA"}, 7]);
        bad["privacy"] = json!("secret");
        let errors: Vec<_> = parse(&bad)
            .unwrap_err()
            .into_iter()
            .map(|f| format!("{} {}", f.field, f.code.as_str()))
            .collect();
        insta::assert_debug_snapshot!(errors, @r#"
        [
            "location.lat out_of_range",
            "privacy not_listed",
            "reporter.age unknown_field",
            "photos[0].content_type not_listed",
            "photos[0].size out_of_range",
            "photos[0].sha256 invalid_format",
            "photos[1] wrong_type",
        ]
        "#);
    }
}
